# SPDX-License-Identifier: Apache-2.0
"""The unmodified "openstack" command, each subcommand that we serve."""

import re

from lib import harness

UUID = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')


class StockClient(harness.SystemTest):

    def setUp(self):
        super().setUp()
        self.cli = self.world.cli()

    def lb(self, *args, as_json=True):
        """Runs "openstack loadbalancer ARGS"."""
        run = self.cli.json if as_json else self.cli.text
        return run('loadbalancer', *args)

    def act(self, *args):
        """The same for commands that print nothing."""
        self.assertEqual(self.lb(*args, as_json=False), '')

    def fails(self, *args):
        return self.cli.fails('loadbalancer', *args)

    def test_networks(self):
        """network, subnet and port list show OVN's networks"""
        networks = {item['Name']: item
                    for item in self.cli.json('network', 'list')}
        self.assertEqual(set(networks), {'n1', 'n2', 'n3'})
        subnets = {item['Name']: item
                   for item in self.cli.json('subnet', 'list')}
        self.assertEqual({name: item['Subnet']
                          for name, item in subnets.items()},
                         {'n1': '10.1.0.0/24', 'n2': '10.2.0.0/24',
                          'n3': '10.3.0.0/24'})
        for name, subnet in subnets.items():
            self.assertEqual(subnet['Network'], networks[name]['ID'])
            self.assertIn(subnet['ID'], networks[name]['Subnets'])
        ports = {item['Name']: item for item in self.cli.json('port', 'list')}
        self.assertLessEqual({'client1', 'web1', 'web2', 'web3'}, set(ports))
        address, = ports['web1']['Fixed IP Addresses']
        self.assertEqual(address, {'subnet_id': subnets['n1']['ID'],
                                   'ip_address': '10.1.0.11'})
        self.assertEqual(ports['web1']['MAC Address'],
                         self.world.networks[1].mac(11))

    def test_network_show(self):
        """network, subnet and port show find things by name and by id"""
        for kind, name in (('network', 'n1'), ('subnet', 'n2'),
                           ('port', 'web1')):
            with self.subTest(kind=kind):
                by_name = self.cli.json(kind, 'show', name)
                self.assertEqual(by_name['name'], name)
                self.assertEqual(
                    self.cli.json(kind, 'show', by_name['id']), by_name)

    def test_neutron(self):
        """filters and other questions to Neutron work, changes are refused"""
        port, = self.cli.json('port', 'list', '--fixed-ip',
                              'ip-address=10.1.0.11')
        self.assertEqual(port['Name'], 'web1')
        self.assertEqual(self.cli.json('floating', 'ip', 'list'), [])
        self.assertEqual(self.cli.json('security', 'group', 'list'), [])
        self.assertIn('filter-validation', [
            item['Alias'] for item
            in self.cli.json('extension', 'list', '--network')])
        self.assertIn('There is no Neutron here',
                      self.cli.fails('network', 'create', 'mine'))

    def test_provider_list(self):
        """provider list has ovn"""
        providers = self.lb('provider', 'list')
        self.assertIn('ovn', [item['name'] for item in providers])

    def test_loadbalancer_life(self):
        """loadbalancer create, list, show, set, unset and delete"""
        made = self.lb('create', '--name', 'cli-lb', '--description', 'one',
                       '--vip-subnet-id', 'n1', '--vip-address',
                       '10.1.0.50', '--tag', 'red', '--wait')
        self.assertEqual(made['provisioning_status'], 'ACTIVE')
        self.assertEqual(made['operating_status'], 'ONLINE')
        self.assertEqual(made['vip_address'], '10.1.0.50')
        self.assertEqual(made['provider'], 'ovn')
        for field in ('id', 'vip_port_id', 'vip_network_id',
                      'vip_subnet_id'):
            self.assertRegex(made[field], UUID)
        listed, = self.lb('list')
        self.assertEqual((listed['id'], listed['name']),
                         (made['id'], 'cli-lb'))
        self.assertEqual(self.lb('list', '--name', 'other'), [])
        shown = self.lb('show', made['id'])
        self.assertEqual(shown['description'], 'one')
        self.assertEqual(shown['tags'], 'red')
        self.act('set', 'cli-lb', '--name', 'renamed', '--description', 'two',
                 '--disable', '--tag', 'blue', '--wait')
        shown = self.lb('show', 'renamed')
        self.assertEqual(
            (shown['id'], shown['description'], shown['admin_state_up'],
             shown['operating_status'], set(shown['tags'].split('\n'))),
            (made['id'], 'two', False, 'OFFLINE', {'red', 'blue'}))
        self.act('set', 'renamed', '--enable', '--wait')
        self.act('unset', 'renamed', '--description', '--all-tag', '--wait')
        shown = self.lb('show', 'renamed')
        self.assertEqual((shown['description'], shown['tags'],
                          shown['operating_status']), ('', '', 'ONLINE'))
        self.act('delete', 'renamed', '--wait')
        self.assertEqual(self.lb('list'), [])

    def test_children(self):
        """listener, pool and member: create, list, show, set, unset, delete
        """
        self.lb('create', '--name', 'parent', '--vip-subnet-id', 'n1',
                '--wait')
        made = self.lb('listener', 'create', '--name', 'web', '--protocol',
                       'TCP', '--protocol-port', '80', '--wait', 'parent')
        self.assertEqual((made['protocol'], made['protocol_port'],
                          made['provisioning_status']),
                         ('TCP', 80, 'ACTIVE'))
        pool = self.lb('pool', 'create', '--name', 'servers', '--protocol',
                       'TCP', '--lb-algorithm', 'SOURCE_IP_PORT',
                       '--listener', 'web', '--wait')
        self.assertEqual(pool['listeners'], made['id'])
        member = self.lb('member', 'create', '--name', 'm1', '--address',
                         '10.1.0.11', '--protocol-port', '8080',
                         '--subnet-id', 'n1', '--weight', '3', '--wait',
                         'servers')
        self.assertEqual((member['address'], member['weight'],
                          member['operating_status']),
                         ('10.1.0.11', 3, 'NO_MONITOR'))
        for args, name in ((['listener', 'list'], 'web'),
                           (['pool', 'list'], 'servers'),
                           (['member', 'list', 'servers'], 'm1')):
            item, = self.lb(*args)
            self.assertEqual(item['name'], name)
        for args in (['listener', 'set', 'web'], ['pool', 'set', 'servers'],
                     ['member', 'set', 'servers', 'm1']):
            kind, path = args[0], args[2:]
            with self.subTest(kind=kind):
                self.act(*args, '--name', 'new-name', '--disable', '--tag',
                         'green', '--wait')
                path[-1] = 'new-name'
                shown = self.lb(kind, 'show', *path)
                self.assertEqual((shown['admin_state_up'], shown['tags'],
                                  shown['operating_status']),
                                 (False, 'green', 'OFFLINE'))
                self.act(kind, 'set', *path, '--enable', '--wait')
                self.act(kind, 'unset', *path, '--all-tag', '--wait')
                self.act(kind, 'set', *path, '--name', args[-1], '--wait')
                self.assertEqual(self.lb(kind, 'show', *args[2:])['tags'],
                                 '')
        self.settle()
        self.act('listener', 'unset', 'web', '--default-pool', '--wait')
        self.assertIsNone(
            self.lb('listener', 'show', 'web')['default_pool_id'])
        self.act('listener', 'set', 'web', '--default-pool', 'servers',
                 '--wait')
        self.settle()
        self.act('member', 'delete', 'servers', 'm1', '--wait')
        self.assertEqual(self.lb('member', 'list', 'servers'), [])
        self.act('pool', 'delete', 'servers', '--wait')
        self.act('listener', 'delete', 'web', '--wait')
        self.assertEqual(self.lb('pool', 'list')
                         + self.lb('listener', 'list'), [])

    def test_health_monitor(self):
        """healthmonitor create, list, show, set, unset, delete"""
        self.lb('create', '--name', 'parent', '--vip-subnet-id', 'n1',
                '--wait')
        self.lb('pool', 'create', '--name', 'servers', '--protocol', 'TCP',
                '--lb-algorithm', 'SOURCE_IP_PORT', '--loadbalancer',
                'parent', '--wait')
        made = self.lb('healthmonitor', 'create', '--name', 'probe',
                       '--type', 'TCP', '--delay', '5', '--timeout', '3',
                       '--max-retries', '2', '--wait', 'servers')
        self.assertEqual((made['type'], made['delay'], made['max_retries'],
                          made['operating_status']), ('TCP', 5, 2, 'ONLINE'))
        listed, = self.lb('healthmonitor', 'list')
        self.assertEqual((listed['id'], listed['name']),
                         (made['id'], 'probe'))
        self.act('healthmonitor', 'set', 'probe', '--delay', '9', '--disable',
                 '--max-retries-down', '5', '--wait')
        shown = self.lb('healthmonitor', 'show', 'probe')
        self.assertEqual((shown['delay'], shown['admin_state_up'],
                          shown['max_retries_down'],
                          shown['operating_status']),
                         (9, False, 5, 'OFFLINE'))
        self.act('healthmonitor', 'unset', 'probe', '--max-retries-down',
                 '--wait')
        shown = self.lb('healthmonitor', 'show', 'probe')
        self.assertEqual(shown['max_retries_down'], 3)
        self.act('healthmonitor', 'delete', 'probe', '--wait')
        self.assertEqual(self.lb('healthmonitor', 'list'), [])

    def test_status_show(self):
        """loadbalancer status show prints the whole tree"""
        made = self.web_lb('tree')
        tree = self.cli.text('loadbalancer', 'status', 'show', 'tree')
        for name in ('tree', 'web1', 'web2', made['id'], 'NO_MONITOR'):
            self.assertIn(name, tree)

    def test_cascade(self):
        """loadbalancer delete --cascade takes all children along"""
        self.web_lb('cascade')
        printed = self.fails('delete', 'cascade')
        self.assertIn('it has children', printed)
        self.act('delete', '--cascade', '--wait', 'cascade')
        self.assertEqual(self.lb('list'), [])
        # What load balancers share goes after the last of them.
        self.world.driver.wait_in_sync()
        self.assertEqual(self.nb().traces(), [])

    def test_absent(self):
        """stats are 0, and lists of what OVN does not have are empty"""
        self.web_lb('counted')
        listener, = self.lb('listener', 'list')
        for args in (['stats', 'show', 'counted'],
                     ['listener', 'stats', 'show', listener['id']]):
            self.assertEqual(self.lb(*args), {
                'active_connections': 0, 'bytes_in': 0, 'bytes_out': 0,
                'request_errors': 0, 'total_connections': 0})
        for kind in ('l7policy', 'flavor', 'flavorprofile',
                     'availabilityzone', 'availabilityzoneprofile',
                     'amphora'):
            with self.subTest(kind):
                self.assertEqual(self.lb(kind, 'list'), [])

    def test_absent_writes(self):
        """what OVN does not have is refused, and the client prints why"""
        self.web_lb('seven')
        listener, = self.api.get('/listeners')
        cannot = 'This provider does not support '
        nothing = '00000000-0000-4000-8000-000000000000'
        for args, text in (
                (['provider', 'capability', 'list', 'ovn'],
                 cannot + 'getting the supported flavor metadata.'),
                (['l7policy', 'create', '--action', 'REJECT',
                  listener['id']], cannot + 'creating l7policies.'),
                (['flavorprofile', 'create', '--name', 'f', '--provider',
                  'ovn', '--flavor-data', '{}'],
                 cannot + 'validating flavors.'),
                (['availabilityzoneprofile', 'create', '--name', 'z',
                  '--provider', 'ovn', '--availability-zone-data', '{}'],
                 cannot + 'validating availability zones.'),
                (['amphora', 'show', nothing], f'{nothing} not found'),
                (['amphora', 'failover', nothing],
                 f'Unable to locate {nothing} in amphorae')):
            with self.subTest(args=args):
                printed = self.fails(*args)
                self.assertIn(text, printed)
                self.assertNotIn('Traceback', printed)

    def test_names(self):
        """A name that two have, or nobody, is refused by the client"""
        for _ in range(2):
            self.api.create_loadbalancer('n1', name='twin')
        self.assertIn('2 loadbalancers found', self.fails('show', 'twin'))
        self.assertIn('nobody', self.fails('show', 'nobody'))

    def test_faults(self):
        """What the API says is wrong, the client prints"""
        self.lb('create', '--name', 'plain', '--vip-subnet-id', 'n1',
                '--wait')
        for args, text in (
                (['create', '--vip-subnet-id', 'n1', '--vip-address',
                  '10.1.0.11'], '10.1.0.11'),
                (['listener', 'create', '--protocol', 'HTTP',
                  '--protocol-port', '80', 'plain'],
                 'OVN provider does not support HTTP protocol'),
                (['pool', 'create', '--protocol', 'TCP', '--loadbalancer',
                  'plain', '--lb-algorithm', 'ROUND_ROBIN'],
                 'OVN provider does not support ROUND_ROBIN algorithm')):
            with self.subTest(args=args):
                printed = self.fails(*args)
                self.assertIn(text, printed)
                self.assertNotIn('Traceback', printed)
        self.settle()
