# SPDX-License-Identifier: Apache-2.0
"""Load balancers with their children, written into OVN_Octavia by the
hundred: the API would take minutes for what is only the scenery.

What a row looks like is taken from one tree that the API made.
"""

import random
import uuid

from lib import client, wait

TREES_A_TRANSACTION = 100
TABLES = ('Load_Balancer', 'Listener', 'Pool', 'Member')
PENDING = ['PENDING_CREATE', 'PENDING_UPDATE', 'PENDING_DELETE']


class Tree:
    """The ids of a load balancer with one listener and one pool, and the
    networks of its VIP and of its members."""

    def __init__(self, rng, place, n_members):
        self.vip_network, self.member_network = place
        self.lb, self.listener, self.pool, *self.members = [
            str(uuid.UUID(int=rng.getrandbits(128), version=4))
            for _ in range(3 + n_members)]


def reference(row):
    return ['uuid', row]


def references(rows):
    return ['set', [reference(row) for row in rows]]


class Trees:
    """Writes trees into a world, and requests to change them."""

    def __init__(self, world):
        self.world = world
        self.trees = []
        self.rng = random.Random(1)
        self.n_addresses = 0
        self.template = self._make_template()

    def _make_template(self):
        api = client.Api(self.world.api.port)
        subnet = self.world.subnets[self.world.cidrs[0]]
        lb = api.create_loadbalancer(vip_subnet_id=subnet)
        listener = api.create_listener(lb['id'], 80)
        pool = api.create_pool(lb['id'], listener_id=listener['id'])
        api.create_member(lb['id'], pool['id'], self.address(0), 8080,
                          subnet_id=subnet)
        template = {}
        with self.world.octavia.client() as db:
            for table in TABLES:
                result, = db.transact({'op': 'select', 'table': table,
                                       'where': []})
                row, = result['rows']
                del row['_uuid'], row['_version']
                row['provisioning_status'] = 'PENDING_CREATE'
                template[table] = row
        template['Load_Balancer'].update(
            vip_address=['set', []], vip_port_id=['set', []])
        api.delete_loadbalancer(lb['id'])
        api.close()
        return template

    def address(self, network):
        """One that no member has, in the upper half of a network."""
        base, _, plen = self.world.cidrs[network].partition('/')
        size = 1 << (32 - int(plen))
        a, b, c, _ = base.split('.')
        host = size // 2 + self.n_addresses % (size // 2 - 1)
        self.n_addresses += 1
        return f'{a}.{b}.{int(c) + (host >> 8)}.{host & 255}'

    def _insert(self, table, row, columns):
        return {'op': 'insert', 'table': table, 'uuid': row,
                'row': {**self.template[table], **columns}}

    def _member(self, tree, row):
        cidr = self.world.cidrs[tree.member_network]
        return self._insert('Member', row, {
            'pool': reference(tree.pool),
            'address': self.address(tree.member_network),
            'subnet_id': reference(self.world.subnets[cidr])})

    def _tree(self, tree):
        cidr = self.world.cidrs[tree.vip_network]
        subnet = self.world.subnets[cidr]
        network = self.world.networks[cidr]
        yield self._insert('Load_Balancer', tree.lb, {
            'name': f'bench-{len(self.trees)}',
            'vip_subnet_id': reference(subnet),
            'vip_network_id': reference(network),
            'listeners': references([tree.listener]),
            'pools': references([tree.pool]),
            'last_request': reference(self._request())})
        yield self._insert('Listener', tree.listener, {
            'load_balancer': reference(tree.lb),
            'default_pool': reference(tree.pool)})
        yield self._insert('Pool', tree.pool, {
            'load_balancer': reference(tree.lb),
            'members': references(tree.members)})
        for row in tree.members:
            yield self._member(tree, row)

    def _request(self):
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def add(self, places, n_members=2):
        """One tree for each (VIP's network, members' network) in 'places';
        does not wait.  Returns them."""
        new = []
        with self.world.octavia.client() as db:
            for i in range(0, len(places), TREES_A_TRANSACTION):
                operations = []
                for place in places[i:i + TREES_A_TRANSACTION]:
                    tree = Tree(self.rng, place, n_members)
                    operations += self._tree(tree)
                    self.trees.append(tree)
                    new.append(tree)
                db.transact(*operations)
        return new

    def toggle(self, db, changes):
        """Disables or enables members, as the API does on request, all in
        one transaction.  'changes' is a list of (tree, members, is_up)."""
        operations = []
        for tree, members, is_up in changes:
            rows = [('Load_Balancer', tree.lb), ('Listener', tree.listener),
                    ('Pool', tree.pool)]
            operations += [update(table, row) for table, row in rows]
            operations[-3]['row']['last_request'] = reference(
                self._request())
            for row in members:
                operations.append(update('Member', row))
                operations[-1]['row']['admin_state_up'] = is_up
        db.transact(*operations)

    def wait_settled(self, deadline=900):
        """Until nothing is PENDING and OVN is as intended."""
        with self.world.octavia.client() as db:
            def nothing_pending():
                self.world.driver.process.check_alive()
                results = db.transact(*[
                    {'op': 'select', 'table': 'Load_Balancer',
                     'where': [['provisioning_status', '==', status]],
                     'columns': ['_uuid']} for status in PENDING])
                return not any(result['rows'] for result in results)
            wait.until(nothing_pending, 'no load balancer is PENDING',
                       deadline)
        return self.world.driver.wait_in_sync(deadline)


def update(table, row):
    return {'op': 'update', 'table': table,
            'where': [['_uuid', '==', reference(row)]],
            'row': {'provisioning_status': 'PENDING_UPDATE'}}
