#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The settings of what OVN does not have: round_robin, an algorithm that many
clients know as the only one, and unsupported_options."""

import os
import unittest

import apitest
from lib import wait

LACKS = ("Provider 'ovn' does not support a requested option: OVN provider "
         'does not support {} algorithm; SOURCE_IP_PORT is the nearest that '
         'it has')


class RoundRobin(apitest.ApiTest):

    def post(self, lb, algorithm):
        return self.call('POST', '/pools', {'pool': {
            'loadbalancer_id': lb['id'], 'protocol': 'TCP',
            'lb_algorithm': algorithm}})

    def notes(self, api, pool):
        with open(api.log, encoding='utf-8') as log:
            return [line for line in log
                    if pool['id'] in line and 'ROUND_ROBIN' in line]

    def test_tree(self):
        """pools that come with their load balancer are hashed, too, and each
        says so"""
        api = self.ask_own_api('robin', '--round-robin=hash')
        tree = self.rest.post('/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': self.stand.subnet['n1'], 'pools': [
                {'name': algorithm, 'protocol': 'TCP',
                 'lb_algorithm': algorithm}
                for algorithm in ('ROUND_ROBIN', 'SOURCE_IP')]}})
        self.active(tree['id'])
        self.assertEqual([(pool['name'], len(self.notes(api, pool)))
                          for pool in tree['pools']],
                         [('ROUND_ROBIN', 1), ('SOURCE_IP', 0)])

    def test_hash(self):
        """round_robin = hash takes ROUND_ROBIN, and says so once a pool"""
        api = self.ask_own_api('robin', '--round-robin=hash')
        lb = self.make_lb()
        made = self.make_pool(lb, lb_algorithm='ROUND_ROBIN')
        other = self.make_pool(lb, lb_algorithm='SOURCE_IP')
        self.assertEqual(made['lb_algorithm'], 'ROUND_ROBIN')
        self.assertEqual((len(self.notes(api, made)),
                          len(self.notes(api, other))), (1, 0))
        for pool, attributes, expected in (
                (made, {'name': 'n'}, 1),
                (made, {'lb_algorithm': 'ROUND_ROBIN'}, 1),
                (other, {'lb_algorithm': 'ROUND_ROBIN'}, 1),
                (other, {'lb_algorithm': 'SOURCE_IP'}, 1),
                (other, {'lb_algorithm': 'ROUND_ROBIN'}, 2)):
            with self.subTest(attributes):
                shown = self.rest.put('/pools/' + pool['id'],
                                      {'pool': attributes})
                self.active(lb['id'])
                for key, value in attributes.items():
                    self.assertEqual(shown[key], value)
                self.assertEqual(len(self.notes(api, pool)), expected)
        self.assert_fault(self.post(lb, 'LEAST_CONNECTIONS'), 501,
                          LACKS.format('LEAST_CONNECTIONS'))

    def test_refuse(self):
        """round_robin = refuse, the default, names what is near"""
        lb = self.make_lb()
        self.assert_fault(self.post(lb, 'ROUND_ROBIN'), 501,
                          LACKS.format('ROUND_ROBIN'))
        self.ask_own_api('robin', '--round-robin=refuse')
        self.assert_fault(self.post(lb, 'ROUND_ROBIN'), 501,
                          LACKS.format('ROUND_ROBIN'))

    def test_in_file(self):
        """the file may say it, too"""
        path = os.path.join(self.stand.rundir, 'robin.conf')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('[api]\nround_robin = hash\n')
        self.ask_own_api('robin', f'--config={path}')
        self.assert_status(self.post(self.make_lb(), 'ROUND_ROBIN'), 201)

    def test_bad_word(self):
        """any other word keeps the daemon from starting"""
        self.assertIn('must be "refuse" or "hash"',
                      self.refused_api('--round-robin=yes'))

    def test_options(self):
        """unsupported_options = accept takes what traffic flows without"""
        lb = self.make_lb()
        self.ask_own_api('robin', '--unsupported-options=accept')
        asked = {'connection_limit': 100, 'timeout_client_data': 5}
        listener = self.make_listener(lb, **asked)
        self.assertEqual({name: listener[name] for name in asked}, asked)
        reply = self.call('PUT', '/listeners/' + listener['id'], {
            'listener': {'tls_ciphers': 'A'}})
        self.assertEqual(reply.status, 501)

    def test_stored_options(self):
        """what an object has already is not refused"""
        lb = self.make_lb()
        listener = self.make_listener(lb)
        self.set_row('listener', listener['id'], connection_limit=100)
        path = '/listeners/' + listener['id']
        wait.until(lambda: self.rest.get(path)['connection_limit'] == 100,
                   'the API knows', 5, 0.002)
        for limit, status in ((100, 200), (101, 501), (-1, 200)):
            with self.subTest(limit):
                reply = self.call('PUT', path, {'listener': {
                    'connection_limit': limit}})
                self.assertEqual(reply.status, status)
                self.active(lb['id'])


if __name__ == '__main__':
    unittest.main()
