# SPDX-License-Identifier: Apache-2.0
"""What lists cost the API with few and with many load balancers: the time for
the client, what the API computes, and its instructions, which are the same on
every machine and decide whether the aim is met.
"""

from callgrind import Callgrind
from lib import wait
from report import number
from script import BASE, Requests, play, take
from trees import Trees
from world import NETWORKS_MAX, World, pairs, wide_networks

SIZES = (100, 10000)
FEW = 20                        # Objects in a list that is filtered.
COUNT = 20                      # Requests whose instructions are counted.
WRITES = 8                      # The same, of those that change something.
# With many, a page may cost this much more than with few.
AIM = 1.2

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

    def fill(self, n_members):
        """All of them, over all networks, until they are in OVN."""
        n = len(self.world.cidrs)
        self.add([(i % n, i % n ^ 1) for i in range(self.size)], n_members)
        self.wait_settled()

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


def written(crowd):
    """Requests that change something: (what, a function that makes one)."""
    requests = Requests(crowd)
    return (
        ('PUT a load balancer', requests.put_lb),
        ('POST a member', requests.post_member),
        ('PUT 1 member', lambda: requests.put_members(1)),
        ('POST a load balancer', requests.post_lb),
        ('POST a tree of 5', requests.post_tree),
        ('DELETE a load balancer',
         lambda: requests.delete(requests.tree().lb)))


def counting(world, keep):
    """Counts the API's instructions."""
    def has_data():
        world.api.process.check_alive()
        return world.get(f'{BASE}/loadbalancers?tags=few')['loadbalancers']

    def wait_ready():
        wait.until(has_data, 'the API has its data', 600)
    return Callgrind(world.api.process, world.rundir, wait_ready, keep)


def measure_size(world, size, args):
    """{request: [ms, CPU ms, instructions], or [instructions]}"""
    crowd = Crowd(world, size)
    crowd.fill(1)
    few = world.get(f'{BASE}/loadbalancers?tags=few')['loadbalancers']
    assert len(few) == FEW, len(few)
    ids = {'lb': crowd.trees[0].lb, 'mark': few[-2]['id']}
    paths = {what: BASE + path.format(**ids)
             for what, path in INDEXED + SCANS}
    costs = {what: measure_time(world, path, 1 if args.quick else 3)
             for what, path in paths.items()}
    with counting(world, args.keep_callgrind) as callgrind:
        for what, path in paths.items():
            costs[what].append(count_instructions(
                callgrind, world, f'{what} {size}', path))
            print(f'  {size:,}, {what}: ' + ', '.join(
                map(number, costs[what])), flush=True)
        for what, make in written(crowd):
            costs[what] = [count_write(callgrind, crowd, f'{what} {size}',
                                       make)]
            print(f'  {size:,}, {what}: {number(costs[what][0])}',
                  flush=True)
    return costs


def measure_time(world, path, seconds):
    """Milliseconds for the client, and of the API's processor."""
    before = world.cpu_ms(world.api.process)
    samples = sorted(world.load(f'--get={path}', f'--seconds={seconds}')[
        'get'])
    cpu = world.cpu_ms(world.api.process) - before
    return [samples[len(samples) // 2], cpu / len(samples)]


def count_instructions(callgrind, world, name, path):
    """The difference between many and few: a connection costs, too."""
    def requests(count):
        return callgrind.count(name, lambda: world.load(
            f'--get={path}', f'--count={count}'))
    requests(COUNT)             # Whatever is done once.
    few = requests(COUNT)
    return (requests(2 * COUNT) - few) / COUNT


def count_write(callgrind, crowd, name, make):
    """One after the other, each until it is in OVN, so that they share no
    commit: what the API hears of the driver's work is part of the cost."""
    def requests(count):
        for _ in range(count):
            play(crowd.world, take(make, 1))
            crowd.wait_settled()
    requests(1)                 # Whatever is done once.
    return callgrind.count(name, lambda: requests(WRITES)) / WRITES


def measure(args):
    """Prints a table; returns whether nothing grows that must not."""
    sizes = args.sizes or SIZES
    costs = []
    for size in sizes:
        with World(wide_networks(NETWORKS_MAX),
                   pairs(NETWORKS_MAX)) as world:
            costs.append(measure_size(world, size, args))
    is_met = True
    print('\n| |' + ''.join(
        f' {size:,}: ms | CPU ms | instructions |' for size in sizes)
        + ' ratio | met |\n|---|' + '---:|---:|---:|' * len(sizes)
        + '---:|---|')
    for what in costs[0]:
        ratio = costs[-1][what][-1] / costs[0][what][-1]
        is_aim = what not in dict(SCANS)
        is_good = not is_aim or ratio <= AIM
        is_met = is_met and is_good
        print(f'| {what} |' + ''.join(
            ' |' * (3 - len(cost[what]))
            + ''.join(f' {number(value)} |' for value in cost[what])
            for cost in costs) + f' {ratio:.2f} | '
            + ('' if not is_aim else 'yes' if is_good else 'no') + ' |')
    return is_met
