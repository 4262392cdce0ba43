#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Request ids: every answer has one, a client's is kept beside it, and both
are found again in the databases' logs."""

import re
import unittest

import apitest
import rawhttp
from lib import wait

OWN_ID = re.compile(r'req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
CLIENTS_ID = 'req-8f3c0000-0000-4000-8000-0000000000ab'


def own_id(reply):
    return reply.headers['x-openstack-request-id']


class RequestIds(apitest.ApiTest):

    def raw(self, data):
        with rawhttp.connect(self.stand.api.port) as sock:
            sock.sendall(data)
            return rawhttp.read_reply(sock)

    def test_every_answer(self):
        """answers that no handler has made have a request id, too"""
        refused = (
            (400, b'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'),
            (413, b'POST /v2.0/lbaas/pools HTTP/1.1\r\nHost: x\r\n'
                  b'Content-Length: 114689\r\n\r\n'),
            (413, b'POST /v2.0/lbaas/pools HTTP/1.1\r\nHost: x\r\n'
                  b'Transfer-Encoding: chunked\r\n\r\n1c001\r\n'
                  + b'x' * 0x1c001 + b'\r\n0\r\n\r\n'),
            (404, rawhttp.request('GET', '/nothing')),
            (200, rawhttp.request('OPTIONS', '/v2.0/lbaas/pools')))
        seen = set()
        for status, data in refused:
            found, headers, _ = self.raw(data)
            self.assertEqual(found, status)
            self.assertRegex(headers['x-openstack-request-id'],
                             f'^{OWN_ID.pattern}$')
            seen.add(headers['x-openstack-request-id'])
        self.assertEqual(len(seen), len(refused))

    def test_never_the_clients(self):
        """a client's own id is not that of the answer"""
        reply = self.call('GET', '/pools', headers={
            'X-Openstack-Request-Id': CLIENTS_ID})
        self.assertNotEqual(own_id(reply), CLIENTS_ID)

    def test_walk(self):
        """an id leads from the client to the logs of both databases"""
        lb = self.make_lb()
        path = '/loadbalancers/' + lb['id']
        reply = self.call('POST', '/listeners', {'listener': {
            'loadbalancer_id': lb['id'], 'protocol': 'TCP',
            'protocol_port': 80}}, {'X-Openstack-Request-Id': CLIENTS_ID})
        self.assert_status(reply, 201)
        self.active(lb['id'])
        self.assertIn(f'{own_id(reply)} of {CLIENTS_ID}: POST '
                      'lbaas/listeners', self.stand.octavia.show_log())

        pool = self.make_pool(lb, listener_id=reply.body['listener']['id'])
        reply = self.call('POST', f'/pools/{pool["id"]}/members', {'member': {
            'address': '10.1.0.51', 'protocol_port': 80}})
        self.active(lb['id'])
        self.assertIn(f'{own_id(reply)}: POST lbaas/pools/{{id}}/members',
                      self.stand.octavia.show_log())
        self.assertIn(f'ovn-octavia: load balancer {lb["id"]}, '
                      f'{own_id(reply)}', self.stand.nb.show_log())
        reply = self.call('DELETE', path + '?cascade=true')
        self.assert_status(reply, 204)
        self.wait_gone(path)
        self.assertIn(f'load balancer {lb["id"]}, {own_id(reply)}',
                      self.stand.nb.show_log())

    def test_ids_that_are_none(self):
        """what is no request id is not taken over"""
        project = 'f0' * 16
        for number, wrong in enumerate((
                'req-x', CLIENTS_ID.upper(), CLIENTS_ID.replace('8f', '8F'),
                CLIENTS_ID + '0', CLIENTS_ID[4:], CLIENTS_ID + '; drop', '')):
            reply = self.call(
                'PUT', '/quotas/' + project,
                {'quota': {'pool': number}},
                {'X-Openstack-Request-Id': wrong})
            self.assert_status(reply, 202)
            self.assertIn(f'{own_id(reply)}: PUT lbaas/quotas/{{id}}',
                          self.stand.octavia.show_log(), wrong)
        self.call('DELETE', '/quotas/' + project)

    def test_driver_says_it(self):
        """the driver's log names the request of a load balancer that fails
        """
        self.allow_log('refused the change')
        reply = self.call('POST', '/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': self.stand.subnet['full']}})
        self.assert_status(reply, 201)
        full = reply.body['loadbalancer']['id']
        reply = self.call('POST', '/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': self.stand.subnet['full']}})
        self.assertGreaterEqual(reply.status, 400)
        wait.until(lambda: own_id(reply) in self.stand.driver.log_text(),
                   'the driver names the request', 5, 0.01)
        self.call('DELETE', '/loadbalancers/' + full)
        self.wait_gone('/loadbalancers/' + full)


if __name__ == '__main__':
    unittest.main()
