# SPDX-License-Identifier: Apache-2.0
"""The unmodified "openstack" command with users of our own: it logs in at the
API itself."""

import tempfile

from lib import client, harness, localusers


class LocalUsers(harness.SystemTest):

    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory(prefix='oo-', dir='/tmp')
        self.addCleanup(directory.cleanup)
        self.entrance = localusers.Entrance(self.world, directory.name)
        self.addCleanup(self.entrance.stop)

    def cli(self, **changes):
        return client.Cli(environment={**self.world.environment(),
                                       **self.entrance.environment,
                                       **changes})

    def test_password(self):
        """a user logs in with a password, makes a load balancer by the name
        of a subnet, and takes its token back"""
        cli = self.cli()
        token = cli.json('token', 'issue')
        self.assertEqual(token['project_id'],
                         self.entrance.users.project('web'))
        self.assertIn('load-balancer', cli.text('catalog', 'list'))
        self.assertEqual({item['Name'] for item
                          in cli.json('subnet', 'list')}, {'n1', 'n2', 'n3'})
        made = cli.json('loadbalancer', 'create', '--name', 'mine',
                        '--vip-subnet-id', 'n1', '--wait')
        self.assertEqual(made['project_id'], token['project_id'])
        self.assertEqual(made['provisioning_status'], 'ACTIVE')
        self.assertEqual(cli.json('loadbalancer', 'show', 'mine')['id'],
                         made['id'])
        listed, = cli.json('loadbalancer', 'list', '--project', 'web')
        self.assertEqual(listed['id'], made['id'])
        cli.text('token', 'revoke', token['id'])
        rest = client.Rest(self.entrance.api.port)
        self.addCleanup(rest.close)
        self.assertEqual(rest.request(
            'GET', client.PREFIX + '/loadbalancers',
            headers={'X-Auth-Token': token['id']}).status, 401)
        cli.text('loadbalancer', 'delete', 'mine', '--wait')

    def test_wrong_password(self):
        """a wrong password is told as Keystone tells it"""
        self.assertIn('HTTP 401', self.cli(OS_PASSWORD='wrong').fails(
            'loadbalancer', 'list'))

    def test_addresses(self):
        """the log-in is found at every address that has been Keystone's"""
        for path in ('', '/', '/v3', '/v3/', '/identity', '/identity/v3'):
            with self.subTest(path=path):
                cli = self.cli(OS_AUTH_URL=self.entrance.url + path)
                self.assertEqual(cli.json('loadbalancer', 'list'), [])

    def test_application_credential(self):
        """a program logs in with an application credential"""
        made = self.entrance.users.credential('alice', 'ci', 'web')
        cli = self.cli(OS_AUTH_TYPE='v3applicationcredential',
                       OS_APPLICATION_CREDENTIAL_ID=made['id'],
                       OS_APPLICATION_CREDENTIAL_SECRET=made['secret'],
                       **{name: None for name in (
                           'OS_USERNAME', 'OS_PASSWORD', 'OS_PROJECT_NAME',
                           'OS_USER_DOMAIN_NAME', 'OS_PROJECT_DOMAIN_NAME')})
        self.assertEqual(cli.json('loadbalancer', 'list'), [])

    def test_token(self):
        """a token for no project is exchanged by the client for one for a
        project, again and again"""
        secret = {'OS_USERNAME': None, 'OS_PASSWORD': None,
                  'OS_USER_DOMAIN_NAME': None,
                  'OS_TOKEN': self.entrance.token()}
        ends = set()
        for kind in ('token', 'v3token'):
            cli = self.cli(OS_AUTH_TYPE=kind, **secret)
            told = cli.json('token', 'issue')
            self.assertEqual(told['project_id'],
                             self.entrance.users.project('web'))
            self.assertNotEqual(told['id'], secret['OS_TOKEN'])
            ends.add(told['expires'])
            self.assertEqual(cli.json('loadbalancer', 'list'), [])
        self.assertEqual(len(ends), 1)
