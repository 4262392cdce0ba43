#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A call may come twice, and the agent may die at any time: what Octavia was
told is true, once."""

import concurrent.futures
import contextlib
import unittest
from unittest import mock

from octavia_lib.api.drivers import data_models, exceptions

import agenttest
from agenttest import (listener_model, member_model, monitor_model,
                       pool_model)
from lib import daemons, wait
from ovn_octavia_plugin import client

# An octavia-lib that has no conflict says that it is the driver's error.
client_fault = getattr(exceptions, 'Conflict', exceptions.DriverError)


class Repeats(agenttest.AgentTest):

    def test_every_call(self):
        """every call may be made twice"""
        lb_id, vip, _ = self.create_vip()
        self.assertEqual(self.create_vip(lb_id), (lb_id, vip, []))
        lb = self.lb_model(lb_id, vip, name='twice')
        listener, pool = listener_model(lb_id), pool_model(lb_id)
        pool.listener_id = listener.listener_id
        member = member_model(pool.pool_id)
        monitor = monitor_model(pool.pool_id)
        calls = (
            ('loadbalancer_create', lb),
            ('listener_create', listener),
            ('pool_create', pool),
            ('member_create', member),
            ('health_monitor_create', monitor),
            ('loadbalancer_update', lb, data_models.LoadBalancer(
                loadbalancer_id=lb_id, description='d')),
            ('listener_update', listener, data_models.Listener(
                listener_id=listener.listener_id, name='n')),
            ('pool_update', pool, data_models.Pool(
                pool_id=pool.pool_id, name='n')),
            ('member_update', member, data_models.Member(
                member_id=member.member_id, name='n')),
            ('health_monitor_update', monitor, data_models.HealthMonitor(
                healthmonitor_id=monitor.healthmonitor_id, delay=9)),
            ('member_batch_update', pool.pool_id, [member]),
            ('health_monitor_delete', monitor),
            ('member_delete', member),
            ('pool_delete', pool),
            ('listener_delete', listener),
            ('loadbalancer_delete', lb))
        for method, *args in calls:
            for _ in range(2):
                getattr(self.provider, method)(*args)
            if method != 'loadbalancer_delete':
                shown = self.active(lb_id)
                self.assertEqual(shown['name'], 'twice', method)
        self.wait_deleted('/loadbalancers/' + lb_id)
        self.provider.loadbalancer_delete(lb)
        self.assertEqual(self.report(lb_id)['deleted'], {
            lb_id: 'loadbalancers', listener.listener_id: 'listeners',
            pool.pool_id: 'pools', member.member_id: 'members',
            monitor.healthmonitor_id: 'healthmonitors'})

    def assert_conflict(self, kind, key, method, *args):
        with self.assertRaises(client_fault) as caught:
            getattr(self.provider, method)(*args)
        self.assertEqual(caught.exception.user_fault_string,
                         f'{kind} {key} is immutable and cannot be updated.')

    def test_child_of_leaving(self):
        """nothing is created below what is being deleted, or just was"""
        lb, listener, pool, _ = self.make_tree()
        other = self.make_pool(lb)
        with self.frozen_driver():
            self.provider.pool_delete(other)
            for method, model in (
                    ('member_create', member_model(other.pool_id)),
                    ('health_monitor_create', monitor_model(other.pool_id))):
                self.assert_conflict('Pool', other.pool_id, method, model)
            self.provider.loadbalancer_delete(self.lb_model(lb['id'], {}),
                                              cascade=True)
            calls = (
                ('listener_create', listener_model(lb['id'], port=81)),
                ('pool_create', pool_model(lb['id'])),
                ('pool_create', pool_model(
                    lb['id'], listener_id=listener.listener_id)),
                ('member_create', member_model(pool.pool_id, port=81)),
                ('member_batch_update', pool.pool_id, [
                    member_model(pool.pool_id, port=82)]),
                ('health_monitor_create', monitor_model(pool.pool_id)))
            for call in calls:
                self.assert_conflict('Load Balancer', lb['id'], *call)
        self.wait_deleted('/loadbalancers/' + lb['id'])
        # Octavia may not have heard of it yet.
        for call in calls[:3]:
            self.assert_conflict('Load Balancer', lb['id'], *call)
        self.assertEqual(self.rest.get('/listeners'), [])
        self.assertEqual(self.rest.get('/pools'), [])

    def test_gone_already(self):
        """to delete what is gone settles its parents all the same"""
        lb, _, pool, member = self.make_tree()
        for model, method in ((member, 'member_delete'),
                              (pool, 'pool_delete')):
            getattr(self.provider, method)(model)
            self.active(lb['id'])
            with self.frozen_driver():
                getattr(self.provider, method)(model)
                self.assertEqual(
                    self.row('Load_Balancer', lb['id'])[
                        'provisioning_status'], 'PENDING_UPDATE')
            self.active(lb['id'])
        del pool

    def test_taken_up_again(self):
        """what Octavia has after all is deleted no longer"""
        lb, listener, _, _ = self.make_tree()
        key = listener.listener_id
        with self.frozen_driver():
            self.provider.listener_delete(listener)
            self.assertEqual(self.report(lb['id'])['deleted'],
                             {key: 'listeners'})
            self.provider.listener_create(listener)
            self.assertEqual(self.report(lb['id'])['deleted'], {})
        self.active(lb['id'])
        self.assertEqual(self.shown('listeners', key)[
            'provisioning_status'], 'ACTIVE')


class Deaths(agenttest.AgentTest):

    def setUp(self):
        super().setUp()
        self.allow_log(r'fatal_signal\|WARN', *daemons.CONNECTION_LOST)
        self.lb = self.make_lb()
        self.pool = self.make_pool(self.lb)

    @contextlib.contextmanager
    def calling(self, method, *args):
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            yield pool.submit(getattr(self.provider, method), *args)

    def start_agent(self):
        self.stand.agent.start()
        self.stand.agent.wait_ready()

    def test_killed_in_a_call(self):
        """if the agent is killed in the middle of a call, the next one
        answers it"""
        member = member_model(self.pool.pool_id)
        self.stand.octavia.process.freeze()
        try:
            with self.calling('member_create', member) as call:
                wait.until(lambda: self.stand.agent.status()['under way']
                           == '1', 'the call is under way')
                self.stand.agent.kill()
                self.stand.octavia.process.thaw()
                self.assertFalse(call.done())
                self.start_agent()
                call.result(20 * wait.SLOWNESS)
        finally:
            self.stand.octavia.process.thaw()
        self.active(self.lb['id'])
        self.assertEqual(list(self.shown_members(self.pool)),
                         [member.member_id])

    def test_killed_all_the_time(self):
        """no call is lost while the agent is killed again and again"""
        members = [member_model(self.pool.pool_id, port=number)
                   for number in range(1, 41)]

        def create_all():
            for member in members:
                self.provider.member_create(member)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            creating = pool.submit(create_all)
            for _ in range(5):
                n = int(self.stand.agent.status()['calls'])
                with contextlib.suppress(wait.DeadlinePassed):
                    wait.until(lambda: creating.done() or int(
                        self.stand.agent.status()['calls']) > n + 3,
                        'some calls', 10, 0.001)
                self.stand.agent.kill()
                self.start_agent()
            creating.result(60 * wait.SLOWNESS)
        self.active(self.lb['id'])
        self.assertEqual(set(self.shown_members(self.pool)),
                         {member.member_id for member in members})

    def test_killed_while_the_vip_is_made(self):
        """if the agent is killed while it waits for a VIP, the next one
        waits for the same"""
        lb_id = agenttest.new_id()
        with self.frozen_driver():
            with self.calling('create_vip_port', lb_id, agenttest.PROJECT, {
                    'vip_subnet_id': self.stand.subnet['n1'],
                    'vip_network_id': self.stand.network['n1']}, []) as call:
                wait.until(lambda: self.row('Load_Balancer', lb_id),
                           'the reservation is there')
                self.stand.agent.kill()
                self.start_agent()
                self.stand.driver.process.thaw()
                vip, _ = call.result(20 * wait.SLOWNESS)
        self.provider.loadbalancer_create(self.lb_model(lb_id, vip))
        self.assertEqual(self.active(lb_id)['vip_address'],
                         vip['vip_address'])

    def test_away(self):
        """without an agent a call fails, and the text says what to look
        at"""
        self.stand.agent.stop()
        try:
            with mock.patch.object(client, 'PATIENCE_S', 0.5):
                with self.assertRaises(exceptions.DriverError) as caught:
                    self.provider.pool_create(pool_model(self.lb['id']))
        finally:
            self.start_agent()
        for text in ('Is ovn-octavia-agent running', 'enabled_provider_agents',
                     self.stand.agent.socket):
            self.assertIn(text, caught.exception.user_fault_string)

    def test_database_away(self):
        """a database that goes away and comes back is waited for"""
        pool = pool_model(self.lb['id'])
        self.stand.octavia.stop()
        with self.calling('pool_create', pool) as call:
            wait.until(lambda: self.stand.agent.status()['under way'] == '1',
                       'the call is under way')
            self.stand.octavia.start()
            call.result(30 * wait.SLOWNESS)
        self.active(self.lb['id'])
        self.shown('pools', pool.pool_id)


if __name__ == '__main__':
    unittest.main()
