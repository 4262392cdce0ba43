# SPDX-License-Identifier: Apache-2.0
"""A load balancer by way of a real Octavia, with the stock client."""

import json

from lib import cloud, nbview, openstack_harness, traffic, wait


class Tree:
    """What any provider that is called "ovn" must do."""

    def openstack(self, *args):
        """Runs "openstack loadbalancer ARGS"; returns what it shows."""
        return self.stack.cli().json('loadbalancer', *args)

    def curl(self, client, url):
        return self.world.hosts[client].run(
            'curl', '--silent', '--show-error', '--max-time', '5', url)

    def test_tree(self):
        """the stock client makes a load balancer that curl comes through"""
        made = self.openstack('create', '--name', 'web', '--provider', 'ovn',
                              '--vip-subnet-id', 'n1', '--wait')
        self.assertEqual((made['provider'], made['provisioning_status']),
                         ('ovn', 'ACTIVE'))
        self.openstack('listener', 'create', '--name', 'http', '--protocol',
                       'TCP', '--protocol-port', '80', '--wait', 'web')
        self.openstack('pool', 'create', '--name', 'servers', '--protocol',
                       'TCP', '--lb-algorithm', 'SOURCE_IP_PORT',
                       '--listener', 'http', '--wait')
        for name in ('web1', 'web2'):
            host = self.world.hosts[name]
            self.openstack('member', 'create', '--name', name, '--address',
                           host.address, '--protocol-port', '8080',
                           '--subnet-id', host.network.name, '--wait',
                           'servers')
        url = f'http://{made["vip_address"]}/'
        for client in ('client1', 'client2'):
            self.assertIn(self.curl(client, url).strip(), {'web1', 'web2'})
            traffic.wait_for(self.world.hosts[client], made['vip_address'],
                             80, {'web1', 'web2'})
        tree = json.loads(self.stack.cli().text('loadbalancer', 'status',
                                                'show', 'web'))
        self.assertEqual({item['provisioning_status'] for item
                          in self.objects(tree)}, {'ACTIVE'})

    def test_providers(self):
        """provider list shows both providers, the default one is ovn"""
        self.assertEqual(
            {item['name'] for item in self.openstack('provider', 'list')},
            {'ovn', 'amphora'})
        lb = self.api.create_loadbalancer('n1')
        self.assertEqual(lb['provider'], 'ovn')

    def test_capabilities(self):
        """capabilities are asked for, and there are none"""
        admin = self.stack.client('admin')
        for what, text in (('flavor', 'flavor'),
                           ('availability_zone', 'availability zone')):
            reply = admin.request('GET', f'{cloud.OCTAVIA}/providers/ovn/'
                                  f'{what}_capabilities')
            self.assertEqual((reply.status, reply.fault), (
                501, "Provider 'ovn' does not support a requested action: "
                'This provider does not support getting the supported '
                f'{text} metadata.'))

    def test_amphora(self):
        """a load balancer of the other provider goes there"""
        lb = self.api.create_loadbalancer('n1', ready=False, name='theirs',
                                          provider='amphora')
        self.addCleanup(self.forget, lb)
        self.assertEqual((lb['provider'], lb['provisioning_status']),
                         ('amphora', 'PENDING_CREATE'))
        # What comes later is done, what is theirs is not touched.
        self.web_lb('ours')
        self.assertEqual(nbview.Nb(self.stack.ovn.nb).rows_of(lb['id']), [])
        self.assertEqual(self.api.get(f'/loadbalancers/{lb["id"]}')[
            'provisioning_status'], 'PENDING_CREATE')

    def forget(self, lb):
        """Nobody works for the other provider here."""
        self.stack.mariadb.sql(
            'USE octavia; UPDATE load_balancer SET provisioning_status = '
            f"'DELETED' WHERE id = '{lb['id']}'")
        self.stack.client('admin').neutron.delete(
            f'/ports/{lb["vip_port_id"]}')

    def test_floating_ip(self):
        """a floating IP on the VIP's port is served outside"""
        lb = self.web_lb('floating')
        floating = self.world.topology.add_floating_ip(lb['vip_port_id'])
        self.addCleanup(self.api.neutron.delete,
                        f'/floatingips/{floating["id"]}')
        traffic.wait_for(self.world.outside, floating['floating_ip_address'],
                         80, {'web1', 'web2'})

    def test_monitor(self):
        """a health monitor takes a dead server out of the traffic"""
        lb = self.web_lb('watched')
        client = self.world.hosts['client2']
        self.api.create_monitor(lb['id'], lb['pools'][0]['id'])
        traffic.wait_for(client, lb['vip_address'], 80, {'web1', 'web2'})
        self.stop_backend('web2')
        traffic.wait_for(client, lb['vip_address'], 80, {'web1'})
        wait.until(lambda: self.member(lb, 'web2')['operating_status']
                   == 'ERROR', 'web2 is ERROR')
        if self.provider == 'ours':
            # Theirs may leave it ERROR on a busy machine, traffic or not.
            self.assertEqual(self.member(lb, 'web1')['operating_status'],
                             'ONLINE')

    def member(self, lb, name):
        return self.api.members(lb['pools'][0]['id'])[name]

    @staticmethod
    def objects(tree):
        """All objects of a status tree."""
        left, found = [tree], []
        while left:
            item = left.pop()
            if isinstance(item, list):
                left += item
            elif isinstance(item, dict):
                left += item.values()
                if 'provisioning_status' in item:
                    found.append(item)
        return found


class TheirTree(Tree, openstack_harness.OpenStackTest):
    provider = 'python'


class OurTree(Tree, openstack_harness.OpenStackTest):
    provider = 'ours'
