#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Many clients at once, on one API process and on two with one database:
what can be had once is had once, and nobody is told what is not so."""

import threading
import unittest

import apitest

from lib import client, daemons, wait

CLIENTS = 32


class Races(apitest.ApiTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stand = cls.stand
        cls.second = daemons.Api(stand.rundir, stand.octavia.remote,
                                 stand.nb.remote, name='api2').start()
        cls.addClassCleanup(cls.second.stop)
        stand.wait_api(cls.second)

    def setUp(self):
        super().setUp()
        self.second.skip_log()
        self.addCleanup(lambda: self.assertEqual(
            self.second.complaints(self.allowed)
            + self.second.sanitizer_reports(), []))

    def wait_known(self):
        """Waits until each API has heard of what the other did."""
        second = client.Api(self.second.port)
        self.addCleanup(second.close)
        wait.until(lambda: second.get('/loadbalancers')
                   == self.rest.get('/loadbalancers'), 'both know the same',
                   10, 0.002)

    def race(self, request, both=True):
        """Calls request(i), which returns (method, path, body), for each
        client; sends all at once; returns the replies."""
        ports = [self.stand.api.port] + [self.second.port] * both
        if both:
            self.wait_known()
        replies = [None] * CLIENTS
        barrier = threading.Barrier(CLIENTS)

        def run(i):
            rest = client.Rest(ports[i % len(ports)])
            rest.request('GET', '/')
            method, path, body = request(i)
            barrier.wait(10 * wait.SLOWNESS)
            replies[i] = rest.request(method, apitest.LBAAS + path, body)
            rest.close()
        threads = [threading.Thread(target=run, args=(i,))
                   for i in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertNotIn(None, replies)
        if both:
            self.wait_known()
        return replies

    def listener(self, lb, port):
        return 'POST', '/listeners', {'listener': {
            'loadbalancer_id': lb['id'], 'protocol': 'TCP',
            'protocol_port': port}}

    def wait_one(self):
        """Waits until what was refused is gone, and one is left."""
        wait.until(lambda: len(self.rest.get('/loadbalancers')) == 1,
                   'one load balancer is left', 3, 0.01)
        self.settle()
        self.assertEqual(len(self.rest.get('/loadbalancers')), 1)

    def assert_one_winner(self, replies, lb):
        statuses = sorted(reply.status for reply in replies)
        self.assertEqual(statuses, [201] + [409] * (CLIENTS - 1))
        for reply in replies:
            if reply.status == 409:
                self.assert_fault(reply, 409, f'Load Balancer {lb["id"]} is '
                                  'immutable and cannot be updated.')

    def test_one_per_active_period(self):
        """of 32 creates at once below one load balancer one wins"""
        lb = self.make_lb()
        for both in (False, True):
            for turn in range(5):
                with self.subTest(both=both, turn=turn):
                    with self.frozen_driver():
                        base = 1000 + turn * 100 + both * 1000
                        replies = self.race(
                            lambda i: self.listener(lb, base + i), both)
                        self.assert_one_winner(replies, lb)
                    self.active(lb['id'])
        self.assertEqual(len(self.rest.get('/listeners')), 10)

    def test_members(self):
        """of 32 members at once one wins, and the pool tells the others"""
        lb = self.make_lb()
        pool = self.make_pool(lb)
        path = f'/pools/{pool["id"]}/members'
        with self.frozen_driver():
            replies = self.race(lambda i: ('POST', path, {'member': {
                'address': '10.1.0.50', 'protocol_port': 1 + i}}))
        self.assertEqual(sorted(reply.status for reply in replies),
                         [201] + [409] * (CLIENTS - 1))
        self.active(lb['id'])
        self.assertEqual(len(self.rest.get(path)), 1)

    def test_answers_are_true(self):
        """with the driver at work, what was answered 201 is there once"""
        lb = self.make_lb()
        created = []
        for turn in range(5):
            replies = self.race(
                lambda i: self.listener(lb, 1000 + turn * 100 + i))
            created += [reply.body['listener']['id'] for reply in replies
                        if reply.status == 201]
            self.assertLessEqual({reply.status for reply in replies},
                                 {201, 409})
            self.active(lb['id'])
        self.assertGreaterEqual(len(created), 5)
        listeners = self.rest.get('/listeners')
        self.assertEqual(sorted(item['id'] for item in listeners),
                         sorted(created))
        ports = [item['protocol_port'] for item in listeners]
        self.assertEqual(len(set(ports)), len(ports))

    def test_same_port(self):
        """one port asked for by 32 clients becomes one listener"""
        lb = self.make_lb()
        for port in range(80, 85):
            replies = self.race(lambda _: self.listener(lb, port))
            self.assertEqual(sorted(reply.status for reply in replies),
                             [201] + [409] * (CLIENTS - 1))
            self.active(lb['id'])
        self.assertEqual(sorted(item['protocol_port'] for item in
                                self.rest.get('/listeners')),
                         list(range(80, 85)))

    def test_same_member(self):
        """one member asked for by 32 clients is one member"""
        lb = self.make_lb()
        pool = self.make_pool(lb)
        path = f'/pools/{pool["id"]}/members'
        replies = self.race(lambda _: ('POST', path, {'member': {
            'address': '10.1.0.50', 'protocol_port': 80}}))
        self.assertEqual(sorted(reply.status for reply in replies),
                         [201] + [409] * (CLIENTS - 1))
        self.active(lb['id'])
        self.assertEqual(len(self.rest.get(path)), 1)

    def test_same_vip(self):
        """one address asked for by 32 clients is given to one"""
        replies = self.race(lambda _: ('POST', '/loadbalancers', {
            'loadbalancer': {'vip_subnet_id': self.stand.subnet['n1'],
                             'vip_address': '10.1.0.123'}}))
        self.assertEqual(sorted(reply.status for reply in replies),
                         [201] + [409] * (CLIENTS - 1))
        for reply in replies:
            if reply.status == 409:
                self.assertTrue(reply.fault.startswith(
                    'The VIP IP address is already in use: '), reply)
        self.wait_one()

    def test_same_vip_port(self):
        """one port asked for by 32 clients is given to one"""
        # Two processes must err at the same moment: give them chances.
        for _ in range(5):
            replies = self.race(lambda _: ('POST', '/loadbalancers', {
                'loadbalancer': {'vip_port_id': self.stand.port['free']}}))
            winners = [reply.body['loadbalancer']['id'] for reply in replies
                       if reply.status == 201]
            self.assertEqual(len(winners), 1)
            self.wait_one()
            self.rest.delete('/loadbalancers/' + winners[0])
            self.wait_gone('/loadbalancers/' + winners[0])

    def test_vip_port_refused_for_good(self):
        """a load balancer whose port another one has never becomes ACTIVE"""
        first = self.make_lb(None, vip_port_id=self.stand.port['free'])
        # As a second API process writes it that has not heard of the first.
        with self.stand.octavia.client() as db:
            db.transact({'op': 'insert', 'table': 'Load_Balancer', 'row': {
                'name': 'late', 'provisioning_status': 'PENDING_CREATE',
                'operating_status': 'OFFLINE', 'vip_vnic_type': 'normal',
                'provider': 'ovn', 'created_at': 10 ** 15, 'last_request':
                ['uuid', apitest.NO_ID], 'admin_state_up': True,
                'vip_address': first['vip_address'],
                **{key: ['uuid', first[key]] for key in (
                    'vip_port_id', 'vip_subnet_id', 'vip_network_id')}}})

        def state():
            return [late['provisioning_status'] for late
                    in self.rest.get('/loadbalancers?name=late')]
        wait.until(lambda: state() not in ([], ['PENDING_CREATE']),
                   'it is judged', 5, 0.002)
        with self.assertRaises(wait.DeadlinePassed):
            wait.until(lambda: state() == ['ACTIVE'], 'it is ACTIVE', 1, 0.01)
        self.assertEqual(state(), ['ERROR'])

    def test_any_vip(self):
        """32 clients at once get 32 addresses"""
        replies = self.race(lambda i: ('POST', '/loadbalancers', {
            'loadbalancer': {'vip_subnet_id': self.stand.subnet['n1'],
                             'name': str(i)}}))
        self.assertEqual({reply.status for reply in replies}, {201})
        self.assertEqual(len({reply.body['loadbalancer']['vip_address']
                              for reply in replies}), CLIENTS)

    def test_last_address(self):
        """the last address of a subnet is given to one of 32"""
        replies = self.race(lambda i: ('POST', '/loadbalancers', {
            'loadbalancer': {'vip_subnet_id': self.stand.subnet['full']}}))
        self.assertEqual([reply.status for reply in replies].count(201), 1)
        self.wait_one()

    def test_deletes(self):
        """of 32 deletes at once one is answered with 204"""
        for _ in range(3):
            lb = self.make_lb()
            replies = self.race(lambda _: (
                'DELETE', '/loadbalancers/' + lb['id'], None))
            statuses = [reply.status for reply in replies]
            self.assertEqual(statuses.count(204), 1)
            self.assertLessEqual(set(statuses), {204, 404, 409})
            self.wait_gone('/loadbalancers/' + lb['id'])

    def test_delete_and_create(self):
        """a create and a delete at once do not both win"""
        for _ in range(5):
            lb = self.make_lb()
            with self.frozen_driver():
                replies = self.race(lambda i: (
                    ('DELETE', '/loadbalancers/' + lb['id'], None) if i % 2
                    else self.listener(lb, 80)))
            statuses = [reply.status for reply in replies]
            self.assertEqual(
                sum(status in (201, 204) for status in statuses), 1)
            self.settle()
            shown = self.call('GET', '/loadbalancers/' + lb['id'])
            self.assertEqual(shown.status, 404 if 204 in statuses else 200)

    def test_updates(self):
        """of 32 updates at once the last winner's is what stays"""
        lb = self.make_lb()
        with self.frozen_driver():
            replies = self.race(lambda i: (
                'PUT', '/loadbalancers/' + lb['id'],
                {'loadbalancer': {'name': f'n{i}'}}))
            winner, = (reply for reply in replies if reply.status == 200)
        self.assertEqual(self.active(lb['id'])['name'],
                         winner.body['loadbalancer']['name'])

    def test_read_your_writes(self):
        """what one API process answered, it shows at once"""
        for i in range(20):
            created = self.rest.post('/loadbalancers', {'loadbalancer': {
                'vip_subnet_id': self.stand.subnet['n1'], 'name': str(i)}})
            shown = self.rest.get('/loadbalancers/' + created['id'])
            self.assertEqual(shown['name'], str(i))
            self.assertIn(created['id'], [
                item['id'] for item in self.rest.get('/loadbalancers')])


if __name__ == '__main__':
    unittest.main()
