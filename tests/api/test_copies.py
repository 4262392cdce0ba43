#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two copies of the API, one of which hears late what the other has done."""

import threading
import unittest

import apitest

from lib import client, cutter, daemons, wait


class Copies(apitest.ApiTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stand = cls.stand
        cls.line = cutter.Cutter(stand.octavia, stand.rundir)
        cls.addClassCleanup(cls.line.close)
        cls.late = daemons.Api(stand.rundir, cls.line.remote,
                               stand.nb.remote, name='api-late').start()
        cls.addClassCleanup(cls.late.stop)
        stand.wait_api(cls.late)

    def setUp(self):
        super().setUp()
        self.late.skip_log()
        self.addCleanup(lambda: self.assertEqual(
            self.late.complaints(self.allowed)
            + self.late.sanitizer_reports(), []))
        self.addCleanup(self.line.go_on)

    def ask_late(self, method, path, body=None, headers=None):
        """The reply of the copy that has heard nothing when the request came,
        and hears all while it thinks."""
        replies = []

        def ask():
            rest = client.Rest(self.late.port)
            try:
                replies.append(rest.request(method, apitest.LBAAS + path,
                                            body, headers or {}))
            finally:
                rest.close()
        thread = threading.Thread(target=ask)
        thread.start()
        wait.until(lambda: replies or 'waiting: 1' in self.late.appctl(
            'api/status'), 'it answers or thinks', 10, 0.01)
        self.line.go_on()
        thread.join(60)
        return replies[0]

    def test_made(self):
        """What one copy has made is known to the other"""
        for kind, make in (
                ('loadbalancers', self.make_lb),
                ('listeners', lambda: self.make_listener(self.make_lb())),
                ('pools', lambda: self.make_pool(self.make_lb()))):
            with self.subTest(kind):
                self.line.hold()
                made = make()
                self.assert_status(self.ask_late(
                    'GET', f'/{kind}/{made["id"]}'), 200)

    def test_child(self):
        """Something can be made below it, and it can be changed"""
        self.line.hold()
        lb = self.make_lb()
        reply = self.ask_late('PUT', '/loadbalancers/' + lb['id'],
                              {'loadbalancer': {'name': 'new'}})
        self.assert_status(reply, 200)
        self.assertEqual(reply.body['loadbalancer']['name'], 'new')
        self.active(lb['id'])
        self.line.hold()
        pool = self.make_pool(lb)
        self.assert_status(self.ask_late(
            'POST', f'/pools/{pool["id"]}/members',
            {'member': {'address': '10.1.0.9', 'protocol_port': 80}}), 201)

    def test_settled(self):
        """What has become ACTIVE is not refused as PENDING"""
        lb = self.make_lb()
        self.wait_pending(lb)
        self.assert_status(self.ask_late(
            'PUT', '/loadbalancers/' + lb['id'],
            {'loadbalancer': {'name': 'new'}}), 200)

    def wait_pending(self, lb):
        """The late copy has heard that it is PENDING, and no more."""
        self.stand.driver.stop()
        try:
            self.assert_status(self.call(
                'PUT', '/loadbalancers/' + lb['id'],
                {'loadbalancer': {'name': 'first'}}), 200)
            late = client.Api(self.late.port)
            wait.until(lambda: late.get('/loadbalancers/' + lb['id'])[
                'provisioning_status'] == 'PENDING_UPDATE',
                       'the late copy knows', 10)
            late.close()
            self.line.hold()
        finally:
            self.stand.driver.start()
        self.active(lb['id'])

    def test_still_missing(self):
        """What is not there is not found"""
        for path in ('/loadbalancers/', '/pools/', '/healthmonitors/'):
            self.assert_status(self.ask_late(
                'GET', path + '00000000-0000-4000-8000-000000000000'), 404)

    def test_no_cache(self):
        """Who says so gets what the database has, never what was"""
        lb = self.make_lb(name='old')
        late = client.Api(self.late.port)
        wait.until(lambda: late.get('/loadbalancers/' + lb['id'])[
            'provisioning_status'] == 'ACTIVE', 'the late copy knows', 10)
        late.close()
        self.line.hold()
        self.assert_status(self.call(
            'PUT', '/loadbalancers/' + lb['id'],
            {'loadbalancer': {'name': 'new'}}), 200)
        reply = self.ask_late('GET', '/loadbalancers/' + lb['id'],
                              headers={'Cache-Control': 'no-cache'})
        self.assertEqual(reply.body['loadbalancer']['name'], 'new')


if __name__ == '__main__':
    unittest.main()
