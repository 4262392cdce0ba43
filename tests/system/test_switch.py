# SPDX-License-Identifier: Apache-2.0
"""The switch below all these tests: what becomes of it when it aborts."""

import os
import signal

from lib import harness, wait


class Switch(harness.SystemTest):

    with_daemons = False

    def served(self):
        return self.world.hosts['client1'].run(
            'curl', '-s', '-m', '2', 'http://10.2.0.11:8080/',
            check=False) == 'web2\n'

    def pid(self):
        path = os.path.join(self.world.rundir, 'ovs-vswitchd.pid')
        with open(path, encoding='utf-8') as file:
            return int(file.read())

    def test_abort(self):
        """A switch that aborts is started again, and packets pass"""
        wait.until(self.served, 'web2 answers')
        before = self.pid()
        os.kill(before, signal.SIGABRT)
        wait.until(lambda: self.pid() != before, 'the switch is back')
        wait.until(self.served, 'web2 answers again')
        after = self.pid()
        self.assertTrue(self.world.ovn.vswitchd.stop())
        self.assertFalse(os.path.exists(f'/proc/{after}'))
