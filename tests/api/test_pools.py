#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Pools: create, show, list, update, delete, with every attribute,
and their session persistence."""

import unittest

import apitest

KEYS = set('''id name description provisioning_status operating_status
admin_state_up protocol lb_algorithm session_persistence project_id
loadbalancers listeners created_at updated_at members tags
tls_container_ref ca_tls_container_ref crl_container_ref tls_enabled
tls_ciphers tls_versions alpn_protocols tenant_id'''.split())

DEFAULTS = {
    'name': '', 'description': '', 'admin_state_up': True,
    'session_persistence': None, 'tags': [], 'tls_container_ref': None,
    'ca_tls_container_ref': None, 'crl_container_ref': None,
    'tls_enabled': False, 'tls_ciphers': None, 'tls_versions': None,
    'alpn_protocols': None}


class Pools(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.lb = self.make_lb(project_id='p1')

    def post(self, **attributes):
        if not {'loadbalancer_id', 'listener_id'} & set(attributes):
            attributes['loadbalancer_id'] = self.lb['id']
        return self.call('POST', '/pools', {'pool': {
            'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP_PORT',
            **attributes}})

    def put(self, pool, attributes):
        reply = self.call('PUT', f'/pools/{pool["id"]}',
                          {'pool': attributes})
        if reply.status == 200:
            self.active(self.lb['id'])
        return reply

    def test_create_minimal(self):
        """a pool of only the mandatory has all keys and defaults"""
        with self.frozen_driver():
            reply = self.post()
        self.assert_status(reply, 201)
        self.assertEqual(list(reply.body), ['pool'])
        pool = reply.body['pool']
        # Octavia leaves the key out when there is no monitor.
        self.assertIsNone(pool.pop('healthmonitor_id', None))
        self.assertEqual(set(pool), KEYS)
        expected = {**DEFAULTS, 'protocol': 'TCP', 'members': [],
                    'lb_algorithm': 'SOURCE_IP_PORT', 'listeners': [],
                    'loadbalancers': [{'id': self.lb['id']}],
                    'project_id': 'p1', 'tenant_id': 'p1',
                    'updated_at': None,
                    'provisioning_status': 'PENDING_CREATE',
                    'operating_status': 'OFFLINE'}
        self.assertEqual({key: pool[key] for key in expected}, expected)

    def test_create_full(self):
        """a pool keeps every attribute that OVN can honour"""
        given = {'name': 'n', 'description': 'd', 'admin_state_up': False,
                 'lb_algorithm': 'SOURCE_IP', 'tags': ['a'],
                 'session_persistence': {
                     'type': 'SOURCE_IP', 'persistence_timeout': 60,
                     'persistence_granularity': '255.255.255.255',
                     'cookie_name': None}}
        pool = self.make_pool(self.lb, 'UDP', **given)
        self.assertEqual({key: pool[key] for key in given}, given)
        self.assertEqual(self.rest.get('/pools'), [pool])

    def test_below_a_listener(self):
        """a pool of a listener is its default pool"""
        listener = self.make_listener(self.lb)
        for more in ({}, {'loadbalancer_id': self.lb['id']}):
            with self.subTest(more):
                pool = self.make_pool(self.lb, listener_id=listener['id'],
                                      **more)
                self.assertEqual(pool['listeners'], [{'id': listener['id']}])
                self.assertEqual(pool['loadbalancers'],
                                 [{'id': self.lb['id']}])
                self.assertEqual(
                    self.rest.get('/listeners/' + listener['id'])[
                        'default_pool_id'], pool['id'])
                self.call('DELETE', '/pools/' + pool['id'])
                self.wait_gone('/pools/' + pool['id'])
                self.active(self.lb['id'])

    def test_second_default_pool(self):
        """a listener has one default pool"""
        _, listener, _, _ = self.make_tree()
        with self.nothing_changes():
            self.assert_fault(self.post(listener_id=listener['id']), 409,
                              'This listener already has a default pool')

    def test_without_parent(self):
        """a pool needs a load balancer or a listener"""
        reply = self.call('POST', '/pools', {'pool': {
            'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP_PORT'}})
        self.assert_fault(reply, 400, 'Validation failure: Must provide at '
                          'least one of: loadbalancer_id, listener_id')

    def test_unknown_parents(self):
        """a pool of an unknown load balancer or listener is 404"""
        other = self.make_listener(self.make_lb())
        bad = apitest.NO_ID
        with self.nothing_changes():
            self.assert_fault(self.post(loadbalancer_id=bad), 404,
                              f'Load Balancer {bad} not found.')
            self.assert_fault(self.post(listener_id=bad), 404,
                              f'Listener {bad} not found.')
            for listener_id in (bad, other['id']):
                self.assert_fault(
                    self.post(listener_id=listener_id,
                              loadbalancer_id=self.lb['id']),
                    404, f'Listener {listener_id} not found.')

    def test_create_nulls(self):
        """null means the default in a new pool"""
        reply = self.post(**{key: None for key in DEFAULTS
                             if key != 'tls_enabled'})
        self.assert_status(reply, 201)
        self.assertEqual({key: reply.body['pool'][key] for key in DEFAULTS},
                         {**DEFAULTS, 'admin_state_up': False})

    def test_graph_attributes(self):
        """nested objects of the graph form are refused by a flat POST"""
        with self.nothing_changes():
            for given in ({'members': [{'address': '10.1.0.50',
                                        'protocol_port': 1}]},
                          {'healthmonitor': {'type': 'TCP'}},
                          {'healthmonitor': []}, {'members': {}}):
                self.assert_status(self.post(**given), 400)

    def test_no_parts(self):
        """a pool may say that it has no members and no monitor"""
        for given in ({'members': []}, {'members': None},
                      {'healthmonitor': None}):
            reply = self.post(**given)
            self.assert_status(reply, 201)
            self.assertEqual(reply.body['pool']['members'], [])
            self.active(self.lb['id'])

    def test_update_each(self):
        """each attribute that may change does, and nothing else"""
        pool = self.make_pool(self.lb, 'UDP', name='x', tags=['z'])
        persistence = {'type': 'SOURCE_IP', 'persistence_timeout': 9,
                       'persistence_granularity': None, 'cookie_name': None}
        for key, value in (('name', 'x2'), ('description', 'y2'),
                           ('admin_state_up', False), ('tags', ['q']),
                           ('lb_algorithm', 'SOURCE_IP'),
                           ('session_persistence', persistence),
                           ('session_persistence', None),
                           ('admin_state_up', True)):
            with self.subTest(key, value=value):
                self.assert_status(self.put(pool, {key: value}), 200)
                pool[key] = value
                shown = self.rest.get('/pools/' + pool['id'])
                for volatile in ('updated_at', 'operating_status'):
                    pool[volatile] = shown[volatile]
                self.assertEqual(shown, pool)

    def test_persistence_is_merged(self):
        """an update of the persistence without type keeps its type"""
        pool = self.make_pool(self.lb, 'UDP', session_persistence={
            'type': 'SOURCE_IP', 'persistence_timeout': 60})
        self.assertEqual(pool['session_persistence'], {
            'type': 'SOURCE_IP', 'persistence_timeout': 60,
            'persistence_granularity': None, 'cookie_name': None})
        self.assert_status(self.put(pool, {'session_persistence': {
            'persistence_timeout': 90}}), 200)
        shown = self.rest.get('/pools/' + pool['id'])['session_persistence']
        self.assertEqual((shown['type'], shown['persistence_timeout']),
                         ('SOURCE_IP', 90))

    def test_persistence_of_tcp(self):
        """a TCP pool may have persistence by address"""
        pool = self.make_pool(self.lb, session_persistence={
            'type': 'SOURCE_IP'})
        self.assertEqual(pool['session_persistence'], {
            'type': 'SOURCE_IP', 'persistence_timeout': None,
            'persistence_granularity': None, 'cookie_name': None})

    def test_update_nulls(self):
        """null in an update is the default, keeps tags, and is refused
        where there is none"""
        pool = self.make_pool(self.lb, name='x', tags=['z'],
                              session_persistence={'type': 'SOURCE_IP'})
        with self.nothing_changes():
            for key in ('lb_algorithm', 'tls_enabled'):
                reply = self.put(pool, {key: None})
                self.assert_status(reply, 400)
                self.assertNotIn('SQL', reply.fault)
        self.assert_status(self.put(pool, {
            key: None for key in DEFAULTS if key != 'tls_enabled'}), 200)
        shown = self.rest.get('/pools/' + pool['id'])
        self.assertEqual({key: shown[key] for key in DEFAULTS}, {
            **DEFAULTS, 'admin_state_up': False, 'tags': ['z']})

    def test_read_only(self):
        """a pool's protocol, parents and members cannot be updated"""
        pool = self.make_pool(self.lb)
        with self.nothing_changes():
            for key, value in (
                    ('id', apitest.NO_ID), ('protocol', 'TCP'),
                    ('loadbalancer_id', apitest.NO_ID),
                    ('listener_id', apitest.NO_ID), ('listeners', []),
                    ('loadbalancers', []), ('members', []),
                    ('healthmonitor_id', apitest.NO_ID),
                    ('project_id', 'p'), ('tenant_id', 'p'),
                    ('provisioning_status', 'ACTIVE'),
                    ('operating_status', 'ONLINE'), ('created_at', None)):
                with self.subTest(key):
                    self.assert_fault(
                        self.put(pool, {key: value}), 400, 'Unknown '
                        'attribute for argument pool_.pool: ' + key)

    def test_delete(self):
        """a deleted pool takes its members, and leaves its listener"""
        lb, listener, pool, member = self.make_tree()
        path = '/pools/' + pool['id']
        self.assert_status(self.call('DELETE', path), 204)
        self.wait_gone(path)
        self.active(lb['id'])
        shown = self.rest.get('/listeners/' + listener['id'])
        self.assertIsNone(shown['default_pool_id'])
        for method in ('GET', 'DELETE'):
            self.assert_fault(self.call(method, path), 404,
                              f'Pool {pool["id"]} not found.')
        reply = self.call('GET', f'{path}/members/{member["id"]}')
        self.assert_status(reply, 404)
        with self.stand.octavia.client() as db:
            self.assertEqual(db.select('Member'), [])


if __name__ == '__main__':
    unittest.main()
