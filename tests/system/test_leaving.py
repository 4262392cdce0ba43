# SPDX-License-Identifier: Apache-2.0
"""What becomes of clients whose member takes no new connections any more, or
is gone: the table in docs/operate.md, in packets."""

from lib import external, harness, talk, traffic

FLOATING_IP = '10.99.0.50'
# Ways in which a member leaves, as updates; None: it is deleted.
DRAINED = {'weight': 0}
DISABLED = {'admin_state_up': False}
DELETED = None
BACK = {'weight': 1, 'admin_state_up': True}


# In the VIP's network, behind the router, and outside.
PLACES = ('same', 'other', 'outside')


def everywhere(who):
    return dict.fromkeys(PLACES, who)


# A router with a distributed gateway port, as Neutron's are, translates back
# only replies of backends that are in the VIP's list.
INSIDE_LIVES = {'same': 'web2', 'other': 'web2', 'outside': '-'}


class Leaving(harness.SystemTest):

    @classmethod
    def prepare_world(cls):
        cls.external = external.External(cls.world).create()

    def make(self, protocol):
        """A load balancer on n1 with a floating IP, for web1 and web2."""
        self.lb = self.web_lb('leaving', protocol=protocol.upper())
        self.protocol = protocol
        self.pool, = self.lb['pools']
        self.members = {item['name']: item for item
                        in self.api.members(self.pool['id']).values()}
        vip = self.lb['vip_address']
        self.external.add_floating_ip(FLOATING_IP, vip)
        self.addCleanup(self.external.remove_floating_ip, FLOATING_IP)
        hosts = self.world.hosts
        self.clients = dict(zip(PLACES, (
            (hosts['client1'], vip), (hosts['client2'], vip),
            (self.external.host, FLOATING_IP))))
        self.settle()
        self.wait_served('web1', 'web2')

    def wait_served(self, *servers):
        for host, address in self.clients.values():
            traffic.wait_for(host, address, 80, servers, self.protocol)

    def path(self, server):
        return f'/pools/{self.pool["id"]}/members/' \
            + self.members[server]['id']

    def leave(self, server, how):
        if how:
            self.api.update(self.lb['id'], self.path(server), **how)
        else:
            self.api.remove(self.lb['id'], self.path(server))
        self.settle()

    def talks(self, server):
        """A talk with the server from each place."""
        talks = {}
        for place, (host, address) in self.clients.items():
            talks[place] = talk.with_server(host, address, 80, server,
                                            self.protocol)
            self.addCleanup(talks[place].close)
        return talks

    def answers(self, talks, times=3):
        """Who answers in each place: a name, '-' for nobody, or several."""
        return {place: '/'.join(sorted({one.ask() for _ in range(times)}))
                for place, one in talks.items()}

    def check(self, protocol, how, beside, last):
        """web2 leaves while web1 is there, and once more as the last; then
        its clients are answered by those that are expected."""
        self.make(protocol)
        talks = self.talks('web2')
        self.assertEqual(self.answers(talks), everywhere('web2'))
        self.leave('web2', how)
        self.wait_served('web1')
        seen_beside = self.answers(talks)
        if how:
            self.leave('web2', BACK)
        else:
            self.members['web2'] = self.api.create_member(
                self.lb['id'], self.pool['id'],
                self.world.hosts['web2'].address, 8080, 'n2', name='web2')
        self.leave('web1', how)
        self.wait_served('web2')
        talks = self.talks('web2')
        self.leave('web2', how)
        self.wait_served()
        self.assertEqual((seen_beside, self.answers(talks)), (beside, last))

    def test_tcp_drained(self):
        """TCP: draining ends no connection inside, nor does it of the last
        member"""
        self.check('tcp', DRAINED, INSIDE_LIVES, INSIDE_LIVES)

    def test_tcp_disabled(self):
        """TCP: nor does disabling a member"""
        self.check('tcp', DISABLED, INSIDE_LIVES, INSIDE_LIVES)

    def test_tcp_deleted(self):
        """TCP: connections inside outlive their member's deletion, unless it
        was the last"""
        self.check('tcp', DELETED, INSIDE_LIVES, everywhere('-'))

    def test_udp_drained(self):
        """UDP: the clients of a member that drains go to others at once"""
        self.check('udp', DRAINED, everywhere('web1'), everywhere('-'))

    def test_udp_disabled(self):
        """UDP: so do those of one that is disabled"""
        self.check('udp', DISABLED, everywhere('web1'), everywhere('-'))

    def test_udp_deleted(self):
        """UDP: so do those of one that is deleted"""
        self.check('udp', DELETED, everywhere('web1'), everywhere('-'))
