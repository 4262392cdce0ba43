#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""ovn-octavia-ctl doctor: each of its verdicts, by a fault that is made for
real, in an installation with an agent and a stub of Keystone and Neutron."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import unittest

import octaviatest

from lib import (cluster, daemons, localusers, neutron, neutron_stub, ovsdb,
                 proc, wait)

LINE = re.compile(r'^(good|warning|bad) +\[([a-z-]+)\] (.*)$')
PROVIDER_LOCK = 'neutron_ovn_octavia_event_lock'


class Listener:
    """Takes connections on a unix socket, and nothing else."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        os.chmod(path, 0o660)
        self.socket.listen(16)

    def stop(self):
        self.socket.close()
        os.unlink(self.path)


class Doctor(octaviatest.OctaviaTest):

    def setUp(self):
        super().setUp()
        self.wait_reporting()
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.rundir = self.stand.rundir
        self.python = os.path.join(self.rundir, 'python')
        self.stub = neutron_stub.Stub(neutron.Neutron(self.stand.nb,
                                                      project='someone'))
        self.stack.callback(self.stub.stop)
        self.sockets = {}
        for name in ('status', 'get'):
            path = os.path.join(self.rundir, f'octavia-{name}.sock')
            self.sockets[name] = Listener(path)
            self.stack.callback(self.forget_socket, name)
        self.conf = os.path.join(self.rundir, 'doctor.conf')
        self.write_conf()

    def forget_socket(self, name):
        listener = self.sockets.pop(name, None)
        if listener:
            listener.stop()

    def wait_reporting(self):
        self.stand.agent.wait_ready()
        wait.until(lambda: self.stand.agent.status()['reports'] == 'active',
                   'the agent reports', 20)

    def write_conf(self, agents='ovn', **more):
        text = self.stub.conf(self.stand.nb.remote, self.stand.sb.remote)
        for old, new in more.items():
            self.assertIn(old, text)
            text = text.replace(old, new)
        with open(self.conf, 'w', encoding='utf-8') as file:
            file.write(
                f'{text}\n[api_settings]\n'
                'enabled_provider_drivers = ovn:OVN\n[driver_agent]\n'
                f'enabled_provider_agents = {agents}\n'
                f'status_socket_path = {self.rundir}/octavia-status.sock\n'
                f'get_socket_path = {self.rundir}/octavia-get.sock\n'
                f'[ovn_octavia]\nagent_socket = {self.stand.agent.socket}\n')
        os.chmod(self.conf, 0o640)

    def install(self, *packages):
        """Octavia's Python finds just these."""
        shutil.rmtree(self.python, ignore_errors=True)
        for package in packages:
            os.makedirs(os.path.join(self.python, package))
            with open(os.path.join(self.python, package, 'driver.py'), 'w',
                      encoding='utf-8'):
                pass

    def make_etc(self):
        """Another /etc, with the directory of our configuration; returns its
        path."""
        etc = os.path.join(self.rundir, 'etc')
        os.makedirs(os.path.join(etc, 'ovn-octavia'))
        for name in ('group', 'hosts', 'nsswitch.conf', 'passwd'):
            shutil.copy(os.path.join('/etc', name), etc)
        self.addCleanup(shutil.rmtree, etc)
        return etc

    def run_doctor(self, *options, status=0, conf=True, db=None, etc=None):
        """Returns the codes of all lines with their texts."""
        done = subprocess.run(
            ['unshare', '--mount', '--propagation', 'private', 'sh', '-ec',
             'for dir in /usr/lib/python3/dist-packages/ovn_octavia_*; do'
             '    [ ! -d "$dir" ] || mount -t tmpfs none "$dir";'
             'done; [ ! "$1" ] || mount --bind "$1" /etc; shift; exec "$@"',
             'sh', etc or '',
             os.path.join(daemons.build_directory(), 'src',
                          'ovn-octavia-ctl'),
             f'--db={db or self.stand.octavia.remote}',
             f'--nb-db={self.stand.nb.remote}',
             f'--sb-db={self.stand.sb.remote}', '--no-syslog',
             *([f'--octavia-conf={self.conf}'] if conf else []),
             *options, 'doctor'],
            env=proc.merged({'OVN_OCTAVIA_RUNDIR': self.rundir,
                             'PYTHONPATH': self.python}),
            capture_output=True, text=True, check=False,
            timeout=60 * wait.SLOWNESS)
        lines = done.stdout.splitlines()
        found = {}
        for line in lines[:-1]:
            match = LINE.match(line)
            self.assertTrue(match, line)
            found.setdefault(match[2], []).append(
                (match[1], match[3]))
        self.assertRegex(lines[-1], r'^\d+ good, \d+ to look at, \d+ bad$')
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return found

    def assert_says(self, found, code, level, *words):
        self.assertIn(code, found)
        level_found, text = found[code][0]
        self.assertEqual(level_found, level, text)
        for word in words:
            self.assertIn(word, text)

    def assert_only_good(self, found):
        wrong = {code: lines for code, lines in found.items()
                 if lines[0][0] != 'good'}
        self.assertEqual(wrong, {})

    def test_well(self):
        """an installation without a fault is called good in each respect"""
        self.install('ovn_octavia_plugin')
        found = self.run_doctor()
        self.assert_only_good(found)
        self.assertLessEqual({'db', 'driver', 'agent', 'clock', 'keystone',
                              'neutron', 'socket', 'provider', 'secret'},
                             set(found))
        self.assertEqual(len(found['db']), 3)
        self.assertEqual(len(found['socket']), 3)

    def test_without_octavia(self):
        """without octavia.conf only databases and daemons are looked at"""
        found = self.run_doctor(conf=False)
        self.assert_only_good(found)
        self.assertLessEqual(set(found), {'db', 'driver', 'clock', 'daemon'})

    def test_database_away(self):
        """a database that cannot be reached is bad; a server of it whose
        others serve is to be looked at"""
        away = f'unix:{self.rundir}/nothing.sock'
        found = self.run_doctor(db=away, conf=False, status=1)
        self.assert_says(found, 'db-away', 'bad', 'OVN_Octavia', away,
                         'No such file')
        found = self.run_doctor(db=f'{away},{self.stand.octavia.remote}',
                                conf=False)
        self.assert_says(found, 'db-server-away', 'warning', away)

    def test_other_database(self):
        """a server that has another database is told from one that is
        away"""
        found = self.run_doctor(db=self.stand.nb.remote, conf=False, status=1)
        self.assert_says(found, 'db-away', 'bad',
                         'does not have this database')

    def test_clusters_apart(self):
        """servers of two clusters are no cluster"""
        other = ovsdb.Server('other-octavia', ovsdb.OCTAVIA_SCHEMA,
                             self.rundir)
        self.stack.callback(other.stop)
        other.start()
        found = self.run_doctor(
            db=f'{self.stand.octavia.remote},{other.remote}', conf=False,
            status=1)
        self.assert_says(found, 'db-apart', 'bad', 'OVN_Octavia')

    def test_cluster(self):
        """a cluster of which most is lost is told, and so is one server of
        it that is lost"""
        group = cluster.Cluster('doctor', ovsdb.OCTAVIA_SCHEMA, self.rundir)
        self.stack.callback(group.stop)
        group.start()
        group.wait_settled()
        found = self.run_doctor(db=group.remote, conf=False, status=1)
        self.assertEqual(len(found['db']), 5)
        self.assertNotIn('db-leaderless', found)
        one, two, _ = group.members
        one.kill()
        group.wait_settled()
        found = self.run_doctor(db=group.remote, conf=False, status=1)
        self.assert_says(found, 'db-server-away', 'warning', one.tcp)
        two.kill()

        def is_alone():
            found = self.run_doctor(db=group.remote, conf=False, status=1)
            return {'db-leaderless', 'db-unsynced'} <= set(found) and found
        found = wait.until(is_alone, 'the last server knows that it is alone',
                           interval=0.5)
        self.assert_says(found, 'db-leaderless', 'bad', 'OVN_Octavia')
        self.assert_says(found, 'db-unsynced', 'warning', 'OVN_Octavia')

    def test_schema(self):
        """a schema that is older or newer than the program is told"""
        for version, code, level in (('0.0.1', 'db-old', 'bad'),
                                     ('99.0.0', 'db-new', 'warning')):
            with self.subTest(version):
                path = os.path.join(self.rundir, f'v{version}.ovsschema')
                with open(ovsdb.OCTAVIA_SCHEMA, encoding='utf-8') as file:
                    text = re.sub(r'"version": "[^"]*"',
                                  f'"version": "{version}"', file.read(),
                                  count=1)
                with open(path, 'w', encoding='utf-8') as file:
                    file.write(text)
                other = ovsdb.Server(f'octavia{version}', path, self.rundir)
                self.stack.callback(other.stop)
                other.start()
                found = self.run_doctor(db=other.remote, conf=False, status=1)
                self.assert_says(found, code, level, version)
                self.assert_says(found, 'driver-none', 'bad')

    def test_driver(self):
        """that no driver is active is told, and so is one that hangs"""
        self.allow_log(r'jsonrpc\|WARN\|.*Broken pipe')
        self.stand.driver.process.freeze()
        try:
            found = self.run_doctor(
                f'--driver-ctl={self.stand.driver.unixctl}', conf=False,
                status=1)
            self.assert_says(found, 'daemon-silent', 'bad',
                             'ovn-octavia-driver')
        finally:
            self.stand.driver.process.thaw()
        found = self.run_doctor(f'--driver-ctl={self.stand.driver.unixctl}',
                                conf=False)
        self.assert_says(found, 'daemon', 'good', 'ovn-octavia-driver')
        self.stand.driver.stop()
        try:
            found = self.run_doctor(conf=False, status=1)
            self.assert_says(found, 'driver-none', 'bad')
        finally:
            self.stand.driver.start()
            self.stand.driver.wait_ready()

    def test_agent_found(self):
        """the agent is asked where octavia-driver-agent or its unit has its
        control socket"""
        self.install('ovn_octavia_plugin')
        agent = self.stand.agent
        directory = os.path.dirname(agent.socket)
        argv, unixctl = agent.process.argv, agent.unixctl
        for path in (agent.socket + '.ctl',
                     f'{directory}/ovn-octavia-agent.1.ctl'):
            with self.subTest(path):
                agent.stop()
                agent.process.argv = [
                    f'--unixctl={path}' if arg.startswith('--unixctl=')
                    else arg for arg in argv]
                agent.unixctl = path
                try:
                    agent.start()
                    self.wait_reporting()
                    found = self.run_doctor()
                finally:
                    agent.stop()
                    agent.process.argv, agent.unixctl = argv, unixctl
                    agent.start()
                    self.wait_reporting()
                self.assert_says(found, 'daemon', 'good', 'ovn-octavia-agent')

    def test_agent(self):
        """that no agent reports is told, and so is its socket"""
        self.install('ovn_octavia_plugin')
        self.stand.agent.stop()
        try:
            found = self.run_doctor(status=1)
            self.assert_says(found, 'agent-none', 'bad')
            self.assert_says(found, 'socket-away', 'bad',
                             self.stand.agent.socket)
        finally:
            self.stand.agent.start()
            self.stand.agent.wait_ready()

    def test_sockets(self):
        """a socket of octavia-driver-agent that is away, or open to all, is
        told"""
        self.install('ovn_octavia_plugin')
        os.chmod(self.sockets['get'].path, 0o666)
        found = self.run_doctor()
        self.assert_says(found, 'socket-open', 'warning', 'octavia-get.sock')
        path = self.stand.nb.socket
        mode = os.stat(path).st_mode
        os.chmod(path, 0o777)
        try:
            found = self.run_doctor(conf=False)
        finally:
            os.chmod(path, mode)
        self.assert_says(found, 'socket-open', 'warning', path)
        self.forget_socket('status')
        found = self.run_doctor(status=1)
        self.assert_says(found, 'socket-away', 'bad', 'octavia-status.sock')

    def test_providers(self):
        """a Python provider that is installed or runs is told"""
        self.install('ovn_octavia_plugin', 'ovn_octavia_provider')
        self.assert_says(self.run_doctor(status=1), 'providers-both', 'bad')
        self.install('ovn_octavia_provider')
        self.assert_says(self.run_doctor(status=1), 'provider-old', 'bad')
        self.install('ovn_octavia_plugin')
        with self.stand.nb.client() as holder:
            self.assertTrue(holder.call('lock', [PROVIDER_LOCK])['locked'])
            found = self.run_doctor(status=1)
        self.assert_says(found, 'provider-active', 'bad', 'OVN_Northbound')

    def test_provider_off(self):
        """an octavia.conf that does not name the provider is told"""
        self.install('ovn_octavia_plugin')
        self.write_conf(agents='amphora, novnet')
        found = self.run_doctor(status=1)
        self.assert_says(found, 'provider-off', 'bad',
                         'enabled_provider_agents')

    def test_keystone(self):
        """a Keystone that does not answer is told, without the password"""
        self.install('ovn_octavia_plugin')
        away = f'http://127.0.0.1:{daemons.free_port()}/v3'
        self.write_conf(**{f'auth_url = {self.stub.url}/v3':
                           f'auth_url = {away}'})
        found = self.run_doctor(status=1)
        self.assert_says(found, 'keystone-away', 'bad', away[:-3])
        self.assertNotIn('neutron', found)
        self.assertNotIn(neutron_stub.PASSWORD, str(found))

    def test_neutron(self):
        """a Neutron that refuses is told, with its words"""
        self.install('ovn_octavia_plugin')
        self.stub.fail('GET', 403, neutron_stub.error('PolicyNotAuthorized',
                                                      'not for you'))
        found = self.run_doctor(status=1)
        self.assert_says(found, 'neutron-away', 'bad', 'not for you')

    def test_conf(self):
        """an octavia.conf that lacks the login is told"""
        self.install('ovn_octavia_plugin')
        self.write_conf(**{'username =': 'no_such_option ='})
        found = self.run_doctor(status=1)
        self.assert_says(found, 'conf-bad', 'bad')

    def test_secrets(self):
        """a file with secrets that every user may read is told"""
        self.install('ovn_octavia_plugin')
        os.chmod(self.conf, 0o644)
        found = self.run_doctor()
        self.assert_says(found, 'secret-open', 'warning', self.conf)

    def test_key(self):
        """a key that is not there is told"""
        self.install('ovn_octavia_plugin')
        self.write_conf(**{'[ovn]\n':
                           '[ovn]\novn_sb_private_key = /no/where\n'})
        found = self.run_doctor(status=1)
        self.assert_says(found, 'file-unreadable', 'bad', '/no/where')

    def test_trouble(self):
        """a driver that lacks a database says so"""
        self.allow_log(r'\|(db_link|jsonrpc|reconnect)\|WARN')
        self.stand.sb.stop()
        try:
            wait.until(lambda: self.stand.driver.status()['southbound']
                       == 'no', 'the driver has lost it')
            found = self.run_doctor(
                f'--driver-ctl={self.stand.driver.unixctl}', conf=False,
                status=1)
        finally:
            self.stand.sb.start()
            wait.until(lambda: self.stand.driver.status()['southbound']
                       == 'yes', 'the driver has it again')
        self.assert_says(found, 'daemon-trouble', 'warning',
                         'southbound: no')

    def test_clock(self):
        """a machine whose clock is ahead is named"""
        with self.stand.sb.client() as db:
            db.transact({'op': 'insert', 'table': 'Chassis_Private',
                         'row': {'name': 'fast', 'nb_cfg_timestamp':
                                 2 ** 42}})
            try:
                found = self.run_doctor(conf=False)
            finally:
                db.transact({'op': 'delete', 'table': 'Chassis_Private',
                             'where': [['name', '==', 'fast']]})
        self.assert_says(found, 'clock-differs', 'warning', 'chassis fast')

    def test_users_file(self):
        """a file of users that others may read, or that is none, is told"""
        self.install('ovn_octavia_plugin')
        etc = self.make_etc()
        users = localusers.Users(os.path.join(etc, 'ovn-octavia', 'users'))
        users.add('alice', 'a long secret', 'web', 'member')

        found = self.run_doctor(etc=etc)
        self.assert_only_good(found)
        self.assertIn('not every user may read /etc/ovn-octavia/users.',
                      [text for _, text in found['secret']])
        os.chmod(users.path, 0o644)
        self.assert_says(self.run_doctor(etc=etc, status=1),
                         'file-unreadable', 'bad',
                         '/etc/ovn-octavia/users: its mode is 0644')
        with open(users.path, 'w', encoding='utf-8') as file:
            file.write('{"users": []}')
        os.chmod(users.path, 0o600)
        self.assert_says(self.run_doctor(etc=etc, status=1),
                         'file-unreadable', 'bad', '"projects" is missing')


if __name__ == '__main__':
    unittest.main()
