# SPDX-License-Identifier: Apache-2.0
"""The base of the tests that need a real OpenStack.

To start one takes half a minute, so all tests of a run share it; a class says
which provider it wants.  The stack ends with the run, however that ends.
"""

import atexit
import os
import subprocess
import tempfile
import unittest

from . import daemons, harness, openstack, openstack_world, wait

# MariaDB from 11.6 on refuses the second of two that change what Octavia
# counts of a project (innodb_snapshot_isolation): a deletion that we report
# while Octavia creates something is refused, and tried again.
BUSY = r'reporter\|WARN\|.*Octavia refuses the state of \S+ \(Project busy'

_shared = None
_failed = False


def shared(provider, options):
    """The world of this run, with this provider.  If it did not start, it
    will not either the next time."""
    global _shared, _failed
    options = {'agent': 'octavia', 'association': 'direct', **options}
    assert not _failed, 'OpenStack did not start'
    if _shared is None:
        _failed = True
        stack = openstack.OpenStack(
            tempfile.mkdtemp(prefix='os-', dir='/tmp'), provider=provider,
            **options)
        atexit.register(_end, stack)
        stack.up()
        _shared = openstack_world.OpenStackWorld(stack).make_network()
        _failed = False
    stack = _shared.stack
    now = {name: getattr(stack, name) for name in options}
    if (provider, options) != (stack.provider, now):
        stack.switch(provider, **options)
    return _shared


def _end(stack):
    if harness.KEEP:
        stack.stop()
        with open(os.path.join(stack.directory, 'keep'), 'wb'):
            print(f'     kept: {stack.rundir}')
    else:
        stack.down()


def have_ours():
    """Whether there is a provider of ours to test."""
    return os.path.isdir(openstack.PLUGIN) and os.path.exists(os.path.join(
        daemons.build_directory(), 'src', daemons.Agent.program))


class OpenStackTest(unittest.TestCase):
    """Has the stack, self.stack; what is in it, self.world; and a client of
    the project "demo", self.api."""

    provider = 'ours'
    # How Octavia is started, see openstack.OpenStack.
    options = {}
    # Whether each test starts without load balancers.
    deletes_all = True

    @classmethod
    def setUpClass(cls):
        if cls.provider == 'ours' and not have_ours():
            raise unittest.SkipTest('the agent is not built')
        cls.world = shared(cls.provider, cls.options)
        cls.stack = cls.world.stack

    def setUp(self):
        self.allowed = [*harness.ALLOWED, BUSY]
        self.api = self.stack.client()
        for daemon in self._our_daemons():
            daemon.skip_log()
        self.addCleanup(self._finish)

    def allow_log(self, *patterns):
        """Log lines of WARN or worse that this test brings about."""
        self.allowed += patterns

    def web_lb(self, name, servers=('web1', 'web2')):
        """A complete load balancer; returns it as shown."""
        api = self.api
        lb = api.create_loadbalancer('n1', name=name)
        listener = api.create_listener(lb['id'], 80)
        pool = api.create_pool(lb['id'], listener_id=listener['id'])
        for server in servers:
            host = self.world.hosts[server]
            api.create_member(lb['id'], pool['id'], host.address, 8080,
                              host.network.name, name=server)
        return api.wait_active(lb['id'])

    def ctl(self, *args, status=0):
        """Runs ovn-octavia-ctl; returns what it printed."""
        done = subprocess.run(
            [os.path.join(daemons.build_directory(), 'src',
                          'ovn-octavia-ctl'), '--no-syslog',
             f'--db={self.stack.octavia_db.remote}', *args],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=60 * wait.SLOWNESS,
            env={**os.environ, 'OVN_NB_DB': '', 'OVN_SB_DB': ''})
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def stop_backend(self, server):
        """Ends a server's process until after the test; its host stays."""
        backend = self.world.backends[server]
        backend.stop()
        self.addCleanup(backend.start)

    def delete_all(self):
        for lb in self.api.get('/loadbalancers'):
            self.api.wait_settled(lb['id'])
            self.api.delete_loadbalancer(lb['id'])

    def _our_daemons(self):
        if self.stack.provider != 'ours':
            return []
        return [self.stack.our_driver, self.stack.our_agent]

    def _finish(self):
        # Whatever the test left dead is not to fail the next one.
        dead = self.stack.dead()
        for name in dead:
            self.stack.restart(name)
        if self.deletes_all:
            self.delete_all()
        problems = [f'{name} is not running' for name in dead]
        for daemon in self._our_daemons():
            problems += [f'{daemon.name}: {line}' for line
                         in (daemon.complaints(self.allowed)
                             + daemon.sanitizer_reports())]
        self.assertFalse(problems, '\n' + '\n'.join(problems))
