# SPDX-License-Identifier: Apache-2.0
"""Load balancers and groups of others are the same, to the byte, beside a
whole life of ours.
"""

import itertools

from lib import ctl, harness, neutron, wait

IGNORED = ('NB_Global', 'Connection')
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


class Beside:
    """Mixed into a test for each way of association."""

    def setUp(self):
        super().setUp()
        self.maxDiff = None
        self.ctl = ctl.Ctl(self.world)

    def dump(self):
        self.world.ovn.sync()
        with self.world.ovn.nb.client() as nb:
            return nb.dump(IGNORED)

    def assert_same(self, before):
        """What is in 'before' is as it was, and where it was."""
        now = self.dump()
        for table in ('Load_Balancer', 'Load_Balancer_Group',
                      'Load_Balancer_Health_Check', 'NAT'):
            for key, row in before[table].items():
                self.assertEqual(now[table].get(key), row)
        for table in ('Logical_Switch', 'Logical_Router'):
            for key, row in before[table].items():
                for column in ('load_balancer', 'load_balancer_group'):
                    missing = (self.as_set(row[column])
                               - self.as_set(now[table][key][column]))
                    self.assertEqual(missing, set(), row['name'])

    @staticmethod
    def as_set(value):
        return set(value if isinstance(value, list) else [value])

    def test_life(self):
        """Rows and groups of others are the same beside a whole life of ours
        """
        self.allow_log(*harness.CONNECTION_LOST)
        Foreign(self.world.ovn.nb)
        before = self.dump()
        lb = self.web_lb('one')
        self.web_lb('two', protocol='UDP')
        for step in (self.grow, self.probe, self.change, self.forward,
                     self.attach, self.restart, self.shrink):
            with self.subTest(step=step.__name__):
                step(lb)
                self.world.driver.wait_in_sync()
                self.assert_same(before)
        self.delete_all()
        self.ctl('resync')
        self.world.driver.wait_in_sync()

        def all_gone():
            # What nobody needs any more goes a little later.
            self.assertEqual(self.dump(), before)
            return True
        wait.until(all_gone, 'nothing of ours is left', 30)
        self.assertEqual(self.ctl('orphans'), '')
        self.assertEqual(self.ctl('adopt'), '0 adopted, 0 left alone\n')
        with self.world.ovn.nb.client() as nb:
            nb.transact(
                {'op': 'update', 'table': 'Logical_Switch', 'where': [],
                 'row': {'load_balancer_group': ['set', []]}},
                {'op': 'update', 'table': 'Logical_Router', 'where': [],
                 'row': {'load_balancer_group': ['set', []]}},
                {'op': 'delete', 'table': 'Load_Balancer', 'where': []},
                {'op': 'delete', 'table': 'Load_Balancer_Group',
                 'where': []})

    # Steps.

    def grow(self, lb):
        """More listeners and pools, of other kinds."""
        for protocol, algorithm in (('TCP', 'SOURCE_IP'),
                                    ('UDP', 'SOURCE_IP_PORT'),
                                    ('SCTP', 'SOURCE_IP')):
            listener = self.api.create_listener(lb['id'], 90, protocol)
            pool = self.api.create_pool(lb['id'], protocol,
                                        lb_algorithm=algorithm,
                                        listener_id=listener['id'])
            self.api.create_member(lb['id'], pool['id'], '10.2.0.11', 8080,
                                   'n2')

    def probe(self, lb):
        self.api.post('/healthmonitors', {'healthmonitor': {
            'pool_id': lb['pools'][0]['id'], 'type': 'TCP', 'delay': 1,
            'timeout': 1, 'max_retries': 1}})
        self.api.wait_active(lb['id'])

    def change(self, lb):
        path = f'/pools/{lb["pools"][0]["id"]}/members'
        member = self.api.get(path)[0]
        for value in ({'weight': 3}, {'admin_state_up': False},
                      {'admin_state_up': True}):
            self.api.put(f'{path}/{member["id"]}', {'member': value})
            self.api.wait_active(lb['id'])
        for is_up in (False, True):
            self.api.put(f'/loadbalancers/{lb["id"]}',
                         {'loadbalancer': {'admin_state_up': is_up}})
            self.api.wait_active(lb['id'])

    def forward(self, lb):
        """A floating IP that comes and goes."""
        nbctl = self.world.ovn.nbctl
        nbctl('lr-nat-add', 'r1', 'dnat_and_snat', '172.24.4.80',
              lb['vip_address'])
        wait.until(lambda: '172.24.4.80:80' in str(
            self.nb().rows_of(lb['id'])), 'the floating IP is served')
        nbctl('lr-nat-del', 'r1', 'dnat_and_snat', '172.24.4.80')
        wait.until(lambda: '172.24.4.80:80' not in str(
            self.nb().rows_of(lb['id'])), 'it is not any more')

    def attach(self, _):
        network = self.world.networks[3]
        self.world.topology.attach('r1', network)
        self.settle()
        self.world.topology.detach('r1', network)
        self.settle()

    def restart(self, _):
        world = self.world
        world.ovn.nb.restart()
        world.driver.kill()
        world.driver.start()
        world.driver.wait_ready()
        wait.until(lambda: self.api.request('GET', '/v2.0/subnets').status
                   == 200, 'the API has its networks again')
        self.settle()

    def shrink(self, lb):
        pool = self.api.get(f'/pools/{lb["pools"][0]["id"]}')
        self.api.delete(f'/healthmonitors/{pool["healthmonitor_id"]}')
        self.api.wait_active(lb['id'])
        self.api.delete(f'/pools/{pool["id"]}')
        self.api.wait_active(lb['id'])


class Direct(Beside, harness.SystemTest):

    driver_options = ('--association=direct',)


class Group(Beside, harness.SystemTest):

    driver_options = ('--association=group',)
