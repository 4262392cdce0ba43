# SPDX-License-Identifier: Apache-2.0
"""The sandbox's networks, hosts and servers, in an OpenStack: made through
Neutron, and with real packets.  world.py is the same on OVN alone.
"""

import json
import os

from . import backends, hosts, topology, traffic, wait, world

CHASSIS = 'sandbox'     # See ovn.Ovn.


class NeutronTopology:
    """topology.Topology, as a user of Neutron.  It knows by name what is
    there, whoever made it."""

    def __init__(self, stack, user='demo'):
        self.demo = stack.client(user)
        self.admin = stack.client('admin')
        self.project = self.admin.keystone.get('/projects', name=user)[0][
            'id']
        self.group = None

    # What is there.

    def find(self, kind, name, **query):
        """The object of that name; None if there is none."""
        found = self.admin.neutron.get(f'/{kind}s', name=name, **query)
        assert len(found) < 2, f'{len(found)} {kind}s {name}'
        return found[0] if found else None

    def id(self, kind, name):
        return self.find(kind, name)['id']

    def row_name(self, kind, name):
        """The name of a network's switch or a router in OVN."""
        return 'neutron-' + self.id(kind, name)

    # What can be made.

    def add_network(self, network):
        made = self.demo.neutron.post('/networks', {'network': {
            'name': network.name}})
        self.demo.neutron.post('/subnets', {'subnet': {
            'name': network.name, 'network_id': made['id'], 'ip_version': 4,
            'cidr': network.cidr, 'gateway_ip': network.gateway}})

    def add_public(self, network):
        """The provider network that routers have their gateways on.  Hosts
        there, which Neutron does not know, are below .100."""
        made = self.admin.neutron.post('/networks', {'network': {
            'name': network.name, 'router:external': True,
            'provider:network_type': 'flat',
            'provider:physical_network': 'public'}})
        self.admin.neutron.post('/subnets', {'subnet': {
            'name': network.name, 'network_id': made['id'], 'ip_version': 4,
            'cidr': network.cidr, 'gateway_ip': network.gateway,
            'enable_dhcp': False, 'allocation_pools': [
                {'start': network.address(100),
                 'end': network.address(250)}]}})

    def add_router(self, name, gateway=None):
        made = self.demo.neutron.post('/routers', {'router': {'name': name}})
        if gateway:
            self.admin.neutron.put(f'/routers/{made["id"]}', {'router': {
                'external_gateway_info': {
                    'network_id': self.id('network', gateway)}}})

    def attach(self, router, network):
        self._change_router(router, network, 'add')

    def detach(self, router, network):
        self._change_router(router, network, 'remove')

    def is_attached(self, router, network):
        return bool(self.admin.neutron.get(
            '/ports', device_id=self.id('router', router),
            network_id=self.id('network', network.name)))

    def add_port(self, network, name, host):
        """A port for a host, bound to this machine's chassis; returns its
        id, which is the name of the logical port."""
        made = self.admin.neutron.post('/ports', {'port': {
            'name': name, 'project_id': self.project,
            'network_id': self.id('network', network.name),
            'mac_address': network.mac(host),
            'fixed_ips': [{'subnet_id': self.id('subnet', network.name),
                           'ip_address': network.address(host)}],
            'security_groups': [self.open_group()],
            'device_owner': 'compute:nova', 'device_id': name,
            'binding:host_id': CHASSIS}})
        assert made['binding:vif_type'] == 'ovs', made
        return made['id']

    def open_group(self):
        """The project's security group, which lets everything in."""
        if self.group is None:
            group = self.demo.neutron.get('/security-groups',
                                          name='default')[0]
            for version in ('IPv4', 'IPv6'):
                self.demo.neutron.post('/security-group-rules', {
                    'security_group_rule': {
                        'security_group_id': group['id'],
                        'direction': 'ingress', 'ethertype': version}})
            self.group = group['id']
        return self.group

    def add_floating_ip(self, port_id):
        """A floating IP for a port; returns it as shown."""
        return self.demo.neutron.post('/floatingips', {'floatingip': {
            'floating_network_id': self.id('network', 'public'),
            'port_id': port_id}})

    def _change_router(self, router, network, verb):
        self.demo.neutron.put(
            f'/routers/{self.id("router", router)}/{verb}_router_interface',
            {'subnet_id': self.id('subnet', network.name)})

    def wait_chassis(self):
        """Waits until Neutron knows the chassis; else it binds no port."""
        def known():
            return any(agent['alive'] and agent['host'] == CHASSIS
                       for agent in self.admin.neutron.get('/agents'))
        wait.until(known, 'Neutron knows the chassis', 60)


class OpenStackWorld:
    """What a world.World has, on an openstack.OpenStack that is up."""

    def __init__(self, stack):
        self.stack = stack
        self.ovn = stack.ovn
        self.topology = None
        self.networks = {n: topology.Network(n) for n in (1, 2, 3)}
        self.hosts = {name: hosts.Host(self.ovn, stack.prefix, name,
                                       self.networks[n], number)
                      for name, n, number in world.CLIENTS + world.SERVERS}
        self.public = topology.Network(99, 'public')
        # Like the rest of the world: on the bridge that "public" is.
        self.outside = hosts.Host(self.ovn, stack.prefix, 'outside',
                                  self.public, 21, bridge='br-ex')
        self.backends = {name: backends.Backend(
            self.hosts[name], world.PORTS, stack.rundir, stack.lasting)
            for name, _, _ in world.SERVERS}

    def connect(self):
        """To Neutron, when it is up."""
        if self.topology is None:
            self.topology = NeutronTopology(self.stack)
        return self

    def make_network(self):
        """The standard network of world.World; r1 has a gateway as well."""
        self.connect()
        self.topology.wait_chassis()
        self.topology.add_public(self.public)
        self.topology.add_router('r1', 'public')
        for network in self.networks.values():
            self.topology.add_network(network)
        for number in (1, 2):
            self.topology.attach('r1', self.networks[number])
        for host in [*self.hosts.values(), self.outside]:
            host.create(self.topology)
        for backend in self.backends.values():
            backend.start()
        self.wait_ports()
        self._write_ids()
        return self

    def wait_ports(self):
        """Waits until every host's port is up and each server answers a
        neighbour."""
        def up():
            with self.ovn.nb.client() as nb:
                rows = nb.select('Logical_Switch_Port')
            ports = {row['external_ids'].get('neutron:port_name'): row['up']
                     for row in rows}
            down = [name for name in self.hosts
                    if ports.get(name) is not True]
            assert not down, f'down: {down}'
            return True
        wait.until(up, 'all logical ports are up')
        self.ovn.sync()
        for name, n, _ in world.SERVERS:
            neighbour = next(self.hosts[client] for client, m, _
                             in world.CLIENTS if m == n)
            traffic.wait_for(neighbour, self.hosts[name].address,
                             world.PORTS[0], {name}, count=2)

    # As world.World.

    def rest(self):
        return self.stack.client()

    def cli(self):
        return self.stack.cli()

    def _write_ids(self):
        """What scripts want to know, for people."""
        neutron = self.topology.admin.neutron
        ids = {kind: {item['name']: item['id'] for item
                      in neutron.get(f'/{kind}') if item['name']}
               for kind in ('networks', 'subnets', 'routers', 'ports')}
        ids['project'] = self.topology.project
        with open(os.path.join(self.stack.notes, 'ids.json'), 'w',
                  encoding='utf-8') as file:
            json.dump(ids, file, indent=1)
            file.write('\n')
