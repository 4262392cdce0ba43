#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How values of the wrong type are understood: as Octavia does, except where
that loses a value, stores a wrong one or names the wrong attribute."""

import unittest

import apitest


class Coercions(apitest.ApiTest):

    def post_lb(self, **attributes):
        attributes.setdefault('vip_subnet_id', self.stand.subnet['n1'])
        return self.call('POST', '/loadbalancers',
                         {'loadbalancer': attributes})

    def test_booleans(self):
        """booleans may be numbers and Octavia's words"""
        lb = self.make_lb()
        for value, meaning in (
                *((word, True) for word in (True, 1, 2, -1, 'true', 't',
                                            'yes', 'y', 'on', '1')),
                *((word, False) for word in (False, 0, 'false', 'f', 'no',
                                             'n', 'off', '0'))):
            with self.subTest(value):
                reply = self.call('PUT', '/loadbalancers/' + lb['id'], {
                    'loadbalancer': {'admin_state_up': value}})
                self.assert_status(reply, 200)
                self.assertIs(reply.body['loadbalancer']['admin_state_up'],
                              meaning)
                self.active(lb['id'])

    def test_no_booleans(self):
        """other words and types are no booleans"""
        lb = self.make_lb()
        with self.nothing_changes():
            for value in ('TRUE', 'True', 'Yes', '', 'notabool', '2', [],
                          {}, [True]):
                with self.subTest(value):
                    reply = self.call('PUT', '/loadbalancers/' + lb['id'], {
                        'loadbalancer': {'admin_state_up': value}})
                    self.assert_status(reply, 400)
                    self.assertIn('Value not an unambiguous boolean: ',
                                  reply.fault)

    def test_integers(self):
        """integers may be strings of digits, never fractions"""
        lb = self.make_lb()
        listener = {'loadbalancer_id': lb['id'], 'protocol': 'TCP'}
        for given, number in ((80, 80), ('81', 81), (' 82 ', 82),
                              ('+83', 83), ('0084', 84)):
            with self.subTest(given):
                reply = self.call('POST', '/listeners', {
                    'listener': {**listener, 'protocol_port': given}})
                self.assert_status(reply, 201)
                self.assertEqual(reply.body['listener']['protocol_port'],
                                 number)
                self.active(lb['id'])
        with self.nothing_changes():
            for given in (80.5, '80.5', '0x50', '', 'a', [], {}, [85],
                          '9' * 40, 10 ** 40, '1e2', '8 5'):
                with self.subTest(given):
                    reply = self.call('POST', '/listeners', {
                        'listener': {**listener, 'protocol_port': given}})
                    self.assert_status(reply, 400)

    def test_uuid_spellings(self):
        """a UUID may be in capitals, without dashes, in braces"""
        subnet = self.stand.subnet['n1']
        for given in (subnet, subnet.upper(), subnet.replace('-', ''),
                      '{' + subnet + '}', 'urn:uuid:' + subnet):
            with self.subTest(given):
                reply = self.post_lb(vip_subnet_id=given)
                self.assert_status(reply, 201)
                self.assertEqual(
                    reply.body['loadbalancer']['vip_subnet_id'], subnet)

    def test_path_ids_as_typed(self):
        """ids in a path are compared as typed"""
        lb = self.make_lb()
        for spelling in (lb['id'].upper(), lb['id'].replace('-', ''),
                         '{' + lb['id'] + '}', lb['id'] + '0',
                         lb['id'][:-1], '%20' + lb['id']):
            if spelling == lb['id']:
                continue
            with self.subTest(spelling):
                reply = self.call('GET', '/loadbalancers/' + spelling)
                self.assert_status(reply, 404)
                self.assertIn('Load Balancer ', reply.fault)

    def test_integers_are_no_addresses(self):
        """a number is no IP address"""
        lb = self.make_lb()
        pool = self.make_pool(lb)
        with self.nothing_changes():
            for address in (5, 167837746, '167837746', '10.1.50', 1.5, True,
                            '10.1.0.050', '10.1.0.50/24', ' 10.1.0.50',
                            '[fd00:6::1]', 'fd00:6::1%lo', ''):
                with self.subTest(address):
                    reply = self.call(
                        'POST', f'/pools/{pool["id"]}/members', {'member': {
                            'address': address, 'protocol_port': 80}})
                    self.assert_status(reply, 400)
                    self.assertIn('Value should be IPv4 or IPv6 format',
                                  reply.fault)

    def test_address_is_kept(self):
        """a member's address is stored as typed"""
        lb = self.make_lb('n6')
        pool = self.make_pool(lb)
        member = self.make_member(lb, pool, 'FD00:6:0:0::00AB')
        self.assertEqual(member['address'].lower(), 'fd00:6:0:0::00ab')

    def test_strings_stay_strings(self):
        """a name that looks like something else stays a string"""
        for name in ('1', 'true', 'null', ' ', '{}', '\\u0000', '%s%n',
                     "'; DROP", '\x7f', '\u202e', '\ufffd'):
            with self.subTest(name):
                reply = self.post_lb(name=name)
                self.assert_status(reply, 201)
                lb = reply.body['loadbalancer']
                self.assertEqual(lb['name'], name)
                self.assertEqual(
                    self.rest.get('/loadbalancers/' + lb['id'])['name'],
                    name)

    def test_length_in_characters(self):
        """255 characters fit, however many bytes they are"""
        for letter in ('a', 'é', '\U0001f600'):
            with self.subTest(letter):
                reply = self.post_lb(name=letter * 255)
                self.assert_status(reply, 201)
                self.assertEqual(reply.body['loadbalancer']['name'],
                                 letter * 255)
        with self.nothing_changes():
            self.assert_status(self.post_lb(name='é' * 256), 400)

    def test_tags(self):
        """tags are a list of strings of at most 255 characters"""
        reply = self.post_lb(tags=['é' * 255, '', 'a,b'])
        self.assert_status(reply, 201)
        self.assertEqual(sorted(reply.body['loadbalancer']['tags']),
                         ['', 'a,b', 'é' * 255])
        with self.nothing_changes():
            for tags in ('a', {'a': 1}, [1], [None], [['a']], ['x' * 256],
                         True, 5):
                with self.subTest(str(tags)[:20]):
                    self.assert_status(self.post_lb(tags=tags), 400)

    def test_null_port(self):
        """a listener's port that is null is named in the fault"""
        lb = self.make_lb()
        reply = self.call('POST', '/listeners', {'listener': {
            'loadbalancer_id': lb['id'], 'protocol': 'TCP',
            'protocol_port': None}})
        self.assert_status(reply, 400)
        self.assertIn('protocol_port', reply.fault)

    def test_null_client_authentication(self):
        """client_authentication null means NONE in a new listener"""
        listener = self.make_listener(self.make_lb(),
                                      client_authentication=None)
        self.assertEqual(listener['client_authentication'], 'NONE')

    def test_duplicate_keys(self):
        """a key given twice is harmless"""
        lb = self.make_lb(name='x')
        reply = self.call('PUT', '/loadbalancers/' + lb['id'],
                          '{"loadbalancer": {"name": "a", "name": "b"}}')
        self.assertIn(reply.status, (200, 400), reply)
        if reply.status == 200:
            self.assertEqual(reply.body['loadbalancer']['name'], 'b')


if __name__ == '__main__':
    unittest.main()
