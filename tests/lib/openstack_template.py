# SPDX-License-Identifier: Apache-2.0
"""The databases of a stack that nobody has used yet.

To make their tables takes the services most of a minute, so it is done once:
the result stays in the working tree, for this version of the packages, and
each stack starts with a copy.
"""

import concurrent.futures
import fcntl
import hashlib
import os
import shutil

from . import cloud, daemons, mariadb, openstack_conf, proc

DIRECTORY = os.path.join(daemons.REPO, '.sandbox-template')
PACKAGES = ('keystone', 'neutron-common', 'octavia-common', 'mariadb-server')
# Of a stack's run directory.
PARTS = ('mysql', 'fernet-keys', 'credential-keys')


def copy(stack):
    """Puts the databases into the run directory of a stack; makes them, if
    that was not done yet."""
    os.makedirs(DIRECTORY, exist_ok=True)
    source = os.path.join(DIRECTORY, _key())
    with open(os.path.join(DIRECTORY, 'lock'), 'w', encoding='ascii') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(source):
            _remove_old()
            _make(stack, source)
    for part in PARTS:
        proc.run(['cp', '--archive', '--reflink=auto', '--sparse=always',
                  os.path.join(source, part), stack.path(part)])


def _key():
    """Stands for everything that the databases depend on."""
    versions = proc.run(['dpkg-query', '--show', *PACKAGES])
    digest = hashlib.sha256(versions.encode())
    for module in (cloud, mariadb, openstack_conf):
        with open(module.__file__, 'rb') as file:
            digest.update(file.read())
    with open(__file__, 'rb') as file:
        digest.update(file.read())
    return digest.hexdigest()[:16]


def _remove_old():
    for name in os.listdir(DIRECTORY):
        if name != 'lock':
            shutil.rmtree(os.path.join(DIRECTORY, name))


def _make(stack, target):
    """Has the databases made in the stack's run directory, which is empty,
    and moves them away."""
    for service in ('keystone', 'neutron', 'octavia'):
        openstack_conf.write(stack.path(f'{service}.conf'),
                             getattr(openstack_conf, service)(stack))
    stack.mariadb.create().start().wait_ready().create_databases()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        jobs = [pool.submit(job, stack)
                for job in (_make_neutron, _make_keystone, _make_octavia)]
        for job in jobs:
            job.result()
    stack.keystone.start()
    stack.wait_ready('keystone')
    cloud.Identity(stack).make()
    stack.keystone.stop()
    # Its files are complete only after a proper end.
    assert stack.mariadb.process.stop(deadline=60)
    os.makedirs(target + '.new')
    for part in PARTS:
        shutil.move(stack.path(part), os.path.join(target + '.new', part))
    os.rename(target + '.new', target)


def _run(stack, program, service, *args):
    proc.run([program, '--config-file', stack.path(f'{service}.conf'), *args],
             env=stack.keystone.env, deadline=300)


def _make_keystone(stack):
    for keys in ('fernet', 'credential'):
        os.mkdir(stack.path(f'{keys}-keys'), mode=0o700)
        _run(stack, 'keystone-manage', 'keystone', f'{keys}_setup',
             '--keystone-user', 'root', '--keystone-group', 'root')
    _run(stack, 'keystone-manage', 'keystone', 'db_sync')
    _run(stack, 'keystone-manage', 'keystone', 'bootstrap',
         '--bootstrap-password', mariadb.PASSWORD,
         '--bootstrap-region-id', openstack_conf.REGION)


def _make_neutron(stack):
    _run(stack, 'neutron-db-manage', 'neutron', 'upgrade', 'head')


def _make_octavia(stack):
    _run(stack, 'octavia-db-manage', 'octavia', 'upgrade', 'head')
