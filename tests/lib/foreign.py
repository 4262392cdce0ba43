# SPDX-License-Identifier: Apache-2.0
"""Load balancers, groups and checks of others, to be beside ours."""

import itertools

from . import neutron

COUNTER = itertools.count()


def refs(*names):
    return ['set', [['named-uuid', name] for name in names]]


class Foreign:
    """Writes what others have, in one transaction."""

    def __init__(self, nb):
        self.operations = []
        self._forwarding('tcp')
        self._forwarding('udp')
        self._kubernetes()
        self._handmade()
        with nb.client() as db:
            db.transact(*self.operations)

    def _insert(self, table, **row):
        name = f'row{next(COUNTER)}'
        self.operations.append(neutron.insert(table, {
            column: neutron.as_map(value) if isinstance(value, dict)
            else value for column, value in row.items()}, name))
        return name

    def _mutate(self, table, name, column, value):
        self.operations.append(neutron.mutate(table, name, column, value))

    def _forwarding(self, protocol):
        """Port forwardings of a floating IP, as Neutron writes them."""
        fip = neutron.new_id()
        row = self._insert(
            'Load_Balancer', name=f'pf-floatingip-{fip}-{protocol}',
            protocol=protocol, vips={'172.24.4.70:2222': '10.1.0.11:22',
                                     '172.24.4.70:2223': '10.1.0.12:22'},
            external_ids={
                'neutron:device_owner': 'port_forwarding_plugin',
                'neutron:fip_id': fip, 'neutron:revision_number': '3',
                'neutron:router_name': 'r1'})
        self._mutate('Logical_Router', 'r1', 'load_balancer', refs(row))

    def _kubernetes(self):
        """Services, and groups of them."""
        for protocol in ('tcp', 'udp', 'sctp'):
            row = self._insert(
                'Load_Balancer',
                name=f'Service_default/web_{protocol.upper()}_cluster',
                protocol=protocol,
                vips={'10.96.0.1:80': '10.1.0.11:8080,10.2.0.11:8080',
                      '[fd00:96::1]:80': '[fd00::11]:8080',
                      '10.96.0.2:80': ''},
                options={'reject': 'true', 'event': 'false',
                         'skip_snat': 'false', 'affinity_timeout': '10800'},
                selection_fields=['set', ['ip_src', 'ip_dst']],
                external_ids={'k8s.ovn.org/kind': 'Service',
                              'k8s.ovn.org/owner': 'default/web'})
            group = self._insert('Load_Balancer_Group',
                                 name=f'cluster{protocol}LBGroup',
                                 load_balancer=refs(row))
            for table, name in (('Logical_Switch', 'n1'),
                                ('Logical_Switch', 'n3'),
                                ('Logical_Router', 'r1')):
                self._mutate(table, name, 'load_balancer_group', refs(group))
        self._insert('Load_Balancer_Group', name='clusterEmptyLBGroup')

    def _handmade(self):
        """What people type: with health checks, with the name of a UUID,
        with our keys but not our kind of name, and without a name."""
        check = self._insert('Load_Balancer_Health_Check',
                             vip='10.1.0.220:80',
                             options={'interval': '5', 'mine': 'yes'})
        rows = [
            self._insert('Load_Balancer', name='handmade', protocol='tcp',
                         vips={'10.1.0.220:80': '10.1.0.11:8080'},
                         health_check=refs(check),
                         ip_port_mappings={'10.1.0.11': 'web1:10.1.0.250'}),
            self._insert('Load_Balancer', name=neutron.new_id(),
                         protocol='tcp',
                         vips={'10.1.0.221:80': '10.1.0.11:8080'}),
            self._insert('Load_Balancer', name='listener',
                         vips={'10.1.0.222:80': '10.1.0.11:8080'},
                         external_ids={'neutron:vip': '10.1.0.222',
                                       'enabled': 'True', 'ls_refs': 'x'}),
            self._insert('Load_Balancer', vips={'10.1.0.223:80': ''})]
        self._mutate('Logical_Switch', 'n1', 'load_balancer', refs(*rows))
        self._mutate('Logical_Router', 'r1', 'load_balancer', refs(*rows))
        for name in ('ovn-lb-vip-none', f'other-lb-hm-{neutron.new_id()}'):
            port = self._insert('Logical_Switch_Port', name=name)
            self._mutate('Logical_Switch', 'n1', 'ports', refs(port))
