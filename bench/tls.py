# SPDX-License-Identifier: Apache-2.0
"""What TLS costs the API: a GET on a connection that is kept, and a new
connection with one GET, in CPU time of the API and in instructions.
"""

import http.client
import ssl
import time

from callgrind import Callgrind
from lib import certs, daemons
from report import number
from script import BASE
from world import World, pairs, wide_networks

PATH = BASE + '/loadbalancers?limit=1'
COUNT = 50                      # Whose instructions are counted.


class Caller:
    """Makes requests of an API, with the certificates of 'authority' or
    without TLS."""

    def __init__(self, port, authority=None):
        self.port = port
        self.context = authority and ssl.create_default_context(
            cafile=authority.cert)

    def connect(self):
        if self.context is None:
            return http.client.HTTPConnection('127.0.0.1', self.port, 60)
        return http.client.HTTPSConnection('127.0.0.1', self.port, timeout=60,
                                           context=self.context)

    def kept(self, count):
        connection = self.connect()
        for _ in range(count):
            self.get(connection)
        connection.close()

    def new(self, count):
        for _ in range(count):
            connection = self.connect()
            self.get(connection)
            connection.close()

    @staticmethod
    def get(connection):
        connection.request('GET', PATH)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status


def cpu_ms(world, api, function, seconds):
    """CPU milliseconds of the API for each."""
    function(10)
    before, end, n = world.cpu_ms(api.process), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        function(100)
        n += 100
    return (world.cpu_ms(api.process) - before) / n


def instructions(callgrind, function, name):
    """The difference between many and few, for each."""
    function(COUNT)             # Whatever is done once.
    few = callgrind.count(name, lambda: function(COUNT))
    return (callgrind.count(name, lambda: function(2 * COUNT)) - few) / COUNT


def measure_kind(world, what, authority, kind, args):
    """[CPU ms, instructions] of a GET on a kept and on a new connection."""
    port = daemons.free_port()
    extra = []
    if kind:
        cert, key = authority.issue(kind, kind=kind)
        extra = [f'--listen=https://127.0.0.1:{port}',
                 f'--tls-certificate={cert}', f'--tls-private-key={key}']
    api = daemons.Api(world.rundir, world.octavia.remote, world.nb.remote,
                      name='tls-' + (kind or 'none'), extra=extra)
    caller = (Caller(port, authority) if kind else Caller(api.port))
    costs = []
    api.start().wait_ready()
    try:
        seconds = 1 if args.quick else 5
        functions = (caller.kept, caller.new)
        costs = [[cpu_ms(world, api, function, seconds)]
                 for function in functions]
        with Callgrind(api.process, world.rundir, api.wait_ready,
                       args.keep_callgrind) as callgrind:
            for cost, function in zip(costs, functions):
                cost.append(instructions(callgrind, function, what))
    finally:
        api.process.stop()
    print(f'  {what}: ' + ', '.join(map(number, costs[0] + costs[1])),
          flush=True)
    return costs[0] + costs[1]


def measure(args):
    """Prints a table."""
    with World(wide_networks(2), pairs(2)) as world:
        authority = certs.Authority(world.rundir)
        rows = [(what, measure_kind(world, what, authority, kind, args))
                for what, kind in (('plain', None), ('TLS, ECDSA P-256', 'ec'),
                                   ('TLS, RSA 2048', 'rsa'))]
    print('| | GET, CPU ms | instructions | connection and GET, CPU ms | '
          'instructions |\n|---|---:|---:|---:|---:|')
    for what, costs in rows:
        print(f'| {what} | ' + ' | '.join(map(number, costs)) + ' |')
