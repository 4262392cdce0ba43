# SPDX-License-Identifier: Apache-2.0
"""Members that are clients of their own load balancer."""

from lib import harness, traffic


class Hairpin(harness.SystemTest):

    def served(self, lb, *servers, **more):
        for server in ('web1', 'web2'):
            traffic.wait_for(self.world.hosts[server], lb['vip_address'], 80,
                             servers, **more)

    def test_tcp(self):
        """A member reaches itself and the others by way of the VIP"""
        lb = self.web_lb('mirror')
        self.settle()
        self.served(lb, 'web1', 'web2', count=100)

    def test_udp(self):
        """So it does over UDP"""
        lb = self.web_lb('mirror', protocol='UDP')
        self.settle()
        self.served(lb, 'web1', 'web2', protocol='udp', count=100)

    def test_alone(self):
        """The only member reaches itself"""
        lb = self.web_lb('alone', servers=['web1'])
        self.settle()
        traffic.wait_for(self.world.hosts['web1'], lb['vip_address'], 80,
                         {'web1'}, count=100)
        # And from another network's VIP.
        lb = self.web_lb('elsewhere', 'n2', servers=['web1'])
        self.settle()
        traffic.wait_for(self.world.hosts['web1'], lb['vip_address'], 80,
                         {'web1'}, count=100)

    def test_separate_rows(self):
        """It works in a row of its own, too, and with all of them weighted"""
        lb = self.web_lb('mirror')
        pool, = lb['pools']
        member = self.api.members(pool['id'])['web1']
        self.api.update(lb['id'], f'/pools/{pool["id"]}/members/'
                        + member['id'], weight=3)
        self.api.create_listener(lb['id'], 81)
        self.api.update(lb['id'], '/pools/' + pool['id'],
                        lb_algorithm='SOURCE_IP')
        self.settle()
        for server in ('web1', 'web2'):
            seen = traffic.send(self.world.hosts[server], lb['vip_address'],
                                80, 60)
            self.assertEqual((seen.failed, len(seen.answers)), (0, 1), seen)

    def test_monitored(self):
        """A dead member reaches the living by way of the VIP"""
        lb = self.web_lb('mirror')
        pool, = lb['pools']
        self.api.create_monitor(lb['id'], pool['id'])
        self.settle()
        self.served(lb, 'web1', 'web2')
        self.stop_backend('web2')
        self.served(lb, 'web1')
        self.start_backend('web2')
        self.served(lb, 'web1', 'web2')
