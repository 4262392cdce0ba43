#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What links in answers begin with: the address that was asked, the one that
is configured, or the one that a trusted proxy names."""

import os
import unittest

import apitest

FIELDS = {'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'lb.example.org',
          'X-Forwarded-Prefix': '/load-balancer'}
PUBLIC = 'https://lb.example.org/load-balancer'
LIST = apitest.LBAAS + '/loadbalancers'


class Links(apitest.ApiTest):

    def start_api(self, *args):
        api = self.ask_own_api('links', *args)
        self.make_lb()
        return api

    def links(self, headers, prefix=''):
        """What the links of a list and of the versions begin with."""
        reply = self.rest.request('GET', f'{prefix}{LIST}?limit=1', None,
                                  headers)
        self.assert_status(reply, 200)
        link, = reply.body['loadbalancers_links']
        href, _, query = link['href'].partition('?')
        self.assertTrue(query.startswith('limit=1&marker='), query)
        self.assertTrue(href.endswith(LIST), href)
        reply = self.rest.request('GET', prefix + '/', None, headers)
        self.assert_status(reply, 200)
        versions = {link['href'] for version in reply.body['versions']
                    for link in version['links']}
        self.assertEqual(len(versions), 1)
        version, = versions
        self.assertTrue(version.endswith('/v2'), version)
        self.assertEqual(version[:-len('/v2')], href[:-len(LIST)])
        return version[:-len('/v2')]

    def test_strangers(self):
        """what others than trusted proxies say of the address is ignored"""
        self.make_lb()
        own = f'http://127.0.0.1:{self.stand.api.port}'
        self.assertEqual(self.links(FIELDS), own)
        self.assertEqual(self.links(FIELDS, '/load-balancer'),
                         own + '/load-balancer')

    def test_other_proxies(self):
        """a proxy that is not in trusted_proxies is a stranger"""
        api = self.start_api('--trusted-proxies=192.0.2.0/24, ::1,10.0.0.1')
        self.assertEqual(self.links(FIELDS), f'http://127.0.0.1:{api.port}')

    def test_proxies(self):
        """links have the scheme, host and prefix that a proxy names"""
        api = self.start_api('--trusted-proxies=192.0.2.1,127.0.0.0/8')
        own = f'127.0.0.1:{api.port}'
        for fields, expected in (
                (FIELDS, PUBLIC), ({}, 'http://' + own),
                ({'X-Forwarded-Proto': 'https'}, 'https://' + own),
                ({'X-Forwarded-Proto': 'HTTPS'}, 'https://' + own),
                ({'X-Forwarded-Proto': 'https, http'}, 'https://' + own),
                ({'X-Forwarded-Proto': 'http'}, 'http://' + own),
                ({'X-Forwarded-Proto': 'gopher'}, 'http://' + own),
                ({'X-Forwarded-Host': 'a:99,b'}, 'http://a:99'),
                ({'X-Forwarded-Host': '[2001:db8::1]:9876'},
                 'http://[2001:db8::1]:9876'),
                ({'X-Forwarded-Host': 'a/b'}, 'http://' + own),
                ({'X-Forwarded-Host': 'a"b'}, 'http://' + own),
                ({'X-Forwarded-Host': ''}, 'http://' + own),
                ({'X-Forwarded-Host': 'a' * 260}, 'http://' + own),
                ({'X-Forwarded-Prefix': '/x/'}, f'http://{own}/x'),
                ({'X-Forwarded-Prefix': 'x'}, 'http://' + own),
                ({'X-Forwarded-Prefix': '/'}, 'http://' + own),
                ({'X-Forwarded-Prefix': '/x?y'}, 'http://' + own)):
            with self.subTest(fields):
                self.assertEqual(self.links(fields), expected)
        # A proxy that leaves the prefix on the path.
        self.assertEqual(self.links(FIELDS, '/load-balancer'), PUBLIC)

    def test_base_url(self):
        """links begin with the base_url of the configuration"""
        path = os.path.join(self.stand.rundir, 'links.conf')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(f'[api]\nbase_url = {PUBLIC}/\n'
                       'trusted_proxies = 127.0.0.1\n')
        self.start_api(f'--config={path}')
        for fields in ({}, {'Host': 'other'},
                       {'X-Forwarded-Proto': 'http',
                        'X-Forwarded-Host': 'other'}):
            for prefix in ('', '/load-balancer'):
                with self.subTest(fields, prefix=prefix):
                    self.assertEqual(self.links(fields, prefix), PUBLIC)

    def test_bad_settings(self):
        """an address that is none is refused at the start"""
        for url in ('lb.example.org', 'ftp://a', 'http://', 'https://a?b',
                    'http://a b', '', 'http://a/b#c', '/x'):
            with self.subTest(url):
                self.assertIn('base_url',
                              self.refused_api('--base-url=' + url))
        for proxies in ('x', '10.0.0.0/33', '127.0.0.1,proxy', '1.2.3'):
            with self.subTest(proxies):
                self.assertIn(proxies.split(',')[-1],
                              self.refused_api('--trusted-proxies=' + proxies))


if __name__ == '__main__':
    unittest.main()
