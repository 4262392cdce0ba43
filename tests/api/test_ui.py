#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The page at /ui: its files, and what a browser is told about them.  What the
page does in a browser is tests/client/test_ui.py's."""

import os
import unittest

import apitest
from authtest import AuthTest
from lib import client, daemons

FILES = os.path.join(daemons.REPO, 'ui')
TYPES = {'html': 'text/html', 'css': 'text/css', 'js': 'text/javascript',
         'svg': 'image/svg+xml'}
PREFIXES = ('', '/load-balancer')


def headers(reply):
    return {name.lower(): value for name, value in reply.headers.items()}


class Files(apitest.ApiTest):

    def test_files(self):
        """each file of ui/ is served as it is, with its type, at both
        prefixes"""
        for name in os.listdir(FILES):
            with open(os.path.join(FILES, name), 'rb') as file:
                content = file.read()
            kind = TYPES[name.rsplit('.', 1)[1]]
            for prefix in PREFIXES:
                with self.subTest(name, prefix=prefix):
                    reply = self.rest.request(
                        'GET', f'{prefix}/ui/{name}',
                        headers={'Accept': '*/*'})
                    self.assertEqual((reply.status, reply.content),
                                     (200, content))
                    self.assertEqual(headers(reply)['content-type'],
                                     f'{kind}; charset=utf-8')

    def test_start(self):
        """/ui/ is the page, and /ui leads there by a relative address"""
        for prefix in PREFIXES:
            page = self.rest.request('GET', prefix + '/ui/')
            self.assertEqual(
                page.content,
                self.rest.request('GET', '/ui/index.html').content)
            reply = self.rest.request('GET', prefix + '/ui')
            self.assertEqual((reply.status, headers(reply)['location']),
                             (302, 'ui/'))

    def test_security(self):
        """every answer allows scripts and requests of this origin only, no
        script within a page, no markup of texts, no frame and no guess"""
        for path, status in (('/ui', 302), ('/ui/', 200),
                             ('/ui/main.js', 200), ('/ui/config.json', 200)):
            with self.subTest(path):
                reply = self.rest.request('GET', path)
                self.assert_status(reply, status)
                found = headers(reply)
                policy = dict(part.split(' ', 1) for part in
                              found['content-security-policy'].split('; '))
                self.assertEqual(policy, {
                    'default-src': "'none'", 'script-src': "'self'",
                    'style-src': "'self'", 'connect-src': "'self'",
                    'img-src': "'self'", 'frame-ancestors': "'none'",
                    'base-uri': "'none'", 'form-action': "'none'",
                    'require-trusted-types-for': "'script'",
                    'trusted-types': "'none'"})
                self.assertEqual(found['x-content-type-options'], 'nosniff')
                self.assertEqual(found['referrer-policy'], 'no-referrer')
                self.assertEqual(found['x-frame-options'], 'DENY')

    def test_cache(self):
        """a browser asks each time, and gets a file once"""
        first = self.rest.request('GET', '/ui/main.js')
        tag = headers(first)['etag']
        self.assertRegex(tag, r'^"[0-9a-f]{16}"$')
        self.assertEqual(headers(first)['cache-control'], 'no-cache')
        for known, status in ((tag, 304), (f'W/"a", {tag}', 304),
                              ('"a"', 200)):
            reply = self.rest.request('GET', '/ui/main.js',
                                      headers={'If-None-Match': known})
            self.assertEqual((reply.status, reply.content),
                             (status, first.content if status == 200
                              else b''))
            self.assertEqual(headers(reply)['etag'], tag)
        other = self.rest.request('GET', '/ui/ui.css')
        self.assertNotEqual(headers(other)['etag'], tag)

    def test_methods(self):
        """a file is only read"""
        reply = self.rest.request('HEAD', '/ui/main.js')
        self.assertEqual((reply.status, reply.content), (200, b''))
        for method in ('POST', 'PUT', 'DELETE', 'PATCH'):
            for path in ('/ui', '/ui/', '/ui/main.js', '/ui/config.json'):
                reply = self.rest.request(method, path)
                self.assert_status(reply, 405)
                self.assertEqual(headers(reply)['allow'], 'GET, HEAD')

    def test_paths(self):
        """no other path below /ui has a file"""
        for path in ('/uix', '/ui/main', '/ui//', '/ui//main.js',
                     '/ui/../ui/main.js', '/ui/%2e%2e/etc/passwd',
                     '/ui/ui/main.js', '/ui/main.js/', '/UI/',
                     '/v2.0/ui/', '/load-balancer/load-balancer/ui/'):
            with self.subTest(path):
                self.assert_status(self.rest.request('GET', path), 404)

    def test_config(self):
        """the page learns that there is no log-in"""
        reply = self.rest.request('GET', '/ui/config.json')
        self.assertEqual(reply.body['auth'], 'none')
        self.assertIsNone(reply.body['identity'])
        self.assertEqual(headers(reply)['cache-control'], 'no-store')

    def test_off(self):
        """with ui = false there is nothing at /ui"""
        path = os.path.join(self.stand.rundir, 'no-ui.conf')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('[api]\nui = false\n')
        self.ask_own_api('api-no-ui', f'--config={path}')
        for rest in ('', '/', '/main.js', '/config.json'):
            self.assert_status(self.rest.request('GET', '/ui' + rest), 404)

    def test_sources(self):
        """the sources name no other host, and make no markup of texts"""
        for name in os.listdir(FILES):
            with open(os.path.join(FILES, name), encoding='utf-8') as file:
                text = file.read()
            with self.subTest(name):
                text = text.replace('http://www.w3.org/2000/svg', '')
                self.assertNotRegex(text, r'(?i)https?:|//[a-z]+\.[a-z]')
                self.assertNotRegex(text, r'innerHTML|outerHTML|document\.'
                                    r'write|insertAdjacentHTML|localStorage|'
                                    r'sessionStorage|\beval\b|cookie')
                self.assertNotRegex(text, r'<script(?![^>]*src=)|\son\w+=|'
                                    r'<style|style=')


class Faults(apitest.ApiTest):

    def test_fault(self):
        """the last error of a load balancer is shown, and gone when it is"""
        lb = self.make_lb()
        path = f'/loadbalancers/{lb["id"]}/fault'
        self.assertEqual(self.call('GET', path).body,
                         {'fault': {'code': None, 'text': None}})
        with self.frozen_driver():
            for code, text in ((409, 'That "address" is taken.'),
                               (None, 'northd is <away>')):
                self.set_row('loadbalancer', lb['id'], fault_text=text,
                             fault_code=code if code else ['set', []])
                self.wait_fault(path, {'code': code, 'text': text})
            self.set_row('loadbalancer', lb['id'], fault_text='',
                         fault_code=['set', []])
            self.wait_fault(path, {'code': None, 'text': None})
        self.assert_fault(
            self.call('GET', f'/loadbalancers/{apitest.NO_ID}/fault'), 404,
            f'Load Balancer {apitest.NO_ID} not found.')

    def wait_fault(self, path, fault):
        apitest.wait.until(
            lambda: self.call('GET', path).body == {'fault': fault},
            f'the fault is {fault}', 5, 0.005)


class LogIn(AuthTest):

    def test_without_token(self):
        """without a token the page is served, and where tokens come from, and
        nothing else"""
        for path in ('/ui', '/ui/', '/ui/main.js', '/load-balancer/ui/'):
            reply = self.door_rest.request('GET', path)
            self.assertIn(reply.status, (200, 302))
        reply = self.door_rest.request('GET', '/ui/config.json')
        self.assertEqual({'auth': 'keystone', 'identity': self.keystone.url},
                         {key: reply.body[key]
                          for key in ('auth', 'identity')})
        for path in ('/ui/nothing', '/ui/../v2.0/lbaas/loadbalancers',
                     '/uix', '/ui/v2.0/lbaas/loadbalancers'):
            self.assert_unknown(self.door_rest.request('GET', path))

    def test_off(self):
        """with ui = false a stranger learns nothing about /ui"""
        api = self.run_api('api-dark', settings='ui = false')
        rest = client.Rest(api.port)
        self.addCleanup(rest.close)
        for path in ('/ui', '/ui/', '/ui/main.js', '/ui/config.json'):
            self.assert_unknown(rest.request('GET', path))

    def test_fault_policy(self):
        """the last error is shown to readers of the project only"""
        lb = self.rest.post('/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': self.stand.subnet['n1'],
            'project_id': self.door.project('mine')}})
        self.active(lb['id'])
        other = self.rest.post('/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': self.stand.subnet['n1'],
            'project_id': self.door.project('other')}})
        self.active(other['id'])
        path = '/loadbalancers/{}/fault'
        for role, key, status in (
                ('reader', lb['id'], 200), ('reader', other['id'], 403),
                ('member', lb['id'], 200), ('admin', other['id'], 200),
                ('service', lb['id'], 403)):
            with self.subTest(role):
                reply = self.ask('GET', path.format(key),
                                 token=self.door.token(role))
                self.assert_status(reply, status)


if __name__ == '__main__':
    unittest.main()
