#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The API over TLS: what it offers, to whom, and that its certificate can be
replaced while it serves."""

import contextlib
import json
import os
import re
import resource
import shutil
import ssl
import socket
import subprocess
import tempfile
import time
import unittest

import apitest
import rawhttp

from lib import certs, client, daemons, proc, wait

LIST = apitest.LBAAS + '/loadbalancers'
GET = rawhttp.request('GET', LIST)

# What the log may say of a pair of files that is wrong.
WRONG_PAIR = r'http_certificate\|WARN\|.*new connections still get'


class TlsTest(apitest.ApiTest):
    """With an authority, and a directory for what the API is given."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made = tempfile.mkdtemp(prefix='oo-tls-', dir='/tmp')
        cls.addClassCleanup(shutil.rmtree, cls.made)
        cls.authority = certs.Authority(cls.made)
        cls.first = cls.authority.issue('first')

    def setUp(self):
        super().setUp()
        self.directory = tempfile.mkdtemp(dir=self.made)
        self.cert = os.path.join(self.directory, 'cert.pem')
        self.key = os.path.join(self.directory, 'key.pem')
        self.install(self.first)

    def install(self, pair):
        """Puts the pair where the API has it, each file at once."""
        for source, target in zip(pair, (self.cert, self.key)):
            shutil.copy(source, target + '.new')
            os.rename(target + '.new', target)

    def start_tls(self, *args, port=None):
        self.port = port or daemons.free_port()
        api = self.start_own_api(
            'tls', f'--listen=https://127.0.0.1:{self.port}',
            f'--tls-certificate={self.cert}', f'--tls-private-key={self.key}',
            *args)
        self.stand.wait_api(api)
        return api

    def context(self, pair=None):
        context = ssl.create_default_context(cafile=self.authority.cert)
        if pair:
            context.load_cert_chain(*pair)
        return context

    def connect(self, context=None, host='127.0.0.1'):
        """A connection with its handshake done."""
        raw = socket.create_connection((host, self.port), 20 * wait.SLOWNESS)
        try:
            return (context or self.context()).wrap_socket(
                raw, server_hostname=host)
        except BaseException:
            raw.close()
            raise

    def ask(self, sock):
        sock.sendall(GET)
        return rawhttp.read_reply(sock)[0]

    def served(self):
        """The serial number that a new connection is shown."""
        with self.connect() as sock:
            return sock.getpeercert()['serialNumber']

    def serial(self, pair):
        return proc.run(['openssl', 'x509', '-noout', '-serial', '-in',
                         pair[0]]).strip().partition('=')[2]

    def wait_served(self, pair):
        serial = self.serial(pair)
        wait.until(lambda: self.served() == serial,
                   'new connections have the new certificate', 10, 0.1)

    @staticmethod
    def said(api):
        """What the log has said of the certificate, in warnings and worse."""
        return [line for line in api.complaints(apitest.ALLOWED)
                if 'http_certificate' in line]

    @staticmethod
    def status(api):
        return dict(line.split(': ', 1) for line
                    in api.appctl('api/status').splitlines())


class Offers(TlsTest):

    def s_client(self, *args):
        """What openssl prints about a connection, None if there is none."""
        done = subprocess.run(
            ['openssl', 's_client', '-connect', f'127.0.0.1:{self.port}',
             '-CAfile', self.authority.cert, *args],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=30 * wait.SLOWNESS, check=False)
        found = re.search(r'^New, (\S+), Cipher is (\S+)$', done.stdout,
                          re.MULTILINE)
        if done.returncode or not found or found.group(2) == '(NONE)':
            return None
        return found.groups()

    def test_versions(self):
        """TLS 1.2 and 1.3 are offered, and nothing older"""
        self.start_tls()
        self.assertEqual(self.s_client('-tls1_3'),
                         ('TLSv1.3', 'TLS_AES_256_GCM_SHA384'))
        self.assertEqual(self.s_client('-tls1_2'),
                         ('TLSv1.2', 'ECDHE-ECDSA-AES256-GCM-SHA384'))
        for version in ('-tls1', '-tls1_1'):
            # Otherwise openssl itself would not send it.
            self.assertIsNone(self.s_client(version, '-cipher',
                                            'ALL:@SECLEVEL=0'), version)

    def test_ciphers(self):
        """without forward secrecy and authentication no cipher is offered"""
        self.start_tls()
        names = proc.run(['openssl', 'ciphers', '-tls1_2', '-s',
                          'ALL:COMPLEMENTOFALL:@SECLEVEL=0']).strip()
        good = ('ECDHE-ECDSA-AES256-GCM-SHA384',
                'ECDHE-ECDSA-AES128-GCM-SHA256',
                'ECDHE-ECDSA-CHACHA20-POLY1305')
        for name in good:
            self.assertEqual(self.s_client('-tls1_2', '-cipher', name),
                             ('TLSv1.2', name))
        rest = ':'.join(sorted(set(names.split(':')) - set(good)))
        self.assertIsNone(self.s_client('-tls1_2', '-cipher',
                                        rest + ':@SECLEVEL=0'))

    def test_server_chooses(self):
        """of several ciphers the server's order counts"""
        self.start_tls()
        self.assertEqual(
            self.s_client('-tls1_2', '-cipher',
                          'ECDHE-ECDSA-AES128-GCM-SHA256:'
                          'ECDHE-ECDSA-AES256-GCM-SHA384')[1],
            'ECDHE-ECDSA-AES256-GCM-SHA384')

    def test_rsa(self):
        """a certificate of RSA serves as well"""
        self.install(self.authority.issue('rsa', kind='rsa'))
        self.start_tls()
        self.assertEqual(self.s_client('-tls1_2')[1],
                         'ECDHE-RSA-AES256-GCM-SHA384')
        self.assertIsNone(self.s_client('-tls1_2', '-cipher',
                                        'kRSA:@SECLEVEL=0'))

    def test_curl(self):
        """curl verifies it, by IPv4 and IPv6, and links begin with https"""
        port = daemons.free_port()
        self.start_tls(f'--listen=https://[::1]:{port}')
        for url in (f'https://127.0.0.1:{self.port}', f'https://[::1]:{port}',
                    f'https://localhost:{self.port}'):
            with self.subTest(url):
                printed = proc.run(['curl', '-sS', '--noproxy', '*',
                                    '--ipv6' if '[' in url else '--ipv4',
                                    '--cacert', self.authority.cert,
                                    url + '/'])
                links = {link['href']
                         for version in json.loads(printed)['versions']
                         for link in version['links']}
                self.assertEqual(links, {url + '/v2'})

    def test_end_is_told(self):
        """the end of a connection is told as TLS wants it"""
        self.start_tls()
        context = self.context()
        raw = socket.create_connection(('127.0.0.1', self.port), 20)
        with context.wrap_socket(raw, server_hostname='127.0.0.1',
                                 suppress_ragged_eofs=False) as sock:
            sock.sendall(rawhttp.request('GET', LIST,
                                         headers=['Connection: close']))
            self.assertIn(b' 200 ', rawhttp.read_all(sock))

    def test_plain_speech(self):
        """a client without TLS gets no answer, and others are served"""
        self.start_tls()
        with rawhttp.connect(self.port) as sock:
            sock.sendall(GET)
            self.assertNotIn(b'200', rawhttp.read_all(sock))
        with self.connect() as sock:
            self.assertEqual(self.ask(sock), 200)

    def test_large(self):
        """bodies and answers of many records come whole"""
        self.start_tls()
        with self.connect() as sock:
            for size in (1, 16384, 100000):
                body = json.dumps({'x' * size: 1})
                sock.sendall(rawhttp.request('POST', LIST, body))
                self.assertEqual(rawhttp.read_reply(sock)[0], 400)
            sock.sendall(rawhttp.request('POST', LIST, 'x' * 200000))
            self.assertEqual(rawhttp.read_reply(sock)[0], 413)

    def test_pieces(self):
        """a request in single bytes, and many in one piece, are answered"""
        self.start_tls()
        with self.connect() as sock:
            for byte in GET:
                sock.sendall(bytes([byte]))
            self.assertEqual(rawhttp.read_reply(sock)[0], 200)
        with self.connect() as sock:
            last = rawhttp.request('GET', LIST, headers=['Connection: close'])
            sock.sendall(9 * GET + last)
            self.assertEqual(rawhttp.read_all(sock).count(b'HTTP/1.1 200 '),
                             10)


class Settings(TlsTest):

    def refused(self, *args):
        return self.refused_api(
            f'--listen=https://127.0.0.1:{daemons.free_port()}', *args)

    def test_files_are_needed(self):
        """https without a certificate and a key is refused"""
        for args in ((), (f'--tls-certificate={self.cert}',),
                     (f'--tls-private-key={self.key}',)):
            with self.subTest(args):
                self.assertIn('https needs tls_certificate and '
                              'tls_private_key', self.refused(*args))

    def test_wrong_files(self):
        """files that do not fit, or cannot be read, are refused"""
        other = self.authority.issue('other')
        missing = os.path.join(self.directory, 'none')
        for cert, key, said in (
                (self.cert, other[1], 'do not match|not match|mismatch'),
                (missing, self.key, 'No such file'),
                (self.cert, missing, 'No such file'),
                (self.key, self.key, self.key),
                (self.directory, self.key, 'is no file')):
            with self.subTest(said):
                self.assertRegex(
                    self.refused(f'--tls-certificate={cert}',
                                 f'--tls-private-key={key}'),
                    '(?i)' + said)

    def test_open_key(self):
        """a key that every user may read is refused"""
        os.chmod(self.key, 0o644)
        self.assertIn('every user may read it', self.refused(
            f'--tls-certificate={self.cert}', f'--tls-private-key={self.key}'))
        os.chmod(self.key, 0o640)
        self.start_tls()

    def test_exposure(self):
        """required certificates open an address, optional ones do not"""
        port = daemons.free_port()
        args = (f'--listen=https://0.0.0.0:{port}',
                f'--tls-certificate={self.cert}',
                f'--tls-private-key={self.key}')
        authority = f'--tls-client-ca={self.authority.cert}'
        self.assertIn('refusing to listen', self.refused_api(*args))
        self.assertIn('refusing to listen', self.refused_api(
            *args, authority, '--tls-client-auth=optional'))
        api = self.start_own_api('open', *args, authority)
        api.wait_ready()
        self.assertNotIn('without authentication', api.log_text())

    def test_wrong_authorities(self):
        """a file of authorities without a certificate is refused"""
        self.assertIn(self.key, self.refused(
            f'--tls-certificate={self.cert}', f'--tls-private-key={self.key}',
            f'--tls-client-ca={self.key}'))


class Clients(TlsTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = certs.Authority(cls.made, 'people')
        cls.person = cls.people.issue('person', purpose='client')
        cls.strangers = [
            cls.authority.issue('foreign', purpose='client'),
            cls.people.issue('server'),
            cls.people.issue('late', -1, -9, purpose='client')]

    def is_served(self, pair):
        try:
            with self.connect(self.context(pair)) as sock:
                return self.ask(sock) == 200
        except (OSError, TypeError):
            # TypeError: no reply.
            return False

    def test_required(self):
        """with an authority for clients, only its certificates open"""
        self.start_tls(f'--tls-client-ca={self.people.cert}')
        self.assertTrue(self.is_served(self.person))
        self.assertFalse(self.is_served(None))
        for pair in self.strangers:
            with self.subTest(pair[0]):
                self.assertFalse(self.is_served(pair))
        self.assertTrue(self.is_served(self.person))

    def test_optional(self):
        """if they are optional, none is fine, and a wrong one is not"""
        self.start_tls(f'--tls-client-ca={self.people.cert}',
                       '--tls-client-auth=optional')
        self.assertTrue(self.is_served(self.person))
        self.assertTrue(self.is_served(None))
        for pair in self.strangers:
            with self.subTest(pair[0]):
                self.assertFalse(self.is_served(pair))

    def test_older_version(self):
        """TLS 1.2 asks for certificates, too"""
        self.start_tls(f'--tls-client-ca={self.people.cert}')
        for pair, expected in ((self.person, True), (None, False),
                               (self.strangers[0], False)):
            context = self.context(pair)
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            with self.subTest(pair):
                try:
                    with self.connect(context) as sock:
                        served = self.ask(sock) == 200
                except (OSError, TypeError):
                    served = False
                self.assertEqual(served, expected)


class StockClient(TlsTest):

    def test_list(self):
        """the stock client with --os-cacert lists, and without it refuses"""
        self.start_tls()
        self.make_lb(name='over-tls')
        cli = client.Cli(environment={
            **client.cli_environment(self.port),
            'OS_ENDPOINT': f'https://127.0.0.1:{self.port}'})
        found = cli.json('--os-cacert', self.authority.cert,
                         'loadbalancer', 'list')
        self.assertIn('over-tls', [lb['name'] for lb in found])
        self.assertRegex(cli.fails('loadbalancer', 'list'),
                         '(?i)certificate.verify.failed')


class Renewal(TlsTest):

    def test_replaced(self):
        """a new pair is served, and no open connection is lost"""
        api = self.start_tls()
        second = self.authority.issue('second')
        with contextlib.ExitStack() as stack:
            socks = [stack.enter_context(self.connect()) for _ in range(50)]
            for sock in socks:
                self.assertEqual(self.ask(sock), 200)
            self.install(second)
            self.wait_served(second)
            for _ in range(3):
                for sock in socks:
                    self.assertEqual(self.ask(sock), 200)
        self.assertEqual(self.status(api)['certificate'], 'good')
        self.assertEqual(self.said(api), [])

    def test_wrong_pair(self):
        """of a wrong pair the old one is kept, and status and log say so"""
        api = self.start_tls()
        shutil.copy(self.authority.issue('second')[1], self.key)
        self.assertIn('not', api.appctl('api/reload-certificate'))
        self.assertEqual(self.served(), self.serial(self.first))
        self.assertIn('the new files are not taken',
                      self.status(api)['certificate'])
        warning, = self.said(api)
        self.assertRegex(warning, WRONG_PAIR)
        self.install(self.first)
        self.assertEqual(api.appctl('api/reload-certificate').strip(),
                         'loaded')
        self.assertEqual(self.status(api)['certificate'], 'good')
        self.assertEqual(self.said(api), [])

    def test_open_key(self):
        """a new key that every user may read is not taken"""
        api = self.start_tls()
        os.chmod(self.key, 0o644)
        wait.until(lambda: self.served() and 'every user'
                   in self.status(api)['certificate'], 'it is seen', 10, 0.2)
        self.assertEqual(self.served(), self.serial(self.first))

    def test_expiry(self):
        """the end of a certificate is told 30 days before, and when it is"""
        for days, level, said, status in (
                (29.5, 'WARN', 'expires in 29 days', 'expires in 29 days'),
                (3.5, 'WARN', 'expires in 3 days', 'expires in 3 days'),
                (-1, 'ERR', 'has expired', 'expired')):
            with self.subTest(days):
                self.install(self.authority.issue('short', days, -9))
                api = self.start_tls()
                line, = self.said(api)
                self.assertRegex(line, rf'{level}\|.*{said}')
                self.assertEqual(self.status(api)['certificate'], status)
                self.assertTrue(api.stop())

    def test_doctor(self):
        """doctor repeats what is wrong with the certificate"""
        self.install(self.authority.issue('short', 3.5, -9))
        self.start_tls(f'--unixctl={self.directory}/ovn-octavia-api.ctl')
        done = subprocess.run(
            [os.path.join(daemons.build_directory(), 'src',
                          'ovn-octavia-ctl'), '--no-syslog',
             f'--db={self.stand.octavia.remote}',
             f'--nb-db={self.stand.nb.remote}',
             f'--sb-db={self.stand.sb.remote}', 'doctor'],
            env=proc.merged({'OVN_OCTAVIA_RUNDIR': self.directory}),
            capture_output=True, text=True, timeout=60 * wait.SLOWNESS,
            check=False)
        self.assertRegex(done.stdout, r'daemon-trouble.*ovn-octavia-api.*'
                         r'certificate: expires in 3 days')

    def test_client_authority(self):
        """the authority for clients is replaced, too"""
        people = [certs.Authority(self.made, name) for name in ('p1', 'p2')]
        pairs = [one.issue('person', purpose='client') for one in people]
        authority = os.path.join(self.directory, 'people.pem')
        shutil.copy(people[0].cert, authority)
        api = self.start_tls(f'--tls-client-ca={authority}')
        with self.connect(self.context(pairs[0])) as sock:
            self.assertEqual(self.ask(sock), 200)
            shutil.copy(people[1].cert, authority)
            api.appctl('api/reload-certificate')
            self.assertEqual(self.ask(sock), 200)
            with self.connect(self.context(pairs[1])) as other:
                self.assertEqual(self.ask(other), 200)
            with self.assertRaises((OSError, TypeError)):
                with self.connect(self.context(pairs[0])) as other:
                    self.ask(other)


class Slow(TlsTest):

    # As in src/base/limits.h.
    CONNECTIONS_MAX = 900
    STRANGER_S = 10

    def setUp(self):
        super().setUp()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < 4096 <= hard:
            resource.setrlimit(resource.RLIMIT_NOFILE, (4096, hard))

    def hello(self):
        """What a client says first."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.context().wrap_bio(incoming, outgoing,
                                      server_hostname='127.0.0.1')
        with contextlib.suppress(ssl.SSLWantReadError):
            tls.do_handshake()
        return outgoing.read()

    @staticmethod
    def cpu_s(api):
        with open(f'/proc/{api.process.pid}/stat', encoding='ascii') as file:
            fields = file.read().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def crowd(self, stack, n, data):
        socks = []
        for _ in range(n):
            sock = stack.enter_context(rawhttp.connect(self.port))
            if data:
                sock.sendall(data)
            socks.append(sock)
        return socks

    def assert_answers(self):
        with self.connect() as sock:
            self.assertEqual(self.ask(sock), 200)

    def test_half_open(self):
        """900 handshakes that do not go on shut no good client out"""
        api = self.start_tls()
        fds = len(os.listdir(f'/proc/{api.process.pid}/fd'))
        hello = self.hello()
        for data in (b'', hello[:50], hello):
            with self.subTest(len(data)), contextlib.ExitStack() as stack:
                self.crowd(stack, self.CONNECTIONS_MAX, data)
                for _ in range(3):
                    self.assert_answers()
            wait.until(lambda: len(os.listdir(
                f'/proc/{api.process.pid}/fd')) <= fds,
                'every place is free again', 20, 0.05)

    def test_they_cost_nothing(self):
        """a handshake that waits for its client keeps the loop asleep"""
        api = self.start_tls()
        with contextlib.ExitStack() as stack:
            for data in (b'', self.hello()[:50], self.hello()):
                self.crowd(stack, 10, data)
            self.assert_answers()
            before = self.cpu_s(api)
            end = time.monotonic() + 2
            wait.until(lambda: time.monotonic() > end, 'two seconds', 10, 0.1)
            self.assertLess(self.cpu_s(api) - before, 0.5)

    def test_cut(self):
        """a client that is silent in its handshake is cut off in time"""
        self.start_tls()
        with contextlib.ExitStack() as stack:
            start = time.monotonic()
            socks = [sock for data in (b'', self.hello()[:50])
                     for sock in self.crowd(stack, 1, data)]
            for sock in socks:
                sock.settimeout(60)
                rawhttp.read_all(sock)
            self.assertGreater(time.monotonic() - start, self.STRANGER_S - 1)

    def test_plain_beside(self):
        """half-open handshakes leave plain clients of the same API alone"""
        api = self.start_tls()
        with contextlib.ExitStack() as stack:
            self.crowd(stack, self.CONNECTIONS_MAX, self.hello())
            rest = client.Api(api.port, timeout=10)
            self.assertEqual(rest.request('GET', LIST).status, 200)
            rest.close()


if __name__ == '__main__':
    unittest.main()
