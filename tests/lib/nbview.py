# SPDX-License-Identifier: Apache-2.0
"""What the Northbound database must hold for what the API shows.

A second, independent statement of what a load balancer looks like in OVN, to
hold against what the driver wrote.  Limits: VIPs of IPv4 and IPv6, no
floating IPs, no health monitors, and networks that were made by hand.
"""

import json
import uuid

VIP_PORT = 'ovn-lb-vip-'
FIELDS = {'SOURCE_IP_PORT': ['ip_dst', 'ip_src', 'tp_dst', 'tp_src'],
          'SOURCE_IP': ['ip_dst', 'ip_src']}


class Nb:
    """The tables that matter here, as of one moment."""

    def __init__(self, server):
        with server.client() as db:
            tables = ('Load_Balancer', 'Logical_Switch', 'Logical_Router',
                      'Logical_Switch_Port', 'Logical_Router_Port')
            results = db.dump(ignore=set(
                db.call('get_schema', [db.database])['tables'])
                - set(tables))
        for rows in results.values():
            for row in rows.values():
                for column in ('load_balancer', 'ports'):
                    if isinstance(row.get(column), str):
                        row[column] = [row[column]]
        self.lbs = results['Load_Balancer']
        self.switches = results['Logical_Switch']
        self.routers = results['Logical_Router']
        self.ports = {row['name']: row for row
                      in results['Logical_Switch_Port'].values()}
        self.port_names = {key: row['name'] for key, row
                           in results['Logical_Switch_Port'].items()}
        self.router_ports = {row['name']: key for key, row
                             in results['Logical_Router_Port'].items()}

    def rows(self, lb_id):
        """The rows of a load balancer, {protocol or '': row}."""
        rows = [row for row in self.lbs.values() if row['name'] == lb_id]
        by_protocol = {row['protocol'] or '': row for row in rows}
        assert len(rows) == len(by_protocol), \
            f'{lb_id}: two rows of one protocol'
        return by_protocol

    def where(self, row):
        """The names of the switches and routers that refer to a row."""
        return ({switch['name'] for switch in self.switches.values()
                 if row['_uuid'] in switch['load_balancer']},
                {router['name'] for router in self.routers.values()
                 if row['_uuid'] in router['load_balancer']})

    def carried_by(self, name):
        """The load balancers (their ids) on a switch or router."""
        for row in [*self.switches.values(), *self.routers.values()]:
            if row['name'] == name:
                return {self.lbs[key]['name']
                        for key in row['load_balancer'] if key in self.lbs}
        raise AssertionError(f'no switch or router {name}')

    def routers_of(self, switch_names):
        """Names of the routers attached to any of these switches."""
        names = set()
        for router in self.routers.values():
            if self.switches_of(router['name']) & set(switch_names):
                names.add(router['name'])
        return names

    def switches_of(self, router_name):
        """Names of the switches attached to a router."""
        router, = [row for row in self.routers.values()
                   if row['name'] == router_name]
        names = set()
        for switch in self.switches.values():
            for key in switch['ports']:
                port = self.ports[self.port_names[key]]
                peer = port['options'].get('router-port')
                if self.router_ports.get(peer) in router['ports']:
                    names.add(switch['name'])
        return names

    def dangling(self):
        """References to rows that are not there, as texts.  OVSDB removes
        such references itself, but ovsdb-server 3.1 misses some when a
        transaction deletes the row and changes the column as well."""
        return [f'{row["name"]} refers to {key}, which is gone'
                for row in [*self.switches.values(), *self.routers.values()]
                for key in row['load_balancer'] if key not in self.lbs]

    def traces(self):
        """Everything that load balancers left in the NB, as texts."""
        found = [f'Load_Balancer {row["name"]}' for row in self.lbs.values()]
        for row in [*self.switches.values(), *self.routers.values()]:
            found += [f'{row["name"]} refers to {key}'
                      for key in row['load_balancer']]
        found += [f'port {name}' for name in self.ports
                  if name.startswith('ovn-lb-')]
        return sorted(found)


def is_vip_port(name):
    """Whether a port's name is that of a VIP port of ours: the prefix, and
    the id of a load balancer."""
    try:
        return name.startswith(VIP_PORT) and bool(
            uuid.UUID(name[len(VIP_PORT):]))
    except ValueError:
        return False


def bracketed(address):
    return f'[{address}]' if ':' in address else address


def endpoint(address, port):
    return f'{bracketed(address)}:{port}'


def differences(world, api):
    """How the NB differs from what the API shows; [] if it does not."""
    nb = Nb(world.ovn.nb)
    subnets = {item['id']: item for item in api.request(
        'GET', '/v2.0/subnets').body['subnets']}
    networks = {item['id']: item['name'] for item in api.request(
        'GET', '/v2.0/networks').body['networks']}
    switch_of = {subnet_id: networks[item['network_id']]
                 for subnet_id, item in subnets.items()}
    found = nb.dangling()
    for graph in api.graphs():
        lb = graph['loadbalancer']
        found += [f'{lb["name"] or lb["id"]}: {text}' for text
                  in _loadbalancer(nb, graph, switch_of)]
    return found


def _loadbalancer(nb, graph, switch_of):
    lb = graph['loadbalancer']
    children = [*graph['listeners'].values(), *graph['pools'].values()]
    found = [f'provisioning_status {item["provisioning_status"]} of '
             f'{item["id"]}' for item in [lb, *children]
             if item['provisioning_status'] != 'ACTIVE']
    protocols = {item['protocol'].lower() for item in children} or {''}
    rows = nb.rows(lb['id'])
    if set(rows) != protocols:
        return found + [f'rows {sorted(rows)}, not {sorted(protocols)}']
    for protocol, row in rows.items():
        expected = _Expected(graph, protocol, switch_of)
        found += [f'{protocol or "no protocol"}: {text}'
                  for text in expected.differences(nb, row)]
    found += _vip_port(nb, lb, switch_of)
    return found


def _vip_port(nb, lb, switch_of):
    name = VIP_PORT + lb['id']
    port = nb.ports.get(name)
    if port is None:
        return [f'no port {name}']
    found = []
    if port['_uuid'] != lb['vip_port_id']:
        found.append(f'vip_port_id {lb["vip_port_id"]} is not the port')
    if port['type'] != 'virtual' or 'virtual-ip' in port['options']:
        found.append(f'VIP port: type {port["type"]} {port["options"]}')
    words = port['addresses'].split() if isinstance(
        port['addresses'], str) else []
    if words[1:] != [lb['vip_address']]:
        found.append(f'VIP port: addresses {port["addresses"]}')
    homes = [switch['name'] for switch in nb.switches.values()
             if port['_uuid'] in switch['ports']]
    if homes != [switch_of[lb['vip_subnet_id']]]:
        found.append(f'VIP port is on {homes}')
    return found


class _Expected:
    """One row as it must be."""

    def __init__(self, graph, protocol, switch_of):
        self.lb = graph['loadbalancer']
        self.protocol = protocol
        self.listeners = self._of_protocol(graph['listeners'])
        self.pools = self._of_protocol(graph['pools'])
        self.members = {pool_id: list(graph['members'][pool_id].values())
                        for pool_id in self.pools}
        self.home = switch_of[self.lb['vip_subnet_id']]

        def homes(pools):
            return {self.home} | {
                switch_of[member['subnet_id'] or self.lb['vip_subnet_id']]
                for members in pools for member in members.values()}
        # The row needs those of its own members; those of the load
        # balancer's other rows do no harm.
        self.least = homes([graph['members'][pool] for pool in self.pools])
        self.most = homes(graph['members'].values())

    def _of_protocol(self, items):
        return {item_id: item for item_id, item in items.items()
                if item['protocol'].lower() == self.protocol}

    def differences(self, nb, row):
        found = []

        def compare(what, seen, expected):
            if seen != expected:
                found.append(f'{what} is {seen}, not {expected}')
        compare('vips', {key: ','.join(sorted(value.split(',')))
                         for key, value in row['vips'].items()}, self.vips())
        ids = dict(row['external_ids'])
        ls_refs = json.loads(ids.pop('ls_refs', '{}'))
        lr_ref = {name for name in ids.pop('lr_ref', '').split(',') if name}
        status = json.loads(ids.pop('neutron:member_status', '{}'))
        compare('neutron:member_status', status, self.member_status())
        for pool in self.pools:
            for suffix in ('', ':D'):
                key = f'pool_{pool}{suffix}'
                if key in ids:
                    ids[key] = sorted(filter(None, ids[key].split(',')))
        compare('external_ids', ids, self.external_ids())
        algorithms = {pool['lb_algorithm'] for pool in self.pools.values()}
        if len(algorithms) <= 1:
            compare('selection_fields', row['selection_fields'],
                    FIELDS[(algorithms or {'SOURCE_IP_PORT'}).pop()])
        found += self._attachment(nb, row, ls_refs, lr_ref)
        return found

    def _attachment(self, nb, row, ls_refs, lr_ref):
        def reach(homes):
            routers = nb.routers_of(homes)
            return homes.union(*map(nb.switches_of, routers)), routers
        (switches, routers), (least, least_routers), (most, most_routers) \
            = nb.where(row), reach(self.least), reach(self.most)
        found = []
        if not least <= switches <= most:
            found.append(f'on switches {sorted(switches)}, not '
                         f'{sorted(least)}')
        if not least_routers <= routers <= most_routers:
            found.append(f'on routers {sorted(routers)}, not '
                         f'{sorted(least_routers)}')
        if not least_routers <= lr_ref <= most_routers:
            found.append(f'lr_ref is {sorted(lr_ref)}')
        if not self.least <= set(ls_refs) <= most:
            found.append(f'ls_refs is {ls_refs}, not {sorted(self.least)}')
        return found

    def member_status(self):
        return {member['id']:
                'NO_MONITOR' if member['admin_state_up'] else 'OFFLINE'
                for members in self.members.values() for member in members}

    def vips(self):
        vips = {}
        addresses = [self.lb['vip_address'],
                     *[vip['ip_address'] for vip
                       in self.lb['additional_vips']]]
        for listener in self.listeners.values():
            pool = self.pools.get(listener['default_pool_id'])
            if not (self.lb['admin_state_up'] and listener['admin_state_up']
                    and pool and pool['admin_state_up']):
                continue
            for address in addresses:
                backends = [
                    endpoint(member['address'], member['protocol_port'])
                    for member in self.members[pool['id']]
                    if member['admin_state_up']
                    and (':' in member['address']) == (':' in address)]
                if backends:
                    key = endpoint(address, listener['protocol_port'])
                    vips[key] = ','.join(sorted(backends))
        return vips

    def external_ids(self):
        def key(kind, item):
            off = '' if item['admin_state_up'] else ':D'
            return f'{kind}_{item["id"]}{off}'
        ids = {'enabled': str(self.lb['admin_state_up']),
               'neutron:vip': self.lb['vip_address'],
               'neutron:vip_port_id': self.lb['vip_port_id']}
        for listener in self.listeners.values():
            pool_id = listener['default_pool_id']
            ids[key('listener', listener)] = (
                f'{listener["protocol_port"]}:'
                + (f'pool_{pool_id}' if pool_id else ''))
        for pool_id, pool in self.pools.items():
            ids[key('pool', pool)] = sorted(
                f'member_{member["id"]}_{member["address"]}:'
                f'{member["protocol_port"]}_'
                f'{member["subnet_id"] or self.lb["vip_subnet_id"]}'
                for member in self.members[pool_id])
        return ids
