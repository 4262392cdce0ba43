# SPDX-License-Identifier: Apache-2.0
"""Association: by Load_Balancer_Group, the default, or switch by switch and
router by router; and the way from one to the other."""

import random

from lib import harness, nbview, topology, traffic, wait

GROUP = '--association=group'
DIRECT = '--association=direct'


class Groups(harness.SystemTest):

    def setUp(self):
        super().setUp()
        self.nbctl = self.world.ovn.nbctl

    def lbs(self, count, **attributes):
        """Many plain load balancers."""
        made = [self.api.create_loadbalancer('n1', ready=False,
                                             name=f'many{number}',
                                             **attributes)
                for number in range(count)]
        for lb in made:
            self.api.wait_active(lb['id'])
        self.settle()
        return made

    def attach(self, router, network):
        self.world.topology.attach(router, network)

    def detach_later(self, router, network):
        nb = self.nb()
        if f'{router}-{network.name}' in nb.router_ports:
            self.world.topology.detach(router, network)

    def test_shared(self):
        """Load balancers that need the same share a group"""
        self.lbs(5)
        near = self.web_lb('near')
        self.settle()
        group, = self.nb().groups.values()
        self.assertEqual(len(group['load_balancer']), 6)
        # A member elsewhere: that one needs another.
        pool, = near['pools']
        member = self.api.create_member(
            near['id'], pool['id'], self.world.hosts['client3'].address,
            8080, 'n3')
        self.settle()
        self.assertEqual(
            sorted(len(group['load_balancer'])
                   for group in self.nb().groups.values()), [1, 5])
        self.api.remove(near['id'], f'/pools/{pool["id"]}/members/'
                        + member['id'])
        self.settle()
        self.world.driver.wait_in_sync()

        def together():
            nb = self.nb()
            assert len(nb.groups) == 1, nb.groups
            return True
        wait.until(together, 'they share a group again')

    def test_last_leaves(self):
        """The last load balancer takes the group along"""
        one, two = self.lbs(2)
        self.assertEqual(len(self.nb().groups), 1)
        self.api.delete_loadbalancer(one['id'])
        self.world.driver.wait_in_sync()
        self.assertEqual(len(self.nb().groups), 1)
        self.api.delete_loadbalancer(two['id'])
        wait.until(lambda: self.nb().traces() == [], 'nothing is left')

    @staticmethod
    def destruction(group):
        """The command that takes a group off and destroys it."""
        return ['remove', 'Logical_Switch', 'n1', 'load_balancer_group',
                group, '--', 'remove', 'Logical_Switch', 'n2',
                'load_balancer_group', group, '--', 'remove',
                'Logical_Router', 'r1', 'load_balancer_group', group, '--',
                'destroy', 'Load_Balancer_Group', group]

    def attach_cost(self):
        """How many rows change, by table, when a router gets a network, and
        how many commits the driver makes of it."""
        network = self.world.networks[3]
        before = int(self.world.driver.wait_in_sync()['nb-commits'])
        with self.world.ovn.nb.client() as db:
            db.monitor('Load_Balancer', 'Load_Balancer_Group',
                       'Logical_Switch', 'Logical_Router')
            self.attach('r1', network)
            self.settle()
            after = int(self.world.driver.wait_in_sync()['nb-commits'])
            changes = db.changes()
        self.world.topology.detach('r1', network)
        self.settle()
        counts = {}
        for change in changes:
            for table, rows in change.items():
                counts[table] = counts.get(table, 0) + len(rows)
        return counts, after - before

    def test_attach(self):
        """A router attach costs the same for thirty load balancers as for one
        """
        self.addCleanup(self.detach_later, 'r1', self.world.networks[3])
        self.lbs(1)
        one = self.attach_cost()
        self.lbs(29)
        many = self.attach_cost()
        self.assertEqual(many, one)
        counts, commits = many
        self.assertNotIn('Load_Balancer', counts)
        self.assertLessEqual(commits, 2)

    def test_create_cost(self):
        """One more load balancer touches no switch and no router"""
        self.lbs(3)
        with self.world.ovn.nb.client() as db:
            db.monitor('Logical_Switch', 'Logical_Router',
                       'Load_Balancer_Group')
            self.api.create_loadbalancer('n1', name='one more')
            self.world.driver.wait_in_sync()
            changes = db.changes()
        tables = [table for change in changes for table in change]
        # The switch only because of the VIP's port.
        self.assertEqual(tables.count('Logical_Router'), 0, changes)
        self.assertLessEqual(tables.count('Logical_Switch'), 1, changes)
        self.assertEqual(tables.count('Load_Balancer_Group'), 1, changes)

    def switch(self, option, lb, *clients):
        """Restarts the driver with another option while clients send."""
        streams = [traffic.Stream(self.world.hosts[client],
                                  lb['vip_address'], 80).__enter__()
                   for client in clients]
        try:
            self.world.driver.restart(option).wait_ready()
            self.world.driver.wait_in_sync()
            self.settle()
        finally:
            for stream in streams:
                stream.__exit__()
        for client, stream in zip(clients, streams):
            self.assertEqual(stream.result.failed, 0,
                             f'{client}: {stream.result}')
            self.assertGreater(stream.result.answered, 10)
            self.assertEqual(set(stream.result.answers), {'web1', 'web2'})

    def test_switch(self):
        """From groups to direct and back, no connection fails"""
        lb = self.web_lb('served')
        self.lbs(20)
        self.addCleanup(lambda: self.world.driver.restart().wait_ready())
        for _ in range(2):
            self.switch(DIRECT, lb, 'client1', 'client2')
            nb = self.nb()
            self.assertEqual(nb.groups, {})
            for name in ('n1', 'n2', 'r1'):
                self.assertEqual(len(nb.carried_by(name)), 21)
            self.switch(GROUP, lb, 'client1', 'client2')
            nb = self.nb()
            self.assertEqual(len(nb.groups), 1)
            self.assertEqual(
                [row['load_balancer'] for row in nb.switches.values()
                 if row['load_balancer']], [])

    def test_join_and_leave(self):
        """Traffic goes on while networks join and leave the router"""
        network = self.world.networks[3]
        lb = self.web_lb('served')
        self.lbs(3)
        self.addCleanup(self.detach_later, 'r1', network)
        with traffic.Stream(self.world.hosts['client1'], lb['vip_address'],
                            80) as stream:
            for _ in range(3):
                self.attach('r1', network)
                self.settle()
                self.world.topology.detach('r1', network)
                self.settle()
        self.assertEqual(stream.result.failed, 0, stream.result)

    def test_broken(self):
        """A group that somebody breaks is repaired"""
        lb = self.web_lb('victim')
        self.settle()
        group, = self.nb().groups.values()
        row, = self.nb().rows(lb['id']).values()
        key = group['_uuid']
        for change in (
                ['remove', 'Logical_Switch', 'n1', 'load_balancer_group',
                 key],
                ['remove', 'Logical_Router', 'r1', 'load_balancer_group',
                 key],
                ['add', 'Logical_Switch', 'n3', 'load_balancer_group', key],
                ['remove', 'Load_Balancer_Group', key, 'load_balancer',
                 row['_uuid']],
                ['clear', 'Load_Balancer_Group', key, 'load_balancer'],
                ['clear', 'Logical_Switch', 'n1', 'load_balancer_group',
                 '--', 'clear', 'Logical_Switch', 'n2',
                 'load_balancer_group', '--', 'clear', 'Logical_Router',
                 'r1', 'load_balancer_group'],
                self.destruction(key)):
            with self.subTest(change=change[:3]):
                self.nbctl(*change)
                self.settle()
        traffic.wait_for(self.world.hosts['client2'], lb['vip_address'], 80,
                         {'web1', 'web2'})

    def test_broken_while_away(self):
        """A group that is broken while the driver is away is repaired, too"""
        lb = self.web_lb('victim')
        self.settle()
        self.world.driver.stop()
        group, = self.nb().groups
        self.nbctl(*self.destruction(group))
        self.world.topology.attach('r1', self.world.networks[3])
        self.addCleanup(self.detach_later, 'r1', self.world.networks[3])
        self.world.driver.start().wait_ready()
        self.settle()
        self.assertEqual(self.nb().carried_by('n3'), {lb['id']})
        traffic.wait_for(self.world.hosts['client3'], lb['vip_address'], 80,
                         {'web1', 'web2'})

    def test_foreign(self):
        """Groups of others are the same to the byte after it all"""
        self.nbctl('lb-add', 'handmade', '10.1.0.60:80', '10.1.0.11:8080')
        self.addCleanup(self.nbctl, '--if-exists', 'lb-del', 'handmade')
        self.nbctl('--id=@g', 'create', 'Load_Balancer_Group', 'name=theirs',
                   '--', 'add', 'Logical_Switch', 'n1',
                   'load_balancer_group', '@g',
                   '--', 'add', 'Logical_Router', 'r1',
                   'load_balancer_group', '@g')
        theirs, = self.nb().groups
        handmade, = self.nb().lbs

        def forget():
            for name in ('n1', 'r1'):
                table = 'Logical_Router' if name == 'r1' \
                    else 'Logical_Switch'
                self.nbctl('remove', table, name, 'load_balancer_group',
                           theirs)
            self.nbctl('destroy', 'Load_Balancer_Group', theirs)
        self.addCleanup(forget)
        self.addCleanup(self.delete_all)
        self.nbctl('add', 'Load_Balancer_Group', theirs, 'load_balancer',
                   handmade)
        self.addCleanup(lambda: self.world.driver.restart().wait_ready())

        def others():
            nb = self.nb()
            return (nb.groups[theirs], nb.lbs[handmade],
                    [row['name'] for row in [*nb.switches.values(),
                                             *nb.routers.values()]
                     if theirs in row['load_balancer_group']])
        before = others()
        self.lbs(3)
        self.assertEqual(others(), before)
        for option in (DIRECT, GROUP):
            self.world.driver.restart(option).wait_ready()
            self.settle()
            self.assertEqual(others(), before)
        self.delete_all()
        wait.until(lambda: len(self.nb().groups) == 1, 'ours is gone')
        self.assertEqual(others(), before)

    def test_renamed(self):
        """A group of ours that is renamed gets its name back, and stays ours
        """
        self.lbs(2)
        group, = self.nb().groups.values()
        self.nbctl('set', 'Load_Balancer_Group', group['_uuid'], 'name=other')
        wait.until(lambda: self.nb().groups == {group['_uuid']: group},
                   'the group is called as before')
        self.settle()
        self.nbctl('remove', 'Logical_Switch', 'n2', 'load_balancer_group',
                   group['_uuid'])
        wait.until(lambda: any(
            row['name'] == 'n2' and row['load_balancer_group']
            for row in self.nb().switches.values()), 'the group is on n2')

    def test_ours_in_foreign(self):
        """A load balancer that others put into their group stays there"""
        lb, = self.lbs(1)
        row, = self.nb().rows_of(lb['id'])
        self.nbctl('create', 'Load_Balancer_Group', 'name=theirs',
                   f'load_balancer={row["_uuid"]}')
        self.addCleanup(lambda: [
            self.nbctl('destroy', 'Load_Balancer_Group', key)
            for key, group in self.nb().groups.items()
            if group['name'] == 'theirs'])
        self.world.driver.resync()
        self.assertIn('theirs', self.nb().groups_of(row))
        self.assertEqual(len(self.nb().groups_of(row)), 2)
        self.api.delete_loadbalancer(lb['id'])
        wait.until(lambda: [group['name'] for group
                            in self.nb().groups.values()] == ['theirs'],
                   'only theirs is left')

    def test_random(self):
        """Whatever the network does, a full reconcile finds nothing to do"""
        random.seed(7)
        networks = {n: topology.Network(n) for n in range(40, 46)}
        routers = ('r40', 'r41')
        add = self.world.topology
        for network in networks.values():
            add.add_network(network)
            self.addCleanup(self.nbctl, '--if-exists', 'ls-del', network.name)
        for router in routers:
            add.add_router(router)
            self.addCleanup(self.nbctl, '--if-exists', 'lr-del', router)
        self.addCleanup(self.delete_all)
        links, lbs, members = set(), [], {}

        def create(network):
            lb = self.api.create_loadbalancer(network.name)
            listener = self.api.create_listener(lb['id'], 80)
            pool = self.api.create_pool(lb['id'], listener_id=listener['id'])
            lbs.append((lb['id'], pool['id']))

        def delete(_):
            lb_id, _ = lbs.pop(random.randrange(len(lbs)))
            members.pop(lb_id, None)
            self.api.delete_loadbalancer(lb_id)

        def join(network):
            lb_id, pool_id = random.choice(lbs)
            member = self.api.create_member(
                lb_id, pool_id, network.address(random.randrange(10, 200)),
                random.randrange(1, 65536), network.name)
            members.setdefault(lb_id, []).append(
                f'/pools/{pool_id}/members/{member["id"]}')

        def leave(_):
            for lb_id, paths in members.items():
                while paths:
                    self.api.remove(lb_id, paths.pop())

        def link(network):
            pair = random.choice(routers), network.number
            if pair in links:
                add.detach(pair[0], network)
            else:
                add.attach(pair[0], network)
            links.symmetric_difference_update({pair})

        for _ in range(3):
            create(random.choice(list(networks.values())))
        for number in range(100):
            change = random.choice([create, delete, join, join, leave, link,
                                    link, link])
            if len(lbs) < 2:
                change = create
            change(random.choice(list(networks.values())))
            # Often enough, several come together.
            if random.random() < 0.5:
                self.settle()
                self.assertEqual(self.world.driver.resync(), 0,
                                 f'after change {number}, '
                                 + change.__name__)
        self.settle()


class Direct(harness.SystemTest):
    driver_options = [DIRECT]

    def test_direct(self):
        """Without groups, each switch and router refers to each row"""
        lbs = [self.web_lb(f'direct{number}') for number in range(3)]
        self.settle()
        nb = self.nb()
        self.assertEqual(nb.groups, {})
        ids = {lb['id'] for lb in lbs}
        for name in ('n1', 'n2', 'r1'):
            self.assertEqual(nb.carried_by(name), ids)
        network = self.world.networks[3]
        self.world.topology.attach('r1', network)
        try:
            self.settle()
            self.assertEqual(self.nb().carried_by('n3'), ids)
            traffic.wait_for(self.world.hosts['client3'],
                             lbs[0]['vip_address'], 80, {'web1', 'web2'})
        finally:
            self.world.topology.detach('r1', network)
        self.settle()
        self.assertEqual(self.nb().carried_by('n3'), set())
        self.delete_all()
        self.assertEqual(
            [trace for trace in self.nb().traces()
             if not nbview.is_vip_port(trace)], [])
