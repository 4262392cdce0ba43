# SPDX-License-Identifier: Apache-2.0
"""The base of the tests of authentication: next to the stand, which asks
nobody, a real Keystone and an API process that asks it.

The user "member" has the role "member", and no other, in the project "mine";
so has every other role a user of its name.
"""

import http.client
import os

from lib import client, daemons, keystone, wait

import apitest

LEGACY = ('load-balancer_admin', 'load-balancer_global_observer',
          'load-balancer_member', 'load-balancer_observer',
          'load-balancer_quota_admin')
ROLES = ('admin', 'member', 'reader', 'service', 'manager', *LEGACY)


class Api(daemons.Api):
    """An API process that asks who one is."""

    def wait_ready(self):
        def answers():
            self.process.check_alive()
            rest = client.Rest(self.port, timeout=5)
            try:
                return rest.request('GET', '/').status == 200
            except http.client.HTTPException:
                return False
            finally:
                rest.close()
        wait.until(answers, f'{self.name} answers')
        return self.wait_data()

    def status(self):
        """What "api/status" prints, as a dict of texts."""
        return {key: value.strip() for key, _, value in
                (line.partition(':') for line
                 in self.appctl('api/status').splitlines())}

    def n_questions(self):
        return int(self.status()['questions'])


class Door:
    """Keystone, its users, and the API processes in front of it."""

    def __init__(self, stand):
        self.stand = stand
        self.keystone = keystone.Keystone(stand.rundir)
        self.tokens = {}
        self.api = None
        self.legacy = None

    def start(self):
        self.keystone.start()
        self.keystone.make_user('octavia', 'service', 'admin', 'service')
        for role in ROLES:
            self.keystone.make_user(role + '-user', 'mine', role)
        # A role brings those below it along.  Here, each is to be alone.
        for rule in self.keystone.admin(
                'GET', '/role_inferences')['role_inferences']:
            for below in rule['implies']:
                self.keystone.admin(
                    'DELETE', f'/roles/{rule["prior_role"]["id"]}/implies/'
                    f'{below["id"]}')
        self.keystone.make_project('other')
        self.api = self.make_api('api-auth')
        self.legacy = self.make_api('api-legacy', 'legacy_roles = true')
        for api in (self.api, self.legacy):
            api.start()
            api.wait_ready()
        return self

    def make_api(self, name, settings='', more='', remote=None):
        """An API process; 'settings' of [api], 'more' of Keystone's."""
        path = os.path.join(self.stand.rundir, name + '.conf')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(f'[api]\nauth = keystone\n{settings}\n'
                       '[keystone_authtoken]\n'
                       + self.keystone.credentials('octavia', 'service')
                       + more + ('' if '[networking]' in more else
                                 '[networking]\n'
                                 'allow_invisible_resource_usage = true\n'))
        return Api(self.stand.rundir, remote or self.stand.octavia.remote,
                   self.stand.nb.remote, name=name,
                   extra=[f'--config={path}'])

    def token(self, role):
        """A token of the user that has just this role."""
        if role not in self.tokens:
            self.tokens[role] = self.keystone.token(role + '-user', 'mine')
        return self.tokens[role]

    def project(self, name):
        return self.keystone.make_project(name)


_shared = []


class AuthTest(apitest.ApiTest):
    """Has a Door; self.rest still is the API that asks nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not _shared:
            _shared.append(Door(cls.stand).start())
        cls.door = _shared[0]
        cls.keystone = cls.door.keystone
        cls.api = cls.door.api

    def setUp(self):
        super().setUp()
        self.watched = [self.door.api, self.door.legacy]
        for api in self.watched:
            api.skip_log()
        self.addCleanup(self._look_at_logs)
        self.door_rest = client.Rest(self.api.port)
        self.addCleanup(self.door_rest.close)

    def _look_at_logs(self):
        problems = [f'{api.name}: {line}' for api in self.watched
                    for line in (api.complaints(self.allowed)
                                 + api.sanitizer_reports())]
        self.assertFalse(problems, '\n'.join(problems))
        self.door.api.process.check_alive()
        self.door.legacy.process.check_alive()

    def run_api(self, name, settings='', more='', remote=None):
        """Another API process, for this test."""
        api = self.door.make_api(name, settings, more, remote)
        api.start()
        self.addCleanup(api.stop)
        self.addCleanup(api.process.check_alive)
        self.watched.append(api)
        return api.wait_ready()

    def ask(self, method, path, body=None, token=None, headers=None,
            api=None):
        """A request below /v2.0/lbaas of the API that asks."""
        headers = dict(headers or {})
        if token is not None:
            headers['X-Auth-Token'] = token
        rest = self.door_rest if api is None else client.Rest(api.port)
        try:
            return rest.request(method, apitest.LBAAS + path, body, headers)
        finally:
            if api is not None:
                rest.close()

    def assert_unknown(self, reply):
        """The reply is keystonemiddleware's to those it does not know."""
        self.assertEqual(reply.status, 401, reply)
        self.assertEqual(reply.body, {'error': {
            'code': 401, 'title': 'Unauthorized', 'message':
            'The request you have made requires authentication.'}})
        headers = {name.lower(): value for name, value
                   in reply.headers.items()}
        self.assertEqual(headers['www-authenticate'],
                         f'Keystone uri="{self.keystone.url}"')
        self.assertEqual(headers['content-type'], 'application/json')
        self.assertTrue(headers['x-openstack-request-id'])

    def assert_away(self, reply):
        self.assertEqual(
            (reply.status, reply.content),
            (503, b'The Keystone service is temporarily unavailable.'))
        self.assertEqual(reply.headers['Retry-After'], '2')

    def assert_forbidden(self, reply):
        self.assert_fault(reply, 403, 'Policy does not allow this request to '
                          'be performed.')
