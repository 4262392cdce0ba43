# SPDX-License-Identifier: Apache-2.0
"""Load balancers in the Northbound database as the Python OVN provider makes
them: the rows, who carries them, and Neutron's port for the VIP.

Written by hand here, so that reading them back is tested against a second
opinion.  For networks made by hand (lib.topology): what Neutron calls
"neutron-ID" has the switch's own name.
"""

import json
import uuid

FIELDS = {'SOURCE_IP_PORT': ['ip_dst', 'ip_src', 'tp_dst', 'tp_src'],
          'SOURCE_IP': ['ip_dst', 'ip_src']}


def new_id():
    return str(uuid.uuid4())


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
        self.ls_refs = {lb.network: 1}

    def add(self, port, members, listener_up=True):
        """A listener with a pool: members are (address, port, network,
        subnet id, up).  Returns the ids of listener, pool and members."""
        listener, pool = new_id(), new_id()
        ids, texts, backends = [], [], []
        for address, member_port, network, subnet, is_up in members:
            member = new_id()
            ids.append(member)
            texts.append(f'member_{member}_{address}:{member_port}_{subnet}')
            self.status[member] = 'NO_MONITOR' if is_up else 'OFFLINE'
            self.ls_refs[network] = self.ls_refs.get(network, 0) + 1
            if is_up:
                backends.append(f'{address}:{member_port}')
        off = '' if listener_up else ':D'
        self.ids[f'listener_{listener}{off}'] = f'{port}:pool_{pool}'
        self.ids[f'pool_{pool}'] = ','.join(texts)
        if listener_up and backends:
            self.vips[f'{self.lb.vip}:{port}'] = ','.join(backends)
        return listener, pool, ids

    def operation(self, name):
        external_ids = {
            'enabled': 'True', 'neutron:vip': self.lb.vip,
            'neutron:vip_port_id': self.lb.port_id,
            'ls_refs': json.dumps(self.ls_refs), 'lr_ref': self.lb.router,
            **self.ids}
        if self.status:
            external_ids['neutron:member_status'] = json.dumps(self.status)
        options = {'affinity_timeout': self.affinity} if self.affinity else {}
        return {'op': 'insert', 'table': 'Load_Balancer', 'uuid-name': name,
                'row': {'name': self.lb.id, 'protocol': self.protocol,
                        'selection_fields': ['set', FIELDS[self.algorithm]],
                        'vips': as_map(self.vips),
                        'options': as_map(options),
                        'external_ids': as_map(external_ids)}}


class LoadBalancer:
    """A load balancer whose VIP is on 'network', carried by 'router' and all
    of 'switches'."""

    def __init__(self, nb, vip, network, router, switches, project='them'):
        self.nb = nb
        self.vip = vip
        self.network = network
        self.router = router
        self.switches = switches
        self.project = project
        self.id = new_id()
        self.port_id = new_id()
        self.rows = []

    def row(self, protocol, algorithm='SOURCE_IP_PORT', affinity=None):
        self.rows.append(Row(self, protocol, algorithm, affinity))
        return self.rows[-1]

    def write(self):
        """One transaction."""
        names = [f'lb{i}' for i in range(len(self.rows))]
        refs = ['set', [['named-uuid', name] for name in names]]

        def mutate(table, name, column, value):
            return {'op': 'mutate', 'table': table,
                    'where': [['name', '==', name]],
                    'mutations': [[column, 'insert', value]]}
        with self.nb.client() as db:
            db.transact(
                *[row.operation(name)
                  for row, name in zip(self.rows, names)],
                {'op': 'insert', 'table': 'Logical_Switch_Port',
                 'uuid-name': 'vip', 'row': {
                     'name': self.port_id, 'external_ids': as_map({
                         'neutron:port_name': f'ovn-lb-vip-{self.id}',
                         'neutron:project_id': self.project,
                         'neutron:device_owner': 'ovn-lb:vip',
                         'neutron:device_id': f'lb-{self.id}',
                         'neutron:cidrs': f'{self.vip}/24'})}},
                mutate('Logical_Switch', self.network, 'ports',
                       ['named-uuid', 'vip']),
                mutate('Logical_Router', self.router, 'load_balancer', refs),
                *[mutate('Logical_Switch', name, 'load_balancer', refs)
                  for name in self.switches])
        return self


def as_map(values):
    return ['map', sorted(values.items())]
