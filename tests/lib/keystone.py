# SPDX-License-Identifier: Apache-2.0
"""A real Keystone on 127.0.0.1, with a database of its own in a file.

Keystone.start() makes the database and the first administrator; users,
projects and roles are then made over REST.  issuer() is a second process on
the same database, whose tokens expire sooner.
"""

import base64
import http.client
import os
import sqlite3

from . import client, daemons, proc, wait

PASSWORD = 'of-the-tests'
DOMAIN = {'id': 'default'}


class Keystone:
    """One Keystone; 'expiration' is the life of its tokens in seconds."""

    def __init__(self, rundir, name='keystone', expiration=3600, port=None,
                 like=None):
        self.rundir = str(rundir)
        self.name = name
        self.expiration = expiration
        self.port = port or daemons.free_port()
        self.directory = (like.directory if like
                          else os.path.join(self.rundir, name))
        self.ids = like.ids if like else {}
        self._admin = None
        self.process = proc.Process(
            name, ['uwsgi_python3', '--ini', self._path(name + '.ini')],
            rundir, env={'OS_KEYSTONE_CONFIG_FILES':
                         self._path(name + '.conf'),
                         'PYTHONWARNINGS': 'ignore'})

    def _path(self, name):
        return os.path.join(self.directory, name)

    @property
    def url(self):
        return f'http://127.0.0.1:{self.port}/v3'

    # Up.

    def start(self):
        if not os.path.exists(self.directory):
            self._make_keys()
            self._configure()
            self._manage('db_sync')
            self._let_readers_be()
            self._manage('bootstrap', '--bootstrap-password', PASSWORD,
                         '--bootstrap-region-id', 'RegionOne',
                         '--bootstrap-public-url', self.url,
                         '--bootstrap-internal-url', self.url,
                         '--bootstrap-admin-url', self.url)
        self._configure()
        self.process.start()
        return self.wait_ready()

    def restart(self):
        self.process.stop()
        self.process.start()
        return self.wait_ready()

    def wait_ready(self):
        def answers():
            self.process.check_alive()
            rest = client.Rest(self.port, timeout=5)
            try:
                return rest.request('GET', '/v3').status == 200
            except http.client.HTTPException:
                return False
            finally:
                rest.close()
        wait.until(answers, f'{self.name} answers', 60)
        return self

    def issuer(self, expiration):
        """Another process on the same database."""
        name = f'{self.name}-{expiration}'
        return Keystone(self.rundir, name, expiration, like=self)

    def _make_keys(self):
        for name in ('fernet-keys', 'credential-keys'):
            os.makedirs(self._path(name), 0o700)
            for number in ('0', '1'):
                path = self._path(os.path.join(name, number))
                with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600),
                          'wb') as file:
                    file.write(base64.urlsafe_b64encode(os.urandom(32)))

    def _configure(self):
        self._write('.conf', {
            'DEFAULT': {'use_stderr': 'true'},
            'database': {'connection': 'sqlite:///'
                         + self._path('keystone.db')},
            'token': {'provider': 'fernet', 'expiration': self.expiration},
            'fernet_tokens': {'key_repository': self._path('fernet-keys')},
            # What a second factor of a login would need; must be there.
            'fernet_receipts': {'key_repository': self._path('fernet-keys')},
            'credential': {'key_repository': self._path('credential-keys')},
            # Hashes that would take an attacker long take us long, too.
            'identity': {'password_hash_rounds': 4}})
        self._write('.ini', {'uwsgi': {
            'plugins': 'python3', 'wsgi-file': '/usr/bin/keystone-wsgi-public',
            'http-socket': f'127.0.0.1:{self.port}', 'buffer-size': 65535,
            # It closes after each answer: clients that would send another
            # request on the connection have to be told.
            'add-header': 'Connection: close',
            'die-on-term': 'true', 'need-app': 'true',
            'disable-logging': 'true', 'chdir': self.directory}})

    def _write(self, suffix, sections):
        with open(self._path(self.name + suffix), 'w',
                  encoding='utf-8') as file:
            for section, options in sections.items():
                print(f'[{section}]', file=file)
                for key, value in options.items():
                    print(f'{key} = {value}', file=file)

    def _manage(self, *args):
        proc.run(['keystone-manage', '--config-file',
                  self._path(self.name + '.conf'), *args], deadline=120)

    def _let_readers_be(self):
        """Whoever reads does not keep others from writing."""
        database = sqlite3.connect(self._path('keystone.db'))
        database.execute('PRAGMA journal_mode=WAL')
        database.close()

    # Users and tokens.

    def request(self, method, path, body=None, token=None, deadline=60):
        """One request to /v3; any reply."""
        rest = client.Rest(self.port, timeout=deadline)
        try:
            return rest.request(method, '/v3' + path, body,
                                {'X-Auth-Token': token} if token else None)
        finally:
            rest.close()

    def log_in(self, identity, scope=None):
        """Returns a token."""
        auth = {'identity': identity}
        if scope is not None:
            auth['scope'] = scope
        reply = self.request('POST', '/auth/tokens?nocatalog', {'auth': auth})
        assert reply.status == 201, reply
        return reply.headers['X-Subject-Token']

    def token(self, user, project=None, scope=None):
        """A token of a user, for a project or something else."""
        if project is not None:
            scope = {'project': {'name': project, 'domain': DOMAIN}}
        return self.log_in({'methods': ['password'], 'password': {'user': {
            'name': user, 'password': PASSWORD, 'domain': DOMAIN}}}, scope)

    def admin(self, method, path, body=None):
        """A request of the administrator; it must succeed."""
        if self._admin is None:
            self._admin = self.token('admin', 'admin')
        reply = self.request(method, path, body, self._admin)
        assert 200 <= reply.status < 300, (method, path, reply)
        return reply.body

    def make(self, kind, name, **attributes):
        """Makes a role, project or user, unless there is one; returns its
        id."""
        key = (kind, name)
        if key not in self.ids:
            found = self.admin('GET', f'/{kind}s?name={name}')[kind + 's']
            self.ids[key] = found[0]['id'] if found else self.admin(
                'POST', f'/{kind}s',
                {kind: {'name': name, **attributes}})[kind]['id']
        return self.ids[key]

    def make_project(self, name):
        return self.make('project', name, domain_id='default')

    def make_user(self, name, project, *roles):
        """A user with these roles in a project; returns his id."""
        user = self.make('user', name, domain_id='default',
                         password=PASSWORD)
        for role in roles:
            self.admin('PUT', f'/projects/{self.make_project(project)}/users/'
                       f'{user}/roles/{self.make("role", role)}')
        return user

    # What others need in their configuration.

    def credentials(self, user, project):
        """The lines of a section like [keystone_authtoken]."""
        return '\n'.join([
            f'auth_url = {self.url}',
            f'www_authenticate_uri = {self.url}',
            'auth_type = password', f'username = {user}',
            f'password = {PASSWORD}', f'project_name = {project}',
            'user_domain_id = default', 'project_domain_id = default', ''])
