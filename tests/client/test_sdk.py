# SPDX-License-Identifier: Apache-2.0
"""The unmodified openstacksdk."""

import os
import tempfile

from lib import harness, localusers, proc

PROGRAM = os.path.join(os.path.dirname(os.path.realpath(__file__)), 'sdk.py')


class Sdk(harness.SystemTest):

    def test_all(self):
        """openstacksdk makes, finds, lists, changes and deletes everything
        """
        subnet = self.world.cli().json('subnet', 'show', 'n1')['id']
        # -I: "openstack" is a folder of ours, too.
        told = proc.run(['/usr/bin/python3', '-I', PROGRAM, subnet],
                        env=self.world.environment(), deadline=120)
        self.assertEqual(told.splitlines()[-1], 'delete', told)

    def test_users_of_our_own(self):
        """openstacksdk logs in at the API itself, and does the same"""
        directory = tempfile.TemporaryDirectory(prefix='oo-', dir='/tmp')
        self.addCleanup(directory.cleanup)
        entrance = localusers.Entrance(self.world, directory.name,
                                       'member', 'admin')
        self.addCleanup(entrance.stop)
        subnet = self.world.cli().json('subnet', 'show', 'n1')['id']
        told = proc.run(['/usr/bin/python3', '-I', PROGRAM, subnet],
                        env={**self.world.environment(),
                             **entrance.environment}, deadline=120)
        self.assertEqual(told.splitlines()[-1], 'delete', told)
