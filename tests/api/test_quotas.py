#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Quotas: shown, set and reset as in Octavia, and counted so that no crowd of
clients, on however many copies of the API, gets more than the limit."""

import threading
import unittest

import apitest
import authtest

from lib import client, cutter, keystone, wait

KINDS = ('loadbalancer', 'listener', 'pool', 'member', 'healthmonitor',
         'l7policy', 'l7rule')
ALIASES = {'loadbalancer': 'load_balancer', 'healthmonitor': 'health_monitor'}
MET = 'Quota has been met for resources: '
UNKNOWN = 'd0d0d0d0d0d040008000d0d0d0d0d0d0'


class QuotaTest(authtest.AuthTest):
    """Has words for quotas; nothing is limited before and after a test."""

    def setUp(self):
        super().setUp()
        self.mine = self.door.project('mine')
        self.other = self.door.project('other')
        self.admin = self.door.token('admin')
        for api in (self.door.api, self.door.legacy):
            wait.until(lambda api=api: not self.ask(
                'GET', '/quotas', token=self.admin, api=api).body['quotas'],
                f'{api.name} knows of none', 10, 0.01)

    def expected(self, project, default=-1, **limits):
        quota = dict.fromkeys(KINDS, default) | limits
        quota |= {alias: quota[kind] for kind, alias in ALIASES.items()}
        return quota | {'project_id': project, 'tenant_id': project}

    def quota(self, path, token=None, api=None):
        reply = self.ask('GET', '/quotas/' + path, token=token or self.admin,
                         api=api)
        self.assert_status(reply, 200)
        return reply.body['quota']

    def limit(self, project=None, *, apis=(), **limits):
        """Sets limits, and waits until all APIs know them."""
        project = project or self.mine
        reply = self.ask('PUT', '/quotas/' + project, {'quota': limits},
                         self.admin)
        self.assert_status(reply, 202)
        for api in apis:
            wait.until(lambda api=api: self.quota(project, api=api)
                       == reply.body['quota'], f'{api.name} knows', 10, 0.01)
        return reply.body['quota']

    def create_lb(self, project=None, api=None):
        return self.ask('POST', '/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': self.stand.subnet['n1'],
            'project_id': project or self.mine}}, self.admin, api=api)

    def settled(self, lb_id):
        """Waits until the API that asks has it ACTIVE."""
        def is_active():
            reply = self.ask('GET', '/loadbalancers/' + lb_id,
                             token=self.admin)
            return (reply.status == 200 and reply.body['loadbalancer'][
                'provisioning_status'] == 'ACTIVE')
        wait.until(is_active, f'{lb_id} is ACTIVE', 10, 0.005)

    def n_rows(self, table):
        """How many there are, whichever API knows of them."""
        with self.stand.octavia.client() as db:
            return len(db.select(table))

    def make_lbs(self, n):
        lbs = []
        for _ in range(n):
            reply = self.create_lb()
            self.assert_status(reply, 201)
            lbs.append(reply.body['loadbalancer'])
        for lb in lbs:
            self.settled(lb['id'])
        return lbs

    def delete(self, path):
        self.assert_status(self.ask('DELETE', path, token=self.admin), 204)
        wait.until(lambda: self.ask('GET', path, token=self.admin)
                   .status == 404, f'{path} is gone', 10, 0.005)

    def assert_met(self, reply, title):
        self.assert_fault(reply, 403, MET + title)

    def race(self, n, request, apis):
        """Calls request(i), which returns (path, body), for n clients of all
        APIs; sends all at once; returns the replies."""
        replies = [None] * n
        barrier = threading.Barrier(n)

        def run(i):
            rest = client.Rest(apis[i % len(apis)].port)
            headers = {'X-Auth-Token': self.admin}
            rest.request('GET', apitest.LBAAS + '/providers', None, headers)
            path, body = request(i)
            barrier.wait(20 * wait.SLOWNESS)
            try:
                replies[i] = rest.request('POST', apitest.LBAAS + path, body,
                                          headers)
            except OSError:
                pass
            rest.close()
        threads = [threading.Thread(target=run, args=(i,)) for i in range(n)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return replies

    def assert_passed(self, replies, n, title):
        """Exactly n replies are 201, and all others say why not."""
        statuses = [reply.status for reply in replies]
        self.assertEqual(statuses.count(201), n, statuses)
        for reply in replies:
            if reply.status != 201:
                self.assert_met(reply, title)


class Resource(QuotaTest):
    """Quotas as a resource of the API."""

    def test_defaults(self):
        """a project nobody has heard of has the defaults: no limits"""
        self.assertEqual(self.quota(UNKNOWN), self.expected(UNKNOWN))
        self.assertEqual(self.quota(UNKNOWN + '/default'),
                         self.expected(UNKNOWN))
        self.assertEqual(self.quota('defaults'), self.expected('defaults'))

    def test_set(self):
        """each limit is set under each of its names, null is the default"""
        for name, kind in [*zip(KINDS, KINDS),
                           *[(alias, kind) for kind, alias
                             in ALIASES.items()]]:
            for value, shown in ((7, 7), (0, 0), (2000000000, 2000000000),
                                 (-1, -1), (3, 3), (None, -1)):
                with self.subTest(name, value=value):
                    expected = self.expected(self.mine, **{kind: shown})
                    self.assertEqual(self.limit(**{name: value}), expected)
                    self.assertEqual(self.quota(self.mine), expected)

    def test_others_stay(self):
        """what a PUT does not name stays as it is"""
        self.limit(pool=1, member=2)
        self.assertEqual(self.limit(member=3),
                         self.expected(self.mine, pool=1, member=3))
        self.assertEqual(self.limit(),
                         self.expected(self.mine, pool=1, member=3))
        self.assertEqual(self.quota(self.other), self.expected(self.other))

    def test_name_and_alias(self):
        """of a name and its alias, the name counts"""
        self.assertEqual(
            self.limit(loadbalancer=1, load_balancer=2, health_monitor=4,
                       healthmonitor=3),
            self.expected(self.mine, loadbalancer=1, healthmonitor=3))

    def test_reset(self):
        """DELETE puts all limits back, 404 if the project had none"""
        path = '/quotas/' + self.mine
        reply = self.ask('DELETE', path, token=self.admin)
        self.assert_fault(reply, 404, f'Quotas {self.mine} not found.')
        self.limit(listener=1, pool=2)
        for _ in range(2):
            reply = self.ask('DELETE', path, token=self.admin)
            self.assertEqual((reply.status, reply.content), (202, b''))
            self.assertEqual(self.quota(self.mine), self.expected(self.mine))

    def test_list(self):
        """the list has the projects with limits, or the one asked for"""
        def listed(query='', token=self.admin):
            reply = self.ask('GET', '/quotas' + query, token=token)
            self.assert_status(reply, 200)
            self.assertEqual(reply.body['quotas_links'], [])
            return reply.body['quotas']
        self.assertEqual(listed(), [])
        self.limit(listener=1)
        self.limit(self.other, pool=2)
        mine = self.expected(self.mine, listener=1)
        other = self.expected(self.other, pool=2)
        both = sorted((mine, other), key=lambda quota: quota['project_id'])
        self.assertEqual(listed(), both)
        self.assertEqual(listed('?limit=1000'), both)
        self.assertEqual(listed('?project_id=' + self.other), [other])
        self.assertEqual(listed('?project_id=' + UNKNOWN), [])
        token = self.door.token('reader')
        self.assertEqual(listed(token=token), [mine])
        self.assertEqual(listed('?project_id=' + self.mine, token), [mine])
        self.assert_forbidden(self.ask(
            'GET', '/quotas?project_id=' + self.other, token=token))
        self.assert_fault(
            self.ask('GET', '/quotas?marker=' + self.other, token=token), 400,
            f"Supplied pagination marker '{self.other}' is not valid.")

    def test_bad_requests(self):
        """what Octavia refuses is refused in its words"""
        where = 'Invalid input for field/attribute '
        path = '/quotas/' + self.mine
        for body, text in (
                ('', 'Missing argument: "quotas"'),
                ('x', 'Request is not in valid JSON format'),
                ({}, where + "quota. Value: 'None'. Mandatory field "
                 'missing.'),
                ({'quota': {'bogus': 1}},
                 'Unknown attribute for argument quotas.quota: bogus'),
                ({'quota': {'project_id': 'x'}},
                 'Unknown attribute for argument quotas.quota: project_id'),
                ({'bogus': {}}, 'Unknown attribute for argument quotas: '
                 'bogus'),
                ({'quota': {'pool': -2}}, where + "pool. Value: '-2'. Value "
                 'should be greater or equal to -1'),
                ({'quota': {'pool': 2000000001}}, where + "pool. Value: "
                 "'2000000001'. Value should be lower or equal to "
                 '2000000000'),
                ({'quota': {'member': 'x'}}, where + "quotas. Value: "
                 "'{'quota': {'member': 'x'}}'. invalid literal for int() "
                 "with base 10: 'x'")):
            with self.subTest(body):
                self.assert_fault(self.ask(
                    'PUT', path, body, self.admin,
                    {'Content-Type': 'application/json'}), 400, text)
        for method in ('PUT', 'DELETE'):
            self.assert_fault(self.ask(method, '/quotas', token=self.admin),
                              400, 'Missing argument: "project_id"')
        long = 'p' * 37
        self.assert_fault(self.ask(
            'PUT', '/quotas/' + long, {'quota': {'pool': 1}}, self.admin),
            400, where + f"project_id. Value: '{long}'. Value should have a "
            'maximum character requirement of 36')
        self.assert_status(self.ask('POST', path, {'quota': {}}, self.admin),
                           405)
        self.assertEqual(self.quota(self.mine), self.expected(self.mine))

    def test_roles(self):
        """each role may what Octavia's policies say"""
        nothing = (403,) * 9
        reads = (200, 200, 403, 200, 403, 200, 403, 403, 403)
        observes = (200, 200, 200, 200, 200, 200, 200, 403, 403)
        rules = (200, 200, 200, 200, 200, 200, 200, 202, 202)
        new = {'admin': rules, 'member': reads, 'reader': reads}
        legacy = {'load-balancer_admin': rules,
                  'load-balancer_global_observer': observes,
                  'load-balancer_member': reads,
                  'load-balancer_observer': reads,
                  'load-balancer_quota_admin': rules}
        for api, expected in ((self.door.api, new),
                              (self.door.legacy, new | legacy)):
            for role in authtest.ROLES:
                token = self.door.token(role)

                def ask(method, path, body=None, api=api, token=token):
                    return self.ask(method, '/quotas' + path, body, token,
                                    api=api).status
                with self.subTest(role, api=api.name):
                    self.assertEqual((
                        ask('GET', '/defaults'),
                        ask('GET', '/' + self.mine),
                        ask('GET', '/' + self.other),
                        ask('GET', f'/{self.mine}/default'),
                        ask('GET', f'/{self.other}/default'),
                        ask('GET', ''),
                        ask('GET', '?project_id=' + self.other),
                        ask('PUT', '/' + self.mine, {'quota': {'pool': 9}}),
                        ask('DELETE', '/' + self.mine)),
                        expected.get(role, nothing))


class Counts(QuotaTest):
    """What counts, and who is refused."""

    def make(self, kind, tree, number):
        """Asks for one more of a kind, below the load balancer."""
        lb = tree['lb']['id']
        pool = tree['pools'][number % 2]['id'] if tree['pools'] else None
        path, body = {
            'listener': ('/listeners', {
                'loadbalancer_id': lb, 'protocol': 'TCP',
                'protocol_port': 1000 + number}),
            'pool': ('/pools', {
                'loadbalancer_id': lb, 'protocol': 'TCP',
                'lb_algorithm': 'SOURCE_IP_PORT'}),
            'member': (f'/pools/{pool}/members', {
                'address': f'10.1.0.{100 + number}', 'protocol_port': 80}),
            'healthmonitor': ('/healthmonitors', {
                'pool_id': pool, 'type': 'TCP', 'delay': 5, 'timeout': 3,
                'max_retries': 2})}[kind]
        reply = self.ask('POST', path, {kind: body}, self.admin)
        if reply.status == 201:
            self.settled(lb)
        return reply

    def test_load_balancers(self):
        """a project gets as many load balancers as it may, others theirs"""
        self.limit(loadbalancer=2)
        first = self.make_lbs(2)[0]
        with self.nothing_changes():
            self.assert_met(self.create_lb(), 'Load Balancer')
        self.assert_status(self.create_lb(self.other), 201)
        self.delete('/loadbalancers/' + first['id'])
        self.make_lbs(1)
        self.assert_met(self.create_lb(), 'Load Balancer')

    def test_parts(self):
        """listeners, pools, members and monitors are counted in all of a
        project's load balancers, and given back when they are gone"""
        tree = {'lb': self.make_lbs(1)[0], 'pools': []}
        tree['pools'] = [self.make('pool', tree, number).body['pool']
                         for number in range(2)]
        paths = {'listener': '/listeners/', 'pool': '/pools/',
                 'member': f'/pools/{tree["pools"][1]["id"]}/members/',
                 'healthmonitor': '/healthmonitors/'}
        for kind, title, before in (
                ('member', 'Member', 0), ('listener', 'Listener', 0),
                ('healthmonitor', 'Health Monitor', 0),
                ('pool', 'Pool', 2)):
            with self.subTest(kind):
                self.limit(**{kind: before + 1})
                if kind != 'pool':
                    self.assert_status(self.make(kind, tree, 0), 201)
                    self.assert_met(self.make(kind, tree, 1), title)
                self.limit(**{kind: before + 2})
                number = 3 if kind != 'pool' else 0
                reply = self.make(kind, tree, number)
                self.assert_status(reply, 201)
                if kind == 'pool':
                    self.limit(**{kind: before + 1})
                self.assert_met(self.make(kind, tree, 5), title)
                self.delete(paths[kind] + reply.body[kind]['id'])
                self.settled(tree['lb']['id'])
                self.assert_status(self.make(kind, tree, number), 201)
                self.assert_met(self.make(kind, tree, 7), title)

    def test_order_of_checks(self):
        """what is wrong is told first, then the quota, then the state"""
        tree = {'lb': self.make_lbs(1)[0], 'pools': []}
        lb = tree['lb']['id']
        self.limit(listener=0, loadbalancer=0)
        self.assert_status(self.ask('POST', '/listeners', {'listener': {
            'loadbalancer_id': lb, 'protocol': 'TCP', 'protocol_port': 0}},
            self.admin), 400)
        self.assert_status(self.ask('POST', '/listeners', {'listener': {
            'loadbalancer_id': apitest.NO_ID, 'protocol': 'TCP',
            'protocol_port': 1}}, self.admin), 404)
        self.assert_met(self.ask('POST', '/listeners', {'listener': {
            'loadbalancer_id': lb, 'protocol': 'TCP', 'protocol_port': 1,
            'default_pool_id': apitest.NO_ID}}, self.admin), 'Listener')
        with self.frozen_driver():
            self.assert_status(self.ask('PUT', '/loadbalancers/' + lb, {
                'loadbalancer': {'name': 'new'}}, self.admin), 200)
            self.assert_met(self.make('listener', tree, 1), 'Listener')
            self.limit(listener=1)
            self.assert_status(self.make('listener', tree, 1), 409)

    def test_refused_is_not_charged(self):
        """a write that something else refuses takes nothing away"""
        tree = {'lb': self.make_lbs(1)[0], 'pools': []}
        self.limit(listener=2)
        self.assert_status(self.make('listener', tree, 1), 201)
        for _ in range(3):
            self.assert_status(self.make('listener', tree, 1), 409)
        self.assert_status(self.make('listener', tree, 2), 201)
        self.assert_met(self.make('listener', tree, 3), 'Listener')

    def test_pending_deletion_counts(self):
        """what is being deleted counts until it is gone"""
        self.limit(loadbalancer=1)
        lb, = self.make_lbs(1)
        with self.frozen_driver():
            self.assert_status(self.ask(
                'DELETE', '/loadbalancers/' + lb['id'], token=self.admin),
                204)
            self.assert_met(self.create_lb(), 'Load Balancer')
        wait.until(lambda: self.ask(
            'GET', '/loadbalancers/' + lb['id'], token=self.admin).status
            == 404, 'it is gone', 10, 0.005)
        self.make_lbs(1)

    def test_refused_vip_is_given_back(self):
        """a load balancer whose VIP is refused does not count"""
        self.limit(loadbalancer=1)
        for _ in range(2):
            reply = self.ask('POST', '/loadbalancers', {'loadbalancer': {
                'vip_subnet_id': self.stand.subnet['n1'],
                'vip_address': '10.1.0.50', 'project_id': self.mine}},
                self.admin)
            self.assert_status(reply, 409)
        self.make_lbs(1)

    def test_lowered(self):
        """a limit below what there is takes nothing away, and lets nothing
        through until there is less"""
        lbs = self.make_lbs(3)
        self.assertEqual(self.limit(loadbalancer=1)['loadbalancer'], 1)
        for lb in lbs:
            self.assert_met(self.create_lb(), 'Load Balancer')
            self.settled(lb['id'])
            self.assert_status(self.ask(
                'PUT', '/loadbalancers/' + lb['id'],
                {'loadbalancer': {'name': 'still mine'}}, self.admin), 200)
            self.settled(lb['id'])
            self.delete('/loadbalancers/' + lb['id'])
        self.make_lbs(1)
        self.assert_met(self.create_lb(), 'Load Balancer')
        self.limit(loadbalancer=-1)
        self.make_lbs(2)

    def test_zero(self):
        """a limit of 0 lets nothing through"""
        self.limit(loadbalancer=0)
        self.assert_met(self.create_lb(), 'Load Balancer')

    def test_unlimited_costs_nothing(self):
        """nothing is written about a project without limits"""
        self.make_lbs(1)
        with self.stand.octavia.client() as db:
            self.assertEqual(db.select('Quota'), [])

    def test_without_authentication(self):
        """nothing is counted where nobody is asked who he is"""
        self.limit(loadbalancer=0)
        self.make_lb(project_id=self.mine)
        self.assert_met(self.create_lb(), 'Load Balancer')
        reply = self.call('GET', '/quotas/' + self.mine)
        self.assertEqual(reply.body['quota'],
                         self.expected(self.mine, loadbalancer=0))

    def test_rows_count(self):
        """the count is that of the rows, whatever was written besides"""
        self.limit(loadbalancer=2)
        self.make_lbs(1)
        for charged in (['map', []], ['map', [['load_balancer', 1000000]]],
                        ['map', [['load_balancer', 1], ['bogus', 2]]]):
            with self.stand.octavia.client() as db:
                db.transact({'op': 'update', 'table': 'Quota', 'where': [],
                             'row': {'charged': charged}})
            second, = self.make_lbs(1)
            self.assert_met(self.create_lb(), 'Load Balancer')
            self.delete('/loadbalancers/' + second['id'])

    def test_late_copy(self):
        """a copy that has not heard of a deletion asks before it refuses"""
        line = cutter.Cutter(self.stand.octavia, self.stand.rundir)
        self.addCleanup(line.close)
        late = self.run_api('api-quota-late', remote=line.remote)
        self.addCleanup(line.go_on)
        lb, = self.make_lbs(1)
        self.limit(loadbalancer=1, apis=[late])
        self.assert_met(self.create_lb(api=late), 'Load Balancer')
        line.hold()
        self.delete('/loadbalancers/' + lb['id'])
        replies = []
        thread = threading.Thread(target=lambda: replies.append(
            self.create_lb(api=late)))
        thread.start()
        wait.until(lambda: replies or late.status()['waiting'] == '1',
                   'it answers or thinks', 10, 0.01)
        line.go_on()
        thread.join(60 * wait.SLOWNESS)
        self.assert_status(replies[0], 201)

    def test_default_limits(self):
        """limits of the configuration hold where a project has none"""
        api = self.run_api('api-default', more=(
            '[quotas]\ndefault_load_balancer_quota = 1\n'
            'default_l7rule_quota = 5\n'))
        shown = {'loadbalancer': 1, 'l7rule': 5}
        for path, project in ((UNKNOWN, UNKNOWN), ('defaults', 'defaults'),
                              (self.mine + '/default', self.mine),
                              (self.mine, self.mine)):
            self.assertEqual(self.quota(path, api=api),
                             self.expected(project, **shown))
        self.assertEqual(self.quota('defaults', self.door.token('member'),
                                    api), self.expected('defaults', **shown))
        self.assert_status(self.create_lb(api=api), 201)
        self.assert_met(self.create_lb(api=api), 'Load Balancer')
        # A default is as good as a limit of one's own in the list.
        reply = self.ask('GET', '/quotas', token=self.admin, api=api)
        self.assertEqual(reply.body['quotas'],
                         [self.expected(self.mine, **shown)])
        self.limit(loadbalancer=2, apis=[])
        wait.until(lambda: self.quota(self.mine, api=api)['loadbalancer']
                   == 2, 'it knows', 10, 0.01)
        self.assert_status(self.create_lb(api=api), 201)
        self.assert_met(self.create_lb(api=api), 'Load Balancer')
        reply = self.ask('DELETE', '/quotas/' + self.mine, token=self.admin,
                         api=api)
        self.assert_status(reply, 202)
        self.assertEqual(self.quota(self.mine, api=api)['loadbalancer'], 1)
        self.assert_met(self.create_lb(api=api), 'Load Balancer')


class Crowds(QuotaTest):
    """Many clients at once, on two copies of the API."""

    def setUp(self):
        super().setUp()
        self.second = self.run_api('api-quota-2')
        self.apis = [self.api, self.second]

    def wait_known(self):
        def known():
            return [self.ask('GET', '/loadbalancers', token=self.admin,
                             api=api).body for api in self.apis]
        wait.until(lambda: known()[0] == known()[1], 'both know the same',
                   10, 0.01)

    def test_load_balancers(self):
        """of 50 parallel creates exactly the allowed number passes"""
        self.limit(loadbalancer=7, apis=self.apis)
        body = {'loadbalancer': {'vip_subnet_id': self.stand.subnet['n1'],
                                 'project_id': self.mine}}
        replies = self.race(50, lambda i: ('/loadbalancers', body),
                            self.apis)
        self.assert_passed(replies, 7, 'Load Balancer')
        self.assertEqual(self.n_rows('Load_Balancer'), 7)

    def test_parts(self):
        """of listeners for as many load balancers, exactly that many"""
        lbs = self.make_lbs(12)
        self.limit(listener=5, apis=self.apis)
        self.wait_known()

        def request(i):
            return '/listeners', {'listener': {
                'loadbalancer_id': lbs[i]['id'], 'protocol': 'TCP',
                'protocol_port': 80}}
        replies = self.race(12, request, self.apis)
        self.assert_passed(replies, 5, 'Listener')
        self.assertEqual(self.n_rows('Listener'), 5)

    def test_lowered_meanwhile(self):
        """a limit that is lowered during the creates holds afterwards"""
        self.limit(loadbalancer=50, apis=self.apis)
        body = {'loadbalancer': {'vip_subnet_id': self.stand.subnet['n1'],
                                 'project_id': self.mine}}
        result = []
        thread = threading.Thread(target=lambda: result.append(self.race(
            24, lambda i: ('/loadbalancers', body), self.apis)))
        thread.start()
        wait.until(lambda: len(self.rest.get('/loadbalancers')) >= 2,
                   'some are there', 20, 0.001)
        self.limit(loadbalancer=3, apis=self.apis)
        thread.join()
        self.assertLessEqual({reply.status for reply in result[0]},
                             {201, 403})
        n = [reply.status for reply in result[0]].count(201)
        self.assertEqual(self.n_rows('Load_Balancer'), n)
        self.assertGreaterEqual(n, 2)
        replies = self.race(6, lambda i: ('/loadbalancers', body), self.apis)
        self.assert_passed(replies, max(0, 3 - n), 'Load Balancer')

    def test_killed(self):
        """a copy that dies in the middle takes nothing away for good"""
        self.limit(loadbalancer=30, apis=self.apis)
        third = self.door.make_api('api-quota-3')
        third.start()
        self.addCleanup(third.process.stop)
        third.wait_ready()
        body = {'loadbalancer': {'vip_subnet_id': self.stand.subnet['n1'],
                                 'project_id': self.mine}}
        thread = threading.Thread(target=lambda: self.race(
            24, lambda i: ('/loadbalancers', body), [self.second, third]))
        thread.start()
        wait.until(lambda: len(self.rest.get('/loadbalancers')) >= 2,
                   'some are there', 20, 0.001)
        third.process.kill()
        thread.join()
        self.settle()
        self.wait_known()
        n = self.n_rows('Load_Balancer')
        self.limit(loadbalancer=n + 3, apis=self.apis)
        replies = self.race(8, lambda i: ('/loadbalancers', body), self.apis)
        self.assert_passed(replies, 3, 'Load Balancer')

    def test_first_of_a_project(self):
        """a default limit holds for a project's very first crowd"""
        # Both copies make the project's row; one of them has to look again.
        self.allow_log(r'commit\|WARN\|OVN_Octavia: transaction with',
                       r'ovsdb_idl\|WARN\|transaction error: .*Quota')
        more = '[quotas]\ndefault_load_balancer_quota = 3\n'
        apis = [self.run_api(f'api-first-{i}', more=more) for i in (1, 2)]
        body = {'loadbalancer': {'vip_subnet_id': self.stand.subnet['n1'],
                                 'project_id': self.mine}}
        replies = self.race(20, lambda i: ('/loadbalancers', body), apis)
        self.assert_passed(replies, 3, 'Load Balancer')


class StockClient(QuotaTest):
    """The unmodified "openstack" command, which logs in at Keystone."""

    COLUMNS = {'load_balancer': 'load_balancer', 'listener': 'listener',
               'pool': 'pool', 'health_monitor': 'health_monitor',
               'member': 'member', 'l7policy': 'l7policy',
               'l7rule': 'l7rule'}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        service = cls.keystone.admin('POST', '/services', {'service': {
            'type': 'load-balancer', 'name': 'octavia'}})['service']['id']
        cls.keystone.admin('POST', '/endpoints', {'endpoint': {
            'service_id': service, 'interface': 'public',
            'region_id': 'RegionOne',
            'url': f'http://127.0.0.1:{cls.api.port}'}})
        cls.addClassCleanup(cls.keystone.admin, 'DELETE',
                            '/services/' + service)

    def setUp(self):
        super().setUp()
        self.cli = client.Cli(environment={
            **client.cli_environment(self.api.port), 'OS_ENDPOINT': None,
            'OS_AUTH_TYPE': 'password', 'OS_AUTH_URL': self.keystone.url,
            'OS_IDENTITY_API_VERSION': '3', 'OS_USERNAME': 'admin-user',
            'OS_PASSWORD': keystone.PASSWORD, 'OS_PROJECT_NAME': 'mine',
            'OS_USER_DOMAIN_ID': 'default',
            'OS_PROJECT_DOMAIN_ID': 'default'})

    def run_quota(self, *args):
        return self.cli.json('loadbalancer', 'quota', *args)

    def limits(self, **changed):
        return dict.fromkeys(self.COLUMNS, -1) | changed

    def test_commands(self):
        """quota set, show, list, unset, reset and defaults show"""
        self.assertEqual(self.run_quota('defaults', 'show'), self.limits())
        new = self.limits(load_balancer=4, member=0, health_monitor=7)
        self.assertEqual(self.run_quota(
            'set', '--loadbalancer', '4', '--member', '0',
            '--healthmonitor', '7', self.mine), new)
        self.assertEqual(self.run_quota('show', self.mine), new)
        # Other tests may have left some of theirs.
        listed, = [item for item in self.run_quota('list')
                   if item.pop('project_id') == self.mine]
        self.assertLessEqual(listed.items(), new.items())
        self.cli.text('loadbalancer', 'quota', 'unset', '--member', self.mine)
        new['member'] = -1
        self.assertEqual(self.run_quota('show', self.mine), new)
        self.cli.text('loadbalancer', 'quota', 'reset', self.mine)
        self.assertEqual(self.run_quota('show', self.mine), self.limits())


if __name__ == '__main__':
    unittest.main()
