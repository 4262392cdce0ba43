# SPDX-License-Identifier: Apache-2.0
"""What lists cost the API with few and with many load balancers: the time for
the client, and what the API computes, which holds on a busy machine.

The driver is stopped: load balancers are rows here, and nothing else.
"""

from report import number
from trees import Trees
from world import World, pairs, wide_networks

SIZES = (100, 10000)
FEW = 20                        # Objects in a list that is filtered.
# With many, a page may cost this much more than with few.
AIM = 1.2
BASE = '/v2.0/lbaas'

# Lists whose cost must not grow, then those that read all objects.
INDEXED = (
    ('one load balancer', '/loadbalancers/{lb}'),
    ('page of 100', '/loadbalancers?limit=100'),
    ('page of 100, backwards', '/loadbalancers?limit=100&page_reverse=True'),
    ('last of 20 by a tag', '/loadbalancers?tags=few&marker={mark}'),
    ('20 by a tag', '/loadbalancers?tags=few'),
    ('20 by one of two tags', '/loadbalancers?tags-any=few,none'),
    ('20 by the project', '/loadbalancers?project_id=few'),
    ('20 listeners by the project', '/listeners?project_id=few'),
    ('1 by its name', '/loadbalancers?name=few'),
    ('1 listener by its load balancer', '/listeners?load_balancer_id={lb}'),
)
SCANS = (
    ('20 by the description', '/loadbalancers?description=few'),
    ('first 20 in another order', '/loadbalancers?limit=20&sort=name'),
)


class Crowd(Trees):
    """Trees of which FEW, spread over all, have the words to look for."""

    def __init__(self, world, size):
        self.size = size
        super().__init__(world)
        for row in self.template.values():
            row['provisioning_status'] = 'ACTIVE'

    def _tree(self, tree):
        is_one = not len(self.trees) % (self.size // FEW)
        words = {'project_id': 'few' if is_one else 'crowd',
                 'tags': ['set', ['few', 'all'] if is_one else ['all']],
                 'description': 'few' if is_one else ''}
        if not self.trees:
            words['name'] = 'few'
        for operation in super()._tree(tree):
            if operation['table'] == 'Load_Balancer':
                operation['row'].update(words)
            yield operation


def measure_size(world, size, seconds):
    """{list: (ms, CPU ms)}"""
    crowd = Crowd(world, size)
    world.driver.process.stop()
    crowd.add([(0, 0)] * size, n_members=1)
    few = world.get(f'{BASE}/loadbalancers?tags=few')['loadbalancers']
    assert len(few) == FEW, len(few)
    ids = {'lb': crowd.trees[0].lb, 'mark': few[-2]['id']}
    costs = {}
    for what, path in INDEXED + SCANS:
        before = world.cpu_ms(world.api.process)
        samples = sorted(world.load(f'--get={BASE}{path.format(**ids)}',
                                    f'--seconds={seconds}')['get'])
        cpu = world.cpu_ms(world.api.process) - before
        costs[what] = (samples[len(samples) // 2], cpu / len(samples))
        print(f'  {size:,}, {what}: {number(costs[what][0])} ms', flush=True)
    return costs


def measure(args):
    """Prints a table; returns whether nothing grows that must not."""
    sizes = args.sizes or SIZES
    costs = []
    for size in sizes:
        with World(wide_networks(2), pairs(2)) as world:
            costs.append(measure_size(world, size,
                                      1 if args.quick else 3))
    is_met = True
    width = max(len(what) for what, _ in INDEXED + SCANS)
    print(f'\n{"":{width}}' + ''.join(f'  {size:>10,}  {"CPU":>10}'
                                      for size in sizes) + '   ratio')
    for what, _ in INDEXED + SCANS:
        ratio = costs[-1][what][1] / costs[0][what][1]
        is_good = ratio <= AIM or (what, _) in SCANS
        is_met = is_met and is_good
        print(f'{what:{width}}' + ''.join(
            f'  {number(cost[what][0]):>7} ms  {number(cost[what][1]):>7} ms'
            for cost in costs) + f'  {ratio:6.2f}'
            + ('' if is_good else f'  missed: at most {AIM}'))
    return is_met
