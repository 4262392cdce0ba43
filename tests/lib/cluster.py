# SPDX-License-Identifier: Apache-2.0
"""A database that several servers serve, as a raft cluster.

The servers speak TCP, to each other and to daemons: on loopback, or, if they
are to be cut off from each other, each in a network namespace of its own.
"""

import contextlib
import ctypes
import itertools
import os

from . import daemons, netns, ovsdb, proc, wait

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


class Machines:
    """Namespaces that reach each other through one of them, "hub".

    prefix   of the names of namespaces; part of it names interfaces
    n        how many besides the hub
    names    of these, if not m0, m1...
    """

    def __init__(self, prefix, n, names=None):
        self.prefix = prefix
        self.hub = netns.Namespace(prefix, 'hub')
        self.spaces = [netns.Namespace(prefix, name) for name
                       in names or [f'm{i}' for i in range(n)]]

    def address(self, i):
        return f'10.77.0.{i + 1}'

    def create(self):
        self.hub.create()
        self.hub.script('ip link add br0 type bridge',
                        'ip addr add 10.77.0.254/24 dev br0',
                        'ip link set br0 up')
        for i, space in enumerate(self.spaces):
            space.create()
            self.hub.script(f'ip link add p{i} type veth peer name eth0 '
                            f'netns {space.name}',
                            f'ip link set p{i} master br0 up')
            space.script(f'ip addr add {self.address(i)}/24 dev eth0',
                         'ip link set eth0 up')
        return self

    def delete(self):
        for space in [*self.spaces, self.hub]:
            space.delete()

    def cut_off(self, i):
        """From now on nothing reaches this machine, and nothing comes from
        it: no answer, no reset."""
        self.hub.run('ip', 'link', 'set', f'p{i}', 'nomaster')

    def join(self, i):
        self.hub.run('ip', 'link', 'set', f'p{i}', 'master', 'br0')

    @contextlib.contextmanager
    def inside(self):
        """What this thread starts or opens meanwhile is in the hub."""
        with open('/proc/thread-self/ns/net', encoding='ascii') as before, \
                open(os.path.join(netns.DIRECTORY, self.hub.name),
                     encoding='ascii') as hub:
            _enter(hub)
            try:
                yield self
            finally:
                _enter(before)


def _enter(file):
    if _libc.setns(file.fileno(), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), 'setns')


class Member(ovsdb.Server):
    """One server of a cluster.  Tests look at it through its unix socket,
    which works in any namespace."""

    def __init__(self, name, schema, rundir, address, ports, space=None,
                 lasting=False):
        super().__init__(name, schema, rundir, lasting=lasting)
        self.tcp = f'tcp:{address}:{ports[0]}'
        self.raft = f'tcp:{address}:{ports[1]}'
        self.process.argv.append(f'--remote=ptcp:{ports[0]}:{address}')
        if space:
            self.process.argv = space.argv(*self.process.argv)

    def join(self, other):
        """Makes the file of a server that joins the cluster of another."""
        proc.run(['ovsdb-tool', '-vconsole:off', 'join-cluster', self.file,
                  self.database, self.raft, other.raft])

    def create(self, election_timer_ms=None):
        if not os.path.exists(self.file):
            timer = ([f'--election-timer={election_timer_ms}']
                     if election_timer_ms else [])
            proc.run(['ovsdb-tool', '-vconsole:off', *timer,
                      'create-cluster', self.file, self.schema, self.raft])
        return self

    def start(self):
        self.process.start()
        return self

    def state(self):
        """What it says of itself; None if it says nothing."""
        try:
            with ovsdb.Client(self.remote, '_Server') as client:
                rows = client.select('Database',
                                     [['name', '==', self.database]])
        except OSError:
            return None
        return rows[0] if rows else None

    def transfer(self):
        """Has a leader hand over to another, as before it compacts."""
        self.appctl('cluster/failure-test', 'transfer-leadership')


class Cluster:
    """n servers of one database.

    machines            see Machines; None: all on loopback
    election_timer_ms   None: the server's own
    ports               for daemons and for each other; None: any
    names               of servers, if not NAME0, NAME1...
    """

    # Of clusters on the same machines.
    _ports = itertools.count(6640, 2)

    def __init__(self, name, schema, rundir, n=3, machines=None,
                 election_timer_ms=None, ports=None, names=None,
                 lasting=False):
        self.election_timer_ms = election_timer_ms
        self.machines = machines
        ports = ports or (next(self._ports), next(self._ports))
        names = names or [f'{name}{i}' for i in range(n)]
        self.members = [
            Member(names[i], schema, rundir, machines.address(i), ports,
                   machines.spaces[i], lasting) if machines
            else Member(names[i], schema, rundir, '127.0.0.1',
                        (daemons.free_port(), daemons.free_port()),
                        lasting=lasting)
            for i in range(n)]
        self.database = self.members[0].database
        self.remote = ','.join(member.tcp for member in self.members)
        # From any namespace.
        self.local = ','.join(member.remote for member in self.members)

    def start(self):
        """Starts all of them, one after the other."""
        first, *others = self.members
        first.create(self.election_timer_ms).start()
        self.wait_leader()
        for member in others:
            if not os.path.exists(member.file):
                member.join(first)
            member.start()
            self.wait_joined(member)
        return self

    def stop(self):
        for member in self.members:
            member.stop()

    @staticmethod
    def wait_joined(member, deadline=20):
        def joined():
            member.process.check_alive()
            state = member.state()
            return state and state['connected'] and state['schema']
        wait.until(joined, f'{member.name} is part of its cluster', deadline,
                   0.02)

    def running(self):
        return [member for member in self.members
                if member.process.is_running()]

    def leader(self, among=None):
        """The server that leads, or None."""
        for member in among or self.running():
            state = member.state()
            if state and state['connected'] and state['leader']:
                return member
        return None

    def wait_leader(self, among=None, deadline=20):
        return wait.until(lambda: self.leader(among), 'there is a leader',
                          deadline, 0.02)

    def wait_settled(self, deadline=20):
        """Waits until all servers that run are where the one that leads is.
        One that was cut off and comes back makes the others vote again; until
        then whoever led may answer with what it knew."""
        def settled():
            states = [member.state() for member in self.running()]
            return (all(state and state['connected'] for state in states)
                    and sum(state['leader'] for state in states) == 1
                    and len({str(state['index']) for state in states}) == 1)
        wait.until(settled, 'all servers agree', deadline, 0.02)

    def followers(self):
        leader = self.wait_leader()
        return [member for member in self.running() if member is not leader]

    def cut_off(self, member):
        self.machines.cut_off(self.members.index(member))

    def join(self, member):
        self.machines.join(self.members.index(member))

    def client(self):
        """A connection to whatever server leads."""
        return self.wait_leader().client()
