#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Lists: order, pages, filters, fields and tags: as in Octavia, except where
links or markers of Octavia are wrong."""

import contextlib
import unittest
import urllib.parse

import apitest

from lib import wait


class Lists(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.lbs = [self.make_lb(name=f'lb{i}', tags=tags, description='d')
                    for i, tags in enumerate((['a'], ['a', 'b'], ['b'], [],
                                              ['c d']))]

    def names(self, query=''):
        return [lb['name'] for lb in self.rest.get('/loadbalancers' + query)]

    def page(self, query):
        """Names on a page, and its links {rel: href}."""
        reply = self.call('GET', '/loadbalancers' + query)
        self.assert_status(reply, 200)
        return ([lb['name'] for lb in reply.body['loadbalancers']],
                {link['rel']: link['href']
                 for link in reply.body['loadbalancers_links']})

    def follow(self, href):
        parts = urllib.parse.urlsplit(href)
        self.assertEqual(parts.netloc, f'127.0.0.1:{self.stand.api.port}')
        self.assertEqual(parts.path, apitest.LBAAS + '/loadbalancers')
        return self.page('?' + parts.query)

    def test_order(self):
        """lists are in the order of creation"""
        self.assertEqual(self.names(), ['lb0', 'lb1', 'lb2', 'lb3', 'lb4'])

    def test_pages(self):
        """pages join to the whole list, forwards and back"""
        names, links = self.page('?limit=2')
        self.assertEqual(names, ['lb0', 'lb1'])
        self.assertEqual(list(links), ['next'])
        self.assertIn('limit=2', links['next'])
        self.assertIn('marker=' + self.lbs[1]['id'], links['next'])
        names, links = self.follow(links['next'])
        self.assertEqual(names, ['lb2', 'lb3'])
        self.assertEqual(set(links), {'previous', 'next'})
        self.assertIn('page_reverse=True', links['previous'])
        back, _ = self.follow(links['previous'])
        self.assertEqual(back, ['lb0', 'lb1'])
        names, links = self.follow(links['next'])
        self.assertEqual(names, ['lb4'])
        self.assertEqual(list(links), ['previous'])
        names, _ = self.follow(links['previous'])
        self.assertEqual(names, ['lb2', 'lb3'])

    def test_page_that_ends_exactly(self):
        """a full last page links to an empty one"""
        names, links = self.page('?limit=5')
        self.assertEqual(len(names), 5)
        names, links = self.follow(links['next'])
        self.assertEqual((names, links), ([], {}))

    def test_limits(self):
        """a limit below one is no limit and makes no link"""
        for limit in ('0', '-1', '1000', '100000'):
            with self.subTest(limit):
                names, links = self.page('?limit=' + limit)
                self.assertEqual((len(names), links), (5, {}))

    def test_bad_limits(self):
        """a limit that is no number is 400 with a faultstring"""
        for limit in ('x', '', '1.5', '1x', '0x10'):
            with self.subTest(limit):
                reply = self.call('GET', '/loadbalancers?limit=' + limit)
                self.assert_status(reply, 400)
                self.assertEqual(
                    reply.fault,
                    f"Supplied pagination limit '{limit}' is not valid.")

    def test_bad_markers(self):
        """a marker that is no row is 400"""
        for marker in ('zz', apitest.NO_ID, ''):
            with self.subTest(marker):
                self.assert_fault(
                    self.call('GET', '/loadbalancers?marker=' + marker), 400,
                    f"Supplied pagination marker '{marker}' is not valid.")

    def test_filters(self):
        """a filter keeps the rows that are equal, filters are ANDed"""
        lb = self.lbs[2]
        for query, expected in (
                ('name=lb2', ['lb2']), ('id=' + lb['id'], ['lb2']),
                ('vip_address=' + lb['vip_address'], ['lb2']),
                ('vip_port_id=' + lb['vip_port_id'], ['lb2']),
                ('name=lb2&id=' + lb['id'], ['lb2']),
                ('name=lb1&id=' + lb['id'], []), ('name=', []),
                ('name=LB2', []), ('id=x', []), ('id=', []),
                ('vip_subnet_id=' + apitest.NO_ID, []),
                ('name=lb%32', ['lb2']), ('admin_state_up=false', [])):
            with self.subTest(query):
                self.assertEqual(self.names('?' + query), expected)
        for query in ('provisioning_status=ACTIVE', 'admin_state_up=true',
                      'admin_state_up=yes', 'operating_status=ONLINE',
                      'project_id=' + lb['project_id'], 'provider=ovn',
                      'vip_network_id=' + lb['vip_network_id'],
                      'description=d'):
            with self.subTest(query):
                self.assertEqual(len(self.names('?' + query)), 5)

    def test_bad_filters(self):
        """filters by what is no attribute, or twice, are 400"""
        for query in ('bogus=1', 'tenant_id=x', 'listeners=x',
                      'additional_vips=x', 'name=a&name=b', '=x',
                      'name=lb1&name=lb1', 'limits=1', 'ä=1'):
            with self.subTest(query):
                self.assert_fault(
                    self.call('GET', '/loadbalancers?'
                              + urllib.parse.quote(query, '=&%')), 400,
                    'One or more arguments are either duplicate or invalid')

    def test_tags(self):
        """the four filters by tags"""
        for query, expected in (
                ('tags=a', [0, 1]), ('tags=a,b', [1]),
                ('tags=a&tags=b', [1]), ('tags=c%20d', [4]),
                ('tags-any=a,b', [0, 1, 2]), ('tags-any=x', []),
                ('not-tags=a', [2, 3, 4]), ('not-tags=a,b', [0, 2, 3, 4]),
                ('not-tags-any=a,b', [3, 4]), ('tags=a&not-tags=b', [0]),
                ('tags=b&name=lb2', [2])):
            with self.subTest(query):
                self.assertEqual(self.names('?' + query),
                                 [f'lb{i}' for i in expected])

    def test_fields(self):
        """lists print only the fields that were asked for"""
        for query, expected in (
                ('fields=name', {'name': 'lb0'}),
                ('fields=name&fields=description',
                 {'name': 'lb0', 'description': 'd'}),
                ('fields=name,description',
                 {'name': 'lb0', 'description': 'd'}),
                ('fields=bogus', {}), ('fields=', {})):
            with self.subTest(query):
                got = self.rest.get('/loadbalancers?limit=1&' + query)
                self.assertEqual(got, [expected])

    def test_links_carry(self):
        """links repeat filters, fields and tags"""
        names, links = self.page('?limit=1&tags=a&description=d&fields=name')
        self.assertEqual(names, ['lb0'])
        names, links = self.follow(links['next'])
        self.assertEqual(names, ['lb1'])
        names, links = self.follow(links['next'])
        self.assertEqual(names, [])

    def test_marker_with_filter(self):
        """a marker that the filter hides still marks its place"""
        self.assertEqual(self.names('?tags=b&marker=' + self.lbs[0]['id']),
                         ['lb1', 'lb2'])

    def test_page_reverse_words(self):
        """page_reverse is True in exactly that spelling"""
        query = '?limit=2&marker=' + self.lbs[4]['id']
        self.assertEqual(self.names(query + '&page_reverse=True'),
                         ['lb2', 'lb3'])
        for word in ('true', '1', 'TRUE', ''):
            self.assertEqual(self.names(f'{query}&page_reverse={word}'), [])

    def test_children(self):
        """listeners and pools are filtered by their load balancer"""
        lb, listener, pool, member = self.make_tree()
        other = self.make_listener(self.lbs[0])
        for path, query, expected in (
                ('/listeners', 'loadbalancer_id=' + lb['id'], [listener]),
                ('/listeners', 'loadbalancer_id=' + self.lbs[0]['id'],
                 [other]),
                ('/listeners', 'protocol_port=80&protocol=TCP',
                 [listener, other]),
                ('/listeners', 'protocol_port=x', []),
                ('/listeners', 'default_pool_id=' + pool['id'], [listener]),
                ('/pools', 'loadbalancer_id=' + lb['id'], [pool]),
                ('/pools', 'lb_algorithm=SOURCE_IP', []),
                (f'/pools/{pool["id"]}/members', 'address=10.1.0.50',
                 [member]),
                (f'/pools/{pool["id"]}/members', 'address=10.1.0.51', []),
                (f'/pools/{pool["id"]}/members', 'weight=1', [member])):
            with self.subTest(path, query=query):
                self.assertEqual([item['id'] for item in
                                  self.rest.get(f'{path}?{query}')],
                                 [item['id'] for item in expected])
        for path, query in (('/listeners', 'loadbalancers=x'),
                            ('/pools', 'listener_id=' + listener['id']),
                            ('/pools', 'session_persistence=x'),
                            ('/listeners', 'allowed_cidrs=x')):
            self.assert_status(self.call('GET', f'{path}?{query}'), 400)

    def test_member_pages(self):
        """members are paged within their pool"""
        lb = self.lbs[0]
        pool, other = self.make_pool(lb), self.make_pool(lb)
        members = [self.make_member(lb, pool, port=port)['id']
                   for port in range(1, 5)]
        stranger = self.make_member(lb, other)['id']
        path = f'/pools/{pool["id"]}/members'
        self.assertEqual([item['id'] for item in self.rest.get(path)],
                         members)
        reply = self.call('GET', f'{path}?limit=3')
        self.assertEqual([item['id'] for item in reply.body['members']],
                         members[:3])
        link, = reply.body['members_links']
        self.assertEqual(link['rel'], 'next')
        _, _, query = link['href'].partition('?')
        reply = self.call('GET', f'{path}?{query}')
        self.assertEqual([item['id'] for item in reply.body['members']],
                         members[3:])
        self.assert_status(self.call('GET', f'{path}?marker={stranger}'),
                           400)


class Many(apitest.ApiTest):

    N = 1005

    def setUp(self):
        super().setUp()
        # The driver must not take them for a thousand orders.
        stack = contextlib.ExitStack()
        stack.enter_context(self.frozen_driver())
        self.addCleanup(stack.close)
        self.addCleanup(self.remove)
        with self.stand.octavia.client() as db:
            db.transact(*[{
                'op': 'insert', 'table': 'Load_Balancer', 'row': {
                    'name': f'many{i}', 'provisioning_status': 'ACTIVE',
                    'operating_status': 'ONLINE', 'created_at': 10 ** 15 + i,
                    'vip_vnic_type': 'normal', 'provider': 'ovn'}}
                for i in range(self.N)])
        wait.until(lambda: self.call(
            'GET', f'/loadbalancers?name=many{self.N - 1}'
            ).body['loadbalancers'], 'the API has them', 10, 0.01)

    def remove(self):
        with self.stand.octavia.client() as db:
            db.transact({'op': 'delete', 'table': 'Load_Balancer',
                         'where': []})
        wait.until(lambda: not self.rest.get('/loadbalancers'),
                   'they are gone', 10, 0.01)

    def test_page_maximum(self):
        """a page has at most 1,000 rows, and a link to the others"""
        for query in ('', '?limit=0', '?limit=1001', '?limit=1000'):
            with self.subTest(query):
                reply = self.call('GET', '/loadbalancers' + query)
                self.assert_status(reply, 200)
                self.assertEqual(
                    [lb['name'] for lb in reply.body['loadbalancers']],
                    [f'many{i}' for i in range(1000)])
                link, = reply.body['loadbalancers_links']
                self.assertEqual(link['rel'], 'next')
        query = link['href'].partition('?')[2]
        self.assertEqual([lb['name'] for lb in
                          self.rest.get('/loadbalancers?' + query)],
                         [f'many{i}' for i in range(1000, self.N)])

    def test_limit_zero_has_no_link_to_nowhere(self):
        """no link carries a limit that is none"""
        for query in ('?limit=0', '?limit=-5'):
            reply = self.call('GET', '/loadbalancers' + query)
            for link in reply.body['loadbalancers_links']:
                self.assertIn('limit=1000', link['href'])


if __name__ == '__main__':
    unittest.main()
