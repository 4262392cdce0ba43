# SPDX-License-Identifier: Apache-2.0
"""systemd's end of NOTIFY_SOCKET: a datagram socket."""

import os
import socket

from . import wait


class Supervisor:
    """path   of the socket; give it to a process by environment()"""

    def __init__(self, path, watchdog_usec=None):
        self.path = path
        self.watchdog_usec = watchdog_usec
        self.states = []        # (name, value), in order
        self.pids = set()       # of the senders
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.socket.setblocking(False)

    def close(self):
        self.socket.close()
        os.unlink(self.path)

    def environment(self):
        return {'NOTIFY_SOCKET': self.path,
                **({'WATCHDOG_USEC': self.watchdog_usec}
                   if self.watchdog_usec else {})}

    def read(self):
        """Takes what has come; returns all states up to now."""
        while True:
            try:
                data, ancillary, _, _ = self.socket.recvmsg(
                    4096, socket.CMSG_SPACE(12))
            except BlockingIOError:
                return self.states
            for _, _, credentials in ancillary:
                self.pids.add(int.from_bytes(credentials[:4], 'little'))
            for line in data.decode().splitlines():
                name, _, value = line.partition('=')
                self.states.append((name, value))

    def values(self, name):
        return [value for key, value in self.read() if key == name]

    def wait_for(self, name, words, deadline=20):
        """Waits until the last value has these words; returns it."""
        def says():
            values = self.values(name)
            assert values and words in values[-1], (name, words, self.states)
            return values[-1]
        return wait.until(says, f'{name} says {words}', deadline)
