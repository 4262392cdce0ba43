# SPDX-License-Identifier: Apache-2.0
"""The API beside a real octavia-api, in the same run: the same load balancers
in both, the same requests to both.

Ours runs with its driver and OVN's Northbound, so a write goes on to OVN; the
time until it is ACTIVE is compared with what the machine allows at best.
Octavia's has a provider that does nothing, see reference.py.  What a process
computes holds on a busy machine, too; milliseconds do not.
"""

import functools
import time

from lib import client
from lists import FEW, Crowd
from limit import Limit
from provider import descendants, memory_mib
from reference import Reference
from report import number, percentile
from script import ADDED_PORT, BASE, MADE, Requests, line, play, take
from world import NETWORKS_MAX, World, pairs, wide_networks

SIZE, SIZE_QUICK = 1000, 100
MEMBERS = 10                    # Of each load balancer.
CONNECTIONS = (1, 32)
DEADLINE = 900

# How many requests at most, and seconds, by connections.
COUNTS = {1: (200, 6), 32: (640, 8)}
COUNTS_QUICK = {1: (20, 2), 32: (64, 3)}
# Requests with many members: fewer, since each makes so many.
COUNTS_LARGE = {1: (5, 10), 32: (32, 8)}
WARM_REQUESTS, WARM_CLIENTS = 48, 16
# A row is left out if one request from each connection would take longer.
ROW_SECONDS = 60

READS = (
    ('GET one', '/loadbalancers/{lb}'),
    ('page of 100', '/loadbalancers?limit=100'),
    ('20 by a tag', '/loadbalancers?tags=few'),
    ('20 by the project', '/loadbalancers?project_id=few'),
)
# How many times the machine's limit a write may take until it is ACTIVE.
AIMS = {'POST a load balancer': 1.5, 'POST a member': 1.5,
        'POST a tree of 5': 2}
BATCHES = (1, 100, 1000)


class Side:
    """One of the two that are compared.

    name       in the table
    port       of its API
    processes  {name: [process ids]}
    settle     a function: waits until nothing is PENDING
    forget     a function: removes members that were added
    is_ours    a write becomes ACTIVE
    """

    def __init__(self, name, port, processes, settle, forget, is_ours):
        self.name = name
        self.port = port
        self.processes = processes
        self.settle = settle
        self.forget = forget
        self.is_ours = is_ours
        self.results = {}       # {(what, connections): Result}
        self.settled = {}       # {what: (samples, limit)}
        self.memory = {}

    def made(self):
        """Ids of the load balancers that were added."""
        ids, marker = [], ''
        api = client.Rest(self.port)
        while True:
            reply = api.request('GET', f'{BASE}/loadbalancers?name={MADE}'
                                f'&fields=id&limit=500{marker}')
            api.close()
            assert reply.status == 200, reply
            page = [item['id'] for item in reply.body['loadbalancers']]
            if not page:
                return ids
            ids += page
            marker = f'&marker={page[-1]}'

    def cpu_ms(self):
        return {name: sum(map(process_cpu_ms, pids))
                for name, pids in self.processes.items()}

    def measure_memory(self):
        for name, pids in self.processes.items():
            self.memory.setdefault(name, []).append(
                sum(memory_mib(pid, 'Pss') for pid in pids))


class Result:
    """Of one row: milliseconds, requests a second, and what each process
    computed for a request."""

    def __init__(self, steps, cpu):
        self.ms = steps.get('reply', [])
        refused = [round(status) for status in steps.get('refused', ())]
        self.refused = len(refused)
        self.statuses = sorted(set(refused))
        n = len(self.ms) + self.refused
        self.rate = n / (steps['elapsed'][0] / 1000)
        self.cpu = {name: ms / n for name, ms in cpu.items()}


def process_cpu_ms(pid):
    """Of all threads that it has or had, as the kernel counts it."""
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e6


class Comparison:
    """Both sides, and what is measured on them."""

    def __init__(self, world, limit, requests, is_quick):
        self.world = world
        self.limit = limit
        self.requests = requests
        self.counts = COUNTS_QUICK if is_quick else COUNTS

    def read(self, side, what, path, connections):
        _, seconds = self.counts[connections]
        before = side.cpu_ms()
        steps = play(self.world, [line('GET', path)], '--count=0',
                     f'--clients={connections}', f'--seconds={seconds}',
                     port=side.port)
        self.add(side, what, connections, steps, before)

    def write(self, side, what, make, connections, counts):
        """'make' makes a request, or has no more (None)."""
        count, seconds = counts[connections]
        lines = take(make, count)
        one = side.results.get((what, 1))
        if not lines or (connections > 1 and (
                not one or not one.ms or percentile(one.ms, 50) / 1000
                * connections > ROW_SECONDS)):
            print(f'  {side.name}, {what}, {connections} connections: '
                  'left out', flush=True)
            return
        before = side.cpu_ms()
        steps = play(self.world, lines, f'--clients={connections}',
                     f'--seconds={seconds}', port=side.port)
        if side.is_ours:        # Its driver's work is part of it.
            side.settle()
        self.add(side, what, connections, steps, before)
        side.settle()
        if side.is_ours and connections == 1:
            self.write_settled(side, what, take(make, count), seconds)

    def write_settled(self, side, what, lines, seconds):
        """The time until each has come true, beside the machine's limit just
        then."""
        limit = self.limit.commits()
        steps = play(self.world, lines, '--settled', f'--seconds={seconds}',
                     port=side.port)
        if 'settled' in steps:
            side.settled[what] = (steps['settled'],
                                  limit + self.limit.commits())
        side.settle()

    def add(self, side, what, connections, steps, before):
        after = side.cpu_ms()
        result = Result(steps, {name: after[name] - ms
                                for name, ms in before.items()})
        side.results[what, connections] = result
        print(f'  {side.name}, {what}, {connections} '
              f'connection{"s" * (connections > 1)}: '
              f'{number(percentile(result.ms or [0], 50))} ms, '
              f'CPU ms {" + ".join(map(number, result.cpu.values()))}'
              + (f', {result.refused} refused: {result.statuses}'
                 if result.refused else ''),
              flush=True)

    def warm(self, side):
        """Whatever each process does once."""
        path = f'/loadbalancers/{self.requests.crowd.trees[0].lb}'
        play(self.world, [line('GET', path)] * WARM_REQUESTS,
             f'--clients={WARM_CLIENTS}', port=side.port)

    def measure(self, side):
        self.warm(side)
        ids = {'lb': self.requests.crowd.trees[0].lb}
        for what, path in READS:
            for connections in CONNECTIONS:
                self.read(side, what, path.format(**ids), connections)
        for connections in CONNECTIONS:
            self.measure_objects(side, connections)
            self.measure_batches(side, connections)

    def measure_objects(self, side, connections):
        requests = self.requests
        for what, make in (('a load balancer', requests.post_lb),
                           ('a tree of 5', requests.post_tree)):
            self.write(side, f'POST {what}', make, connections, self.counts)
            self.write(side, f'DELETE {what}', self.deletes(side),
                       connections, self.counts)
        for what, make in (('PUT a load balancer', requests.put_lb),
                           ('POST a member', requests.post_member)):
            self.write(side, what, make, connections, self.counts)
        side.forget()
        self.remove_made(side)

    def measure_batches(self, side, connections):
        for n in BATCHES:
            self.write(side, f'PUT {n:,} member{"s" * (n > 1)}',
                       functools.partial(self.requests.put_members, n),
                       connections, self.counts if n == 1 else COUNTS_LARGE)
            side.forget()

    def deletes(self, side):
        """A function that makes requests to delete what was added."""
        left = side.made()
        return lambda: self.requests.delete(left.pop()) if left else None

    def remove_made(self, side):
        """What an interrupted row left."""
        api = client.Rest(side.port)
        for key in side.made():
            api.request('DELETE', f'{BASE}/loadbalancers/{key}?cascade=true')
            api.close()
        side.settle()


# --- Ours, and theirs --------------------------------------------------------

def our_side(world, crowd):
    def forget():
        """Each pool has what it had."""
        with world.octavia.client() as db:
            added, = db.transact({
                'op': 'select', 'table': 'Member',
                'where': [['protocol_port', '>=', ADDED_PORT]],
                'columns': ['_uuid', 'pool']})
        members = {}
        for row in added['rows']:
            members.setdefault(row['pool'][1], []).append(row['_uuid'])
        with world.octavia.client() as db:
            for pool, rows in members.items():
                db.transact({'op': 'mutate', 'table': 'Pool',
                             'where': [['_uuid', '==', ['uuid', pool]]],
                             'mutations': [['members', 'delete',
                                            ['set', rows]]]})
        with world.octavia.client() as db:
            crowd.toggle(db, [(tree, [], True) for tree in crowd.trees
                              if tree.pool in members])
        crowd.wait_settled(DEADLINE)

    return Side('ours', world.api.port, {
        'ovn-octavia-api': [world.api.process.pid],
        'OVN_Octavia': [world.octavia.process.pid],
        'ovn-octavia-driver': [world.driver.process.pid],
        'Northbound': [world.nb.process.pid]},
        lambda: crowd.wait_settled(DEADLINE), forget, True)


def fill_theirs(reference, crowd):
    """The same objects, with the same ids."""
    common = {'provisioning_status': 'ACTIVE', 'operating_status': 'ONLINE',
              'enabled': 1, 'created_at': '2026-01-01 00:00:00'}
    rows = {'load_balancer': [], 'vip': [], 'tags': [], 'pool': [],
            'listener': [], 'member': []}
    cidrs = crowd.world.cidrs
    address = 0
    for i, tree in enumerate(crowd.trees):
        words = crowd.words(i)
        own = {**common, 'project_id': words['project_id']}
        subnet = crowd.world.subnets[cidrs[tree.vip_network]]
        rows['load_balancer'].append({
            **own, 'id': tree.lb, 'name': words['name'],
            'description': words['description'], 'topology': 'SINGLE',
            'provider': 'noop_driver'})
        rows['vip'].append({
            'load_balancer_id': tree.lb, 'subnet_id': subnet,
            'ip_address': f'10.{16 + tree.vip_network}.0.{2 + i % 250}',
            'network_id': crowd.world.networks[cidrs[tree.vip_network]]})
        rows['tags'] += [{'resource_id': tree.lb, 'tag': tag}
                         for tag in words['tags']]
        rows['pool'].append({
            **own, 'id': tree.pool, 'load_balancer_id': tree.lb, 'name': '',
            'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP_PORT'})
        rows['listener'].append({
            **own, 'id': tree.listener, 'load_balancer_id': tree.lb,
            'name': '', 'protocol': 'TCP', 'protocol_port': 80,
            'default_pool_id': tree.pool, 'connection_limit': -1})
        for member in tree.members:
            address += 1
            rows['member'].append({
                **own, 'id': member, 'pool_id': tree.pool, 'name': '',
                'subnet_id': crowd.world.subnets[cidrs[tree.member_network]],
                'ip_address': f'10.{16 + tree.member_network}.'
                              f'{128 + address % 120}.{2 + address % 250}',
                'protocol_port': 8000 + address // 30000, 'weight': 1,
                'backup': 0})
    reference.fill(rows)


# --- The tables --------------------------------------------------------------

def print_table(head, rows):
    print('\n| ' + ' | '.join(head) + ' |\n|---' + '|---:' * (len(head) - 1)
          + '|')
    for row in rows:
        print('| ' + ' | '.join(row) + ' |')


def print_times(ours, theirs):
    rows = []
    for (what, connections), mine in ours.results.items():
        cells = [f'{what}, {connections}']
        other = theirs.results.get((what, connections))
        for result in (mine, other):
            if result is None or not result.ms:
                cells += ['', '', '']
                continue
            cells += [number(result.rate), number(percentile(result.ms, 50)),
                      number(percentile(result.ms, 99))]
        cells.append(f'{number(mine.rate / other.rate)}x'
                     if other and other.ms else '')
        cells.append(' / '.join(
            str(result.refused) if result else '' for result in (mine, other)))
        rows.append(cells)
    print_table(('requests, connections', 'ours /s', 'p50 ms', 'p99 ms',
                 'Octavia /s', 'p50 ms', 'p99 ms', 'ratio of /s', 'refused'),
                rows)


def print_cpu(ours, theirs):
    names = [*ours.processes, *theirs.processes]
    rows = []
    for (what, connections), mine in ours.results.items():
        other = theirs.results.get((what, connections))
        cpu = {**mine.cpu, **(other.cpu if other else {})}
        rows.append([f'{what}, {connections}'] + [
            number(cpu[name]) if name in cpu else '' for name in names]
            + [f'{number(sum(other.cpu.values()) / sum(mine.cpu.values()))}x'
               if other else ''])
    print_table(('CPU ms a request', *names, 'ratio of all'), rows)


def print_settled(ours):
    """Returns the aims that were missed."""
    missed, rows = [], []
    for what, (samples, limits) in ours.settled.items():
        limit = percentile(limits, 50)
        ratio = percentile(samples, 50) / limit
        aim = AIMS.get(what)
        is_met = aim is None or ratio <= aim
        if not is_met:
            missed.append(f'{what}: {ratio:.2f} times the limit')
        rows.append([what, str(len(samples)), number(percentile(samples, 50)),
                     number(percentile(samples, 99)), number(limit),
                     f'{ratio:.2f}', '' if aim is None else f'≤ {aim}',
                     '' if aim is None else 'yes' if is_met else 'no'])
    print_table(('until ACTIVE, or gone', 'n', 'p50 ms', 'p99 ms',
                 'limit ms', 'ratio', 'aim', 'met'), rows)
    return missed


def print_memory(*sides):
    print_table(('memory, MiB', 'loaded', 'at the end'), [
        [name, *map(number, values)]
        for side in sides for name, values in side.memory.items()])


def their_side(reference):
    return Side('Octavia', reference.port, reference.processes(),
                reference.settle,
                lambda: reference.forget_members(ADDED_PORT), False)


def measure_side(comparison, side):
    side.measure_memory()
    comparison.measure(side)
    side.measure_memory()


def measure_both(size, is_quick, sides):
    """Fills in 'sides'; returns milliseconds of three writes to the disk."""
    with World(wide_networks(NETWORKS_MAX),
               pairs(NETWORKS_MAX)) as world, \
            Limit(world.rundir) as limit:
        crowd = Crowd(world, size)
        crowd.fill(MEMBERS)
        comparison = Comparison(world, limit, Requests(crowd), is_quick)
        sides.append(our_side(world, crowd))
        measure_side(comparison, sides[0])
        with Reference() as reference:
            fill_theirs(reference, crowd)
            sides.append(their_side(reference))
            measure_side(comparison, sides[1])
        return percentile(limit.disk(), 50)


def measure(args):
    """Prints what was measured, even if it fails in the middle; returns
    whether all aims are met."""
    size = args.sizes[0] if args.sizes else (
        SIZE_QUICK if args.quick else SIZE)
    assert size >= FEW and size % FEW == 0, size
    sides = []
    missed = []
    try:
        disk = measure_both(size, args.quick, sides)
        print(f'\n{size:,} load balancers, {size * MEMBERS:,} members; three '
              f'writes of 4 KiB to the same disk: {number(disk)} ms')
    finally:
        if sides:
            missed = print_all(*sides)
    return not missed


def print_all(ours, theirs=None):
    theirs = theirs or Side('Octavia', None, {}, None, None, False)
    print_times(ours, theirs)
    print_cpu(ours, theirs)
    missed = print_settled(ours)
    print_memory(ours, theirs)
    for text in missed:
        print(f'missed: {text}')
    return missed
