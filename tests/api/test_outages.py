#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A part that is away is said to be away, in the log and with 503, and all
works again once it is back, without a restart of anything else."""

import os
import threading
import time
import unittest

import apitest

from lib import client, daemons, wait

# What daemons say while a database is away.
AWAY = (r'\|WARN\|.*(octavia|nb)\.sock', r'reconnect\|WARN')
NO_DATABASE = 'The Octavia database is unavailable.'
NO_NETWORK = 'The OVN Northbound database is unavailable.'


class Later:
    """A request in a thread of its own."""

    def __init__(self, port, method, path, body=None):
        self.reply = None
        self.thread = threading.Thread(target=self._run, daemon=True,
                                       args=(port, method, path, body))
        self.thread.start()

    def _run(self, port, method, path, body):
        rest = client.Rest(port, timeout=60)
        self.reply = rest.request(method, apitest.LBAAS + path, body)
        rest.close()

    def wait(self, deadline):
        self.thread.join(deadline * wait.SLOWNESS)
        return self.reply


class Outages(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.log_start = 0
        self.body = {'loadbalancer': {
            'vip_subnet_id': self.stand.subnet['n1'], 'name': 'outage'}}

    def assert_warned(self, *words):
        wait.until(lambda: any(
            '|WARN|' in line and all(word in line for word in words)
            for line in self.stand.api.log_text()[self.log_start:]
            .splitlines()), f'the API warned of {words}', 2, 0.02)

    def begin(self):
        self.allow_log(*AWAY)
        self.log_start = len(self.stand.api.log_text())
        self.addCleanup(self.mend)

    def mend(self):
        for server in (self.stand.octavia, self.stand.nb):
            if not server.process.is_running():
                server.start()
        self.wait_works()
        self.stand.driver.wait_in_sync()

    def wait_works(self, deadline=15):
        wait.until(lambda: self.call('GET', '/loadbalancers').status == 200,
                   'the API works', deadline, 0.02)
        wait.until(lambda: self.rest.request(
            'GET', '/v2.0/networks').status == 200, 'networks are answered',
            deadline, 0.02)

    def test_database_away(self):
        """without the database all is 503, and works when it is back"""
        lb, listener, pool, member = self.make_tree(name='before')
        self.begin()
        pid = self.stand.api.process.pid
        self.stand.octavia.stop()
        try:
            wait.until(lambda: self.call(
                'GET', '/loadbalancers').status == 503, '503', 5, 0.01)
            members = f'/pools/{pool["id"]}/members'
            for method, path, body in (
                    ('GET', '/loadbalancers', None),
                    ('GET', '/loadbalancers/' + lb['id'], None),
                    ('GET', f'/loadbalancers/{lb["id"]}/status', None),
                    ('GET', '/loadbalancers/' + apitest.NO_ID, None),
                    ('POST', '/loadbalancers', self.body),
                    ('DELETE', f'/loadbalancers/{lb["id"]}?cascade=true',
                     None),
                    ('PUT', '/listeners/' + listener['id'],
                     {'listener': {}}),
                    ('GET', '/pools', None), ('GET', members, None),
                    ('DELETE', f'{members}/{member["id"]}', None)):
                with self.subTest(path, method=method):
                    self.assert_fault(self.call(method, path, body), 503,
                                      NO_DATABASE)
            self.assertEqual(self.rest.request('GET', '/').status, 200)
            self.assertEqual(self.call('GET', '/providers').status, 200)
            self.assertEqual(
                self.rest.request('GET', '/v2.0/networks').status, 200)
            self.assert_warned('octavia')
        finally:
            self.stand.octavia.start()
        self.wait_works()
        self.assertEqual(self.stand.api.process.pid, pid)
        self.assertEqual(self.rest.get('/loadbalancers/' + lb['id']), lb)
        self.assertEqual(self.make_lb()['provisioning_status'], 'ACTIVE')

    def test_lists_after_an_outage(self):
        """lists have what was written while the API could not see it"""
        lb, other = (self.make_lb(name='before', tags=['a'])
                     for _ in range(2))
        self.begin()
        self.stand.api.process.freeze()
        try:
            self.set_row('loadbalancer', lb['id'], name='after',
                         tags=['set', ['b', 'c']])
            # A server that was restarted sends everything again.
            self.stand.octavia.stop()
            self.stand.octavia.start()
        finally:
            self.stand.api.process.thaw()
        wait.until(lambda: [found['id'] for found in self.call(
            'GET', '/loadbalancers?name=after').body.get(
                'loadbalancers', [])] == [lb['id']],
                   'the API has seen it', 15, 0.02)
        for query, expected in (
                ('name=before', [other]), ('tags=a', [other]),
                ('tags=b', [lb]), ('tags-any=a,c', [lb, other]),
                ('', [lb, other]), ('limit=1', [lb])):
            with self.subTest(query):
                reply = self.call('GET', '/loadbalancers?' + query)
                self.assert_status(reply, 200)
                self.assertEqual([found['id'] for found
                                  in reply.body['loadbalancers']],
                                 [made['id'] for made in expected])

    def test_database_restarts_in_a_burst(self):
        """what is in flight when the database restarts is true or 503"""
        self.begin()
        requests = [Later(self.stand.api.port, 'POST', '/loadbalancers',
                          {'loadbalancer': {**self.body['loadbalancer'],
                                            'name': f'burst{i}'}})
                    for i in range(20)]
        self.stand.octavia.kill()
        self.stand.octavia.start()
        created = []
        for request in requests:
            reply = request.wait(40)
            self.assertIsNotNone(reply, 'a request hangs')
            self.assertIn(reply.status, (201, 503), reply)
            if reply.status == 201:
                created.append(reply.body['loadbalancer']['id'])
            else:
                self.assertTrue(reply.body['faultstring'])
        self.wait_works()
        names = [lb['name'] for lb in self.rest.get('/loadbalancers')]
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual(set(created), {
            lb['id'] for lb in self.rest.get('/loadbalancers')})

    def test_network_away(self):
        """without the NB a load balancer is 503, and all else works"""
        lb, listener, pool, _ = self.make_tree()
        self.begin()
        self.stand.nb.stop()
        try:
            wait.until(lambda: self.rest.request(
                'GET', '/v2.0/networks').status == 503, '503', 5, 0.01)
            with self.nothing_changes():
                self.assert_fault(
                    self.call('POST', '/loadbalancers', self.body), 503,
                    NO_NETWORK)
            for what in ('networks', 'subnets', 'ports'):
                reply = self.rest.request('GET', '/v2.0/' + what)
                self.assertEqual(reply.status, 503)
                self.assertIsNotNone(reply.body)
            self.assertEqual(
                self.rest.get('/loadbalancers/' + lb['id']), lb)
            for path in ('/listeners', '/pools',
                         f'/pools/{pool["id"]}/members'):
                self.assertEqual(len(self.rest.get(path)), 1)
            reply = self.call('PUT', '/listeners/' + listener['id'],
                              {'listener': {'name': 'away'}})
            self.assert_status(reply, 200)
            self.assert_fault(
                self.call('DELETE', '/pools/' + pool['id']), 409,
                f'Load Balancer {lb["id"]} is immutable and cannot be '
                'updated.')
            self.assert_warned('nb')
        finally:
            self.stand.nb.start()
        wait.until(lambda: self.rest.get('/loadbalancers/' + lb['id'])[
            'provisioning_status'] == 'ACTIVE', 'the update is done', 20,
            0.02)
        self.wait_works()
        self.assertEqual(self.rest.get('/listeners/' + listener['id'])[
            'name'], 'away')
        self.assert_status(self.call('POST', '/loadbalancers', self.body),
                           201)

    def test_driver_frozen(self):
        """without the driver a POST waits, and is answered when it is back"""
        with self.frozen_driver():
            request = Later(self.stand.api.port, 'POST', '/loadbalancers',
                            self.body)
            wait.until(lambda: self.rest.get('/loadbalancers'),
                       'the load balancer shows', 5, 0.01)
            shown, = self.rest.get('/loadbalancers')
            self.assertEqual(
                (shown['provisioning_status'], shown['vip_address'],
                 shown['vip_port_id']), ('PENDING_CREATE', None, None))
            self.assertIsNone(request.wait(0.3))
        reply = request.wait(10)
        self.assert_status(reply, 201)
        self.assertEqual(reply.body['loadbalancer']['id'], shown['id'])
        self.assertTrue(reply.body['loadbalancer']['vip_address'])

    def test_driver_killed(self):
        """so it is when the driver was killed and is started again"""
        driver = self.stand.driver
        driver.kill()
        started = time.monotonic()
        request = Later(self.stand.api.port, 'POST', '/loadbalancers',
                        self.body)
        wait.until(lambda: self.rest.get('/loadbalancers'),
                   'the load balancer shows', 5, 0.01)
        driver.start()
        reply = request.wait(30)
        self.assert_status(reply, 201)
        self.assertLess(time.monotonic() - started, 30 * wait.SLOWNESS)
        driver.wait_ready()

    def test_two_drivers(self):
        """a second driver stands by, and takes over when the first dies"""
        first = self.stand.driver
        second = daemons.Driver(self.stand.rundir, self.stand.octavia.remote,
                                self.stand.nb.remote, self.stand.sb.remote,
                                name='second')
        second.start()
        self.addCleanup(second.stop)
        second.wait_ready()
        self.assert_status(self.call('POST', '/loadbalancers', self.body),
                           201)
        self.assertEqual(second.status()['active'], 'no')
        self.assertEqual(second.status()['nb-commits'], '0')
        first.kill()
        wait.until(lambda: second.status()['active'] == 'yes',
                   'the second driver is active', 5, 0.02)
        self.assert_status(self.call('POST', '/loadbalancers', self.body),
                           201)
        self.assertEqual(second.status()['nb-commits'], '1')
        second.stop()
        first.start()
        first.wait_ready()

    def test_started_first(self):
        """an API that is started before its databases warns and waits"""
        # It knows them by other names, so that nobody else is disturbed.
        links = {server: os.path.join(self.stand.rundir, name)
                 for server, name in ((self.stand.octavia, 'late-o.sock'),
                                      (self.stand.nb, 'late-n.sock'))}
        api = daemons.Api(self.stand.rundir,
                          *['unix:' + path for path in links.values()],
                          name='first')
        api.start()
        self.addCleanup(api.stop)
        rest = client.Rest(api.port)
        self.addCleanup(rest.close)
        wait.until(lambda: rest.request('GET', '/').status == 200,
                   'the API answers', 5, 0.01)
        self.assert_fault(
            rest.request('GET', apitest.LBAAS + '/loadbalancers'), 503,
            NO_DATABASE)
        for path in links.values():
            wait.until(lambda: any(
                '|WARN|' in line and path in line
                for line in api.log_text().splitlines()),
                f'the API warns of {path}', 10, 0.02)
        for server, path in links.items():
            os.symlink(server.socket, path)
            self.addCleanup(os.unlink, path)
        self.stand.wait_api(api)
        self.assertEqual(
            rest.request('GET', apitest.LBAAS + '/loadbalancers').status, 200)


if __name__ == '__main__':
    unittest.main()
