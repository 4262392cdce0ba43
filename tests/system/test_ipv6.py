# SPDX-License-Identifier: Apache-2.0
"""IPv6, alone and beside IPv4."""

from lib import harness, health, traffic, wait


class Ipv6(harness.SystemTest, health.Mixin):

    @classmethod
    def prepare_world(cls):
        world = cls.world
        world.add_ipv6()
        api = world.rest()

        def subnets():
            cls.subnets = {item['cidr']: item['id'] for item in api.request(
                'GET', '/v2.0/subnets').body['subnets']}
            return {network.cidr6 for number, network
                    in world.networks.items() if number != 3} <= set(
                        cls.subnets)
        wait.until(subnets, 'the IPv6 subnets are known')
        api.close()
        traffic.wait_for(world.hosts['client1'],
                         world.hosts['web2'].address6, 8080, {'web2'})

    def v4(self, number):
        return self.subnets[self.world.networks[number].cidr]

    def v6(self, number):
        return self.subnets[self.world.networks[number].cidr6]

    def pool(self, lb, protocol='TCP', port=80, servers=('web1', 'web2'),
             versions=(6,), **attributes):
        """A listener, its pool, and members of these IP versions."""
        listener = self.api.create_listener(lb['id'], port, protocol)
        pool = self.api.create_pool(lb['id'], protocol, name='back',
                                    listener_id=listener['id'], **attributes)
        for server in servers:
            host = self.world.hosts[server]
            number = host.network.number
            for version in versions:
                address, subnet = {
                    4: (host.address, self.v4),
                    6: (host.address6, self.v6)}[version]
                self.api.create_member(
                    lb['id'], pool['id'], address, 8080,
                    subnet_id=subnet(number), name=f'{server}-{version}')
        return pool

    def wait_served(self, address, *servers, port=80, protocol='tcp'):
        for client in ('client1', 'client2'):
            traffic.wait_for(self.world.hosts[client], address, port,
                             servers, protocol)

    def row(self, lb):
        self.settle()
        row, = self.nb().rows(lb['id']).values()
        return row

    def test_vip(self):
        """An IPv6 VIP is served over TCP and UDP, by members near and far"""
        lb = self.api.create_loadbalancer(name='six',
                                          vip_subnet_id=self.v6(1))
        vip = lb['vip_address']
        self.assertTrue(vip.startswith('fd00:1::'), vip)
        for protocol in ('TCP', 'UDP'):
            self.pool(lb, protocol)
        self.settle()
        for protocol in ('tcp', 'udp'):
            self.wait_served(vip, 'web1', 'web2', protocol=protocol)
            row = self.nb().rows(lb['id'])[protocol]
            vips, = row['vips'].items()
            self.assertEqual(vips, (
                f'[{vip}]:80', '[fd00:1::b]:8080,[fd00:2::b]:8080'))

    def test_spelling(self):
        """A member is probed and served however its address is written"""
        lb = self.api.create_loadbalancer(name='spelled',
                                          vip_subnet_id=self.v6(1))
        pool = self.pool(lb, servers=['web1'])
        host = self.world.hosts['web2']
        written = 'FD00:' + host.address6[5:].upper().replace(
            '::', ':0::00')
        self.assertNotEqual(written, host.address6)
        member = self.api.create_member(lb['id'], pool['id'], written, 8080,
                                        subnet_id=self.v6(2), name='far')
        self.api.create_monitor(lb['id'], pool['id'])
        self.wait_statuses(lb['id'], {'lb': 'ONLINE', 'back/far': 'ONLINE'})
        self.assertEqual(self.api.get(
            f'/pools/{pool["id"]}/members/{member["id"]}')['address'],
            written)
        self.wait_served(lb['vip_address'], 'web1', 'web2')
        self.stop_backend('web2')
        self.wait_statuses(lb['id'], {'back/far': 'ERROR'})
        self.wait_served(lb['vip_address'], 'web1')

    def test_three_protocols(self):
        """TCP, UDP and SCTP share an IPv6 address and port"""
        lb = self.api.create_loadbalancer(name='three',
                                          vip_subnet_id=self.v6(1))
        for protocol in ('TCP', 'UDP', 'SCTP'):
            self.pool(lb, protocol)
        self.settle()
        rows = self.nb().rows(lb['id'])
        self.assertEqual(set(rows), {'tcp', 'udp', 'sctp'})
        for row in rows.values():
            self.assertEqual(set(row['vips']), {f'[{lb["vip_address"]}]:80'})
        self.wait_served(lb['vip_address'], 'web1', 'web2')

    def dual(self, first=4, second=6):
        subnets = {4: self.v4(1), 6: self.v6(1)}
        lb = self.api.create_loadbalancer(
            name='dual', vip_subnet_id=subnets[first],
            additional_vips=[{'subnet_id': subnets[second]}])
        addresses = {first: lb['vip_address'],
                     second: lb['additional_vips'][0]['ip_address']}
        self.assertIn(':', addresses[6])
        return lb, addresses[4], addresses[6]

    def test_dual_stack(self):
        """An IPv4 VIP gets IPv4 members and an IPv6 VIP IPv6 members"""
        for first, second in ((4, 6), (6, 4)):
            with self.subTest(first=first):
                lb, vip4, vip6 = self.dual(first, second)
                pool = self.pool(lb, servers=['web1'], versions=(4,))
                host = self.world.hosts['web2']
                self.api.create_member(lb['id'], pool['id'], host.address6,
                                       8080, subnet_id=self.v6(2))
                self.assertEqual(self.row(lb)['vips'], {
                    f'{vip4}:80': '10.1.0.11:8080',
                    f'[{vip6}]:80': '[fd00:2::b]:8080'})
                self.wait_served(vip4, 'web1')
                self.wait_served(vip6, 'web2')
                self.api.delete_loadbalancer(lb['id'])

    def test_dual_protocols(self):
        """TCP, UDP and SCTP share both addresses of a dual stack VIP"""
        lb, vip4, vip6 = self.dual()
        for protocol in ('TCP', 'UDP', 'SCTP'):
            self.pool(lb, protocol, versions=(4, 6))
        self.settle()
        rows = self.nb().rows(lb['id'])
        self.assertEqual(set(rows), {'tcp', 'udp', 'sctp'})
        for row in rows.values():
            self.assertEqual(set(row['vips']),
                             {f'{vip4}:80', f'[{vip6}]:80'})
        for vip in (vip4, vip6):
            for protocol in ('tcp', 'udp'):
                self.wait_served(vip, 'web1', 'web2', protocol=protocol)

    def test_source_ip(self):
        """A dual stack VIP with SOURCE_IP is served, and hashed where OVN can
        """
        lb, vip4, vip6 = self.dual()
        self.pool(lb, versions=(4, 6), lb_algorithm='SOURCE_IP')
        self.settle()
        fields = {tuple(sorted(row['vips'])): row['selection_fields']
                  for row in self.nb().rows_of(lb['id'])}
        if self.nb().has_ipv6_hash:
            self.assertEqual(fields, {(f'{vip4}:80', f'[{vip6}]:80'): [
                'ip_dst', 'ip_src', 'ipv6_dst', 'ipv6_src']})
        else:
            # A row for each, and that of IPv6 hashes as the datapath does.
            self.assertEqual(fields, {(f'{vip4}:80',): ['ip_dst', 'ip_src'],
                                      (f'[{vip6}]:80',): []})
        for client in ('client1', 'client2'):
            host = self.world.hosts[client]
            for vip, is_hashed in ((vip4, True),
                                   (vip6, self.nb().has_ipv6_hash)):
                seen = traffic.send(host, vip, 80, 60)
                self.assertEqual(seen.failed, 0, seen)
                if is_hashed:
                    self.assertEqual(len(seen.answers), 1, seen)

    def test_health(self):
        """IPv6 members are probed, and traffic follows their health"""
        lb = self.api.create_loadbalancer(name='healthy',
                                          vip_subnet_id=self.v6(1))
        pool = self.pool(lb)
        self.api.create_monitor(lb['id'], pool['id'])
        self.wait_statuses(lb['id'], {
            'lb': 'ONLINE', 'back': 'ONLINE', 'back/web1-6': 'ONLINE',
            'back/web2-6': 'ONLINE'})
        self.wait_served(lb['vip_address'], 'web1', 'web2')
        self.stop_backend('web2')
        self.wait_statuses(lb['id'], {
            'lb': 'DEGRADED', 'back': 'DEGRADED', 'back/web1-6': 'ONLINE',
            'back/web2-6': 'ERROR'})
        self.wait_served(lb['vip_address'], 'web1')
        self.start_backend('web2')
        self.wait_statuses(lb['id'], {'lb': 'ONLINE',
                                      'back/web2-6': 'ONLINE'})
        self.wait_served(lb['vip_address'], 'web1', 'web2')

    def test_dual_health(self):
        """In a dual stack pool each address of a member is probed"""
        lb, vip4, vip6 = self.dual()
        pool = self.pool(lb, versions=(4, 6))
        self.api.create_monitor(lb['id'], pool['id'])
        members = [f'back/web{n}-{version}' for n in (1, 2)
                   for version in (4, 6)]
        self.wait_statuses(lb['id'], {
            'lb': 'ONLINE', **dict.fromkeys(members, 'ONLINE')})
        self.settle()
        self.assertEqual(
            {check['vip'] for check in self.nb().checks.values()},
            {f'{vip4}:80', f'[{vip6}]:80'})
        self.stop_backend('web2')
        self.wait_statuses(lb['id'], {
            'lb': 'DEGRADED', 'back/web1-4': 'ONLINE',
            'back/web1-6': 'ONLINE', 'back/web2-4': 'ERROR',
            'back/web2-6': 'ERROR'})
        for vip in (vip4, vip6):
            self.wait_served(vip, 'web1')
        # Only one of the two addresses is lost.
        self.start_backend('web2')
        self.wait_statuses(lb['id'], {
            'lb': 'ONLINE', **dict.fromkeys(members, 'ONLINE')})
        host = self.world.hosts['web2']
        host.run('ip', '-6', 'address', 'del', f'{host.address6}/64', 'dev',
                 'eth0')
        try:
            self.wait_statuses(lb['id'], {
                'lb': 'DEGRADED', 'back/web2-4': 'ONLINE',
                'back/web2-6': 'ERROR'})
            self.wait_served(vip4, 'web1', 'web2')
            self.wait_served(vip6, 'web1')
        finally:
            host.run('ip', '-6', 'address', 'add', f'{host.address6}/64',
                     'dev', 'eth0', 'nodad')
            host.run('ip', '-6', 'route', 'replace', 'default', 'via',
                     host.network.address6(1))
        self.wait_statuses(lb['id'], {'lb': 'ONLINE'})

    def test_hairpin(self):
        """A member reaches itself by way of an IPv6 VIP"""
        lb = self.api.create_loadbalancer(name='mirror',
                                          vip_subnet_id=self.v6(1))
        self.pool(lb)
        self.settle()
        for server in ('web1', 'web2'):
            traffic.wait_for(self.world.hosts[server], lb['vip_address'], 80,
                             {'web1', 'web2'})
