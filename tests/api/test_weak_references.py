#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Pools go, and what referred to them refers to nothing: whatever else the
transaction does that deletes them, and whoever commits it."""

import unittest

import apitest

from lib import wait

# What a transaction does, in an order in which ovsdb-server from 3.3 on keeps
# the reference.
KEPT = (('change', 'release', 'delete'), ('change', 'release'),
        ('release', 'change'))


class WeakReferences(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.lb = self.make_lb()
        self.listener = self.make_listener(self.lb)
        self.path = '/listeners/' + self.listener['id']

    def default_pool(self):
        return self.rest.get(self.path)['default_pool_id']

    def stored_pool(self):
        """What the database has, whether it is there or not."""
        with self.stand.octavia.client() as db:
            row, = db.select('Listener', [
                ['_uuid', '==', ['uuid', self.listener['id']]]])
        return row['default_pool']

    def give_pool(self):
        self.pool = self.make_pool(self.lb, listener_id=self.listener['id'])

    def check_free(self):
        """The listener has no pool, and gets one."""
        self.assertIsNone(self.default_pool())
        self.assertEqual(self.rest.get(
            f'/listeners?default_pool_id={self.pool["id"]}'), [])
        pool = self.make_pool(self.lb, listener_id=self.listener['id'])
        self.assertEqual(self.default_pool(), pool['id'])
        self.assertEqual(self.stored_pool(), pool['id'])

    def test_deletion(self):
        """a listener whose pool was deleted has none, and takes another"""
        for _ in range(2):
            self.give_pool()
            self.assert_status(self.call('DELETE',
                                         '/pools/' + self.pool['id']), 204)
            self.wait_gone('/pools/' + self.pool['id'])
            self.active(self.lb['id'])
            self.assertEqual(self.stored_pool(), [])
        self.check_free()

    def delete_raw(self, *order):
        """Deletes a pool behind the daemons' backs, in a transaction that
        changes the listener as well."""
        operations = {
            'change': {'op': 'update', 'table': 'Listener',
                       'where': [['_uuid', '==',
                                  ['uuid', self.listener['id']]]],
                       'row': {'description': ' '.join(order)}},
            'release': {'op': 'mutate', 'table': 'Load_Balancer',
                        'where': [['_uuid', '==', ['uuid', self.lb['id']]]],
                        'mutations': [['pools', 'delete',
                                       ['uuid', self.pool['id']]]]},
            'delete': {'op': 'delete', 'table': 'Pool',
                       'where': [['_uuid', '==',
                                  ['uuid', self.pool['id']]]]}}
        with self.stand.octavia.client() as db:
            db.transact(*[operations[word] for word in order])
        self.wait_gone('/pools/' + self.pool['id'])

    def test_orders(self):
        """a reference that the database kept is none to the API, and the
        driver takes it away"""
        for order in KEPT:
            with self.subTest(order=order):
                self.give_pool()
                self.delete_raw(*order)
                self.assertIsNone(self.default_pool())
                wait.until(lambda: self.stored_pool() == [],
                           'the reference is gone', 10, 0.005)

    def test_new_pool(self):
        """a listener whose reference was kept takes a pool, driver or not"""
        self.give_pool()
        with self.frozen_driver():
            self.delete_raw(*KEPT[0])
            self.assertIsNone(self.default_pool())
            pool = self.rest.post('/pools', {'pool': {
                'listener_id': self.listener['id'], 'protocol': 'TCP',
                'lb_algorithm': 'SOURCE_IP_PORT'}})
        self.active(self.lb['id'])
        self.assertEqual(self.default_pool(), pool['id'])
        self.assertEqual(self.stored_pool(), pool['id'])

    def test_start(self):
        """references that were kept while no driver ran go when it starts"""
        self.give_pool()
        self.stand.driver.stop()
        try:
            self.delete_raw(*KEPT[0])
        finally:
            self.stand.driver.start()
        self.stand.driver.wait_ready()
        wait.until(lambda: self.stored_pool() == [], 'the reference is gone',
                   10, 0.005)
        self.check_free()


if __name__ == '__main__':
    unittest.main()
