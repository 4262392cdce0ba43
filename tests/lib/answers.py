# SPDX-License-Identifier: Apache-2.0
"""What the API has answered, and so what must be there.

Every object gets a name that nothing else ever gets, and every change of it
another one: what is shown tells which writes were done.  A write that was
answered with 2xx is done.  One without an answer, or with 5xx, is done
wholly or not at all; which of the two is seen at the next look.
"""

import http.client
import itertools

KINDS = ('loadbalancer', 'listener', 'pool', 'member', 'healthmonitor')
_numbers = itertools.count(1)


def new_name(prefix):
    return f'{prefix}-{next(_numbers)}'


class Item:
    """An object: 'key' is its id (None: not known), 'name' the last one that
    it was given, 'path' where it is."""

    def __init__(self, kind, name, key=None, parent=None):
        self.kind, self.name, self.key, self.parent = kind, name, key, parent

    @property
    def path(self):
        if self.kind == 'member':
            return f'/pools/{self.parent}/members/{self.key}'
        return f'/{self.kind}s/{self.key}'


class Write:
    """One request: what it adds, what it takes away, and what it renames, as
    (item, its new name)."""

    def __init__(self, adds=(), removes=(), renames=()):
        self.adds, self.removes = list(adds), list(removes)
        self.renames = list(renames)


class Answers:
    """What is known of one load balancer and all below it.

    root    the load balancer itself
    items   what is there
    unsure  writes of which nobody knows whether they were done
    """

    def __init__(self):
        self.root = None
        self.items = []
        self.unsure = []

    def of(self, *kinds):
        return [item for item in self.items if item.kind in kinds]

    def done(self, write):
        for item in write.removes:
            self.items.remove(item)
        for item, name in write.renames:
            item.name = name
        self.items += write.adds

    def below(self, item):
        """The object and all that goes with it."""
        if item.kind == 'loadbalancer':
            return list(self.items)
        return [item] + [other for other in self.items
                         if other.parent == item.key
                         and item.kind == 'pool'
                         and other.kind in ('member', 'healthmonitor')]

    def settle(self, shown):
        """Compares with what is shown, {id: (kind, name)}, and learns from
        it; returns what is wrong."""
        problems = []
        for write in self.unsure:
            problems += self._learn(write, shown)
        self.unsure = []
        named = {}
        for key, (kind, name) in shown.items():
            if name in named:
                problems.append(f'twice: {kind} {name}')
            named[name] = key
        for item in self.items:
            item.key = item.key or named.get(item.name)
            kind, name = shown.get(item.key, (None, None))
            if kind is None:
                problems.append(f'lost: {item.kind} {item.name}')
            elif name != item.name:
                problems.append(f'lost: {kind} {item.key} is called {name}, '
                                f'not {item.name}')
        known = {item.key for item in self.items}
        problems += [f'not asked for: {kind} {name}'
                     for key, (kind, name) in shown.items()
                     if key not in known]
        return problems

    def _learn(self, write, shown):
        """Whether an unsure write was done; what is wrong if partly."""
        names = {name for _, name in shown.values()}
        seen = ([item.name in names for item in write.adds]
                + [item.key not in shown for item in write.removes]
                + [name in names for _, name in write.renames])
        if all(seen):
            self.done(write)
        elif any(seen):
            self.done(write)
            return [f'half done: {sum(seen)} of {len(seen)} parts of a write']
        return []


def shown_below(api, lb_id):
    """{id: (kind, name)} of a load balancer and all below it, and the set of
    their provisioning statuses; nothing if it is not there."""
    reply = api.request('GET', f'{api.prefix}/loadbalancers/{lb_id}')
    if reply.status == 404:
        return {}, set()
    # Or what get() says of any other answer.
    found = [('loadbalancer', reply.body['loadbalancer']
              if reply.status == 200
              else api.get('/loadbalancers/' + lb_id))]
    for kind in ('listener', 'pool'):
        found += [(kind, item) for item
                  in api.get(f'/{kind}s', loadbalancer_id=lb_id)]
    for kind, pool in list(found):
        if kind == 'pool':
            found += [('member', item) for item
                      in api.get(f'/pools/{pool["id"]}/members')]
            if pool.get('healthmonitor_id'):
                found.append(('healthmonitor', api.get(
                    '/healthmonitors/' + pool['healthmonitor_id'])))
    return ({item['id']: (kind, item['name']) for kind, item in found},
            {item['provisioning_status'] for _, item in found})


def look(api, lb):
    """Compares with what the API shows, and learns from it.  Returns what is
    wrong; None if something is under way still."""
    root = lb.root
    if root.key is None:
        # A create without an answer: it has a name.
        found = api.get('/loadbalancers', name=root.name)
        if not found:
            lb.unsure = []
            return []
        root.key = found[0]['id']
        if len(found) > 1:
            return [f'twice: {root.name}']
    shown, states = shown_below(api, root.key)
    if any(state.startswith('PENDING') for state in states):
        return None
    return ([f'{root.name}: {state}' for state in states
             if state != 'ACTIVE'] + lb.settle(shown))


class Hand:
    """Makes changes, and keeps what was answered.

    api    a client.Api
    heard  called with the method, the path and the reply, or None, of each
    """

    def __init__(self, api, prefix, heard=None):
        self.api, self.prefix = api, prefix
        self.heard = heard or (lambda method, path, reply: None)

    def new_name(self):
        return new_name(self.prefix)

    def send(self, lb, write, method, path, body=None):
        """A change, and what becomes of it."""
        try:
            reply = self.api.request(method, self.api.prefix + path, body)
        except (OSError, http.client.HTTPException):
            self.api.close()
            reply = None
        self.heard(method, path, reply)
        if reply is None or reply.status in (500, 503):
            lb.unsure.append(write)
        elif reply.status < 300:
            if method == 'POST':
                write.adds[0].key, = [item['id'] for item
                                      in reply.body.values()]
            lb.done(write)
        return reply

    def create(self, lb, kind, path, parent=None, **attributes):
        item = Item(kind, self.new_name(), parent=parent)
        if kind == 'loadbalancer':
            lb.root = item
        self.send(lb, Write(adds=[item]), 'POST', path,
                  {kind: {'name': item.name, **attributes}})
        return item

    def create_tree(self, lb, parts, **attributes):
        """A load balancer with all that belongs to it, in one POST.  'parts'
        is called with a function that returns the name of a new object of a
        kind, and returns the attributes with the parts."""
        items = [Item('loadbalancer', self.new_name())]
        lb.root = items[0]

        def name_of(kind):
            items.append(Item(kind, self.new_name()))
            return items[-1].name
        body = {'name': items[0].name, **attributes, **parts(name_of)}
        self.send(lb, Write(adds=items), 'POST', '/loadbalancers',
                  {'loadbalancer': body})

    def update(self, lb, item, **attributes):
        name = self.new_name()
        self.send(lb, Write(renames=[(item, name)]), 'PUT', item.path,
                  {item.kind: {'name': name, **attributes}})

    def delete(self, lb, item):
        """With all below it."""
        cascade = '?cascade=true' if item.kind == 'loadbalancer' else ''
        self.send(lb, Write(removes=lb.below(item)), 'DELETE',
                  item.path + cascade)

    def put_members(self, lb, pool, kept, added):
        """Makes these the members of a pool: those that stay, as (item,
        attributes), and new ones, as attributes."""
        renames = [(item, self.new_name()) for item, _ in kept]
        adds = [Item('member', self.new_name(), parent=pool.key)
                for _ in added]
        stay = [item for item, _ in kept]
        removes = [item for item in lb.of('member')
                   if item.parent == pool.key and item not in stay]
        members = [
            *({'name': name, **attributes} for (_, name), (_, attributes)
              in zip(renames, kept)),
            *({'name': item.name, **attributes} for item, attributes
              in zip(adds, added))]
        self.send(lb, Write(adds, removes, renames), 'PUT',
                  f'/pools/{pool.key}/members', {'members': members})
