# SPDX-License-Identifier: Apache-2.0
"""The walk-through of the demonstration by way of a real Octavia, each step a
test.
"""

from lib import openstack_harness, openstack_walk


class Walk(openstack_harness.OpenStackTest):
    """Its tests are made below, and depend on each other."""

    deletes_all = False
    broken = None
    taken = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tour = openstack_walk.OurWalkthrough(cls.world)

    @classmethod
    def tearDownClass(cls):
        cls.tour.clean()

    def walk_to(self, number):
        """Takes the step, and before it those that were not selected."""
        for step, _, name in self.tour.steps():
            if self.taken < step <= number:
                if self.broken:
                    self.fail(f'step {self.broken} failed')
                type(self).broken = step
                getattr(self.tour, name)()
                type(self).broken = None
                type(self).taken = step


def _make(number, title, name):
    def test(self):
        self.walk_to(number)
    test.__doc__ = f'Walk-through in OpenStack {number}: {title}'
    setattr(Walk, f'test_{number:02}_{name.split("_", 2)[2]}', test)


for _step in openstack_walk.OurWalkthrough.steps():
    _make(*_step)
