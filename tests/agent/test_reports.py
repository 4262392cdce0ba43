#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What goes back to Octavia, and what happens if that does not work."""

import json
import random
import threading
import time
import unittest

from agenttest import AWAY, listener_model, member_model, new_id
from octaviatest import OctaviaTest
from lib import driveragent, wait

OK = driveragent.OK
FAILED = r'reporter\|WARN\|.*report failed'
REFUSED = r'reporter\|WARN\|.*Octavia refuses the state'


def frame(answer):
    text = json.dumps(answer).encode()
    return b'%d\n%s' % (len(text), text)


class WhatIsTold(OctaviaTest):

    def test_tree(self):
        """every object ends ACTIVE in Octavia, the load balancer last"""
        keys, _ = self.told_tree()
        for key in keys:
            self.assertEqual(self.there.state(key), 'ACTIVE')

        member = member_model(keys[2], port=8081)
        self.commit(keys[0], *keys[1:3],
                    state=('PENDING_UPDATE', 'ONLINE'))
        self.commit(member.member_id)
        self.provider.member_create(member)
        self.wait_state(keys[0], 'ACTIVE')
        for key in (*keys[1:3], member.member_id):
            self.assertEqual(self.there.state(key), 'ACTIVE')
        self.wait_told(keys[0])
        self.assertEqual(len(self.there.messages), 1)
        message, = self.there.messages
        self.assertEqual(set(message), {'members', 'pools', 'listeners',
                                        'loadbalancers'})
        self.assertEqual([record['id'] for record in message['members']],
                         [member.member_id])

    def test_share(self):
        """a call is reported within milliseconds"""
        keys, (lb, *_) = self.told_tree()
        seconds = []
        for port in range(9000, 9020):
            member = member_model(keys[2], port=port)
            self.commit(keys[0], *keys[1:3],
                        state=('PENDING_UPDATE', 'ONLINE'))
            self.commit(member.member_id)
            start = time.monotonic()
            self.provider.member_create(member)
            wait.until(lambda: self.there.state(keys[0]) == 'ACTIVE',
                       'ACTIVE', 10, 0.0005)
            seconds.append(time.monotonic() - start)
            self.active(lb['id'])
        seconds.sort()
        self.assertLess(seconds[10], 0.1)

    def test_deletion(self):
        """an object that is gone is gone in Octavia, too"""
        keys, (lb, _, pool, member) = self.told_tree()
        self.provider.member_delete(member)
        wait.until(lambda: self.there.state(keys[3]) is None, 'it is gone')
        self.wait_told(lb['id'])
        self.provider.pool_delete(pool)
        wait.until(lambda: self.there.state(keys[2]) is None, 'it is gone')
        self.wait_told(lb['id'])

    def test_cascade(self):
        """a load balancer goes with all below it, and owes nothing then"""
        keys, (lb, *_) = self.told_tree()
        self.provider.loadbalancer_delete(self.lb_model(lb['id'], {}),
                                          cascade=True)
        wait.until(lambda: self.report(lb['id']) is None, 'nothing is owed',
                   10)
        for key in keys:
            self.assertIsNone(self.there.state(key))
        records = self.there.reports_of(keys[0])
        self.assertEqual(records[-1], {
            'id': keys[0], 'provisioning_status': 'DELETED',
            'operating_status': 'OFFLINE'})

    def test_one_project(self):
        """deletions in one project are told one after the other"""
        trees = [self.told_tree() for _ in range(4)]
        lock, second = threading.Lock(), threading.Event()
        running, most = [], 0

        def apply(report):
            nonlocal most
            if 'DELETED' not in json.dumps(report):
                return OK
            with lock:
                running.append(report)
                most = max(most, len(running))
            if most > 1:
                second.set()
            # As long as Octavia may take, or until there are two.
            second.wait(0.2)
            with lock:
                running.remove(report)
            return OK
        self.there.on_status = apply
        self.there.freeze()
        for _, (*_, member) in trees:
            self.provider.member_delete(member)
        self.there.thaw()
        for keys, _ in trees:
            wait.until(lambda key=keys[3]: self.there.state(key) is None,
                       'it is gone')
            self.wait_told(keys[0])
        self.assertEqual(most, 1)
        for keys, _ in trees:
            self.assertEqual(len(self.there.reports_of(keys[3])), 1)

    def test_reservation(self):
        """nothing is said about a load balancer that is only reserved"""
        lb_id, vip, more = self.create_vip()
        self.there.wait_quiet()
        self.assertEqual(self.there.reports_of(lb_id), [])
        self.commit(lb_id)
        self.provider.loadbalancer_create(self.lb_model(lb_id, vip, more))
        self.wait_state(lb_id, 'ACTIVE')

    def test_probe(self):
        """a change of health alone does not unlock anything"""
        keys, (lb, *_) = self.told_tree()
        self.set_row('loadbalancer', lb['id'], operating_status='DEGRADED',
                     updated_at=time.time_ns() // 1000)
        wait.until(lambda: self.there.reports_of(lb['id']), 'a report', 5)
        record = self.there.reports_of(lb['id'])[0]
        self.assertEqual(record, {'id': lb['id'],
                                  'operating_status': 'DEGRADED'})
        self.set_row('loadbalancer', lb['id'], operating_status='ONLINE',
                     updated_at=time.time_ns() // 1000)

    def test_others(self):
        """load balancers that are not Octavia's are none of its business"""
        created = self.rest.post('/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': self.stand.subnet['n1']}})
        self.active(created['id'])
        self.there.wait_quiet()
        self.assertEqual(self.there.reports_of(created['id']), [])


class Faults(OctaviaTest):

    def change(self, lb, name):
        """A call about the load balancer; its answer is not awaited."""
        self.commit(lb['id'], state=('PENDING_UPDATE', 'ONLINE'))
        self.provider.loadbalancer_update(
            self.lb_model(lb['id'], {}),
            self.lb_model(lb['id'], {}, name=name))

    def test_away(self):
        """what happens while nobody listens is told afterwards"""
        keys, (lb, *_) = self.told_tree()
        self.allow_log(AWAY)
        self.there.stop()
        for number in range(3):
            self.change(lb, f'n{number}')
            self.active(lb['id'])
        wait.until(lambda: self.stand.agent.status()['reports']
                   == 'waiting for Octavia', 'it waits')
        log = self.stand.agent.log_text()
        self.there.start()
        self.wait_state(lb['id'], 'ACTIVE')
        self.wait_told(lb['id'])
        self.assertEqual(self.warned(log), [])

    def test_long_away(self):
        """even if it is long enough for another agent to take over"""
        keys, (lb, *_) = self.told_tree()
        self.allow_log(AWAY)
        log = self.stand.agent.log_text()
        self.there.stop()
        self.change(lb, 'away')
        wait.until(lambda: 'does not report to Octavia any more'
                   in self.stand.agent.log_text()[len(log):],
                   'the lock is free', 10)
        self.there.start()
        self.wait_state(lb['id'], 'ACTIVE')
        self.wait_told(lb['id'])

    def test_full_queue(self):
        """a driver-agent that takes none for a while gets each report once"""
        lbs = [self.make_lb() for _ in range(16)]
        keys = [lb['id'] for lb in lbs]
        self.there.know(*keys, state=('ACTIVE', 'ONLINE'))
        for key in keys:
            self.wait_told(key)
        self.there.wait_quiet()
        self.there.messages.clear()
        log = self.stand.agent.log_text()
        self.there.freeze()
        for lb in lbs:
            self.change(lb, 'frozen')
            self.active(lb['id'])
        self.there.wait_quiet(4)
        self.assertEqual(self.stand.agent.status()['reports'], 'active')
        self.assertEqual(self.there.messages, [])
        self.there.thaw()
        for key in keys:
            self.wait_state(key, 'ACTIVE')
            self.wait_told(key)
        self.assertEqual([len(self.there.reports_of(key)) for key in keys],
                         [1] * len(keys))
        self.assertEqual(self.warned(log), [])

    def test_late_lock(self):
        """a report that is under way is not repeated when the lock is lost"""
        keys, (lb, *_) = self.told_tree()
        self.allow_log(AWAY, FAILED)
        self.there.on_status = lambda report: (
            None if lb['id'] in str(report) else OK)
        self.change(lb, 'late')
        wait.until(lambda: self.there.reports_of(lb['id']), 'a report', 5)
        log = self.stand.agent.log_text()
        self.there.stop_listening()
        self.make_tree()
        wait.until(lambda: 'does not report to Octavia any more'
                   in self.stand.agent.log_text()[len(log):],
                   'the lock is free', 20)
        self.there.start()
        wait.until(lambda: self.stand.agent.status()['reports'] == 'active',
                   'the agent reports')
        self.there.wait_quiet()
        self.assertEqual(len(self.there.reports_of(lb['id'])), 1)
        self.there.on_status = lambda report: OK
        self.there.release()
        self.wait_state(lb['id'], 'ACTIVE')
        self.wait_told(lb['id'])

    def test_silent(self):
        """an agent whose driver-agent is silent lets others report"""
        keys, (lb, *_) = self.told_tree()
        self.allow_log(AWAY, FAILED)
        self.there.on_status = lambda report: None
        log = self.stand.agent.log_text()
        self.change(lb, 'silent')
        wait.until(lambda: 'does not report to Octavia any more'
                   in self.stand.agent.log_text()[len(log):],
                   'the lock is free', 50)
        self.there.on_status = lambda report: OK
        self.there.release()
        self.wait_state(lb['id'], 'ACTIVE', 40)
        self.wait_told(lb['id'], 40)

    def test_bad_answers(self):
        """a report without a proper answer is repeated"""
        keys, (lb, *_) = self.told_tree()
        self.allow_log(FAILED)
        for answer in (b'', b'20', b'20\n{"status_code"', b'abc\n{}',
                       b'2\n[]', b'99999999999\n', b'2\n{}',
                       b'20\n{"status_code": 500}', b'2\nxx',
                       frame({'status_code': 500, 'fault_string': 'no',
                              'status_object_id': new_id()})):
            with self.subTest(answer=answer):
                answers = [answer]

                def spoil(report, answers=answers):
                    return answers.pop() if answers else OK
                self.there.on_status = spoil
                self.change(lb, f'bad {answer!r}')
                self.wait_state(lb['id'], 'ACTIVE')
                self.wait_told(lb['id'])

    def test_slow(self):
        """a report that is answered late holds up no other load balancer"""
        keys, (lb, *_) = self.told_tree()
        _, (other, *_) = self.told_tree()
        self.allow_log(FAILED)
        self.there.on_status = lambda report: (
            None if lb['id'] in str(report) else OK)
        self.change(lb, 'slow')
        wait.until(lambda: self.there.reports_of(lb['id']), 'a report', 5)
        self.change(other, 'quick')
        self.wait_state(other['id'], 'ACTIVE')
        self.assertEqual(self.there.state(lb['id']), 'PENDING_UPDATE')
        self.there.on_status = lambda report: OK
        self.there.release()
        self.wait_state(lb['id'], 'ACTIVE')

    def test_refused(self):
        """a refused record holds up no other, and is tried again"""
        keys, (lb, _, pool, _) = self.told_tree()
        self.allow_log(REFUSED)
        self.there.models['members', keys[3]] = {'member_id': keys[3]}
        refused = {keys[3]}

        def refuse(report):
            with self.there.lock:
                self.there.apply(report, refused)
            return dict(OK)
        self.there.on_status = refuse
        second = member_model(pool.pool_id, port=8081)
        self.commit(*keys, state=('PENDING_UPDATE', 'ONLINE'))
        self.commit(second.member_id)
        self.provider.member_batch_update(pool.pool_id, [
            member_model(pool.pool_id, member_id=keys[3], weight=3), second])
        self.wait_state(lb['id'], 'ACTIVE')
        self.assertEqual(self.there.state(second.member_id), 'ACTIVE')
        self.assertEqual(self.there.state(keys[3]), 'PENDING_UPDATE')
        self.assertTrue(self.owed(lb['id']))
        refused.clear()
        self.wait_state(keys[3], 'ACTIVE')
        self.wait_told(lb['id'])

    def test_listener_too_early(self):
        """a report that overtakes Octavia's own transaction waits for it"""
        keys, (lb, *_) = self.told_tree()
        listener = listener_model(lb['id'], port=81)

        def wait_for_lock(report):
            if any('provisioning_status' not in record for record
                   in report.get('loadbalancers', ())):
                # Octavia's transaction holds the row: this waits for it.
                self.commit(listener.listener_id)
            return OK
        self.there.on_status = wait_for_lock
        self.commit(lb['id'], state=('PENDING_UPDATE', 'ONLINE'))
        self.provider.listener_create(listener)
        self.wait_state(lb['id'], 'ACTIVE')
        self.assertEqual(self.there.state(listener.listener_id), 'ACTIVE')
        self.wait_told(lb['id'])

    def test_listener_without_effect(self):
        """a listener is told twice if the first time may have been lost"""
        keys, (lb, listener, *_) = self.told_tree()
        seen = []

        def lose(report):
            # Octavia reads the row as it was before its own transaction.
            with self.there.lock:
                self.there.apply(report)
                if not seen:
                    self.commit(keys[1], state=('PENDING_UPDATE', 'ONLINE'))
                seen.append(report)
            return dict(OK)
        self.there.on_status = lose
        self.commit(keys[0], state=('PENDING_UPDATE', 'ONLINE'))
        self.provider.listener_update(
            listener, type(listener)(listener_id=keys[1], name='new'))
        self.wait_state(keys[1], 'ACTIVE')
        self.wait_told(lb['id'])
        self.assertEqual(len(seen), 2)

    def test_unknown(self):
        """what Octavia does not know is not insisted on"""
        keys, (lb, *_) = self.told_tree()
        self.provider.listener_create(listener_model(lb['id'], port=81))
        self.active(lb['id'])
        self.wait_told(lb['id'])
        for key in keys:
            del self.there.states[key]
        self.provider.loadbalancer_delete(self.lb_model(lb['id'], {}),
                                          cascade=True)
        wait.until(lambda: self.report(lb['id']) is None, 'nothing is owed',
                   10)


class Restarts(OctaviaTest):

    def restart(self):
        self.stand.agent.process.stop()
        self.stand.agent.start()
        self.stand.agent.wait_ready()

    def test_quiet(self):
        """an agent that starts does not repeat what Octavia knows"""
        keys, (lb, *_) = self.told_tree()
        self.restart()
        wait.until(lambda: self.stand.agent.status()['reports'] == 'active',
                   'the agent reports')
        self.there.wait_quiet()
        self.assertEqual(self.there.reports_of(lb['id']), [])

    def test_killed(self):
        """what an agent has not told when it dies, the next one tells"""
        keys, (lb, *_) = self.told_tree()
        self.there.on_status = lambda report: None
        self.commit(lb['id'], state=('PENDING_UPDATE', 'ONLINE'))
        self.provider.loadbalancer_update(
            self.lb_model(lb['id'], {}),
            self.lb_model(lb['id'], {}, name='killed'))
        self.active(lb['id'])
        self.stand.agent.kill()
        self.there.on_status = lambda report: OK
        self.there.messages.clear()
        self.restart()
        self.wait_state(lb['id'], 'ACTIVE')
        self.wait_told(lb['id'])
        for key in keys:
            self.assertTrue(self.there.reports_of(key), key)

    def test_deletion_while_down(self):
        """a deletion that ends while no agent runs is told by the next"""
        keys, (lb, *_) = self.told_tree()
        with self.frozen_driver():
            self.provider.loadbalancer_delete(self.lb_model(lb['id'], {}),
                                              cascade=True)
            self.stand.agent.kill()
        self.wait_deleted('/loadbalancers/' + lb['id'])
        self.restart()
        wait.until(lambda: self.report(lb['id']) is None, 'nothing is owed',
                   10)
        self.assertIsNone(self.there.state(lb['id']))

    def test_churn(self):
        """whatever is killed and goes away between calls, all ends ACTIVE"""
        keys, (lb, _, pool, _) = self.told_tree()
        self.allow_log(AWAY, FAILED)
        dice = random.Random(4)
        members = []
        for port in range(9100, 9115):
            member = member_model(pool.pool_id, port=port)
            members.append(member.member_id)
            self.commit(*keys[:3], state=('PENDING_UPDATE', 'ONLINE'))
            self.commit(member.member_id)
            self.provider.member_create(member)
            what = dice.randrange(4)
            if what == 0:
                self.stand.agent.kill()
                self.restart()
            elif what == 1:
                self.there.stop()
                self.there.start()
            elif what == 2:
                answers = [b'2']
                self.there.on_status = lambda report, answers=answers: (
                    answers.pop() if answers else OK)
            self.active(lb['id'])
        for key in (*keys, *members):
            self.wait_state(key, 'ACTIVE', 40)
        self.wait_told(lb['id'])

    def test_two(self):
        """of two agents one reports, and the other when that one is gone"""
        keys, (lb, *_) = self.told_tree()
        with self.second_agent() as second:
            wait.until(lambda: second.status()['reports'] == 'standing by',
                       'it stands by')
            self.there.messages.clear()
            self.commit(lb['id'], state=('PENDING_UPDATE', 'ONLINE'))
            self.provider.loadbalancer_update(
                self.lb_model(lb['id'], {}),
                self.lb_model(lb['id'], {}, name='two'))
            self.wait_state(lb['id'], 'ACTIVE')
            self.wait_told(lb['id'])
            self.assertEqual(second.status()['reports sent'], '0')
            self.stand.agent.kill()
            self.addCleanup(self.restart)
            wait.until(lambda: second.status()['reports'] == 'active',
                       'it has taken over')
            self.there.messages.clear()
            self.commit(lb['id'], state=('PENDING_UPDATE', 'ONLINE'))
            self.set_row('loadbalancer', lb['id'],
                         provisioning_status='PENDING_UPDATE',
                         last_request=['uuid', new_id()],
                         updated_at=time.time_ns() // 1000)
            self.wait_state(lb['id'], 'ACTIVE')


if __name__ == '__main__':
    unittest.main()
