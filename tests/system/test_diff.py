# SPDX-License-Identifier: Apache-2.0
"""ovn-octavia-ctl diff: what the driver would change, without changing it."""

import re

from lib import ctl, harness, wait


class Base(harness.SystemTest):

    association = 'group'

    def setUp(self):
        super().setUp()
        self.ctl = ctl.Ctl(self.world,
                           [f'--association={self.association}'])
        self.nbctl = self.world.ovn.nbctl

    def probed_lb(self, name):
        """One with a health monitor; every member is up, and stays so
        however busy the machine is."""
        lb = self.web_lb(name)
        self.api.create_monitor(lb['id'], lb['pools'][0]['id'],
                                max_retries_down=10)
        self.wait_online(lb)
        return lb

    def wait_online(self, lb):
        path = f'/pools/{lb["pools"][0]["id"]}/members'
        wait.until(lambda: all(member['operating_status'] == 'ONLINE'
                               for member in self.api.get(path)),
                   'all members are ONLINE')
        self.world.driver.wait_in_sync()

    def same(self):
        """Asserts that nothing differs, wherever the driver is."""
        self.assertRegex(self.ctl('diff'), r'^\d+ compared, 0 different\n$')

    def stop_driver(self):
        self.world.driver.wait_in_sync()
        self.world.driver.stop()
        self.addCleanup(self.start_driver)

    def start_driver(self):
        if not self.world.driver.process.is_running():
            self.world.driver.start().wait_ready()
            self.world.driver.wait_in_sync()


class Rows(Base):

    def edits(self, lb, other):
        """What to break: a command, and the line that says so."""
        nb = self.nb()
        row = nb.rows(lb['id'])['tcp']
        uuid, vip = row['_uuid'], f'{lb["vip_address"]}:80'
        check = row['health_check'][0]
        port = f'ovn-lb-vip-{lb["id"]}'
        subnet = lb['vip_subnet_id']
        other_row = nb.rows(other['id'])['tcp']['_uuid']
        return (
            (['set', 'Load_Balancer', uuid, f'vips:"{vip}"="10.1.0.11:8080"'],
             f'tcp row: vips {vip} = 10.1.0.11:8080 -> '
             '10.1.0.11:8080,10.2.0.11:8080'),
            (['set', 'Load_Balancer', uuid,
              'vips:"10.9.9.9:9"="10.1.0.11:8080"'],
             'tcp row: vips 10.9.9.9:9 = 10.1.0.11:8080 -> nothing'),
            (['clear', 'Load_Balancer', uuid, 'selection_fields'],
             'tcp row: selection_fields = nothing -> '
             'ip_dst,ip_src,tp_dst,tp_src'),
            (['set', 'Load_Balancer', uuid, 'options:affinity_timeout=9'],
             'tcp row: options affinity_timeout = 9 -> nothing'),
            (['set', 'Load_Balancer', uuid, 'external_ids:enabled=False'],
             'tcp row: external_ids enabled = False -> True'),
            (['remove', 'Load_Balancer', uuid, 'ip_port_mappings',
              '10.1.0.11'],
             'tcp row: ip_port_mappings 10.1.0.11 = nothing -> web1:10.1.0.'),
            (['set', 'Load_Balancer_Health_Check', check,
              'options:interval=77'],
             f'health check of {vip}: options interval = 77 -> 1'),
            (['set', 'Load_Balancer_Health_Check', check,
              'external_ids:octavia\\:vip=me'],
             f'health check of {vip}: external_ids octavia:vip = me -> '
             f'{lb["vip_address"]}'),
            (['lsp-set-type', port, 'localport'],
             f'port {port} = localport '),
            (['set', 'Logical_Switch_Port', port,
              'external_ids:neutron\\:port_name=mine'],
             f'port {port}: external_ids neutron:port_name = mine -> '),
            (['lsp-del', f'ovn-lb-hm-{subnet}'],
             f'port ovn-lb-hm-{subnet} on switch n1 = nothing -> virtual '
             'an address of the subnet'),
            (['lb-del', other_row], 'tcp row = nothing -> a row'),
            (None, f'tcp row: vips {other["vip_address"]}:80 = nothing -> '),
        )

    def carriers(self, row):
        """The same for who carries a row."""
        uuid, = [key for key, group in self.nb().groups.items()
                 if row['_uuid'] in group['load_balancer']]
        group = self.nb().groups[uuid]['name']
        return (
            (['remove', 'Load_Balancer_Group', uuid, 'load_balancer',
              row['_uuid']], f'tcp row: in group {group} = no -> yes'),
            (['remove', 'Logical_Switch', 'n2', 'load_balancer_group', uuid],
             f'group {group}: on switch n2 = no -> yes'),
            (['remove', 'Logical_Router', 'r1', 'load_balancer_group', uuid],
             f'group {group}: on router r1 = no -> yes'),
            # One who has just started cannot know that this is wrong: the
            # group may be for others by now.
            (['add', 'Logical_Switch', 'n3', 'load_balancer_group', uuid],
             'tcp row: in group ovn-octavia-'),
        )

    def test_rows(self):
        """Each kind of edit in OVN is told, and nothing is written"""
        lb, other = self.probed_lb('site'), self.web_lb('other')
        row = self.nb().rows(lb['id'])['tcp']
        self.same()
        self.stop_driver()
        self.same()
        for args, line in self.edits(lb, other) + self.carriers(row):
            with self.subTest(line=line):
                if args:
                    self.nbctl(*args)
                if line:
                    self.assertIn(f'    {line}', self.ctl.fails('diff'))
        self.world.ovn.sync()
        with ctl.writes_nothing(self.world):
            printed = self.ctl.fails('diff')
            self.assertEqual(self.ctl.fails('diff'), printed)
        self.assertIn('2 compared, 2 different\n', printed)
        self.assertIn(f'load balancer {lb["id"]} site\n', printed)
        one = self.ctl.fails('diff', 'other')
        self.assertIn('1 compared, 1 different\n', one)
        self.assertNotIn('site', one)
        self.start_driver()
        self.wait_online(lb)
        self.same()


class Direct(Rows):

    association = 'direct'
    driver_options = ('--association=direct',)

    def carriers(self, row):
        uuid = row['_uuid']
        return (
            (['ls-lb-del', 'n2', uuid], 'tcp row: on switch n2 = no -> yes'),
            (['ls-lb-add', 'n3', uuid], 'tcp row: on switch n3 = yes -> no'),
            (['lr-lb-del', 'r1', uuid], 'tcp row: on router r1 = no -> yes'),
        )

    def test_other_way(self):
        """What the other association would change is told"""
        self.web_lb('site')
        self.same()
        printed = self.ctl.fails('--association=group', 'diff')
        self.assertRegex(printed, r'group ovn-octavia-\S+ = nothing -> a '
                         'group\n')
        self.assertIn('tcp row: on switch n1 = yes -> no\n', printed)


class Intent(Base):

    def test_pending(self):
        """What the driver has yet to do is told, and what is to be removed"""
        lb, gone = self.web_lb('site'), self.web_lb('gone')
        self.stop_driver()
        pool, = lb['pools']
        path = f'/pools/{pool["id"]}/members'
        member = self.api.get(path)[1]
        self.api.delete(f'{path}/{member["id"]}')
        self.api.delete(f'/loadbalancers/{gone["id"]}?cascade=true')
        printed = self.ctl.fails('diff')
        self.assertIn(f'tcp row: vips {lb["vip_address"]}:80 = '
                      '10.1.0.11:8080,10.2.0.11:8080 -> 10.1.0.11:8080\n',
                      printed)
        self.assertIn(f'member {member["id"]}: to be removed\n', printed)
        self.assertIn(f'load balancer {gone["id"]} gone: to be removed\n',
                      printed)
        self.assertIn('    tcp row = a row -> nothing\n', printed)
        self.start_driver()
        self.api.wait_gone(gone['id'])
        self.api.wait_active(lb['id'])

    def test_groups(self):
        """What is wrong with a group is told of those in it, not of others
        """
        self.web_lb('one')
        self.web_lb('two')
        far = self.web_lb('far', 'n3', ())
        self.same()
        self.stop_driver()
        nb = self.nb()
        group, = nb.groups_of(nb.rows(far['id'])['tcp'])
        self.nbctl('lb-del', nb.rows(far['id'])['tcp']['_uuid'])
        printed = self.ctl.fails('diff')
        self.assertIn('3 compared, 1 different', printed)
        self.assertIn(f'tcp row: in group {group} = no -> yes', printed)
        self.nbctl('clear', 'Logical_Switch', 'n3', 'load_balancer_group',
                   '--', 'destroy', 'Load_Balancer_Group', group)
        self.assertIn(f'group {group} = nothing -> a group',
                      self.ctl.fails('diff', 'far'))
        self.assertEqual(self.ctl('diff', 'one', 'two'),
                         '2 compared, 0 different\n')

    def test_strangers(self):
        """What is in OVN only is mentioned and is no difference"""
        lb = self.web_lb('site')
        self.allow_log(r'not in OVN_Octavia')
        self.world.driver.wait_in_sync()
        self.ctl('destroy', 'Load_Balancer', lb['id'])
        self.assertEqual(self.ctl('diff'),
                         '1 load balancer is in OVN but not in OVN_Octavia: '
                         'see "orphans"\n0 compared, 0 different\n')
        self.ctl('adopt')
        self.api.wait_active(lb['id'])

    def test_cannot_tell(self):
        """What cannot be told has an exit status of its own"""
        for args, complaint in (
                (['--sb-db=unix:/nowhere', '--timeout=1', 'diff'],
                 'gave up waiting for OVN_Southbound at unix:/nowhere'),
                (['--nb-db=unix:/nowhere', '--timeout=1', 'diff'],
                 'gave up waiting for OVN_Northbound at unix:/nowhere'),
                (['--db=unix:/nowhere', '--timeout=1', 'diff'],
                 'gave up waiting for OVN_Octavia at unix:/nowhere'),
                (['diff', 'x'], 'no load balancer has the id or the name')):
            done = self.ctl.run(*args)
            self.assertEqual(done.returncode, 2)
            self.assertTrue(re.search(complaint, done.stderr), done.stderr)
