# SPDX-License-Identifier: Apache-2.0
"""A cloud changes from the Python provider to ours, and back.

The tests are steps and depend on each other.  Traffic runs from the first to
the last, and all of it must be answered.
"""

import json

import shapes
from lib import nbview, openstack, openstack_harness, traffic, wait, watch

# All that the driver may write while it takes over, by shape, from each of
# the Python provider's versions on that was looked at.
REPAIRS = {
    # Leaves the VIPs of what is disabled, probes from the ports of Neutron's
    # metadata agent, knows fewer keys of health monitors, counts a member's
    # network twice for a load balancer's second protocol, has OVN hash IPv6
    # by fields of IPv4, and does not have the clients of UDP leave a member
    # that is gone (options:ct_flush).
    3: {
        'ipv6': {'selection_fields'},
        'udp': {'external_ids ls_refs', 'options'},
        'monitored': {'external_ids octavia:healthmonitors',
                      'ip_port_mappings',
                      'Load_Balancer_Health_Check external_ids',
                      'Logical_Switch ports', 'Logical_Switch_Port'},
        'off_member': {'external_ids neutron:member_status', 'vips'},
        'off_lb': {'vips'},
    },
    # Of these, disabled members and health monitors are well.
    8: {
        'ipv6': {'selection_fields'},
        'udp': {'external_ids ls_refs', 'options'},
        'off_lb': {'vips'},
    },
}

# Now and then Neutron looks through its rows, and writes revision numbers.
OF_NEUTRON = {f'{table} external_ids' for table in
              ('Logical_Switch', 'Logical_Switch_Port', 'Logical_Router',
               'Logical_Router_Port')}

# Those that get every operation, and those that go and come again.
EXERCISED = ('two_listeners',)
AGAIN = ('monitored',)


class Steps(openstack_harness.OpenStackTest):

    provider = 'python'
    deletes_all = False
    done = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Neutron gives a project its group, and rows for it, with the first
        # port there: our driver's project has none while theirs is used.
        cls.stack.client('octavia', 'service').neutron.get(
            '/security-groups')
        cls.before = cls.nb().traces()
        cls.shapes = shapes.Shapes(cls.world)
        cls.shapes.prepare()
        cls.ids = {}
        cls.streams = {}

    @classmethod
    def tearDownClass(cls):
        cls.end_traffic()
        cls.delete_lbs(cls.world.rest().get('/loadbalancers'))
        cls.shapes.clean()

    # The steps.

    def test_1_python(self):
        """take over 1: the Python provider has load balancers of all shapes
        """
        self.step(1)
        self.ids.update(self.shapes.make(shapes.OF_BOTH))
        web = {'web1', 'web2'}
        floating = self.shapes.floating['floating_ip']['floating_ip_address']
        for name, host, address, protocol in (
                ('plain', 'client2', self.vip('plain'), 'tcp'),
                ('udp', 'client1', self.vip('udp'), 'udp'),
                ('floating_ip', 'outside', floating, 'tcp')):
            host = {**self.world.hosts, 'outside': self.world.outside}[host]
            traffic.wait_for(host, address, 80, web, protocol)
            self.streams[name] = traffic.Stream(host, address, 80, protocol,
                                                pause=0.02)
            self.streams[name].__enter__()
        self.end_step(1)

    def test_2_adopt(self):
        """take over 2: ours adopts them, and writes next to nothing"""
        self.step(2)
        with watch.Watch(self.stack.ovn.nb) as writes:
            rows = self.nb()
            self.stack.switch('ours')
            # Octavia starts a process for each, four at once.
            wait.until(self.all_are_here, 'all are imported', 180)
            # It asks Neutron before it is.
            self.settle()
            self.assertEqual(self.repairs(rows, writes.writes()),
                             self.expected_repairs())
            self.assertEqual(self.lapses(writes.writes()), [])
            writes.updates.clear()
            self.assertEqual(self.stack.our_driver.resync(), 0)
            self.assertEqual(self.repairs(rows, writes.writes()), {})
        self.end_step(2)

    def test_3_operate(self):
        """take over 3: ours changes, deletes and makes them"""
        self.step(3)
        shapes.at_once(self.touch, self.ids)
        shapes.at_once(self.exercise, EXERCISED)
        self.settle()
        # Some go, with all below them, and come again as ours.
        self.delete_lbs([{'id': self.ids.pop(name)} for name in AGAIN])
        self.ids.update(self.shapes.make(AGAIN + shapes.OF_OURS))
        self.settle()
        self.end_step(3)

    def test_4_back(self):
        """take over 4: the Python provider works on them again"""
        self.step(4)
        with watch.Watch(self.stack.ovn.nb) as writes:
            rows = self.nb()
            self.stack.switch('python')
            self.assertEqual(self.repairs(rows, writes.writes()), {})
        # Its 8.0.0 asks Octavia for a listener with the id "ID:D" after each
        # change of a member or monitor below a disabled one, gets none, and
        # leaves the load balancer PENDING_UPDATE.
        off = self.ids['off_listener']
        listener = self.api.get(f'/loadbalancers/{off}')['listeners'][0]['id']
        self.api.update(off, f'/listeners/{listener}', admin_state_up=True)
        # The busier Octavia is, the more often a report of the Python
        # provider about a listener overtakes Octavia's own transaction.
        shapes.at_once(self.touch, self.ids, workers=1)
        lb = self.web_lb('new')
        traffic.wait_for(self.world.hosts['client2'], lb['vip_address'], 80,
                         {'web1', 'web2'})
        for stream in self.streams.values():
            self.assertIsNone(stream.process.poll())
        seen = self.end_traffic()
        for name, result in seen.items():
            self.assertEqual(result.failed, 0, f'{name}: {result}')
            self.assertGreater(result.answered, 1000, f'{name}: {result}')
        self.delete_lbs(self.api.get('/loadbalancers'))
        self.assertEqual(
            [text for text in self.nb().traces() if text not in self.before
             and not text.startswith('port ')], [])
        self.end_step(4)

    # What they consist of.

    def step(self, number):
        if self.done != number - 1:
            self.fail(f'step {self.done + 1} failed')

    def end_step(self, number):
        type(self).done = number

    @classmethod
    def nb(cls):
        return nbview.Nb(cls.stack.ovn.nb)

    def vip(self, name):
        return self.api.get(f'/loadbalancers/{self.ids[name]}')['vip_address']

    @classmethod
    def end_traffic(cls):
        results = {}
        while cls.streams:
            name, stream = cls.streams.popitem()
            stream.__exit__()
            results[name] = stream.result
        return results

    @classmethod
    def delete_lbs(cls, lbs):
        def delete(lb_id):
            api = cls.world.rest()
            api.wait_settled(lb_id)
            api.delete_loadbalancer(lb_id)
        shapes.at_once(delete, [lb['id'] for lb in lbs])

    def all_are_here(self):
        with self.stack.octavia_db.client() as db:
            have = {row['_uuid'] for row in db.select('Load_Balancer')}
        missing = [name for name, lb_id in self.ids.items()
                   if lb_id not in have]
        assert not missing, missing
        return True

    def settle(self):
        nbview.wait_same(self.world, self.api)
        self.stack.our_driver.wait_in_sync()

    @staticmethod
    def expected_repairs():
        """Those of the version that is installed."""
        major = openstack.their_version()[0]
        return REPAIRS[max(known for known in REPAIRS if known <= major)]

    @staticmethod
    def lapses(updates):
        """Updates that left members unprobed which were probed before."""
        def addresses(mappings):
            return {ip for ip, _ in mappings[1]}
        return [change for update in updates
                for change in update.get('Load_Balancer', {}).values()
                if 'ip_port_mappings' in change.get('old', ())
                and not addresses(change['old']['ip_port_mappings'])
                <= addresses(change['new']['ip_port_mappings'])]

    def repairs(self, before, updates):
        """What was written, as REPAIRS has it.  'before' is an nbview.Nb."""
        names = {lb_id: name for name, lb_id in self.ids.items()}
        found = {}
        for update in updates:
            for table, rows in update.items():
                for key, change in rows.items():
                    columns = self.columns(table, change) - OF_NEUTRON
                    row = before.lbs.get(key)
                    # Only health monitors write anywhere else.
                    name = names[row['name']] if row else 'monitored'
                    if name == 'monitored':
                        # A new probe may not have its answer yet.
                        columns.discard('external_ids neutron:member_status')
                    if columns:
                        found.setdefault(name, set()).update(columns)
        return found

    @staticmethod
    def columns(table, change):
        """Names of what an update changed: the columns of a row, the keys
        in its external_ids."""
        head = '' if table == 'Load_Balancer' else table + ' '
        if 'old' not in change:
            return {table}
        found = set()
        for column, old in change['old'].items():
            if head or column != 'external_ids':
                found.add(head + column)
                continue
            pair = [dict(map(json.dumps, item) for item in value[1])
                    for value in (old, change['new'][column])]
            found |= {f'{column} {json.loads(key)}' for key
                      in pair[0].keys() | pair[1].keys()
                      if pair[0].get(key) != pair[1].get(key)}
        return found

    def touch(self, name):
        """Changes that each provider must be able to make to each."""
        api, lb_id = self.world.rest(), self.ids[name]
        path = f'/loadbalancers/{lb_id}'
        shown = api.update(lb_id, path, description='touched')
        self.assertEqual(shown['description'], 'touched')
        if shown['pools']:
            pool = f'/pools/{shown["pools"][0]["id"]}'
            six = ':' in shown['vip_address']
            member = api.create_member(
                lb_id, shown['pools'][0]['id'],
                self.world.networks[1].address6(0x12) if six
                else self.world.hosts['web3'].address, 8081,
                'n1v6' if six else 'n2')
            api.remove(lb_id, f'{pool}/members/{member["id"]}')
        else:
            listener = api.create_listener(lb_id, 8082)
            api.remove(lb_id, f'/listeners/{listener["id"]}')
        self.assertEqual({state for _, _, state, _
                          in api.wait_settled(lb_id)}, {'ACTIVE'})

    def exercise(self, name):
        """All operations, on what is new and on what was there."""
        api, lb_id = self.world.rest(), self.ids[name]
        lb = f'/loadbalancers/{lb_id}'
        shown = api.get(lb)
        old = f'/listeners/{shown["listeners"][0]["id"]}'
        listener = api.create_listener(lb_id, 8090)
        pool = api.create_pool(lb_id, listener_id=listener['id'])
        six = ':' in shown['vip_address']
        host = self.world.networks[1]
        members = f'/pools/{pool["id"]}/members'
        reply = api.request('PUT', '/v2.0/lbaas' + members, {'members': [
            {'address': host.address6(n) if six else host.address(n),
             'protocol_port': 8080} for n in (0x31, 0x32, 0x33)]})
        self.assertEqual(reply.status, 202, reply)
        api.wait_active(lb_id)
        member = f'{members}/{api.get(members)[0]["id"]}'
        monitor = api.create_monitor(lb_id, pool['id'])
        for path, values in (
                (member, {'weight': 3}),
                (member, {'admin_state_up': False}),
                (f'/healthmonitors/{monitor["id"]}', {'delay': 5}),
                (f'/pools/{pool["id"]}', {'admin_state_up': False}),
                (f'/pools/{pool["id"]}', {'admin_state_up': True}),
                (old, {'name': 'renamed'})):
            api.update(lb_id, path, **values)
        if name not in self.streams:
            for up in (False, True):
                api.update(lb_id, old, admin_state_up=up)
                api.update(lb_id, lb, admin_state_up=up)
        for path in (member, f'/healthmonitors/{monitor["id"]}',
                     f'/pools/{pool["id"]}', f'/listeners/{listener["id"]}'):
            api.remove(lb_id, path)
        self.assertEqual({state for _, _, state, _
                          in api.wait_settled(lb_id)}, {'ACTIVE'})
