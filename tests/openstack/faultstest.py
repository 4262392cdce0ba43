# SPDX-License-Identifier: Apache-2.0
"""The base of tests in which processes of a stack die and freeze while clients
call Octavia.
"""

import os
import signal

import workload
from lib import nbview, openstack_harness, wait

CLIENTS = 3
FAULT_SECONDS = 2.5
SETTLE_SECONDS = 90
# What Octavia rolled back is compared with it ten seconds later, or up to
# twenty; it must differ twice.
SAME_SECONDS = 60


class FaultsTest(openstack_harness.OpenStackTest):

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
        """For a process and all of its own, if it runs."""
        process = self.stack.process(name)
        if process.is_running():
            os.killpg(process.pid, number)

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
