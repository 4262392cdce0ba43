# SPDX-License-Identifier: Apache-2.0
"""Programs that are newer than the schema of OVN_Octavia: until somebody
converts it, they do what they can and say what is missing."""

import json
import re
import shutil
import tempfile
import unittest

from lib import (client, ctl, daemons, harness, localusers, oldschemas, ovsdb,
                 proc, wait, world)

LACKS = r'ovsdb_idl\|WARN\|.* \(database needs upgrade\?\)'
CANNOT_LOG_IN = (r'login\|ERR\|nobody can log in: OVN_Octavia has an earlier '
                 r'schema')
# Before "deleting", which each transaction below a load balancer tests.
UNSERVED = ('0.1.0',)
# An API that logs nobody in reads no tokens.
UNMISSED = ('0.4.0',)
FORM = localusers.password_form('alice', 'a long secret', 'web')


class Old(world.World):
    """Without hosts; OVN_Octavia has the schema in 'path'."""

    def __init__(self, directory, path):
        super().__init__(directory)
        self.octavia = ovsdb.Server('octavia', path, self.rundir)

    def start(self, with_daemons=True, with_network=True):
        self.begin()
        for server in (self.ovn.nb, self.ovn.sb, self.octavia):
            server.start()
        self.ovn.nbctl('init')
        self.ovn.nbctl('ls-add', 'n1', '--', 'set', 'Logical_Switch', 'n1',
                       'other_config:subnet=10.1.0.0/24')
        self.start_daemons()
        return self


class OldSchema(unittest.TestCase):

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix='oo-', dir='/tmp')
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def start(self, path):
        self.world = Old(self.directory, path)
        self.addCleanup(self.world.remove)
        self.world.start()
        self.rest = self.world.rest()
        self.addCleanup(self.rest.close)

    def live(self, name):
        """The life of a load balancer."""
        subnet = wait.until(lambda: self.rest.subnet_id('n1'),
                            'the subnet is known')
        # Once it is ACTIVE, API and driver have read what was converted.
        lb = wait.until(lambda: self.rest.create_loadbalancer(
            name=name, vip_subnet_id=subnet), 'it is created')
        self.rest.create_listener(lb['id'], 80)
        self.assertIn(lb['id'], self.world.ovn.nbctl('list', 'Load_Balancer'))
        self.rest.delete_loadbalancer(lb['id'])

    def assert_lacks(self, daemon, *others):
        """The log says that columns or tables are missing, and nothing else
        that is wrong."""
        said = daemon.complaints([*harness.ALLOWED, *others])
        self.assertEqual([line for line in said
                          if not re.search(LACKS, line)], [])
        return said

    def test_each(self):
        """API and driver run with each earlier schema, and serve with those
        of which they test no column that is missing; their logs and doctor
        say that it has to be converted"""
        for version, path in oldschemas.older().items():
            with self.subTest(version):
                self.start(path)
                if version not in UNSERVED:
                    self.live('old')
                said = self.assert_lacks(self.world.api)
                self.assertEqual(bool(said), version not in UNMISSED)
                self.assert_lacks(self.world.driver)
                printed = ctl.Ctl(self.world).run('doctor', '--format=json')
                found = [one for one in json.loads(printed.stdout)['verdicts']
                         if one['code'] == 'db-old']
                self.assertEqual(len(found), 1, printed)
                self.assertIn(version, found[0]['text'])
                self.world.remove()

    def test_log_in(self):
        """a log-in is refused with the reason while the schema is that of
        before it, and taken as soon as it is converted"""
        self.start(oldschemas.kept()['0.4.0'])
        door = localusers.Entrance(self.world, self.directory)
        self.addCleanup(door.stop)
        rest = client.Rest(door.api.port)
        self.addCleanup(rest.close)

        reply = rest.request('POST', '/v3/auth/tokens', FORM)
        self.assertEqual(reply.status, 503)
        self.assertIn('has to be converted',
                      reply.body['error']['message'])
        said = self.assert_lacks(door.api, CANNOT_LOG_IN)
        self.assertEqual(len(said), 1, said)
        self.assertIn('lacks Token table', said[0])
        # A token of another copy, or a made-up one, is none.
        self.assertEqual(rest.request('GET', '/v2/lbaas/loadbalancers',
                                      headers={'X-Auth-Token': 'a' * 64})
                         .status, 401)
        self.live('old')

        proc.run(['ovsdb-client', '-vconsole:err', 'convert',
                  self.world.octavia.remote, ovsdb.OCTAVIA_SCHEMA])

        def taken():
            return rest.request('POST', '/v3/auth/tokens', FORM).status == 201
        wait.until(taken, 'a log-in is taken')
        door.api.complaints()
        self.live('new')
