# SPDX-License-Identifier: Apache-2.0
"""OVSDB: servers, and a small client for looking at them.

Every server serves one database, made with "create-cluster": a standalone
server does not sync a commit to the disk, a cluster of one does.
"""

import json
import os

from . import proc, rpc, wait

NB_SCHEMA = '/usr/share/ovn/ovn-nb.ovsschema'
SB_SCHEMA = '/usr/share/ovn/ovn-sb.ovsschema'
VSWITCH_SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema'
OCTAVIA_SCHEMA = os.path.join(os.path.dirname(__file__), '..', '..',
                              'schema', 'ovn-octavia.ovsschema')


class Server:
    """An ovsdb-server with one database.

    name       of files and sockets in 'rundir', which must be a short path
    schema     the schema file
    clustered  False makes a standalone database
    socket     the name of its socket, if not NAME.sock
    """

    def __init__(self, name, schema, rundir, clustered=True, lasting=False,
                 socket=None):
        self.name = name
        self.schema = os.path.realpath(schema)
        self.rundir = str(rundir)
        self.clustered = clustered
        with open(self.schema, encoding='utf-8') as file:
            self.database = json.load(file)['name']
        self.file = os.path.join(self.rundir, name + '.db')
        self.socket = os.path.join(self.rundir, socket or name + '.sock')
        self.unixctl = os.path.join(self.rundir, name + '.ctl')
        self.log = os.path.join(self.rundir, name + '.log')
        self.remote = 'unix:' + self.socket
        self.process = proc.Process(
            name,
            ['ovsdb-server', self.file, f'--remote=punix:{self.socket}',
             f'--unixctl={self.unixctl}', f'--log-file={self.log}',
             '-vconsole:off'],
            rundir, env={'OVS_RUNDIR': rundir}, lasting=lasting)

    def create(self):
        """Makes the empty database file, if it does not exist."""
        if os.path.exists(self.file):
            return self
        if self.clustered:
            proc.run(['ovsdb-tool', '-vconsole:off', 'create-cluster',
                      self.file, self.schema,
                      f'unix:{os.path.join(self.rundir, self.name)}.raft'])
        else:
            proc.run(['ovsdb-tool', 'create', self.file, self.schema])
        return self

    def start(self):
        """Starts it and waits until it answers (and leads)."""
        self.create()
        self.process.start()
        return self.wait_ready()

    def wait_ready(self):
        def leads():
            self.process.check_alive()
            with Client(self.remote, '_Server') as client:
                rows = client.select('Database',
                                     [['name', '==', self.database]])
            return rows and rows[0]['connected'] and rows[0]['leader']
        wait.until(leads, f'{self.name}: database {self.database} is served')
        return self

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()

    def restart(self):
        self.stop()
        return self.start()

    def client(self):
        """A new connection: 'with server.client() as db: ...'."""
        return Client(self.remote, self.database)

    def appctl(self, *args):
        return rpc.appctl(self.unixctl, *args)

    def show_log(self):
        """What was written to it, with the comments of writers."""
        return proc.run(['ovsdb-tool', '-vconsole:off', '-mm', 'show-log',
                         self.file])


class Client(rpc.Connection):
    """One connection to one database, over a unix socket."""

    def __init__(self, remote, database):
        assert remote.startswith('unix:'), remote
        super().__init__(remote[len('unix:'):])
        self.database = database
        self.updates = []

    def notice(self, message):
        if message['method'] == 'update':
            self.updates.append(message['params'][1])

    def transact(self, *operations):
        """One transaction; returns the list of results."""
        results = self.call('transact', [self.database, *operations])
        for result in results:
            if result and result.get('error'):
                raise AssertionError(f'transact {operations}: {result}')
        return results

    def select(self, table, where=()):
        """Rows as dicts; sets as lists, maps as dicts, UUIDs as text."""
        result, = self.transact({'op': 'select', 'table': table,
                                 'where': list(where)})
        return [{column: decode(value) for column, value in row.items()}
                for row in result['rows']]

    def dump(self, ignore=()):
        """All rows of all tables, {table: {uuid: row}}.  Rows lose their
        _version; 'ignore' names tables, or columns as 'Table.column'."""
        schema = self.call('get_schema', [self.database])
        tables = [table for table in sorted(schema['tables'])
                  if table not in ignore]
        results = self.transact(*[{'op': 'select', 'table': table,
                                   'where': []} for table in tables])
        dump = {}
        for table, result in zip(tables, results):
            dump[table] = rows = {}
            for row in result['rows']:
                row = {column: decode(value) for column, value in row.items()
                       if column != '_version'
                       and f'{table}.{column}' not in ignore}
                rows[row['_uuid']] = row
        return dump

    def dangling(self):
        """References to rows that are not there, as texts, of all weak
        columns of the schema.  OVSDB is expected to remove such references
        itself.  ovsdb-server keeps some, for ever, if the transaction that
        deletes a row changes one that refers to it: 3.1 in few columns, 3.3
        and later in more."""
        schema = self.call('get_schema', [self.database])
        weak = list(weak_columns(schema))
        rows = self.dump(ignore=set(schema['tables']) - {
            table for column in weak for table in (column[0], column[2])})
        return [f'{table}.{column} of {key} refers to {other}, which is '
                'gone'
                for table, column, target in weak
                for key, row in rows[table].items()
                for other in uuids(row[column]) if other not in rows[target]]

    def monitor(self, *tables):
        """Starts to listen to changes of these tables, or of all.  A
        connection can do that once."""
        schema = self.call('get_schema', [self.database])['tables']
        self.call('monitor', [self.database, None, {
            table: {'columns': list(schema[table]['columns']),
                    'select': {'initial': False}}
            for table in tables or schema}])
        self.updates = []

    def changes(self):
        """What was committed since monitor(), or the last call of this: a
        list of transactions, each {table: {uuid: {'old': ..., 'new': ...}}}.
        """
        self.call('echo', [])
        # Other sessions' commits are told before our own transaction.
        self.transact({'op': 'comment', 'comment': 'synchronize'})
        seen, self.updates = self.updates, []
        return seen


def decode(value):
    """OVSDB's JSON for a column as plain Python."""
    if isinstance(value, list) and len(value) == 2:
        kind, content = value
        if kind in ('uuid', 'named-uuid'):
            return content
        if kind == 'set':
            return sorted((decode(item) for item in content), key=str)
        if kind == 'map':
            return {decode(key): decode(item) for key, item in content}
    return value


def uuids(value):
    """A column that refers to rows as a list, whether it holds 0, 1 or more
    (OVSDB writes a set of one as the bare element)."""
    return value if isinstance(value, list) else [value]


def weak_columns(schema):
    """The weak columns of a schema, as (table, column, table referred to)."""
    for table, content in schema['tables'].items():
        for column, description in content['columns'].items():
            kind = description['type']
            key = kind['key'] if isinstance(kind, dict) else {}
            if isinstance(key, dict) and key.get('refType') == 'weak':
                yield table, column, key['refTable']


def dangling(*servers):
    """References to rows that are not there, in any of these databases."""
    found = []
    for server in servers:
        with server.client() as db:
            found += [f'{server.database}: {text}' for text in db.dangling()]
    return found
