# SPDX-License-Identifier: Apache-2.0
"""The DevStack plugin: every phase is run as DevStack runs it, with stubs of
DevStack's functions (lib/devstack_stubs.sh), and the processes that it starts
are real.
"""

import configparser
import getpass
import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

from lib import daemons, ovsdb, wait

DEVSTACK = os.path.join(daemons.REPO, 'devstack')
STUBS = os.path.join(daemons.REPO, 'tests', 'lib', 'devstack_stubs.sh')
PHASES = ('stack pre-install', 'stack install', 'stack post-config',
          'stack extra', 'stack test-config', 'unstack', 'clean')

# What DevStack does around a plugin: sources settings once, and plugin.sh for
# each phase, all under errexit.
RUNNER = '''
set -o errexit
source "$STUBS"
source "$DEVSTACK/settings"
before=$-
source "$DEVSTACK/plugin.sh" $1 $2
[[ $- == "$before" ]]
'''

# As Octavia's own plugin leaves it, in parts.
OCTAVIA_CONF = '''
[api_settings]
api_handler = queue_producer

[service_auth]
auth_url = http://127.0.0.1:1/identity
auth_type = password
username = admin
password = secret
user_domain_name = Default
project_name = admin
project_domain_name = Default
'''


class Stack:
    """A DevStack of one directory."""

    def __init__(self, directory, **settings):
        self.directory = directory
        self.conf = os.path.join(directory, 'octavia.conf')
        self.calls_file = os.path.join(directory, 'calls')
        self.settings = {
            'STUBS': STUBS, 'DEVSTACK': DEVSTACK, 'CALLS': self.calls_file,
            'PIDS': directory, 'DEST': directory, 'DATA_DIR': directory,
            'STACK_USER': getpass.getuser(), 'SERVICE_HOST': '192.0.2.1',
            'ENABLED_SERVICES': 'mysql,q-svc,octavia,o-api,o-da,tempest',
            'DISABLED_SERVICES': '', 'Q_AGENT': 'ovn',
            'DEVSTACK_PLUGINS': 'neutron,octavia,ovn-octavia',
            'GLOBAL_VENV': 'True',
            'DEVSTACK_VENV': os.path.join(directory, 'venv'),
            'OCTAVIA_CONF': self.conf,
            'TEMPEST_CONFIG': os.path.join(directory, 'tempest.conf'),
            'OVN_OCTAVIA_DIR': os.path.join(directory, 'tree'),
            'OVN_OCTAVIA_PREFIX': os.path.join(directory, 'usr'),
            'OVN_OCTAVIA_RUN_DIR': os.path.join(directory, 'run'),
            **settings}
        self.make_tree()

    def make_tree(self):
        """A checkout that is built by nothing, and what it installs."""
        tools = os.path.join(self.settings['OVN_OCTAVIA_DIR'], 'tools')
        share = os.path.join(self.settings['OVN_OCTAVIA_PREFIX'], 'share')
        os.makedirs(tools)
        with open(os.path.join(tools, 'openvswitch-unpack'), 'w',
                  encoding='utf-8', opener=lambda path, flags:
                  os.open(path, flags, 0o755)) as file:
            file.write('#!/bin/sh\necho openvswitch-unpack >> "$CALLS"\n')
        os.makedirs(os.path.join(share, 'ovn-octavia'))
        os.symlink(os.path.realpath(ovsdb.OCTAVIA_SCHEMA), os.path.join(
            share, 'ovn-octavia', 'ovn-octavia.ovsschema'))
        os.symlink(os.path.join(daemons.build_directory(), 'src'),
                   os.path.join(self.settings['OVN_OCTAVIA_PREFIX'], 'sbin'))
        with open(self.conf, 'w', encoding='utf-8') as file:
            file.write(OCTAVIA_CONF)

    def shell(self, script, *arguments):
        return subprocess.run(
            ['bash', '-c', script, 'stack.sh', *arguments],
            env={'PATH': os.environ['PATH'], 'HOME': self.directory,
                 **self.settings},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=60 * wait.SLOWNESS)

    def phase(self, name):
        """Runs one, which must succeed; returns the calls it made."""
        done = self.run(name)
        assert done.returncode == 0, f'{name}: {done.stdout}'
        return self.calls()

    def run(self, name):
        open(self.calls_file, 'w', encoding='utf-8').close()
        return self.shell(RUNNER, *name.split())

    def calls(self):
        with open(self.calls_file, encoding='utf-8') as file:
            return [line.rstrip('\n').replace(self.directory, 'D')
                    for line in file]

    def octavia(self):
        """octavia.conf, as a dict of dicts."""
        return self.ini(self.conf)

    def ini(self, path):
        file = configparser.ConfigParser(interpolation=None)
        file.read(path)
        return {section: {key: value.replace(self.directory, 'D')
                          for key, value in file[section].items()}
                for section in file.sections()}

    def end(self):
        """Ends processes that a failed test has left."""
        for name in os.listdir(self.directory):
            if name.endswith('.pid'):
                with open(os.path.join(self.directory, name),
                          encoding='utf-8') as file:
                    try:
                        os.kill(int(file.read()), signal.SIGKILL)
                    except ProcessLookupError:
                        pass


class TestDevStack(unittest.TestCase):

    def stack(self, **settings):
        directory = tempfile.mkdtemp(prefix='oo-ds-', dir='/tmp')
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        stack = Stack(directory, **settings)
        self.addCleanup(stack.end)
        return stack

    def servers(self, stack):
        """OVN's databases; where DevStack says that they are."""
        for name, schema in (('nb', ovsdb.NB_SCHEMA), ('sb', ovsdb.SB_SCHEMA)):
            server = ovsdb.Server(name, schema, stack.directory)
            server.start()
            self.addCleanup(server.stop)
            stack.settings[f'OVN_{name.upper()}_REMOTE'] = server.remote

    def appctl(self, path, *command):
        return subprocess.run(['ovs-appctl', '-t', path, *command],
                              stdout=subprocess.PIPE, text=True, check=True,
                              timeout=10 * wait.SLOWNESS).stdout

    def test_scripts(self):
        """shellcheck finds nothing in the plugin and its settings"""
        if not shutil.which('shellcheck'):
            self.skipTest('shellcheck is not installed')
        done = subprocess.run(
            ['shellcheck', 'devstack/plugin.sh', 'devstack/settings',
             'tests/lib/devstack_stubs.sh'], cwd=daemons.REPO,
            stdout=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.stdout, '')

    def test_names(self):
        """all functions and variables of the plugin carry its name, since
        DevStack and all plugins share one shell"""
        stack = self.stack()
        done = stack.shell('source "$STUBS"; source "$DEVSTACK/settings"; '
                           'declare -F > "$PIDS/before"; '
                           'source "$DEVSTACK/plugin.sh" nothing; '
                           'declare -F | diff "$PIDS/before" -')
        names = re.findall(r'^> declare -f (\S+)$', done.stdout, re.M)
        self.assertGreater(len(names), 5)
        self.assertEqual([name for name in names
                          if not name.startswith('ovn_octavia_')], [])

    def test_own_tree(self):
        """settings find the checkout that they are in, and keep what
        local.conf sets"""
        stack = self.stack()
        del stack.settings['OVN_OCTAVIA_DIR']
        done = stack.shell('source "$STUBS"; source "$DEVSTACK/settings"; '
                           'echo "$OVN_OCTAVIA_DIR $OVN_OCTAVIA_PREFIX"')
        self.assertEqual(done.stdout.split(), [
            daemons.REPO, stack.settings['OVN_OCTAVIA_PREFIX']])

    def test_phases(self):
        """the phases build and install, configure Octavia, run the database
        and the driver, and take all of it away"""
        stack = self.stack()
        self.servers(stack)
        nb = stack.settings['OVN_NB_REMOTE'].replace(stack.directory, 'D')
        sb = stack.settings['OVN_SB_REMOTE'].replace(stack.directory, 'D')

        self.assertEqual(stack.phase('stack pre-install'), [])

        build = 'D/tree/build-devstack'
        self.assertEqual(stack.phase('stack install'), [
            'echo_summary Building ovn-octavia',
            'pip_uninstall ovn-octavia-provider',
            'sudo D/tree/tools/install-deps --build',
            'openvswitch-unpack',
            'meson setup --prefix=D/usr -Dtests=disabled '
            '-Dovn_schema_dir=/usr/share/ovn -Dpython.install_env=auto '
            f'-Doctavia_python=D/venv/bin/python3 {build} D/tree',
            f'ninja -C {build}',
            f'sudo ninja -C {build} install'])

        calls = stack.phase('stack post-config')
        user = stack.settings['STACK_USER']
        self.assertEqual(
            [call for call in calls if not call.startswith('iniset ')], [
                'echo_summary Configuring ovn-octavia',
                'sudo mkdir -p -m 750 D/ovn-octavia',
                f'sudo chown {user} D/ovn-octavia',
                'sudo mkdir -p -m 750 D/run',
                f'sudo chown {user} D/run',
                f'run_process ovn-octavia-db {shutil.which("ovsdb-server")} '
                '--remote=punix:D/run/octavia_db.sock '
                '--unixctl=D/run/octavia_db.ctl -vconsole:info -vsyslog:off '
                'D/ovn-octavia/octavia.db'])
        self.assertEqual(stack.octavia(), {
            'api_settings': {
                'api_handler': 'queue_producer',
                'enabled_provider_drivers':
                    'amphora:The Octavia Amphora driver.,'
                    'octavia:Deprecated alias of the Octavia Amphora driver.,'
                    'ovn:OVN load balancing.'},
            'driver_agent': {'enabled_provider_agents': 'ovn'},
            'ovn': {'ovn_nb_connection': nb, 'ovn_sb_connection': sb},
            'ovn_octavia': {'db': 'unix:D/run/octavia_db.sock',
                            'agent_program': 'D/usr/sbin/ovn-octavia-agent'},
            'service_auth': stack.octavia()['service_auth']})

        calls = stack.phase('stack extra')
        self.assertEqual(calls[:2], [
            'echo_summary Starting ovn-octavia',
            'run_process ovn-octavia-driver D/usr/sbin/ovn-octavia-driver '
            '--db=unix:D/run/octavia_db.sock --octavia-conf=D/octavia.conf '
            '--unixctl=D/run/ovn-octavia-driver.ctl '
            '-vconsole:info -vsyslog:off   OVN_OCTAVIA_RUNDIR=D/run'])
        self.assertEqual(len(calls), 3)
        self.assertIn('active: yes', re.sub(' +', ' ', self.appctl(
            os.path.join(stack.directory, 'run', 'ovn-octavia-driver.ctl'),
            'driver/status')))
        self.check_agent(stack)

        stack.phase('stack test-config')
        self.assertEqual(stack.ini(stack.settings['TEMPEST_CONFIG']), {
            'service_available': {'octavia': 'True'},
            'load_balancer': {
                'provider': 'ovn',
                'enabled_provider_drivers': 'ovn:OVN load balancing.'}})

        self.assertEqual(stack.phase('unstack'), [
            'stop_process ovn-octavia-driver', 'stop_process ovn-octavia-db'])
        self.assertEqual(stack.phase('clean'), [
            f'sudo ninja -C {build} uninstall',
            f'sudo rm -rf {build} D/ovn-octavia D/run'])
        self.assertEqual([name for name in ('ovn-octavia', 'run')
                          if os.path.exists(os.path.join(stack.directory,
                                                         name))], [])

    def check_agent(self, stack):
        """Starts the agent as octavia-driver-agent does, with octavia.conf as
        it is now: it finds the database."""
        socket = os.path.join(stack.directory, 'agent.sock')
        program = stack.octavia()['ovn_octavia']['agent_program']
        with subprocess.Popen(
                [program.replace('D', stack.directory, 1),
                 f'--socket={socket}', f'--unixctl={socket}.ctl',
                 f'--octavia-conf={stack.conf}', '-vconsole:off',
                 '-vsyslog:off'], env={
                     **os.environ, 'OVS_RUNDIR': stack.directory,
                     'OVN_OCTAVIA_RUNDIR': stack.directory}) as agent:
            try:
                def has_database():
                    assert agent.poll() is None
                    return (os.path.exists(socket + '.ctl')
                            and 'ready: true' in self.appctl(
                                socket + '.ctl', 'agent/status'))
                wait.until(has_database, 'the agent has its database')
            finally:
                agent.kill()

    def test_again(self):
        """stack.sh after unstack.sh keeps the database and the build"""
        stack = self.stack()
        self.servers(stack)
        for name in PHASES[:4]:
            stack.phase(name)
        stack.phase('unstack')
        path = os.path.join(stack.directory, 'ovn-octavia', 'octavia.db')
        before = os.stat(path).st_ino
        calls = stack.phase('stack install')
        self.assertEqual([call for call in calls if 'meson' in call], [])
        stack.phase('stack post-config')
        self.assertEqual(os.stat(path).st_ino, before)
        stack.phase('unstack')

    def test_tls(self):
        """with tls-proxy OVN is reached by TLS, with DevStack's certificate"""
        stack = self.stack(INT_CA_DIR='/ca', DEVSTACK_CERT_NAME='cert',
                           DISABLED_SERVICES='ovn-octavia-db')
        stack.settings['ENABLED_SERVICES'] += ',tls-proxy'
        stack.phase('stack post-config')
        self.assertEqual(stack.octavia()['ovn'], {
            'ovn_nb_connection': 'ssl:192.0.2.1:6641',
            'ovn_sb_connection': 'ssl:192.0.2.1:6642',
            **{f'ovn_{db}_{key}': value for db in ('nb', 'sb')
               for key, value in (
                   ('ca_cert', '/ca/ca-chain.pem'),
                   ('certificate', '/ca/cert.crt'),
                   ('private_key', '/ca/private/cert.key'))}})

    def test_other_agents(self):
        """providers and provider agents that are configured already stay"""
        stack = self.stack(DISABLED_SERVICES='ovn-octavia-db',
                           OCTAVIA_PROVIDER_DRIVERS='amphora:Own, f5:Other')
        with open(stack.conf, 'a', encoding='utf-8') as file:
            file.write('[driver_agent]\nenabled_provider_agents = f5\n')
        stack.phase('stack post-config')
        stack.phase('stack post-config')
        octavia = stack.octavia()
        self.assertEqual(octavia['driver_agent']['enabled_provider_agents'],
                         'f5,ovn')
        self.assertEqual(octavia['api_settings']['enabled_provider_drivers'],
                         'amphora:Own, f5:Other,ovn:OVN load balancing.')

    def test_refused(self):
        """what could not work ends DevStack at its first phase, with the
        reason"""
        for settings, reason in (
                ({'DEVSTACK_PLUGINS': 'octavia,ovn-octavia-provider'},
                 'enable one of them'),
                ({'Q_AGENT': 'openvswitch'}, 'set Q_AGENT=ovn')):
            stack = self.stack(**settings)
            done = stack.run('stack pre-install')
            self.assertEqual(done.returncode, 1)
            self.assertIn(reason, done.stdout)

    def test_elsewhere(self):
        """a node without Octavia is not touched by any phase"""
        stack = self.stack(ENABLED_SERVICES='n-cpu,ovn-controller')
        for name in PHASES:
            self.assertEqual(stack.phase(name), [], name)
