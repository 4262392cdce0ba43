# SPDX-License-Identifier: Apache-2.0
"""Networks between namespaces: a bridge in one of them, "hub", and a veth
pair to each of the others."""

from . import hosts

OFF = ' '.join(f'{name} off' for name in hosts.OFFLOADS)


class Wire:
    """A network besides that of cluster.Machines.

    hub     the namespace of the bridge
    name    of the bridge, at most 8 characters
    mtu     what it carries
    """

    def __init__(self, hub, name, mtu=1500):
        self.hub = hub
        self.name = name
        self.mtu = str(mtu)
        self.ends = {}

    def create(self):
        self.hub.script(
            f'ip link add {self.name} mtu {self.mtu} type bridge',
            f'ip link set {self.name} up')
        return self

    def plug(self, space, interface):
        """Gives a namespace an interface on this network."""
        outer = f'{self.name}{len(self.ends)}'
        self.ends[space.name] = outer
        self.hub.script(
            f'ip link add {outer} mtu {self.mtu} type veth peer name '
            f'{interface} mtu {self.mtu} netns {space.name}',
            f'ethtool -K {outer} {OFF}',
            f'ip link set {outer} master {self.name} up')
        space.script(f'ethtool -K {interface} {OFF}',
                     f'ip link set {interface} up')

    def cut_off(self, space):
        """From now on nothing reaches it, and nothing comes from it."""
        self.hub.run('ip', 'link', 'set', self.ends[space.name], 'nomaster')

    def join(self, space):
        self.hub.run('ip', 'link', 'set', self.ends[space.name], 'master',
                     self.name)
