# SPDX-License-Identifier: Apache-2.0
"""Chassis that probe, fall behind, and die."""

import dying
import sitetest

from lib import wait


class Probes(sitetest.SiteTest):

    def test_right_chassis(self):
        """A member is probed by its own chassis, and by no other"""
        lb, paths = self.monitored('probed')
        client = self.world.hosts['client1']
        away, here = 'web2', 'web1'
        self.assertIsNot(self.home(away), self.home(here))
        with self.frozen(self.home(away).controller):
            self.stop_backend(away, here)
            self.wait_operating(paths[here], 'ERROR')
            self.wait_operating(paths['web3'], 'ONLINE')
            # Whoever else could, would have found out by now.
            self.wait_operating(paths[away], 'ONLINE')
        self.wait_operating(paths[away], 'ERROR')
        self.wait_served(client, lb['vip_address'], 'web3')
        self.start_backend(away, here)
        for server in (away, here):
            self.wait_operating(paths[server], 'ONLINE')
        self.wait_served(client, lb['vip_address'], *paths)


class Dying(dying.Dying):

    def test_dies(self):
        """Members of a dead chassis that is removed are in ERROR, others serve
        """
        lb, paths = self.monitored('bereft')
        chassis = self.home('web2')
        client = self.world.hosts['client1']
        self.assertIsNot(chassis, self.home('client1'))
        self.kill(chassis)
        # What OVN never does by itself: a chassis may be away for long.
        self.world.ovn.sbctl('chassis-del', chassis.name)
        self.wait_operating(paths['web2'], 'ERROR')
        self.wait_statuses(lb['id'], {'lb': 'DEGRADED'}, 60)
        self.wait_served(client, lb['vip_address'], 'web1', 'web3')
        self.revive(chassis)
        self.wait_operating(paths['web2'], 'ONLINE', 120)
        self.wait_served(client, lb['vip_address'], *paths)


class ActiveWhenChassis(dying.Dying):

    def setUp(self):
        super().setUp()
        self.allow_log(r'\|deadline\|WARN\|.*not done within')
        self.addCleanup(self.restart_drivers)
        self.restart_drivers('--active-when=chassis')

    def restart_drivers(self, *options):
        for controller in self.world.controllers:
            controller.driver.restart(*options)
        for controller in self.world.controllers:
            controller.driver.wait_ready()

    def wait_others(self, chassis):
        """Waits until all but this chassis have all of what OVN has."""
        def so():
            with self.world.ovn.nb.client() as nb:
                wanted, = nb.select('NB_Global')
            with self.world.ovn.sb.client() as sb:
                seen = {row['name']: row['nb_cfg'] for row
                        in sb.select('Chassis_Private')}
            assert all(cfg >= wanted['nb_cfg'] for name, cfg in seen.items()
                       if name != chassis.name), f'{seen} of {wanted}'
            return True
        wait.until(so, f'all chassis but {chassis.name} are up to date')

    def status(self, lb):
        return self.api.get('/loadbalancers/' + lb['id'])[
            'provisioning_status']

    def test_behind(self):
        """A change is PENDING until the last chassis has installed it"""
        chassis = self.home('web2')
        with self.frozen(chassis.controller):
            lb = self.api.create_loadbalancer('n1', name='late', ready=False)
            wait.until(lambda: self.nb().rows_of(lb['id']) or
                       'ovn-lb-vip-' + lb['id'] in self.nb().ports,
                       'the load balancer is in OVN')
            self.wait_others(chassis)
            self.assertEqual(self.status(lb), 'PENDING_CREATE')
        self.api.wait_active(lb['id'], 60)

    def test_gone(self):
        """A dead chassis holds up changes until it is removed"""
        chassis = self.home('web2')
        self.kill(chassis)
        lb = self.api.create_loadbalancer('n1', name='mourning', ready=False)
        wait.until(lambda: 'ovn-lb-vip-' + lb['id'] in self.nb().ports,
                   'the load balancer is in OVN')
        self.wait_others(chassis)
        self.assertIn(self.status(lb), ('PENDING_CREATE', 'ERROR'))
        self.world.ovn.sbctl('chassis-del', chassis.name)
        self.api.wait_active(lb['id'], 60)
