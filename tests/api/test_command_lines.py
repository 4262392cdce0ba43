#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the daemons say of their options."""

import os
import subprocess
import unittest

from lib import daemons, wait

PROGRAMS = ('ovn-octavia-api', 'ovn-octavia-driver', 'ovn-octavia-agent')


def run(program, *args):
    path = os.path.join(daemons.build_directory(), 'src', program)
    return subprocess.run([path, *args], capture_output=True, text=True,
                          timeout=30 * wait.SLOWNESS, check=False)


class CommandLines(unittest.TestCase):

    def test_help(self):
        """--help names what a daemon can do, and nothing that it cannot"""
        for program in PROGRAMS:
            with self.subTest(program):
                done = run(program, '--help')
                self.assertEqual((done.returncode, done.stderr), (0, ''))
                for option in ('--detach', '--pidfile', '--monitor',
                               '--log-file', '--unixctl', '--config'):
                    self.assertIn(option, done.stdout)
                self.assertNotIn('--user', done.stdout)

    def test_user(self):
        """an option that is not offered is refused, and nothing aborts"""
        for program in PROGRAMS:
            with self.subTest(program):
                done = run(program, '--user=nobody')
                self.assertEqual(done.returncode, 1)
                self.assertIn('unrecognized option', done.stderr)


if __name__ == '__main__':
    unittest.main()
