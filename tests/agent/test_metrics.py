#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The agent's metrics: each is read by a real scrape after something real was
done."""

import shutil
import unittest

from agenttest import AWAY, member_model
from octaviatest import OctaviaTest
from octavia_lib.api.drivers import exceptions
from lib import driveragent, metrics, wait

REFUSED = r'reporter\|WARN\|.*Octavia refuses the state'


class Agent(OctaviaTest):

    def setUp(self):
        super().setUp()
        self.port = self.stand.agent_metrics_port

    def page(self):
        return metrics.scrape(self.port)

    def value(self, name, **labels):
        return self.page().get('ovn_octavia_' + name, **labels)

    @unittest.skipUnless(shutil.which('promtool'), metrics.NEEDS_PROMETHEUS)
    def test_promtool(self):
        """promtool finds nothing to say against the agent's page"""
        self.told_tree()
        self.assertEqual(metrics.lint(metrics.fetch(self.port)[2]), '')

    def test_documented(self):
        """docs/monitor.md has each family of the agent's"""
        self.told_tree()
        self.assertEqual(metrics.differences(self.page(),
                                             'The agent alone'), [])

    def test_calls(self):
        """calls of Octavia count by kind and outcome"""
        for name, do, outcome in (
                ('loadbalancer_create', self.told_tree, 'result'),
                ('member_create', self.told_tree, 'result'),
                ('loadbalancer_failover', self.fail_over, 'fault')):
            with self.subTest(name):
                before = self.page()
                do()
                metrics.grown(self.port, before,
                              'ovn_octavia_agent_calls_total', 1,
                              call=name, outcome=outcome)
        page = self.page()
        self.assertEqual(
            page.get('ovn_octavia_agent_calls_total'),
            page.get('ovn_octavia_agent_call_duration_seconds_count'))
        self.assertEqual(page.get('ovn_octavia_agent_calls_in_flight'), 0)
        self.assertEqual(page.get('ovn_octavia_agent_ready'), 1)

    def fail_over(self):
        with self.assertRaises((exceptions.NotImplementedError,
                                exceptions.UnsupportedOptionError,
                                exceptions.DriverError)):
            self.provider.loadbalancer_failover('x')

    def test_reports(self):
        """reports count by outcome, and statuses when they were taken"""
        before = self.page()
        self.told_tree()
        after = self.page()

        def grown(name, **labels):
            name = 'ovn_octavia_agent_' + name
            return after.get(name, **labels) - before.get(name, **labels)
        self.assertGreaterEqual(grown('reports_total', outcome='taken'), 1)
        self.assertGreaterEqual(grown('statuses_taken_total'), 4)
        self.assertEqual(
            grown('reports_total') - grown('reports_total', outcome='away'),
            grown('report_duration_seconds_count'))
        for name, value in (
                ('active', 1), ('octavia_away', 0),
                ('load_balancers_to_report', 0), ('reports_in_flight', 0),
                ('oldest_report_seconds', 0), ('load_balancers_refused', 0)):
            wait.until(lambda: self.value('agent_' + name) == value, name,
                       10, 0.02)

    def test_hanging(self):
        """while Octavia does not answer a report it is owed, and grows old"""
        keys, _ = self.told_tree()
        member = member_model(keys[2], port=8081)
        self.commit(keys[0], *keys[1:3], state=('PENDING_UPDATE', 'ONLINE'))
        self.commit(member.member_id)
        self.there.on_status = lambda report: None
        self.provider.member_create(member)
        wait.until(lambda: self.value('agent_reports_in_flight') == 1,
                   'a report is under way', 10, 0.02)
        self.assertEqual(self.value('agent_load_balancers_to_report'), 1)
        wait.until(lambda: self.value('agent_oldest_report_seconds') > 0.3,
                   'it grows old', 10, 0.05)
        self.there.on_status = lambda report: driveragent.OK
        self.there.release()
        self.allow_log(r'reporter\|WARN\|.*report failed')
        self.wait_told(keys[0])

    def test_refused(self):
        """a status that Octavia refuses shows until it is taken"""
        keys, _ = self.told_tree()
        self.allow_log(REFUSED)
        self.there.models['members', keys[3]] = {'member_id': keys[3]}
        refused = {keys[3]}
        before = self.page()

        def refuse(report):
            with self.there.lock:
                self.there.apply(report, refused)
            return dict(driveragent.OK)
        self.there.on_status = refuse
        self.commit(*keys, state=('PENDING_UPDATE', 'ONLINE'))
        self.provider.member_batch_update(keys[2], [
            member_model(keys[2], member_id=keys[3], weight=3)])
        wait.until(lambda: self.page().get(
            'ovn_octavia_agent_reports_total', outcome='refused')
            > before.get('ovn_octavia_agent_reports_total',
                         outcome='refused'), 'one is refused', 10, 0.02)
        wait.until(lambda: self.value('agent_load_balancers_refused') == 1,
                   'it shows', 10, 0.02)
        refused.clear()
        self.wait_told(keys[0])
        wait.until(lambda: self.value('agent_load_balancers_refused') == 0,
                   'it is taken', 10, 0.02)

    def test_away(self):
        """a driver-agent that is away shows, and so does its return"""
        self.allow_log(AWAY)
        keys, _ = self.told_tree()
        self.there.stop()
        try:
            member = member_model(keys[2], port=8083)
            self.commit(keys[0], *keys[1:3],
                        state=('PENDING_UPDATE', 'ONLINE'))
            self.commit(member.member_id)
            self.provider.member_create(member)
            wait.until(lambda: self.value('agent_octavia_away') == 1,
                       'it is away', 10, 0.02)
            self.assertGreaterEqual(self.value(
                'agent_reports_total', outcome='away'), 1)
        finally:
            self.there.start()
        wait.until(lambda: self.value('agent_octavia_away') == 0,
                   'it is back', 20, 0.05)
        self.wait_told(keys[0])


if __name__ == '__main__':
    unittest.main()
