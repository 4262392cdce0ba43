# SPDX-License-Identifier: Apache-2.0
"""Logical networks, made the way people make them by hand: with ovn-nbctl.

A network's name is its switch's name; its addresses are 10.N.0.0/24 with the
router, if any, at .1.
"""


class Network:
    """A logical switch with one IPv4 subnet."""

    def __init__(self, number, name=None):
        self.number = number
        self.name = name or f'n{number}'
        self.cidr = f'10.{number}.0.0/24'
        self.gateway = self.address(1)

    def address(self, host):
        return f'10.{self.number}.0.{host}'

    # For those that have IPv6, too.

    @property
    def cidr6(self):
        return f'fd00:{self.number}::/64'

    def address6(self, host):
        return f'fd00:{self.number}::{host:x}'

    def mac(self, host):
        return f'02:00:0a:{self.number:02x}:00:{host:02x}'


class Topology:
    """Switches, routers and what joins them.  Every method is one
    transaction."""

    def __init__(self, ovn):
        self.ovn = ovn

    def add_network(self, network):
        self.ovn.nbctl('ls-add', network.name, '--',
                       'set', 'Logical_Switch', network.name,
                       f'other_config:subnet={network.cidr}')

    def add_router(self, name):
        self.ovn.nbctl('lr-add', name)

    def attach(self, router, network):
        """Joins a network to a router."""
        lrp, lsp = self._names(router, network)
        self.ovn.nbctl(
            'lrp-add', router, lrp, network.mac(1), f'{network.gateway}/24',
            '--', 'lsp-add', network.name, lsp,
            '--', 'lsp-set-type', lsp, 'router',
            '--', 'lsp-set-addresses', lsp, 'router',
            '--', 'lsp-set-options', lsp, f'router-port={lrp}')

    def announce_floating_ips(self, router, network):
        """Has the router's gateway to a network outside say where floating IPs
        are, as Neutron does.  Without it neighbours look for one that has
        moved until they give up what they knew."""
        _, lsp = self._names(router, network)
        self.ovn.nbctl('set', 'Logical_Switch_Port', lsp,
                       'options:nat-addresses=router',
                       'options:exclude-lb-vips-from-garp=true')

    def add_ipv6(self, router, network):
        """Gives a network that is on a router IPv6 as well, but for the
        ports that are there."""
        lrp, _ = self._names(router, network)
        self.ovn.nbctl('set', 'Logical_Switch', network.name,
                       f'other_config:ipv6_prefix="{network.cidr6}"', '--',
                       'add', 'Logical_Router_Port', lrp, 'networks',
                       f'"{network.address6(1)}/64"')

    def detach(self, router, network):
        lrp, lsp = self._names(router, network)
        self.ovn.nbctl('lrp-del', lrp, '--', 'lsp-del', lsp)

    def is_attached(self, router, network):
        lrp, _ = self._names(router, network)
        return bool(self.ovn.nbctl('--columns=_uuid', '--bare', 'find',
                                   'Logical_Router_Port', f'name={lrp}'
                                   ).strip())

    def add_port(self, network, name, host):
        """A port for a host, with a fixed address; returns the name of the
        logical port."""
        self.ovn.nbctl(
            'lsp-add', network.name, name, '--', 'lsp-set-addresses', name,
            f'{network.mac(host)} {network.address(host)}')
        return name

    @staticmethod
    def _names(router, network):
        return f'{router}-{network.name}', f'{network.name}-{router}'
