#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The agent dies at each of its writes: to the database, to the plugin, or to
driver-agent.  The plugin repeats its call, and Octavia hears what became of
it."""

import functools
import unittest
from unittest import mock

import torturetest
import octaviatest
from agenttest import (PROJECT, listener_model, member_model, monitor_model,
                       new_id, pool_model)
from lib import answers, wait
from octavia_lib.api.drivers import data_models
from ovn_octavia_plugin import client as plugin

FIELDS = {'listener': (data_models.Listener, 'listener_id'),
          'pool': (data_models.Pool, 'pool_id'),
          'member': (data_models.Member, 'member_id'),
          'healthmonitor': (data_models.HealthMonitor, 'healthmonitor_id'),
          'loadbalancer': (data_models.LoadBalancer, 'loadbalancer_id')}
METHODS = {'healthmonitor': 'health_monitor'}
NEW, CHANGED = ('PENDING_CREATE', 'OFFLINE'), ('PENDING_UPDATE', 'ONLINE')
LEAVING = ('PENDING_DELETE', 'ONLINE')


class Stand(torturetest.Mortal, octaviatest.Stand):
    """With an agent, and the sockets of a driver-agent."""


class Agent(torturetest.TortureTest, octaviatest.OctaviaTest):

    stand_class = Stand
    victim = 'agent'

    def setUp(self):
        super().setUp()
        self.there.states.clear()
        # On a slow machine an agent is away for longer.
        patience = mock.patch.object(plugin, 'PATIENCE_S',
                                     plugin.PATIENCE_S * wait.SLOWNESS)
        patience.start()
        self.addCleanup(patience.stop)
        # A report that was cut off; an agent that is not there.
        self.allow_log(r'reporter\|WARN\|', r'repair_job\|WARN\|')

    # What Octavia does: it notes what is under way, and calls the plugin.

    def octavia_calls(self, lb, write, state, method, *args):
        """A call that must be answered, whoever dies."""
        for item in (*write.adds, *write.removes,
                     *[item for item, _ in write.renames]):
            self.commit(item.key, state=state)
        if lb.items:
            self.commit(lb.root.key, state=(
                LEAVING if lb.root in write.removes else CHANGED))
        getattr(self.provider, method)(*args)
        lb.done(write)

    def new_lb(self, subnet='n1', **_):
        lb = answers.Answers()
        lb.root = answers.Item('loadbalancer', self.hand.new_name(),
                               new_id())
        self.lbs.append(lb)
        _, vip, more = self.create_vip(
            lb.root.key, vip_subnet_id=self.stand.subnet[subnet],
            vip_network_id=self.stand.network[subnet])
        self.octavia_calls(
            lb, answers.Write(adds=[lb.root]), NEW, 'loadbalancer_create',
            self.lb_model(lb.root.key, vip, more, name=lb.root.name))
        return lb

    def create(self, lb, kind, model, parent=None):
        item = answers.Item(kind, model.name, getattr(model,
                                                      FIELDS[kind][1]),
                            parent)
        self.ready(lb)
        self.octavia_calls(lb, answers.Write(adds=[item]), NEW,
                           f'{METHODS.get(kind, kind)}_create', model)
        return item

    def new_listener(self, lb, port=80):
        return self.create(lb, 'listener', listener_model(
            lb.root.key, port, name=self.hand.new_name()))

    def new_pool(self, lb, listener):
        return self.create(lb, 'pool', pool_model(
            lb.root.key, listener_id=listener.key,
            name=self.hand.new_name()))

    def new_member(self, lb, pool, address='10.1.0.50'):
        return self.create(lb, 'member', member_model(
            pool.key, address, name=self.hand.new_name()), pool.key)

    def new_monitor(self, lb, pool):
        return self.create(lb, 'healthmonitor', monitor_model(
            pool.key, name=self.hand.new_name()), pool.key)

    def change(self, lb, item, **attributes):
        self.ready(lb)
        model, key = FIELDS[item.kind]
        name = self.hand.new_name()
        old, new = (model(**{key: item.key, **more}) for more
                    in ({}, {'name': name, **attributes}))
        self.octavia_calls(
            lb, answers.Write(renames=[(item, name)]), CHANGED,
            f'{METHODS.get(item.kind, item.kind)}_update', old, new)

    def remove(self, lb, item):
        self.ready(lb)
        model, key = FIELDS[item.kind]
        whole = model(**{key: item.key})
        whole.project_id = PROJECT
        if item.kind in ('member', 'healthmonitor'):
            whole.pool_id = item.parent
        elif item.kind != 'loadbalancer':
            whole.loadbalancer_id = lb.root.key
        self.octavia_calls(
            lb, answers.Write(removes=lb.below(item)), LEAVING,
            f'{METHODS.get(item.kind, item.kind)}_delete', whole,
            *([True] if item.kind == 'loadbalancer' else []))

    def ready(self, lb):
        """Octavia accepts a change when it has heard of the one before."""
        self.wait_state(lb.root.key, 'ACTIVE')

    # What is true in the end.

    def is_settled(self):
        """And everything is reported, if there is who could do that."""
        if not self.daemon.process.is_running():
            return super().is_settled()
        with self.stand.octavia.client() as db:
            return super().is_settled() and not any(
                row['digest'] in octaviatest.OWED or row['deleted']
                for row in db.select('Report'))

    def _check(self):
        problems = [f'{item.kind} {item.key} is {state} in Octavia'
                    for lb in self.lbs for item in lb.items
                    if (state := self.there.state(item.key)) != 'ACTIVE']
        known = {item.key for lb in self.lbs for item in lb.items}
        problems += [f'{key} is {state} in Octavia, and gone'
                     for key, state in self.there.states.items()
                     if key not in known]
        self.assertEqual(problems, [])
        super()._check()

    def _clear(self):
        for lb in self.lbs:
            if lb.items:
                self.remove(lb, lb.root)
        super()._clear()
        self.assertEqual(self.there.states, {})
        self.there.messages.clear()

    def test_create(self):
        """An agent that dies while a load balancer comes has it reported"""
        self.torture(self.tree_comes)

    def test_change(self):
        """An agent that dies while things change has each change reported"""
        for kind in answers.KINDS:
            with self.subTest(kind=kind):
                self.torture(functools.partial(self.changes, kind))

    def test_parts_deleted(self):
        """An agent that dies while parts go has each reported as gone"""
        self.torture(self.parts_go)

    def test_delete(self):
        """An agent that dies while a load balancer goes has that reported"""
        self.torture(self.tree_goes)

    def test_start(self):
        """An agent that dies at its start reports all at the next one"""
        def story():
            lbs = [self.new_tree(), self.new_lb()]
            for lb in lbs:
                self.ready(lb)
            self.settle_story()
            self.there.on_status = lambda report: b''
            self.change(lbs[0], lbs[0].root)
            self.remove(lbs[1], lbs[1].root)
            self.stand.agent.stop()
            self.there.on_status = lambda report: octaviatest.driveragent.OK
            yield
        self.torture(story)


if __name__ == '__main__':
    unittest.main()
