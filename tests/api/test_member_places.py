#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Where members are: in which subnet if the user names none, and at which
addresses none can be."""

import contextlib
import unittest

import apitest
from lib import wait

NO_SUBNET = ("Provider 'ovn' does not support a requested option: Subnet is "
             'required, or Loadbalancer associated with Pool must have a '
             'subnet, for Member {} with OVN Provider Driver if it is not '
             'the same as LB VIP subnet')
NO_BACKEND = ("Validation failure: The address {} cannot be a member's: it "
              'is {}.')


class Places(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.lb = self.make_lb()
        self.pool = self.make_pool(self.lb)
        self.path = f'/pools/{self.pool["id"]}/members'

    def post(self, address, **attributes):
        return self.call('POST', self.path, {'member': {
            'address': address, 'protocol_port': 80, **attributes}})

    def put(self, *addresses):
        return self.call('PUT', self.path, {'members': [
            {'address': address, 'protocol_port': 80}
            for address in addresses]})

    @contextlib.contextmanager
    def networks(self, *networks):
        """Makes (router, switch, cidr) for a while."""
        made = []
        try:
            for router, switch, cidr in networks:
                port = f'{router}-{switch}'
                made.append((switch, port))
                self.stand.nbctl(
                    'ls-add', switch, '--', 'set', 'Logical_Switch', switch,
                    f'other_config:subnet={cidr}',
                    '--', 'lrp-add', router, port, '02:00:0b:00:00:01',
                    cidr.replace('.0/', '.1/'),
                    '--', 'lsp-add', switch, f's-{port}',
                    '--', 'lsp-set-type', f's-{port}', 'router',
                    '--', 'lsp-set-addresses', f's-{port}', 'router',
                    '--', 'lsp-set-options', f's-{port}',
                    f'router-port={port}')
            names = {switch for switch, _ in made}
            wait.until(lambda: names <= {
                item['name'] for item in self.rest.request(
                    'GET', '/v2.0/networks').body['networks']},
                       'the API knows the networks', 10, 0.01)
            yield
        finally:
            for switch, port in made:
                self.stand.nbctl('ls-del', switch, '--', 'lrp-del', port)

    def text_of(self, address):
        """What OVN's row says of the member: its subnet is the end."""
        row = self.stand.nbctl('--columns=external_ids', 'list',
                               'Load_Balancer')
        return row.split(f'_{address}:80_')[1][:36]

    def test_behind_router(self):
        """a member that names no subnet is in the one behind the VIP's
        router that has its address, and shows none"""
        reply = self.post('10.2.0.9')
        self.assert_status(reply, 201)
        self.assertIsNone(reply.body['member']['subnet_id'])
        self.active(self.lb['id'])
        self.assertEqual(self.text_of('10.2.0.9'), self.stand.subnet['n2'])
        self.assert_status(self.put('10.2.0.9', '10.1.0.9', '10.2.0.10'), 202)
        self.active(self.lb['id'])
        for address, network in (('10.1.0.9', 'n1'), ('10.2.0.10', 'n2')):
            self.assertEqual(self.text_of(address),
                             self.stand.subnet[network])
        self.assertEqual({member['subnet_id']
                          for member in self.rest.get(self.path)}, {None})

    def test_other_vips(self):
        """the subnets of all VIPs count"""
        lb = self.make_lb(None, vip_subnet_id=self.stand.subnet6['dual'],
                          additional_vips=[
                              {'subnet_id': self.stand.subnet['dual']}])
        pool = self.make_pool(lb)
        for address in ('fd00:4::9', '10.4.0.9'):
            with self.subTest(address):
                self.make_member(lb, pool, address, 80)
                self.assertEqual(self.text_of(address), (
                    self.stand.subnet6 if ':' in address
                    else self.stand.subnet)['dual'])

    def test_nowhere(self):
        """a member is refused if no subnet that is reached has its
        address"""
        with self.nothing_changes():
            for address in ('10.4.0.9', '10.8.0.1', '192.0.2.1'):
                with self.subTest(address):
                    self.assert_fault(self.post(address), 501,
                                      NO_SUBNET.format('creation'))
                    self.assert_fault(self.put('10.1.0.9', address), 501,
                                      NO_SUBNET.format('batch update'))
        self.assert_status(self.post('192.0.2.1', subnet_id=self.stand.subnet[
            'n2']), 201)

    def test_several(self):
        """a member is refused if several subnets have its address, and not
        if a router is between them and the VIP"""
        self.stand.nbctl('lr-add', 'r2', '--', 'lr-add', 'r3',
                         '--', 'lrp-add', 'r2', 'r2-n1',
                         '02:00:0b:00:01:01', '10.1.0.2/24',
                         '--', 'lsp-add', 'n1', 'n1-r2',
                         '--', 'lsp-set-type', 'n1-r2', 'router',
                         '--', 'lsp-set-addresses', 'n1-r2', 'router',
                         '--', 'lsp-set-options', 'n1-r2',
                         'router-port=r2-n1')
        try:
            with self.networks(('r1', 'o1', '10.9.0.0/24'),
                               ('r2', 'o2', '10.9.0.0/24')):
                reply = self.post('10.9.0.9')
                self.assert_fault(reply, 501, NO_SUBNET.format('creation'))
            with self.networks(('r1', 'o3', '10.9.0.0/24'),
                               ('r3', 'o4', '10.9.0.0/24')):
                self.assert_status(self.post('10.9.0.9'), 201)
                self.active(self.lb['id'])
                self.assert_status(self.put(), 202)
                self.active(self.lb['id'])
        finally:
            self.stand.nbctl('lsp-del', 'n1-r2', '--', 'lr-del', 'r2',
                             '--', 'lr-del', 'r3')

    def subnet_of(self, cidr):
        found, = [item['id'] for item in self.rest.request(
            'GET', '/v2.0/subnets').body['subnets'] if item['cidr'] == cidr]
        return found

    def test_new_network(self):
        """a member follows its subnet if the network is made anew"""
        with self.networks(('r1', 'o5', '10.9.0.0/24')):
            self.assert_status(self.post('10.9.0.9'), 201)
            self.active(self.lb['id'])
            old = self.subnet_of('10.9.0.0/24')
            # The API knew the network; the driver hears of it by itself.
            wait.until(lambda: self.text_of('10.9.0.9') == old,
                       'it is in the network', 10, 0.01)
        wait.until(lambda: self.text_of('10.9.0.9')
                   == self.stand.subnet['n1'], "it is the VIP's", 10, 0.01)
        with self.networks(('r1', 'o6', '10.9.0.0/24')):
            new = self.subnet_of('10.9.0.0/24')
            self.assertNotEqual(new, old)
            wait.until(lambda: self.text_of('10.9.0.9') == new,
                       'it is in the new network', 10, 0.01)

    def test_no_backends(self):
        """an address at which no backend can be is refused by its kind"""
        vip = self.lb['vip_address']
        more = {'subnet_id': self.stand.subnet['n2']}
        with self.nothing_changes():
            for address, kind in (
                    ('0.0.0.0', 'the unspecified address'),
                    ('127.0.0.1', 'a loopback address'),
                    ('127.255.255.254', 'a loopback address'),
                    ('224.0.0.1', 'a multicast address'),
                    ('239.255.255.255', 'a multicast address'),
                    ('255.255.255.255', 'the broadcast address'),
                    (vip, 'a VIP of the load balancer itself'),
                    ('::', 'the unspecified address'),
                    ('::1', 'a loopback address'),
                    ('0:0::0:1', 'a loopback address'),
                    ('ff02::1', 'a multicast address')):
                text = NO_BACKEND.format(address, kind)
                with self.subTest(address):
                    self.assert_fault(self.post(address), 400, text)
                    self.assert_fault(self.post(address, **more), 400, text)
                    self.assert_fault(self.put('10.1.0.9', address), 400,
                                      text)

    def test_broadcast(self):
        """the broadcast address of a member's subnet is refused, named or
        found"""
        n2 = {'subnet_id': self.stand.subnet['n2']}
        kind = 'the broadcast address of its subnet'
        with self.nothing_changes():
            for address, more in (('10.1.0.255', {}), ('10.2.0.255', {}),
                                  ('10.2.0.255', n2)):
                text = NO_BACKEND.format(address, kind)
                self.assert_fault(self.post(address, **more), 400, text)
                self.assert_fault(self.call('PUT', self.path, {'members': [
                    {'address': address, 'protocol_port': 80, **more}]}), 400,
                                  text)
        self.assert_status(self.post('10.1.0.255', **n2), 201)

    def test_mapped(self):
        """an IPv4 address that is written as an IPv6 one is no address"""
        address = '::ffff:10.1.0.9'
        text = ("Invalid input for field/attribute address. Value: "
                f"'{address}'. Value should be IPv4 or IPv6 format")
        with self.nothing_changes():
            self.assert_fault(self.post(address), 400, text)
            self.assert_fault(self.put('10.1.0.9', address), 400, text)

    def test_other_vip(self):
        """a member may have the address of another load balancer's VIP"""
        other = self.make_lb()
        self.assert_status(self.post(other['vip_address']), 201)


if __name__ == '__main__':
    unittest.main()
