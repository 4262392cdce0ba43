# SPDX-License-Identifier: Apache-2.0
"""The ports that the driver has Neutron make."""

from lib import openstack_harness, traffic, wait


class Ports(openstack_harness.OpenStackTest):

    def ports(self, name):
        """Neutron's ports of that name, whosever they are."""
        return self.stack.client('admin').neutron.get('/ports', name=name)

    def wait_no_port(self, name):
        wait.until(lambda: not self.ports(name), f'{name} is deleted')

    def switch_port(self, port_id):
        with self.stack.ovn.nb.client() as nb:
            row, = nb.select('Logical_Switch_Port',
                             [['name', '==', port_id]])
        return row

    def test_vip(self):
        """the port of a VIP has no address in OVN, and its subnet gets through
        """
        lb = self.web_lb('web')
        name = 'ovn-lb-vip-' + lb['id']
        port, = self.ports(name)
        self.assertEqual(
            (port['id'], port['device_id'], port['device_owner'],
             port['project_id']),
            (lb['vip_port_id'], 'lb-' + lb['id'], '', lb['project_id']))
        self.assertEqual(self.switch_port(port['id'])['addresses'], [])
        for client in ('client1', 'client2'):
            traffic.wait_for(self.world.hosts[client], lb['vip_address'], 80,
                             {'web1', 'web2'})
        self.delete_all()
        self.wait_no_port(name)

    def test_probes(self):
        """ports to probe from come with the first monitor, go with the last
        """
        lb = self.web_lb('watched')
        self.api.create_monitor(lb['id'], lb['pools'][0]['id'])
        names = ['ovn-lb-hm-' + self.world.topology.id('subnet', name)
                 for name in {self.world.hosts[server].network.name
                              for server in ('web1', 'web2')}]
        for name in names:
            port, = self.ports(name)
            self.assertEqual(
                (port['device_id'], port['device_owner'],
                 port['port_security_enabled']),
                (name, 'ovn-lb-hm:distributed', False))
        self.delete_all()
        for name in names:
            self.wait_no_port(name)
