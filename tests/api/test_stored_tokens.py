#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The tokens of users of our own as rows: how many there may be, how they go,
and a database that has no place for them."""

from concurrent import futures
import hashlib
import os
import threading
import time
import unittest

import authtest
from apitest import LBAAS
from localtest import LocalTest
from lib import client, localusers, oldschemas, ovsdb, proc, wait

TOKENS_MAX = 1000
PURGE_MAX = 200
HOUR_US = 3600 * 1000 * 1000
_number = iter(range(1000 * 1000))


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


class Rows(LocalTest):

    def setUp(self):
        super().setUp()
        self.delete_tokens()
        # Other tests have the same users, and room for their own.
        self.addCleanup(self.delete_tokens)

    def delete_tokens(self):
        self.transact({'op': 'delete', 'table': 'Token', 'where': []})

    def transact(self, *operations):
        with self.stand.octavia.client() as db:
            return db.transact(*operations)

    def insert(self, n, user, issued_at, expires_at):
        """Rows of tokens that nobody has."""
        self.transact(*({'op': 'insert', 'table': 'Token', 'row': {
            'digest': digest(f'made {next(_number)}'), 'user_id': user,
            'seal': 'x' * 32, 'issued_at': issued_at,
            'expires_at': expires_at}} for _ in range(n)))

    def rows(self):
        return self.dump()['Token'].values()

    def n_tokens(self, user):
        return sum(row['user_id'] == user for row in self.rows())

    def test_limit(self):
        """A user with 1,000 tokens gets another one, and loses the oldest,
        but not the one that it is made from; too many become 1,000"""
        alice, now = self.users.user('alice'), time.time_ns() // 1000
        bob = self.token('bob', 'builder', 'db')
        oldest, second = self.token(), self.token(scope='unscoped')
        self.insert(TOKENS_MAX - 2, alice, now + HOUR_US, now + 2 * HOUR_US)
        new = self.token()
        self.wait_status(oldest, 401)
        self.assertEqual(self.n_tokens(alice), TOKENS_MAX)
        self.assertEqual(self.status(new), 200)

        # Of those that are left, "second" is the oldest, then "new".
        reply = self.post(localusers.token_form(second, 'web'))
        self.assert_status(reply, 201)
        self.assertEqual(self.status(reply.headers['X-Subject-Token']), 200)
        self.wait_status(new, 401)
        self.insert(30, alice, now + HOUR_US, now + 2 * HOUR_US)
        new = self.token()
        self.assertEqual(self.n_tokens(alice), TOKENS_MAX)
        self.assertEqual(self.status(new), 200)
        self.assertEqual(self.status(bob), 200)

    def test_batches(self):
        """Tokens that have expired go in transactions of 200, as soon as
        somebody logs in"""
        self.insert(2 * PURGE_MAX + 50, 'nobody', 1, 2)
        before = int(self.api.status()['commits'])
        token = self.token()
        wait.until(lambda: not self.n_tokens('nobody'), 'the rows are gone')
        self.assertEqual(self.status(token), 200)
        self.assertIn(int(self.api.status()['commits']) - before, (4, 5))

    def test_copies(self):
        """Several copies that remove the same tokens at once do no harm"""
        apis = [self.api, *(self.run_local(f'api-local-{number}')
                            for number in (2, 3))]
        for _ in range(3):
            self.insert(3 * PURGE_MAX, 'nobody', 1, 2)
            tokens = []
            threads = [threading.Thread(
                target=lambda api=api: tokens.append(self.log_in(api=api)))
                for api in apis for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            wait.until(lambda: not self.n_tokens('nobody'),
                       'the rows are gone')
            for reply in tokens:
                self.assert_status(reply, 201)
                for api in apis:
                    self.assertEqual(self.status(
                        reply.headers['X-Subject-Token'], api), 200)


class OwnDatabase(LocalTest):
    """An API with a database of its own: self.octavia."""

    schema = ovsdb.OCTAVIA_SCHEMA

    def setUp(self):
        super().setUp()
        self.octavia = ovsdb.Server('own', self.schema, self.stand.rundir)
        self.octavia.start()
        self.addCleanup(os.unlink, self.octavia.file)
        self.addCleanup(self.octavia.stop)
        self.allow_log(r'(db_link|jsonrpc|reconnect|ovsdb_cs)\|WARN\|')

    def run_own(self, name, *args):
        api = authtest.Api(self.stand.rundir, self.octavia.remote,
                           self.stand.nb.remote, name=name, extra=args)
        api.skip_log()
        api.start()
        self.addCleanup(api.stop)
        self.watched.append(api)
        return api.wait_ready()


class Away(OwnDatabase):
    """A database that goes away."""

    def setUp(self):
        super().setUp()
        self.own = self.run_own('api-own', *self.arguments())

    def test_back(self):
        """A log-in waits for a database that was there a moment ago, whatever
        it is made with"""
        known = self.token(api=self.own)
        self.octavia.stop()
        forms = (localusers.password_form('alice', 'wonder', 'web'),
                 localusers.token_form(known))
        with futures.ThreadPoolExecutor(len(forms)) as pool:
            replies = [pool.submit(self.post, form, self.own)
                       for form in forms]
            wait.until(lambda: self.own.status()['waiting'] == '2',
                       'both wait', 5)
            self.octavia.start()
            for reply in replies:
                self.assert_status(reply.result(), 201)

    def test_gone(self):
        """One that stays away is said to be away"""
        self.octavia.stop()
        for _ in range(2):
            self.assert_error(self.log_in(api=self.own), 503,
                              'database is unavailable')
        self.octavia.start()
        wait.until(lambda: self.log_in(api=self.own).status == 201,
                   'alice logs in')


class EarlierSchema(OwnDatabase):
    """A database that was not converted yet."""

    schema = oldschemas.kept()['0.4.0']

    def test_conversion(self):
        """Nobody can log in before the database has table Token, and the
        answer, the log and the status say so; then without a restart"""
        self.allow_log(r'ovsdb_idl\|WARN\|.* lacks Token table')
        self.allow_log(r'login\|ERR\|nobody can log in: .* without table '
                       'Token')
        api = self.run_own('api-early', *self.arguments())
        for form in (localusers.password_form('alice', 'wonder', 'web'),
                     localusers.token_form('0' * 64)):
            reply = self.post(form, api=api)
            self.assert_error(reply, 503, 'converted')
            self.assertIn('Retry-After', reply.headers)
        self.assertEqual(self.status('0' * 64, api), 401)
        self.assertIn('nobody can log in', api.log_text())
        self.assertIn('earlier schema', api.status()['tokens'])
        proc.run(['ovsdb-client', 'convert', self.octavia.remote,
                  ovsdb.OCTAVIA_SCHEMA])
        reply = wait.until(lambda: (reply := self.log_in(api=api)).status
                           == 201 and reply, 'alice logs in')
        self.assertEqual(self.status(reply.headers['X-Subject-Token'], api),
                         200)
        self.assertEqual(api.status()['tokens'], '1')

    def test_others(self):
        """Who has no tokens to keep does not need the table"""
        api = self.run_own('api-early-none')
        rest = client.Rest(api.port)
        self.addCleanup(rest.close)
        self.assert_status(rest.request('GET', LBAAS + '/loadbalancers'),
                           200)


if __name__ == '__main__':
    unittest.main()
