# SPDX-License-Identifier: Apache-2.0
"""The networks in which a life takes place, and who has which address."""

import collections
import ipaddress

Subnet = collections.namedtuple('Subnet', 'key name network cidr gateway')
Port = collections.namedtuple('Port', 'key network addresses device')


class Places:
    """subnets  {id: Subnet}
    ports    {id: Port}, those that are no load balancer's
    """

    def __init__(self, networks, subnets, ports):
        self.names = {item['id']: item['name'] for item in networks}
        self.networks = {item['name']: item['id'] for item in networks}
        self.subnets = {}
        self.ports = {}
        for item in subnets:
            self.subnets[item['id']] = Subnet(
                item['id'],
                self.names[item['network_id']]
                + ('-6' if ':' in item['cidr'] else ''), item['network_id'],
                ipaddress.ip_network(item['cidr']), item['gateway_ip'])
        # A router's own are nobody's to have.
        gateways = {subnet.gateway for subnet in self.subnets.values()}
        for item in ports:
            addresses = [fixed['ip_address'] for fixed in item['fixed_ips']]
            if addresses and not gateways & set(addresses):
                self.ports[item['id']] = Port(
                    item['id'], item['network_id'], addresses,
                    item['device_id'])

    def named(self, name):
        """The subnet of a network, or "NETWORK-6"."""
        found, = [subnet for subnet in self.subnets.values()
                  if subnet.name == name]
        return found

    def of_network(self, network):
        return [subnet for subnet in self.subnets.values()
                if subnet.network == network]

    def fits(self, subnet, text):
        """Whether a subnet has this address for hosts."""
        address, cidr = ipaddress.ip_address(text), subnet.cidr
        return (address in cidr and address != cidr.network_address
                and (cidr.version == 6
                     or address != cidr.broadcast_address))

    def taken(self, network):
        """Addresses that ports and routers have."""
        return {address for port in self.ports.values()
                if port.network == network for address in port.addresses} | {
                    subnet.gateway for subnet in self.of_network(network)}
