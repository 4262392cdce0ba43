# SPDX-License-Identifier: Apache-2.0
"""What Kubernetes' cloud provider and Terraform's do, over the library of
both."""

import os
import shutil
import tempfile
import unittest

from lib import harness, localusers, login, proc

HERE = os.path.dirname(os.path.realpath(__file__))
LIBRARY = '/usr/share/gocode/src/github.com/gophercloud/gophercloud'


@unittest.skipUnless(shutil.which('go') and os.path.isdir(LIBRARY),
                     'needs Go and gophercloud, which "./check full" has')
class Gophercloud(harness.SystemTest):

    def tell(self, name, *arguments, is_local=False):
        """Builds a program and runs it, which must say that it is done."""
        directory = tempfile.mkdtemp(prefix='oo-go-', dir='/tmp')
        self.addCleanup(shutil.rmtree, directory)
        program = os.path.join(directory, name)
        proc.run(['go', 'build', '-o', program,
                  os.path.join(HERE, name + '.go')],
                 env={'GO111MODULE': 'off', 'GOPATH': '/usr/share/gocode',
                      'GOCACHE': os.path.join(directory, 'cache'),
                      'GOFLAGS': None}, deadline=200)
        entrance = (localusers.Entrance(self.world, directory) if is_local
                    else login.Login(f'http://127.0.0.1:{self.world.port}/'))
        self.addCleanup(entrance.stop)
        subnet = self.world.cli().json('subnet', 'show', 'n1')['id']
        # gophercloud takes the name of a project only with this one.
        domain = {'OS_DOMAIN_NAME': 'Default'} if is_local else {}
        told = proc.run([program, subnet, *arguments],
                        env={**self.world.environment(),
                             **entrance.environment, **domain}, deadline=240)
        self.assertEqual(told.splitlines()[-1], 'done', told)

    def test_kubernetes(self):
        """Kubernetes' cloud provider makes, changes and deletes its tree"""
        self.tell('occm', '10.1.0.11', '10.1.0.21')

    def test_terraform(self):
        """Terraform's provider applies and destroys ten branches at once"""
        self.tell('terraform')

    def test_kubernetes_by_itself(self):
        """Kubernetes' provider logs in at the API itself, and does the same"""
        self.tell('occm', '10.1.0.11', '10.1.0.21', is_local=True)

    def test_terraform_by_itself(self):
        """so does Terraform's"""
        self.tell('terraform', is_local=True)
