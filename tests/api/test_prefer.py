#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prefer: wait=SECONDS: the reply to a write comes when its load balancer has
settled."""

import http.client
import json
import re
import socket
import threading
import unittest

import apitest

from lib import client, wait


# SETTLE_WAITING_MAX of limits.h.
WAITING_MAX = 225


def preferring(seconds):
    return {'Prefer': f'wait={seconds}'}


class Prefer(apitest.ApiTest):

    def settling(self, api=None):
        return int(re.search(r'settling: (\d+)', (api or self.stand.api)
                             .appctl('api/status')).group(1))

    def wait_settling(self, n, api=None):
        wait.until(lambda: self.settling(api) == n, f'{n} requests wait', 10,
                   0.01)

    def begin(self, method, path, body=None, headers=None, api=None):
        """Sends a request from a thread of its own; returns a function that
        returns its reply."""
        replies = []

        def ask():
            rest = client.Rest((api or self.stand.api).port)
            replies.append(rest.request(method, apitest.LBAAS + path, body,
                                        headers or preferring(60)))
            rest.close()
        thread = threading.Thread(target=ask)
        thread.start()

        def end():
            thread.join(60 * wait.SLOWNESS)
            self.assertTrue(replies, 'no answer')
            return replies[0]
        return end

    def test_every_write(self):
        """The reply to any change shows what is settled: ACTIVE, or gone"""
        def ask(method, path, body, status):
            reply = self.call(method, path, body, preferring(30))
            self.assert_status(reply, status)
            self.assertEqual(reply.headers['Preference-Applied'], 'wait=30')
            if not reply.body:
                return None
            shown, = reply.body.values()
            self.assertEqual(shown['provisioning_status'], 'ACTIVE')
            self.assertEqual(
                self.rest.get('/loadbalancers/' + (
                    shown['loadbalancers'][0]['id']
                    if 'loadbalancers' in shown else lb_id or shown['id']))[
                        'provisioning_status'], 'ACTIVE')
            return shown['id']

        lb_id = None
        lb_id = ask('POST', '/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': self.stand.subnet['n1']}}, 201)
        lb = '/loadbalancers/' + lb_id
        listener = '/listeners/' + ask('POST', '/listeners', {'listener': {
            'loadbalancer_id': lb_id, 'protocol': 'TCP',
            'protocol_port': 80}}, 201)
        pool_id = ask('POST', '/pools', {'pool': {
            'listener_id': listener.split('/')[-1], 'protocol': 'TCP',
            'lb_algorithm': 'SOURCE_IP_PORT'}}, 201)
        pool = '/pools/' + pool_id
        member = f'{pool}/members/' + ask('POST', pool + '/members', {
            'member': {'address': '10.1.0.51', 'protocol_port': 80}}, 201)
        monitor = '/healthmonitors/' + ask('POST', '/healthmonitors', {
            'healthmonitor': {'pool_id': pool_id, 'type': 'TCP', 'delay': 5,
                              'timeout': 3, 'max_retries': 2}}, 201)
        for path in (lb, listener, pool, member, monitor):
            ask('PUT', path, {path.split('/')[-2][:-1]: {'name': 'new'}}, 200)
        ask('PUT', pool + '/members', {'members': [{
            'address': '10.1.0.52', 'protocol_port': 80}]}, 202)
        kept, = self.rest.get(pool + '/members')
        self.assertEqual((kept['address'], kept['provisioning_status']),
                         ('10.1.0.52', 'ACTIVE'))
        for path in (monitor, f'{pool}/members/{kept["id"]}', pool, listener,
                     lb):
            ask('DELETE', path, None, 204)
            self.assert_status(self.call('GET', path), 404)

    def test_waits(self):
        """It comes as soon as that, not later, and not before"""
        lb = self.make_lb()
        path = '/loadbalancers/' + lb['id']
        with self.frozen_driver():
            end = self.begin('PUT', path, {'loadbalancer': {'name': 'new'}})
            self.wait_settling(1)
            self.assertEqual(self.rest.get(path)['provisioning_status'],
                             'PENDING_UPDATE')
        reply = end()
        self.assert_status(reply, 200)
        self.assertEqual(reply.headers['Preference-Applied'], 'wait=60')
        self.assertEqual(reply.body['loadbalancer']['provisioning_status'],
                         'ACTIVE')
        self.assertEqual(self.settling(), 0)

    def test_time_is_over(self):
        """When the time is over, it is the ordinary reply"""
        lb = self.make_lb()
        path = '/loadbalancers/' + lb['id']
        with self.frozen_driver():
            reply = self.call('PUT', path, {'loadbalancer': {'name': 'new'}},
                              preferring(1))
            self.assert_status(reply, 200)
            self.assertNotIn('Preference-Applied', reply.headers)
            self.assertEqual(reply.body['loadbalancer'],
                             self.rest.get(path))
            self.assertEqual(reply.body['loadbalancer'][
                'provisioning_status'], 'PENDING_UPDATE')
        self.active(lb['id'])
        with self.frozen_driver():
            reply = self.call('DELETE', path, None, preferring(1))
            self.assert_status(reply, 204)
            self.assertNotIn('Preference-Applied', reply.headers)
            self.assertEqual(self.rest.get(path)['provisioning_status'],
                             'PENDING_DELETE')

    def test_not_preferred(self):
        """What is no wish to wait is no wait"""
        lb = self.make_lb()
        listener = self.make_listener(lb)
        path = '/listeners/' + listener['id']
        for value in ('wait=0', 'wait=ten', 'respond-async', 'return=minimal',
                      ''):
            with self.frozen_driver():
                reply = self.call('PUT', path, {'listener': {'name': 'new'}},
                                  {'Prefer': value})
                self.assert_status(reply, 200)
                self.assertNotIn('Preference-Applied', reply.headers)
                self.assertEqual(reply.body['listener'][
                    'provisioning_status'], 'PENDING_UPDATE')
            self.active(lb['id'])
        self.assert_status(self.call('PUT', path, {'listener': {'x': 1}},
                                     preferring(30)), 400)
        reply = self.call('GET', path, None, preferring(30))
        self.assert_status(reply, 200)
        self.assertNotIn('Preference-Applied', reply.headers)

    def test_error(self):
        """ERROR is settled, too"""
        lb = self.make_lb()
        path = '/loadbalancers/' + lb['id']
        with self.frozen_driver():
            end = self.begin('PUT', path, {'loadbalancer': {'name': 'new'}})
            self.wait_settling(1)
            self.set_state('loadbalancer', lb['id'], 'ERROR')
            reply = end()
        self.assert_status(reply, 200)
        self.assertEqual(reply.body['loadbalancer']['provisioning_status'],
                         'ERROR')
        self.assertEqual(reply.headers['Preference-Applied'], 'wait=60')

    def test_deleted_meanwhile(self):
        """An object that another request deletes meanwhile is not found"""
        lb = self.make_lb()
        listener = self.make_listener(lb)
        with self.frozen_driver():
            end = self.begin('PUT', '/listeners/' + listener['id'],
                             {'listener': {'name': 'new'}})
            self.wait_settling(1)
            self.set_row('listener', listener['id'], deleting=True)
            self.set_state('loadbalancer', lb['id'], 'ACTIVE')
            self.assert_status(end(), 200)
            self.assert_status(
                self.call('DELETE', f'/loadbalancers/{lb["id"]}?cascade=true'),
                204)
            end = self.begin('DELETE', '/listeners/' + listener['id'])
            self.assert_status(end(), 409)

    def test_leaving_client(self):
        """A client that leaves frees its place at once; one that has closed
        its own direction has its answer at once"""
        lb = self.make_lb()
        body = json.dumps({'loadbalancer': {'name': 'new'}})
        with self.frozen_driver():
            connection = http.client.HTTPConnection('127.0.0.1',
                                                    self.stand.api.port)
            connection.request(
                'PUT', f'{apitest.LBAAS}/loadbalancers/{lb["id"]}', body,
                {'Content-Type': 'application/json', **preferring(60)})
            self.wait_settling(1)
            connection.close()
            self.wait_settling(0)
        self.active(lb['id'])
        with self.frozen_driver():
            connection = http.client.HTTPConnection('127.0.0.1',
                                                    self.stand.api.port)
            connection.request(
                'PUT', f'{apitest.LBAAS}/loadbalancers/{lb["id"]}', body,
                {'Content-Type': 'application/json', **preferring(60)})
            self.wait_settling(1)
            connection.sock.shutdown(socket.SHUT_WR)
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200)
            self.assertIsNone(answer.getheader('Preference-Applied'))
            connection.close()
        self.active(lb['id'])

    def test_no_polling(self):
        """A request that waits wakes the API only when something changes"""
        lb = self.make_lb()
        with self.frozen_driver():
            end = self.begin('PUT', '/loadbalancers/' + lb['id'],
                             {'loadbalancer': {'name': 'new'}},
                             preferring(2))
            self.wait_settling(1)
            before = _switches(self.stand.api.process.pid)
            self.assert_status(end(), 200)
            self.assertLess(_switches(self.stand.api.process.pid) - before,
                            20)

    def test_stop(self):
        """An API that ends answers what waits, and the write is done"""
        lb = self.make_lb()
        path = '/loadbalancers/' + lb['id']
        api = self.start_own_api('api-ends')
        self.stand.wait_api(api)
        with self.frozen_driver():
            end = self.begin('PUT', path, {'loadbalancer': {'name': 'new'}},
                             api=api)
            self.wait_settling(1, api)
            api.stop()
            reply = end()
        self.assert_status(reply, 200)
        self.assertEqual(reply.body['loadbalancer']['name'], 'new')
        self.assertNotIn('Preference-Applied', reply.headers)
        self.assertEqual(self.active(lb['id'])['name'], 'new')

    def test_maximum(self):
        """The time is bounded by an option; 0 is no wait"""
        lb = self.make_lb()
        path = '/loadbalancers/' + lb['id']
        self.ask_own_api('api-short', '--prefer-wait-max=1')
        with self.frozen_driver():
            reply = self.call('PUT', path, {'loadbalancer': {'name': 'new'}},
                              preferring(60))
            self.assert_status(reply, 200)
            self.assertNotIn('Preference-Applied', reply.headers)
        self.active(lb['id'])
        self.ask_own_api('api-long', '--prefer-wait-max=50')
        reply = self.call('PUT', path, {'loadbalancer': {'name': 'new'}},
                          preferring(60))
        self.assertEqual(reply.headers['Preference-Applied'], 'wait=50')
        self.ask_own_api('api-none', '--prefer-wait-max=0')
        with self.frozen_driver():
            reply = self.call('PUT', path, {'loadbalancer': {'name': 'new'}},
                              preferring(60))
            self.assert_status(reply, 200)
            self.assertNotIn('Preference-Applied', reply.headers)
        self.active(lb['id'])
        for value in ('-1', 'x', '3601'):
            self.assertIn('prefer-wait-max',
                          self.refused_api(f'--prefer-wait-max={value}'))

    def test_crowd(self):
        """A crowd that waits leaves places for others: beyond a number the
        replies are the ordinary ones"""
        lb = self.make_lb()
        with self.frozen_driver(), self.stand.octavia.client() as db:
            found, = db.transact({'op': 'select', 'table': 'Load_Balancer',
                                  'where': [['_uuid', '==',
                                             ['uuid', lb['id']]]]})
            row = found['rows'][0]
            for column in ('_uuid', '_version'):
                del row[column]
            made = db.transact(*[
                {'op': 'insert', 'table': 'Load_Balancer', 'row': row}
                for _ in range(WAITING_MAX + 1)])
            ids = [result['uuid'][1] for result in made]
            wait.until(lambda: len(self.rest.get('/loadbalancers'))
                       == len(ids) + 1, 'the API has all of them', 10)
            crowd = []
            for key in ids[:-1]:
                crowd.append(http.client.HTTPConnection(
                    '127.0.0.1', self.stand.api.port))
                crowd[-1].request(
                    'PUT', f'{apitest.LBAAS}/loadbalancers/{key}',
                    '{"loadbalancer": {"name": "new"}}',
                    {'Content-Type': 'application/json', **preferring(60)})
            self.wait_settling(WAITING_MAX)
            reply = self.call('PUT', '/loadbalancers/' + ids[-1],
                              {'loadbalancer': {'name': 'new'}},
                              preferring(60))
            self.assert_status(reply, 200)
            self.assertNotIn('Preference-Applied', reply.headers)
            db.transact(*[{'op': 'delete', 'table': 'Load_Balancer',
                           'where': [['_uuid', '==', ['uuid', key]]]}
                          for key in ids])
            for connection in crowd:
                self.assertEqual(connection.getresponse().status, 404)
                connection.close()
            self.wait_settling(0)


def _switches(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        return int(re.search(r'^voluntary_ctxt_switches:\s+(\d+)',
                             file.read(), re.M).group(1))


if __name__ == '__main__':
    unittest.main()
