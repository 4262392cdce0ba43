#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The API dies at each of its writes: to the database, or to its client."""

import functools
import unittest

import torturetest
from lib import answers

KINDS = answers.KINDS


class Api(torturetest.TortureTest):

    victim = 'door'

    def create(self, lb, kind):
        listener, = lb.of('listener') or [None]
        pool, = lb.of('pool') or [None]
        {'listener': lambda: self.new_listener(lb, 81),
         'pool': lambda: self.new_pool(lb, listener),
         'member': lambda: self.new_member(lb, pool, '10.1.0.61'),
         'healthmonitor': lambda: self.new_monitor(lb, pool)}[kind]()

    def bare(self, kind):
        """A load balancer to which an object of that kind can be added."""
        lb = self.new_lb()
        if kind != 'listener':
            listener = self.new_listener(lb)
            if kind != 'pool':
                self.new_pool(lb, listener)
        return lb

    def test_load_balancer(self):
        """If the API dies, a load balancer is created wholly or not at all"""
        def story():
            yield
            self.new_lb()
        self.torture(story)

    def test_create(self):
        """If the API dies, what is below it is created wholly or not at all"""
        for kind in KINDS[1:]:
            def story(kind=kind):
                lb = self.bare(kind)
                yield
                self.create(lb, kind)
            with self.subTest(kind=kind):
                self.torture(story)

    def test_update(self):
        """If the API dies, a change is made wholly or not at all"""
        for kind in KINDS:
            with self.subTest(kind=kind):
                self.torture(functools.partial(self.changes, kind))

    def test_delete(self):
        """If the API dies, a part is deleted wholly or not at all"""
        for kind in KINDS[1:]:
            def story(kind=kind):
                lb = self.new_tree()
                yield
                self.remove(lb, lb.of(kind)[0])
            with self.subTest(kind=kind):
                self.torture(story)

    def test_list(self):
        """If the API dies, a list of members is put wholly or not at all"""
        def story():
            lb = self.new_tree()
            yield
            self.put_members(lb)
        self.torture(story)

    def test_tree(self):
        """If the API dies, a whole tree is created wholly or not at all"""
        def story():
            yield
            self.post_tree()
        self.torture(story)

    def test_cascade(self):
        """If the API dies, a cascade deletes all or nothing"""
        self.torture(self.tree_goes)

    def test_start(self):
        """An API that dies at its start serves at the next one"""
        def story():
            self.new_tree()
            self.settle_story()
            self.stand.door.stop()
            yield
        self.torture(story)


if __name__ == '__main__':
    unittest.main()
