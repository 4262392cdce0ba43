# SPDX-License-Identifier: Apache-2.0
"""What lists cost the API with few and with many load balancers: the time for
the client, what the API computes, and its instructions, which are the same on
every machine and decide whether the aim is met.

The driver is stopped: load balancers are rows here, and nothing else.
"""

from callgrind import Callgrind
from lib import wait
from report import number
from trees import Trees
from world import World, pairs, wide_networks

SIZES = (100, 10000)
FEW = 20                        # Objects in a list that is filtered.
COUNT = 20                      # Requests whose instructions are counted.
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
    """Trees of which FEW, spread over all, have the words to look for.

    status  of new rows; with PENDING_CREATE the driver takes them up
    """

    def __init__(self, world, size, status='ACTIVE'):
        self.size = size
        super().__init__(world)
        for row in self.template.values():
            row['provisioning_status'] = status

    def words(self, i):
        """What the 'i'-th load balancer can be found by."""
        is_one = not i % (self.size // FEW)
        return {'project_id': 'few' if is_one else 'crowd',
                'tags': ['few', 'all'] if is_one else ['all'],
                'description': 'few' if is_one else '',
                'name': 'few' if not i else f'bench-{i}'}

    def _tree(self, tree):
        words = self.words(len(self.trees))
        words['tags'] = ['set', words['tags']]
        for operation in super()._tree(tree):
            if operation['table'] == 'Load_Balancer':
                operation['row'].update(words)
            yield operation


def counting(world, keep):
    """Counts the API's instructions."""
    def wait_ready():
        world.api.wait_ready()
        wait.until(lambda: world.get(f'{BASE}/loadbalancers?tags=few')[
            'loadbalancers'], 'the API has its data', 300)
    return Callgrind(world.api.process, world.rundir, wait_ready, keep)


def measure_size(world, size, args):
    """{list: (ms, CPU ms, instructions)}"""
    crowd = Crowd(world, size)
    world.driver.process.stop()
    crowd.add([(0, 0)] * size, n_members=1)
    few = world.get(f'{BASE}/loadbalancers?tags=few')['loadbalancers']
    assert len(few) == FEW, len(few)
    ids = {'lb': crowd.trees[0].lb, 'mark': few[-2]['id']}
    paths = {what: BASE + path.format(**ids)
             for what, path in INDEXED + SCANS}
    costs = {what: measure_time(world, path, 1 if args.quick else 3)
             for what, path in paths.items()}
    with counting(world, args.keep_callgrind) as callgrind:
        for what, path in paths.items():
            costs[what] += (count_instructions(
                callgrind, world, f'{what} {size}', path),)
            print(f'  {size:,}, {what}: ' + ', '.join(
                map(number, costs[what])), flush=True)
    return costs


def measure_time(world, path, seconds):
    """Milliseconds for the client, and of the API's processor."""
    before = world.cpu_ms(world.api.process)
    samples = sorted(world.load(f'--get={path}', f'--seconds={seconds}')[
        'get'])
    cpu = world.cpu_ms(world.api.process) - before
    return samples[len(samples) // 2], cpu / len(samples)


def count_instructions(callgrind, world, name, path):
    """The difference between many and few: a connection costs, too."""
    def requests(count):
        return callgrind.count(name, lambda: world.load(
            f'--get={path}', f'--count={count}'))
    requests(COUNT)             # Whatever is done once.
    few = requests(COUNT)
    return (requests(2 * COUNT) - few) / COUNT


def measure(args):
    """Prints a table; returns whether nothing grows that must not."""
    sizes = args.sizes or SIZES
    costs = []
    for size in sizes:
        with World(wide_networks(2), pairs(2)) as world:
            costs.append(measure_size(world, size, args))
    is_met = True
    print('\n| |' + ''.join(
        f' {size:,}: ms | CPU ms | instructions |' for size in sizes)
        + ' instructions, ratio | met |\n|---|' + '---:|---:|---:|' * len(sizes)
        + '---:|---|')
    for what, path in INDEXED + SCANS:
        ratio = costs[-1][what][2] / costs[0][what][2]
        is_aim = (what, path) in INDEXED
        is_good = not is_aim or ratio <= AIM
        is_met = is_met and is_good
        print(f'| {what} |' + ''.join(
            ''.join(f' {number(value)} |' for value in cost[what])
            for cost in costs) + f' {ratio:.2f} | '
            + ('' if not is_aim else 'yes' if is_good else 'no') + ' |')
    return is_met
