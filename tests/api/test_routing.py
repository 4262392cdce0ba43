#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Paths, methods and media types: as in Octavia, except where Octavia answers
with 500, or takes a misspelt path for another one."""

import unittest

import apitest

LB = '/v2.0/lbaas/loadbalancers'
NOT_FOUND = {'code': 404, 'title': 'Not Found', 'description': ''}


class Paths(apitest.ApiTest):

    def test_spellings(self):
        """all spellings of a path that Octavia knows lead to the list"""
        for path in (LB, '/v2/lbaas/loadbalancers', '/v2/loadbalancers',
                     '/v2.0/loadbalancers', LB + '/', LB + '//',
                     '/v2.0//lbaas///loadbalancers', '//v2.0/loadbalancers',
                     LB + '.json', '/v2/loadbalancers.json',
                     '/load-balancer' + LB, '/load-balancer/v2/loadbalancers',
                     '/load-balancer//v2.0/lbaas/loadbalancers/'):
            with self.subTest(path):
                reply = self.rest.request('GET', path)
                self.assert_status(reply, 200)
                self.assertEqual(reply.body, {'loadbalancers': [],
                                              'loadbalancers_links': []})

    def test_object_spellings(self):
        """an object is found under all spellings of its path"""
        lb, listener, pool, member = self.make_tree()
        for path, key in (
                (f'/v2/loadbalancers/{lb["id"]}', 'loadbalancer'),
                (f'{LB}/{lb["id"]}.json', 'loadbalancer'),
                (f'{LB}/{lb["id"]}/', 'loadbalancer'),
                (f'/v2/listeners/{listener["id"]}.json', 'listener'),
                (f'/v2/pools//{pool["id"]}', 'pool'),
                (f'/v2/pools/{pool["id"]}/members/{member["id"]}/', 'member'),
                (f'/load-balancer/v2.0/lbaas/pools/{pool["id"]}/members/'
                 f'{member["id"]}', 'member'),
                (f'/v2/pools/{pool["id"]}/members.json', 'members')):
            with self.subTest(path):
                reply = self.rest.request('GET', path)
                self.assert_status(reply, 200)
                self.assertIn(key, reply.body)

    def test_no_such_path(self):
        """unknown paths are 404 in the router's shape"""
        for path in ('/v2.0/lbaas/bogus', '/v2.0/bogus', '/v2.0/lbaas/lbaas',
                     '/v2.0/lbaas/lbaas/loadbalancers',
                     '/v2.0/octavia/loadbalancers', '/v2.0/lbaas/networks',
                     '/v2.0/lbaas/Loadbalancers', '/v2.0/LBAAS/pools',
                     '/v2.0/lbaas/loadbalancer', '/v2.0/lbaas/members',
                     '/v2.0/load-balancer/loadbalancers',
                     '/v2.0/lbaas/loadbalancers.xml',
                     '/v2.0/v2.0/loadbalancers', '/v2.0/lbaas/amphorae',
                     '/v2.0/pools/x/y/z', '/v2.0/a/b/c/d/e/f/g/h/i'):
            with self.subTest(path):
                reply = self.rest.request('GET', path)
                self.assertEqual((reply.status, reply.body),
                                 (404, NOT_FOUND))

    def test_no_such_top(self):
        """unknown top-level paths are 404 with a null description"""
        for path in ('/bogus', '/V2.0/lbaas/loadbalancers', '/v1',
                     '/v2.1/lbaas/loadbalancers', '/lbaas/loadbalancers',
                     '/load-balancer/load-balancer/v2', '/v2.0.json/x'):
            with self.subTest(path):
                reply = self.rest.request('GET', path)
                self.assertEqual((reply.status, reply.body), (
                    404, {**NOT_FOUND, 'description': None}))

    def test_behind_an_object(self):
        """a path that goes on behind an object is 404, not the object"""
        lb, listener, pool, member = self.make_tree()
        for path in (f'{LB}/{lb["id"]}/bogus', f'{LB}/{lb["id"]}/name',
                     f'/v2/pools/{pool["id"]}/bogus',
                     f'/v2/listeners/{listener["id"]}/bogus',
                     f'/v2/pools/{pool["id"]}/members/{member["id"]}/x',
                     f'/v2.0/lbaas/pools/{pool["id"]}/members/'
                     f'{member["id"]}/x',
                     f'{LB}/{lb["id"]}/status/x'):
            with self.subTest(path):
                reply = self.rest.request('GET', path)
                self.assertEqual((reply.status, reply.body),
                                 (404, NOT_FOUND))


class Methods(apitest.ApiTest):

    def assert_not_allowed(self, reply, allowed):
        self.assertEqual((reply.status, reply.body), (
            405, {'code': 405, 'title': 'Method Not Allowed',
                  'description': ''}))
        self.assertEqual(
            {word.strip() for word in reply.headers['Allow'].split(',')},
            allowed)

    def test_collections(self):
        """PATCH and unknown methods on collections are 405"""
        for path in ('/loadbalancers', '/listeners', '/pools'):
            for method in ('PATCH', 'TRACE', 'FOO'):
                with self.subTest(path, method=method):
                    reply = self.call(method, path)
                    self.assert_not_allowed(
                        reply, {'DELETE', 'GET', 'POST', 'PUT'})

    def test_head(self):
        """HEAD is 405 on a resource"""
        for path in ('/loadbalancers', '/pools', '/listeners/x'):
            reply = self.call('HEAD', path)
            self.assertEqual((reply.status, reply.content), (405, b''))

    def test_objects(self):
        """methods that an object does not have are 405 with an Allow"""
        lb, listener, pool, member = self.make_tree()
        with self.nothing_changes():
            for method, path in (
                    ('PATCH', f'/loadbalancers/{lb["id"]}'),
                    ('PATCH', f'/listeners/{listener["id"]}'),
                    ('PATCH', f'/pools/{pool["id"]}/members/{member["id"]}'),
                    ('PUT', f'/loadbalancers/{lb["id"]}/status'),
                    ('POST', f'/loadbalancers/{lb["id"]}/status'),
                    ('DELETE', f'/loadbalancers/{lb["id"]}/statuses')):
                with self.subTest(path, method=method):
                    reply = self.call(method, path, {})
                    self.assertEqual(reply.status, 405, reply)
                    self.assertIn('GET', reply.headers['Allow'])

    def test_collection_without_id(self):
        """PUT and DELETE of a whole collection miss the id"""
        for path in ('/loadbalancers', '/listeners', '/pools'):
            for method in ('PUT', 'DELETE'):
                with self.subTest(path, method=method):
                    self.assert_fault(self.call(method, path), 400,
                                      'Missing argument: "id"')

    def test_network_reads_only(self):
        """what Neutron does not do with networks, subnets and ports is 405"""
        for path in ('networks', 'subnets', 'ports'):
            for method in ('PUT', 'DELETE', 'PATCH'):
                reply = self.rest.request(method, '/v2.0/' + path, {})
                self.assertEqual(reply.status, 405, reply)
                self.assertEqual(reply.headers['Allow'], 'GET, POST')


class MediaTypes(apitest.ApiTest):

    def test_accepted(self):
        """every Accept that includes JSON is accepted"""
        for accept in ('application/json', '*/*', '', 'application/*',
                       'text/html, application/json;q=0.9',
                       'text/html,*/*;q=0.1', 'APPLICATION/JSON'):
            with self.subTest(accept):
                reply = self.call('GET', '/loadbalancers',
                                  headers={'Accept': accept})
                self.assert_status(reply, 200)

    def test_not_acceptable(self):
        """an Accept that excludes JSON is 406"""
        for accept in ('text/html', 'application/xml', 'image/*',
                       'application/json;q=0', 'application/jsonx'):
            with self.subTest(accept):
                reply = self.call('GET', '/loadbalancers',
                                  headers={'Accept': accept})
                self.assertEqual((reply.status, reply.body), (406, {
                    'code': 406, 'title': 'Not Acceptable', 'description':
                    'Only content type application/json is accepted.'}))

    def test_body_types(self):
        """bodies must be JSON and say so"""
        body = '{"loadbalancer": {}}'
        with self.nothing_changes():
            for kind in ('text/plain', 'application/xml',
                         'application/jsonx'):
                reply = self.call('POST', '/loadbalancers', body,
                                  {'Content-Type': kind})
                self.assert_fault(reply, 415, f'Unknown mimetype: {kind}')
            reply = self.call('POST', '/loadbalancers', 'a=b', {
                'Content-Type': 'application/x-www-form-urlencoded'})
            self.assert_fault(reply, 400, 'Unknown argument: "a"')

    def test_json_with_charset(self):
        """JSON may come with parameters and in capitals"""
        for kind in ('application/json; charset=utf-8',
                     'Application/JSON;charset=UTF-8'):
            reply = self.call('POST', '/loadbalancers',
                              '{"loadbalancer": {"bogus": 1}}',
                              {'Content-Type': kind})
            self.assert_fault(reply, 400, 'Unknown attribute for argument '
                              'load_balancer.loadbalancer: bogus')

    def test_url_arguments(self):
        """writes refuse arguments in the URL"""
        lb, listener, pool, member = self.make_tree()
        members = f'/pools/{pool["id"]}/members'
        with self.nothing_changes():
            for method, path in (
                    ('POST', '/loadbalancers'), ('POST', '/listeners'),
                    ('POST', '/pools'), ('POST', members),
                    ('PUT', f'/loadbalancers/{lb["id"]}'),
                    ('PUT', f'/listeners/{listener["id"]}'),
                    ('PUT', f'/pools/{pool["id"]}'),
                    ('PUT', f'{members}/{member["id"]}'),
                    ('DELETE', f'/loadbalancers/{lb["id"]}'),
                    ('DELETE', f'/listeners/{listener["id"]}'),
                    ('DELETE', f'/pools/{pool["id"]}'),
                    ('DELETE', f'{members}/{member["id"]}')):
                with self.subTest(path, method=method):
                    reply = self.call(method, path + '?x=1')
                    self.assert_fault(reply, 400, 'Unknown argument: "x"')

    def test_empty_reply(self):
        """a reply without content has no type and says its length"""
        lb = self.make_lb()
        reply = self.call('DELETE', f'/loadbalancers/{lb["id"]}')
        self.assertEqual((reply.status, reply.content), (204, b''))
        self.assertNotIn('Content-Type', reply.headers)
        self.assertEqual(reply.headers.get('Content-Length', '0'), '0')


if __name__ == '__main__':
    unittest.main()
