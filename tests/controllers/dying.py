# SPDX-License-Identifier: Apache-2.0
"""The base of tests in which a chassis dies."""

import sitetest


class Dying(sitetest.SiteTest):

    def kill(self, chassis):
        """It is without power, until the test ends."""
        self.addCleanup(self.revive, chassis)
        chassis.kill()
        self.world.unplug(chassis)

    def revive(self, chassis):
        self.world.plug(chassis)
        chassis.restart()
        self.wait_ready()
