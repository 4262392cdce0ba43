#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that mean harm, by the hundreds.  While they are there, or as soon
as they are gone, a good client is answered, and what they took is back."""

import contextlib
import os
import resource
import unittest

import apitest
import rawhttp

from lib import client, wait

PATH = apitest.LBAAS + '/loadbalancers'
GET = rawhttp.request('GET', PATH)

# As in src/base/limits.h.
CONNECTIONS_MAX = 900


class HostileClients(apitest.ApiTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # This process has the other ends.
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < 4096 <= hard:
            resource.setrlimit(resource.RLIMIT_NOFILE, (4096, hard))

    def setUp(self):
        super().setUp()
        self.api = self.stand.api
        self.pid = self.api.process.pid
        # The connection of this class would be in the way.
        self.rest.close()
        self.fds = self.n_fds()

    def n_fds(self):
        return len(os.listdir(f'/proc/{self.pid}/fd'))

    def assert_answers(self):
        """A client that comes now is answered."""
        rest = client.Api(self.api.port, timeout=10)
        try:
            reply = rest.request('GET', PATH)
        finally:
            rest.close()
        self.assertEqual(reply.status, 200, reply)

    def assert_recovered(self):
        """A good client is answered, and no descriptor is taken any more."""
        self.assert_answers()
        wait.until(lambda: self.n_fds() <= self.fds,
                   'the descriptors are free again', 10, 0.02)
        self.assert_answers()

    @contextlib.contextmanager
    def crowd(self, n, data=b''):
        """That many connections, on each of which 'data' was sent."""
        with contextlib.ExitStack() as stack:
            socks = []
            for _ in range(n):
                sock = stack.enter_context(rawhttp.connect(self.api.port))
                if data:
                    sock.sendall(data)
                socks.append(sock)
            yield socks

    def reset(self, socks):
        for sock in socks:
            sock.setsockopt(rawhttp.socket.SOL_SOCKET,
                            rawhttp.socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
            sock.close()

    # Who listens.

    def test_all_leave_at_once(self):
        """the API listens after all of its connections ended at once"""
        with self.crowd(CONNECTIONS_MAX):
            wait.until(lambda: self.n_fds() - self.fds >= CONNECTIONS_MAX,
                       'every place is taken', 10, 0.01)
            self.api.process.freeze()
        self.api.process.thaw()
        self.assert_recovered()

    def test_resets(self):
        """the API listens after crowds that asked and reset"""
        for _ in range(3):
            with self.crowd(CONNECTIONS_MAX, GET) as socks:
                self.reset(socks)
            self.assert_answers()
        self.assert_recovered()

    def test_descriptors_run_out(self):
        """the API listens after it had no descriptors left"""
        self.allow_log(r'http_listener\|WARN\|cannot accept connections',
                       r'unixctl\|WARN\|.*Too many open files')
        limits = resource.prlimit(self.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE,
                         (self.fds + 50, limits[1]))
        try:
            with self.crowd(200):
                wait.until(lambda: self.n_fds() >= self.fds + 49,
                           'every descriptor is taken', 10, 0.01)
                self.api.process.freeze()
            self.api.process.thaw()
            self.assert_recovered()
        finally:
            resource.prlimit(self.pid, resource.RLIMIT_NOFILE, limits)


if __name__ == '__main__':
    unittest.main()
