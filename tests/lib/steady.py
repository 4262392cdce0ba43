# SPDX-License-Identifier: Apache-2.0
"""What goes on while something is replaced: traffic to load balancers that
never change, connections that stay, and changes of others.
"""

import collections
import threading

from . import changes, client, nbview, talk, traffic, wait, watch

# A stream of connections from a client to each.
STREAM_PAUSE = 0.1
# A busy machine makes every packet wait.
ANSWER_SECONDS_MAX = 10 * wait.SLOWNESS
ASK_SECONDS = 1
SETTLE_SECONDS_MAX = 90

Kind = collections.namedtuple('Kind', 'name protocol host pool is_probed '
                              'version', defaults=({}, False, 4))
# From which host traffic comes to each; what its pool has.
KINDS = (
    Kind('tcp', 'TCP', 'client1'),
    Kind('udp', 'UDP', 'client2'),
    Kind('probed', 'TCP', 'client2', is_probed=True),
    Kind('pinned', 'TCP', 'client1',
         {'session_persistence': {'type': 'SOURCE_IP'}}),
    Kind('source', 'TCP', 'client2', {'lb_algorithm': 'SOURCE_IP'}),
    Kind('ipv6', 'TCP', 'client1', version=6),
)
# Last parts of the addresses of members that are changed.
MEMBERS = range(200, 250)
SERVERS = ('web1', 'web2', 'web3')
PORT = 80
# Tables of which each row belongs to one load balancer.
OWN_TABLES = ('Load_Balancer', 'Load_Balancer_Health_Check')


def subnets(api):
    """Ids by CIDR."""
    return {one['cidr']: one['id'] for one in api.request(
        'GET', '/v2.0/subnets').body['subnets']}


class Steady:
    """Load balancers of all kinds, and traffic to them, if there are hosts."""

    def __init__(self, world, with_packets=True):
        self.world = world
        self.kinds = KINDS if with_packets else ()
        self.addresses = {}
        # Of their own rows in the NB.
        self.uuids = set()
        self.talks = {}
        self.lost = []
        self.streams = {}
        self._stop = threading.Event()
        self._asking = threading.Thread(target=self._ask, daemon=True)

    def make(self, api):
        def known():
            found = subnets(api)
            return all(self._cidr(network, version) in found
                       for network in (1, 2) for version in (4, 6)) and found
        subnet = wait.until(known, 'the subnets are known')
        for kind in KINDS:
            self._make(api, subnet, kind)
        if self.kinds:
            self.world.ovn.sync()
        for kind in self.kinds:
            self._wait_served(kind)
        # The driver has nothing left to write for them.
        self.world.active().resync()
        with self.world.ovn.nb.client() as nb:
            rows = nb.dump()
        self.uuids = {uuid for table in OWN_TABLES for uuid in rows[table]}

    def _cidr(self, network, version):
        network = self.world.networks[network]
        return network.cidr if version == 4 else network.cidr6

    def _make(self, api, subnet, kind):
        def subnet_of(number):
            return subnet[self._cidr(number, kind.version)]
        lb = api.create_loadbalancer(name=f'steady-{kind.name}',
                                     vip_subnet_id=subnet_of(1))
        listener = api.create_listener(lb['id'], PORT, kind.protocol)
        pool = api.create_pool(lb['id'], kind.protocol,
                               listener_id=listener['id'], **kind.pool)
        for server in SERVERS:
            host = self.world.hosts[server]
            api.create_member(
                lb['id'], pool['id'],
                host.address if kind.version == 4 else host.address6, 8080,
                subnet_id=subnet_of(host.network.number), name=server)
        if kind.is_probed:
            api.create_monitor(lb['id'], pool['id'], delay=2, timeout=2,
                               max_retries=2, max_retries_down=5)
        self.addresses[kind.name] = lb['vip_address']

    def _wait_served(self, kind):
        """Until new connections are answered, each from the same address, so
        by one server if that decides."""
        def served():
            seen = traffic.send(
                self.world.hosts[kind.host], self.addresses[kind.name], PORT,
                20, self._datagrams(kind.protocol), 5)
            assert not seen.failed, str(seen)
            return True
        wait.until(served, f'{kind.name} is served', 60)

    @staticmethod
    def _datagrams(protocol):
        return 'udp' if protocol == 'UDP' else 'tcp'

    # Connections that stay.

    def open(self, n_each=2):
        """Opens connections to each, and asks through all of them, again and
        again, from now on."""
        for kind in self.kinds:
            for n in range(n_each):
                self.talks[f'{kind.name}{n}'] = talk.Talk(
                    self.world.hosts[kind.host], self.addresses[kind.name],
                    PORT, self._datagrams(kind.protocol), ANSWER_SECONDS_MAX)
        self._asking.start()

    def _ask(self):
        first = {}
        while not self._stop.wait(ASK_SECONDS):
            for name, one in list(self.talks.items()):
                answer = one.ask()
                if answer == '-' or answer != first.setdefault(name, answer):
                    self.lost.append(f'{name}: {answer or "?"} instead of '
                                     f'{first.get(name)}')
                    one.close()
                    del self.talks[name]

    # New connections.

    def begin(self):
        """Streams of new connections, to each of them, until end()."""
        for kind in self.kinds:
            self.streams[kind.name] = traffic.Stream(
                self.world.hosts[kind.host], self.addresses[kind.name], PORT,
                self._datagrams(kind.protocol), ANSWER_SECONDS_MAX,
                STREAM_PAUSE)
            self.streams[kind.name].__enter__()

    def end(self):
        """Returns how many were answered, and what became of others."""
        n_answered, failures = 0, {}
        while self.streams:
            name, stream = self.streams.popitem()
            stream.__exit__()
            n_answered += stream.result.answered
            for reason, n in stream.result.failures.items():
                failures[f'{name}: {reason}'] = n
        return n_answered, failures

    def close(self):
        self._stop.set()
        if self._asking.is_alive():
            self._asking.join(2 * ANSWER_SECONDS_MAX)
        for one in self.talks.values():
            one.close()
        if self.streams:
            self.end()

    # Writes.

    def rows(self, writes):
        """Of these NB writes, as of Watch.writes(), those to rows of the
        steady load balancers."""
        return [{table: {uuid: change for uuid, change in rows.items()
                         if uuid in self.uuids}
                 for table, rows in update.items()} for update in writes]


class Gate(changes.Pace):
    """A pace that stops while it is closed."""

    def __init__(self, rate):
        super().__init__(rate)
        self.opened = threading.Event()
        self.n_waiting = 0
        self.count = threading.Lock()

    def wait(self, stop):
        self._add(1)
        super().wait(stop)
        while not stop.is_set() and not self.opened.wait(0.1):
            pass
        self._add(-1)

    def _add(self, n):
        with self.count:
            self.n_waiting += n


class Client(changes.Client):
    """In networks of 254 addresses."""

    def member(self):
        cidr, subnet_id = self.random.choice(list(self.subnets.items()))
        n = self.random.randrange(1 << 12)
        return {'address': cidr.replace(
            '.0/24', f'.{MEMBERS.start + n % len(MEMBERS)}'),
                'subnet_id': subnet_id, 'protocol_port': 1 + n,
                'weight': 1 + n % 3}


class Changes:
    """Clients that change load balancers of their own through several copies
    of the API.

    ports   of the copies; clients are spread over them
    others  client.Api, each for another client, that write another way
    """

    def __init__(self, world, ports, n_clients, rate, seed, others=()):
        self.world = world
        self.stop = threading.Event()
        self.gate = Gate(rate)
        known = subnets(world.rest())
        chosen = {world.networks[n].cidr: known[world.networks[n].cidr]
                  for n in (1, 2)}
        self.clients = [Client(n, ports[n % len(ports)], chosen, self.gate,
                               self.stop, seed) for n in range(n_clients)]
        self.clients += [Client(n_clients + n, other.port, chosen, self.gate,
                                self.stop, seed, other)
                         for n, other in enumerate(others)]
        self.n_seen = 0, 0
        for one in self.clients:
            one.start()

    def resume(self):
        # The API has closed what was silent for long.
        for one in self.clients:
            one.api.close()
        self.gate.opened.set()

    def pause(self):
        """Waits until no change is under way, and OVN is as the API says;
        returns what is wrong."""
        self.gate.opened.clear()
        wait.until(lambda: self.gate.n_waiting == len(self.clients)
                   or self.failures(), 'all clients pause',
                   changes.ANSWER_SECONDS_MAX)
        api = client.Api(self.world.port)

        def quiet():
            pending = [lb['name'] for lb in api.get('/loadbalancers')
                       if lb['provisioning_status'].startswith('PENDING')]
            assert not pending, pending
            return True
        wait.until(quiet, 'nothing is PENDING', SETTLE_SECONDS_MAX, 0.2)
        for one in self.clients:
            for lb in list(one.lbs):
                one.look(lb)
        problems = self.failures()
        for one in self.clients:
            problems += one.problems
            one.problems = []
        found = []

        def same():
            found[:] = nbview.differences(self.world, api)
            return not found
        try:
            wait.until(same, 'OVN is as the API says', 10)
        except wait.DeadlinePassed:
            problems += found
        api.close()
        return problems

    def failures(self):
        return [f'client {one.n}: {one.failure!r}' for one in self.clients
                if one.failure]

    def counts(self):
        """How many changes were answered, and how many not, since the last
        call."""
        total = (sum(one.n_answered.total() for one in self.clients),
                 sum(one.n_unanswered for one in self.clients))
        found = tuple(n - seen for n, seen in zip(total, self.n_seen))
        self.n_seen = total
        return found

    def end(self):
        self.stop.set()
        self.gate.opened.set()
        for one in self.clients:
            one.join(changes.ANSWER_SECONDS_MAX)


class Writes:
    """Every write to the Northbound database: each as a change of rows, or,
    if its server was replaced meanwhile, all that is different."""

    def __init__(self, world):
        self.world = world
        self.before = self.watch = None

    def begin(self):
        self.before = self._rows()
        self.watch = watch.Watch(self.world.ovn.nb).__enter__()

    def end(self):
        """Returns [{table: {uuid: {'old': ..., 'new': ...}}}]."""
        try:
            return self.watch.writes()
        except OSError:
            return [self._differences()]
        finally:
            self.watch.__exit__()

    def _rows(self):
        with self.world.ovn.nb.client() as nb:
            return nb.dump(ignore={
                *watch.Watch.IGNORED_TABLES,
                *(f'{table}.{column}' for table, columns
                  in watch.Watch.IGNORED_COLUMNS.items()
                  for column in columns)})

    def _differences(self):
        """Columns and tables that only one of two schemas has are none."""
        found, after = {}, self._rows()
        for table in set(self.before) & set(after):
            old, new = self.before[table], after[table]
            for uuid in set(old) | set(new):
                change = self._difference(old.get(uuid), new.get(uuid))
                if change:
                    found.setdefault(table, {})[uuid] = change
        return found

    @staticmethod
    def _difference(old, new):
        if old is None or new is None:
            return {'new': new} if old is None else {'old': old}
        columns = {column for column in set(old) & set(new)
                   if old[column] != new[column]}
        return columns and {'old': {column: old[column]
                                    for column in columns}, 'new': new}
