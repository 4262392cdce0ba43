#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Talks: from one port of a host to a load balancer, for as long as the test
wants.  Over TCP that is one connection, over UDP datagrams from one socket.

Run as a program inside a host's namespace ("talk.py PROTOCOL ADDRESS PORT
SOURCE_PORT SECONDS") it asks each time it reads a line, and prints the name of the
server that answers, or "-".  Used as a module, it runs that program.
"""

import os
import socket
import subprocess
import sys

ANSWER_SECONDS_MAX = 2


class Talk:
    """Seen from the test."""

    def __init__(self, host, address, port, protocol='tcp',
                 seconds_max=ANSWER_SECONDS_MAX):
        from . import traffic, wait
        if protocol == 'tcp':
            # One that is late is the last.
            seconds_max *= wait.SLOWNESS
        source = traffic.own_ports(1) if protocol == 'udp' else 0
        self.process = subprocess.Popen(
            host.argv('/usr/bin/python3', os.path.realpath(__file__),
                      protocol, address, str(port), str(source),
                      str(seconds_max)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self):
        """The name of the server that answers, or '-'."""
        self.process.stdin.write('\n')
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def close(self):
        self.process.kill()
        self.process.communicate()


def with_server(host, address, port, server, protocol='tcp', tries=200):
    """A Talk that the server has got."""
    for _ in range(tries):
        talk = Talk(host, address, port, protocol)
        if talk.ask() == server:
            return talk
        talk.close()
    raise AssertionError(f'{server} got none of {tries} connections')


# The program.

def ask_tcp(connection):
    connection.sendall(b'GET / HTTP/1.1\r\nHost: backend\r\n\r\n')
    data = b''
    while data.count(b'\n') < 5:
        more = connection.recv(65536)
        if not more:
            raise ConnectionError('closed')
        data += more
    return data.decode().splitlines()[-1]


def ask_udp(sock):
    sock.send(b'who')
    return sock.recv(65536).decode()


def main(protocol, address, port, source, seconds_max):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    is_tcp = protocol == 'tcp'
    with socket.socket(family, socket.SOCK_STREAM if is_tcp
                       else socket.SOCK_DGRAM) as sock:
        sock.settimeout(float(seconds_max))
        sock.bind(('', int(source)))
        is_open = True
        try:
            sock.connect((address, int(port)))
        except OSError:
            is_open = False
        for _ in sys.stdin:
            name = '-'
            try:
                if is_open:
                    name = ask_tcp(sock) if is_tcp else ask_udp(sock)
            except OSError:
                # What comes too late would be taken for the next answer.
                is_open = not is_tcp
            print(name, flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
