# SPDX-License-Identifier: Apache-2.0
"""Follows an OVSDB database, as northd or a driver would: what came, when,
and how many bytes that was."""

import contextlib
import json
import threading
import time

from lib import wait


class Event:
    """One update notification."""

    def __init__(self, at, size, update):
        self.at = at            # time.monotonic() of its last byte.
        self.size = size        # Bytes.
        self.update = update    # {table: {row: {"modify": {...}, ...}}}

    def rows(self, table, *kinds):
        """(row's UUID, its new or changed columns) of a table; 'kinds' are
        of "initial", "insert", "modify" and "delete"."""
        for uuid, change in self.update.get(table, {}).items():
            for kind in kinds:
                if kind in change:
                    yield uuid, change[kind] or {}


class Follower:
    """One connection with a monitor on all columns of 'tables' (None: all
    tables)."""

    def __init__(self, server, tables=None):
        self.client = server.client()
        self.tables = tables
        self.events = []
        self.news = threading.Condition()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.is_closing = False

    def __enter__(self):
        client = self.client.__enter__()
        schema = client.call('get_schema', [client.database])
        requests = {
            table: [{'columns': sorted(schema['tables'][table]['columns'])}]
            for table in self.tables or schema['tables']}
        client.socket.settimeout(600)
        client.socket.sendall(json.dumps(
            {'method': 'monitor_cond', 'id': 'follow',
             'params': [client.database, 'follow', requests]}).encode())
        message, _ = self._receive()
        assert message.get('error') is None, message
        self.initial = Event(time.monotonic(), 0, message['result'])
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_closing = True
        with contextlib.suppress(OSError):
            self.client.socket.shutdown(2)
        self.thread.join()
        self.client.socket.close()

    def mark(self):
        """The place in 'events' where what comes now will be."""
        with self.news:
            return len(self.events)

    def wait(self, mark, condition, what, deadline=120):
        """Calls condition(event) for each event after 'mark' until its
        result is true, and returns that event."""
        limit = time.monotonic() + deadline * wait.SLOWNESS
        while True:
            with self.news:
                while mark >= len(self.events):
                    if not self.news.wait(limit - time.monotonic()):
                        raise wait.DeadlinePassed(
                            f'{what}: not so within {deadline} s')
                event = self.events[mark]
            mark += 1
            if condition(event):
                return event

    def since(self, mark, settle=0.05):
        """All events after 'mark', when none has come for a moment."""
        while True:
            with self.news:
                n = len(self.events)
                if not self.news.wait(settle) and n == len(self.events):
                    return self.events[mark:]

    def _run(self):
        while True:
            try:
                message, size = self._receive()
            except (OSError, ConnectionError):
                assert self.is_closing
                return
            now = time.monotonic()
            if message.get('method') == 'echo':
                self.client.socket.sendall(json.dumps(
                    {'result': message['params'], 'error': None,
                     'id': message['id']}).encode())
            elif message.get('method') == 'update2':
                with self.news:
                    self.events.append(Event(now, size,
                                             message['params'][1]))
                    self.news.notify_all()

    def _receive(self):
        """One message and its length.  A big one comes in many pieces, so it
        is decoded only when it may be complete."""
        client = self.client
        while True:
            if client.buffer.endswith('}') or client.buffer.endswith('\n'):
                with contextlib.suppress(json.JSONDecodeError):
                    message, end = client.decoder.raw_decode(
                        client.buffer)
                    client.buffer = client.buffer[end:].lstrip()
                    return message, end
            data = client.socket.recv(1 << 20)
            if not data:
                raise ConnectionError(f'{client.path}: connection closed')
            client.buffer += data.decode('utf-8', errors='surrogateescape')
