#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Health monitors: create, show, list, update, delete, with every attribute
and the rules for delay, timeout and type.  What the driver writes into OVN for
them is the subject of tests/system/test_health.py."""

import unittest

import apitest

KEYS = set('''id name type delay timeout max_retries max_retries_down
http_method url_path expected_codes admin_state_up project_id pools
provisioning_status operating_status created_at updated_at tags http_version
domain_name tenant_id'''.split())

DEFAULTS = {
    'name': '', 'max_retries_down': 3, 'admin_state_up': True, 'tags': [],
    'http_method': None, 'url_path': None, 'expected_codes': None,
    'http_version': None, 'domain_name': None}

MUST = {'type': 'TCP', 'delay': 5, 'timeout': 3, 'max_retries': 2}

INPUT = 'Invalid input for field/attribute '
LACKS = "Provider 'ovn' does not support a requested option: "
FAILS = 'Validation failure: '
TYPES = '. Supported types: UDP-CONNECT, TCP'
PATTERN = r'^(\d{3}(\s*,\s*\d{3})*)$|^(\d{3}-\d{3})$'

# Protocol of the pool, attributes, status, text.
REFUSED_POSTS = (
    # The body.
    ('TCP', {'delay': -1}, 400, INPUT + "delay. Value: '-1'. Value should be "
     'greater or equal to 0'),
    ('TCP', {'max_retries': 11}, 400, INPUT + "max_retries. Value: '11'. "
     'Value should be lower or equal to 10'),
    ('TCP', {'max_retries_down': 0}, 400, INPUT + 'max_retries_down. Value: '
     "'0'. Value should be greater or equal to 1"),
    ('TCP', {'delay': None}, 400, INPUT + "delay. Value: 'None'. Mandatory "
     'field missing.'),
    ('TCP', {'expected_codes': 'abc'}, 400, INPUT + "expected_codes. Value: "
     f"'abc'. Value should match the pattern {PATTERN}"),
    ('TCP', {'url_path': 'x'}, 400, INPUT + "url_path. Value: 'x'. Value "
     'must be a valid URL Path string'),
    ('TCP', {'http_version': 2.0}, 400, INPUT + "http_version. Value: '2'. "
     'Value should be one of: 1.0, 1.1'),
    ('TCP', {'domain_name': ''}, 400, INPUT + "domain_name. Value: ''. Value "
     'should have a minimum character requirement of 1'),
    ('TCP', {'operating_status': 'ONLINE'}, 400, 'Unknown attribute for '
     'argument health_monitor_.healthmonitor: operating_status'),
    # The pool.
    ('TCP', {'type': 'UDP-CONNECT'}, 400, FAILS + 'The UDP-CONNECT type is '
     'only supported for pools of type UDP/SCTP.'),
    ('TCP', {'type': 'SCTP'}, 400, FAILS + 'The SCTP type is only supported '
     'for pools of type UDP/SCTP.'),
    ('UDP', {'type': 'PING'}, 400, FAILS + 'The associated pool protocol is '
     'UDP, so only a UDP-CONNECT/SCTP/TCP/HTTP health monitor is '
     'supported.'),
    ('UDP', {'type': 'UDP-CONNECT', 'delay': 2}, 400, FAILS + 'The request '
     'delay value 2 should be larger than 3 for UDP-CONNECT health monitor '
     'type.'),
    # The type.
    ('TCP', {'url_path': '/'}, 400, 'url_path is not a valid option for '
     'health monitors of type TCP'),
    ('TCP', {'type': 'PING', 'http_method': 'GET'}, 400, 'http_method is not '
     'a valid option for health monitors of type PING'),
    ('TCP', {'expected_codes': '200'}, 400, 'expected_codes is not a valid '
     'option for health monitors of type TCP'),
    ('TCP', {'type': 'HTTP', 'domain_name': 'a.example'}, 400, FAILS
     + "'http_version' must be specified when 'domain_name' is provided."),
    ('TCP', {'type': 'HTTP', 'domain_name': 'a.example',
             'http_version': '1.0'}, 400, 'http_version 1.0 is not a valid '
     'option for health monitors HTTP 1.1 domain name health check'),
    # OVN.
    ('TCP', {'type': 'HTTP'}, 501, LACKS + 'OVN provider does not support '
     'HTTP health monitor type' + TYPES),
    ('TCP', {'type': 'TLS-HELLO'}, 501, LACKS + 'OVN provider does not '
     'support TLS-HELLO health monitor type' + TYPES),
    ('UDP', {'type': 'SCTP'}, 501, LACKS + 'OVN provider does not support '
     'SCTP health monitor type' + TYPES),
    ('UDP', {'type': 'TCP'}, 501, LACKS + 'OVN provider does not support TCP '
     'health monitors of UDP pools. Supported type: UDP-CONNECT'),
    ('SCTP', {'type': 'UDP-CONNECT'}, 501, LACKS + 'OVN provider does not '
     'support health monitors of SCTP pools'),
    ('TCP', {'http_version': 1.1}, 501, LACKS + 'OVN provider does not '
     'support http_version option'),
    ('TCP', {'http_version': '1.1', 'domain_name': 'a.example'}, 501, LACKS
     + 'OVN provider does not support http_version option'),
    ('TCP', {'delay': 0}, 501, LACKS + 'OVN provider does not support a '
     'health monitor delay of 0'),
    ('TCP', {'timeout': 0}, 501, LACKS + 'OVN provider does not support a '
     'health monitor timeout of 0'),
)

REFUSED_PUTS = (
    ({'delay': None}, 400, 'None is not a valid option for delay'),
    ({'timeout': None}, 400, 'None is not a valid option for timeout'),
    ({'max_retries': None}, 400, 'None is not a valid option for '
     'max_retries'),
    ({'type': 'TCP'}, 400, 'Unknown attribute for argument '
     'health_monitor_.healthmonitor: type'),
    ({'pool_id': apitest.NO_ID}, 400, 'Unknown attribute for argument '
     'health_monitor_.healthmonitor: pool_id'),
    ({'url_path': '/'}, 400, 'url_path is not a valid option for health '
     'monitors of type TCP'),
    ({'domain_name': 'a.example'}, 400, FAILS + "'http_version' must be "
     "specified when 'domain_name' is provided."),
    ({'http_version': 1.0}, 501, LACKS + 'OVN provider does not support '
     'http_version option'),
    ({'delay': 0}, 501, LACKS + 'OVN provider does not support a health '
     'monitor delay of 0'),
)


class HealthMonitors(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.lb = self.make_lb(project_id='p1')
        self.pool = self.make_pool(self.lb)

    def post(self, pool=None, **attributes):
        return self.call('POST', '/healthmonitors', {'healthmonitor': {
            'pool_id': (pool or self.pool)['id'], **MUST, **attributes}})

    def put(self, monitor, attributes):
        reply = self.call('PUT', f'/healthmonitors/{monitor["id"]}',
                          {'healthmonitor': attributes})
        if reply.status == 200:
            self.active(self.lb['id'])
        return reply

    def test_create_minimal(self):
        """a health monitor of only the mandatory has all keys and defaults"""
        with self.frozen_driver():
            reply = self.post()
        self.assert_status(reply, 201)
        self.assertEqual(list(reply.body), ['healthmonitor'])
        monitor = reply.body['healthmonitor']
        self.assertEqual(set(monitor), KEYS)
        expected = {**DEFAULTS, **MUST, 'pools': [{'id': self.pool['id']}],
                    'project_id': 'p1', 'tenant_id': 'p1',
                    'updated_at': None,
                    'provisioning_status': 'PENDING_CREATE',
                    'operating_status': 'OFFLINE'}
        self.assertEqual({key: monitor[key] for key in expected}, expected)

    def test_create_full(self):
        """a health monitor keeps every attribute that OVN can honour"""
        given = {'name': 'n', 'tags': ['a'], 'admin_state_up': False,
                 'delay': 7, 'timeout': 6, 'max_retries': 10,
                 'max_retries_down': 1}
        for protocol, kind in (('TCP', 'TCP'), ('UDP', 'UDP-CONNECT')):
            with self.subTest(kind):
                pool = self.make_pool(self.lb, protocol)
                monitor = self.make_monitor(self.lb, pool, type=kind, **given)
                self.assertEqual({key: monitor[key] for key in given}, given)
                self.assertEqual(monitor['type'], kind)
                self.assertEqual((monitor['provisioning_status'],
                                  monitor['operating_status']),
                                 ('ACTIVE', 'OFFLINE'))
                self.assertEqual(
                    self.rest.get('/healthmonitors?type=' + kind), [monitor])

    def test_shown_by_its_pool(self):
        """a pool names its monitor, and so does the status tree"""
        listener = self.make_listener(self.lb,
                                      default_pool_id=self.pool['id'])
        self.make_member(self.lb, self.pool)
        self.assertIsNone(self.rest.get('/pools/' + self.pool['id'])[
            'healthmonitor_id'])
        monitor = self.make_monitor(self.lb, self.pool, name='probe')
        self.assertEqual(self.rest.get('/pools/' + self.pool['id'])[
            'healthmonitor_id'], monitor['id'])
        tree = self.rest.get(f'/loadbalancers/{self.lb["id"]}/status')
        branch, = tree['loadbalancer']['listeners']
        self.assertEqual(branch['id'], listener['id'])
        self.assertEqual(branch['pools'][0]['health_monitor'], {
            'id': monitor['id'], 'name': 'probe', 'type': 'TCP',
            'provisioning_status': 'ACTIVE', 'operating_status': 'ONLINE'})

    def test_new_member_of_a_monitored_pool(self):
        """a new member of a pool with a monitor is OFFLINE to begin with"""
        self.make_monitor(self.lb, self.pool)
        with self.frozen_driver():
            reply = self.call(
                'POST', f'/pools/{self.pool["id"]}/members', {'member': {
                    'address': '10.1.0.50', 'protocol_port': 80}})
        self.assertEqual(reply.body['member']['operating_status'], 'OFFLINE')

    def test_second_monitor(self):
        """a pool has one health monitor"""
        self.make_monitor(self.lb, self.pool)
        with self.nothing_changes():
            self.assert_fault(self.post(), 409,
                              'This pool already has a health monitor')
            # A bad attribute is told first, what OVN cannot do last.
            self.assert_status(self.post(url_path='/'), 400)
            self.assert_status(self.post(type='PING'), 409)

    def test_unknown_pool(self):
        """a health monitor of an unknown pool is 404"""
        self.assert_fault(self.post({'id': apitest.NO_ID}), 404,
                          f'Pool {apitest.NO_ID} not found.')

    def test_unknown(self):
        """an unknown health monitor is 404, whatever is asked of it"""
        path = '/healthmonitors/' + apitest.NO_ID
        for method, body in (('GET', None), ('DELETE', None),
                             ('PUT', {'healthmonitor': {'name': 'x'}})):
            with self.subTest(method):
                self.assert_fault(
                    self.call(method, path, body), 404,
                    f'Health Monitor {apitest.NO_ID} not found.')

    def test_refused_posts(self):
        """what is wrong, or beyond OVN, is refused with the reason"""
        pools = {protocol: self.make_pool(self.lb, protocol)
                 for protocol in ('TCP', 'UDP', 'SCTP')}
        with self.nothing_changes():
            for protocol, attributes, status, text in REFUSED_POSTS:
                with self.subTest(attributes, protocol=protocol):
                    self.assert_fault(self.post(pools[protocol],
                                                **attributes), status, text)

    def test_refused_puts(self):
        """an update is judged by the type that is stored"""
        monitor = self.make_monitor(self.lb, self.pool)
        with self.nothing_changes():
            for attributes, status, text in REFUSED_PUTS:
                with self.subTest(attributes):
                    self.assert_fault(self.put(monitor, attributes), status,
                                      text)

    def test_udp_delay_in_put(self):
        """the least delay of UDP-CONNECT is that of updates, too"""
        pool = self.make_pool(self.lb, 'UDP')
        monitor = self.make_monitor(self.lb, pool, type='UDP-CONNECT')
        self.assert_fault(
            self.put(monitor, {'delay': 1}), 400, FAILS + 'The request delay '
            'value 1 should be larger than 3 for UDP-CONNECT health monitor '
            'type.')

    def test_update(self):
        """an update changes what it names and nothing else"""
        monitor = self.make_monitor(self.lb, self.pool)
        for attributes in ({'name': 'new'}, {'delay': 9}, {'timeout': 8},
                           {'max_retries': 7}, {'max_retries_down': 6},
                           {'tags': ['t']}, {'admin_state_up': False}, {}):
            with self.subTest(attributes):
                self.assert_status(self.put(monitor, attributes), 200)
                shown = self.rest.get('/healthmonitors/' + monitor['id'])
                for volatile in ('updated_at', 'operating_status'):
                    shown[volatile] = monitor[volatile]
                monitor.update(attributes)
                self.assertEqual(shown, monitor)

    def test_null(self):
        """null is the default, as the column says"""
        monitor = self.make_monitor(self.lb, self.pool, name='n',
                                    max_retries_down=5, tags=['t'])
        for name, expected in (('name', ''), ('max_retries_down', 3),
                               ('tags', ['t']), ('admin_state_up', False)):
            with self.subTest(name):
                reply = self.put(monitor, {name: None})
                self.assert_status(reply, 200)
                self.assertEqual(reply.body['healthmonitor'][name], expected)

    def test_delete(self):
        """a deleted health monitor is gone and its pool lives"""
        monitor = self.make_monitor(self.lb, self.pool)
        self.assert_status(
            self.call('DELETE', '/healthmonitors/' + monitor['id']), 204)
        self.wait_gone('/healthmonitors/' + monitor['id'])
        self.active(self.lb['id'])
        self.assertIsNone(self.rest.get('/pools/' + self.pool['id'])[
            'healthmonitor_id'])
        self.make_monitor(self.lb, self.pool)

    def test_goes_with_its_pool(self):
        """a health monitor goes with its pool, and with a cascade"""
        for path in ('/pools/' + self.pool['id'],
                     f'/loadbalancers/{self.lb["id"]}?cascade=true'):
            with self.subTest(path):
                pool = (self.pool if path.startswith('/pools')
                        else self.make_pool(self.lb))
                monitor = self.make_monitor(self.lb, pool)
                self.assert_status(self.call('DELETE', path), 204)
                self.wait_gone('/healthmonitors/' + monitor['id'])
                self.wait_gone('/pools/' + pool['id'])
                if path.startswith('/pools'):
                    self.active(self.lb['id'])


if __name__ == '__main__':
    unittest.main()
