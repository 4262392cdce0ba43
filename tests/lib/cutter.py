# SPDX-License-Identifier: Apache-2.0
"""A proxy between a daemon and a database that cuts a connection where a
write goes through it."""

import contextlib
import json
import os
import queue
import socket
import threading

from . import wait

WRITES = {'insert', 'update', 'mutate', 'delete'}


def _is_write(message):
    return message.get('method') == 'transact' and any(
        isinstance(operation, dict) and operation.get('op') in WRITES
        for operation in message['params'])


def _messages(connection):
    """The JSON values that come out of a socket."""
    decoder, text = json.JSONDecoder(), ''
    while True:
        with contextlib.suppress(json.JSONDecodeError):
            message, end = decoder.raw_decode(text)
            text = text[end:].lstrip()
            yield message
            continue
        try:
            data = connection.recv(1 << 20)
        except OSError:
            return
        if not data:
            return
        text = (text + data.decode('utf-8', 'surrogateescape')).lstrip()


def _close(connection):
    # Wakes up who reads from it.
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


class Cutter:
    """remote  where daemons find the database now

    Where the next write may be cut off from who sends it:

    'lost'     before it has reached the database, for ever
    'done'     after it was carried out, before the answer
    'late'     before it has reached the database, which gets it when
               release() is called: by then, who sent it has looked again

    hold() has the news of the database wait until go_on().
    """

    def __init__(self, server, directory):
        self.server = server.socket
        self.path = os.path.join(directory, 'cut.sock')
        self.remote = 'unix:' + self.path
        self.lock = threading.Lock()
        self.how = None
        self.n_cut = 0
        self.held = None
        self.answers = queue.Queue()
        self.flowing = threading.Event()
        self.flowing.set()
        self.listener = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        self.listener.bind(self.path)
        self.listener.listen()
        self._run(self._accept)

    def close(self):
        _close(self.listener)

    def hold(self):
        self.flowing.clear()

    def go_on(self):
        self.flowing.set()

    def cut(self, how):
        """Has the next write cut off; see wait_cut()."""
        with self.lock:
            self.how = how

    def is_armed(self):
        with self.lock:
            return self.how is not None

    def wait_cut(self):
        wait.until(lambda: not self.is_armed(), 'a write came by')

    def disarm(self):
        """Returns whether no write has come by."""
        with self.lock:
            was_armed, self.how = self.how is not None, None
        return was_armed

    def release(self):
        """Lets the write through that is held; returns whether it was
        carried out."""
        backend, message = self.held
        self.held = None
        backend.sendall(json.dumps(message).encode())
        answer = self.answers.get(timeout=10 * wait.SLOWNESS)
        _close(backend)
        return not answer['error'] and not any(
            result and result.get('error') for result in answer['result'])

    @staticmethod
    def _run(function, *args):
        threading.Thread(target=function, args=args, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            backend = socket.socket(socket.AF_UNIX)
            try:
                backend.connect(self.server)
            except OSError:
                client.close()
                continue
            pair = {'client': client, 'backend': backend, 'awaited': None}
            self._run(self._forward, pair)
            self._run(self._return, pair)

    def _take(self, message):
        with self.lock:
            how = self.how
            if how is None or not _is_write(message):
                return None
            self.how = None
            return how

    def _forward(self, pair):
        """From the daemon to the database."""
        client, backend = pair['client'], pair['backend']
        for message in _messages(client):
            how = self._take(message)
            if how == 'late':
                pair['awaited'] = message['id']
                self.held = backend, message
            elif how == 'done':
                pair['awaited'] = message['id']
                backend.sendall(json.dumps(message).encode())
                self.answers.get(timeout=10 * wait.SLOWNESS)
            elif how is None:
                with contextlib.suppress(OSError):
                    backend.sendall(json.dumps(message).encode())
                continue
            break
        _close(client)
        if pair['awaited'] is None or self.held is None:
            _close(backend)

    def _return(self, pair):
        """From the database to the daemon, until it is cut off."""
        for message in _messages(pair['backend']):
            if pair['awaited'] is None:
                self.flowing.wait()
                with contextlib.suppress(OSError):
                    pair['client'].sendall(json.dumps(message).encode())
            elif message.get('id') == pair['awaited']:
                self.answers.put(message)
        _close(pair['client'])
