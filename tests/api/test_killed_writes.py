#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The driver dies at some of its writes: a sample of the suite "torture"."""

import os
import sys
import unittest

import apitest
from lib import die

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 'torture'))
import torturetest  # noqa: E402 # pylint: disable=wrong-import-position


class KilledWrites(torturetest.TortureTest):

    n_deaths_max = 4

    @classmethod
    def setUpClass(cls):
        cls.stand = apitest.shared()
        driver = cls.stand.driver
        environment = dict(driver.process.env)
        driver.stop()
        cls.stand.traps = {driver: die.Trap.of(driver)}
        driver.start().wait_ready()

        def restore():
            driver.stop()
            driver.process.env = environment
            driver.start().wait_ready()
        cls.addClassCleanup(restore)

    def test_create(self):
        """a driver that dies before, in or after a write does all of them"""
        def story():
            yield
            self.new_lb()
        self.torture(story)


if __name__ == '__main__':
    unittest.main()
