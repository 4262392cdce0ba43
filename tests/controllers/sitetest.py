# SPDX-License-Identifier: Apache-2.0
"""The base of tests of several machines.

It takes minutes to make those: all classes share one site, unless a test has
failed on it."""

import contextlib
import tempfile

from lib import harness, health, site, traffic, wait


class SiteTest(harness.SystemTest, health.Mixin):
    """Has three controllers and three chassis: self.world is a site.Site."""

    shared = None

    @classmethod
    def start_world(cls):
        if SiteTest.shared is None:
            made = site.Site(tempfile.mkdtemp(prefix='oo-', dir='/tmp'))
            SiteTest.shared = made
            try:
                made.start()
            except BaseException:
                cls.world = made
                cls.drop_site()
                raise
        cls.world = SiteTest.shared
        cls.prepare_world()

    @classmethod
    def tearDownClass(cls):
        """The janitor removes what no test has dropped."""
        cls.world = None

    @classmethod
    def drop_site(cls):
        cls.world = SiteTest.shared
        SiteTest.shared = None
        super().tearDownClass()

    def _start_anew(self):
        self.drop_site()
        self.start_world()

    def setUp(self):
        super().setUp()
        # Nine servers of databases and as many daemons share what processors
        # there are: they take each other for dead now and then.
        self.allow_log(*harness.CONNECTION_LOST,
                       r'listening on \S+ without authentication')

    def made_twice(self):
        """A server of a cluster may keep what was never committed."""
        return []

    def wait_served(self, client, address, *servers, port=80,
                    protocol='tcp', deadline=60):
        return traffic.wait_for(client, address, port, servers, protocol,
                                deadline=deadline)

    def home(self, host):
        return self.world.home(host)

    @contextlib.contextmanager
    def frozen(self, *processes):
        """These do nothing meanwhile."""
        for process in processes:
            process.freeze()
        try:
            yield
        finally:
            for process in processes:
                process.thaw()

    def wait_operating(self, path, status, deadline=60):
        """Waits for an operating status."""
        def so():
            seen = self.api.get(path)['operating_status']
            assert seen == status, seen
            return True
        wait.until(so, f'{path} is {status}', deadline)

    def wait_ready(self):
        """Waits until the site is whole again."""
        self.world.wait_ready()
        for server in self.world.backends:
            self.world.wait_reachable(server)

    def monitored(self, name, subnet='n1', servers=('web1', 'web2', 'web3')):
        """A load balancer with a health monitor whose members are ONLINE;
        returns it, and the paths of members by name."""
        lb = self.web_lb(name, subnet, servers)
        pool, = lb['pools']
        paths = {server: f'/pools/{pool["id"]}/members/{member["id"]}'
                 for server, member in self.api.members(pool['id']).items()}
        self.api.create_monitor(lb['id'], pool['id'], delay=2, timeout=2,
                                max_retries_down=3)
        for path in paths.values():
            self.wait_operating(path, 'ONLINE')
        return lb, paths
