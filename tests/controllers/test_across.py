# SPDX-License-Identifier: Apache-2.0
"""Clients and members on different chassis."""

import sitetest

from lib import talk, wait

ALL = ('web1', 'web2', 'web3')


class Across(sitetest.SiteTest):

    def through_tunnels(self, address, protocol='tcp'):
        """All members answer clients of two chassis, and the packets went
        through tunnels."""
        for name in ('client1', 'client2'):
            home = self.home(name)
            before = home.n_tunnelled()
            seen = self.wait_served(self.world.hosts[name], address, *ALL,
                                    protocol=protocol)
            elsewhere = sum(count for server, count in seen.answers.items()
                            if self.home(server) is not home)
            self.assertGreater(elsewhere, 0, seen)
            self.assertGreaterEqual(home.n_tunnelled() - before, elsewhere)

    def test_tcp(self):
        """Members on other chassis answer TCP through the VIP"""
        lb = self.web_lb('tcp', servers=ALL)
        self.settle()
        self.through_tunnels(lb['vip_address'])

    def test_udp(self):
        """Members on other chassis answer UDP through the VIP"""
        lb = self.web_lb('udp', servers=ALL, protocol='UDP')
        self.settle()
        self.through_tunnels(lb['vip_address'], 'udp')

    def test_ipv6(self):
        """Members on other chassis answer TCP and UDP through an IPv6 VIP"""
        world, api = self.world, self.api

        def subnets():
            found = {item['cidr']: item['id'] for item in api.request(
                'GET', '/v2.0/subnets').body['subnets']}
            cidrs = [world.networks[n].cidr6 for n in (1, 2)]
            return all(cidr in found for cidr in cidrs) and found
        found = wait.until(subnets, 'the IPv6 subnets are known')
        lb = api.create_loadbalancer(
            name='six', vip_subnet_id=found[world.networks[1].cidr6])
        for protocol in ('TCP', 'UDP'):
            listener = api.create_listener(lb['id'], 80, protocol)
            pool = api.create_pool(lb['id'], protocol,
                                   listener_id=listener['id'])
            for server in ALL:
                host = world.hosts[server]
                api.create_member(lb['id'], pool['id'], host.address6, 8080,
                                  subnet_id=found[host.network.cidr6],
                                  name=server)
        self.settle()
        for protocol in ('tcp', 'udp'):
            self.through_tunnels(lb['vip_address'], protocol)

    def test_change(self):
        """A connection to another chassis lives through changes of the pool
        """
        lb = self.web_lb('lasting', servers=('web2',))
        self.settle()
        client = self.world.hosts['client1']
        connection = talk.with_server(client, lb['vip_address'], 80, 'web2')
        self.addCleanup(connection.close)
        pool, = lb['pools']
        web1 = self.world.hosts['web1']
        self.api.create_member(lb['id'], pool['id'], web1.address, 8080,
                               'n1', name='web1')
        self.settle()
        self.assertEqual(connection.ask(), 'web2')
        self.wait_served(client, lb['vip_address'], 'web1', 'web2')
