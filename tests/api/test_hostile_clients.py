#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that mean harm, by the hundreds.  While they are there, or as soon
as they are gone, a good client is answered, and what they took is back."""

import contextlib
import os
import resource
import unittest

import apitest
import authtest
import rawhttp

from lib import client, memory, wait

PATH = apitest.LBAAS + '/loadbalancers'
GET = rawhttp.request('GET', PATH)

# As in src/base/limits.h.
CONNECTIONS_MAX = 900

# A state in /proc/net/tcp.
LISTEN = '0A'


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
        wait.until(lambda: not self.n_places(),
                   'the connections of earlier tests have ended', 10, 0.01)
        self.fds = self.n_fds()

    def n_fds(self):
        return len(os.listdir(f'/proc/{self.pid}/fd'))

    def n_places(self):
        """How many connections the API has accepted and not closed."""
        port = f':{self.api.port:04X}'
        with open('/proc/net/tcp', encoding='ascii') as table:
            rows = [line.split() for line in table]
        # What has not been accepted, and what is closed, has no inode.
        return sum(row[1].endswith(port) and row[3] != LISTEN
                   and row[9] != '0' for row in rows[1:])

    def wait_full(self):
        wait.until(lambda: self.n_places() == CONNECTIONS_MAX,
                   'every place is taken', 10, 0.02)

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
            self.wait_full()
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

    # Who has to make room.

    def check_slow(self, data):
        """A good client is answered while a crowd has sent just 'data'."""
        with self.crowd(CONNECTIONS_MAX, data):
            self.wait_full()
            for _ in range(3):
                self.assert_answers()
        self.assert_recovered()

    def test_silent(self):
        """900 clients that send nothing make room"""
        self.check_slow(b'')

    def test_slow_heads(self):
        """900 clients that stop in the middle of a head make room"""
        self.check_slow(GET[:-10])

    def test_slow_bodies(self):
        """900 clients that stop in the middle of a body make room"""
        body = b'{"loadbalancer": {"name": "' + b'x' * 100
        self.check_slow(rawhttp.request('POST', PATH, body)[:-50])

    def test_many_more_than_places(self):
        """2,000 clients that send nothing hold up nobody"""
        with self.crowd(2000):
            self.assert_answers()
        self.assert_recovered()

    # Who does not read.

    def status(self, key):
        for line in self.api.appctl('api/status').splitlines():
            if line.startswith(key + ': '):
                return int(line.split()[-1])
        self.fail(f'no {key} in api/status')

    @contextlib.contextmanager
    def large_rows(self, n, kilobytes):
        """Load balancers with that much in their tags, each."""
        with self.frozen_driver(), self.stand.octavia.client() as db:
            db.transact(*[{
                'op': 'insert', 'table': 'Load_Balancer', 'row': {
                    'name': f'large{i}', 'provisioning_status': 'ACTIVE',
                    'operating_status': 'ONLINE', 'created_at': 10 ** 15 + i,
                    'vip_vnic_type': 'normal', 'provider': 'ovn',
                    'tags': ['set', [f'{j:04}'.ljust(250, '.')
                                     for j in range(4 * kilobytes)]]}}
                for i in range(n)])
            try:
                wait.until(lambda: self.rest.get(
                    f'/loadbalancers?name=large{n - 1}&fields=id'),
                    'the API has them', 10, 0.02)
                self.rest.close()
                yield
            finally:
                db.transact({'op': 'delete', 'table': 'Load_Balancer',
                             'where': []})
                wait.until(lambda: not self.rest.get(
                    '/loadbalancers?fields=id'), 'they are gone', 10, 0.02)
                self.rest.close()

    def test_answers_that_are_not_read(self):
        """what 40 clients do not read is not kept for all of them"""
        self.allow_log(r'http_answer\|WARN\|.* bytes of answers wait')
        with self.large_rows(20, 350):
            before = memory.resident(self.pid)
            with self.crowd(40, GET):
                # Each of them was seen.
                self.assert_answers()
                grown = memory.resident(self.pid) - before
                if not memory.is_sanitized(self.pid):
                    # All of them would be 280 MB, of which some are in the
                    # sockets.
                    self.assertLess(grown, 120 << 20)
                self.assertLess(self.status('answers bytes'), 64 << 20)
            wait.until(lambda: not self.status('answers bytes'),
                       'no answer is left', 10, 0.02)
        self.assert_recovered()

    def test_large_pages(self):
        """a page that would be too large ends early, and is linked"""
        names = [f'large{i}' for i in range(10)]
        with self.large_rows(10, 1000):
            for way, first, sort in (('next', '', 1),
                                     ('previous', '?page_reverse=True', -1)):
                query, pages = first, []
                while query is not None:
                    reply = self.call('GET', '/loadbalancers' + query)
                    self.assert_status(reply, 200)
                    self.assertLess(len(reply.content), 10 << 20)
                    pages.append([lb['name'] for lb
                                  in reply.body['loadbalancers']])
                    query = next(('?' + link['href'].partition('?')[2]
                                  for link in reply.body['loadbalancers_links']
                                  if link['rel'] == way), None)
                    if not pages[-1]:
                        pages.pop()
                with self.subTest(way):
                    self.assertEqual(sum(pages[::sort], []), names)
                    self.assertEqual(len(pages), 2)

    # What comes back.

    def test_host_comes_back(self):
        """an answer that repeats the Host is not much larger than that"""
        for length, status in ((200, 200), (28000, 400)):
            reply = rawhttp.exchange(self.api.port, (
                f'GET / HTTP/1.1\r\nHost: {"x" * length}\r\n\r\n').encode())
            self.assertEqual(reply[0], status)
            self.assertLess(len(reply[2]), 16384)

    def test_answers_are_text(self):
        """no answer repeats bytes that are no UTF-8"""
        for method, path, headers, body in (
                ('GET', '/\udcff%ff', (), b''),
                ('GET', PATH + '/%ff', (), b''),
                ('GET', PATH + '?sort=%c3', (), b''),
                ('GET', PATH + '?limit=%ff', (), b''),
                ('GET', PATH + '?marker=\udcff', (), b''),
                ('GET', PATH + '?name=%ff&limit=1', (), b''),
                ('GET', apitest.LBAAS + '/pools/%ff/members', (), b''),
                ('POST', PATH, ['Content-Type: application/'
                                'x-www-form-urlencoded'], b'\xff=1'),
                ('POST', PATH, ['Content-Type: \udcff'], b'{}'),
                ('GET', '/', ['Host: \udcff'], b'')):
            with self.subTest(path, headers=headers):
                lines = [f'{method} {path} HTTP/1.1', *headers]
                if not any(line.startswith('Host') for line in lines):
                    lines.append('Host: x')
                lines += [f'Content-Length: {len(body)}',
                          'Connection: close', '', '']
                with rawhttp.connect(self.api.port) as sock:
                    sock.sendall('\r\n'.join(lines).encode(
                        errors='surrogateescape') + body)
                    answer = rawhttp.read_all(sock)
                answer.decode()
                self.assertTrue(answer.startswith(b'HTTP/1.1 '), answer)

    # What a body costs.

    def test_wide_objects(self):
        """an object with more members than any resource has is not built"""
        wide = {f'k{i}': 1 for i in range(101)}
        with self.nothing_changes():
            for body in (wide, {'loadbalancer': wide},
                         {'loadbalancer': {'listeners': [
                             {'default_pool': wide}]}}):
                reply = self.call('POST', '/loadbalancers', body)
                self.assert_fault(reply, 400, 'Validation failure: An object '
                                  'in the request has too many members.')
            del wide['k0']
            reply = self.call('POST', '/loadbalancers',
                              {'loadbalancer': wide})
            self.assert_status(reply, 400)
            self.assertIn('k99', reply.fault)


class Strangers(authtest.AuthTest):

    def test_readers_have_no_body_parsed(self):
        """of a caller who may write nowhere no body is parsed"""
        token = self.door.token('reader')
        pool = self.make_pool(self.make_lb())
        for method, path, status in (
                ('POST', '/loadbalancers', 403), ('POST', '/pools', 403),
                ('PUT', f'/pools/{pool["id"]}', 403),
                ('POST', f'/pools/{pool["id"]}/members', 403),
                ('PUT', f'/pools/{apitest.NO_ID}', 404),
                ('POST', f'/pools/{apitest.NO_ID}/members', 404)):
            for body in (b'{', b'[' * 1000, b'{"pool": {"name": "x"}}'):
                with self.subTest(method, path=path):
                    self.assert_status(self.ask(method, path, body, token),
                                       status)
        self.assert_status(self.ask('POST', '/pools', b'{',
                                    self.door.token('member')), 400)

    def test_bodies_are_not_read(self):
        """of 400 requests with unknown tokens no body is read"""
        body = b'{"loadbalancer": {"name": "' + b'x' * 100000 + b'"}}'
        api = self.run_api('api-strangers')
        ask = [rawhttp.request('POST', PATH, body, [f'X-Auth-Token: {i}'])
               for i in range(400)]
        self.ask('GET', '/loadbalancers', token=self.door.token('member'),
                 api=api)
        before = memory.resident(api.process.pid)
        self.keystone.process.freeze()
        self.addCleanup(self.keystone.process.thaw)
        with contextlib.ExitStack() as stack:
            for raw in ask:
                sock = stack.enter_context(rawhttp.connect(api.port))
                sock.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    sock.send(raw)
            wait.until(lambda: api.status()['waiting'] == '400',
                       'all of them wait for Keystone', 10, 0.05)
            grown = memory.resident(api.process.pid) - before
            self.assert_status(self.ask(
                'GET', '/loadbalancers', token=self.door.token('member'),
                api=api), 200)
        self.keystone.process.thaw()
        if not memory.is_sanitized(api.process.pid):
            # Less than half of what the bodies have.
            self.assertLess(grown, 400 * 50000)


if __name__ == '__main__':
    unittest.main()
