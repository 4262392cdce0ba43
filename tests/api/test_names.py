#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Databases that are given by the names of their hosts: real servers on
several loopback addresses, a real API, and a name server that can be late,
silent, or of another opinion than before."""

import contextlib
import itertools
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import apitest

from lib import client, daemons, janitor, nameserver, ovsdb, proc, wait

NAME = 'octavia-db.openstack.svc.cluster.test'
SEARCH = 'search openstack.svc.cluster.test'
GETS = 50
LISTS = apitest.LBAAS + '/loadbalancers'
_runs = itertools.count()
# What is said while a database is away.
AWAY = (r'\|db_link\|WARN', r'\|(reconnect|jsonrpc|ovsdb_cs)\|')


def address(last):
    """An address of this machine that no other test has."""
    pid = os.getpid()
    return f'127.{64 + (pid >> 14) % 128}.{(pid >> 6) % 256}.' \
           f'{(pid % 64) * 4 + last}'


class Names(unittest.TestCase):

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix='oo-dns-', dir='/tmp')
        self.addCleanup(shutil.rmtree, self.directory)
        self.rundir = os.path.join(self.directory, 'run')
        os.mkdir(self.rundir, 0o700)
        janitor.start(self.directory, self.rundir,
                      'x' + os.path.basename(self.directory))
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.port = daemons.free_port()
        self.octavia = self.serve('octavia', ovsdb.OCTAVIA_SCHEMA)
        self.nb = self.serve('nb', ovsdb.NB_SCHEMA)
        self.names = nameserver.NameServer(address(3))
        self.stack.callback(self.names.stop)
        self.api = None

    def serve(self, name, schema):
        server = ovsdb.Server(name, schema, self.rundir)
        self.stack.callback(server.stop)
        return server.start()

    def listen(self, *hosts):
        """Has OVN_Octavia's server listen at just these addresses."""
        for remote in self.octavia.appctl(
                'ovsdb-server/list-remotes').split():
            if remote.startswith('ptcp:'):
                self.octavia.appctl('ovsdb-server/remove-remote', remote)
        for host in hosts:
            self.octavia.appctl('ovsdb-server/add-remote',
                                f'ptcp:{self.port}:{host}')

    def start_api(self, db=None, nb=None, lines=()):
        self.api = daemons.Api(
            self.rundir, db or f'tcp:{NAME}:{self.port}',
            nb or self.nb.remote, name=f'api{next(_runs)}')
        nameserver.confine(self.api.process,
                           f'nameserver {self.names.address}', *lines)
        self.stack.callback(self.api.stop)
        self.api.start()

    def get(self, path=LISTS):
        rest = client.Rest(self.api.port, timeout=2 * wait.SLOWNESS)
        try:
            return rest.request('GET', path).status
        finally:
            rest.close()

    def wait_connected(self, host=None):
        """Waits until the API has its database, by this address."""
        if host:
            text = f'OVN_Octavia: connected to tcp:{NAME}:{self.port} ({host})'
            wait.until(lambda: text in self.api.log_text(), text)
        wait.until(lambda: self.get() == 200, 'the API has OVN_Octavia')

    def tearDown(self):
        if self.api:
            complaints = self.api.complaints((*apitest.ALLOWED, *AWAY))
            self.assertEqual(complaints, [])
            self.assertEqual(self.api.sanitizer_reports(), [])
            self.api.process.check_alive()

    def test_name(self):
        """a database is reached by the name of its host"""
        self.listen(address(0))
        self.names.names[NAME] = [address(0)]
        self.names.start()
        self.start_api()
        self.wait_connected(address(0))

    def test_search(self):
        """a short name is looked for in the search domains"""
        self.listen(address(0))
        self.names.names[NAME] = [address(0)]
        self.names.start()
        self.start_api(f'tcp:octavia-db:{self.port}',
                       lines=(SEARCH, 'options ndots:5'))
        self.wait_connected()

    def test_ipv6(self):
        """a name may have an IPv6 address only"""
        self.listen('[::1]')
        self.names.names[NAME] = ['::1']
        self.names.start()
        self.start_api()
        self.wait_connected('::1')

    def test_late_name_server(self):
        """a name server that comes later than the API is asked then"""
        self.listen(address(0))
        self.names.names[NAME] = [address(0)]
        self.start_api()
        wait.until(lambda: f'cannot reach tcp:{NAME}' in self.api.log_text(),
                   'the API says that it tries in vain')
        line = next(line for line in self.api.log_text().splitlines()
                    if 'cannot reach' in line)
        self.assertRegex(line, re.escape(f'(tcp:{NAME}:{self.port}: ')
                         + '(Could not contact DNS servers|no answer)')
        self.names.start()
        self.wait_connected(address(0))

    def test_late_name(self):
        """a name that does not exist yet is asked for again"""
        self.listen(address(0))
        self.names.start()
        self.start_api()
        wait.until(lambda: 'Domain name not found' in self.api.log_text(),
                   'the API says that there is no such name')
        self.names.names[NAME] = [address(0)]
        self.wait_connected(address(0))

    def test_moved(self):
        """a database that has moved is found, however long the old answer
        was good for"""
        self.listen(address(0))
        self.names.names[NAME] = [address(0)]
        self.names.start()
        self.start_api()
        self.wait_connected(address(0))
        self.names.names[NAME] = [address(1)]
        self.listen(address(1))
        self.wait_connected(address(1))

    def test_time_is_over(self):
        """an address is not used again when its time is over, even if there
        is a server"""
        self.names.ttl_s = 1
        self.listen(address(0))
        self.names.names[NAME] = [address(0)]
        self.names.start()
        self.start_api()
        self.wait_connected(address(0))
        asked = len(self.names.questions)
        self.names.names[NAME] = [address(1)]
        wait.until(lambda: self.uptime_s() >= 3, 'the answer is old')
        self.assertEqual(len(self.names.questions), asked)
        self.api.skip_log()
        self.listen(address(0), address(1))
        self.wait_connected(address(1))
        self.assertEqual(self.api.log_text().count(f'({address(0)})'), 2)

    def uptime_s(self):
        """Seconds since the API has its answer: 'wait' has its clock."""
        stat = os.stat(self.api.log)
        return os.stat(self.touch()).st_mtime - stat.st_mtime

    def touch(self):
        path = os.path.join(self.rundir, 'now')
        with open(path, 'w', encoding='utf-8'):
            pass
        return path

    def test_name_server_lost(self):
        """a database that restarts while there is no name server is found at
        its last address"""
        self.names.ttl_s = 1
        self.listen(address(0))
        self.names.names[NAME] = [address(0)]
        self.names.start()
        self.start_api()
        self.wait_connected(address(0))
        self.names.stop()
        self.octavia.stop()
        wait.until(lambda: 'connection to' in self.api.log_text(),
                   'the API has lost its database')
        self.octavia.start()
        self.listen(address(0))
        text = f'connected to tcp:{NAME}:{self.port} ({address(0)})'
        wait.until(lambda: self.api.log_text().count(text) == 2,
                   'the API is back at the same address')

    def test_several_addresses(self):
        """of several addresses of a name, those without a server are passed
        over"""
        self.listen(address(2))
        self.names.names[NAME] = [address(0), address(1), address(2), '::1']
        self.names.start()
        self.start_api()
        self.wait_connected(address(2))

    def test_several_names(self):
        """of several names, one that has no address is passed over"""
        self.listen(address(0))
        self.names.names[NAME] = [address(0)]
        self.names.start()
        self.start_api(f'tcp:no.such.test:{self.port},'
                       f'tcp:{NAME}:{self.port}')
        self.wait_connected(address(0))

    def test_silent_name_server(self):
        """the API answers while a name server does not"""
        self.names.is_silent = True
        self.names.start()
        self.start_api(self.octavia.remote, f'tcp:{NAME}:{self.port}')
        wait.until(lambda: self.names.questions, 'the API asks for a name')
        wait.until(lambda: self.get() == 200, 'the API has OVN_Octavia')
        for _ in range(GETS):
            self.assertEqual(self.get(), 200)
        self.assertEqual(self.names.n_answers, 0)

    def test_driver(self):
        """a driver finds the Northbound database by name, later than it
        starts"""
        port = daemons.free_port()
        self.nb.appctl('ovsdb-server/add-remote',
                       f'ptcp:{port}:{address(0)}')
        self.names.names['nb.test'] = [address(0)]
        driver = daemons.Driver(
            self.rundir, self.octavia.remote, f'tcp:nb.test:{port}',
            f'unix:{self.rundir}/nothing.sock', name=f'driver{next(_runs)}')
        nameserver.confine(driver.process, f'nameserver {self.names.address}')
        self.stack.callback(driver.stop)
        driver.start()
        wait.until(lambda: 'cannot reach tcp:nb.test' in driver.log_text(),
                   'the driver says that it tries in vain')
        self.names.start()
        wait.until(lambda: driver.status()['in-sync'] == 'yes',
                   'the driver is in sync')
        self.assertEqual(driver.complaints((*apitest.ALLOWED, *AWAY)), [])

    def run_ctl(self, *args):
        argv = [os.path.join(daemons.build_directory(), 'src',
                             'ovn-octavia-ctl'), '--no-syslog', *args]
        return subprocess.run(
            [*nameserver.only(self.rundir,
                              f'nameserver {self.names.address}'), *argv],
            env=proc.merged({'OVS_RUNDIR': self.rundir}),
            capture_output=True, text=True, check=False,
            timeout=60 * wait.SLOWNESS)

    def test_ctl(self):
        """ovn-octavia-ctl takes names, too"""
        self.listen(address(1))
        self.names.names[NAME] = [address(0), address(1)]
        self.names.start()
        for command in (('show',), ('list', 'Load_Balancer')):
            done = self.run_ctl(f'--db=tcp:{NAME}:{self.port}',
                                '--timeout=20', *command)
            self.assertEqual((done.returncode, done.stdout, done.stderr),
                             (0, '', ''), command)

    def test_ctl_octavia_conf(self):
        """names in octavia.conf are names of OVN's databases"""
        self.names.start()
        port = daemons.free_port()
        self.nb.appctl('ovsdb-server/add-remote',
                       f'ptcp:{port}:{address(0)}')
        self.names.names['nb.test'] = [address(0)]
        path = os.path.join(self.rundir, 'octavia.conf')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('[ovn]\n'
                       f'ovn_nb_connection = tcp:nb.test:{port}\n')
        done = self.run_ctl(f'--db={self.octavia.remote}', '--timeout=20',
                            f'--octavia-conf={path}', 'orphans')
        self.assertEqual((done.returncode, done.stderr), (0, ''))


if __name__ == '__main__':
    unittest.main()
