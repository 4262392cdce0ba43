# SPDX-License-Identifier: Apache-2.0
"""The base of the tests of users of our own: next to the stand, which asks
nobody, an API process with auth = local.

"alice" is a member of "web", with the password "wonder"; "bob" of "db", with
"builder"; "root" is an administrator in "admin", with "toor".
"""

import os

from lib import client, localusers, wait

import apitest
import authtest

TOKENS = '/v3/auth/tokens'


_first = []


def only_we(path, flags):
    return os.open(path, flags, 0o600)


def first_users(directory):
    """The text of the file: hashing takes its time."""
    if not _first:
        users = localusers.Users(os.path.join(directory, 'first'))
        users.add('alice', 'wonder', 'web', 'member')
        users.add('bob', 'builder', 'db', 'member')
        users.add('root', 'toor', 'admin', 'admin')
        with open(users.path, encoding='utf-8') as file:
            _first.append(file.read())
    return _first[0]


class LocalTest(apitest.ApiTest):
    """self.rest still is the API that asks nobody, self.door the other."""

    def setUp(self):
        super().setUp()
        directory = os.path.join(self.stand.rundir,
                                 '.'.join(self.id().split('.')[-2:]))
        os.makedirs(directory)
        self.users = localusers.Users(os.path.join(directory, 'users'))
        with open(self.users.path, 'w', encoding='utf-8',
                  opener=only_we) as file:
            file.write(first_users(directory))
        self.watched = []
        self.addCleanup(self._look_at_logs)
        self.api = self.run_local('api-local')
        self.door = client.Rest(self.api.port)
        self.addCleanup(self.door.close)

    def _look_at_logs(self):
        problems = [f'{api.name}: {line}' for api in self.watched
                    for line in (api.complaints(self.allowed)
                                 + api.sanitizer_reports())]
        self.assertFalse(problems, '\n'.join(problems))

    def arguments(self, *args):
        return ['--auth=local', f'--users-file={self.users.path}', *args]

    def run_local(self, name, *args):
        """An API process, which ends with the test."""
        api = authtest.Api(self.stand.rundir, self.stand.octavia.remote,
                           self.stand.nb.remote, name=name,
                           extra=self.arguments(*args))
        api.skip_log()
        api.start()
        self.addCleanup(api.stop)
        self.addCleanup(api.process.check_alive)
        self.watched.append(api)
        return api.wait_ready()

    def log_in(self, name='alice', password='wonder', project='web', *,
               scope=None, api=None, headers=None):
        """Sends name and password; returns the reply."""
        return self.post(localusers.password_form(
            name, password, project if scope is None else None, scope),
                         api=api, headers=headers)

    def post(self, form, api=None, headers=None):
        if api is None:
            return self.door.request('POST', TOKENS, form, headers)
        rest = client.Rest(api.port)
        try:
            return rest.request('POST', TOKENS, form, headers)
        finally:
            rest.close()

    def token(self, *args, **more):
        """Logs in; returns the token."""
        reply = self.log_in(*args, **more)
        self.assert_status(reply, 201)
        return reply.headers['X-Subject-Token']

    def ask(self, method, path, token=None, body=None, api=None, **headers):
        headers = {name.replace('_', '-'): value
                   for name, value in headers.items()}
        if token is not None:
            headers['X-Auth-Token'] = token
        rest = self.door if api is None else client.Rest(api.port)
        try:
            return rest.request(method, path, body, headers)
        finally:
            if api is not None:
                rest.close()

    def status(self, token, api=None):
        """What a list of load balancers is answered with."""
        return self.ask('GET', apitest.LBAAS + '/loadbalancers', token,
                        api=api).status

    def wait_status(self, token, status):
        wait.until(lambda: self.status(token) == status,
                   f'the token is answered with {status}', 10, 0.05)

    def assert_error(self, reply, status, message=None):
        """The reply is an error in Keystone's form."""
        self.assertEqual(reply.status, status, reply)
        error = reply.body['error']
        self.assertEqual(set(error), {'code', 'title', 'message'})
        self.assertEqual(error['code'], status)
        if message is not None:
            self.assertIn(message, error['message'])
