#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Entity tags of objects, and what clients say about them: If-Match and
If-None-Match."""

import threading
import unittest

import apitest

from lib import client, wait

FAILED = "Precondition failed: the object's tag is not as {} demands."


class Preconditions(apitest.ApiTest):

    def tag(self, path):
        reply = self.call('GET', path)
        self.assert_status(reply, 200)
        return reply.headers['ETag']

    def put(self, path, body, **headers):
        return self.call('PUT', path, body, {
            name.replace('_', '-'): value for name, value in headers.items()})

    def rename(self, lb, name, **headers):
        return self.put('/loadbalancers/' + lb['id'],
                        {'loadbalancer': {'name': name}}, **headers)

    def paths(self):
        """A path of each kind of object."""
        lb, listener, pool, member = self.make_tree()
        monitor = self.make_monitor(lb, pool)
        return lb, (f'/loadbalancers/{lb["id"]}',
                    f'/listeners/{listener["id"]}', f'/pools/{pool["id"]}',
                    f'/pools/{pool["id"]}/members/{member["id"]}',
                    f'/healthmonitors/{monitor["id"]}')

    def test_not_modified(self):
        """What has the tag that the client knows is answered with 304, without
        a body, on the same connection"""
        _, paths = self.paths()
        for path in paths:
            with self.subTest(path):
                tag = self.tag(path)
                self.assertRegex(tag, '^"[0-9a-f]{32}-[0-9a-f]{16}"$')
                for value in (tag, 'W/' + tag, f'"x", {tag}', '*'):
                    reply = self.call('GET', path, None,
                                      {'If-None-Match': value})
                    self.assertEqual(
                        (reply.status, reply.content, reply.headers['ETag'],
                         reply.headers.get('Content-Type')),
                        (304, b'', tag, None))
                reply = self.call('GET', path, None, {'If-None-Match': '"x"'})
                self.assert_status(reply, 200)
                self.assertEqual(reply.headers['ETag'], tag)
                self.assertEqual(self.tag(path + '?fields=id'), tag)
                self.assert_status(self.call('GET', path, None,
                                             {'If-Match': tag}), 200)
                self.assert_fault(
                    self.call('GET', path, None, {'If-Match': '"x"'}), 412,
                    FAILED.format('If-Match'))

    def test_states(self):
        """A GET sees each change of a state; a write goes by what users have
        configured"""
        lb = self.make_lb(name='old')
        path = '/loadbalancers/' + lb['id']
        before = self.tag(path)
        with self.frozen_driver():
            reply = self.rename(lb, 'old', If_Match=before)
            self.assert_status(reply, 200)
            pending = reply.headers['ETag']
            self.assertEqual(self.tag(path), pending)
        self.active(lb['id'])
        after = self.tag(path)
        self.assertEqual(len({before, pending, after}), 3)
        self.assertEqual(len({tag[:33] for tag in (before, pending, after)}),
                         1)
        self.assert_status(self.call('GET', path, None,
                                     {'If-None-Match': pending}), 200)
        for tag in (before, pending, after, f'"x" , {before}', '*'):
            self.assert_status(self.rename(lb, 'old', If_Match=tag), 200)
            self.active(lb['id'])

    def test_lost_update(self):
        """An object that was changed meanwhile is not changed by a client that
        does not know"""
        lb, paths = self.paths()
        for path in paths:
            kind = path.split('/')[-2][:-1]
            with self.subTest(kind):
                tag = self.tag(path)
                new = self.put(path, {kind: {'name': 'first'}}, If_Match=tag)
                self.assert_status(new, 200)
                self.assertEqual(new.body[kind]['name'], 'first')
                self.active(lb['id'])
                with self.nothing_changes():
                    self.assert_fault(
                        self.put(path, {kind: {'name': 'second'}},
                                 If_Match=tag), 412,
                        FAILED.format('If-Match'))
                    for value in ('W/' + new.headers['ETag'], '"x"', 'x', ''):
                        self.assert_status(
                            self.put(path, {kind: {'name': 'second'}},
                                     If_Match=value), 412)
                    for value in (new.headers['ETag'], '*'):
                        self.assert_fault(
                            self.put(path, {kind: {'name': 'second'}},
                                     If_None_Match=value), 412,
                            FAILED.format('If-None-Match'))
                    self.assert_status(self.call('DELETE', path, None,
                                                 {'If-Match': tag}), 412)
                self.assert_status(
                    self.put(path, {kind: {'name': 'third'}},
                             If_Match=new.headers['ETag'],
                             If_None_Match=tag), 200)
                self.active(lb['id'])

    def test_delete(self):
        """What has the tag is deleted"""
        lb, paths = self.paths()
        for path in reversed(paths):
            with self.subTest(path):
                self.assert_status(
                    self.call('DELETE', path + (
                        '?cascade=true' if 'loadb' in path else ''), None,
                        {'If-Match': self.tag(path)}), 204)
                self.wait_gone(path)
                if 'loadb' not in path:
                    self.active(lb['id'])

    def test_children(self):
        """A new object, and a list of members, may depend on the tag of a
        parent, which changes with what it has"""
        lb = self.make_lb()
        pool = self.make_pool(lb)
        lb_path, pool_path = f'/loadbalancers/{lb["id"]}', \
            f'/pools/{pool["id"]}'
        members = pool_path + '/members'
        calls = (
            (lb_path, 'POST', '/listeners', {'listener': {
                'loadbalancer_id': lb['id'], 'protocol': 'TCP',
                'protocol_port': 80}}, 201),
            (lb_path, 'POST', '/pools', {'pool': {
                'loadbalancer_id': lb['id'], 'protocol': 'TCP',
                'lb_algorithm': 'SOURCE_IP_PORT'}}, 201),
            (pool_path, 'POST', members, {'member': {
                'address': '10.1.0.51', 'protocol_port': 80}}, 201),
            (pool_path, 'PUT', members, {'members': [{
                'address': '10.1.0.52', 'protocol_port': 80}]}, 202),
            (pool_path, 'POST', '/healthmonitors', {'healthmonitor': {
                'pool_id': pool['id'], 'type': 'TCP', 'delay': 5,
                'timeout': 3, 'max_retries': 2}}, 201))
        for parent, method, path, body, status in calls:
            with self.subTest(f'{method} {path}'):
                tag = self.tag(parent)
                with self.nothing_changes():
                    self.assert_status(self.call(method, path, body,
                                                 {'If-Match': '"x"'}), 412)
                self.assert_status(self.call(method, path, body,
                                             {'If-Match': tag}), status)
                self.active(lb['id'])
                wait.until(lambda p=parent, t=tag: self.tag(p)[:33] != t[:33],
                           f'{parent} has another tag', 10)
                with self.nothing_changes():
                    self.assert_status(self.call(method, path, body,
                                                 {'If-Match': tag}), 412)

    def test_new_load_balancer(self):
        """A load balancer that is not there yet matches no tag; the answer to
        its POST has the one that it has"""
        body = {'loadbalancer': {'vip_subnet_id': self.stand.subnet['n1'],
                                 'listeners': [{'protocol': 'TCP',
                                                'protocol_port': 80}]}}
        with self.nothing_changes():
            self.assert_status(self.call('POST', '/loadbalancers', body,
                                         {'If-Match': '*'}), 412)
        reply = self.call('POST', '/loadbalancers', body,
                          {'If-None-Match': '*'})
        self.assert_status(reply, 201)
        lb = self.active(reply.body['loadbalancer']['id'])
        self.assertEqual(self.tag('/loadbalancers/' + lb['id'])[:33],
                         reply.headers['ETag'][:33])

    def test_race(self):
        """Of any number of clients that change what has the same tag, one
        does, on two copies of the API"""
        lb = self.make_lb(name='start')
        other = self.start_own_api('api-tags')
        self.stand.wait_api(other)
        for round_ in range(5):
            tag = self.tag('/loadbalancers/' + lb['id'])
            replies = []

            def change(number, tag=tag, round_=round_, replies=replies):
                rest = client.Rest((self.stand.api, other)[number % 2].port)
                replies.append(rest.request(
                    'PUT', f'{apitest.LBAAS}/loadbalancers/{lb["id"]}',
                    {'loadbalancer': {'name': f'{round_}-{number}'}},
                    {'If-Match': tag}))
                rest.close()
            threads = [threading.Thread(target=change, args=(number,))
                       for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            statuses = sorted(reply.status for reply in replies)
            self.assertEqual(statuses, [200] + 7 * [412])
            won, = (reply for reply in replies if reply.status == 200)
            self.assertEqual(self.active(lb['id'])['name'],
                             won.body['loadbalancer']['name'])

    def test_quota(self):
        """A quota has a tag, which a change may depend on"""
        path = '/quotas/tagged'
        tag = self.tag(path)
        self.assert_status(self.call('GET', path, None,
                                     {'If-None-Match': tag}), 304)
        self.addCleanup(self.call, 'DELETE', path)
        new = self.put(path, {'quota': {'pool': 5}}, If_Match=tag)
        self.assert_status(new, 202)
        self.assertEqual(new.headers['ETag'], self.tag(path))
        for method, body in (('PUT', {'quota': {'pool': 6}}),
                             ('DELETE', None)):
            self.assert_fault(self.call(method, path, body,
                                        {'If-Match': tag}), 412,
                              FAILED.format('If-Match'))
        self.assertEqual(self.rest.get(path)['pool'], 5)
        self.assert_status(self.call('DELETE', path, None, {
            'If-Match': new.headers['ETag']}), 202)
        wait.until(lambda: self.tag(path) == tag, 'the quota is as it was', 5)

    def test_network(self):
        """What is answered from OVN has a tag, too"""
        path = '/v2.0/networks/' + self.stand.network['n1']
        reply = self.rest.request('GET', path)
        self.assert_status(reply, 200)
        self.assert_status(self.rest.request('GET', path, None, {
            'If-None-Match': reply.headers['ETag']}), 304)


if __name__ == '__main__':
    unittest.main()
