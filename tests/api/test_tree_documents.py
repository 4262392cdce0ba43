#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""PUT of a load balancer with all its parts as one document."""

import copy
import unittest

import apitest


def member(host, port=80, **attributes):
    return {'address': f'10.1.0.{host}', 'protocol_port': port, **attributes}


MONITOR = {'type': 'TCP', 'delay': 5, 'timeout': 3, 'max_retries': 2}


def document():
    return {
        'name': 'web', 'description': 'first', 'tags': ['a', 'b'],
        'listeners': [
            {'name': 'http', 'protocol': 'TCP', 'protocol_port': 80,
             'default_pool': {'name': 'blue'}},
            {'name': 'dns', 'protocol': 'UDP', 'protocol_port': 53,
             'default_pool': {'name': 'names'}}],
        'pools': [
            {'name': 'blue', 'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP',
             'session_persistence': {'type': 'SOURCE_IP'},
             'healthmonitor': dict(MONITOR),
             'members': [member(51), member(52, weight=5)]},
            {'name': 'names', 'protocol': 'UDP',
             'lb_algorithm': 'SOURCE_IP_PORT', 'members': [member(53, 53)]}]}


class Trees(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.document = document()
        lb = self.rest.post('/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': self.stand.subnet['n1'], **self.document}})
        self.lb = self.active(lb['id'])
        self.path = f'/v2.0/ovn/loadbalancers/{lb["id"]}/tree'

    def tree(self):
        reply = self.rest.request('GET', self.path)
        self.assert_status(reply, 200)
        return reply.body['loadbalancer']

    def put(self, changed=None, arguments='', headers=None, status=200):
        reply = self.rest.request('PUT', self.path + arguments, {
            'loadbalancer': self.document if changed is None else changed},
                                  headers)
        self.assert_status(reply, status)
        return reply

    def settled(self, *args):
        """Puts the document and waits; returns the tree."""
        self.put(*args)
        self.active(self.lb['id'])
        return self.wait_quiet()

    def wait_quiet(self):
        """The tree, when all that is to be deleted is gone."""
        self.settle()
        return self.tree()

    def plan(self, changed=None, arguments=''):
        with self.nothing_changes():
            reply = self.put(changed, '?dry-run=true' + arguments)
        return [(item['action'], item['kind'], item['name'])
                for item in reply.body['plan']]

    def shape(self, tree):
        """What users have made of it."""
        names = {pool['id']: pool['name'] for pool in tree['pools']}
        return (
            tree['name'], tree['description'], sorted(tree['tags']),
            sorted((item['name'], item['protocol'], item['protocol_port'],
                    names.get(item['default_pool_id']))
                   for item in tree['listeners']),
            sorted((pool['name'], pool['protocol'], pool['lb_algorithm'],
                    (pool['session_persistence'] or {}).get('type'),
                    (pool['healthmonitor'] or {}).get('delay'),
                    sorted((item['address'], item['protocol_port'],
                            item['weight'], item['name'])
                           for item in pool['members']))
                   for pool in tree['pools']))

    def ids(self, tree):
        return ({item['name']: item['id'] for item in tree['listeners']},
                {pool['name']: (pool['id'], {
                    item['address']: item['id']
                    for item in pool['members']})
                 for pool in tree['pools']})

    def test_nothing(self):
        """A document that says what is there writes nothing"""
        before = self.tree()
        self.assertEqual(self.plan(), [])
        with self.nothing_changes():
            reply = self.put()
        self.assertEqual(reply.body['loadbalancer'], before)
        self.assertEqual(reply.headers['ETag'], self.rest.request(
            'GET', self.path).headers['ETag'])
        # And that which the load balancer was made by.
        self.document['vip_subnet_id'] = self.stand.subnet['n1']
        self.document['vip_address'] = self.lb['vip_address']
        self.assertEqual(self.plan(), [])

    def test_everything(self):
        """Parts are made, changed and deleted in one transaction; those that
        stay keep their ids; the plan says what will be"""
        before = self.ids(self.tree())
        changed = document()
        changed['description'] = 'second'
        del changed['tags']
        changed['listeners'][0]['default_pool'] = {'name': 'green'}
        changed['listeners'][1] = {
            'name': 'https', 'protocol': 'TCP', 'protocol_port': 443,
            'default_pool': {'name': 'blue'}}
        changed['pools'][0]['members'] = [
            member(52, weight=7), member(54, name='new')]
        changed['pools'][0]['healthmonitor']['delay'] = 9
        changed['pools'][1] = {
            'name': 'green', 'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP',
            'healthmonitor': dict(MONITOR), 'members': [member(55)]}
        self.assertEqual(sorted(self.plan(changed)), sorted([
            ('update', 'loadbalancer', 'web'),
            ('update', 'listener', 'http'), ('create', 'listener', 'https'),
            ('delete', 'listener', 'dns'),
            ('update', 'healthmonitor', ''), ('update', 'member', ''),
            ('create', 'member', 'new'), ('delete', 'member', ''),
            ('create', 'pool', 'green'), ('create', 'healthmonitor', ''),
            ('create', 'member', ''), ('delete', 'pool', 'names')]))
        with self.frozen_driver():
            reply = self.put(changed)
            self.assertEqual(reply.body['loadbalancer'], self.tree())
            states = {
                item['name']: item['provisioning_status']
                for item in (self.tree()['listeners']
                             + self.tree()['pools'])}
            self.assertEqual(states, {
                'http': 'PENDING_UPDATE', 'https': 'PENDING_CREATE',
                'dns': 'PENDING_DELETE', 'blue': 'PENDING_UPDATE',
                'green': 'PENDING_CREATE', 'names': 'PENDING_DELETE'})
            self.put(changed, status=409)
        self.active(self.lb['id'])
        tree = self.wait_quiet()
        self.assertEqual(self.shape(tree), (
            'web', 'second', [],
            [('http', 'TCP', 80, 'green'), ('https', 'TCP', 443, 'blue')],
            [('blue', 'TCP', 'SOURCE_IP', 'SOURCE_IP', 9,
              [('10.1.0.52', 80, 7, ''), ('10.1.0.54', 80, 1, 'new')]),
             ('green', 'TCP', 'SOURCE_IP', None, 5,
              [('10.1.0.55', 80, 1, '')])]))
        after = self.ids(tree)
        self.assertEqual(after[0]['http'], before[0]['http'])
        self.assertEqual(after[1]['blue'][0], before[1]['blue'][0])
        self.assertEqual(after[1]['blue'][1]['10.1.0.52'],
                         before[1]['blue'][1]['10.1.0.52'])
        self.assertEqual(self.plan(changed), [])
        # And back.
        self.assertEqual(self.shape(self.settled()),
                         self.shape({**tree, **self.settled()}))
        self.assertEqual(self.plan(), [])

    def test_all_gone(self):
        """A document without parts leaves none, and defaults"""
        self.assertEqual(self.shape(self.settled({'name': 'bare'})),
                         ('bare', '', [], [], []))

    def test_parts_of_pools(self):
        """A pool loses its monitor, its persistence and its members"""
        for name in ('healthmonitor', 'session_persistence', 'members'):
            del self.document['pools'][0][name]
        tree = self.settled()
        self.assertEqual(self.shape(tree)[4][0],
                         ('blue', 'TCP', 'SOURCE_IP', None, None, []))
        listener = self.document['listeners'][0]
        del listener['default_pool']
        tree = self.settled()
        self.assertEqual(self.shape(tree)[3][1],
                         ('http', 'TCP', 80, None))

    def test_keep(self):
        """With keep, what the document does not have stays"""
        before = self.shape(self.tree())
        changed = {'name': 'web', 'description': 'first', 'tags': ['a', 'b'],
                   'pools': [{'name': 'blue', 'protocol': 'TCP',
                              'lb_algorithm': 'SOURCE_IP',
                              'session_persistence': {'type': 'SOURCE_IP'},
                              'members': [member(54)]}]}
        self.assertEqual(self.plan(changed, '&keep=true'),
                         [('create', 'member', '')])
        tree = self.settled(changed, '?keep=true')
        blue = before[4][0]
        self.assertEqual(self.shape(tree), (*before[:4], [
            (*blue[:5], sorted([*blue[5], ('10.1.0.54', 80, 1, '')])),
            before[4][1]]))

    def test_refused(self):
        """One part that is refused is the end of all, with the text that it
        would have alone"""
        cases = (
            (('pools', 0, 'members', 0, 'address'), '10.1.0.300', 400,
             'address'),
            (('pools', 0, 'members', 0, 'address'), '127.0.0.1', 400, ''),
            (('pools', 0, 'members', 0, 'address'),
             self.lb['vip_address'], 400, ''),
            (('pools', 0, 'members', 0, 'weight'), 300, 400, 'weight'),
            (('pools', 0, 'lb_algorithm'), 'LEAST_CONNECTIONS', 501,
             'LEAST_CONNECTIONS'),
            (('pools', 0, 'protocol'), 'UDP', 400, ''),
            (('pools', 0, 'healthmonitor', 'type'), 'HTTP', 400, 'type'),
            (('pools', 0, 'healthmonitor', 'delay'), 0, 501, 'delay'),
            (('pools', 1, 'name'), 'blue', 400, 'unique'),
            (('listeners', 0, 'protocol_port'), 70000, 400, 'protocol_port'),
            (('listeners', 0, 'connection_limit'), 5, 501,
             'connection_limit'),
            (('listeners', 0, 'allowed_cidrs'), ['fd00::/8'], 400, 'fd00'),
            (('listeners', 0, 'default_pool', 'name'), 'none', 400, 'none'),
            (('listeners', 0, 'nonsense'), 1, 400, 'nonsense'),
            (('vip_subnet_id',), self.stand.subnet['n2'], 400,
             'vip_subnet_id'),
            (('additional_vips',), [{'subnet_id': self.stand.subnet['n2']}],
             400, 'additional_vips'),
            (('provider',), 'other', 400, 'provider'))
        for place, value, status, text in cases:
            with self.subTest(place), self.nothing_changes():
                changed = document()
                changed['description'] = 'second'
                inner = changed
                for word in place[:-1]:
                    inner = inner[word]
                inner[place[-1]] = value
                reply = self.put(changed, status=status)
                self.assertIn(text, reply.fault)
                self.put(changed, '?dry-run=true', status=status)
        self.put(arguments='?nonsense=1', status=400)
        for body in ({}, {'loadbalancer': []}, {'listener': {}}):
            self.assert_status(self.rest.request('PUT', self.path, body), 400)
        self.assert_status(self.rest.request(
            'PUT', self.path.replace(self.lb['id'], apitest.NO_ID),
            {'loadbalancer': {}}), 404)
        self.assert_status(self.rest.request('POST', self.path, {}), 405)

    def test_tag(self):
        """The tag is that of all parts: a change of any is noticed"""
        tag = self.rest.request('GET', self.path).headers['ETag']
        pool = next(pool for pool in self.tree()['pools']
                    if pool['name'] == 'blue')
        path = f'/pools/{pool["id"]}/members/{pool["members"][0]["id"]}'
        self.rest.put(path, {'member': {'weight': 9}})
        self.active(self.lb['id'])
        with self.nothing_changes():
            self.put(headers={'If-Match': tag}, status=412)
            self.put(arguments='?dry-run=true', headers={'If-Match': tag},
                     status=412)
        tag = self.rest.request('GET', self.path).headers['ETag']
        reply = self.put(headers={'If-Match': tag, 'Prefer': 'wait=30'})
        self.assertEqual(reply.headers['Preference-Applied'], 'wait=30')
        tree = reply.body['loadbalancer']
        self.assertEqual(tree['provisioning_status'], 'ACTIVE')
        self.assertEqual(reply.headers['ETag'], self.rest.request(
            'GET', self.path).headers['ETag'])
        self.assert_status(self.rest.request('GET', self.path, None, {
            'If-None-Match': reply.headers['ETag']}), 304)

    def test_large(self):
        """A pool with many members is changed as a whole"""
        changed = copy.deepcopy(self.document)
        changed['pools'][0]['members'] = [
            member(51, 1000 + i) for i in range(500)]
        self.put(changed, headers={'Prefer': 'wait=60'})
        self.assertEqual(self.plan(changed), [])
        changed['pools'][0]['members'] = [
            member(51, 1000 + i, weight=2) for i in range(100, 600)]
        plan = self.plan(changed)
        self.assertEqual([sum(item[0] == action for item in plan)
                          for action in ('create', 'update', 'delete')],
                         [100, 400, 100])


if __name__ == '__main__':
    unittest.main()
