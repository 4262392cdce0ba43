#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""ovn-octavia-ctl sync-octavia: what differs, and what becomes of it."""

import os
import subprocess
import unittest

import agenttest
from agenttest import member_model, pool_model
from lib import daemons, wait
import test_settle


class Sync(test_settle.Settle):

    def setUp(self):
        super().setUp()
        # The agent must not be faster.
        self.agent_conf = self.plain_conf
        self.ctl_conf = os.path.join(self.stand.rundir, 'ctl.conf')
        with open(self.ctl_conf, 'w', encoding='utf-8') as file:
            file.write(self.plain_conf + self.web.conf())
        self.write_conf(self.plain_conf)
        self.allow_log(r'repair\|WARN\|not looking for what Octavia waits')

    def ctl(self, *args, status=0):
        done = subprocess.run(
            [os.path.join(daemons.build_directory(), 'src',
                          'ovn-octavia-ctl'),
             f'--db={self.stand.octavia.remote}', '--no-syslog',
             f'--timeout={wait.seconds(10)}', 'sync-octavia',
             f'--octavia-conf={self.ctl_conf}', *args],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=60 * wait.SLOWNESS,
            env={**os.environ, 'OVN_OCTAVIA_RUNDIR': self.stand.rundir})
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def known_tree(self):
        """A tree that both have; its models."""
        keys, (lb, listener, pool, member) = self.told_tree()
        listener.default_pool_id = pool.pool_id
        pool.members = [member]
        model = self.lb_model(
            lb['id'], {name: lb[name] for name in (
                'vip_address', 'vip_port_id', 'vip_network_id',
                'vip_subnet_id')}, pools=[pool], listeners=[listener])
        self.has(model)
        self.show(lb['id'], listener, pool, member)
        return model, listener, pool, member

    def show(self, lb_id, listener, pool, member):
        """The API's lists, with the states as they are here."""
        tree = self.rest.get(f'/loadbalancers/{lb_id}/status')
        del tree
        for path, kind, key in (
                ('listeners', 'listeners', listener.listener_id),
                ('pools', 'pools', pool.pool_id)):
            shown = self.rest.get(f'/{kind}/{key}')
            self.web.lists.setdefault(path, []).append(
                {name: shown[name] for name in
                 ('id', 'provisioning_status', 'operating_status')})
        self.web.lists[f'pools/{pool.pool_id}/members'] = [
            {name: shown[name] for name in
             ('id', 'provisioning_status', 'operating_status')}
            for shown in self.shown_members(pool).values()]
        shown = self.rest.get(f'/loadbalancers/{lb_id}')
        for item in self.web.lists['loadbalancers']:
            if item['id'] == lb_id:
                item['operating_status'] = shown['operating_status']

    def test_same(self):
        """nothing is done where nothing differs"""
        model, *_ = self.known_tree()
        with self.nothing_changes():
            output = self.ctl(model.loadbalancer_id)
        self.assertEqual(output, '1 the same, 0 not\n')

    def test_import(self):
        """what Octavia alone has is imported"""
        tree = self.tree(name='theirs')
        self.has(tree[0])
        key = tree[0].loadbalancer_id
        with self.nothing_changes():
            output = self.ctl('--dry-run', key, status=1)
        self.assertEqual(output, f'would import {key}\n'
                         '0 the same, 1 not\n')
        self.assertEqual(self.ctl(), f'imported     {key}\n'
                         '0 the same, 1 not\n')
        self.assertEqual(self.active(key)['name'], 'theirs')
        self.wait_told(key)

    def test_values(self):
        """attributes that differ become those of Octavia"""
        model, listener, pool, member = self.known_tree()
        key = model.loadbalancer_id
        model.name = 'theirs'
        member.weight = 7
        second = member_model(pool.pool_id, port=8081)
        pool.members = [member, second]
        self.has(model)
        output = self.ctl('--dry-run', key, status=1)
        self.assertIn(f'would change {key}\n', output)
        self.assertIn(f'loadbalancer {key} name is "", in Octavia "theirs"',
                      output)
        self.assertIn(f'member {member.member_id} weight is 1, in Octavia 7',
                      output)
        self.assertIn(f'member {second.member_id} is not in OVN_Octavia',
                      output)
        self.ctl(key)
        self.assertEqual(self.active(key)['name'], 'theirs')
        self.assertEqual(self.shown_members(pool)[member.member_id]['weight'],
                         7)
        self.assertIn(second.member_id, self.shown_members(pool))

    def test_extra(self):
        """what Octavia does not have is deleted only if that is asked for"""
        model, listener, pool, member = self.known_tree()
        key = model.loadbalancer_id
        pool.members = []
        self.has(model)
        output = self.ctl(key, status=1)
        self.assertIn(f'member {member.member_id} is not in Octavia', output)
        self.active(key)
        self.assertIn(member.member_id, self.shown_members(pool))
        self.ctl('--delete', key)
        wait.until(lambda: self.shown_members(pool) == {}, 'it is deleted')
        self.active(key)
        self.assertEqual(self.there.state(member.member_id), 'ACTIVE')

    def test_only_here(self):
        """nor is a whole load balancer"""
        keys, (lb, *_) = self.told_tree()
        output = self.ctl(lb['id'], status=1)
        self.assertIn(f'only here    {lb["id"]}\n', output)
        self.active(lb['id'])
        self.assertIn(f'deleted      {lb["id"]}\n',
                      self.ctl('--delete', lb['id']))
        self.wait_deleted('/loadbalancers/' + lb['id'])
        # Nobody tells Octavia about what it does not have.
        self.assertEqual(self.there.state(lb['id']), 'ACTIVE')

    def test_states(self):
        """old states in Octavia are reported again"""
        model, listener, pool, member = self.known_tree()
        key = model.loadbalancer_id
        for item in self.web.lists['pools']:
            if item['id'] == pool.pool_id:
                item['provisioning_status'] = 'PENDING_UPDATE'
        self.there.know(pool.pool_id, state=('PENDING_UPDATE', 'ONLINE'))
        output = self.ctl('--dry-run', key, status=1)
        self.assertIn(f'would report {key}\n', output)
        self.assertIn(f'pool {pool.pool_id} is ACTIVE and', output)
        self.assertIn(f'reported     {key}\n', self.ctl(key))
        self.assertEqual(self.there.state(pool.pool_id), 'ACTIVE')

    def test_bad(self):
        """what Octavia has and OVN cannot do is said"""
        model, listener, pool, member = self.known_tree()
        key = model.loadbalancer_id
        model.pools = [pool, pool_model(key, protocol='HTTP')]
        self.has(model)
        output = self.ctl(key, status=1)
        self.assertIn('cannot be as in Octavia: ', output)
        self.assertIn('    error: ', output)

    def test_security_groups(self):
        """security groups that Octavia took unasked are said to be unserved"""
        model, *_ = self.known_tree()
        key, group = model.loadbalancer_id, agenttest.new_id()
        shown = self.there.models['loadbalancers', key]
        self.there.models['loadbalancers', key] = {
            **shown, 'vip_sg_ids': [group]}
        with self.nothing_changes():
            output = self.ctl(key)
        self.assertEqual(output, f'not served   {key}\n'
                         "    nobody enforces the VIP's security groups "
                         f'(vip_sg_ids): {group}\n1 the same, 0 not\n')
        self.there.models['loadbalancers', key] = {**shown, 'vip_sg_ids': []}
        self.assertEqual(self.ctl(key), '1 the same, 0 not\n')

    def test_away(self):
        """an Octavia that does not answer is said, and ends the command"""
        model, *_ = self.known_tree()
        self.web.fault = 404
        self.assertIn("Octavia's API: ", self.ctl(status=1))
        self.web.fault = None
        self.allow_log('reports to Octavia wait')
        self.there.stop()
        try:
            self.assertIn('No such file', self.ctl(model.loadbalancer_id,
                                                   status=1))
        finally:
            self.there.start()


if __name__ == '__main__':
    unittest.main()
