#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the agent's command line says against octavia.conf."""

import os
import re
import subprocess
import unittest

import octaviatest
from lib import daemons, proc, wait
from ovn_octavia_plugin import options


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

    def test_registered(self):
        """What the agent reads in Octavia's file is what the plugin registers,
        with the same default, and what the manual page has"""
        with open(os.path.join(daemons.REPO, 'docs', 'man',
                               'ovn-octavia-agent.8'),
                  encoding='utf-8') as file:
            section = re.search(r'OPTIONS OF THE PLUGIN"\n(.*?)^\.SH ',
                                file.read(), re.DOTALL | re.MULTILINE)[1]
        documented = re.findall(
            r'\\fB(\w+)', ''.join(re.findall(r'^\.IP .*$', section,
                                             re.MULTILINE)))
        registered = {one.name: one.default for one in options.OPTIONS}
        self.assertEqual(sorted(documented), sorted(registered))
        with open(os.path.join(daemons.REPO, 'src', 'agent', 'options.c'),
                  encoding='utf-8') as file:
            read = re.findall(r'fill_in_option\([^;"]*"(\w+)",\s*([^;]*)\);',
                              file.read())
        self.assertGreater(len(read), 6)
        for name, fallback in read:
            text = re.search(r'"(.*)"', fallback)
            if text:
                self.assertEqual(registered[name], text[1], name)
            else:
                self.assertIn(name, registered)


if __name__ == '__main__':
    unittest.main()
