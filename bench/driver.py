# SPDX-License-Identifier: Apache-2.0
"""What the driver costs: one change, a start, a router, beside how many
others.  All on the ends that count: what a client of the API sees, and what a
program that follows OVN's Northbound database is sent.
"""

import contextlib
import os
import random
import time

from lib import client, ovsdb
from callgrind import Callgrind
from follow import Follower
from trees import Trees
from world import World, driver_status, pairs, wide_networks

# Key: (aim, reference), see Table.
FIGURES = {
    'writes': (0, None), 'differences': (0, None),
    'one NB transaction': (1, None),
    'ratio': (1.2, None),
    'restored 1000': (5000, None), 'restored 10000': (60000, None),
    'cascade': (20, 1900),
    'router direct 50': (50, 3300), 'router group 50': (50, 3300),
    'router direct 1000': (500, None), 'router group 1000': (20, None),
}

SAMPLES = 30
TREES_COUNT = 64                # For trees a second.
BATCHES = (1, 10, 100, 1000)
ATTACHED = (50, 1000)           # Load balancers on the network.
MANY_SWITCHES = 1000
REPEAT = 5

# Tables of the Northbound database in which our things are.
OUR_TABLES = ('Load_Balancer', 'Load_Balancer_Group', 'Logical_Switch',
              'Logical_Router', 'Logical_Switch_Port')


# --- One size ---------------------------------------------------------------

class Scale:
    """A world that grows."""

    def __init__(self, world, table, followers):
        self.world = world
        self.table = table
        self.nb, self.octavia = followers
        self.trees = Trees(world)
        self.rng = random.Random(2)
        self.n_networks = len(world.cidrs)
        self.cpu = {}           # {n: ms}
        self.instructions = {}  # {(what, n): number}
        self.profiled = ()      # Sizes at which instructions are counted.
        self.keep = None        # See Callgrind.

    def n(self):
        """Those that the load generator made do not count."""
        return len(self.trees.trees)

    def places(self, n):
        return [((self.n() + i) % self.n_networks,
                 (self.n() + i) % self.n_networks ^ 1) for i in range(n)]

    def fill(self, n):
        """Until there are 'n' trees."""
        count = n - self.n()
        before = self.n()
        start = time.monotonic()
        self.trees.add(self.places(count))
        self.trees.wait_settled()
        self.table.add(f'trees written at once, from {before:,} to {n:,}',
                       '', '/s', count / (time.monotonic() - start))

    def change(self, changes):
        """Toggles members.  Returns the ms until OVN has all of it, and
        until all is ACTIVE."""
        wanted = {tree.lb for tree, _, _ in changes}
        left = set(wanted)
        active = set(wanted)
        nb_mark, octavia_mark = self.nb.mark(), self.octavia.mark()

        def is_in_nb(event):
            for uuid, row in event.rows('Load_Balancer', 'modify'):
                if 'vips' in row:
                    left.discard(self.names[uuid])
            return not left

        def is_active(event):
            for uuid, row in event.rows('Load_Balancer', 'modify'):
                if row.get('provisioning_status') == 'ACTIVE':
                    active.discard(uuid)
            return not active

        with self.world.octavia.client() as db:
            start = time.monotonic()
            self.trees.toggle(db, changes)
        in_nb = self.nb.wait(nb_mark, is_in_nb, 'OVN has the change')
        done = self.octavia.wait(octavia_mark, is_active, 'ACTIVE')
        return (in_nb.at - start) * 1000, (done.at - start) * 1000

    def learn_names(self):
        """Whose the rows in OVN are."""
        with self.world.nb.client() as db:
            self.names = {row['_uuid']: row['name']
                          for row in db.select('Load_Balancer')}

    def sample(self, n):
        return self.rng.sample(self.trees.trees, n)


def measure_size(scale, n, seconds):
    world, table = scale.world, scale.table
    scale.fill(n)
    scale.learn_names()
    table.add(f'memory, driver, {n:,} trees', '', 'MiB',
              world.rss_mib(world.driver.process))
    measure_start(scale, n)
    measure_member(scale, n)
    measure_change(scale, n)
    measure_batches(scale, n)
    measure_cascade(scale, n)
    if n in scale.profiled:
        measure_instructions(scale, n)
    measure_trees(scale, n, seconds)


def measure_start(scale, n):
    """With everything right, and with nothing there."""
    world, table = scale.world, scale.table
    ms, status = world.restart_driver()
    table.add(f'start, {n:,} trees, all right', '', 'ms', ms)
    table.add('  NB transactions', 'writes', '', int(status['nb-commits']))
    table.add('  own transactions', 'writes', '',
              int(status['store-commits']))
    table.add('  memory, driver', '', 'MiB',
              world.rss_mib(world.driver.process))
    before = our_rows(world)
    ms, status = world.restart_driver(lambda: empty_nb(world))
    table.add(f'start, {n:,} trees, OVN empty', f'restored {n}', 'ms', ms)
    table.add('  NB transactions', '', '', int(status['nb-commits']))
    after = our_rows(world)
    table.add('  rows that differ', 'differences', '',
              sum(before[t][key] != after[t].get(key)
                  for t in before for key in before[t])
              + sum(key not in before[t] for t in after for key in after[t]))
    scale.learn_names()


def our_rows(world):
    """All rows of the tables in which our things are.  A row of ours may be
    another one than before, if it says the same."""
    with Follower(world.nb, OUR_TABLES) as nb:
        rows = {table: {uuid: {column: ovsdb.decode(value)
                               for column, value in row.items()}
                        for uuid, row in nb.initial.rows(table, 'initial')}
                for table in OUR_TABLES}
    names = {uuid: f'{table} {row["name"]} {row.get("protocol", "")}'
             for table in OUR_TABLES for uuid, row in rows[table].items()
             if row.get('name')}

    def rename(value):
        if isinstance(value, list):
            return sorted(names.get(item, item) for item in value)
        return names.get(value, value) if isinstance(value, str) else value
    return {table: {names.get(uuid, uuid):
                    {column: rename(value) for column, value in row.items()}
                    for uuid, row in rows[table].items()}
            for table in OUR_TABLES}


def empty_nb(world):
    """Takes everything of ours out of the Northbound database."""
    with Follower(world.nb, OUR_TABLES) as nb:
        ports = {uuid for uuid, row
                 in nb.initial.rows('Logical_Switch_Port', 'initial')
                 if row['name'].startswith('ovn-lb-vip-')}
        switches = [(uuid, [port for port
                            in ovsdb.uuids(ovsdb.decode(row['ports']))
                            if port in ports])
                    for uuid, row in nb.initial.rows('Logical_Switch',
                                                     'initial')
                    if 'ports' in row]
    nothing = ['set', []]
    with world.nb.client() as db:
        db.socket.settimeout(600)
        db.transact(
            *[{'op': 'update', 'table': table, 'where': [],
               'row': {'load_balancer': nothing,
                       'load_balancer_group': nothing}}
              for table in ('Logical_Switch', 'Logical_Router')],
            *[{'op': 'mutate', 'table': 'Logical_Switch',
               'where': [['_uuid', '==', ['uuid', uuid]]],
               'mutations': [['ports', 'delete',
                              ['set', [['uuid', port] for port in gone]]]]}
              for uuid, gone in switches],
            {'op': 'delete', 'table': 'Load_Balancer_Group', 'where': []},
            {'op': 'delete', 'table': 'Load_Balancer', 'where': []})


def measure_member(scale, n):
    """One member added, by the API."""
    world, table = scale.world, scale.table
    api = client.Api(world.api.port)
    ms, sizes = [], []
    commits = world.nb_commits()
    trees = scale.sample(min(n, SAMPLES))
    for tree in trees:
        mark = scale.nb.mark()
        network = tree.member_network
        member = {'address': scale.trees.address(network),
                  'protocol_port': 8080,
                  'subnet_id': world.subnets[world.cidrs[network]]}
        start = time.monotonic()
        api.post(f'/pools/{tree.pool}/members', {'member': member})

        def has_member(event):
            return any(scale.names.get(uuid) == tree.lb and 'vips' in row
                       for uuid, row in event.rows('Load_Balancer',
                                                   'modify'))
        event = scale.nb.wait(mark, has_member, 'OVN has the member')
        ms.append((event.at - start) * 1000)
        api.wait_active(tree.lb)
        sizes.append(sum(event.size for event in scale.nb.since(mark)))
    api.close()
    table.add(f'one member more beside {n:,} trees, until in OVN', '', 'ms',
              ms)
    table.add('  NB bytes', '', '', sizes)
    table.add('  NB transactions', 'one NB transaction', '',
              (world.nb_commits() - commits) / len(trees))


def measure_change(scale, n):
    """One member disabled, past the API."""
    world, table = scale.world, scale.table
    ms = []
    trees = scale.sample(min(n, 100))
    scale.change([(trees[0], trees[0].members[:1], False)])
    cpu = world.driver_cpu_ms()
    for tree in trees[1:]:
        ms.append(scale.change([(tree, tree.members[:1], False)])[1])
    scale.cpu[n] = (world.driver_cpu_ms() - cpu) / len(ms)
    scale.change([(tree, tree.members[:1], True) for tree in trees])
    table.add(f'one change beside {n:,} trees, until ACTIVE', '', 'ms', ms)
    table.add('  computing of the driver', '', 'ms', scale.cpu[n])


def measure_batches(scale, n):
    """Many members disabled at once."""
    big, = scale.trees.add(scale.places(1), n_members=max(BATCHES) + 1)
    scale.trees.trees.remove(big)
    scale.trees.wait_settled()
    scale.learn_names()
    for count in BATCHES:
        for what, changes in (
                ('of one tree', [(big, big.members[:count])]),
                ('of as many trees', [(tree, tree.members[:1]) for tree
                                in scale.sample(min(count, n))])):
            if what == 'of one tree' or 1 < count <= n:
                measure_batch(scale, n, count, what, changes)
    api = client.Api(scale.world.api.port)
    api.delete_loadbalancer(big.lb)
    api.close()


def measure_batch(scale, n, count, what, changes):
    ms, commits, sizes = [], [], []
    for is_up in (False, True) * 2:
        before = scale.world.nb_commits()
        mark = scale.nb.mark()
        ms.append(scale.change([(tree, members, is_up)
                                for tree, members in changes])[1])
        sizes.append(sum(event.size for event in scale.nb.since(mark)))
        commits.append(scale.world.nb_commits() - before)
    members = 'members' if count > 1 else 'member'
    scale.table.add(f'{count:,} {members} {what} at once, beside {n:,}', '',
                    'ms', ms)
    scale.table.add('  NB transactions', 'one NB transaction', '', commits)
    scale.table.add('  NB bytes', '', '', sizes)


def measure_cascade(scale, n):
    """A load balancer with all that hangs on it."""
    api = client.Api(scale.world.api.port)
    subnet = scale.world.subnets[scale.world.cidrs[0]]
    ms = []
    for _ in range(REPEAT):
        lb = api.create_loadbalancer(vip_subnet_id=subnet)['id']
        for i in range(5):
            listener = api.create_listener(lb, 80 + i)['id']
            pool = api.create_pool(lb, listener_id=listener)['id']
            for j in range(4):
                api.create_member(lb, pool, scale.trees.address(0), 8080,
                                  subnet_id=subnet)
        path = f'{client.PREFIX}/loadbalancers/{lb}'
        start = time.monotonic()
        reply = api.request('DELETE', path + '?cascade=true')
        assert reply.status == 204, reply
        while api.request('GET', path).status != 404:
            assert time.monotonic() < start + 30
        ms.append((time.monotonic() - start) * 1000)
    api.close()
    scale.table.add(f'cascade delete (5, 5, 20) beside {n:,}, until 404',
                    'cascade', 'ms', ms)


def measure_trees(scale, n, seconds):
    if seconds:
        for clients in (1, 8):
            steps = scale.world.create('--children', '--members=2',
                                       f'--clients={clients}',
                                       f'--count={TREES_COUNT}')
            scale.table.add(f'trees beside {n:,}, {clients} client'
                            + 's' * (clients > 1), '', '/s',
                            TREES_COUNT / (steps['elapsed'][0] / 1000),
                            more_is_better=True)


# --- Instructions -----------------------------------------------------------

def counting(scale):
    """Counts the driver's instructions."""
    driver = scale.world.driver

    def wait_ready():
        driver.wait_ready()
        driver.wait_in_sync(deadline=900)
    return Callgrind(driver.process, scale.world.rundir, wait_ready,
                     scale.keep)


def measure_instructions(scale, n, count=20):
    def toggle(trees, is_up):
        for tree in trees:
            scale.change([(tree, tree.members[:1], is_up)])

    def add():
        for _ in range(count):
            mark = scale.octavia.mark()
            tree, = scale.trees.add(scale.places(1))
            scale.octavia.wait(mark, lambda event: any(
                row.get('provisioning_status') == 'ACTIVE' and uuid == tree.lb
                for uuid, row in event.rows('Load_Balancer', 'modify')),
                'ACTIVE')

    trees = scale.sample(2 * count)
    with counting(scale) as callgrind:
        toggle(trees[:count], False)    # Whatever is done once.
        for what, function in (
                ('one change', lambda: toggle(trees[count:], False)),
                ('one tree more', add)):
            total = callgrind.count(f'{what} {n}', function) / count
            scale.instructions[what, n] = total
            scale.table.add(f'{what} beside {n:,}, instructions', '', '',
                            total)
    toggle(trees, True)


def compare_sizes(scale, small, large):
    scale.table.add(f'one change, computing, {large:,} against {small:,}',
                    'ratio', 'x', scale.cpu[large] / scale.cpu[small])
    for what in ('one change', 'one tree more'):
        if (what, small) in scale.instructions:
            scale.table.add(
                f'{what}, instructions, {large:,} against {small:,}',
                'ratio', 'x', (scale.instructions[what, large]
                               / scale.instructions[what, small]))


def measure_sizes(args, table):
    sizes = args.sizes or ([50, 200] if args.quick else [100, 1000, 10000])
    world = World(wide_networks(args.networks), pairs(args.networks),
                  args.association, args.northd)
    with contextlib.ExitStack() as stack:
        stack.enter_context(world)
        followers = [stack.enter_context(Follower(world.nb)),
                     stack.enter_context(Follower(world.octavia,
                                                  ['Load_Balancer']))]
        scale = Scale(world, table, followers)
        scale.profiled = () if args.quick else (sizes[0], sizes[-1])
        scale.keep = args.keep_callgrind
        for n in sizes:
            measure_size(scale, n, 0 if args.quick else 1)
        if len(sizes) > 1:
            compare_sizes(scale, sizes[0], sizes[-1])


# --- Routers and switches ---------------------------------------------------

class Carried:
    """Looks for the moment in which the row called 'name' of 'table' carries
    'n' load balancers, one by one or by a group."""

    def __init__(self, nb, table, name, n, association):
        self.table = table
        self.n = n
        self.is_group = association == 'group'
        self.name = name
        self.rows = {uuid for uuid, row in nb.initial.rows(table, 'initial')
                     if row['name'] == name}
        self.lbs = set()
        self.start = None

    def __call__(self, event):
        if any(True for _ in event.rows('Logical_Router_Port', 'insert')):
            self.start = event.at
        for uuid, row in event.rows(self.table, 'insert', 'modify'):
            if row.get('name') == self.name:
                self.rows.add(uuid)
            if uuid not in self.rows:
                continue
            if self.is_group and 'load_balancer_group' in row:
                return True
            self.lbs ^= set(ovsdb.uuids(ovsdb.decode(
                row.get('load_balancer', ['set', []]))))
        return not self.is_group and len(self.lbs) >= self.n


def n_carried(world, table, name):
    """How many load balancers a row carries, one by one or by groups."""
    with world.nb.client() as db:
        groups = {row['_uuid']: row for row
                  in db.select('Load_Balancer_Group')}
        row, = db.select(table, [['name', '==', name]])
    carried = set(ovsdb.uuids(row['load_balancer']))
    for group in ovsdb.uuids(row['load_balancer_group']):
        carried |= set(ovsdb.uuids(groups[group]['load_balancer']))
    return len(carried)


def attach(world, nb, carried, *commands):
    """Returns the ms from the commit of 'commands' until all is carried."""
    mark = nb.mark()
    world.nbctl(*commands)
    event = nb.wait(mark, carried, 'all is carried')
    world.driver.wait_in_sync()
    seen = n_carried(world, carried.table, carried.name)
    assert seen == carried.n, f'{carried.name} carries {seen}'
    return (event.at - carried.start) * 1000


def measure_routers(args, table, association):
    world = World(wide_networks(REPEAT + 1), {}, association, args.northd)
    sizes = (20,) if args.quick else ATTACHED
    with world, Follower(world.nb) as nb:
        trees = Trees(world)
        for n in sizes:
            trees.add([(0, 0)] * (n - len(trees.trees)))
            trees.wait_settled()
            ms, commits = [], []
            for _ in range(REPEAT):
                before = world.nb_commits()
                ms.append(attach(
                    world, nb,
                    Carried(nb, 'Logical_Router', 'r0', n, association),
                    'lr-add', 'r0', '--',
                    *world.join_commands('r0', 0, world.cidrs[0])))
                commits.append(world.nb_commits() - before)
                world.nbctl('lr-del', 'r0', '--', 'lsp-del', '0-r0')
                wait_quiet(world, nb)
            table.add(f'router on a network with {n:,}, {association}',
                      f'router {association} {n}', 'ms', ms)
            table.add('  NB transactions', '', '', commits)
        world.nbctl('lr-add', 'r0', '--',
                    *world.join_commands('r0', 0, world.cidrs[0]))
        wait_quiet(world, nb)
        ms, commits = [], []
        for i in range(1, REPEAT + 1):
            before = world.nb_commits()
            ms.append(attach(
                world, nb,
                Carried(nb, 'Logical_Switch', f'net{i}', n, association),
                *world.join_commands('r0', i, world.cidrs[i])))
            commits.append(world.nb_commits() - before)
        table.add(f'switch on a router with {n:,}, {association}', '', 'ms',
                  ms)
        table.add('  NB transactions', '', '', commits)


def wait_quiet(world, nb):
    """The driver has seen and done what follows from the last command."""
    nb.since(nb.mark(), settle=0.3)
    world.driver.wait_in_sync()


# --- Many switches behind one router ----------------------------------------

def measure_switches(args, table, association):
    n = 100 if args.quick else MANY_SWITCHES
    cidrs = [f'10.{16 + (i >> 8)}.{i & 255}.0/24' for i in range(n)]
    world = World(cidrs, {'r0': list(range(n))}, association, args.northd)
    with world, Follower(world.nb) as nb, \
            Follower(world.octavia, ['Load_Balancer']) as octavia:
        trees = Trees(world)
        trees.add([(i, i) for i in range(n)])
        trees.wait_settled()
        wait_quiet(world, nb)
        ms, computing, sizes, growth = [], [], [], []
        for _ in range(REPEAT):
            mark, octavia_mark = nb.mark(), octavia.mark()
            before = os.path.getsize(world.nb.file)
            cpu = world.driver_cpu_ms()
            start = time.monotonic()
            tree, = trees.add([(0, 0)])
            event = octavia.wait(octavia_mark, lambda event: any(
                row.get('provisioning_status') == 'ACTIVE' and uuid == tree.lb
                for uuid, row in event.rows('Load_Balancer', 'modify')),
                'ACTIVE')
            ms.append((event.at - start) * 1000)
            world.driver.wait_in_sync()
            sizes.append(sum(event.size
                             for event in nb.since(mark, settle=1)))
            computing.append(world.driver_cpu_ms() - cpu)
            growth.append(os.path.getsize(world.nb.file) - before)
        what = f'one more on {n:,} switches with {n:,}, {association}'
        table.add(what, '', 'ms', ms)
        table.add('  computing of the driver', '', 'ms', computing)
        table.add('  NB bytes', '', '', sizes)
        table.add('  NB file grows by bytes', '', '', growth)
        table.add('  memory, NB server', '', 'MiB',
                  world.rss_mib(world.nb.process))
        table.add('  memory, driver', '', 'MiB',
                  world.rss_mib(world.driver.process))


# --- All --------------------------------------------------------------------

PARTS = ('sizes', 'routers', 'switches')


def measure(args, table, parts):
    if 'sizes' in parts:
        measure_sizes(args, table)
    for part, function in (('routers', measure_routers),
                           ('switches', measure_switches)):
        if part in parts:
            for association in ('direct', 'group'):
                function(args, table, association)
