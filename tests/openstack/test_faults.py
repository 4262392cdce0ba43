# SPDX-License-Identifier: Apache-2.0
"""Whoever dies or freezes, nothing stays PENDING in Octavia, and nothing of
what was under way is left behind.
"""

import os
import signal

import workload
from lib import nbview, openstack_harness, wait

CLIENTS = 3
RACE_SECONDS = 15
FAULT_SECONDS = 2.5
SETTLE_SECONDS = 90
# What Octavia rolled back is compared with it ten seconds later, or up to
# twenty; it must differ twice.
SAME_SECONDS = 60
# The agent waits for a load balancer to come after its VIP's port for two
# minutes, and looks twice a minute.
FORGET_SECONDS = 180


class Faults(openstack_harness.OpenStackTest):

    deletes_all = False

    def setUp(self):
        super().setUp()
        # Whoever misses somebody may say so.
        self.allow_log(r'\|WARN\|')

    def faults(self, do, undo, names):
        """Something happens to one process after the other, in the middle
        of calls."""
        with workload.Workload(self.world, CLIENTS) as load:
            for name in names:
                load.wait_calls(3)
                do(name)
                try:
                    load.go_on(FAULT_SECONDS)
                finally:
                    undo(name)
            load.wait_calls(3)
        self.settle()

    def kill(self, names):
        self.faults(self.stack.kill, self.restart, names)

    def freeze(self, names):
        self.faults(lambda name: self.signal(name, signal.SIGSTOP),
                    lambda name: self.signal(name, signal.SIGCONT), names)

    def restart(self, name):
        # Octavia does that with the agent.
        if name != 'agent':
            self.stack.restart(name)

    def signal(self, name, number):
        """For a process and all of its own."""
        os.killpg(self.stack.process(name).pid, number)

    def settle(self):
        """Octavia is in no doubt, and OVN is as it says."""
        def settled():
            pending = {
                f'{kind} {item["id"]} {item["provisioning_status"]}'
                for kind in ('loadbalancers', 'listeners', 'pools',
                             'healthmonitors')
                for item in self.api.get('/' + kind)
                if 'PENDING' in item['provisioning_status']}
            for lb in self.api.get('/loadbalancers'):
                pending |= {f'{kind} {item} {state}' for kind, item, state, _
                            in self.api.children(lb['id'])
                            if 'PENDING' in state}
            assert not pending, pending
            return True

        def same():
            found = [text for text in nbview.differences(self.world, self.api)
                     if 'provisioning_status ERROR' not in text]
            assert not found, '; '.join(found)
            return True
        wait.until(settled, 'nothing is PENDING', SETTLE_SECONDS,
                   interval=0.5)
        wait.until(same, 'OVN is as Octavia says', SAME_SECONDS,
                   interval=0.5)

    def test_1_kill(self):
        """nothing sticks if we, or what starts us, die in the middle of calls
        """
        self.kill(('agent', 'driver', 'driver-agent'))

    def test_2_kill_others(self):
        """nor if databases, Neutron or Octavia's API do"""
        self.kill(('nb', 'octavia', 'neutron', 'octavia-api'))

    def test_3_freeze(self):
        """nothing sticks if we, or what starts us, freeze for a while"""
        self.freeze(('agent', 'driver', 'driver-agent'))

    def test_4_freeze_others(self):
        """nor if databases, Neutron or Octavia's API do"""
        self.freeze(('nb', 'octavia', 'neutron', 'octavia-api'))

    def test_5_races(self):
        """eight clients at once: every call succeeds, and nothing sticks"""
        with workload.Workload(self.world, 8, monitors=False) as load:
            load.go_on(RACE_SECONDS)
            # As many they are together also where a call takes seconds.
            load.wait_calls(20)
        self.assertEqual(load.failures, [])
        self.settle()

    def test_6_left(self):
        """nothing is left in Neutron and OVN of what was interrupted"""
        self.delete_all()

        def nothing():
            ports = [port['name'] for port
                     in self.stack.client('admin').neutron.get('/ports')
                     if port['name'].startswith('ovn-lb-')]
            left = ports + nbview.Nb(self.stack.ovn.nb).traces()
            with self.stack.octavia_db.client() as db:
                left += [f'our {row["_uuid"]}' for row
                         in db.select('Load_Balancer')]
            assert not left, left
            return True
        wait.until(nothing, 'nothing is left', FORGET_SECONDS, interval=1)
