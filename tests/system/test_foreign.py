# SPDX-License-Identifier: Apache-2.0
"""Load balancers and groups of others are the same, to the byte, beside a
whole life of ours.
"""

from lib import ctl, foreign, harness, wait

IGNORED = ('NB_Global', 'Connection')


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
        foreign.Foreign(self.world.ovn.nb)
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
