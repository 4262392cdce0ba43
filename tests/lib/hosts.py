# SPDX-License-Identifier: Apache-2.0
"""Hosts: network namespaces that are plugged into a logical switch.

A veth pair joins each to the integration bridge.  Checksum and segmentation
offload is switched off at both ends: the userspace datapath does not fill
in checksums that a sender left to its hardware, and TCP would fail without
a word.
"""

from . import netns

OFFLOADS = ('tx', 'rx', 'tso', 'gso', 'gro')


class Host:
    """A host with one interface, eth0.

    ovn        the Ovn or Chassis it is plugged into
    prefix     of the names of network namespaces
    name       at most 11 characters; its logical port's name, unless the
               topology has other names
    network    topology.Network
    number     the last part of its address
    bridge     another bridge than the integration bridge: then OVN has no
               port for it
    """

    def __init__(self, ovn, prefix, name, network, number, bridge=None):
        self.ovn = ovn
        self.topology = None
        self.name = name
        self.network = network
        self.number = number
        self.address = network.address(number)
        self.bridge = bridge
        self.outer = f'{name}-tap'
        assert len(self.outer) <= 15, name
        self.namespace = netns.Namespace(prefix, name)

    def create(self, topology):
        """Makes the logical port, the namespace and what joins them."""
        self.topology = topology
        port = None if self.bridge else topology.add_port(
            self.network, self.name, self.number)
        self.namespace.create()
        inner, switch = self.namespace.name, self.ovn.namespace
        off = ' '.join(f'{name} off' for name in OFFLOADS)
        switch.script(
            f'ip link add {self.outer} type veth peer name eth0 '
            f'netns {inner}',
            f'ethtool -K {self.outer} {off}',
            f'ip link set {self.outer} up')
        self.namespace.script(
            f'ethtool -K eth0 {off}',
            'ip link set eth0 address '
            f'{self.network.mac(self.number)} up',
            f'ip address add {self.address}/24 dev eth0',
            f'ip route add default via {self.network.gateway}')
        plug = ['--no-wait', '--may-exist', 'add-port',
                self.bridge or 'br-int', self.outer]
        if port is not None:
            plug += ['--', 'set', 'Interface', self.outer,
                     f'external_ids:iface-id={port}']
        self.ovn.vsctl(*plug)
        return self

    def add_ipv6(self):
        """Gives it an IPv6 address as well."""
        network, number = self.network, self.number
        self.topology.ovn.nbctl('lsp-set-addresses', self.name,
                                f'{network.mac(number)} {self.address} '
                                f'{self.address6}')
        self.namespace.script(
            f'ip -6 address add {self.address6}/64 dev eth0 nodad',
            f'ip -6 route add default via {network.address6(1)}')

    @property
    def address6(self):
        return self.network.address6(self.number)

    def argv(self, *args):
        return self.namespace.argv(*args)

    def run(self, *args, **more):
        return self.namespace.run(*args, **more)
