#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Additional VIPs: what may be given, and what the driver decides about them.
The network "dual" has a subnet of each version."""

import unittest

import apitest

FAILS = 'Validation failure: '
DUPLICATE = (FAILS + 'Duplicate VIP subnet(s) specified. Only one IP can be '
             'bound per subnet.')
MIXED = ("Provider 'ovn' does not support a requested option: OVN provider "
         'does not support mixing IPv4/IPv6 configuration within the same '
         'Load Balancer.')


class AdditionalVips(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.v4 = self.stand.subnet['dual']
        self.v6 = self.stand.subnet6['dual']

    def post(self, *vips, subnet=None, **attributes):
        return self.call('POST', '/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': subnet or self.v4, 'additional_vips': list(vips),
            **attributes}})

    def make(self, *vips, **attributes):
        reply = self.post(*vips, **attributes)
        self.assert_status(reply, 201)
        return self.active(reply.body['loadbalancer']['id'])

    def test_chosen_by_the_driver(self):
        """the answer to a POST has an address and a port for each VIP"""
        reply = self.post({'subnet_id': self.v6})
        self.assert_status(reply, 201)
        lb = reply.body['loadbalancer']
        vip, = lb['additional_vips']
        self.assertEqual(set(vip), {'subnet_id', 'ip_address', 'port_id'})
        self.assertEqual(vip['subnet_id'], self.v6)
        self.assertTrue(vip['ip_address'].startswith('fd00:4::'), vip)
        self.assertRegex(lb['vip_address'], r'^10\.4\.0\.')
        self.assertEqual(len({vip['port_id'], lb['vip_port_id'], None}), 3)
        self.assertEqual(self.active(lb['id'])['additional_vips'], [vip])
        self.assertIn([vip], [item['additional_vips'] for item
                              in self.rest.get('/loadbalancers')])

    def test_chosen_by_the_user(self):
        """an address that is free is given, whatever its spelling"""
        for address in ('fd00:4::77', 'FD00:4:0::78'):
            with self.subTest(address):
                lb = self.make({'subnet_id': self.v6, 'ip_address': address})
                self.assertEqual(lb['additional_vips'][0]['ip_address'],
                                 address.lower().replace(':0::', '::'))

    def test_ipv6_first(self):
        """the first VIP may be the IPv6 one"""
        lb = self.make({'subnet_id': self.v4}, subnet=self.v6)
        self.assertIn(':', lb['vip_address'])
        self.assertRegex(lb['additional_vips'][0]['ip_address'],
                         r'^10\.4\.0\.')

    def test_beside_a_given_port(self):
        """a user's own port for the first VIP does not do for the others"""
        reply = self.call('POST', '/loadbalancers', {'loadbalancer': {
            'vip_port_id': self.stand.port['both'], 'vip_address':
            '10.4.0.60', 'additional_vips': [{'subnet_id': self.v6}]}})
        self.assert_status(reply, 201)
        lb = reply.body['loadbalancer']
        vip, = lb['additional_vips']
        self.assertEqual(lb['vip_port_id'], self.stand.port['both'])
        self.assertNotEqual(vip['port_id'], self.stand.port['both'])
        self.assertNotEqual(vip['ip_address'], 'fd00:4::60')

    def test_each_its_own(self):
        """load balancers made at once get VIPs of their own"""
        made = [self.make({'subnet_id': self.v6}) for _ in range(4)]
        addresses = {lb['additional_vips'][0]['ip_address'] for lb in made}
        ports = {lb['additional_vips'][0]['port_id'] for lb in made}
        self.assertEqual((len(addresses), len(ports)), (4, 4))

    def test_taken(self):
        """an address that any VIP has is taken for every VIP"""
        self.make({'subnet_id': self.v6, 'ip_address': 'fd00:4::77'},
                  vip_address='10.4.0.77')

        def taken(address, subnet):
            return ('The VIP IP address is already in use: IP address '
                    f'{address} is already allocated in subnet {subnet}')
        with self.nothing_changes():
            self.assert_fault(
                self.post({'subnet_id': self.v6, 'ip_address': 'fd00:4::77'}),
                409, taken('fd00:4::77', self.v6))
            self.assert_fault(
                self.post(subnet=self.v6, vip_address='fd00:4::77'), 409,
                taken('fd00:4::77', self.v6))
            self.assert_fault(
                self.post({'subnet_id': self.v4, 'ip_address': '10.4.0.77'},
                          subnet=self.v6), 409, taken('10.4.0.77', self.v4))
            self.assert_fault(
                self.post({'subnet_id': self.v6, 'ip_address': 'fd00:4::60'}),
                409, taken('fd00:4::60', self.v6))

    def test_refused(self):
        """what cannot be is refused with Octavia's reasons"""
        n2, none = self.stand.subnet['n2'], apitest.NO_ID
        with self.nothing_changes():
            for vips, status, text in (
                    ([{'subnet_id': self.v4}], 400, DUPLICATE),
                    ([{'subnet_id': self.v6}, {'subnet_id': self.v6}], 400,
                     DUPLICATE),
                    ([{'subnet_id': none}, {'subnet_id': none}], 400,
                     DUPLICATE),
                    ([{'subnet_id': n2}], 400, FAILS + 'All VIP subnets must '
                     'belong to the same network.'),
                    ([{'subnet_id': none}], 400,
                     FAILS + f'Subnet {none} not found'),
                    ([{'subnet_id': self.v6, 'ip_address': 'fd00:6::1'}],
                     400, 'IP address fd00:6::1 is not a valid IP for the '
                     'specified subnet.'),
                    ([{'subnet_id': self.v6, 'ip_address': 'x'}], 400,
                     "Invalid input for field/attribute ip_address. Value: "
                     "'x'. Value should be IPv4 or IPv6 format"),
                    ([{'ip_address': 'fd00:4::9'}], 400,
                     'Invalid input for field/attribute subnet_id. Value: '
                     "'None'. Mandatory field missing."),
                    ([{'subnet_id': self.v6, 'port_id': none}], 501,
                     "Provider 'ovn' does not support a requested option: "
                     'OVN provider does not support a port_id in '
                     'additional_vips: it makes the ports itself')):
                with self.subTest(vips):
                    self.assert_fault(self.post(*vips), status, text)

    def test_not_in_put(self):
        """an update cannot change them"""
        lb = self.make({'subnet_id': self.v6})
        reply = self.call('PUT', '/loadbalancers/' + lb['id'],
                          {'loadbalancer': {'additional_vips': []}})
        self.assert_fault(reply, 400, 'Unknown attribute for argument '
                          'load_balancer.loadbalancer: additional_vips')

    def test_update_of_others(self):
        """an update of anything else leaves them"""
        lb = self.make({'subnet_id': self.v6})
        shown = self.rest.put('/loadbalancers/' + lb['id'],
                              {'loadbalancer': {'name': 'n'}})
        self.assertEqual(shown['additional_vips'], lb['additional_vips'])

    def test_members(self):
        """members of either version are welcome, if there is a VIP of both"""
        lb = self.make({'subnet_id': self.v6})
        pool = self.make_pool(lb)
        self.make_member(lb, pool, '10.4.0.50')
        self.make_member(lb, pool, 'fd00:4::50', subnet_id=self.v6)
        single = self.make_lb('dual')
        pool = self.make_pool(single)
        self.assert_fault(self.call(
            'POST', f'/pools/{pool["id"]}/members', {'member': {
                'address': 'fd00:4::50', 'protocol_port': 80,
                'subnet_id': self.v6}}), 501, MIXED)

    def test_deleted(self):
        """the rows go with the load balancer, and the address is free again
        """
        for _ in range(2):
            lb = self.make({'subnet_id': self.v6, 'ip_address': 'fd00:4::77'})
            self.assert_status(
                self.call('DELETE', '/loadbalancers/' + lb['id']), 204)
            self.wait_gone('/loadbalancers/' + lb['id'])
        with self.stand.octavia.client() as db:
            self.assertEqual(db.select('Additional_VIP', []), [])

    def test_refused_by_the_driver(self):
        """a load balancer with a VIP that the driver refuses leaves nothing
        """
        # As a second API process writes it that has not heard of the first.
        first = self.make({'subnet_id': self.v6, 'ip_address': 'fd00:4::77'})
        vip, = first['additional_vips']
        with self.stand.octavia.client() as db:
            db.transact(
                {'op': 'insert', 'table': 'Load_Balancer', 'uuid':
                 apitest.NO_ID, 'row': {
                     'name': 'late', 'provisioning_status': 'PENDING_CREATE',
                     'operating_status': 'OFFLINE', 'provider': 'ovn',
                     'vip_vnic_type': 'normal', 'created_at': 10 ** 15,
                     'last_request': ['uuid', apitest.NO_ID],
                     'admin_state_up': True,
                     'additional_vips': ['named-uuid', 'vip'],
                     'vip_network_id': ['uuid', first['vip_network_id']],
                     'vip_subnet_id': ['uuid', self.v4]}},
                {'op': 'insert', 'table': 'Additional_VIP',
                 'uuid-name': 'vip', 'row': {
                     'position': 1, 'subnet_id': ['uuid', self.v6],
                     'load_balancer': ['uuid', apitest.NO_ID],
                     'ip_address': vip['ip_address']}})

        def judged():
            late = self.rest.get('/loadbalancers/' + apitest.NO_ID)
            return late['provisioning_status'] == 'ERROR' and late
        late = apitest.wait.until(judged, 'it is judged', 5, 0.002)
        self.assertIsNone(late['vip_address'])
        self.assertIsNone(late['vip_port_id'])
        self.assertIsNone(late['additional_vips'][0]['port_id'])


if __name__ == '__main__':
    unittest.main()
