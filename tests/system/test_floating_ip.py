# SPDX-License-Identifier: Apache-2.0
"""Floating IPs of load balancers, with a client outside of OVN; and of their
members."""

from lib import external, harness, health, traffic, wait

VIP_FIP = '10.99.0.50'
OTHER_FIP = '10.99.0.51'
MEMBER_FIP = '10.99.0.60'
MEMBER_MAC = '02:00:00:99:00:60'


class Outside(harness.SystemTest, health.Mixin):

    @classmethod
    def prepare_world(cls):
        cls.external = external.External(cls.world).create()

    def setUp(self):
        super().setUp()
        self.nbctl = self.world.ovn.nbctl
        for floating_ip in (VIP_FIP, OTHER_FIP, MEMBER_FIP):
            self.addCleanup(self.external.remove_floating_ip, floating_ip)

    def outside(self, address, *servers, port=80):
        traffic.wait_for(self.external.host, address, port, servers)

    def addresses(self, lb):
        """The addresses in the rows' VIPs."""
        return {vip.rpartition(':')[0] for row in self.nb().rows_of(lb['id'])
                for vip in row['vips']}

    def wait_addresses(self, lb, *addresses):
        def so():
            seen = self.addresses(lb)
            assert seen == set(addresses), seen
            return True
        wait.until(so, f'the VIPs are for {addresses}')
        self.settle()


class FloatingIp(Outside):

    def test_of_vip(self):
        """A floating IP of the VIP serves clients outside while it is there
        """
        lb = self.web_lb('public')
        vip = lb['vip_address']
        self.wait_addresses(lb, vip)
        self.external.add_floating_ip(VIP_FIP, vip)
        self.wait_addresses(lb, vip, VIP_FIP)
        row, = self.nb().rows(lb['id']).values()
        self.assertEqual(row['external_ids']['neutron:vip_fip'], VIP_FIP)
        self.outside(VIP_FIP, 'web1', 'web2')
        # Inside, both addresses work.
        for address in (vip, VIP_FIP):
            for client in ('client1', 'client2'):
                traffic.wait_for(self.world.hosts[client], address, 80,
                                 {'web1', 'web2'})
        self.external.remove_floating_ip(VIP_FIP)
        self.wait_addresses(lb, vip)
        self.outside(VIP_FIP)

    def test_before(self):
        """A floating IP that was there first is taken, and all that comes
        """
        self.external.add_floating_ip(VIP_FIP, '10.1.0.77')
        lb = self.web_lb('late', vip_address='10.1.0.77')
        self.wait_addresses(lb, '10.1.0.77', VIP_FIP)
        self.outside(VIP_FIP, 'web1', 'web2')
        pool, = lb['pools']
        self.api.create_listener(lb['id'], 443, default_pool_id=pool['id'])
        self.settle()
        self.outside(VIP_FIP, 'web1', 'web2', port=443)
        listener, = [item for item in self.api.get('/listeners')
                     if item['protocol_port'] == 80]
        self.api.remove(lb['id'], '/listeners/' + listener['id'])
        self.settle()
        self.outside(VIP_FIP, port=80)
        self.outside(VIP_FIP, 'web1', 'web2', port=443)

    def test_driver_down(self):
        """Floating IPs that came or went while the driver was down are known
        """
        lb = self.web_lb('away')
        vip = lb['vip_address']
        self.world.driver.stop()
        self.external.add_floating_ip(VIP_FIP, vip)
        self.world.driver.start().wait_ready()
        self.wait_addresses(lb, vip, VIP_FIP)
        self.outside(VIP_FIP, 'web1', 'web2')
        self.world.driver.stop()
        self.external.remove_floating_ip(VIP_FIP)
        self.world.driver.start().wait_ready()
        self.wait_addresses(lb, vip)

    def test_moved(self):
        """A floating IP that moves to another load balancer serves that one
        """
        one = self.web_lb('one', servers=['web1'])
        two = self.web_lb('two', 'n2', servers=['web2'])
        self.external.add_floating_ip(VIP_FIP, one['vip_address'])
        self.wait_addresses(one, one['vip_address'], VIP_FIP)
        self.outside(VIP_FIP, 'web1')
        self.external.remove_floating_ip(VIP_FIP)
        self.external.add_floating_ip(VIP_FIP, two['vip_address'])
        self.wait_addresses(one, one['vip_address'])
        self.wait_addresses(two, two['vip_address'], VIP_FIP)
        self.outside(VIP_FIP, 'web2')

    def test_changed_in_place(self):
        """A NAT row whose addresses are changed in place is followed"""
        lb = self.web_lb('changing')
        vip = lb['vip_address']
        self.external.add_floating_ip(VIP_FIP, vip)
        self.wait_addresses(lb, vip, VIP_FIP)
        nat, = self.nb().nats
        for change, addresses in (
                (f'external_ip={OTHER_FIP}', (vip, OTHER_FIP)),
                ('logical_ip=10.1.0.50', (vip,)),
                (f'logical_ip={vip}', (vip, OTHER_FIP)),
                ('type=dnat', (vip,)),
                ('type=dnat_and_snat', (vip, OTHER_FIP))):
            with self.subTest(change=change):
                self.nbctl('set', 'NAT', nat, change)
                self.wait_addresses(lb, *addresses)

    def test_two(self):
        """Several floating IPs of one VIP all serve"""
        lb = self.web_lb('two')
        vip = lb['vip_address']
        self.external.add_floating_ip(VIP_FIP, vip)
        self.external.add_floating_ip(OTHER_FIP, vip)
        self.wait_addresses(lb, vip, VIP_FIP, OTHER_FIP)
        self.outside(VIP_FIP, 'web1', 'web2')
        self.outside(OTHER_FIP, 'web1', 'web2')

    def test_other_router(self):
        """A floating IP of a router elsewhere is not one of the VIP"""
        self.world.topology.add_router('r77')
        self.addCleanup(self.nbctl, 'lr-del', 'r77')
        lb = self.web_lb('here')
        self.nbctl('lr-nat-add', 'r77', 'dnat_and_snat', OTHER_FIP,
                   lb['vip_address'])
        self.external.add_floating_ip(VIP_FIP, lb['vip_address'])
        self.wait_addresses(lb, lb['vip_address'], VIP_FIP)

    def test_neutron(self):
        """A floating IP that Neutron notes at the VIP's port is served"""
        lb = self.web_lb('noted')
        vip = lb['vip_address']
        port = 'ovn-lb-vip-' + lb['id']
        self.nbctl('set', 'Logical_Switch_Port', port,
                   f'external_ids:neutron\\:port_fip={VIP_FIP}')
        self.wait_addresses(lb, vip, VIP_FIP)
        # Both ways to know of it are the same floating IP.
        self.external.add_floating_ip(VIP_FIP, vip)
        self.outside(VIP_FIP, 'web1', 'web2')
        self.settle()
        self.nbctl('remove', 'Logical_Switch_Port', port, 'external_ids',
                   'neutron\\:port_fip')
        self.wait_addresses(lb, vip, VIP_FIP)
        self.external.remove_floating_ip(VIP_FIP)
        self.wait_addresses(lb, vip)

    def test_nonsense_of_neutron(self):
        """What is no address at the VIP's port is left alone"""
        lb = self.web_lb('nonsense')
        port = 'ovn-lb-vip-' + lb['id']
        for text in ('""', 'none', '10.99.0', '10.99.0.50/24'):
            self.nbctl('set', 'Logical_Switch_Port', port,
                       f'external_ids:neutron\\:port_fip={text}')
            self.world.driver.resync()
            self.assertEqual(self.addresses(lb), {lb['vip_address']}, text)
        self.nbctl('remove', 'Logical_Switch_Port', port, 'external_ids',
                   'neutron\\:port_fip')

    def test_users_port(self):
        """A floating IP of a port that the user supplied is served"""
        self.nbctl('lsp-add', 'n1', 'mine', '--', 'lsp-set-type', 'mine',
                   'virtual', '--', 'lsp-set-addresses', 'mine',
                   '02:00:00:00:00:78 10.1.0.78')
        self.addCleanup(self.nbctl, '--if-exists', 'lsp-del', 'mine')
        self.addCleanup(self.delete_all)
        port_id = self.nb().ports['mine']['_uuid']
        lb = self.web_lb('supplied', None, vip_port_id=port_id)
        self.assertEqual(lb['vip_address'], '10.1.0.78')
        self.wait_addresses(lb, '10.1.0.78')
        self.nbctl('set', 'Logical_Switch_Port', 'mine',
                   f'external_ids:neutron\\:port_fip={OTHER_FIP}')
        self.external.add_floating_ip(VIP_FIP, '10.1.0.78')
        self.wait_addresses(lb, '10.1.0.78', VIP_FIP, OTHER_FIP)
        self.outside(VIP_FIP, 'web1', 'web2')
        self.nbctl('remove', 'Logical_Switch_Port', 'mine', 'external_ids',
                   'neutron\\:port_fip')
        self.wait_addresses(lb, '10.1.0.78', VIP_FIP)
        self.external.remove_floating_ip(VIP_FIP)
        self.wait_addresses(lb, '10.1.0.78')

    def test_additional_vip(self):
        """A floating IP of an additional VIP is served, too"""
        switch = 'n1'
        self.nbctl('set', 'Logical_Switch', switch,
                   'other_config:ipv6_prefix="fd00:1::"')
        self.addCleanup(self.nbctl, 'remove', 'Logical_Switch', switch,
                        'other_config', 'ipv6_prefix')
        self.addCleanup(self.delete_all)

        def both():
            ids = {item['cidr'].split('/')[0]: item['id'] for item
                   in self.api.request('GET', '/v2.0/subnets'
                                       ).body['subnets']}
            return ids['10.1.0.0'], ids.get('fd00:1::')
        v4, v6 = wait.until(lambda: all(both()) and both(),
                            'there is an IPv6 subnet')
        lb = self.api.create_loadbalancer(
            name='dual', vip_subnet_id=v6,
            additional_vips=[{'subnet_id': v4}])
        listener = self.api.create_listener(lb['id'], 80)
        pool = self.api.create_pool(lb['id'], listener_id=listener['id'])
        for server in ('web1', 'web2'):
            host = self.world.hosts[server]
            self.api.create_member(
                lb['id'], pool['id'], host.address, 8080,
                **{'subnet_id': v4} if server == 'web1'
                else {'subnet': 'n2'})
        self.settle()
        address = lb['additional_vips'][0]['ip_address']
        self.external.add_floating_ip(VIP_FIP, address)
        self.wait_addresses(lb, address, VIP_FIP)
        row, = self.nb().rows(lb['id']).values()
        self.assertEqual(row['external_ids']['neutron:additional_vip_fips'],
                         VIP_FIP)
        self.outside(VIP_FIP, 'web1', 'web2')
        self.external.remove_floating_ip(VIP_FIP)
        self.wait_addresses(lb, address)

    def test_monitored(self):
        """Health decides what a floating IP serves, as for the VIP"""
        lb = self.web_lb('healthy')
        pool, = lb['pools']
        self.external.add_floating_ip(VIP_FIP, lb['vip_address'])
        self.api.create_monitor(lb['id'], pool['id'])
        self.settle()
        self.assertEqual(
            {check['vip'] for check in self.nb().checks.values()},
            {f'{VIP_FIP}:80', f'{lb["vip_address"]}:80'})
        self.wait_statuses(lb['id'], {pool['id']: 'ONLINE'})
        self.outside(VIP_FIP, 'web1', 'web2')
        self.stop_backend('web2')
        self.wait_statuses(lb['id'], {pool['id']: 'DEGRADED'})
        self.outside(VIP_FIP, 'web1')
        self.start_backend('web2')
        self.wait_statuses(lb['id'], {pool['id']: 'ONLINE'})
        self.outside(VIP_FIP, 'web1', 'web2')
        self.external.remove_floating_ip(VIP_FIP)
        self.settle()
        self.assertEqual(
            {check['vip'] for check in self.nb().checks.values()},
            {f'{lb["vip_address"]}:80'})


class MemberFloatingIp(Outside):
    """NAT rows of members with a MAC and a port are distributed: each chassis
    translates for its own."""

    def member_nat(self):
        nat, = [row for row in self.nb().nats.values()
                if row['external_ip'] == MEMBER_FIP]
        return nat['external_mac'] or None, nat['logical_port'] or None

    def wait_member_nat(self, *expected):
        def so():
            seen = self.member_nat()
            assert seen == expected, seen
            return True
        wait.until(so, f"the member's NAT row is {expected}")

    def setUp(self):
        super().setUp()
        self.external.add_floating_ip(
            MEMBER_FIP, self.world.hosts['web1'].address, 'web1', MEMBER_MAC)
        self.before = self.nat_row()
        # What the driver does to it, it undoes.
        self.addCleanup(self.assert_restored)
        self.addCleanup(self.delete_all)

    def nat_row(self):
        row, = [dict(row) for row in self.nb().nats.values()
                if row['external_ip'] == MEMBER_FIP]
        return row

    def assert_restored(self):
        def so():
            row = self.nat_row()
            assert row == self.before, f'{row}, not {self.before}'
            return True
        wait.until(so, "the member's NAT row is as it was")

    def wait_without(self):
        """Waits until the row is as it has to be while no VIP has a floating
        IP: newer versions of OVN make no difference."""
        if external.has_central_replies(self.world.ovn):
            self.wait_member_nat(None, None)
        else:
            self.assert_restored()

    def member_outside(self):
        """The member is reached outside, wherever its floating IP is now."""
        self.external.learn_moves()
        self.outside(MEMBER_FIP, 'web1', port=8080)

    def test_centralised(self):
        """A member's floating IP is centralised while it has to be

        That is while the VIP has one, and with OVN from 23.09 on as long as
        it is a member's.
        """
        self.member_outside()
        lb = self.web_lb('both')
        self.settle()
        self.wait_without()
        self.member_outside()
        self.external.add_floating_ip(VIP_FIP, lb['vip_address'])
        self.wait_member_nat(None, None)
        self.outside(VIP_FIP, 'web1', 'web2')
        self.member_outside()
        self.external.remove_floating_ip(VIP_FIP)
        self.wait_addresses(lb, lb['vip_address'])
        self.wait_without()
        self.member_outside()
        self.delete_all()
        self.assert_restored()
        self.member_outside()

    def test_later(self):
        """A floating IP that a member gets later is treated as one that it had
        """
        self.external.remove_floating_ip(MEMBER_FIP)
        lb = self.web_lb('earlier')
        self.settle()
        self.external.add_floating_ip(
            MEMBER_FIP, self.world.hosts['web1'].address, 'web1', MEMBER_MAC)
        # As it is without the columns that may be taken away again.
        self.before = dict(self.before, _uuid=self.nat_row()['_uuid'])
        self.wait_without()
        self.external.add_floating_ip(VIP_FIP, lb['vip_address'])
        self.wait_member_nat(None, None)

    def note_version(self, version):
        """As ovn-northd does when it starts."""
        self.nbctl('set', 'NB_Global', '.',
                   f'options:northd_internal_version="{version}"')

    def test_version(self):
        """What follows from ovn-northd's version is done as it changes"""
        self.web_lb('seasoned')
        self.settle()
        self.wait_without()
        northd = self.world.ovn.northd
        northd.freeze()
        try:
            self.note_version('23.06.1-20.27.4-72.10')
            self.assert_restored()
            self.note_version('23.09.0-20.29.0-74.5')
            self.wait_member_nat(None, None)
            self.note_version('23.06.1-20.27.4-72.10')
            self.assert_restored()
        finally:
            northd.thaw()
        # It puts its own version back.
        self.wait_without()

    def test_member_leaves(self):
        """The floating IP of a member that leaves is distributed again"""
        lb = self.web_lb('leaving')
        pool, = lb['pools']
        self.external.add_floating_ip(VIP_FIP, lb['vip_address'])
        self.wait_member_nat(None, None)
        member = self.api.members(pool['id'])['web1']
        self.api.remove(lb['id'], f'/pools/{pool["id"]}/members/'
                        + member['id'])
        self.assert_restored()

    def test_last_user(self):
        """It stays centralised until the last load balancer lets go of it"""
        one, two = self.web_lb('one'), self.web_lb('two', 'n2')
        self.external.add_floating_ip(VIP_FIP, one['vip_address'])
        self.external.add_floating_ip(OTHER_FIP, two['vip_address'])
        self.wait_member_nat(None, None)
        self.api.delete_loadbalancer(one['id'])
        self.world.driver.wait_in_sync()
        self.assertEqual(self.member_nat(), (None, None))
        self.api.delete_loadbalancer(two['id'])
        self.assert_restored()

    def test_driver_down(self):
        """What was centralised is restored if the driver was down meanwhile
        """
        lb = self.web_lb('away')
        self.external.add_floating_ip(VIP_FIP, lb['vip_address'])
        self.wait_member_nat(None, None)
        self.world.driver.stop()
        self.external.remove_floating_ip(VIP_FIP)
        if external.has_central_replies(self.world.ovn):
            self.api.delete(f'/loadbalancers/{lb["id"]}?cascade=true')
        self.world.driver.start().wait_ready()
        self.assert_restored()

    def test_neutron_insists(self):
        """A row that somebody makes distributed meanwhile is centralised"""
        lb = self.web_lb('insisting')
        self.external.add_floating_ip(VIP_FIP, lb['vip_address'])
        self.wait_member_nat(None, None)
        self.nbctl('set', 'NAT', self.before['_uuid'],
                   f'external_mac="{MEMBER_MAC}"', 'logical_port=web1')
        self.wait_member_nat(None, None)

    def test_foreign_nat(self):
        """NAT rows of who is no member are left alone"""
        self.external.add_floating_ip(
            OTHER_FIP, self.world.hosts['web3'].address, 'web3',
            '02:00:00:99:00:51')
        before = {key: row for key, row in self.nb().nats.items()
                  if row['external_ip'] == OTHER_FIP}
        lb = self.web_lb('neighbour')
        self.external.add_floating_ip(VIP_FIP, lb['vip_address'])
        self.wait_member_nat(None, None)
        self.assertEqual({key: row for key, row in self.nb().nats.items()
                          if row['external_ip'] == OTHER_FIP}, before)
