# SPDX-License-Identifier: Apache-2.0
"""A load balancer that comes with all its parts in one request, in packets."""

from lib import harness, health, traffic


class WholeTree(harness.SystemTest, health.Mixin):

    def test_serves(self):
        """A tree serves both its ports, from all members and none other, as
        soon as it is ACTIVE"""
        def member(server):
            host = self.world.hosts[server]
            return {'name': server, 'address': host.address,
                    'protocol_port': 8080,
                    'subnet_id': self.api.subnet_id(host.network.name)}
        tree = self.api.post('/loadbalancers', {'loadbalancer': {
            'name': 'tree', 'vip_subnet_id': self.api.subnet_id('n1'),
            'pools': [{'name': 'one', 'protocol': 'TCP',
                       'lb_algorithm': 'SOURCE_IP_PORT',
                       'members': [member('web1')]}],
            'listeners': [
                {'protocol': 'TCP', 'protocol_port': 80, 'default_pool': {
                    'name': 'both', 'protocol': 'TCP',
                    'lb_algorithm': 'SOURCE_IP_PORT',
                    'members': [member('web1'), member('web2')],
                    'healthmonitor': {'type': 'TCP', 'delay': 1, 'timeout': 1,
                                      'max_retries': 1}}},
                {'protocol': 'TCP', 'protocol_port': 81,
                 'default_pool': {'name': 'one'}}]}})
        self.api.wait_active(tree['id'])
        self.settle()
        client = self.world.hosts['client1']
        for port, servers in ((80, {'web1', 'web2'}), (81, {'web1'})):
            seen = traffic.send(client, tree['vip_address'], port, 40)
            self.assertEqual((seen.failed, set(seen.answers)), (0, servers))
