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
        self.run_there()

    def test_token_of_our_own(self):
        """openstacksdk does the same with a token, which it exchanges"""
        self.run_there('OS_USERNAME', 'OS_PASSWORD', 'OS_USER_DOMAIN_NAME')

    def run_there(self, *left_out):
        """Logs in at the API itself, with a token if variables are to be left
        out."""
        directory = tempfile.TemporaryDirectory(prefix='oo-', dir='/tmp')
        self.addCleanup(directory.cleanup)
        entrance = localusers.Entrance(self.world, directory.name,
                                       'member', 'admin')
        self.addCleanup(entrance.stop)
        subnet = self.world.cli().json('subnet', 'show', 'n1')['id']
        more = dict.fromkeys(left_out)
        if left_out:
            more.update(OS_AUTH_TYPE='v3token', OS_TOKEN=entrance.token())
        told = proc.run(['/usr/bin/python3', '-I', PROGRAM, subnet],
                        env={**self.world.environment(),
                             **entrance.environment, **more}, deadline=120)
        self.assertEqual(told.splitlines()[-1], 'delete', told)
