# SPDX-License-Identifier: Apache-2.0
"""The base of all system tests.

Each class of tests shares one sandbox.  After every test, whatever it was
about, four things are asked: does a forced full reconcile write nothing, are
the logs free of warnings, did the sanitizers find nothing, and has no row of
the Northbound database ever got the UUID of one before it.
"""

import contextlib
import functools
import os
import tempfile
import time
import unittest

from . import daemons, history, nbview, ovsdb, wait, world

KEEP = bool(os.environ.get('OVN_OCTAVIA_TEST_KEEP'))

# How long the driver may take to write what a probe found, milliseconds.
NEWS_MS_MAX = 3000

# What the two daemons may say at any time.  Each line with its reason.
ALLOWED = (
    # A busy machine stalls us; not our doing.
    r'timeval\|WARN\|Unreasonably long',
    r'timeval\|WARN\|(context switches|faults|disk):',
    # The library's way to say that it was asked to end.
    r'fatal_signal\|WARN\|terminating with signal 15',
)

CONNECTION_LOST = daemons.CONNECTION_LOST


def build_has_daemons():
    build = daemons.build_directory()
    return all(os.path.exists(os.path.join(
        build, 'src', f'ovn-octavia-{name}'))
        for name in ('api', 'driver'))


class SystemTest(unittest.TestCase):
    """Has a running sandbox: self.world, and a REST client: self.api."""

    with_daemons = True
    # What the driver is started with besides the usual.
    driver_options = ()
    # Whether each test starts without load balancers.
    deletes_all = True
    world = None

    def __init__(self, method='runTest'):
        super().__init__(method)
        setattr(self, method, functools.partial(self._attempt,
                                                getattr(self, method)))

    def _attempt(self, method):
        """Runs a test.  One during which the switch itself aborted (see
        lib/ovn.py) says nothing about us, and is run again."""
        n_aborts = self.world.n_aborts() if self.world else 0
        try:
            method()
        except Exception:       # pylint: disable=broad-except
            if not self.world or self.world.n_aborts() == n_aborts:
                raise
            print(f'     the switch aborted during {self.id()}', flush=True)
            self.doCleanups()
            self.setUp()
            method()

    @classmethod
    def setUpClass(cls):
        if cls.with_daemons and not build_has_daemons():
            raise AssertionError('the daemons are not built in '
                                 + daemons.build_directory())
        cls.start_world()

    @classmethod
    def start_world(cls):
        cls.world = world.World(tempfile.mkdtemp(prefix='oo-', dir='/tmp'),
                                driver_options=cls.driver_options)
        try:
            cls.world.start(with_daemons=cls.with_daemons)
            cls.prepare_world()
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def prepare_world(cls):
        """For what a class adds to the standard network."""

    @classmethod
    def tearDownClass(cls):
        if cls.world is None:
            return
        if KEEP:
            cls.world.stop()
            with open(os.path.join(cls.world.directory, 'keep'), 'wb'):
                print(f'     kept: {cls.world.rundir}')
        else:
            cls.world.remove()
        cls.world = None

    def setUp(self):
        self.allowed = list(ALLOWED)
        if self.with_daemons:
            self.api = self.world.rest()
            self.addCleanup(self.api.close)
            for daemon in self.world.daemons():
                daemon.skip_log()
            self.addCleanup(self._finish)

    def allow_log(self, *patterns):
        """Log lines of WARN or worse that this test brings about."""
        self.allowed += patterns

    def settle(self, deadline=30):
        """Waits until the NB is as the API says, and flows are as the NB
        says."""
        nbview.wait_same(self.world, self.api, deadline)
        self.world.ovn.sync()

    def nb(self):
        return nbview.Nb(self.world.ovn.nb)

    def stop_backend(self, *servers):
        """Ends servers' processes; the hosts stay.  They are back after the
        test."""
        for server in servers:
            backend = self.world.backends[server]
            backend.stop()
            self.addCleanup(self.start_backend, server)

    def start_backend(self, *servers):
        """Starts servers that are not running."""
        for server in servers:
            backend = self.world.backends[server]
            if not backend.process.is_running():
                backend.start()
                self.world.wait_reachable(server)

    def delete_all(self):
        """Deletes every load balancer."""
        lbs = self.api.get('/loadbalancers')
        for lb in lbs:
            if lb['provisioning_status'] != 'PENDING_DELETE':
                self.api.wait_active(lb['id'])
                self.api.delete(f'/loadbalancers/{lb["id"]}?cascade=true')
        for lb in lbs:
            self.api.wait_gone(lb['id'])

    def web_lb(self, name, subnet='n1', servers=('web1', 'web2'),
               protocol='TCP', port=80, **attributes):
        """A complete load balancer; returns it as shown."""
        api = self.api
        lb = api.create_loadbalancer(subnet, name=name, **attributes)
        listener = api.create_listener(lb['id'], port, protocol)
        pool = api.create_pool(lb['id'], protocol,
                               listener_id=listener['id'])
        for server in servers:
            host = self.world.hosts[server]
            api.create_member(lb['id'], pool['id'], host.address, 8080,
                              host.network.name, name=server)
        return api.wait_active(lb['id'])

    def _finish(self):
        try:
            self._oracle()
            if self.deletes_all:
                self.delete_all()
                self._oracle()
                self.assertEqual(
                    [name for name in self.nb().ports
                     if nbview.is_vip_port(name)], [])
        except BaseException:
            self._start_anew()
            raise

    def _start_anew(self):
        """What failed must not fail the next test, too."""
        if self.deletes_all:
            self.tearDownClass()
            self.start_world()

    def _oracle(self):
        for daemon in self.world.daemons():
            daemon.process.check_alive()
        commits = self._needless_commits()
        problems = [f'{daemon.name}: {line}'
                    for daemon in self.world.daemons()
                    for line in (daemon.complaints(self.allowed)
                                 + daemon.sanitizer_reports())]
        if commits:
            problems.append(f'a forced full reconcile made {commits} '
                            'commits to the NB')
        problems += self._differences()
        problems += ovsdb.dangling(self.world.octavia, self.world.ovn.nb)
        problems += self.made_twice()
        self.assertFalse(problems, '\n' + '\n'.join(problems))

    def _needless_commits(self):
        """How many a forced full reconcile makes.  What a probe found just
        before or meanwhile, as of a server that a test gives back, is worth
        one: then it is asked again."""
        sb = self.world.ovn.sb
        found = 0

        def is_undisturbed():
            nonlocal found
            start_ms = time.time() * 1000
            found = self.world.driver.resync()
            return not found or (
                history.last_probe_ms(sb) < start_ms - NEWS_MS_MAX)
        with contextlib.suppress(wait.DeadlinePassed):
            wait.until(is_undisturbed, 'no probe has news', 30)
        return found

    def _differences(self):
        """Those that stay: news of a probe may come between the reading of
        the one database and that of the other."""
        found = []

        def are_equal():
            found[:] = nbview.differences(self.world, self.api)
            return not found
        try:
            wait.until(are_equal, 'OVN is as the API says', 3)
        except wait.DeadlinePassed as error:
            # Without an answer nothing was found.
            return found or [str(error)]
        return []

    def made_twice(self):
        return history.twice(self.world.ovn.nb)
