#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What Octavia and OVN_Octavia have lost of each other, and how they find it
again."""

import json
import socket
import re
import time
import unittest

from octavia_lib.api.drivers import data_models

import agenttest
from agenttest import listener_model, member_model, new_id, pool_model
import octaviatest
from octaviatest import OctaviaTest
from lib import driveragent, octaviaapi, wait

HOUR_US = 3600 * 1000000
# Reports that the agent has under way at once: OCTAVIA_CALLS_MAX.
N_AT_ONCE = 8


class Settle(OctaviaTest):
    """An Octavia whose API can be asked."""

    def setUp(self):
        super().setUp()
        self.web = octaviaapi.OctaviaApi().start()
        self.addCleanup(self.web.stop)
        self.there.models.clear()
        with open(self.stand.conf, encoding='utf-8') as file:
            self.plain_conf = file.read()
        self.write_conf(self.plain_conf + self.web.conf())
        self.addCleanup(self.restart)
        self.addCleanup(self.write_conf, self.plain_conf)

    def write_conf(self, text):
        with open(self.stand.conf, 'w', encoding='utf-8') as file:
            file.write(text)

    def restart(self):
        self.stand.agent.process.stop()
        self.stand.agent.start()
        self.stand.agent.wait_ready()

    # What Octavia has.

    def has(self, model, kind='loadbalancers', key=None, state='ACTIVE'):
        """It is listed, the get socket has it, and it is in this state."""
        key = key or model.loadbalancer_id
        self.there.models[kind, key] = model.to_dict(recurse=True,
                                                     render_unsets=True)
        self.lists(kind, key, state)

    def lists(self, path, key, state):
        items = self.web.lists.setdefault(path, [])
        items[:] = [item for item in items if item['id'] != key]
        items.append({'id': key, 'provisioning_status': state})
        self.there.know(key, state=(state, 'ONLINE'))

    def tree(self, lb_id=None, **attributes):
        """The model of a load balancer with all below it."""
        lb_id = lb_id or new_id()
        pool = pool_model(lb_id)
        member = member_model(pool.pool_id)
        pool.members = [member]
        listener = listener_model(lb_id, default_pool_id=pool.pool_id)
        lb = data_models.LoadBalancer(
            loadbalancer_id=lb_id, project_id=agenttest.PROJECT,
            admin_state_up=True, vip_address='10.1.0.77',
            vip_network_id=self.stand.network['n1'],
            vip_subnet_id=self.stand.subnet['n1'], vip_port_id=new_id(),
            listeners=[listener], pools=[pool], **attributes)
        return lb, listener, pool, member

    def keys(self, lb, listener, pool, member):
        return (lb.loadbalancer_id, listener.listener_id, pool.pool_id,
                member.member_id)

    def wait_all_active(self, keys):
        for key in keys:
            self.wait_state(key, 'ACTIVE', 20)


class Found(Settle):

    def test_import(self):
        """load balancers that only Octavia has are imported at the start"""
        trees = [self.tree(name=f'lb{number}') for number in range(3)]
        for number, tree in enumerate(trees):
            tree[0].vip_address = f'10.1.0.{80 + number}'
            for key in self.keys(*tree)[1:]:
                self.there.know(key, state=('ACTIVE', 'ONLINE'))
            self.has(tree[0])
        self.restart()
        for number, tree in enumerate(trees):
            key = tree[0].loadbalancer_id
            wait.until(lambda key=key: self.call(
                'GET', '/loadbalancers/' + key).status == 200,
                'it is imported', 10)
            shown = self.active(key)
            self.assertEqual(shown['name'], f'lb{number}')
            self.assertEqual(shown['vip_address'], f'10.1.0.{80 + number}')
            shown = self.rest.get('/listeners/' + tree[1].listener_id)
            self.assertEqual(shown['default_pool_id'], tree[2].pool_id)
            self.assertIn(tree[3].member_id, self.shown_members(tree[2]))
            self.wait_told(key)

    def test_left_over(self):
        """what Octavia has created below what is gone is reported gone"""
        self.restart()
        keys, (lb, *_) = self.told_tree()
        listener, pool = listener_model(lb['id'], port=81), pool_model(
            lb['id'])
        others = listener_model(new_id())
        for kind, key, model in (
                ('listeners', listener.listener_id, listener),
                ('listeners', others.listener_id, others),
                ('pools', pool.pool_id, pool)):
            self.has(model, kind, key, state='PENDING_CREATE')
        self.allow_log(r'strays\|WARN\|Octavia has created')
        self.provider.loadbalancer_delete(self.lb_model(lb['id'], {}),
                                          cascade=True)
        for key in (listener.listener_id, pool.pool_id):
            wait.until(lambda key=key: self.there.state(key) is None,
                       'Octavia knows that it is gone', 20)
        self.assertEqual(self.there.state(others.listener_id),
                         'PENDING_CREATE')
        wait.until(lambda: self.report(lb['id']) is None, 'nothing is owed')

    def test_security_groups(self):
        """security groups that nobody enforces are in the log"""
        tree = self.tree(name='guarded')
        key, group = tree[0].loadbalancer_id, new_id()
        self.has(tree[0])
        for name in self.keys(*tree)[1:]:
            self.there.know(name, state=('ACTIVE', 'ONLINE'))
        self.there.models['loadbalancers', key]['vip_sg_ids'] = [group]
        line = (rf'WARN\|load balancer {key}: Octavia has security groups for '
                rf'its VIP \(vip_sg_ids: {group}\)')
        self.allow_log(line)
        self.restart()
        wait.until(lambda: re.search(line, self.stand.agent.log_text()),
                   'the agent says so', 10)
        wait.until(lambda: self.call(
            'GET', '/loadbalancers/' + key).status == 200, 'it is imported',
            10)
        self.assertEqual(self.active(key)['vip_sg_ids'], [])
        self.wait_told(key)

    def test_stuck(self):
        """what Octavia waits for, and nobody here works on, is settled"""
        keys, (lb, *_) = self.told_tree()
        tree = self.tree(lb['id'], name='lost')
        tree[0].vip_address = lb['vip_address']
        tree[0].vip_port_id = lb['vip_port_id']
        self.has(tree[0], state='PENDING_UPDATE')
        for key in self.keys(*tree)[1:]:
            self.there.know(key)
        self.restart()
        self.wait_all_active(self.keys(*tree))
        self.assertEqual(self.active(lb['id'])['name'], 'lost')
        self.wait_told(lb['id'])

    def waiting_member(self):
        """A told tree of which Octavia has the member still PENDING."""
        keys, (lb, listener, pool, member) = self.told_tree()
        pool.members = [member]
        self.has(self.lb_model(
            lb['id'], {name: lb[name] for name in (
                'vip_address', 'vip_port_id', 'vip_network_id',
                'vip_subnet_id')}, pools=[pool], listeners=[listener]))
        self.there.know(member.member_id, state=('PENDING_UPDATE', 'ONLINE'))
        self.web.trees[lb['id']] = {member.member_id: 'PENDING_UPDATE'}
        return lb['id'], member.member_id

    def test_stuck_child(self):
        """so is what it waits for below a load balancer that is ACTIVE"""
        lb_id, member_id = self.waiting_member()
        self.stand.agent.process.stop()
        self.set_row('loadbalancer', lb_id, updated_at=0, created_at=0)
        self.restart()
        wait.until(lambda: self.is_settled(lb_id), 'it is settled', 20)
        self.wait_state(member_id, 'ACTIVE')
        self.wait_told(lb_id)

    def test_passing_child(self):
        """one that waits only for a moment is left alone"""
        lb_id, member_id = self.waiting_member()
        self.stand.agent.process.stop()
        self.set_row('loadbalancer', lb_id, updated_at=0, created_at=0)
        self.web.requests.clear()
        self.restart()
        path = f'/v2/lbaas/loadbalancers/{lb_id}/status'
        wait.until(lambda: path in self.web.requests, 'it was seen', 10)
        self.web.trees.clear()
        wait.until(lambda: self.web.requests.count(path) == 2,
                   'it was seen again', 20)
        self.assertFalse(self.is_settled(lb_id))

    def test_reports_first(self):
        """a close look gives way to reports that need all Octavia can take"""
        self.allow_log(r'report failed \(cut off\)')
        lb_id, _ = self.waiting_member()
        others = [self.make_lb()['id'] for _ in range(N_AT_ONCE + 1)]
        for key in others:
            self.wait_told(key)
        self.stand.agent.process.stop()
        self.set_row('loadbalancer', lb_id, updated_at=0, created_at=0)
        for key in others:
            self.set_report(key, digest='owed')
        self.there.messages.clear()
        self.web.requests.clear()
        self.there.on_status = lambda report: None
        self.restart()

        def is_behind():
            status = self.stand.agent.status()
            return (int(status['load balancers to report']) > N_AT_ONCE
                    and status['load balancers to settle'] != '0')
        wait.until(is_behind, 'reports and a look are due', 20)
        path = f'/v2/lbaas/loadbalancers/{lb_id}/status'
        self.assertNotIn(path, self.web.requests)
        self.there.on_status = lambda report: driveragent.OK
        self.there.release()
        wait.until(lambda: path in self.web.requests, 'it is looked at', 30)

    def test_rests(self):
        """close looks leave a slow Octavia most of its time: one is under way
        at a time, and none begins before three times as long has passed"""
        slow = 0.3
        keys = {self.make_lb()['id'] for _ in range(5)}
        for key in keys:
            self.wait_told(key)
        begun = {}

        def answer(question):
            begun.setdefault(question['id'], time.monotonic())
            time.sleep(slow)
            return {}
        self.there.on_get = answer
        self.restart()
        wait.until(lambda: keys <= set(begun), 'all are looked at', 60)
        times = sorted(begun.values())
        self.assertGreater(min(later - earlier for earlier, later
                               in zip(times, times[1:])), 4 * slow)

    def is_settled(self, lb_id):
        return (f'load balancer {lb_id}: Octavia waits for it'
                in self.stand.agent.log_text())

    def test_lost_delete(self):
        """what Octavia waits to see gone is deleted"""
        keys, (lb, listener, pool, member) = self.told_tree()
        pool.members = [member]
        model = self.lb_model(
            lb['id'], {name: lb[name] for name in (
                'vip_address', 'vip_port_id', 'vip_network_id',
                'vip_subnet_id')}, pools=[pool], listeners=[listener])
        self.has(model, state='PENDING_UPDATE')
        self.lists('pools', pool.pool_id, 'PENDING_UPDATE')
        self.lists(f'pools/{pool.pool_id}/members', member.member_id,
                   'PENDING_DELETE')
        self.restart()
        wait.until(lambda: self.there.state(member.member_id) is None,
                   'the member is gone', 20)
        self.wait_state(lb['id'], 'ACTIVE')
        self.assertEqual(self.shown_members(pool), {})
        self.assertEqual(self.there.state(pool.pool_id), 'ACTIVE')

    def test_lost_lb_delete(self):
        """a load balancer that was to be deleted is, here and there"""
        keys, (lb, *_) = self.told_tree()
        tree = self.tree(lb['id'])
        self.has(tree[0], state='PENDING_DELETE')
        other = self.tree()
        self.has(other[0], state='PENDING_DELETE')
        self.restart()
        for key in (lb['id'], other[0].loadbalancer_id):
            wait.until(lambda key=key: self.there.state(key) is None,
                       'it is gone in Octavia', 20)
            self.wait_deleted('/loadbalancers/' + key)

    def test_busy(self):
        """what is being worked on is left alone"""
        keys, (lb, *_) = self.told_tree()
        tree = self.tree(lb['id'], name='not this')
        self.has(tree[0], state='PENDING_UPDATE')
        with self.frozen_driver():
            self.provider.loadbalancer_update(
                self.lb_model(lb['id'], {}),
                self.lb_model(lb['id'], {}, name='but this'))
            self.restart()
            wait.until(lambda: any(
                request.startswith('/v2/lbaas/loadbalancers?')
                and f'marker={lb["id"]}' in request
                for request in self.web.requests), 'it was seen', 10)
            self.assertNotRegex(self.stand.agent.log_text(),
                                lb['id'] + ': .*made as Octavia has it')
        self.assertEqual(self.active(lb['id'])['name'], 'but this')

    def test_no_api(self):
        """an API that is away is said once, and asked again"""
        self.allow_log(r'repair\|WARN\|Octavia.s API does not say')
        self.web.fault = 404
        self.restart()
        wait.until(lambda: "Octavia's API does not say"
                   in self.stand.agent.log_text(), 'it is said', 10)

    def test_circles(self):
        """an API that pages in circles is not followed for ever"""
        self.allow_log(r'repair\|WARN\|Octavia.s API does not say')
        self.has(self.tree()[0])
        self.web.circles = True
        self.restart()
        wait.until(lambda: "Octavia's API does not say"
                   in self.stand.agent.log_text(), 'it is said', 10)

    def test_no_service_auth(self):
        """without [service_auth] that is said, and the rest works"""
        self.allow_log(r'repair\|WARN\|not looking for what Octavia waits '
                       r'for: there is no section \[service_auth\]')
        self.write_conf(self.plain_conf)
        self.stand.agent.skip_log()
        self.restart()
        tree = self.tree()
        self.has(tree[0])
        self.provider.loadbalancer_update(
            tree[0], data_models.LoadBalancer(
                loadbalancer_id=tree[0].loadbalancer_id, name='asked for'))
        self.assertEqual(self.active(tree[0].loadbalancer_id)['name'],
                         'asked for')


class OnDemand(Settle):

    def test_member(self):
        """a call about what is unknown here imports its load balancer"""
        lb, listener, pool, member = self.tree()
        self.restart()
        self.there.models['pools', pool.pool_id] = pool.to_dict(
            recurse=True, render_unsets=True)
        self.has(lb)
        second = member_model(pool.pool_id, port=8888)
        self.provider.member_create(second)
        self.active(lb.loadbalancer_id)
        self.assertEqual(set(self.shown_members(pool)),
                         {member.member_id, second.member_id})


class RolledBack(Settle):

    def age(self, kind, key, us=2 * 60 * 1000000):
        then = time.time_ns() // 1000 - us
        self.set_row(kind, key, created_at=then, updated_at=then)

    def owe(self, lb_id):
        """As if the agent had died with this."""
        self.set_report(lb_id, digest='owed')

    def test_lb(self):
        """a load balancer that Octavia rolled back is removed"""
        self.there.on_status = lambda report: octaviatest.driveragent.OK
        lb = self.make_lb()
        old = self.make_lb()
        new = self.make_lb()
        for key in (lb['id'], old['id'], new['id']):
            self.wait_told(key)
        self.stand.agent.process.stop()
        self.age('loadbalancer', lb['id'])
        self.age('loadbalancer', old['id'], 2 * HOUR_US)
        for key in (lb['id'], old['id'], new['id']):
            self.owe(key)
        self.restart()
        self.wait_deleted('/loadbalancers/' + lb['id'])
        # One that is old is somebody else's decision; one that is new may
        # still be on its way into Octavia's database.
        self.active(old['id'])
        self.active(new['id'])
        self.assertEqual(self.there.reports_of(lb['id'])[-1:][0].get(
            'provisioning_status'), 'ACTIVE')

    def test_unlisted(self):
        """also if everything was reported, but Octavia does not list it"""
        lb = self.make_lb()
        old = self.make_lb()
        for key in (lb['id'], old['id']):
            self.wait_told(key)
        self.stand.agent.process.stop()
        self.age('loadbalancer', lb['id'])
        self.age('loadbalancer', old['id'], 2 * HOUR_US)
        self.restart()
        self.wait_deleted('/loadbalancers/' + lb['id'])
        self.active(old['id'])

    def test_undelivered(self):
        """a call whose caller does not wait for the answer is in doubt"""
        keys, (lb, _, pool, _) = self.told_tree()
        member = member_model(pool.pool_id, port=8081)
        request = json.dumps({'call': 'member_create', 'args': {
            'member': member.to_dict()}}).encode()
        caller = socket.socket(socket.AF_UNIX)
        caller.connect(self.stand.agent.socket)
        caller.sendall(b'%d\n%s' % (len(request), request))
        caller.close()
        wait.until(lambda: member.member_id in self.shown_members(pool),
                   'it was accepted', 5)
        wait.until(lambda: f'call about load balancer {lb["id"]}'
                   in self.stand.agent.log_text(), 'it is in doubt', 5)

    def restart_with(self, lb, listener, pool, *members):
        """A new agent, and an Octavia that has the load balancer so."""
        self.stand.agent.process.stop()
        self.age('loadbalancer', lb['id'])
        pool.members = list(members)
        self.has(self.lb_model(
            lb['id'], {name: lb[name] for name in (
                'vip_address', 'vip_port_id', 'vip_network_id',
                'vip_subnet_id')}, pools=[pool], listeners=[listener]))
        self.restart()

    def update_weight(self, lb, member, weight):
        self.provider.member_update(member, data_models.Member(
            member_id=member.member_id, weight=weight))
        self.active(lb['id'])

    def wait_weight(self, pool, member, weight):
        wait.until(lambda: self.shown_members(pool)[member.member_id]
                   ['weight'] == weight, f'its weight is {weight}', 20)

    def test_child(self):
        """so is what was rolled back below one that stays"""
        keys, (lb, listener, pool, member) = self.told_tree()
        self.restart_with(lb, listener, pool)
        wait.until(lambda: self.shown_members(pool) == {},
                   'the member is gone', 20)
        self.active(lb['id'])

    def test_update(self):
        """an update that Octavia rolled back is taken back"""
        keys, (lb, listener, pool, member) = self.told_tree()
        self.update_weight(lb, member, 7)
        self.wait_told(lb['id'])
        self.restart_with(lb, listener, pool, member)
        self.wait_weight(pool, member, 1)
        self.active(lb['id'])

    def test_delete(self):
        """so is a deletion"""
        keys, (lb, listener, pool, member) = self.told_tree()
        self.provider.member_delete(member)
        self.active(lb['id'])
        self.wait_told(lb['id'])
        self.there.know(member.member_id, state=('ACTIVE', 'ONLINE'))
        self.restart_with(lb, listener, pool, member)
        wait.until(lambda: member.member_id in self.shown_members(pool),
                   'it is there again', 20)
        self.active(lb['id'])

    def test_under_way(self):
        """nothing is, as long as Octavia's call is not over"""
        self.allow_log(r'reporter\|WARN\|')
        keys, (lb, listener, pool, member) = self.told_tree()
        # It locks the load balancer: nobody can report its state meanwhile.
        self.there.on_status = lambda report: None
        self.update_weight(lb, member, 7)
        self.there.questions.clear()
        self.restart_with(lb, listener, pool, member)
        wait.until(lambda: len(self.web.requests) >= 2, 'it looks', 20)
        time.sleep(1)
        self.assertEqual(self.there.questions, [])
        self.assertEqual(self.shown_members(pool)[member.member_id]['weight'],
                         7)
        self.there.on_status = lambda report: octaviatest.driveragent.OK
        self.there.release()
        self.wait_told(lb['id'], 60)
        self.wait_weight(pool, member, 1)


class Reservations(Settle):

    def make_old(self, lb_id):
        self.set_report(lb_id, reserved_at=time.time_ns() // 1000 - HOUR_US)

    def test_given_back(self):
        """a VIP for a load balancer that never came is given back"""
        lb_id, _, _ = self.create_vip()
        young, _, _ = self.create_vip()
        self.make_old(lb_id)
        self.restart()
        self.wait_deleted('/loadbalancers/' + lb_id)
        wait.until(lambda: self.report(lb_id) is None, 'nothing is owed', 10)
        self.assertEqual(self.there.reports_of(lb_id), [])
        self.assertTrue(self.report(young)['reserved_at'])

    def test_followed(self):
        """one that did come, but was lost on its way, is created"""
        lb_id, vip, _ = self.create_vip()
        self.make_old(lb_id)
        self.has(self.lb_model(lb_id, vip, name='late'))
        self.restart()
        wait.until(lambda: not self.report(lb_id)['reserved_at'],
                   'it is no reservation any more', 10)
        self.assertEqual(self.active(lb_id)['name'], 'late')


if __name__ == '__main__':
    unittest.main()
