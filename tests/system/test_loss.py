# SPDX-License-Identifier: Apache-2.0
"""The Northbound database is lost, and comes back with the networks only: as
they are, Neutron or a backup bring those.
"""

import json
import shutil

from lib import harness, wait

N_LBS = 100


class Loss:
    """Mixed into a test for each way of association."""

    def setUp(self):
        super().setUp()
        self.maxDiff = None

    def dump(self):
        """The database, with what load balancers are made of called by what
        it is instead of by UUIDs, in one order."""
        with self.world.ovn.nb.client() as nb:
            dump = nb.dump(('NB_Global', 'Connection',
                            'Logical_Switch_Port.up'))
        labels = {}
        for key, row in dump['Load_Balancer'].items():
            labels[key] = ' '.join(['lb', row['name'], str(row['protocol']),
                                    *row['selection_fields'],
                                    str(row['options'])])
            checks = row['health_check']
            for check in checks if isinstance(checks, list) else [checks]:
                vip = dump['Load_Balancer_Health_Check'][check]['vip']
                labels[check] = f'check {vip} of {labels[key]}'
        for table in ('Load_Balancer_Group', 'Logical_Switch_Port'):
            for key, row in dump[table].items():
                labels[key] = f'{table} {row["name"]}'

        def replaced(value):
            if isinstance(value, list):
                return sorted((replaced(item) for item in value), key=str)
            if isinstance(value, dict):
                return {labels.get(key, key): replaced(item)
                        for key, item in value.items()}
            return labels.get(value, value)
        return json.dumps(replaced(dump), indent=1, sort_keys=True)

    def fill(self):
        """Load balancers of several kinds, most of them whole.  The driver
        looks for addresses from the same one on as after a restart: it probes
        from the next that is free."""
        self.world.driver.restart().wait_ready()
        lbs = [self.api.create_loadbalancer('n1', name=f'lb{n}', ready=False)
               for n in range(N_LBS)]
        for lb in lbs:
            self.api.wait_active(lb['id'])
        pools = []
        for n, lb in enumerate(lbs):
            if n % 4 == 3:
                continue
            protocol = ('TCP', 'UDP', 'TCP')[n % 4]
            listener = self.api.create_listener(lb['id'], 80, protocol)
            pools.append((lb, protocol, self.api.create_pool(
                lb['id'], protocol, listener_id=listener['id'])))
        for n, (lb, protocol, pool) in enumerate(pools):
            network, address = (('n1', '10.1.0.11'), ('n2', '10.2.0.11'),
                                ('n3', '10.3.0.11'))[n % 3]
            self.api.create_member(lb['id'], pool['id'], address, 8080,
                                   network, weight=1 + n % 2)
            if n % 5 == 0:
                kind = 'TCP' if protocol == 'TCP' else 'UDP-CONNECT'
                self.api.post('/healthmonitors', {'healthmonitor': {
                    'pool_id': pool['id'], 'type': kind, 'delay': 5,
                    'timeout': 2, 'max_retries': 3}})
                self.api.wait_active(lb['id'])

    def save(self):
        """Returns a copy of the database, with the networks only."""
        self.allow_log(*harness.CONNECTION_LOST)
        world = self.world
        saved = world.ovn.nb.file + '.saved'
        world.ovn.nb.stop()
        shutil.copyfile(world.ovn.nb.file, saved)
        world.ovn.nb.start()
        world.driver.wait_in_sync()
        wait.until(lambda: self.api.request('GET', '/v2.0/subnets').status
                   == 200, 'the API has its networks')
        return saved

    def test_running(self):
        """Daemons that run on take the older database when they are told"""
        world = self.world
        saved = self.save()
        self.api.create_loadbalancer('n1', name='lost')
        world.driver.wait_in_sync()
        before = self.dump()
        self.allow_log(r'stale data', r'ovsdb_idl\|WARN', r'clustered database')
        for process in (world.ovn.northd, world.ovn.nb):
            process.stop()
        shutil.copyfile(saved, world.ovn.nb.file)
        world.ovn.nb.start()
        world.ovn.northd.start()
        for daemon in (world.driver, world.api):
            daemon.appctl('cluster-state-reset')
        wait.until(lambda: self.dump() == before,
                   'the load balancer is back', 30)
        wait.until(lambda: self.api.request('GET', '/v2.0/subnets').status
                   == 200, 'the API has its networks')
        self.settle(60)

    def test_loss(self):
        """All load balancers are written anew, as they were"""
        world = self.world
        saved = self.save()
        self.fill()
        world.driver.wait_in_sync()
        before = self.dump()
        self.assertEqual(len(self.nb().lbs), N_LBS)

        daemons = (world.driver, world.api)
        for process in (*daemons, world.ovn.northd, world.ovn.nb):
            process.stop()
        shutil.copyfile(saved, world.ovn.nb.file)
        world.ovn.nb.start()
        self.assertEqual(self.nb().lbs, {})
        world.ovn.northd.start()
        world.start_daemons()
        status = world.driver.wait_in_sync()
        # Batches, not one transaction for each.
        self.assertLess(int(status["nb-commits"]), N_LBS)
        self.assertEqual(self.dump(), before)
        self.settle(60)


class Direct(Loss, harness.SystemTest):

    driver_options = ('--association=direct',)


class Group(Loss, harness.SystemTest):

    driver_options = ('--association=group',)
