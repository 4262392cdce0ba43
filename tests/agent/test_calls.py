#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each call of the provider interface, and what becomes of it."""

import unittest

from octavia_lib.api.drivers import data_models, exceptions

import agenttest
from agenttest import member_model


class LoadBalancers(agenttest.AgentTest):

    def test_create(self):
        """a load balancer gets its VIP first, and then all the rest"""
        lb_id, vip, more = self.create_vip()
        self.assertRegex(vip['vip_address'], r'^10\.1\.0\.\d+$')
        self.assertTrue(vip['vip_port_id'])
        self.assertEqual(more, [])
        self.assertNotIn('octavia_owned', vip)
        self.provider.loadbalancer_create(self.lb_model(
            lb_id, vip, name='web', description='the web'))
        lb = self.active(lb_id)
        self.assertEqual((lb['name'], lb['description'], lb['project_id'],
                          lb['provider'], lb['admin_state_up']),
                         ('web', 'the web', agenttest.PROJECT, 'ovn', True))
        for name, value in vip.items():
            self.assertEqual(lb[name], value, name)

    def test_address(self):
        """the address that the user chose is the VIP's"""
        _, vip, _ = self.create_vip(vip_address='10.1.0.99')
        self.assertEqual(vip['vip_address'], '10.1.0.99')

    def test_spelling(self):
        """a VIP and a member are shown as they were written, and are
        canonical in OVN"""
        place = {'vip_subnet_id': self.stand.subnet['n6'],
                 'vip_network_id': self.stand.network['n6']}
        written, member = 'FD00:6:0::0077', 'FD00:6:0::0050'
        lb_id, vip, _ = self.create_vip(vip_address=written, **place)
        self.assertEqual(vip['vip_address'], written)
        self.provider.loadbalancer_create(self.lb_model(lb_id, vip))
        lb = self.active(lb_id)
        pool = self.make_pool(lb)
        self.make_listener(lb, default_pool_id=pool.pool_id)
        self.make_member(lb, pool, member)
        self.make_monitor(lb, pool)
        self.assertEqual(self.shown('loadbalancers', lb_id)['vip_address'],
                         written)
        for spelling in (written, 'fd00:6::77'):
            self.assertEqual([item['id'] for item in self.rest.get(
                '/loadbalancers', vip_address=spelling)], [lb_id])
        row = self.stand.nbctl('list', 'Load_Balancer')
        self.assertIn('{"[fd00:6::77]:80"="[fd00:6::50]:8080"}', row)
        self.assertIn('"neutron:vip"="fd00:6::77"', row)
        self.assertIn('"[fd00:6::77]:80"', self.stand.nbctl(
            'list', 'Load_Balancer_Health_Check'))
        with self.assertRaises(exceptions.DriverError):
            self.create_vip(vip_address='fd00:6::77', **place)

    def test_own_port(self):
        """a user's own port is used as it is, and stays when the load
        balancer goes"""
        port = self.stand.port['free']
        lb_id, vip, _ = self.create_vip(vip_port_id=port,
                                        vip_address='10.1.0.60')
        self.assertEqual((vip['vip_port_id'], vip['vip_address']),
                         (port, '10.1.0.60'))
        lb = self.lb_model(lb_id, vip)
        self.provider.loadbalancer_create(lb)
        self.assertEqual(self.active(lb_id)['vip_port_id'], port)
        before = self.stand.nbctl('list', 'Logical_Switch_Port', 'free')
        self.provider.loadbalancer_delete(lb)
        self.wait_deleted('/loadbalancers/' + lb_id)
        self.assertEqual(before, self.stand.nbctl(
            'list', 'Logical_Switch_Port', 'free'))

    def test_additional_vips(self):
        """additional VIPs come back with all that Octavia stores"""
        more = [{'subnet_id': self.stand.subnet6['dual'], 'ip_address': None,
                 'network_id': None, 'port_id': None}]
        lb_id, vip, more = self.create_vip(
            more=more, vip_subnet_id=self.stand.subnet['dual'],
            vip_network_id=self.stand.network['dual'])
        one, = more
        self.assertEqual(set(one), {'subnet_id', 'ip_address', 'network_id',
                                    'port_id'})
        self.assertRegex(one['ip_address'], r'^fd00:4::')
        self.assertEqual(one['network_id'], self.stand.network['dual'])
        self.provider.loadbalancer_create(self.lb_model(lb_id, vip, more))
        shown, = self.active(lb_id)['additional_vips']
        self.assertEqual(shown, {name: one[name] for name in
                                 ('subnet_id', 'ip_address', 'port_id')})

    def test_update(self):
        """an update changes what it names, and nothing else"""
        lb = self.make_lb(name='old')
        self.provider.loadbalancer_update(
            self.lb_model(lb['id'], {}),
            data_models.LoadBalancer(loadbalancer_id=lb['id'],
                                     admin_state_up=False))
        lb = self.active(lb['id'])
        self.assertEqual((lb['name'], lb['admin_state_up']), ('old', False))
        self.provider.loadbalancer_update(
            self.lb_model(lb['id'], {}),
            data_models.LoadBalancer(loadbalancer_id=lb['id'], name='new',
                                     description=None))
        lb = self.active(lb['id'])
        self.assertEqual((lb['name'], lb['admin_state_up']), ('new', False))

    def test_delete(self):
        """a deletion takes the port along, and is owed to Octavia"""
        lb = self.make_lb()
        self.provider.loadbalancer_delete(self.lb_model(lb['id'], {}))
        self.wait_deleted('/loadbalancers/' + lb['id'])
        self.assertEqual(self.report(lb['id'])['deleted'],
                         {lb['id']: 'loadbalancers'})
        self.assertNotIn(lb['vip_port_id'], self.stand.nbctl(
            '--bare', '--columns=name', 'list', 'Logical_Switch_Port'))

    def test_cascade(self):
        """with a cascade, every child's deletion is owed to Octavia"""
        lb, listener, pool, member = self.make_tree()
        monitor = self.make_monitor(lb, pool)
        self.provider.loadbalancer_delete(self.lb_model(lb['id'], {}), True)
        self.wait_deleted('/loadbalancers/' + lb['id'])
        self.assertEqual(self.report(lb['id'])['deleted'], {
            lb['id']: 'loadbalancers', listener.listener_id: 'listeners',
            pool.pool_id: 'pools', member.member_id: 'members',
            monitor.healthmonitor_id: 'healthmonitors'})

    def test_graph(self):
        """a load balancer may come with all that hangs below"""
        lb_id, vip, _ = self.create_vip()
        pool = agenttest.pool_model(lb_id)
        pool.members = [member_model(pool.pool_id),
                        member_model(pool.pool_id, port=8081)]
        pool.healthmonitor = agenttest.monitor_model(pool.pool_id)
        listener = agenttest.listener_model(
            lb_id, default_pool=pool, default_pool_id=pool.pool_id)
        pool.listener_id = listener.listener_id
        self.provider.loadbalancer_create(self.lb_model(
            lb_id, vip, pools=[pool], listeners=[listener]))
        lb = self.active(lb_id)
        self.assertEqual([item['id'] for item in lb['pools']],
                         [pool.pool_id])
        self.assertEqual(self.shown('listeners', listener.listener_id)[
            'default_pool_id'], pool.pool_id)
        self.assertEqual(set(self.shown_members(pool)),
                         {member.member_id for member in pool.members})
        self.assertEqual(self.shown('pools', pool.pool_id)[
            'healthmonitor_id'], pool.healthmonitor.healthmonitor_id)


class Listeners(agenttest.AgentTest):

    def test_life(self):
        """a listener is created, changed and deleted"""
        lb = self.make_lb()
        pool = self.make_pool(lb)
        listener = self.make_listener(lb, 8080, 'TCP', name='l')
        key = listener.listener_id
        shown = self.shown('listeners', key)
        self.assertEqual((shown['name'], shown['protocol_port'],
                          shown['default_pool_id']), ('l', 8080, None))
        for value in (pool.pool_id, None):
            self.provider.listener_update(listener, data_models.Listener(
                listener_id=key, default_pool_id=value))
            self.active(lb['id'])
            shown = self.shown('listeners', key)
            self.assertEqual((shown['name'], shown['default_pool_id'],
                              shown['provisioning_status']),
                             ('l', value, 'ACTIVE'))
        self.provider.listener_delete(listener)
        self.wait_deleted('/listeners/' + key)
        self.assertEqual(self.report(lb['id'])['deleted'],
                         {key: 'listeners'})

    def test_allowed_cidrs(self):
        """a listener's ranges are taken, changed and taken away"""
        lb = self.make_lb()
        listener = self.make_listener(lb, allowed_cidrs=['10.0.0.0/8'])
        key = listener.listener_id
        self.assertEqual(self.shown('listeners', key)['allowed_cidrs'],
                         ['10.0.0.0/8'])
        for value, shown in ((['10.1.0.0/16'], ['10.1.0.0/16']), ([], None)):
            self.provider.listener_update(listener, data_models.Listener(
                listener_id=key, allowed_cidrs=value))
            self.active(lb['id'])
            self.assertEqual(self.shown('listeners', key)['allowed_cidrs'],
                             shown)


class Pools(agenttest.AgentTest):

    def test_life(self):
        """a pool is created for a listener, changed, and deleted with all
        below it"""
        lb, listener, pool, member = self.make_tree()
        monitor = self.make_monitor(lb, pool)
        self.assertEqual(self.shown('listeners', listener.listener_id)[
            'default_pool_id'], pool.pool_id)
        self.provider.pool_update(pool, data_models.Pool(
            pool_id=pool.pool_id, name='new', lb_algorithm='SOURCE_IP'))
        self.active(lb['id'])
        shown = self.shown('pools', pool.pool_id)
        self.assertEqual((shown['name'], shown['lb_algorithm'],
                          shown['provisioning_status']),
                         ('new', 'SOURCE_IP', 'ACTIVE'))
        pool.members, pool.healthmonitor = [member], monitor
        self.provider.pool_delete(pool)
        self.wait_deleted('/pools/' + pool.pool_id)
        self.assertEqual(self.report(lb['id'])['deleted'], {
            pool.pool_id: 'pools', member.member_id: 'members',
            monitor.healthmonitor_id: 'healthmonitors'})
        self.assertIsNone(self.shown('listeners', listener.listener_id)[
            'default_pool_id'])

    def test_persistence(self):
        """session persistence is set, changed alone, and taken away"""
        lb = self.make_lb()
        pool = self.make_pool(lb, 'UDP', session_persistence=agenttest
                              .persistence(timeout=100))

        def update(value):
            self.provider.pool_update(pool, data_models.Pool(
                pool_id=pool.pool_id, session_persistence=value))
            self.active(lb['id'])
            return self.shown('pools', pool.pool_id)['session_persistence']
        self.assertEqual(self.shown('pools', pool.pool_id)[
            'session_persistence'], agenttest.persistence(timeout=100))
        self.assertEqual(update({'persistence_timeout': 200}),
                         agenttest.persistence(timeout=200))
        self.assertEqual(update({'persistence_timeout': None}),
                         agenttest.persistence())
        self.assertIsNone(update(None))


class Members(agenttest.AgentTest):

    def test_online(self):
        """a member that is not probed is NO_MONITOR, its pool is ONLINE"""
        lb, listener, pool, member = self.make_tree()
        self.assertEqual(
            [self.shown(plural, key)['operating_status'] for plural, key in (
                ('loadbalancers', lb['id']),
                ('listeners', listener.listener_id),
                ('pools', pool.pool_id),
                (f'pools/{pool.pool_id}/members', member.member_id))],
            ['ONLINE', 'ONLINE', 'ONLINE', 'NO_MONITOR'])

    def test_life(self):
        """a member is created, changed and deleted"""
        lb, _, pool, member = self.make_tree()
        key = member.member_id
        shown = self.shown_members(pool)[key]
        self.assertEqual((shown['address'], shown['weight'],
                          shown['operating_status']),
                         ('10.1.0.50', 1, 'NO_MONITOR'))
        self.provider.member_update(member, data_models.Member(
            member_id=key, weight=5, name='new'))
        self.active(lb['id'])
        shown = self.shown_members(pool)[key]
        self.assertEqual((shown['name'], shown['weight'],
                          shown['admin_state_up'],
                          shown['operating_status']),
                         ('new', 5, True, 'NO_MONITOR'))
        self.provider.member_delete(member)
        self.wait_deleted(f'/pools/{pool.pool_id}/members/{key}')
        self.assertEqual(self.report(lb['id'])['deleted'], {key: 'members'})
        self.assertEqual(self.shown('pools', pool.pool_id)[
            'provisioning_status'], 'ACTIVE')

    def test_batch(self):
        """a batch creates, changes and deletes in one transaction"""
        lb, _, pool, member = self.make_tree()
        kept = self.make_member(lb, pool, port=1, name='kept')
        # As Octavia sends one that is there: what was not given is Unset or
        # a default.
        changed = data_models.Member(
            member_id=kept.member_id, pool_id=pool.pool_id,
            address=kept.address, protocol_port=1, weight=7, backup=False,
            admin_state_up=True, monitor_address=None, monitor_port=None)
        new = [member_model(pool.pool_id, f'10.1.0.{number}')
               for number in range(100, 105)]
        commits = int(self.stand.agent.status()['commits'])
        self.provider.member_batch_update(pool.pool_id, [*new, changed])
        self.assertEqual(int(self.stand.agent.status()['commits']),
                         commits + 1)
        self.active(lb['id'])
        members = self.shown_members(pool)
        self.assertEqual(set(members), {item.member_id for item
                                        in [*new, kept]})
        self.assertEqual((members[kept.member_id]['name'],
                          members[kept.member_id]['weight']), ('kept', 7))
        self.assertEqual(self.report(lb['id'])['deleted'],
                         {member.member_id: 'members'})

    def test_empty_batch(self):
        """an empty batch deletes all, and to repeat it settles the pool"""
        lb, _, pool, _ = self.make_tree()
        for _ in range(2):
            self.provider.member_batch_update(pool.pool_id, [])
            self.active(lb['id'])
            self.assertEqual(self.shown_members(pool), {})
            self.assertEqual(self.shown('pools', pool.pool_id)[
                'provisioning_status'], 'ACTIVE')


class HealthMonitors(agenttest.AgentTest):

    def test_life(self):
        """a health monitor is created, changed and deleted"""
        lb, _, pool, _ = self.make_tree()
        monitor = self.make_monitor(lb, pool)
        key = monitor.healthmonitor_id
        self.provider.health_monitor_update(
            monitor, data_models.HealthMonitor(healthmonitor_id=key,
                                               delay=7))
        self.active(lb['id'])
        shown = self.shown('healthmonitors', key)
        self.assertEqual((shown['delay'], shown['timeout'],
                          shown['provisioning_status']), (7, 3, 'ACTIVE'))
        self.provider.health_monitor_delete(monitor)
        self.wait_deleted('/healthmonitors/' + key)
        self.assertIsNone(self.shown('pools', pool.pool_id)[
            'healthmonitor_id'])


if __name__ == '__main__':
    unittest.main()
