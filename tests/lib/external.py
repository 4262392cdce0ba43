# SPDX-License-Identifier: Apache-2.0
"""The world outside: a provider network behind the router r1, and a host on
it that OVN knows nothing about.

The provider network is a bridge of its own beside the integration bridge.
"""

from . import hosts, topology


def has_central_replies(ovn):
    """Whether OVN sends what a member answers to the outside through the
    gateway, whatever floating IP the member has: since 23.09."""
    version = ovn.nbctl('get', 'NB_Global', '.',
                        'options:northd_internal_version')
    year, month = version.strip().strip('"').split('.')[:2]
    return (int(year), int(month)) >= (23, 9)


class External:
    """The switch "public" (10.99.0.0/24) with a localnet port, r1's gateway
    to it (10.99.0.1), and the host "outside" (10.99.0.21)."""

    gateway = 'r1-public'

    def __init__(self, world):
        self.world = world
        self.network = topology.Network(99, 'public')
        self.host = hosts.Host(world.ovn, world.prefix, 'outside',
                               self.network, 21, bridge='br-ex')

    def create(self):
        world, network = self.world, self.network
        ovn = world.ovn
        ovn.vsctl('--no-wait', 'add-br', 'br-ex', '--', 'set', 'Bridge',
                  'br-ex', 'datapath_type=netdev', '--', 'set',
                  'Open_vSwitch', '.',
                  'external_ids:ovn-bridge-mappings=physnet:br-ex')
        world.topology.add_network(network)
        ovn.nbctl('lsp-add', network.name, 'provnet', '--',
                  'lsp-set-type', 'provnet', 'localnet', '--',
                  'lsp-set-addresses', 'provnet', 'unknown', '--',
                  'lsp-set-options', 'provnet', 'network_name=physnet')
        world.topology.attach('r1', network)
        world.topology.announce_floating_ips('r1', network)
        ovn.nbctl('lrp-set-gateway-chassis', self.gateway, 'sandbox')
        self.host.create(world.topology)
        ovn.sync()
        return self

    def learn_moves(self):
        """Has the host outside ask where floating IPs are, as it would in
        time: OVN (23.03, 25.03) does not say that one has another MAC."""
        self.host.run('ip', 'neigh', 'flush', 'dev', 'eth0')

    def add_floating_ip(self, floating_ip, address, *distributed):
        """A NAT row; 'distributed' may be a logical port and a MAC."""
        self.world.ovn.nbctl('lr-nat-add', 'r1', 'dnat_and_snat',
                             floating_ip, address, *distributed)

    def remove_floating_ip(self, floating_ip):
        self.world.ovn.nbctl('--if-exists', 'lr-nat-del', 'r1',
                             'dnat_and_snat', floating_ip)
