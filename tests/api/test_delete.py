#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Deletion: of single objects, and cascading."""

import unittest

import apitest

TRUE = ('true', 't', 'yes', 'y', 'on', '1', 'True', 'TRUE', 'Yes', 'ON')
FALSE = ('false', 'f', 'no', 'n', 'off', '0', '', 'bogus', 'tru', '2')


class Delete(apitest.ApiTest):

    def children_text(self, lb):
        return (f'Validation failure: Cannot delete Load Balancer {lb["id"]} '
                '- it has children')

    def test_children(self):
        """a load balancer with children is deleted by cascade only"""
        with_listener = self.make_lb()
        self.make_listener(with_listener)
        with_pool = self.make_lb()
        self.make_pool(with_pool)
        with self.nothing_changes():
            for lb in (with_listener, with_pool):
                for query in ('', *('?cascade=' + word for word in FALSE)):
                    with self.subTest(query):
                        self.assert_fault(
                            self.call('DELETE', f'/loadbalancers/{lb["id"]}'
                                      + query), 400, self.children_text(lb))

    def test_cascade_words(self):
        """all of Octavia's words for true make a cascade"""
        for word in TRUE:
            with self.subTest(word):
                lb = self.make_lb()
                self.make_listener(lb)
                path = f'/loadbalancers/{lb["id"]}'
                self.assert_status(
                    self.call('DELETE', f'{path}?cascade={word}'), 204)
                self.wait_gone(path)

    def test_cascade_takes_all(self):
        """nothing is left of a tree that is deleted by cascade"""
        lb, listener, pool, member = self.make_tree()
        path = f'/loadbalancers/{lb["id"]}'
        with self.stand.nb.client() as nb:
            self.assertTrue(nb.select('Load_Balancer'))
        self.assert_status(self.call('DELETE', path + '?cascade=true'), 204)
        self.wait_gone(path)
        for path, text in (
                ('/listeners/' + listener['id'], 'Listener {} not found.'),
                ('/pools/' + pool['id'], 'Pool {} not found.')):
            self.assert_fault(self.call('GET', path), 404,
                              text.format(path.rsplit('/', 1)[1]))
        self.assert_status(self.call('GET', f'/pools/{pool["id"]}/members/'
                                     + member['id']), 404)
        self.assertEqual(self.rest.get('/listeners'), [])
        self.assertEqual(self.rest.get('/pools'), [])
        with self.stand.octavia.client() as db:
            for table in apitest.KINDS.values():
                self.assertEqual(db.select(table), [], table)
        with self.stand.nb.client() as nb:
            self.assertEqual(nb.select('Load_Balancer'), [])
            self.assertEqual([port['name'] for port in
                              nb.select('Logical_Switch_Port')
                              if port['name'].startswith('ovn-lb-vip-')], [])

    def test_cascade_elsewhere(self):
        """cascade is an unknown argument everywhere else"""
        _, listener, pool, member = self.make_tree()
        with self.nothing_changes():
            for path in ('/listeners/' + listener['id'],
                         '/pools/' + pool['id'],
                         f'/pools/{pool["id"]}/members/{member["id"]}'):
                self.assert_fault(self.call('DELETE', path + '?cascade=true'),
                                  400, 'Unknown argument: "cascade"')

    def test_pending_delete_shows(self):
        """until the driver has done its part the object shows"""
        lb, listener, pool, member = self.make_tree()
        for path in (f'/pools/{pool["id"]}/members/{member["id"]}',
                     '/pools/' + pool['id'], '/listeners/' + listener['id'],
                     '/loadbalancers/' + lb['id']):
            with self.subTest(path):
                with self.frozen_driver():
                    self.assert_status(self.call('DELETE', path), 204)
                    self.assertEqual(
                        self.rest.get(path)['provisioning_status'],
                        'PENDING_DELETE')
                self.wait_gone(path)
                if not path.startswith('/loadb'):
                    self.active(lb['id'])

    def test_twice(self):
        """a second delete is 409 while the first is under way"""
        lb = self.make_lb()
        path = '/loadbalancers/' + lb['id']
        with self.frozen_driver():
            self.assert_status(self.call('DELETE', path), 204)
            self.assert_fault(self.call('DELETE', path), 409, 'Invalid state '
                              'PENDING_DELETE of loadbalancer resource '
                              + lb['id'])
        self.wait_gone(path)
        self.assert_fault(self.call('DELETE', path), 404,
                          f'Load Balancer {lb["id"]} not found.')

    def test_below_a_deleted(self):
        """creating below a deleted load balancer is 404"""
        lb = self.make_lb()
        path = '/loadbalancers/' + lb['id']
        self.call('DELETE', path)
        self.wait_gone(path)
        for where, body in (
                ('/listeners', {'listener': {
                    'loadbalancer_id': lb['id'], 'protocol': 'TCP',
                    'protocol_port': 1}}),
                ('/pools', {'pool': {
                    'loadbalancer_id': lb['id'], 'protocol': 'TCP',
                    'lb_algorithm': 'SOURCE_IP'}})):
            self.assert_fault(self.call('POST', where, body), 404,
                              f'Load Balancer {lb["id"]} not found.')

    def test_vip_is_free_again(self):
        """the address of a deleted load balancer can be had again"""
        for _ in range(3):
            lb = self.make_lb(vip_address='10.1.0.200')
            path = '/loadbalancers/' + lb['id']
            self.assert_status(self.call('DELETE', path), 204)
            self.wait_gone(path)

    def test_body_is_ignored(self):
        """a delete with a body is a delete"""
        lb = self.make_lb()
        path = '/loadbalancers/' + lb['id']
        self.assertIn(self.call('DELETE', path, {}).status, (204, 400))


if __name__ == '__main__':
    unittest.main()
