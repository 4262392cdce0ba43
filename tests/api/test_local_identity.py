#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Around the log-in of users of our own: discovery, the catalog, what clients
ask Identity v3 besides, limits, and plain HTTP."""

import threading
import unittest

from apitest import LBAAS
from localtest import TOKENS, LocalTest
from lib import client, daemons, localusers, metrics, wait


class Discovery(LocalTest):
    """Where a client finds what."""

    def test_versions(self):
        """Identity is found at each address at which clients look for it."""
        base = f'http://127.0.0.1:{self.api.port}'
        link = [{'rel': 'self', 'href': f'{base}/v3/'}]
        for path in ('/v3', '/v3/', '/identity/v3', '/identity/v3/'):
            reply = self.ask('GET', path)
            self.assert_status(reply, 200)
            self.assertEqual(reply.body['version']['links'], link)
            self.assertEqual(reply.body['version']['id'], 'v3.14')
        for path in ('/identity', '/identity/'):
            reply = self.ask('GET', path)
            self.assert_status(reply, 300)
            self.assertEqual(reply.body['versions']['values'][0]['links'],
                             link)
        ids = [item['id'] for item in self.ask('GET', '/').body['versions']]
        self.assertEqual(ids[:2], ['v3.14', 'v2.0'])
        ids = [item['id'] for item in self.ask(
            'GET', '/load-balancer/').body['versions']]
        self.assertEqual(ids[0], 'v2.0')

    def test_page(self):
        """The page is told to ask for user and password."""
        reply = self.ask('GET', '/ui/config.json')
        self.assertEqual((reply.body['auth'], reply.body['identity']),
                         ('local', None))

    def test_not_local(self):
        """With another kind of authentication there is no Identity here."""
        for path in ('/v3', '/identity', TOKENS):
            reply = self.rest.request('GET', path)
            self.assertEqual(reply.status, 404, path)

    def urls(self, headers=None, api=None):
        reply = self.log_in(headers=headers, api=api)
        self.assert_status(reply, 201)
        return {service['type']: {(item['interface'], item['region'],
                                   item['url'])
                                  for item in service['endpoints']}
                for service in reply.body['token']['catalog']}

    def expected(self, base):
        return {kind: {(interface, 'RegionOne', base + path)
                       for interface in ('public', 'internal', 'admin')}
                for kind, path in (('load-balancer', '/load-balancer'),
                                   ('network', ''), ('identity', '/v3'))}

    def test_catalog(self):
        """The catalog leads to this API, as clients reach it."""
        self.assertEqual(self.urls(), self.expected(
            f'http://127.0.0.1:{self.api.port}'))
        headers = {'X-Forwarded-Proto': 'https', 'X-Forwarded-Prefix': '/lb',
                   'X-Forwarded-Host': 'lb.example.org'}
        api = self.run_local('api-proxied', '--trusted-proxies=127.0.0.1')
        self.assertEqual(self.urls(headers, api),
                         self.expected('https://lb.example.org/lb'))
        api = self.run_local('api-named', '--base-url=https://a.example/b')
        self.assertEqual(self.urls(api=api),
                         self.expected('https://a.example/b'))
        reply = self.ask('GET', '/v3/auth/catalog', self.token())
        self.assertEqual(len(reply.body['catalog']), 3)

    def test_views(self):
        """A user finds its projects, itself and the domain; an administrator
        finds all."""
        alice, web = self.users.user('alice'), self.users.project('web')
        token = self.token()
        root = self.token('root', 'toor', 'admin')

        def names(path, asker):
            reply = self.ask('GET', '/v3/' + path, asker)
            self.assert_status(reply, 200)
            return [item['name'] for item in
                    reply.body[path.split('?')[0].split('/')[-1]]]
        self.assertEqual(names('auth/projects', token), ['web'])
        self.assertEqual(names('projects', token), ['web'])
        self.assertEqual(set(names('projects', root)), {'web', 'db', 'admin'})
        self.assertEqual(names('projects?name=db', root), ['db'])
        self.assertEqual(names('projects?name=db', token), [])
        self.assertEqual(names(f'users/{alice}/projects', token), ['web'])
        self.assertEqual(names('users', token), ['alice'])
        self.assertEqual(names('users?name=bob', root), ['bob'])
        self.assertEqual(names('domains?name=Default', token), ['Default'])
        self.assertEqual(names('auth/domains', token), [])
        for path, kind, asker, status in (
                (f'projects/{web}', 'project', token, 200),
                (f'projects/{web}', 'project', root, 200),
                (f'projects/{self.users.project("db")}', '', token, 404),
                ('projects/web', '', root, 404),
                (f'users/{alice}', 'user', token, 200),
                (f'users/{self.users.user("bob")}', '', token, 404),
                ('domains/default', 'domain', token, 200),
                ('domains/other', '', token, 404),
                ('nothing', '', token, 404), ('regions', '', token, 404)):
            with self.subTest(path=path):
                reply = self.ask('GET', '/v3/' + path, asker)
                self.assertEqual(reply.status, status, reply)
                if status == 200:
                    self.assertEqual(list(reply.body), [kind])
                else:
                    self.assert_error(reply, 404)
        self.assert_error(self.ask('POST', '/v3/projects', root, {}), 405)
        self.assert_error(self.ask('GET', '/v3/projects'), 401)

    def test_networks(self):
        """Users may see and use networks, of which OVN does not know whose
        they are."""
        token = self.token()
        reply = self.ask('GET', '/v2.0/networks', token)
        self.assert_status(reply, 200)
        self.assertIn('n1', [item['name'] for item in reply.body['networks']])
        self.assert_status(self.ask('GET', '/v2.0/networks'), 401)
        unscoped = self.token(scope='unscoped')
        self.assert_status(self.ask('GET', '/v2.0/networks', unscoped), 403)


class Limits(LocalTest):
    """What log-ins are refused for, besides being wrong."""

    def crowd(self, n, form, api=None, headers=None):
        """Sends so many log-ins at once; returns the replies."""
        replies = []
        # The last must not come when the first have their answers.
        barrier = threading.Barrier(n)

        def log_in(number):
            rest = client.Rest((api or self.api).port,
                               timeout=60 * wait.SLOWNESS)
            try:
                rest.request('GET', '/')
                barrier.wait(20 * wait.SLOWNESS)
                replies.append(rest.request('POST', TOKENS, form(number),
                                            headers))
            finally:
                rest.close()
        threads = [threading.Thread(target=log_in, args=(number,))
                   for number in range(n)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(replies), n)
        return replies

    def test_user(self):
        """After ten failures a user has to wait, whatever the password."""
        self.assertEqual({reply.status for reply in self.crowd(
            20, lambda number: localusers.password_form('alice', 'no'))},
                         {401})
        for password in ('no', 'wonder'):
            reply = self.log_in(password=password)
            self.assert_error(reply, 429, 'Too many')
            self.assertIn(int(reply.headers['Retry-After']), range(1, 100))
        self.token('bob', 'builder', 'db')
        self.assert_error(self.post(localusers.password_form(
            'alice', 'wonder', 'web')), 429)

    def test_address(self):
        """After thirty failures an address has to wait; others are not
        concerned."""
        api = self.run_local('api-proxied', '--trusted-proxies=127.0.0.1')

        def headers(address):
            return {'X-Forwarded-For': address, 'X-Forwarded-Proto': 'https'}
        self.assertEqual({reply.status for reply in self.crowd(
            50, lambda number: localusers.password_form(f'u{number}', 'no'),
            api, headers('192.0.2.1'))}, {401})
        for address, status in (('192.0.2.1', 429), ('192.0.2.2', 201)):
            self.assert_status(self.log_in(
                'bob', 'builder', 'db', api=api, headers=headers(address)),
                               status)

    def test_plain_http(self):
        """Over plain HTTP from elsewhere no password is taken, unless an
        option says so."""
        proxied = self.run_local('api-proxied', '--trusted-proxies=127.0.0.1')
        open_ = self.run_local('api-open', '--insecure-login')
        for api, headers, status in (
                (self.api, {}, 201),
                (self.api, {'X-Forwarded-For': '192.0.2.1'}, 403),
                (self.api, {'X-Forwarded-Proto': 'https'}, 403),
                (proxied, {'X-Forwarded-Proto': 'https'}, 201),
                (proxied, {'X-Forwarded-Proto': 'http'}, 403),
                (open_, {'X-Forwarded-For': '192.0.2.1'}, 201)):
            with self.subTest(api=api.name, headers=headers):
                reply = self.log_in(api=api, headers=headers)
                self.assertEqual(reply.status, status, reply)
                if status == 403:
                    self.assert_error(reply, 403, 'https only')

    def test_crowd(self):
        """A crowd of log-ins is answered with tokens and, beyond what may
        wait, with 503; other requests go on meanwhile."""
        token = self.token()
        begun = threading.Event()

        def form(number):
            begun.set()
            return localusers.password_form('alice', 'wonder', 'web')
        replies = []
        thread = threading.Thread(
            target=lambda: replies.extend(self.crowd(150, form)))
        thread.start()
        begun.wait()
        self.assert_status(self.ask('GET', LBAAS + '/loadbalancers', token),
                           200)
        thread.join()
        self.assertEqual({(reply.status, reply.headers.get('Retry-After'))
                          for reply in replies}, {(201, None), (503, '1')})
        self.token(api=self.api)

    def test_metrics(self):
        """Log-ins are counted by how they ended."""
        port = daemons.free_port()
        api = self.run_local('api-counted', metrics.at(port))
        self.token(api=api)
        self.log_in(password='no', api=api)
        self.log_in(api=api, headers={'Via': '1.1 proxy'})
        page = metrics.scrape(port)
        for outcome in ('accepted', 'refused', 'insecure'):
            self.assertEqual(page.get('ovn_octavia_api_logins_total',
                                      outcome=outcome), 1)
        self.assertGreaterEqual(page.get('ovn_octavia_api_tokens'), 1)


if __name__ == '__main__':
    unittest.main()
