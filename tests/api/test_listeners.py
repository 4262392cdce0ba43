#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Listeners: create, show, list, update, delete, with every
attribute, and the conflicts of their ports."""

import unittest

import apitest

KEYS = set('''id name description provisioning_status operating_status
admin_state_up protocol protocol_port connection_limit
default_tls_container_ref sni_container_refs project_id default_pool_id
l7policies insert_headers created_at updated_at loadbalancers
timeout_client_data timeout_member_connect timeout_member_data
timeout_tcp_inspect tags client_ca_tls_container_ref client_authentication
client_crl_container_ref allowed_cidrs tls_ciphers tls_versions
alpn_protocols hsts_max_age hsts_include_subdomains hsts_preload
tenant_id'''.split())

DEFAULTS = {
    'name': '', 'description': '', 'admin_state_up': True,
    'connection_limit': -1, 'default_tls_container_ref': None,
    'sni_container_refs': [], 'default_pool_id': None, 'l7policies': [],
    'insert_headers': {}, 'timeout_client_data': 50000,
    'timeout_member_connect': 5000, 'timeout_member_data': 50000,
    'timeout_tcp_inspect': 0, 'tags': [],
    'client_ca_tls_container_ref': None, 'client_authentication': 'NONE',
    'client_crl_container_ref': None, 'allowed_cidrs': None,
    'tls_ciphers': None, 'tls_versions': None, 'alpn_protocols': None,
    'hsts_max_age': None, 'hsts_include_subdomains': False,
    'hsts_preload': False}


class Listeners(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.lb = self.make_lb(project_id='p1')

    def post(self, **attributes):
        return self.call('POST', '/listeners', {'listener': {
            'loadbalancer_id': self.lb['id'], 'protocol': 'TCP',
            'protocol_port': 80, **attributes}})

    def put(self, listener, attributes):
        reply = self.call('PUT', f'/listeners/{listener["id"]}',
                          {'listener': attributes})
        if reply.status == 200:
            self.active(self.lb['id'])
        return reply

    def test_create_minimal(self):
        """a listener of only the mandatory has all keys and defaults"""
        with self.frozen_driver():
            reply = self.post()
        self.assert_status(reply, 201)
        self.assertEqual(list(reply.body), ['listener'])
        listener = reply.body['listener']
        self.assertEqual(set(listener), KEYS)
        expected = {**DEFAULTS, 'protocol': 'TCP', 'protocol_port': 80,
                    'loadbalancers': [{'id': self.lb['id']}],
                    'project_id': 'p1', 'tenant_id': 'p1',
                    'updated_at': None,
                    'provisioning_status': 'PENDING_CREATE',
                    'operating_status': 'OFFLINE'}
        self.assertEqual({key: listener[key] for key in expected}, expected)

    def test_active(self):
        """a new listener becomes ACTIVE and ONLINE"""
        listener = self.make_listener(self.lb)
        self.assertEqual((listener['provisioning_status'],
                          listener['operating_status']),
                         ('ACTIVE', 'ONLINE'))
        self.assertEqual(self.rest.get('/listeners'), [listener])

    def test_create_full(self):
        """a listener keeps every attribute that OVN can honour"""
        pool = self.make_pool(self.lb, 'UDP')
        given = {'name': 'n', 'description': 'd', 'admin_state_up': False,
                 'protocol': 'UDP', 'protocol_port': 65535,
                 'default_pool_id': pool['id'], 'tags': ['a']}
        listener = self.make_listener(
            self.lb, given['protocol_port'], given['protocol'],
            **{key: value for key, value in given.items()
               if not key.startswith('protocol')})
        self.assertEqual({key: listener[key] for key in given}, given)
        self.assertEqual(listener['operating_status'], 'OFFLINE')
        pool = self.rest.get('/pools/' + pool['id'])
        self.assertEqual(pool['listeners'], [{'id': listener['id']}])

    def test_allowed_cidrs(self):
        """ranges of clients are kept as prefixes, and null and [] take them
        away"""
        listener = self.make_listener(self.lb, allowed_cidrs=[
            '10.1.1.1/8', '192.0.2.1'])
        self.assertEqual(sorted(listener['allowed_cidrs']),
                         ['10.0.0.0/8', '192.0.2.1/32'])
        for given, shown in ((['0.0.0.0/0'], ['0.0.0.0/0']), ([], None),
                             (['10.0.0.0/8'], ['10.0.0.0/8']), (None, None)):
            self.assert_status(self.put(listener, {'allowed_cidrs': given}),
                               200)
            self.active(self.lb['id'])
            self.assertEqual(self.rest.get('/listeners/' + listener['id'])[
                'allowed_cidrs'], shown)

    def test_not_by_ovn(self):
        """timeouts and limits that OVN could not keep are 501"""
        listener = self.make_listener(self.lb)
        with self.nothing_changes():
            for name, value in (
                    ('connection_limit', 100), ('timeout_client_data', 1),
                    ('timeout_member_connect', 2),
                    ('timeout_member_data', 3),
                    ('timeout_tcp_inspect', 2073600000)):
                text = ("Provider 'ovn' does not support a requested option: "
                        f'OVN provider does not support {name} option')
                with self.subTest(name):
                    self.assert_fault(self.post(protocol_port=81,
                                                **{name: value}), 501, text)
                    self.assert_fault(self.put(listener, {name: value}), 501,
                                      text)

    def test_defaults_in_words(self):
        """a default that is spelled out is as good as left out"""
        given = DEFAULTS
        reply = self.post(**given)
        self.assert_status(reply, 201)
        listener = reply.body['listener']
        self.assertEqual({key: listener[key] for key in given}, given)

    def test_create_nulls(self):
        """null means the default in a new listener"""
        reply = self.post(**{key: None for key in DEFAULTS})
        self.assert_status(reply, 201)
        listener = reply.body['listener']
        self.assertEqual({key: listener[key] for key in DEFAULTS},
                         {**DEFAULTS, 'admin_state_up': False})

    def test_project_is_ignored(self):
        """a listener's project is that of its load balancer"""
        reply = self.post(project_id='other', tenant_id='third')
        self.assert_status(reply, 201)
        self.assertEqual((reply.body['listener']['project_id'],
                          reply.body['listener']['tenant_id']), ('p1', 'p1'))

    def test_update_each(self):
        """each attribute that may change does, and nothing else"""
        pool = self.make_pool(self.lb)
        listener = self.make_listener(self.lb, name='x', tags=['z'])
        for key, value in (('name', 'x2'), ('description', 'y2'),
                           ('admin_state_up', False), ('tags', ['q']),
                           ('default_pool_id', pool['id']),
                           ('default_pool_id', None),
                           ('admin_state_up', True)):
            with self.subTest(key, value=value):
                self.assert_status(self.put(listener, {key: value}), 200)
                listener[key] = value
                shown = self.rest.get('/listeners/' + listener['id'])
                for volatile in ('updated_at', 'operating_status'):
                    listener[volatile] = shown[volatile]
                self.assertEqual(shown, listener)

    def test_update_nulls(self):
        """null in an update means the default, and keeps tags"""
        pool = self.make_pool(self.lb)
        listener = self.make_listener(self.lb, name='x', tags=['z'],
                                      default_pool_id=pool['id'])
        given = {key: None for key in DEFAULTS}
        self.assert_status(self.put(listener, given), 200)
        shown = self.rest.get('/listeners/' + listener['id'])
        self.assertEqual({key: shown[key] for key in DEFAULTS}, {
            **DEFAULTS, 'admin_state_up': False, 'tags': ['z']})

    def test_read_only(self):
        """a listener's protocol, port and parents cannot be updated"""
        listener = self.make_listener(self.lb)
        with self.nothing_changes():
            for key, value in (
                    ('id', apitest.NO_ID), ('protocol', 'TCP'),
                    ('protocol_port', 80), ('loadbalancer_id', apitest.NO_ID),
                    ('loadbalancers', []), ('project_id', 'p'),
                    ('tenant_id', 'p'), ('provisioning_status', 'ACTIVE'),
                    ('operating_status', 'ONLINE'), ('created_at', None),
                    ('default_pool', {})):
                with self.subTest(key):
                    self.assert_fault(
                        self.put(listener, {key: value}), 400, 'Unknown '
                        'attribute for argument listener_.listener: ' + key)

    def test_graph_attributes(self):
        """nested objects of the graph form are refused by a flat POST"""
        with self.nothing_changes():
            self.assert_status(self.post(default_pool={'protocol': 'TCP'}),
                               400)
        self.assert_status(self.post(default_pool=None), 201)

    def test_l7_policies(self):
        """no L7 policies are taken, and a list of some is 501"""
        listener = self.make_listener(self.lb)
        text = ("Provider 'ovn' does not support a requested action: This "
                'provider does not support creating l7policies.')
        some = {'l7policies': [{'action': 'REJECT'}]}
        for none in ([], None):
            self.assert_status(self.put(listener, {'l7policies': none}), 200)
        with self.nothing_changes():
            self.assert_fault(self.post(protocol_port=81, **some), 501, text)
            self.assert_fault(self.put(listener, some), 501, text)

    def test_port_conflicts(self):
        """two listeners of one port and transport protocol are 409"""
        self.make_listener(self.lb, 80, 'TCP')
        self.make_listener(self.lb, 80, 'UDP')
        text = ('Another Listener on this Load Balancer is already using '
                'protocol {} and protocol_port 80')
        with self.nothing_changes():
            for protocol, existing in (('TCP', 'TCP'), ('UDP', 'UDP'),
                                       ('HTTP', 'TCP'), ('HTTPS', 'TCP'),
                                       ('PROMETHEUS', 'TCP')):
                with self.subTest(protocol):
                    self.assert_fault(self.post(protocol=protocol), 409,
                                      text.format(existing))
        self.assert_status(self.post(protocol='SCTP'), 201)

    def test_port_of_another(self):
        """the same port is free on another load balancer"""
        self.make_listener(self.lb)
        self.make_listener(self.make_lb())

    def test_delete_keeps_pool(self):
        """a deleted listener leaves its pool behind"""
        lb, listener, pool, _ = self.make_tree()
        path = '/listeners/' + listener['id']
        self.assert_status(self.call('DELETE', path), 204)
        self.wait_gone(path)
        self.active(lb['id'])
        self.assertEqual(self.rest.get('/pools/' + pool['id'])['listeners'],
                         [])
        self.assert_fault(self.call('DELETE', path), 404,
                          f'Listener {listener["id"]} not found.')

    def test_unknown_parent(self):
        """a listener of an unknown load balancer is 404"""
        self.assert_fault(self.post(loadbalancer_id=apitest.NO_ID), 404,
                          f'Load Balancer {apitest.NO_ID} not found.')

    def test_default_pool_must_be_ours(self):
        """a default pool of another load balancer, or none, is 404"""
        other = self.make_pool(self.make_lb())
        listener = self.make_listener(self.lb)
        with self.nothing_changes():
            for pool_id in (other['id'], apitest.NO_ID):
                text = f'Pool {pool_id} not found.'
                self.assert_fault(self.post(protocol_port=81,
                                            default_pool_id=pool_id),
                                  404, text)
                self.assert_fault(self.put(listener,
                                           {'default_pool_id': pool_id}),
                                  404, text)


if __name__ == '__main__':
    unittest.main()
