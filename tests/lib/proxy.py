# SPDX-License-Identifier: Apache-2.0
"""A proxy, haproxy, that has one address for the APIs of all controllers."""

import os
import socket

from . import client, proc, wait

# An attempt is made again only if no connection came about: then nothing has
# been done.  Each request has a connection of its own to an API.
CONFIGURATION = """\
global
    log stdout format raw local0
    stats socket {control} mode 600 level admin
defaults
    mode http
    log global
    option httplog
    option http-server-close
    option redispatch
    retries 3
    retry-on conn-failure
    timeout connect 3s
    timeout client 2m
    timeout server 2m
frontend api
    bind 127.0.0.1:{port}
    default_backend api
backend api
    balance roundrobin
    option httpchk GET /healthcheck
    timeout check 3s
    default-server check inter 2s fall 2 rise 1
    default-server on-marked-down shutdown-sessions
"""
SERVER = '    server {name} {address}:{port} namespace {space}\n'


class Proxy:
    """The frontend listens on 127.0.0.1 of the machine; what is behind it is
    reached from the namespace 'hub'.

    servers    {name: (address, port)}
    """

    def __init__(self, rundir, hub, port, servers, lasting=False):
        self.port = port
        self.path = os.path.join(rundir, 'proxy.cfg')
        self.control = os.path.join(rundir, 'proxy.sock')
        self.text = CONFIGURATION.format(control=self.control, port=port)
        for name, (address, its_port) in servers.items():
            self.text += SERVER.format(name=name, address=address,
                                       port=its_port, space=hub.name)
        self.process = proc.Process(
            'proxy', ['haproxy', '-db', '-f', self.path], rundir,
            lasting=lasting)

    def start(self):
        with open(self.path, 'w', encoding='utf-8') as file:
            file.write(self.text)
        self.process.start()
        return self

    def wait_ready(self):
        """Waits until it answers."""
        def answers():
            self.process.check_alive()
            client.wait_listening(self.port, deadline=0.2)
            return True
        wait.until(answers, 'the proxy answers')

    def command(self, text):
        """Says something on its control socket; returns the answer."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(10 * wait.SLOWNESS)
            control.connect(self.control)
            control.sendall(text.encode() + b'\n')
            return b''.join(iter(lambda: control.recv(65536), b'')).decode()

    def states(self):
        """{name of a server: what is thought of it}."""
        return {row['svname']: row['status'] for row in self._rows()}

    def drain(self, name):
        """Sends nothing new to a server, and waits until it is idle."""
        self.command(f'set server api/{name} state drain')

        wait.until(lambda: self._row(name).get('scur') == '0',
                   f'{name} has no requests')

    def ready(self, name):
        """Sends requests to it again, when it answers."""
        self.command(f'set server api/{name} state ready')
        wait.until(lambda: self.states()[name].startswith('UP'),
                   f'{name} is up')

    def _row(self, name):
        return next((row for row in self._rows() if row['svname'] == name),
                    {})

    def _rows(self):
        """What it counts for each server."""
        lines = self.command('show stat').splitlines()
        columns = lines[0].lstrip('# ').split(',')
        rows = [dict(zip(columns, line.split(','))) for line in lines[1:]]
        return [row for row in rows if row.get('pxname') == 'api'
                and row['svname'] not in ('FRONTEND', 'BACKEND')]
