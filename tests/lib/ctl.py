# SPDX-License-Identifier: Apache-2.0
"""ovn-octavia-ctl, as an operator runs it."""

import contextlib
import os
import subprocess

from . import daemons, wait


class Ctl:
    """The command, pointed at a sandbox.

    options  more arguments that go before the command
    """

    def __init__(self, world, options=()):
        self.argv = [os.path.join(daemons.build_directory(), 'src',
                                  'ovn-octavia-ctl'),
                     f'--db={world.octavia.remote}',
                     f'--nb-db={world.ovn.nb.remote}',
                     f'--sb-db={world.ovn.sb.remote}',
                     f'--driver-ctl={world.driver.unixctl}',
                     '--no-syslog', *options]
        self.environment = {**os.environ, 'OVN_OCTAVIA_RUNDIR': world.rundir}

    def run(self, *args, deadline=60):
        """Runs it; returns what subprocess.run() does."""
        return subprocess.run([*self.argv, *args], env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False,
                              timeout=deadline * wait.SLOWNESS)

    def __call__(self, *args):
        """Runs what must succeed without a complaint; returns what it
        printed."""
        done = self.run(*args)
        assert done.returncode == 0 and not done.stderr, \
            f'{args}: {done.returncode}\n{done.stdout}{done.stderr}'
        return done.stdout

    def fails(self, *args):
        """Runs what must fail; returns what it printed, the complaint
        last."""
        done = self.run(*args)
        assert done.returncode == 1, \
            f'{args}: {done.returncode}\n{done.stdout}{done.stderr}'
        return done.stdout + done.stderr


@contextlib.contextmanager
def writes_nothing(world):
    """Asserts that nobody writes into any of the three databases."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.client()) for server in
                   (world.octavia, world.ovn.nb, world.ovn.sb)]
        for client in clients:
            client.monitor()
        yield
        for client in clients:
            changes = client.changes()
            assert not changes, changes
