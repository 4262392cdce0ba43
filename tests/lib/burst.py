# SPDX-License-Identifier: Apache-2.0
"""Many clients create load balancers at once, while something breaks.

What was answered with 201 must exist afterwards.  A request whose connection
broke, or that was answered with 503, may exist or not.
"""

import http.client
import threading
import time

from . import wait


class Burst:
    """n_clients threads; each creates load balancers, one after the other,
    until all of them together have made 'total' requests."""

    def __init__(self, world, total, n_clients=8, prefix='burst'):
        assert total <= 200, 'the subnet has no more addresses'
        self.world = world
        self.prefix = prefix
        self.created = {}       # id -> name, of those answered with 201
        self.lost = set()       # names of those without an answer
        self.refused = []       # (name, status, fault) of other answers
        self.lock = threading.Lock()
        self.left = iter(range(total))
        self.subnet = world.rest().subnet_id('n1')
        self.threads = [threading.Thread(target=self._run, daemon=True)
                        for _ in range(n_clients)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def wait_created(self, count):
        """Waits until so many were answered."""
        wait.until(lambda: len(self.created) >= count,
                   f'{count} load balancers were created', 60, 0.002)

    def join(self):
        for thread in self.threads:
            thread.join(120 * wait.SLOWNESS)
            assert not thread.is_alive(), 'a client of the burst hangs'

    def _run(self):
        rest = self.world.rest()
        rest.timeout = 60 * wait.SLOWNESS
        while True:
            with self.lock:
                number = next(self.left, None)
            if number is None:
                rest.close()
                return
            name = f'{self.prefix}-{number}'
            try:
                reply = rest.request(
                    'POST', '/v2.0/lbaas/loadbalancers', {'loadbalancer': {
                        'name': name, 'vip_subnet_id': self.subnet}})
            except (OSError, http.client.HTTPException):
                with self.lock:
                    self.lost.add(name)
                time.sleep(0.1)     # Let whoever fell get up again.
                continue
            with self.lock:
                if reply.status == 201:
                    self.created[reply.body['loadbalancer']['id']] = name
                elif reply.status >= 500:
                    self.lost.add(name)
                else:
                    self.refused.append((name, reply.status, reply.fault))

    def check(self, deadline=60):
        """After the end: all that was answered is there once, is ACTIVE,
        and has an address of its own.  Returns those that exist."""
        assert not self.refused, self.refused[:5]
        api = self.world.rest()

        def settled():
            seen = [item for item in api.get('/loadbalancers')
                    if item['name'].startswith(self.prefix + '-')]
            states = {item['provisioning_status'] for item in seen}
            assert states <= {'ACTIVE'}, states
            return seen
        seen = wait.until(settled, 'all of the burst is ACTIVE', deadline)
        by_id = {item['id']: item['name'] for item in seen}
        for lb_id, name in self.created.items():
            assert by_id.get(lb_id) == name, \
                f'{name} {lb_id} was answered with 201 and is not there'
        names = sorted(by_id.values())
        assert len(names) == len(set(names)), 'one request made two'
        strangers = set(names) - set(self.created.values()) - self.lost
        assert not strangers, f'nobody asked for {strangers}'
        addresses = [item['vip_address'] for item in seen]
        assert len(addresses) == len(set(addresses)), \
            'two load balancers have the same address'
        return seen

    def clean(self):
        """Deletes what exists of the burst."""
        api = self.world.rest()
        gone = [item['id'] for item in api.get('/loadbalancers')
                if item['name'].startswith(self.prefix + '-')]
        for lb_id in gone:
            api.wait_active(lb_id)
            api.delete('/loadbalancers/' + lb_id)
        for lb_id in gone:
            api.wait_gone(lb_id)
