# SPDX-License-Identifier: Apache-2.0
"""The agent is started by somebody else than octavia-driver-agent."""

from lib import openstack_harness, traffic


class Alone(openstack_harness.OpenStackTest):

    options = {'agent': 'alone'}

    def test_alone(self):
        """an agent that runs by itself does the same"""
        lb = self.web_lb('web')
        self.stack.our_agent.stop()
        self.stack.restart('agent')
        self.api.create_listener(lb['id'], 81)
        traffic.wait_for(self.world.hosts['client2'], lb['vip_address'], 80,
                         {'web1', 'web2'})
