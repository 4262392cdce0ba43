# SPDX-License-Identifier: Apache-2.0
"""What the loss of a part of a raft cluster costs.

Three servers of OVN_Octavia and three of the Northbound database, each in a
network namespace of its own, two APIs and two drivers in another.  Clients
write all the time, each to load balancers of its own: a write, then a look
until it is ACTIVE.  The gap is the time from the fault until the first write
that was sent after it is answered with 2xx, or is ACTIVE.
"""

import os
import threading
import time

from world import World, pairs, wide_networks

from lib import client, cluster, daemons, ovsdb, wait

CLIENTS = 4
LBS_EACH = 2
ROUNDS = 5
QUIET_S = 2                     # Between two faults.

# Key: (aim, reference).
FIGURES = {'gap': (3000, None), 'refused': (0, None), 'writes': (None, None)}


class Writer(threading.Thread):
    """A client.  'done' has (sent, answered, status, active) of each write,
    in seconds of the monotonic clock."""

    def __init__(self, port, lbs, stop):
        super().__init__(daemon=True)
        self.rest = client.Rest(port, timeout=60)
        self.lbs = lbs
        self.stop = stop
        self.done = []
        self.n_reads = 0
        self.n_refused = 0      # Of all requests, reads included.
        self.is_up = True

    def run(self):
        number = 0
        while not self.stop.is_set():
            number += 1
            lb = self.lbs[number % len(self.lbs)]
            # Each write is one to the Northbound database, too.
            self.is_up ^= number % len(self.lbs) == 0
            sent = time.monotonic()
            reply = self.rest.request(
                'PUT', f'{client.PREFIX}/loadbalancers/{lb}',
                {'loadbalancer': {'admin_state_up': self.is_up}})
            answered = time.monotonic()
            self.n_refused += reply.status == 503
            active = self._wait_active(lb) if reply.status == 200 else None
            self.done.append((sent, answered, reply.status, active))

    def _wait_active(self, lb):
        while not self.stop.is_set():
            reply = self.rest.request(
                'GET', f'{client.PREFIX}/loadbalancers/{lb}')
            self.n_refused += reply.status == 503
            self.n_reads += 1
            if reply.status == 200 and reply.body['loadbalancer'][
                    'provisioning_status'] == 'ACTIVE':
                return time.monotonic()
            self.stop.wait(0.01)
        return None


class ClusterWorld(World):
    """As World, but with 'n' servers of each database, and two of each
    daemon."""

    def __init__(self, n, election_timer_ms=None):
        super().__init__(wide_networks(2), pairs(2))
        self.machines = cluster.Machines(os.path.basename(self.rundir), n)
        self.octavia, self.nb = (
            cluster.Cluster(name, schema, self.rundir, n, self.machines,
                            election_timer_ms)
            for name, schema in (('octavia', ovsdb.OCTAVIA_SCHEMA),
                                 ('nb', ovsdb.NB_SCHEMA)))
        remotes = self.octavia.remote, self.nb.remote
        self.drivers = [daemons.Driver(self.rundir, *remotes, self.sb.remote,
                                       name=f'driver{i}') for i in range(2)]
        self.apis = [daemons.Api(self.rundir, *remotes, name=f'api{i}')
                     for i in range(2)]
        self.driver, self.api = self.drivers[0], self.apis[0]
        self._inside = self.machines.inside()

    def _start(self):
        self.machines.create()
        self._inside.__enter__()
        super()._start()
        self.drivers[1].start().wait_ready()
        self.apis[1].start().wait_ready()

    def __exit__(self, *_):
        for daemon in (*self.apis, *self.drivers):
            daemon.stop()
        self.octavia.stop()
        self.nb.stop()
        self._inside.__exit__(None, None, None)
        self.machines.delete()
        if os.environ.get('OVN_OCTAVIA_TEST_KEEP'):
            print(f'kept: {self.rundir}')
        else:
            self.remove()

    def active_driver(self):
        def found():
            for driver in self.drivers:
                if driver.process.is_running() \
                        and driver.status()['active'] == 'yes':
                    return driver
            return None
        return wait.until(found, 'a driver is active', interval=0.02)


def _writers(world, stop):
    rest = client.Api(world.api.port)
    subnet = world.subnets[world.cidrs[0]]
    writers = [Writer(world.apis[i % 2].port,
                      [_make_tree(rest, subnet) for _ in range(LBS_EACH)],
                      stop) for i in range(CLIENTS)]
    rest.close()
    return writers


def _make_tree(rest, subnet):
    """Returns the id of a load balancer with something to balance."""
    def post(path, body):
        created = rest.post(path, body)
        wait.until(lambda: rest.get(f'/loadbalancers/{lb or created["id"]}')[
            'provisioning_status'] == 'ACTIVE', 'ACTIVE', interval=0.01)
        return created['id']
    lb = None
    lb = post('/loadbalancers', {'loadbalancer': {'vip_subnet_id': subnet}})
    listener = post('/listeners', {'listener': {
        'loadbalancer_id': lb, 'protocol': 'TCP', 'protocol_port': 80}})
    pool = post('/pools', {'pool': {
        'listener_id': listener, 'protocol': 'TCP',
        'lb_algorithm': 'SOURCE_IP_PORT'}})
    post(f'/pools/{pool}/members', {'member': {
        'address': '10.16.0.9', 'protocol_port': 80}})
    return lb


def _kill(member):
    member.kill()
    return lambda: (member.start(), cluster.Cluster.wait_joined(member, 60))


def _cut_off(group, member):
    group.cut_off(member)

    def mend():
        group.join(member)
        cluster.Cluster.wait_joined(member, 60)
    return mend


def _transfer(member):
    member.transfer()
    return lambda: None


def _kill_driver(driver):
    driver.kill()
    return lambda: driver.start().wait_ready()


def _kill_both(world):
    driver, member = world.active_driver(), world.octavia.leader()
    mends = _kill_driver(driver), _kill(member)
    return lambda: [mend() for mend in mends]


# Name, what happens (returns what mends it), what is measured: a write's
# answer, or that it is ACTIVE.
FAULTS = (
    ('OVN_Octavia loses its leader',
     lambda w: _kill(w.octavia.leader()), 'answered'),
    ('OVN_Octavia loses a follower',
     lambda w: _kill(w.octavia.followers()[0]), 'answered'),
    ("the leader's machine is cut off",
     lambda w: _cut_off(w.octavia, w.octavia.leader()), 'answered'),
    ('leadership is handed over',
     lambda w: _transfer(w.octavia.leader()), 'answered'),
    ('Northbound loses its leader, until ACTIVE',
     lambda w: _kill(w.nb.leader()), 'active'),
    ("its leader's machine is cut off, until ACTIVE",
     lambda w: _cut_off(w.nb, w.nb.leader()), 'active'),
    ('the active driver dies, until ACTIVE',
     lambda w: _kill_driver(w.active_driver()), 'active'),
    ("and OVN_Octavia's leader, until ACTIVE", _kill_both, 'active'),
)


def _gap_ms(writers, fault_at, what):
    """None: not over yet."""
    ends = [end for writer in writers
            for sent, answered, status, active in list(writer.done)
            if sent > fault_at and status < 300
            for end in [active if what == 'active' else answered] if end]
    return (min(ends) - fault_at) * 1000 if ends else None


def _measure_fault(world, table, name, fault, what, rounds):
    stop = threading.Event()
    writers = _writers(world, stop)
    for writer in writers:
        writer.start()
    gaps = []
    for _ in range(rounds):
        wait.until(lambda: all(
            writer.done and writer.done[-1][3] for writer in writers),
            'all write', 60)
        mend = fault(world)
        at = time.monotonic()
        gaps.append(wait.until(lambda at=at: _gap_ms(writers, at, what),
                               'a write succeeds', 120, 0.02))
        mend()
        calm = time.monotonic() + QUIET_S
        wait.until(lambda at=calm: all(
            any(done[0] > at and done[3] for done in list(writer.done))
            for writer in writers), 'all write again', 120)
    stop.set()
    for writer in writers:
        writer.join()
    statuses = [done[2] for writer in writers for done in writer.done]
    table.add(name, 'gap', 'ms', gaps)
    n = len(statuses) + sum(writer.n_reads for writer in writers)
    table.add(f'  answered with 503, of {n:,}', 'refused', '%',
              100 * sum(writer.n_refused for writer in writers) / n)
    assert set(statuses) <= {200, 503}, set(statuses)


def measure(args, table):
    rounds = 2 if args.quick else ROUNDS
    seconds = 3 if args.quick else 10
    for n in (1, 3):
        with ClusterWorld(n) as world:
            for clients in (1, 8):
                steps = world.create(f'--clients={clients}',
                                     f'--seconds={seconds}')
                table.add(f'load balancers, {clients} '
                          f'client{"s" * (clients > 1)}, {n} '
                          f'server{"s" * (n > 1)}', 'writes', '/s',
                          len(steps['lb']) / (steps['elapsed'][0] / 1000),
                          more_is_better=True)
            if n > 1:
                for name, fault, what in FAULTS:
                    if args.fault and args.fault not in name:
                        continue
                    _measure_fault(world, table, name, fault, what, rounds)
