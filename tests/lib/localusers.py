# SPDX-License-Identifier: Apache-2.0
"""A file of users of an API with auth = local, kept by "ovn-octavia-ctl user",
as an operator keeps it."""

import json
import os
import subprocess

from . import client, daemons, wait

DOMAIN = {'id': 'default'}


class Users:
    """The file at 'path'; 'ids' of projects and users by their names."""

    def __init__(self, path):
        self.path = path

    def run(self, *args, password=None):
        """Runs the command; returns what subprocess.run() does."""
        argv = [os.path.join(daemons.build_directory(), 'src',
                             'ovn-octavia-ctl'), '--no-syslog', 'user',
                f'--users-file={self.path}']
        if password is not None:
            argv.append('--password-file=-')
        return subprocess.run([*argv, *args], input=password or '',
                              stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False,
                              errors='surrogateescape',
                              timeout=30 * wait.SLOWNESS)

    def __call__(self, *args, password=None):
        """Runs what must succeed without a complaint; returns what it
        printed."""
        done = self.run(*args, password=password)
        assert done.returncode == 0 and not done.stderr, \
            f'{args}: {done.returncode}\n{done.stdout}{done.stderr}'
        return done.stdout

    def fails(self, *args, password=None):
        """Runs what must fail; returns what it said."""
        done = self.run(*args, password=password)
        assert done.returncode == 1, \
            f'{args}: {done.returncode}\n{done.stdout}{done.stderr}'
        return done.stderr

    def add(self, name, password, project=None, *roles):
        self('add', name, *([project, *roles] if project else []),
             password=password)
        return self

    def credential(self, user, name, project, *args):
        """Adds an application credential; returns its id and its secret."""
        printed = self('add-credential', user, name, project, *args)
        return dict(line.split(': ') for line in printed.splitlines())

    def read(self):
        with open(self.path, encoding='utf-8') as file:
            return json.load(file)

    def project(self, name):
        """The id of a project."""
        return next(key for key, value in self.read()['projects'].items()
                    if value == name)

    def user(self, name):
        """The id of a user."""
        return next(key for key, value in self.read()['users'].items()
                    if value['name'] == name)


class Entrance:
    """An API with auth = local in a sandbox, beside the one that asks nobody,
    with a user "alice" who has roles in "web"."""

    def __init__(self, world, directory, *roles):
        self.users = Users(os.path.join(directory, 'users'))
        self.users.add('alice', 'a long secret', 'web',
                       *(roles or ['member']))
        self.api = daemons.Api(world.rundir, world.octavia.remote,
                               world.ovn.nb.remote, name='api-local', extra=[
                                   '--auth=local',
                                   f'--users-file={self.users.path}'])
        self.api.start()
        self.api.wait_data()

    @property
    def url(self):
        return f'http://127.0.0.1:{self.api.port}'

    @property
    def environment(self):
        """Variables with which a client logs in here."""
        return {'OS_AUTH_TYPE': None, 'OS_ENDPOINT': None,
                'OS_AUTH_URL': self.url + '/v3',
                'OS_USERNAME': 'alice', 'OS_PASSWORD': 'a long secret',
                'OS_PROJECT_NAME': 'web', 'OS_USER_DOMAIN_NAME': 'Default',
                'OS_PROJECT_DOMAIN_NAME': 'Default',
                'OS_REGION_NAME': 'RegionOne',
                'OS_IDENTITY_API_VERSION': '3'}

    def token(self):
        """Logs in; returns a token for no project."""
        rest = client.Rest(self.api.port)
        try:
            reply = rest.request('POST', '/v3/auth/tokens', password_form(
                'alice', 'a long secret', scope='unscoped'))
        finally:
            rest.close()
        assert reply.status == 201, reply
        return reply.headers['X-Subject-Token']

    def stop(self):
        self.api.process.check_alive()
        self.api.stop()


def password_form(name, password, project=None, scope=None):
    """The body of a log-in."""
    auth = {'identity': {'methods': ['password'], 'password': {'user': {
        'name': name, 'password': password, 'domain': DOMAIN}}}}
    return scoped(auth, project, scope)


def token_form(token, project=None, scope=None):
    """The body that asks for another token."""
    return scoped({'identity': {'methods': ['token'], 'token': {
        'id': token}}}, project, scope)


def scoped(auth, project, scope):
    if project is not None:
        scope = {'project': {'name': project, 'domain': DOMAIN}}
    if scope is not None:
        auth['scope'] = scope
    return {'auth': auth}


def credential_form(key, secret):
    return {'auth': {'identity': {
        'methods': ['application_credential'],
        'application_credential': {'id': key, 'secret': secret}}}}
