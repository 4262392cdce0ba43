# SPDX-License-Identifier: Apache-2.0
"""Controllers that are cut off, and restarts of all that there is."""

import sitetest
import writer

from lib import burst, cluster, talk, traffic, wait

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


class Rolling(Outage):

    def roll_controller(self, controller):
        """Restarts all that it has, one after the other."""
        world, name = self.world, controller.name
        if len(world.controllers) > 1:
            world.proxy.drain(name)
        controller.api.restart()
        world.wait_daemon(controller.api)
        world.proxy.ready(name)
        controller.driver.restart()
        world.wait_daemon(controller.driver)
        controller.northd.restart()
        for server in controller.servers:
            server.stop()
            server.start()
            cluster.Cluster.wait_joined(server, 60)

    def test_all(self):
        """Restarts of everything cost no connection and no answered write"""
        world = self.world
        connection, stream = self.steady()
        writers = []
        for i in range(2):
            lb = self.api.create_loadbalancer('n1', name=f'written{i}')
            writers.append(writer.Writer(world, f'w{i}', lb['id']))
            self.addCleanup(writers[i].finish)
        with stream:
            for one in writers:
                one.start()
            for controller in world.controllers:
                self.roll_controller(controller)
                for one in writers:
                    one.wait_more()
                self.assertEqual(connection.ask(), 'web2', controller.name)
            for chassis in world.chassis:
                chassis.restart_controller()
                chassis.wait_ready()
                self.assertEqual(connection.ask(), 'web2', chassis.name)
            for one in writers:
                one.wait_more()
                one.finish()
        for one in writers:
            one.check(self.api)
        self.assertFalse(stream.result.failures, str(stream.result))
        self.assertEqual(set(stream.result.answers), set(ALL))
        self.wait_ready()
        self.settle(60)

    def test_proxy(self):
        """An API that ends without a word to the proxy costs no answer"""
        world = self.world
        lb = self.api.create_loadbalancer('n1', name='written')
        one = writer.Writer(world, 'w', lb['id'])
        self.addCleanup(one.finish)
        one.start()
        one.wait_more()
        for controller in world.controllers:
            controller.api.stop()
            wait.until(lambda name=controller.name: not world.proxy.states()[
                name].startswith('UP'), 'the proxy has noticed')
            one.wait_more()
            controller.api.start()
            world.wait_daemon(controller.api)
            world.proxy.ready(controller.name)
        one.finish()
        one.check(self.api)
