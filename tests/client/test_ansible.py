# SPDX-License-Identifier: Apache-2.0
"""Ansible's collection openstack.cloud."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import tempfile
import unittest

from lib import harness, localusers, login, proc

PLAYBOOK = os.path.join(os.path.dirname(os.path.realpath(__file__)),
                        'balancer.yml')
RECAP = re.compile(r'^localhost\s+: ok=(\d+)\s+changed=(\d+)\s+'
                   r'unreachable=0\s+failed=0\s', re.M)


def why_not():
    """Why it cannot be used here; '' if it can."""
    if not shutil.which('ansible-playbook') \
            or not importlib.util.find_spec('ansible_collections'):
        return 'needs Ansible, which "./check full" has'
    version = importlib.metadata.version('openstacksdk')
    if int(version.split('.')[0]) < 1:
        return f'openstack.cloud does not work with openstacksdk {version}'
    return ''


@unittest.skipIf(why_not(), why_not())
class Ansible(harness.SystemTest):

    def setUp(self):
        super().setUp()
        self.home = tempfile.mkdtemp(prefix='oo-ansible-', dir='/tmp')
        self.addCleanup(shutil.rmtree, self.home)
        entrance = self.entrance()
        self.addCleanup(entrance.stop)
        self.environment = {
            **self.world.environment(), **entrance.environment,
            'OS_AUTH_TYPE': 'password', 'OS_ENDPOINT': None,
            'OS_DOMAIN_NAME': None,
            'ANSIBLE_HOME': self.home, 'ANSIBLE_LOCAL_TEMP': self.home,
            'ANSIBLE_NOCOLOR': '1', 'ANSIBLE_PIPELINING': '1',
            'LC_ALL': 'C.UTF-8',
            'ANSIBLE_LOCALHOST_WARNING': 'false',
            'ANSIBLE_INVENTORY_UNPARSED_WARNING': 'false'}

    def entrance(self):
        """A stand-in for Keystone."""
        return login.Login(f'http://127.0.0.1:{self.world.port}/')

    def play(self, state, *options):
        """How many tasks changed something."""
        told = proc.run(['ansible-playbook', '--tags', state, *options,
                         PLAYBOOK], env=self.environment, deadline=300)
        found = RECAP.search(told)
        self.assertTrue(found, told)
        return int(found[2]), told

    def test_all(self):
        """Ansible makes a load balancer, finds nothing to change the second
        time, changes what differs, and deletes all"""
        for options, n_changed in (
                ((), 6), ((), 0), (('-e', 'weight=3'), 3)):
            found, told = self.play('present', *options)
            self.assertEqual(found, n_changed, told)
        pool, = self.api.get('/pools')
        self.assertEqual({member['weight'] for member in self.api.get(
            f'/pools/{pool["id"]}/members')}, {3})
        self.settle()
        found, told = self.play('absent')
        self.assertEqual(found, 5, told)
        for kind in ('loadbalancers', 'listeners', 'pools',
                     'healthmonitors'):
            self.assertEqual(self.api.get('/' + kind), [])


class AnsibleLocal(Ansible):
    """The same with a user of our own, at the API itself."""

    def entrance(self):
        return localusers.Entrance(self.world, self.home)
