# SPDX-License-Identifier: Apache-2.0
"""Floating IPs, and the gateways behind which they are."""

import dying

from lib import external, traffic, wait

VIP_FIP = '10.99.0.50'
MEMBER_FIP = '10.99.0.60'
MEMBER_MAC = '02:00:00:99:00:60'
ALL = ('web1', 'web2', 'web3')


class Outside(dying.Dying):

    def setUp(self):
        super().setUp()
        self.outside = self.world.outside
        for floating_ip in (VIP_FIP, MEMBER_FIP):
            self.addCleanup(self.outside.remove_floating_ip, floating_ip)

    def gateway(self):
        """The chassis that has the router's gateway; None: none has."""
        with self.world.ovn.sb.client() as sb:
            port, = [row for row in sb.select('Port_Binding')
                     if row['logical_port'] == f'cr-{self.outside.gateway}']
            names = {row['_uuid']: row['name'] for row
                     in sb.select('Chassis')}
        name = names.get(port['chassis'] or None)
        return next((one for one in self.world.chassis if one.name == name),
                    None)

    def wait_gateway(self, chassis):
        wait.until(lambda: self.gateway() is chassis,
                   f'{chassis.name} is the gateway', 60)

    def public_lb(self, name):
        lb = self.web_lb(name, servers=ALL)
        self.outside.add_floating_ip(VIP_FIP, lb['vip_address'])
        self.settle()
        return lb


class Failover(Outside):

    def test_failover(self):
        """A floating IP serves on when the gateway dies, and when it is back
        """
        self.public_lb('public')
        first, second = self.world.chassis[:2]
        self.wait_gateway(first)
        self.wait_served(self.outside, VIP_FIP, *ALL)
        self.kill(first)
        self.wait_gateway(second)
        # web3 is where the gateway was.
        left = [name for name in ALL if self.home(name) is not first]

        def served():
            seen = traffic.send(self.outside, VIP_FIP, 80, 40, timeout=2)
            assert set(seen.answers) == set(left), str(seen)
            return True
        wait.until(served, 'those that are left answer', 60)
        self.revive(first)
        self.wait_gateway(first)
        self.wait_served(self.outside, VIP_FIP, *ALL)


class Places(Outside):
    """Where packets enter: at the gateway, or at a member's own chassis."""

    def entered(self, address, port, server=None):
        """How many packets came in at each chassis while 40 clients from
        outside were answered, {name: count}."""
        def packets():
            return {one.name: one.n_packets('br-ex', 'outside', 'rx')
                    for one in self.world.chassis}
        self.wait_served(self.outside, address, *([server] if server
                                                  else ALL), port=port)
        before = packets()
        seen = traffic.send(self.outside, address, port, 40)
        self.assertEqual(seen.failed, 0, str(seen))
        after = packets()
        return {name: after[name] - before[name] for name in after}

    def assert_entered(self, chassis, seen):
        """Each connection is three packets at least; those that have nothing
        to do see what is broadcast."""
        busy = {name for name, count in seen.items() if count >= 120}
        self.assertEqual(busy, {chassis.name}, seen)

    def test_distributed(self):
        """A member's floating IP enters at its chassis, unless the VIP has one

        Or OVN, from 23.09 on, sends what it answers through the gateway.
        """
        gateway, home = self.world.chassis[0], self.home('web2')
        self.assertIsNot(gateway, home)
        self.wait_gateway(gateway)
        self.outside.add_floating_ip(
            MEMBER_FIP, self.world.hosts['web2'].address, 'web2', MEMBER_MAC)
        self.settle()
        self.assert_entered(home, self.entered(MEMBER_FIP, 8080, 'web2'))
        lb = self.web_lb('both', servers=ALL)
        is_central = external.has_central_replies(self.world.ovn)
        without = gateway if is_central else home
        self.wait_distributed(not is_central)
        self.assert_entered(without, self.entered(MEMBER_FIP, 8080, 'web2'))
        self.outside.add_floating_ip(VIP_FIP, lb['vip_address'])
        self.wait_distributed(False)
        self.assert_entered(gateway, self.entered(VIP_FIP, 80))
        self.assert_entered(gateway, self.entered(MEMBER_FIP, 8080, 'web2'))
        self.outside.remove_floating_ip(VIP_FIP)
        self.wait_distributed(not is_central)
        self.assert_entered(without, self.entered(MEMBER_FIP, 8080, 'web2'))
        self.delete_all()
        self.wait_distributed(True)
        self.assert_entered(home, self.entered(MEMBER_FIP, 8080, 'web2'))

    def wait_distributed(self, wanted):
        def so():
            nat, = [row for row in self.nb().nats.values()
                    if row['external_ip'] == MEMBER_FIP]
            return bool(nat['logical_port']) == wanted
        wait.until(so, "the member's floating IP is "
                   + ('distributed' if wanted else 'centralised'), 60)
        self.settle(60)
