#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Which states each call tests and sets, as tables.  The driver is
frozen, so that what the API wrote stays to be looked at."""

import unittest

import apitest

PENDING = ('PENDING_CREATE', 'PENDING_UPDATE', 'PENDING_DELETE')

# Call, which of the rows below become what: lb, listener, pool, member.  The
# pool of 'monitor PUT' and 'monitor DELETE' gets its monitor first.
# None: stays ACTIVE.
CREATE, UPDATE, DELETE = PENDING
EFFECTS = (
    ('lb PUT', UPDATE, None, None, None),
    ('lb DELETE cascade', DELETE, None, None, None),
    ('listener POST', UPDATE, None, None, None),
    ('listener PUT', UPDATE, UPDATE, None, None),
    ('listener DELETE', UPDATE, DELETE, None, None),
    ('pool POST', UPDATE, None, None, None),
    ('pool POST listener', UPDATE, 'other', None, None),
    ('pool PUT', UPDATE, UPDATE, UPDATE, None),
    ('pool DELETE', UPDATE, UPDATE, DELETE, None),
    ('member POST', UPDATE, UPDATE, UPDATE, None),
    ('member PUT', UPDATE, UPDATE, UPDATE, UPDATE),
    ('member DELETE', UPDATE, UPDATE, UPDATE, DELETE),
    ('monitor POST', UPDATE, UPDATE, UPDATE, None),
    ('monitor PUT', UPDATE, UPDATE, UPDATE, None),
    ('monitor DELETE', UPDATE, UPDATE, UPDATE, None),
)


# Kind and name of what is to be deleted, its title in texts, the calls that
# are refused in its name (None: all others), and the one that is not.
DELETING = (
    ('loadbalancer', 'lb', 'Load Balancer', None, 'lb DELETE cascade'),
    ('listener', 'listener', 'Listener', ['listener PUT'],
     'listener DELETE'),
    ('listener', 'other', 'Listener', ['pool POST listener'], 'pool DELETE'),
    ('pool', 'pool', 'Pool',
     ['pool PUT', 'member POST', 'member PUT', 'member DELETE',
      'monitor PUT', 'monitor DELETE', 'listener PUT pool'], 'pool DELETE'),
    ('member', 'member', 'Member', ['member PUT'], 'member DELETE'),
    ('healthmonitor', 'monitor', 'Health Monitor', ['monitor PUT'],
     'monitor DELETE'))


class States(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        self.renew_tree(False)

    def calls(self):
        """All calls that change something: {name: (method, path, body)}."""
        lb = '/loadbalancers/' + self.lb_id
        listener = '/listeners/' + self.listener['id']
        pool = '/pools/' + self.pool['id']
        members = pool + '/members'
        member = f'{members}/{self.member["id"]}'
        new_pool = {'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP'}
        monitors = '/healthmonitors'
        monitor = f'{monitors}/{self.monitor["id"]}' if self.monitor else ''
        calls = {
            'monitor PUT': ('PUT', monitor, {'healthmonitor': {'name': 'n'}}),
            'monitor DELETE': ('DELETE', monitor, None),
        } if monitor else {
            'monitor POST': ('POST', monitors, {'healthmonitor': {
                'pool_id': self.pool['id'], 'type': 'TCP', 'delay': 5,
                'timeout': 3, 'max_retries': 2}}),
        }
        return calls | {
            'lb PUT': ('PUT', lb, {'loadbalancer': {'name': 'n'}}),
            'lb DELETE cascade': ('DELETE', lb + '?cascade=true', None),
            'listener POST': ('POST', '/listeners', {'listener': {
                'loadbalancer_id': self.lb_id, 'protocol': 'TCP',
                'protocol_port': 90}}),
            'listener PUT': ('PUT', listener, {'listener': {'name': 'n'}}),
            'listener PUT pool': ('PUT', listener, {'listener': {
                'default_pool_id': self.pool['id']}}),
            'listener DELETE': ('DELETE', listener, None),
            'pool POST': ('POST', '/pools', {'pool': {
                **new_pool, 'loadbalancer_id': self.lb_id}}),
            'pool POST listener': ('POST', '/pools', {'pool': {
                **new_pool, 'listener_id': self.other['id']}}),
            'pool PUT': ('PUT', pool, {'pool': {'name': 'n'}}),
            'pool DELETE': ('DELETE', pool, None),
            'member POST': ('POST', members, {'member': {
                'address': '10.1.0.51', 'protocol_port': 80}}),
            'member PUT': ('PUT', member, {'member': {'name': 'n'}}),
            'member DELETE': ('DELETE', member, None)}

    def state(self, path):
        return self.rest.get(path)['provisioning_status']

    def assert_refused(self, name, state):
        method, path, body = self.calls()[name]
        reply = self.call(method, path, body)
        if name.startswith('lb '):
            text = f'Invalid state {state} of loadbalancer resource '
        else:
            text = 'Load Balancer {} is immutable and cannot be updated.'
        self.assert_fault(reply, 409, text.format(self.lb_id)
                          if '{' in text else text + self.lb_id)

    def test_pending(self):
        """every change below a pending load balancer is refused with 409"""
        with self.frozen_driver():
            for state in PENDING:
                self.set_state('loadbalancer', self.lb_id, state)
                with self.nothing_changes():
                    for name in self.calls():
                        with self.subTest(name, state=state):
                            self.assert_refused(name, state)
            self.set_state('loadbalancer', self.lb_id, 'ACTIVE')

    def test_error(self):
        """what is in ERROR can be changed and deleted like what is ACTIVE"""
        for has_monitor in (False, True):
            self.renew_tree(has_monitor)
            with self.frozen_driver():
                for name in self.calls():
                    if name == 'lb DELETE cascade':
                        continue
                    with self.subTest(name, has_monitor=has_monitor):
                        for kind, item in (('loadbalancer', self.lb),
                                           ('listener', self.listener),
                                           ('listener', self.other),
                                           ('pool', self.pool)):
                            self.set_state(kind, item['id'], 'ERROR')
                        method, path, body = self.calls()[name]
                        self.assertIn(self.call(method, path, body).status,
                                      (200, 201, 204))
                self.set_state('loadbalancer', self.lb_id, 'ERROR')
                method, path, body = self.calls()['lb DELETE cascade']
                self.assert_status(self.call(method, path, body), 204)
            self.wait_gone('/loadbalancers/' + self.lb_id)

    def test_deleting(self):
        """what is to be deleted can be deleted again, and nothing else"""
        for kind, which, title, refused, allowed in DELETING:
            with self.subTest(which), self.frozen_driver():
                self.stand.driver.process.thaw()
                self.renew_tree(True)
                self.stand.driver.process.freeze()
                key = getattr(self, which)['id']
                self.set_row(kind, key, provisioning_status='ERROR',
                             deleting=True)
                self.wait_row(kind, key, 'ERROR')
                with self.nothing_changes():
                    for name in refused or set(self.calls()) - {allowed}:
                        method, path, body = self.calls()[name]
                        reply = self.call(method, path, body)
                        self.assertEqual(
                            (reply.status, reply.fault),
                            (409, f'{title} {key} is immutable and cannot '
                             'be updated.'), name)
                method, path, body = self.calls()[allowed]
                self.assert_status(self.call(method, path, body), 204)

    def renew_tree(self, has_monitor):
        self.lb, self.listener, self.pool, self.member = self.make_tree()
        self.lb_id = self.lb['id']
        self.other = self.make_listener(self.lb, 81)
        self.monitor = (self.make_monitor(self.lb, self.pool)
                        if has_monitor else None)

    def wait_row(self, kind, key, state):
        """Waits until the API sees the state."""
        path = {'member': f'/pools/{self.pool["id"]}/members'}.get(
            kind, f'/{kind}s')
        apitest.wait.until(lambda: self.state(f'{path}/{key}') == state,
                           f'{kind} is {state}', 5, 0.002)

    def test_pool_is_locked(self):
        """members of a pool that is pending are refused in its name"""
        with self.frozen_driver():
            for state in PENDING:
                self.set_state('pool', self.pool['id'], state)
                with self.nothing_changes():
                    for name in ('member POST', 'member PUT',
                                 'member DELETE', 'monitor POST'):
                        with self.subTest(name, state=state):
                            method, path, body = self.calls()[name]
                            self.assert_fault(
                                self.call(method, path, body), 409,
                                f'Pool {self.pool["id"]} is immutable and '
                                'cannot be updated.')
            self.set_state('pool', self.pool['id'], 'ACTIVE')

    def test_pool_before_lb(self):
        """if both are locked, the pool is named"""
        with self.frozen_driver():
            self.set_state('pool', self.pool['id'], 'PENDING_UPDATE')
            self.set_state('loadbalancer', self.lb_id, 'PENDING_UPDATE')
            method, path, body = self.calls()['member POST']
            reply = self.call(method, path, body)
        self.assert_fault(reply, 409, f'Pool {self.pool["id"]} is immutable '
                          'and cannot be updated.')

    def test_own_state_is_free(self):
        """a child's own state does not lock it"""
        member = f'/pools/{self.pool["id"]}/members/{self.member["id"]}'
        for kind, key, name in (
                ('listener', self.listener['id'], 'listener PUT'),
                ('pool', self.pool['id'], 'pool PUT'),
                ('member', self.member['id'], 'member PUT')):
            with self.subTest(kind):
                with self.frozen_driver():
                    if kind == 'member':
                        self.set_row(kind, key, provisioning_status='ERROR')
                        apitest.wait.until(
                            lambda: self.state(member) == 'ERROR', 'ERROR',
                            5, 0.002)
                    else:
                        self.set_state(kind, key, 'ERROR')
                    method, path, body = self.calls()[name]
                    self.assert_status(self.call(method, path, body), 200)
                self.active(self.lb_id)

    def test_effects(self):
        """each call sets the states that Octavia sets, and no others"""
        for name, lb, listener, pool, member in EFFECTS:
            if name == 'lb DELETE cascade':
                continue
            with self.subTest(name):
                self._test_effects(name, lb, listener, pool, member)

    def test_effects_of_cascade(self):
        """a cascade leaves the children's states alone"""
        self._test_effects(*EFFECTS[1])

    def _test_effects(self, name, lb, listener, pool, member):
        # Each case has a tree of its own: the last one may be half deleted.
        self.renew_tree(name in ('monitor PUT', 'monitor DELETE'))
        of_other = UPDATE if listener == 'other' else None
        listener = None if listener == 'other' else listener
        members = f'/pools/{self.pool["id"]}/members'
        with self.frozen_driver():
            method, path, body = self.calls()[name]
            reply = self.call(method, path, body)
            self.assertIn(reply.status, (200, 201, 204), reply)
            seen = [self.state(path) for path in (
                '/loadbalancers/' + self.lb_id,
                '/listeners/' + self.listener['id'],
                '/pools/' + self.pool['id'],
                f'{members}/{self.member["id"]}',
                '/listeners/' + self.other['id'])]
            if method == 'POST':
                created, = reply.body.values()
                self.assertEqual(created['provisioning_status'], CREATE)
            elif method == 'PUT':
                changed, = reply.body.values()
                self.assertEqual(changed['provisioning_status'], UPDATE)
        self.assertEqual(seen, [state or 'ACTIVE' for state in (
            lb, listener, pool, member, of_other)])
        if name != 'lb DELETE cascade':
            self.active(self.lb_id)

    def test_order_of_checks(self):
        """bad bodies and unknown objects are told before states"""
        with self.frozen_driver():
            self.set_state('loadbalancer', self.lb_id, 'PENDING_UPDATE')
            lb = '/loadbalancers/' + self.lb_id
            no_id = apitest.NO_ID
            for method, path, body, status in (
                    ('PUT', lb, {'loadbalancer': {'bogus': 1}}, 400),
                    ('DELETE', lb, None, 400),      # It has children.
                    ('PUT', lb, '{', 400),
                    ('POST', '/listeners', {'listener': {
                        'loadbalancer_id': self.lb_id, 'protocol': 'TCP',
                        'protocol_port': 99, 'default_pool_id': no_id}},
                     404),
                    ('POST', '/listeners', {'listener': {   # Duplicate.
                        'loadbalancer_id': self.lb_id, 'protocol': 'TCP',
                        'protocol_port': 80}}, 409),
                    ('POST', '/pools', {'pool': {
                        'listener_id': self.other['id'], 'protocol': 'UDP',
                        'lb_algorithm': 'SOURCE_IP'}}, 400)):
                with self.subTest(path, method=method, body=body):
                    self.assert_status(self.call(method, path, body), status)
            reply = self.call('POST', '/listeners', {'listener': {
                'loadbalancer_id': self.lb_id, 'protocol': 'TCP',
                'protocol_port': 80}})
            self.assertIn('immutable', reply.fault)

    def test_heals(self):
        """a state that nobody works on any more heals by itself"""
        for kind, key in (('loadbalancer', self.lb_id),
                          ('listener', self.listener['id']),
                          ('pool', self.pool['id']),
                          ('member', self.member['id'])):
            for state in ('ERROR', 'PENDING_UPDATE', 'PENDING_CREATE'):
                with self.subTest(kind, state=state):
                    self.set_row(kind, key, provisioning_status=state)
                    with self.stand.octavia.client() as db:
                        apitest.wait.until(lambda: db.select(
                            apitest.KINDS[kind],
                            [['_uuid', '==', ['uuid', key]]])[0][
                                'provisioning_status'] == 'ACTIVE',
                            f'the {kind} is ACTIVE', 5, 0.005)

    def test_refusal_is_rolled_back(self):
        """what the provider refuses leaves all states as they were"""
        with self.frozen_driver(), self.nothing_changes():
            reply = self.call('PUT', '/pools/' + self.pool['id'], {
                'pool': {'lb_algorithm': 'ROUND_ROBIN'}})
            self.assert_status(reply, 501)


if __name__ == '__main__':
    unittest.main()
