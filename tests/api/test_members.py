#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Members: create, show, list, update, delete, with every attribute,
and duplicates."""

import unittest

import apitest

KEYS = set('''id name operating_status provisioning_status admin_state_up
address protocol_port weight backup subnet_id project_id created_at
updated_at monitor_address monitor_port tags vnic_type tenant_id'''.split())
DEFAULTS = {'name': '', 'admin_state_up': True, 'weight': 1, 'backup': False,
            'subnet_id': None, 'monitor_address': None, 'monitor_port': None,
            'tags': [], 'vnic_type': 'normal'}


class Members(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.lb = self.make_lb(project_id='p1')
        self.pool = self.make_pool(self.lb)
        self.path = f'/pools/{self.pool["id"]}/members'

    def post(self, **attributes):
        return self.call('POST', self.path, {'member': {
            'address': '10.1.0.50', 'protocol_port': 80, **attributes}})

    def put(self, member, attributes):
        reply = self.call('PUT', f'{self.path}/{member["id"]}',
                          {'member': attributes})
        if reply.status == 200:
            self.active(self.lb['id'])
        return reply

    def test_create_minimal(self):
        """a member of only the mandatory has all keys and defaults"""
        with self.frozen_driver():
            reply = self.post()
        self.assert_status(reply, 201)
        self.assertEqual(list(reply.body), ['member'])
        member = reply.body['member']
        self.assertEqual(set(member), KEYS)
        expected = {**DEFAULTS, 'address': '10.1.0.50', 'protocol_port': 80,
                    'project_id': 'p1', 'tenant_id': 'p1',
                    'updated_at': None,
                    'provisioning_status': 'PENDING_CREATE',
                    'operating_status': 'NO_MONITOR'}
        self.assertEqual({key: member[key] for key in expected}, expected)

    def test_create_full(self):
        """a member keeps every attribute that OVN can honour"""
        given = {'name': 'n', 'admin_state_up': False, 'weight': 256,
                 'subnet_id': self.stand.subnet['n2'],
                 'tags': ['a'], 'address': '10.2.0.9', 'protocol_port': 1}
        reply = self.post(**given)
        self.assert_status(reply, 201)
        self.active(self.lb['id'])
        member = self.rest.get(
            f'{self.path}/{reply.body["member"]["id"]}')
        self.assertEqual({key: member[key] for key in given}, given)
        self.assertEqual(self.rest.get(self.path), [member])
        self.assertEqual(self.rest.get('/pools/' + self.pool['id'])[
            'members'], [{'id': member['id']}])

    def test_backup(self):
        """a member may be a backup, and cease to be"""
        member = self.make_member(self.lb, self.pool, backup=True)
        self.assertIs(member['backup'], True)
        for value, expected in ((False, False), (True, True), (None, False)):
            with self.subTest(value):
                reply = self.put(member, {'backup': value})
                self.assert_status(reply, 200)
                self.assertIs(reply.body['member']['backup'], expected)

    def test_create_nulls(self):
        """null means the default in a new member"""
        reply = self.post(**{key: None for key in DEFAULTS
                             if key != 'vnic_type'}, request_sriov=None)
        self.assert_status(reply, 201)
        member = reply.body['member']
        self.assertEqual({key: member[key] for key in DEFAULTS},
                         {**DEFAULTS, 'admin_state_up': False})

    def test_no_sriov(self):
        """request_sriov false is accepted and not printed"""
        reply = self.post(request_sriov=False)
        self.assert_status(reply, 201)
        self.assertEqual(set(reply.body['member']), KEYS)

    def test_update_each(self):
        """each attribute that may change does, and nothing else"""
        member = self.make_member(self.lb, self.pool, name='x', tags=['z'])
        for key, value in (('name', 'x2'), ('admin_state_up', False),
                           ('weight', 0), ('tags', ['q']),
                           ('monitor_port', None), ('admin_state_up', True)):
            with self.subTest(key):
                self.assert_status(self.put(member, {key: value}), 200)
                member[key] = value
                shown = self.rest.get(f'{self.path}/{member["id"]}')
                for volatile in ('updated_at', 'operating_status'):
                    member[volatile] = shown[volatile]
                self.assertEqual(shown, member)

    def test_update_nulls(self):
        """null in an update means the default, and keeps tags"""
        member = self.make_member(self.lb, self.pool, name='x', tags=['z'],
                                  weight=7)
        self.assert_status(self.put(member, {
            key: None for key in DEFAULTS
            if key not in ('vnic_type', 'subnet_id')}), 200)
        shown = self.rest.get(f'{self.path}/{member["id"]}')
        self.assertEqual({key: shown[key] for key in DEFAULTS}, {
            **DEFAULTS, 'admin_state_up': False, 'tags': ['z']})

    def test_read_only(self):
        """a member's address, port and subnet cannot be updated"""
        member = self.make_member(self.lb, self.pool)
        with self.nothing_changes():
            for key, value in (
                    ('id', apitest.NO_ID), ('address', '10.1.0.50'),
                    ('protocol_port', 80), ('subnet_id', apitest.NO_ID),
                    ('project_id', 'p'), ('tenant_id', 'p'),
                    ('request_sriov', False), ('vnic_type', 'normal'),
                    ('provisioning_status', 'ACTIVE'), ('description', ''),
                    ('operating_status', 'ONLINE'), ('created_at', None)):
                with self.subTest(key):
                    self.assert_fault(
                        self.put(member, {key: value}), 400, 'Unknown '
                        'attribute for argument member_.member: ' + key)

    def test_duplicates(self):
        """two members of one address and port in one pool are 409"""
        self.make_member(self.lb, self.pool, port=80)
        with self.nothing_changes():
            self.assert_fault(self.post(), 409, 'Another member on this pool '
                              'is already using ip 10.1.0.50 on '
                              'protocol_port 80')
        self.make_member(self.lb, self.pool, port=81)
        self.make_member(self.lb, self.pool, '10.1.0.51', 80)
        other = self.make_pool(self.lb)
        self.make_member(self.lb, other, port=80)

    def test_duplicates_in_ipv6(self):
        """two spellings of one IPv6 address are one member"""
        lb = self.make_lb('n6')
        pool = self.make_pool(lb)
        self.make_member(lb, pool, 'fd00:6::ab', 80)
        with self.nothing_changes():
            reply = self.call('POST', f'/pools/{pool["id"]}/members', {
                'member': {'address': 'FD00:6:0:0::00AB',
                           'protocol_port': 80}})
            self.assert_status(reply, 409)
            self.assertRegex(reply.fault, r'(?i)^Another member on this pool '
                             r'is already using ip fd00:6:.* on '
                             r'protocol_port 80$')

    def test_spelling(self):
        """an address is shown as it was written, found in any spelling, and
        canonical in OVN"""
        lb = self.make_lb('n6')
        pool = self.make_pool(lb)
        self.make_listener(lb, default_pool_id=pool['id'])
        written = 'FD00:6:0::0050'
        member = self.make_member(lb, pool, written, 80)
        path = f'/pools/{pool["id"]}/members'
        self.assertEqual(self.rest.get(f'{path}/{member["id"]}')['address'],
                         written)
        for spelling in (written, 'fd00:6::50', 'fd00:6:0:0:0:0:0.0.0.80'):
            with self.subTest(spelling):
                self.assertEqual([item['id'] for item in self.rest.get(
                    path, address=spelling)], [member['id']])
        self.assertEqual(self.rest.get(path, address='fd00:6::51'), [])
        self.assertEqual(self.rest.get(path, address='x'), [])
        row = self.stand.nbctl('--columns=vips,external_ids', 'list',
                               'Load_Balancer')
        self.assertIn('[fd00:6::50]:80', row)
        self.assertIn(f'_{written}:80_', row)
        self.assertNotIn(f'[{written}]', row)

    def test_no_addresses(self):
        """what nobody could be reached at is no address"""
        pool = self.make_pool(self.make_lb('n6'))
        with self.nothing_changes():
            for address in ('::ffff:10.1.0.50', '::FFFF:a01:32',
                            '0:0:0:0:0:ffff:10.1.0.50', 'fe80::1%eth0',
                            '010.1.0.50', '10.1.50', '10.1.0.50 ',
                            '[fd00:6::50]', 'fd00:6::50/64'):
                with self.subTest(address):
                    self.assert_fault(
                        self.call('POST', f'/pools/{pool["id"]}/members', {
                            'member': {'address': address,
                                       'protocol_port': 80}}),
                        400, 'Invalid input for field/attribute address. '
                        f"Value: '{address}'. Value should be IPv4 or IPv6 "
                        'format')

    def test_delete(self):
        """a deleted member is gone and the pool stays"""
        member = self.make_member(self.lb, self.pool)
        path = f'{self.path}/{member["id"]}'
        self.assert_status(self.call('DELETE', path), 204)
        self.wait_gone(path)
        self.active(self.lb['id'])
        self.assertEqual(self.rest.get(self.path), [])
        for method in ('GET', 'DELETE'):
            self.assert_fault(self.call(method, path), 404,
                              f'Member {member["id"]} not found.')

    def test_other_pool(self):
        """a member is not found through another pool's path"""
        member = self.make_member(self.lb, self.pool)
        other = self.make_pool(self.lb)
        path = f'/pools/{other["id"]}/members/{member["id"]}'
        with self.nothing_changes():
            for method, body in (('GET', None), ('DELETE', None),
                                 ('PUT', {'member': {'name': 'x'}})):
                self.assert_fault(self.call(method, path, body), 404,
                                  f'Member {member["id"]} not found.')
        self.assertEqual(self.rest.get(f'/pools/{other["id"]}/members'), [])

    def test_unknown_pool(self):
        """the members of an unknown pool are 404 in both shapes"""
        path = f'/pools/{apitest.NO_ID}/members'
        text = f'Pool {apitest.NO_ID} not found.'
        for method, where, body in (
                ('GET', path, None),
                ('POST', path, {'member': {'address': '10.1.0.50',
                                           'protocol_port': 1}}),
                ('GET', f'{path}/{apitest.NO_ID}', None),
                ('PUT', f'{path}/{apitest.NO_ID}', {'member': {}}),
                ('DELETE', f'{path}/{apitest.NO_ID}', None)):
            with self.subTest(method, path=where):
                reply = self.call(method, where, body)
                self.assertEqual((reply.status, reply.body), (404, {
                    'code': 404, 'title': 'Bad Request', 'description': text,
                    'faultcode': 'Client', 'faultstring': text,
                    'debuginfo': None}))


if __name__ == '__main__':
    unittest.main()
