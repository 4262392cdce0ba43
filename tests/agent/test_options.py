#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the agent's command line says against octavia.conf."""

import subprocess
import unittest

import octaviatest
from lib import proc, wait


class Options(octaviatest.OctaviaTest):

    def test_no_northbound(self):
        """an empty --nb-db is no database: the agent asks Neutron, and says
        what it lacks for that"""
        agent = self.stand.agent
        agent.stop()
        self.addCleanup(agent.wait_ready)
        self.addCleanup(agent.start)
        done = subprocess.run(
            [*agent.process.argv, '--nb-db='],
            env=proc.merged(agent.process.env), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False,
            timeout=20 * wait.SLOWNESS)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn('[service_auth] auth_url is missing', done.stdout)


if __name__ == '__main__':
    unittest.main()
