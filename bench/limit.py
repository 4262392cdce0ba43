# SPDX-License-Identifier: Apache-2.0
"""What the machine allows at best: three durable commits, one after the
other, which is how a write gets from the API into OVN and back: the intent,
the Northbound, the status.
"""

import json
import os
import socket
import time

from lib import ovsdb

COMMITS = 30
DISK_BYTES = 4096
# Each has one row.
TABLES = {'OVN_Octavia': 'Octavia_Global', 'OVN_Northbound': 'NB_Global'}


class Limit:
    """Two more servers on the disk of 'rundir' whose databases are as ours,
    and that have nothing else to do."""

    def __init__(self, rundir):
        self.rundir = rundir
        self.servers = [ovsdb.Server('limit-octavia', ovsdb.OCTAVIA_SCHEMA,
                                     rundir),
                        ovsdb.Server('limit-nb', ovsdb.NB_SCHEMA, rundir)]
        self.n = 0

    def __enter__(self):
        for server in self.servers:
            server.start()
            with server.client() as db:
                db.transact({'op': 'insert', 'table': TABLES[server.database],
                             'row': {}})
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.stop()

    def commits(self):
        """Milliseconds of three commits, several times."""
        octavia, nb = [self._connect(server) for server in self.servers]
        samples = []
        for _ in range(COMMITS):
            start = time.monotonic()
            for connection, server in ((octavia, self.servers[0]),
                                       (nb, self.servers[1]),
                                       (octavia, self.servers[0])):
                self._commit(connection, server.database)
            samples.append((time.monotonic() - start) * 1000)
        octavia.close()
        nb.close()
        return samples

    def disk(self):
        """Milliseconds until the disk has three small writes."""
        samples = []
        path = os.path.join(self.rundir, 'limit-disk')
        with open(path, 'ab', buffering=0) as file:
            for _ in range(COMMITS):
                start = time.monotonic()
                for _ in range(3):
                    file.write(b'x' * DISK_BYTES)
                    os.fdatasync(file.fileno())
                samples.append((time.monotonic() - start) * 1000)
        os.unlink(path)
        return samples

    @staticmethod
    def _connect(server):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(60)
        connection.connect(server.socket)
        return connection

    def _commit(self, connection, database):
        """As little as possible of it is ours."""
        self.n += 1
        connection.sendall(json.dumps({
            'method': 'transact', 'id': self.n, 'params': [database, {
                'op': 'update', 'table': TABLES[database], 'where': [],
                'row': {'external_ids': ['map', [['n', str(self.n)]]]}}]
        }).encode())
        reply = b''
        while True:
            data = connection.recv(65536)
            if not data:
                raise ConnectionError(database)
            reply += data
            try:
                found = json.loads(reply)
                break
            except json.JSONDecodeError:
                continue
        assert found['result'] == [{'count': 1}], found
