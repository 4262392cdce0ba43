# SPDX-License-Identifier: Apache-2.0
"""Others edit the Northbound database: what is ours is repaired, and what is
theirs is left alone, to the last byte."""

from lib import harness, nbview, ovsdb, traffic


class Repair(harness.SystemTest):

    def setUp(self):
        super().setUp()
        self.nbctl = self.world.ovn.nbctl
        self.lb = self.web_lb('victim')
        self.settle()
        self.row, = self.nb().rows(self.lb['id']).values()

    def assert_repaired(self):
        self.settle()
        traffic.wait_for(self.world.hosts['client1'],
                         self.lb['vip_address'], 80, {'web1', 'web2'})

    def test_row_deleted(self):
        """A deleted row comes back, with all its references"""
        self.nbctl('lb-del', self.row['_uuid'])
        self.assert_repaired()

    def test_columns(self):
        """A column of our row that is changed is put right"""
        vip = f'"{self.lb["vip_address"]}:80"'
        for change in (
                ['clear', 'vips'],
                ['set', f'vips:{vip}="10.1.0.99:1"'],
                ['set', 'vips:"10.1.0.98:81"="10.1.0.99:1"'],
                ['clear', 'selection_fields'],
                ['set', 'protocol=udp'],
                ['clear', 'external_ids'],
                ['set', 'external_ids:enabled=False'],
                ['set', 'external_ids:neutron\\:vip=1.2.3.4'],
                ['remove', 'external_ids', 'ls_refs'],
                ['remove', 'external_ids', 'lr_ref']):
            with self.subTest(change=change):
                # A change of the protocol may have made another row of it.
                row, = self.nb().rows(self.lb['id']).values()
                self.nbctl(change[0], 'Load_Balancer', row['_uuid'],
                           *change[1:])
                self.settle()
        self.assert_repaired()

    def test_renamed(self):
        """A row of ours that is renamed gets its name back, also if nobody
        was there to see it"""
        for is_seen in (True, False):
            with self.subTest(is_seen=is_seen):
                if not is_seen:
                    self.world.driver.stop()
                self.nbctl('set', 'Load_Balancer', self.row['_uuid'],
                           'name=other')
                if not is_seen:
                    self.world.driver.start().wait_ready()
                self.assert_repaired()
                self.world.driver.wait_in_sync()
                self.assertEqual(list(self.nb().lbs), [self.row['_uuid']])

    def test_dangling_references(self):
        """References to rows that are gone keep nobody busy"""
        router = ('Logical_Router', [['name', '==', 'r1']])
        other = self.nbctl('create', 'Load_Balancer',
                           'name=other').strip()
        self.nbctl('lr-lb-add', 'r1', 'other')
        with self.world.ovn.nb.client() as db:
            # ovsdb-server forgets the references of what changed first.
            db.transact(
                {'op': 'update', 'table': router[0], 'where': router[1],
                 'row': {'external_ids': ['map', [['a', 'b']]]}},
                *[{'op': 'delete', 'table': 'Load_Balancer',
                   'where': [['_uuid', '==', ['uuid', key]]]}
                  for key in (other, self.row['_uuid'])])
            self.world.driver.wait_in_sync()
            traffic.wait_for(self.world.hosts['client1'],
                             self.lb['vip_address'], 80, {'web1', 'web2'})
            # What we did not leave behind, we do not remove either.
            there = {row['_uuid'] for row in db.select('Load_Balancer')}
            seen, = db.select(*router)
            gone = set(ovsdb.uuids(seen['load_balancer'])) - there
            db.transact({'op': 'mutate', 'table': router[0],
                         'where': router[1], 'mutations': [
                             ['load_balancer', 'delete',
                              ['set', [['uuid', key] for key in gone]]]]})
        self.assert_repaired()

    def test_references(self):
        """References of switches and routers that are removed come back"""
        self.nbctl('ls-lb-del', 'n1', '--', 'ls-lb-del', 'n2', '--',
                   'lr-lb-del', 'r1')
        self.assert_repaired()

    def test_extra_references(self):
        """A reference of ours where none belongs is removed"""
        self.nbctl('ls-lb-add', 'n3', self.row['_uuid'])
        self.assert_repaired()
        self.assertEqual(self.nb().carried_by('n3'), set())

    def test_port_deleted(self):
        """A deleted VIP port comes back, with the same address"""
        self.nbctl('lsp-del', nbview.VIP_PORT + self.lb['id'])
        self.settle()
        self.assertEqual(
            self.api.get('/loadbalancers/' + self.lb['id'])['vip_address'],
            self.lb['vip_address'])
        self.assert_repaired()

    def test_port_changed(self):
        """A VIP port that is changed is put right"""
        name = nbview.VIP_PORT + self.lb['id']
        for change in (['lsp-set-type', name, ''],
                       ['lsp-set-addresses', name, 'unknown'],
                       ['clear', 'Logical_Switch_Port', name, 'addresses'],
                       ['lsp-set-addresses', name,
                        '02:00:00:00:00:77 10.1.0.77']):
            with self.subTest(change=change):
                self.nbctl(*change)
                self.settle()
        self.assert_repaired()

    def test_both_ends(self):
        """What is broken while the driver is away is repaired at its start"""
        self.world.driver.stop()
        self.nbctl('lb-del', self.row['_uuid'], '--',
                   'lsp-del', nbview.VIP_PORT + self.lb['id'])
        self.world.driver.start()
        self.world.driver.wait_ready()
        self.assert_repaired()

    def test_orphans(self):
        """What a load balancer left that was deleted behind our back goes"""
        self.world.driver.stop()
        self.api.delete(f'/loadbalancers/{self.lb["id"]}?cascade=true')
        self.nbctl('ls-lb-add', 'n3', self.row['_uuid'])
        self.world.driver.start()
        self.world.driver.wait_ready()
        self.api.wait_gone(self.lb['id'])
        self.world.driver.wait_in_sync()
        self.assertEqual(self.nb().traces(), [])


class Foreign(harness.SystemTest):

    def test_foreign(self):
        """Rows and elements of others are the same to the byte after it all"""
        nbctl = self.world.ovn.nbctl
        stranger = '6dd6e4a5-1b0b-4d4b-9a3c-5a3f7a1a2b3c'
        self.addCleanup(nbctl, 'lsp-del', 'ovn-lb-vip-' + stranger)
        nbctl('lb-add', 'handmade', '10.1.0.60:80', '10.1.0.11:8080', 'tcp')
        nbctl('lb-add', 'elsewhere', '10.2.0.60:80', '10.2.0.11:8080',
              'udp')
        # The name of a load balancer of ours is a bare UUID; so is this.
        nbctl('lb-add', stranger, '10.1.0.61:80', '10.1.0.11:8080')
        nbctl('ls-lb-add', 'n1', 'handmade', '--', 'ls-lb-add', 'n1',
              'elsewhere', '--', 'lr-lb-add', 'r1', 'handmade')
        nbctl('set', 'Logical_Switch', 'n1', 'external_ids:owner=me',
              'external_ids:ls_refs=mine', '--', 'set', 'Logical_Router',
              'r1', 'external_ids:owner=me', 'options:mine=1')
        nbctl('create', 'Load_Balancer_Group', 'name=group')
        nbctl('lsp-add', 'n1', 'ovn-lb-vip-not-a-uuid')
        nbctl('lsp-add', 'n1', 'ovn-lb-vip-' + stranger)
        self.world.ovn.sync()
        ignore = ('NB_Global', 'Connection')
        with self.world.ovn.nb.client() as nb:
            before = nb.dump(ignore)
        for name in ('one', 'two'):
            self.web_lb(name)
        self.settle()
        self.world.driver.kill()
        self.world.driver.start()
        self.world.driver.wait_ready()
        self.world.topology.attach('r1', self.world.networks[3])
        self.settle()
        self.world.topology.detach('r1', self.world.networks[3])
        self.settle()
        handmade = next(row['_uuid'] for row in self.nb().lbs.values()
                        if row['name'] == 'handmade')
        switch, = [row for row in self.nb().switches.values()
                   if row['name'] == 'n1']
        self.assertIn(handmade, switch['load_balancer'])
        self.delete_all()
        self.world.driver.resync()
        with self.world.ovn.nb.client() as nb:
            after = nb.dump(ignore)
        self.maxDiff = None
        self.assertEqual(after, before)
