#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""contrib/ with a real Prometheus, which reads real daemons: every alert and
every query of the dashboard is asked, after all daemons have done something.
"""

import json
import os
import re
import shutil
import subprocess
import time
import unittest
import urllib.parse

from octaviatest import OctaviaTest
from lib import client, daemons, metrics, proc, wait

CONTRIB = os.path.join(daemons.REPO, 'contrib')
SCRAPE = os.path.join(CONTRIB, 'prometheus', 'scrape.yml')
ALERTS = os.path.join(CONTRIB, 'prometheus', 'ovn-octavia-alerts.yml')
TESTS = os.path.join(CONTRIB, 'prometheus', 'ovn-octavia-alerts-test.yml')
DASHBOARD = os.path.join(CONTRIB, 'grafana', 'ovn-octavia.json')

# Of users of our own; tests/api/test_local_identity.py asks for these.
LOCAL = re.compile(r'_api_(logins_total|password_checks|tokens)\b')
# Values of the dashboard's variables.
VARIABLES = {'$__rate_interval': '1m', '$instance': '.*'}


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def queries():
    """(title, expression) of each query of the dashboard."""
    for panel in json.loads(read(DASHBOARD))['panels']:
        for target in panel.get('targets', ()):
            yield panel['title'], target['expr']


def families(text):
    """Names of our metrics in a text, without a histogram's suffixes."""
    return {re.sub('_bucket$', '', name) for name
            in re.findall(r'\b((?:ovn_octavia|process)_\w+)', text)}


class Files(unittest.TestCase):
    """What needs no Prometheus."""

    def test_known(self):
        """alerts and dashboard name only metrics that exist"""
        known = set(metrics.documented(
            'All daemons', 'The API alone', 'The driver alone',
            'The agent alone'))
        for path in (ALERTS, TESTS, DASHBOARD):
            self.assertEqual(families(read(path)) - known, set(), path)

    def test_shown(self):
        """the dashboard shows every metric, but for the process's details"""
        known = set(metrics.documented(
            'The API alone', 'The driver alone', 'The agent alone'))
        unseen = known - families(' '.join(expr for _, expr in queries()))
        self.assertEqual({name for name in unseen if not re.search(
            r'opened_total|abandoned|_ready|lock_held|settled_total'
            r'|report_duration', name)}, set())

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


class Prometheus:
    """A real one, in 'directory'."""

    def __init__(self, directory, ports):
        self.directory = os.path.join(directory, 'prometheus')
        os.mkdir(self.directory)
        self.port = daemons.free_port()
        text = read(SCRAPE)
        for default, port in ports.items():
            assert f'127.0.0.1:{default}' in text, default
            text = text.replace(f'127.0.0.1:{default}', f'127.0.0.1:{port}')
        config = os.path.join(self.directory, 'prometheus.yml')
        with open(config, 'w', encoding='utf-8') as file:
            file.write('global:\n  scrape_interval: 2s\n'
                       '  evaluation_interval: 2s\n' + text)
        shutil.copy(ALERTS, self.directory)
        self.process = proc.Process('prometheus', [
            'prometheus', f'--config.file={config}',
            f'--storage.tsdb.path={self.directory}/data',
            f'--web.listen-address=127.0.0.1:{self.port}'], directory)

    def start(self):
        self.process.start()
        wait.until(lambda: client.Rest(self.port).request(
            'GET', '/-/ready').status == 200, 'Prometheus is ready', 30)
        return self

    def ask(self, what):
        rest = client.Rest(self.port)
        try:
            reply = rest.request('GET', '/api/v1/' + what)
        finally:
            rest.close()
        assert reply.status == 200, (what, reply)
        assert reply.body['status'] == 'success', reply
        return reply.body['data']

    def query(self, expression):
        """Samples of an expression, now."""
        return self.ask('query?query=' + urllib.parse.quote(
            expression))['result']


@unittest.skipUnless(shutil.which('prometheus'), metrics.NEEDS_PROMETHEUS)
class Scraped(OctaviaTest):
    """All daemons under one Prometheus."""

    def setUp(self):
        super().setUp()
        self.prometheus = Prometheus(self.stand.rundir, {
            9877: self.stand.metrics_port,
            9878: self.stand.driver_metrics_port,
            9879: self.stand.agent_metrics_port}).start()
        self.addCleanup(shutil.rmtree, self.prometheus.directory)
        self.addCleanup(self.prometheus.process.stop)

    def test_contrib(self):
        """every target is up, every query and alert has an answer, and none
        fires while all is well"""
        wait.until(lambda: len(self.prometheus.query(
            'up{job=~"ovn-octavia-.*"} == 1')) == 3, 'all are up', 30)
        empty = dict(self.asked())
        deadline = time.monotonic() + 60 * wait.SLOWNESS
        while empty and time.monotonic() < deadline:
            self.told_tree()
            self.rest.get('/loadbalancers')
            empty = {expression: title for expression, title
                     in empty.items()
                     if not self.prometheus.query(expression)}
        self.assertEqual(empty, {}, 'queries without an answer')
        groups = self.prometheus.ask('rules')['groups']
        rules = [rule for group in groups for rule in group['rules']]
        self.assertEqual(len(rules), read(ALERTS).count('- alert:'))
        for rule in rules:
            self.assertEqual((rule['health'], rule.get('lastError', '')),
                             ('ok', ''), rule)
            self.assertNotEqual(rule['state'], 'firing', rule['name'])
        for target in self.prometheus.ask('targets')['activeTargets']:
            self.assertEqual((target['health'], target['lastError']),
                             ('up', ''))

    def asked(self):
        """(expression, title) of the dashboard, with values of variables;
        without those of users of our own, whom this API does not have."""
        for title, expression in queries():
            if LOCAL.search(expression):
                continue
            for name, value in VARIABLES.items():
                expression = expression.replace(name, value)
            yield expression, title

    def test_fires(self):
        """the alert of a daemon that is dead is pending at once"""
        wait.until(lambda: len(self.prometheus.query(
            'up{job=~"ovn-octavia-.*"} == 1')) == 3, 'all are up', 30)
        self.stand.agent.process.freeze()
        self.addCleanup(self.stand.agent.process.thaw)
        wait.until(lambda: any(
            alert['labels']['alertname'] == 'OvnOctaviaDown'
            and alert['labels']['job'] == 'ovn-octavia-agent'
            for alert in self.prometheus.ask('alerts')['alerts']),
            'the alert is pending', 30)


if __name__ == '__main__':
    unittest.main()
