# SPDX-License-Identifier: Apache-2.0
"""Weights, draining and backup members, in real connections."""

import contextlib

from lib import harness, health, talk, traffic


class Weights(harness.SystemTest, health.Mixin):

    def lb(self, **members):
        """A load balancer with these members, each with its attributes;
        keeps the paths of the members."""
        lb = self.api.create_loadbalancer('n1', name='weights')
        listener = self.api.create_listener(lb['id'], 80, name='front')
        pool = self.api.create_pool(lb['id'], name='back',
                                    listener_id=listener['id'])
        self.pool_id = pool['id']
        self.paths = {}
        for server, attributes in members.items():
            host = self.world.hosts[server]
            member = self.api.create_member(
                lb['id'], pool['id'], host.address, 8080, host.network.name,
                name=server, **attributes)
            self.paths[server] = f'/pools/{pool["id"]}/members/' \
                + member['id']
        self.settle()
        return lb

    def update(self, lb, server, **attributes):
        shown = self.api.update(lb['id'], self.paths[server], **attributes)
        self.settle()
        return shown

    def send(self, lb, count=600, client='client1', protocol='tcp'):
        seen = traffic.send(self.world.hosts[client], lb['vip_address'], 80,
                            count, protocol)
        self.assertEqual(seen.failed, 0, seen)
        return seen.answers

    def wait_served(self, lb, *servers):
        for client in ('client1', 'client2'):
            traffic.wait_for(self.world.hosts[client], lb['vip_address'], 80,
                             servers)

    def assert_share(self, answers, server, least, most):
        share = answers[server] / sum(answers.values())
        self.assertTrue(least < share < most, answers)

    @contextlib.contextmanager
    def connection(self, lb, server):
        """A connection that the server has got."""
        made = talk.with_server(self.world.hosts['client1'],
                                lb['vip_address'], 80, server)
        try:
            yield made
        finally:
            made.close()

    def test_three_to_one(self):
        """A weight of three gets three times the connections of one"""
        lb = self.lb(web1={'weight': 3}, web2={})
        answers = self.send(lb)
        self.assert_share(answers, 'web1', 0.65, 0.85)
        row, = self.nb().rows(lb['id']).values()
        backends, = row['vips'].values()
        self.assertEqual(
            sorted(backends.split(',')),
            3 * ['10.1.0.11:8080'] + ['10.2.0.11:8080'])
        # The other way round, and more.
        self.update(lb, 'web1', weight=1)
        self.update(lb, 'web2', weight=9)
        answers = self.send(lb, client='client2')
        self.assert_share(answers, 'web2', 0.82, 0.97)

    def test_common_divisor(self):
        """Equal weights are no weights, however big"""
        lb = self.lb(web1={'weight': 100}, web2={'weight': 100},
                     web3={'weight': 200})
        row, = self.nb().rows(lb['id']).values()
        backends, = row['vips'].values()
        self.assertEqual(len(backends.split(',')), 4)
        answers = self.send(lb, 800)
        self.assert_share(answers, 'web3', 0.40, 0.60)
        self.assert_share(answers, 'web1', 0.16, 0.34)

    def test_extreme_weights(self):
        """The lightest member beside the heaviest still gets some"""
        lb = self.lb(web1={'weight': 256}, web2={'weight': 1},
                     web3={'weight': 255})
        row, = self.nb().rows(lb['id']).values()
        backends, = row['vips'].values()
        self.assertIn('10.2.0.11:8080', backends.split(','))
        answers = self.send(lb, 400)
        self.assert_share(answers, 'web1', 0.35, 0.65)
        self.assert_share(answers, 'web3', 0.35, 0.65)

    def test_udp(self):
        """Weights hold for UDP, too"""
        lb = self.api.create_loadbalancer('n1', name='weights')
        listener = self.api.create_listener(lb['id'], 80, 'UDP')
        pool = self.api.create_pool(lb['id'], 'UDP',
                                    listener_id=listener['id'])
        for server, weight in (('web1', 1), ('web2', 3)):
            host = self.world.hosts[server]
            self.api.create_member(lb['id'], pool['id'], host.address, 8080,
                                   host.network.name, weight=weight)
        self.settle()
        answers = self.send(lb, protocol='udp')
        self.assert_share(answers, 'web2', 0.65, 0.85)

    def test_drain(self):
        """Weight 0 ends no connection, and lets no new one in"""
        lb = self.lb(web1={}, web2={})
        with self.connection(lb, 'web2') as old:
            shown = self.update(lb, 'web2', weight=0)
            self.assertEqual(shown['operating_status'], 'DRAINING')
            self.wait_served(lb, 'web1')
            for _ in range(5):
                self.assertEqual(old.ask(), 'web2')
            self.update(lb, 'web2', weight=1)
            self.wait_served(lb, 'web1', 'web2')
            self.assertEqual(old.ask(), 'web2')

    def test_drain_all(self):
        """If all members drain, nobody answers new connections"""
        lb = self.lb(web1={}, web2={'weight': 0})
        with self.connection(lb, 'web1') as old:
            self.update(lb, 'web1', weight=0)
            traffic.wait_for(self.world.hosts['client1'], lb['vip_address'],
                             80, set())
            self.assertEqual(old.ask(), 'web1')
            self.assertEqual(
                {member['operating_status'] for member
                 in self.api.members(self.pool_id).values()}, {'DRAINING'})
            self.update(lb, 'web2', weight=1)
            self.wait_served(lb, 'web2')
            self.assertEqual(old.ask(), 'web1')

    def test_drain_monitored(self):
        """A member that drains does so in a monitored pool, too"""
        lb = self.lb(web1={}, web2={}, web3={})
        self.api.create_monitor(lb['id'], self.pool_id)
        self.wait_statuses(lb['id'], {f'back/web{n}': 'ONLINE'
                                      for n in (1, 2, 3)})
        self.update(lb, 'web2', weight=0)
        self.wait_statuses(lb['id'], {
            'lb': 'ONLINE', 'back': 'ONLINE', 'back/web1': 'ONLINE',
            'back/web2': 'DRAINING', 'back/web3': 'ONLINE'})
        self.wait_served(lb, 'web1', 'web3')
        self.update(lb, 'web2', weight=1)
        self.wait_statuses(lb['id'], {'back/web2': 'ONLINE'})
        self.wait_served(lb, 'web1', 'web2', 'web3')

    def test_backup(self):
        """A backup member is used only when no other is switched on"""
        lb = self.lb(web1={}, web2={}, web3={'backup': True})
        self.wait_served(lb, 'web1', 'web2')
        self.update(lb, 'web1', admin_state_up=False)
        self.wait_served(lb, 'web2')
        self.update(lb, 'web2', admin_state_up=False)
        self.wait_served(lb, 'web3')
        self.update(lb, 'web2', admin_state_up=True)
        self.wait_served(lb, 'web2')
        # One that drains takes no new connections, so it is no other.
        self.update(lb, 'web2', weight=0)
        self.wait_served(lb, 'web3')
        self.update(lb, 'web3', backup=False)
        self.update(lb, 'web1', admin_state_up=True)
        self.wait_served(lb, 'web1', 'web3')

    def test_backup_health(self):
        """A backup member is used when no other is healthy, and no longer
        """
        lb = self.lb(web1={}, web2={}, web3={'backup': True})
        self.api.create_monitor(lb['id'], self.pool_id)
        self.wait_statuses(lb['id'], {'back/web1': 'ONLINE',
                                      'back/web2': 'ONLINE'})
        self.wait_served(lb, 'web1', 'web2')
        self.stop_backend('web2')
        self.wait_statuses(lb['id'], {'back/web2': 'ERROR',
                                      'lb': 'DEGRADED'})
        self.wait_served(lb, 'web1')
        self.stop_backend('web1')
        self.wait_statuses(lb['id'], {'back/web1': 'ERROR',
                                      'back/web2': 'ERROR'})
        self.wait_served(lb, 'web3')
        self.wait_statuses(lb['id'], {'lb': 'DEGRADED',
                                      'back/web3': 'ONLINE'})
        self.start_backend('web1')
        self.wait_statuses(lb['id'], {'back/web1': 'ONLINE'})
        self.wait_served(lb, 'web1')
        self.start_backend('web2')
        self.wait_statuses(lb['id'], {'back/web2': 'ONLINE'})
        self.wait_served(lb, 'web1', 'web2')
