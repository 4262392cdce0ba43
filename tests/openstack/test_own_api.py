# SPDX-License-Identifier: Apache-2.0
"""Our own API in the place of Octavia's, with the Keystone and the Neutron of
an OpenStack."""

from lib import client, cloud, mariadb, openstack_harness, ownapi, wait

NO_ID = '5c5c5c5c-0000-4000-8000-5c5c5c5c5c5c'


class OwnApi(openstack_harness.OpenStackTest):
    """Octavia does not run; our API has its port.  "stranger" is a user of
    another project than "demo", whose the networks are."""

    provider = 'none'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = cls.stack
        own = ownapi.OwnApi(stack)
        cls.addClassCleanup(own.stop)
        own.start()
        cls.daemon, cls.driver = own.daemon, own.driver
        cls.make_stranger()

    @classmethod
    def make_stranger(cls):
        keystone = cls.stack.client('admin').keystone
        roles = {role['name']: role['id'] for role in keystone.get('/roles')}
        project = keystone.post('/projects', {'project': {
            'name': 'stranger', 'domain_id': 'default'}})['id']
        user = keystone.post('/users', {'user': {
            'name': 'stranger', 'domain_id': 'default',
            'password': mariadb.PASSWORD}})['id']
        keystone.put(f'/projects/{project}/users/{user}/roles/'
                     f'{roles["member"]}', None, 204)
        cls.stranger = cloud.Cloud(cls.stack, 'stranger')
        network = cls.stranger.neutron.post('/networks', {'network': {
            'name': 'private'}})
        cls.strange = {'network': network['id']}
        cls.strange['subnet'] = cls.stranger.neutron.post('/subnets', {
            'subnet': {'network_id': network['id'], 'ip_version': 4,
                       'name': 'private', 'cidr': '10.77.0.0/24'}})['id']
        # A subnet that nothing uses is not in OVN.
        router = cls.stranger.neutron.post('/routers', {'router': {
            'name': 'private'}})
        cls.strange['router'] = router['id']
        cls.stranger.neutron.put(
            f'/routers/{router["id"]}/add_router_interface',
            {'subnet_id': cls.strange['subnet']})
        cls.addClassCleanup(cls.remove_strange)

    @classmethod
    def remove_strange(cls):
        neutron = cls.stranger.neutron
        router = f'/routers/{cls.strange["router"]}'
        neutron.put(router + '/remove_router_interface',
                    {'subnet_id': cls.strange['subnet']})
        neutron.delete(router)
        neutron.delete('/networks/' + cls.strange['network'])

    def setUp(self):
        super().setUp()
        self.addCleanup(self.delete_strange)
        topology = self.world.topology
        self.subnet = topology.id('subnet', 'n1')
        self.network = topology.id('network', 'n1')

    def delete_strange(self):
        for lb in self.stranger.get('/loadbalancers'):
            self.stranger.wait_settled(lb['id'])
            self.stranger.delete_loadbalancer(lb['id'])

    def _our_daemons(self):
        return [self.daemon, self.driver]

    def create(self, user, **attributes):
        return user.request('POST', client.PREFIX + '/loadbalancers',
                            {'loadbalancer': attributes})

    def assert_not_there(self, reply, title, key):
        self.assertEqual((reply.status, reply.fault),
                         (400, f'{title} {key} not found.'))

    def test_networks_of_others(self):
        """nobody puts a VIP into a network that he cannot see"""
        port = self.api.neutron.post('/ports', {'port': {
            'name': 'for-a-vip', 'network_id': self.network}})['id']
        self.addCleanup(self.api.neutron.delete, f'/ports/{port}')
        for title, key, attributes in (
                ('Subnet', self.subnet, {'vip_subnet_id': self.subnet}),
                ('Network', self.network, {'vip_network_id': self.network}),
                ('Port', port, {'vip_port_id': port}),
                ('Subnet', self.subnet, {
                    'vip_network_id': self.strange['network'],
                    'vip_subnet_id': self.subnet}),
                ('Subnet', self.subnet, {
                    'vip_subnet_id': self.strange['subnet'],
                    'additional_vips': [{'subnet_id': self.subnet}]}),
                ('Subnet', NO_ID, {'vip_subnet_id': NO_ID})):
            with self.subTest(attributes):
                self.assert_not_there(
                    self.create(self.stranger, **attributes), title, key)
        self.assertEqual(self.stranger.get('/loadbalancers'), [])

    def test_own_network(self):
        """everybody uses his own network, and nobody's else for members"""
        stranger = self.stranger
        wait.until(lambda: self.create(
            stranger, vip_subnet_id=self.strange['subnet']).status == 201,
            'OVN knows the subnet')
        lb = stranger.get('/loadbalancers')[0]
        stranger.wait_active(lb['id'])
        pool = stranger.create_pool(lb['id'])
        path = f'{client.PREFIX}/pools/{pool["id"]}/members'
        for subnet, status in ((self.subnet, 400),
                               (self.strange['subnet'], 201)):
            reply = stranger.request('POST', path, {'member': {
                'address': '10.77.0.9', 'protocol_port': 80,
                'subnet_id': subnet}})
            self.assertEqual(reply.status, status, reply)
            if status == 400:
                self.assert_not_there(reply, 'Subnet', subnet)
        self.assertEqual(self.api.get('/loadbalancers'), [])

    def test_new_network(self):
        """a network that nothing uses yet gets a load balancer, by the name
        of its subnet or of itself"""
        neutron = self.stranger.neutron
        for by in 'vip_subnet_id', 'vip_network_id':
            network = neutron.post('/networks', {'network': {
                'name': 'new'}})['id']
            self.addCleanup(wait.until, lambda network=network: neutron.request(
                'DELETE', f'{neutron.prefix}/networks/{network}').status
                == 204, 'the network is gone')
            subnet = neutron.post('/subnets', {'subnet': {
                'network_id': network, 'ip_version': 4,
                'enable_dhcp': False, 'cidr': '10.78.0.0/24'}})['id']
            reply = self.create(self.stranger, **{
                by: subnet if by == 'vip_subnet_id' else network})
            self.assertEqual(reply.status, 201, reply)
            lb = reply.body['loadbalancer']
            self.addCleanup(self.stranger.delete_loadbalancer, lb['id'])
            self.addCleanup(self.stranger.wait_settled, lb['id'])
            self.assertEqual((lb['vip_network_id'], lb['vip_subnet_id']),
                             (network, subnet))
            self.stranger.wait_active(lb['id'])
            port = neutron.get('/ports/' + lb['vip_port_id'])
            self.assertEqual(port['fixed_ips'], [{
                'subnet_id': subnet, 'ip_address': lb['vip_address']}])

    def test_administrator(self):
        """an administrator sees all networks"""
        admin = self.stack.client('admin')
        reply = self.create(admin, vip_subnet_id=self.subnet)
        self.assertEqual(reply.status, 201, reply)
        key = reply.body['loadbalancer']['id']
        admin.wait_active(key)
        admin.delete_loadbalancer(key)

    def test_stock_client(self):
        """the stock client makes a load balancer with user and password"""
        made = self.stack.cli().json('loadbalancer', 'create', '--name',
                                     'web', '--vip-subnet-id', 'n1', '--wait')
        self.assertEqual(made['provisioning_status'], 'ACTIVE')
        self.assertEqual(made['project_id'], self.world.topology.project)
        listed = self.stack.cli().json('loadbalancer', 'list')
        self.assertEqual([item['name'] for item in listed], ['web'])
        self.assertEqual(self.stranger.get('/loadbalancers'), [])
        error = self.stack.cli().fails('loadbalancer', 'failover', 'web')
        self.assertIn('Policy does not allow this request', error)

    def test_neutron_is_away(self):
        """while Neutron is dead, whoever names a network gets 503"""
        self.allow_log(r'api_visibility\|WARN\|')
        self.stack.kill('neutron')
        reply = self.create(self.stranger, vip_subnet_id=self.subnet)
        self.assertEqual((reply.status, reply.fault),
                         (503, 'The Neutron service is unavailable.'))
        self.assertEqual(self.stranger.get('/loadbalancers'), [])
        self.stack.restart('neutron')
        wait.until(lambda: self.create(
            self.stranger, vip_subnet_id=self.subnet).status == 400,
            'Neutron is asked again')
