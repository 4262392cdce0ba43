# SPDX-License-Identifier: Apache-2.0
"""What the tests of allowed_cidrs share: a world with a network outside and with
IPv6, and a load balancer whose listener has ranges."""

from lib import acls, external, harness, traffic

VIP_FIP = '10.99.0.50'
MAC = '02:00:00:99:00:50'
CLIENT1, CLIENT2, CLIENT3 = '10.1.0.21/32', '10.2.0.21/32', '10.3.0.21/32'
OUTSIDE = '10.99.0.21/32'
EVERYBODY = ('client1', 'client2', 'web1', 'outside')


class Allowed(harness.SystemTest):

    @classmethod
    def prepare_world(cls):
        world = cls.world
        cls.external = external.External(world).create()
        world.add_ipv6()
        cls.hosts = {**world.hosts, 'outside': cls.external.host}

    def setUp(self):
        super().setUp()
        self.nbctl = self.world.ovn.nbctl
        self.addCleanup(self.external.remove_floating_ip, VIP_FIP)

    def make(self, *cidrs, subnet='n1', protocol='TCP', servers=('web1',),
             **attributes):
        """A load balancer whose listener has these ranges."""
        self.lb = self.web_lb('guarded', subnet, servers, protocol,
                              **attributes)
        self.vip = self.lb['vip_address']
        self.protocol = protocol.lower()
        self.listener = self.lb['listeners'][0]['id']
        if cidrs:
            self.allow(*cidrs)
        return self.lb

    def make_both(self, *cidrs, protocol='TCP'):
        """One with VIPs of both versions, and a member of each."""
        six = self.subnet(self.world.networks[1].cidr6)
        self.lb = lb = self.api.create_loadbalancer(
            'n1', name='both', additional_vips=[{'subnet_id': six}])
        listener = self.api.create_listener(lb['id'], 80, protocol)
        self.listener, self.protocol = listener['id'], protocol.lower()
        pool = self.api.create_pool(lb['id'], protocol,
                                    listener_id=listener['id'])
        host = self.hosts['web1']
        self.api.create_member(lb['id'], pool['id'], host.address, 8080, 'n1')
        self.api.create_member(lb['id'], pool['id'], host.address6, 8080,
                               subnet_id=six)
        self.lb = lb = self.api.wait_active(lb['id'])
        self.vip = lb['vip_address']
        self.vip6 = lb['additional_vips'][0]['ip_address']
        if cidrs:
            self.allow(*cidrs)

    def allow(self, *cidrs):
        self.api.update(self.lb['id'], '/listeners/' + self.listener,
                        allowed_cidrs=list(cidrs))
        self.settle()

    def served(self, *clients, address=None, among=EVERYBODY, server='web1'):
        """These clients, and none of the others."""
        for name in among:
            traffic.wait_for(self.hosts[name], address or self.vip, 80,
                             [server] if name in clients else [],
                             self.protocol, count=10)

    def subnet(self, cidr):
        """The id of the subnet, or None."""
        subnets = self.api.request('GET', '/v2.0/subnets').body['subnets']
        return next((item['id'] for item in subnets if item['cidr'] == cidr),
                    None)

    def acls(self):
        return acls.Acls(self.world.ovn.nb)
