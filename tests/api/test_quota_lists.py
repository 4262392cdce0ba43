#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The list of quotas, in pages, orders and selections, as other lists."""

import unittest

import apitest


class QuotaLists(apitest.ApiTest):

    # Three projects, with limits of pools and members.
    LISTED = (('p1', 5, 1), ('p2', 5, -1), ('p3', 4, 2))

    def listed(self, query=''):
        """The projects of a page, and its links."""
        reply = self.call('GET', '/quotas' + query)
        self.assert_status(reply, 200)
        return ([quota.get('project_id') for quota in reply.body['quotas']],
                {link['rel']: link['href'] for link
                 in reply.body['quotas_links']})

    def limit_three(self):
        for project, pool, member in self.LISTED:
            self.assert_status(self.call(
                'PUT', '/quotas/' + project,
                {'quota': {'pool': pool, 'member': member}}), 202)

    def walk(self, query):
        """Follows the links to the end, and returns what was listed."""
        pages = []
        while query and len(pages) < 5:
            page, links = self.listed(query)
            pages += page
            self.assertEqual('previous' in links,
                             bool(page) and 'marker' in query)
            query = links.get('next', '').partition('?')[2]
            query = query and '?' + query
        return pages

    def test_pages(self):
        """the list comes in pages, in each order, whose links lead from one
        to the next and back"""
        self.limit_three()
        for sort, expected in (
                ('', ['p1', 'p2', 'p3']),
                ('sort=project_id:desc', ['p3', 'p2', 'p1']),
                ('sort=pool', ['p3', 'p1', 'p2']),
                ('sort=pool:desc,member', ['p2', 'p1', 'p3']),
                ('sort_key=member&sort_dir=desc', ['p3', 'p1', 'p2'])):
            with self.subTest(sort):
                self.assertEqual(self.walk('?limit=1&' + sort), expected)
                page, links = self.listed(
                    f'?limit=1&page_reverse=True&marker={expected[2]}&{sort}')
                self.assertEqual(page, expected[1:2])
                page, _ = self.listed(
                    '?' + links['previous'].partition('?')[2])
                self.assertEqual(page, expected[:1])
        page, links = self.listed('?page_reverse=True&limit=2')
        self.assertEqual((page, set(links)),
                         (['p2', 'p3'], {'previous', 'next'}))
        self.assertEqual(self.listed('?limit=0'), (['p1', 'p2', 'p3'], {}))
        self.assertEqual(self.listed('?marker=p3'), ([], {}))

    def test_filters(self):
        """the list is filtered by what it shows, in pages, too, and shows the
        fields that were asked for"""
        self.limit_three()
        for query, expected in (
                ('pool=5', ['p1', 'p2']), ('member=-1', ['p2']),
                ('pool=5&member=1', ['p1']), ('pool=6', []), ('pool=x', []),
                ('load_balancer=-1&pool=4', ['p3']),
                ('health_monitor=-1&healthmonitor=-1&listener=-1',
                 ['p1', 'p2', 'p3']),
                ('project_id=p2', ['p2']), ('project_id=p2&pool=4', []),
                ('pool=5&marker=p1', ['p2']), ('pool=4&marker=p2', ['p3']),
                ('pool=5&marker=p3&page_reverse=True', ['p1', 'p2'])):
            with self.subTest(query):
                self.assertEqual(self.listed('?' + query)[0], expected)
        page, links = self.listed('?limit=1&pool=5&fields=project_id')
        self.assertEqual(page, ['p1'])
        page, links = self.listed('?' + links['next'].partition('?')[2])
        self.assertEqual(page, ['p2'])
        reply = self.call('GET', '/quotas?fields=pool&fields=project_id')
        self.assertEqual(reply.body['quotas'],
                         [{'project_id': project, 'pool': pool}
                          for project, pool, _ in self.LISTED])
        for query, text in (
                ('bogus=1', 'One or more arguments are either duplicate or '
                 'invalid'),
                ('tenant_id=p1', 'One or more arguments are either duplicate '
                 'or invalid'),
                ('marker=p4', "Supplied pagination marker 'p4' is not valid."),
                ('sort=bogus', "Supplied sort key 'bogus' is not valid.")):
            with self.subTest(query):
                self.assert_fault(self.call('GET', '/quotas?' + query), 400,
                                  text)

    def test_odd_projects(self):
        """a project whose name needs quoting can be the marker of a link"""
        names = sorted(('a b&c', 'a%2Fb', 'é'))
        for name in names:
            path = ''.join(f'%{byte:02X}' for byte in name.encode())
            reply = self.call('PUT', '/quotas/' + path,
                              {'quota': {'pool': 1}})
            self.assert_status(reply, 202)
        self.assertEqual(self.walk('?limit=1'), names)


if __name__ == '__main__':
    unittest.main()
