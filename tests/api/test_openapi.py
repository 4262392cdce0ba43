#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The description of the API at /openapi.json: it is valid, it has all that
there is, and what the API answers is what it says."""

import os
import re
import unittest

import apitest
import fieldtables

from lib import daemons, openapi

ROUTES = os.path.join(daemons.REPO, 'src', 'api', 'routes.c')


def routes_of_source():
    """(method, path) of all routes that are written out in the table."""
    with open(ROUTES, encoding='utf-8') as file:
        text = file.read()
    names = dict(re.findall(r'#define (\w+) "([^"]*)"', text))
    for method, path in re.findall(r'\{ "([A-Z]+)", ((?:\w+|"[a-z][^"]*")'
                                   r'(?: "/[^"]*")?),', text):
        words = re.findall(r'"([^"]*)"|(\w+)', path)
        if all(quoted or name in names for quoted, name in words):
            yield method, ''.join(quoted or names[name]
                                  for quoted, name in words)


class OpenApi(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.description = openapi.Description.fetch(self.rest)
        self.document = self.description.document
        self.asked = set()
        self.complaints = []

    def ask(self, method, path, body=None, status=None):
        """A request whose answer is compared with the document."""
        reply = self.rest.request(method, path, body)
        if status:
            self.assert_status(reply, status)
        self.complaints += self.description.complaints(method, path, reply)
        found = self.description.find(method, path)
        if found and reply.status < 400:
            self.asked.add((found[0], method.lower()))
        return reply

    def test_valid(self):
        """The document is valid by OpenAPI's own schema"""
        self.assertEqual(openapi.complaints_of(openapi.meta_schema(),
                                               self.document), [])

    def test_references(self):
        """Each reference leads to something, and each name is used; no two
        calls have the same name; each id in a path is a parameter"""
        used = set(re.findall(r'"#/components/(\w+/[\w-]+)"', str(
            self.document).replace("'", '"')))
        there = {f'{kind}/{name}' for kind in ('schemas', 'parameters',
                                               'headers')
                 for name in self.document['components'][kind]}
        self.assertEqual(used - there, set())
        self.assertEqual(
            {name for name in there - used
             if not re.search('(Create|Update|Part|Amphora)$', name)}, set())
        ids = [operation['operationId'] for _, _, operation
               in self.description.operations()]
        self.assertEqual(len(ids), len(set(ids)))
        for path, _, operation in self.description.operations():
            self.assertEqual(
                re.findall(r'\{(\w+)\}', path),
                [parameter['name'] for parameter in operation['parameters']
                 if parameter.get('in') == 'path'])
            names = [parameter.get('name') or parameter['$ref']
                     for parameter in operation['parameters']]
            self.assertEqual(len(names), len(set(names)), path)

    def test_routes(self):
        """Each route of the table is there"""
        there = {(method.upper(), re.sub(r'\{[^}]*\}', '{id}', path))
                 for path, method, _ in self.description.operations()}
        routes = {(method, '/v2.0/' + path)
                  for method, path in routes_of_source()}
        self.assertGreater(len(routes), 50)
        self.assertEqual(routes - there, set())
        for word in ('networks', 'qos/policies', 'security-group-rules'):
            for method, rest in (('GET', ''), ('POST', ''), ('GET', '/{id}'),
                                 ('DELETE', '/{id}/tags/{id}')):
                self.assertIn((method, f'/v2.0/{word}{rest}'), there)
        for path in ('/', '/openapi.json'):
            self.assertIn(('GET', path), there)

    def test_fields(self):
        """Each attribute is there: in what is shown, in a POST, and in a PUT
        if it can be changed"""
        schemas = self.document['components']['schemas']
        for kind, name in (('loadbalancer', 'LoadBalancer'),
                           ('listener', 'Listener'), ('pool', 'Pool'),
                           ('member', 'Member'),
                           ('healthmonitor', 'HealthMonitor')):
            create = schemas[name + 'Create']
            update = schemas[name + 'Update']['properties']
            for field in fieldtables.TABLES[kind]:
                with self.subTest(f'{kind} {field.name}'):
                    self.assertEqual(field.name in create['properties'],
                                     field.post != '-')
                    self.assertEqual(field.name in create.get('required', ()),
                                     field.post == 'M')
                    self.assertEqual(
                        field.name in update,
                        field.null is not fieldtables.NO_PUT)

    def test_answers(self):
        """What the API answers, to a call of each kind, is what it says"""
        self.ask('GET', '/')
        self.ask('GET', '/openapi.json')
        lbaas = apitest.LBAAS
        lb = self.ask('POST', lbaas + '/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': self.stand.subnet['n1'], 'name': 'tree',
            'tags': ['a'],
            'listeners': [{'protocol': 'TCP', 'protocol_port': 80,
                           'default_pool': {'name': 'p'}}],
            'pools': [{
                'name': 'p', 'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP',
                'session_persistence': {'type': 'SOURCE_IP'},
                'healthmonitor': {'type': 'TCP', 'delay': 5, 'timeout': 3,
                                  'max_retries': 2},
                'members': [{'address': '10.1.0.51',
                             'protocol_port': 80}]}]}}, 201).body[
                                 'loadbalancer']
        self.active(lb['id'])
        dual = self.ask('POST', lbaas + '/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': self.stand.subnet['dual'],
            'additional_vips': [
                {'subnet_id': self.stand.subnet6['dual']}]}}, 201)
        self.ask('GET', lbaas + '/loadbalancers/'
                 + dual.body['loadbalancer']['id'], None, 200)
        pool = lb['pools'][0]
        members = f'/pools/{pool["id"]}/members'
        objects = (
            ('loadbalancer', '/loadbalancers/' + lb['id']),
            ('listener', '/listeners/' + lb['listeners'][0]['id']),
            ('pool', '/pools/' + pool['id']),
            ('member', f'{members}/{pool["members"][0]["id"]}'),
            ('healthmonitor', '/healthmonitors/'
             + pool['healthmonitor']['id']))
        for kind, path in objects:
            self.ask('GET', lbaas + path, None, 200)
            self.ask('GET', lbaas + path.rsplit('/', 1)[0] + '?limit=1', None,
                     200)
            self.ask('GET', f'{lbaas}{path}?fields=id', None, 200)
            self.ask('PUT', lbaas + path, {kind: {'name': 'new'}}, 200)
            self.active(lb['id'])
            self.ask('PUT', lbaas + path, {kind: {'nonsense': 1}}, 400)
        tree = f'/v2.0/ovn/loadbalancers/{lb["id"]}/tree'
        self.ask('GET', tree, None, 200)
        bare = {'loadbalancer': {'name': 'new', 'description': 'x', 'pools': [
            {'name': 'y', 'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP'}]}}
        self.ask('PUT', tree + '?dry-run=true', bare, 200)
        self.ask('PUT', tree + '?keep=true', bare, 200)
        self.active(lb['id'])
        for path in ('/status', '/statuses', '/stats', '/fault'):
            self.ask('GET', lbaas + objects[0][1] + path, None, 200)
        self.ask('GET', lbaas + objects[1][1] + '/stats', None, 200)
        self.ask('PUT', lbaas + objects[0][1] + '/failover', None, 501)
        for kind, path, body in (
                ('listener', '/listeners', {
                    'loadbalancer_id': lb['id'], 'protocol': 'UDP',
                    'protocol_port': 81}),
                ('pool', '/pools', {
                    'loadbalancer_id': lb['id'], 'protocol': 'UDP',
                    'lb_algorithm': 'SOURCE_IP_PORT'}),
                ('member', members, {'address': '10.1.0.52',
                                     'protocol_port': 80})):
            made = self.ask('POST', lbaas + path, {kind: body}, 201)
            self.active(lb['id'])
            if kind == 'pool':
                self.ask('POST', lbaas + '/healthmonitors', {
                    'healthmonitor': {
                        'pool_id': made.body['pool']['id'],
                        'type': 'UDP-CONNECT', 'delay': 5, 'timeout': 3,
                        'max_retries': 2}}, 201)
                self.active(lb['id'])
        self.ask('PUT', lbaas + members, {'members': [
            {'address': '10.1.0.51', 'protocol_port': 80}]}, 202)
        self.active(lb['id'])
        for _, path in reversed(objects):
            self.ask('DELETE', lbaas + path + (
                '?cascade=true' if 'loadb' in path else ''), None, 204)
            if 'loadb' not in path:
                self.active(lb['id'])
        self.ask_others()
        self.assertEqual(self.complaints, [])
        promised = {
            (path, method)
            for path, method, operation in self.description.operations()
            if set(operation['responses']) != {'default'}}
        self.assertEqual(promised - self.asked, set())

    def ask_others(self):
        """Calls about what is no load balancer."""
        lbaas = apitest.LBAAS
        for path in (*['/' + word for word in (
                'l7policies', 'flavors', 'flavorprofiles',
                'availabilityzones', 'availabilityzoneprofiles', 'providers',
                'quotas/defaults', 'quotas/described/default',
                'quotas/described')], ''):
            self.ask('GET', lbaas + path, None, 200)
        self.ask('PUT', lbaas + '/quotas/described', {'quota': {'pool': 7}},
                 202)
        self.ask('GET', lbaas + '/quotas', None, 200)
        self.ask('DELETE', lbaas + '/quotas/described', None, 202)
        for path in ('/v2.0/octavia', '/v2.0/octavia/amphorae',
                     '/v2.0/extensions', '/v2.0/extensions/router'):
            self.ask('GET', path, None, 200)
        self.ask('GET', '/v2.0/extensions/none', None, 404)
        self.ask('GET', lbaas + '/l7policies/' + apitest.NO_ID, None, 404)
        for path in ('networks', 'subnets', 'ports', 'floatingips', 'routers',
                     'qos/policies', 'security-groups',
                     'security-group-rules'):
            listed = self.ask('GET', '/v2.0/' + path, None, 200)
            objects = listed.body[path.split('/')[-1].replace('-', '_')]
            self.ask('POST', '/v2.0/' + path, {}, 403)
            if objects:
                one = f'/v2.0/{path}/{objects[0]["id"]}'
                self.ask('GET', one, None, 200)
                self.ask('GET', one + '/tags', None, 200)
            else:
                # There are none that could be asked for.
                for rest in ('', '/tags'):
                    found = self.description.find('GET',
                                                  f'/v2.0/{path}/x{rest}')
                    self.asked.add((found[0], 'get'))

    def test_without_a_token(self):
        """It is the same each time, may be kept, and is not sent twice"""
        reply = self.rest.request('GET', '/openapi.json')
        self.assertEqual(reply.headers['Cache-Control'], 'max-age=300')
        again = self.rest.request('GET', '/load-balancer/openapi.json')
        self.assertEqual((again.content, again.headers['ETag']),
                         (reply.content, reply.headers['ETag']))
        again = self.rest.request('GET', '/openapi.json', None, {
            'If-None-Match': reply.headers['ETag']})
        self.assertEqual((again.status, again.content), (304, b''))
        refused = self.rest.request('POST', '/openapi.json', {})
        self.assertEqual((refused.status, refused.headers['Allow']),
                         (405, 'GET'))


if __name__ == '__main__':
    unittest.main()
