#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""null against absent, for each attribute of each object: a new object has
the default in either case; an update keeps what is absent, and a null puts
the default in its place, keeps it, or is refused."""

import unittest

import fieldtables
import fieldtest

# Values unlike the defaults, that OVN can do.
SET = {'name': 'set', 'description': 'set', 'admin_state_up': True,
       'tags': ['set'], 'weight': 7, 'backup': True, 'max_retries_down': 7}


class FieldNulls(fieldtest.FieldTest):

    def fields(self):
        for kind, fields in fieldtables.TABLES.items():
            for field in fields:
                yield kind, field

    def shown(self, kind):
        return self.rest.get(self.paths[kind])

    def test_new(self):
        """a new object has the default for what is absent or null"""
        for kind, fields in fieldtables.TABLES.items():
            optional = [field for field in fields
                        if field.post == 'O'
                        and field.name not in self.good[kind]]
            for more in ({}, {field.name: None for field in optional}):
                reply = self.post(kind, **more)
                self.assert_status(reply, 201)
                made = reply.body[kind]
                for field in optional:
                    # What the parents say, or the network.
                    if field.name in made and field.kind not in (
                            fieldtables.UUID, fieldtables.IP) and (
                            field.name not in ('provider', 'project_id',
                                               'tenant_id')):
                        # Octavia takes this null for false.
                        wanted = (False if more and field.name
                                  == 'admin_state_up' else field.default)
                        with self.subTest(kind, field=field.name,
                                          is_null=bool(more)):
                            self.assertEqual(made[field.name], wanted)
                self.remove(kind, made)

    def set_all(self, kind):
        """Gives an object values unlike the defaults; returns it."""
        names = {field.name for field in fieldtables.TABLES[kind]}
        given = {name: value for name, value in SET.items() if name in names}
        if kind == 'listener':
            given['default_pool_id'] = self.pool['id']
        self.rest.put(self.paths[kind], {kind: given})
        self.active(self.lb['id'])
        return {**self.shown(kind), **given}

    def test_absent(self):
        """an update leaves what is absent as it was"""
        for kind in self.paths:
            before = self.set_all(kind)
            for given in ({}, {'tags': ['set', 'new']}, {'name': 'new'}):
                before.update(given)
                self.rest.put(self.paths[kind], {kind: given})
                self.active(self.lb['id'])
                after = self.shown(kind)
                after['tags'].sort()
                before['tags'] = sorted(before['tags'])
                for times in (before, after):
                    times.pop('updated_at', None)
                with self.subTest(kind, given=given):
                    self.assertEqual(after, before)

    def test_null(self):
        """a null in an update is the default, or keeps, or is refused"""
        for kind, field in self.fields():
            if field.null is fieldtables.NO_PUT:
                continue
            before = self.set_all(kind) if field.name in (
                *SET, 'default_pool_id') else self.shown(kind)
            reply = self.put(kind, **{field.name: None})
            with self.subTest(kind, field=field.name):
                if isinstance(field.null, fieldtables.Fault):
                    self.assert_fault(reply, 400, field.null)
                    self.assertEqual(self.shown(kind), before)
                    continue
                self.assert_status(reply, 200)
                wanted = (before[field.name] if field.null
                          is fieldtables.KEPT else field.null)
                self.assertEqual(reply.body[kind][field.name], wanted)
                self.active(self.lb['id'])
                after = self.shown(kind)
                # All else is as before.
                for item in (before, after):
                    item.pop('updated_at')
                    item.pop('operating_status')
                before[field.name] = wanted
                self.assertEqual(after, before)
            self.active(self.lb['id'])

    def test_null_and_more(self):
        """a null takes effect beside a value"""
        self.set_all('member')
        reply = self.put('member', name='new', weight=None)
        self.assert_status(reply, 200)
        self.assertEqual((reply.body['member']['name'],
                          reply.body['member']['weight']), ('new', 1))
        self.active(self.lb['id'])


if __name__ == '__main__':
    unittest.main()
