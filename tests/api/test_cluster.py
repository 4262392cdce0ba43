#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Databases of three servers each, two APIs and two drivers, while any of them
is lost under load: nothing that was answered is lost or there twice, and
nobody is refused for an election."""

import collections
import contextlib
import http.client
import itertools
import os
import shutil
import tempfile
import threading
import unittest

import apitest

from lib import client, cluster, daemons, janitor, ovsdb, proc, wait

CLIENTS = 4
# Answers that each client has after a fault, before it is called over.
AFTER = 3
_runs = itertools.count()
# What is said of a server that is lost, and by servers of each other's loss.
LOST = (r'\|db_link\|WARN', r'\|(reconnect|jsonrpc|ovsdb_cs|stream_\w+)\|')


class Writer(threading.Thread):
    """A client that makes one pool after the other, each with a name of its
    own, in a load balancer of its own."""

    def __init__(self, prefix, port, lb):
        super().__init__(daemon=True)
        self.prefix = prefix
        self.port = port
        self.lb = lb
        self.stopping = threading.Event()
        self.answered = []      # Names of pools.
        self.faults = []        # Any other answer than 201 and 409.

    def run(self):
        rest = client.Rest(self.port, timeout=60)
        count = 0
        while not self.stopping.is_set():
            name = f'{self.prefix}-{count}'
            try:
                reply = rest.request('POST', apitest.LBAAS + '/pools', {
                    'pool': {'loadbalancer_id': self.lb, 'name': name,
                             'protocol': 'TCP',
                             'lb_algorithm': 'SOURCE_IP_PORT'}})
            except (OSError, http.client.HTTPException) as error:
                self.faults.append(f'{name}: {error!r}')
                break
            if reply.status == 201:
                self.answered.append(name)
                count += 1
            elif reply.status == 409:
                # The driver is not done with the one before.
                self.stopping.wait(0.02)
            else:
                self.faults.append(f'{name}: {reply}')
                count += 1
        rest.close()

    def finish(self):
        self.stopping.set()
        self.join(60 * wait.SLOWNESS)


class Stand:
    """Two clusters, two of each daemon, one network."""

    def __init__(self, cut_off=False):
        self.directory = tempfile.mkdtemp(prefix='oo-cl-', dir='/tmp')
        self.rundir = os.path.join(self.directory, 'run')
        os.mkdir(self.rundir, 0o700)
        prefix = 'x' + os.path.basename(self.directory)
        janitor.start(self.directory, self.rundir, prefix)
        self.machines = cluster.Machines(prefix, 3) if cut_off else None
        self.octavia, self.nb = (
            cluster.Cluster(name, schema, self.rundir, machines=self.machines)
            for name, schema in (('octavia', ovsdb.OCTAVIA_SCHEMA),
                                 ('nb', ovsdb.NB_SCHEMA)))
        self.apis, self.drivers = [], []
        self.exit = contextlib.ExitStack()

    def start(self):
        if self.machines:
            self.exit.callback(self.machines.delete)
            self.machines.create()
            self.exit.enter_context(self.machines.inside())
        for group in (self.octavia, self.nb):
            self.exit.callback(group.stop)
            group.start()
        proc.run(['ovn-nbctl', f'--db={self.nb.remote}', 'init', '--',
                  'ls-add', 'n1', '--', 'set', 'Logical_Switch', 'n1',
                  'other_config:subnet=10.1.0.0/24'],
                 env={'OVN_NB_DAEMON': None})
        remotes = self.octavia.remote, self.nb.remote
        for i in range(2):
            self.drivers.append(daemons.Driver(
                self.rundir, *remotes, f'unix:{self.rundir}/sb.sock',
                name=f'driver{i}'))
            self.apis.append(daemons.Api(self.rundir, *remotes,
                                         name=f'api{i}'))
        for daemon in (*self.drivers, *self.apis):
            self.exit.callback(daemon.stop)
            daemon.start()
        for daemon in (*self.drivers, *self.apis):
            daemon.wait_ready()
        for api in self.apis:
            self.wait_api(api)
        return self

    @staticmethod
    def wait_api(api):
        def has_all():
            rest = client.Rest(api.port)
            try:
                return all(rest.request('GET', path).status == 200 for path in
                           ('/v2.0/networks', apitest.LBAAS + '/pools'))
            finally:
                rest.close()
        wait.until(has_all, f'{api.name} has both databases', 20, 0.02)

    def stop(self):
        self.exit.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def active_drivers(self):
        return [driver for driver in self.drivers
                if driver.process.is_running()
                and driver.status()['active'] == 'yes']

    def wait_active(self):
        return wait.until(self.active_drivers, 'a driver is active', 20,
                          0.02)[0]


class ClusterTest(unittest.TestCase):
    cut_off = False

    @classmethod
    def setUpClass(cls):
        cls.stand = Stand(cls.cut_off)
        cls.addClassCleanup(cls.stand.stop)
        cls.stand.start()

    def setUp(self):
        rest = client.Api(self.stand.apis[0].port)
        subnet = rest.request('GET', '/v2.0/subnets').body['subnets'][0]['id']
        self.writers = []
        self.addCleanup(self.delete_all)
        run = next(_runs)
        for i in range(CLIENTS):
            lb = rest.create_loadbalancer(vip_subnet_id=subnet)
            self.writers.append(Writer(
                f'{run}-{i}', self.stand.apis[i % 2].port, lb['id']))
        rest.close()
        for daemon in (*self.stand.apis, *self.stand.drivers):
            daemon.skip_log()
        for writer in self.writers:
            self.addCleanup(writer.finish)
            writer.start()
        self.wait_writes()

    def wait_writes(self, n=AFTER):
        """Waits until every client has got 'n' answers more."""
        before = [len(writer.answered) for writer in self.writers]

        def all_have():
            now = [len(writer.answered) for writer in self.writers]
            faults = [writer.faults for writer in self.writers]
            return (any(faults)
                    or all(new - old >= n for old, new in zip(before, now)))
        wait.until(all_have, 'every client is answered again', 40, 0.02)

    def finish(self):
        """After the fault: all go on, and all is as it was answered."""
        self.wait_writes()
        for writer in self.writers:
            writer.finish()
        self.assertEqual([], [fault for writer in self.writers
                              for fault in writer.faults[:5]])
        for group in (self.stand.octavia, self.stand.nb):
            group.wait_settled()
        with self.stand.octavia.client() as db:
            rows = collections.Counter(
                row['name'] for row in db.select('Pool'))
            states = {row['provisioning_status']
                      for row in db.select('Load_Balancer')}
        answered = {name for writer in self.writers
                    for name in writer.answered}
        self.assertEqual(set(), answered - set(rows), 'lost')
        self.assertEqual([], [name for name, n in rows.items() if n > 1])
        self.assertNotIn('ERROR', states)

        driver = self.stand.wait_active()
        driver.wait_in_sync()
        self.assertEqual(driver.resync(), 0)
        wait.until(lambda: self.stand.active_drivers() == [driver],
                   'one driver is active, the same', 20, 0.02)
        for daemon in (*self.stand.apis, *self.stand.drivers):
            self.assertEqual(
                [], daemon.complaints((*apitest.ALLOWED, *LOST))
                + daemon.sanitizer_reports())

    def delete_all(self):
        rest = client.Api(self.stand.apis[0].port)

        def gone():
            for writer in self.writers:
                rest.request('DELETE', apitest.LBAAS + '/loadbalancers/'
                             + writer.lb + '?cascade=true')
            return not rest.get('/loadbalancers')
        wait.until(gone, 'every load balancer is deleted', 20, 0.02)
        rest.close()

    @contextlib.contextmanager
    def killed(self, member):
        """The server is dead, and comes back after the test."""
        member.kill()
        try:
            yield member
        finally:
            member.start()
            cluster.Cluster.wait_joined(member)


class Loss(ClusterTest):

    def test_leader(self):
        """nobody is refused while a lost leader of OVN_Octavia is replaced"""
        with self.killed(self.stand.octavia.wait_leader()):
            self.finish()

    def test_follower(self):
        """nobody notices that a follower of OVN_Octavia is lost"""
        with self.killed(self.stand.octavia.followers()[0]):
            self.finish()

    def test_transfer(self):
        """nobody is refused when leadership is handed over"""
        for group in (self.stand.octavia, self.stand.nb):
            old = group.wait_leader()
            old.transfer()
            wait.until(lambda old=old, group=group:
                       group.leader() not in (None, old),
                       'another server leads', 20, 0.02)
        self.finish()

    def test_northbound_leader(self):
        """nobody is refused while a lost Northbound leader is replaced"""
        with self.killed(self.stand.nb.wait_leader()):
            rest = client.Api(self.stand.apis[1].port)
            subnet = rest.request(
                'GET', '/v2.0/subnets').body['subnets'][0]['id']
            rest.delete('/loadbalancers/' + rest.create_loadbalancer(
                vip_subnet_id=subnet)['id'])
            rest.close()
            self.finish()

    def test_frozen_leader(self):
        """a frozen leader is replaced, and does no harm when it goes on"""
        old = self.stand.octavia.wait_leader()
        others = self.stand.octavia.followers()
        old.process.freeze()
        try:
            self.stand.octavia.wait_leader(others)
            self.wait_writes()
        finally:
            old.process.thaw()
        cluster.Cluster.wait_joined(old)
        self.finish()

    def test_driver(self):
        """the standby takes over if driver and leader die together"""
        driver = self.stand.wait_active()
        driver.kill()
        try:
            with self.killed(self.stand.octavia.wait_leader()):
                self.assertIsNot(self.stand.wait_active(), driver)
                self.finish()
        finally:
            driver.start().wait_ready()


class CutOff(ClusterTest):
    cut_off = True

    def test_machine(self):
        """nobody is refused while a leader's machine is cut off"""
        for group in (self.stand.octavia, self.stand.nb):
            old = group.wait_leader()
            others = group.followers()
            group.cut_off(old)
            try:
                group.wait_leader(others)
                self.wait_writes()
            finally:
                group.join(old)
            cluster.Cluster.wait_joined(old)
        self.finish()


if __name__ == '__main__':
    unittest.main()
