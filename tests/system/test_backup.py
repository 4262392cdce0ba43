# SPDX-License-Identifier: Apache-2.0
"""Databases are lost and come back by the commands of docs/backup.md, run as
they stand there: only the places of files and sockets are those of the test.
"""

import json
import os
import subprocess

from lib import ctl, daemons, docs, harness, traffic, wait

PAGE = 'docs/backup.md'


class TestBackup(harness.SystemTest):

    def setUp(self):
        super().setUp()
        self.allow_log(*harness.CONNECTION_LOST, r'stale data',
                       r'clustered database', r'ovsdb_idl\|WARN')
        self.ctl = ctl.Ctl(self.world)
        world = self.world
        self.units = {
            'ovn-octavia-api': world.api, 'ovn-octavia-db': world.octavia,
            'ovn-octavia-driver': world.driver,
            'ovn-ovsdb-server-nb': world.ovn.nb}
        self.places = {
            '/run/ovn-octavia/octavia_db.sock': world.octavia.socket,
            '/var/lib/ovn-octavia/octavia.db': world.octavia.file,
            '/run/ovn/ovnnb_db.sock': world.ovn.nb.socket,
            '/var/lib/ovn/ovnnb_db.db': world.ovn.nb.file,
            '-t ovn-octavia-driver': f'-t {world.driver.unixctl}',
            '-t ovn-octavia-api': f'-t {world.api.unixctl}',
            'chown ovn-octavia:': f'chown {os.getuid()}',
            'tcp:192.0.2.1:6651': f'unix:{world.rundir}/octavia.raft',
            'tcp:192.0.2.1:6643': f'unix:{world.rundir}/nb.raft',
            '/usr/share/ovn-octavia/ovn-octavia.ovsschema':
                world.octavia.schema,
            '/var/backups/': f'{world.rundir}/backup-',
            '/var/lib/': f'{world.rundir}/lost-'}
        for name in ('lost-ovn', 'lost-ovn-octavia'):
            os.makedirs(os.path.join(world.rundir, name), exist_ok=True)
        self.environment = {
            **os.environ, **{key: value for key, value
                             in world.environment().items() if value},
            'PATH': os.path.join(daemons.build_directory(), 'src') + ':'
                    + os.environ['PATH']}

    # The page.

    def commands(self, section):
        # There is no Octavia here.
        found = [command for command in docs.commands(PAGE, section)
                 if 'sync-octavia' not in command.text]
        self.assertTrue(found, f'{PAGE} has no section "{section}"')
        return found

    def run_page(self, section, until=None, after=None):
        """Runs the commands of a section, or those before or after the first
        that begins so; returns {command: what it printed}."""
        found = self.commands(section)
        if after:
            found = found[self.index(found, after) + 1:]
        if until:
            found = found[:self.index(found, until)]
        return {command.text: self.run_command(command) for command in found}

    def index(self, commands, start):
        return next(n for n, command in enumerate(commands)
                    if command.text.startswith(start))

    def run_command(self, command):
        words = command.text.split()
        if words[0] == 'systemctl':
            for unit in words[2:]:
                self.change_unit(words[1], self.units[unit])
            return ''
        text = command.text
        for place, here in self.places.items():
            text = text.replace(place, here)
        done = subprocess.run(['bash', '-c', text], env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False,
                              timeout=60 * wait.SLOWNESS)
        # "diff" says so if there is something to do.
        allowed = (0, 1) if 'ovn-octavia-ctl diff' in text else (0,)
        self.assertIn(done.returncode, allowed,
                      f'{command}\n{done.stdout}{done.stderr}')
        return done.stdout

    def change_unit(self, verb, unit):
        if verb == 'stop':
            unit.stop()
        else:
            unit.start()
            unit.wait_ready()

    # The cloud.

    def tree(self, name):
        """A load balancer that serves; returns it."""
        lb = self.web_lb(name, servers=('web1',))
        self.assertServes(lb)
        return lb

    def assertServes(self, lb):
        self.world.ovn.sync()
        traffic.wait_for(self.world.hosts['client1'], lb['vip_address'], 80,
                         {'web1'}, count=2)

    def shown(self):
        """All ids, names and places, as clients know them."""
        return {kind: sorted((one['id'], one['name']) for one
                             in self.api.get(f'/{kind}'))
                for kind in ('loadbalancers', 'listeners', 'pools')}

    def backup(self):
        printed = self.run_page('Take a backup')
        query = next(value for key, value in printed.items()
                     if key.startswith('ovsdb-tool query'))
        return {row['name'] for row in json.loads(query)[0]['rows']}

    def lose(self, server):
        """The server dies and its file with it."""
        server.kill()
        with open(server.file, 'w', encoding='utf-8') as file:
            file.write('no database\n')

    def wait_same(self):
        self.world.driver.wait_in_sync()
        wait.until(lambda: self.ctl.run('diff').returncode == 0,
                   'OVN is as it should be', 30)

    # The tests.

    def test_octavia(self):
        """OVN_Octavia that is lost comes back with the ids that clients know;
        what was made since the backup is adopted, what was deleted since is
        there again, and traffic does not notice"""
        kept, gone = self.tree('kept'), self.tree('gone')
        before = self.shown()
        self.assertEqual(self.backup(), {'kept', 'gone'})
        newer = self.tree('newer')
        self.api.delete(f'/loadbalancers/{gone["id"]}?cascade=true')
        self.api.wait_gone(gone['id'])

        self.lose(self.world.octavia)
        section = 'OVN_Octavia is lost'
        self.assertServes(kept)
        self.run_page(section, until='ovn-octavia-ctl diff')
        printed = self.run_page(section, until='ovn-octavia-ctl adopt',
                                after='systemctl start ovn-octavia-db')
        self.assertIn(gone['id'], printed['ovn-octavia-ctl diff'])
        self.assertNotIn(kept['id'], printed['ovn-octavia-ctl diff'])
        self.assertIn(newer['id'], printed['ovn-octavia-ctl orphans'])
        self.assertNotIn(kept['id'], printed['ovn-octavia-ctl orphans'])
        self.assertServes(kept)
        self.assertServes(newer)
        self.run_page(section, after='ovn-octavia-ctl orphans')

        self.wait_same()
        after = self.shown()
        for kind, ids in before.items():
            self.assertLessEqual(set(ids), set(after[kind]))
        self.assertIn(newer['id'], [key for key, _ in after['loadbalancers']])
        for lb in (kept, gone, newer):
            self.assertServes(self.api.wait_active(lb['id']))

    def test_octavia_without_backup(self):
        """without a backup all load balancers are read back out of OVN, with
        their ids"""
        lbs = [self.tree('one'), self.tree('two')]
        before = self.shown()
        self.lose(self.world.octavia)
        self.run_page('Without a backup')
        self.wait_same()
        after = self.shown()
        self.assertEqual({kind: [key for key, _ in ids]
                          for kind, ids in before.items()},
                         {kind: [key for key, _ in ids]
                          for kind, ids in after.items()})
        for lb in lbs:
            self.assertServes(lb)

    def test_northbound(self):
        """a Northbound that is lost comes back with its networks, and the
        driver writes what is newer than the backup"""
        lb = self.tree('kept')
        self.backup()
        newer = self.tree('newer')
        networks = self.api.request('GET', '/v2.0/subnets').body
        self.lose(self.world.ovn.nb)
        self.run_page('The Northbound database is lost')
        self.wait_same()
        wait.until(lambda: self.api.request('GET', '/v2.0/subnets').body
                   == networks, 'networks have the ids that they had')
        for each in (lb, newer):
            self.assertServes(self.api.wait_active(each['id']))

    def test_both(self):
        """if both are lost, the Northbound first and then OVN_Octavia bring
        back all that the backups have, and traffic before the driver runs"""
        lb = self.tree('kept')
        before = self.shown()
        self.backup()
        self.lose(self.world.ovn.nb)
        self.lose(self.world.octavia)
        for unit in (self.world.api, self.world.driver):
            unit.stop()
        self.run_page('The Northbound database is lost',
                      until='export')
        self.assertServes(lb)
        self.run_page('OVN_Octavia is lost',
                      after='systemctl stop ovn-octavia-api')
        self.wait_same()
        self.assertEqual(self.shown(), before)
        self.assertServes(lb)

    def test_restore(self):
        """"ovsdb-client restore" gives other ids, as the page warns"""
        self.tree('kept')
        before = self.shown()
        self.backup()
        self.world.driver.stop()
        source = self.places['/var/backups/'] + 'octavia.backup'
        with open(source, 'rb') as file:
            subprocess.run(['ovsdb-client', 'restore',
                            self.world.octavia.remote, 'OVN_Octavia'],
                           stdin=file, check=True,
                           timeout=30 * wait.SLOWNESS)
        wait.until(lambda: len(self.shown()['loadbalancers']) == 1,
                   'the API has the load balancer')
        self.assertNotEqual(self.shown(), before)
        self.run_page('OVN_Octavia is lost', until='ovn-octavia-ctl diff')
        self.run_page('OVN_Octavia is lost', after='ovn-octavia-ctl adopt')
        self.wait_same()
        self.assertEqual(self.shown(), before)
