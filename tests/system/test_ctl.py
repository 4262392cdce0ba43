# SPDX-License-Identifier: Apache-2.0
"""What an operator sees and does with ovn-octavia-ctl."""

import json
import re
import signal
import time

from lib import ctl, harness, pyrows, wait, watch


class Ctl(harness.SystemTest):

    def setUp(self):
        super().setUp()
        self.ctl = ctl.Ctl(self.world)


class Show(Ctl):

    def test_tree(self):
        """show prints a load balancer with all below it"""
        lb = self.web_lb('site')
        listener, = lb['listeners']
        pool, = lb['pools']
        members = self.api.get(f'/pools/{pool["id"]}/members')
        self.api.put(f'/pools/{pool["id"]}/members/{members[1]["id"]}',
                     {'member': {'weight': 10, 'admin_state_up': False}})
        self.api.wait_active(lb['id'])
        other = self.api.create_pool(lb['id'], name='spare')
        # What the statuses are is for other tests.
        status = [f'{item["provisioning_status"]}/{item["operating_status"]}'
                  for item in (self.api.get(f'/pools/{pool["id"]}'), other,
                               *self.api.get(f'/pools/{pool["id"]}/members'))]
        self.assertEqual(
            self.ctl('show', 'site'),
            f'load balancer {lb["id"]} site\n'
            f'    status    ACTIVE/ONLINE\n'
            f'    project   {lb["project_id"]}\n'
            f'    vip       {lb["vip_address"]}  '
            f'subnet {lb["vip_subnet_id"]}  port {lb["vip_port_id"]}\n'
            f'    listener  {listener["id"]}  TCP 80  ACTIVE/ONLINE\n'
            f'        pool      {pool["id"]}  TCP SOURCE_IP_PORT  '
            f'{status[0]}\n'
            f'            member    10.1.0.11:8080  weight 1   '
            f'{status[2]:29}  {members[0]["id"]} web1\n'
            f'            member    10.2.0.11:8080  weight 10  '
            f'{status[3]} (switched off)  {members[1]["id"]} web2\n'
            f'    pool      {other["id"]} spare  TCP SOURCE_IP_PORT  '
            f'{status[1]}\n')
        self.assertEqual(self.ctl('show', lb['id']), self.ctl('show'))

    def test_ambiguous(self):
        """A name that two have is refused, with the candidates"""
        ids = sorted(self.api.create_loadbalancer('n1', name='twin')['id']
                     for _ in range(2))
        for command in ('show', 'resync'):
            complaint = self.ctl.fails(command, 'twin')
            self.assertIn('several load balancers are called "twin"',
                          complaint)
            self.assertEqual(re.findall(r'\n  (\S+)  VIP 10\.1\.0\.',
                                        complaint), ids)
            self.assertIn('no load balancer has the id or the name "x"',
                          self.ctl.fails(command, 'x'))
        self.assertEqual(self.ctl('show').count('load balancer '), 2)

    def test_database_commands(self):
        """Rows can be listed, found, read and set, and --dry-run sets nothing
        """
        lb = self.api.create_loadbalancer('n1', name='plain')
        listed = json.loads(self.ctl('--format=json', '--columns=name,_uuid',
                                     'list', 'Load_Balancer'))
        self.assertEqual(listed['data'], [['plain', ['uuid', lb['id']]]])
        self.assertIn(lb['id'], self.ctl('--bare', '--columns=_uuid', 'find',
                                         'Load_Balancer', 'name=plain'))
        for args, expected in ((('--dry-run',), ''), ((), 'mine')):
            self.ctl(*args, 'set', 'Load_Balancer', 'plain',
                     'external_ids:owner=mine')
            self.assertEqual(
                self.ctl('--if-exists', 'get', 'Load_Balancer', lb['id'],
                         'external_ids:owner').strip(), expected)
        self.assertIn('no row "x" in table Pool',
                      self.ctl.fails('list', 'Pool', 'x'))

    def test_unhonoured_options(self):
        """What is stored and not honoured is shown and explained"""
        lb = self.web_lb('options')
        listener, = lb['listeners']
        with self.world.octavia.client() as db:
            for table, key, row in (
                    ('Listener', listener['id'], {'connection_limit': 100}),
                    ('Load_Balancer', lb['id'], {'vip_qos_policy_id': [
                        'uuid', lb['id']]})):
                db.transact({'op': 'update', 'table': table, 'row': row,
                             'where': [['_uuid', '==', ['uuid', key]]]})
        wait.until(lambda: self.api.get(f'/listeners/{listener["id"]}')[
            'connection_limit'] == 100, 'it is stored')
        shown = self.ctl('show', lb['id'])
        self.assertIn('option    connection_limit 100 (OVN does not honour '
                      'it)', shown)
        explained = self.ctl('explain', lb['id'])
        self.assertIn('OVN does not honour connection_limit 100 of listener '
                      + listener['id'], explained)
        self.assertIn('OVN does not honour vip_qos_policy_id "' + lb['id']
                      + '" of loadbalancer ' + lb['id'], explained)

    def test_help(self):
        """--help and --version need no database"""
        printed = self.ctl('--help')
        for word in ('show', 'adopt', 'diff', 'explain', 'resync',
                     'remove-orphan', '--nb-db', '--association',
                     '--timeout', '--format', '--private-key'):
            self.assertIn(word, printed)
        self.assertIn('ovn-octavia-ctl', self.ctl('--version'))
        self.assertIn('unknown command', self.ctl.fails('frobnicate'))

    def test_settings_file(self):
        """The databases may come from the file that the daemons have"""
        path = f'{self.world.rundir}/ctl.conf'
        with open(path, 'w', encoding='utf-8') as file:
            file.write('[ovn-octavia]\ndb = unix:/nowhere\n'
                       f'nb_db = {self.world.ovn.nb.remote}\n'
                       f'[driver]\nsb_db = {self.world.ovn.sb.remote}\n'
                       'association = direct\nactive_when = northd\n'
                       '[api]\nlisten = 127.0.0.1:1\n')
        # The command line wins over the file, and that over the environment.
        self.assertEqual(self.ctl(f'--config={path}', 'show'), '')
        self.ctl.argv = [arg for arg in self.ctl.argv
                         if not arg.startswith('--db')]
        self.ctl.environment['OVN_OCTAVIA_DB'] = self.world.octavia.remote
        self.assertEqual(self.ctl('show'), '')
        self.assertIn('gave up waiting for OVN_Octavia at unix:/nowhere',
                      self.ctl.fails('--timeout=1', f'--config={path}',
                                     'show'))
        self.assertIn('association = both: must be direct or group',
                      self.ctl.fails('--association=both', 'show'))


class Away(Ctl):

    def test_database(self):
        """A database that is away ends in a message, in time"""
        for option, name, command in (
                ('--db', 'OVN_Octavia', ('show',)),
                ('--db', 'OVN_Octavia', ('list', 'Pool')),
                ('--db', 'OVN_Octavia', ('resync', 'site')),
                ('--db', 'OVN_Octavia', ('adopt',)),
                ('--nb-db', 'OVN_Northbound', ('orphans',))):
            with self.subTest(command=command):
                start = time.monotonic()
                complaint = self.ctl.fails(f'{option}=unix:/nowhere',
                                           '--timeout=1', *command)
                self.assertIn(f'gave up waiting for {name} at '
                              'unix:/nowhere after 1 s', complaint)
                self.assertLess(time.monotonic() - start, 10 * wait.SLOWNESS)

    def test_driver(self):
        """A driver that is away, or that does not answer, is told"""
        self.allow_log(*harness.CONNECTION_LOST)
        self.assertIn('cannot reach the driver at /nowhere',
                      self.ctl.fails('--driver-ctl=/nowhere', 'resync'))
        self.world.driver.process.signal(signal.SIGSTOP)
        try:
            self.assertIn('gave up waiting for the driver',
                          self.ctl.fails('--timeout=1', 'resync'))
        finally:
            self.world.driver.process.signal(signal.SIGCONT)
        self.ctl.argv = [arg for arg in self.ctl.argv
                         if not arg.startswith('--driver-ctl')]
        self.assertIn('no driver runs here', self.ctl.fails('resync'))


class Resync(Ctl):

    def test_resync(self):
        """resync makes the driver look at one or all, which changes nothing
        """
        lb = self.web_lb('site')
        before = self.world.driver.wait_in_sync()['nb-commits']
        for args in ((), ('site',), (lb['id'],)):
            self.assertEqual(self.ctl('resync', *args), '')
        self.assertEqual(self.world.driver.wait_in_sync()['nb-commits'],
                         before)
        self.assertIn('no load balancer has this id',
                      self.ctl.fails('resync', pyrows.new_id()))


class Takeover(Ctl):
    """Has load balancers that somebody else made, who knew no groups."""

    driver_options = ('--association=direct',)

    def subnet(self, name):
        return self.api.subnet_id(name)

    def python_lb(self, vip='10.1.0.60'):
        """TCP on two ports and UDP, with a member that is down."""
        lb = pyrows.LoadBalancer(self.world.ovn.nb, vip, 'n1', 'r1',
                                 ['n1', 'n2'])
        n1, n2 = self.subnet('n1'), self.subnet('n2')
        tcp = lb.row('tcp', affinity='60')
        tcp.add(80, [('10.2.0.11', 8080, 'n2', n2, True),
                     ('10.1.0.11', 8080, 'n1', n1, True),
                     ('10.2.0.12', 8080, 'n2', n2, False)])
        tcp.add(81, [('10.2.0.11', 8081, 'n2', n2, True)],
                listener_up=False)
        udp = lb.row('udp', 'SOURCE_IP')
        udp.add(80, [('10.2.0.12', 8081, 'n2', n2, True)])
        lb.write()
        self.addCleanup(self.remove, lb)
        return lb

    def remove(self, lb):
        """Neutron would remove the port."""
        if self.api.request('GET', f'/v2.0/lbaas/loadbalancers/{lb.id}'
                            ).status == 200:
            self.api.wait_active(lb.id)
            self.api.delete_loadbalancer(lb.id)
        with self.world.ovn.nb.client() as db:
            db.transact({'op': 'delete', 'table': 'Load_Balancer',
                         'where': [['name', '==', lb.id]]})
        self.world.ovn.nbctl('--if-exists', 'lsp-del', lb.port_id)

    def dump(self):
        # ovn-northd says of new ports that they are down.
        self.world.ovn.sync()
        ignore = ('NB_Global', 'Connection')
        with self.world.ovn.nb.client() as nb:
            return nb.dump(ignore)


class Adopt(Takeover):

    def test_adopt(self):
        """An adopted load balancer is whole, and the driver writes one option
        of UDP to it"""
        lb = self.python_lb()
        self.world.ovn.sync()
        self.world.driver.wait_in_sync()
        before = self.dump()
        line = (f'{lb.id}  VIP 10.1.0.60, 3 listeners, 3 pools, '
                '5 members, project them\n')
        with watch.Watch(self.world.ovn.nb) as writes:
            self.assertEqual(self.ctl('adopt', '--dry-run'),
                             f'would adopt   {line}'
                             '1 to adopt, 0 left alone\n')
            self.assertEqual(self.api.get('/loadbalancers'), [])
            self.assertEqual(self.ctl('adopt', lb.id),
                             f'adopted       {line}'
                             '1 adopted, 0 left alone\n')
            shown = self.api.wait_active(lb.id)
            self.world.driver.wait_in_sync()
            self.ctl('resync')
            self.world.driver.wait_in_sync()
            self.assertEqual(pyrows.beside_flushing(writes.writes()), [])
            self.assertEqual(self.dump(), pyrows.flushing(before))
            self.check(lb, shown)

            # It is as any other from now on.
            pool, = [item['default_pool_id']
                     for item in self.api.get('/listeners')
                     if (item['protocol'], item['protocol_port'])
                     == ('TCP', 80)]
            self.api.create_member(lb.id, pool, '10.1.0.99', 8080, 'n1')
            self.assertIn('10.1.0.99:8080', json.dumps(writes.writes()))
        self.assertEqual(self.ctl('adopt'), '0 adopted, 0 left alone\n')
        self.assertIn('is in OVN_Octavia already',
                      self.ctl.fails('adopt', lb.id))

    def check(self, lb, shown):
        """All that the rows say is in the API."""
        self.assertEqual(shown['vip_address'], lb.vip)
        self.assertEqual(shown['vip_port_id'], lb.port_id)
        self.assertEqual(shown['vip_subnet_id'], self.subnet('n1'))
        self.assertEqual(shown['project_id'], 'them')
        self.assertEqual(shown['provider'], 'ovn')
        self.assertEqual(shown['operating_status'], 'ONLINE')
        listeners = {(item['protocol'], item['protocol_port']):
                     (item['admin_state_up'], item['timeout_client_data'])
                     for item in self.api.get('/listeners')}
        self.assertEqual(listeners, {('TCP', 80): (True, 50000),
                                     ('TCP', 81): (False, 50000),
                                     ('UDP', 80): (True, 50000)})
        for pool in self.api.get('/pools'):
            is_tcp = pool['protocol'] == 'TCP'
            self.assertEqual(pool['lb_algorithm'],
                             'SOURCE_IP_PORT' if is_tcp else 'SOURCE_IP')
            persistence = pool['session_persistence'] or {}
            self.assertEqual(persistence.get('persistence_timeout'),
                             60 if is_tcp else None)
        members = {item['id']: item for pool in self.api.get('/pools')
                   for item in self.api.get(f'/pools/{pool["id"]}/members')}
        for row in lb.rows:
            for member_id, status in row.status.items():
                self.assertEqual(members[member_id]['operating_status'],
                                 status)

    def test_lost(self):
        """What OVN_Octavia has lost is adopted back, with its weights"""
        lb = self.web_lb('site')
        pool, = lb['pools']
        path = f'/pools/{pool["id"]}/members'
        members = self.api.get(path)
        self.api.put(f'{path}/{members[1]["id"]}', {'member': {'weight': 3}})
        self.api.wait_active(lb['id'])
        self.world.driver.wait_in_sync()
        before = self.dump()
        self.allow_log(r'not in OVN_Octavia')
        self.ctl('destroy', 'Load_Balancer', lb['id'])
        wait.until(lambda: self.api.get('/loadbalancers') == [],
                   'the load balancer is lost')
        self.ctl('adopt')
        adopted = self.api.wait_active(lb['id'])
        for attribute in ('vip_address', 'vip_port_id', 'vip_subnet_id',
                          'vip_network_id', 'project_id', 'listeners',
                          'pools'):
            self.assertEqual(adopted[attribute], lb[attribute])
        self.assertEqual([member['weight'] for member in self.api.get(path)],
                         [1, 3])
        self.world.driver.wait_in_sync()
        self.assertEqual(self.dump(), before)
        # nbview does not know weights.
        self.delete_all()

    def test_losses(self):
        """What would lose something is left alone, unless forced"""
        lb = self.python_lb()
        self.python_lb('10.1.0.61')
        rows = self.nb().rows(lb.id)
        # What a person added by hand.
        self.world.ovn.nbctl('set', 'Load_Balancer', rows['tcp']['_uuid'],
                             'vips:"10.1.0.60:99"="10.1.0.11:8080"')
        complaint = self.ctl.fails('adopt')
        self.assertIn(f'left alone    {lb.id}', complaint)
        self.assertIn('lost: no listener explains the VIP "10.1.0.60:99", '
                      'which OVN serves', complaint)
        self.assertIn('1 adopted, 1 left alone', complaint)
        self.assertIn('1 adopted, 0 left alone',
                      self.ctl('adopt', '--force', lb.id))
        self.api.wait_active(lb.id)
        self.world.driver.wait_in_sync()
        self.assertNotIn('10.1.0.60:99',
                         self.nb().rows(lb.id)['tcp']['vips'])
        for other in self.api.get('/loadbalancers'):
            self.api.delete_loadbalancer(other['id'])

    def test_not_ours(self):
        """Rows of others are neither adopted nor orphans"""
        nbctl = self.world.ovn.nbctl
        stranger = pyrows.new_id()
        nbctl('lb-add', 'handmade', '10.1.0.70:80', '10.1.0.11:8080', '--',
              'lb-add', stranger, '10.1.0.71:80', '10.1.0.11:8080')
        self.addCleanup(nbctl, 'lb-del', 'handmade', '--', 'lb-del',
                        stranger)
        self.assertEqual(self.ctl('adopt'), '0 adopted, 0 left alone\n')
        self.assertEqual(self.ctl('orphans'), '')
        self.assertIn(f'OVN has no load balancer {stranger}',
                      self.ctl.fails('adopt', stranger))
        self.assertIn('is not the id of a load balancer',
                      self.ctl.fails('adopt', 'handmade'))


class Orphans(Takeover):

    def test_orphans(self):
        """Orphans are listed, and those that are named are removed"""
        nbctl = self.world.ovn.nbctl
        ours = self.web_lb('site')
        lb = self.python_lb()
        gone = pyrows.new_id()
        port, probe = f'ovn-lb-vip-{gone}', f'ovn-lb-hm-{gone}'
        group = nbctl('create', 'Load_Balancer_Group',
                      'name=ovn-octavia-x').strip()
        nbctl('add', 'Logical_Switch', 'n1', 'load_balancer_group', group,
              '--', 'add', 'Logical_Router', 'r1', 'load_balancer_group',
              group)
        nbctl('lsp-add', 'n1', port, '--', 'lsp-add', 'n2', probe)
        # A port of Neutron's with such a name, and a machine on it.
        forged = pyrows.new_id()
        nbctl('lsp-add', 'n1', forged, '--', 'set', 'Logical_Switch_Port',
              forged, f'external_ids:neutron\\:port_name={port}',
              'external_ids:neutron\\:device_id=vm')
        self.addCleanup(nbctl, 'lsp-del', forged)
        nb = self.nb()
        rows = nb.rows(lb.id)
        lines = sorted(self.ctl('orphans').splitlines())
        self.assertEqual(lines, sorted([
            f'load-balancer {rows["tcp"]["_uuid"]}  {lb.id}',
            f'load-balancer {rows["udp"]["_uuid"]}  {lb.id}',
            f'vip-port      {nb.ports[port]["_uuid"]}  {port}',
            f'vip-port      {nb.ports[lb.port_id]["_uuid"]}  '
            f'ovn-lb-vip-{lb.id}  (in Neutron)',
            f'hm-port       {nb.ports[probe]["_uuid"]}  {probe}',
            f'group         {group}  ovn-octavia-x']))

        before = self.dump()
        for words, complaint in (
                ([ours['id']], 'is in OVN_Octavia'),
                (['x'], 'is none of the orphans'),
                ([port, ours['vip_port_id']], 'is none of the orphans'),
                ([port, f'ovn-lb-vip-{lb.id}'], 'is a port in Neutron')):
            self.assertIn(complaint,
                          self.ctl.fails('remove-orphan', *words))
        self.ctl('--dry-run', 'remove-orphan', port)
        self.assertEqual(self.dump(), before)

        printed = self.ctl('remove-orphan', port, probe, group, lb.id,
                           rows['tcp']['_uuid'])
        self.assertEqual(printed.count('removed '), 5)
        self.assertEqual(self.ctl('orphans').splitlines(),
                         [f'vip-port      {nb.ports[lb.port_id]["_uuid"]}  '
                          f'ovn-lb-vip-{lb.id}  (in Neutron)'])
        self.assertNotIn(port, self.nb().ports)
        self.settle()

    def test_probes(self):
        """A port from which somebody's members are probed is no orphan"""
        nbctl = self.world.ovn.nbctl
        lb = self.python_lb()
        probe = f'ovn-lb-hm-{pyrows.new_id()}'
        nbctl('lsp-add', 'n2', probe, '--', 'lsp-set-addresses', probe,
              '02:00:0a:02:00:28 10.2.0.40')
        self.addCleanup(nbctl, 'lsp-del', probe)
        self.assertIn(f'  {probe}\n', self.ctl('orphans'))
        row = self.nb().rows(lb.id)['tcp']['_uuid']
        nbctl('set', 'Load_Balancer', row,
              'ip_port_mappings:10.2.0.11="web2:10.2.0.40"')
        self.assertNotIn(probe, self.ctl('orphans'))
