# SPDX-License-Identifier: Apache-2.0
"""The switch below all these tests: what becomes of it when it aborts."""

import os
import re
import shutil
import signal
import unittest

from lib import chassis, harness, wait


class Log(unittest.TestCase):

    def test_places(self):
        """An abort in the connection tracking of this switch is noticed"""
        with open(shutil.which('ovs-vswitchd'), 'rb') as program:
            places = set(re.findall(rb'[\w./-]*lib/conntrack\.c:\d+',
                                    program.read()))
        self.assertTrue(places)
        for place in places:
            self.assertRegex('2026-01-01T00:00:00.000Z|00118|util|EMER|'
                             f'{place.decode()}: assertion conn failed in '
                             'conn_update_state()', chassis.ABORT)


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
