#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The id that Octavia gave to a request leads to what was written for it."""

import re
import threading
import unittest

from octavia_lib.api.drivers import exceptions
from oslo_context import context

import agenttest
from agenttest import member_model

OCTAVIAS_ID = 'req-8f3c1a52-90d4-4c7e-a1de-0c5d4b6b3f10'


class RequestIds(agenttest.AgentTest):

    def within(self, request_id, call, *args):
        """Calls as Octavia does for a request with that id."""
        failed = []

        def run():
            context.RequestContext(request_id=request_id)
            try:
                call(*args)
            except exceptions.DriverError as error:
                failed.append(error)
        # A context is its thread's.
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        self.assertEqual(failed, [])

    def test_walk(self):
        """an id leads from Octavia's client to the logs of both databases"""
        lb_id, vip, _ = self.create_vip()
        self.within(OCTAVIAS_ID, self.provider.loadbalancer_create,
                    self.lb_model(lb_id, vip))
        lb = self.active(lb_id)
        pool = self.make_pool(lb)
        self.make_listener(lb, default_pool_id=pool.pool_id)
        self.within(OCTAVIAS_ID, self.provider.member_create,
                    member_model(pool.pool_id, '10.1.0.50', 8080))
        self.active(lb_id)
        written = self.stand.octavia.show_log()
        self.assertIn(f' of {OCTAVIAS_ID}: loadbalancer_create', written)
        own_id, = re.findall(rf'(req-[-0-9a-f]{{36}}) of {OCTAVIAS_ID}: '
                             'member_create', written)
        self.assertIn(f'load balancer {lb_id}, {own_id}',
                      self.stand.nb.show_log())
        # Without one of Octavia's.
        self.assertRegex(written, r'req-[-0-9a-f]{36}: pool_create')

    def test_ids_that_are_none(self):
        """what is no request id is not written"""
        lb = self.make_lb()
        for wrong in ('req-x', OCTAVIAS_ID.upper(), OCTAVIAS_ID + '0',
                      OCTAVIAS_ID + '\nmore', 17, {}):
            with self.subTest(wrong=wrong):
                before = self.stand.octavia.show_log()
                pool = agenttest.pool_model(lb['id'])
                self.within(wrong, self.provider.pool_create, pool)
                self.active(lb['id'])
                written = self.stand.octavia.show_log()[len(before):]
                self.assertRegex(written,
                                 r'req-[-0-9a-f]{36}: pool_create')


if __name__ == '__main__':
    unittest.main()
