#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Random mutations of valid requests, a thousand for each kind of object:
each is answered, and none with an error of the server.  The seed is the same
in each run; OVN_OCTAVIA_TEST_SEED is another one."""

import copy
import json
import os
import random
import unittest

import fieldtables
import fieldtest

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
        self.assertIn(reply.status, (400, 404, 409, 501), message)
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


if __name__ == '__main__':
    unittest.main()
