# SPDX-License-Identifier: Apache-2.0
"""Networks in the Northbound database as OpenStack's Neutron (ML2/OVN) writes
them: switches, routers and ports that are named after UUIDs, DHCP options,
floating IPs.

Written by hand here from what such a database looks like.
"""

import ipaddress
import uuid

REVISION = {'neutron:revision_number': '1'}


def new_id():
    return str(uuid.uuid4())


def as_map(values):
    return ['map', sorted(values.items())]


def insert(table, row, name=None):
    operation = {'op': 'insert', 'table': table, 'row': row}
    return {**operation, 'uuid-name': name} if name else operation


def mutate(table, name, column, value):
    return {'op': 'mutate', 'table': table, 'where': [['name', '==', name]],
            'mutations': [[column, 'insert', value]]}


class Subnet:
    """cidr, id, the network, and the row of its DHCP options or None."""

    def __init__(self, network, cidr, options):
        self.id = new_id()
        self.network = network
        self.cidr = ipaddress.ip_network(cidr)
        self.options = options

    def address(self, number):
        return str(self.cidr[number])

    def with_length(self, number):
        return f'{self.cidr[number]}/{self.cidr.prefixlen}'


class Network:
    """A network: 'switch' is what OVN calls it."""

    def __init__(self, name):
        self.id = new_id()
        self.name = name
        self.switch = f'neutron-{self.id}'


class Port:
    """A port: 'id' is what OVN calls it."""

    def __init__(self, network, addresses, name=''):
        self.id = new_id()
        self.network = network
        self.addresses = addresses
        self.name = name


class Router:
    """A router: 'name' is what OVN calls it."""

    def __init__(self):
        self.id = new_id()
        self.name = f'neutron-{self.id}'


class Neutron:
    """Each method is one transaction."""

    def __init__(self, nb, project='them'):
        self.nb = nb
        self.project = project
        self.n_macs = 0

    def _transact(self, *operations):
        with self.nb.client() as db:
            return db.transact(*operations)

    def _mac(self):
        self.n_macs += 1
        return f'fa:16:3e:00:{self.n_macs >> 8:02x}:{self.n_macs & 255:02x}'

    def network(self, name, physical=None):
        """A network; a provider network if 'physical' names a physical
        one."""
        network = Network(name)
        ids = {'neutron:network_name': name, 'neutron:mtu': '1442',
               'neutron:availability_zone_hints': '', **REVISION}
        operations = []
        if physical:
            ids['neutron:provnet-physical-network'] = physical
            operations = [insert('Logical_Switch_Port', {
                'name': f'provnet-{new_id()}', 'type': 'localnet',
                'addresses': 'unknown',
                'options': as_map({'network_name': physical})}, 'localnet')]
        self._transact(*operations, insert('Logical_Switch', {
            'name': network.switch, 'external_ids': as_map(ids),
            'other_config': as_map({'mcast_snoop': 'false',
                                    'vlan-passthru': 'false'}),
            **({'ports': ['named-uuid', 'localnet']} if physical else {})}))
        return network

    def subnet(self, network, cidr, dhcp=True):
        options = None
        subnet = Subnet(network, cidr, None)
        if dhcp:
            result, = self._transact(insert('DHCP_Options', {
                'cidr': cidr, 'options': as_map({'lease_time': '43200'}),
                'external_ids': as_map({'subnet_id': subnet.id,
                                        **REVISION})}))
            options = result['uuid'][1]
        subnet.options = options
        return subnet

    def port(self, subnets, number, name='', owner='compute:nova',
             device='', listed=True, kind='', project=None):
        """A port with the address of that number in each subnet, all of one
        network.  Those of VIPs are not 'listed': OVN shall not answer for
        them."""
        network = subnets[0].network
        port = Port(network, [subnet.address(number) for subnet in subnets],
                    name)
        row = {'name': port.id, 'type': kind, 'external_ids': as_map({
            'neutron:port_name': name,
            'neutron:project_id': project or self.project,
            'neutron:device_owner': owner, 'neutron:device_id': device,
            'neutron:network_name': network.switch,
            'neutron:security_group_ids': '',
            'neutron:cidrs': ' '.join(subnet.with_length(number)
                                      for subnet in subnets), **REVISION})}
        if listed:
            row['addresses'] = ' '.join([self._mac(), *port.addresses])
        for subnet in subnets:
            if subnet.options and kind == '':
                row[f'dhcpv{subnet.cidr.version}_options'] = subnet.options
        for column in ('dhcpv4_options', 'dhcpv6_options'):
            if column in row:
                row[column] = ['uuid', row[column]]
        self._transact(insert('Logical_Switch_Port', row, 'port'),
                       mutate('Logical_Switch', network.switch, 'ports',
                              ['named-uuid', 'port']))
        return port

    def delete_port(self, port):
        with self.nb.client() as db:
            row, = db.select('Logical_Switch_Port', [['name', '==', port.id]])
            db.transact({'op': 'mutate', 'table': 'Logical_Switch',
                         'where': [['name', '==', port.network.switch]],
                         'mutations': [['ports', 'delete',
                                        ['uuid', row['_uuid']]]]})

    def vip_port(self, subnets, number, lb_id, n=None):
        """A VIP's port; 'n' is that of an additional VIP."""
        name = f'additional-{n}-{lb_id}' if n else lb_id
        return self.port(subnets, number, f'ovn-lb-vip-{name}', 'ovn-lb:vip',
                         f'lb-{lb_id}', listed=False)

    def probe_port(self, subnet, number):
        """A port from which the members in the subnet are probed."""
        name = f'ovn-lb-hm-{subnet.id}'
        return self.port([subnet], number, name, 'ovn-lb-hm:distributed',
                         name, kind='localport')

    def router(self):
        router = Router()
        self._transact(insert('Logical_Router', {
            'name': router.name, 'enabled': True, 'external_ids': as_map({
                'neutron:router_name': 'router', 'neutron:gw_port_id': '',
                **REVISION})}))
        return router

    def attach(self, router, subnets, number=1, is_gateway=False):
        """An interface, or the gateway; both have a Neutron port."""
        network = subnets[0].network
        port = new_id()
        owner = ('network:router_gateway' if is_gateway
                 else 'network:router_interface')
        networks = [subnet.with_length(number) for subnet in subnets]
        row = {'name': f'lrp-{port}', 'mac': self._mac(),
               'networks': ['set', networks], 'external_ids': as_map({
                   'neutron:subnet_ids': ' '.join(subnet.id
                                                  for subnet in subnets),
                   'neutron:network_name': network.switch,
                   'neutron:router_name': router.name,
                   'neutron:is_ext_gw': str(is_gateway), **REVISION})}
        operations = []
        if is_gateway:
            operations = [insert('Gateway_Chassis', {
                'name': f'lrp-{port}_elsewhere', 'priority': 1,
                'chassis_name': 'elsewhere'}, 'chassis')]
            row['gateway_chassis'] = ['named-uuid', 'chassis']
        self._transact(
            *operations, insert('Logical_Router_Port', row, 'rport'),
            mutate('Logical_Router', router.name, 'ports',
                   ['named-uuid', 'rport']),
            insert('Logical_Switch_Port', {
                'name': port, 'type': 'router', 'addresses': 'router',
                'options': as_map({'router-port': f'lrp-{port}'}),
                'external_ids': as_map({
                    'neutron:device_owner': owner,
                    'neutron:device_id': router.id,
                    'neutron:network_name': network.switch,
                    'neutron:project_id': self.project,
                    'neutron:cidrs': ' '.join(networks), **REVISION})},
                   'port'),
            mutate('Logical_Switch', network.switch, 'ports',
                   ['named-uuid', 'port']))

    def floating_ip(self, router, external, port):
        """A floating IP of the port's first address."""
        self._transact(
            insert('NAT', {
                'type': 'dnat_and_snat', 'external_ip': external,
                'logical_ip': port.addresses[0], 'external_ids': as_map({
                    'neutron:fip_id': new_id(),
                    'neutron:fip_port_id': port.id,
                    'neutron:fip_external_mac': self._mac(),
                    'neutron:fip_network_id': new_id(),
                    'neutron:router_name': router.name, **REVISION})},
                   'nat'),
            mutate('Logical_Router', router.name, 'nat',
                   ['named-uuid', 'nat']),
            mutate('Logical_Switch_Port', port.id, 'external_ids',
                   as_map({'neutron:port_fip': external})))
