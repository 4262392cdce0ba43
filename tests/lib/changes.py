# SPDX-License-Identifier: Apache-2.0
"""Random changes of load balancers, through the API, at a steady rate, and
what was answered.

Each client has load balancers of its own, so a change is refused only if
something is wrong, or slow: what is PENDING is left alone until it is done.
"""

import collections
import http.client
import random
import threading
import time

from . import answers, client

LBS_MAX = 6                     # Of each client.
BELOW_MAX = {'listener': 3, 'pool': 3, 'member': 8}
ANSWER_SECONDS_MAX = 120


class Pace:
    """Hands out the moments at which a change is due.

    rate   changes a second, of all clients together
    """

    def __init__(self, rate):
        self.rate = rate
        self.lock = threading.Lock()
        self.start = time.monotonic()
        self.n = 0
        self.n_skipped = 0

    def wait(self, stop):
        """Waits until the next change is due; changes that no client was
        free to make in time are left out."""
        with self.lock:
            now = time.monotonic()
            late = int((now - self.start) * self.rate) - self.n
            if late > self.rate:
                self.n += late
                self.n_skipped += late
            due = self.start + self.n / self.rate
            self.n += 1
        stop.wait(max(0, due - time.monotonic()))


class Client(threading.Thread):
    """n         its number
    port, subnets  of the API, and the ids of subnets by CIDR (10.N.0.0/16)
    pace, stop     when to make a change, and when to end
    api            a client.Api that writes another way; None: by the port's
    """

    def __init__(self, n, port, subnets, pace, stop, seed, api=None):
        super().__init__(daemon=True)
        self.n = n
        self.api = api or client.Api(port, timeout=ANSWER_SECONDS_MAX)
        self.hand = answers.Hand(self.api, f'c{n}', self.heard)
        self.subnets = subnets
        self.pace = pace
        self.stop = stop
        self.random = random.Random(f'{seed} {n}')
        self.lbs = []           # answers.Answers
        self.n_answered = collections.Counter()     # By kind of change.
        self.n_refused = collections.Counter()      # By status.
        self.n_unanswered = 0   # Changes.
        self.n_no_reply = 0     # Questions that were refused, too.
        self.n_busy = 0         # All load balancers were.
        self.problems = []
        self.failure = None

    def run(self):
        try:
            while not self.stop.is_set():
                self.pace.wait(self.stop)
                if not self.stop.is_set():
                    self.change()
        except Exception as error:      # pylint: disable=broad-except
            self.failure = error
            raise

    # What there is.

    def look(self, lb):
        """Compares with what is shown, if nothing is under way any more;
        returns whether that is so, and it is still there."""
        found = answers.look(self.api, lb)
        self.problems += found or []
        if found is not None and not lb.items:
            self.lbs.remove(lb)
        return found is not None and bool(lb.items)

    def is_busy(self, lb):
        """Whether a change of it is under way, or may be."""
        if lb.unsure:
            return not self.look(lb)
        state = self.api.get(lb.root.path)['provisioning_status']
        return state.startswith('PENDING')

    def heard(self, method, path, reply):
        if reply is None:
            self.n_unanswered += 1
        elif reply.status < 300:
            self.n_answered[method] += 1
        else:
            self.n_refused[reply.status] += 1
            if reply.status not in (409, 500, 503):
                self.problems.append(f'{method} {path}: {reply.status} '
                                     f'{reply.fault}')

    # Changes.

    def change(self):
        """Makes one change of some kind, of a load balancer that is not
        busy; none if all are."""
        try:
            if len(self.lbs) < LBS_MAX and self.random.random() < 0.3:
                self.create_lb()
                return
            for lb in self.random.sample(self.lbs, len(self.lbs)):
                if not self.is_busy(lb):
                    # Not all can be done in each state.
                    while not self.random.choice(CHANGES)(self, lb):
                        pass
                    return
            self.n_busy += 1
        except (client.ApiError, OSError, http.client.HTTPException):
            # Of a question; changes are heard of below.
            self.n_no_reply += 1
            self.api.close()

    def create_lb(self):
        lb = answers.Answers()
        self.hand.create(lb, 'loadbalancer', '/loadbalancers',
                         vip_subnet_id=self.random.choice(
                             list(self.subnets.values())))
        if lb.items or lb.unsure:
            self.lbs.append(lb)

    # Each returns whether it made a change.

    def add_listener(self, lb):
        if len(lb.of('listener')) >= BELOW_MAX['listener']:
            return False
        self.hand.create(lb, 'listener', '/listeners', protocol='TCP',
                         loadbalancer_id=lb.root.key,
                         protocol_port=self.port(lb))
        return True

    @staticmethod
    def port(lb):
        """One that no listener of the load balancer ever had."""
        lb.last_port = getattr(lb, 'last_port', 1000) + 1
        return lb.last_port

    def add_pool(self, lb):
        if len(lb.of('pool')) >= BELOW_MAX['pool']:
            return False
        # A listener has one pool, and may have one already.
        where = {'loadbalancer_id': lb.root.key}
        for listener in lb.of('listener'):
            if not self.api.get(listener.path)['default_pool_id']:
                where = {'listener_id': listener.key}
        self.hand.create(lb, 'pool', '/pools', protocol='TCP',
                         lb_algorithm='SOURCE_IP_PORT', **where)
        return True

    def add_member(self, lb):
        pools = lb.of('pool')
        if not pools or len(lb.of('member')) >= BELOW_MAX['member']:
            return False
        pool = self.random.choice(pools)
        self.hand.create(lb, 'member', f'/pools/{pool.key}/members',
                         pool.key, **self.member())
        return True

    def member(self):
        cidr, subnet_id = self.random.choice(list(self.subnets.items()))
        prefix = cidr.rpartition('.0.0/')[0]
        n = self.random.randrange(1 << 15)
        return {'address': f'{prefix}.{128 + n % 100}.{n >> 8}',
                'subnet_id': subnet_id, 'protocol_port': 1 + n,
                'weight': 1 + n % 3}

    def add_monitor(self, lb):
        probed = {item.parent for item in lb.of('healthmonitor')}
        for pool in lb.of('pool'):
            if pool.key not in probed:
                self.hand.create(lb, 'healthmonitor', '/healthmonitors',
                                 pool.key, pool_id=pool.key, type='TCP',
                                 delay=5, timeout=3, max_retries=2)
                return True
        return False

    def update(self, lb):
        item = self.random.choice(lb.items)
        more = {'admin_state_up': self.random.random() < 0.8}
        if item.kind == 'member':
            more['weight'] = self.random.randrange(5)
        self.hand.update(lb, item, **more)
        return True

    def delete(self, lb):
        items = lb.of('listener', 'pool', 'member', 'healthmonitor')
        if not items:
            return False
        self.hand.delete(lb, self.random.choice(items))
        return True

    def delete_lb(self, lb):
        if self.random.random() < 0.7:
            return False
        self.hand.delete(lb, lb.root)
        if not lb.items:
            self.lbs.remove(lb)
        return True


CHANGES = (
    [Client.add_listener] * 3 + [Client.add_pool] * 3
    + [Client.add_member] * 5 + [Client.add_monitor] + [Client.update] * 8
    + [Client.delete] * 4 + [Client.delete_lb])
