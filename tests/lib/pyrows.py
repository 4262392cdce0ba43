# SPDX-License-Identifier: Apache-2.0
"""Load balancers in the Northbound database as the Python OVN provider makes
them: the rows, who carries them, and Neutron's port for the VIP.

Written by hand here, so that reading them back is tested against a second
opinion.  For networks of Neutron's (lib.neutron), and for networks made by
hand (lib.topology): what Neutron calls "neutron-ID" has the switch's own
name.
"""

import json
import uuid

FIELDS = {'SOURCE_IP_PORT': ['ip_dst', 'ip_src', 'tp_dst', 'tp_src'],
          'SOURCE_IP': ['ip_dst', 'ip_src']}


def new_id():
    return str(uuid.uuid4())


def endpoint(address, port):
    return f'[{address}]:{port}' if ':' in address else f'{address}:{port}'


def bracketed(address):
    return f'[{address}]' if ':' in address else address


class Row:
    """One protocol of a load balancer."""

    def __init__(self, lb, protocol, algorithm, affinity):
        self.lb = lb
        self.protocol = protocol
        self.algorithm = algorithm
        self.affinity = affinity
        self.ids = {}
        self.vips = {}
        self.status = {}
        self.ls_refs = dict(lb.homes)
        self.monitors = []
        self.checks = []
        self.mappings = {}

    def add(self, port, members, listener_up=True, pool_up=True):
        """A listener (if there is a port) with a pool: members are (address,
        port, network, subnet id, up).  Returns the ids of listener, pool and
        members."""
        listener, pool = new_id(), new_id()
        ids, texts, backends = [], [], []
        for address, member_port, network, subnet, is_up in members:
            member = new_id()
            ids.append(member)
            texts.append(f'member_{member}_{address}:{member_port}_{subnet}')
            self.status[member] = 'NO_MONITOR' if is_up else 'OFFLINE'
            if network:
                self.ls_refs[network] = self.ls_refs.get(network, 0) + 1
            if is_up:
                backends.append((address, member_port))
        if port:
            off = '' if listener_up else ':D'
            self.ids[f'listener_{listener}{off}'] = f'{port}:pool_{pool}'
        self.ids[f'pool_{pool}' + ('' if pool_up else ':D')] = ','.join(texts)
        if port and listener_up and pool_up and self.lb.enabled:
            self._add_vips(port, backends)
        return listener, pool, ids

    def _add_vips(self, port, backends):
        for vip in self.lb.frontends():
            able = [endpoint(*backend) for backend in backends
                    if (':' in backend[0]) == (':' in vip)]
            if able:
                self.vips[endpoint(vip, port)] = ','.join(able)

    def monitor(self, pool, members, port, places, delay=5):
        """A health monitor of the pool: 'port' is that of the pool's first
        listener, or None; 'places' are, for each member, its address, its
        port's name and the address from which it is probed."""
        monitor = new_id()
        self.monitors.append(monitor)
        for vip in self.lb.frontends():
            self.checks.append({
                'vip': endpoint(vip, port) if port else '',
                'options': as_map({
                    'interval': str(delay), 'timeout': '2',
                    'success_count': '3', 'failure_count': '4'}),
                'external_ids': as_map({
                    'octavia:healthmonitor': monitor,
                    'octavia:pool_id': pool, 'octavia:vip': vip})})
        for address, name, source in places:
            self.mappings[bracketed(address)] = f'{name}:{bracketed(source)}'
        for member in members:
            self.status[member] = 'ONLINE'
        return monitor

    def operations(self, name):
        lb = self.lb
        external_ids = {
            'enabled': str(lb.enabled), 'neutron:vip': lb.vip,
            'neutron:vip_port_id': lb.port_id,
            'ls_refs': json.dumps(self.ls_refs), **lb.more_ids(), **self.ids}
        if lb.routers:
            external_ids['lr_ref'] = ','.join(lb.routers)
        if self.status:
            external_ids['neutron:member_status'] = json.dumps(self.status)
        if self.monitors:
            external_ids['octavia:healthmonitors'] = json.dumps(self.monitors)
        options = {'affinity_timeout': self.affinity} if self.affinity else {}
        checks = [f'{name}check{i}' for i in range(len(self.checks))]
        return [{'op': 'insert', 'table': 'Load_Balancer', 'uuid-name': name,
                 'row': {'name': lb.id,
                         'selection_fields': ['set', FIELDS[self.algorithm]],
                         'vips': as_map(self.vips),
                         'options': as_map(options),
                         'ip_port_mappings': as_map(self.mappings),
                         'health_check': ['set', [['named-uuid', check]
                                                  for check in checks]],
                         'external_ids': as_map(external_ids),
                         **({'protocol': self.protocol} if self.protocol
                            else {})}},
                *[{'op': 'insert', 'table': 'Load_Balancer_Health_Check',
                   'uuid-name': check, 'row': row}
                  for check, row in zip(checks, self.checks)]]


class LoadBalancer:
    """A load balancer whose VIP is on 'network', carried by 'router' (a name,
    a list of names, or None) and all of 'switches'.

    port_id     of the VIP's port, if that is there already
    additional  more VIPs: (address, network, id of the port)
    fips        floating IPs of the VIP and of each additional VIP, or None
    """

    def __init__(self, nb, vip, network, router, switches, project='them',
                 lb_id=None, port_id=None, additional=(), fips=(),
                 enabled=True):
        self.nb = nb
        self.vip = vip
        self.network = network
        self.routers = ([router] if isinstance(router, str)
                        else list(router or ()))
        self.switches = switches
        self.project = project
        self.id = lb_id or new_id()
        self.has_port = port_id is not None
        self.port_id = port_id or new_id()
        self.additional = list(additional)
        self.fips = list(fips)
        self.enabled = enabled
        self.homes = {}
        for home in [network, *[item[1] for item in self.additional]]:
            if home in switches:
                self.homes[home] = self.homes.get(home, 0) + 1
        self.rows = []

    def row(self, protocol, algorithm='SOURCE_IP_PORT', affinity=None):
        self.rows.append(Row(self, protocol, algorithm, affinity))
        return self.rows[-1]

    def frontends(self):
        """All that clients may call."""
        return [self.vip, *[item[0] for item in self.additional],
                *[fip for fip in self.fips if fip]]

    def more_ids(self):
        ids = {}
        if self.additional:
            ids['neutron:additional_vips'] = ','.join(
                item[0] for item in self.additional)
            ids['neutron:additional_vip_port_ids'] = ','.join(
                item[2] for item in self.additional)
        if self.fips and self.fips[0]:
            ids['neutron:vip_fip'] = self.fips[0]
        if any(self.fips[1:]):
            ids['neutron:additional_vip_fips'] = ','.join(
                fip for fip in self.fips[1:] if fip)
        return ids

    def _port(self):
        """For a network made by hand."""
        return [{'op': 'insert', 'table': 'Logical_Switch_Port',
                 'uuid-name': 'vip', 'row': {
                     'name': self.port_id, 'external_ids': as_map({
                         'neutron:port_name': f'ovn-lb-vip-{self.id}',
                         'neutron:project_id': self.project,
                         'neutron:device_owner': 'ovn-lb:vip',
                         'neutron:device_id': f'lb-{self.id}',
                         'neutron:cidrs': f'{self.vip}/24'})}},
                mutate('Logical_Switch', self.network, 'ports',
                       ['named-uuid', 'vip'])]

    def write(self):
        """One transaction."""
        names = [f'lb{i}' for i in range(len(self.rows))]
        refs = ['set', [['named-uuid', name] for name in names]]

        with self.nb.client() as db:
            db.transact(
                *[operation for row, name in zip(self.rows, names)
                  for operation in row.operations(name)],
                *([] if self.has_port else self._port()),
                *[mutate('Logical_Router', name, 'load_balancer', refs)
                  for name in self.routers],
                *[mutate('Logical_Switch', name, 'load_balancer', refs)
                  for name in self.switches])
        return self


# What ours writes into rows of UDP when it takes them over.
FLUSH = {'ct_flush': 'true'}


def beside_flushing(updates):
    """Of a watch.Watch's updates, what is more than that."""
    def is_flushing(table, change):
        if table != 'Load_Balancer' or set(change.get('old', ())) \
                != {'options'} or change['new']['protocol'] != 'udp':
            return False
        old, new = (dict(row['options'][1]) for row
                    in (change['old'], change['new']))
        return new == {**old, **FLUSH}
    rest = []
    for update in updates:
        more = {table: {key: change for key, change in rows.items()
                        if not is_flushing(table, change)}
                for table, rows in update.items()}
        if any(more.values()):
            rest.append(more)
    return rest


def flushing(dump):
    """What a dump of the database is after that, and nothing else."""
    rows = {key: {**row, 'options': {**row['options'], **FLUSH}}
            if row['protocol'] == 'udp' else row
            for key, row in dump['Load_Balancer'].items()}
    return {**dump, 'Load_Balancer': rows}


def mutate(table, name, column, value):
    return {'op': 'mutate', 'table': table, 'where': [['name', '==', name]],
            'mutations': [[column, 'insert', value]]}


def as_map(values):
    return ['map', sorted(values.items())]
