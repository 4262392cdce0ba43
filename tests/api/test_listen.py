#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Where the daemon listens, and where it refuses to: without authentication
nothing but loopback, unless told so in so many words."""

import os
import unittest

import apitest

from lib import client, daemons, wait

OPTION = '--insecure-no-auth-listen'


class Listen(apitest.ApiTest):

    def test_refuses(self):
        """all other addresses than loopback's are refused, with advice"""
        port = daemons.free_port()
        for host in ('0.0.0.0', '[::]', '192.0.2.1', '[2001:db8::1]',
                     '128.0.0.1', '126.255.255.255', '[::ffff:192.0.2.1]',
                     '[fe80::1]', ''):
            with self.subTest(host):
                text = self.refused_api(f'--listen={host}:{port}')
                self.assertIn('refusing to listen', text)
                self.assertIn(OPTION, text)
                self.assertIn('authentication', text)

    def test_refuses_in_file(self):
        """the configuration file cannot open it by the address alone"""
        path = os.path.join(self.stand.rundir, 'api.conf')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(f'[api]\nlisten = 0.0.0.0:{daemons.free_port()}\n')
        self.assertIn('refusing to listen',
                      self.refused_api(f'--config={path}'))

    def test_bad_addresses(self):
        """what is no address and port is refused"""
        for listen in ('127.0.0.1', ':', 'x:y', '127.0.0.1:65536',
                       '127.0.0.1:-1', '127.0.0.1:8x', '127.0.0.1:', ''):
            with self.subTest(listen):
                self.assertIn('listen', self.refused_api('--listen=' + listen))

    def test_port_in_use(self):
        """a port that is in use is an error at the start"""
        text = self.refused_api(f'--listen=127.0.0.1:{self.stand.api.port}')
        self.assertRegex(text, '(?i)in use')

    def test_open_by_option(self):
        """the option opens it, and the log says so"""
        port = daemons.free_port()
        api = self.start_own_api('listen', OPTION, f'--listen=0.0.0.0:{port}')
        client.wait_listening(port, 10)
        warnings = api.complaints(apitest.ALLOWED)
        self.assertEqual(len(warnings), 1, warnings)
        self.assertIn('without authentication', warnings[0])

    def test_loopback_of_both_versions(self):
        """all of loopback is fine, in IPv6 too"""
        for host, plain in (('127.9.9.9', '127.9.9.9'), ('[::1]', '::1')):
            with self.subTest(host):
                port = daemons.free_port()
                api = self.start_own_api('listen', f'--listen={host}:{port}')

                def answers():
                    rest = client.Rest(port, plain, 2)
                    try:
                        return rest.request('GET', '/').status == 200
                    finally:
                        rest.close()
                wait.until(answers, f'{host} answers', 10, 0.01)
                self.assertEqual(api.complaints(apitest.ALLOWED), [])
                self.assertTrue(api.stop())

    def test_end(self):
        """SIGTERM ends it at once, with status 0"""
        api = self.start_own_api('listen')
        api.wait_ready()
        child = api.process._child
        api.process.signal(15)
        self.assertEqual(child.wait(5 * wait.SLOWNESS), 0)
        self.assertEqual(api.complaints(apitest.ALLOWED), [])


if __name__ == '__main__':
    unittest.main()
