# SPDX-License-Identifier: Apache-2.0
"""allowed_cidrs, and ways through other routers, other load balancers and the
router's own addresses."""

import itertools
import threading

import allowed
from allowed import CLIENT1, OUTSIDE, VIP_FIP
from lib import frames, traffic

GAP_PACKETS, GAP_PAUSE = 2000, 0.002
GAP_SECONDS_MAX = 1
OTHER_FIP = '10.99.0.51'


class Routers(allowed.Allowed):

    def add_router(self, network, address, mac):
        """The router r2, between n3 and a network of r1's."""
        topology, n3 = self.world.topology, self.world.networks[3]
        topology.add_router('r2')
        topology.attach('r2', n3)
        port, inner = f'r2-{network}', f'{network}-r2'
        self.nbctl('lrp-add', 'r2', port, mac, f'{address}/24', '--',
                   'lsp-add', network, inner, '--',
                   'lsp-set-type', inner, 'router', '--',
                   'lsp-set-addresses', inner, 'router', '--',
                   'lsp-set-options', inner, f'router-port={port}')
        self.addCleanup(self.nbctl, 'lr-del', 'r2', '--', 'lsp-del', inner,
                        '--', 'lsp-del', 'n3-r2')

    def test_snat(self):
        """Behind another router that translates its clients, they have that
        router's address"""
        self.add_router('public', '10.99.0.2', '02:00:0a:63:00:02')
        self.nbctl('lrp-set-gateway-chassis', 'r2-public', 'sandbox', '--',
                   'lr-nat-add', 'r2', 'snat', '10.99.0.2', '10.3.0.0/24')
        self.make('10.99.0.2/32')
        self.external.add_floating_ip(VIP_FIP, self.vip)
        self.settle()
        self.served('client3', among=('client3', 'outside'), address=VIP_FIP)
        self.allow('10.3.0.0/24')
        self.served(among=('client3', 'outside'), address=VIP_FIP)

    def test_second_router(self):
        """A client behind another router on the VIP's network has its own
        address"""
        self.add_router('n1', '10.1.0.2', '02:00:0a:01:00:02')
        route = 'r1', '10.3.0.0/24'
        self.nbctl('lr-route-add', *route, '10.1.0.2')
        self.addCleanup(self.nbctl, 'lr-route-del', *route)
        self.make('10.3.0.0/24')
        self.served('client3', among=('client1', 'client2', 'client3'))
        self.allow('10.1.0.0/24')
        self.served('client1', among=('client1', 'client2', 'client3'))
        self.assertEqual(self.acls().group_ports(), [
            'n1-r1', 'n1-r2', 'n2-r1', 'n3-r2', 'public-r1'])

    def test_gateway_address(self):
        """The router's own address as the floating IP is guarded, too; and no
        VIP can have that of its port"""
        gateway = self.external.network.gateway
        self.make(OUTSIDE)
        self.external.add_floating_ip(gateway, self.vip)
        self.addCleanup(self.external.remove_floating_ip, gateway)
        self.settle()
        self.served('outside', address=gateway,
                    among=('client1', 'client2', 'outside'))
        self.allow('10.1.0.0/24')
        self.served('client1', address=gateway,
                    among=('client1', 'client2', 'outside'))
        answer = self.api.request('POST', '/v2.0/lbaas/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': self.api.subnet_id('n1'),
            'vip_address': '10.1.0.1'}})
        self.assertEqual(answer.status, 409, answer.body)

    ports = itertools.count(10000)

    def attached(self):
        """For how many seconds datagrams come to web1 from a network that is
        attached meanwhile."""
        topology, n3 = self.world.topology, self.world.networks[3]
        host, web = self.hosts['client3'], self.hosts['web1']
        # From a port of its own each: a connection would live on.
        packets = [frames.ipv4(host.address, self.vip, frames.UDP, frames.udp(
            host.address, self.vip, 80, b'<gap>', port))
            for port in itertools.islice(self.ports, GAP_PACKETS)]
        with frames.Listener(web) as listener:
            sender = threading.Thread(target=frames.send, args=(
                host, packets, None, GAP_PAUSE))
            sender.start()
            topology.attach('r1', n3)
            sender.join()
        self.settle()
        topology.detach('r1', n3)
        self.settle()
        return listener.count('web1', b'<gap>') * GAP_PAUSE

    def test_gap(self):
        """Datagrams from a network that is attached get in for less than a
        second"""
        self.addCleanup(self.nbctl, '--if-exists', 'lrp-del', 'r1-n3', '--',
                        '--if-exists', 'lsp-del', 'n3-r1')
        self.make(protocol='UDP')
        self.assertGreater(self.attached(), GAP_SECONDS_MAX)
        self.allow(CLIENT1)
        self.assertLess(self.attached(), GAP_SECONDS_MAX)

    def through(self, *addresses):
        """How many datagrams come to web1 of two that each of three clients
        sends to each address."""
        web = self.hosts['web1']
        with frames.Listener(web) as listener:
            for name, address in itertools.product(
                    ('client1', 'client2', 'outside'), addresses):
                host = self.hosts[name]
                port = traffic.own_ports(1)
                frames.send(host, 2 * [frames.ipv4(
                    host.address, address, frames.UDP, frames.udp(
                        host.address, address, 80, b'<through>', port))])
        return listener.count('web1', b'<through>')

    def test_through_another(self):
        """Another load balancer, of which the VIP is a member, lets nobody in
        who is refused: nor does its floating IP"""
        self.make(OUTSIDE, protocol='UDP')
        other = self.api.create_loadbalancer('n1', name='other')
        listener = self.api.create_listener(other['id'], 80, 'UDP')
        pool = self.api.create_pool(other['id'], 'UDP',
                                    listener_id=listener['id'])
        self.api.create_member(other['id'], pool['id'], self.vip, 80, 'n1')
        other = self.api.wait_active(other['id'])
        self.external.add_floating_ip(OTHER_FIP, other['vip_address'])
        self.addCleanup(self.external.remove_floating_ip, OTHER_FIP)
        self.external.add_floating_ip(VIP_FIP, self.vip)
        self.settle()
        ways = other['vip_address'], OTHER_FIP
        self.assertEqual(self.through(*ways), 0)
        self.assertEqual(self.through(self.vip, VIP_FIP), 4)
        self.allow('10.77.0.0/16')
        self.assertEqual(self.through(*ways, self.vip, VIP_FIP), 0)
        # With nobody kept out, the datagrams get there: it is the ACL.
        self.allow()
        self.assertGreater(self.through(*ways), 0)
