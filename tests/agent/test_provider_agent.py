#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""octavia-driver-agent, the real one, starts and stops the agent."""

import os
import signal
import unittest

import agenttest
from agenttest import pool_model
from lib import daemons, proc, rpc, wait

DRIVER_AGENT = '/usr/bin/octavia-driver-agent'
HIDE = os.path.join(agenttest.TESTS, 'lib', 'no_python_provider')

CONF = """
[driver_agent]
enabled_provider_agents = ovn
status_socket_path = {dir}/status.sock
stats_socket_path = {dir}/stats.sock
get_socket_path = {dir}/get.sock
[database]
connection = sqlite://
"""

MORE_CONF = """
[ovn_octavia]
agent_socket = {dir}/ovn-agent.sock
agent_program = {program}
agent_arguments = --log-file={dir}/started.log, -vconsole:off
db = {db}
nb_db = {nb}
"""


@unittest.skipUnless(os.path.exists(DRIVER_AGENT),
                     'octavia-driver-agent is not installed')
class ProviderAgent(agenttest.AgentTest):

    def setUp(self):
        super().setUp()
        self.dir = os.path.join(self.stand.rundir, 'da')
        self.socket = os.path.join(self.dir, 'ovn-agent.sock')
        conf = self.write_conf('octavia.conf', CONF)
        more = self.write_conf('conf.d/ovn.conf', MORE_CONF)
        self.driver_agent = proc.Process(
            'driver-agent', ['/usr/bin/python3', DRIVER_AGENT,
                             f'--config-file={conf}',
                             f'--config-dir={os.path.dirname(more)}'],
            self.dir,
            env={'PYTHONPATH': f'{agenttest.PLUGIN}:{HIDE}',
                 'PYTHONDONTWRITEBYTECODE': '1', 'HOME': self.dir,
                 'XDG_CACHE_HOME': self.dir, 'OVS_RUNDIR': self.dir,
                 'OVN_OCTAVIA_RUNDIR': self.dir})
        self.addCleanup(self.driver_agent.kill)
        self.driver_agent.start()
        self.wait_up()

    def write_conf(self, name, text):
        """Returns its path."""
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text.format(
                dir=self.dir, db=self.stand.octavia.remote,
                nb=self.stand.nb.remote, program=os.path.join(
                    daemons.build_directory(), 'src', 'ovn-octavia-agent')))
        return path

    def wait_up(self, but=None):
        """Returns the process id of the agent."""
        def is_up():
            self.driver_agent.check_alive()
            pid = self.agent_pid()
            return pid != but and pid
        return wait.until(is_up, 'the agent is started', 30)

    def agent_pid(self):
        text = rpc.appctl(self.socket + '.ctl', 'agent/status')
        self.assertIn('ready: true', text)
        pids = [pid for pid in os.listdir('/proc') if pid.isdigit()
                and f'--socket={self.socket}' in self.command_line(pid)]
        self.assertEqual(len(pids), 1)
        return int(pids[0])

    @staticmethod
    def command_line(pid):
        try:
            with open(f'/proc/{pid}/cmdline', encoding='utf-8',
                      errors='replace') as file:
                return file.read().split('\0')
        except OSError:
            return []

    @staticmethod
    def parent_of(pid):
        return int(proc.run(['ps', '-o', 'ppid=', '-p', str(pid)]))

    def wait_ended(self, pid):
        wait.until(lambda: not any(self.command_line(pid)),
                   f'process {pid} ended', 30)

    def test_started(self):
        """octavia-driver-agent starts the agent, by its own configuration,
        and ends it"""
        lb = self.make_lb()
        agenttest.cfg.CONF.set_override('agent_socket', self.socket,
                                        'ovn_octavia')
        self.provider.pool_create(pool_model(lb['id']))
        self.active(lb['id'])
        pid = self.agent_pid()
        parent = self.parent_of(pid)
        self.driver_agent.signal(signal.SIGTERM)
        self.wait_ended(pid)
        # What is left of the plugin is a zombie until Octavia's own listeners
        # have ended, which may take them long: they wait for their children.
        self.wait_ended(parent)
        self.assertFalse(os.path.exists(self.socket))

    def test_restarted(self):
        """an agent that dies is started again"""
        pid = self.agent_pid()
        os.kill(pid, signal.SIGKILL)
        self.wait_up(but=pid)

    def test_orphan(self):
        """if octavia-driver-agent is killed, the agent does not outlive
        it"""
        pid = self.agent_pid()
        os.kill(self.parent_of(pid), signal.SIGKILL)
        self.wait_ended(pid)


if __name__ == '__main__':
    unittest.main()
