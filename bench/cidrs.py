# SPDX-License-Identifier: Apache-2.0
"""What allowed_cidrs costs: rows and bytes in the Northbound database beside
how many switches; what ovn-northd and ovn-controller compute for how many
listeners, with ranges and without; and new connections.
"""

import json
import os
import statistics
import sys
import tempfile
import time

from follow import Follower
from report import number
from world import World

from lib import client, world as sandbox

SWITCHES = (1, 1000)
N_RANGES = 10
LISTENERS_EACH = 25             # Of one load balancer.
TABLES = ('ACL', 'Address_Set', 'Load_Balancer', 'Logical_Switch',
          'Port_Group')
CHANGES = 5
CONNECTIONS_SECONDS, ROUNDS = 4, 7
CONNECT = os.path.join(os.path.dirname(os.path.realpath(__file__)),
                       'connect.py')


def ranges(first):
    """As many networks of 256 addresses, apart from each other."""
    return [f'10.{first + i}.{7 * i}.0/24' for i in range(N_RANGES)]


# --- Rows and bytes ---------------------------------------------------------

def without_ports(update):
    """An update, but for the ports of groups, whose number is that of
    switches."""
    copy = json.loads(json.dumps(update))
    for change in copy.get('Port_Group', {}).values():
        for row in change.values():
            (row or {}).pop('ports', None)
    return copy


def describe(what, events):
    """Prints a row of what a follower of the Northbound database was sent."""
    rows = sum(len(table) for event in events
               for table in event.update.values())
    rest = sum(len(json.dumps(without_ports(event.update),
                              separators=(',', ':'))) for event in events)
    print(f'| {what} | {len(events)} | {rows} | '
          f'{sum(event.size for event in events):,} | {rest:,} |')


def measure_rows(n_switches):
    """A listener that gets ranges, others, and none."""
    cidrs = [f'10.{16 + (i >> 8)}.{i & 255}.0/24' for i in range(n_switches)]
    with World(cidrs, {'r0': range(n_switches)}) as world, \
            Follower(world.nb, TABLES) as nb:
        api = client.Api(world.api.port)
        lb = api.create_loadbalancer(vip_subnet_id=world.subnets[cidrs[0]])
        listener = api.create_listener(lb['id'], 80)
        world.driver.wait_in_sync()
        for what, wanted in ((f'{N_RANGES} ranges for a listener', ranges(0)),
                             ('one of them another', [*ranges(0)[:-1],
                                                      '172.16.0.0/16']),
                             ('no ranges', [])):
            mark = nb.mark()
            api.update(lb['id'], '/listeners/' + listener['id'],
                       allowed_cidrs=wanted)
            world.driver.wait_in_sync()
            describe(f'{what}, {n_switches:,} switch'
                     + 'es' * (n_switches > 1), nb.since(mark))
        api.close()


# --- northd and ovn-controller ----------------------------------------------

class Loaded:
    """A sandbox with many listeners."""

    def __init__(self, world, n_listeners):
        self.world = world
        self.api = world.rest()
        self.lbs = []
        subnet = self.api.subnet_id('n1')
        for n in range(n_listeners // LISTENERS_EACH):
            made = self.api.post('/loadbalancers', {'loadbalancer': {
                'name': f'loaded{n}', 'vip_subnet_id': subnet, 'listeners': [
                    {'name': str(port), 'protocol': 'TCP',
                     'protocol_port': port, 'default_pool': {
                         'name': str(port),
                         'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP_PORT',
                         'members': [{'address': '10.1.0.11',
                                      'protocol_port': 8080,
                                      'subnet_id': subnet}]}}
                    for port in range(1000, 1000 + LISTENERS_EACH)]}})
            self.lbs.append(made)
        self.settle()

    def settle(self):
        for made in self.lbs:
            self.api.wait_active(made['id'], 600)
        self.world.driver.wait_in_sync(600)
        sync(self.world)

    def allow(self, cidrs):
        """Each listener has these."""
        for made in self.lbs:
            for listener in made['listeners']:
                self.allow_one(made, listener, cidrs)
        self.settle()

    def allow_one(self, made, listener, cidrs):
        self.api.close()
        self.api.update(made['id'], '/listeners/' + listener['id'],
                        allowed_cidrs=cidrs)

    def delete(self):
        self.api.close()
        for made in self.lbs:
            self.api.delete_loadbalancer(made['id'])

    def toggle(self, made):
        """A change that has nothing to do with ranges."""
        self.api.close()
        pool = made['pools'][0]['id']
        member, = self.api.get(f'/pools/{pool}/members')
        self.api.update(made['id'], f'/pools/{pool}/members/{member["id"]}',
                        admin_state_up=not member['admin_state_up'])


def sync(world):
    world.ovn.nbctl('--timeout=1200', '--wait=hv', 'sync', deadline=1200)


def restarted(world, process):
    """CPU ms of a start until OVN has all of it."""
    process.stop()
    process.start()
    sync(world)
    return World.cpu_ms(process)


def flows_of(world):
    with world.ovn.sb.client() as db:
        result, = db.transact({'op': 'select', 'table': 'Logical_Flow',
                               'where': [], 'columns': ['_uuid']})
    return len(result['rows']), world.ovn.n_flows()


def changed(world, change):
    """CPU ms of northd and ovn-controller for one change, the median."""
    samples = []
    for i in range(CHANGES):
        before = [World.cpu_ms(process) for process
                  in (world.ovn.northd, world.ovn.controller)]
        change(i)
        sync(world)
        samples.append([World.cpu_ms(process) - ms for process, ms in zip(
            (world.ovn.northd, world.ovn.controller), before)])
    return [statistics.median(column) for column in zip(*samples)]


def measure_flows(world, n_listeners):
    loaded = Loaded(world, n_listeners)
    made = loaded.lbs[-1]
    for what, cidrs in (('without', None), (f'{N_RANGES} ranges each',
                                            ranges(0))):
        if cidrs:
            loaded.allow(cidrs)
        change = changed(world, (lambda _: loaded.toggle(made)) if not cidrs
                         else lambda i: loaded.allow_one(
                             made, made['listeners'][0], ranges(i + 1)))
        starts = [restarted(world, process) for process
                  in (world.ovn.northd, world.ovn.controller)]
        print(f'| {n_listeners:,} listeners, {what} | '
              + ' | '.join(map(number, (
                  *flows_of(world), *starts, *change,
                  World.rss_mib(world.ovn.northd),
                  World.rss_mib(world.ovn.controller))))
              + ' |', flush=True)
    loaded.delete()


# --- New connections --------------------------------------------------------

def measure_connections(world):
    api = world.rest()
    lb = api.create_loadbalancer('n1', name='guarded')
    listener = api.create_listener(lb['id'], 80)
    pool = api.create_pool(lb['id'], listener_id=listener['id'])
    api.create_member(lb['id'], pool['id'],
                      world.hosts['web1'].address, 8080, 'n1')
    samples = {False: [], True: []}
    for _ in range(ROUNDS):
        for is_guarded, found in samples.items():
            api.close()
            api.update(lb['id'], '/listeners/' + listener['id'],
                       allowed_cidrs=[*ranges(20), '10.1.0.21/32']
                       if is_guarded else [])
            world.driver.wait_in_sync()
            world.ovn.sync()
            told = world.hosts['client1'].run(
                sys.executable, CONNECT,
                lb['vip_address'], '80', str(CONNECTIONS_SECONDS),
                deadline=60)
            found.append(int(told) / CONNECTIONS_SECONDS)
    api.delete_loadbalancer(lb['id'])
    ratios = [with_ranges / without for without, with_ranges
              in zip(samples[False], samples[True])]
    for is_guarded, found in samples.items():
        print(f'| new connections a second, '
              f'{"11 ranges" if is_guarded else "without"} '
              f'| {statistics.median(found):,.0f} |')
    print(f'| ratio of rounds, median | {statistics.median(ratios):.2f} |')


def measure(args):
    """All of it; prints tables."""
    print('| what a follower of the Northbound is sent | transactions | rows '
          '| bytes | bytes without ports |\n|---|---:|---:|---:|---:|')
    for n_switches in SWITCHES:
        measure_rows(n_switches)
    world = sandbox.World(tempfile.mkdtemp(prefix='oo-', dir='/tmp'))
    try:
        world.start()
        print('\n| | |\n|---|---:|')
        measure_connections(world)
        print('\n| | logical flows | OpenFlow flows | northd starts, CPU ms '
              '| ovn-controller starts, CPU ms | a change, northd '
              '| a change, ovn-controller | northd, MiB '
              '| ovn-controller, MiB |\n|---|' + '---:|' * 8)
        for n_listeners in args.listeners:
            measure_flows(world, n_listeners)
    finally:
        world.remove()
