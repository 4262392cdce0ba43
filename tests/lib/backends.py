#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A backend server: it answers with its name, over HTTP and over UDP.

Run as a program inside a host's namespace ("backends.py NAME PORT...") it
serves each port with both protocols, with one thread and one epoll.  Used as
a module, it starts and stops such programs.
"""

import os
import selectors
import socket
import sys


class Server:
    """The program: everything below runs inside the namespace."""

    def __init__(self, name, ports):
        self.name = name.encode()
        self.selector = selectors.DefaultSelector()
        for port in ports:
            self.serve(socket.AF_INET, '0.0.0.0', port)
            if os.path.exists('/proc/net/if_inet6'):
                self.serve(socket.AF_INET6, '::', port)

    def serve(self, family, address, port):
        tcp = socket.socket(family)
        udp = socket.socket(family, socket.SOCK_DGRAM)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for server, handler in ((tcp, self.accept), (udp, self.echo)):
            if family == socket.AF_INET6:
                server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            server.bind((address, port))
            server.setblocking(False)
            self.selector.register(server, selectors.EVENT_READ, handler)
        tcp.listen(1024)

    def run(self):
        while True:
            for key, _ in self.selector.select():
                try:
                    key.data(key.fileobj)
                except OSError:
                    pass

    def accept(self, server):
        connection, _ = server.accept()
        connection.setblocking(False)
        self.selector.register(connection, selectors.EVENT_READ, self.answer)

    def answer(self, connection):
        """Answers each request; the client closes.  Who closes first keeps
        the connection's addresses and ports in TIME-WAIT for a minute: here
        they would meet those of later connections, behind another address
        of the load balancer, and one in some thousands would fail."""
        try:
            if connection.recv(65536):
                connection.sendall(
                    b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'
                    b'Content-Length: %d\r\n\r\n%s\n'
                    % (len(self.name) + 1, self.name))
                return
        except OSError:
            pass
        self.selector.unregister(connection)
        connection.close()

    def echo(self, server):
        _, sender = server.recvfrom(65536)
        server.sendto(self.name, sender)


class Backend:
    """A backend on a hosts.Host, seen from outside."""

    def __init__(self, host, ports, rundir, lasting=False):
        from . import proc
        self.name = host.name
        self.process = proc.Process(
            'host-' + host.name,
            host.argv('/usr/bin/python3', os.path.realpath(__file__),
                      host.name, *map(str, ports)),
            rundir, lasting=lasting)

    def start(self):
        self.process.start()
        return self

    def stop(self):
        self.process.stop()


if __name__ == '__main__':
    Server(sys.argv[1], [int(port) for port in sys.argv[2:]]).run()
