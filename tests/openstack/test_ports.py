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

    def explain(self, lb):
        """What explain prints of one that has problems."""
        return self.ctl(f'--nb-db={self.stack.ovn.nb.remote}',
                        f'--sb-db={self.stack.ovn.sb.remote}', 'explain',
                        lb['id'], status=1)

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
            self.assertNotEqual(port['project_id'], lb['project_id'])
        self.delete_all()
        for name in names:
            self.wait_no_port(name)

    def test_quota(self):
        """one that the quota forbids puts the monitor into ERROR, and only it
        """
        self.allow_log(r'\|WARN\|.*(a port to probe|cannot be probed)')
        lb = self.web_lb('full')
        pool = lb['pools'][0]['id']
        admin = self.stack.client('admin').neutron
        name = 'ovn-lb-hm-' + self.world.topology.id(
            'subnet', self.world.hosts['web1'].network.name)

        def new_monitor():
            return self.api.create_monitor(lb['id'], pool)['id']

        # It is the driver's own project that has them.
        monitor = new_monitor()
        owner = self.ports(name)[0]['project_id']
        self.api.remove(lb['id'], '/healthmonitors/' + monitor)
        self.wait_no_port(name)
        quota = '/quotas/' + owner
        used = [port for port in admin.get('/ports')
                if port['project_id'] == owner]

        def wait_state(monitor, state, deadline):
            wait.until(lambda: self.api.get('/healthmonitors/' + monitor)[
                'provisioning_status'] == state, f'it is {state}', deadline)
        admin.put(quota, {'quota': {'port': len(used)}})
        try:
            monitor = new_monitor()
            wait_state(monitor, 'ERROR', 20)
            # Its user can go on.
            self.api.remove(lb['id'], '/healthmonitors/' + monitor)
            monitor = new_monitor()
            wait_state(monitor, 'ERROR', 20)
            self.assertIn(f'problem [monitor] The health monitor of pool '
                          f'{pool} is in ERROR', self.explain(lb))
            traffic.wait_for(self.world.hosts['client2'], lb['vip_address'],
                             80, {'web1', 'web2'})
        finally:
            admin.delete(quota)
        # It is tried again at least every half a minute.
        wait_state(monitor, 'ACTIVE', 60)
        self.assertEqual(self.api.wait_active(lb['id'])['operating_status'],
                         'ONLINE')
