#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The access log: a line for each request, whoever answered it, and lines
about slow ones in the daemon's log."""

import json
import os
import re
import time
import unittest

import apitest
import rawhttp
from lib import daemons, metrics, wait

FIELDS = ('time', 'request_id', 'global_request_id', 'client', 'project_id',
          'user_id', 'method', 'path', 'status', 'bytes', 'duration_ms')
CLIENTS_ID = 'req-8f3c0000-0000-4000-8000-0000000000ab'
SLOW = re.compile(r'\|slow\|INFO\|(req-\S+) (\S+ \S+) took (\d+) ms(.*)')


class AccessLog(apitest.ApiTest):

    def start(self, *args, form='json', log=None):
        self.path = log or os.path.join(
            self.stand.rundir, self.id().rsplit('.', 1)[1] + '.log')
        self.form = form
        return self.ask_own_api(f'api-{form}', f'--access-log={self.path}',
                                f'--log-format={form}', *args)

    def lines(self, path=None):
        with open(path or self.path, encoding='ascii') as file:
            text = file.read()
        self.assertEqual(text[-1:], '\n' if text else '')
        if self.form == 'json':
            return [json.loads(line) for line in text.splitlines()]
        return [dict(zip(FIELDS, line.split(' '), strict=True))
                for line in text.splitlines()]

    def find(self, request_id):
        """The line of a request.  It is written in the turn of the loop in
        which the answer is."""
        def found():
            return [line for line in self.lines()
                    if line['request_id'] == request_id]
        line, = wait.until(found, 'the line is written', 5, 0.005)
        return line

    def ask(self, method, path, body=None, headers=None):
        reply = self.rest.request(method, path, body, headers)
        return reply, self.find(reply.headers['x-openstack-request-id'])

    def test_fields(self):
        """a line has who, what, when, and how it ended, in either form"""
        for form in ('json', 'text'):
            with self.subTest(form):
                self.start(form=form)
                reply, line = self.ask(
                    'GET', '/v2.0/lbaas/loadbalancers?name=web&limit=5',
                    headers={'X-Openstack-Request-Id': CLIENTS_ID,
                             'X-Project-Id': 'a project'})
                self.assert_status(reply, 200)
                self.assertEqual(tuple(line), FIELDS)
                self.assertRegex(line['time'], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:'
                                 r'\d\d\.\d{3}Z$')
                self.assertEqual(
                    [str(line[name]) for name in FIELDS[2:10]],
                    [CLIENTS_ID, '127.0.0.1', 'a%20project',
                     'None' if form == 'json' else '-', 'GET',
                     '/v2.0/lbaas/loadbalancers?name=web&limit=5', '200',
                     str(len(reply.content))])
                self.assertLess(float(line['duration_ms']), 5000)
                os.unlink(self.path)

    def test_nothing_breaks_a_line(self):
        """what a client sends is one word of printable letters, and bounded
        """
        for form in ('json', 'text'):
            with self.subTest(form):
                self.start(form=form)
                _, line = self.ask(
                    'GET', '/v2.0/lbaas/pools?name=%0a%22%20%5c%c3%bc&name=%ff'
                    '&tags=' + 'x' * 3000, headers={
                        'X-Project-Id': '"\\\xff {}'})
                self.assertEqual(
                    line['path'], '/v2.0/lbaas/pools?name=%0A%22%20%5C%C3%BC'
                    '&name=%FF&tags=' + 'x' * 1024 + '...')
                self.assertEqual(line['project_id'], '%22%5C%FF%20{}')
                _, line = self.ask('GET', '/%0d%0a%20-%25')
                self.assertEqual(line['path'], '/%0D%0A%20-%25')
                os.unlink(self.path)

    def test_secrets(self):
        """values of arguments that look like secrets are left out"""
        self.start()
        _, line = self.ask('GET', '/v2.0/lbaas/pools?X-Auth-Token=abc&'
                           'PASSWORD=abc&name=abc&apikey')
        self.assertEqual(line['path'], '/v2.0/lbaas/pools?X-Auth-Token=***&'
                         'PASSWORD=***&name=abc&apikey')

    def test_refusals(self):
        """requests that no handler sees have a line, too, and are counted"""
        port = daemons.free_port()
        api = self.start(metrics.at(port))
        cases = (
            (400, b'GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'),
            (413, b'POST /b HTTP/1.1\r\nHost: x\r\n'
                  b'Content-Length: 114689\r\n\r\n'),
            (413, b'POST /c HTTP/1.1\r\nHost: x\r\n'
                  b'Transfer-Encoding: chunked\r\n\r\n1c001\r\n'
                  + b'x' * 0x1c001 + b'\r\n0\r\n\r\n'))
        for status, data in cases:
            with rawhttp.connect(api.port) as sock:
                sock.sendall(data)
                found, headers, _ = rawhttp.read_reply(sock)
            line = self.find(headers['x-openstack-request-id'])
            self.assertEqual((found, line['status']), (status, status))
            self.assertEqual(line['client'], '127.0.0.1')
        page = metrics.scrape(port)
        self.assertEqual(page.get('ovn_octavia_api_requests_total',
                                  route='none', code='413'), 2)

    def test_client_that_leaves(self):
        """a client that leaves within its request leaves a line without
        status"""
        api = self.start()
        with rawhttp.connect(api.port) as sock:
            sock.sendall(b'POST /v2.0/lbaas/pools HTTP/1.1\r\nHost: x\r\n'
                         b'Content-Length: 100\r\n\r\nabc')
            wait.until(lambda: 'requests: 0' not in api.appctl('api/status'),
                       'the request has begun', 5, 0.01)

        def left():
            return [line for line in self.lines() if line['status'] is None]
        line, = wait.until(left, 'its line is there', 10, 0.01)
        self.assertEqual((line['method'], line['path'], line['bytes']),
                         ('POST', '/v2.0/lbaas/pools', 0))

    def test_proxied(self):
        """the client of a proxy that is trusted is named, not the proxy"""
        self.start('--trusted-proxies=127.0.0.1')
        _, line = self.ask('GET', '/', headers={
            'X-Forwarded-For': '198.51.100.7'})
        self.assertEqual(line['client'], '198.51.100.7')

    def test_rotation(self):
        """a file that is moved away is made anew, and no line is lost"""
        self.start()
        ids, moved = set(), []

        def ask():
            reply = self.rest.request('GET', '/')
            ids.add(reply.headers['x-openstack-request-id'])
            return os.path.exists(self.path)
        for number in range(3):
            wait.until(ask, 'the file is there', 10, 0.05)
            moved.append(f'{self.path}.{number}')
            os.rename(self.path, moved[-1])
        wait.until(ask, 'the file is there', 10, 0.05)
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o640)

        def all_lines():
            return [line['request_id'] for path in [*moved, self.path]
                    for line in self.lines(path)]
        wait.until(lambda: ids <= set(all_lines()), 'all lines are there', 5)
        self.assertEqual(len(all_lines()), len(set(all_lines())))

    def test_full_disk(self):
        """a disk that is full costs lines, not answers"""
        api = self.start(log='/dev/full')
        for _ in range(3):
            self.assert_status(self.rest.request('GET', '/'), 200)
        wait.until(lambda: '/dev/full cannot be written (No space' in
                   api.log_text(), 'the log says so', 5)
        self.assertTrue(api.complaints())

    def test_impossible(self):
        """a file that cannot be made is told at the start"""
        self.assertIn('the access log /no/where/a.log cannot be opened (No '
                      'such file', self.refused_api(
                          '--access-log=/no/where/a.log'))

    def test_slow(self):
        """a slow request is named once, with what it has waited for"""
        api = self.start('--slow-request-ms=300')
        lb = self.make_lb()
        path = f'/loadbalancers/{lb["id"]}'

        def slow(headers):
            """What is said of a request: others may be slow on a busy
            machine."""
            return [found[1:] for found in SLOW.findall(api.log_text())
                    if found[0] == headers['x-openstack-request-id']]
        with self.frozen_driver():
            reply = self.call('PUT', path, {'loadbalancer': {'name': 'x'}},
                              {'Prefer': 'wait=1'})
            self.assert_status(reply, 200)
        self.active(lb['id'])
        # So may this one, but not for what it preferred.
        for _, ms, waits in slow(reply.headers):
            preferred = re.search(r'(\d+) ms for its load balancer', waits)
            self.assertGreaterEqual(int(ms) - int(preferred.group(1)), 299)

        with self.frozen_driver():
            with rawhttp.connect(api.port) as sock:
                sock.sendall(rawhttp.request(
                    'POST', '/v2.0/lbaas/loadbalancers', json.dumps({
                        'loadbalancer': {'vip_subnet_id':
                                         self.stand.subnet['n1']}})))
                wait.until(lambda: 'waiting: 1' in api.appctl('api/status'),
                           'it waits', 5, 0.01)
                begin = time.monotonic()
                wait.until(lambda: time.monotonic() > begin + 0.4,
                           'it has waited', 5, 0.01)
                self.stand.driver.process.thaw()
                status, headers, _ = rawhttp.read_reply(sock)
        self.assertEqual(status, 201)
        (call, ms, waits), = slow(headers)
        self.assertEqual(call, 'POST /v2.0/lbaas/loadbalancers')
        self.assertGreaterEqual(int(ms), 300)
        self.assertRegex(waits, r'\b\d{3,} ms for the driver$')


if __name__ == '__main__':
    unittest.main()
