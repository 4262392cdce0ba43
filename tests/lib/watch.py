# SPDX-License-Identifier: Apache-2.0
"""Sees every write to a database."""

from . import ovsdb


class Watch(ovsdb.Client):
    """Everything that anybody writes into the Northbound database, but for
    what ovn-northd and ovn-nbctl write there themselves."""

    # Who has seen which configuration; connections of the server; whether a
    # port is in use somewhere.
    IGNORED_TABLES = {'NB_Global', 'Connection'}
    IGNORED_COLUMNS = {'Logical_Switch_Port': {'up'}}

    def __init__(self, server):
        super().__init__(server.remote, server.database)

    def __enter__(self):
        super().__enter__()
        tables = self.call('get_schema', [self.database])['tables']
        # Not what is there already.
        select = {'initial': False}
        self.call('monitor', [self.database, None, {
            table: [{'select': select, 'columns': sorted(
                set(schema['columns'])
                - self.IGNORED_COLUMNS.get(table, set()))}]
            for table, schema in tables.items()
            if table not in self.IGNORED_TABLES}])
        return self

    def writes(self):
        """What was written since the start; updates come before the answer
        to a later request."""
        self.call('echo', [])
        return self.updates
