# SPDX-License-Identifier: Apache-2.0
"""What each kind of object looks like in the Northbound database.  The
comparison with what the API shows is made by nbview in settle().

SCTP is compared, and never sent: the connection tracker of Open vSwitch's
userspace datapath, which carries the packets here, does not know it.
"""

from lib import harness, traffic


class Rows(harness.SystemTest):

    def rows(self, lb):
        self.settle()
        return self.nb().rows(lb['id'])

    def test_protocols(self):
        """One load balancer with TCP, UDP and SCTP has a row for each"""
        api = self.api
        lb = api.create_loadbalancer('n1', name='three')
        for protocol in ('TCP', 'UDP', 'SCTP'):
            listener = api.create_listener(lb['id'], 80, protocol)
            pool = api.create_pool(lb['id'], protocol,
                                   listener_id=listener['id'])
            api.create_member(lb['id'], pool['id'], '10.2.0.11', 8080, 'n2')
        rows = self.rows(lb)
        self.assertEqual(set(rows), {'tcp', 'udp', 'sctp'})
        vips = {f'{lb["vip_address"]}:80': '10.2.0.11:8080'}
        for row in rows.values():
            self.assertEqual(row['vips'], vips)
        # They go one by one, in the order they came.
        for protocol in ('TCP', 'UDP', 'SCTP'):
            for path in ('/pools', '/listeners'):
                for item in api.get(path):
                    if item['protocol'] == protocol:
                        api.delete(f'{path}/{item["id"]}')
                        api.wait_active(lb['id'])
            self.settle()
        row, = self.rows(lb).values()
        self.assertFalse(row['protocol'])
        self.assertEqual(row['vips'], {})

    def test_admin_states(self):
        """A disabled listener, pool or member takes its part out of the VIPs
        """
        lb = self.web_lb('switches')
        pool, = lb['pools']
        listener, = lb['listeners']
        member = self.api.get(f'/pools/{pool["id"]}/members')[0]
        for path, key in (
                (f'/listeners/{listener["id"]}', 'listener'),
                (f'/pools/{pool["id"]}', 'pool'),
                (f'/pools/{pool["id"]}/members/{member["id"]}', 'member'),
                (f'/loadbalancers/{lb["id"]}', 'loadbalancer')):
            with self.subTest(kind=key):
                for state in (False, True):
                    self.api.put(path, {key: {'admin_state_up': state}})
                    self.api.wait_active(lb['id'])
                    row, = self.rows(lb).values()
                    if state:
                        backends, = row['vips'].values()
                        self.assertEqual(backends.count(','), 1)
                    elif key == 'member':
                        backends, = row['vips'].values()
                        self.assertNotIn(',', backends)
                    else:
                        self.assertEqual(row['vips'], {})

    def test_many_listeners(self):
        """Listeners share a pool, or have their own"""
        api = self.api
        lb = self.web_lb('ports')
        pool, = lb['pools']
        api.create_listener(lb['id'], 81, default_pool_id=pool['id'])
        other = api.create_pool(lb['id'])
        api.create_listener(lb['id'], 82, default_pool_id=other['id'])
        api.create_member(lb['id'], other['id'], '10.1.0.11', 8081, 'n1')
        api.create_listener(lb['id'], 83)
        self.settle()
        client1 = self.world.hosts['client1']
        for port, names in ((80, {'web1', 'web2'}), (81, {'web1', 'web2'}),
                            (82, {'web1'}), (83, set())):
            traffic.wait_for(client1, lb['vip_address'], port, names)

    def test_pool_moves(self):
        """A listener follows its default pool, and can lose it"""
        api = self.api
        lb = self.web_lb('moves', servers=['web1'])
        listener, = lb['listeners']
        other = api.create_pool(lb['id'])
        api.create_member(lb['id'], other['id'], '10.2.0.11', 8080, 'n2')
        client1 = self.world.hosts['client1']
        for pool_id, names in ((other['id'], {'web2'}), (None, set())):
            api.put(f'/listeners/{listener["id"]}',
                    {'listener': {'default_pool_id': pool_id}})
            api.wait_active(lb['id'])
            self.settle()
            traffic.wait_for(client1, lb['vip_address'], 80, names)

    def test_pool_deleted(self):
        """A deleted pool takes its members along and leaves its listener"""
        lb = self.web_lb('poolless')
        pool, = lb['pools']
        self.api.delete(f'/pools/{pool["id"]}')
        lb = self.api.wait_active(lb['id'])
        self.assertEqual(lb['pools'], [])
        row, = self.rows(lb).values()
        listener, = lb['listeners']
        self.assertEqual(
            row['external_ids'][f'listener_{listener["id"]}'], '80:')

    def test_source_ip(self):
        """SOURCE_IP sends all of one client to one server"""
        lb = self.web_lb('sticky')
        pool, = lb['pools']
        for listener in lb['listeners']:
            self.api.delete(f'/listeners/{listener["id"]}')
            self.api.wait_active(lb['id'])
        self.api.delete(f'/pools/{pool["id"]}')
        self.api.wait_active(lb['id'])
        listener = self.api.create_listener(lb['id'], 80)
        pool = self.api.create_pool(lb['id'], listener_id=listener['id'],
                                    lb_algorithm='SOURCE_IP')
        for name in ('web1', 'web2'):
            host = self.world.hosts[name]
            self.api.create_member(lb['id'], pool['id'], host.address, 8080,
                                   host.network.name)
        row, = self.rows(lb).values()
        self.assertEqual(row['selection_fields'], ['ip_dst', 'ip_src'])
        seen = traffic.send(self.world.hosts['client1'], lb['vip_address'],
                            80, 60)
        self.assertEqual(len(seen.answers), 1, seen)
        self.assertEqual(seen.failed, 0, seen)

    def test_cascade(self):
        """A cascading delete leaves nothing, a plain one of a parent is 400
        """
        lb = self.web_lb('whole')
        reply = self.api.request(
            'DELETE', f'/v2.0/lbaas/loadbalancers/{lb["id"]}')
        self.assertEqual(reply.status, 400)
        self.assertIn('it has children', reply.fault)
        self.api.delete_loadbalancer(lb['id'])
        # What load balancers share goes after the last of them.
        self.world.driver.wait_in_sync()
        self.assertEqual(self.nb().traces(), [])
        for path in ('/listeners', '/pools'):
            self.assertEqual(self.api.get(path), [])
