#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The arguments of lists, as Octavia reads them: what clients filter by, the
words for true, tags, the order, and pages in that order."""

import random
import unittest
import urllib.parse

import apitest

from lib import wait

FALSE_WORDS = ('False', 'false', '0', 'no', 'off', 'f', 'rubbish', '')
# Lists and objects that are shown as null when empty, and the old name of the
# project.
NO_FILTERS = ('allowed_cidrs', 'tls_versions', 'alpn_protocols',
              'session_persistence', 'tenant_id')
TRUE_WORDS = ('True', 'true', 'TRUE', '1', 'yes', 'Yes', 'on', 't', 'Y',
              ' true ')


def escape(value):
    return urllib.parse.quote(str(value), safe='')


def another(value):
    """A value of the same kind that the object does not have."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return value[:-1] + ('1' if value.endswith('0') else '0')


class Queries(apitest.ApiTest):

    def find(self, path, query):
        """The ids in a list."""
        reply = self.call('GET', f'{path}?{query}')
        self.assert_status(reply, 200)
        key, = (key for key in reply.body if not key.endswith('_links'))
        return [item['id'] for item in reply.body[key]]

    def walk(self, path, query, way):
        """The ids of all pages, in the order of the pages."""
        ids = []
        while query is not None:
            reply = self.call('GET', f'{path}?{query}')
            self.assert_status(reply, 200)
            key, = (key for key in reply.body if not key.endswith('_links'))
            page = [item['id'] for item in reply.body[key]]
            ids = ids + page if way == 'next' else page + ids
            query = next((link['href'].partition('?')[2] for link
                          in reply.body[key + '_links']
                          if link['rel'] == way), None)
        return ids


class Filters(Queries):

    def setUp(self):
        super().setUp()
        lb, listener, pool, member = self.make_tree(
            name='n', description='d')
        monitor = self.make_monitor(lb, pool, name='m')
        self.paths = {
            '/loadbalancers': lb, '/listeners': listener,
            '/pools': self.rest.get('/pools/' + pool['id']),
            f'/pools/{pool["id"]}/members': member,
            '/healthmonitors': monitor}
        self.lb, self.listener, self.pool, self.member, self.monitor \
            = self.paths.values()

    def test_every_attribute(self):
        """lists are filtered by every attribute that has one value"""
        n = 0
        for path, made in self.paths.items():
            shown = self.rest.get(f'{path}/{made["id"]}')
            for name, value in shown.items():
                if isinstance(value, (list, dict)) or name in NO_FILTERS:
                    continue
                with self.subTest(path, name=name, value=value):
                    if value is None:
                        self.assertEqual(self.find(path, name + '=1'), [])
                        continue
                    self.assertEqual(
                        self.find(path, f'{name}={escape(value)}'),
                        [made['id']])
                    self.assertEqual(
                        self.find(path, f'{name}={escape(another(value))}'
                                  if value != '' else f'{name}=x'), [])
                    n += 1
        self.assertGreater(n, 50)

    def test_all_at_once(self):
        """filters by all attributes together find the object"""
        for path, made in self.paths.items():
            shown = self.rest.get(f'{path}/{made["id"]}')
            query = [f'{name}={escape(value)}'
                     for name, value in shown.items()
                     if value is not None and name not in NO_FILTERS
                     and not isinstance(value, (list, dict))]
            with self.subTest(path):
                self.assertEqual(self.find(path, '&'.join(query)),
                                 [made['id']])
                self.assertEqual(self.find(path, '&'.join(
                    [*query[1:], 'id=' + apitest.NO_ID])), [])

    def test_names_of_the_data_model(self):
        """lists are filtered by the names of Octavia's data model"""
        lb = self.lb['id']
        for path, name, value in (
                ('/loadbalancers', 'enabled', True),
                ('/listeners', 'load_balancer_id', lb),
                ('/listeners', 'loadbalancer_id', lb),
                ('/listeners', 'enabled', True),
                ('/listeners', 'default_pool_id', self.pool['id']),
                ('/pools', 'load_balancer_id', lb),
                ('/pools', 'loadbalancer_id', lb),
                ('/pools', 'enabled', True),
                ('/pools', 'healthmonitor_id', self.monitor['id']),
                ('/pools', 'health_monitor_id', self.monitor['id']),
                (f'/pools/{self.pool["id"]}/members', 'ip_address',
                 '10.1.0.50'),
                (f'/pools/{self.pool["id"]}/members', 'enabled', True),
                ('/healthmonitors', 'rise_threshold', 2),
                ('/healthmonitors', 'fall_threshold', 3),
                ('/healthmonitors', 'pool_id', self.pool['id']),
                ('/healthmonitors', 'enabled', True)):
            with self.subTest(path, name=name):
                self.assertEqual(self.find(path, f'{name}={value}'),
                                 [self.paths[path]['id']])
                value = {True: False, 2: 4, 3: 4}.get(value, apitest.NO_ID)
                self.assertEqual(self.find(path, f'{name}={value}'), [])
        for path, name in (
                ('/listeners', 'tls_certificate_id'),
                ('/listeners', 'client_ca_tls_certificate_id'),
                ('/listeners', 'client_crl_container_id'),
                ('/pools', 'tls_certificate_id'),
                ('/pools', 'ca_tls_certificate_id'),
                ('/pools', 'crl_container_id')):
            with self.subTest(path, name=name):
                self.assertEqual(self.find(path, f'{name}=x'), [])

    def test_two_names_of_one(self):
        """filters by two names of one attribute are 400"""
        self.assert_fault(
            self.call('GET', '/listeners?load_balancer_id={0}'
                      '&loadbalancer_id={0}'.format(self.lb['id'])), 400,
            'One or more arguments are either duplicate or invalid')

    def test_booleans(self):
        """true is what oslo.utils takes for true, all else is false"""
        lb = self.make_lb(name='off', admin_state_up=False)
        for words, expected in ((TRUE_WORDS, self.lb), (FALSE_WORDS, lb)):
            for word in words:
                for name in ('admin_state_up', 'enabled'):
                    with self.subTest(word, name=name):
                        self.assertEqual(
                            self.find('/loadbalancers',
                                      f'{name}={escape(word)}'),
                            [expected['id']])

    def test_times(self):
        """a time is compared to the second; what is none finds nothing"""
        made = self.lb['created_at']
        for text in (made, made.replace('T', ' ')):
            self.assertEqual(self.find('/loadbalancers',
                                       'created_at=' + escape(text)),
                             [self.lb['id']])
        for text in ('', 'x', made[:-3], made + 'Z', made + '.5', made + '"',
                     '"' + made, '2026-02-31T00:00:00', made[:10], '0',
                     '9' * 400, '1969-12-31T23:59:59'):
            with self.subTest(text):
                self.assertEqual(self.find('/loadbalancers',
                                           'created_at=' + escape(text)), [])

    def test_marker_and_id(self):
        """a filter by id finds a row behind the marker, and none before"""
        first, second = self.lb['id'], self.make_lb()['id']
        self.assertEqual(self.find('/loadbalancers',
                                   f'id={second}&marker={first}'), [second])
        self.assertEqual(self.find('/loadbalancers',
                                   f'id={first}&marker={second}'), [])
        self.assertEqual(self.find(
            '/loadbalancers',
            f'id={first}&marker={second}&page_reverse=True'), [first])


class Tags(Queries):

    TAGS = (['a'], ['a', 'b'], ['b'], [], ['c', 'a'], [''])

    def test_tags(self):
        """tags are repeated or separated by commas, which is the same"""
        ids = [self.make_lb(tags=tags)['id'] for tags in self.TAGS]
        for query, expected in (
                ('tags=a&tags=b', [1]), ('tags=a,b', [1]),
                ('tags=a,b&tags=a', [1]),
                ('tags-any=a&tags-any=c', [0, 1, 4]),
                ('tags-any=b&tags-any=c', [1, 2, 4]),
                ('tags-any=b,c', [1, 2, 4]),
                ('tags-any=b,c&tags-any=x', [1, 2, 4]),
                ('not-tags=a&not-tags=c', [0, 1, 2, 3, 5]),
                ('not-tags=a,c', [0, 1, 2, 3, 5]),
                ('not-tags-any=a&not-tags-any=c', [2, 3, 5]),
                ('not-tags-any=b&not-tags-any=c', [0, 3, 5]),
                ('tags-any=a&tags-any=b&not-tags=a&not-tags=b', [0, 2, 4]),
                ('tags=a&not-tags-any=b&not-tags-any=c', [0]),
                ('tags=', [5]), ('tags-any=,b', [1, 2, 5]),
                ('not-tags-any=', [0, 1, 2, 3, 4])):
            with self.subTest(query):
                self.assertEqual(self.find('/loadbalancers', query),
                                 [ids[i] for i in expected])
        self.assertEqual(
            self.walk('/loadbalancers',
                      'limit=1&tags-any=a&tags-any=c&not-tags=a&not-tags=b',
                      'next'), [ids[0], ids[4]])

    def test_many(self):
        """as many tags may be asked for as fit into a request"""
        lb = self.make_lb(tags=[f't{i}' for i in range(60)])['id']
        words = [f'tags=t{i}' for i in range(60)]
        self.assertEqual(self.find('/loadbalancers', '&'.join(words)), [lb])
        self.assertEqual(self.find('/loadbalancers',
                                   '&'.join([*words, 'tags=x'])), [])


class Order(Queries):

    LBS = (('b', 'x', 9), ('a', 'y', 100), ('b', 'y', 20), ('a', 'x', 11),
           ('c', 'x', 12))

    def setUp(self):
        super().setUp()
        self.ids = [self.make_lb(name=name, description=description,
                                 vip_address=f'10.1.0.{host}')['id']
                    for name, description, host in self.LBS]

    def test_order(self):
        """lists are in the order that was asked for, then of creation"""
        for query, expected in (
                ('sort=name', '13024'), ('sort=name:asc', '13024'),
                ('sort=name:desc', '40213'), ('sort=name:DESC', '40213'),
                ('sort=name:desc,description', '40231'),
                ('sort=description:desc,name', '12304'),
                ('sort=name:desc&sort=description', '40231'),
                ('sort_key=name', '13024'),
                ('sort_key=name&sort_dir=desc', '40213'),
                ('sort_dir=desc&sort_key=name', '40213'),
                ('sort_key=description,name&sort_dir=desc', '12304'),
                ('sort_key=name,description&sort_dir=desc,asc', '40231'),
                ('sort_key=name&sort_dir=desc&sort_key=description'
                 '&sort_dir=asc', '40231'),
                ('sort_key=name&sort_dir=', '13024'),
                ('sort=&sort_key=name', '13024'),
                ('sort=name&sort_key=description&sort_dir=x', '13024'),
                ('sort=created_at', '01234'),
                ('sort=created_at:desc', '43210'),
                ('sort=vip_address', '03421'),
                ('sort=enabled', '01234'), ('sort=admin_state_up', '01234'),
                ('sort=name:desc,name:asc', '40213'),
                ('sort=description,created_at:desc', '43021'),
                ('sort_dir=desc', '01234'), ('sort=', '01234'),
                ('sort=name&description=x', '304'),
                ('sort=name&limit=3', '130'),
                (f'sort=name&marker={self.ids[3]}', '024'),
                (f'sort=name&limit=1&marker={self.ids[3]}', '0'),
                (f'sort=name:desc&marker={self.ids[0]}', '213'),
                (f'sort=name&description=x&marker={self.ids[1]}', '304'),
                (f'sort=name&limit=2&marker={self.ids[2]}'
                 '&page_reverse=True', '30')):
            with self.subTest(query):
                self.assertEqual(self.find('/loadbalancers', query),
                                 [self.ids[int(i)] for i in expected])
        self.assertEqual(self.find('/loadbalancers', 'sort=id'),
                         sorted(self.ids))

    def test_pages(self):
        """pages join to the whole list in any order, forwards and back"""
        for order in ('sort=name', 'sort=name:desc', 'sort=description:desc',
                      'sort=enabled', 'sort_key=name&sort_dir=desc',
                      'sort=vip_address:desc', 'sort=vip_qos_policy_id',
                      'description=x&sort=name:desc', 'sort='):
            whole = self.find('/loadbalancers', order)
            for limit in (1, 2, 3):
                query = f'limit={limit}&{order}'
                with self.subTest(query):
                    self.assertEqual(
                        self.walk('/loadbalancers', query, 'next'), whole)
                    self.assertEqual(
                        self.walk('/loadbalancers',
                                  query + '&page_reverse=True', 'previous'),
                        whole)

    def test_links_carry_the_order(self):
        """links repeat the order together with filters and tags"""
        reply = self.call('GET', '/loadbalancers?limit=1&sort=name:desc'
                          '&sort_key=name&sort_dir=asc&admin_state_up=True'
                          '&not-tags=x&not-tags=y&fields=id')
        link, = reply.body['loadbalancers_links']
        query = urllib.parse.parse_qs(link['href'].partition('?')[2])
        self.assertEqual(query, {
            'limit': ['1'], 'sort': ['name:desc'], 'sort_key': ['name'],
            'sort_dir': ['asc'], 'admin_state_up': ['True'],
            'not-tags': ['x', 'y'], 'fields': ['id'],
            'marker': [self.ids[4]]})

    def test_children(self):
        """members and other children are ordered, no value being the first"""
        lb = self.rest.get('/loadbalancers/' + self.ids[0])
        pools = [self.make_pool(lb, name=name) for name in 'ab']
        self.make_monitor(lb, pools[0])
        path = f'/pools/{pools[0]["id"]}/members'
        members = [self.make_member(lb, pools[0], port=port, weight=weight)
                   for port, weight in ((80, 3), (81, 10), (82, 3))]
        listeners = [self.make_listener(lb, port) for port in (100, 9)]
        for where, query, made, expected in (
                (path, 'sort=weight', members, (0, 2, 1)),
                (path, 'sort=weight:desc', members, (1, 0, 2)),
                (path, 'sort=weight:desc,protocol_port:desc', members,
                 (1, 2, 0)),
                (path, f'sort=weight&marker={members[0]["id"]}', members,
                 (2, 1)),
                (path, f'sort=weight&marker={members[1]["id"]}&limit=1'
                 '&page_reverse=True', members, (2,)),
                ('/listeners', 'sort=protocol_port', listeners, (1, 0)),
                ('/listeners', 'sort=load_balancer_id', listeners, (0, 1)),
                ('/pools', 'sort=healthmonitor_id', pools, (1, 0)),
                ('/pools', 'sort=healthmonitor_id:desc', pools, (0, 1))):
            with self.subTest(where, query=query):
                self.assertEqual(self.find(where, query),
                                 [made[i]['id'] for i in expected])
        self.assertEqual(self.walk('/pools', 'limit=1&sort=healthmonitor_id',
                                   'next'), [pools[1]['id'], pools[0]['id']])

    def test_bad_orders(self):
        """an order by what is no attribute, or in no direction, is 400"""
        for query, what, text in (
                ('sort=bogus', 'key', 'bogus'), ('sort=,', 'key', ''),
                ('sort=name,', 'key', ''), ('sort=tags', 'key', 'tags'),
                ('sort=listeners', 'key', 'listeners'),
                ('sort=Name', 'key', 'Name'),
                ('sort_key=bogus', 'key', 'bogus'),
                ('sort_key=name,tags', 'key', 'tags'),
                ('sort=name:foo', 'direction', 'foo'),
                ('sort=name:DOWN', 'direction', 'down'),
                ('sort=name:', 'direction', ''),
                ('sort_key=name&sort_dir=up', 'direction', 'up'),
                ('sort=name:desc:x', 'key', "['name', 'desc', 'x']")):
            with self.subTest(query):
                self.assert_fault(
                    self.call('GET', '/loadbalancers?' + query), 400,
                    f"Supplied sort {what} '{text}' is not valid.")


class Walks(Queries):
    """Lists that are served from an index."""

    def assert_pages(self, path, query, ids):
        for limit in (1, 2, 5):
            page = f'limit={limit}&{query}'
            with self.subTest(path, query=page):
                self.assertEqual(self.walk(path, page, 'next'), ids)
                self.assertEqual(self.walk(
                    path, page + '&page_reverse=True', 'previous'), ids)

    def test_names(self):
        """pages of a name or of a project join, whatever is between them"""
        made = [self.make_lb(name=name, project_id=project, tags=[tag])['id']
                for name, project, tag in (
                    ('a', 'p', 'x'), ('b', 'q', 'x'), ('a', 'q', 'x'),
                    ('aa', 'p', 'x'), ('a', 'p', 'y'), ('b', 'p', 'x'))]
        for query, expected in (
                ('name=a', '024'), ('name=b', '15'), ('name=aa', '3'),
                ('name=A', ''), ('name=', ''), ('project_id=p', '0345'),
                ('project_id=q', '12'), ('project_id=pp', ''),
                ('name=a&project_id=p', '04'), ('name=a&tags=x', '02'),
                ('project_id=p&tags=x', '035'),
                ('project_id=p&sort=name', '0435')):
            self.assert_pages('/loadbalancers', query,
                              [made[int(i)] for i in expected])
        # The marker is none of them.
        for query, expected in (
                (f'name=a&marker={made[1]}', '24'),
                (f'name=a&marker={made[5]}', ''),
                (f'name=a&marker={made[3]}&page_reverse=True', '02'),
                (f'name=b&marker={made[0]}&page_reverse=True', ''),
                (f'project_id=q&marker={made[0]}', '12')):
            with self.subTest(query):
                self.assertEqual(self.find('/loadbalancers', query),
                                 [made[int(i)] for i in expected])

    def test_tags(self):
        """pages of objects with a tag, or with one of several, join"""
        made = [self.make_lb(tags=tags)['id'] for tags in (
            ['a'], ['b'], ['a', 'b'], [], ['c'], ['b', 'c'], ['a', 'c'])]
        for query, expected in (
                ('tags=a', '026'), ('tags=b', '125'), ('tags=a,b', '2'),
                ('tags=x', ''), ('tags=a,x', ''), ('tags-any=a,b', '01256'),
                ('tags-any=b,c,x', '12456'), ('tags-any=x,y', ''),
                ('tags-any=a,c&not-tags=b', '046'),
                ('tags=c&tags-any=a,b', '56'), ('not-tags-any=a', '1345'),
                ('tags-any=a,b,c', '012456')):
            self.assert_pages('/loadbalancers', query,
                              [made[int(i)] for i in expected])
        for query, expected in (
                (f'tags-any=a,b&marker={made[3]}', '56'),
                (f'tags-any=a,b&limit=2&marker={made[4]}&page_reverse=True',
                 '12'),
                (f'tags-any=a,c&sort=id:desc&marker={made[4]}',
                 [i for i in (0, 2, 5, 6) if made[i] < made[4]])):
            with self.subTest(query):
                ids = [made[int(i)] for i in expected]
                self.assertEqual(self.find('/loadbalancers', query),
                                 sorted(ids, reverse=True)
                                 if 'sort' in query else ids)

    def test_projects(self):
        """parts of load balancers are listed by the project of these"""
        ids = {}
        for project in 'pqp':
            lb, listener, pool, _ = self.make_tree(project_id=project)
            monitor = self.make_monitor(lb, pool)
            for path, made in (('/listeners', listener), ('/pools', pool),
                               ('/healthmonitors', monitor)):
                ids.setdefault(path, []).append(made['id'])
        for path, made in ids.items():
            self.assert_pages(path, 'project_id=p', made[::2])
            self.assert_pages(path, 'project_id=q', made[1:2])
            self.assert_pages(path, 'project_id=', [])

    def test_addresses(self):
        """a load balancer is found by its address, however it is written"""
        lb = self.make_lb(subnet='n6', vip_address='fd00:6::5')['id']
        for address in ('fd00:6::5', 'FD00:6::5', 'fd00:6:0:0::5'):
            with self.subTest(address):
                self.assertEqual(self.find(
                    '/loadbalancers', 'vip_address=' + escape(address)), [lb])
        self.assertEqual(self.find('/loadbalancers', 'vip_address=x'), [])

    def test_changes(self):
        """an object leaves and joins lists with its tags, and with itself"""
        lb, other = (self.make_lb(tags=['a', 'b'])['id'] for _ in range(2))
        for tags in (['b'], [], ['a', 'c'], ['c', 'd']):
            self.rest.put('/loadbalancers/' + lb,
                          {'loadbalancer': {'tags': tags}})
            self.active(lb)
            for word in 'abcd':
                with self.subTest(tags, word=word):
                    self.assertEqual(
                        self.find('/loadbalancers', 'tags=' + word),
                        [lb] * (word in tags) + [other] * (word in 'ab'))
        self.rest.delete('/loadbalancers/' + other)
        self.wait_gone('/loadbalancers/' + other)
        for query, expected in (('', [lb]), ('tags=a', []), ('tags=c', [lb]),
                                ('name=', [lb]), ('tags-any=a,b', [])):
            with self.subTest(query):
                self.assertEqual(self.find('/loadbalancers', query), expected)

    def test_many_changes(self):
        """lists are those of a simple model, whatever has changed before"""
        rng = random.Random(12)
        ids = [self.make_lb()['id'] for _ in range(6)]
        names, tags = {}, {}
        for step in range(8):
            for _ in range(rng.randrange(1, 8)):
                lb = rng.choice(ids)
                names[lb] = rng.choice('ab')
                tags[lb] = rng.sample('wxyz', rng.randrange(4))
                self.set_row('loadbalancer', lb, name=names[lb],
                             tags=['set', tags[lb]])
            self.set_row('loadbalancer', ids[0], description=f'step {step}')
            wait.until(lambda: self.rest.get('/loadbalancers/' + ids[0])[
                'description'] == f'step {step}',
                       'the API has seen the changes', 5, 0.002)
            for name in 'ab':
                with self.subTest(step, name=name):
                    self.assertEqual(
                        self.find('/loadbalancers', 'name=' + name),
                        [lb for lb in ids if names.get(lb) == name])
            for words in ('w', 'x', 'y', 'z', 'wx', 'yz', 'wxyz'):
                having = [lb for lb in ids if set(words)
                          & set(tags.get(lb, ()))]
                query = 'limit=2&tags-any=' + ','.join(words)
                with self.subTest(step, words=words):
                    self.assertEqual(
                        self.walk('/loadbalancers', query, 'next'), having)
                    self.assertEqual(self.walk(
                        '/loadbalancers', query + '&page_reverse=True',
                        'previous'), having)

    def test_long_lists(self):
        """what leaves a long list is on no page of it until it comes back"""
        rng = random.Random(3)
        ids = [self.make_lb(tags=['a'])['id'] for _ in range(40)]
        having = set(ids)
        for step in range(10):
            lb = rng.choice(ids[10:13])
            having ^= {lb}
            self.set_row('loadbalancer', lb, description=f'step {step}',
                         tags=['set', ['a'] * (lb in having)])
            wait.until(lambda: self.rest.get('/loadbalancers/' + lb)[
                'description'] == f'step {step}',
                       'the API has seen the change', 5, 0.002)
            self.assert_list('tags=a', [i for i in ids if i in having], lb)
        for at in (20, 0):
            lb = ids.pop(at)
            self.rest.delete('/loadbalancers/' + lb)
            self.wait_gone('/loadbalancers/' + lb)
            self.assert_list('tags-any=a,b', [i for i in ids if i in having])
            self.assert_list('admin_state_up=True', ids)

    def assert_list(self, query, ids, marker=None):
        for way, more in (('next', ''), ('previous', '&page_reverse=True')):
            self.assertEqual(self.walk(
                '/loadbalancers', f'limit=7&{query}{more}', way), ids)
        if marker:
            rest = self.find('/loadbalancers', f'{query}&marker={marker}')
            before = self.find('/loadbalancers', f'{query}&page_reverse=True'
                               f'&marker={marker}')
            self.assertEqual(before + [marker] * (marker in ids) + rest, ids)

    def test_renamed(self):
        """an object is found by its new name, and not by the old one"""
        lb = self.make_lb(name='old')['id']
        self.assertEqual(self.find('/loadbalancers', 'name=old'), [lb])
        self.rest.put('/loadbalancers/' + lb,
                      {'loadbalancer': {'name': 'new'}})
        self.assertEqual(self.find('/loadbalancers', 'name=old'), [])
        self.assertEqual(self.find('/loadbalancers', 'name=new'), [lb])

    def test_children(self):
        """pages of what belongs to one load balancer join"""
        lbs = [self.make_lb() for _ in range(2)]
        listeners, pools = ([], []), ([], [])
        for port in range(1, 4):
            for i, lb in enumerate(lbs):
                listeners[i].append(self.make_listener(lb, port)['id'])
                pools[i].append(self.make_pool(lb)['id'])
        for i, lb in enumerate(lbs):
            for name in ('loadbalancer_id', 'load_balancer_id'):
                query = f'{name}={lb["id"]}'
                self.assert_pages('/listeners', query, listeners[i])
                self.assert_pages('/pools', query, pools[i])
                self.assert_pages('/listeners', query + '&sort=id',
                                  sorted(listeners[i]))
            self.assert_pages('/listeners', query + '&protocol_port=2',
                              listeners[i][1:2])
        for value in (apitest.NO_ID, 'x', ''):
            with self.subTest(value):
                self.assertEqual(
                    self.find('/listeners', 'loadbalancer_id=' + value), [])


class Limits(Queries):

    def test_limits(self):
        """a limit may be larger than any list, or infinite"""
        ids = [self.make_lb()['id'] for _ in range(2)]
        for limit in ('2147483648', '99999999999', 'infinite',
                      '-99999999999'):
            with self.subTest(limit):
                reply = self.call('GET', '/loadbalancers?limit=' + limit)
                self.assert_status(reply, 200)
                self.assertEqual([lb['id'] for lb
                                  in reply.body['loadbalancers']], ids)
                self.assertEqual(reply.body['loadbalancers_links'], [])

    def test_last_page(self):
        """a page backwards without a marker is the last, and is linked"""
        ids = [self.make_lb()['id'] for _ in range(3)]
        reply = self.call('GET', '/loadbalancers?limit=2&page_reverse=True')
        self.assertEqual([lb['id'] for lb in reply.body['loadbalancers']],
                         ids[1:])
        self.assertIn('previous', [link['rel'] for link
                                   in reply.body['loadbalancers_links']])


if __name__ == '__main__':
    unittest.main()
