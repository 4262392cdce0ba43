#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The health check: as oslo.middleware answers for Octavia."""

import json
import unittest

import apitest
from lib import client, daemons, ovsdb, wait

PATHS = ('/healthcheck', '/load-balancer/healthcheck')
AWAY = 'The Octavia database is unavailable.'


class Off(apitest.ApiTest):

    def test_off(self):
        """the health check is 404 in plain text unless it is switched on"""
        for path in PATHS:
            for method in ('GET', 'POST'):
                reply = self.rest.request(method, path)
                self.assert_status(reply, 404)
                self.assertTrue(reply.headers['Content-Type'].startswith(
                    'text/plain'))


class On(apitest.ApiTest):

    def start(self, octavia):
        api = daemons.Api(self.stand.rundir, octavia, self.stand.nb.remote,
                          name='api-health',
                          extra=['--healthcheck-enabled'])
        api.start()
        self.addCleanup(api.stop)
        api.wait_ready()
        rest = client.Rest(api.port)
        self.addCleanup(rest.close)
        return rest

    def test_healthy(self):
        """with its database the API says OK in the type that is asked for"""
        rest = self.start(self.stand.octavia.remote)
        wait.until(lambda: rest.request('GET', PATHS[0]).status == 200,
                   'the API is healthy', 10, 0.01)
        for path in PATHS:
            for accept, kind in (
                    ('text/plain', 'text/plain'), ('', 'text/plain'),
                    ('*/*', 'text/plain'), ('image/png', 'text/plain'),
                    ('text/html', 'text/html'),
                    ('application/json', 'application/json')):
                with self.subTest(path, accept=accept):
                    reply = rest.request('GET', path,
                                         headers={'Accept': accept})
                    self.assert_status(reply, 200)
                    self.assertEqual(
                        reply.headers['Content-Type'].partition(';')[0], kind)
                    if kind == 'text/plain':
                        self.assertEqual(reply.content, b'OK')
            reply = rest.request('GET', path)
            self.assertEqual(reply.content.decode(), json.dumps(
                {'detailed': False, 'reasons': ['OK']}, indent=4))
            reply = rest.request('HEAD', path)
            self.assertEqual((reply.status, reply.content), (204, b''))
            for method in ('POST', 'PUT', 'DELETE', 'PATCH'):
                reply = rest.request(method, path)
                self.assert_status(reply, 405)
                self.assertEqual(reply.headers['Allow'], 'GET, HEAD')

    def test_unhealthy(self):
        """without its database the API says so, with 503"""
        database = ovsdb.Server('health', ovsdb.OCTAVIA_SCHEMA,
                                self.stand.rundir)
        database.start()
        self.addCleanup(database.process.stop)
        rest = self.start(database.remote)
        database.process.stop()
        wait.until(lambda: rest.request('GET', PATHS[0]).status == 503,
                   'the API is not healthy', 20, 0.01)
        reply = rest.request('GET', PATHS[0], headers={'Accept': ''})
        self.assertEqual((reply.status, reply.content),
                         (503, AWAY.encode()))
        reply = rest.request('GET', PATHS[0])
        self.assertEqual(reply.body, {'detailed': False, 'reasons': [AWAY]})
        self.assert_status(rest.request('HEAD', PATHS[0]), 503)


if __name__ == '__main__':
    unittest.main()
