#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""ovn-octavia-ctl dies at each of its writes while it takes over what
OVN_Octavia has lost."""

import types
import unittest

import torturetest
from lib import answers, ctl, die, ovsdb, wait


class Adopt(torturetest.TortureTest):

    n_deaths_max = 12

    def setUp(self):
        super().setUp()
        self.ctl = ctl.Ctl(types.SimpleNamespace(
            octavia=self.stand.octavia, ovn=self.stand,
            driver=self.stand.driver, rundir=self.stand.rundir))
        self.trap = die.Trap(self.stand.rundir, 'ctl', self.ctl.environment)

    def test_adopt(self):
        """If adopt dies, the next one takes over what is left"""
        self.trees = [self.new_tree() for _ in range(3)]
        self.settle_story()
        ids = self.ids()
        with self.stand.nb.client() as nb:
            before = nb.dump()
        n = self.adopt(die.NEVER, die.BEFORE)
        for at, how in torturetest.deaths(n, self.n_deaths_max):
            with self.subTest(at=f'{die.HOW[how]} {at} of {n}'):
                self.adopt(at, how)
                self.assertEqual(self.ids(), ids)
                with self.stand.nb.client() as nb:
                    self.assertEqual(nb.dump(), before)
                self.assertEqual(self.resync(), 0)
                self.assertEqual(ovsdb.dangling(self.stand.octavia), [])
        self.assertGreater(self.n_died, 0)

    def ids(self):
        """Of all objects, with their kinds."""
        return {key: kind for lb in self.trees for key, (kind, _)
                in answers.shown_below(self.rest, lb.root.key)[0].items()}

    def adopt(self, at, how):
        """OVN_Octavia loses all, and it is taken over.  Returns how many
        writes the first attempt made."""
        with self.stand.octavia.client() as db:
            db.transact({'op': 'delete', 'table': 'Load_Balancer',
                         'where': []})
        wait.until(lambda: not self.rest.get('/loadbalancers'),
                   'the API knows', 10, 0.005)
        self.trap.arm(at, how)
        done = self.ctl.run('adopt')
        n = self.trap.disarm()
        if done.returncode:
            self.n_died += 1
            # A busy machine stalls it, and it says so.
            done = self.ctl.run('adopt')
        self.assertEqual(done.returncode, 0, done)
        wait.until(self.is_settled, 'nothing is under way', 30, 0.005)
        return n


if __name__ == '__main__':
    unittest.main()
