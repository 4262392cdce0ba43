# SPDX-License-Identifier: Apache-2.0
"""What the Northbound database must hold for what the API shows.

A second, independent statement of what a load balancer looks like in OVN, to
hold against what the driver wrote.
"""

import collections
import itertools
import ipaddress
import json
import math
import uuid

from . import acls, ovsdb, wait

VIP_PORT = 'ovn-lb-vip-'
# In a VIP's list; see WEIGHTED_BACKENDS_MAX.
PLACES_MAX = 100
FIELDS = {'SOURCE_IP_PORT': ['ip_dst', 'ip_src', 'tp_dst', 'tp_src'],
          'SOURCE_IP': ['ip_dst', 'ip_src']}
IPV6_FIELDS = ['ipv6_dst', 'ipv6_src']


def _has_ipv6_hash(schema):
    """Whether OVN knows IPV6_FIELDS, as it does from 25.03 on.  Without them,
    IPv6 is hashed as the datapath likes."""
    column = schema['tables']['Load_Balancer']['columns']['selection_fields']
    return set(IPV6_FIELDS) <= set(column['type']['key']['enum'][1])


def hash_fields(algorithm, versions, has_fields6):
    """The selection_fields of a row for VIPs of these IP versions, where OVN
    has (or has not) fields for IPv6."""
    if has_fields6:
        return sorted(FIELDS[algorithm] + (IPV6_FIELDS if 6 in versions
                                           else []))
    return FIELDS[algorithm] if 4 in versions else []


class Nb:
    """The tables that matter here, as of one moment."""

    def __init__(self, server):
        with server.client() as db:
            schema = db.call('get_schema', [db.database])
            tables = ('Load_Balancer', 'Logical_Switch', 'Logical_Router',
                      'Logical_Switch_Port', 'Logical_Router_Port',
                      'Load_Balancer_Group', 'Load_Balancer_Health_Check',
                      'NAT', 'ACL', 'Port_Group')
            results = db.dump(ignore=set(schema['tables']) - set(tables))
        self.has_ipv6_hash = _has_ipv6_hash(schema)
        for rows in results.values():
            for row in rows.values():
                for column in ('load_balancer', 'ports', 'health_check',
                               'load_balancer_group', 'nat', 'acls'):
                    if isinstance(row.get(column), str):
                        row[column] = [row[column]]
        self.lbs = results['Load_Balancer']
        self.checks = results['Load_Balancer_Health_Check']
        self.groups = results['Load_Balancer_Group']
        self.switches = results['Logical_Switch']
        self.routers = results['Logical_Router']
        self.ports = {row['name']: row for row
                      in results['Logical_Switch_Port'].values()}
        self.port_names = {key: row['name'] for key, row
                           in results['Logical_Switch_Port'].items()}
        # Gateways to the outside bring nothing with them.
        self.router_ports = {
            row['name']: key for key, row
            in results['Logical_Router_Port'].items()
            if row['gateway_chassis'] == []
            and row['external_ids'].get('neutron:is_ext_gw') != 'True'}
        self.all_router_ports = {
            row['name']: key for key, row
            in results['Logical_Router_Port'].items()}
        self.nats = results['NAT']
        self.acls = results['ACL']
        self.port_groups = results['Port_Group']
        # The Southbound database, where it is needed.
        self.sb = None

    def rows_of(self, lb_id):
        """The rows of a load balancer."""
        return [row for row in self.lbs.values() if row['name'] == lb_id]

    def rows(self, lb_id):
        """The rows of a load balancer that has one for each protocol:
        {protocol or '': row}."""
        rows = self.rows_of(lb_id)
        by_protocol = {row['protocol'] or '': row for row in rows}
        assert len(rows) == len(by_protocol), \
            f'{lb_id}: two rows of one protocol'
        return by_protocol

    def carried(self, carrier):
        """UUIDs of the load balancers that a switch or router carries, by
        itself or as part of a group."""
        return set(carrier['load_balancer']).union(
            *(self.groups[key]['load_balancer']
              for key in carrier['load_balancer_group']))

    def groups_of(self, row):
        """Names of the groups in which a row is."""
        return {group['name'] for group in self.groups.values()
                if row['_uuid'] in group['load_balancer']}

    def where(self, row):
        """The names of the switches and routers that carry a row."""
        return ({switch['name'] for switch in self.switches.values()
                 if row['_uuid'] in self.carried(switch)},
                {router['name'] for router in self.routers.values()
                 if row['_uuid'] in self.carried(router)})

    def carried_by(self, name):
        """The load balancers (their ids) on a switch or router."""
        for row in [*self.switches.values(), *self.routers.values()]:
            if row['name'] == name:
                return {self.lbs[key]['name']
                        for key in self.carried(row) if key in self.lbs}
        raise AssertionError(f'no switch or router {name}')

    def routers_of(self, switch_names):
        """Names of the routers attached to any of these switches."""
        names = set()
        for router in self.routers.values():
            if self.switches_of(router['name']) & set(switch_names):
                names.add(router['name'])
        return names

    def inside(self, switch_names):
        """Those that are not provider networks."""
        outside = {switch['name'] for switch in self.switches.values()
                   if any(self.ports[self.port_names[key]]['type']
                          == 'localnet' for key in switch['ports'])}
        return set(switch_names) - outside

    def switches_of(self, router_name):
        """Names of the switches attached to a router, but for provider
        networks, which never carry load balancers."""
        return self.inside(self.joined_by(router_name))

    def joined_by(self, router_name):
        """Names of the switches attached to a router, but for those to which
        it has a gateway."""
        return self._joined_by(router_name, self.router_ports)

    def all_joined_by(self, router_name):
        """Those, too."""
        return self._joined_by(router_name, self.all_router_ports)

    def _joined_by(self, router_name, router_ports):
        router, = [row for row in self.routers.values()
                   if row['name'] == router_name]
        names = set()
        for switch in self.switches.values():
            ports = [self.ports[self.port_names[key]]
                     for key in switch['ports']]
            for port in ports:
                peer = port['options'].get('router-port')
                if router_ports.get(peer) in router['ports']:
                    names.add(switch['name'])
        return names

    def floating_ips(self, address, port_id, switch):
        """The floating IPs of a VIP: of the routers on its switch, and those
        that its port tells of."""
        routers = self.routers_of([switch])
        found = {self.nats[key]['external_ip']
                 for router in self.routers.values()
                 if router['name'] in routers for key in router['nat']
                 if self.nats[key]['type'] == 'dnat_and_snat'
                 and self.nats[key]['logical_ip'] == address}
        for port in self.ports.values():
            told = port['external_ids'].get('neutron:port_fip')
            if told and port_id in port_ids(port) \
                    and ':' not in address:
                found.add(told)
        return sorted(found)

    def is_cut_off(self, switch, protocol, address, port):
        """Whether a server's logical port is disabled or on no chassis, and
        OVN does not know by itself that it is not to be used."""
        row, = [row for row in self.switches.values()
                if row['name'] == switch]
        ports = [self.ports[self.port_names[key]] for key in row['ports']]
        for found in ports:
            texts = found['addresses']
            texts = [texts] if isinstance(texts, str) else texts
            if any(address in text.split()[1:] for text in texts):
                return ((found['enabled'] is False
                         or (found['up'] is False
                             and found['type'] in ('', 'virtual')))
                        and not is_bad(self.sb, protocol, address, port,
                                       found['name']))
        return False

    def traces(self):
        """Everything that load balancers left in the NB, as texts."""
        found = [f'Load_Balancer {row["name"]}' for row in self.lbs.values()]
        for row in [*self.switches.values(), *self.routers.values()]:
            found += [f'{row["name"]} refers to {key}'
                      for key in row['load_balancer']]
        found += [f'group {row["name"]}' for row in self.groups.values()]
        found += [f'check {row["vip"]}' for row in self.checks.values()]
        found += [f'{row["external_ids"][acls.PURPOSE]}' for row
                  in [*self.acls.values(), *self.port_groups.values()]
                  if acls.PURPOSE in row['external_ids']]
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


def port_ids(port):
    """By what the API knows a port: one that we made for a VIP by an id that
    follows from its name, others by their names, if these are UUIDs, or
    rows."""
    words = port['name'][len(VIP_PORT):].split('-', 2)
    if not port['name'].startswith(VIP_PORT):
        return {port['_uuid'], port['name']}
    if words[0] == 'additional':
        return {str(uuid.uuid5(uuid.UUID(words[2]),
                               f'vip-port-additional-{words[1]}'))}
    return {str(uuid.uuid5(uuid.UUID(port['name'][len(VIP_PORT):]),
                           'vip-port'))}


def bracketed(address):
    return f'[{address}]' if ':' in address else address


def endpoint(address, port):
    return f'{bracketed(address)}:{port}'


def counted(backends):
    """A VIP's list, in which who has more weight is more often, as text."""
    return ','.join(f'{backend} x{count}' if count > 1 else backend
                    for backend, count
                    in sorted(collections.Counter(backends).items()))


def wait_same(world, api, deadline=60):
    """Waits until the NB is as the API says."""
    def same():
        found = differences(world, api)
        assert not found, '; '.join(found)
        return True
    wait.until(same, 'OVN is as the API says', deadline)


def differences(world, api):
    """How the NB differs from what the API shows; [] if it does not."""
    nb = Nb(world.ovn.nb)
    nb.sb = world.ovn.sb
    subnets = {item['id']: item for item in _of_network(api, 'subnets')}
    names = {switch['name'] for switch in nb.switches.values()}
    networks = {item['id']: (f'neutron-{item["id"]}' if f'neutron-{item["id"]}'
                             in names else item['name'])
                for item in _of_network(api, 'networks')}
    switch_of = _Switches(api, networks, {
        subnet_id: networks[item['network_id']]
        for subnet_id, item in subnets.items()})
    # What Neutron leaves of its own is its business.
    found = [text for text in ovsdb.dangling(world.ovn.nb)
             if '.load_balancer ' in text]
    for graph in api.graphs():
        lb = graph['loadbalancer']
        _find_homes(nb, graph, subnets, switch_of)
        found += [f'{lb["name"] or lb["id"]}: {text}' for text
                  in _loadbalancer(nb, graph, switch_of)]
    return found


def _of_network(api, kind):
    """What the API has of the network.  It may be about to read it again, if
    its database was away or was converted: that is no answer yet."""
    reply = api.request('GET', f'/v2.0/{kind}')
    assert reply.status == 200, reply
    return reply.body[kind]


class _Switches(dict):
    """The names of subnets' switches, by any id that a subnet ever had."""

    def __init__(self, api, networks, known):
        super().__init__(known)
        self.api = api
        self.networks = networks

    def __missing__(self, subnet_id):
        subnet = self.api.request('GET', '/v2.0/subnets/' + subnet_id
                                  ).body['subnet']
        self[subnet_id] = self.networks[subnet['network_id']]
        return self[subnet_id]


def _find_homes(nb, graph, subnets, switch_of):
    """Gives members that name no subnet the one in which they are: the VIP's
    if it has their address or no other one that is reached has it, or if
    several have it."""
    lb = graph['loadbalancer']
    vips = [lb['vip_subnet_id'], *[vip['subnet_id'] for vip
                                   in lb['additional_vips']]]
    homes = {switch_of[subnet_id] for subnet_id in vips}
    reached = homes.union(*(nb.joined_by(router)
                            for router in nb.routers_of(homes)))
    for member in itertools.chain(*(members.values() for members
                                    in graph['members'].values())):
        if member['subnet_id']:
            continue
        address = ipaddress.ip_address(member['address'])
        found = {subnet['id'] for subnet in subnets.values()
                 if switch_of[subnet['id']] in reached
                 and address in ipaddress.ip_network(subnet['cidr'])}
        # The VIP may call its subnet by an id that it had before.
        is_own = vips[0] in found or (
            vips[0] not in subnets
            and switch_of[vips[0]] in {switch_of[key] for key in found})
        member['subnet_id'] = (found.pop() if len(found) == 1 and not is_own
                               else vips[0])


def _canonicalize(graph):
    """Addresses as OVN has them; a member's as it was written is kept."""
    for item, key in [(graph['loadbalancer'], 'vip_address'),
                      *[(vip, 'ip_address') for vip
                        in graph['loadbalancer']['additional_vips']],
                      *[(member, 'address') for members
                        in graph['members'].values()
                        for member in members.values()]]:
        item['written'] = item[key]
        item[key] = str(ipaddress.ip_address(item[key]))


def is_bad(server, *probe):
    """Whether (protocol, address, port, logical port) is known to OVN for one
    that does not answer."""
    with server.client() as sb:
        return any(row['status'] in ('offline', 'error') and probe == (
            row['protocol'], row['ip'].strip('[]'), row['port'],
            row['logical_port']) for row in sb.select('Service_Monitor'))


def _loadbalancer(nb, graph, switch_of):
    _canonicalize(graph)
    lb = graph['loadbalancer']
    children = [*graph['listeners'].values(), *graph['pools'].values()]
    found = [f'provisioning_status {item["provisioning_status"]} of '
             f'{item["id"]}' for item in [lb, *children]
             if item['provisioning_status'] != 'ACTIVE']
    expected = {(kind, family): _Expected(nb, graph, kind, family, first,
                                          switch_of)
                for kind, family, first
                in _kinds(graph, nb.has_ipv6_hash)}
    rows = {}
    for row in nb.rows_of(lb['id']):
        key = (row['protocol'] or '', tuple(row['selection_fields']),
               row['options'].get('affinity_timeout'))
        if key in rows:
            return found + [f'two rows {key}']
        rows[key] = row
    wanted = {part.row_key(): part for part in expected.values()}
    if set(rows) != set(wanted):
        return found + [f'rows {sorted(map(str, rows))}, not '
                        f'{sorted(map(str, wanted))}']
    for key, row in rows.items():
        found += [f'{key[0] or "no protocol"}: {text}'
                  for text in wanted[key].differences(nb, row)]
    part = next(iter(expected.values()))
    found += acls.differences(
        nb, lb['id'], graph['listeners'].values(),
        [lb['vip_address'], *[vip['ip_address'] for vip
                              in lb['additional_vips']],
         *itertools.chain(*part.floating)], part.most)
    found += _vip_port(nb, lb['id'], lb['vip_address'], lb['vip_port_id'],
                       lb['vip_subnet_id'], VIP_PORT + lb['id'], switch_of)
    for n, vip in enumerate(lb['additional_vips'], 1):
        found += _vip_port(nb, lb['id'], vip['ip_address'], vip['port_id'],
                           vip['subnet_id'],
                           f'{VIP_PORT}additional-{n}-{lb["id"]}', switch_of)
    return found


def _affinity(pool):
    """A pool's seconds of affinity as text, or None."""
    persistence = pool['session_persistence']
    if not persistence:
        return None
    return str(persistence.get('persistence_timeout') or 360)


def _versions(lb):
    """The IP versions of all VIPs."""
    return {6 if ':' in address else 4 for address
            in [lb['vip_address'],
                *[vip['ip_address'] for vip in lb['additional_vips']]]}


def _kinds(graph, has_fields6):
    """What rows a load balancer needs: (protocol, hashing, affinity), the IP
    version that is in it ('' for any), and whether it is the first of its
    protocol."""
    versions = _versions(graph['loadbalancer'])
    kinds = []
    pools = sorted(graph['pools'].values(),
                   key=lambda item: (item['created_at'], item['id']))
    for item in [*pools, *graph['listeners'].values()]:
        protocol = item['protocol'].lower()
        first = protocol not in {kind[0] for kind, _, _ in kinds}
        if 'lb_algorithm' not in item:
            if first:
                kinds.append(((protocol, 'SOURCE_IP_PORT', None), '', True))
            continue
        algorithm = _algorithm(item, versions, has_fields6)
        kind = protocol, algorithm, _affinity(item)
        if kind in {known for known, _, _ in kinds}:
            continue
        if (algorithm == 'SOURCE_IP' and len(versions) == 2
                and not has_fields6):
            kinds += [(kind, 4, first), (kind, 6, False)]
        else:
            kinds.append((kind, '', first))
    return kinds or [(('', 'SOURCE_IP_PORT', None), '', True)]


def _algorithm(pool, versions, has_fields6):
    """To an OVN that cannot hash IPv6, all is one there."""
    return ('SOURCE_IP' if pool['lb_algorithm'] == 'SOURCE_IP'
            and (has_fields6 or versions != {6}) else 'SOURCE_IP_PORT')


def _vip_port(nb, lb_id, address, port_id, subnet_id, name, switch_of):
    port = nb.ports.get(name)
    if port is None:
        # A port of the user's.
        return ([] if any(row['_uuid'] == port_id or row['name'] == port_id
                          for row in nb.ports.values())
                else [f'no port {name}'])
    found = []
    if port_id not in port_ids(port):
        found.append(f'{lb_id}: {port_id} is not the VIP port')
    if port['type'] != 'virtual' or 'virtual-ip' in port['options']:
        found.append(f'VIP port: type {port["type"]} {port["options"]}')
    words = port['addresses'].split() if isinstance(
        port['addresses'], str) else []
    if words[1:] != [address]:
        found.append(f'VIP port: addresses {port["addresses"]}')
    homes = [switch['name'] for switch in nb.switches.values()
             if port['_uuid'] in switch['ports']]
    if homes != [switch_of[subnet_id]]:
        found.append(f'VIP port is on {homes}')
    return found


class _Expected:
    """One row as it must be."""

    def __init__(self, nb, graph, kind, family, is_first, switch_of):
        self.lb = graph['loadbalancer']
        self.floating = [
            nb.floating_ips(address, port_id, switch_of[subnet_id])
            for address, port_id, subnet_id in [
                (self.lb['vip_address'], self.lb['vip_port_id'],
                 self.lb['vip_subnet_id']),
                *[(vip['ip_address'], vip['port_id'], vip['subnet_id'])
                  for vip in self.lb['additional_vips']]]]
        self.protocol, self.algorithm, self.affinity = kind
        self.family = family
        self.has_ipv6_hash = nb.has_ipv6_hash
        self.pools = {
            key: pool for key, pool
            in self._of_protocol(graph['pools']).items()
            if _affinity(pool) == self.affinity
            and _algorithm(pool, _versions(self.lb), nb.has_ipv6_hash)
            == self.algorithm}
        self.listeners = {
            key: listener for key, listener
            in self._of_protocol(graph['listeners']).items()
            if (listener['default_pool_id'] in self.pools
                if listener['default_pool_id'] else is_first)}
        self.monitors = {
            key: graph['healthmonitors'][pool['healthmonitor_id']]
            for key, pool in self.pools.items() if pool['healthmonitor_id']}
        self.members = {pool_id: list(graph['members'][pool_id].values())
                        for pool_id in self.pools}
        self.cut_off = {
            member['id'] for pool_id in self.probed()
            for member in self.members[pool_id] if nb.is_cut_off(
                switch_of[member['subnet_id']],
                self.protocol, member['address'], member['protocol_port'])}
        self.subnets = [self.lb['vip_subnet_id'],
                        *[vip['subnet_id'] for vip
                          in self.lb['additional_vips']]]

        def homes(pools):
            return nb.inside(
                {switch_of[subnet] for subnet in self.subnets} | {
                    switch_of[member['subnet_id']]
                    for members in pools for member in members.values()})
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
        compare('vips', {key: counted(filter(None, value.split(',')))
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
        if 'neutron:additional_vip_fips' in ids:
            ids['neutron:additional_vip_fips'] = sorted(
                ids['neutron:additional_vip_fips'].split(','))
        if 'octavia:healthmonitors' in ids:
            ids['octavia:healthmonitors'] = sorted(
                json.loads(ids['octavia:healthmonitors']))
        compare('external_ids', ids, self.external_ids())
        compare('ct_flush', row['options'].get('ct_flush'),
                'true' if self.protocol == 'udp' else None)
        compare('health checks', self.seen_checks(nb, row), self.checks())
        compare('mapped members',
                {key.strip('[]') for key in row['ip_port_mappings']},
                self.mapped(nb))
        found += self._attachment(nb, row, ls_refs, lr_ref)
        return found

    def _attachment(self, nb, row, ls_refs, lr_ref):
        def reach(homes):
            routers = nb.routers_of(homes)
            return homes.union(*map(nb.switches_of, routers)), routers
        (switches, routers), (least, least_routers), (most, most_routers) \
            = nb.where(row), reach(self.least), reach(self.most)
        found = []
        if nb.groups_of(row):
            # Who refers to what is in the groups, then.
            if ls_refs or lr_ref:
                found.append(f'in a group, but with {ls_refs} {lr_ref}')
            ls_refs = dict.fromkeys(self.least)
            lr_ref = least_routers
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

    def row_key(self):
        """What tells the row from others of the load balancer."""
        versions = {6 if ':' in address else 4
                    for address in self.addresses()}
        return (self.protocol,
                tuple(hash_fields(self.algorithm, versions,
                                  self.has_ipv6_hash)), self.affinity)

    def addresses(self):
        """The VIPs and floating IPs in the row."""
        return [address for address
                in [self.lb['vip_address'],
                    *[vip['ip_address'] for vip
                      in self.lb['additional_vips']],
                    *itertools.chain(*self.floating)]
                if self.family in ('', 6 if ':' in address else 4)]

    def member_status(self):
        def status(pool, member):
            if not member['admin_state_up'] or not member['weight']:
                return 'OFFLINE'
            if not self.monitors.get(pool, {}).get('admin_state_up'):
                return 'NO_MONITOR'
            return ('ERROR' if member['operating_status'] == 'ERROR'
                    else 'ONLINE')
        return {member['id']: status(pool, member)
                for pool, members in self.members.items()
                for member in members}

    def probed(self):
        """Pools whose members are probed."""
        return {} if self.protocol == 'sctp' else {
            key: monitor for key, monitor in self.monitors.items()
            if monitor['admin_state_up']}

    def checks(self):
        """{VIP: what its check says}."""
        return {endpoint(address, listener['protocol_port']):
                {'interval': str(monitor['delay']),
                 'timeout': str(monitor['timeout']),
                 'success_count': str(monitor['max_retries']),
                 'failure_count': str(monitor['max_retries_down']),
                 'octavia:healthmonitor': monitor['id'],
                 'octavia:pool_id': pool,
                 'octavia:vip': address}
                for pool, monitor in self.probed().items()
                for listener in self.listeners.values()
                if listener['default_pool_id'] == pool
                for address in self.addresses()}

    def seen_checks(self, nb, row):
        checks = [nb.checks[key] for key in row['health_check']]
        return {check['vip']: {**check['options'], **check['external_ids']}
                for check in checks if check['vip']}

    def mapped(self, nb):
        """Addresses of members that are probed and have a port."""
        with_port = set()
        for port in nb.ports.values():
            texts = port['addresses']
            for text in [texts] if isinstance(texts, str) else texts:
                with_port.update(text.split()[1:])
        return {member['address'] for pool in self.probed()
                for member in self.members[pool]
                if member['admin_state_up'] and member['address'] in with_port}

    def vips(self):
        vips = {}
        for listener in self.listeners.values():
            pool = self.pools.get(listener['default_pool_id'])
            if not (self.lb['admin_state_up'] and listener['admin_state_up']
                    and pool and pool['admin_state_up']):
                continue
            for address in self.addresses():
                # Whoever is in outlives that nobody is let in.
                if any((':' in member['address']) == (':' in address)
                       for member in self.members[pool['id']]):
                    key = endpoint(address, listener['protocol_port'])
                    vips[key] = counted(self.backends(pool['id'], address))
        return vips

    def backends(self, pool_id, vip):
        """Who is in a VIP's list, each as often as its weight says."""
        able = [member for member in self.members[pool_id]
                if member['admin_state_up'] and member['weight']
                and member['id'] not in self.cut_off
                and (':' in member['address']) == (':' in vip)]
        alive = [member for member in able if not member['backup']
                 and not (pool_id in self.probed()
                          and member['operating_status'] == 'ERROR')]
        chosen = [member for member in able
                  if not member['backup'] or not alive]
        weights = [member['weight'] for member in chosen]
        unit = math.gcd(*weights) or 1
        if sum(weights) / unit > PLACES_MAX:
            unit = sum(weights) / PLACES_MAX
        return [endpoint(member['address'], member['protocol_port'])
                for member in chosen
                for _ in range(max(1, int(member['weight'] / unit + 0.5)))]

    def external_ids(self):
        def key(kind, item):
            off = '' if item['admin_state_up'] else ':D'
            return f'{kind}_{item["id"]}{off}'
        ids = {'enabled': str(self.lb['admin_state_up']),
               'neutron:vip': self.lb['vip_address'],
               'neutron:vip_port_id': self.lb['vip_port_id']}
        if self.lb['additional_vips']:
            ids['neutron:additional_vips'] = ','.join(
                vip['ip_address'] for vip in self.lb['additional_vips'])
            ids['neutron:additional_vip_port_ids'] = ','.join(
                vip['port_id'] for vip in self.lb['additional_vips'])
        first, *others = self.floating
        if first:
            ids['neutron:vip_fip'] = first[0]
        others = [*first[1:], *itertools.chain(*others)]
        if others:
            ids['neutron:additional_vip_fips'] = sorted(others)
        if self.monitors:
            ids['octavia:healthmonitors'] = sorted(
                monitor['id'] for monitor in self.monitors.values())
        for listener in self.listeners.values():
            pool_id = listener['default_pool_id']
            ids[key('listener', listener)] = (
                f'{listener["protocol_port"]}:'
                + (f'pool_{pool_id}' if pool_id else ''))
        for pool_id, pool in self.pools.items():
            ids[key('pool', pool)] = sorted(
                f'member_{member["id"]}_{member["written"]}:'
                f'{member["protocol_port"]}_{member["subnet_id"]}'
                for member in self.members[pool_id])
        return ids
