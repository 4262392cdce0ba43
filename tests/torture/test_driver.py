#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The driver dies at each of its writes."""

import unittest

import torturetest


class Driver(torturetest.TortureTest):
    """Beside OVN alone: it makes the VIPs' ports."""

    def test_create(self):
        """A driver that dies while a load balancer comes leaves it whole"""
        self.torture(self.tree_comes)

    def test_more_vips(self):
        """A driver that dies while it makes VIPs' ports makes each once"""
        def story():
            yield
            self.new_lb('dual', additional_vips=[
                {'subnet_id': self.stand.subnet6['dual']}])
        self.torture(story)

    def test_change(self):
        """A driver that dies while members change leaves the last change"""
        def story():
            lb = self.new_tree()
            pool, = lb.of('pool')
            yield
            self.change(lb, lb.of('member')[0], weight=7)
            self.new_member(lb, pool, '10.1.0.61')
            self.change(lb, pool, admin_state_up=False)
        self.torture(story)

    def test_delete(self):
        """A driver that dies while a load balancer goes leaves nothing"""
        self.torture(self.tree_goes)

    def test_parts_deleted(self):
        """A driver that dies while parts go leaves the rest"""
        self.torture(self.parts_go)

    def test_start(self):
        """A driver that dies at its start builds all that is wanted"""
        def story():
            lbs = [self.new_tree() for _ in range(3)]
            for lb in lbs:
                self.ready(lb)
            self.stand.driver.stop()
            self.lose_rows()
            for lb, item in ((lbs[0], lbs[0].of('member')[0]),
                             (lbs[1], lbs[1].of('listener')[0])):
                self.change(lb, item, admin_state_up=False)
            self.remove(lbs[2], lbs[2].root)
            yield
        self.torture(story)

    def lose_rows(self):
        """All rows of load balancers in the NB, and the VIPs' ports."""
        with self.stand.nb.client() as nb:
            ports = [['uuid', row['_uuid']] for row
                     in nb.select('Logical_Switch_Port')
                     if row['name'].startswith('ovn-lb-vip-')]
            nb.transact({'op': 'delete', 'table': 'Load_Balancer',
                         'where': []},
                        {'op': 'mutate', 'table': 'Logical_Switch',
                         'where': [], 'mutations': [
                             ['ports', 'delete', ['set', ports]]]})

    def test_attached(self):
        """A driver that dies while a router comes and goes has groups right"""
        detach = ['--if-exists', 'lrp-del', 'r1-dual', '--', '--if-exists',
                  'lsp-del', 'dual-r1']

        def story():
            self.new_lb('dual')
            self.new_tree()
            yield
            self.stand.nbctl(
                'lrp-add', 'r1', 'r1-dual', '02:00:0a:04:00:01',
                '10.4.0.1/24', '--', 'lsp-add', 'dual', 'dual-r1', '--',
                'lsp-set-type', 'dual-r1', 'router', '--',
                'lsp-set-addresses', 'dual-r1', 'router', '--',
                'lsp-set-options', 'dual-r1', 'router-port=r1-dual')
            self.new_lb('dual')
            self.stand.nbctl(*detach)
        self.torture(story)

    def test_ways_of_association(self):
        """A driver that dies while rows leave or join groups moves them all"""
        for way in ('direct', 'group'):
            def story(way=way):
                self.stand.driver.restart(
                    '--association=' + ('group' if way == 'direct'
                                        else 'direct'))
                self.stand.driver.wait_ready()
                for subnet in ('n1', 'n1', 'n6'):
                    self.new_lb(subnet)
                self.settle_story()
                self.stand.driver.stop()
                self.stand.driver.process.argv[-1] = '--association=' + way
                yield
            with self.subTest(way=way):
                self.torture(story)


if __name__ == '__main__':
    unittest.main()
