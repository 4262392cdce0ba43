# SPDX-License-Identifier: Apache-2.0
"""The base of the tests of fields: an object of each kind to write to, and a
good body for another one."""

import apitest
import fieldtables

from lib import wait


def invalid(name, value, why):
    return (f"Invalid input for field/attribute {name}. Value: '{value}'. "
            + why)


class FieldTest(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.lb, self.listener, self.pool, self.member = self.make_tree()
        self.monitor = self.make_monitor(self.lb, self.pool)
        # Where new objects go: it has nothing yet.
        self.bare = self.make_lb()
        self.bare_pool = self.make_pool(self.bare)
        members = f'/pools/{self.pool["id"]}/members'
        self.paths = {
            'loadbalancer': '/loadbalancers/' + self.lb['id'],
            'listener': '/listeners/' + self.listener['id'],
            'pool': '/pools/' + self.pool['id'],
            'member': f'{members}/{self.member["id"]}',
            'healthmonitor': '/healthmonitors/' + self.monitor['id']}
        self.collections = {
            'loadbalancer': '/loadbalancers', 'listener': '/listeners',
            'pool': '/pools',
            'member': f'/pools/{self.bare_pool["id"]}/members',
            'healthmonitor': '/healthmonitors'}
        self.good = {
            'loadbalancer': {'vip_subnet_id': self.stand.subnet['n1']},
            'listener': {'protocol': 'TCP', 'protocol_port': 81,
                         'loadbalancer_id': self.bare['id']},
            'pool': {'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP',
                     'loadbalancer_id': self.bare['id']},
            'member': {'address': '10.1.0.51', 'protocol_port': 80},
            'healthmonitor': {'pool_id': self.bare_pool['id'], 'type': 'TCP',
                              'delay': 5, 'timeout': 3, 'max_retries': 2}}

    def post(self, kind, **attributes):
        return self.call('POST', self.collections[kind],
                         {kind: {**self.good[kind], **attributes}})

    def put(self, kind, **attributes):
        return self.call('PUT', self.paths[kind], {kind: attributes})

    def writes(self):
        """Kind, field, function, good attributes: where a field goes."""
        for kind, fields in fieldtables.TABLES.items():
            for field in fields:
                yield kind, field, self.post, self.good[kind]
                if field.null is not fieldtables.NO_PUT:
                    yield kind, field, self.put, {}

    def settled(self, lb):
        """Waits until both load balancers can be written to."""
        self.active(self.lb['id'])
        return self.active(lb['id'])

    def remove(self, kind, made):
        """Deletes an object that was made below the bare load balancer."""
        path = f'{self.collections[kind]}/{made["id"]}'
        if kind == 'loadbalancer':
            self.active(made['id'])
        self.active(self.bare['id'])
        self.assert_status(self.call('DELETE', path), 204)
        wait.until(lambda: self.call('GET', path).status == 404,
                   f'{path} is gone', 10, 0.002)
        self.active(self.bare['id'])
