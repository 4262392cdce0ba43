#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The alerts in contrib/, by Prometheus' own tool."""

import os
import re
import shutil
import subprocess
import sys
import unittest

# A test file can be run by itself, too.
sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))

# pylint: disable=wrong-import-position
from lib import daemons, metrics, wait  # noqa: E402

CONTRIB = os.path.join(daemons.REPO, 'contrib')
SCRAPE = os.path.join(CONTRIB, 'prometheus', 'scrape.yml')
ALERTS = os.path.join(CONTRIB, 'prometheus', 'ovn-octavia-alerts.yml')
TESTS = os.path.join(CONTRIB, 'prometheus', 'ovn-octavia-alerts-test.yml')


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def families(text):
    """Names of our metrics in a text, without a histogram's suffixes."""
    return {re.sub('_bucket$', '', name) for name
            in re.findall(r'\b((?:ovn_octavia|process)_\w+)', text)}


class Files(unittest.TestCase):
    """What needs no Prometheus."""

    def test_known(self):
        """alerts name only metrics that exist"""
        known = set(metrics.documented(
            'All daemons', 'The API alone', 'The driver alone',
            'The agent alone'))
        for path in (ALERTS, TESTS):
            self.assertEqual(families(read(path)) - known, set(), path)

    def test_each_alert_tested(self):
        """each alert has a test in which it fires, and one in which not"""
        names = re.findall(r'- alert: (\w+)', read(ALERTS))
        self.assertGreater(len(names), 10)
        for name in names:
            tests = [part for part in read(TESTS).split('  - interval:')
                     if re.search(rf'alertname: {name}\n', part)]
            self.assertEqual(sorted('exp_alerts' in test for test in tests),
                             [False, True], name)

    def test_ports(self):
        """the sample has the ports that the daemons have by themselves"""
        for name, port in (('api', 9877), ('driver', 9878),
                           ('agent', 9879)):
            self.assertRegex(
                read(SCRAPE), rf'job_name: ovn-octavia-{name}\n'
                r'    static_configs:\n'
                rf"      - targets: \['127.0.0.1:{port}'\]")
            self.assertIn(f'#metrics_listen = 127.0.0.1:{port}\n', read(
                os.path.join(daemons.REPO, 'conf', name + '.conf')))


@unittest.skipUnless(shutil.which('promtool'), metrics.NEEDS_PROMETHEUS)
class Rules(unittest.TestCase):

    def promtool(self, *arguments):
        done = subprocess.run(
            ['promtool', *arguments], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False,
            cwd=os.path.dirname(ALERTS), timeout=120 * wait.SLOWNESS)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_check(self):
        """promtool finds nothing to say against the alerts and the sample"""
        self.promtool('check', 'rules', ALERTS)
        self.promtool('check', 'config', SCRAPE)

    def test_alerts(self):
        """each alert fires when it should, and not when it should not"""
        self.promtool('test', 'rules', TESTS)


if __name__ == '__main__':
    unittest.main()
