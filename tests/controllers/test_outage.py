# SPDX-License-Identifier: Apache-2.0
"""Controllers that are cut off."""

import sitetest

from lib import burst, talk, traffic

ALL = ('web1', 'web2', 'web3')
# Of connections: a switch whose flows are replaced drops a packet or two.
PATIENCE_SECONDS = 60


class Outage(sitetest.SiteTest):

    def setUp(self):
        super().setUp()
        self.allow_log(r'\|deadline\|WARN\|.*not done within',
                       r'\|db_link\|WARN\|.*cannot reach',
                       r'\|reconnect\|ERR\|.*no response to inactivity')

    def steady(self):
        """A load balancer, its traffic, and a connection to web2."""
        lb = self.web_lb('steady', servers=ALL)
        self.settle(60)
        client = self.world.hosts['client1']
        self.wait_served(client, lb['vip_address'], *ALL)
        connection = talk.with_server(client, lb['vip_address'], 80, 'web2')
        self.addCleanup(connection.close)
        return connection, traffic.Stream(
            client, lb['vip_address'], 80, timeout=PATIENCE_SECONDS,
            pause=0.1)

    def controller_of(self, server):
        return next(one for one in self.world.controllers
                    if server in one.servers)


class CutOff(Outage):

    def cut_off(self, victim):
        """Cuts a controller off while load balancers are made, and lets it
        come back."""
        world = self.world
        connection, stream = self.steady()
        self.addCleanup(world.plug, victim)
        made = burst.Burst(world, 150, n_clients=4)
        with stream:
            made.start().wait_created(10)
            world.unplug(victim)
            made.wait_created(len(made.created) + 30)
            self.assertNotEqual(len(made.created) + len(made.lost), 150,
                                'the burst goes on')
            world.plug(victim)
            made.join()
            self.wait_ready()
        made.check(120)
        self.assertFalse(stream.result.failures, str(stream.result))
        self.assertEqual(connection.ask(), 'web2')
        self.settle(60)

    def test_leader(self):
        """No answered write is lost when the leader is cut off in silence"""
        self.cut_off(self.controller_of(self.world.octavia.wait_leader()))

    def test_driver(self):
        """No answered write is lost when the driver is cut off in silence"""
        active = self.world.driver
        self.cut_off(next(one for one in self.world.controllers
                          if one.driver is active))
