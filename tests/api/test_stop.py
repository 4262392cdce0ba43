#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The end of the API with care: what SIGTERM leaves time for."""

import json
import os
import signal
import unittest

import apitest
import rawhttp
from lib import daemons, supervisor, wait


class Stop(apitest.ApiTest):

    def start(self, *args, **environment):
        """An API with a process of its own; waits until it serves."""
        api = daemons.Api(self.stand.rundir, self.stand.octavia.remote,
                          self.stand.nb.remote,
                          name=self._testMethodName, extra=args)
        api.process.env = {**api.process.env, **environment}
        self.addCleanup(api.stop)
        api.skip_log()
        api.start()
        self.stand.wait_api(api)
        return api

    def terminate(self, api):
        """SIGTERM; returns the child when it has begun to stop."""
        child = api.process._child
        api.process.signal(signal.SIGTERM)
        wait.until(lambda: '|stop|INFO|stopping: ' in api.log_text(),
                   'it stops', 5, 0.005)
        return child

    def create(self, sock, api, name, waiting=1):
        """Asks for a load balancer, for which the driver is needed."""
        sock.sendall(rawhttp.request(
            'POST', '/v2.0/lbaas/loadbalancers', json.dumps({
                'loadbalancer': {'name': name,
                                 'vip_subnet_id': self.stand.subnet['n1']}})))
        wait.until(lambda: f'waiting: {waiting}\n' in
                   api.appctl('api/status'), 'it waits', 5, 0.005)

    @staticmethod
    def is_refused(api):
        try:
            rawhttp.connect(api.port).close()
        except ConnectionRefusedError:
            return True
        return False

    def remove(self, name):
        """It may be about to go by itself."""
        def is_gone():
            lbs = self.rest.get('/loadbalancers?name=' + name)
            for lb in lbs:
                self.call('DELETE', '/loadbalancers/' + lb['id'])
            return not lbs
        wait.until(is_gone, f'{name} is gone', 20, 0.05)

    def test_in_flight(self):
        """requests in flight are answered, and new ones on connections that
        are open; others are refused; the status is 0"""
        api = self.start('--stop-seconds=60')
        self.addCleanup(self.remove, 'in-flight')
        with rawhttp.connect(api.port) as sock, \
                rawhttp.connect(api.port) as kept:
            kept.sendall(rawhttp.request('GET', '/'))
            status, headers, _ = rawhttp.read_reply(kept)
            self.assertEqual(status, 200)
            self.assertNotIn('connection', headers)
            with self.frozen_driver():
                self.create(sock, api, 'in-flight')
                child = self.terminate(api)
                # It closes its door after it has said so.
                wait.until(lambda: self.is_refused(api), 'it is closed', 5,
                           0.005)
                kept.sendall(rawhttp.request('GET', '/v2.0/lbaas/pools'))
                status, headers, _ = rawhttp.read_reply(kept)
                self.assertEqual((status, headers['connection']),
                                 (200, 'close'))
                self.assertEqual(rawhttp.read_all(kept), b'')
                self.assertIsNone(child.poll())
            status, headers, body = rawhttp.read_reply(sock)
            self.assertEqual((status, headers['connection']), (201, 'close'))
            self.assertTrue(json.loads(body)['loadbalancer']['vip_address'])
        self.assertEqual(child.wait(10 * wait.SLOWNESS), 0)
        self.assertEqual(api.complaints(apitest.ALLOWED), [])

    def test_bound(self):
        """what is not done when the time is over gets 503, and when to come
        again"""
        api = self.start('--stop-seconds=1')
        self.addCleanup(self.remove, 'bound')
        with rawhttp.connect(api.port) as sock, self.frozen_driver():
            self.create(sock, api, 'bound')
            child = self.terminate(api)
            status, headers, _ = rawhttp.read_reply(sock)
            self.assertEqual((status, headers['connection']), (503, 'close'))
            self.assertEqual(headers['retry-after'], '2')
            self.assertEqual(child.wait(5 * wait.SLOWNESS), 0)

    def test_twice(self):
        """a second SIGTERM ends it at once"""
        api = self.start('--stop-seconds=600')
        self.addCleanup(self.remove, 'twice')
        with rawhttp.connect(api.port) as sock, self.frozen_driver():
            self.create(sock, api, 'twice')
            child = self.terminate(api)
            self.assertIsNone(child.poll())
            api.process.signal(signal.SIGTERM)
            self.assertEqual(rawhttp.read_reply(sock)[0], 503)
            self.assertEqual(child.wait(5 * wait.SLOWNESS), 0)

    def test_idle(self):
        """idle connections do not hold up the end"""
        api = self.start('--stop-seconds=600')
        with rawhttp.connect(api.port) as sock:
            sock.sendall(rawhttp.request('GET', '/'))
            self.assertEqual(rawhttp.read_reply(sock)[0], 200)
            child = self.terminate(api)
            # Of 600.
            self.assertEqual(child.wait(30 * wait.SLOWNESS), 0)
            self.assertEqual(rawhttp.read_all(sock), b'')

    def test_supervisor(self):
        """systemd is told at the beginning of the end, and then that it still
        lives"""
        path = os.path.join(self.stand.rundir, 'stop.notify')
        told = supervisor.Supervisor(path, 200_000)
        self.addCleanup(told.close)
        api = self.start('--stop-seconds=60', **told.environment())
        self.addCleanup(self.remove, 'told')
        told.wait_for('READY', '1')
        with rawhttp.connect(api.port) as sock:
            with self.frozen_driver():
                self.create(sock, api, 'told')
                child = self.terminate(api)
                told.wait_for('STOPPING', '1')
                before = len(told.values('WATCHDOG'))
                wait.until(lambda: len(told.values('WATCHDOG')) > before + 1,
                           'it lives', 10)
                self.assertIsNone(child.poll())
            self.assertEqual(rawhttp.read_reply(sock)[0], 201)
        self.assertEqual(child.wait(5 * wait.SLOWNESS), 0)
        self.assertEqual(told.values('STOPPING'), ['1'])
        self.assertEqual(told.values('READY'), ['1'])
        self.assertEqual(told.values('STATUS')[-1], 'ending')

    def test_overload(self):
        """503 says when to come again; other answers do not"""
        missing = 'unix:' + os.path.join(self.stand.rundir, 'none.sock')
        api = daemons.Api(self.stand.rundir, missing, missing, name='lone')
        self.addCleanup(api.stop)
        api.start()
        wait.until(lambda: rawhttp.connect(api.port).close() or True,
                   'it listens', 20)
        for path, status, after in (('/v2.0/lbaas/pools', 503, '2'),
                                    ('/v2.0/networks', 503, '2'),
                                    ('/', 200, None)):
            with rawhttp.connect(api.port, 60) as sock:
                sock.sendall(rawhttp.request('GET', path))
                found, headers, _ = rawhttp.read_reply(sock)
            self.assertEqual((found, headers.get('retry-after')),
                             (status, after), path)


if __name__ == '__main__':
    unittest.main()
