# SPDX-License-Identifier: Apache-2.0
"""A real Octavia with one "ovn" provider and then the other: the same calls,
on the same Keystone, Neutron, OVN and databases, in the same run.

Much of what a call takes is Octavia's and Neutron's own; 'share' is the part
that is ours: from the arrival of the call at the agent until its outcome is on
its way to Octavia, as the agent itself counts it.
"""

import concurrent.futures
import contextlib
import glob
import json
import os
import re
import shutil
import statistics
import tempfile
import time
import uuid

from lib import openstack, openstack_world, topology, wait
from report import number

PROVIDERS = ('ours', 'python')
FILL_CLIENTS = 4
BATCH = 100                     # "100 members".
ROUTER_SECONDS = 900            # Until all are attached to a router.
DEEP = {'listeners': 5, 'pools': 5, 'members': 4}      # For the cascade.

# Key: how many times better than theirs we want to be; the share in ms.
RATIOS = {'member': 2, 'batch': 2, 'one by one': 2, 'memory': 10}
SHARE_MS = 20

# The threads of octavia-api, and calls for each of them.
API_THREADS = 16
API_CALLS = 5

MEMORY_SAMPLES = 15
MEMORY_SECONDS = 1


# A network with room for many.
CROWD = topology.Network(64, 'crowd')
CROWD.cidr = '10.64.0.0/16'


class Stack:
    """The world, and what the measurements do with it."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix='oo-bench-', dir='/tmp')
        self.stack = openstack.OpenStack(self.directory, provider='none')
        self.world = None
        self.api = None
        self.subnet = self.subnet2 = self.crowd = None
        self.idle_sessions = 0

    def __enter__(self):
        try:
            self.stack.up()
            self.world = openstack_world.OpenStackWorld(self.stack)
            self.world.make_network()
            self.world.topology.add_network(CROWD)
            self.world.topology.attach('r1', CROWD)
            self.api = self.stack.client()
            self.subnet = self.api.subnet_id('n1')
            self.subnet2 = self.api.subnet_id('n2')
            self.crowd = self.api.subnet_id(CROWD.name)
            self.idle_sessions = self.nb_sessions()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stack.down()
        shutil.rmtree(self.directory, ignore_errors=True)

    # Calls, each until Octavia says that it has come true.

    def active(self, lb_id):
        while True:
            found = self.api.get(f'/loadbalancers/{lb_id}')
            if found['provisioning_status'] == 'ACTIVE':
                return found
            assert found['provisioning_status'] != 'ERROR', found

    def timed(self, lb_id, method, path, body, status):
        """Milliseconds of a call until its load balancer is ACTIVE; and the
        object."""
        start = time.monotonic()
        reply = self.api.request(method, '/v2.0/lbaas' + path, body)
        assert reply.status == status, reply
        item = None
        if reply.body:
            item = next(value for key, value in reply.body.items()
                        if not key.endswith('links'))
        self.active(lb_id or item['id'])
        return (time.monotonic() - start) * 1000, item

    def make(self, lb_id, path, key, **attributes):
        return self.timed(lb_id, 'POST', path, {key: attributes}, 201)

    def make_lb(self, **attributes):
        return self.make(None, '/loadbalancers', 'loadbalancer',
                         vip_subnet_id=self.subnet, **attributes)

    def make_pool(self, lb_id, **attributes):
        return self.make(lb_id, '/pools', 'pool', loadbalancer_id=lb_id,
                         protocol='TCP', lb_algorithm='SOURCE_IP_PORT',
                         **attributes)

    def make_member(self, lb_id, pool_id, n):
        return self.make(lb_id, f'/pools/{pool_id}/members', 'member',
                         **self.member(n))

    def member(self, n):
        return {'address': f'10.2.0.{100 + n % 100}',
                'protocol_port': 8000 + n // 100,
                'subnet_id': self.subnet2}

    def delete(self, lb_id):
        """Milliseconds until Octavia does not know it any more."""
        start = time.monotonic()
        self.api.delete(f'/loadbalancers/{lb_id}?cascade=true')
        while self.api.request(
                'GET', f'/v2.0/lbaas/loadbalancers/{lb_id}').status != 404:
            pass
        return (time.monotonic() - start) * 1000

    def delete_all(self):
        for item in self.api.get('/loadbalancers'):
            self.api.delete(f'/loadbalancers/{item["id"]}?cascade=true')
        wait.until(lambda: not self.api.get('/loadbalancers'),
                   'all load balancers are gone', 600)

    # What else there is to see.

    def nb_sessions(self):
        """Connections to the Northbound server."""
        text = self.world.ovn.nb.appctl('memory/show')
        return int(re.search(r'sessions:(\d+)', text).group(1))

    def warm_api(self):
        """Calls that no provider hears of: octavia-api takes memory for
        these, too."""
        def call(_):
            api = self.stack.client()
            for plural in ('loadbalancers', 'listeners', 'pools',
                           'healthmonitors'):
                api.get('/' + plural)
            reply = api.request('POST', '/v2.0/lbaas/loadbalancers', {
                'loadbalancer': {'vip_subnet_id': str(uuid.uuid4())}})
            assert reply.status == 400, reply
        with concurrent.futures.ThreadPoolExecutor(API_THREADS) as pool:
            list(pool.map(call, range(API_THREADS * API_CALLS)))

    def memory(self):
        """MiB of each group of processes at rest: octavia-driver-agent forks
        for each call."""
        samples = []
        for _ in range(MEMORY_SAMPLES):
            time.sleep(MEMORY_SECONDS)
            samples.append(self.memory_now())
        return {name: min(sample.get(name, 0) for sample in samples)
                for name in samples[0]}

    def memory_now(self):
        """Each page is counted once; of the provider's process in
        octavia-driver-agent only what it does not share with its parent,
        which is there without it."""
        found = {}
        for name, process in self.stack.processes().items():
            if name not in ('octavia-api', 'driver-agent', 'driver',
                            'agent', 'octavia'):
                continue
            for pid in descendants(process.pid):
                group = group_of(pid) or name
                found[group] = found.get(group, 0) + (
                    memory_mib(pid, 'Private_Dirty', 'Private_Clean')
                    if group == 'provider agent' else memory_mib(pid, 'Pss'))
        return found

    def rows(self):
        """Load_Balancer rows in OVN."""
        return self.world.ovn.nbctl(
            '--bare', '--columns=name', 'list',
            'Load_Balancer').split()


def descendants(pid):
    """The process and all below it."""
    found = [pid]
    for parent in found:
        for task in glob.glob(f'/proc/{parent}/task/*/children'):
            with contextlib.suppress(OSError), \
                    open(task, encoding='ascii') as file:
                found += [int(word) for word in file.read().split()]
    return found


def group_of(pid):
    """Of octavia-driver-agent's children those that are the provider's."""
    with contextlib.suppress(OSError), \
            open(f'/proc/{pid}/cmdline', 'rb') as file:
        line = file.read()
        if b'ovn-octavia-agent' in line:
            return 'agent'
        if b'provider_agent' in line:
            return 'provider agent'
    return None


def memory_mib(pid, *kinds):
    """The sum of these lines of smaps_rollup."""
    try:
        with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as file:
            found = dict(re.findall(r'^(\w+):\s+(\d+) kB$', file.read(),
                                    re.M))
    except OSError:             # It ended meanwhile.
        return 0
    return sum(int(found[kind]) for kind in kinds) / 1024


# Each fills in {key: samples}.

def measure_calls(stack, found, count):
    """Each object, until it is ACTIVE."""
    for _ in range(count):
        steps = {}
        steps['lb'], lb = stack.make_lb()
        steps['listener'], listener = stack.make(
            lb['id'], '/listeners', 'listener', loadbalancer_id=lb['id'],
            protocol='TCP', protocol_port=80)
        steps['pool'], pool = stack.make(
            lb['id'], '/pools', 'pool', listener_id=listener['id'],
            protocol='TCP', lb_algorithm='SOURCE_IP_PORT')
        steps['member'], _ = stack.make_member(lb['id'], pool['id'], 1)
        steps['monitor'], _ = stack.make(
            lb['id'], '/healthmonitors', 'healthmonitor',
            pool_id=pool['id'], type='TCP', delay=5, timeout=3,
            max_retries=2)
        steps['tree'] = sum(steps.values())
        steps['update'], _ = stack.timed(
            lb['id'], 'PUT', f'/pools/{pool["id"]}',
            {'pool': {'admin_state_up': False}}, 200)
        steps['delete'] = stack.delete(lb['id'])
        for key, ms in steps.items():
            found.setdefault(key, []).append(ms)


def measure_members(stack, found, count):
    """'count' members at once, and one by one."""
    _, lb = stack.make_lb()
    _, pool = stack.make_pool(lb['id'])
    path = f'/pools/{pool["id"]}/members'
    ms, _ = stack.timed(lb['id'], 'PUT', path, {
        'members': [stack.member(n) for n in range(count)]}, 202)
    found['batch'] = [ms]
    ms, _ = stack.timed(lb['id'], 'PUT', path, {'members': []}, 202)
    found['empty'] = [ms]
    start = time.monotonic()
    for n in range(count):
        stack.make_member(lb['id'], pool['id'], n)
    found['one by one'] = [(time.monotonic() - start) * 1000]
    stack.delete(lb['id'])


def measure_cascade(stack, found, count):
    for _ in range(count):
        _, lb = stack.make_lb()
        for n in range(DEEP['pools']):
            _, pool = stack.make_pool(lb['id'])
            stack.timed(lb['id'], 'PUT', f'/pools/{pool["id"]}/members', {
                'members': [stack.member(n * 10 + i)
                            for i in range(DEEP['members'])]}, 202)
            stack.make(lb['id'], '/listeners', 'listener',
                       loadbalancer_id=lb['id'], protocol='TCP',
                       protocol_port=80 + n, default_pool_id=pool['id'])
        found.setdefault('cascade', []).append(stack.delete(lb['id']))


def fill(stack, total):
    """Load balancers with a listener in the crowd's network, until there are
    'total': each in one call, a few calls at a time."""
    missing = range(len(stack.api.get('/loadbalancers')), total)

    def create(numbers):
        api = stack.stack.client()
        for n in numbers:
            api.post('/loadbalancers', {'loadbalancer': {
                'vip_subnet_id': stack.crowd, 'name': f'fill{n}',
                'listeners': [{'protocol': 'TCP', 'protocol_port': 80}]}})
    with concurrent.futures.ThreadPoolExecutor(FILL_CLIENTS) as pool:
        list(pool.map(create, (missing[i::FILL_CLIENTS]
                               for i in range(FILL_CLIENTS))))
    wait.until(lambda: all(lb['provisioning_status'] == 'ACTIVE'
                           for lb in stack.api.get('/loadbalancers')),
               f'{total} load balancers are ACTIVE', 600, interval=1)


def measure_router(stack, found, total):
    """A second router gets a port in the crowd's network: until it carries
    all load balancers."""
    world = stack.world.topology
    name = f'bench-{stack.stack.provider}-{total}'
    world.add_router(name)
    router = world.row_name('router', name)
    network = world.find('network', CROWD.name)
    port = world.demo.neutron.post('/ports', {'port': {
        'network_id': network['id'], 'name': name}})

    def carried():
        direct = stack.world.ovn.nbctl('--bare', '--columns=load_balancer',
                                       'list', 'Logical_Router',
                                       router).split()
        groups = stack.world.ovn.nbctl(
            '--bare', '--columns=load_balancer_group', 'list',
            'Logical_Router', router).split()
        rows = set(direct)
        for group in groups:
            rows |= set(stack.world.ovn.nbctl(
                '--bare', '--columns=load_balancer', 'list',
                'Load_Balancer_Group', group).split())
        return len(rows)

    # Neutron's part of it is over when its call returns.
    path = f'/routers/{world.id("router", name)}'
    world.demo.neutron.put(path + '/add_router_interface',
                              {'port_id': port['id']})
    start = time.monotonic()
    try:
        wait.until(lambda: carried() >= total, f'{router} carries {total}',
                   ROUTER_SECONDS, interval=0.002)
    except wait.DeadlinePassed as late:
        print(f'given up, and counted as if it had been done: {late}')
    found[f'router {total}'] = [(time.monotonic() - start) * 1000]
    world.demo.neutron.put(path + '/remove_router_interface',
                              {'port_id': port['id']})
    wait.until(lambda: not carried(), f'{router} carries nothing',
               ROUTER_SECONDS)


def measure_repair(stack, found, total):
    """The Northbound's Load_Balancer table is emptied."""
    before = sorted(stack.rows())
    assert len(before) >= total, len(before)
    stack.world.ovn.nbctl('--', *[word for row in before for word in (
        'lb-del', row, '--')][:-1])
    start = time.monotonic()
    wait.until(lambda: sorted(stack.rows()) == before,
               'all load balancers are back', 300)
    found['repair'] = [(time.monotonic() - start) * 1000]


def share_of(stack):
    """{call: (n, median ms, p99 ms)}, as the agent says."""
    text = stack.stack.our_agent.appctl('agent/latency')
    found = {}
    for line in text.splitlines():
        match = re.fullmatch(r'(\w+): n=(\d+) median=([\d.]+) ms '
                             r'p99=([\d.]+) ms', line.strip())
        if match:
            found[match.group(1)] = (int(match.group(2)),
                                     float(match.group(3)),
                                     float(match.group(4)))
    return found


def measure_provider(stack, provider, args):
    """Everything with one provider; returns {key: samples}."""
    found = {}
    stack.stack.switch(provider)
    stack.api = stack.stack.client()
    stack.warm_api()
    idle = [stack.memory()['octavia-api']]
    measure_calls(stack, found, 1)      # Whatever is lazy.
    found = {'api memory, idle': idle}
    measure_calls(stack, found, args['count'])
    if args['members']:
        measure_members(stack, found, args['members'])
    measure_cascade(stack, found, args['cascades'])
    fill(stack, 1)
    for name, mib in stack.memory().items():
        found[f'memory, {name}, 1'] = [mib]
    for total in args['sizes']:
        # What is measured next may fail, and this took long.
        print(json.dumps(found), flush=True)
        fill(stack, total)
        if total == args['memory_at']:
            for name, mib in stack.memory().items():
                found[f'memory, {name}, {total}'] = [mib]
            found['sessions'] = [stack.nb_sessions() - stack.idle_sessions]
            if provider == 'ours' and args['members']:
                measure_repair(stack, found, total)
        if total in args['routers']:
            measure_router(stack, found, total)
    if provider == 'ours':
        found['share'] = share_of(stack)
    print(json.dumps(found), flush=True)
    if provider != PROVIDERS[-1]:
        stack.delete_all()
    return found


ROWS = (
    ('lb', 'create to ACTIVE, load balancer'), ('listener', '  listener'),
    ('pool', '  pool'), ('member', '  member'), ('monitor', '  monitor'),
    ('tree', '  all five'), ('update', 'update a pool'),
    ('delete', 'delete a tree'), ('batch', '{members} members in one batch'),
    ('empty', '  and none again'), ('one by one', '  one by one'),
    ('cascade', 'cascade delete, 5 + 5 + 20'),
    ('router 50', 'router attach, 50 load balancers'),
    ('router 500', 'router attach, 500 load balancers'),
    ('repair', 'repair {memory_at} load balancers'),
)


def measure(args):
    """Prints the tables; returns False if an aim was missed."""
    sizes = {'count': 3, 'members': 20, 'cascades': 1, 'sizes': (20, 50),
             'memory_at': 20, 'routers': (50,)} if args.quick else {
                 'count': 10, 'members': BATCH, 'cascades': 3,
                 'sizes': (50, 200, *([500] if args.large else [])),
                 'memory_at': 200,
                 'routers': (50, *([500] if args.large else []))}
    if args.memory:
        sizes.update(count=1, members=0, cascades=1, routers=(),
                     sizes=(sizes['memory_at'],))
    found = {}
    with Stack() as stack:
        for provider in PROVIDERS:
            print(f'provider: {provider}', flush=True)
            found[provider] = measure_provider(stack, provider, sizes)
    return show(found, sizes)


def show(found, sizes):
    missed = []
    print('\n| | ours ms | Python provider ms | ratio | aim | met |')
    print('|---|---:|---:|---:|---:|---|')
    for key, title in ROWS:
        ours, theirs = (found[provider].get(key) for provider in PROVIDERS)
        if ours is None and theirs is None:
            continue
        mine, other = (statistics.median(samples) if samples else None
                       for samples in (ours, theirs))
        aim = RATIOS.get(key, 1)
        ratio = other / mine if mine and other else None
        met = '' if ratio is None else ('yes' if ratio >= aim else 'no')
        if met == 'no':
            missed.append(key)
        print(f'| {title.format(**sizes)} | {cell(mine)} | {cell(other)} | '
              f'{cell(ratio)} | {aim} | {met} |')
    missed += show_memory(found, sizes['memory_at'])
    missed += show_share(found['ours']['share'])
    for key in missed:
        print(f'missed: {key}')
    return not missed


def cell(value):
    return '' if value is None else number(value)


def providers_memory(found, provider, n):
    """MiB that would not be there without the provider: not those of
    Octavia's own processes, but what these have gained."""
    mine = found[provider]

    def at(name, count=n):
        return mine.get(f'memory, {name}, {count}', [0])[0]
    # Of Python modules, ours has next to none: what Octavia's processes are
    # without any provider, they are with ours before it is called.
    api = at('octavia-api') - found['ours']['api memory, idle'][0]
    agent = (at('driver-agent')
             - found['ours'][f'memory, driver-agent, {n}'][0])
    return api + agent + sum(at(name) for name in (
        'provider agent', 'agent', 'driver', 'octavia'))


def show_memory(found, many):
    """What the processes have, and what of it is the provider's."""
    print('\n| memory, MiB | load balancers | ours | Python provider | ratio '
          '| aim | met |')
    print('|---|---:|---:|---:|---:|---:|---|')
    missed = []
    for n in (1, many):
        names = sorted({key.split(', ')[1]
                        for provider in PROVIDERS
                        for key in found[provider]
                        if key.startswith('memory, ')})
        for name in names:
            values = [found[provider].get(f'memory, {name}, {n}', [None])[0]
                      for provider in PROVIDERS]
            print(f'| {name} | {n} | {cell(values[0])} | {cell(values[1])} '
                  '| | | |')
        ours, theirs = (providers_memory(found, provider, n)
                        for provider in PROVIDERS)
        met = 'yes' if theirs / ours >= RATIOS['memory'] else 'no'
        if met == 'no':
            missed.append(f'memory, {n}')
        print(f"| what is the provider's | {n} | {cell(ours)} | "
              f"{cell(theirs)} | {cell(theirs / ours)} | "
              f"{RATIOS['memory']} | {met} |")
    for provider in PROVIDERS:
        idle = found[provider]['api memory, idle'][0]
        print(f'octavia-api before any call to the provider, {provider}: '
              f'{number(idle)} MiB')
        print(f'connections to the Northbound, {provider}: '
              f'{found[provider]["sessions"][0]}')
    return missed


def show_share(share):
    print('\n| our share of a call | n | median ms | p99 ms | aim | met |')
    print('|---|---:|---:|---:|---:|---|')
    missed = []
    for call, (n, median, high) in sorted(share.items()):
        needs_neutron = call in ('create_vip_port', 'loadbalancer_delete',
                                 'health_monitor_create',
                                 'health_monitor_delete')
        met = '' if needs_neutron else (
            'yes' if median <= SHARE_MS else 'no')
        if met == 'no':
            missed.append(call)
        print(f'| {call} | {n} | {number(median)} | {number(high)} | '
              f'{"" if needs_neutron else SHARE_MS} | {met} |')
    return missed

