# SPDX-License-Identifier: Apache-2.0
"""Clients that call Octavia for everything, whatever comes of it."""

import collections
import http.client
import threading
import time

from lib import wait

# A call that takes longer is given up.
CALL_SECONDS = 20


class Workload:
    """Clients; each makes a load balancer with all below it, changes and
    deletes it, again and again until the end.  One that fails leaves its
    load balancer as it is, and makes another."""

    def __init__(self, world, n_clients, monitors=True):
        self.world = world
        self.monitors = monitors
        self.is_over = threading.Event()
        self.calls = collections.Counter()      # By how they ended.
        self.failures = []
        self.n_trees = 0
        self.threads = [
            threading.Thread(target=self._run, args=(n,), daemon=True)
            for n in range(n_clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        for thread in self.threads:
            thread.join(3 * CALL_SECONDS * wait.SLOWNESS)
            assert not thread.is_alive(), 'a client hangs'

    def go_on(self, seconds):
        """Lets them call, if their calls end or not."""
        self.is_over.wait(seconds)

    def wait_calls(self, count):
        """Waits until so many more calls have ended."""
        end = sum(self.calls.values()) + count
        wait.until(lambda: sum(self.calls.values()) >= end,
                   f'{count} more calls end', 60)

    def _run(self, number):
        api = self.world.rest()
        api.timeout = CALL_SECONDS * wait.SLOWNESS
        while not self.is_over.is_set():
            try:
                for step in self._tree(api, number):
                    self.calls[step] += 1
                    if self.is_over.is_set():
                        return
                self.n_trees += 1
            except (AssertionError, OSError,
                    http.client.HTTPException) as error:
                self.calls[type(error).__name__] += 1
                self.failures.append(str(error))
                time.sleep(0.1)         # Not to call what is dead too often.

    def _tree(self, api, number):
        """Yields the name of each call that has succeeded."""
        lb = api.create_loadbalancer('n1', name=f'client{number}',
                                     ready=False)['id']

        def settle():
            api.wait_active(lb, CALL_SECONDS)
        yield 'create loadbalancer'
        settle()
        listener = api.create_listener(lb, 80, ready=False)
        yield 'create listener'
        settle()
        pool = api.create_pool(lb, listener_id=listener['id'], ready=False)
        yield 'create pool'
        settle()
        servers = [self.world.hosts[name] for name in ('web1', 'web2')]
        member = api.create_member(lb, pool['id'], servers[0].address, 8080,
                                   servers[0].network.name, ready=False)
        yield 'create member'
        settle()
        members = f'/pools/{pool["id"]}/members'
        api.put(members, {'members': [
            {'address': server.address, 'protocol_port': 8080,
             'subnet_id': api.subnet_id(server.network.name)}
            for server in servers]}, 202)
        yield 'batch'
        settle()
        if self.monitors:
            api.create_monitor(lb, pool['id'], delay=5, timeout=5,
                               ready=False)
            yield 'create healthmonitor'
            settle()
        api.put(f'{members}/{member["id"]}', {'member': {'weight': 5}})
        yield 'update member'
        settle()
        api.delete(f'/listeners/{listener["id"]}')
        yield 'delete listener'
        settle()
        api.delete(f'/loadbalancers/{lb}?cascade=true')
        yield 'delete loadbalancer'
        api.wait_gone(lb, CALL_SECONDS)
