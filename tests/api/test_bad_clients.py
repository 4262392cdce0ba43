#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that are slow, leave early, or talk out of turn.  None of them may
keep the others from being served."""

import contextlib
import unittest

import apitest
import rawhttp

from lib import metrics, wait

PATH = apitest.LBAAS + '/loadbalancers'
GET = rawhttp.request('GET', PATH)


class BadClients(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.port = self.stand.api.port
        # What was sent by those who left may be read when a test is over.
        self.addCleanup(self.settle)
        self.addCleanup(self.wait_read)

    def wait_read(self):
        """Waits until the API has read, and done, what was sent."""
        # Behind all others.
        rawhttp.exchange(self.port, rawhttp.request('GET', '/'))
        wait.until(lambda: not metrics.scrape(self.stand.metrics_port).get(
            'ovn_octavia_api_requests_in_flight'), 'no request is under way',
            20, 0.01)

    def post(self, **attributes):
        return rawhttp.request('POST', PATH, rawhttp.json.dumps(
            {'loadbalancer': {'vip_subnet_id': self.stand.subnet['n1'],
                              **attributes}}))

    def test_byte_by_byte(self):
        """a request that comes byte by byte is answered like any other"""
        with rawhttp.connect(self.port) as sock:
            sock.setsockopt(rawhttp.socket.IPPROTO_TCP,
                            rawhttp.socket.TCP_NODELAY, 1)
            raw = self.post(bogus=1)
            for i in range(len(raw)):
                sock.sendall(raw[i:i + 1])
            reply = rawhttp.read_reply(sock)
        self.assertEqual(reply[0], 400)

    def test_slow_clients(self):
        """a hundred clients in the middle of a request disturb nobody"""
        with contextlib.ExitStack() as stack:
            for i in range(100):
                sock = stack.enter_context(rawhttp.connect(self.port))
                sock.sendall(self.post()[:-1 - i])
            self.assertTrue(self.make_lb())
            self.assertEqual(len(self.rest.get('/loadbalancers')), 1)

    def test_slow_body(self):
        """a body that never comes is no request"""
        with rawhttp.connect(self.port) as sock, self.nothing_changes():
            sock.sendall(self.post()[:-5])
            self.rest.get('/loadbalancers')
        self.assertEqual(self.rest.get('/loadbalancers'), [])

    def test_half_closed(self):
        """who closes his sending side after the request gets the answer"""
        self.assertEqual(rawhttp.exchange(self.port, GET, True)[0], 200)
        reply = rawhttp.exchange(self.port, self.post(name='half'), True)
        self.assertEqual(reply[0], 201)
        self.assertEqual([lb['name'] for lb in
                          self.rest.get('/loadbalancers')], ['half'])

    def test_half_closed_in_the_middle(self):
        """who closes in the middle of a request changes nothing"""
        with self.nothing_changes():
            for cut in (1, 20, 60, -1):
                raw = self.post()[:cut]
                reply = rawhttp.exchange(self.port, raw, True)
                self.assertTrue(reply is None or reply[0] == 400, reply)

    def test_gone_before_answer(self):
        """who leaves without the answer may have made the object, whole"""
        with rawhttp.connect(self.port) as sock:
            sock.sendall(self.post(name='left'))
        lb = wait.until(lambda: self.rest.get('/loadbalancers?name=left'),
                        'the load balancer is there', 5, 0.01)
        self.active(lb[0]['id'])

    def test_gone_while_waiting(self):
        """a hundred clients that leave while the driver is away do no harm"""
        with self.frozen_driver():
            for i in range(100):
                with rawhttp.connect(self.port) as sock:
                    sock.sendall(self.post(name=f'left{i}'))
            self.assert_status(self.call('GET', '/loadbalancers'), 200)

    def test_reset(self):
        """a connection that is reset does no harm"""
        linger = rawhttp.socket.SO_LINGER
        for raw in (b'', GET, GET[:9], self.post()[:-1], self.post()):
            for _ in range(10):
                with rawhttp.connect(self.port) as sock:
                    sock.setsockopt(rawhttp.socket.SOL_SOCKET, linger,
                                    b'\1\0\0\0\0\0\0\0')
                    sock.sendall(raw)
        self.assert_status(self.call('GET', '/loadbalancers'), 200)

    def test_pipelined(self):
        """requests sent at once are answered in order"""
        with rawhttp.connect(self.port) as sock:
            sock.sendall(GET + rawhttp.request('GET', '/bogus') + GET
                         + self.post(bogus=1)
                         + rawhttp.request('GET', '/v2', headers=[
                             'Connection: close']))
            data = rawhttp.read_all(sock)
        self.assertEqual([part[:3] for part in data.split(b'HTTP/1.1 ')[1:]],
                         [b'200', b'404', b'200', b'400', b'200'])

    def test_pipelined_writes(self):
        """a write that is pipelined behind another waits for it"""
        with rawhttp.connect(self.port) as sock:
            sock.sendall(b''.join(self.post(name=f'p{i}') for i in range(5)))
            replies = [rawhttp.read_reply(sock)[0] for _ in range(5)]
        self.assertEqual(replies, [201] * 5)
        self.assertEqual([lb['name'] for lb in
                          self.rest.get('/loadbalancers')],
                         [f'p{i}' for i in range(5)])

    def test_pipelined_garbage(self):
        """garbage behind a request does not spoil its answer"""
        for garbage in (b'\0\xff\xfe\r\n\r\n', b'GET\r\n\r\n', b'}' * 5000,
                        b'\r\n\r\n\r\n', b'POST / HTTP/9.9\r\n\r\n'):
            with rawhttp.connect(self.port) as sock:
                sock.sendall(GET + garbage)
                with contextlib.suppress(OSError):
                    sock.shutdown(rawhttp.socket.SHUT_WR)
                self.assertEqual(rawhttp.read_reply(sock)[0], 200)

    def test_expect(self):
        """Expect: 100-continue is answered before the body"""
        body = b'{"loadbalancer": {"x": 1}}'
        with rawhttp.connect(self.port) as sock:
            sock.sendall(rawhttp.request('POST', PATH, body, [
                'Expect: 100-continue'])[:-len(body)])
            self.assertEqual(sock.recv(100).split()[1], b'100')
            sock.sendall(body)
            self.assertEqual(rawhttp.read_reply(sock)[0], 400)

    def test_http_1_0(self):
        """HTTP/1.0 is served and closed"""
        with rawhttp.connect(self.port) as sock:
            sock.sendall(f'GET {PATH} HTTP/1.0\r\n\r\n'.encode())
            data = rawhttp.read_all(sock)
        self.assertRegex(data, rb'^HTTP/1\.[01] 200')

    def test_many_connections(self):
        """more connections than are allowed do not lock out the patient"""
        with contextlib.ExitStack() as stack:
            for _ in range(950):
                try:
                    stack.enter_context(rawhttp.connect(self.port, 1))
                except OSError:
                    break
        self.rest.close()
        wait.until(lambda: self.call('GET', '/loadbalancers').status == 200,
                   'the API answers', 10, 0.05)


if __name__ == '__main__':
    unittest.main()
