# SPDX-License-Identifier: Apache-2.0
"""Daemons and databases die and come back, in the middle of changes."""

import signal

from lib import burst, harness, traffic, wait


class Restarts(harness.SystemTest):

    def burst(self, total=200):
        made = burst.Burst(self.world, total).start()
        made.wait_created(20)
        return made

    def finish(self, made):
        made.join()
        made.check()
        self.settle(60)

    def test_driver_killed(self):
        """A driver that is killed in a burst of creates loses none of them"""
        made = self.burst()
        self.world.driver.kill()
        self.world.driver.start()
        self.world.driver.wait_ready()
        self.finish(made)
        self.assertFalse(made.lost, 'the API never went away')

    def test_driver_killed_often(self):
        """A driver that is killed again and again makes progress"""
        made = self.burst()
        for _ in range(6):
            self.world.driver.kill()
            self.world.driver.start()
            self.world.driver.wait_ready()
        self.finish(made)

    def test_api_killed(self):
        """An API that is killed in a burst of creates keeps what it answered
        """
        made = self.burst()
        self.world.api.kill()
        self.world.api.start()
        self.world.api.wait_ready()
        self.finish(made)

    def test_api_stopped(self):
        """An API that is stopped ends cleanly, with a burst under way"""
        made = self.burst()
        process = self.world.api.process
        child = process._child
        self.assertTrue(self.world.api.stop(), 'SIGTERM is not enough')
        self.assertEqual(child.returncode, 0)
        self.world.api.start()
        self.world.api.wait_ready()
        self.finish(made)

    def test_nb_restarted(self):
        """A Northbound server that is killed holds up creates, no more"""
        self.allow_log(*harness.CONNECTION_LOST)
        made = self.burst()
        self.world.ovn.nb.kill()
        self.world.ovn.nb.start()
        self.finish(made)

    def test_octavia_restarted(self):
        """A database server that is killed has every create that was answered
        """
        self.allow_log(*harness.CONNECTION_LOST)
        made = self.burst()
        self.world.octavia.kill()
        self.world.octavia.start()
        self.finish(made)

    def test_everything_killed(self):
        """Everything is killed at once, and comes back"""
        self.allow_log(*harness.CONNECTION_LOST)
        lb = self.web_lb('solid')
        made = self.burst()
        world = self.world
        for victim in (world.octavia, world.ovn.nb, world.driver, world.api):
            victim.kill()
        made.join()
        world.octavia.start()
        world.ovn.nb.start()
        world.start_daemons()
        self.finish(made)
        self.api.wait_active(lb['id'])
        traffic.wait_for(world.hosts['client1'], lb['vip_address'], 80,
                         {'web1', 'web2'}, count=100)

    def test_driver_away(self):
        """While the driver is away nothing is lost, and all is done after"""
        self.allow_log(*harness.CONNECTION_LOST)
        lb = self.web_lb('patient')
        self.world.driver.stop()
        self.api.put(f'/loadbalancers/{lb["id"]}',
                     {'loadbalancer': {'admin_state_up': False}})
        self.assertEqual(
            self.api.get('/loadbalancers/' + lb['id'])[
                'provisioning_status'], 'PENDING_UPDATE')
        self.world.driver.start()
        self.world.driver.wait_ready()
        self.assertEqual(self.api.wait_active(lb['id'])['operating_status'],
                         'OFFLINE')
        self.settle()

    def test_idle_restart(self):
        """A restart of both daemons writes nothing to the NB"""
        self.web_lb('still')
        self.settle()
        with self.world.ovn.nb.client() as nb:
            before = nb.dump()
        for daemon in (self.world.driver, self.world.api):
            daemon.stop()
        self.world.start_daemons()
        status = self.world.driver.wait_in_sync()
        self.assertEqual(status['nb-commits'], '0')
        with self.world.ovn.nb.client() as nb:
            self.assertEqual(nb.dump(), before)

    def test_frozen_driver(self):
        """A driver that stands still for a while catches up"""
        self.allow_log(r'\|timeval\|WARN\|', *harness.CONNECTION_LOST)
        made = self.burst()
        self.world.driver.process.signal(signal.SIGSTOP)
        try:
            # They wait for addresses, which only the driver gives.
            seen = len(made.created)
            wait.until(lambda: len(made.created) >= seen, 'nothing happens')
        finally:
            self.world.driver.process.signal(signal.SIGCONT)
        self.finish(made)
