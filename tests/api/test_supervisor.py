#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the daemons tell systemd (Type=notify), by a real socket."""

import os
import unittest

import apitest
from lib import daemons, supervisor, wait


class Told(apitest.ApiTest):

    def supervise(self, daemon, watchdog_usec=None):
        """Starts a daemon as systemd does; returns the other end."""
        path = os.path.join(self.stand.rundir, f'{daemon.name}.notify')
        told = supervisor.Supervisor(path, watchdog_usec)
        self.addCleanup(told.close)
        daemon.process.env = {**daemon.process.env, **told.environment()}
        self.addCleanup(daemon.stop)
        daemon.start()
        return told

    def test_api(self):
        """the API says when it serves, what it does, and that it ends"""
        missing = 'unix:' + os.path.join(self.stand.rundir, 'none.sock')
        waits = daemons.Api(self.stand.rundir, missing, missing, name='lone')
        told = self.supervise(waits)
        told.wait_for('STATUS', f'waiting for OVN_Octavia at {missing}')
        self.assertEqual(told.values('READY'), [])

        api = daemons.Api(self.stand.rundir, self.stand.octavia.remote,
                          self.stand.nb.remote, name='told')
        told = self.supervise(api)
        told.wait_for('READY', '1')
        api.wait_ready()
        told.wait_for('STATUS', f'serving on 127.0.0.1:{api.port}; ')
        self.assertEqual(told.pids, {api.process.pid})
        api.stop()
        told.wait_for('STOPPING', '1')
        self.assertEqual(told.values('READY'), ['1'])

    def test_driver(self):
        """a driver that stands by is ready, too, and the active one counts
        """
        second = daemons.Driver(
            self.stand.rundir, self.stand.octavia.remote, self.stand.nb.remote,
            self.stand.sb.remote, name='second')
        told = self.supervise(second)
        told.wait_for('READY', '1')
        told.wait_for('STATUS', 'standby')
        self.stand.driver.stop()
        self.addCleanup(self.stand.driver.wait_ready)
        self.addCleanup(self.stand.driver.start)
        told.wait_for('STATUS', 'active; ')
        before = int(told.wait_for('STATUS', ', 0 pending').split()[1])
        self.make_lb()
        told.wait_for('STATUS', f'active; {before + 1} load balancers, 0 ')
        second.stop()

    def test_missing_database(self):
        """a driver without a database says which it waits for, and where;
        a start does not fail for that"""
        missing = 'unix:' + os.path.join(self.stand.rundir, 'none.sock')
        driver = daemons.Driver(self.stand.rundir, self.stand.octavia.remote,
                                missing, self.stand.sb.remote, name='without')
        told = self.supervise(driver)
        told.wait_for('STATUS', f'waiting for OVN_Northbound at {missing}')
        self.assertEqual(told.values('READY'), [])
        told.wait_for('READY', '1')
        told.wait_for('STATUS', f'waiting for OVN_Northbound at {missing}')

    def test_detached(self):
        """a daemon that detaches itself names the process that serves"""
        api = daemons.Api(self.stand.rundir, self.stand.octavia.remote,
                          self.stand.nb.remote, name='detached',
                          extra=['--detach'])
        told = self.supervise(api)
        pid = told.wait_for('MAINPID', '')
        self.addCleanup(api.appctl, 'exit')
        told.wait_for('READY', '1')
        self.assertEqual(told.pids, {int(pid)})
        self.assertNotEqual(int(pid), api.process.pid)

    def test_watchdog(self):
        """with a watchdog there are signs of life, and no more than asked"""
        api = daemons.Api(self.stand.rundir, self.stand.octavia.remote,
                          self.stand.nb.remote, name='watched')
        told = self.supervise(api, watchdog_usec=400_000)
        wait.until(lambda: len(told.values('WATCHDOG')) >= 3, 'it lives', 20)


if __name__ == '__main__':
    unittest.main()
