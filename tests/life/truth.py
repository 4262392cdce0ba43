# SPDX-License-Identifier: Apache-2.0
"""Holds all that can be seen against the model: what GETs show, what is in
OVN, what is not ours, and what daemons say of themselves.
"""

import apitest
import tree
from lib import history, nbview, wait

LIST_KEYS = ('listeners', 'pools', 'members', 'loadbalancers', 'l7policies')
# What is said of databases, daemons and rows that are lost.
LOST = (r'\|db_link\|WARN', r'\|(reconnect|jsonrpc|ovsdb_cs|stream_\w+)\|',
        r'stale data', r'ovsdb_idl\|WARN', r'clustered database')


def flat(name, value):
    """A shown attribute as the model has it."""
    if name in LIST_KEYS and isinstance(value, list):
        return sorted(item['id'] if isinstance(item, dict) else item
                      for item in value)
    return sorted(value) if name == 'tags' else value


def differing(model, item, shown):
    """What is not shown as it must be, as texts."""
    expected = {**model.shown(item), 'provisioning_status': item.state}
    found = [f'{item.kind} {item.key}: {name} is '
             f'{flat(name, shown.get(name))!r}, not {value!r}'
             for name, value in expected.items()
             if flat(name, shown.get(name)) != flat(name, value)]
    return found


class Truth:
    """stand   where everything runs
    model   how it must be
    rest    a client
    """

    def __init__(self, stand, model, rest):
        self.stand = stand
        self.model = model
        self.rest = rest
        # More that may be said, and more to look at.
        self.allowed = ()
        self.more = lambda: []
        for daemon in stand.daemons():
            daemon.skip_log()

    # Waiting.

    def wait_unlocked(self, lb):
        """Waits until the driver has done what there is to do, if the load
        balancer is still there."""
        path = apitest.LBAAS + lb.path

        def is_unlocked():
            reply = self.rest.request('GET', path)
            return reply.status == 404 or (reply.status == 200 and reply.body[
                'loadbalancer']['provisioning_status'] == 'ACTIVE')
        wait.until(is_unlocked, f'load balancer {lb.key} is ACTIVE or gone',
                   30, 0.003)

    def settle(self):
        """Waits until the driver has done all that was asked of it."""
        for lb in self.model.of('loadbalancer'):
            if lb.state == tree.DELETE:
                self.rest.wait_gone(lb.key)
            elif lb.state != 'ACTIVE':
                self.wait_unlocked(lb)
        self.model.settle()

    # Looking.

    def check(self):
        """All of it."""
        for daemon in self.stand.daemons():
            daemon.process.check_alive()
        driver = self.stand.find_driver()
        driver.wait_in_sync()

        def is_so():
            found = (self.in_api() + self.in_ovn()
                     + self.more())[:8]
            assert not found, '\n'.join(found)
            return True
        wait.until(is_so, 'all is as it must be', 20, 0.05)
        found = (self.stand.others_changed() + self.complaints()
                 + [text for server in self.stand.nb_servers
                    for text in history.twice(server)])
        n_commits = driver.resync()
        if n_commits:
            found.append(f'a forced full reconcile made {n_commits} commits '
                         'to the NB')
        assert not found, '\n'.join(found)

    def complaints(self):
        return [f'{daemon.name}: {line}' for daemon in self.stand.daemons()
                for line in daemon.complaints((*apitest.ALLOWED, *LOST,
                                               *self.allowed))
                + daemon.sanitizer_reports()]

    def in_api(self):
        """What GETs show."""
        found = []
        for kind in tree.KINDS:
            for path, parent in self._lists(kind):
                shown = {item['id']: item for item in self.rest.get(path)}
                expected = {item.key: item for item
                            in self.model.of(kind, parent)}
                found += [f'{path}: {key} is there'
                          for key in set(shown) - set(expected)]
                found += [f'{path}: {key} is lost'
                          for key in set(expected) - set(shown)]
                for key in set(expected) & set(shown):
                    found += self._differing(expected[key], shown[key])
        for lb in self.model.of('loadbalancer'):
            found += self._status_tree(lb)
        return found

    def _lists(self, kind):
        if kind == 'member':
            return [(f'/pools/{pool.key}/members', pool)
                    for pool in self.model.of('pool')]
        return [(f'/{tree.PLURALS[kind]}', None)]

    def _differing(self, item, shown):
        found = differing(self.model, item, shown)
        statuses = self.model.statuses(item)
        if shown['operating_status'] not in statuses:
            found.append(f'{item.kind} {item.key} is '
                         f'{shown["operating_status"]}, not {statuses}')
        return found

    def _status_tree(self, lb):
        """What the tree of statuses has in it; the statuses are those of
        the objects."""
        branch = self.rest.get(lb.path + '/status')['loadbalancer']
        seen = {branch['id']}
        for listener in branch['listeners']:
            seen.add(listener['id'])
            for pool in listener['pools']:
                seen.add((listener['id'], pool['id']))
                seen |= {member['id'] for member in pool['members']}
                if 'health_monitor' in pool:
                    seen.add(pool['health_monitor']['id'])
        expected = {lb.key}
        for listener in self.model.of('listener', lb):
            expected.add(listener.key)
            pool = self.model.find('pool', listener['default_pool_id'])
            if pool:
                expected.add((listener.key, pool.key))
                expected |= {item.key for item in self.model.items.values()
                             if item.parent is pool}
        return [] if seen == expected else [
            f'the status tree of {lb.key} has {seen}, not {expected}']

    def in_ovn(self):
        """What is in the Northbound database."""
        return (nbview.differences(self.stand, self.rest)
                + self.stand.left_over([lb.key for lb in self.model.of(
                    'loadbalancer')]))
