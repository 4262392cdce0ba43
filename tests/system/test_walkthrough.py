# SPDX-License-Identifier: Apache-2.0
"""The walk-through of the demonstration, each step a test."""

from lib import harness, walkthrough


class Walk(harness.SystemTest):
    """Its tests are made below, and depend on each other."""

    deletes_all = False
    broken = None
    taken = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tour = walkthrough.Walkthrough(cls.world)

    def walk_to(self, number):
        """Takes the step, and before it those that were not selected."""
        for step, _, name in walkthrough.Walkthrough.steps():
            if self.taken < step <= number:
                self.take(step, name)
                type(self).taken = step

    def take(self, number, name):
        if self.broken:
            self.fail(f'step {self.broken} failed')
        if name == 'step_10_crash':
            # Each daemon sees the other fall.
            self.allow_log(*harness.CONNECTION_LOST)
        type(self).broken = number
        getattr(self.tour, name)()
        type(self).broken = None


def _make(number, title, name):
    def test(self):
        self.walk_to(number)
    test.__doc__ = f'Walk-through {number}: {title}'
    setattr(Walk, f'test_{number:02}_{name.split("_", 2)[2]}', test)


for _step in walkthrough.Walkthrough.steps():
    _make(*_step)
