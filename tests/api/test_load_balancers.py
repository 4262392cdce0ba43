#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Load balancers: create, show, list, update, delete, with every
attribute."""

import re
import unittest

import apitest

KEYS = {'id', 'name', 'description', 'provisioning_status',
        'operating_status', 'admin_state_up', 'project_id', 'created_at',
        'updated_at', 'vip_address', 'vip_port_id', 'vip_subnet_id',
        'vip_network_id', 'additional_vips', 'listeners', 'pools',
        'provider', 'flavor_id', 'vip_qos_policy_id', 'tags',
        'availability_zone', 'vip_vnic_type', 'vip_sg_ids', 'tenant_id'}
TIME = re.compile(r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?$')
UUID = re.compile(r'^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')


class LoadBalancers(apitest.ApiTest):

    def post(self, headers=None, **attributes):
        attributes.setdefault('vip_subnet_id', self.stand.subnet['n1'])
        return self.call('POST', '/loadbalancers',
                         {'loadbalancer': attributes}, headers)

    def put(self, lb, attributes):
        reply = self.call('PUT', f'/loadbalancers/{lb["id"]}',
                          {'loadbalancer': attributes})
        if reply.status == 200:
            self.active(lb['id'])
        return reply

    def test_create_minimal(self):
        """a load balancer of only a subnet has all keys and defaults"""
        reply = self.post()
        self.assert_status(reply, 201)
        self.assertEqual(list(reply.body), ['loadbalancer'])
        lb = reply.body['loadbalancer']
        self.assertEqual(set(lb), KEYS)
        self.assertRegex(lb['id'], UUID)
        self.assertRegex(lb['vip_port_id'], UUID)
        self.assertRegex(lb['vip_address'], r'^10\.1\.0\.\d+$')
        self.assertRegex(lb['created_at'], TIME)
        self.assertEqual(lb['tenant_id'], lb['project_id'])
        expected = {
            'name': '', 'description': '', 'admin_state_up': True,
            'vip_subnet_id': self.stand.subnet['n1'],
            'vip_network_id': self.stand.network['n1'],
            'additional_vips': [], 'listeners': [], 'pools': [],
            'provider': 'ovn', 'flavor_id': None, 'vip_qos_policy_id': None,
            'tags': [], 'availability_zone': None,
            'vip_vnic_type': 'normal', 'vip_sg_ids': []}
        self.assertEqual({key: lb[key] for key in expected}, expected)
        self.assertIn(lb['provisioning_status'],
                      ('PENDING_CREATE', 'ACTIVE'))

    def test_create_full(self):
        """a load balancer keeps every attribute that it was given"""
        given = {'name': 'näme "1" \\ \U0001f600', 'description': 'd' * 255,
                 'admin_state_up': False, 'vip_address': '10.1.0.77',
                 'vip_network_id': self.stand.network['n1'],
                 'project_id': 'p' * 36, 'provider': 'ovn',
                 'tags': ['a', 'b c', 'ü']}
        reply = self.post(**given)
        self.assert_status(reply, 201)
        lb = self.active(reply.body['loadbalancer']['id'])
        self.assertEqual({key: lb[key] for key in given}, given)
        self.assertEqual(lb['tenant_id'], 'p' * 36)
        self.assertEqual(lb['operating_status'], 'OFFLINE')

    def test_create_nulls(self):
        """a null is as good as nothing, and admin_state_up null is false"""
        reply = self.post(
            name=None, description=None, admin_state_up=None,
            vip_address=None, vip_port_id=None, vip_network_id=None,
            vip_qos_policy_id=None, tags=None, flavor_id=None,
            availability_zone=None, provider=None, project_id=None)
        self.assert_status(reply, 201)
        lb = reply.body['loadbalancer']
        self.assertEqual(
            (lb['name'], lb['description'], lb['admin_state_up'], lb['tags'],
             lb['provider']), ('', '', False, [], 'ovn'))

    def test_active(self):
        """a new load balancer becomes ACTIVE and ONLINE"""
        lb = self.make_lb()
        self.assertEqual(lb['operating_status'], 'ONLINE')

    def test_project(self):
        """tenant_id wins over project_id, the body over the header"""
        header = {'X-Project-Id': 'caller'}
        for given, project in (({}, 'caller'),
                               ({'project_id': 'body'}, 'body'),
                               ({'tenant_id': 'tenant'}, 'tenant'),
                               ({'project_id': 'body', 'tenant_id': 'tenant'},
                                'tenant')):
            with self.subTest(given):
                reply = self.post(header, **given)
                self.assert_status(reply, 201)
                lb = reply.body['loadbalancer']
                self.assertEqual((lb['project_id'], lb['tenant_id']),
                                 (project, project))

    def test_show_and_list_agree(self):
        """POST, show and list print the same object"""
        lb = self.make_lb(name='x', tags=['t'])
        shown = self.rest.get('/loadbalancers/' + lb['id'])
        self.assertEqual(set(shown), KEYS)
        self.assertEqual(self.rest.get('/loadbalancers'), [shown])

    def test_children_are_listed(self):
        """listeners and pools print as lists of ids"""
        lb, listener, pool, _ = self.make_tree()
        self.assertEqual(lb['listeners'], [{'id': listener['id']}])
        self.assertEqual(lb['pools'], [{'id': pool['id']}])

    def test_show_fields(self):
        """show prints only the fields that were asked for"""
        lb = self.make_lb(name='x')
        path = f'/loadbalancers/{lb["id"]}?'
        for query, expected in (
                ('fields=id', {'id': lb['id']}),
                ('fields=id&fields=name', {'id': lb['id'], 'name': 'x'}),
                ('fields=id,name', {'id': lb['id'], 'name': 'x'}),
                ('fields=bogus', {}), ('bogus=1&fields=name', {'name': 'x'})):
            with self.subTest(query):
                self.assertEqual(self.rest.get(path + query), expected)

    def test_update_each(self):
        """each attribute that may change does, and nothing else"""
        lb = self.make_lb(name='x', description='y', tags=['z'])
        for key, value in (('name', 'x2'), ('description', 'y2'),
                           ('admin_state_up', False), ('tags', ['q', 'r']),
                           ('tags', []), ('admin_state_up', True)):
            with self.subTest(key):
                reply = self.put(lb, {key: value})
                self.assert_status(reply, 200)
                self.assertEqual(set(reply.body['loadbalancer']), KEYS)
                lb[key] = value
                shown = self.active(lb['id'])
                self.assertRegex(shown['updated_at'], TIME)
                for volatile in ('updated_at', 'operating_status'):
                    lb[volatile] = shown[volatile]
                self.assertEqual(shown, lb)

    def test_update_nulls(self):
        """null clears name and description, disables, and keeps tags"""
        lb = self.make_lb(name='x', description='y', tags=['z'])
        reply = self.put(lb, {'name': None, 'description': None,
                              'tags': None, 'admin_state_up': None,
                              'vip_qos_policy_id': None, 'vip_sg_ids': None})
        self.assert_status(reply, 200)
        shown = self.active(lb['id'])
        self.assertEqual(
            [shown[key] for key in ('name', 'description', 'tags',
                                    'admin_state_up', 'vip_sg_ids')],
            ['', '', ['z'], False, []])

    def test_update_empty(self):
        """an update of nothing is accepted, and touches the time"""
        lb = self.make_lb(name='x')
        self.assert_status(self.put(lb, {}), 200)
        self.assertEqual(self.active(lb['id'])['name'], 'x')

    def test_read_only(self):
        """what only POST may set, or nobody, cannot be updated"""
        lb = self.make_lb()
        with self.nothing_changes():
            for key, value in (
                    ('id', apitest.NO_ID), ('vip_address', '10.1.0.99'),
                    ('vip_port_id', apitest.NO_ID),
                    ('vip_subnet_id', apitest.NO_ID),
                    ('vip_network_id', apitest.NO_ID), ('provider', 'ovn'),
                    ('project_id', 'p'), ('tenant_id', 'p'),
                    ('provisioning_status', 'ERROR'),
                    ('operating_status', 'ERROR'), ('created_at', None),
                    ('listeners', []), ('pools', []),
                    ('flavor_id', apitest.NO_ID), ('availability_zone', 'z'),
                    ('vip_vnic_type', 'direct'), ('additional_vips', [])):
                with self.subTest(key):
                    self.assert_fault(
                        self.put(lb, {key: value}), 400, 'Unknown attribute '
                        'for argument load_balancer.loadbalancer: ' + key)

    def test_post_read_only(self):
        """what nobody may set is refused by POST, too"""
        with self.nothing_changes():
            for key in ('id', 'provisioning_status', 'operating_status',
                        'created_at', 'updated_at', 'vip_vnic_type'):
                with self.subTest(key):
                    self.assert_fault(
                        self.post(**{key: None}), 400, 'Unknown attribute '
                        'for argument load_balancer.loadbalancer: ' + key)

    def test_delete(self):
        """a deleted load balancer is 404 everywhere"""
        lb = self.make_lb()
        path = f'/loadbalancers/{lb["id"]}'
        self.assert_status(self.call('DELETE', path), 204)
        self.wait_gone(path)
        text = f'Load Balancer {lb["id"]} not found.'
        for method, where, body in (
                ('GET', path, None), ('DELETE', path, None),
                ('PUT', path, {'loadbalancer': {}}),
                ('GET', path + '/status', None)):
            with self.subTest(method, path=where):
                self.assert_fault(self.call(method, where, body), 404, text)
        self.assertEqual(self.rest.get('/loadbalancers'), [])

    def test_many_tags(self):
        """thousands of tags are kept, or refused, but not half"""
        tags = [f't{i:04}' for i in range(5000)]
        reply = self.post(tags=tags)
        self.assertIn(reply.status, (201, 400), reply.status)
        for lb in self.rest.get('/loadbalancers?tags=t4999'):
            self.assertEqual(sorted(lb['tags']), tags)

    def test_tags_twice(self):
        """a tag given twice is stored once, or refused with 400"""
        reply = self.post(tags=['a', 'a', 'b'])
        self.assertIn(reply.status, (201, 400), reply)
        if reply.status == 201:
            self.assertEqual(sorted(reply.body['loadbalancer']['tags']),
                             ['a', 'b'])


if __name__ == '__main__':
    unittest.main()
