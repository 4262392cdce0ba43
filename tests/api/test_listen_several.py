#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An API that listens on several addresses: IPv4, IPv6 and unix sockets, each
of which serves, with one limit for all of them."""

import contextlib
import grp
import os
import resource
import socket
import stat
import unittest

import apitest
import rawhttp

from lib import client, daemons, proc, wait

LIST = apitest.LBAAS + '/loadbalancers'
# As in src/base/limits.h.
CONNECTIONS_MAX = 900


class Several(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.socket = os.path.join(self.stand.rundir, 'several.sock')

    def curl(self, *args):
        return proc.run(['curl', '-sS', '--noproxy', '*', '--max-time',
                         str(20 * wait.SLOWNESS), *args])

    def start_api(self, *args):
        api = self.start_own_api('several', *args)
        self.stand.wait_api(api)
        return api

    def test_all_serve(self):
        """each address of a list and of a repeated option is served"""
        ports = [daemons.free_port() for _ in range(3)]
        api = self.start_api(
            f'--listen=127.0.0.1:{ports[0]},http://127.9.9.9:{ports[1]}',
            f'--listen=[::1]:{ports[2]}', f'--listen=unix:{self.socket}')
        for url in (f'http://127.0.0.1:{api.port}',
                    f'http://127.0.0.1:{ports[0]}',
                    f'http://127.9.9.9:{ports[1]}', f'http://[::1]:{ports[2]}'):
            with self.subTest(url):
                self.assertIn('"versions"', self.curl(url + '/'))
                self.assertIn(f'"{url}/v2"', self.curl(url + '/'))
        self.assertIn('"http://lb/v2"', self.curl(
            '--unix-socket', self.socket, 'http://lb/'))
        self.assertTrue(api.stop())
        self.assertFalse(os.path.exists(self.socket))

    def test_file(self):
        """the command line replaces the addresses of a file"""
        path = os.path.join(self.stand.rundir, 'several.conf')
        port = daemons.free_port()
        with open(path, 'w', encoding='utf-8') as file:
            file.write(f'[api]\nlisten = 127.0.0.1:{port}, '
                       f'unix:{self.socket}\n')
        argv = [self.stand.api.process.argv[0], f'--config={path}',
                '--print-config']
        self.assertIn(f'listen = 127.0.0.1:{port}, unix:{self.socket}\n',
                      proc.run(argv))
        self.assertIn('listen = 127.0.0.1:1,127.0.0.1:2\n',
                      proc.run([*argv, '--listen=127.0.0.1:1',
                                '--listen=127.0.0.1:2']))

    def test_both_versions(self):
        """any IPv6 address serves IPv4 as well, unless that has its own"""
        port = daemons.free_port()
        for addresses in (f'[::]:{port}', f'[::]:{port},127.0.0.1:{port}',
                          f'0.0.0.0:{port},[::]:{port}'):
            with self.subTest(addresses):
                api = self.start_api('--insecure-no-auth-listen',
                                     f'--listen={addresses}')
                for host in ('127.0.0.1', '[::1]'):
                    self.assertIn('"versions"',
                                  self.curl(f'http://{host}:{port}/'))
                api.complaints(apitest.ALLOWED)
                self.assertTrue(api.stop())

    def test_one_is_exposed(self):
        """one address that others can reach is refused among local ones"""
        text = self.refused_api(
            f'--listen=127.0.0.1:{daemons.free_port()},unix:{self.socket},'
            f'192.0.2.1:{daemons.free_port()}')
        self.assertIn('refusing to listen', text)

    def test_one_is_impossible(self):
        """an address that is in use leaves no socket of the others"""
        text = self.refused_api(f'--listen=unix:{self.socket},127.0.0.1:'
                                f'{self.stand.api.port}')
        self.assertRegex(text, '(?i)in use')
        self.assertFalse(os.path.exists(self.socket))

    def test_permissions(self):
        """a unix socket has the group and the mode of the settings"""
        api = self.start_api(f'--listen=unix:{self.socket}')
        found = os.stat(self.socket)
        self.assertEqual(stat.S_IMODE(found.st_mode), 0o660)
        self.assertTrue(api.stop())
        group = grp.getgrall()[-1]
        self.start_api(f'--listen=unix:{self.socket}', '--socket-mode=0666',
                       f'--socket-group={group.gr_name}')
        found = os.stat(self.socket)
        self.assertEqual(stat.S_IMODE(found.st_mode), 0o666)
        self.assertEqual(found.st_gid, group.gr_gid)

    def test_bad_settings(self):
        """a wrong group, mode or path is refused at the start"""
        for option, said in (('--socket-group=no-such-group', 'no such group'),
                             ('--socket-mode=0444', 'must be an octal number'),
                             ('--listen=unix:x', 'absolute path'),
                             ('--listen=unix:/no/where/x', 'cannot listen')):
            with self.subTest(option):
                self.assertIn(said, self.refused_api(option))

    def test_taken(self):
        """a socket on which a copy listens stays; a dead one is replaced"""
        api = self.start_api(f'--listen=unix:{self.socket}')
        self.assertIn('another process is listening there',
                      self.refused_api(f'--listen=unix:{self.socket},'
                                       f'127.0.0.1:{daemons.free_port()}'))
        api.kill()
        self.assertTrue(os.path.exists(self.socket))
        api.start()
        wait.until(lambda: self.curl('--unix-socket', self.socket,
                                     'http://lb/'), 'the socket is served')

    def test_one_limit(self):
        """connections to all sockets together are limited, and make room"""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < 4096 <= hard:
            resource.setrlimit(resource.RLIMIT_NOFILE, (4096, hard))
        port = daemons.free_port()
        api = self.start_api(f'--listen=127.0.0.1:{port}',
                             f'--listen=unix:{self.socket}')
        fds = f'/proc/{api.process.pid}/fd'
        before = len(os.listdir(fds))
        with contextlib.ExitStack() as stack:
            for i in range(2 * CONNECTIONS_MAX):
                sock = socket.socket(socket.AF_UNIX if i % 3 == 0
                                     else socket.AF_INET)
                stack.enter_context(sock)
                sock.settimeout(20 * wait.SLOWNESS)
                sock.connect(self.socket if i % 3 == 0 else
                             ('127.0.0.1', (port, api.port)[i % 2]))
            for good in (port, api.port):
                rest = client.Api(good, timeout=10)
                self.assertEqual(rest.request('GET', LIST).status, 200)
                rest.close()
            self.assertLessEqual(len(os.listdir(fds)),
                                 before + CONNECTIONS_MAX + 1)
            self.curl('--unix-socket', self.socket, 'http://lb' + LIST)
        wait.until(lambda: len(os.listdir(fds)) <= before,
                   'every place is free again', 20, 0.05)

    def test_keep_alive(self):
        """a connection over a unix socket serves request after request"""
        self.start_api(f'--listen=unix:{self.socket}')
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(10 * wait.SLOWNESS)
            sock.connect(self.socket)
            for _ in range(20):
                sock.sendall(rawhttp.request('GET', LIST))
                self.assertEqual(rawhttp.read_reply(sock)[0], 200)


if __name__ == '__main__':
    unittest.main()
