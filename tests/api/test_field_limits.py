#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each attribute of each object, by the table: absent, of a wrong type,
below, at and above its limits, in a POST and a PUT."""

import unittest

import fieldtables
import fieldtest
from fieldtest import invalid


class FieldLimits(fieldtest.FieldTest):

    def test_wrong(self):
        """a value of a wrong type or beyond a limit gets Octavia's text"""
        with self.nothing_changes():
            for kind, field, write, _ in self.writes():
                for value, why in field.kind.wrong:
                    with self.subTest(kind, field=field.name,
                                      write=write.__name__,
                                      value=str(value)[:40]):
                        self.assert_wrong(
                            write(kind, **{field.name: value}), field.name,
                            value, why)

    def assert_wrong(self, reply, name, value, why):
        if isinstance(why, str):
            self.assert_fault(reply, 400, invalid(name, value, why))
            return
        # Octavia lists the words in any order.
        self.assert_status(reply, 400)
        text, _, listed = reply.fault.partition(' one of: ')
        self.assertEqual((text, set(listed.split(', '))),
                         (invalid(name, value, 'Value should be'), set(why)))

    def test_quoting(self):
        """a value that is no number, boolean or list quotes the body"""
        with self.nothing_changes():
            for kind, field, write, good in self.writes():
                for value, why in fieldtables.quoted(field.kind):
                    # Keys are printed in order.
                    body = dict(sorted({**good, field.name: value}.items()))
                    with self.subTest(kind, field=field.name,
                                      write=write.__name__, value=value):
                        self.assert_fault(
                            write(kind, **{field.name: value}), 400, invalid(
                                fieldtables.ARGUMENTS[kind], {kind: body},
                                why))

    def test_no_internals(self):
        """other JSON in a field is a 400 that prints no internals"""
        with self.nothing_changes():
            for kind, field, write, _ in self.writes():
                for value in ({'a': [1]}, [[None]], 1.5):
                    if value == 1.5 and field.name == 'http_version':
                        continue
                    reply = write(kind, **{field.name: value})
                    with self.subTest(kind, field=field.name,
                                      write=write.__name__, value=value):
                        self.assert_status(reply, 400)
                        self.assertRegex(
                            reply.fault,
                            '^Invalid input for field/attribute ')
                        self.assertNotRegex(
                            reply.fault, 'object has no|Traceback|NoneType')

    def test_missing(self):
        """what must be there is missed, absent or null"""
        with self.nothing_changes():
            for kind, fields in fieldtables.TABLES.items():
                for field in fields:
                    if field.post != 'M':
                        continue
                    rest = {name: value for name, value
                            in self.good[kind].items() if name != field.name}
                    for body in (rest, {**rest, field.name: None}):
                        with self.subTest(kind, field=field.name):
                            self.assert_fault(
                                self.call('POST', self.collections[kind],
                                          {kind: body}), 400,
                                invalid(field.name, 'None',
                                        fieldtables.MISSING))

    def test_read_only(self):
        """what no request may set is an unknown attribute"""
        with self.nothing_changes():
            for kind, names in fieldtables.READ_ONLY.items():
                fixed = [field.name for field in fieldtables.TABLES[kind]
                         if field.null is fieldtables.NO_PUT]
                for write, unknown in ((self.post, names),
                                       (self.put, (*names, *fixed))):
                    for name in unknown:
                        for value in (None, 'x', 1):
                            self.assert_fault(
                                write(kind, **{name: value}), 400,
                                'Unknown attribute for argument '
                                f'{fieldtables.ARGUMENTS[kind]}.{kind}: '
                                + name)

    def test_nested(self):
        """so it is within additional VIPs and the session persistence"""
        some_id, vips = fieldtables.SOME_ID, 'additional_vips'
        persistence = 'session_persistence'
        with self.nothing_changes():
            for kind, field, value, text in (
                    ('loadbalancer', vips, [{}], invalid(
                        'subnet_id', 'None', fieldtables.MISSING)),
                    ('loadbalancer', vips, [{'subnet_id': None}], invalid(
                        'subnet_id', 'None', fieldtables.MISSING)),
                    ('loadbalancer', vips, [{'subnet_id': 'x'}], invalid(
                        'subnet_id', 'x', fieldtables.NO_UUID)),
                    ('loadbalancer', vips,
                     [{'subnet_id': some_id, 'ip_address': 'x'}],
                     invalid('ip_address', 'x', fieldtables.NO_IP)),
                    ('loadbalancer', vips,
                     [{'subnet_id': some_id, 'port_id': 'x'}],
                     invalid('port_id', 'x', fieldtables.NO_UUID)),
                    ('loadbalancer', vips, [{'subnet_id': some_id, 'x': 1}],
                     'Unknown attribute for argument '
                     'load_balancer.loadbalancer.additional_vips: x'),
                    ('pool', persistence, {}, invalid(
                        'type', 'None', fieldtables.MISSING)),
                    ('pool', persistence, {'type': None}, invalid(
                        'type', 'None', fieldtables.MISSING)),
                    ('pool', persistence, {'type': 'SOURCE_IP', 'x': 1},
                     'Unknown attribute for argument '
                     'pool_.pool.session_persistence: x'),
                    ('pool', persistence,
                     {'type': 'SOURCE_IP', 'persistence_granularity': 'x'},
                     invalid('persistence_granularity', 'x',
                             fieldtables.NO_IP)),
                    ('pool', persistence,
                     {'type': 'APP_COOKIE', 'cookie_name': 'x' * 256},
                     invalid('cookie_name', 'x' * 256,
                             'Value should have a maximum character '
                             'requirement of 255'))):
                with self.subTest(kind, value=value):
                    self.assert_fault(self.post(kind, **{field: value}), 400,
                                      text)
            for value in ('x', 1, True, ['a']):
                for kind, field in (('loadbalancer', vips),
                                    ('pool', persistence)):
                    with self.subTest(kind, value=value):
                        reply = self.post(kind, **{field: value})
                        self.assert_status(reply, 400)
                        self.assertRegex(
                            reply.fault,
                            '^Invalid input for field/attribute ')

    def test_limits(self):
        """values at the limits are taken, and shown as they were given"""
        for index in (0, -1):
            for kind, fields in fieldtables.TABLES.items():
                given = {field.name: field.kind.fits[index]
                         for field in fields
                         if not field.refused and field.kind
                         is not fieldtables.UUID
                         and field.name not in self.good[kind]
                         and field.name not in ('vip_address', 'provider')}
                # OVN wants a pause; words and addresses have tests of
                # their own.
                if kind in ('listener', 'member'):
                    given['protocol_port'] = (1, 65535)[index]
                if kind == 'healthmonitor':
                    given['max_retries'] = (1, 10)[index]
                with self.subTest(kind, index=index):
                    self.check_taken(kind, given)

    def check_taken(self, kind, given):
        reply = self.post(kind, **given)
        self.assert_status(reply, 201)
        # The parents' project wins, and tenant_id over project_id.
        for name in ('project_id', 'tenant_id'):
            given.pop(name)
        self.assertEqual({name: reply.body[kind][name] for name in given},
                         given)
        self.remove(kind, reply.body[kind])
        fixed = {field.name for field in fieldtables.TABLES[kind]
                 if field.null is fieldtables.NO_PUT}
        given = {name: value for name, value in given.items()
                 if name not in fixed}
        reply = self.put(kind, **given)
        self.assert_status(reply, 200)
        self.assertEqual({name: reply.body[kind][name] for name in given},
                         given)
        self.active(self.lb['id'])


if __name__ == '__main__':
    unittest.main()
