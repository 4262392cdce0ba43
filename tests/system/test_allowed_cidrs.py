# SPDX-License-Identifier: Apache-2.0
"""allowed_cidrs: who may reach a listener, with packets from everywhere."""

import json
import os

from allowed import CLIENT1, CLIENT2, CLIENT3, MAC, OUTSIDE, VIP_FIP
import allowed
from lib import acls, ctl, harness, ovsdb, proc, talk, traffic, wait


class WaysIn(allowed.Allowed):

    def test_networks(self):
        """Clients of all networks of the router are kept out, or served, as
        the ranges say; without ranges all are served again"""
        self.make(CLIENT1)
        inside = ('client1', 'client2', 'web1')
        self.served('client1', among=inside)
        self.allow(CLIENT2)
        self.served('client2', among=inside)
        self.allow('10.1.0.0/24')
        self.served('client1', 'web1', among=inside)
        self.allow(CLIENT1, '10.2.0.0/16', '172.16.0.0/12')
        self.served('client1', 'client2', among=inside)
        self.allow('192.168.0.0/16')
        self.served(among=inside)
        self.allow()
        self.served('client1', 'client2', 'web1', among=inside)
        self.assertEqual(self.acls().acls, {})
        self.assertEqual(self.acls().translated, {})

    def test_floating_ip(self):
        """A client outside comes to the floating IP with its own address, one
        inside with its own"""
        self.make(OUTSIDE)
        self.external.add_floating_ip(VIP_FIP, self.vip)
        self.settle()
        self.served('outside', address=VIP_FIP)
        self.served(among=('client1', 'client2'))
        self.allow(CLIENT2)
        self.served('client2', address=VIP_FIP)
        self.served('client2', among=('client1', 'client2'))
        self.allow('10.99.0.0/24', CLIENT1)
        self.served('outside', 'client1', address=VIP_FIP)

    def test_vip_from_outside(self):
        """A host outside that has a route to the VIP is kept out, too"""
        self.make(CLIENT1)
        outside = self.external.host
        outside.run('ip', 'route', 'replace', f'{self.vip}/32', 'via',
                    self.external.network.gateway)
        self.addCleanup(outside.run, 'ip', 'route', 'del', f'{self.vip}/32')
        self.served('client1', among=('client1', 'outside'))
        self.allow(OUTSIDE)
        self.served('outside', among=('client1', 'outside'))

    def test_distributed(self):
        """So it is with a distributed floating IP"""
        self.make(CLIENT1)
        self.external.add_floating_ip(VIP_FIP, self.vip, 'web1', MAC)
        self.settle()
        self.served('client1', among=('client1', 'outside'),
                    address=VIP_FIP)
        self.allow('10.2.0.0/16')
        self.served('client2', address=VIP_FIP)

    def test_lonely_network(self):
        """A network without a router is guarded; and when it gets one, what
        is behind that is, too"""
        self.make(CLIENT3, subnet='n3', servers=())
        self.assertEqual(self.acls().on_switches(), ['n3'])
        topology, n3 = self.world.topology, self.world.networks[3]
        topology.attach('r1', n3)
        self.addCleanup(topology.detach, 'r1', n3)
        self.api.create_member(self.lb['id'], self.lb['pools'][0]['id'],
                               self.hosts['web1'].address, 8080, 'n1')
        self.settle()
        self.served('client3', among=('client1', 'client3'))
        seen = self.acls()
        self.assertEqual(seen.on_switches(), [])
        self.assertEqual(seen.group_ports(), ['n1-r1', 'n2-r1', 'n3-r1',
                                              'public-r1'])

    def test_attached(self):
        """A network that is attached to the router later is guarded as soon as
        it is served"""
        self.make(CLIENT1)
        topology, n3 = self.world.topology, self.world.networks[3]
        topology.attach('r1', n3)
        self.addCleanup(topology.detach, 'r1', n3)
        self.settle()
        self.served('client1', among=('client1', 'client3'))
        self.allow(CLIENT3)
        self.served('client3', among=('client1', 'client3'))
        self.assertEqual(len(self.acls().acls), 1)

    def test_udp(self):
        """Datagrams are kept out, too"""
        self.make(CLIENT2, protocol='UDP')
        self.served('client2', among=('client1', 'client2'))
        self.external.add_floating_ip(VIP_FIP, self.vip)
        self.settle()
        self.served('client2', address=VIP_FIP)

    def test_hairpin(self):
        """A member that is its own client needs to be in the ranges"""
        self.make(CLIENT1)
        self.served(among=('web1',))
        self.allow('10.1.0.11/32')
        self.served('web1', among=('client1', 'web1'))

    def test_additional_vips(self):
        """Additional VIPs are guarded as the first one"""
        second = ('Logical_Router_Port', 'r1-n1', 'networks', '10.101.0.1/24')
        self.nbctl('add', *second)
        self.addCleanup(self.nbctl, 'remove', *second)
        self.addCleanup(self.delete_all)
        subnet = wait.until(lambda: self.subnet('10.101.0.0/24'),
                            'the second subnet is known')
        self.make(CLIENT2, additional_vips=[{'subnet_id': subnet}])
        other = self.lb['additional_vips'][0]['ip_address']
        for address in (self.vip, other):
            self.served('client2', among=('client1', 'client2'),
                        address=address)
        self.assertEqual(len(self.acls().acls), 1)

    def test_ports(self):
        """Each listener has its own ranges, and others are for everybody"""
        self.make(CLIENT1)
        pool = self.lb['pools'][0]['id']
        self.api.create_listener(self.lb['id'], 81, default_pool_id=pool,
                                 allowed_cidrs=[CLIENT2])
        self.api.create_listener(self.lb['id'], 82, default_pool_id=pool)
        self.settle()
        for port, clients in ((80, ('client1',)), (81, ('client2',)),
                              (82, ('client1', 'client2'))):
            for name in ('client1', 'client2'):
                traffic.wait_for(self.hosts[name], self.vip, port,
                                 ['web1'] if name in clients else [],
                                 count=10)


class Ipv6(allowed.Allowed):

    def test_ipv6(self):
        """IPv6 has its own ranges; without one, no client of it is served"""
        self.make_both()
        both = ('client1', 'client2')
        for cidrs, four, six in (
                ((), both, both),
                ((CLIENT1,), ('client1',), ()),
                (('fd00:2::/64',), (), ('client2',)),
                ((CLIENT2, 'fd00:1::15/128'), ('client2',), ('client1',)),
                (('0.0.0.0/0', '::/0'), both, both)):
            with self.subTest(cidrs=cidrs):
                self.allow(*cidrs)
                self.served(*four, among=both)
                self.served(*six, among=both, address=self.vip6)


class Changes(allowed.Allowed):

    def n_commits(self):
        return int(self.world.driver.status()['nb-commits'])

    def test_whole_tree(self):
        """A load balancer that comes whole is never open: its ACLs come with
        its rows"""
        host = self.hosts['web1']
        lb = self.api.post('/loadbalancers', {'loadbalancer': {
            'name': 'whole', 'vip_subnet_id': self.api.subnet_id('n1'),
            'listeners': [{
                'name': 'l', 'protocol': 'TCP', 'protocol_port': 80,
                'allowed_cidrs': [CLIENT2],
                'default_pool': {
                    'name': 'p', 'protocol': 'TCP',
                    'lb_algorithm': 'SOURCE_IP_PORT',
                    'members': [{'address': host.address,
                                 'protocol_port': 8080}]}}]}})
        self.lb = self.api.wait_active(lb['id'])
        self.vip, self.protocol = self.lb['vip_address'], 'tcp'
        self.settle()
        self.served('client2', among=('client1', 'client2'))

    def test_few_writes(self):
        """A change of ranges is one transaction of one row, and all is gone
        with the load balancer"""
        self.make(*(f'172.16.{n}.0/24' for n in range(10)))
        key = self.acls().key()
        before = self.n_commits()
        self.allow(CLIENT1)
        self.assertEqual(self.n_commits() - before, 1)
        seen = self.acls()
        self.assertEqual(seen.key(), key)
        self.assertEqual(seen.group_ports(), ['n1-r1', 'n2-r1', 'public-r1'])
        self.api.delete_loadbalancer(self.lb['id'])

        def gone():
            seen = self.acls()
            assert not seen.acls and not seen.groups, seen.matches()
            return True
        wait.until(gone, 'ACLs and port groups are gone')

    def test_explained(self):
        """explain says whom the ranges refuse"""
        self.make(CLIENT1, '192.168.0.0/16')
        tool = ctl.Ctl(self.world)
        printed = tool.run('explain', self.lb['id']).stdout
        self.assertIn('note    [allowed-cidrs]', printed)
        self.assertIn(f'{CLIENT1},192.168.0.0/16 (listener tcp 80)', printed)
        self.allow()
        self.assertNotIn('allowed-cidrs',
                         tool.run('explain', self.lb['id']).stdout)

    def test_established(self):
        """Connections of clients that lose access live on inside, and end
        where they come from outside; new ones are refused"""
        self.make(servers=('web1',))
        self.external.add_floating_ip(VIP_FIP, self.vip)
        self.settle()
        talks = {name: talk.with_server(self.hosts[name], address, 80,
                                        'web1')
                 for name, address in (('client1', self.vip),
                                       ('client2', self.vip),
                                       ('outside', VIP_FIP))}
        for one in talks.values():
            self.addCleanup(one.close)
        self.allow('192.168.0.0/16')
        seen = {name: one.ask() for name, one in talks.items()}
        self.assertEqual(seen, {'client1': 'web1', 'client2': 'web1',
                                'outside': '-'})
        self.served(among=('client1', 'client2'))


class Repair(allowed.Allowed):

    def test_hands(self):
        """What a hand deletes or edits is back at once, also with others on
        the router that are for everybody"""
        for number in range(3):
            self.web_lb(f'free{number}')
        self.make(CLIENT1)

        def as_made():
            seen = self.acls()
            assert len(seen.acls) == 1 and len(seen.groups) == 1
            row, = seen.acls.values()
            group, = seen.groups.values()
            second, = seen.translated.values()
            assert set(group['acls']) == {*seen.acls, *seen.translated}
            assert seen.group_ports() == ['n1-r1', 'n2-r1', 'public-r1']
            return [{column: one[column] for column in (
                'direction', 'priority', 'match', 'action', 'options')}
                    for one in (row, second)] + [
                        group['name'], group['external_ids']]
        made = as_made()
        for command in (
                ('--all', 'destroy', 'Port_Group'),
                ('clear', 'Port_Group', 'GROUP', 'acls'),
                ('clear', 'Port_Group', 'GROUP', 'ports'),
                ('set', 'ACL', 'ACL', 'priority=1'),
                ('set', 'ACL', 'ACL', 'action=allow'),
                ('set', 'ACL', 'ACL', 'direction=to-lport'),
                ('set', 'ACL', 'ACL', 'match="ip4.src == 1.2.3.4"'),
                ('set', 'ACL', 'ACL', 'options:apply-after-lb=true'),
                ('clear', 'ACL', 'SECOND', 'options'),
                ('set', 'ACL', 'SECOND', 'match="ip4"'),
                ('set', 'Port_Group', 'GROUP', 'name=other'),
                ('clear', 'Port_Group', 'GROUP', 'external_ids'),
                ('remove', 'Port_Group', 'GROUP', 'external_ids',
                 'ovn-octavia\\:router')):
            with self.subTest(command=command):
                seen = self.acls()
                second, = seen.translated
                names = {'GROUP': next(iter(seen.groups)),
                         'ACL': seen.key(), 'SECOND': second}
                self.nbctl(*[names.get(word, word) if i == 2 else word
                             for i, word in enumerate(command)])

                def so():
                    now = as_made()
                    assert now == made, now
                    return True
                wait.until(so, f'{command} is repaired', 10)
        self.settle()
        self.served('client1', among=('client1', 'client2'))

    def add_tiers(self):
        """OVN has ACL.tier from 23.06 on: an older one's database is converted
        while all runs, and the driver started again."""
        with open(ovsdb.NB_SCHEMA, encoding='utf-8') as file:
            schema = json.load(file)
        columns = schema['tables']['ACL']['columns']
        if 'tier' in columns:
            return
        columns['tier'] = {'type': {'key': {
            'type': 'integer', 'minInteger': 0, 'maxInteger': 3}}}
        path = os.path.join(self.world.rundir, 'tier.ovsschema')
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(schema, file)
        self.allow_log(*harness.CONNECTION_LOST)
        proc.run(['ovsdb-client', 'convert', self.world.ovn.nb.remote, path])
        self.world.driver.wait_in_sync()
        self.world.driver.stop()
        self.world.driver.start().wait_ready()

    def test_tier(self):
        """So is the tier of an ACL, if OVN has tiers, whenever it was set"""
        self.make(CLIENT1)
        self.add_tiers()

        def tiers(new=None):
            with self.world.ovn.nb.client() as nb:
                if new is not None:
                    nb.transact({'op': 'update', 'table': 'ACL', 'where': [],
                                 'row': {'tier': new}})
                return [row['tier'] for row in nb.select('ACL')]

        def are_repaired():
            seen = tiers()
            assert seen == [0, 0], seen
            return True
        self.assertEqual(tiers(), [0, 0])
        tiers(2)
        wait.until(are_repaired, 'the tiers are as they were')
        self.settle()
        self.world.driver.stop()
        self.assertEqual(tiers(3), [3, 3])
        self.world.driver.start().wait_ready()
        wait.until(are_repaired, 'the tiers are as they were')
        self.settle()
        self.served('client1', among=('client1', 'client2'))

    def test_while_away(self):
        """So is what was changed while the driver was down"""
        self.make(CLIENT1)
        matches = self.acls().matches()
        self.world.driver.stop()
        self.nbctl('--all', 'destroy', 'Port_Group')
        printed = ctl.Ctl(self.world).run('diff').stdout
        self.assertIn('port group of router r1 = nothing -> there', printed)
        self.assertIn(f'ACL of listener {self.listener} for IPv4 on router '
                      f'r1 = nothing -> {matches[0]}', printed)
        self.world.driver.start().wait_ready()

        def so():
            assert self.acls().matches() == matches
            return True
        wait.until(so, 'the ACL is back')
        self.settle()
        self.served('client1', among=('client1', 'client2'))

    def test_mark(self):
        """A port group whose mark was taken off while the driver was down is
        ours again by its name"""
        self.make(CLIENT1)
        group, = self.acls().groups
        before = self.nbctl('list', 'Port_Group', group)
        self.world.driver.stop()
        self.nbctl('clear', 'Port_Group', group, 'external_ids')
        # The database says that the name is taken.
        self.allow_log(r'\|WARN\|')
        self.world.driver.start().wait_ready()
        wait.until(lambda: self.nbctl('list', 'Port_Group', group) == before,
                   'the group is as it was')
        self.api.wait_active(self.lb['id'])
        self.settle()
        self.served('client1', among=('client1', 'client2'))

    def test_name_taken(self):
        """A port group of others with the name of ours is not touched: the
        load balancer is in ERROR, as long as it is there"""
        router = self.nbctl('--bare', '--columns=_uuid', 'list',
                            'Logical_Router', 'r1').strip()
        name = 'ovn_octavia_' + router.replace('-', '_')
        self.nbctl('pg-add', name, 'client1', '--', 'set', 'Port_Group', name,
                   'external_ids:whose=theirs')
        self.addCleanup(self.nbctl, '--if-exists', 'destroy', 'Port_Group',
                        name)
        before = self.nbctl('list', 'Port_Group', name)
        self.allow_log(r'\|WARN\|')
        self.make()
        self.api.put('/listeners/' + self.listener, {'listener': {
            'allowed_cidrs': [CLIENT1]}})

        def is_error():
            lb = self.api.get('/loadbalancers/' + self.lb['id'])
            assert lb['provisioning_status'] == 'ERROR', lb
            return True
        wait.until(is_error, 'the load balancer is in ERROR')
        self.assertEqual(self.nbctl('list', 'Port_Group', name), before)
        self.nbctl('destroy', 'Port_Group', name)
        self.api.wait_active(self.lb['id'])
        self.settle()
        self.served('client1', among=('client1', 'client2'))

    def test_restart(self):
        """A driver that starts again has nothing to write"""
        self.make(CLIENT1)
        before = self.acls().acls
        self.world.driver.stop()
        self.world.driver.start().wait_ready()
        self.settle()
        self.assertEqual(self.acls().acls, before)

    def test_lost_database(self):
        """So is what was changed while the Northbound database was away"""
        self.allow_log(*harness.CONNECTION_LOST)
        self.make(CLIENT1)
        matches = self.acls().matches()
        # The driver meets a replica without the rows: it cannot be told of
        # each.
        self.world.driver.process.freeze()
        self.nbctl('--all', 'destroy', 'Port_Group')
        self.world.ovn.nb.restart()
        self.world.driver.process.thaw()

        def so():
            assert self.acls().matches() == matches
            return True
        wait.until(so, 'the ACL is back')
        self.world.driver.wait_in_sync()
        self.settle()
        self.served('client1', among=('client1', 'client2'))

    def test_adopted(self):
        """A load balancer that only OVN has keeps its ACLs, and has its ranges
        again when it is adopted"""
        self.make(CLIENT1, '192.168.0.0/16')
        self.world.driver.wait_in_sync()
        before = self.acls().acls
        self.allow_log(r'not in OVN_Octavia')
        tool = ctl.Ctl(self.world)
        tool('destroy', 'Load_Balancer', self.lb['id'])
        wait.until(lambda: self.api.get('/loadbalancers') == [],
                   'the load balancer is lost')
        self.assertEqual(self.acls().acls, before)
        tool('adopt')
        self.api.wait_active(self.lb['id'])
        self.world.driver.wait_in_sync()
        listener = self.api.get('/listeners/' + self.listener)
        self.assertEqual(sorted(listener['allowed_cidrs']),
                         [CLIENT1, '192.168.0.0/16'])
        self.assertEqual(self.acls().acls, before)

    def test_orphans(self):
        """orphans lists the ACLs and port groups of a load balancer that only
        OVN has, and remove-orphan removes them"""
        self.make(CLIENT1)
        self.world.driver.wait_in_sync()
        group, = self.acls().groups
        tool = ctl.Ctl(self.world)
        self.assertEqual(tool('orphans'), '')
        self.allow_log(r'not in OVN_Octavia')
        tool('destroy', 'Load_Balancer', self.lb['id'])
        wait.until(lambda: self.api.get('/loadbalancers') == [],
                   'the load balancer is lost')
        listed = [line.split() for line in tool('orphans').splitlines()]
        seen = self.acls()
        keys = {*seen.acls, *seen.translated}
        self.assertEqual({key for kind, key, _ in listed if kind == 'acl'},
                         keys)
        self.assertEqual([name for kind, _, name in listed
                          if kind == 'port-group'], [group])
        before = seen.acls
        printed = tool('--dry-run', 'remove-orphan', self.lb['id'])
        self.assertEqual(printed.count('would remove acl '), 2, printed)
        self.assertEqual(self.acls().acls, before)
        tool('remove-orphan', *{name for _, _, name in listed})

        seen = self.acls()
        self.assertEqual((seen.acls, seen.translated, seen.groups),
                         ({}, {}, {}))
        self.assertEqual(tool('orphans'), '')

    def test_others(self):
        """Port groups and ACLs of others stay byte for byte"""
        self.nbctl('pg-add', 'pg_security', 'client1', '--',
                   '--type=port-group', 'acl-add', 'pg_security', 'from-lport',
                   '1002', 'inport == @pg_security && ip4', 'allow-related',
                   '--', '--type=port-group', 'acl-add', 'pg_security',
                   'to-lport', '1002', 'outport == @pg_security && ip4',
                   'allow-related')
        self.addCleanup(self.nbctl, 'pg-del', 'pg_security')

        def foreign():
            return (self.nbctl('list', 'Port_Group', 'pg_security')
                    + self.nbctl('find', 'ACL', 'priority=1002'))
        before = foreign()
        self.make(CLIENT2)
        # The security group lets client1 send: it is not let in for that.
        self.served('client2', among=('client1', 'client2'))
        self.allow(CLIENT1)
        self.served('client1', among=('client1', 'client2'))
        self.allow()
        self.api.delete_loadbalancer(self.lb['id'])
        self.assertEqual(foreign(), before)


class Refused(allowed.Allowed):

    def fault(self):
        lb = self.api.get('/loadbalancers/' + self.lb['id'])
        return lb['provisioning_status']

    def test_hole(self):
        """Where clients cannot be kept out none is served, the load balancer
        is in ERROR, and that heals"""
        self.make(CLIENT1)
        self.allow_log(r'WARN\|.*allowed_cidrs cannot be enforced')
        self.nbctl('lr-add', 'r77', '--', 'lrp-add', 'r77', 'r77-r1',
                   '02:00:00:00:77:01', '10.77.0.2/30', 'peer=r1-r77', '--',
                   'lrp-add', 'r1', 'r1-r77', '02:00:00:00:77:02',
                   '10.77.0.1/30', 'peer=r77-r1')

        def heal():
            self.nbctl('--if-exists', 'lrp-del', 'r1-r77', '--',
                       '--if-exists', 'lr-del', 'r77')
        self.addCleanup(heal)

        def is_error():
            assert self.fault() == 'ERROR', self.fault()
            return True
        wait.until(is_error, 'the load balancer is in ERROR')
        self.world.ovn.sync()
        self.served(among=('client1', 'client2'))
        heal()
        self.api.wait_active(self.lb['id'])
        self.settle()
        self.served('client1', among=('client1', 'client2'))
