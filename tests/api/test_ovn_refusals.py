#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What OVN cannot do is answered with 501 and the provider's words, and
changes nothing."""

import unittest

import apitest

MIXED = ('OVN provider does not support mixing IPv4/IPv6 configuration within '
         'the same Load Balancer.')
MONITOR = ('OVN Load Balancer does not support different member monitor '
           'address or port.')
NO_SUBNET = ('Subnet is required, or Loadbalancer associated with Pool must '
             'have a subnet, for Member creation with OVN Provider Driver if '
             'it is not the same as LB VIP subnet')


class Refusals(apitest.ApiTest):

    def assert_unsupported(self, reply, text):
        self.assert_fault(reply, 501, "Provider 'ovn' does not support a "
                          'requested option: ' + text)

    def test_listener_protocols(self):
        """listeners of HTTP and its like are 501"""
        lb = self.make_lb()
        with self.nothing_changes():
            for protocol, more in (
                    ('HTTP', {}), ('HTTPS', {}), ('PROMETHEUS', {}),
                    ('HTTP', {'insert_headers': {'X-Forwarded-For': 'true'}})):
                with self.subTest(protocol):
                    reply = self.call('POST', '/listeners', {'listener': {
                        'loadbalancer_id': lb['id'], 'protocol': protocol,
                        'protocol_port': 80, **more}})
                    self.assert_unsupported(
                        reply,
                        f'OVN provider does not support {protocol} protocol')

    def test_allowed_cidrs(self):
        """allowed_cidrs = refuse: those of a listener are 501, an empty list
        is not"""
        self.ask_own_api('cidrs', '--allowed-cidrs=refuse')
        lb = self.make_lb()
        listener = self.make_listener(lb, allowed_cidrs=[])
        self.assertIsNone(listener['allowed_cidrs'])
        text = 'OVN provider does not support allowed_cidrs option'
        with self.nothing_changes():
            for cidrs in (['10.0.0.0/8'], ['10.1.1.1/8'], ['192.0.2.1']):
                reply = self.call('POST', '/listeners', {'listener': {
                    'loadbalancer_id': lb['id'], 'protocol': 'TCP',
                    'protocol_port': 81, 'allowed_cidrs': cidrs}})
                self.assert_unsupported(reply, text)
                reply = self.call('PUT', '/listeners/' + listener['id'], {
                    'listener': {'allowed_cidrs': cidrs}})
                self.assert_unsupported(reply, text)

    def test_pool_protocols(self):
        """pools of PROXY and its like are 501"""
        lb = self.make_lb()
        with self.nothing_changes():
            for protocol in ('HTTP', 'HTTPS', 'PROXY', 'PROXYV2'):
                reply = self.call('POST', '/pools', {'pool': {
                    'loadbalancer_id': lb['id'], 'protocol': protocol,
                    'lb_algorithm': 'SOURCE_IP'}})
                self.assert_unsupported(
                    reply, f'OVN provider does not support {protocol} '
                    'protocol')

    def test_algorithms(self):
        """algorithms that need a proxy are 501"""
        lb = self.make_lb()
        pool = self.make_pool(lb)
        with self.nothing_changes():
            for algorithm in ('ROUND_ROBIN', 'LEAST_CONNECTIONS'):
                text = (f'OVN provider does not support {algorithm} '
                        'algorithm; SOURCE_IP_PORT is the nearest that it '
                        'has')
                reply = self.call('POST', '/pools', {'pool': {
                    'loadbalancer_id': lb['id'], 'protocol': 'TCP',
                    'lb_algorithm': algorithm}})
                self.assert_unsupported(reply, text)
                reply = self.call('PUT', '/pools/' + pool['id'], {
                    'pool': {'lb_algorithm': algorithm}})
                self.assert_unsupported(reply, text)

    def test_persistence(self):
        """persistence by cookie is 501"""
        lb = self.make_lb()
        pool = self.make_pool(lb)
        with self.nothing_changes():
            for given in ({'type': 'HTTP_COOKIE'},
                          {'type': 'APP_COOKIE', 'cookie_name': 'c'}):
                text = ('OVN provider does not support '
                        f'{given["type"]} session persistence. Only '
                        'SOURCE_IP type is supported.')
                reply = self.call('POST', '/pools', {'pool': {
                    'loadbalancer_id': lb['id'], 'protocol': 'TCP',
                    'lb_algorithm': 'SOURCE_IP',
                    'session_persistence': given}})
                self.assert_unsupported(reply, text)
                reply = self.call('PUT', '/pools/' + pool['id'], {
                    'pool': {'session_persistence': given}})
                self.assert_unsupported(reply, text)

    def test_persistence_beyond_ovn(self):
        """persistence of networks, or without end, is 501"""
        lb = self.make_lb()
        pool = self.make_pool(lb, 'UDP')
        for given, text in (
                ({'persistence_timeout': 0}, 'persistence_timeout of 0. It '
                 'must be from 1 to 65535 seconds.'),
                ({'persistence_timeout': 65536}, 'persistence_timeout of '
                 '65536. It must be from 1 to 65535 seconds.'),
                ({'persistence_granularity': '255.255.0.0'},
                 'persistence_granularity of 255.255.0.0, only single '
                 'addresses')):
            given = {'session_persistence': {'type': 'SOURCE_IP', **given}}
            with self.subTest(given), self.nothing_changes():
                reply = self.call('POST', '/pools', {'pool': {
                    'loadbalancer_id': lb['id'], 'protocol': 'UDP',
                    'lb_algorithm': 'SOURCE_IP', **given}})
                text = 'OVN provider does not support a ' + text
                self.assert_unsupported(reply, text)
                self.assert_unsupported(
                    self.call('PUT', '/pools/' + pool['id'],
                              {'pool': given}), text)

    def test_member_monitors(self):
        """a monitor address or port of a member's own is 501"""
        lb, _, pool, member = self.make_tree()
        path = f'/pools/{pool["id"]}/members'
        with self.nothing_changes():
            for given in ({'monitor_port': 80},
                          {'monitor_address': '10.1.0.9'}):
                reply = self.call('POST', path, {'member': {
                    'address': '10.1.0.51', 'protocol_port': 80, **given}})
                self.assert_unsupported(reply, MONITOR)
                reply = self.call('PUT', f'{path}/{member["id"]}',
                                  {'member': given})
                self.assert_unsupported(reply, MONITOR)

    def test_mixed_versions(self):
        """an IPv6 member of an IPv4 load balancer is 501, and the reverse"""
        for subnet, address, member_subnet in (
                ('n1', 'fd00:6::5', 'n6'), ('n6', '10.1.0.50', 'n1')):
            lb = self.make_lb(subnet)
            pool = self.make_pool(lb)
            with self.nothing_changes():
                for more in ({}, {'subnet_id':
                                  self.stand.subnet[member_subnet]}):
                    reply = self.call(
                        'POST', f'/pools/{pool["id"]}/members', {'member': {
                            'address': address, 'protocol_port': 80,
                            **more}})
                    self.assert_unsupported(reply, MIXED)

    def test_member_elsewhere(self):
        """a member out of reach of the VIP needs a subnet"""
        lb = self.make_lb()
        pool = self.make_pool(lb)
        path = f'/pools/{pool["id"]}/members'
        body = {'address': '10.4.0.50', 'protocol_port': 80}
        with self.nothing_changes():
            self.assert_unsupported(self.call('POST', path,
                                              {'member': body}), NO_SUBNET)
        reply = self.call('POST', path, {'member': {
            **body, 'subnet_id': self.stand.subnet['dual']}})
        self.assert_status(reply, 201)

    def test_empty_graph(self):
        """empty lists of listeners, pools and VIPs are as good as none"""
        reply = self.call('POST', '/loadbalancers', {'loadbalancer': {
            'vip_subnet_id': self.stand.subnet['n1'], 'listeners': [],
            'pools': [], 'additional_vips': [], 'vip_sg_ids': []}})
        self.assert_status(reply, 201)

    def test_failover(self):
        """failover is 501, with and without a body"""
        lb = self.make_lb()
        path = f'/loadbalancers/{lb["id"]}/failover'
        with self.nothing_changes():
            for body in (None, {}):
                self.assert_unsupported(
                    self.call('PUT', path, body),
                    'OVN provider does not support loadbalancer failover')
            for method in ('GET', 'POST'):
                self.assert_status(self.call(method, path), 405)


if __name__ == '__main__':
    unittest.main()
