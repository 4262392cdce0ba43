#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Networks, subnets and ports, which the stock client asks for on the same
endpoint when there is no Neutron.  They are what the NB says."""

import unittest
import uuid

import apitest

from lib import wait


class Networks(apitest.ApiTest):

    def ask(self, what):
        reply = self.rest.request('GET', '/v2.0/' + what)
        self.assert_status(reply, 200)
        return reply.body

    def ids(self, what):
        body, = self.ask(what).values()
        return sorted(item['id'] for item in body)

    def test_networks(self):
        """every switch is a network, with the switch's name and id"""
        with self.stand.nb.client() as nb:
            switches = nb.select('Logical_Switch')
        networks = self.ask('networks')['networks']
        self.assertEqual(
            sorted((item['name'], item['id']) for item in networks),
            sorted((row['name'], row['_uuid']) for row in switches))
        subnets = self.ask('subnets')['subnets']
        for network in networks:
            self.assertEqual(
                sorted(network['subnets']),
                sorted(item['id'] for item in subnets
                       if item['network_id'] == network['id']))

    def test_subnets(self):
        """every prefix of a switch is a subnet"""
        names = {key: name for name, key in self.stand.network.items()}
        self.assertEqual(
            sorted((names[item['network_id']], item['cidr'],
                    item['ip_version'], item['gateway_ip'])
                   for item in self.ask('subnets')['subnets']),
            [('dual', '10.4.0.0/24', 4, None), ('dual', 'fd00:4::/64', 6,
                                                None),
             ('full', '10.8.0.0/30', 4, None),
             ('n1', '10.1.0.0/24', 4, '10.1.0.1'),
             ('n2', '10.2.0.0/24', 4, '10.2.0.1'),
             ('n6', 'fd00:6::/64', 6, None)])

    def test_ports(self):
        """ports have their addresses, and the subnets of these"""
        port = self.ask('ports/' + self.stand.port['both'])['port']
        self.assertEqual(port['network_id'], self.stand.network['dual'])
        self.assertEqual(
            sorted((ip['ip_address'], ip['subnet_id'])
                   for ip in port['fixed_ips']),
            [('10.4.0.60', self.stand.subnet['dual']),
             ('fd00:4::60', self.stand.subnet6['dual'])])
        port = self.ask('ports/' + self.stand.port['taken'])['port']
        self.assertEqual(port['device_id'], 'vm-1')

    def widen(self, switch, cidr, before):
        """Changes a switch's IPv4 prefix, for as long as the test lasts."""
        def set_to(value):
            self.stand.nbctl('set', 'Logical_Switch', switch,
                             f'other_config:subnet={value}')
            wait.until(lambda: value in self.cidrs(),
                       f'the API knows the subnet {value}')
        self.addCleanup(set_to, before)
        set_to(cidr)

    def cidrs(self):
        return {item['cidr']: item['id']
                for item in self.ask('subnets')['subnets']}

    def test_widened_subnet(self):
        """a subnet that is widened or narrowed keeps its id, and members in
        it are taken as before"""
        subnet_id = self.stand.subnet['dual']
        lb = self.make_lb('dual')
        pool = self.make_pool(lb)
        for number, cidr in enumerate(('10.4.0.0/23', '10.4.0.0/25')):
            with self.subTest(cidr):
                self.widen('dual', cidr, '10.4.0.0/24')
                self.assertEqual(self.cidrs()[cidr], subnet_id)
                self.make_member(lb, pool, '10.4.0.5', 80 + number)
                self.make_member(lb, pool, '10.4.0.6', 80 + number,
                                 subnet_id=subnet_id)
        self.assertEqual(self.rest.get('/loadbalancers/' + lb['id'])[
            'vip_subnet_id'], subnet_id)

    def test_earlier_ids(self):
        """ids that a subnet had before are understood wherever one is named
        """
        switch = uuid.UUID(self.stand.network['full'])
        earlier = str(uuid.uuid5(switch, '10.8.0.0/30'))
        now = self.stand.subnet['full']
        self.assertNotEqual(earlier, now)
        self.assertEqual(self.ids('subnets?id=' + earlier), [now])
        self.assertEqual(self.ask('subnets/' + earlier)['subnet']['id'], now)
        for more in ({}, {'vip_network_id': self.stand.network['full']}):
            reply = self.call('POST', '/loadbalancers', {'loadbalancer': {
                'vip_subnet_id': earlier, **more}})
            self.assert_status(reply, 201)
            lb = reply.body['loadbalancer']
            self.assertEqual(lb['vip_subnet_id'], earlier)
            self.active(lb['id'])
            self.call('DELETE', '/loadbalancers/' + lb['id'])
            self.wait_gone('/loadbalancers/' + lb['id'])

    def test_filters(self):
        """lists can be filtered by name, id and network"""
        net, sub, port = (self.stand.network, self.stand.subnet,
                          self.stand.port)
        for query, expected in (
                ('networks?name=n1', [net['n1']]),
                ('networks?id=' + net['n2'], [net['n2']]),
                ('networks?id=x', []), ('networks?name=', []),
                ('networks?name=n1&name=n2', sorted([net['n1'], net['n2']])),
                ('networks?name=n1&id=' + net['n2'], []),
                ('subnets?network_id=' + net['n1'], [sub['n1']]),
                ('subnets?name=n2', [sub['n2']]),
                ('subnets?cidr=10.1.0.0/24', [sub['n1']]),
                ('ports?name=free', [port['free']]),
                ('ports?network_id=' + net['full'], [port['full1']])):
            with self.subTest(query):
                self.assertEqual(self.ids(query), expected)

    def test_show(self):
        """each can be shown under both versions and with .json"""
        for kind, key in (('network', self.stand.network['n1']),
                          ('subnet', self.stand.subnet['n1']),
                          ('port', self.stand.port['free'])):
            for path in (f'/v2.0/{kind}s/{key}', f'/v2/{kind}s/{key}',
                         f'/v2.0/{kind}s/{key}.json'):
                reply = self.rest.request('GET', path)
                self.assert_status(reply, 200)
                self.assertEqual(reply.body[kind]['id'], key)

    def test_missing(self):
        """what is not there is 404 in Neutron's shape"""
        for kind in ('network', 'subnet', 'port'):
            for key in (apitest.NO_ID, 'x', '%01', 'a' * 300):
                with self.subTest(kind, key=key[:40]):
                    reply = self.rest.request('GET', f'/v2.0/{kind}s/{key}')
                    self.assert_status(reply, 404)
                    self.assertIn('NeutronError', reply.body)

    def test_changes(self):
        """a network that is made by hand is there at once, then gone"""
        self.stand.nbctl('ls-add', 'new', '--', 'set', 'Logical_Switch',
                         'new', 'other_config:subnet=10.77.0.0/24')
        wait.until(lambda: self.ask('subnets?name=new')['subnets'],
                   'the new network has its subnet', 5, 0.01)
        lb_subnet = self.ids('subnets?name=new')[0]
        self.assertTrue(self.make_lb(None, vip_subnet_id=lb_subnet))
        self._delete_all()
        self.stand.nbctl('ls-del', 'new')
        wait.until(lambda: not self.ask('networks?name=new')['networks'],
                   'the network is gone', 5, 0.01)


if __name__ == '__main__':
    unittest.main()
