#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Answers to bodies that do not parse, as tables; a top level of the wrong
type, to which Octavia answers with 500, is a 400 here."""

import unittest

import apitest


def invalid(name, value, why):
    return (f"Invalid input for field/attribute {name}. Value: '{value}'. "
            + why)


MISSING = 'Mandatory field missing.'
STRING = 'Value should be string'
LONG = 'Value should have a maximum character requirement of 255'
NO_UUID = 'Value should be UUID format'
NO_IP = 'Value should be IPv4 or IPv6 format'
X256 = 'x' * 256

# Object, attributes on top of a good POST, faultstring.
FIELDS = (
    ('lb', {'name': 1}, invalid('name', '1', STRING)),
    ('lb', {'name': True}, invalid('name', 'True', STRING)),
    ('lb', {'name': ['a']}, invalid('name', "['a']", STRING)),
    ('lb', {'name': X256}, invalid('name', X256, LONG)),
    ('lb', {'description': X256}, invalid('description', X256, LONG)),
    ('lb', {'project_id': 'p' * 37}, invalid(
        'project_id', 'p' * 37,
        'Value should have a maximum character requirement of 36')),
    ('lb', {'provider': 'p' * 65}, invalid(
        'provider', 'p' * 65,
        'Value should have a maximum character requirement of 64')),
    ('lb', {'vip_subnet_id': 'notuuid'},
     invalid('vip_subnet_id', 'notuuid', NO_UUID)),
    ('lb', {'vip_network_id': ''}, invalid('vip_network_id', '', NO_UUID)),
    ('lb', {'vip_port_id': 5}, invalid('vip_port_id', '5', NO_UUID)),
    ('lb', {'vip_address': '1.2.3'}, invalid('vip_address', '1.2.3', NO_IP)),
    ('listener', {'protocol_port': 0}, invalid(
        'protocol_port', '0', 'Value should be greater or equal to 1')),
    ('listener', {'protocol_port': '-1'}, invalid(
        'protocol_port', '-1', 'Value should be greater or equal to 1')),
    ('listener', {'protocol_port': 65536}, invalid(
        'protocol_port', '65536', 'Value should be lower or equal to 65535')),
    ('listener', {'connection_limit': -2}, invalid(
        'connection_limit', '-2', 'Value should be greater or equal to -1')),
    ('listener', {'timeout_client_data': 2073600001}, invalid(
        'timeout_client_data', '2073600001',
        'Value should be lower or equal to 2073600000')),
    ('listener', {'timeout_tcp_inspect': -1}, invalid(
        'timeout_tcp_inspect', '-1',
        'Value should be greater or equal to 0')),
    ('listener', {'default_pool_id': 'x'},
     invalid('default_pool_id', 'x', NO_UUID)),
    ('listener', {'allowed_cidrs': ['bad']}, invalid(
        'allowed_cidrs', "['bad']",
        'Value should be IPv4 or IPv6 CIDR format')),
    ('listener', {'alpn_protocols': ['x']}, invalid(
        'alpn_protocols', "['x']",
        'Value should be a valid ALPN protocol ID')),
    ('listener', {'loadbalancer_id': None},
     invalid('loadbalancer_id', 'None', MISSING)),
    ('listener', {'hsts_max_age': -1}, invalid(
        'hsts_max_age', '-1', 'Value should be greater or equal to 0')),
    ('pool', {'name': 1}, invalid('name', '1', STRING)),
    ('pool', {'listener_id': 'x'}, invalid('listener_id', 'x', NO_UUID)),
    ('member', {'address': None}, invalid('address', 'None', MISSING)),
    ('member', {'address': '1.2.3'}, invalid('address', '1.2.3', NO_IP)),
    ('member', {'protocol_port': 65536}, invalid(
        'protocol_port', '65536', 'Value should be lower or equal to 65535')),
    ('member', {'weight': 257}, invalid(
        'weight', '257', 'Value should be lower or equal to 256')),
    ('member', {'weight': -1}, invalid(
        'weight', '-1', 'Value should be greater or equal to 0')),
    ('member', {'subnet_id': 'x'}, invalid('subnet_id', 'x', NO_UUID)),
    ('member', {'monitor_port': 0}, invalid(
        'monitor_port', '0', 'Value should be greater or equal to 1')),
    ('member', {'monitor_address': 'x'},
     invalid('monitor_address', 'x', NO_IP)),
)

# Whose values print the whole body, as Python prints it.
WHOLE = (
    ('lb', {'admin_state_up': 'notabool'}, 'load_balancer',
     "{'loadbalancer': {'admin_state_up': 'notabool'}}",
     'Value not an unambiguous boolean: notabool'),
    ('lb', {'tags': 'abc'}, 'load_balancer',
     "{'loadbalancer': {'tags': 'abc'}}", 'Value not a valid list: abc'),
    ('listener', {'protocol_port': '80a'}, 'listener_',
     "{'listener': {'protocol_port': '80a'}}",
     "invalid literal for int() with base 10: '80a'"),
    ('member', {'weight': 'x'}, 'member_', "{'member': {'weight': 'x'}}",
     "invalid literal for int() with base 10: 'x'"),
)

# Prefix and list of words; the order of these is anybody's.
WORDS = (
    ('listener', 'protocol', {'UDP', 'SCTP', 'HTTP', 'HTTPS', 'PROMETHEUS',
                              'TCP', 'TERMINATED_HTTPS'}),
    ('pool', 'protocol', {'TCP', 'HTTP', 'HTTPS', 'PROXY', 'PROXYV2', 'UDP',
                          'SCTP'}),
    ('pool', 'lb_algorithm', {'LEAST_CONNECTIONS', 'ROUND_ROBIN',
                              'SOURCE_IP', 'SOURCE_IP_PORT'}),
    ('listener', 'client_authentication', {'NONE', 'OPTIONAL', 'MANDATORY'}),
)


class ParseFaults(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.lb, self.listener, self.pool, self.member = self.make_tree()
        members = f'/pools/{self.pool["id"]}/members'
        # Collection, object, key, argument, a good body.
        self.kinds = {
            'lb': ('/loadbalancers', '/loadbalancers/' + self.lb['id'],
                   'loadbalancer', 'load_balancer',
                   {'vip_subnet_id': self.stand.subnet['n1']}),
            'listener': ('/listeners', '/listeners/' + self.listener['id'],
                         'listener', 'listener_',
                         {'protocol': 'TCP', 'protocol_port': 81,
                          'loadbalancer_id': self.lb['id']}),
            'pool': ('/pools', '/pools/' + self.pool['id'], 'pool', 'pool_',
                     {'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP',
                      'loadbalancer_id': self.lb['id']}),
            'member': (members, f'{members}/{self.member["id"]}', 'member',
                       'member_', {'address': '10.1.0.51',
                                   'protocol_port': 80})}

    def post(self, kind, **attributes):
        path, _, key, _, good = self.kinds[kind]
        return self.call('POST', path, {key: {**good, **attributes}})

    def writes(self):
        """Method, path, key, argument of all that take a body."""
        for collection, path, key, argument, _ in self.kinds.values():
            yield 'POST', collection, key, argument
            yield 'PUT', path, key, argument

    def test_fields(self):
        """each bad value gets Octavia's text"""
        with self.nothing_changes():
            for kind, attributes, text in FIELDS:
                with self.subTest(kind, attributes=str(attributes)[:60]):
                    self.assert_fault(self.post(kind, **attributes), 400,
                                      text)

    def test_whole_body_in_text(self):
        """some faults quote the whole body as Python prints it"""
        with self.nothing_changes():
            for kind, attributes, argument, quoted, why in WHOLE:
                path, key = self.kinds[kind][0], self.kinds[kind][2]
                if kind in ('listener', 'member'):
                    # What is mandatory comes first: ask an update.
                    if 'protocol_port' in attributes:
                        reply = self.post(kind, **attributes)
                        self.assertEqual(reply.status, 400)
                        self.assertTrue(reply.fault.endswith('. ' + why))
                        continue
                    path = self.kinds[kind][1]
                    reply = self.call('PUT', path, {key: attributes})
                else:
                    reply = self.call('POST', path, {key: attributes})
                with self.subTest(kind, attributes=attributes):
                    self.assert_fault(reply, 400,
                                      invalid(argument, quoted, why))

    def test_words(self):
        """a bad word of an enumeration gets the list of the good ones"""
        with self.nothing_changes():
            for kind, name, words in WORDS:
                for value in ('FOO', 'tcp', '', 5, ['TCP']):
                    with self.subTest(kind, name=name, value=value):
                        reply = self.post(kind, **{name: value})
                        self.assert_status(reply, 400)
                        text, _, listed = reply.fault.partition(' one of: ')
                        self.assertEqual(text, invalid(
                            name, value, 'Value should be'))
                        self.assertEqual(set(listed.split(', ')), words)

    def test_missing(self):
        """what is mandatory is missed in the order of declaration"""
        with self.nothing_changes():
            for kind, names in (
                    ('listener', ('protocol', 'protocol_port',
                                  'loadbalancer_id')),
                    ('pool', ('protocol', 'lb_algorithm')),
                    ('member', ('address', 'protocol_port'))):
                path, _, key, _, good = self.kinds[kind]
                for name in names:
                    with self.subTest(kind, name=name):
                        body = dict(good)
                        del body[name]
                        self.assert_fault(
                            self.call('POST', path, {key: body}), 400,
                            invalid(name, 'None', MISSING))
                self.assert_fault(self.call('POST', path, {key: {}}), 400,
                                  invalid(names[0], 'None', MISSING))

    def test_no_body(self):
        """a write without a body misses its argument"""
        with self.nothing_changes():
            for method, path, _, argument in self.writes():
                with self.subTest(method, path=path):
                    self.assert_fault(self.call(method, path), 400,
                                      f'Missing argument: "{argument}"')

    def test_unknown_at_top(self):
        """an unknown key beside the wrapper is named"""
        with self.nothing_changes():
            for method, path, key, argument in self.writes():
                with self.subTest(method, path=path):
                    reply = self.call(method, path, {'x': {}, key: {}})
                    self.assert_fault(reply, 400, 'Unknown attribute for '
                                      f'argument {argument}: x')

    def test_unknown_inside(self):
        """unknown keys inside the wrapper are named"""
        with self.nothing_changes():
            for method, path, key, argument in self.writes():
                with self.subTest(method, path=path):
                    reply = self.call(method, path, {key: {'bogus': 1}})
                    self.assert_fault(
                        reply, 400, 'Unknown attribute for argument '
                        f'{argument}.{key}: bogus')
                    reply = self.call(method, path,
                                      {key: {'bogus': 1, 'bogus2': None}})
                    self.assert_status(reply, 400)
                    self.assertRegex(
                        reply.fault, '^Unknown attributes for argument '
                        rf'{argument}\.{key}: (bogus2, bogus|bogus, bogus2)$')

    def test_wrong_types_at_top(self):
        """any other JSON than an object in its wrapper is 400, never 500"""
        with self.nothing_changes():
            for method, path, key, _ in self.writes():
                for body in ('{}', '[]', 'null', '1', 'true', '"x"', '1.5',
                             '[{}]', '[[[]]]', f'{{"{key}": null}}',
                             f'{{"{key}": []}}', f'{{"{key}": 1}}',
                             f'{{"{key}": "x"}}', f'{{"{key}": [{{}}]}}',
                             f'{{"{key}": true}}'):
                    with self.subTest(method, path=path, body=body):
                        reply = self.call(method, path, body)
                        self.assert_status(reply, 400)
                        self.assertEqual(reply.body['faultcode'], 'Client')
                        self.assertNotIn('object has no', reply.fault)

    def test_not_json(self):
        """what is no JSON is said not to be"""
        with self.nothing_changes():
            for method, path, key, _ in self.writes():
                for body in ('{', 'x', '{"a": }', "{'a': 1}", '\n', '{} {}',
                             f'{{"{key}": {{}},}}', f'{{"{key}": {{"name": '
                             '"\x01"}}', f'{{"{key}": NaN}}', '{"a"}',
                             f'{{"{key}": {{}}}}x', '/**/{}', '\ufeff{}',
                             '{"a": "\\x"}', '{"a": "\\ud800"}', '[1,]'):
                    with self.subTest(method, path=path, body=body):
                        self.assert_fault(
                            self.call(method, path, body.encode()), 400,
                            'Request is not in valid JSON format')


if __name__ == '__main__':
    unittest.main()
