# SPDX-License-Identifier: Apache-2.0
"""install.md, from the point where the programs are built: its commands are
run as they stand there, with the directories of this test.
"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

from lib import client, daemons, docs, ovsdb, proc, wait

PAGE = 'docs/install.md'


class Machine:
    """A place for the commands of the page.

    rundir  for all files
    port    of the API
    """

    def __init__(self, test):
        self.rundir = tempfile.mkdtemp(prefix='oo-', dir='/tmp')
        test.addCleanup(shutil.rmtree, self.rundir)
        # Daemons that detach are found by their environment.
        test.addCleanup(proc.stop_recorded, self.rundir)
        self.port = daemons.free_port()

    def configure_db(self, *lines):
        with open(os.path.join(self.rundir, 'db.conf'), 'w',
                  encoding='ascii') as file:
            file.write('\n'.join(['[db]', *lines, 'database = '
                                  f'{self.rundir}/octavia.db\n']))

    def environment(self):
        return proc.merged({
            proc.MARK: self.rundir, 'OVN_RUNDIR': self.rundir,
            'OVN_OCTAVIA_RUNDIR': self.rundir,
            'OVN_OCTAVIA_LOGDIR': self.rundir,
            'OVN_OCTAVIA_SCHEMA': os.path.realpath(ovsdb.OCTAVIA_SCHEMA),
            **{name: None for name in ('OVN_NB_DB', 'OVN_SB_DB',
                                       'OVN_OCTAVIA_DB', 'OVN_NB_DAEMON')},
            **client.cli_environment(self.port),
            'PATH': ':'.join((os.path.join(daemons.build_directory(), 'src'),
                              os.path.join(daemons.REPO, 'db'),
                              os.environ['PATH']))})

    def here(self, text):
        """A command of the page, with this test's places."""
        for there, here in (('/run/ovn-octavia', self.rundir),
                            ('/var/lib/ovn-octavia', self.rundir),
                            ('conf/db.conf', f'{self.rundir}/db.conf'),
                            ('/etc/ovn-octavia/driver.conf',
                             f'{daemons.REPO}/conf/driver.conf'),
                            (':9876', f':{self.port}')):
            text = text.replace(there, here)
        return text

    def run_command(self, text):
        """Runs it in a shell, and returns what it printed."""
        # A daemon that detaches keeps what it inherits: no pipe.
        with tempfile.TemporaryFile('w+') as printed:
            done = subprocess.run(
                ['bash', '-ec', self.here(text)], env=self.environment(),
                stdin=subprocess.DEVNULL, stdout=printed, check=False,
                stderr=subprocess.STDOUT, cwd=daemons.REPO,
                timeout=60 * wait.SLOWNESS)
            printed.seek(0)
            text = f'{text}\n{printed.read()}'
        assert done.returncode == 0, text
        return text


class Install(unittest.TestCase):

    def setUp(self):
        self.machine = Machine(self)
        self.rundir = self.machine.rundir
        self.run_command = self.machine.run_command
        self.central = [
            ovsdb.Server(name, schema, self.rundir, clustered=False,
                         socket=f'ovn{name}_db.sock').start()
            for name, schema in (('nb', ovsdb.NB_SCHEMA),
                                 ('sb', ovsdb.SB_SCHEMA))]
        self.run_command('ovn-nbctl init -- ls-add SWITCH -- set '
                         'Logical_Switch SWITCH '
                         'other_config:subnet=10.1.0.0/24')
        self.machine.configure_db(
            f'local = tcp:127.0.0.1:{daemons.free_port()}')

    def test_by_hand(self):
        """the daemons of install.md start without units and serve its client
        """
        commands = [command.text for command
                    in docs.commands(PAGE, 'From source')]
        begin = next(n for n, text in enumerate(commands)
                     if text.startswith('mkdir'))
        self.assertEqual(len(commands[begin:]), 5)
        for text in commands[begin:]:
            self.run_command(text)
        wait.until(lambda: 'network ready: true' in self.run_command(
            'OVS_RUNDIR=/run/ovn-octavia ovs-appctl -t ovn-octavia-api '
            'api/status'), 'the API knows the networks')
        # What the text around the blocks says.
        told = re.findall(r'`(OVS_RUNDIR=[^`]*)`',
                          docs.read(PAGE).replace('\n', ' '))
        self.assertEqual(len(told), 1)
        for text in (*told, 'ovn-octavia-ctl resync',
                     'ovn-octavia-db --config=conf/db.conf status',
                     'ovn-octavia-db --config=conf/db.conf convert',
                     'ovn-octavia-driver --config=/etc/ovn-octavia/driver.conf'
                     ' --check-config'):
            self.run_command(text)
        clients = [command.text for command
                   in docs.commands(PAGE, 'Point a client at it')]
        self.assertIn('SWITCH', self.run_command('\n'.join(clients[:2])))
        self.assertIn('ACTIVE', self.run_command(
            f'{clients[0]}\n{clients[2]} -f json'))


class Servers(unittest.TestCase):

    def test_three(self):
        """three servers with the settings of install.md are one cluster"""
        told = [command.text for command in docs.commands(
            PAGE, 'More than one server of the database')]
        local, join, listen = told[1:4]
        self.assertEqual(told[0], '[db]')
        machines = [Machine(self) for _ in range(3)]
        own = [daemons.free_port() for _ in machines]
        # Their ports are different, since their addresses are not; for one
        # that joins others, 127.0.0.1 is refused.
        places = [{'192.0.2.1:6651': f'[::1]:{own[0]}',
                   '192.0.2.2:6651': f'[::1]:{own[n]}',
                   '6650:192.0.2.2': f'{machine.port}:127.0.0.1'}
                  for n, machine in enumerate(machines)]
        for n, machine in enumerate(machines):
            lines = [local, listen] if n == 0 else [local, join, listen]
            for there, here in places[n].items():
                lines = [line.replace(there, here) for line in lines]
            machine.configure_db(*lines)
            for word in ('--check-config', 'create', 'run'):
                machine.run_command(
                    f'ovn-octavia-db --config=conf/db.conf {word}')

        def joined(machine):
            text = machine.run_command(
                'ovn-octavia-db --config=conf/db.conf status')
            return ('Status: cluster member' in text
                    and all(f':{port}' in text for port in own))
        for machine in machines:
            wait.until(lambda machine=machine: joined(machine),
                       'all servers know each other')
        machines[2].run_command('ovn-octavia-ctl --db=' + ','.join(
            f'tcp:127.0.0.1:{machine.port}' for machine in machines)
            + ' show')
