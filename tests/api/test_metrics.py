#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The API's metrics: each is read by a real scrape after something real was
done."""

import json
import os
import shutil
import socket
import time
import unittest

import apitest
import authtest
import rawhttp

from lib import client, daemons, metrics, ovsdb, wait

LBS = '/v2.0/lbaas/loadbalancers'
REQUESTS = 'ovn_octavia_api_requests_total'
DURATION = 'ovn_octavia_api_request_duration_seconds'
OBJECTS = 'ovn_octavia_api_objects'


class Page(apitest.ApiTest):
    """The page as such."""

    def setUp(self):
        super().setUp()
        self.port = self.stand.metrics_port

    @unittest.skipUnless(shutil.which('promtool'), metrics.NEEDS_PROMETHEUS)
    def test_promtool(self):
        """promtool finds nothing to say against the page"""
        self.make_tree()
        self.call('GET', '/nonsense')
        self.assertEqual(metrics.lint(metrics.fetch(self.port)[2]), '')

    def test_families(self):
        """each family has a sentence, and each name its type's form"""
        page = metrics.scrape(self.port)
        for name, kind in page.types.items():
            with self.subTest(name):
                self.assertRegex(page.helps[name], r'^[A-Z1].*\.$')
                self.assertEqual(name.endswith('_total'), kind == 'counter')
                self.assertRegex(name, '^(ovn_octavia|process)_')

    def test_documented(self):
        """docs/monitor.md has each family, its type, labels and meaning"""
        self.make_tree()
        self.assertEqual(metrics.differences(metrics.scrape(self.port),
                                             'The API alone'), [])

    def test_methods(self):
        """there is GET and HEAD of /metrics, and nothing else"""
        for method, path, status in (
                ('GET', '/metrics', 200), ('HEAD', '/metrics', 200),
                ('GET', '/metrics?x=y', 200), ('GET', '/', 404),
                ('GET', '/metrics/', 404), ('GET', LBS, 404),
                ('POST', '/metrics', 405), ('DELETE', '/metrics', 405)):
            with self.subTest(method + path):
                found, headers, text = metrics.fetch(self.port, method, path)
                self.assertEqual(found, status)
                self.assertEqual(text == '', method == 'HEAD')
                if status == 405:
                    self.assertEqual(headers['Allow'], 'GET, HEAD')

    def test_api_has_none(self):
        """the API's own port does not serve metrics"""
        self.assert_status(self.rest.request('GET', '/metrics'), 404)

    def test_body(self):
        """a request with a body is refused, and the next one is answered"""
        self.assertEqual(metrics.fetch(self.port, 'POST', body=b'x' * 10)[0],
                         413)
        metrics.scrape(self.port)

    def test_crowd(self):
        """silent clients keep neither a scrape nor the API from its answer"""
        crowd = [socket.create_connection(('127.0.0.1', self.port))
                 for _ in range(40)]
        try:
            metrics.scrape(self.port)
            self.assert_status(self.call('GET', '/loadbalancers'), 200)
        finally:
            for one in crowd:
                one.close()

    def test_process(self):
        """memory, descriptors, time and version are those of the process"""
        page = metrics.scrape(self.port)
        pid = self.stand.api.process.pid
        with open(f'/proc/{pid}/statm', encoding='ascii') as file:
            resident = int(file.read().split()[1]) * os.sysconf('SC_PAGESIZE')
        self.assertAlmostEqual(page.get('process_resident_memory_bytes'),
                               resident, delta=resident / 2)
        self.assertGreater(page.get('process_virtual_memory_bytes'), resident)
        self.assertAlmostEqual(page.get('process_open_fds'),
                               len(os.listdir(f'/proc/{pid}/fd')), delta=2)
        self.assertGreater(page.get('process_max_fds'), 100)
        self.assertGreater(page.get('process_cpu_seconds_total'), 0)
        self.assertAlmostEqual(page.get('process_start_time_seconds'),
                               os.stat(f'/proc/{pid}').st_ctime, delta=600)
        self.assertEqual(
            page.labels('ovn_octavia_build_info', 'version'),
            {self.stand.api.appctl('version').splitlines()[0].split()[-1]})
        self.assertEqual(page.labels('ovn_octavia_build_info', 'program'),
                         {'ovn-octavia-api'})


class Requests(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.port = self.stand.metrics_port

    def test_requests(self):
        """requests are counted by method, template of the path, and status"""
        lb = self.make_lb()
        one = f'/loadbalancers/{lb["id"]}'
        for method, path, body, labels in (
                ('GET', '/loadbalancers', None,
                 ('GET', 'lbaas/loadbalancers', '200')),
                ('GET', one, None,
                 ('GET', 'lbaas/loadbalancers/{id}', '200')),
                ('GET', '/loadbalancers/' + apitest.NO_ID, None,
                 ('GET', 'lbaas/loadbalancers/{id}', '404')),
                ('PUT', one, {'loadbalancer': {'name': 'x'}},
                 ('PUT', 'lbaas/loadbalancers/{id}', '200')),
                ('POST', '/pools', {'pool': {}},
                 ('POST', 'lbaas/pools', '400')),
                ('DELETE', f'{one}?cascade=true', None,
                 ('DELETE', 'lbaas/loadbalancers/{id}', '204')),
                ('PATCH', '/pools', None, ('any', 'none', '405')),
                ('GET', '/nonsense', None, ('any', 'none', '404')),
                ('OPTIONS', '/pools', None, ('any', 'none', '200'))):
            with self.subTest(f'{method} {path}'):
                self.active(lb['id'])
                before = metrics.scrape(self.port)
                reply = self.call(method, path, body)
                self.assert_status(reply, int(labels[2]))
                known = labels[0] if labels[0] != 'any' else 'other'
                if known == 'other' and method == 'GET':
                    known = 'GET'
                metrics.grown(self.port, before, REQUESTS, 1, **dict(zip(
                    ('method', 'route', 'code'), labels)))
                metrics.grown(self.port, before, DURATION + '_count', 1,
                              method=known)
            if method == 'DELETE':
                self.wait_gone(one)
                lb = self.make_lb()
                one = f'/loadbalancers/{lb["id"]}'

    def test_versions(self):
        """the list of versions has a route of its own"""
        before = metrics.scrape(self.port)
        self.assert_status(self.rest.request('GET', '/'), 200)
        metrics.grown(self.port, before, REQUESTS, 1, route='/', code='200')

    def test_bounded(self):
        """whatever clients ask for, there is no new word in a label"""
        before = metrics.scrape(self.port)
        for i in range(20):
            self.rest.request('GET', f'/v2.0/lbaas/x{i}"\\')
            self.rest.request(f'M{i}', f'{LBS}/{i}')
            self.call('GET', f'/loadbalancers/{i}')
        after = metrics.scrape(self.port)
        self.assertNotIn('x1', after.text)
        self.assertNotIn('M1', after.text)
        self.assertLess(len(after.samples) - len(before.samples), 10)

    def test_duration(self):
        """a create that waits for the driver counts with its whole time"""
        before = metrics.scrape(self.port)
        with self.frozen_driver():
            connection = rawhttp.connect(self.stand.api.port)
            self.addCleanup(connection.close)
            connection.sendall(rawhttp.request(
                'POST', LBS, json.dumps({'loadbalancer': {
                    'vip_subnet_id': self.stand.subnet['n1']}})))
            wait.until(lambda: metrics.scrape(self.port).get(
                'ovn_octavia_api_requests_waiting', for_='other') == 1,
                'one waits', 10, 0.01)
            wait.until(lambda: metrics.scrape(self.port).get(
                'ovn_octavia_api_requests_in_flight') == 1, 'in flight')
            wait.until(lambda: metrics.scrape(self.port).get(
                OBJECTS, kind='loadbalancer', status='PENDING_CREATE') == 1,
                'it is pending', 10, 0.01)
            start = time.monotonic()
            wait.until(lambda: time.monotonic() > start + 0.3,
                       'some time has passed')
        metrics.grown(self.port, before, DURATION + '_count', 1,
                      method='POST')
        after = metrics.scrape(self.port)
        self.assertGreaterEqual(after.get(DURATION + '_sum', method='POST')
                                - before.get(DURATION + '_sum',
                                             method='POST'), 0.3)
        self.assertEqual(after.get(DURATION + '_bucket', method='POST',
                                   le='0.1'),
                         before.get(DURATION + '_bucket', method='POST',
                                    le='0.1'))
        self.assertEqual(after.get('ovn_octavia_api_requests_waiting'), 0)


class Connections(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.port = self.stand.metrics_port

    def test_connections(self):
        """connections are counted while they are open, and for ever"""
        self.rest.close()
        wait.until(lambda: metrics.scrape(self.port).get(
            'ovn_octavia_api_connections') == 0, 'none is open', 10, 0.02)
        before = metrics.scrape(self.port)
        crowd = [socket.create_connection(('127.0.0.1', self.stand.api.port))
                 for _ in range(3)]
        metrics.grown(self.port, before,
                      'ovn_octavia_api_connections_opened_total', 3)
        self.assertEqual(metrics.scrape(self.port).get(
            'ovn_octavia_api_connections'), 3)
        for one in crowd:
            one.close()
        wait.until(lambda: metrics.scrape(self.port).get(
            'ovn_octavia_api_connections') == 0, 'none is open', 10, 0.02)

    def test_refused(self):
        """malformed and too large requests are counted apart"""
        for data, reason in (
                (b'GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n',
                 'malformed'),
                (b'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n'
                 b'\r\n', 'too_large')):
            before = metrics.scrape(self.port)
            with socket.create_connection(
                    ('127.0.0.1', self.stand.api.port)) as one:
                one.sendall(data)
                self.assertIn(b'HTTP/1.1 4', one.recv(1000))
            metrics.grown(self.port, before,
                          'ovn_octavia_api_requests_refused_total', 1,
                          reason=reason)

    def test_room(self):
        """a connection that makes room for another one is counted"""
        self.rest.close()
        before = metrics.scrape(self.port)
        crowd = [socket.create_connection(('127.0.0.1', self.stand.api.port))
                 for _ in range(901)]
        try:
            wait.until(lambda: metrics.scrape(self.port).get(
                'ovn_octavia_api_connections_cut_total', reason='room')
                > before.get('ovn_octavia_api_connections_cut_total',
                             reason='room'), 'one was cut', 10, 0.05)
        finally:
            for one in crowd:
                one.close()

    def test_answers(self):
        """bytes of answers count until they are fetched"""
        # More than a socket takes from a sender whom nobody listens to:
        # 4 MiB (net.ipv4.tcp_wmem).
        for _ in range(90):
            self.make_lb(tags=['x' * 250 + str(i) for i in range(250)])
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(('127.0.0.1', self.stand.api.port))
        with connection:
            connection.sendall(rawhttp.request('GET', LBS))
            wait.until(lambda: metrics.scrape(self.port).get(
                'ovn_octavia_api_answers_bytes') > 1000000,
                'an answer waits', 10, 0.02)
        wait.until(lambda: metrics.scrape(self.port).get(
            'ovn_octavia_api_answers_bytes') == 0, 'none waits', 10, 0.02)


class Objects(apitest.ApiTest):

    def test_objects(self):
        """objects count by kind and both statuses, at each change"""
        port = self.stand.metrics_port

        def counts(status, name=OBJECTS):
            page = metrics.scrape(port)
            return {kind: page.get(name, kind=kind, status=status)
                    for kind in page.labels(name, 'kind')
                    if page.get(name, kind=kind, status=status)}
        self.assertEqual(counts('ACTIVE'), {})
        lb, _, pool, member = self.make_tree()
        self.make_monitor(lb, pool)
        everything = {'loadbalancer': 1, 'listener': 1, 'pool': 1,
                      'member': 1, 'healthmonitor': 1}
        wait.until(lambda: counts('ACTIVE') == everything, 'all are ACTIVE',
                   10, 0.02)
        self.assertEqual(
            metrics.scrape(port).get(OBJECTS + '_operating'), 5)
        # Which would put the states right.
        with self.frozen_driver():
            self.set_state('pool', pool['id'], 'ERROR')
            wait.until(lambda: counts('ERROR') == {'pool': 1}, 'one is ERROR',
                       10, 0.02)
            self.set_state('pool', pool['id'], 'ACTIVE')
            self.set_row('member', member['id'], operating_status='DRAINING')
            wait.until(lambda: counts('DRAINING', OBJECTS + '_operating')
                       == {'member': 1}, 'one is DRAINING', 10, 0.02)
        self.settle()
        self.call('DELETE', f'/loadbalancers/{lb["id"]}?cascade=true')
        self.wait_gone('/loadbalancers/' + lb['id'])
        wait.until(lambda: not metrics.scrape(port).get(OBJECTS),
                   'none is left', 10, 0.02)


class Database(apitest.ApiTest):

    def test_commits(self):
        """each transaction is counted, and how long it took"""
        port = self.stand.metrics_port
        before = metrics.scrape(port)
        self.make_lb()
        after = metrics.scrape(port)
        grown = (after.get('ovn_octavia_commits_total',
                           database='OVN_Octavia')
                 - before.get('ovn_octavia_commits_total',
                              database='OVN_Octavia'))
        self.assertGreaterEqual(grown, 1)
        self.assertEqual(
            grown, after.get('ovn_octavia_commit_duration_seconds_count')
            - before.get('ovn_octavia_commit_duration_seconds_count'))
        self.assertEqual(after.get('ovn_octavia_commit_queue_length'), 0)
        self.assertEqual(after.get('ovn_octavia_commit_failures_total'),
                         before.get('ovn_octavia_commit_failures_total'))

    def test_connection(self):
        """the loss of a database shows at once, with the replica's age"""
        database = ovsdb.Server('metrics', ovsdb.OCTAVIA_SCHEMA,
                                self.stand.rundir)
        database.start()
        self.addCleanup(database.process.stop)
        port = daemons.free_port()
        api = daemons.Api(self.stand.rundir, database.remote,
                          self.stand.nb.remote, name='api-metrics',
                          extra=[metrics.at(port)])
        api.start()
        self.addCleanup(api.stop)
        api.wait_ready()

        def value(name, database='OVN_Octavia'):
            return metrics.scrape(port).get('ovn_octavia_' + name, **(
                {'database': database} if 'database' in name else {}))
        wait.until(lambda: value('database_connected') == 1, 'connected')
        wait.until(lambda: value('api_ready') == 1, 'ready')
        wait.until(lambda: value('database_connected',
                                 'OVN_Northbound') == 1, 'connected')
        self.assertEqual(value('database_replica_age_seconds'), 0)
        self.assertEqual(value('database_connections_total'), 1)
        database.process.stop()
        wait.until(lambda: value('database_connected') == 0, 'it is lost')
        self.assertEqual(value('api_ready'), 0)
        wait.until(lambda: value('database_replica_age_seconds') > 0.5,
                   'the replica grows old')
        wait.until(lambda: value('database_failed_attempts_total') > 0,
                   'attempts have failed')
        self.assertEqual(value('database_connected', 'OVN_Northbound'), 1)
        database.start()
        wait.until(lambda: value('database_connected') == 1, 'it is back')
        self.assertEqual(value('database_connections_total'), 2)
        self.assertEqual(value('database_replica_age_seconds'), 0)


class Where(apitest.ApiTest):
    """The option."""

    def test_off(self):
        """an empty option opens nothing"""
        api = self.start_own_api('metrics-off', metrics.off())
        api.wait_ready()
        self.assertNotIn('metrics on', api.log_text())

    def test_bad(self):
        """what is no address and port is refused"""
        for text in ('9877', 'localhost:9877', '127.0.0.1', '127.0.0.1:x',
                     '127.0.0.1:65536', '::1:9877', '[127.0.0.1]:9877', ':',
                     ':9877', '[::1]'):
            with self.subTest(text):
                self.assertIn('metrics_listen', self.refused_api(
                    '--listen=127.0.0.1:0', '--metrics-listen=' + text))

    def test_ipv6(self):
        """they are served over IPv6"""
        port = daemons.free_port()
        api = self.start_own_api('metrics-v6',
                                 f'--metrics-listen=[::1]:{port}')
        api.wait_ready()
        self.assertEqual(metrics.fetch(port, host='::1')[0], 200)

    def test_taken(self):
        """an address in use stops nothing, and is told once"""
        with socket.socket() as other:
            other.bind(('127.0.0.1', 0))
            other.listen()
            port = other.getsockname()[1]
            api = self.ask_own_api('metrics-taken', metrics.at(port))
            self.assert_status(self.call('GET', '/loadbalancers'), 200)
            text, = api.complaints(apitest.ALLOWED)
            self.assertIn('metrics cannot be served', text)
            self.assertIn('in use', text)


class Tokens(authtest.AuthTest):

    def test_tokens(self):
        """checks of tokens count by outcome, and by who knew it"""
        port = daemons.free_port()
        api = self.door.make_api('metrics-auth')
        api.process.argv.append(metrics.at(port))
        api.start()
        self.addCleanup(api.stop)
        api.wait_ready()
        rest = client.Rest(api.port)
        self.addCleanup(rest.close)
        good = self.door.token('admin')
        name = 'ovn_octavia_api_token_checks_total'
        for token, status, outcome, cache in (
                (good, 200, 'accepted', 'miss'),
                (good, 200, 'accepted', 'hit'),
                ('nonsense', 401, 'refused', 'miss'),
                ('nonsense', 401, 'refused', 'hit'),
                (None, 401, 'refused', 'hit')):
            with self.subTest(f'{outcome} {cache}'):
                before = metrics.scrape(port)
                reply = rest.request('GET', LBS, headers={
                    'X-Auth-Token': token} if token else {})
                self.assert_status(reply, status)
                metrics.grown(port, before, name, 1, outcome=outcome,
                              cache=cache)
                asked = cache == 'miss'
                metrics.grown(port, before,
                              'ovn_octavia_service_calls_total', int(asked),
                              service='identity')
                metrics.grown(
                    port, before,
                    'ovn_octavia_service_call_duration_seconds_count',
                    int(asked), service='identity')
        page = metrics.scrape(port)
        self.assertEqual(page.get('ovn_octavia_keystone_logins_total',
                                  outcome='accepted'), 1)
        self.assertEqual(page.get('ovn_octavia_api_tokens_cached',
                                  state='good'), 1)
        self.assertEqual(page.get('ovn_octavia_api_tokens_cached',
                                  state='other'), 1)


class Driver(apitest.ApiTest):
    """The driver's metrics."""

    def setUp(self):
        super().setUp()
        self.port = self.stand.driver_metrics_port

    def value(self, name, **labels):
        return metrics.scrape(self.port).get('ovn_octavia_' + name, **labels)

    @unittest.skipUnless(shutil.which('promtool'), metrics.NEEDS_PROMETHEUS)
    def test_promtool(self):
        """promtool finds nothing to say against the driver's page"""
        self.make_tree()
        self.assertEqual(metrics.lint(metrics.fetch(self.port)[2]), '')

    def test_documented(self):
        """docs/monitor.md has each family of the driver's"""
        self.make_tree()
        self.assertEqual(metrics.differences(metrics.scrape(self.port),
                                             'The driver alone'), [])

    def test_work(self):
        """comparisons, changes of rows and commits count as they happen"""
        before = metrics.scrape(self.port)
        lb = self.make_lb()
        listener = self.make_listener(lb)
        pool = self.make_pool(lb, listener_id=listener['id'])
        self.make_member(lb, pool)
        self.stand.driver.wait_in_sync()
        after = metrics.scrape(self.port)

        def grown(name, **labels):
            name = 'ovn_octavia_' + name
            return after.get(name, **labels) - before.get(name, **labels)
        self.assertGreaterEqual(grown('driver_reconciles_total',
                                      outcome='done'), 4)
        self.assertEqual(grown('driver_reconciles_total', outcome='failed'),
                         0)
        self.assertEqual(
            grown('driver_reconciles_total'),
            grown('driver_reconcile_duration_seconds_count'))
        self.assertEqual(grown('driver_nb_changes_total',
                               change='ROW_INSERT'), 1)
        self.assertEqual(grown('driver_nb_changes_total', change='VIP_SET'),
                         1)
        for database in ('OVN_Northbound', 'OVN_Octavia'):
            self.assertGreaterEqual(grown('commits_total',
                                          database=database), 1)
        commits = int(self.stand.driver.status()['nb-commits'])
        self.assertEqual(after.get('ovn_octavia_commits_total',
                                   database='OVN_Northbound'), commits)
        before = after
        self.stand.driver.resync()
        after = metrics.scrape(self.port)
        self.assertGreaterEqual(grown('driver_reconciles_total',
                                      outcome='unchanged'), 1)
        self.assertEqual(grown('driver_nb_changes_total'), 0)

    def test_state(self):
        """lock, queue and databases are as the driver's status says"""
        self.make_lb()
        self.stand.driver.wait_in_sync()
        for name, value in (
                ('lock_held', 1), ('active', 1), ('in_sync', 1),
                ('queue_length', 0), ('queue_oldest_seconds', 0),
                ('failing', 0), ('pending', 0), ('probes', 0)):
            self.assertEqual(self.value('driver_' + name), value, name)
        for database in ('OVN_Octavia', 'OVN_Northbound', 'OVN_Southbound'):
            self.assertEqual(self.value('database_connected',
                                        database=database), 1, database)

    def test_standby(self):
        """a driver that stands by has neither lock nor work"""
        port = daemons.free_port()
        other = daemons.Driver(
            self.stand.rundir, self.stand.octavia.remote,
            self.stand.nb.remote, self.stand.sb.remote, name='driver2',
            extra=[metrics.at(port)])
        other.start()
        self.addCleanup(other.stop)
        other.wait_ready()
        wait.until(lambda: metrics.scrape(port).get(
            'ovn_octavia_database_connected') == 3, 'it is connected')
        page = metrics.scrape(port)
        for name in ('lock_held', 'active', 'in_sync'):
            self.assertEqual(page.get('ovn_octavia_driver_' + name), 0, name)

    def test_outage(self):
        """while the Northbound is away the work waits, and grows old"""
        self.allow_log(r'db_link\|WARN')
        lb = self.make_lb()
        self.make_listener(lb)
        self.stand.driver.wait_in_sync()
        self.stand.nb.process.freeze()
        self.addCleanup(self.stand.nb.process.thaw)
        self.rest.put('/loadbalancers/' + lb['id'], {'loadbalancer': {
            'admin_state_up': False}})
        wait.until(lambda: self.value('driver_queue_oldest_seconds') > 0.5,
                   'it waits', 20, 0.05)
        self.assertEqual(self.value('driver_queue_length'), 1)
        self.assertEqual(self.value('driver_pending'), 1)
        self.stand.nb.process.thaw()
        self.active(lb['id'])
        wait.until(lambda: not self.value('driver_queue_length'),
                   'nothing waits', 10, 0.02)
        self.assertEqual(self.value('driver_pending'), 0)


if __name__ == '__main__':
    unittest.main()
