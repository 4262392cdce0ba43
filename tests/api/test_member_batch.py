#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The members of a pool as one list: PUT creates, changes and deletes, all in
one transaction."""

import json
import threading
import unittest

import apitest
from lib import client

BODY_MAX = 114688
UNSUPPORTED = "Provider 'ovn' does not support a requested option: "
NO_SUBNET = (UNSUPPORTED + 'Subnet is required, or Loadbalancer associated '
             'with Pool must have a subnet, for Member batch update with OVN '
             'Provider Driver if it is not the same as LB VIP subnet')
MIXED = (UNSUPPORTED + 'OVN provider does not support mixing IPv4/IPv6 '
         'configuration within the same Load Balancer.')


def item(number, port=80, **attributes):
    return {'address': f'10.1.0.{number}', 'protocol_port': port,
            **attributes}


class Batch(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        # Outside of all lists.
        self.lb = self.make_lb(project_id='p1', vip_address='10.1.0.250')
        self.pool = self.make_pool(self.lb)
        self.path = f'/pools/{self.pool["id"]}/members'

    def put(self, members, query=''):
        return self.call('PUT', self.path + query, {'members': members})

    def replace(self, members, query=''):
        """Puts the list, and returns what is there in the end, by address
        and port."""
        reply = self.put(members, query)
        self.assert_status(reply, 202)
        self.assertIsNone(reply.body)
        self.active(self.lb['id'])
        return self.shown()

    def shown(self):
        return {(member['address'], member['protocol_port']): member
                for member in self.rest.get(self.path)}

    def refuse(self, status, text, members, query=''):
        with self.nothing_changes():
            self.assert_fault(self.put(members, query), status, text)

    # What it does.

    def test_create(self):
        """a batch creates members, with the defaults of a POST"""
        shown = self.replace([item(50), item(51, 81, name='n', weight=7,
                                             admin_state_up=False,
                                             tags=['a'], backup=True)])
        self.assertEqual(set(shown), {('10.1.0.50', 80), ('10.1.0.51', 81)})
        plain, full = shown['10.1.0.50', 80], shown['10.1.0.51', 81]
        for member, expected in (
                (plain, {'name': '', 'weight': 1, 'admin_state_up': True,
                         'backup': False, 'tags': [], 'subnet_id': None,
                         'project_id': 'p1',
                         'provisioning_status': 'ACTIVE'}),
                (full, {'name': 'n', 'weight': 7, 'admin_state_up': False,
                        'backup': True, 'tags': ['a']})):
            self.assertEqual({key: member[key] for key in expected}, expected)

    def test_states(self):
        """a batch makes its members, the pool, its listeners and the load
        balancer PENDING, as Octavia does"""
        used = self.make_listener(self.lb, default_pool_id=self.pool['id'])
        other = self.make_listener(self.lb, 81)
        self.replace([item(50), item(51)])
        with self.frozen_driver():
            reply = self.put([item(51), item(52)])
            self.assert_status(reply, 202)
            self.assertNotIn('Content-Type', reply.headers)
            states = {key[0]: member['provisioning_status']
                      for key, member in self.shown().items()}
            self.assertEqual(states, {
                '10.1.0.50': 'PENDING_DELETE', '10.1.0.51': 'PENDING_UPDATE',
                '10.1.0.52': 'PENDING_CREATE'})
            new = self.shown()['10.1.0.52', 80]
            self.assertEqual(new['operating_status'], 'NO_MONITOR')
            for path, expected in (
                    ('/pools/' + self.pool['id'], 'PENDING_UPDATE'),
                    ('/loadbalancers/' + self.lb['id'], 'PENDING_UPDATE'),
                    ('/listeners/' + used['id'], 'PENDING_UPDATE'),
                    ('/listeners/' + other['id'], 'ACTIVE')):
                self.assertEqual(self.rest.get(path)['provisioning_status'],
                                 expected, path)
            self.assert_fault(self.put([]), 409, f'Pool {self.pool["id"]} is '
                              'immutable and cannot be updated.')
        self.active(self.lb['id'])
        self.assertEqual(set(self.shown()),
                         {('10.1.0.51', 80), ('10.1.0.52', 80)})

    def test_monitored(self):
        """a new member of a pool with a monitor begins OFFLINE"""
        self.make_monitor(self.lb, self.pool)
        with self.frozen_driver():
            self.assert_status(self.put([item(50)]), 202)
            self.assertEqual(self.shown()['10.1.0.50', 80][
                'operating_status'], 'OFFLINE')

    def test_update(self):
        """a member that is in the list again keeps its id, name and tags, and
        the rest becomes what the list says"""
        old = self.replace([item(50, name='n', weight=7, tags=['a'],
                                 admin_state_up=False, backup=True)])
        old = old['10.1.0.50', 80]
        new = self.replace([item(50)])['10.1.0.50', 80]
        same = {key: old[key] for key in ('id', 'name', 'tags', 'created_at',
                                          'subnet_id')}
        self.assertEqual({key: new[key] for key in same}, same)
        self.assertEqual((new['weight'], new['admin_state_up'],
                          new['backup']), (1, True, False))
        self.assertIsNotNone(new['updated_at'])
        new = self.replace([item(50, name='m', tags=[], weight=0)])
        new = new['10.1.0.50', 80]
        self.assertEqual((new['id'], new['name'], new['tags'],
                          new['weight']), (old['id'], 'm', [], 0))

    def test_spelling(self):
        """a member is found in a list by the value of its address"""
        lb = self.make_lb('n6')
        pool = self.make_pool(lb)
        member = self.make_member(lb, pool, 'fd00:6::ab', 80)
        path = f'/pools/{pool["id"]}/members'
        self.assert_status(self.call('PUT', path, {'members': [
            {'address': 'FD00:6:0:0::00AB', 'protocol_port': 80,
             'weight': 9}]}), 202)
        self.active(lb['id'])
        shown, = self.rest.get(path)
        self.assertEqual((shown['id'], shown['weight']), (member['id'], 9))

    def test_delete(self):
        """members that are not in the list are deleted, all by an empty
        one"""
        self.replace([item(50), item(50, 81), item(51)])
        self.assertEqual(set(self.replace([item(50, 81)])),
                         {('10.1.0.50', 81)})
        self.assertEqual(self.replace([]), {})
        self.assertEqual(self.rest.get('/pools/' + self.pool['id'])[
            'members'], [])

    def test_additive(self):
        """with additive_only members that are not in the list stay as they
        are"""
        old = self.replace([item(50, weight=3), item(51, weight=3)])
        new = self.replace([item(51), item(52)], '?additive_only=True')
        self.assertEqual({key[0]: member['weight']
                          for key, member in new.items()},
                         {'10.1.0.50': 3, '10.1.0.51': 1, '10.1.0.52': 1})
        self.assertEqual(new['10.1.0.50', 80], old['10.1.0.50', 80])
        self.assertEqual(len(self.replace([], '?additive_only=1')), 3)
        for word in ('false', '0', '', 'x'):
            with self.subTest(word):
                self.replace([item(51), item(52)])
                self.assertEqual(
                    set(self.replace([item(53)],
                                     f'?additive_only={word}')),
                    {('10.1.0.53', 80)})

    def test_nothing_to_do(self):
        """an empty list for an empty pool changes nothing, not even a
        state"""
        with self.nothing_changes():
            for query in ('', '?additive_only=true'):
                self.assert_status(self.put([], query), 202)

    def test_vips(self):
        """what a batch makes of a pool is what OVN balances over"""
        self.make_listener(self.lb, default_pool_id=self.pool['id'])
        self.replace([item(50), item(51), item(52)])
        self.replace([item(51), item(53)])
        row = self.stand.nbctl('--columns=vips', 'list', 'Load_Balancer')
        self.assertIn('10.1.0.51:80,10.1.0.53:80"', row)

    def test_writers(self):
        """of lists that are put at the same time one is there in the end, as
        a whole"""
        lists = [[item(100 + 10 * writer + i) for i in range(5)]
                 for writer in range(4)]
        answers = []

        def write(members):
            rest = client.Api(self.stand.api.port)
            for _ in range(20):
                answers.append(rest.request(
                    'PUT', apitest.LBAAS + self.path,
                    {'members': members}).status)
            rest.close()
        threads = [threading.Thread(target=write, args=(members,))
                   for members in lists]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.active(self.lb['id'])
        self.assertEqual(set(answers) | {202, 409}, {202, 409})
        self.assertIn(202, answers)
        self.assertIn(sorted(address for address, _ in self.shown()),
                      [[member['address'] for member in members]
                       for members in lists])

    # What is refused.

    def test_duplicates(self):
        """a member that is in the list twice is refused: 409 if it is new,
        400 if it is there"""
        self.replace([item(50)])
        self.refuse(409, 'Another member on this pool is already using ip '
                    '10.1.0.51 on protocol_port 80',
                    [item(51), item(50), item(51)])
        for query in ('', '?additive_only=true'):
            self.refuse(400, 'Validation failure: Member must be updated only '
                        'once in the same request.',
                        [item(50), item(51), item(50)], query)

    def test_bodies(self):
        """a body that is no list of members is 400, with a clear text"""
        text = 'Invalid input for field/attribute {}. Value: \'{}\'. {}'
        missing = text.format('members', 'None', 'Mandatory field missing.')
        with self.nothing_changes():
            for body, expected in (
                    (None, 'Missing argument: "members_"'),
                    ({}, missing), ({'members': None}, missing),
                    ({'members': [], 'x': 1},
                     'Unknown attribute for argument members_: x'),
                    ({'member': item(50)},
                     'Unknown attribute for argument members_: member'),
                    ({'members': [item(50, id=apitest.NO_ID)]},
                     'Unknown attribute for argument members_.members: id'),
                    ({'members': [{'address': '10.1.0.50'}]},
                     text.format('protocol_port', 'None',
                                 'Mandatory field missing.')),
                    ({'members': [item(50), item(51, 0)]},
                     text.format('protocol_port', '0', 'Value should be '
                                 'greater or equal to 1')),
                    ({'members': [None]},
                     text.format('members', 'None',
                                 'Value should be a JSON object')),
                    ({'members': [[]]},
                     text.format('members', '[]',
                                 'Value should be a JSON object')),
                    ([], text.format('members_', '[]',
                                     'Value should be a JSON object'))):
                with self.subTest(body):
                    self.assert_fault(self.call('PUT', self.path, body), 400,
                                      expected)
            for value in ({}, 'x', 1, True):
                with self.subTest(value):
                    reply = self.put(value)
                    self.assert_status(reply, 400)
                    self.assertIn('Value not a valid list', reply.fault)
            self.assert_fault(self.put([], '?x=1'), 400,
                              'Unknown argument: "x"')

    def test_unknown_pool(self):
        """the members of an unknown pool cannot be put"""
        with self.nothing_changes():
            reply = self.call('PUT', f'/pools/{apitest.NO_ID}/members',
                              {'members': []})
            self.assertEqual((reply.status, reply.fault),
                             (404, f'Pool {apitest.NO_ID} not found.'))

    def test_no_collection(self):
        """the members of a pool cannot be deleted as a collection"""
        self.assert_fault(self.call('DELETE', self.path), 400,
                          'Missing argument: "id"')

    def test_all_or_nothing(self):
        """one member that cannot be is the end of the whole list"""
        self.replace([item(50)])
        for bad, status, text in (
                ({'address': 'fd00:6::5', 'protocol_port': 80}, 501, MIXED),
                (item(51, subnet_id=apitest.NO_ID), 400,
                 f'Subnet {apitest.NO_ID} not found.'),
                ({'address': '192.0.2.1', 'protocol_port': 80}, 501,
                 NO_SUBNET),
                ({'address': '169.254.169.254', 'protocol_port': 80}, 400,
                 '169.254.169.254 is not a valid option for member address'),
                (item(51, monitor_port=80), 501, UNSUPPORTED
                 + 'OVN provider does not support monitor options'),
                (item(51, monitor_address='10.1.0.3'), 501, UNSUPPORTED
                 + 'OVN provider does not support monitor options'),
                (item(51, request_sriov=True), 400, 'The load balancer '
                 'flavor does not allow SR-IOV member ports.')):
            with self.subTest(bad):
                self.refuse(status, text, [item(52), bad])

    def test_known_places(self):
        """a member that is there needs no subnet in the list, and may get
        another one"""
        n2 = self.stand.subnet['n2']
        there = {'address': '10.2.0.9', 'protocol_port': 80}
        old = self.replace([{**there, 'subnet_id': n2}])['10.2.0.9', 80]
        new = self.replace([there, item(50)])['10.2.0.9', 80]
        self.assertEqual((new['id'], new['subnet_id']), (old['id'], n2))

    # Bounds.

    def test_big(self):
        """a list as long as a body may be is taken, one that is longer is
        413"""
        n = 2500
        members = [{'address': f'10.1.0.{i % 200 + 20}',
                    'protocol_port': 1 + i // 200} for i in range(n)]
        text = json.dumps({'members': members}, separators=(',', ':'))
        self.assertLess(len(text), BODY_MAX)
        with self.nothing_changes():
            reply = self.call('PUT', self.path, text.encode()
                              + b' ' * (BODY_MAX + 1 - len(text)))
            self.assert_status(reply, 413)
        reply = self.call('PUT', self.path, text.encode())
        self.assert_status(reply, 202)
        self.active(self.lb['id'])
        self.assertEqual(len(self.rest.get('/pools/' + self.pool['id'])[
            'members']), n)
        self.assertEqual(self.replace([]), {})

    def test_shapes(self):
        """a list of 100,000 members is 413, one of anything else is 400"""
        deep = item(50)
        for _ in range(300):
            deep = {'members': [deep]}
        with self.nothing_changes():
            for number in (10000, 100000):
                self.assert_status(self.put(number * [item(50)]), 413)
                self.assert_status(self.put(number * [[]]),
                                   400 if number == 10000 else 413)
            for members in (deep, [deep], [item(50, tags=1000 * ['x'] + [[]])],
                            [[item(50)]], 1000 * [None], 1000 * [{}],
                            {'0': item(50)}):
                self.assert_status(self.put(members), 400)


if __name__ == '__main__':
    unittest.main()
