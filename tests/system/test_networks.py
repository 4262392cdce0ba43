# SPDX-License-Identifier: Apache-2.0
"""Which switches and routers carry a load balancer, as networks come and
go on a router."""

from lib import harness, topology, traffic, wait


class Networks(harness.SystemTest):

    def carried(self, *names):
        """{name: names of the load balancers there}."""
        names_of = {lb['id']: lb['name']
                    for lb in self.api.get('/loadbalancers')}
        nb = self.nb()
        return {name: {names_of.get(lb_id, lb_id)
                       for lb_id in nb.carried_by(name)} for name in names}

    def assert_carried(self, **expected):
        def so():
            seen = self.carried(*expected)
            assert seen == expected, f'{seen}, not {expected}'
            return True
        wait.until(so, 'the load balancers are where they should be')
        self.settle()

    def test_join_and_leave(self):
        """Networks that join or leave a router gain or lose its load balancers
        """
        net1, net2, net3 = self.world.networks.values()
        lb1 = self.web_lb('LB1', 'n1', ['web1'])
        lb2 = self.web_lb('LB2', 'n2', ['web2'])
        both = {'LB1', 'LB2'}
        self.assert_carried(n1=both, n2=both, r1=both, n3=set())
        self.world.topology.attach('r1', net3)
        self.addCleanup(self.world.topology.detach, 'r1', net3)
        self.assert_carried(n1=both, n2=both, n3=both, r1=both)
        client3 = self.world.hosts['client3']
        traffic.wait_for(client3, lb1['vip_address'], 80, {'web1'})
        traffic.wait_for(client3, lb2['vip_address'], 80, {'web2'})
        self.world.topology.detach('r1', net2)
        try:
            self.assert_carried(n1={'LB1'}, n2={'LB2'}, n3={'LB1'},
                                r1={'LB1'})
            traffic.wait_for(client3, lb1['vip_address'], 80, {'web1'})
            traffic.wait_for(client3, lb2['vip_address'], 80, set())
        finally:
            self.world.topology.attach('r1', net2)
        self.assert_carried(n1=both, n2=both, n3=both, r1=both)
        traffic.wait_for(client3, lb2['vip_address'], 80, {'web2'})

    def test_no_router(self):
        """A load balancer on a network without a router is on its switch only
        """
        lb = self.api.create_loadbalancer('n3', name='alone')
        self.assert_carried(n3={'alone'}, n1=set(), n2=set(), r1=set())
        rows = self.nb().rows(lb['id'])
        self.assertNotIn('lr_ref', [key for row in rows.values() for key,
                                    value in row['external_ids'].items()
                                    if value])

    def test_member_elsewhere(self):
        """A member on a network of its own brings the load balancer there"""
        lb = self.web_lb('far', 'n1', ['web1'])
        pool, = lb['pools']
        host = self.world.hosts['client3']
        member = self.api.create_member(lb['id'], pool['id'], host.address,
                                        8080, 'n3')
        self.assert_carried(n1={'far'}, n2={'far'}, n3={'far'}, r1={'far'})
        self.api.delete(f'/pools/{pool["id"]}/members/{member["id"]}')
        self.api.wait_active(lb['id'])
        self.assert_carried(n1={'far'}, n2={'far'}, n3=set(), r1={'far'})

    def test_second_router(self):
        """A load balancer is on every router of its network"""
        network = topology.Network(9)
        add, nbctl = self.world.topology, self.world.ovn.nbctl
        add.add_network(network)
        self.addCleanup(nbctl, 'ls-del', 'n9')
        add.add_router('r9')
        self.addCleanup(nbctl, 'lr-del', 'r9')
        add.attach('r9', network)
        self.web_lb('wide', 'n1')
        self.assert_carried(n1={'wide'}, r1={'wide'}, r9=set(), n9=set())
        nbctl('lrp-add', 'r9', 'r9-n1', '02:00:0a:01:00:04',
              '10.1.0.4/24', '--', 'lsp-add', 'n1', 'n1-r9', '--',
              'lsp-set-type', 'n1-r9', 'router', '--',
              'lsp-set-addresses', 'n1-r9', 'router', '--',
              'lsp-set-options', 'n1-r9', 'router-port=r9-n1')
        self.addCleanup(nbctl, '--if-exists', 'lsp-del', 'n1-r9')
        self.assert_carried(n1={'wide'}, r1={'wide'}, r9={'wide'},
                            n9={'wide'})
        nbctl('lrp-del', 'r9-n1', '--', 'lsp-del', 'n1-r9')
        self.assert_carried(n1={'wide'}, r1={'wide'}, r9=set(), n9=set())

    def test_router_deleted(self):
        """A router that is deleted leaves no trace in the load balancer"""
        add, nbctl = self.world.topology, self.world.ovn.nbctl
        network = self.world.networks[3]
        add.add_router('r3')
        add.attach('r3', network)
        lb = self.api.create_loadbalancer('n3', name='three')
        self.assert_carried(n3={'three'}, r3={'three'})
        nbctl('lr-del', 'r3', '--', 'lsp-del', 'n3-r3')
        self.assert_carried(n3={'three'})

        def forgotten():
            row, = self.nb().rows(lb['id']).values()
            return 'r3' not in row['external_ids'].get('lr_ref', '')
        wait.until(forgotten, 'the row has forgotten the router')
