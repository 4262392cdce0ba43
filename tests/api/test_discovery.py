#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a client learns before it asks for anything: versions, providers,
which headers every reply has."""

import re
import unittest

import apitest

# Facts, B.
VERSIONS = '''
v2.0 2016-12-11T00:00:00Z   v2.1 2018-04-20T00:00:00Z
v2.2 2018-07-31T00:00:00Z   v2.3 2018-12-18T00:00:00Z
v2.4 2018-12-19T00:00:00Z   v2.5 2019-01-21T00:00:00Z
v2.6 2019-01-25T00:00:00Z   v2.7 2018-01-25T12:00:00Z
v2.8 2019-02-12T00:00:00Z   v2.9 2019-03-04T00:00:00Z
v2.10 2019-03-05T00:00:00Z  v2.11 2019-06-24T00:00:00Z
v2.12 2019-09-11T00:00:00Z  v2.13 2019-09-13T00:00:00Z
v2.14 2019-11-10T00:00:00Z  v2.15 2020-03-10T00:00:00Z
v2.16 2020-03-15T00:00:00Z  v2.17 2020-04-29T00:00:00Z
v2.18 2020-04-29T01:00:00Z  v2.19 2020-05-12T00:00:00Z
v2.20 2020-08-02T00:00:00Z  v2.21 2020-09-03T00:00:00Z
v2.22 2020-09-04T00:00:00Z  v2.23 2020-09-07T00:00:00Z
v2.24 2020-10-15T00:00:00Z  v2.25 2021-10-02T00:00:00Z
v2.26 2022-08-29T00:00:00Z  v2.27 2023-05-05T00:00:00Z
v2.28 2023-11-08T00:00:00Z  v2.29 2024-10-15T00:00:00Z
v2.30 2025-02-26T00:00:00Z
'''.split()


class Versions(apitest.ApiTest):

    def test_document(self):
        """the document of versions is Octavia's, to the letter"""
        reply = self.rest.request('GET', '/')
        self.assert_status(reply, 200)
        self.assertEqual(reply.headers['Content-Type'], 'application/json')
        href = f'http://127.0.0.1:{self.stand.api.port}/v2'
        pairs = list(zip(VERSIONS[::2], VERSIONS[1::2]))
        self.assertEqual(reply.body, {'versions': [
            {'id': key, 'updated': updated,
             'status': 'CURRENT' if key == 'v2.30' else 'SUPPORTED',
             'links': [{'href': href, 'rel': 'self'}]}
            for key, updated in pairs]})

    def test_href_follows_host(self):
        """links of the document carry the Host that was asked"""
        reply = self.rest.request('GET', '/', headers={'Host': 'lb.test:81'})
        self.assertEqual({link['href'] for version in reply.body['versions']
                          for link in version['links']},
                         {'http://lb.test:81/v2'})

    def test_href_is_escaped(self):
        """a Host of strange letters does not break the document"""
        reply = self.rest.request('GET', '/', headers={'Host': 'a"b\\c'})
        self.assertIn(reply.status, (200, 400))
        self.assertIsNotNone(reply.body, reply)

    def test_behind_a_mount(self):
        """the document is at /load-balancer too, with links below it"""
        for path in ('/load-balancer', '/load-balancer/'):
            reply = self.rest.request('GET', path)
            self.assert_status(reply, 200)
            self.assertEqual(
                reply.body['versions'][0]['links'][0]['href'],
                f'http://127.0.0.1:{self.stand.api.port}/load-balancer/v2')

    def test_methods(self):
        """the document answers HEAD without a body, and even POST"""
        reply = self.rest.request('HEAD', '/')
        self.assertEqual((reply.status, reply.content), (200, b''))
        self.assertIn('versions', self.rest.request('POST', '/').body)

    def test_v2_roots(self):
        """the version roots answer with the word v2"""
        for path in ('/v2', '/v2.0', '/v2/', '/v2/lbaas', '/v2.0/lbaas'):
            with self.subTest(path):
                reply = self.rest.request('GET', path)
                self.assertEqual((reply.status, reply.body), (200, 'v2'))


class Others(apitest.ApiTest):

    def test_providers(self):
        """there is one provider, ovn, with a description and no links"""
        reply = self.call('GET', '/providers')
        self.assert_status(reply, 200)
        self.assertEqual(list(reply.body), ['providers'])
        provider, = reply.body['providers']
        self.assertEqual(sorted(provider), ['description', 'name'])
        self.assertEqual(provider['name'], 'ovn')

    def test_provider_fields(self):
        """fields of the providers can be chosen"""
        reply = self.call('GET', '/providers?fields=name')
        self.assertEqual(reply.body, {'providers': [{'name': 'ovn'}]})

    def test_request_id(self):
        """every reply has a request id of its own"""
        seen = set()
        for path in ('/loadbalancers', '/loadbalancers/x', '/bogus',
                     '/providers'):
            for method in ('GET', 'POST'):
                reply = self.call(method, path)
                seen.add(reply.headers['x-openstack-request-id'])
        self.assertEqual(len(seen), 8)
        for request_id in seen:
            self.assertRegex(request_id, re.compile(
                r'^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'))

    def test_options(self):
        """OPTIONS is 200 and empty everywhere"""
        for path in ('/loadbalancers', '/listeners/x', '/pools/x/members'):
            reply = self.call('OPTIONS', path)
            self.assertEqual((reply.status, reply.content), (200, b''))

    def test_unauthenticated_headers(self):
        """identity headers do no harm without authentication"""
        reply = self.call('GET', '/loadbalancers', headers={
            'X-Auth-Token': 'x', 'X-Roles': 'none', 'X-User-Id': '\xe9'})
        self.assert_status(reply, 200)


if __name__ == '__main__':
    unittest.main()
