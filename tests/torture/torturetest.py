# SPDX-License-Identifier: Apache-2.0
"""The base of the tests in which a daemon dies at each of its writes.

A story is a generator: what it does up to its only "yield" is undisturbed,
what it does afterwards is done while the daemon's writes are counted.  It is
told once to the end, and then again for each write, at which the daemon dies.
It is started again, and all is as if nothing had happened: what was answered
is there, once; what was not, wholly or not at all; nothing is PENDING, OVN is
as intended, and when everything is deleted, nothing is left.
"""

import os
import sys
import threading
import types

# A test file can be run by itself, too.
sys.path[:0] = [os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), part) for part in ('api', 'agent', '')]

# pylint: disable=wrong-import-position
import apitest  # noqa: E402
from lib import (answers, client, daemons, die, history, nbview,  # noqa: E402
                 ovsdb, proc, wait)

# "all" is every write, in each of the three ways to die at it.
ALL = os.environ.get('OVN_OCTAVIA_TORTURE') == 'all'


def deaths(n, n_max):
    """At which of 'n' writes a daemon dies, and how: every one in every way,
    or 'n_max' that are as far apart as can be."""
    found = [(at, how) for at in range(1, n + 1) for how in die.HOW]
    if ALL or len(found) <= n_max:
        return found
    return [found[i * (len(found) - 1) // (n_max - 1)] for i in range(n_max)]


class Mortal:
    """Mixed into a stand: with traps in its daemons, and with a second API,
    "door", through which stories go if the API is what dies; the first one
    is there to look."""

    def __init__(self):
        super().__init__()
        self.door = daemons.Api(self.rundir, self.octavia.remote,
                                self.nb.remote, name='door')
        self.traps = {daemon: die.Trap.of(daemon) for daemon in self.daemons()
                      if daemon is not self.api}

    def daemons(self):
        return *super().daemons(), self.door

    def start(self):
        super().start()
        self.door.start()
        self.wait_api(self.door)
        return self

    def stop(self):
        self.door.process.stop(deadline=5)
        super().stop()


class Stand(Mortal, apitest.Stand):
    """The API's stand."""


class TortureTest(apitest.ApiTest):

    stand_class = Stand
    # Who dies: the name of one of the stand's daemons.
    victim = 'driver'
    # In each story, unless it is to die at every write.
    n_deaths_max = 6
    _stands = {}

    @classmethod
    def setUpClass(cls):
        stands = TortureTest._stands
        if cls.stand_class not in stands:
            stand = cls.stand_class()
            apitest.atexit.register(stand.stop)
            stands[cls.stand_class] = stand
            stand.start()
        cls.stand = stands[cls.stand_class]

    def setUp(self):
        super().setUp()
        self.allow_log(*daemons.CONNECTION_LOST)
        self._local = threading.local()
        self.daemon = getattr(self.stand, self.victim)
        self.trap = self.stand.traps[self.daemon]
        self.lbs = []
        self.n_died = 0

    def wait_ready(self):
        if isinstance(self.daemon, daemons.Api):
            self.stand.wait_api(self.daemon)
        else:
            self.daemon.wait_ready()

    # For stories.

    @property
    def hand(self):
        """Makes changes.  What is undisturbed goes through the API that
        never dies."""
        local = self._local
        if not hasattr(local, 'hand'):
            acts = threading.current_thread() is not threading.main_thread()
            api = (self.stand.door if acts and self.victim == 'door'
                   else self.stand.api)
            local.hand = answers.Hand(client.Api(api.port), 't', self.heard)
            local.eyes = client.Api(self.stand.api.port)
        return local.hand

    @property
    def eyes(self):
        """Asks the API that never dies."""
        return self.hand and self._local.eyes

    def heard(self, method, path, reply):
        """No write is refused but for a death."""
        if reply is not None and reply.status >= 400 \
                and reply.status not in (500, 503):
            self.troubles.append(f'{method} {path}: {reply}')

    def new_lb(self, subnet='n1', **attributes):
        lb = answers.Answers()
        self.lbs.append(lb)
        self.hand.create(lb, 'loadbalancer', '/loadbalancers',
                         vip_subnet_id=self.stand.subnet[subnet],
                         **attributes)
        return lb

    def new_listener(self, lb, port=80):
        self.ready(lb)
        return self.hand.create(lb, 'listener', '/listeners',
                                loadbalancer_id=lb.root.key, protocol='TCP',
                                protocol_port=port)

    def new_pool(self, lb, listener):
        self.ready(lb)
        return self.hand.create(lb, 'pool', '/pools', protocol='TCP',
                                lb_algorithm='SOURCE_IP_PORT',
                                listener_id=listener.key)

    def new_member(self, lb, pool, address='10.1.0.50'):
        self.ready(lb)
        return self.hand.create(lb, 'member', f'/pools/{pool.key}/members',
                                pool.key, address=address,
                                protocol_port=8080)

    def new_monitor(self, lb, pool):
        self.ready(lb)
        return self.hand.create(lb, 'healthmonitor', '/healthmonitors',
                                pool.key, pool_id=pool.key, type='TCP',
                                delay=5, timeout=3, max_retries=2)

    def change(self, lb, item, **attributes):
        self.ready(lb)
        self.hand.update(lb, item, **attributes)

    def remove(self, lb, item):
        self.ready(lb)
        self.hand.delete(lb, item)

    def put_members(self, lb):
        """The first stays, the others go, and a new one comes."""
        self.ready(lb)
        pool, = lb.of('pool')
        self.hand.put_members(
            lb, pool,
            [(lb.of('member')[0], {'address': '10.1.0.50',
                                   'protocol_port': 8080})],
            [{'address': '10.1.0.61', 'protocol_port': 8080}])

    def new_tree(self, subnet='n1', monitor=True):
        """A load balancer with all kinds of things."""
        lb = self.new_lb(subnet)
        pool = self.new_pool(lb, self.new_listener(lb))
        for address in ('10.1.0.50', '10.1.0.60'):
            self.new_member(lb, pool, address)
        if monitor:
            self.new_monitor(lb, pool)
        self.ready(lb)
        return lb

    def post_tree(self, subnet='n1'):
        """A load balancer with all kinds of things, in one request."""
        lb = answers.Answers()
        self.lbs.append(lb)

        def parts(name_of):
            return {'listeners': [{
                'name': name_of('listener'), 'protocol': 'TCP',
                'protocol_port': 80 + i,
                'default_pool': {
                    'name': name_of('pool'), 'protocol': 'TCP',
                    'lb_algorithm': 'SOURCE_IP_PORT',
                    'members': [{'name': name_of('member'),
                                 'address': f'10.1.0.{number}',
                                 'protocol_port': 8080 + i}
                                for number in (50, 60)],
                    'healthmonitor': {
                        'name': name_of('healthmonitor'), 'type': 'TCP',
                        'delay': 5, 'timeout': 3, 'max_retries': 2}}}
                for i in range(2)]}
        self.hand.create_tree(lb, parts,
                              vip_subnet_id=self.stand.subnet[subnet])
        return lb

    def ready(self, lb):
        """Waits until the load balancer can be changed."""
        if not lb.unsure:
            self.eyes.wait_active(lb.root.key)

    # Stories that more than one daemon has a part in.

    def tree_comes(self):
        yield
        self.new_tree()

    def changes(self, kind):
        lb = self.new_tree()
        yield
        self.change(lb, lb.of(kind)[0], admin_state_up=False)

    def parts_go(self):
        lb = self.new_tree()
        yield
        for kind in ('healthmonitor', 'member', 'pool', 'listener'):
            self.remove(lb, lb.of(kind)[0])

    def tree_goes(self):
        lb = self.new_tree()
        yield
        self.remove(lb, lb.root)

    # How they are told.

    def torture(self, story):
        """Tells a story, and has the daemon die at each write."""
        n = self._tell(story, die.NEVER, die.BEFORE)
        self.assertGreater(n, 0)
        for at, how in deaths(n, self.n_deaths_max):
            try:
                self._tell(story, at, how)
            except Exception as error:
                # What is left behind would spoil the rest.
                raise AssertionError(f'death {die.HOW[how]} write {at} of '
                                     f'{n}') from error
        if ALL:
            print(f'     {self.id()}: {n} writes, {self.n_died} deaths',
                  flush=True)
        self.assertGreater(self.n_died, 0)
        self.assertEqual(history.twice(self.stand.nb), [])

    def _tell(self, story, at, how):
        """Returns how many writes there were."""
        self.lbs = []
        self.troubles = []
        self.has_died = False
        told = story()
        next(told)
        self.settle_story()
        self.trap.arm(at, how)
        thread = threading.Thread(target=self._act, args=(told,),
                                  daemon=True)
        thread.start()
        wait.until(lambda: self._is_over(thread), 'the story is over', 30,
                   0.005)
        n = self.trap.disarm()
        if n >= at and not self.has_died:
            # The last write may be over and the daemon about to die.
            wait.until(lambda: not self.daemon.process.is_running(),
                       f'{self.victim} has died', 30, 0.005)
        wait.until(self._lives, f'{self.victim} lives', 30, 0.005)
        self.n_died += self.has_died
        self._check()
        self._clear()
        return n

    def _act(self, told):
        try:
            next(told, None)
        except Exception as error:      # pylint: disable=broad-except
            self.troubles.append(repr(error))

    def _is_over(self, thread):
        return (self._lives() and not thread.is_alive()
                and self.is_settled())

    def _lives(self):
        """Starts the daemon if it does not run: a story may be about its
        start.  If it has died once, it is not to die again."""
        process = self.daemon.process
        if process.is_running():
            return True
        if process.pid is not None:
            self.has_died = True
            self.trap.disarm()
        process.stop()
        self.daemon.start()
        try:
            self.wait_ready()
        except proc.NotRunning:
            return False
        return True

    def is_settled(self):
        """Whether nothing is under way."""
        if self.stand.driver.status()['in-sync'] != 'yes':
            return False
        with self.stand.octavia.client() as db:
            return not any(row['provisioning_status'].startswith('PENDING')
                           for row in db.select('Load_Balancer'))

    def settle_story(self):
        """Waits for what comes before."""
        if self.stand.driver.process.is_running():
            wait.until(self.is_settled, 'nothing is under way', 30, 0.005)

    # What is true afterwards.

    def _check(self):
        problems = list(self.troubles)
        for lb in self.lbs:
            problems += answers.look(self.rest, lb) or []
        known = {lb.root.key for lb in self.lbs if lb.items}
        problems += [f'not asked for: {item["name"]}'
                     for item in self.rest.get('/loadbalancers')
                     if item['id'] not in known]
        problems += self.nb_problems()
        problems += ovsdb.dangling(self.stand.octavia, self.stand.nb)
        commits = self.resync()
        if commits:
            problems.append(f'a forced full reconcile made {commits} commits '
                            'to the NB')
        self.assertEqual(problems, [])

    def resync(self):
        driver = self.stand.driver
        before = int(driver.status()['nb-commits'])
        driver.appctl('driver/resync')
        wait.until(self.is_settled, 'the driver is in sync', 30, 0.005)
        return int(driver.status()['nb-commits']) - before

    def nb_problems(self):
        return nbview.differences(types.SimpleNamespace(ovn=self.stand),
                                  self.rest)

    def _clear(self):
        """Deletes all, and looks whether anything is left."""
        # The last question may have been a while ago.
        self.rest.close()
        for lb in self.lbs:
            if lb.items:
                self.rest.delete(f'{lb.root.path}?cascade=true')
        for lb in self.lbs:
            if lb.items:
                self.rest.wait_gone(lb.root.key)
        wait.until(self.is_settled, 'nothing is under way', 30, 0.005)
        self.assertEqual(self.left(), [])

    def left(self):
        return nbview.Nb(self.stand.nb).traces()
