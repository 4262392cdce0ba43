# SPDX-License-Identifier: Apache-2.0
"""The addresses of load balancers: never one that somebody has."""

from lib import burst, client, harness


class Addresses(harness.SystemTest):

    def refused(self, status, subnet='n1', **attributes):
        with self.assertRaises(client.ApiError) as caught:
            self.api.create_loadbalancer(subnet, **attributes)
        self.assertEqual(caught.exception.reply.status, status,
                         caught.exception)

    def test_given(self):
        """An address that is asked for is given, and only once"""
        lb = self.api.create_loadbalancer('n1', vip_address='10.1.0.77')
        self.assertEqual(lb['vip_address'], '10.1.0.77')
        self.refused(409, vip_address='10.1.0.77')
        self.api.delete_loadbalancer(lb['id'])
        lb = self.api.create_loadbalancer('n1', vip_address='10.1.0.77')
        self.assertEqual(lb['vip_address'], '10.1.0.77')

    def test_in_use(self):
        """The address of a host or of the router is refused"""
        self.refused(409, vip_address='10.1.0.11')
        self.refused(409, vip_address='10.1.0.1')

    def test_outside(self):
        """An address outside of the subnet is refused"""
        for address in ('10.2.0.77', '10.1.0.0', '10.1.0.255', '::1'):
            with self.subTest(address=address):
                self.refused(400, vip_address=address)

    def test_many(self):
        """Forty load balancers made at once have forty free addresses"""
        used = {host.address for host in self.world.hosts.values()}
        made = burst.Burst(self.world, 40).start()
        made.join()
        self.assertFalse(made.lost)
        given = {lb['vip_address'] for lb in made.check()}
        self.assertEqual(len(given), 40)
        self.assertFalse(given & (used | {'10.1.0.0', '10.1.0.1',
                                          '10.1.0.255'}))
        self.settle()

    def test_dynamic_neighbours(self):
        """OVN gives no dynamic port the address of a load balancer"""
        nbctl = self.world.ovn.nbctl
        nbctl('ls-add', 'n30', '--', 'set', 'Logical_Switch', 'n30',
              'other_config:subnet=10.30.0.0/28')
        self.addCleanup(nbctl, 'ls-del', 'n30')
        self.addCleanup(self.delete_all)
        vips = [self.api.create_loadbalancer('n30')['vip_address']
                for _ in range(3)]
        for number in range(10):
            nbctl('--wait=sb', 'lsp-add', 'n30', f'dynamic{number}', '--',
                  'lsp-set-addresses', f'dynamic{number}', 'dynamic')
        given = [port['dynamic_addresses'].split()[1]
                 for name, port in self.nb().ports.items()
                 if name.startswith('dynamic')]
        self.assertEqual(len(set(given) | set(vips)), 13, (given, vips))
        # Of the 14 addresses OVN keeps the first for a router, so that only
        # a load balancer can have it while there is none.
        for _ in range(2):
            try:
                last = self.api.create_loadbalancer('n30')
            except client.ApiError as error:
                self.assertIn(error.reply.status, (400, 409), error)
                return
            self.assertEqual(last['vip_address'], '10.30.0.1')
        self.fail('more addresses were given than there are')

    def test_refused_leaves_nothing(self):
        """A create that is refused leaves nothing behind, not for a moment"""
        nbctl = self.world.ovn.nbctl
        nbctl('ls-add', 'n31', '--', 'set', 'Logical_Switch', 'n31',
              'other_config:subnet=10.31.0.0/30')
        self.addCleanup(nbctl, 'ls-del', 'n31')
        for host in (1, 2):
            nbctl('--wait=sb', 'lsp-add', 'n31', f'n31-{host}', '--',
                  'lsp-set-addresses', f'n31-{host}',
                  f'02:00:0a:1f:00:0{host} 10.31.0.{host}')
        before = self.nb().traces()
        for _ in range(5):
            for subnet, address in (('n1', '10.1.0.11'), ('n1', '10.9.9.9'),
                                    ('n31', '10.31.0.1'), ('n31', None)):
                more = {'vip_address': address} if address else {}
                with self.assertRaises(client.ApiError) as caught:
                    self.api.create_loadbalancer(subnet, **more)
                self.assertIn(caught.exception.reply.status, (400, 409))
                self.assertEqual(self.api.get('/loadbalancers'), [])
        self.world.driver.wait_in_sync()
        self.assertEqual(self.nb().traces(), before)
