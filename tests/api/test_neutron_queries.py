#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What clients ask Neutron on our endpoint when there is none: filters, pages
and order of lists, floating IPs, what there is none of, and writes."""

import unittest
import urllib.parse
import uuid

import apitest

from lib import wait

RESOURCES = ('networks', 'subnets', 'ports', 'floatingips', 'routers',
             'qos/policies', 'security-groups', 'security-group-rules')


class NeutronTest(apitest.ApiTest):

    def ask(self, what, status=200):
        reply = self.rest.request('GET', '/v2.0/' + what)
        self.assert_status(reply, status)
        return reply.body

    def items(self, what):
        """The objects of a list, without its links."""
        body = self.ask(what)
        items, = (value for key, value in body.items()
                  if not key.endswith('_links'))
        return items

    def names(self, what):
        return [item['name'] for item in self.items(what)]

    def assert_error(self, reply, status, kind, text):
        self.assert_status(reply, status)
        self.assertEqual(reply.body, {'NeutronError': {
            'type': kind, 'message': text, 'detail': ''}})


class Filters(NeutronTest):

    def test_ports_by_address(self):
        """ports are found by their addresses and subnets"""
        sub, sub6 = self.stand.subnet, self.stand.subnet6
        for query, expected in (
                ('ip_address=10.1.0.60', ['free']),
                ('ip_address=10.1.0.63', ['two']),
                ('ip_address=10.1.0.99', []),
                ('ip_address=fd00:4:0::0060', ['both']),
                ('ip_address=nonsense', []),
                (f'subnet_id={sub["full"]}', ['full1']),
                (f'subnet_id={sub6["dual"]}', ['both']),
                (f'subnet_id={apitest.NO_ID}', []),
                (f'ip_address=10.1.0.60,subnet_id={sub["n1"]}', ['free']),
                (f'ip_address=10.1.0.60,subnet_id={sub["n2"]}', []),
                # Not the one of the one address, the other of the other.
                (f'ip_address=10.4.0.60,subnet_id={sub6["dual"]}', []),
                (f'ip_address=10.4.0.60,subnet_id={sub["dual"]}', ['both']),
                ('ip_address=10.1.0.60,ip_address=10.1.0.61',
                 ['free', 'taken']),
                ('ip_address_substr=1.0.6', ['free', 'taken', 'two'])):
            with self.subTest(query):
                once = 'ports?fixed_ips=' + urllib.parse.quote(query)
                self.assertEqual(self.names(once), expected)
                self.assertEqual(self.names('ports?' + '&'.join(
                    'fixed_ips=' + urllib.parse.quote(part)
                    for part in query.split(','))), expected)

    def test_earlier_subnet(self):
        """an earlier id of a subnet finds its ports and its network"""
        switch = uuid.UUID(self.stand.network['full'])
        earlier = uuid.uuid5(switch, '10.8.0.0/30')
        self.assertEqual(self.names(f'ports?fixed_ips=subnet_id={earlier}'),
                         ['full1'])
        self.assertEqual(self.names(f'networks?subnets={earlier}'), ['full'])

    def test_ports_by_device(self):
        """ports are found by their device, also the ports of routers"""
        with self.stand.nb.client() as nb:
            router, = nb.select('Logical_Router')
        for query, expected in (
                ('device_id=vm-1', ['taken']),
                ('device_id=vm-1&name=free', []),
                ('device_id=vm', []),
                (f'device_id={router["_uuid"]}', ['n1-r1', 'n2-r1']),
                ('device_owner=network:router_interface',
                 ['n1-r1', 'n2-r1']),
                ('device_owner=network:router_interface&network_id='
                 + self.stand.network['n2'], ['n2-r1']),
                ('device_owner=compute:nova', []),
                ('device_id=&network_id=' + self.stand.network['full'],
                 ['full1']),
                ('mac_address=02:00:00:00:01:01', ['free']),
                ('mac_address=02:00:00:00:01:FF', [])):
            with self.subTest(query):
                self.assertEqual(self.names('ports?' + query), expected)

    def test_repeated(self):
        """of several values of one attribute, one is enough"""
        port = self.stand.port
        self.assertEqual(
            self.names(f'ports?id={port["free"]}&id={port["two"]}'
                       f'&id={apitest.NO_ID}&status=ACTIVE'),
            ['free', 'two'])
        self.assertEqual(len(self.names('ports?' + '&'.join(
            f'id={key}' for key in list(port.values()) * 8))), len(port))

    def test_always_the_same(self):
        """attributes that are always the same are filters, too"""
        everything = self.names('networks')
        for query, matches in (
                ('status=ACTIVE', True), ('status=DOWN', False),
                ('admin_state_up=True', True), ('admin_state_up=0', False),
                ('shared=False', False), ('shared=true', True),
                ('project_id=p', False), ('tenant_id=p', False),
                ('project_id=', True), ('description=x', False),
                ('tags=a', False), ('tags-any=a,b', False),
                ('not-tags=a', True), ('not-tags-any=a&not-tags=b', True),
                ('provider:physical_network=x', False), ('mtu=1500', False),
                ('router:external=True', False),
                ('router:external=no', True)):
            with self.subTest(query):
                self.assertEqual(self.names('networks?' + query),
                                 everything if matches else [])

    def test_subnets(self):
        """subnets are found by version, prefix and gateway"""
        for query, expected in (
                ('ip_version=6', ['dual:fd00:4::/64', 'n6']),
                ('ip_version=4&name=n1', ['n1']),
                ('cidr=fd00:6:0::/64', ['n6']),
                ('cidr=10.1.0.0/25', []), ('gateway_ip=10.2.0.1', ['n2']),
                ('router:external=True', []),
                ('router:external=False&shared=True&name=n1', ['n1']),
                ('shared=False', []),
                ('enable_dhcp=true', []),
                ('network_id=' + self.stand.network['n2'], ['n2'])):
            with self.subTest(query):
                self.assertEqual(self.names('subnets?' + query), expected)

    def test_faults(self):
        """an argument that means nothing is refused, not ignored"""
        invalid = 'Invalid input for operation: '
        for query, kind, text in (
                ('networks?nonsense=1', 'HTTPBadRequest',
                 "['nonsense'] is invalid attribute for filtering"),
                ('ports?cidr=10.0.0.0/8', 'HTTPBadRequest',
                 "['cidr'] is invalid attribute for filtering"),
                ('networks?shared=perhaps', 'InvalidInput',
                 invalid + "'perhaps' cannot be converted to boolean."),
                ('subnets?ip_version=x', 'InvalidInput',
                 invalid + "'x' is not an integer."),
                ('ports?fixed_ips=10.1.0.60', 'InvalidInput', invalid
                 + "'10.1.0.60' is not of the form <key>=[value]."),
                ('ports?fixed_ips=' + ','.join(['subnet_id=x'] * 101),
                 'HTTPBadRequest', 'Too many values of fixed_ips'),
                ('ports?limit=x', 'BadRequest', 'Bad limit request: Limit '
                 "must be an integer 0 or greater and not 'x'."),
                ('ports?limit=-1', 'BadRequest', 'Bad limit request: Limit '
                 "must be an integer 0 or greater and not '-1'."),
                ('ports?sort_key=x', 'HTTPBadRequest',
                 "['x'] is invalid attribute for sort_keys"),
                ('ports?sort_key=id&sort_dir=up', 'HTTPBadRequest',
                 "['up'] is invalid value for sort_dirs, valid value is "
                 "'asc' and 'desc'"),
                ('ports?sort_dir=asc', 'HTTPBadRequest',
                 'The number of sort_keys and sort_dirs must be same')):
            with self.subTest(query):
                self.assert_error(self.rest.request('GET', '/v2.0/' + query),
                                  400, kind, text)


class Pages(NeutronTest):

    def test_fields(self):
        """only the fields that were asked for are shown"""
        self.assertEqual(self.items('ports?fields=name&name=free'),
                         [{'name': 'free'}])
        self.assertEqual(
            self.items('networks?name=n1&fields=id&fields=name&fields=x'),
            [{'id': self.stand.network['n1'], 'name': 'n1'}])
        self.assertEqual(
            self.ask(f'ports/{self.stand.port["free"]}?fields=device_id'),
            {'port': {'device_id': ''}})

    def follow(self, path, relation):
        """The names on the pages from 'path' on, page by page."""
        pages = []
        while path:
            body = self.ask(path)
            pages.append([item['name'] for item in body['ports']])
            links = {link['rel']: link['href']
                     for link in body['ports_links']}
            path = links.get(relation, '').split('/v2.0/')[-1]
            self.assertLess(len(pages), 20)
        return pages

    def test_pages(self):
        """links lead through the whole list, there and back, and keep filters
        """
        query = 'ports?network_id=' + self.stand.network['n1']
        names = self.names(query)
        self.assertNotIn('ports_links', self.ask(query))
        self.assertEqual(self.names(query + '&limit=0'), names)
        for limit in (1, 2, 3, len(names), 100):
            with self.subTest(limit=limit):
                first = f'{query}&limit={limit}'
                pages = self.follow(first, 'next')
                self.assertEqual(sum(pages, []), names)
                self.assertTrue(all(len(page) == limit
                                    for page in pages[:-1]))
                back = self.follow(first + '&page_reverse=True', 'previous')
                self.assertEqual(sum(reversed(back), []), names)

    def test_marker(self):
        """a page begins after its marker, which must exist, not be listed"""
        port = self.stand.port
        names = self.names('ports')
        self.assertEqual(self.names(f'ports?marker={port["host"]}'),
                         names[names.index('host') + 1:])
        self.assertEqual(
            self.names(f'ports?marker={port["host"]}&limit=1&device_id=vm-1'),
            ['taken'])
        self.assertEqual(
            self.names(f'ports?marker={port["taken"]}&page_reverse=true'
                       '&limit=2'),
            names[names.index('taken') - 2:names.index('taken')])
        for key in (apitest.NO_ID, 'x'):
            self.assert_error(
                self.rest.request('GET', f'/v2.0/ports?limit=1&marker={key}'),
                404, 'PortNotFound', f'Port {key} could not be found.')

    def test_order(self):
        """lists are in the order that was asked for"""
        query = 'ports?network_id=' + self.stand.network['n1']
        names = self.names(query)
        self.assertEqual(self.names(query + '&sort_key=name&sort_dir=desc'),
                         names[::-1])
        query += ('&sort_key=device_id&sort_dir=desc'
                  '&sort_key=name&sort_dir=asc')
        devices = [item['device_id'] for item in self.items(query)]
        self.assertEqual(devices, sorted(devices, reverse=True))
        names = self.names(query)
        self.assertNotEqual(names, sorted(names))
        self.assertEqual(
            self.names(f'{query}&limit=1&marker={self.stand.port["taken"]}'),
            [names[names.index('taken') + 1]])


class FloatingIps(NeutronTest):
    """With a network outside, and floating IPs of two ports and a VIP."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.remove)
        self.stand.nbctl(
            'ls-add', 'ext', '--', 'set', 'Logical_Switch', 'ext',
            'other_config:subnet=10.99.0.0/24',
            '--', 'lsp-add', 'ext', 'ext-phys',
            '--', 'lsp-set-type', 'ext-phys', 'localnet',
            '--', 'lrp-add', 'r1', 'r1-ext', '02:00:0a:09:00:01',
            '10.99.0.1/24',
            '--', 'lrp-set-gateway-chassis', 'r1-ext', 'c1',
            '--', 'lsp-add', 'ext', 'ext-r1',
            '--', 'lsp-set-type', 'ext-r1', 'router',
            '--', 'lsp-set-addresses', 'ext-r1', 'router',
            '--', 'lsp-set-options', 'ext-r1', 'router-port=r1-ext',
            '--', 'lr-nat-add', 'r1', 'dnat_and_snat', '10.99.0.10',
            '10.1.0.50',
            '--', 'lr-nat-add', 'r1', 'dnat_and_snat', '10.99.0.9',
            '10.1.0.60', 'free', '02:00:00:00:02:01',
            '--', 'lr-nat-add', 'r1', 'dnat_and_snat', '10.99.0.11',
            '10.1.0.200',
            '--', 'lr-nat-add', 'r1', 'snat', '10.99.0.12', '10.2.0.0/24')
        wait.until(lambda: len(self.items('floatingips')) == 3,
                   'the API has the floating IPs', 5, 0.01)
        self.ext, = self.items('networks?router:external=True')

    def remove(self):
        self.stand.nbctl('lr-nat-del', 'r1', '--', 'lrp-del', 'r1-ext', '--',
                         'ls-del', 'ext')
        wait.until(lambda: not self.items('floatingips')
                   and not self.items('networks?name=ext'),
                   'the network outside is gone', 5, 0.01)

    def addresses(self, query):
        return [item['floating_ip_address']
                for item in self.items('floatingips' + query)]

    def test_show(self):
        """NAT rows are floating IPs, in the order of their addresses"""
        with self.stand.nb.client() as nb:
            rows = {row['external_ip']: row['_uuid']
                    for row in nb.select('NAT')}
            router, = nb.select('Logical_Router')
        self.assertEqual(self.addresses(''),
                         ['10.99.0.9', '10.99.0.10', '10.99.0.11'])
        port = self.stand.port
        for outside, inside, port_id in (
                ('10.99.0.10', '10.1.0.50', port['host']),
                ('10.99.0.9', '10.1.0.60', port['free']),
                ('10.99.0.11', '10.1.0.200', None)):
            shown = self.ask('floatingips/' + rows[outside])['floatingip']
            self.assertEqual(shown, {
                'id': rows[outside], 'floating_ip_address': outside,
                'fixed_ip_address': inside, 'port_id': port_id,
                'router_id': router['_uuid'],
                'floating_network_id': self.ext['id'], 'status': 'ACTIVE',
                'port_details': None, 'port_forwardings': [],
                'description': '', 'tags': [], 'project_id': '',
                'tenant_id': ''})
        self.assert_error(
            self.rest.request('GET', '/v2.0/floatingips/'
                              + rows['10.99.0.12']), 404,
            'FloatingIPNotFound', f'Floating IP {rows["10.99.0.12"]} could '
            'not be found.')

    def test_filters(self):
        """floating IPs are found by port and address, inside and outside"""
        port = self.stand.port
        for query, expected in (
                (f'port_id={port["host"]}', ['10.99.0.10']),
                (f'port_id={port["taken"]}', []),
                (f'port_id={port["host"]}&fixed_ip_address=10.1.0.50',
                 ['10.99.0.10']),
                (f'port_id={port["host"]}&fixed_ip_address=10.1.0.60', []),
                ('fixed_ip_address=10.1.0.200', ['10.99.0.11']),
                ('floating_ip_address=10.99.0.9', ['10.99.0.9']),
                ('floating_ip_address=10.99.0.99', []),
                ('floating_network_id=' + self.ext['id'],
                 ['10.99.0.9', '10.99.0.10', '10.99.0.11']),
                ('floating_network_id=' + self.stand.network['n1'], []),
                ('status=ACTIVE&limit=1', ['10.99.0.9']),
                ('status=DOWN', []), ('project_id=p', [])):
            with self.subTest(query):
                self.assertEqual(self.addresses('?' + query), expected)

    def test_neutron_id(self):
        """a row of Neutron's has the id that it has there"""
        self.stand.nbctl('set', 'NAT', self.items(
            'floatingips?fixed_ip_address=10.1.0.50')[0]['id'],
            f'external_ids:neutron\\:fip_id={apitest.NO_ID}')
        wait.until(lambda: self.items('floatingips?id=' + apitest.NO_ID),
                   'the floating IP has its id', 5, 0.01)
        shown = self.ask('floatingips/' + apitest.NO_ID)['floatingip']
        self.assertEqual(shown['fixed_ip_address'], '10.1.0.50')

    def test_vip(self):
        """the floating IP of a VIP is found by the VIP's port"""
        lb = self.make_lb(vip_address='10.1.0.200')
        wait.until(lambda: self.addresses('?port_id=' + lb['vip_port_id'])
                   == ['10.99.0.11'], 'the VIP has its floating IP', 5, 0.01)

    def test_gateway(self):
        """the port of a router outside is its gateway"""
        self.assertEqual(self.names(
            'ports?device_owner=network:router_gateway'), ['ext-r1'])


class Routers(NeutronTest):
    """Logical routers: "r1" is there always, with ports on two networks."""

    def setUp(self):
        super().setUp()
        with self.stand.nb.client() as nb:
            self.first, = (row['_uuid'] for row in nb.select('Logical_Router')
                           if row['name'] == 'r1')

    def make(self, *commands):
        """Makes the router "r0"; it is gone after the test."""
        self.stand.nbctl('lr-add', 'r0', *commands)
        self.addCleanup(self.remove)
        return wait.until(lambda: self.items('routers?name=r0'),
                          'the router is there', 5, 0.01)[0]

    def remove(self):
        self.stand.nbctl('--if-exists', 'lr-del', 'r0', '--', '--if-exists',
                         'ls-del', 'outside')
        wait.until(lambda: self.names('routers') == ['r1'],
                   'the router is gone', 5, 0.01)

    def test_show(self):
        """logical routers are routers"""
        shown, = self.items('routers')
        self.assertEqual(shown, {
            'id': self.first, 'name': 'r1', 'status': 'ACTIVE',
            'admin_state_up': True, 'external_gateway_info': None,
            'availability_zones': [], 'availability_zone_hints': [],
            'description': '', 'tags': [], 'project_id': '',
            'tenant_id': ''})
        self.assertEqual(self.ask('routers/' + self.first),
                         {'router': shown})
        self.assertEqual(self.ask(f'routers/{self.first}/tags'),
                         {'tags': []})
        self.assertEqual(
            {port['device_id'] for port in self.items('ports?device_owner='
                                                      'network:router_'
                                                      'interface')},
            {self.first})
        for key in (apitest.NO_ID, 'x'):
            self.assert_error(
                self.rest.request('GET', '/v2.0/routers/' + key), 404,
                'RouterNotFound', f'Router {key} could not be found.')

    def test_find(self):
        """a router is found by its id and its name, in pages and fields"""
        made = self.make('--', 'set', 'Logical_Router', 'r0',
                         'enabled=false')
        self.assertFalse(made['admin_state_up'])
        for query, expected in (
                ('', ['r0', 'r1']), ('name=r1', ['r1']), ('name=x', []),
                ('id=' + self.first, ['r1']), ('id=' + made['id'], ['r0']),
                ('admin_state_up=False', ['r0']), ('status=ACTIVE&limit=1',
                                                   ['r0']),
                ('sort_key=name&sort_dir=desc', ['r1', 'r0']),
                ('marker=' + made['id'], ['r1']), ('tags=a', []),
                ('project_id=p', []), ('ha=True', []),
                ('name=r0&name=r1', ['r0', 'r1'])):
            with self.subTest(query):
                self.assertEqual(self.names('routers?' + query), expected)
        self.assertEqual(self.items('routers?fields=id&name=r0'),
                         [{'id': made['id']}])
        body = self.ask('routers?limit=1')
        self.assertEqual([link['rel'] for link in body['routers_links']],
                         ['next'])
        self.assert_error(
            self.rest.request('GET', '/v2.0/routers?bogus=1'), 400,
            'HTTPBadRequest', "['bogus'] is invalid attribute for filtering")

    def test_neutron_names(self):
        """a router that is called as Neutron calls its own has the id and the
        name that it has there"""
        self.stand.nbctl('lr-add', f'neutron-{apitest.NO_ID}', '--', 'set',
                         'Logical_Router', f'neutron-{apitest.NO_ID}',
                         'external_ids:neutron\\:router_name=theirs')
        self.addCleanup(wait.until, lambda: self.names('routers') == ['r1'],
                        'the router is gone', 5, 0.01)
        self.addCleanup(self.stand.nbctl, 'lr-del',
                        f'neutron-{apitest.NO_ID}')
        shown, = wait.until(lambda: self.items('routers?name=theirs'),
                            'the router is there', 5, 0.01)
        self.assertEqual(shown['id'], apitest.NO_ID)
        self.assertEqual(self.ask('routers/' + apitest.NO_ID),
                         {'router': shown})

    def test_gateway(self):
        """a router says where its gateway is"""
        self.make(
            '--', 'ls-add', 'outside', '--', 'set', 'Logical_Switch',
            'outside', 'other_config:subnet=10.98.0.0/24',
            '--', 'lrp-add', 'r0', 'r0-out', '02:00:0a:62:00:01',
            '10.98.0.7/24',
            '--', 'lrp-set-gateway-chassis', 'r0-out', 'nowhere',
            '--', 'lsp-add', 'outside', 'out-r0',
            '--', 'lsp-set-type', 'out-r0', 'router',
            '--', 'lsp-set-addresses', 'out-r0', 'router',
            '--', 'lsp-set-options', 'out-r0', 'router-port=r0-out')
        shown, = self.items('routers?name=r0')
        network, = self.items('networks?name=outside')
        self.assertEqual(shown['external_gateway_info'], {
            'network_id': network['id'],
            'external_fixed_ips': [{'subnet_id': network['subnets'][0],
                                    'ip_address': '10.98.0.7'}]})


class Others(NeutronTest):

    def test_security_groups(self):
        """there are no security groups"""
        for path, kind, title in (
                ('security-groups', 'SecurityGroupNotFound',
                 'Security group'),
                ('security-group-rules', 'SecurityGroupRuleNotFound',
                 'Security group rule')):
            self.assertEqual(self.ask(path), {path.replace('-', '_'): []})
            self.assertEqual(self.items(path + '?project_id=p&limit=1'), [])
            self.assert_error(
                self.rest.request('GET', f'/v2.0/{path}/{apitest.NO_ID}'),
                404, kind, f'{title} {apitest.NO_ID} does not exist.')

    def test_qos_policies(self):
        """there are no QoS policies, by which a client looks for that of a
        VIP"""
        self.assertEqual(self.ask('qos/policies'), {'policies': []})
        self.assertEqual(self.items('qos/policies?name=x'), [])
        self.assert_error(
            self.rest.request('GET', f'/v2.0/qos/policies/{apitest.NO_ID}'),
            404, 'QosPolicyNotFound', f'QoS policy {apitest.NO_ID} could not '
            'be found.')

    def test_extensions(self):
        """the list of extensions has what works here, and no more"""
        extensions = {item['alias']: item
                      for item in self.items('extensions')}
        self.assertIn('filter-validation', extensions)
        self.assertIn('router', extensions)
        self.assertNotIn('standard-attr-tag', extensions)
        for alias, item in extensions.items():
            self.assertEqual(self.ask('extensions/' + alias),
                             {'extension': item})
        self.assert_error(
            self.rest.request('GET', '/v2.0/extensions/dvr'), 404,
            'HTTPNotFound', 'Extension with alias dvr does not exist')

    def test_tags(self):
        """no object has tags"""
        self.assertEqual(self.ask(f'ports/{self.stand.port["host"]}/tags'),
                         {'tags': []})
        self.ask(f'ports/{apitest.NO_ID}/tags', 404)

    def test_writes(self):
        """a write is refused with the reason, or 404 if there is no object"""
        net, sub, port = (self.stand.network['n1'], self.stand.subnet['n1'],
                          self.stand.port['host'])
        reasons = set()
        for method, path in (
                *(('POST', path) for path in RESOURCES),
                ('PUT', f'networks/{net}'), ('DELETE', f'networks/{net}'),
                ('PUT', f'subnets/{sub}'), ('DELETE', f'subnets/{sub}'),
                ('PUT', f'ports/{port}'), ('DELETE', f'ports/{port}'),
                ('PUT', f'ports/{port}/tags'),
                ('PUT', f'ports/{port}/tags/a'),
                ('DELETE', f'networks/{net}/tags/a')):
            with self.subTest(path, method=method):
                reply = self.rest.request(method, '/v2.0/' + path, {})
                self.assert_status(reply, 403)
                error = reply.body['NeutronError']
                self.assertEqual(error['type'], 'PolicyNotAuthorized')
                self.assertIn('There is no Neutron here',
                              error['message'])
                self.assertIn('Northbound', error['message'])
                reasons.add(error['message'])
        self.assertEqual(len(reasons), len(RESOURCES))
        for path in RESOURCES:
            for method in ('PUT', 'DELETE'):
                reply = self.rest.request(
                    method, f'/v2.0/{path}/{apitest.NO_ID}', {})
                self.assert_status(reply, 404)
                self.assertIn('NeutronError', reply.body)


if __name__ == '__main__':
    unittest.main()
