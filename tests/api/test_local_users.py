#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Users of our own log in at the API itself (auth = local): tokens, what they
open, and how they end."""

import datetime
import hashlib
import json
import os
import time
import unittest

from apitest import LBAAS
from localtest import TOKENS, LocalTest
from lib import localusers, wait

LBS = LBAAS + '/loadbalancers'


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


class Logins(LocalTest):
    """Getting a token."""

    def test_token(self):
        """A password becomes a token, in the form of Keystone's."""
        before = datetime.datetime.now(
            datetime.timezone.utc).replace(tzinfo=None)
        reply = self.log_in()
        self.assert_status(reply, 201)
        token = reply.body['token']
        self.assertEqual(reply.headers['Vary'], 'X-Auth-Token')
        self.assertEqual(token['methods'], ['password'])
        self.assertEqual(token['user'], {
            'id': self.users.user('alice'), 'name': 'alice',
            'password_expires_at': None,
            'domain': {'id': 'default', 'name': 'Default'}})
        self.assertEqual(token['project'], {
            'id': self.users.project('web'), 'name': 'web',
            'domain': {'id': 'default', 'name': 'Default'}})
        self.assertEqual(token['roles'], [{'id': 'member',
                                           'name': 'member'}])
        issued, expires = (
            datetime.datetime.strptime(token[name], '%Y-%m-%dT%H:%M:%S.%fZ')
            for name in ('issued_at', 'expires_at'))
        self.assertEqual(expires - issued, datetime.timedelta(hours=8))
        self.assertLess(abs(issued - before),
                        datetime.timedelta(seconds=20 * wait.SLOWNESS))
        self.assertEqual(self.status(reply.headers['X-Subject-Token']), 200)

    def test_scopes(self):
        """A token is for the project that is named by id or by name, for the
        only one, or for none."""
        web = self.users.project('web')
        for scope in (None, {'project': {'id': web}},
                      {'project': {'name': 'web', 'domain':
                                   {'name': 'Default'}}}):
            with self.subTest(scope=scope):
                reply = self.post(localusers.password_form(
                    'alice', 'wonder', scope=scope))
                self.assertEqual(reply.body['token']['project']['id'], web)
        reply = self.log_in(scope='unscoped')
        self.assert_status(reply, 201)
        for name in ('project', 'roles', 'catalog'):
            self.assertNotIn(name, reply.body['token'])
        self.assertEqual(self.status(reply.headers['X-Subject-Token']), 403)
        self.users('roles', 'alice', 'db', 'reader')
        self.assertNotIn('project', wait.until(
            lambda: self.pair_of_projects(), 'alice has two projects'))

    def pair_of_projects(self):
        token = self.post(localusers.password_form(
            'alice', 'wonder')).body['token']
        return 'project' not in token and token

    def test_refusals(self):
        """Whatever is wrong about a log-in, the answer is the same."""
        answers = {json.dumps(reply.body) for reply in (
            self.log_in(password='wrong'), self.log_in(name='nobody'),
            self.log_in(project='db'), self.log_in(project='nothing'),
            self.log_in(password='x' * 300), self.log_in(password=''),
            self.log_in(scope={'system': {'all': True}}),
            self.log_in(scope={'project': {
                'name': 'web', 'domain': {'id': 'other'}}}),
            self.post(localusers.credential_form('none', 'x')))}
        self.assertEqual(len(answers), 1, answers)
        self.assertIn('"code": 401', answers.pop())

    def test_unknown_users_take_as_long(self):
        """The time of an answer does not tell whether there is a user."""
        def seconds(name):
            begin = time.monotonic()
            self.assert_error(self.log_in(name=name, password='no'), 401)
            return time.monotonic() - begin
        # In turns, so that whatever keeps the machine busy meets both; not
        # so many that they have to wait.
        known, unknown = map(min, zip(*(
            (seconds('alice'), seconds('nobody')) for _ in range(8))))
        self.assertLess(max(known, unknown) / min(known, unknown), 2)

    def test_bad_forms(self):
        """A form that is none is answered with 400 and says why."""
        for form, why in (({}, 'auth'), ({'auth': {}}, 'methods'),
                          ({'auth': {'identity': {'methods': ['totp']}}},
                           'only methods'), ([], 'auth'),
                          ({'auth': {'identity': {'methods': ['token']}}},
                           'id of the token')):
            self.assert_error(self.post(form), 400, why)
        reply = self.door.request('POST', TOKENS, b'nonsense',
                                  {'Content-Type': 'application/json'})
        self.assert_error(reply, 400, 'JSON')
        reply = self.door.request('POST', TOKENS, b'{}',
                                  {'Content-Type': 'text/plain'})
        self.assert_error(reply, 415)

    def test_application_credential(self):
        """A program logs in with a secret of its own, for one project, with
        no more roles than its user has."""
        made = self.users.credential('alice', 'ci', 'web', 'member', 'reader')
        old = self.users.credential('alice', 'old', 'web', '--days=1')
        form = localusers.credential_form(made['id'], made['secret'])
        reply = self.post(form)
        self.assertEqual(reply.status, 201, reply)
        token = reply.body['token']
        self.assertEqual(token['methods'], ['application_credential'])
        self.assertEqual(token['application_credential']['name'], 'ci')
        self.assertEqual([role['name'] for role in token['roles']],
                         ['member'])
        self.assertEqual(token['project']['name'], 'web')
        token = reply.headers['X-Subject-Token']
        self.assertEqual(self.status(token), 200)
        self.assert_error(self.post(localusers.credential_form(
            made['id'], old['secret'])), 401)
        form['auth']['scope'] = {'project': {'id': self.users.project('web')}}
        self.assert_error(self.post(form), 401)

        # An end in the past.
        text = self.users.read()
        user = text['users'][self.users.user('alice')]
        user['application_credentials'][old['id']]['expires_at'] = 1
        with open(self.users.path, 'w', encoding='utf-8') as file:
            json.dump(text, file)
        form = localusers.credential_form(old['id'], old['secret'])
        wait.until(lambda: self.post(form).status == 401, 'it has expired')
        self.users('remove-credential', made['id'])
        self.wait_status(token, 401)


class Tokens(LocalTest):
    """What tokens open, and how they end."""

    def test_no_token(self):
        """Without a token, or with nonsense, nothing is answered, and the
        answer says where tokens are."""
        good = self.token()
        for token in (None, '', 'x', good[:-1], good + '0', good.upper(),
                      '0' * 64):
            with self.subTest(token=token):
                reply = self.ask('GET', LBS, token)
                self.assert_error(reply, 401)
                self.assertEqual(
                    reply.headers['WWW-Authenticate'],
                    f'Keystone uri="http://127.0.0.1:{self.api.port}/v3"')

    def test_projects_are_apart(self):
        """A user sees and changes what is in the project of its token, as a
        user of Keystone does."""
        body = {'loadbalancer': {'name': 'mine',
                                 'vip_subnet_id': self.stand.subnet['n1']}}
        reply = self.ask('POST', LBS, self.token(), body)
        self.assert_status(reply, 201)
        key = reply.body['loadbalancer']['id']
        self.assertEqual(reply.body['loadbalancer']['project_id'],
                         self.users.project('web'))
        self.active(key)
        bob = self.token('bob', 'builder', 'db')
        root = self.token('root', 'toor', 'admin')
        self.assertEqual(self.ask('GET', LBS, bob).body['loadbalancers'], [])
        self.assert_status(self.ask('GET', f'{LBS}/{key}', bob), 403)
        self.assert_status(self.ask('DELETE', f'{LBS}/{key}', bob), 403)
        self.assertEqual(len(self.ask('GET', LBS, root).body[
            'loadbalancers']), 1)
        quota = f'{LBAAS}/quotas/{self.users.project("web")}'
        self.assert_status(self.ask('PUT', quota, bob, {'quota': {
            'load_balancer': 1}}), 403)
        self.assert_status(self.ask('PUT', quota, root, {'quota': {
            'load_balancer': 1}}), 202)
        self.assert_status(self.ask('POST', LBS, self.token(), body), 403)

    def test_other_copies(self):
        """A token is good at another copy at once, and after a restart."""
        other = self.run_local('api-local-2')
        for _ in range(20):
            self.assertEqual(self.status(self.token(), other), 200)
            token = self.token(api=other)
            self.assertEqual(self.status(token), 200)
        other.stop()
        other.start()
        other.wait_ready()
        self.assertEqual(self.status(token, other), 200)

    def test_only_a_hash_is_kept(self):
        """The database has no token, and no log a password or a token."""
        token = self.token()
        self.log_in(password='another secret')
        dump = str(self.dump())
        self.assertNotIn(token, dump)
        self.assertIn(digest(token), dump)
        log = self.api.log_text()
        for secret in (token, 'wonder', 'another secret'):
            self.assertNotIn(secret, log)

    def test_revoking(self):
        """A token that is revoked is void, at all copies."""
        other = self.run_local('api-local-2')
        token, kept = self.token(), self.token()
        reply = self.ask('DELETE', TOKENS, token, X_Subject_Token=token)
        self.assert_status(reply, 204)
        self.assertEqual(self.status(token), 401)
        wait.until(lambda: self.status(token, other) == 401, 'it is void')
        self.assertEqual(self.status(kept), 200)
        self.assert_error(self.ask('DELETE', TOKENS, kept,
                                   X_Subject_Token=token), 404)

    def test_asking_about_tokens(self):
        """Who has a token may ask what it is worth; administrators may ask
        about all."""
        token = self.token()
        bob = self.token('bob', 'builder', 'db')
        root = self.token('root', 'toor', 'admin')
        for asker in (token, root):
            reply = self.ask('GET', TOKENS, asker, X_Subject_Token=token)
            self.assert_status(reply, 200)
            self.assertEqual(reply.body['token']['user']['name'], 'alice')
            self.assertEqual(reply.headers['X-Subject-Token'], token)
            self.assertIn('catalog', reply.body['token'])
        reply = self.ask('HEAD', TOKENS, token, X_Subject_Token=token)
        self.assertEqual((reply.status, reply.content), (200, b''))
        reply = self.ask('GET', TOKENS + '?nocatalog', token,
                         X_Subject_Token=token)
        self.assertNotIn('catalog', reply.body['token'])
        self.assert_error(self.ask('GET', TOKENS, bob,
                                   X_Subject_Token=token), 403)
        self.assert_error(self.ask('DELETE', TOKENS, bob,
                                   X_Subject_Token=token), 403)
        self.assert_error(self.ask('GET', TOKENS, token), 404)
        self.assert_error(self.ask('GET', TOKENS, token,
                                   X_Subject_Token='0' * 64), 404)
        self.assert_error(self.ask('GET', TOKENS, None,
                                   X_Subject_Token=token), 401)

    def test_changes_of_users(self):
        """A new password, a lost role, and the end of a user reach tokens
        that are there."""
        token = self.token()
        self.users('passwd', 'alice', password='changed')
        self.wait_status(token, 401)
        token = self.token(password='changed')
        self.users('roles', 'alice', 'web', 'reader')
        self.wait_status(token, 401)
        self.assertEqual(self.status(self.token(password='changed')), 200)
        self.users('roles', 'alice', 'web', 'member', 'reader')
        token = self.token(password='changed')
        self.users('roles', 'alice', 'web')
        self.wait_status(token, 401)
        token = self.token('bob', 'builder', 'db')
        self.users('remove', 'bob')
        self.wait_status(token, 401)
        self.assert_error(self.log_in('bob', 'builder', 'db'), 401)

    def test_expired_tokens(self):
        """A token that has expired is void, and its row goes."""
        token = self.token()
        with self.stand.octavia.client() as db:
            result, = db.transact({
                'op': 'update', 'table': 'Token', 'row': {'expires_at': 1},
                'where': [['digest', '==', digest(token)]]})
        self.assertEqual(result['count'], 1)
        self.wait_status(token, 401)
        self.token()
        wait.until(lambda: digest(token) not in str(self.dump()),
                   'the row is gone')

    def test_file_that_stays(self):
        """A file that nobody writes is read once"""
        n_loads = self.api.log_text().count('users loaded')
        for _ in range(4):
            self.assertEqual(self.status(self.token()), 200)
        self.assertEqual(self.api.log_text().count('users loaded'), n_loads)

    def test_bad_file(self):
        """A file that becomes wrong changes nothing, and is told about."""
        self.allow_log(r'users_watch\|WARN\|.*the users that were loaded '
                       'before stay')
        token = self.token()
        os.chmod(self.users.path, 0o644)
        wait.until(lambda: self.status(token) == 200
                   and 'its mode is 0644' in self.api.log_text(),
                   'the log tells')
        self.assertIn('its mode is 0644', self.api.status()['users file'])
        self.assertEqual(self.status(self.token()), 200)
        os.chmod(self.users.path, 0o640)
        wait.until(lambda: self.status(token) == 200 and self.api.status()[
            'users file'] == 'good', 'it is taken again')

    def test_no_database(self):
        """While the database is frozen, a token that is known stays good."""
        self.allow_log(r'.*\|WARN\|.*')
        token = self.token()
        self.stand.octavia.process.freeze()
        try:
            reply = self.ask('GET', '/v3/auth/projects', token)
            self.assert_status(reply, 200)
        finally:
            self.stand.octavia.process.thaw()
        self.assertEqual(self.status(token), 200)


class Exchanges(LocalTest):
    """A token for another token."""

    def exchange(self, token, project=None, scope=None, api=None):
        return self.post(localusers.token_form(token, project, scope),
                         api=api)

    def exchanged(self, *args, **more):
        reply = self.exchange(*args, **more)
        self.assert_status(reply, 201)
        return reply.headers['X-Subject-Token']

    def test_scopes(self):
        """A token for no project becomes one for a project of its user, and
        the other way round; it expires when the first one does."""
        self.users('roles', 'alice', 'db', 'reader')
        reply = wait.until(lambda: self.log_in(scope='unscoped'), 'a token')
        first, ends = (reply.headers['X-Subject-Token'],
                       reply.body['token']['expires_at'])
        self.assertEqual(self.status(first), 403)
        wait.until(lambda: self.exchange(first, 'db').status == 201,
                   'alice may read db')
        for scope, name in (({'project': {'id': self.users.project('db')}},
                             'db'), (None, 'web'), ('unscoped', None)):
            with self.subTest(name=name):
                reply = self.exchange(first, name if scope is None else None,
                                      scope)
                self.assert_status(reply, 201)
                token = reply.body['token']
                self.assertEqual(token['methods'], ['password', 'token'])
                self.assertEqual(token['expires_at'], ends)
                self.assertEqual(token['user']['name'], 'alice')
                self.assertEqual(len(token['audit_ids']), 2)
                self.assertEqual(token.get('project', {}).get('name'), name)
                self.assertEqual('catalog' in token, bool(name))
                new = reply.headers['X-Subject-Token']
                self.assertNotEqual(new, first)
                self.assertEqual(self.status(new), 200 if name else 403)
                # And once more, from the new one.
                again = self.exchanged(new, 'db')
                self.assertEqual(self.status(again), 200)
                reply = self.ask('GET', TOKENS, again, X_Subject_Token=again)
                self.assertEqual(reply.body['token']['expires_at'], ends)
                self.assertEqual(reply.body['token']['methods'],
                                 ['password', 'token'])

    def test_refusals(self):
        """A token that is none, and a project that is not the user's, get the
        answer of each wrong log-in."""
        token = self.token()
        wrong = json.dumps(self.log_in(password='wrong').body)
        for reply in (self.exchange('x', 'web'), self.exchange('', 'web'),
                      self.exchange('0' * 64, 'web'),
                      self.exchange(token, 'db'),
                      self.exchange(token, 'nothing'),
                      self.exchange(token, scope={'system': {'all': True}})):
            self.assert_error(reply, 401)
            self.assertEqual(json.dumps(reply.body), wrong)

    def test_application_credential(self):
        """A program's token is for its project, and nothing else."""
        made = self.users.credential('alice', 'ci', 'web')
        form = localusers.credential_form(made['id'], made['secret'])
        reply = wait.until(lambda: (reply := self.post(form)).status == 201
                           and reply, 'it logs in')
        token = reply.headers['X-Subject-Token']
        for scope in (None, 'unscoped', {'project': {
                'id': self.users.project('web')}}):
            self.assert_error(self.exchange(token, scope=scope), 403,
                              'application credential')

    def test_end(self):
        """What was made from a token is void with it, at all copies, and with
        the password; it can be revoked alone."""
        other = self.run_local('api-local-2')
        first = self.token(scope='unscoped')
        second = self.exchanged(first, 'web')
        third = self.exchanged(second, 'web', api=other)
        for token in (second, third):
            self.assertEqual(self.status(token), 200)
            self.assertEqual(self.status(token, other), 200)
        self.assert_status(self.ask('DELETE', TOKENS, second,
                                    X_Subject_Token=second), 204)
        self.assertEqual(self.status(second), 401)
        self.assertEqual(self.status(third), 200)
        self.assert_status(self.ask('DELETE', TOKENS, first,
                                    X_Subject_Token=first), 204)
        self.assertEqual(self.status(third), 401)
        wait.until(lambda: self.status(third, other) == 401, 'it is void')
        first = self.token()
        second = self.exchanged(first, 'web')
        self.users('passwd', 'alice', password='changed')
        for token in (first, second):
            self.wait_status(token, 401)

    def test_plain_http(self):
        """A token is not exchanged over plain HTTP from elsewhere."""
        token = self.token()
        reply = self.post(localusers.token_form(token, 'web'),
                          headers={'X-Forwarded-For': '192.0.2.1'})
        self.assert_error(reply, 403, 'https only')


class Start(LocalTest):
    """What an API with auth = local demands."""

    def refused(self, *args):
        return self.refused_api(*self.arguments(*args))

    def test_file(self):
        """Without a good file of users, or with bad options, it does not
        start, and says why."""
        self.assertIn('from 1 to 720', self.refused('--token-hours=0'))
        self.assertIn('from 1 to 720', self.refused('--token-hours=x'))
        os.chmod(self.users.path, 0o604)
        self.assertIn('its mode is 0604', self.refused())
        os.unlink(self.users.path)
        said = self.refused()
        self.assertIn('No such file', said)
        self.assertIn('ovn-octavia-ctl user add', said)

    def test_listen(self):
        """It may listen beyond loopback: it asks who one is."""
        done = self.refused('--listen=0.0.0.0:1', '--token-hours=0')
        self.assertNotIn('refusing to listen', done)


if __name__ == '__main__':
    unittest.main()
