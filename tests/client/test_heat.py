# SPDX-License-Identifier: Apache-2.0
"""Heat's own resources."""

import importlib.util
import os
import unittest

from lib import harness, login, proc

PROGRAM = os.path.join(os.path.dirname(os.path.realpath(__file__)),
                       'heat_stack.py')


@unittest.skipUnless(importlib.util.find_spec('heat'),
                     'needs Heat, which "./check full" has')
class Heat(harness.SystemTest):

    def test_stack(self):
        """Heat's engine makes, changes and deletes a stack"""
        entrance = login.Login(f'http://127.0.0.1:{self.world.port}/')
        self.addCleanup(entrance.stop)
        # -P: "openstack" is a folder of ours, too.
        told = proc.run(['/usr/bin/python3', '-P', PROGRAM, 'n1'],
                        env={**self.world.environment(),
                             **entrance.environment}, deadline=240)
        self.assertEqual(told.splitlines()[-1], 'delete', told)
