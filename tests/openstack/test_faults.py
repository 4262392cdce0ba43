# SPDX-License-Identifier: Apache-2.0
"""Whoever dies or freezes, nothing stays PENDING in Octavia, and nothing of
what was under way is left behind.
"""

import faultstest
import workload
from lib import nbview, wait

RACE_SECONDS = 15
# The agent waits for a load balancer to come after its VIP's port for two
# minutes, and looks twice a minute.
FORGET_SECONDS = 180


class Faults(faultstest.FaultsTest):

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
