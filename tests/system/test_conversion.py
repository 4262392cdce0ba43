# SPDX-License-Identifier: Apache-2.0
"""Databases of earlier versions are converted by "ovn-octavia-db upgrade",
which the package runs at each start of a server."""

import json
import os
import re
import select
import socket
import subprocess
import tempfile
import threading
import unittest

from lib import cluster, daemons, oldschemas, ovsdb, proc, wait

PROGRAM = os.path.join(daemons.REPO, 'db', 'ovn-octavia-db')


class Machine:
    """A directory in which the program finds a server, as on a machine of
    its own."""

    def __init__(self, server, schema=ovsdb.OCTAVIA_SCHEMA, setting=''):
        self.server = server
        self.directory = os.path.join(server.rundir, server.name + '.d')
        os.makedirs(self.directory, exist_ok=True)
        link = os.path.join(self.directory, 'octavia_db.sock')
        if not os.path.islink(link):
            os.symlink(server.socket, link)
        self.config = os.path.join(self.directory, 'db.conf')
        with open(self.config, 'w', encoding='utf-8') as file:
            file.write(f'[db]\ndatabase = {self.directory}/octavia.db\n'
                       f'{setting}\n')
        self.environment = {**os.environ,
                            'OVN_OCTAVIA_RUNDIR': self.directory,
                            'OVN_OCTAVIA_SCHEMA': os.path.realpath(schema)}

    def begin(self, *command):
        return subprocess.Popen(
            [PROGRAM, f'--config={self.config}', *command],
            env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)

    def run(self, *command):
        """Returns the exit status, and what was said."""
        return end(self.begin(*command))

    def backups(self):
        return {name: os.stat(os.path.join(self.directory, name)).st_mtime_ns
                for name in os.listdir(self.directory)
                if name.startswith('before-')}


def end(process):
    said = process.communicate(timeout=60 * wait.SLOWNESS)[0]
    return process.returncode, said


class Closer:
    """Stands between a machine and its server, and closes one connection as
    the server does when another client has its database converted.

    method    of the call that is not answered; it is carried out, though
    """

    def __init__(self, machine, method):
        self.server = machine.server.socket
        self.method = b'"method":"%s"' % method.encode()
        self.n_closed = 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(machine.directory, 'closer.sock'))
        self.listener.listen()
        link = os.path.join(machine.directory, 'octavia_db.sock')
        os.unlink(link)
        os.symlink('closer.sock', link)
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        """One connection after the other, as the program has them."""
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            with client, socket.socket(socket.AF_UNIX) as server:
                server.connect(self.server)
                self.pass_on(client, server)

    def pass_on(self, client, server):
        while True:
            readable = select.select([client, server], [], [])[0]
            if client in readable:
                data = client.recv(1 << 20)
                if not data:
                    return
                server.sendall(data)
                if self.method in data and not self.n_closed:
                    self.n_closed += 1
                    server.recv(1)
                    return
            if server in readable:
                data = server.recv(1 << 20)
                if not data:
                    return
                client.sendall(data)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


def schema_version(server):
    with server.client() as db:
        return db.call('get_schema', [server.database])['version']


class TestVersions(unittest.TestCase):

    def test_kept(self):
        """each version that schema/README.md lists is kept, and no version
        was changed after it was"""
        with open(os.path.join(daemons.REPO, 'schema', 'README.md'),
                  encoding='utf-8') as file:
            listed = re.findall(r'^\| (\d+\.\d+\.\d+) \|', file.read(), re.M)
        self.assertEqual(listed[-1], oldschemas.current())
        self.assertLessEqual(set(listed[:-1]), set(oldschemas.kept()))
        copy = oldschemas.kept().get(oldschemas.current())
        if copy:
            self.assertEqual(oldschemas.load(copy),
                             oldschemas.load(ovsdb.OCTAVIA_SCHEMA),
                             'a schema that changes needs a new version')

    def test_only_adds(self):
        """a version has all tables and columns of the one before, with the
        same types"""
        versions = [oldschemas.load(path)['tables'] for path
                    in [*oldschemas.older().values(), ovsdb.OCTAVIA_SCHEMA]]
        for before, after in zip(versions, versions[1:]):
            for table, described in before.items():
                for column, content in described['columns'].items():
                    with self.subTest(f'{table}.{column}'):
                        self.assertEqual(
                            after[table]['columns'][column]['type'],
                            content['type'])


class ConversionTest(unittest.TestCase):

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='oo-', dir='/tmp')
        self.addCleanup(directory.cleanup)
        self.rundir = directory.name

    def server(self, path):
        """One that has a row in each table of a schema."""
        server = ovsdb.Server('octavia', path, self.rundir)
        server.start()
        self.addCleanup(server.stop)
        oldschemas.fill(server, oldschemas.load(path))
        return server

    def oldest(self):
        return self.server(next(iter(oldschemas.older().values())))

    def schema(self, version, change=None):
        """A file with the tree's own schema as another version."""
        schema = oldschemas.load(ovsdb.OCTAVIA_SCHEMA)
        schema['version'] = version
        if change:
            change(schema['tables'])
        path = os.path.join(self.rundir, 'made.ovsschema')
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(schema, file)
        return path

    def assertRows(self, server, before):
        """All rows and values that there were; what is new is empty."""
        with server.client() as db:
            after = db.dump()
        for table, rows in before.items():
            self.assertEqual(
                {key: {column: row[column] for column in rows[key]}
                 for key, row in after[table].items()}, rows)
        self.assertEqual([table for table, rows in after.items()
                          if rows and table not in before], [])


class TestOne(ConversionTest):

    def test_each(self):
        """a database of each earlier version is converted with all of its
        rows, and a backup lies beside it"""
        for version, path in oldschemas.older().items():
            with self.subTest(version):
                server = self.server(path)
                with server.client() as db:
                    before = db.dump()
                machine = Machine(server)
                status, said = machine.run('upgrade')
                self.assertEqual(status, 0, said)
                self.assertIn(f'is at {oldschemas.current()}; as it was at '
                              f'{version}', said)
                self.assertEqual(schema_version(server),
                                 oldschemas.current())
                self.assertRows(server, before)
                backup = os.path.join(
                    machine.directory,
                    f'before-{oldschemas.current()}.backup')
                with open(backup, encoding='utf-8') as file:
                    self.assertIn(f'"version":"{version}"', file.read())
                server.stop()
                os.unlink(server.file)

    def test_real(self):
        """databases that daemons of earlier versions have written are
        converted with all rows"""
        for path in oldschemas.databases():
            with self.subTest(os.path.basename(path)):
                server = ovsdb.Server('octavia', ovsdb.OCTAVIA_SCHEMA,
                                      self.rundir)
                proc.run(['ovsdb-tool', '-vconsole:off', 'create-cluster',
                          server.file, path,
                          f'unix:{self.rundir}/octavia.raft'])
                server.start()
                self.addCleanup(server.stop)
                with server.client() as db:
                    before = db.dump()
                self.assertGreater(len(before['Member']), 0)
                status, said = Machine(server).run('upgrade')
                self.assertEqual(status, 0, said)
                self.assertIn('as it was at', said)
                self.assertRows(server, before)
                server.stop()
                os.unlink(server.file)

    def test_again(self):
        """a second attempt changes nothing, and leaves the backup alone"""
        machine = Machine(self.oldest())
        self.assertEqual(machine.run('upgrade')[0], 0)
        backups = machine.backups()
        self.assertEqual(len(backups), 1)
        with machine.server.client() as db:
            db.monitor('Load_Balancer')
            status, said = machine.run('upgrade')
            self.assertEqual((status, said.split()[-1]), (0, 'already'))
            # A conversion would have ended the monitor.
            self.assertEqual(db.changes(), [])
        self.assertEqual(machine.backups(), backups)

    def test_newer(self):
        """a database that a newer version has converted stays as it is, and
        only an operator's command is refused"""
        server = self.server(self.schema('99.0.0'))
        machine = Machine(server)
        status, said = machine.run('upgrade')
        self.assertEqual(status, 0, said)
        self.assertIn('it stays so', said)
        status, said = machine.run('convert')
        self.assertEqual(status, 1, said)
        self.assertIn('upgrade all machines first', said)
        self.assertEqual(schema_version(server), '99.0.0')

    def test_switched_off(self):
        """with auto_convert = false only an operator converts"""
        machine = Machine(self.oldest(), setting='auto_convert = false')
        before = schema_version(machine.server)
        status, said = machine.run('upgrade')
        self.assertEqual(status, 0, said)
        self.assertIn('auto_convert is false', said)
        self.assertEqual(schema_version(machine.server), before)
        status, said = machine.run('convert')
        self.assertEqual(status, 0, said)
        self.assertEqual(schema_version(machine.server),
                         oldschemas.current())

    def test_refused(self):
        """rows that do not fit a schema stay as they are, the attempt says so,
        and the server, which would die of it, runs on"""
        def narrow(tables):
            tables['Load_Balancer']['columns']['name']['type'] = {
                'key': {'type': 'string', 'enum': ['set', ['other']]}}
        server = self.oldest()
        before = schema_version(server)
        machine = Machine(server, self.schema('99.0.0', narrow))
        for command in ('upgrade', 'convert'):
            status, said = machine.run(command)
            self.assertEqual(status, 1, said)
            self.assertIn(f'stays at {before}', said)
            self.assertEqual(schema_version(server), before)
        self.assertEqual(machine.backups(), {})

    def test_closed(self):
        """what a server does not answer, since another client has its database
        converted, is asked again"""
        for method in ('get_schema', 'transact', 'convert'):
            with self.subTest(method):
                self.rundir = os.path.join(self.rundir, method)
                os.mkdir(self.rundir)
                server = self.oldest()
                machine = Machine(server)
                closer = Closer(machine, method)
                try:
                    status, said = machine.run('upgrade')
                finally:
                    closer.close()
                self.assertEqual(closer.n_closed, 1)
                self.assertEqual(status, 0, said)
                self.assertIn('as it was at', said)
                self.assertEqual(schema_version(server),
                                 oldschemas.current())
                self.assertEqual(len(machine.backups()), 1)

    def test_setting(self):
        """a value that auto_convert cannot have is named with its line"""
        server = ovsdb.Server('octavia', ovsdb.OCTAVIA_SCHEMA, self.rundir)
        machine = Machine(server, setting='auto_convert = maybe')
        status, said = machine.run('upgrade')
        self.assertEqual(status, 1)
        self.assertIn('db.conf:3: auto_convert: must be true or false', said)


class TestCluster(ConversionTest):

    def setUp(self):
        super().setUp()
        path = next(iter(oldschemas.older().values()))
        self.cluster = cluster.Cluster('octavia', path, self.rundir).start()
        self.addCleanup(self.cluster.stop)
        self.schema = oldschemas.load(path)
        oldschemas.fill(self.cluster.wait_leader(), self.schema)
        self.cluster.wait_settled()
        with self.cluster.client() as db:
            self.before = db.dump()
        self.machines = [Machine(one) for one in self.cluster.members]

    def assertConverted(self):
        self.cluster.wait_settled()
        for one in self.cluster.running():
            self.assertEqual(schema_version(one), oldschemas.current())
            self.assertRows(one, self.before)

    def test_all_at_once(self):
        """servers of a cluster that are upgraded at the same moment all find
        it converted, with all rows"""
        ended = [end(one) for one
                 in [machine.begin('upgrade') for machine in self.machines]]
        self.assertEqual([status for status, _ in ended], [0, 0, 0], ended)
        self.assertTrue(any('as it was at' in said for _, said in ended))
        self.assertConverted()

    def test_follower(self):
        """the first server that is upgraded converts the cluster, whether it
        leads or not, and the others find it done"""
        leader = self.cluster.wait_leader()
        first, *others = sorted(self.machines, key=lambda machine:
                                machine.server is leader)
        self.assertIn('as it was at', first.run('upgrade')[1])
        for machine in others:
            self.assertIn('already', machine.run('upgrade')[1])
            self.assertEqual(machine.backups(), {})
        self.assertConverted()

    def test_without_leader(self):
        """a server that is away, or whose cluster has no leader, is waited
        for; it says so, and converts when there is one"""
        first, second, third = self.machines
        for machine in self.machines:
            machine.server.stop()
        process = first.begin('upgrade')
        self.addCleanup(process.kill)
        self.assertIn('waiting until', process.stdout.readline())
        first.server.start()
        wait.until(first.server.state, 'the first server answers')
        self.assertFalse(first.server.state()['connected'])
        self.assertIsNone(process.poll())
        second.server.start()
        status, said = end(process)
        self.assertEqual(status, 0, said)
        self.assertIn('as it was at', said)
        third.server.start()
        self.cluster.wait_joined(third.server)
        self.assertConverted()
