#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The driver dies at each of its writes, beside a Neutron that makes its
ports."""

import unittest

import torturetest
import neutrontest
from lib import wait


class Stand(torturetest.Mortal, neutrontest.Stand):
    """Networks as Neutron writes them, and a driver that knows Neutron, and
    has the time to wait for it."""

    def __init__(self):
        super().__init__()
        with open(self.conf, 'w', encoding='utf-8') as file:
            file.write(self.stub.conf(self.nb.remote, self.sb.remote,
                                      timeout=30))
        argv = self.driver.process.argv
        argv[argv.index(f'--pending-timeout={neutrontest.TIMEOUT}')] = \
            '--pending-timeout=600'


class Ports(torturetest.TortureTest):

    stand_class = Stand

    def setUp(self):
        super().setUp()
        self.allow_log(*neutrontest.TROUBLE, neutrontest.UNPROBED)
        self.stand.stub.clear()

    def _check(self):
        super()._check()
        names = [port['name'] for port in self.stand.stub.ports.values()]
        self.assertEqual(len(names), len(set(names)), names)

    def _clear(self):
        super()._clear()
        wait.until(lambda: not self.stand.stub.ports,
                   'Neutron has no port of ours', 30, 0.005)

    def test_create(self):
        """A driver that dies while Neutron makes ports has each made once"""
        self.torture(self.tree_comes)

    def test_more_vips(self):
        """A driver that dies while it wants two ports has each made once"""
        def story():
            yield
            self.new_lb(additional_vips=[
                {'subnet_id': self.stand.front6.id}])
        self.torture(story)

    def test_delete(self):
        """A driver that dies while ports go leaves none in Neutron"""
        self.torture(self.tree_goes)

    def test_lost(self):
        """A driver that dies while a lost port is made again makes one"""
        def story():
            lb = self.new_lb()
            self.ready(lb)
            yield
            with self.stand.stub.lock:
                for key in list(self.stand.stub.ports):
                    self.stand.stub.delete(key)
            wait.until(lambda: self.stand.stub.ports, 'it is made again',
                       30, 0.005)
        self.torture(story)


if __name__ == '__main__':
    unittest.main()
