#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Random mutations of valid requests, a thousand for each kind of object, for
whole trees, lists of members, and quotas: each is answered, and none with an
error of the server.  The seed is the same in each run; OVN_OCTAVIA_TEST_SEED
is another one."""

import copy
import json
import os
import random
import unittest

import fieldtables
import fieldtest

from lib import wait

SEED = int(os.environ.get('OVN_OCTAVIA_TEST_SEED', '1'))
TIMES = 1000
ODD = (None, True, False, 0, 1, -1, 2 ** 31, 2 ** 63, 2 ** 64, -2 ** 63, 1e99,
       0.5, '', ' ', 'x', '0', '80', '-1', 'TCP', 'null', '\x7f', 'é' * 300,
       '\U0001f600', '%s%n', '../..', "';--", 'x' * 1000, '10.1.0.51',
       '10.1.0.256', '::', '::ffff:10.1.0.1', 'fd00::1', '0.0.0.0/0',
       fieldtables.SOME_ID, fieldtables.SOME_ID.upper(), [], [[]], [None],
       ['a', 'a'], ['x' * 256], [{}], [1, 'a'], {}, {'a': None},
       {'id': fieldtables.SOME_ID}, {'type': 'SOURCE_IP'},
       {'type': None}, {'type': 'APP_COOKIE', 'cookie_name': ''})
LETTERS = '{}[]":,\\\x00\x1f0-e.tn \xff'
QUOTAS = ('loadbalancer', 'load_balancer', 'listener', 'member', 'pool',
          'healthmonitor', 'health_monitor', 'l7policy', 'l7rule')
INTERNALS = r'object has no|Traceback|NoneType|constraint|ovsdb|uuid-name'


def mutate_value(rng, body, names):
    """Puts an odd value somewhere."""
    inner = body[next(iter(body))]
    inner[rng.choice(names)] = copy.deepcopy(rng.choice(ODD))
    return json.dumps(body)


def mutate_several(rng, body, names):
    for _ in range(rng.randint(2, 5)):
        mutate_value(rng, body, names)
    return json.dumps(body)


def mutate_missing(rng, body, names):
    inner = body[next(iter(body))]
    for name in rng.sample(sorted(inner), rng.randint(0, len(inner))):
        del inner[name]
    return mutate_value(rng, body, names)


def mutate_unknown(rng, body, _):
    inner = body[next(iter(body))]
    inner[rng.choice(('', 'x', 'id', 'Name', 'name ', 'x' * 300, 'é', 'a.b',
                      'operating_status'))] = rng.choice(ODD)
    return json.dumps(body)


def mutate_top(rng, body, _):
    key = next(iter(body))
    return json.dumps(rng.choice((
        {key: rng.choice(ODD)}, {key: [body[key]]}, [body], body[key],
        {key: {key: body[key]}}, {rng.choice(('x', '', key + 's')): body[key]},
        {**body, 'x': rng.choice(ODD)}, rng.choice(ODD))))


def mutate_text(rng, body, _):
    """Damages the text."""
    text = list(json.dumps(body))
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(text))
        text[place:place + rng.randint(0, 3)] = rng.choice(LETTERS)
    return ''.join(text).encode('latin1')


MUTATIONS = (mutate_value, mutate_value, mutate_several, mutate_missing,
             mutate_unknown, mutate_top, mutate_text)

# Trees: where parts are, and what kind they are.
PARTS = {'listeners': 'listener', 'pools': 'pool', 'default_pool': 'pool',
         'members': 'member', 'healthmonitor': 'healthmonitor'}
IN = {'loadbalancer': ('listeners', 'pools'), 'listener': ('default_pool',),
      'pool': ('members', 'healthmonitor'), 'member': (), 'healthmonitor': ()}
# What a part does not have: its tree has it.
NOT_IN_PARTS = ('loadbalancer_id', 'listener_id', 'pool_id', 'project_id',
                'listeners', 'pools', 'members', 'default_pool_id')


def new_tree(subnet):
    def pool(name, port, **more):
        return {'name': name, 'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP',
                'members': [{'address': '10.1.0.51', 'protocol_port': port},
                            {'address': '10.1.0.52', 'protocol_port': port,
                             'weight': 7}], **more}
    monitor = {'type': 'TCP', 'delay': 5, 'timeout': 3, 'max_retries': 2}
    return {'vip_subnet_id': subnet,
            'pools': [pool('a', 80, healthmonitor=monitor)],
            'listeners': [
                {'protocol': 'TCP', 'protocol_port': 81,
                 'default_pool': {'name': 'a'}},
                {'protocol': 'TCP', 'protocol_port': 82,
                 'default_pool': pool('b', 81)}]}


def nodes(kind, node):
    """(kind, object) of an object and all below it."""
    found = [(kind, node)]
    for name, part in PARTS.items():
        value = node.get(name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                found += nodes(part, item)
    return found


def mutate_shape(rng, tree):
    """Takes a part away, or puts parts where they do not belong, or where they
    are twice."""
    kind, node = rng.choice([found for found in nodes('loadbalancer', tree)
                             if IN[found[0]]])
    name = rng.choice(IN[kind] if rng.random() < 0.8 else tuple(PARTS))
    part = copy.deepcopy(rng.choice(
        [part for found, part in nodes('loadbalancer', tree)
         if found == PARTS[name] or rng.random() < 0.05] or [{}]))
    if rng.random() < 0.3:
        node.pop(name, None)
        return
    node[name] = rng.choice((
        part, [part], [part, part], [[part]], {name: part},
        [*node[name], part] if isinstance(node.get(name), list) else [part]))


def mutate_tree(rng, tree):
    """Damages a tree, here or there, and returns its text."""
    mutation = rng.choice((*MUTATIONS, mutate_shape, mutate_shape))
    if mutation == mutate_shape:
        mutate_shape(rng, tree)
    elif mutation in (mutate_top, mutate_text):
        return mutation(rng, {'loadbalancer': tree}, ())
    else:
        kind, node = rng.choice(nodes('loadbalancer', tree))
        names = [field.name for field in fieldtables.TABLES[kind]
                 if field.name not in NOT_IN_PARTS]
        mutation(rng, {kind: node}, [*names, *IN[kind],
                                     rng.choice(NOT_IN_PARTS)])
    return json.dumps({'loadbalancer': tree})


def mutate_list(rng, members):
    """Damages a list of members, and returns its text."""
    mutation = rng.choice((*MUTATIONS, None))
    body = {'members': members}
    if mutation is None:
        members.insert(rng.randrange(len(members) + 1),
                       rng.choice((*ODD, members[0], members)))
        # A list cannot be in itself.
        body['members'] = [copy.copy(item) for item in members
                           if item is not members]
    elif mutation in (mutate_top, mutate_text):
        return mutation(rng, body, ())
    else:
        names = [field.name for field in fieldtables.TABLES['member']]
        mutation(rng, {'member': rng.choice(members)}, names)
    return json.dumps(body)


class Mutations(fieldtest.FieldTest):

    def mutate(self, kind):
        rng = random.Random(f'{SEED} {kind}')
        names = [field.name for field in fieldtables.TABLES[kind]]
        statuses = set()
        for _ in range(TIMES):
            is_post = rng.random() < 0.5
            body = {kind: dict(self.good[kind]) if is_post else {}}
            text = rng.choice(MUTATIONS)(rng, body, names)
            reply = self.call('POST' if is_post else 'PUT',
                              (self.collections if is_post
                               else self.paths)[kind], text)
            statuses.add(reply.status)
            self.check_reply(kind, text, reply)
        # Neither harmless nor hopeless.
        self.assertLessEqual({200, 400}, statuses)

    def check_reply(self, kind, text, reply):
        message = f'seed {SEED}: {text!r:.500}: {reply}'
        if reply.status in (200, 201):
            made = reply.body[kind]
            if reply.status == 201:
                self.remove(kind, made)
            self.active(self.lb['id'])
            return
        self.check_fault(message, reply)

    def check_fault(self, message, reply):
        self.assertIn(reply.status, (400, 404, 409, 501), message)
        self.assertIsInstance(reply.body, dict, message)
        self.assertEqual(set(reply.body),
                         {'faultcode', 'faultstring', 'debuginfo'}, message)
        self.assertEqual(reply.body['faultcode'],
                         'Client' if reply.status < 500 else 'Server',
                         message)
        self.assertNotRegex(reply.fault, INTERNALS, message)

    def test_load_balancers(self):
        """mutated load balancers are taken or refused, never an error"""
        self.mutate('loadbalancer')

    def test_listeners(self):
        """mutated listeners are taken or refused, never an error"""
        self.mutate('listener')

    def test_pools(self):
        """mutated pools are taken or refused, never an error"""
        self.mutate('pool')

    def test_members(self):
        """mutated members are taken or refused, never an error"""
        self.mutate('member')

    def test_health_monitors(self):
        """mutated health monitors are taken or refused, never an error"""
        self.mutate('healthmonitor')

    # What is more than one object.

    def send(self, kind, method, path, mutate):
        """Sends a thousand, and returns the statuses; yields replies that
        something has come of."""
        rng = random.Random(f'{SEED} {kind}')
        statuses = set()
        for _ in range(TIMES):
            text = mutate(rng)
            reply = self.call(method, path(rng), text)
            statuses.add(reply.status)
            if reply.status < 300:
                yield reply
            else:
                self.check_fault(f'seed {SEED}: {text!r:.1500}: {reply}',
                                 reply)
        # Neither harmless nor hopeless.
        self.assertEqual(statuses & {201, 202, 400} - {400},
                         {201 if method == 'POST' else 202})
        self.assertIn(400, statuses)

    def ids(self):
        return {kind: {item['id'] for item in self.rest.get('/' + kind)}
                for kind in ('loadbalancers', 'listeners', 'pools',
                             'healthmonitors')}

    def test_trees(self):
        """mutated trees are taken as a whole or refused as a whole, never an
        error"""
        subnet = self.stand.subnet['n1']
        before = self.ids()
        made = []
        for reply in self.send('tree', 'POST', lambda rng: '/loadbalancers',
                               lambda rng: mutate_tree(rng,
                                                       new_tree(subnet))):
            made.append(reply.body['loadbalancer']['id'])
            if len(made) == 30:
                self.remove_trees(made)
                made = []
        self.remove_trees(made)
        self.assertEqual(self.ids(), before)

    def remove_trees(self, made):
        paths = ['/loadbalancers/' + key for key in made]
        for key in made:
            self.active(key)
        for path in paths:
            self.assert_status(self.call('DELETE', path + '?cascade=true'),
                               204)
        for path in paths:
            wait.until(lambda path=path: self.call('GET', path).status == 404,
                       f'{path} is gone', 10, 0.002)

    def test_lists(self):
        """mutated lists of members are taken or refused as a whole, never an
        error"""
        path = self.collections['member']
        for _ in self.send(
                'members', 'PUT', lambda rng: path + rng.choice(
                    ('', '?additive_only=True', '?additive_only=0')),
                lambda rng: mutate_list(rng, [
                    {'address': '10.1.0.51', 'protocol_port': 80},
                    {'address': '10.1.0.52', 'protocol_port': 81,
                     'weight': 7, 'name': 'm', 'tags': ['a']}])):
            self.active(self.bare['id'])
        self.assert_status(self.call('PUT', path, {'members': []}), 202)
        self.active(self.bare['id'])
        self.assertEqual(self.rest.get(path), [])

    def test_quotas(self):
        """mutated quotas are taken or refused, never an error"""
        def forget():
            with self.stand.octavia.client() as db:
                db.transact({'op': 'delete', 'table': 'Quota', 'where': []})
        self.addCleanup(forget)
        projects = ('p', 'x' * 36, 'x' * 37, '%C3%A9', '%01', '%2E')

        def mutate(rng):
            body = {'quota': dict.fromkeys(QUOTAS[::2], 7)}
            return rng.choice(MUTATIONS)(rng, body, QUOTAS)
        for reply in self.send('quota', 'PUT', lambda rng: '/quotas/'
                               + rng.choice(projects), mutate):
            for kind in QUOTAS:
                self.assertIn(type(reply.body['quota'][kind]), (int,))


if __name__ == '__main__':
    unittest.main()
