# SPDX-License-Identifier: Apache-2.0
"""What a database has ever held, read from the file to which its server
appends every transaction: no change is too short to be seen."""

import json


def records(server):
    """The transactions, oldest first: {table: {uuid: row or None}}; None is
    a row that was deleted.  One that starts with the whole contents, as after
    a compaction, is among them; one without any follows a schema that newer
    servers have converted to."""
    with open(server.file, 'rb') as file:
        while True:
            # OVSDB CLUSTER|JSON, length, checksum.
            header = file.readline().split()
            if len(header) != 4:
                return
            data = file.read(int(header[2]))
            if len(data) < int(header[2]):
                # Being written.
                return
            record = json.loads(data)
            if header[1] == b'CLUSTER':
                # Either may hold a schema and a transaction.
                found = [record.get(key) or () for key
                         in ('prev_data', 'data')]
                yield from (part[1] or {} for part in found if len(part) > 1)
            else:
                yield record or {}


def twice(server):
    """UUIDs under which a row was made after another one with the same UUID
    had been deleted, as texts."""
    alive, ever, found = set(), set(), []
    for record in records(server):
        for table, rows in record.items():
            if table.startswith('_') or not isinstance(rows, dict):
                continue
            for uuid, row in rows.items():
                key = table, uuid
                if row is None:
                    alive.discard(key)
                    continue
                if key not in alive and key in ever:
                    found.append(f'{table} {uuid} was made again')
                alive.add(key)
                ever.add(key)
    return found


def last_probe_ms(server):
    """When anything of a probe last changed, ms since the epoch; 0 if nothing
    ever did.  'server' has the Southbound database."""
    return max((record['_date'] for record in records(server)
                if 'Service_Monitor' in record), default=0)
