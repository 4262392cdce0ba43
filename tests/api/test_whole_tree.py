#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Load balancers that come with all their parts in one POST: listeners, pools,
members and health monitors, all in one transaction or none."""

import json
import threading
import unittest

import apitest
from lib import client, wait

UNSUPPORTED = "Provider 'ovn' does not support a requested option: "
INVALID = 'Validation failure: '
NO_SUBNET = (UNSUPPORTED + 'Subnet is required, or Loadbalancer associated '
             'with Pool must have a subnet, for Member creation with OVN '
             'Provider Driver if it is not the same as LB VIP subnet')
MIXED = (UNSUPPORTED + 'OVN provider does not support mixing IPv4/IPv6 '
         'configuration within the same Load Balancer.')
VOLATILE = ('provisioning_status', 'operating_status', 'updated_at')
TABLES = ('Load_Balancer', 'Listener', 'Pool', 'Member', 'Health_Monitor')


def listener(port=80, protocol='TCP', **attributes):
    return {'protocol': protocol, 'protocol_port': port, **attributes}


def pool(name, protocol='TCP', **attributes):
    return {'name': name, 'protocol': protocol,
            'lb_algorithm': 'SOURCE_IP_PORT', **attributes}


def member(number, port=8080, **attributes):
    return {'address': f'10.1.0.{number}', 'protocol_port': port,
            **attributes}


def monitor(**attributes):
    return {'type': 'TCP', 'delay': 5, 'timeout': 3, 'max_retries': 2,
            **attributes}


class TreeTest(apitest.ApiTest):

    def post(self, **attributes):
        attributes.setdefault('vip_subnet_id', self.stand.subnet['n1'])
        return self.call('POST', '/loadbalancers',
                         {'loadbalancer': attributes})

    def make(self, **attributes):
        """Posts, waits until all is ACTIVE, and returns the answer."""
        reply = self.post(**attributes)
        self.assert_status(reply, 201)
        self.active(reply.body['loadbalancer']['id'])
        return reply.body['loadbalancer']

    def refuse(self, status, text, **attributes):
        with self.nothing_changes():
            self.assert_fault(self.post(**attributes), status, text)

    def shown(self, lb_id):
        """The load balancer as GETs show it, in the form of the answer to its
        POST; parts oldest first."""
        def get(kind, refs):
            items = [self.rest.get(f'{kind}/{ref["id"]}') for ref in refs]
            return sorted(items, key=lambda item: item['created_at'])
        lb = self.rest.get('/loadbalancers/' + lb_id)
        order = [item['id'] for item in self.rest.get('/listeners')]
        lb['listeners'] = get('/listeners', sorted(
            lb['listeners'], key=lambda ref: order.index(ref['id'])))
        order = [item['id'] for item in self.rest.get('/pools')]
        lb['pools'] = get('/pools', sorted(
            lb['pools'], key=lambda ref: order.index(ref['id'])))
        for item in lb['listeners']:
            self.assertEqual(item.pop('loadbalancers'), [{'id': lb_id}])
        for item in lb['pools']:
            self.assertEqual(item.pop('loadbalancers'), [{'id': lb_id}])
            item['members'] = self.rest.get(f'/pools/{item["id"]}/members')
            key = item.pop('healthmonitor_id')
            item['healthmonitor'] = None
            if key:
                item['healthmonitor'] = self.rest.get('/healthmonitors/'
                                                      + key)
                self.assertEqual(item['healthmonitor'].pop('pools'),
                                 [{'id': item['id']}])
        return lb

    def assert_same(self, answer, shown):
        """Equal but for what the driver has done meanwhile."""
        def strip(value):
            if isinstance(value, dict):
                return {key: strip(item) for key, item in value.items()
                        if key not in VOLATILE}
            return ([strip(item) for item in value]
                    if isinstance(value, list) else value)
        self.assertEqual(strip(answer), strip(shown))

    def statuses(self, tree):
        """The provisioning statuses of all that is in the tree."""
        if isinstance(tree, list):
            return [state for item in tree for state in self.statuses(item)]
        if not isinstance(tree, dict):
            return []
        return [*([tree['provisioning_status']]
                  if 'provisioning_status' in tree else []),
                *self.statuses(list(tree.values()))]

    def vips(self, lb_id):
        """The VIPs of its rows in OVN, by their ports."""
        with self.stand.nb.client() as db:
            rows = [row for row in db.select('Load_Balancer')
                    if lb_id in json.dumps(row)]
        return {key.rsplit(':', 1)[1]: value for row in rows
                for key, value in row['vips'].items()}

    def nb_commits(self):
        return int(self.stand.driver.wait_in_sync()['nb-commits'])


class Trees(TreeTest):
    """What is taken."""

    def test_answer(self):
        """the answer is the whole tree, in the order of the request, and equals
        what is shown later"""
        reply = self.post(
            name='lb', project_id='p1', tags=['t'],
            pools=[pool('b', members=[member(50, name='m0', weight=7),
                                      member(51, backup=True, tags=['x'])],
                        healthmonitor=monitor(name='h')),
                   pool('a', session_persistence={'type': 'SOURCE_IP'})],
            listeners=[listener(81, default_pool={'name': 'a'}, name='l1'),
                       listener(80, default_pool={'name': 'b'}, name='l0',
                                admin_state_up=False),
                       listener(82, 'UDP', description='d')])
        self.assert_status(reply, 201)
        answer = reply.body['loadbalancer']
        self.assertEqual(list(answer)[:2], ['listeners', 'pools'])
        self.assertEqual([item['name'] for item in answer['pools']],
                         ['b', 'a'])
        self.assertEqual([item['protocol_port']
                          for item in answer['listeners']], [81, 80, 82])
        first, second = answer['pools']
        self.assertEqual([item['default_pool_id']
                          for item in answer['listeners']],
                         [second['id'], first['id'], None])
        self.assertEqual([item['l7policies'] for item in answer['listeners']],
                         [[], [], []])
        self.assertEqual([item['address'] for item in first['members']],
                         ['10.1.0.50', '10.1.0.51'])
        self.assertEqual(first['healthmonitor']['name'], 'h')
        self.assertIsNone(second['healthmonitor'])
        self.assertEqual(second['listeners'],
                         [{'id': answer['listeners'][0]['id']}])
        for part in (*answer['listeners'], *answer['pools'],
                     *first['members'], first['healthmonitor']):
            self.assertEqual((part['project_id'], part['tenant_id']),
                             ('p1', 'p1'))
        self.active(answer['id'])
        shown = self.shown(answer['id'])
        self.assert_same(answer, shown)
        self.assertEqual(set(self.statuses(shown)), {'ACTIVE'})

    def test_states(self):
        """everything of a new tree is PENDING_CREATE, and becomes ACTIVE at
        once"""
        with self.frozen_driver():
            replies = []
            thread = threading.Thread(target=lambda: replies.append(
                client.Rest(self.stand.api.port).request(
                    'POST', apitest.LBAAS + '/loadbalancers',
                    {'loadbalancer': {
                        'vip_subnet_id': self.stand.subnet['n1'],
                        'listeners': [listener(default_pool=pool(
                            'p', members=[member(50)],
                            healthmonitor=monitor()))],
                        'pools': [pool('q', members=[member(50)])]}})))
            thread.start()
            key = wait.until(lambda: [item['id'] for item in self.rest.get(
                '/loadbalancers')], 'there is one', 10, 0.01)[0]
            tree = self.shown(key)
            self.assertEqual(self.statuses(tree), 7 * ['PENDING_CREATE'])
            self.assertEqual(tree['operating_status'], 'OFFLINE')
            self.assertEqual(
                {item['name']: item['members'][0]['operating_status']
                 for item in tree['pools']},
                {'p': 'OFFLINE', 'q': 'NO_MONITOR'})
        seen = set()

        def is_active():
            with self.stand.octavia.client() as db:
                states = {row['provisioning_status'] for table in TABLES
                          for row in db.select(table)}
            seen.add(frozenset(states))
            return states == {'ACTIVE'}
        wait.until(is_active, 'all is ACTIVE', 10, 0.002)
        thread.join(30)
        self.assert_status(replies[0], 201)

    def test_default_pools(self):
        """a pool is defined where a listener uses it, and shared by name"""
        tree = self.make(
            pools=[pool('listed')],
            listeners=[listener(80, default_pool={'name': 'inner'}),
                       listener(81, default_pool=pool(
                           'inner', members=[member(50)])),
                       listener(82, default_pool={'name': 'listed',
                                                  'admin_state_up': True,
                                                  'tls_enabled': False}),
                       listener(83, default_pool=None, l7policies=[]),
                       listener(84, l7policies=None)])
        listed, inner = tree['pools']
        self.assertEqual((listed['name'], inner['name']), ('listed', 'inner'))
        self.assertEqual([item['default_pool_id']
                          for item in tree['listeners']],
                         [inner['id'], inner['id'], listed['id'], None, None])
        self.assertEqual({item['id'] for item in inner['listeners']},
                         {item['id'] for item in tree['listeners'][:2]})
        self.settle()
        self.assertEqual(self.vips(tree['id']), {
            '80': '10.1.0.50:8080', '81': '10.1.0.50:8080'})

    def test_empty(self):
        """empty lists and nulls of parts are as none"""
        for parts in ({'listeners': [], 'pools': []},
                      {'listeners': None, 'pools': None},
                      {'pools': [pool('p', members=[], healthmonitor=None)]},
                      {'pools': [pool('p', members=None)]},
                      {'pools': [{**pool(None), 'name': None}]},
                      {'listeners': [listener(default_pool_id=None)]}):
            with self.subTest(parts):
                tree = self.make(**parts)
                self.assertEqual(len(tree['pools']),
                                 len(parts.get('pools') or []))
                self.assert_same(tree, self.shown(tree['id']))

    def test_plain(self):
        """a load balancer without parts is answered with empty lists"""
        tree = self.make()
        self.assertEqual((tree['listeners'], tree['pools']), ([], []))
        self.assert_same(tree, self.shown(tree['id']))

    def test_members_elsewhere(self):
        """members may be in other subnets, and in those of all VIPs"""
        tree = self.make(
            vip_subnet_id=self.stand.subnet['dual'],
            additional_vips=[{'subnet_id': self.stand.subnet6['dual']}],
            pools=[pool('p', members=[
                {'address': '10.4.0.9', 'protocol_port': 80},
                {'address': 'fd00:4::9', 'protocol_port': 80},
                {'address': '10.2.0.9', 'protocol_port': 80,
                 'subnet_id': self.stand.subnet['n2']}])])
        self.assert_same(tree, self.shown(tree['id']))

    def test_given_port(self):
        """a tree may come with a port for its VIP"""
        tree = self.make(vip_subnet_id=None,
                         vip_port_id=self.stand.port['free'],
                         listeners=[listener(default_pool=pool(
                             'p', members=[member(50)]))])
        self.assertEqual(tree['vip_address'], '10.1.0.60')
        self.settle()
        self.assertEqual(self.vips(tree['id']), {'80': '10.1.0.50:8080'})

    def test_chosen_address(self):
        """the VIP's address that the driver chooses is no member's"""
        before = self.make()['vip_address'].rsplit('.', 1)
        free = [f'{before[0]}.{int(before[1]) - i}' for i in range(1, 6)]
        tree = self.make(pools=[pool('p', members=[
            {'address': address, 'protocol_port': 80} for address in free])])
        self.assertNotIn(tree['vip_address'], free)

    def test_one_write(self):
        """a whole tree is put into OVN with one write, as a load balancer
        alone is"""
        costs = []
        for parts in ({}, {'listeners': [
                listener(80 + i, default_pool=pool(
                    f'p{i}', members=[member(50 + j) for j in range(3)],
                    healthmonitor=monitor())) for i in range(5)]}):
            before = self.nb_commits()
            tree = self.make(**parts)
            self.settle()
            costs.append(self.nb_commits() - before)
        self.assertEqual(len(self.vips(tree['id'])), 5)
        self.assertEqual(costs[0], costs[1])

    def test_thousand(self):
        """a tree has a thousand members, in the order of the request"""
        members = [{'address': f'10.1.{128 + i // 250}.{i % 250 + 1}',
                    'protocol_port': 80,
                    'subnet_id': self.stand.subnet['n1']}
                   for i in range(1000)]
        tree = self.make(listeners=[listener(default_pool=pool(
            'p', members=members))])
        self.assertEqual([item['address']
                          for item in tree['pools'][0]['members']],
                         [item['address'] for item in members])
        self.settle()
        vips = self.vips(tree['id'])
        self.assertEqual(vips['80'].count(',') + 1, 1000)

    def test_parallel(self):
        """trees that come at the same time all come to be"""
        replies = []

        def post(number):
            rest = client.Rest(self.stand.api.port)
            replies.append(rest.request(
                'POST', apitest.LBAAS + '/loadbalancers', {'loadbalancer': {
                    'name': f'lb{number}',
                    'vip_subnet_id': self.stand.subnet['n1'],
                    'listeners': [listener(80 + i, default_pool=pool(
                        f'p{i}', members=[member(50 + i)],
                        healthmonitor=monitor())) for i in range(3)]}}))
            rest.close()
        threads = [threading.Thread(target=post, args=(number,))
                   for number in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual([reply.status for reply in replies], 10 * [201])
        for reply in replies:
            tree = reply.body['loadbalancer']
            self.active(tree['id'])
            self.assert_same(tree, self.shown(tree['id']))
            self.assertEqual([item['members'][0]['address']
                              for item in tree['pools']],
                             ['10.1.0.50', '10.1.0.51', '10.1.0.52'])
        self.assertEqual(len(self.rest.get('/healthmonitors')), 30)

    def test_later_writes(self):
        """the parts of a tree are changed and deleted as any others"""
        tree = self.make(listeners=[listener(default_pool=pool(
            'p', members=[member(50)], healthmonitor=monitor()))])
        made, = tree['pools']
        path = f'/pools/{made["id"]}'
        for method, what, body, status in (
                ('PUT', path, {'pool': {'name': 'q'}}, 200),
                ('POST', path + '/members', {'member': member(51)}, 201),
                ('POST', path + '/members', {'member': member(50)}, 409),
                ('DELETE', '/healthmonitors/' + made['healthmonitor']['id'],
                 None, 204),
                ('DELETE', f'{path}/members/{made["members"][0]["id"]}',
                 None, 204),
                ('DELETE', '/listeners/' + tree['listeners'][0]['id'], None,
                 204)):
            with self.subTest(what):
                self.assert_status(self.call(method, what, body), status)
                self.active(tree['id'])


class Clients(TreeTest):
    """The trees that clients send."""

    def test_kubernetes(self):
        """the tree of Kubernetes' cloud provider is taken"""
        def service(number, protocol):
            return {
                'name': f'listener_{number}_kube_service_x',
                'protocol': protocol, 'protocol_port': number,
                'connection_limit': -1,
                'default_pool': {
                    'name': f'pool_{number}_kube_service_x',
                    'protocol': protocol, 'lb_algorithm': 'SOURCE_IP_PORT',
                    'session_persistence': {'type': 'SOURCE_IP'},
                    'members': [
                        {'address': f'10.1.0.{i}', 'protocol_port': 30080,
                         'name': f'node-{i}',
                         'subnet_id': self.stand.subnet['n1']}
                        for i in (50, 51)],
                    'healthmonitor': {
                        'name': f'monitor_{number}_kube_service_x',
                        'type': ('TCP' if protocol == 'TCP'
                                 else 'UDP-CONNECT'), 'delay': 5,
                        'timeout': 3, 'max_retries': 1,
                        'max_retries_down': 3}},
                'tags': ['kube_service_x']}
        tree = self.make(
            name='kube_service_x', description='Kubernetes external service',
            admin_state_up=True, provider='ovn',
            vip_network_id=self.stand.network['n1'],
            tags=['kube_service_x'],
            listeners=[service(80, 'TCP'), service(53, 'UDP')])
        self.assert_same(tree, self.shown(tree['id']))
        self.assertEqual(len(self.rest.get(
            '/loadbalancers?tags=kube_service_x')), 1)

    def test_horizon(self):
        """the parts that Horizon's panel makes are taken at once, too"""
        tree = self.make(
            name='h', description='', admin_state_up=True, vip_address=None,
            listeners=[listener(name='l', description='', insert_headers={},
                                connection_limit=-1,
                                default_pool={'name': 'p'})],
            pools=[pool('p', description='', session_persistence=None,
                        healthmonitor=monitor(name='h', admin_state_up=True),
                        members=[member(50, weight=1, name='',
                                        monitor_address=None,
                                        monitor_port=None, backup=False,
                                        subnet_id=self.stand.subnet['n1'])])])
        self.assert_same(tree, self.shown(tree['id']))

    def test_ansible(self):
        """the parts of Ansible's module are taken at once, too"""
        tree = self.make(
            name='a', admin_state_up=True,
            listeners=[listener(name='a-listener', default_pool=pool(
                'a-pool', admin_state_up=True, members=[
                    member(50, name='web1'), member(51, name='web2')]))])
        self.assert_same(tree, self.shown(tree['id']))

    def test_terraform(self):
        """nulls and empty lists, as Terraform's provider writes them, are
        taken"""
        tree = self.make(
            name='t', description='', vip_address='10.1.0.77', tags=[],
            flavor_id=None, availability_zone=None, vip_qos_policy_id=None,
            listeners=[listener(name='l', default_pool_id=None,
                                default_tls_container_ref=None,
                                sni_container_refs=[], allowed_cidrs=[],
                                insert_headers={}, tags=[])],
            pools=[pool('p', session_persistence=None, tags=[],
                        members=[member(50, weight=0)])])
        self.assertEqual(tree['vip_address'], '10.1.0.77')
        self.assert_same(tree, self.shown(tree['id']))


class Refusals(TreeTest):
    """What is not, of which nothing is left."""

    def test_names(self):
        """pools without a name, of one name, or without a definition are
        400"""
        named = INVALID + ('Pools must be named when creating a fully '
                           'populated loadbalancer.')
        unique = INVALID + ('Pool names must be unique when creating a fully '
                            'populated loadbalancer.')
        for text, parts in (
                (named, {'listeners': [listener(default_pool={})]}),
                (named, {'listeners': [listener(default_pool={
                    'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP_PORT'})]}),
                (named, {'listeners': [listener(
                    default_pool={'name': ''})]}),
                (unique, {'pools': [pool('a'), pool('a')]}),
                (unique, {'pools': [pool('a')],
                          'listeners': [listener(default_pool=pool('a'))]}),
                (unique, {'listeners': [listener(80, default_pool=pool('a')),
                                        listener(81,
                                                 default_pool=pool('a'))]}),
                (INVALID + "Pool 'zz' was referenced but no full definition "
                 'was found.',
                 {'pools': [pool('z')],
                  'listeners': [listener(default_pool={'name': 'zz'})]}),
                (INVALID + "Pool definition for 'a' missing required "
                 'attribute: protocol',
                 {'pools': [{'name': 'a'}]}),
                (INVALID + "Pool definition for 'a' missing required "
                 'attribute: lb_algorithm',
                 {'listeners': [listener(default_pool={
                     'name': 'a', 'protocol': 'TCP'})]}),
                (INVALID + "Pool definition for '' missing required "
                 'attribute: lb_algorithm',
                 {'pools': [{'protocol': 'TCP'}]})):
            with self.subTest(parts):
                self.refuse(400, text, **parts)

    def test_attributes(self):
        """parts do not name their parents, and what nothing has is 400"""
        where = 'load_balancer.loadbalancer.'
        for path, name, parts in (
                ('listeners', 'loadbalancer_id',
                 {'listeners': [listener(loadbalancer_id=apitest.NO_ID)]}),
                ('pools', 'loadbalancer_id',
                 {'pools': [pool('a', loadbalancer_id=apitest.NO_ID)]}),
                ('pools', 'listener_id',
                 {'pools': [pool('a', listener_id=apitest.NO_ID)]}),
                ('pools', 'project_id',
                 {'pools': [pool('a', project_id='p')]}),
                ('listeners.default_pool', 'tenant_id',
                 {'listeners': [listener(default_pool=pool(
                     'a', tenant_id='p'))]}),
                ('pools.members', 'project_id',
                 {'pools': [pool('a', members=[member(
                     50, project_id='p')])]}),
                ('pools.members', 'id',
                 {'pools': [pool('a', members=[member(
                     50, id=apitest.NO_ID)])]}),
                ('pools.healthmonitor', 'pool_id',
                 {'pools': [pool('a', healthmonitor=monitor(
                     pool_id=apitest.NO_ID))]}),
                ('listeners', 'bogus', {'listeners': [listener(bogus=1)]})):
            with self.subTest(path=path, name=name):
                self.refuse(400, 'Unknown attribute for argument '
                            f'{where}{path}: {name}', **parts)

    def test_values(self):
        """parts are parsed as objects of their own are"""
        for text, parts in (
                ("Invalid input for field/attribute protocol_port. Value: "
                 "'None'. Mandatory field missing.",
                 {'listeners': [{'protocol': 'TCP'}]}),
                ("Invalid input for field/attribute address. Value: 'None'. "
                 'Mandatory field missing.',
                 {'pools': [pool('p', members=[{'protocol_port': 80}])]}),
                ("Invalid input for field/attribute delay. Value: 'None'. "
                 'Mandatory field missing.',
                 {'pools': [pool('p', healthmonitor={
                     'type': 'TCP', 'timeout': 1, 'max_retries': 1})]}),
                ("Invalid input for field/attribute address. Value: 'x'. "
                 'Value should be IPv4 or IPv6 format',
                 {'listeners': [listener(default_pool=pool('p', members=[{
                     'address': 'x', 'protocol_port': 80}]))]})):
            with self.subTest(parts):
                self.refuse(400, text, **parts)

    def test_shapes(self):
        """what is no list, or no object, is 400"""
        for parts in ({'listeners': {}}, {'listeners': 'x'}, {'pools': 1},
                      {'listeners': [None]}, {'listeners': [[]]},
                      {'pools': ['p']}, {'pools': [None]},
                      {'listeners': [listener(default_pool='p')]},
                      {'listeners': [listener(default_pool=[])]},
                      {'pools': [pool('p', members={})]},
                      {'pools': [pool('p', members=[[[]]])]},
                      {'pools': [pool('p', healthmonitor=[monitor()])]},
                      {'pools': [pool('p', healthmonitor=True)]}):
            with self.subTest(parts), self.nothing_changes():
                self.assert_status(self.post(**parts), 400)

    def test_duplicates(self):
        """two listeners of one port, and two members of one place, are 409"""
        port = ('Another Listener on this Load Balancer is already using '
                'protocol TCP and protocol_port 80')
        place = ('Another member on this pool is already using ip {} on '
                 'protocol_port 8080')
        self.refuse(409, port, listeners=[listener(), listener(81),
                                          listener(protocol='HTTP')])
        self.refuse(409, place.format('10.1.0.50'), pools=[pool('p', members=[
            member(50), member(50, 81), member(51), member(50)])])
        self.refuse(409, place.format('FD00:6::0:AB'),
                    vip_subnet_id=self.stand.subnet['n6'],
                    pools=[pool('p', members=[
                        {'address': 'fd00:6::ab', 'protocol_port': 8080},
                        {'address': 'FD00:6::0:AB', 'protocol_port': 8080}])])
        self.make(listeners=[listener(), listener(protocol='UDP')],
                  pools=[pool('p', members=[member(50), member(50, 81)]),
                         pool('q', members=[member(50)])])

    def test_protocols(self):
        """a pool must fit its listener, and a monitor its pool"""
        self.refuse(400, INVALID + "The pool protocol 'TCP' is invalid while "
                    "the listener protocol is 'UDP'.",
                    pools=[pool('p')],
                    listeners=[listener(protocol='UDP',
                                        default_pool={'name': 'p'})])
        self.refuse(400, 'Protocol PROMETHEUS listeners cannot have child '
                    'objects.', listeners=[listener(
                        protocol='PROMETHEUS', default_pool=pool('p'))])
        self.refuse(400, INVALID + 'The UDP-CONNECT type is only supported '
                    'for pools of type UDP/SCTP.',
                    pools=[pool('p', healthmonitor=monitor(
                        type='UDP-CONNECT'))])

    def test_default_pool_id(self):
        """a pool that is named by an id is none of the new load balancer's"""
        other = self.make_pool(self.make_lb())
        for key in (other['id'], apitest.NO_ID):
            self.refuse(404, f'Pool {key} not found.',
                        listeners=[listener(default_pool_id=key)])

    def test_rules(self):
        """the rules of single objects hold for parts"""
        for status, text, parts in (
                (400, INVALID + 'persistence_timeout and '
                 'persistence_granularity is only for UDP and SCTP protocol '
                 'pools.', {'pools': [pool('p', session_persistence={
                     'type': 'SOURCE_IP', 'persistence_timeout': 1})]}),
                (400, '169.254.169.254 is not a valid option for member '
                 'address', {'pools': [pool('p', members=[{
                     'address': '169.254.169.254', 'protocol_port': 80}])]}),
                (400, INVALID + 'The HSTS feature can only be used for '
                 'listeners using the TERMINATED_HTTPS protocol.',
                 {'listeners': [listener(hsts_max_age=1)]}),
                (400, f'Subnet {apitest.NO_ID} not found.',
                 {'pools': [pool('p', members=[member(
                     50, subnet_id=apitest.NO_ID)])]}),
                (400, 'The load balancer flavor does not allow SR-IOV member '
                 'ports.', {'pools': [pool('p', members=[member(
                     50, request_sriov=True)])]})):
            with self.subTest(text):
                self.refuse(status, text, **parts)

    def test_unsupported(self):
        """what OVN cannot do is 501 in a part, too"""
        for text, parts in (
                ('OVN provider does not support HTTP protocol',
                 {'listeners': [listener(protocol='HTTP')]}),
                ('OVN provider does not support PROXY protocol',
                 {'listeners': [listener(default_pool=pool(
                     'p', 'PROXY'))]}),
                ('OVN provider does not support tls_ciphers option',
                 {'listeners': [listener(tls_ciphers='A')]}),
                ('OVN provider does not support PING health monitor type. '
                 'Supported types: UDP-CONNECT, TCP',
                 {'pools': [pool('p', healthmonitor=monitor(type='PING'))]}),
                ('OVN provider does not support health monitors of SCTP '
                 'pools', {'pools': [pool('p', 'SCTP', healthmonitor=monitor(
                     ))]}),
                ('OVN Load Balancer does not support different member monitor '
                 'address or port.', {'pools': [pool('p', members=[member(
                     50, monitor_port=1)])]})):
            with self.subTest(text):
                self.refuse(501, UNSUPPORTED + text, **parts)

    def test_policies(self):
        """L7 policies in a tree are 501"""
        with self.nothing_changes():
            reply = self.post(listeners=[listener(
                l7policies=[{'action': 'REJECT'}])])
            self.assert_status(reply, 501)
            self.assertIn('l7policies', reply.fault)

    def test_places(self):
        """members must be where packets reach them"""
        self.refuse(501, NO_SUBNET, pools=[pool('p', members=[
            member(50), {'address': '192.0.2.1', 'protocol_port': 80}])])
        self.refuse(501, MIXED, pools=[pool('p', members=[
            {'address': 'fd00:6::9', 'protocol_port': 80,
             'subnet_id': self.stand.subnet['n6']}])])
        for address, flaw in (
                ('127.0.0.1', 'a loopback address'),
                ('10.1.0.255', 'the broadcast address of its subnet'),
                ('10.1.0.77', 'a VIP of the load balancer itself')):
            self.refuse(400, f'{INVALID}The address {address} cannot be a '
                        f"member's: it is {flaw}.", vip_address='10.1.0.77',
                        pools=[pool('p', members=[
                            member(50), {'address': address,
                                         'protocol_port': 80}])])

    def test_order(self):
        """pools are judged before listeners, and all of it before OVN"""
        wrong = listener(protocol='UDP', default_pool={'name': 'p'})
        self.refuse(409, 'Another member on this pool is already using ip '
                    '10.1.0.50 on protocol_port 8080',
                    listeners=[wrong],
                    pools=[pool('p', members=[member(50), member(50)])])
        self.refuse(400, INVALID + "The pool protocol 'TCP' is invalid while "
                    "the listener protocol is 'UDP'.",
                    listeners=[listener(81, 'HTTP'), wrong],
                    pools=[pool('p', members=[member(50)])])

    def test_vip(self):
        """a tree whose VIP is refused leaves nothing"""
        parts = {'listeners': [listener(default_pool=pool(
            'p', members=[member(50)], healthmonitor=monitor()))]}
        self.refuse(400, 'IP address 10.2.0.9 is not a valid IP for the '
                    'specified subnet.', vip_address='10.2.0.9', **parts)
        self.refuse(409, 'The VIP IP address is already in use: IP address '
                    '10.1.0.50 is already allocated in subnet '
                    + self.stand.subnet['n1'], vip_address='10.1.0.50',
                    **parts)

    def test_full(self):
        """a tree for whose VIP the network has no address leaves nothing"""
        subnet = self.stand.subnet['full']
        lb = self.make_lb('full')
        with self.nothing_changes():
            reply = self.post(vip_subnet_id=subnet, listeners=[listener(
                default_pool=pool('p', members=[{
                    'address': '10.8.0.1', 'protocol_port': 80}]))])
            self.assertIn(reply.status, (400, 409), reply)
        self.assertEqual([item['id'] for item in self.rest.get(
            '/loadbalancers')], [lb['id']])
        for kind in ('listeners', 'pools'):
            self.assertEqual(self.rest.get('/' + kind), [])

    def test_bounds(self):
        """a tree of very many objects is refused, by its size or its
        number"""
        self.refuse(400, INVALID + 'Too many objects in one request: at most '
                    '2000 are supported besides the load balancer.',
                    listeners=[listener(i + 1) for i in range(2001)])
        with self.nothing_changes():
            for number in (10000, 100000):
                reply = self.post(pools=[pool('p', members=[
                    member(50, 1 + i % 65535) for i in range(number)])])
                self.assert_status(reply, 413)
        deep = {}
        for _ in range(20):
            deep = {'default_pool': deep}
        with self.nothing_changes():
            self.assert_status(self.post(listeners=[deep]), 400)

    def test_flat(self):
        """parts of parts are taken with a load balancer alone"""
        lb = self.make_lb()
        with self.nothing_changes():
            for kind, body in (
                    ('listener', listener(loadbalancer_id=lb['id'],
                                          default_pool=pool('p'))),
                    ('pool', pool('p', loadbalancer_id=lb['id'],
                                  members=[member(50)])),
                    ('pool', pool('p', loadbalancer_id=lb['id'],
                                  healthmonitor=monitor()))):
                with self.subTest(body):
                    self.assert_status(self.call('POST', f'/{kind}s',
                                                 {kind: body}), 400)

    def test_update(self):
        """a load balancer's parts cannot be put"""
        lb = self.make_lb()
        with self.nothing_changes():
            for name in ('listeners', 'pools'):
                self.assert_fault(
                    self.call('PUT', '/loadbalancers/' + lb['id'],
                              {'loadbalancer': {name: []}}), 400,
                    'Unknown attribute for argument '
                    'load_balancer.loadbalancer: ' + name)


if __name__ == '__main__':
    unittest.main()
