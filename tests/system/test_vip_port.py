# SPDX-License-Identifier: Apache-2.0
"""How OVN treats the port that holds a load balancer's address.

The driver keeps the address out of OVN's address management with a port of
type "virtual" that has a MAC and the address, and neither virtual-ip nor
virtual-parents.  These tests make the same rows by hand and need no daemon
of ours: if one fails after an upgrade of OVN, the driver's choice is wrong.
"""

from lib import harness, traffic

VIP = '10.1.0.100'
PORT = 'ovn-lb-vip-by-hand'
MAC = '02:00:00:00:00:99'
WEB = {'web1', 'web2'}


class VipPort(harness.SystemTest):
    with_daemons = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nbctl = cls.world.ovn.nbctl
        cls.nbctl('create', 'Load_Balancer', 'name=by-hand', 'protocol=tcp',
                  f'vips:"{VIP}:80"="10.1.0.11:8080,10.2.0.11:8080"',
                  'selection_fields=ip_dst,ip_src,tp_dst,tp_src')
        cls.nbctl('ls-lb-add', 'n1', 'by-hand', '--',
                  'ls-lb-add', 'n2', 'by-hand', '--',
                  'lr-lb-add', 'r1', 'by-hand')

    def setUp(self):
        super().setUp()
        self.addCleanup(self.nbctl, '--if-exists', 'lsp-del', PORT)

    def add_port(self, kind):
        self.nbctl('lsp-add', 'n1', PORT, '--', 'lsp-set-type', PORT, kind,
                   '--', 'lsp-set-addresses', PORT, f'{MAC} {VIP}')

    def send(self, client, count=60):
        """Traffic after forgetting the address's MAC; returns it and the
        MAC that answered."""
        self.world.ovn.sync()
        host = self.world.hosts[client]
        host.run('ip', 'neigh', 'flush', 'all')
        seen = traffic.send(host, VIP, 80, count, timeout=1)
        words = host.run('ip', 'neigh', 'show', VIP).split()
        return seen, dict(zip(words, words[1:])).get('lladdr')

    def assert_served(self, client, mac=None):
        seen, answered_by = self.send(client)
        self.assertEqual(set(seen.answers), WEB, seen)
        self.assertEqual(seen.failed, 0, seen)
        self.assertEqual(answered_by, mac)

    def test_without_port(self):
        """Without a port the router answers ARP for the address"""
        router = self.world.networks[1].mac(1)
        self.assert_served('client1', router)
        self.assert_served('client2')

    def test_virtual(self):
        """With a virtual port the router still answers ARP for it"""
        self.add_port('virtual')
        router = self.world.networks[1].mac(1)
        self.assert_served('client1', router)
        self.assert_served('client2')

    def test_plain_is_a_trap(self):
        """A plain port answers ARP itself, and its network's traffic dies"""
        self.add_port('')
        seen, mac = self.send('client1', 8)
        self.assertEqual(seen.answered, 0, seen)
        self.assertEqual(mac, MAC)
        self.assert_served('client2')

    def test_address_management(self):
        """A virtual port's address is not given to a dynamic port"""
        self.add_port('virtual')
        self.nbctl('set', 'Logical_Switch', 'n1', 'other_config:'
                   'exclude_ips="10.1.0.2..10.1.0.99 10.1.0.102..10.1.0.254"')
        names = ['dynamic1', 'dynamic2']
        for name in names:
            self.addCleanup(self.nbctl, 'lsp-del', name)
        self.addCleanup(self.nbctl, 'remove', 'Logical_Switch', 'n1',
                        'other_config', 'exclude_ips')
        self.assertEqual(self.give(names), ['10.1.0.101'])
        # The same without the port: what is tested is the port.
        self.nbctl('lsp-del', PORT)
        self.assertEqual(self.give(names), ['10.1.0.100', '10.1.0.101'])

    def give(self, names):
        """Asks for addresses anew; returns those that were given."""
        for name in names:
            self.nbctl('--if-exists', 'lsp-del', name)
        for name in names:
            self.nbctl('--wait=sb', 'lsp-add', 'n1', name, '--',
                       'lsp-set-addresses', name, 'dynamic')
        ports = self.nb().ports
        given = [ports[name]['dynamic_addresses'] for name in names]
        return sorted(text.split()[1] for text in given
                      if isinstance(text, str) and ' ' in text)
