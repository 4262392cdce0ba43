#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Requests that are wrong as a whole: too big, too deep, not text, not HTTP.
Each gets an answer that says so, changes nothing, and costs no memory."""

import json
import re
import unittest

import apitest
import rawhttp

from lib import memory

LIMIT = 114688
PATH = apitest.LBAAS + '/loadbalancers'
TOO_BIG = ('Request is too large. Larger than max_request_body_size '
           f'({LIMIT}).')


def deep(levels, opening='[', closing=']'):
    return ('{"loadbalancer": {"name": ' + opening * levels + '1'
            + closing * levels + '}}').encode()


def sized(size):
    """A body of that many bytes with an attribute that is not known."""
    head, tail = b'{"loadbalancer": {"x": "', b'"}}'
    return head + b'a' * (size - len(head) - len(tail)) + tail


# Title, body of a POST.  All are 400.
BODIES = {
    '1,000 arrays': deep(1000),
    '1,000 objects': deep(1000, '{"a": ', '}'),
    '50,000 arrays': deep(50000),
    'opened only': b'{"loadbalancer": ' + b'[' * 10000,
    'invalid UTF-8': b'{"loadbalancer": {"name": "\xff\xfe"}}',
    'overlong UTF-8': b'{"loadbalancer": {"name": "\xc0\xaf"}}',
    'cut UTF-8': b'{"loadbalancer": {"name": "\xe2\x82"}}',
    'surrogate': b'{"loadbalancer": {"name": "\xed\xa0\x80"}}',
    'invalid UTF-8 key': b'{"loadbalancer": {"\xff": 1}}',
    'NUL byte': b'{"loadbalancer": {"name": "a\0b"}}',
    'NUL at the end': b'{"loadbalancer": {}}\0',
    'escaped NUL': b'{"loadbalancer": {"name": "a\\u0000b"}}',
    'lone surrogate': b'{"loadbalancer": {"name": "\\ud83d"}}',
    'only blanks': b' \r\n\t ',
    'long number': b'{"loadbalancer": {"admin_state_up": '
                   + b'9' * 5000 + b'}}',
    'big exponent': b'{"loadbalancer": {"admin_state_up": 1e999}}',
    'many keys': json.dumps({'loadbalancer': {
        f'k{i}': i for i in range(5000)}}).encode(),
    'many tags of wrong type': json.dumps({'loadbalancer': {
        'tags': list(range(10000))}}).encode(),
    'long name': json.dumps({'loadbalancer': {
        'name': 'x' * 100000}}).encode(),
    'largest body': sized(LIMIT),
}


# A page may speak of HTTP/1.1, too.
STATUS_LINE = re.compile(rb'HTTP/1\.[01] \d{3} ')
# Titles of what libmicrohttpd 0.9.75 refuses two times.
SAID_TWICE = ('many cookies', 'negative length', 'length in words')


class BadInput(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.port = self.stand.api.port

    def post_raw(self, body, headers=()):
        return rawhttp.exchange(self.port, rawhttp.request(
            'POST', PATH, body, headers))

    def test_bodies(self):
        """every kind of rubbish in a body is 400 and changes nothing"""
        with self.nothing_changes():
            for title, body in BODIES.items():
                with self.subTest(title):
                    reply = self.call('POST', '/loadbalancers', body)
                    self.assertEqual(reply.status, 400, reply)
                    self.assertEqual(reply.body['faultcode'], 'Client')
                    self.assertLess(len(reply.content), 300000)

    def test_rubbish_for_all(self):
        """so it is in updates and below pools"""
        lb, listener, pool, member = self.make_tree()
        members = f'/pools/{pool["id"]}/members'
        with self.nothing_changes():
            for method, path in (
                    ('PUT', '/loadbalancers/' + lb['id']),
                    ('PUT', '/listeners/' + listener['id']),
                    ('POST', members), ('PUT', '/pools/' + pool['id']),
                    ('PUT', f'{members}/{member["id"]}')):
                for title, body in BODIES.items():
                    with self.subTest(title, path=path):
                        self.assert_status(self.call(method, path, body),
                                           400)

    def test_size(self):
        """a body of the limit is read, one byte more is 413"""
        reply = self.call('POST', '/loadbalancers', sized(LIMIT))
        self.assert_fault(reply, 400, 'Unknown attribute for argument '
                          'load_balancer.loadbalancer: x')
        reply = self.call('POST', '/loadbalancers', sized(LIMIT + 1))
        self.assertEqual(reply.status, 413)
        self.assertIn(TOO_BIG, reply.content.decode())

    def test_giant(self):
        """a giant body is refused by its announced length, unread"""
        for length in (10 ** 10, 2 ** 63 - 1, 2 ** 64, 10 ** 40):
            reply = rawhttp.exchange(self.port, (
                f'POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: '
                f'application/json\r\nContent-Length: {length}\r\n\r\n{{'
            ).encode())
            self.assertIn(reply[0], (400, 413), reply)

    def send_chunks(self, sock, n):
        """Sends the start of a chunked body of n chunks of 1,000 bytes."""
        sock.sendall((f'POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: '
                      'application/json\r\nTransfer-Encoding: chunked'
                      '\r\n\r\n').encode())
        for _ in range(n):
            sock.sendall(b'3e8\r\n' + b'[' * 1000 + b'\r\n')

    def test_big_chunked(self):
        """a body in pieces that is too big is 413"""
        with rawhttp.connect(self.port) as sock:
            self.send_chunks(sock, LIMIT // 1000 * 3)
            sock.sendall(b'0\r\n\r\n')
            reply = rawhttp.read_reply(sock)
        self.assertEqual(reply[0], 413)
        self.assertIn(TOO_BIG, reply[2])

    def test_endless(self):
        """who sends a body without end is hung up on"""
        with self.assertRaises(OSError), rawhttp.connect(self.port) as sock:
            self.send_chunks(sock, 100000)

    def test_chunked(self):
        """a small chunked body is a body"""
        body = b'{"loadbalancer": {"x": 1}}'
        reply = rawhttp.exchange(self.port, (
            f'POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/'
            'json\r\nTransfer-Encoding: chunked\r\n\r\n').encode()
            + b'%x\r\n%s\r\n0\r\n\r\n' % (len(body), body))
        self.assertEqual((reply[0], rawhttp.fault(reply)), (
            400, 'Unknown attribute for argument load_balancer.loadbalancer: '
            'x'))

    def test_ids(self):
        """ids that are none are 404, with the text as typed"""
        for key in ('x', '1', '-', '..', 'null', "'", 'ü', '%20', '%ff',
                    '%25', 'a' * 1000, '0' * 36, '%2e%2e', '{id}', '*',
                    '00000000-0000-0000-0000-000000000000', '%0d%0aX: y'):
            for path, title in (('/loadbalancers/', 'Load Balancer'),
                                ('/listeners/', 'Listener'),
                                ('/pools/', 'Pool')):
                for method in ('GET', 'DELETE', 'PUT'):
                    with self.subTest(path + key[:40], method=method):
                        where = (path + key).encode('utf-8').decode('latin1')
                        raw = rawhttp.request(
                            method, (apitest.LBAAS + where).encode('latin1'),
                            '{"%s": {}}' % path.strip('/')[:-1]
                            if method == 'PUT' else b'')
                        reply = rawhttp.exchange(self.port, raw)
                        self.assertIn(reply[0], (400, 404), reply)
                        self.assertNotIn('x: y', reply[1])
                        if reply[0] == 404:
                            self.assertTrue(json.loads(reply[2]))
                        if key in ('x', 'null', '*'):
                            self.assertEqual(rawhttp.fault(reply),
                                             f'{title} {key} not found.')

    def test_queries(self):
        """rubbish in a query is 400 or ignored, never worse"""
        for query in ('%', '%zz', '&', '&&&=', '=', '??', 'name', 'name=%ff',
                      'name=%00', '%00', 'fields=' + 'x,' * 3000,
                      'tags=' + ',' * 3000, 'tags&' * 40, 'limit=' + '9' * 99,
                      'limit=-' + '9' * 99, 'marker=' + 'm' * 3000,
                      'a=1&' * 100, 'name=' + 'n' * 6000, 'name[]=1',
                      'fields', 'page_reverse', '#', 'name=a;b',
                      'fields=id&' * 300):
            with self.subTest(query[:40]):
                reply = rawhttp.exchange(self.port, rawhttp.request(
                    'GET', PATH + '?' + query))
                self.assertIn(reply[0], (200, 400, 414), reply)

    def test_framing(self):
        """requests that two servers could read differently are refused"""
        good = f'POST {PATH} HTTP/1.1\r\nHost: x\r\n'
        for title, raw in (
                ('two lengths', good + 'Content-Length: 2\r\n'
                 'Content-Length: 3\r\n\r\n{}'),
                ('length and chunks', good + 'Content-Length: 2\r\n'
                 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
                ('negative length', good + 'Content-Length: -1\r\n\r\n'),
                ('length in words', good + 'Content-Length: two\r\n\r\n'),
                ('no host', f'GET {PATH} HTTP/1.1\r\n\r\n'),
                ('two hosts', f'GET {PATH} HTTP/1.1\r\nHost: a\r\nHost: b'
                 '\r\n\r\n'),
                ('no version', f'GET {PATH}\r\n\r\n'),
                ('bad chunk', good + 'Transfer-Encoding: chunked\r\n\r\n'
                 'zz\r\n'),
                ('other coding', good + 'Transfer-Encoding: gzip\r\n\r\n'),
                ('rubbish', '\x00\x01\x02\r\n\r\n'),
                ('TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n'),
                ('long header', good + 'X: ' + 'x' * 200000 + '\r\n\r\n'),
                ('many headers', good + 'X: x\r\n' * 20000 + '\r\n'),
                ('many cookies', good + 'Cookie: ' + 'a=b; ' * 3000
                 + '\r\n\r\n'),
                ('space in the path', f'GET {PATH} x HTTP/1.1\r\nHost: x'
                 '\r\n\r\n'),
                ('long path', f'GET /{"x" * 200000} HTTP/1.1\r\nHost: x'
                 '\r\n\r\n')):
            with self.subTest(title), self.nothing_changes():
                with rawhttp.connect(self.port) as sock:
                    try:
                        sock.sendall(raw.encode('latin1'))
                        sock.shutdown(rawhttp.socket.SHUT_WR)
                    except OSError:
                        pass
                    data = rawhttp.read_all(sock)
                # Hung up on, or told once; never taken for two requests.
                # libmicrohttpd 0.9.75 says its own 400 for a malformed
                # Content-Length, and 431 for cookies, twice, out of our
                # reach, before it hangs up.
                heads = 2 if title in SAID_TWICE else 1
                self.assertLessEqual(len(STATUS_LINE.findall(data)), heads,
                                     data[:500])
                if data:
                    self.assertRegex(data[:12], rb'^HTTP/1\.[01] (4|50[15])')

    def test_no_memory(self):
        """a thousand of each leave the daemon as big as it was"""
        pid = self.stand.api.process.pid
        lb, _, pool, _ = self.make_tree()
        members = f'/pools/{pool["id"]}/members'
        post = [(PATH, body) for body in BODIES.values()
                if len(body) < 20000]
        post += [(apitest.LBAAS + members, b'{"member": {"address": 1}}'),
                 (PATH, json.dumps({'loadbalancer': {
                     'vip_subnet_id': apitest.NO_ID, 'tags': ['a', 'b']}}))]
        requests = [rawhttp.request('POST', *item) for item in post]
        requests += [
            rawhttp.request('PUT', f'{apitest.LBAAS}/pools/{pool["id"]}',
                            '{"pool": {"lb_algorithm": "ROUND_ROBIN"}}'),
            rawhttp.request('GET', PATH + '?bogus=1&name=x&tags=a'),
            rawhttp.request('GET', PATH + '/x'),
            rawhttp.request('DELETE', f'{PATH}/{lb["id"]}?x=1')]
        blob = b''.join(requests)

        def repeat(times):
            with rawhttp.connect(self.port) as sock:
                for _ in range(times):
                    sock.sendall(blob)
                    left, tail = len(requests), b''
                    while left:
                        data = sock.recv(1 << 20)
                        self.assertTrue(data)
                        left -= (tail + data).count(b'HTTP/1.1 ')
                        # A word may be cut in two, none counted twice.
                        tail = (tail + data)[-8:]
        with self.nothing_changes():
            repeat(100)
            before = memory.resident(pid)
            repeat(1000)
            grown = memory.resident(pid) - before
        if not memory.is_sanitized(pid):
            self.assertLess(grown, 2 << 20)


if __name__ == '__main__':
    unittest.main()
