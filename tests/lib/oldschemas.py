# SPDX-License-Identifier: Apache-2.0
"""The versions of OVN_Octavia's schema that were in use: copies in
lib/schemas, rows that use all of their columns, and databases that daemons
have written, in lib/databases ("ovsdb-client backup")."""

import glob
import json
import os

from . import ovsdb

DIRECTORY = os.path.join(os.path.dirname(os.path.realpath(__file__)),
                         'schemas')


def load(path):
    with open(path, encoding='utf-8') as file:
        return json.load(file)


def current():
    """The version of the tree's own schema."""
    return load(ovsdb.OCTAVIA_SCHEMA)['version']


def kept():
    """Paths by version, oldest first."""
    paths = {load(path)['version']: path for path
             in glob.glob(os.path.join(DIRECTORY, '*.ovsschema'))}
    return dict(sorted(paths.items(), key=lambda item: number(item[0])))


def databases():
    """Paths of databases of earlier versions."""
    return sorted(glob.glob(os.path.join(os.path.dirname(DIRECTORY),
                                         'databases', '*.backup')))


def number(version):
    return [int(part) for part in version.split('.')]


def older():
    """Paths of the versions before the current one, oldest first."""
    return {version: path for version, path in kept().items()
            if number(version) < number(current())}


# No daemon of that version wrote any, and a column that must not be empty is
# newer.
UNUSED = {'0.1.0': ('Additional_VIP',)}


def fill(server, schema):
    """Inserts a row into each table that daemons of that version wrote or
    read, with a value in each column."""
    unused = UNUSED.get(schema['version'], ())
    tables = {table: described['columns'] for table, described
              in schema['tables'].items() if table not in unused}
    operations = [{'op': 'insert', 'table': table, 'uuid-name': label(table),
                   'row': {column: value(content['type'])
                           for column, content in columns.items()
                           if target(content['type']) not in unused}}
                  for table, columns in tables.items()]
    with server.client() as db:
        db.transact(*operations)


def target(described):
    """The table that a column refers to, or None."""
    key = described['key'] if isinstance(described, dict) else None
    return key.get('refTable') if isinstance(key, dict) else None


def label(table):
    return f'row_of_{table}'


def value(described):
    """Some value of a column's type that is not its default."""
    if isinstance(described, str):
        return atom(described)
    key = atom(described['key'])
    if 'value' in described:
        return ['map', [[key, atom(described['value'])]]]
    return key


def atom(described):
    if isinstance(described, str):
        described = {'type': described}
    if 'refTable' in described:
        return ['named-uuid', label(described['refTable'])]
    if 'enum' in described:
        return described['enum'][1][-1]
    return {'string': 'x', 'boolean': True, 'integer': described.get(
        'minInteger', 0) + 1, 'uuid': ['uuid', '01234567-89ab-4def-8123-'
                                       '456789abcdef']}[described['type']]
