# SPDX-License-Identifier: Apache-2.0
"""The command "sandbox" with several machines, as its users run it."""

import os
import shutil
import subprocess
import tempfile
import unittest

import sitetest

from lib import daemons, netns, place, proc

SANDBOX = os.path.join(daemons.REPO, 'sandbox')
CTL = os.path.join(daemons.build_directory(), 'src', 'ovn-octavia-ctl')


class Machines(unittest.TestCase):

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix='oo-', dir='/tmp')
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.addCleanup(self.sandbox, 'down', check=False)

    def sandbox(self, command, *args, **more):
        return proc.run([SANDBOX, command, '--dir', self.directory, *args],
                        deadline=300, **more)

    def test_life(self):
        """One controller and two chassis come up, and down without a trace"""
        up = ['up', '--no-build', '--port', str(daemons.free_port()),
              '--controllers', '1', '--chassis', '2']
        self.assertIn('chassis2', self.sandbox(*up))
        self.assertIn('already up', self.sandbox(*up))
        done = subprocess.run(
            [SANDBOX, 'up', '--dir', self.directory, '--no-build',
             '--controllers', '3'], check=False, stderr=subprocess.PIPE,
            text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn('another one', done.stderr)
        self.assertIn('controller1-driver', self.sandbox('status'))
        self.assertEqual(self.sandbox(
            'exec', 'client1', 'curl', '-s', 'http://10.1.0.11:8080/'),
            'web1\n')
        self.assertIn('br-phy', self.sandbox(
            'exec', 'chassis2', 'ovs-vsctl', 'list-br'))
        self.assertIn('chassis2', self.sandbox(
            'exec', 'controller1', 'ovn-sbctl', 'show'))
        self.assertIn('loadbalancers', proc.run(
            ['bash', '-c', f'eval "$({SANDBOX} env --dir {self.directory})"'
             f' && ovn-nbctl show >&2 && {CTL} resync >&2'
             ' && curl -s "$OS_ENDPOINT/v2.0/lbaas/loadbalancers"']))
        self.sandbox('exec', 'controller1', CTL, 'resync')
        self.sandbox('restart', 'controller1-api', 'chassis2-vswitchd')
        self.assertEqual(self.sandbox(
            'exec', 'client1', 'curl', '-s', '--retry', '9',
            '--retry-all-errors', '-m', '5', 'http://10.1.0.11:8080/'),
            'web1\n')
        self.assertIn('is down', self.sandbox('down'))
        made = place.Place(self.directory, 1)
        self.assertEqual(netns.names(made.prefix), [])
        self.assertEqual(proc.marked(made.rundir), [])
        self.assertFalse(os.path.exists(made.rundir))


class Drivers(sitetest.SiteTest):

    def test_driver(self):
        """explain asks its controller's driver, and elsewhere the active one
        """
        world = self.world
        lb = self.web_lb('asked')
        self.settle()
        asked = {one.name: proc.run(one.argv(CTL, 'explain', lb['id']),
                                    check=False)
                 for one in world.controllers}
        standby = {name for name, text in asked.items()
                   if 'driver-standby' in text}
        for name, text in asked.items():
            self.assertNotIn('driver-elsewhere', text, name)
        self.assertEqual(standby, {one.name for one in world.controllers
                                   if one.driver is not world.driver})
        elsewhere = proc.run([CTL, 'explain', lb['id']],
                             env=world.environment())
        self.assertNotIn('driver-', elsewhere)
