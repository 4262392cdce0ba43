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
# The agent waits for a load balancer to come after its VIP's port for two
# minutes, and looks twice a minute.
FORGET_SECONDS = 180


class Faults(openstack_harness.OpenStackTest):

    deletes_all = False

    def setUp(self):
        super().setUp()
        # Whoever misses somebody may say so.
        self.allow_log(r'\|WARN\|')

    def fault(self, name):
        """Kills a process in the middle of calls, then freezes it."""
        stack = self.stack
        with workload.Workload(self.world, CLIENTS) as load:
            load.wait_calls(5)
            stack.kill(name)
            load.go_on(FAULT_SECONDS)
            if name != 'agent':
                stack.restart(name)
            load.wait_calls(8)
            leader = stack.process(name).pid
            os.killpg(leader, signal.SIGSTOP)
            try:
                load.go_on(FAULT_SECONDS)
            finally:
                os.killpg(leader, signal.SIGCONT)
            load.wait_calls(4)
        self.settle()

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
        wait.until(same, 'OVN is as Octavia says', 30, interval=0.5)

    def test_agent(self):
        """nothing sticks if the agent dies or freezes in the middle of calls
        """
        self.fault('agent')

    def test_driver(self):
        """nothing sticks if the driver dies or freezes"""
        self.fault('driver')

    def test_nb(self):
        """nothing sticks if OVN's Northbound server dies or freezes"""
        self.fault('nb')

    def test_octavia_db(self):
        """nothing sticks if the server of OVN_Octavia dies or freezes"""
        self.fault('octavia')

    def test_neutron(self):
        """nothing sticks if Neutron dies or freezes"""
        self.fault('neutron')

    def test_driver_agent(self):
        """nothing sticks if octavia-driver-agent dies or freezes"""
        self.fault('driver-agent')

    def test_octavia_api(self):
        """nothing sticks if Octavia's API dies or freezes"""
        self.fault('octavia-api')

    def test_races(self):
        """eight clients at once: every call succeeds, and nothing sticks"""
        with workload.Workload(self.world, 8, monitors=False) as load:
            load.go_on(RACE_SECONDS)
        self.assertEqual(load.failures, [])
        self.assertGreater(sum(load.calls.values()), 20, load.calls)
        self.settle()

    def test_z_left(self):
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
