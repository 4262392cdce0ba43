# SPDX-License-Identifier: Apache-2.0
"""JSON-RPC over unix sockets, as all daemons of Open vSwitch, OVN and ours
speak it: with OVSDB's clients and with ovs-appctl."""

import contextlib
import json
import socket

from . import wait


class Connection:
    """One connection: 'with Connection(PATH) as peer: ...'.  Seconds, times
    the slowness, after which silence is an OSError."""

    def __init__(self, path, deadline=10):
        self.path = path
        self.deadline = deadline
        self.socket = None
        self.buffer = ''
        self.decoder = json.JSONDecoder()
        self.last_id = 0

    def __enter__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(self.deadline * wait.SLOWNESS)
        try:
            self.socket.connect(self.path)
        except OSError:
            self.socket.close()
            raise
        return self

    def __exit__(self, *_):
        self.socket.close()

    def call(self, method, params):
        """One request; returns its result.  AssertionError if it is refused.
        """
        self.last_id += 1
        self._send({'method': method, 'params': params, 'id': self.last_id})
        while True:
            message = self._receive()
            if message.get('method') == 'echo':
                self._send({'result': message['params'], 'error': None,
                            'id': message['id']})
            elif 'method' in message:
                self.notice(message)
            elif message.get('id') == self.last_id:
                if message.get('error'):
                    raise AssertionError(f'{method}: {message["error"]}')
                return message['result']

    def notice(self, message):
        """What comes unasked, before an answer."""

    def _send(self, message):
        self.socket.sendall(json.dumps(message).encode())

    def _receive(self):
        while True:
            self.buffer = self.buffer.lstrip()
            if self.buffer:
                with contextlib.suppress(json.JSONDecodeError):
                    message, end = self.decoder.raw_decode(self.buffer)
                    self.buffer = self.buffer[end:]
                    return message
            data = self.socket.recv(1 << 20)
            if not data:
                raise ConnectionError(f'{self.path}: connection closed')
            # Answers are ASCII but for what users wrote in UTF-8.
            self.buffer += data.decode('utf-8', errors='surrogateescape')


def appctl(path, method, *args, deadline=10):
    """What "ovs-appctl -t PATH METHOD ARGS" prints.  Tests ask so often that
    starting that program each time took a fifth of their processor time."""
    try:
        with Connection(path, deadline) as peer:
            text = peer.call(method, [str(arg) for arg in args])
    except OSError as error:
        raise AssertionError(f'{path} {method}: {error}') from error
    return text if text.endswith('\n') or not text else text + '\n'


def wait_told(path):
    """Waits until an ovsdb-server has sent its other clients all that it has
    committed.  It serves one after the other, so each has had its turn when
    we have had two."""
    with Connection(path) as peer:
        for _ in range(2):
            peer.call('echo', [])
