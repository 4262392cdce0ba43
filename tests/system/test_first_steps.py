# SPDX-License-Identifier: Apache-2.0
"""The walk of docs/first-steps.md: from nothing to a load balancer, with a
user of one's own, over TLS."""

import os
import subprocess
import tempfile

from lib import daemons, docs, harness, wait

PAGE = 'docs/first-steps.md'
PROGRAMS = ('openssl', 'chmod', 'export', 'openstack', 'ovn-octavia-ctl')
# Beside the API that asks nobody, in this file's sandbox.
HERE = '127.0.0.1'


class FirstSteps(harness.SystemTest):

    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory(prefix='oo-', dir='/tmp')
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.port = daemons.free_port()

    def here(self, text):
        """What the page says, in this sandbox."""
        for old, new in (('/etc/ovn-octavia', self.directory),
                         ('192.0.2.1:9876', f'{HERE}:{self.port}'),
                         ('192.0.2.1', HERE),
                         ('user add', 'user --users-file='
                          f'{self.directory}/users add')):
            text = text.replace(old, new)
        return text

    def commands(self, section):
        return '\n'.join(self.here(command.text) for command
                         in docs.commands(PAGE, section)
                         if command.program in PROGRAMS)

    def run_section(self, *sections):
        done = subprocess.run(
            ['bash', '-ec', '\n'.join(map(self.commands, sections))],
            cwd=self.directory,
            env={**{key: value for key, value in os.environ.items()
                    if not key.startswith('OS_')},
                 'PYTHONWARNINGS': 'ignore', 'no_proxy': HERE,
                 'PATH': os.path.join(daemons.build_directory(), 'src') + ':'
                         + os.environ['PATH']},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=200 * wait.SLOWNESS)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def settings(self):
        """The file that the page shows."""
        path = os.path.join(self.directory, 'api.conf')
        text = '\n'.join(line.strip() for _, section, line, is_code
                         in docs.lines(PAGE)
                         if is_code and section == 'The API'
                         and not line.strip().startswith('systemctl'))
        with open(path, 'w', encoding='utf-8') as file:
            file.write(self.here(text)
                       + f'\nusers_file = {self.directory}/users\n')
        return path

    def start(self):
        world = self.world
        api = daemons.Api(world.rundir, world.octavia.remote,
                          world.ovn.nb.remote, self.port, name='api-first')
        api.process.argv = [argument for argument in api.process.argv
                            if not argument.startswith('--listen=')]
        api.process.argv.append(f'--config={self.settings()}')
        api.start()
        self.addCleanup(api.stop)

        return api.wait_data()

    def test_walk(self):
        """the commands of first-steps.md lead to a load balancer"""
        with open(os.path.join(self.directory, 'alice.txt'), 'w',
                  encoding='utf-8') as file:
            file.write('a long secret\n')
        self.run_section('A certificate', 'A user')
        api = self.start()
        said = self.run_section('The first load balancer')
        self.assertIn('ACTIVE', said)
        lb, = self.api.get('/loadbalancers')
        self.assertEqual(lb['name'], 'first')
        self.assertIn('secret: ', self.run_section('A program'))
        self.assertEqual(api.complaints(harness.ALLOWED), [])
