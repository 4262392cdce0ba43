#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The status tree, as GET .../status returns it."""

import unittest

import apitest


class StatusTree(apitest.ApiTest):

    def head(self, item):
        return {key: item[key] for key in ('id', 'name', 'operating_status',
                                           'provisioning_status')}

    def test_empty(self):
        """a load balancer alone is a tree without branches"""
        lb = self.make_lb()
        for word in ('status', 'statuses'):
            reply = self.call('GET', f'/loadbalancers/{lb["id"]}/{word}')
            self.assertEqual((reply.status, reply.body), (200, {
                'statuses': {'loadbalancer': {**self.head(lb),
                                              'listeners': []}}}))

    def test_full(self):
        """the tree has listeners, their pools, and the members of these"""
        lb, listener, pool, _ = self.make_tree(name='ü')
        self.make_member(lb, pool, '10.1.0.52', name='m2')
        bare = self.make_listener(lb, 81, name='bare')
        self.make_pool(lb, name='unused')
        lb = self.rest.get('/loadbalancers/' + lb['id'])
        listener = self.rest.get('/listeners/' + listener['id'])
        bare = self.rest.get('/listeners/' + bare['id'])
        pool = self.rest.get('/pools/' + pool['id'])
        members = self.rest.get(f'/pools/{pool["id"]}/members')
        reply = self.call('GET', f'/loadbalancers/{lb["id"]}/status')
        self.assert_status(reply, 200)

        def by_id(items):
            return sorted(items, key=lambda item: item['id'])
        tree = reply.body['statuses']['loadbalancer']
        tree['listeners'] = by_id(tree['listeners'])
        for branch in tree['listeners']:
            for leaf in branch['pools']:
                leaf['members'] = by_id(leaf['members'])
        self.assertEqual(tree, {
            **self.head(lb), 'listeners': by_id([
                {**self.head(bare), 'pools': []},
                {**self.head(listener), 'pools': [{
                    **self.head(pool), 'members': by_id([
                        {**self.head(member), 'address': member['address'],
                         'protocol_port': member['protocol_port']}
                        for member in members])}]}])})
        self.assertEqual(lb['operating_status'], 'ONLINE')

    def test_pending(self):
        """the tree shows pending states"""
        lb, listener, _, _ = self.make_tree()
        with self.frozen_driver():
            self.rest.put('/listeners/' + listener['id'],
                          {'listener': {'name': 'x'}})
            tree = self.rest.get(f'/loadbalancers/{lb["id"]}/status')
        self.assertEqual(tree['loadbalancer']['provisioning_status'],
                         'PENDING_UPDATE')
        self.assertEqual(
            tree['loadbalancer']['listeners'][0]['provisioning_status'],
            'PENDING_UPDATE')

    def test_no_monitor(self):
        """a member that is not probed is NO_MONITOR, its pool is ONLINE"""
        lb, _, _, _ = self.make_tree()
        branch = self.rest.get(f'/loadbalancers/{lb["id"]}/status')[
            'loadbalancer']
        seen = [branch['operating_status']]
        for name in ('listeners', 'pools', 'members'):
            branch = branch[name][0]
            seen.append(branch['operating_status'])
        self.assertEqual(seen, ['ONLINE', 'ONLINE', 'ONLINE', 'NO_MONITOR'])

    def test_online_at_once(self):
        """what a client made is ONLINE with the end of each write"""
        def online(*objects):
            for path in objects:
                shown = self.rest.get(path)
                self.assertEqual((shown['provisioning_status'],
                                  shown['operating_status']),
                                 ('ACTIVE', 'ONLINE'), path)

        lb = self.make_lb()
        path = '/loadbalancers/' + lb['id']
        online(path)
        listener = '/listeners/' + self.make_listener(lb)['id']
        online(path, listener)
        made = self.make_pool(lb, listener_id=listener.split('/')[-1])
        pool = '/pools/' + made['id']
        online(path, listener, pool)
        for address in ('10.1.0.50', '10.1.0.51'):
            member = self.make_member(lb, made, address)
            self.assertEqual(member['operating_status'], 'NO_MONITOR')
            online(path, listener, pool)
        monitor = self.make_monitor(lb, made, admin_state_up=False)
        online(path, listener, pool)
        self.rest.delete('/healthmonitors/' + monitor['id'])
        self.active(lb['id'])
        online(path, listener, pool)

    def test_operating_status(self):
        """operating states follow the admin states"""
        lb, listener, pool, member = self.make_tree()
        path = f'/pools/{pool["id"]}/members/{member["id"]}'
        for where, key, part in (
                (path, 'member', ('listeners', 'pools', 'members')),
                ('/pools/' + pool['id'], 'pool', ('listeners', 'pools')),
                ('/listeners/' + listener['id'], 'listener', ('listeners',)),
                ('/loadbalancers/' + lb['id'], 'loadbalancer', ())):
            with self.subTest(key):
                self.rest.put(where, {key: {'admin_state_up': False}})
                self.active(lb['id'])
                branch = self.rest.get(f'/loadbalancers/{lb["id"]}/status')[
                    'loadbalancer']
                for name in part:
                    branch = branch[name][0]
                self.assertEqual(branch['operating_status'], 'OFFLINE')

    def test_unknown(self):
        """the tree of an unknown load balancer is 404"""
        self.assert_fault(
            self.call('GET', f'/loadbalancers/{apitest.NO_ID}/status'), 404,
            f'Load Balancer {apitest.NO_ID} not found.')


if __name__ == '__main__':
    unittest.main()
