#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Who may do what: roles, and the projects of all objects that a request
names, with the roles of a real Keystone."""

import unittest

from apitest import NO_ID
from authtest import AuthTest, LEGACY
from lib import wait

# What the roles may, as HTTP codes.  501: it was allowed to ask for a
# failover, which OVN does not have.
CALLS = ('list', 'list of another project', 'show', "show another's",
         'statuses', 'update', "update another's", 'failover', 'providers',
         'create', 'create for another', "another's members", 'networks')
NOTHING = (403,) * len(CALLS)
READS = (200, 403, 200, 403, 200, 403, 403, 403, 200, 403, 403, 403, 403)
WRITES = (200, 403, 200, 403, 200, 200, 403, 403, 200, 400, 403, 403, 403)
SERVES = (403,) * 11 + (200, 403)
OBSERVES = (200, 200, 200, 200, 200, 403, 403, 403, 200, 403, 403, 200, 200)
RULES = (200, 200, 200, 200, 200, 200, 200, 501, 200, 400, 400, 200, 200)

DEFAULTS = {'admin': RULES, 'member': WRITES, 'reader': READS,
            'service': SERVES, 'manager': NOTHING,
            **{role: NOTHING for role in LEGACY}}
LEGACIES = {**DEFAULTS, 'load-balancer_admin': RULES,
            'load-balancer_global_observer': OBSERVES,
            'load-balancer_member': WRITES, 'load-balancer_observer': READS,
            'load-balancer_quota_admin': NOTHING}


class PolicyTest(AuthTest):
    """Has a tree of objects for each of two projects."""

    def make(self, project):
        lb = self.make_lb(project_id=self.door.project(project))
        listener = self.make_listener(lb, default_pool_id=None)
        pool = self.make_pool(lb)
        tree = {'lb': lb, 'listener': listener, 'pool': pool,
                'member': self.make_member(lb, pool),
                'monitor': self.make_monitor(lb, pool)}
        self.wait_known(tree)
        return tree

    def wait_known(self, *trees, api=None):
        """Waits until they are ACTIVE, and both APIs know it: who asks
        through one may not have heard yet of what the other did."""
        token = self.door.token('admin')
        for tree in trees:
            path = '/loadbalancers/' + tree['lb']['id']

            def is_known(path=path):
                reply = self.ask('GET', path, token=token, api=api)
                lb = reply.body.get('loadbalancer')
                return (lb == self.rest.get(path)
                        and lb['provisioning_status'] == 'ACTIVE')
            wait.until(is_known, f'both have {path} ACTIVE', 10, 0.002)


class Roles(PolicyTest):
    """The table of roles."""

    def run_calls(self, role, mine, other, api):
        token = self.door.token(role)
        other_project = self.door.project('other')

        def ask(method, path, body=None, prefix=None):
            return self.ask(method, path, body, token, api=api).status
        self.wait_known(mine, other, api=api)
        update = {'loadbalancer': {'description': role}}
        own, others = (f'/loadbalancers/{tree["lb"]["id"]}'
                       for tree in (mine, other))
        result = [
            ask('GET', '/loadbalancers'),
            ask('GET', f'/loadbalancers?project_id={other_project}'),
            ask('GET', own), ask('GET', others), ask('GET', own + '/status'),
            ask('PUT', own, update)]
        self.wait_known(mine, api=api)
        result.append(ask('PUT', others, update))
        self.wait_known(other, api=api)
        result += [
            ask('PUT', own + '/failover'), ask('GET', '/providers'),
            # Allowed, but there is no VIP in it.
            ask('POST', '/loadbalancers', {'loadbalancer': {}}),
            ask('POST', '/loadbalancers', {'loadbalancer': {
                'project_id': other_project}}),
            ask('GET', f'/pools/{other["pool"]["id"]}/members'),
            self.networks(token, api)]
        return tuple(result)

    def networks(self, token, api):
        with_token = {'X-Auth-Token': token}
        rest = type(self.door_rest)(api.port)
        try:
            statuses = {rest.request('GET', '/v2.0/' + path,
                                     headers=with_token).status
                        for path in (
                            'networks', 'subnets', 'ports', 'floatingips',
                            'security-groups', 'security-group-rules',
                            'routers', 'qos/policies',
                            f'networks/{self.stand.network["n1"]}',
                            f'subnets/{self.stand.subnet["n1"]}',
                            f'ports/{self.stand.port["host"]}')}
        finally:
            rest.close()
        return statuses.pop() if len(statuses) == 1 else statuses

    def check(self, api, expected):
        mine, other = self.make('mine'), self.make('other')
        for role, statuses in expected.items():
            with self.subTest(role):
                self.assertEqual(
                    dict(zip(CALLS, self.run_calls(role, mine, other, api))),
                    dict(zip(CALLS, statuses)))

    def test_defaults(self):
        """Each role may what Octavia's policies say."""
        self.check(self.door.api, DEFAULTS)

    def test_legacy_roles(self):
        """The roles of before count as well, if they are to."""
        self.check(self.door.legacy, LEGACIES)


class Projects(PolicyTest):
    """Nobody gets at what belongs to others."""

    def setUp(self):
        super().setUp()
        self.mine = self.make('mine')
        self.other = self.make('other')
        self.token = self.door.token('member')

    def as_member(self, method, path, body=None):
        return self.ask(method, path, body, self.token)

    def path(self, tree, kind):
        return {'lb': f'/loadbalancers/{tree["lb"]["id"]}',
                'listener': f'/listeners/{tree["listener"]["id"]}',
                'pool': f'/pools/{tree["pool"]["id"]}',
                'member': f'/pools/{tree["pool"]["id"]}/members/'
                          f'{tree["member"]["id"]}',
                'monitor': f'/healthmonitors/{tree["monitor"]["id"]}'}[kind]

    def test_paths(self):
        """What a path names is the caller's, or refused."""
        keys = {'lb': 'loadbalancer', 'monitor': 'healthmonitor'}
        with self.nothing_changes():
            for kind in self.other:
                path = self.path(self.other, kind)
                key = keys.get(kind, kind)
                self.assert_forbidden(self.as_member('GET', path))
                self.assert_forbidden(self.as_member('DELETE', path))
                self.assert_forbidden(self.as_member('PUT', path, {
                    key: {'name': 'taken over'}}))
            path = self.path(self.other, 'lb')
            for reply in (
                    self.as_member('GET', path + '/status'),
                    self.as_member('GET', path + '/statuses'),
                    self.as_member('PUT', path + '/failover'),
                    self.as_member('DELETE', path + '?cascade=true'),
                    self.as_member('GET', self.path(self.other, 'pool')
                                   + '/members'),
                    *[self.as_member('PUT', self.path(self.other, 'pool')
                                     + '/members' + query, {'members': [
                                         {'address': '10.1.0.9',
                                          'protocol_port': 1,
                                          'subnet_id': NO_ID}]})
                      for query in ('', '?additive_only=true')]):
                self.assert_forbidden(reply)
        for kind in self.mine:
            self.assert_status(self.as_member(
                'GET', self.path(self.mine, kind)), 200)

    def test_bodies(self):
        """What a body names is the caller's, or refused."""
        mine, other = self.mine, self.other
        listener = {'protocol': 'TCP', 'protocol_port': 99}
        pool = {'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP_PORT'}
        monitor = {'type': 'TCP', 'delay': 5, 'timeout': 3, 'max_retries': 2}
        member = {'address': '10.1.0.51', 'protocol_port': 80}
        own_lb = {'loadbalancer_id': mine['lb']['id']}
        others_lb = {'loadbalancer_id': other['lb']['id']}
        with self.nothing_changes():
            for path, body in (
                    ('/listeners', {'listener': {**listener, **others_lb}}),
                    ('/pools', {'pool': {**pool, **others_lb}}),
                    ('/pools', {'pool': {
                        **pool, 'listener_id': other['listener']['id']}}),
                    ('/pools', {'pool': {
                        **pool, **others_lb,
                        'listener_id': other['listener']['id']}}),
                    ('/healthmonitors', {'healthmonitor': {
                        **monitor, 'pool_id': other['pool']['id']}}),
                    (self.path(other, 'pool') + '/members',
                     {'member': member}),
                    # Not even whether there is such a subnet.
                    (self.path(other, 'pool') + '/members',
                     {'member': {**member, 'subnet_id': NO_ID}}),
                    ('/loadbalancers', {'loadbalancer': {
                        'vip_subnet_id': self.stand.subnet['n1'],
                        'project_id': self.door.project('other')}}),
                    ('/loadbalancers', {'loadbalancer': {
                        'vip_subnet_id': NO_ID,
                        'project_id': self.door.project('mine'),
                        'tenant_id': self.door.project('other')}})):
                with self.subTest(body):
                    self.assert_forbidden(self.as_member('POST', path, body))

            # Others' parts are as if they were not there.
            for method, path, body in (
                    ('POST', '/listeners', {'listener': {
                        **listener, **own_lb,
                        'default_pool_id': other['pool']['id']}}),
                    ('PUT', self.path(mine, 'listener'), {'listener': {
                        'default_pool_id': other['pool']['id']}}),
                    ('POST', '/pools', {'pool': {
                        **pool, **own_lb,
                        'listener_id': other['listener']['id']}})):
                with self.subTest(body):
                    self.assert_status(self.as_member(method, path, body),
                                       404)

    def test_crossed_paths(self):
        """A part must be one of the parent in the path."""
        mine, other = self.mine, self.other
        with self.nothing_changes():
            for pool, member in ((mine, other), (other, mine)):
                path = (self.path(pool, 'pool') + '/members/'
                        + member['member']['id'])
                for reply in (self.as_member('GET', path),
                              self.as_member('DELETE', path),
                              self.as_member('PUT', path, {'member': {
                                  'weight': 7}})):
                    self.assert_status(reply, 404)

    def test_what_is_missing_comes_first(self):
        """What is not there is 404 for everybody, as in Octavia."""
        token = self.door.token('reader')
        for path in ('/loadbalancers', '/listeners', '/pools',
                     '/healthmonitors', '/pools/' + self.mine['pool']['id']
                     + '/members'):
            for method in ('GET', 'DELETE'):
                self.assert_status(self.ask(method, f'{path}/{NO_ID}',
                                            token=token), 404)

    def test_lists(self):
        """Lists have the caller's own objects only, whatever he asks."""
        other_project = self.door.project('other')
        names = {'lb': 'loadbalancers', 'listener': 'listeners',
                 'pool': 'pools', 'monitor': 'healthmonitors'}
        for kind, plural in names.items():
            own = self.mine[kind]['id']
            others = self.other[kind]['id']
            for query, expected in (
                    ('', [own]), (f'?id={own}', [own]), (f'?id={others}', []),
                    ('?limit=1', [own]),
                    (f'?project_id={self.door.project("mine")}', [own]),
                    ('?page_reverse=True', [own])):
                with self.subTest(plural + query):
                    reply = self.as_member('GET', f'/{plural}{query}')
                    self.assert_status(reply, 200)
                    self.assertEqual([item['id'] for item
                                      in reply.body[plural]], expected)
            self.assert_forbidden(self.as_member(
                'GET', f'/{plural}?project_id={other_project}'))
            # Not even whether a marker is there.
            for marker in (others, NO_ID):
                reply = self.as_member('GET', f'/{plural}?marker={marker}')
                self.assert_fault(reply, 400, 'Supplied pagination marker '
                                  f"'{marker}' is not valid.")

            everything = self.ask('GET', '/' + plural,
                                  token=self.door.token('admin'))
            self.assertEqual({item['id'] for item
                              in everything.body[plural]}, {own, others})

    def test_links(self):
        """Pages of a list lead through the caller's objects only."""
        again = self.make('mine')
        seen, path = [], '/loadbalancers?limit=1'
        while path:
            reply = self.as_member('GET', path)
            self.assert_status(reply, 200)
            seen += [item['id'] for item in reply.body['loadbalancers']]
            links = {link['rel']: link['href'] for link
                     in reply.body['loadbalancers_links']}
            path = links.get('next')
            path = path and path.partition('/v2.0/lbaas')[2]
        self.assertEqual(seen, [self.mine['lb']['id'], again['lb']['id']])

    def test_creation(self):
        """Who creates something owns it."""
        reply = self.ask('POST', '/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': self.stand.subnet['n2']}}, self.token,
            {'X-Project-Id': self.door.project('other')})
        self.assert_status(reply, 201)
        lb = reply.body['loadbalancer']
        self.assertEqual(lb['project_id'], self.door.project('mine'))
        self.wait_known({'lb': lb})
        reply = self.as_member('POST', '/listeners', {'listener': {
            'loadbalancer_id': lb['id'], 'protocol': 'TCP',
            'protocol_port': 80,
            'project_id': self.door.project('other')}})
        self.assert_status(reply, 201)
        self.assertEqual(reply.body['listener']['project_id'],
                         self.door.project('mine'))

    def test_administrators(self):
        """An administrator creates, changes and deletes for others."""
        token = self.door.token('admin')
        reply = self.ask('POST', '/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': self.stand.subnet['n2'],
            'project_id': self.door.project('other')}}, token)
        self.assert_status(reply, 201)
        lb = reply.body['loadbalancer']
        self.assertEqual(lb['project_id'], self.door.project('other'))
        path = '/loadbalancers/' + lb['id']
        self.wait_known({'lb': lb})
        self.assert_status(self.ask('PUT', path, {'loadbalancer': {
            'name': 'new'}}, token), 200)
        self.wait_known({'lb': lb})
        self.assert_status(self.ask('DELETE', path, token=token), 204)

    def test_all_writes(self):
        """A member writes whatever there is in his own project."""
        mine = self.mine
        for method, path, body, status in (
                ('PUT', self.path(mine, 'monitor'),
                 {'healthmonitor': {'delay': 7}}, 200),
                ('DELETE', self.path(mine, 'monitor'), None, 204),
                ('PUT', self.path(mine, 'member'),
                 {'member': {'weight': 7}}, 200),
                ('DELETE', self.path(mine, 'member'), None, 204),
                ('PUT', self.path(mine, 'listener'), {'listener': {
                    'default_pool_id': mine['pool']['id']}}, 200),
                ('DELETE', self.path(mine, 'listener'), None, 204),
                ('PUT', self.path(mine, 'pool'),
                 {'pool': {'name': 'new'}}, 200),
                ('DELETE', self.path(mine, 'pool'), None, 204),
                ('DELETE', self.path(mine, 'lb'), None, 204)):
            with self.subTest(f'{method} {path}'):
                self.assert_status(self.as_member(method, path, body),
                                   status)
            if path != self.path(mine, 'lb'):
                self.wait_known(mine)


if __name__ == '__main__':
    unittest.main()
