# SPDX-License-Identifier: Apache-2.0
"""Load balancers of every shape, each made by the function of its name."""

import concurrent.futures

# Calls to Octavia that are under way at once.
WORKERS = 4

# What Debian's Python provider can make.
OF_BOTH = ('plain', 'bare', 'listener_only', 'empty_pool', 'pool_only',
           'two_listeners', 'udp', 'ipv6', 'monitored', 'floating_ip',
           'off_member', 'off_listener', 'off_lb')
# It fails with these, but what is there of them it can change and delete.
OF_OURS = ('users_port',)


def at_once(function, items, workers=WORKERS):
    """Calls the function for each item, for a few at a time; returns
    {item: result}."""
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        jobs = {item: pool.submit(function, item) for item in items}
        return {item: job.result() for item, job in jobs.items()}


class Shapes:
    """On an openstack_world.OpenStackWorld."""

    def __init__(self, world):
        self.world = world
        self.api = world.rest()
        self.floating = {}      # Name: the floating IP of its VIP.

    def make(self, names):
        """Makes load balancers of these shapes, with these names; returns
        {name: its id}."""
        def make_one(name):
            # A client is for one thread.
            maker = Shapes(self.world)
            lb = getattr(maker, name)(name)
            maker.api.wait_settled(lb['id'])
            self.floating.update(maker.floating)
            return lb['id']
        return at_once(make_one, names)

    # The parts.

    def prepare(self):
        """IPv6 on the networks n1 and n2, and on their router."""
        for number in (1, 2):
            network = self.world.networks[number]
            subnet = self.api.neutron.post('/subnets', {'subnet': {
                'name': network.name + 'v6', 'ip_version': 6,
                'cidr': network.cidr6, 'network_id':
                    self.world.topology.id('network', network.name)}})
            self._change_router(subnet['id'], 'add')

    def clean(self):
        for name in ('n1v6', 'n2v6'):
            subnet = self.world.topology.find('subnet', name)
            if subnet:
                self._change_router(subnet['id'], 'remove')
                self.api.neutron.delete(f'/subnets/{subnet["id"]}')
        for floating in self.floating.values():
            self.api.neutron.delete(f'/floatingips/{floating["id"]}')
        for port in self.api.neutron.get('/ports', name='users-vip'):
            self.api.neutron.delete(f'/ports/{port["id"]}')

    def _change_router(self, subnet_id, verb):
        router = self.world.topology.id('router', 'r1')
        reply = self.api.neutron.request(
            'PUT', f'/v2.0/routers/{router}/{verb}_router_interface',
            {'subnet_id': subnet_id})
        assert reply.status in (200, 409), reply

    def lb(self, name, subnet='n1', **attributes):
        return self.api.create_loadbalancer(subnet, name=name, **attributes)

    def member(self, lb, pool, server, port=8080, **attributes):
        host = self.world.hosts[server]
        return self.api.create_member(lb['id'], pool['id'], host.address,
                                      port, host.network.name, name=server,
                                      **attributes)

    def service(self, lb, port=80, protocol='TCP', servers=('web1', 'web2'),
                backend_port=8080):
        """A listener with a pool, and the pool's members."""
        listener = self.api.create_listener(lb['id'], port, protocol)
        pool = self.api.create_pool(lb['id'], protocol,
                                    listener_id=listener['id'])
        for server in servers:
            self.member(lb, pool, server, backend_port)
        return listener, pool

    # The shapes.

    def plain(self, name):
        """Members on the VIP's network and on another one."""
        lb = self.lb(name)
        self.service(lb)
        return lb

    def bare(self, name):
        return self.lb(name)

    def listener_only(self, name):
        lb = self.lb(name)
        self.api.create_listener(lb['id'], 80)
        return lb

    def empty_pool(self, name):
        lb = self.lb(name)
        self.service(lb, servers=())
        return lb

    def pool_only(self, name):
        lb = self.lb(name)
        pool = self.api.create_pool(lb['id'])
        self.member(lb, pool, 'web1')
        return lb

    def two_listeners(self, name):
        """Each with a pool of its own, on different ports of one server."""
        lb = self.lb(name)
        self.service(lb, 80)
        self.service(lb, 81, servers=('web2',), backend_port=8081)
        return lb

    def udp(self, name):
        """TCP and UDP on one port."""
        lb = self.lb(name)
        self.service(lb)
        self.service(lb, protocol='UDP')
        return lb

    def ipv6(self, name):
        lb = self.lb(name, 'n1v6')
        _, pool = self.service(lb, servers=())
        self.api.create_member(lb['id'], pool['id'],
                               self.world.networks[1].address6(0x11), 8080,
                               'n1v6', name='six')
        return lb

    def monitored(self, name):
        lb = self.lb(name)
        _, pool = self.service(lb)
        self.api.create_monitor(lb['id'], pool['id'], delay=2, timeout=2)
        return lb

    def floating_ip(self, name):
        lb = self.lb(name)
        self.service(lb)
        self.floating[name] = self.world.topology.add_floating_ip(
            lb['vip_port_id'])
        return lb

    def users_port(self, name):
        """A VIP on a port that the user has made."""
        port = self.api.neutron.post('/ports', {'port': {
            'name': 'users-vip',
            'network_id': self.world.topology.id('network', 'n1'),
            'fixed_ips': [{
                'subnet_id': self.world.topology.id('subnet', 'n1')}]}})
        lb = self.lb(name, None, vip_port_id=port['id'])
        self.service(lb)
        return lb

    def off_member(self, name):
        lb = self.lb(name)
        _, pool = self.service(lb)
        self.member(lb, pool, 'web3', admin_state_up=False)
        return lb

    def off_listener(self, name):
        lb = self.lb(name)
        listener, _ = self.service(lb)
        self.api.update(lb['id'], f'/listeners/{listener["id"]}',
                        admin_state_up=False)
        return lb

    def off_lb(self, name):
        lb = self.lb(name)
        self.service(lb)
        self.api.update(lb['id'], f'/loadbalancers/{lb["id"]}',
                        admin_state_up=False)
        return lb
