#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What octavia.conf says about Neutron and OVN's databases."""

import os
import unittest

import neutrontest
from lib import daemons, neutron_stub, ovsdb, proc, wait


class Options(neutrontest.NeutronTest):
    """What is in octavia.conf."""

    def setUp(self):
        super().setUp()
        self.servers = {}

    def driver(self, conf, *options):
        """Another driver, with a copy of octavia.conf in which lines are
        replaced or, by "", left out."""
        path = os.path.join(self.stand.rundir, 'other.conf')
        with open(self.stand.conf, encoding='utf-8') as file:
            lines = file.read().splitlines()
        for old, new in conf.items():
            lines = [new if line.startswith(old) else line for line in lines]
        with open(path, 'w', encoding='utf-8') as file:
            file.write('\n'.join(lines))
        return daemons.Driver(
            self.stand.rundir, self.stand.octavia.remote, 'unix:/nowhere',
            'unix:/nowhere', name='other',
            extra=[f'--octavia-conf={path}', *options])

    def assert_fails(self, driver, *words):
        driver.process.start()
        wait.until(lambda: not driver.process.is_running(), 'it ends')
        for word in words:
            self.assertIn(word, driver.process.output_tail())
        self.assertNotIn(neutron_stub.PASSWORD,
                         driver.process.output_tail())

    def test_missing(self):
        """What is missing or wrong is named, and so is its section"""
        self.assert_fails(self.driver({}, '--octavia-conf=/no/where'),
                          '/no/where')
        for conf, words in (
                ({'auth_url': ''}, ('[service_auth]', 'auth_url')),
                ({'username': ''}, ('[service_auth]', 'user')),
                ({'ovsdb_probe': 'ovsdb_probe_interval = 5'},
                 ('[ovn]', 'ovsdb_probe_interval')),
                ({'ovsdb_probe': 'ovn_nb_private_key = /a\n'
                                 'ovn_sb_private_key = /b'},
                 ('[ovn]', 'ovn_nb_private_key', 'ovn_sb_private_key'))):
            with self.subTest(str(conf)):
                self.assert_fails(self.driver(conf), 'other.conf', *words)

    def tls_server(self, name='tls', schema=ovsdb.NB_SCHEMA):
        """A server that asks for certificates, which is an authority of its
        own; its port, and its files."""
        directory = self.stand.rundir
        key, certificate = (os.path.join(directory, f'{name}.{suffix}')
                            for suffix in ('key', 'crt'))
        proc.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
                  '-days', '1', '-subj', '/CN=test', '-keyout', key, '-out',
                  certificate])
        port = daemons.free_port()
        server = ovsdb.Server(name, schema, directory)
        server.process.argv += [
            f'--remote=pssl:{port}:127.0.0.1', f'--private-key={key}',
            f'--certificate={certificate}', f'--ca-cert={certificate}']
        server.start()
        self.addCleanup(server.stop)
        self.servers[name] = server
        return port, key, certificate

    def test_tls(self):
        """OVN's databases may be where octavia.conf says, with TLS"""
        port, key, certificate = self.tls_server()
        remote = f'ssl:127.0.0.1:{port}'
        driver = self.driver({
            'ovn_nb_connection': f'ovn_nb_connection = {remote}',
            'ovn_sb_connection': f'ovn_sb_connection = {remote}',
            'ovsdb_probe': f'ovn_nb_private_key = {key}\n'
                           f'ovn_nb_certificate = {certificate}\n'
                           f'ovn_sb_ca_cert = {certificate}'})
        driver.process.argv = [
            word for word in driver.process.argv
            if not word.startswith(('--nb-db', '--sb-db'))]
        driver.start()
        self.addCleanup(driver.stop)
        wait.until(lambda: 'OVN_Northbound: connected to ' + remote
                   in driver.log_text(), 'it is connected')

    def tls_driver(self, nb, sb, sb_authority):
        """Starts a driver with files of its own for each database; gives a
        function that returns its log."""
        driver = self.driver({
            'ovn_nb_connection':
                f'ovn_nb_connection = ssl:127.0.0.1:{nb[0]}',
            'ovn_sb_connection':
                f'ovn_sb_connection = ssl:127.0.0.1:{sb[0]}',
            'ovsdb_probe': f'ovn_nb_private_key = {nb[1]}\n'
                           f'ovn_nb_certificate = {nb[2]}\n'
                           f'ovn_nb_ca_cert = {nb[2]}\n'
                           f'ovn_sb_private_key = {sb[1]}\n'
                           f'ovn_sb_certificate = {sb[2]}\n'
                           f'ovn_sb_ca_cert = {sb_authority}'})
        driver.process.argv = [
            word for word in driver.process.argv
            if not word.startswith(('--nb-db', '--sb-db'))]
        before = len(driver.log_text())
        driver.start()
        self.addCleanup(driver.stop)
        return lambda: driver.log_text()[before:]

    def test_tls_each(self):
        """each of OVN's databases may have keys and an authority of its own,
        also after both were lost"""
        nb = self.tls_server('tls-nb')
        sb = self.tls_server('tls-sb', ovsdb.SB_SCHEMA)
        log = self.tls_driver(nb, sb, sb[2])
        for count in (1, 2):
            for name, port in (('OVN_Northbound', nb[0]),
                               ('OVN_Southbound', sb[0])):
                text = f'{name}: connected to ssl:127.0.0.1:{port}'
                wait.until(lambda text=text, count=count:
                           log().count(text) >= count, text)
            for name in ('tls-nb', 'tls-sb'):
                self.servers[name].restart()

    def test_tls_other_authority(self):
        """the authority of one database does not speak for the other"""
        nb = self.tls_server('tls-nb')
        sb = self.tls_server('tls-sb', ovsdb.SB_SCHEMA)
        log = self.tls_driver(nb, sb, nb[2])
        wait.until(lambda: 'OVN_Northbound: connected to ssl:'
                   in log(), 'it has the Northbound database')
        wait.until(lambda: 'OVN_Southbound: cannot reach'
                   in log(), 'it says that it has no other')
        self.assertIn('certificate verify failed', log())
        self.assertNotIn('OVN_Southbound: connected', log())

    def test_precedence(self):
        """Our own options win"""
        driver = self.driver({
            'ovn_nb_connection': 'ovn_nb_connection = tcp:127.0.0.1:1',
            'ovn_sb_connection': 'ovn_sb_connection = tcp:127.0.0.1:1'},
            f'--nb-db={self.stand.nb.remote}',
            f'--sb-db={self.stand.sb.remote}')
        driver.start()
        self.addCleanup(driver.stop)
        wait.until(lambda: 'OVN_Northbound: connected to '
                   in driver.log_text(), 'it is connected')
        wait.until(lambda: driver.status()['southbound'] == 'yes',
                   'it has the Southbound database')


if __name__ == '__main__':
    unittest.main()
