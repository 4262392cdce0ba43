# SPDX-License-Identifier: Apache-2.0
"""Requests that change something, as lines of a file that bench-load plays.
"""

import json
import os

BASE = '/v2.0/lbaas'
MADE = 'made'                   # The name of load balancers that are added.
ADDED_PORT = 9000               # Members that are added have this or more.


def line(method, path, lb_path='-', body=None):
    """One request, as bench-load reads it."""
    # A batch of 1,000 is as long as either API allows.
    text = (json.dumps(body, separators=(',', ':')) if body is not None
            else '')
    assert '\n' not in text
    return f'{method} {BASE}{path} {lb_path} {text}'


class Requests:
    """Makes requests that both sides understand."""

    def __init__(self, crowd):
        self.crowd = crowd
        world = crowd.world
        self.vip = {'vip_subnet_id': world.subnets[world.cidrs[0]],
                    'vip_network_id': world.networks[world.cidrs[0]],
                    'project_id': 'crowd', 'name': MADE}
        self.next_tree = 0
        self.n_members = 0

    def tree(self):
        """One after the other, so that none is still busy."""
        self.next_tree = (self.next_tree + 1) % len(self.crowd.trees)
        return self.crowd.trees[self.next_tree]

    def member(self, network):
        cidr = self.crowd.world.cidrs[network]
        base, _, plen = cidr.partition('/')
        assert plen == '16'
        self.n_members += 1
        n = 256 + self.n_members % 30000
        return {'address': f'{base.rsplit(".", 2)[0]}.{n >> 8}.{n & 255}',
                'protocol_port': ADDED_PORT + self.n_members // 30000,
                'subnet_id': self.crowd.world.subnets[cidr]}

    def post_lb(self):
        return line('POST', '/loadbalancers', '+', {'loadbalancer': self.vip})

    def post_tree(self):
        return line('POST', '/loadbalancers', '+', {'loadbalancer': {
            **self.vip, 'listeners': [{
                'protocol': 'TCP', 'protocol_port': 80, 'default_pool': {
                    'name': MADE, 'protocol': 'TCP',
                    'lb_algorithm': 'SOURCE_IP_PORT',
                    'members': [self.member(1), self.member(1)]}}]}})

    def post_member(self):
        tree = self.tree()
        return line('POST', f'/pools/{tree.pool}/members',
                    f'{BASE}/loadbalancers/{tree.lb}', {
                        'member': self.member(tree.member_network)})

    def put_lb(self):
        path = f'/loadbalancers/{self.tree().lb}'
        return line('PUT', path, BASE + path, {'loadbalancer': {
            'description': f'changed {self.next_tree}'}})

    def put_members(self, n):
        tree = self.tree()
        return line('PUT', f'/pools/{tree.pool}/members?additive_only=true',
                    f'{BASE}/loadbalancers/{tree.lb}', {'members': [
                        self.member(tree.member_network)
                        for _ in range(n)]})

    @staticmethod
    def delete(lb):
        path = f'/loadbalancers/{lb}'
        return line('DELETE', path + '?cascade=true', BASE + path)


def take(make, count):
    """As many requests; 'make' returns None if it has no more."""
    lines = []
    while len(lines) < count:
        request = make()
        if request is None:
            break
        lines.append(request)
    return lines


def play(world, lines, *options, port=None):
    """Sends each once, unless a number or a time is among the options;
    returns what bench-load has measured."""
    path = os.path.join(world.rundir, 'requests')
    with open(path, 'w', encoding='ascii') as file:
        file.write('\n'.join(lines) + '\n')
    return world.load(f'--requests={path}', f'--count={len(lines)}',
                      *options, port=port)
