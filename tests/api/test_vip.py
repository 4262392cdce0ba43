#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The VIP: how it is chosen, who else may have it, what is refused.  One
table has what is given, and one what is wrong."""

import unittest

import apitest


class Vip(apitest.ApiTest):

    def post(self, **attributes):
        return self.call('POST', '/loadbalancers',
                         {'loadbalancer': attributes})

    def assert_vip(self, reply, network, subnet, address=None, port=None):
        self.assert_status(reply, 201)
        lb = reply.body['loadbalancer']
        self.assertEqual((lb['vip_network_id'], lb['vip_subnet_id']), (
            self.stand.network[network], subnet))
        if address:
            self.assertEqual(lb['vip_address'], address)
        self.assertTrue(lb['vip_address'])
        self.assertTrue(lb['vip_port_id'])
        if port:
            self.assertEqual(lb['vip_port_id'], port)
        shown = self.active(lb['id'])
        for key in ('vip_address', 'vip_port_id', 'vip_subnet_id',
                    'vip_network_id'):
            self.assertEqual(shown[key], lb[key])
        return shown

    def test_choices(self):
        """port wins over network, network over subnet, all are filled in"""
        net, sub, port = (self.stand.network, self.stand.subnet,
                          self.stand.port)
        n1, dual6 = sub['n1'], self.stand.subnet6['dual']
        for given, expected in (
                ({'vip_subnet_id': n1}, ('n1', n1)),
                ({'vip_subnet_id': n1, 'vip_address': '10.1.0.99'},
                 ('n1', n1, '10.1.0.99')),
                ({'vip_network_id': net['n1']}, ('n1', n1)),
                ({'vip_network_id': net['n1'], 'vip_subnet_id': n1},
                 ('n1', n1)),
                ({'vip_network_id': net['n1'], 'vip_address': '10.1.0.98'},
                 ('n1', n1, '10.1.0.98')),
                ({'vip_network_id': net['n6']}, ('n6', sub['n6'])),
                ({'vip_network_id': net['dual']}, ('dual', sub['dual'])),
                ({'vip_network_id': net['dual'], 'vip_address': 'fd00:4::9'},
                 ('dual', dual6, 'fd00:4::9')),
                ({'vip_network_id': net['dual'], 'vip_subnet_id': dual6},
                 ('dual', dual6)),
                ({'vip_port_id': port['free']},
                 ('n1', n1, '10.1.0.60', port['free'])),
                ({'vip_port_id': port['two'], 'vip_address': '10.1.0.63'},
                 ('n1', n1, '10.1.0.63', port['two'])),
                ({'vip_port_id': port['both'], 'vip_subnet_id': dual6},
                 ('dual', dual6, 'fd00:4::60', port['both']))):
            with self.subTest(given):
                lb = self.assert_vip(self.post(**given), *expected)
                self.call('DELETE', '/loadbalancers/' + lb['id'])
                self.wait_gone('/loadbalancers/' + lb['id'])

    def test_port_and_more(self):
        """a port decides, whatever else is said beside it"""
        port, n1 = self.stand.port['two'], self.stand.subnet['n1']
        lb = self.assert_vip(
            self.post(vip_port_id=port, vip_subnet_id=n1,
                      vip_address='10.1.0.99',
                      vip_network_id=self.stand.network['n2']),
            'n1', n1, None, port)
        self.assertIn(lb['vip_address'], ('10.1.0.62', '10.1.0.63'))

    def test_ipv6_spellings(self):
        """an IPv6 VIP may be spelled in any way"""
        reply = self.post(vip_subnet_id=self.stand.subnet['n6'],
                          vip_address='FD00:6:0:0::00AA')
        self.assert_vip(reply, 'n6', self.stand.subnet['n6'])
        reply = self.post(vip_subnet_id=self.stand.subnet['n6'],
                          vip_address='fd00:6::aa')
        self.assert_status(reply, 409)

    def test_user_port_stays(self):
        """a port that the user gave is neither changed nor deleted"""
        def row():
            with self.stand.nb.client() as nb:
                found, = nb.select('Logical_Switch_Port',
                                   [['name', '==', 'free']])
            return {key: value for key, value in found.items()
                    if key != '_version'}
        before = row()
        lb = self.make_lb(None, vip_port_id=self.stand.port['free'])
        self.assertEqual(row(), before)
        self.call('DELETE', '/loadbalancers/' + lb['id'])
        self.wait_gone('/loadbalancers/' + lb['id'])
        self.assertEqual(row(), before)

    def router_id(self):
        with self.stand.nb.client() as nb:
            router, = nb.select('Logical_Router')
        return router['_uuid']

    def test_port_of_ovn(self):
        """a port that OVN itself has at this end is in use"""
        def listed():
            reply = self.rest.request('GET', '/v2.0/ports?name=phys')
            return reply.body['ports']

        def remove():
            self.stand.nbctl('lsp-del', 'phys')
            apitest.wait.until(lambda: not listed(), 'the port is gone', 5,
                               0.005)
        self.stand.nbctl('lsp-add', 'bare', 'phys', '--', 'lsp-set-type',
                         'phys', 'localnet')
        self.addCleanup(remove)
        port, = apitest.wait.until(listed, 'the port is listed', 5, 0.005)
        self.assert_fault(
            self.post(vip_port_id=port['id']), 400, 'Validation failure: '
            f'Port {port["id"]} is already used by device phys ')

    def test_faults(self):
        """what is missing, taken or does not fit is told as Octavia does"""
        net, sub, port = (self.stand.network, self.stand.subnet,
                          self.stand.port)
        no_id, failed = apitest.NO_ID, 'Validation failure: '
        with self.nothing_changes():
            for given, text in (
                    ({}, failed + 'VIP must contain one of: vip_port_id, '
                     'vip_network_id, vip_subnet_id.'),
                    ({'vip_address': '10.1.0.99'}, failed + 'VIP must contain '
                     'one of: vip_port_id, vip_network_id, vip_subnet_id.'),
                    ({'vip_port_id': no_id}, f'Port {no_id} not found.'),
                    ({'vip_network_id': no_id},
                     f'Network {no_id} not found.'),
                    ({'vip_subnet_id': no_id}, f'Subnet {no_id} not found.'),
                    ({'vip_port_id': port['taken']},
                     failed + f'Port {port["taken"]} is already used by '
                     'device vm-1 '),
                    ({'vip_port_id': port['n1-r1']},
                     failed + f'Port {port["n1-r1"]} is already used by '
                     f'device {self.router_id()} '),
                    ({'vip_port_id': port['two']}, failed + "VIP port's "
                     'subnet could not be determined. Please specify either '
                     'a VIP subnet or address.'),
                    ({'vip_port_id': port['free'], 'vip_subnet_id': no_id},
                     f'Subnet {no_id} not found.'),
                    ({'vip_port_id': port['free'], 'vip_subnet_id':
                      sub['n2']}, failed + 'No VIP address found on the '
                     'specified VIP port within the specified subnet.'),
                    ({'vip_port_id': port['free'], 'vip_address':
                      '10.1.0.61'}, failed + 'Specified VIP address not '
                     'found on the specified VIP port.'),
                    ({'vip_network_id': net['n1'], 'vip_subnet_id':
                      sub['n2']}, f'Subnet {sub["n2"]} not found.'),
                    ({'vip_network_id': net['n1'], 'vip_address':
                      '10.9.0.1'}, failed + 'Supplied network does not '
                     'contain a subnet for VIP address specified.'),
                    ({'vip_network_id': net['bare']}, failed + 'Supplied '
                     'network does not contain a subnet.'),
                    ({'vip_network_id': net['full']}, failed + 'Subnet(s) in '
                     'the supplied network do not contain enough available '
                     'IPs.')):
                with self.subTest(given):
                    self.assert_fault(self.post(**given), 400, text)

    def test_outside(self):
        """an address outside of the subnet is 400"""
        with self.nothing_changes():
            for address in ('10.2.0.5', '10.1.0.0', '10.1.0.255',
                            'fd00:6::5', '0.0.0.0', '255.255.255.255'):
                with self.subTest(address):
                    reply = self.post(vip_subnet_id=self.stand.subnet['n1'],
                                      vip_address=address)
                    self.assert_status(reply, 400)
                    self.assertIn(address, reply.fault)

    def test_in_use(self):
        """an address of a port, a router or a load balancer is 409"""
        self.make_lb(vip_address='10.1.0.100')
        n1 = self.stand.subnet['n1']
        with self.nothing_changes():
            for address in ('10.1.0.50', '10.1.0.1', '10.1.0.100',
                            '10.1.0.63'):
                for place in ({'vip_subnet_id': n1},
                              {'vip_network_id': self.stand.network['n1']}):
                    with self.subTest(address, **place):
                        reply = self.post(vip_address=address, **place)
                        self.assert_status(reply, 409)
                        self.assertTrue(reply.fault.startswith(
                            'The VIP IP address is already in use: '), reply)

    def test_port_twice(self):
        """one port is the VIP of one load balancer"""
        self.make_lb(None, vip_port_id=self.stand.port['free'])
        with self.nothing_changes():
            self.assertIn(
                self.post(vip_port_id=self.stand.port['free']).status,
                (400, 409))

    def test_full_subnet(self):
        """the last address is given, then the subnet is full"""
        subnet = self.stand.subnet['full']
        lb = self.make_lb('full')
        self.assertEqual(lb['vip_address'], '10.8.0.2')
        reply = self.post(vip_subnet_id=subnet)
        self.assertIn(reply.status, (400, 409, 500))
        self.assertTrue(reply.fault)
        self.assertEqual(
            [item['id'] for item in self.rest.get('/loadbalancers')
             if item['provisioning_status'] == 'ACTIVE'], [lb['id']])
        self.call('DELETE', '/loadbalancers/' + lb['id'])
        self.wait_gone('/loadbalancers/' + lb['id'])
        self.assertEqual(self.make_lb('full')['vip_address'], '10.8.0.2')

    def test_all_different(self):
        """allocated addresses and ports are all different and unused"""
        lbs = [self.make_lb() for _ in range(20)]
        for key in ('vip_address', 'vip_port_id', 'id'):
            self.assertEqual(len({lb[key] for lb in lbs}), 20)
        self.assertFalse({lb['vip_address'] for lb in lbs} & {
            '10.1.0.0', '10.1.0.1', '10.1.0.50', '10.1.0.60', '10.1.0.61',
            '10.1.0.62', '10.1.0.63', '10.1.0.255'})

    def test_port_of_the_vip(self):
        """the VIP's port is visible among the ports"""
        lb = self.make_lb()

        def visible():
            reply = self.rest.request('GET',
                                      '/v2.0/ports/' + lb['vip_port_id'])
            return reply.status == 200 and reply.body['port']
        port = apitest.wait.until(visible, 'the port is visible', 5, 0.005)
        self.assertEqual(port['name'], 'ovn-lb-vip-' + lb['id'])
        self.assertEqual(port['network_id'], lb['vip_network_id'])
        self.assertEqual(port['fixed_ips'], [
            {'subnet_id': lb['vip_subnet_id'],
             'ip_address': lb['vip_address']}])

    def test_provider_and_friends(self):
        """unknown providers, flavors, zones and QoS policies are 400"""
        n1 = {'vip_subnet_id': self.stand.subnet['n1']}
        failed = 'Validation failure: '
        with self.nothing_changes():
            for given, text in (
                    ({'provider': 'zzz'}, "Provider 'zzz' is not enabled."),
                    ({'flavor_id': apitest.NO_ID},
                     failed + 'Invalid flavor_id.'),
                    ({'availability_zone': 'z'},
                     failed + 'Invalid availability zone.'),
                    ({'vip_qos_policy_id': apitest.NO_ID}, failed + 'VIP QoS '
                     'policy is not allowed in this deployment.')):
                with self.subTest(given):
                    self.assert_fault(self.post(**n1, **given), 400, text)

    def test_security_groups(self):
        """there are no security groups to be had"""
        lb = self.make_lb()
        given = {'vip_sg_ids': [apitest.NO_ID]}
        with self.nothing_changes():
            for reply in (
                    self.post(vip_subnet_id=self.stand.subnet['n1'], **given),
                    self.call('PUT', '/loadbalancers/' + lb['id'],
                              {'loadbalancer': given})):
                self.assertIn(reply.status, (400, 501))
                self.assertTrue(reply.body['faultstring'])

    def test_network_before_provider(self):
        """the VIP's faults come before the provider's"""
        self.assert_fault(self.post(provider='zzz',
                                    vip_subnet_id=apitest.NO_ID), 400,
                          f'Subnet {apitest.NO_ID} not found.')


if __name__ == '__main__':
    unittest.main()
