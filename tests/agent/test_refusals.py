#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What OVN cannot do is refused while Octavia's user waits: in the Python
provider's words where it has some, and so that nothing is left behind."""

import unittest
from unittest import mock

from octavia_lib.api.drivers import data_models, exceptions

import agenttest
from agenttest import (listener_model, member_model, monitor_model,
                       persistence, pool_model)

MIXED = ('OVN provider does not support mixing IPv4/IPv6 configuration '
         'within the same Load Balancer.')
SUBNET = ('Subnet is required, or Loadbalancer associated with Pool must '
          'have a subnet, for Member {} with OVN Provider Driver if it is '
          'not the same as LB VIP subnet')


class Refusals(agenttest.AgentTest):

    def setUp(self):
        super().setUp()
        self.lb = self.make_lb()
        self.pool = self.make_pool(self.lb)
        self.listener = self.make_listener(self.lb)

    def refuse(self, text, method, *args):
        with self.nothing_changes():
            self.assert_unsupported(text, method, *args)

    def test_protocols(self):
        """listeners and pools are TCP, UDP or SCTP"""
        for word in ('HTTP', 'HTTPS', 'TERMINATED_HTTPS', 'PROMETHEUS'):
            self.refuse(f'OVN provider does not support {word} protocol',
                        'listener_create',
                        listener_model(self.lb['id'], 81, word))
        for word in ('HTTP', 'HTTPS', 'PROXY', 'PROXYV2'):
            self.refuse(f'OVN provider does not support {word} protocol',
                        'pool_create', pool_model(self.lb['id'], word))
        for number, word in enumerate(('UDP', 'SCTP')):
            self.make_listener(self.lb, 90 + number, word)
            self.make_pool(self.lb, word)

    def test_allowed_cidrs(self):
        """a listener for some clients only is refused where the operator
        wants no ACLs"""
        text = 'OVN provider does not support allowed_cidrs option'
        with self.strict_agent('--allowed-cidrs=refuse'):
            self.refuse(text, 'listener_create', listener_model(
                self.lb['id'], 81, allowed_cidrs=['10.0.0.0/8']))
            self.refuse(text, 'listener_update', self.listener,
                        data_models.Listener(
                            listener_id=self.listener.listener_id,
                            allowed_cidrs=['10.0.0.0/8']))

    def test_algorithms(self):
        """only the algorithms that OVN has are taken"""
        for word in ('ROUND_ROBIN', 'LEAST_CONNECTIONS'):
            text = f'OVN provider does not support {word} algorithm'
            self.refuse(text, 'pool_create', pool_model(
                self.lb['id'], lb_algorithm=word))
            self.refuse(text, 'pool_update', self.pool, data_models.Pool(
                pool_id=self.pool.pool_id, lb_algorithm=word))

    def test_persistence(self):
        """only SOURCE_IP persistence is taken"""
        for word in ('HTTP_COOKIE', 'APP_COOKIE'):
            text = (f'OVN provider does not support {word} session '
                    'persistence. Only SOURCE_IP type is supported.')
            self.refuse(text, 'pool_create', pool_model(
                self.lb['id'], session_persistence=persistence(word)))
            self.refuse(text, 'pool_update', self.pool, data_models.Pool(
                pool_id=self.pool.pool_id,
                session_persistence={'type': word}))

    def test_monitor_options(self):
        """members are probed where they are"""
        text = ('OVN Load Balancer does not support different member monitor '
                'address or port.')
        member = self.make_member(self.lb, self.pool)
        for given in ({'monitor_address': '10.1.0.7'}, {'monitor_port': 80}):
            self.refuse(text, 'member_create', member_model(
                self.pool.pool_id, port=1, **given))
            self.refuse(text, 'member_update', member, data_models.Member(
                member_id=member.member_id, **given))
            self.refuse('OVN provider does not support monitor options',
                        'member_batch_update', self.pool.pool_id,
                        [member, member_model(self.pool.pool_id, port=2),
                         member_model(self.pool.pool_id, port=1, **given)])

    def test_versions(self):
        """a member has the IP version of a VIP"""
        member = member_model(self.pool.pool_id, 'fd00:6::5',
                              subnet_id=self.stand.subnet6['n6'])
        self.refuse(MIXED, 'member_create', member)
        self.refuse(MIXED, 'member_batch_update', self.pool.pool_id,
                    [member_model(self.pool.pool_id), member])
        member.subnet_id = None
        self.refuse(MIXED, 'member_create', member)
        self.refuse(MIXED, 'member_batch_update', self.pool.pool_id,
                    [member_model(self.pool.pool_id), member])
        lb_id, vip, more = self.create_vip(
            more=[{'subnet_id': self.stand.subnet6['dual']}],
            vip_subnet_id=self.stand.subnet['dual'],
            vip_network_id=self.stand.network['dual'])
        self.provider.loadbalancer_create(self.lb_model(lb_id, vip, more))
        lb = self.active(lb_id)
        pool = self.make_pool(lb)
        self.make_member(lb, pool, '10.4.0.9')
        self.make_member(lb, pool, 'fd00:4::9',
                         subnet_id=self.stand.subnet6['dual'])

    def test_addresses(self):
        """what is no address to OVN is refused by its name"""
        text = ('OVN provider does not support the {} {}: it is neither a '
                'plain IPv4 nor a plain IPv6 address')
        for address in ('::ffff:10.1.0.50', 'fe80::1%eth0'):
            self.refuse(text.format('address', address), 'member_create',
                        member_model(self.pool.pool_id, address,
                                     subnet_id=self.stand.subnet['n1']))
            self.refuse(text.format('address', address),
                        'member_batch_update', self.pool.pool_id,
                        [member_model(self.pool.pool_id),
                         member_model(self.pool.pool_id, address,
                                      subnet_id=self.stand.subnet['n1'])])
            with self.nothing_changes():
                with self.assertRaises(
                        exceptions.UnsupportedOptionError) as caught:
                    self.create_vip(vip_address=address)
                self.assertEqual(caught.exception.user_fault_string,
                                 text.format('vip_address', address))
                with self.assertRaises(
                        exceptions.UnsupportedOptionError) as caught:
                    self.create_vip(more=[{
                        'subnet_id': self.stand.subnet6['n6'],
                        'ip_address': address}])
                self.assertEqual(caught.exception.user_fault_string,
                                 text.format('ip_address', address))

    def test_spellings(self):
        """two spellings of one address are one member, however it comes"""
        lb = self.make_lb('n6')
        pool = self.make_pool(lb)
        written = self.make_member(lb, pool, 'FD00:6:0::0050')
        other = member_model(pool.pool_id, 'fd00:6::50')
        text = ('OVN provider does not support two members of a pool with '
                'the address fd00:6::50 and the port 8080')
        self.refuse(text, 'member_create', other)
        self.refuse(text, 'member_batch_update', pool.pool_id,
                    [written, other])
        self.refuse(text, 'member_batch_update', pool.pool_id,
                    [member_model(pool.pool_id, 'fd00:6:0::50'), other])
        another = member_model(pool.pool_id, 'fd00:6::50', 8081)
        self.provider.member_batch_update(pool.pool_id, [other, another])
        self.active(lb['id'])
        self.assertEqual(set(self.shown_members(pool)),
                         {other.member_id, another.member_id})

    def test_subnets(self):
        """a member without a subnet is in the VIP's, or in one that the VIP's
        routers reach"""
        near = member_model(self.pool.pool_id, '10.2.0.8')
        self.provider.member_create(near)
        self.active(self.lb['id'])
        self.provider.member_batch_update(self.pool.pool_id, [
            near, member_model(self.pool.pool_id, '10.2.0.7')])
        self.active(self.lb['id'])
        self.provider.member_batch_update(self.pool.pool_id, [])
        self.active(self.lb['id'])

        outside = member_model(self.pool.pool_id, '10.4.0.9')
        self.refuse(SUBNET.format('creation'), 'member_create', outside)
        self.refuse(SUBNET.format('batch update'), 'member_batch_update',
                    self.pool.pool_id,
                    [member_model(self.pool.pool_id), outside])
        outside.subnet_id = self.stand.subnet['dual']
        self.provider.member_create(outside)
        self.active(self.lb['id'])

        # That one is there now, and Octavia does not say where.
        outside.subnet_id = outside.name = data_models.Unset
        self.provider.member_batch_update(self.pool.pool_id, [outside])
        self.active(self.lb['id'])
        self.assertEqual(self.shown_members(self.pool)[outside.member_id][
            'subnet_id'], self.stand.subnet['dual'])
        self.provider.member_delete(outside)

    def test_no_backends(self):
        """an address at which no backend can be is refused by its kind"""
        for address, kind in (
                ('0.0.0.0', 'the unspecified address'),
                ('127.0.0.1', 'a loopback address'),
                ('224.0.0.1', 'a multicast address'),
                ('255.255.255.255', 'the broadcast address'),
                (self.lb['vip_address'],
                 'a VIP of the load balancer itself')):
            text = f"The address {address} cannot be a member's: it is {kind}."
            member = member_model(self.pool.pool_id, address,
                                  subnet_id=self.stand.subnet['n1'])
            self.refuse(text, 'member_create', member)
            self.refuse(text, 'member_batch_update', self.pool.pool_id,
                        [member_model(self.pool.pool_id), member])

    def test_broadcast(self):
        """the broadcast address of a member's subnet is refused, named or
        not"""
        subnet = self.stand.subnet
        for address, named in (('10.1.0.255', {}), ('10.2.0.255', {}),
                               ('10.1.0.255', {'subnet_id': subnet['n1']}),
                               ('10.2.0.255', {'subnet_id': subnet['n2']})):
            with self.subTest(address, **named):
                text = (f"The address {address} cannot be a member's: it is "
                        'the broadcast address of its subnet.')
                member = member_model(self.pool.pool_id, address, **named)
                self.refuse(text, 'member_create', member)
                self.refuse(text, 'member_batch_update', self.pool.pool_id,
                            [member_model(self.pool.pool_id), member])

    def test_monitors(self):
        """health monitors are TCP or UDP-CONNECT"""
        for word in ('HTTP', 'HTTPS', 'PING', 'TLS-HELLO', 'SCTP'):
            self.refuse(f'OVN provider does not support {word} health '
                        'monitor type. Supported types: UDP-CONNECT, TCP',
                        'health_monitor_create',
                        monitor_model(self.pool.pool_id, type=word))
        self.refuse('OVN provider health monitor type not specified.',
                    'health_monitor_create',
                    monitor_model(self.pool.pool_id,
                                  type=data_models.Unset))

    def test_failover(self):
        """there is nothing to fail over"""
        self.refuse('OVN provider does not support loadbalancer failover',
                    'loadbalancer_failover', self.lb['id'])

    def test_options(self):
        """what OVN does not do is refused if somebody asks for it and the
        operator wants it refused, not if it is the default"""
        with self.strict_agent():
            self.refuse_options()

    def refuse_options(self):
        for name, value in (('connection_limit', 100),
                            ('timeout_client_data', 1),
                            ('timeout_member_connect', 1),
                            ('timeout_member_data', 1),
                            ('timeout_tcp_inspect', 1),
                            ('insert_headers', {'X-Forwarded-For': 'true'})):
            text = f'OVN provider does not support {name} option'
            self.refuse(text, 'listener_create', listener_model(
                self.lb['id'], 81, **{name: value}))
            self.refuse(text, 'listener_update', self.listener,
                        data_models.Listener(
                            listener_id=self.listener.listener_id,
                            **{name: value}))
        self.refuse('OVN provider does not support a '
                    'persistence_granularity of 255.255.0.0, only single '
                    'addresses', 'pool_create', pool_model(
                        self.lb['id'], session_persistence={
                            **persistence(), 'persistence_granularity':
                            '255.255.0.0'}))
        self.refuse_unknown_to_old_octavias()
        self.refuse('OVN provider does not support tls_enabled option',
                    'pool_create',
                    pool_model(self.lb['id'], tls_enabled=True))
        self.refuse('OVN provider does not support l7policies',
                    'listener_create', listener_model(
                        self.lb['id'], 81, l7policies=[
                            data_models.L7Policy(
                                l7policy_id=agenttest.new_id())]))
        self.refuse('OVN provider does not support vip_qos_policy_id option',
                    'loadbalancer_update', self.lb_model(self.lb['id'], {}),
                    data_models.LoadBalancer(
                        loadbalancer_id=self.lb['id'],
                        vip_qos_policy_id=agenttest.new_id()))

    def test_dispensable_options(self):
        """what traffic flows without is stored, and not refused later"""
        self.allow_log(r'body\|WARN\|Octavia.s users set')
        asked = {'connection_limit': 100, 'timeout_client_data': 1,
                 'timeout_member_connect': 2, 'timeout_member_data': 3,
                 'timeout_tcp_inspect': 4}
        listener = self.make_listener(self.lb, 81, **asked)
        self.change_listener(listener, **asked)
        with self.strict_agent():
            # What is there is no news.
            self.change_listener(listener, name='n', **asked)
            self.refuse('OVN provider does not support connection_limit '
                        'option', 'listener_update', listener,
                        data_models.Listener(
                            listener_id=listener.listener_id,
                            connection_limit=101))
            self.change_listener(listener, connection_limit=-1)
        self.change_listener(listener, connection_limit=7)
        group = agenttest.new_id()
        self.provider.loadbalancer_update(
            self.lb_model(self.lb['id'], {}), data_models.LoadBalancer(
                loadbalancer_id=self.lb['id'], vip_qos_policy_id=group))
        self.assertEqual(self.active(self.lb['id'])['vip_qos_policy_id'],
                         group)
        self.make_pool(self.lb, 'UDP', session_persistence={
            **persistence(), 'persistence_granularity': '255.255.0.0'})
        said = [line for line in self.stand.agent.log_text().splitlines()
                if 'users set' in line]
        self.assertEqual(len(said), len(asked) + 2, said)

    def change_listener(self, listener, **changes):
        self.provider.listener_update(listener, data_models.Listener(
            listener_id=listener.listener_id, **changes))
        self.active(self.lb['id'])
        shown = self.shown('listeners', listener.listener_id)
        self.assertEqual({name: shown[name] for name in changes}, changes)

    def refuse_unknown_to_old_octavias(self):
        """Octavia 11's models lack these.  A model is a bag of attributes:
        what it has goes to the provider."""
        for name, plain, asked in (('hsts_max_age', None, 5),
                                   ('hsts_include_subdomains', False, True),
                                   ('hsts_preload', False, True)):
            text = f'OVN provider does not support {name} option'
            listener = listener_model(self.lb['id'], 81)
            setattr(listener, name, asked)
            self.refuse(text, 'listener_create', listener)
            change = data_models.Listener(
                listener_id=self.listener.listener_id)
            setattr(change, name, asked)
            self.refuse(text, 'listener_update', self.listener, change)
            setattr(change, name, plain)
            self.provider.listener_update(self.listener, change)
            self.active(self.lb['id'])
        change = data_models.LoadBalancer(loadbalancer_id=self.lb['id'])
        change.vip_sg_ids = [agenttest.new_id()]
        self.refuse('OVN provider does not support vip_sg_ids option',
                    'loadbalancer_update', self.lb_model(self.lb['id'], {}),
                    change)
        pool = self.make_pool(self.lb)
        member = member_model(pool.pool_id)
        member.vnic_type = 'direct'
        self.refuse('OVN provider does not support vnic_type option',
                    'member_create', member)
        member.vnic_type = 'normal'
        self.provider.member_create(member)
        self.active(self.lb['id'])

    def test_not_implemented(self):
        """what the base class refuses stays refused, without the agent"""
        calls = [('l7policy_create', None), ('l7policy_update', None, None),
                 ('l7policy_delete', None), ('l7rule_create', None),
                 ('l7rule_update', None, None), ('l7rule_delete', None),
                 ('get_supported_flavor_metadata',),
                 ('validate_flavor', {}),
                 ('get_supported_availability_zone_metadata',),
                 ('validate_availability_zone', {})]
        before = self.stand.agent.status()['calls']
        for method, *args in calls:
            with self.assertRaises(exceptions.NotImplementedError):
                getattr(self.provider, method)(*args)
        self.assertEqual(self.stand.agent.status()['calls'], before)


class WholeTrees(agenttest.AgentTest):

    def assert_nothing_left(self, lb_id):
        self.wait_deleted('/loadbalancers/' + lb_id)
        self.assertIsNone(self.report(lb_id))
        self.assertNotIn(lb_id, self.stand.nbctl('list', 'Load_Balancer'))
        self.assertNotIn(f'ovn-lb-vip-{lb_id}', self.stand.nbctl(
            'list', 'Logical_Switch_Port'))

    def test_refused(self):
        """a load balancer that is refused with its parts leaves nothing, not
        even its VIP's port"""
        def with_listener(lb_id):
            return {'listeners': [listener_model(lb_id, protocol='HTTP')]}

        def with_member(lb_id):
            pool = pool_model(lb_id)
            pool.members = [member_model(pool.pool_id, 'fd00:6::5',
                                         subnet_id=self.stand.subnet['n6'])]
            return {'pools': [pool]}

        def with_stray_member(lb_id):
            pool = pool_model(lb_id)
            pool.members = [member_model(pool.pool_id, '10.4.0.9')]
            return {'pools': [pool]}
        for attributes, text in (
                (with_listener,
                 'OVN provider does not support HTTP protocol'),
                (with_member, MIXED),
                (with_stray_member, SUBNET.format('creation'))):
            lb_id, vip, _ = self.create_vip()
            self.assert_unsupported(
                text, 'loadbalancer_create',
                self.lb_model(lb_id, vip, **attributes(lb_id)))
            self.assert_nothing_left(lb_id)

    def test_near_member(self):
        """a member that comes with its load balancer, and names no subnet, may
        be behind the VIP's router"""
        lb_id, vip, _ = self.create_vip()
        pool = pool_model(lb_id)
        pool.members = [member_model(pool.pool_id, '10.2.0.9')]
        self.provider.loadbalancer_create(
            self.lb_model(lb_id, vip, pools=[pool]))
        self.active(lb_id)
        texts = self.stand.nbctl('--columns=external_ids', 'list',
                                 'Load_Balancer').split('_10.2.0.9:')
        self.assertEqual({text.split('_')[1][:36] for text in texts[1:]},
                         {self.stand.subnet['n2']})

    def test_vip(self):
        """an address that is taken is refused, and nothing is left"""
        lb = self.make_lb()
        lb_id = agenttest.new_id()
        text = ('The VIP IP address is already in use: IP address '
                f'{lb["vip_address"]} is already allocated in subnet '
                f'{lb["vip_subnet_id"]}')
        kind = getattr(exceptions, 'Conflict', exceptions.DriverError)
        with self.assertRaises(kind) as caught:
            self.create_vip(lb_id, vip_address=lb['vip_address'])
        self.assertEqual(caught.exception.user_fault_string, text)
        self.assert_nothing_left(lb_id)

    def test_users_errors(self):
        """a VIP that cannot be had is a conflict, not the driver's error"""
        class Conflict(exceptions.DriverError):
            """As a newer octavia-lib has it."""
        taken = self.make_lb()['vip_address']
        for vip in ({'vip_address': '10.99.0.1'}, {'vip_address': taken},
                    {'vip_subnet_id': agenttest.new_id()}):
            with mock.patch.object(exceptions, 'Conflict', Conflict,
                                   create=True), \
                    self.subTest(vip), self.assertRaises(Conflict):
                self.create_vip(**vip)

    def test_full(self):
        """if a subnet has no address left, the call fails and leaves
        nothing"""
        lb_id = agenttest.new_id()
        with self.assertRaises(exceptions.DriverError) as caught:
            self.create_vip(lb_id, vip_subnet_id=self.stand.subnet['full'],
                            vip_network_id=self.stand.network['full'],
                            vip_address='10.8.0.77')
        self.assertEqual(caught.exception.user_fault_string,
                         'IP address 10.8.0.77 is not a valid IP for the '
                         'specified subnet.')
        self.assert_nothing_left(lb_id)


class Unknown(agenttest.AgentTest):

    def test_unknown(self):
        """what is below a load balancer that nobody told us of is refused,
        with the remedy"""
        self.allow_log(r'calls\|WARN\|.*has not heard of it',
                       agenttest.SILENT)
        lost = agenttest.new_id()
        for method, *args in (
                ('listener_create', listener_model(lost)),
                ('pool_create', pool_model(lost)),
                ('member_create', member_model(lost)),
                ('member_batch_update', lost, []),
                ('health_monitor_create', monitor_model(lost)),
                ('loadbalancer_update', self.lb_model(lost, {}),
                 self.lb_model(lost, {}, name='x'))):
            with self.nothing_changes():
                with self.assertRaises(exceptions.DriverError) as caught:
                    getattr(self.provider, method)(*args)
            self.assertIn('ovn-octavia-ctl sync-octavia',
                          caught.exception.user_fault_string, method)
            self.assertIn(lost, caught.exception.user_fault_string)


if __name__ == '__main__':
    unittest.main()
