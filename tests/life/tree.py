# SPDX-License-Identifier: Apache-2.0
"""The tree of load balancers as it must be: what each object is called, what
hangs on what, which states a call sets, and what every GET must show.
"""

import ipaddress

KINDS = ('loadbalancer', 'listener', 'pool', 'member', 'healthmonitor')
PLURALS = {kind: kind + 's' for kind in KINDS}
CREATE, UPDATE, DELETE = 'PENDING_CREATE', 'PENDING_UPDATE', 'PENDING_DELETE'
SAID_ONLY = ('loadbalancer_id', 'listener_id', 'pool_id', 'project_id',
             'tenant_id')


def canonical(text):
    return str(ipaddress.ip_address(text))


def version(text):
    return ipaddress.ip_address(text).version


class Item:
    """One object.

    said    its attributes, by the names that requests use
    parent  the load balancer, or the pool of members and monitors
    """

    def __init__(self, kind, key, said, parent=None):
        self.kind = kind
        self.key = key
        self.parent = parent
        self.said = {name: value for name, value in said.items()
                     if name not in SAID_ONLY}
        self.state = 'ACTIVE'

    def __getitem__(self, name):
        return self.said[name]

    @property
    def lb(self):
        item = self
        while item.parent:
            item = item.parent
        return item

    @property
    def path(self):
        if self.kind == 'member':
            return f'/pools/{self.parent.key}/members/{self.key}'
        return f'/{PLURALS[self.kind]}/{self.key}'


class Tree:
    """All objects, oldest first.

    places   see places.Places
    """

    def __init__(self, places):
        self.places = places
        self.items = {}

    def of(self, kind, parent=None):
        return [item for item in self.items.values() if item.kind == kind
                and (parent is None or parent in (item.parent, item.lb))]

    def find(self, kind, key, parent=None):
        item = self.items.get(key)
        return (item if item and item.kind == kind
                and (parent is None or item.parent is parent) else None)

    def users(self, pool):
        """Listeners with this default pool."""
        return [item for item in self.of('listener', pool.lb)
                if item['default_pool_id'] == pool.key]

    def monitor(self, pool):
        found = self.of('healthmonitor', pool)
        return found[0] if found else None

    # States.

    def lock(self, item, state):
        """A call has been accepted for 'item', which gets this state, and
        those that it involves become PENDING_UPDATE."""
        pool = (item if item.kind == 'pool'
                else item.parent if item.kind in ('member', 'healthmonitor')
                else None)
        for other in [item.lb, *([pool, *self.users(pool)] if pool else [])]:
            other.state = UPDATE
        item.state = state

    def settle(self):
        """The driver has done what was asked of it."""
        for item in list(self.items.values()):
            if item.state == DELETE:
                self.remove(item)
            item.state = 'ACTIVE'

    def add(self, item):
        self.items[item.key] = item

    def remove(self, item):
        """With all that hangs on it."""
        gone = {item.key}
        for other in self.items.values():
            if other.parent and other.parent.key in gone:
                gone.add(other.key)
        for listener in self.of('listener', item.lb):
            if listener['default_pool_id'] in gone:
                listener.said['default_pool_id'] = None
        for key in gone:
            self.items.pop(key, None)

    # What must be shown.

    def shown(self, item):
        """What a GET must show of an object, but for its states and what
        nobody can foretell; lists of ids in any order."""
        links = getattr(self, '_links_of_' + item.kind)(item)
        owner = item.lb['owner']
        shown = {**item.said, **links, 'project_id': owner,
                 'tenant_id': owner}
        shown.pop('owner', None)
        return shown

    def _ids(self, items):
        return sorted(item.key for item in items)

    def _links_of_loadbalancer(self, lb):
        return {'listeners': self._ids(self.of('listener', lb)),
                'pools': self._ids(self.of('pool', lb))}

    def _links_of_listener(self, listener):
        return {'loadbalancers': [listener.lb.key], 'l7policies': []}

    def _links_of_pool(self, pool):
        monitor = self.monitor(pool)
        return {'loadbalancers': [pool.lb.key],
                'listeners': self._ids(self.users(pool)),
                'members': self._ids(self.of('member', pool)),
                'healthmonitor_id': monitor.key if monitor else None}

    def _links_of_member(self, _):
        return {}

    def _links_of_healthmonitor(self, monitor):
        return {'pools': [monitor.parent.key]}

    # Operating statuses: what can be told where nothing answers probes.

    def statuses(self, item):
        """The operating statuses that an object may have."""
        if not item['admin_state_up']:
            return {'OFFLINE'}
        return getattr(self, '_statuses_of_' + item.kind)(item)

    def _worst_of(self, parts):
        """Of what is as bad as the worst of its parts."""
        seen = set()
        for part in parts:
            seen |= self.statuses(part)
        return {next((word for word in ('ERROR', 'DEGRADED') if word in seen),
                     'ONLINE')}

    def _statuses_of_loadbalancer(self, lb):
        return self._worst_of(self.of('listener', lb))

    def _statuses_of_listener(self, listener):
        pool = self.find('pool', listener['default_pool_id'])
        return self._worst_of([pool] if pool else [])

    def _statuses_of_healthmonitor(self, _):
        return {'ONLINE'}

    def is_probed(self, pool):
        monitor = self.monitor(pool)
        return bool(monitor and monitor['admin_state_up'])

    def _statuses_of_member(self, member):
        # Nobody here is on a chassis.
        if self.is_probed(member.parent):
            return {'ERROR'}
        return {'NO_MONITOR' if member['weight'] else 'DRAINING'}

    def _statuses_of_pool(self, pool):
        members = self.of('member', pool)
        if not members:
            # It depends on what has happened to it.
            return {'ONLINE', 'OFFLINE'}
        if not self.is_probed(pool):
            return {'ONLINE'}
        wanted = [(self.statuses(member), member['weight'])
                  for member in members if member['admin_state_up']]
        failed = [status for status, weight in wanted
                  if weight or status != {'ERROR'}] or [
                      status for status, _ in wanted]
        n_failed = failed.count({'ERROR'})
        if not failed:
            return {'OFFLINE'}
        return {'ERROR' if n_failed == len(failed)
                else 'DEGRADED' if n_failed else 'ONLINE'}
