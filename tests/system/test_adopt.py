# SPDX-License-Identifier: Apache-2.0
"""Load balancers of the Python OVN provider, on networks of Neutron's, become
ours without a write to OVN, but for an option of UDP; what is Neutron's stays
as it is.
"""

import json

from lib import ctl, harness, nbview, neutron, ovsdb, pyrows, wait, watch

IGNORED = ('NB_Global', 'Connection')


class Cloud:
    """Networks, a router with a gateway, and servers.  Numbers of addresses:
    router 1, gateway 9, servers 0x11 and on, VIPs from 0x80, probes 240.
    """

    def __init__(self, nb):
        self.neutron = make = neutron.Neutron(nb)
        self.front = make.network('front')
        self.front4 = make.subnet(self.front, '10.11.0.0/24')
        self.front6 = make.subnet(self.front, 'fd11::/64')
        self.back = make.network('back')
        self.back4 = make.subnet(self.back, '10.12.0.0/24')
        # No router, and the same addresses as another network.
        self.lone = make.network('lone')
        self.lone4 = make.subnet(self.lone, '10.12.0.0/24')
        # No DHCP: the router knows it.
        self.dark = make.network('dark')
        self.dark4 = make.subnet(self.dark, '10.14.0.0/24', dhcp=False)
        # Neither: nobody in OVN knows it.
        self.hidden = make.network('hidden')
        self.hidden4 = make.subnet(self.hidden, '10.15.0.0/24', dhcp=False)
        self.public = make.network('public', physical='physnet')
        self.public4 = make.subnet(self.public, '172.24.4.0/24')
        self.router = make.router()
        for subnet in (self.front4, self.front6, self.back4, self.dark4):
            make.attach(self.router, [subnet])
        make.attach(self.router, [self.public4], 9, is_gateway=True)
        self.servers = {
            'front': make.port([self.front4, self.front6], 0x11, 'front'),
            'back': make.port([self.back4], 0x11, 'back'),
            'back2': make.port([self.back4], 0x12, 'back2'),
            'lone': make.port([self.lone4], 0x11, 'lone'),
            'dark': make.port([self.dark4], 0x11, 'dark'),
            'hidden': make.port([self.hidden4], 0x11, 'hidden'),
            'public': make.port([self.public4], 0x11, 'public')}
        self.inside = [network.switch for network
                       in (self.front, self.back, self.dark)]

    def member(self, subnet, number, port=8080, up=True):
        """A member as pyrows wants it."""
        is_counted = subnet.network is not self.public
        return (subnet.address(number), port,
                subnet.network.switch if is_counted else None, subnet.id, up)


class OfNeutron(harness.SystemTest):

    driver_options = ('--association=direct',)

    @classmethod
    def start_world(cls):
        super().start_world()
        cls.cloud = Cloud(cls.world.ovn.nb)
        cls.number = 0

    def setUp(self):
        super().setUp()
        self.ctl = ctl.Ctl(self.world)
        self.maxDiff = None

    def dump(self):
        self.world.ovn.sync()
        with self.world.ovn.nb.client() as nb:
            return nb.dump(IGNORED)

    def port(self, subnets, lb_id, n=None):
        """Neutron's port for a VIP."""
        type(self).number += 1
        return self.cloud.neutron.vip_port(subnets, 0x80 + self.number,
                                           lb_id, n)

    def build(self, subnet=None, carried=True, more=(), switches=(),
              **attributes):
        """A load balancer with its VIP in 'subnet', and more VIPs in 'more':
        on the networks of the router, or (if it is not 'carried' there) only
        on 'switches'."""
        cloud = self.cloud
        subnet = subnet or cloud.front4
        lb_id = pyrows.new_id()
        port = self.port([subnet], lb_id)
        additional = []
        for n, other in enumerate(more, 1):
            extra = self.port([other], lb_id, n)
            additional.append((extra.addresses[0], other.network.switch,
                               extra.id))
        return pyrows.LoadBalancer(
            self.world.ovn.nb, port.addresses[0], subnet.network.switch,
            cloud.router.name if carried else None,
            [*(cloud.inside if carried else ()), *switches],
            lb_id=lb_id, port_id=port.id, additional=additional,
            **attributes)

    def adopt(self, lb):
        """Writes and adopts it; returns it as shown, and what the driver
        wrote, but for the option that rows of UDP get."""
        lb.write()
        self.world.ovn.sync()
        self.world.driver.wait_in_sync()
        before = self.dump()
        with watch.Watch(self.world.ovn.nb) as writes:
            printed = self.ctl('adopt', lb.id)
            self.assertIn(f'adopted       {lb.id}', printed)
            self.assertIn('project them', printed)
            shown = self.api.wait_active(lb.id)
            self.world.driver.wait_in_sync()
            self.ctl('resync')
            self.world.driver.wait_in_sync()
            written = pyrows.beside_flushing(writes.writes())
        if not written:
            self.assertEqual(self.dump(), pyrows.flushing(before))
        return shown, written

    def check(self, lb):
        """Adopts a load balancer without a write (but of hash fields for
        IPv6, where OVN has them), and has a life of it."""
        shown, written = self.adopt(lb)
        self.assert_fields_set(lb, written)
        self.live(shown)
        return shown

    def assert_fields_set(self, lb, written):
        """Nothing but the rows' hash fields was written, and that only if
        OVN has better ones: the Python provider knows those of IPv4 alone."""
        versions = {6 if ':' in vip else 4 for vip in lb.frontends()}
        expected = []
        for row in lb.rows:
            fields = nbview.hash_fields(row.algorithm, versions,
                                        self.nb().has_ipv6_hash)
            if fields != pyrows.FIELDS[row.algorithm]:
                expected.append(('Load_Balancer', ['selection_fields'],
                                 fields))
        self.assertEqual(
            [(table, sorted(update.get('old', ())),
              ovsdb.decode(update.get('new', {}).get('selection_fields')))
             for tables in written for table, rows in tables.items()
             for update in rows.values()], expected)

    def live(self, shown):
        """It is as any other: changes take effect, and after its deletion
        nothing is left but what was there before its rows."""
        api = self.api
        pool = api.get(f'/pools/{shown["pools"][0]["id"]}')
        path = f'/pools/{pool["id"]}/members'
        vips = self.vips(shown['id'])
        is_ipv6 = ':' in shown['vip_address']
        subnet = self.cloud.front6 if is_ipv6 else self.cloud.back4
        created = api.post(path, {'member': {
            'address': subnet.address(0x77), 'protocol_port': 99,
            'subnet_id': subnet.id}})
        api.wait_active(shown['id'])
        endpoint = pyrows.endpoint(subnet.address(0x77), 99)
        text = json.dumps([row['external_ids'] for row
                           in nbview.Nb(self.world.ovn.nb).rows_of(
                               shown['id'])])
        self.assertIn(f'member_{created["id"]}_{subnet.address(0x77)}:99_'
                      f'{subnet.id}', text)
        if pool['listeners'] and not pool['healthmonitor_id'] \
                and self.is_up(shown, pool):
            self.assertIn(endpoint, str(self.vips(shown['id'])))
        api.delete(f'{path}/{created["id"]}')
        api.wait_active(shown['id'])
        self.assertEqual(self.vips(shown['id']), vips)
        self.assertEqual(self.world.driver.resync(), 0)

    def is_up(self, shown, pool):
        listener = self.api.get(f'/listeners/{pool["listeners"][0]["id"]}')
        return all(item['admin_state_up'] for item
                   in (shown, pool, listener))

    def vips(self, lb_id):
        return sorted(json.dumps(row['vips'], sort_keys=True) for row
                      in nbview.Nb(self.world.ovn.nb).rows_of(lb_id))

    def ls_refs(self, lb):
        row, = self.nb().rows_of(lb.id)
        return json.loads(row['external_ids']['ls_refs'])

    def assert_gone(self, lb, before):
        """It is deleted; 'before' is what was there before its rows."""
        self.api.delete_loadbalancer(lb.id)
        self.world.driver.wait_in_sync()
        self.assertEqual(self.dump(), before)


class Shapes(OfNeutron):
    """Each adopts one load balancer, without a write, and deletes it."""

    def run_shape(self, lb):
        before = self.dump()
        shown = self.check(lb)
        self.assert_gone(lb, before)
        return shown

    def test_plain(self):
        """A plain load balancer has the ids of Neutron's network and subnet
        """
        cloud = self.cloud
        lb = self.build()
        lb.row('tcp').add(80, [cloud.member(cloud.front4, 0x11),
                               cloud.member(cloud.front4, 0x12)])
        shown = self.run_shape(lb)
        self.assertEqual(shown['vip_subnet_id'], cloud.front4.id)
        self.assertEqual(shown['vip_network_id'], cloud.front.id)

    def test_empty(self):
        """One without listeners, and without a protocol"""
        lb = self.build()
        lb.row('')
        before = self.dump()
        _, written = self.adopt(lb)
        self.assertEqual(written, [])
        self.assertEqual(self.world.driver.resync(), 0)
        self.assert_gone(lb, before)

    def test_many(self):
        """TCP, UDP and SCTP, several listeners and pools, one unused"""
        cloud = self.cloud
        lb = self.build()
        for protocol in ('tcp', 'udp', 'sctp'):
            row = lb.row(protocol)
            row.add(80, [cloud.member(cloud.front4, 0x11),
                         cloud.member(cloud.back4, 0x11)])
            row.add(81, [cloud.member(cloud.back4, 0x12)])
            row.add(82, [])
            row.add(None, [cloud.member(cloud.back4, 0x13)])
        shown = self.run_shape(lb)
        self.assertEqual(len(shown['listeners']), 9)
        self.assertEqual(len(shown['pools']), 12)

    def test_disabled(self):
        """Listeners, pools and members that are switched off"""
        cloud = self.cloud
        lb = self.build()
        row = lb.row('tcp')
        row.add(80, [cloud.member(cloud.back4, 0x11),
                     cloud.member(cloud.back4, 0x12, up=False)])
        row.add(81, [cloud.member(cloud.back4, 0x11)], listener_up=False)
        row.add(82, [cloud.member(cloud.back4, 0x11)], pool_up=False)
        self.run_shape(lb)

    def test_switched_off(self):
        """A load balancer that is switched off as a whole"""
        cloud = self.cloud
        lb = self.build(enabled=False)
        lb.row('tcp').add(80, [cloud.member(cloud.back4, 0x11)])
        self.run_shape(lb)

    def test_elsewhere(self):
        """Members in other networks: with the same addresses, without DHCP,
        and in a provider network"""
        cloud = self.cloud
        lb = self.build(switches=[cloud.lone.switch])
        lb.row('tcp').add(80, [cloud.member(cloud.back4, 0x11),
                               cloud.member(cloud.lone4, 0x11, 8081),
                               cloud.member(cloud.dark4, 0x11),
                               cloud.member(cloud.public4, 0x11)])
        shown = self.run_shape(lb)
        self.assertEqual(shown['vip_subnet_id'], cloud.front4.id)

    def test_provider(self):
        """A VIP in a provider network, whose switch does not carry it"""
        cloud = self.cloud
        lb = self.build(cloud.public4, carried=False)
        lb.row('tcp').add(80, [cloud.member(cloud.public4, 0x11)])
        shown = self.run_shape(lb)
        self.assertEqual(shown['vip_network_id'], cloud.public.id)

    def test_hidden(self):
        """A VIP in a subnet that OVN does not know is found by its network
        """
        cloud = self.cloud
        lb = self.build(cloud.hidden4, carried=True,
                        switches=[cloud.hidden.switch])
        lb.row('tcp').add(80, [cloud.member(cloud.back4, 0x11)])
        shown = self.run_shape(lb)
        self.assertEqual(shown['vip_network_id'], cloud.hidden.id)

    def test_neighbours(self):
        """Members in a subnet that OVN does not know, on the VIP's network
        """
        cloud = self.cloud
        lb = self.build(cloud.hidden4, carried=False,
                        switches=[cloud.hidden.switch])
        lb.row('tcp').add(80, [cloud.member(cloud.hidden4, 0x11)])
        before = self.dump()
        _, written = self.adopt(lb)
        self.assertEqual(written, [])
        # Without its port, nobody knows where the member is.
        port, = [row for row in self.nb().ports.values()
                 if row['name'] == cloud.servers['hidden'].id]
        for addresses, ids, count in (
                (['set', []], {}, 1),
                (port['addresses'], port['external_ids'], 2)):
            with self.world.ovn.nb.client() as nb:
                nb.transact({
                    'op': 'update', 'table': 'Logical_Switch_Port',
                    'where': [['name', '==', port['name']]],
                    'row': {'addresses': addresses,
                            'external_ids': neutron.as_map(ids)}})
            wait.until(lambda count=count: self.ls_refs(lb)
                       == {cloud.hidden.switch: count}, 'ls_refs follows')
        self.assert_gone(lb, before)

    def test_dual(self):
        """Additional VIPs, of both IP versions"""
        cloud = self.cloud
        lb = self.build(more=[cloud.front6, cloud.front4])
        lb.row('tcp').add(80, [cloud.member(cloud.front4, 0x11),
                               cloud.member(cloud.front6, 0x11)])
        shown = self.run_shape(lb)
        self.assertEqual([vip['subnet_id'] for vip
                          in shown['additional_vips']],
                         [cloud.front6.id, cloud.front4.id])

    def test_source_ip(self):
        """SOURCE_IP, and affinity"""
        cloud = self.cloud
        lb = self.build()
        lb.row('tcp', 'SOURCE_IP', affinity='360').add(
            80, [cloud.member(cloud.back4, 0x11)])
        lb.row('udp', 'SOURCE_IP').add(80, [cloud.member(cloud.back4, 0x11)])
        self.run_shape(lb)

    def test_floating_ip(self):
        """Floating IPs of VIPs"""
        cloud = self.cloud
        lb = self.build(more=[cloud.front4],
                        fips=['172.24.4.50', '172.24.4.51'])
        ports = [neutron.Port(cloud.front, [lb.vip]),
                 neutron.Port(cloud.front, [lb.additional[0][0]])]
        ports[0].id, ports[1].id = lb.port_id, lb.additional[0][2]
        for fip, port in zip(lb.fips, ports):
            cloud.neutron.floating_ip(cloud.router, fip, port)
        lb.row('tcp').add(80, [cloud.member(cloud.back4, 0x11)])
        self.run_shape(lb)

    def test_restart(self):
        """Nor does a driver write that starts later"""
        lb = self.build()
        lb.row('tcp').add(80, [self.cloud.member(self.cloud.back4, 0x11)])
        before = self.dump()
        self.check(lb)
        adopted = self.dump()
        self.world.driver.stop()
        self.world.driver.start()
        status = self.world.driver.wait_ready().wait_in_sync()
        self.assertEqual(status['nb-commits'], '0')
        self.assertEqual(self.dump(), adopted)
        self.assert_gone(lb, before)

    def test_unknown_subnet(self):
        """A member in a subnet that OVN does not know is a loss"""
        lb = self.build()
        hidden = self.cloud.hidden4
        lb.row('tcp').add(80, [self.cloud.member(hidden, 0x11)])
        before = self.dump()
        lb.write()
        complaint = self.ctl.fails('adopt', lb.id)
        self.assertIn(f'lost: OVN does not tell where subnet {hidden.id} is',
                      complaint)
        with self.world.ovn.nb.client() as nb:
            nb.transact({'op': 'delete', 'table': 'Load_Balancer',
                         'where': [['name', '==', lb.id]]})
        self.assertEqual(self.dump(), before)

    def test_dual_source_ip(self):
        """SOURCE_IP for both IP versions: IPv6 is hashed by what OVN has

        By fields of IPv4 it would send all IPv6 clients to one member.  If it
        has no other ones, the IPv6 VIP gets a row of its own."""
        cloud = self.cloud
        lb = self.build(more=[cloud.front6])
        lb.row('tcp', 'SOURCE_IP').add(
            80, [cloud.member(cloud.front4, 0x11),
                 cloud.member(cloud.front6, 0x11)])
        vips = set(lb.rows[0].vips)
        before = self.dump()
        shown, _ = self.adopt(lb)
        rows = self.nb().rows_of(lb.id)
        self.assertEqual(sorted(row['selection_fields'] for row in rows),
                         [['ip_dst', 'ip_src', 'ipv6_dst', 'ipv6_src']]
                         if self.nb().has_ipv6_hash
                         else [[], ['ip_dst', 'ip_src']])
        self.assertEqual({vip for row in rows for vip in row['vips']}, vips)
        self.live(shown)
        self.assert_gone(lb, before)

    def test_ipv6(self):
        """An IPv6 VIP: only its hash fields, which are of IPv4, are put right
        """
        cloud = self.cloud
        lb = self.build(cloud.front6)
        lb.switches = [cloud.front.switch]
        lb.row('tcp').add(80, [cloud.member(cloud.front6, 0x11)])
        before = self.dump()
        self.check(lb)
        self.assert_gone(lb, before)


class Groups(OfNeutron):

    driver_options = ('--association=group',)

    def test_groups(self):
        """With groups, it moves into one, and leaves nothing but Neutron's"""
        cloud = self.cloud
        lb = self.build()
        lb.row('tcp').add(80, [cloud.member(cloud.back4, 0x11)])
        before = self.dump()
        shown, _ = self.adopt(lb)
        nb = self.nb()
        row, = nb.rows_of(lb.id)
        self.assertEqual(len(nb.groups_of(row)), 1)
        self.assertEqual(nb.where(row), (set(cloud.inside),
                                         {cloud.router.name}))
        self.live(shown)
        self.api.delete_loadbalancer(lb.id)
        wait.until(lambda: self.dump() == before, 'nothing is left', 30)


class Monitors(OfNeutron):

    @classmethod
    def start_world(cls):
        super().start_world()
        cls.sources = {subnet: cls.cloud.neutron.probe_port(subnet, 240)
                       for subnet in (cls.cloud.back4, cls.cloud.front4)}
        cls.bind_servers()

    @classmethod
    def bind_servers(cls):
        """The servers' ports are up, on a chassis that is not there and so
        probes nobody."""
        ovn, ports = cls.world.ovn, cls.cloud.servers.values()
        ovn.sync()
        ovn.sbctl('chassis-add', 'elsewhere', 'geneve', '127.0.0.2')
        for port in ports:
            ovn.sbctl('lsp-bind', port.id, 'elsewhere')

        def are_up():
            seen = nbview.Nb(ovn.nb).ports
            return all(seen[port.id]['up'] is True for port in ports)
        wait.until(are_up, 'the servers are up')

    def monitored(self, fips=(), more=(), ports=(80,)):
        """A load balancer with a monitor; nobody probes its members, so that
        nothing is known of them."""
        cloud = self.cloud
        lb = self.build(more=more, fips=fips)
        row = lb.row('tcp')
        members = [cloud.member(cloud.back4, 0x11),
                   cloud.member(cloud.back4, 0x12),
                   cloud.member(cloud.front4, 0x11)]
        _, pool, ids = row.add(ports[0], members)
        for port in ports[1:]:
            row.ids[f'listener_{pyrows.new_id()}'] = f'{port}:pool_{pool}'
            row.vips[f'{lb.vip}:{port}'] = row.vips[f'{lb.vip}:{ports[0]}']
        places = [
            (subnet.address(number), cloud.servers[name].id,
             self.sources[subnet].addresses[0])
            for subnet, number, name in ((cloud.back4, 0x11, 'back'),
                                         (cloud.back4, 0x12, 'back2'),
                                         (cloud.front4, 0x11, 'front'))]
        row.monitor(pool, ids, ports[0], places)
        return lb

    def change(self, lb, shown):
        """Changes the monitor, and nothing else."""
        monitor, = self.api.get('/healthmonitors')
        before = self.dump()
        with watch.Watch(self.world.ovn.nb) as writes:
            self.api.put(f'/healthmonitors/{monitor["id"]}',
                         {'healthmonitor': {'delay': 7}})
            self.api.wait_active(shown['id'])
            self.assertEqual({table for tables in writes.writes()
                              for table in tables},
                             {'Load_Balancer_Health_Check'})
        nb = self.nb()
        row, = nb.rows_of(lb.id)
        self.assertEqual({nb.checks[key]['options']['interval']
                          for key in row['health_check']}, {'7'})
        self.api.put(f'/healthmonitors/{monitor["id"]}',
                     {'healthmonitor': {'delay': 5}})
        self.api.wait_active(shown['id'])
        self.assertEqual(self.dump(), before)

    def end(self, lb, shown, before):
        """Without its monitor, and then without itself."""
        self.live(shown)
        monitor, = self.api.get('/healthmonitors')
        self.api.delete(f'/healthmonitors/{monitor["id"]}')
        self.api.wait_active(shown['id'])
        row, = self.nb().rows_of(lb.id)
        self.assertEqual((row['health_check'], row['ip_port_mappings']),
                         ([], {}))
        self.assert_gone(lb, before)

    def test_plain(self):
        """A monitor, with Neutron's ports to probe from"""
        lb = self.monitored()
        before = self.dump()
        shown, written = self.adopt(lb)
        self.assertEqual(written, [])
        monitor, = self.api.get('/healthmonitors')
        self.assertEqual(
            [monitor[key] for key in ('type', 'delay', 'timeout',
                                      'max_retries', 'max_retries_down')],
            ['TCP', 5, 2, 3, 4])
        self.change(lb, shown)
        self.end(lb, shown, before)

    def test_floating_ip(self):
        """A check for the floating IP, too"""
        cloud = self.cloud
        lb = self.monitored(fips=['172.24.4.60'])
        port = neutron.Port(cloud.front, [lb.vip])
        port.id = lb.port_id
        cloud.neutron.floating_ip(cloud.router, '172.24.4.60', port)
        before = self.dump()
        shown, written = self.adopt(lb)
        self.assertEqual(written, [])
        self.end(lb, shown, before)

    def test_additional(self):
        """A check for each additional VIP"""
        lb = self.monitored(more=[self.cloud.front4])
        before = self.dump()
        shown, written = self.adopt(lb)
        self.assertEqual(written, [])
        self.end(lb, shown, before)

    def test_no_port(self):
        """A member without a port is in ERROR"""
        cloud = self.cloud
        lb = self.build()
        row = lb.row('tcp')
        members = [cloud.member(cloud.back4, number) for number in (0x11, 0x44)]
        _, pool, ids = row.add(80, members)
        row.monitor(pool, ids, 80, [
            (members[0][0], cloud.servers['back'].id,
             self.sources[cloud.back4].addresses[0])])
        row.status[ids[1]] = 'ERROR'
        before = self.dump()
        shown, written = self.adopt(lb)
        self.assertEqual(written, [])
        self.assertEqual(
            self.api.get(f'/pools/{pool}/members/{ids[1]}')[
                'operating_status'], 'ERROR')
        self.end(lb, shown, before)

    def test_unused(self):
        """A monitor of a pool that no listener uses"""
        cloud = self.cloud
        lb = self.build()
        row = lb.row('udp')
        _, pool, ids = row.add(None, [cloud.member(cloud.back4, 0x11)])
        row.monitor(pool, ids, None, [
            (cloud.back4.address(0x11), cloud.servers['back'].id,
             self.sources[cloud.back4].addresses[0])])
        before = self.dump()
        shown, written = self.adopt(lb)
        self.assertEqual(written, [])
        self.end(lb, shown, before)

    def test_listeners(self):
        """Other listeners of the pool get the checks that they lack"""
        lb = self.monitored(ports=(80, 81))
        before = self.dump()
        shown, written = self.adopt(lb)
        changes = sorted(
            (table, sorted(update.get('old', {})),
             update['new'].get('vip')) for tables in written
            for table, rows in tables.items() for update in rows.values())
        self.assertEqual(changes, [
            ('Load_Balancer', ['health_check'], None),
            ('Load_Balancer_Health_Check', [], f'{lb.vip}:81')])
        self.end(lb, shown, before)
