# SPDX-License-Identifier: Apache-2.0
"""A name server on a loopback address of its own, and processes that ask no
other: each has its own /etc/resolv.conf, in a mount namespace."""

import ipaddress
import os
import socket
import struct
import threading

from . import proc

A, AAAA, CLASS_IN = 1, 28, 1
NO_ERROR, NAME_ERROR = 0, 3


class NameServer:
    """Answers what 'names' says: addresses by name.

    address   where it listens, port 53
    ttl_s     the time of its answers
    """

    def __init__(self, address):
        self.address = address
        self.names = {}
        self.ttl_s = 3600
        self.questions = []     # Names, as they come.
        self.n_answers = 0
        self.is_silent = False
        self._socket = None
        self._thread = None

    def start(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((self.address, 53))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def stop(self):
        if self._thread:
            # A datagram of nothing ends it.
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as poke:
                poke.sendto(b'', (self.address, 53))
            self._thread.join()
            self._socket.close()
            self._thread = None

    def _serve(self):
        while True:
            data, peer = self._socket.recvfrom(2048)
            if not data:
                return
            name, kind, question = self._parse(data)
            self.questions.append(name)
            if not self.is_silent:
                self._socket.sendto(self._reply(data, name, kind, question),
                                    peer)
                self.n_answers += 1

    @staticmethod
    def _parse(data):
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1:at + 1 + data[at]].decode())
            at += 1 + data[at]
        kind, _ = struct.unpack('!HH', data[at + 1:at + 5])
        return '.'.join(labels).lower(), kind, data[12:at + 5]

    def _reply(self, data, name, kind, question):
        addresses = [ipaddress.ip_address(text)
                     for text in self.names.get(name, ())]
        records = [address.packed for address in addresses
                   if kind == (A if address.version == 4 else AAAA)]
        code = NO_ERROR if addresses else NAME_ERROR
        head = data[:2] + struct.pack('!HHHHH', 0x8580 | code, 1,
                                      len(records), 0, 0)
        return head + question + b''.join(
            b'\xc0\x0c' + struct.pack('!HHIH', kind, CLASS_IN, self.ttl_s,
                                      len(record)) + record
            for record in records)


def only(rundir, *lines):
    """The beginning of a command line: what follows has these lines for its
    /etc/resolv.conf, and nothing else in this machine is changed."""
    path = os.path.join(rundir, 'resolv.conf')
    with open(path, 'w', encoding='utf-8') as file:
        file.writelines(line + '\n' for line in lines)
    return ['unshare', '--mount', '--propagation', 'private', 'sh', '-ec',
            'mount --bind "$0" /etc/resolv.conf; exec "$@"', path]


def confine(process: proc.Process, *lines):
    """The same for a process that has not been started yet."""
    process.argv = [*only(process.rundir, *lines), *process.argv]
