# SPDX-License-Identifier: Apache-2.0
"""The base of the tests of what goes back to Octavia: the agent's stand, with
the sockets of a driver-agent that can misbehave.

Octavia commits its part of a call after the provider's answer; here, the test
says what it has committed.
"""

import atexit
import contextlib
import os
import re

import agenttest
import apitest
from lib import driveragent, metrics, wait

OWED = ('owed', 'all')


class Stand(agenttest.Stand):
    def __init__(self):
        super().__init__()
        self.there = driveragent.DriverAgent(self.rundir)
        self.conf = os.path.join(self.rundir, 'octavia.conf')
        with open(self.conf, 'w', encoding='utf-8') as file:
            file.write('[driver_agent]\n'
                       f'status_socket_path = {self.there.status_path}\n'
                       f'get_socket_path = {self.there.get_path}\n')
        self.agent = self.new_agent('agent', metrics.at(
            self.agent_metrics_port))

    def new_agent(self, name, *options):
        return agenttest.Agent(
            self.rundir, self.octavia.remote, self.nb.remote, name,
            extra=[f'--octavia-conf={self.conf}', *options])

    def start(self):
        self.there.start()
        super().start()
        return self

    def stop(self):
        super().stop()
        self.there.stop()


_shared = []


def shared():
    if not _shared:
        stand = Stand()
        atexit.register(stand.stop)
        _shared.append(stand)
        stand.start()
    assert _shared[0].port, 'the stand did not start'
    return _shared[0]


class OctaviaTest(agenttest.AgentTest):
    @classmethod
    def setUpClass(cls):
        cls.stand = shared()

    def setUp(self):
        super().setUp()
        self.allowed.remove(agenttest.AWAY)
        self.there = self.stand.there
        self.there.on_status = lambda report: driveragent.OK
        self.there.on_get = None
        self.there.messages.clear()
        self.allow_log(r'repair\|WARN\|not looking for what Octavia waits')
        self.addCleanup(self._mend)

    def _mend(self):
        self.there.on_status = lambda report: driveragent.OK
        self.there.on_get = None
        self.there.thaw()
        self.there.release()

    def owed(self, lb_id):
        """Whether Octavia may not know some state."""
        report = self.report(lb_id)
        return report is not None and (
            report['digest'] in OWED or bool(report['deleted']))

    def set_report(self, lb_id, **columns):
        """Writes columns of what is owed, behind the agent's back."""
        key = self.report(lb_id)['_uuid']
        with self.stand.octavia.client() as db:
            result, = db.transact({
                'op': 'update', 'table': 'Report', 'row': columns,
                'where': [['_uuid', '==', ['uuid', key]]]})
        assert result['count'] == 1, lb_id

    def warned(self, log):
        """What the agent has warned of since its log was 'log', but for what a
        daemon may say at any time."""
        lines = self.stand.agent.log_text()[len(log):].splitlines()
        return [line for line in lines if 'WARN' in line
                and not any(re.search(pattern, line)
                            for pattern in apitest.ALLOWED)]

    def wait_told(self, lb_id, deadline=10):
        """Waits until Octavia knows everything about the load balancer."""
        wait.until(lambda: not self.owed(lb_id),
                   f'Octavia knows all about {lb_id}', deadline, 0.01)

    def wait_state(self, key, state, deadline=10):
        wait.until(lambda: self.there.state(key) == state,
                   f'Octavia holds {key} {state}', deadline, 0.005)

    def commit(self, *keys, state=('PENDING_CREATE', 'OFFLINE')):
        """Octavia has committed these, PENDING."""
        self.there.know(*keys, state=state)

    def told_tree(self):
        """A tree that Octavia knows; the ids of load balancer, listener,
        pool and member."""
        lb, listener, pool, member = self.make_tree()
        listener.default_pool_id = pool.pool_id
        keys = (lb['id'], listener.listener_id, pool.pool_id,
                member.member_id)
        self.there.know(*keys, state=('ACTIVE', 'ONLINE'))
        self.wait_told(lb['id'])
        self.there.wait_quiet()
        self.there.messages.clear()
        return keys, (lb, listener, pool, member)

    @contextlib.contextmanager
    def second_agent(self):
        agent = self.stand.new_agent('agent2')
        agent.start()
        try:
            yield agent.wait_ready()
        finally:
            agent.stop()
