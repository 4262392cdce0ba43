# SPDX-License-Identifier: Apache-2.0
"""A client that changes a load balancer of its own all the time, and knows
what was answered."""

import http.client
import threading

from lib import wait

LBAAS = '/v2.0/lbaas'
# Between two writes.
PAUSE_SECONDS = 0.2
# One of so many writes makes a pool, the others give another name.
POOL_EVERY = 10


class Writer(threading.Thread):
    """answered   how many writes were
    others        any other answer than 2xx, and 409 while it is PENDING
    """

    def __init__(self, world, prefix, lb_id):
        super().__init__(daemon=True)
        self.world, self.prefix, self.lb_id = world, prefix, lb_id
        self.stopping = threading.Event()
        self.answered, self.name = 0, None
        self.pools, self.others = [], []

    def run(self):
        rest = self.world.rest()
        rest.timeout = 60 * wait.SLOWNESS
        n = 0
        while not self.stopping.wait(PAUSE_SECONDS):
            n += self._write(rest, n)
        rest.close()

    def _write(self, rest, n):
        """Returns 1 if it is the next one's turn."""
        name = f'{self.prefix}-{n}'
        is_pool = n % POOL_EVERY == POOL_EVERY - 1
        try:
            reply = rest.request('POST', LBAAS + '/pools', {'pool': {
                'loadbalancer_id': self.lb_id, 'name': name,
                'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP_PORT'}}
            ) if is_pool else rest.request(
                'PUT', f'{LBAAS}/loadbalancers/{self.lb_id}',
                {'loadbalancer': {'name': name}})
        except (OSError, http.client.HTTPException) as error:
            rest.close()
            self.others.append(f'{name}: {error!r}')
            return 1
        if reply.status == 409:
            return 0
        if reply.status >= 300:
            self.others.append(f'{name}: {reply}')
        else:
            self.answered += 1
            if is_pool:
                self.pools.append(name)
            else:
                self.name = name
        return 1

    def wait_more(self, n=3):
        """Waits until some more writes are answered."""
        before = self.answered
        wait.until(lambda: self.answered >= before + n,
                   f'{n} more writes of {self.prefix} are answered', 60)

    def finish(self):
        self.stopping.set()
        self.join(60 * wait.SLOWNESS)

    def check(self, api):
        """After the end: all that was answered is there."""
        assert not self.others, self.others[:5]
        lb = api.wait_active(self.lb_id, 60)
        assert lb['name'] == self.name, f'{lb["name"]}, not {self.name}'
        names = sorted(pool['name'] for pool in api.get(
            '/pools', loadbalancer_id=self.lb_id))
        assert names == sorted(self.pools), f'{names}, not {self.pools}'
