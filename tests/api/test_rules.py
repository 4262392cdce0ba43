#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Rules across attributes and objects: listeners, pools and health
monitors."""

import unittest

import apitest

HTTPS = {'protocol': 'TERMINATED_HTTPS'}
CERT = {'default_tls_container_ref': 'http://x/1'}


def failed(text):
    return 'Validation failure: ' + text


NO_CIPHERS = failed('Invalid characters in cipher string. Only alphanumeric, '
                    '-, +, !, :, @, =, _, and . are allowed.')
NO_VERSIONS = failed('Empty TLS version list. Either specify at least one TLS '
                     'version or remove this parameter to use the default.')
NO_ALPN = failed('Empty ALPN protocol list. Either specify at least one ALPN '
                 'protocol or remove this parameter to use the default.')
NO_CA = failed('A client authentication CA reference is required to specify '
               'a client authentication revocation list.')
NO_SERVER = failed('An SNI or default certificate container reference must '
                   'be provided with a client CA container reference.')

# Of all that speaks TLS: attributes, faultstring.
TLS = (
    *[({'tls_ciphers': value}, NO_CIPHERS)
      for value in ('A B', 'A;B', 'A\n', 'A/B', '\u00e9')],
    ({'tls_versions': []}, NO_VERSIONS),
    ({'tls_versions': ['x']}, failed('Invalid TLS versions: x')),
    ({'tls_versions': ['TLSv1.3', 'x', 'y']},
     failed('Invalid TLS versions: x, y')),
    ({'tls_versions': ['SSLv3', 'TLSv1.2']}, failed(
        'Requested TLS versions are less than the minimum: SSLv3 < TLSv1.2')),
    ({'tls_versions': ['TLSv1', 'TLSv1.1']}, failed(
        'Requested TLS versions are less than the minimum: TLSv1, TLSv1.1 < '
        'TLSv1.2')),
    ({'alpn_protocols': []}, NO_ALPN),
)

# Attributes on top of a good POST of a listener, faultstring.
LISTENERS = (
    *[({**HTTPS, **CERT, **given}, text) for given, text in TLS],
    ({'tls_ciphers': 'A B'}, NO_CIPHERS),
    ({'protocol': 'UDP', 'insert_headers': {'X-Forwarded-For': 'true'}},
     'insert-headers is not a valid option for a UDP protocol listener.'),
    ({'client_crl_container_ref': 'http://x/1'}, NO_CA),
    ({'client_ca_tls_container_ref': 'http://x/1'}, NO_SERVER),
    ({**HTTPS, 'client_ca_tls_container_ref': 'http://x/1'}, NO_SERVER),
    ({'allowed_cidrs': ['10.0.0.0/8', '2001:db8::/64']}, failed(
        'CIDR 2001:db8::/64 IP version incompatible with all VIPs '
        "['10.1.0.9'] IP version.")),
    ({'insert_headers': {'X-Forwarded-For': 'true'}},
     'insert-headers is not a valid option for a TCP protocol listener.'),
    ({'protocol': 'HTTP', 'insert_headers': {'X-Bogus': 'true'}},
     "dict_keys(['X-Bogus']) is not a valid option for insert_headers"),
    ({'protocol': 'HTTP', 'insert_headers': {'X-SSL-Client-DN': 'true'}},
     "['X-SSL-Client-DN'] is not a valid option for HTTP protocol "
     'listener.'),
    ({'protocol': 'UDP', **CERT},
     failed('UDP protocol listener does not support TLS.')),
    ({'protocol': 'SCTP', 'sni_container_refs': ['http://x/1']},
     failed('SCTP protocol listener does not support TLS.')),
    ({'protocol': 'TCP', **CERT}, failed(
        'Certificate container references are not allowed on TCP protocol '
        'listeners.')),
    (HTTPS, failed(
        'An SNI or default certificate container reference must be provided '
        'for TERMINATED_HTTPS protocol listeners.')),
    ({'client_authentication': 'OPTIONAL'}, failed(
        'Client authentication setting OPTIONAL requires a client CA '
        'container reference.')),
    ({**HTTPS, **CERT, 'client_crl_container_ref': 'http://x/1'}, failed(
        'A client authentication CA reference is required to specify a '
        'client authentication revocation list.')),
    ({'hsts_preload': True}, failed(
        'HSTS configuration options hsts_include_subdomains and '
        'hsts_preload only make sense if hsts_max_age is set as well.')),
    ({'hsts_max_age': 5}, failed(
        'The HSTS feature can only be used for listeners using the '
        'TERMINATED_HTTPS protocol.')),
)

PERSISTENCE = (
    ('UDP', {'type': 'SOURCE_IP', 'cookie_name': 'c'}, failed(
        'session_persistence SOURCE_IP type for UDP and SCTP protocols only '
        'accepts: type, persistence_timeout, persistence_granularity.')),
    ('UDP', {'type': 'HTTP_COOKIE'}, failed(
        'Session persistence of type HTTP_COOKIE is not supported for '
        'UDP/SCTP protocol pools.')),
    ('SCTP', {'type': 'HTTP_COOKIE'}, failed(
        'Session persistence of type HTTP_COOKIE is not supported for '
        'UDP/SCTP protocol pools.')),
    ('UDP', {'type': 'APP_COOKIE', 'cookie_name': 'c'}, failed(
        'Cookie names are not supported for UDP/SCTP pools.')),
    ('TCP', {'type': 'SOURCE_IP', 'persistence_timeout': 1}, failed(
        'persistence_timeout and persistence_granularity is only for UDP '
        'and SCTP protocol pools.')),
    ('TCP', {'type': 'SOURCE_IP', 'cookie_name': 'c'}, failed(
        'Field "cookie_name" can only be specified with session persistence '
        'of type "APP_COOKIE".')),
    ('TCP', {'type': 'APP_COOKIE'}, failed(
        'Field "cookie_name" must be specified when using the "APP_COOKIE" '
        'session persistence type.')),
    ('TCP', {'type': 'APP_COOKIE', 'cookie_name': 'a(b'}, failed(
        'Supplied "cookie_name" is invalid.')),
    ('TCP', {}, "Invalid input for field/attribute type. Value: 'None'. "
     'Mandatory field missing.'),
)

ALLOWED = {
    'TCP': {'HTTP', 'HTTPS', 'PROXY', 'PROXYV2', 'TCP'}, 'UDP': {'UDP'},
    'SCTP': {'SCTP'}}
POOL_PROTOCOLS = ('HTTP', 'HTTPS', 'PROXY', 'PROXYV2', 'TCP', 'UDP', 'SCTP')


# Protocol of a listener, attributes of its update, faultstring.
UPDATES = (
    *[('TCP', given, text) for given, text in TLS],
    ('UDP', CERT, failed('UDP protocol listener does not support TLS or '
                         'header insertion.')),
    ('UDP', {'insert_headers': {'X-Forwarded-For': 'true'}}, failed(
        'UDP protocol listener does not support TLS or header insertion.')),
    ('TCP', {'insert_headers': {'X-Forwarded-For': 'true'}},
     'insert-headers is not a valid option for a TCP protocol listener.'),
    ('TCP', CERT, failed('Certificate container references are not allowed '
                         'on TCP protocol listeners.')),
    ('TCP', {'sni_container_refs': ['http://x/1']}, failed(
        'Certificate container references are not allowed on TCP protocol '
        'listeners.')),
    ('TCP', {'client_authentication': 'OPTIONAL'}, failed(
        'Client authentication setting OPTIONAL requires a client CA '
        'container reference.')),
    ('TCP', {'client_crl_container_ref': 'http://x/1'}, NO_CA),
    ('TCP', {'allowed_cidrs': ['2001:db8::/64']}, failed(
        'CIDR 2001:db8::/64 IP version incompatible with all VIPs '
        "['10.1.0.9'] IP version.")),
    ('TCP', {'hsts_preload': True}, failed(
        'Cannot enable hsts_include_subdomains or hsts_preload if '
        'hsts_max_age was not set as well.')),
)


class Rules(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.lb = self.make_lb(vip_address='10.1.0.9')

    def post_listener(self, **attributes):
        return self.call('POST', '/listeners', {'listener': {
            'loadbalancer_id': self.lb['id'], 'protocol': 'TCP',
            'protocol_port': 80, **attributes}})

    def post_pool(self, protocol, **attributes):
        return self.call('POST', '/pools', {'pool': {
            'protocol': protocol, 'lb_algorithm': 'SOURCE_IP',
            **attributes}})

    def test_listeners(self):
        """attributes of a listener that contradict each other are 400"""
        with self.nothing_changes():
            for attributes, text in LISTENERS:
                with self.subTest(attributes):
                    self.assert_fault(self.post_listener(**attributes), 400,
                                      text)

    def test_listener_updates(self):
        """so are those of its update, in words of their own"""
        listeners = {protocol: self.make_listener(self.lb, protocol=protocol)
                     for protocol in ('TCP', 'UDP')}
        with self.nothing_changes():
            for protocol, attributes, text in UPDATES:
                with self.subTest(protocol, attributes=attributes):
                    reply = self.call(
                        'PUT', '/listeners/' + listeners[protocol]['id'],
                        {'listener': attributes})
                    self.assert_fault(reply, 400, text)

    def test_listener_update_before_states(self):
        """those of an update are told even if it would be too early"""
        listener = self.make_listener(self.lb)
        with self.frozen_driver():
            path = '/listeners/' + listener['id']
            self.rest.put(path, {'listener': {'name': 'pending'}})
            reply = self.call('PUT', path, {'listener': CERT})
            self.assert_status(reply, 400)
            self.assert_status(self.call('PUT', path, {'listener': {}}), 409)

    def test_cidrs_of_both_versions(self):
        """a CIDR needs one VIP of its IP version"""
        lb = self.make_lb('dual', additional_vips=[
            {'subnet_id': self.stand.subnet6['dual']}])
        reply = self.call('POST', '/listeners', {'listener': {
            'loadbalancer_id': lb['id'], 'protocol': 'TCP',
            'protocol_port': 80,
            'allowed_cidrs': ['10.0.0.0/8', '2001:db8::/64']}})
        self.assert_status(reply, 201)

    def test_pools_with_tls(self):
        """TLS options of a pool that cannot be are 400"""
        pool = self.make_pool(self.lb)
        crl = {'crl_container_ref': 'http://x/1'}
        with self.nothing_changes():
            for attributes, text in (
                    (crl, failed('A CA certificate reference is required to '
                                 'specify a revocation list.')),
                    ({'tls_ciphers': 'A B'}, NO_CIPHERS),
                    *[({'tls_enabled': True, **given}, why)
                      for given, why in TLS]):
                with self.subTest(attributes):
                    self.assert_fault(
                        self.post_pool('TCP', loadbalancer_id=self.lb['id'],
                                       **attributes), 400, text)
            for attributes, text in (
                    *TLS,
                    (crl, failed('A CA reference is required to specify a '
                                 'certificate revocation list.')),
                    ({**crl, 'ca_tls_container_ref': None}, failed(
                        'A CA reference is required to specify a '
                        'certificate revocation list.'))):
                with self.subTest(attributes, method='PUT'):
                    self.assert_fault(
                        self.call('PUT', '/pools/' + pool['id'],
                                  {'pool': attributes}), 400, text)

    def test_prometheus_has_no_pool(self):
        """a PROMETHEUS listener cannot have a pool"""
        pool = self.make_pool(self.lb)
        with self.nothing_changes():
            self.assert_fault(
                self.post_listener(protocol='PROMETHEUS',
                                   default_pool_id=pool['id']),
                400, 'Protocol PROMETHEUS listeners cannot have child '
                'objects.')

    def test_default_pool_protocol(self):
        """a default pool's protocol must fit the listener's"""
        pools = {protocol: self.make_pool(self.lb, protocol)
                 for protocol in ('TCP', 'UDP')}
        with self.nothing_changes():
            for listener, pool in (('TCP', 'UDP'), ('UDP', 'TCP'),
                                   ('HTTP', 'TCP'), ('SCTP', 'UDP')):
                with self.subTest(listener, pool=pool):
                    self.assert_fault(
                        self.post_listener(
                            protocol=listener,
                            default_pool_id=pools[pool]['id']),
                        400, failed(f"The pool protocol '{pool}' is invalid "
                                    'while the listener protocol is '
                                    f"'{listener}'."))
        listener = self.make_listener(self.lb)
        reply = self.call('PUT', '/listeners/' + listener['id'], {
            'listener': {'default_pool_id': pools['UDP']['id']}})
        self.assert_fault(reply, 400, failed(
            "The pool protocol 'UDP' is invalid while the listener protocol "
            "is 'TCP'."))

    def test_pool_protocol(self):
        """a pool's protocol must fit its listener's, however it is named"""
        listeners = {protocol: self.make_listener(self.lb, protocol=protocol)
                     for protocol in ALLOWED}
        with self.nothing_changes():
            for listener, allowed in ALLOWED.items():
                for protocol in set(POOL_PROTOCOLS) - allowed:
                    for more in ({}, {'loadbalancer_id': self.lb['id']}):
                        with self.subTest(listener, pool=protocol, more=more):
                            self.assert_fault(
                                self.post_pool(
                                    protocol,
                                    listener_id=listeners[listener]['id'],
                                    **more),
                                400, failed(
                                    f"The pool protocol '{protocol}' is "
                                    'invalid while the listener protocol is '
                                    f"'{listener}'."))

    def test_persistence(self):
        """session persistence that a pool cannot have is 400"""
        with self.nothing_changes():
            for protocol, persistence, text in PERSISTENCE:
                with self.subTest(protocol, persistence=persistence):
                    self.assert_fault(
                        self.post_pool(protocol,
                                       loadbalancer_id=self.lb['id'],
                                       session_persistence=persistence),
                        400, text)

    def test_persistence_update(self):
        """so is that of an update, with the type that is stored"""
        pool = self.make_pool(self.lb)
        path = '/pools/' + pool['id']
        with self.nothing_changes():
            for persistence, text in (
                    ({}, failed('Invalid session_persistence provided.')),
                    ({'type': None}, failed(
                        'Invalid session_persistence provided.')),
                    ({'type': 'SOURCE_IP', 'persistence_timeout': 1}, failed(
                        'persistence_timeout and persistence_granularity is '
                        'only for UDP protocol pools.')),
                    ({'cookie_name': None}, failed(
                        'Invalid session_persistence provided.'))):
                with self.subTest(persistence):
                    self.assert_fault(
                        self.call('PUT', path, {'pool': {
                            'session_persistence': persistence}}), 400, text)

    def test_persistence_is_replaced(self):
        """an update of the persistence keeps its type, and nothing else"""
        pool = self.make_pool(self.lb, 'UDP', session_persistence={
            'type': 'SOURCE_IP', 'persistence_timeout': 60,
            'persistence_granularity': '255.255.255.255'})
        none = {'type': 'SOURCE_IP', 'persistence_timeout': None,
                'persistence_granularity': None, 'cookie_name': None}
        for given, shown in (
                ({'persistence_timeout': 90}, {'persistence_timeout': 90}),
                ({'persistence_granularity': '255.255.255.255', 'type': None},
                 {'persistence_granularity': '255.255.255.255'}),
                ({'type': 'SOURCE_IP'}, {}), ({'persistence_timeout': 9},
                                              {'persistence_timeout': 9}),
                ({}, {}), ({'persistence_timeout': None}, {})):
            with self.subTest(given):
                reply = self.call('PUT', '/pools/' + pool['id'], {
                    'pool': {'session_persistence': given}})
                self.assert_status(reply, 200)
                self.active(self.lb['id'])
                self.assertEqual(
                    self.rest.get('/pools/' + pool['id'])[
                        'session_persistence'], {**none, **shown})

    def test_cookie_names(self):
        """a cookie's name has Octavia's letters"""
        with self.nothing_changes():
            for name in ('a b', '', 'a;b', 'a,b', 'a\\b', 'a\tb'):
                with self.subTest(name):
                    self.assert_fault(
                        self.post_pool('TCP', loadbalancer_id=self.lb['id'],
                                       session_persistence={
                                           'type': 'APP_COOKIE',
                                           'cookie_name': name}),
                        400, 'Invalid input for field/attribute cookie_name. '
                        f"Value: '{name}'. Value should match the pattern "
                        r'^[^\s,;\\]+$')

    def test_persistence_values(self):
        """values of the persistence are looked at one by one"""
        with self.nothing_changes():
            for persistence in (
                    {'type': 'FOO'}, {'type': 'SOURCE_IP', 'x': 1},
                    {'type': 'SOURCE_IP', 'persistence_timeout': 'x'},
                    {'type': 'SOURCE_IP', 'persistence_granularity': 'x'},
                    {'type': 'APP_COOKIE', 'cookie_name': 5},
                    {'type': 'APP_COOKIE', 'cookie_name': 'a b'},
                    {'type': 'APP_COOKIE', 'cookie_name': 'c' * 256},
                    [], 'SOURCE_IP', 1):
                with self.subTest(persistence):
                    self.assert_status(
                        self.post_pool('UDP', loadbalancer_id=self.lb['id'],
                                       session_persistence=persistence), 400)

    def test_members(self):
        """reserved addresses, unknown subnets and SR-IOV are 400"""
        pool = self.make_pool(self.lb)
        no_id = apitest.NO_ID
        with self.nothing_changes():
            for attributes, text in (
                    ({'address': '169.254.169.254'},
                     '169.254.169.254 is not a valid option for member '
                     'address'),
                    ({'subnet_id': no_id}, f'Subnet {no_id} not found.'),
                    ({'request_sriov': True},
                     'The load balancer flavor does not allow SR-IOV member '
                     'ports.')):
                with self.subTest(attributes):
                    reply = self.call('POST', f'/pools/{pool["id"]}/members',
                                      {'member': {'address': '10.1.0.50',
                                                  'protocol_port': 80,
                                                  **attributes}})
                    self.assert_fault(reply, 400, text)


if __name__ == '__main__':
    unittest.main()
