#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the daemons say of their options."""

import os
import re
import stat
import subprocess
import tempfile
import unittest

from lib import daemons, proc, wait

PROGRAMS = ('ovn-octavia-api', 'ovn-octavia-driver', 'ovn-octavia-agent')


# What is told with a good and with a bad setting: section, key, bad value,
# what is said of it.
WRONG = {
    'ovn-octavia-api': (
        ('ovn-octavia', 'db', '/run/x.sock', 'must be unix:FILE'),
        ('api', 'listen', 'lb.example.org:80', 'an address'),
        ('api', 'base_url', 'example', 'must be http or https'),
        ('api', 'round_robin', 'yes', 'must be "refuse" or "hash"'),
        ('api', 'auth', 'basic', 'must be "none", "keystone" or "local"'),
        ('api', 'default_provider', 'amphora', 'there is only "ovn"'),
        ('quotas', 'default_pool_quota', 'many', 'must be a number')),
    'ovn-octavia-driver': (
        ('ovn-octavia', 'nb_db', 'here', 'must be unix:FILE'),
        ('driver', 'association', 'both', 'must be "direct" or "group"'),
        ('driver', 'active_when', 'soon', 'committed, northd or chassis'),
        ('driver', 'pending_timeout', '0', 'must be from 1 to'),
        ('driver', 'octavia_conf', '/no/where', '/no/where: cannot be read')),
    'ovn-octavia-agent': (
        ('agent', 'socket_group', 'no-such-group', 'no such group'),
        ('agent', 'socket_mode', '0440', 'must be an octal number'),
        ('agent', 'parent', 'init', 'must be a process id'),
        ('agent', 'unsupported_options', 'no', '"accept" or "refuse"')),
}


def run(program, *args, env=None):
    path = os.path.join(daemons.build_directory(), 'src', program)
    return subprocess.run([path, *args], capture_output=True, text=True,
                          timeout=30 * wait.SLOWNESS, check=False,
                          env=proc.merged(env))


def settings(text, comment=''):
    """The settings in the text of a file, as {(section, key): value}; those
    in comments if 'comment' is '#'."""
    found, section = {}, None
    for line in text.splitlines():
        head = re.fullmatch(r'\[(.*)\]', line)
        setting = re.fullmatch(comment + r'(\w+) =(?: (.*))?', line)
        if head:
            section = head.group(1)
        elif setting:
            assert (section, setting.group(1)) not in found, line
            found[section, setting.group(1)] = setting.group(2) or ''
    return found


def sample(program):
    name = program.rsplit('-', 1)[1] + '.conf'
    return os.path.join(daemons.REPO, 'conf', name)


class CommandLines(unittest.TestCase):

    def test_help(self):
        """--help names what a daemon can do, and nothing that it cannot"""
        for program in PROGRAMS:
            with self.subTest(program):
                done = run(program, '--help')
                self.assertEqual((done.returncode, done.stderr), (0, ''))
                for option in ('--detach', '--pidfile', '--monitor',
                               '--log-file', '--unixctl', '--config',
                               '--check-config', '--print-config'):
                    self.assertIn(option, done.stdout)
                self.assertNotRegex(done.stdout, r'--user\b')

    def test_user(self):
        """an option that is not offered is refused, and nothing aborts"""
        for program in PROGRAMS:
            with self.subTest(program):
                done = run(program, '--user=nobody')
                self.assertEqual(done.returncode, 1)
                self.assertIn('unrecognized option', done.stderr)
                self.assertIn('systemd', done.stderr)


class Files(unittest.TestCase):
    """Configuration files."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='oo-files-')
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.path = os.path.join(self.directory, 'some.conf')

    def write(self, text):
        with open(self.path, 'w', encoding='utf-8') as file:
            file.write(text)

    def check(self, program, *args, env=None):
        return run(program, f'--config={self.path}', '--check-config', *args,
                   env=env)

    def test_all_at_once(self):
        """every wrong setting is told in one run, with its line and with what
        is allowed, and a start says the same"""
        for program, rows in WRONG.items():
            with self.subTest(program):
                lines = [f'[{section}]\n{key} = {value}\n'
                         for section, key, value, _ in rows]
                self.write(''.join(lines) + 'what\nno_such_key = 1\n')
                done = self.check(program)
                self.assertEqual((done.returncode, done.stdout), (1, ''))
                said = done.stderr.splitlines()
                for i, (section, key, value, words) in enumerate(rows):
                    head = f'{self.path}:{2 * i + 2}: [{section}] {key} = '
                    told = [line for line in said
                            if line.startswith(head + value + ': ')]
                    self.assertEqual(len(told), 1, (head, said))
                    self.assertIn(words, told[0])
                number = 2 * len(rows) + 1
                self.assertIn(f'{self.path}:{number}: not KEY = VALUE', said)
                self.assertIn(f'{self.path}:{number + 1}: '
                              f'[{rows[-1][0]}] no_such_key is not an option',
                              done.stderr)
                self.assertEqual(len(said), len(rows) + 2, said)
                started = run(program, f'--config={self.path}')
                self.assertEqual(started.returncode, 1)
                self.assertEqual(started.stderr.splitlines(),
                                 [f'{program}: {line}' for line in said])

    def test_command_line(self):
        """what the command line has wrong is told by the option's name"""
        self.write('[api]\nlisten = nowhere\n')
        done = self.check('ovn-octavia-api', '--listen=127.0.0.1')
        self.assertEqual((done.returncode, done.stderr),
                         (1, '--listen: [api] listen = 127.0.0.1: '
                             'must be HOST:PORT, https://HOST:PORT or '
                             'unix:PATH\n'))

    def test_octavia_conf(self):
        """what octavia.conf has wrong is told with its file, line and
        section"""
        octavia = os.path.join(self.directory, 'octavia.conf')
        with open(octavia, 'w', encoding='utf-8') as file:
            file.write('[DEFAULT]\n[ovn_octavia]\ndb = nowhere\n'
                       'agent_socket_mode = rw\n')
        self.write(f'[agent]\noctavia_conf = {octavia}\n')
        done = self.check('ovn-octavia-agent')
        self.assertEqual(done.returncode, 1)
        self.assertIn(f'{octavia}:3: [ovn_octavia] db = nowhere: must be',
                      done.stderr)
        self.assertIn(f'{octavia}:4: [ovn_octavia] agent_socket_mode = rw: ',
                      done.stderr)

    def test_good(self):
        """a good file is called good, and nothing is made or opened"""
        for program in PROGRAMS:
            with self.subTest(program):
                self.write('')
                log = os.path.join(self.directory, 'log')
                rundir = os.path.join(self.directory, 'run')
                done = self.check(program, f'--log-file={log}', '--pidfile',
                                  '--detach',
                                  env={'OVN_OCTAVIA_RUNDIR': rundir})
                self.assertEqual(
                    (done.returncode, done.stdout, done.stderr),
                    (0, f'{self.path}: good\n', ''))
                self.assertEqual(os.listdir(self.directory), ['some.conf'])

    def test_samples(self):
        """conf/ has every option with its default, and no other"""
        for program in PROGRAMS:
            with self.subTest(program):
                with open(sample(program), encoding='utf-8') as file:
                    text = file.read()
                self.assertEqual(settings(text), {})
                done = run(program, '--print-config', env={
                    'OVN_OCTAVIA_RUNDIR': None, 'OVN_RUNDIR': None,
                    'OVN_OCTAVIA_DB': None})
                self.assertEqual((done.returncode, done.stderr), (0, ''))
                self.assertEqual(settings(text, '#'), settings(done.stdout))
                # The defaults are good values, too.
                self.write(re.sub(r'(?m)^#(?=\w+ =)', '', text))
                done = self.check(program, env={'OVN_OCTAVIA_RUNDIR': None})
                self.assertEqual((done.returncode, done.stderr), (0, ''))

    def test_print(self):
        """--print-config shows what is in force, and no secret"""
        self.write('[api]\nlisten = 127.0.0.1:1\n'
                   '[keystone_authtoken]\npassword = hush\n')
        done = run('ovn-octavia-api', f'--config={self.path}',
                   '--print-config', '--listen=127.0.0.1:2')
        shown = settings(done.stdout)
        self.assertEqual(shown['api', 'listen'], '127.0.0.1:2')
        self.assertEqual(shown['keystone_authtoken', 'password'], '***')
        self.assertNotIn('hush', done.stdout)


class Places(unittest.TestCase):
    """The directories of the daemons."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='oo-places-')
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def start(self, program, *args, **env):
        """Starts a daemon that has no databases."""
        process = proc.Process('daemon', [
            os.path.join(daemons.build_directory(), 'src', program),
            *args], self.directory, env={'OVS_RUNDIR': '/nowhere', **env})
        self.addCleanup(process.kill)
        return process.start()

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def test_defaults(self):
        """databases are where Debian's OVN and we have them by default"""
        for program, key, default in (
                ('ovn-octavia-api', ('ovn-octavia', 'db'),
                 'unix:/run/ovn-octavia/octavia_db.sock'),
                ('ovn-octavia-api', ('ovn-octavia', 'nb_db'),
                 'unix:/run/ovn/ovnnb_db.sock'),
                ('ovn-octavia-driver', ('driver', 'sb_db'),
                 'unix:/run/ovn/ovnsb_db.sock')):
            for moved in (False, True):
                with self.subTest(key, moved=moved):
                    done = run(program, '--print-config', env={
                        'OVN_OCTAVIA_RUNDIR': '/other' if moved else None,
                        'OVN_RUNDIR': '/another' if moved else None,
                        'OVS_RUNDIR': '/nowhere'})
                    wanted = default
                    if moved:
                        wanted = wanted.replace(
                            '/run/ovn-octavia/', '/other/').replace(
                                '/run/ovn/', '/another/')
                    self.assertEqual(settings(done.stdout)[key], wanted)

    def test_made(self):
        """the run and the log directory are made, and hold pid file, control
        socket and log"""
        name = 'ovn-octavia-driver'
        process = self.start(name, '--pidfile', '--log-file',
                             OVN_OCTAVIA_RUNDIR=self.path('run'),
                             OVN_OCTAVIA_LOGDIR=self.path('log'))
        wait.until(lambda: os.path.exists(self.path('run', f'{name}.pid')),
                   'the pid file is there')
        wanted = self.path('run', f'{name}.{process.pid}.ctl')
        wait.until(lambda: os.path.exists(wanted), 'the socket is there')
        self.assertTrue(os.path.exists(self.path('log', f'{name}.log')))

    def test_found(self):
        """ovn-octavia-ctl finds the driver by its pid file, and without one
        if it is the only one"""
        name = 'ovn-octavia-driver'
        env = {'OVN_OCTAVIA_RUNDIR': self.directory, 'OVS_RUNDIR': '/nowhere'}

        def resync():
            return run('ovn-octavia-ctl', '--no-syslog', 'resync', env=env)

        def start(*args):
            process = self.start(name, *args, **env)
            wait.until(lambda: os.path.exists(self.path(
                f'{name}.{process.pid}.ctl')), 'the socket is there')
            return process

        self.assertIn('no driver runs here', resync().stderr)
        first = start()
        self.assertEqual((resync().returncode, resync().stderr), (0, ''))
        first.kill()                # Its socket stays behind.
        self.assertIn('no driver runs here', resync().stderr)
        start()
        self.assertEqual(resync().stderr, '')
        start()
        self.assertIn('2 processes have a control socket', resync().stderr)
        start('--pidfile')
        self.assertEqual(resync().stderr, '')

    def test_impossible(self):
        """a directory that cannot be made is an error that says what helps"""
        for variable, args in (('OVN_OCTAVIA_RUNDIR', ()),
                               ('OVN_OCTAVIA_LOGDIR', ('--log-file',))):
            with self.subTest(variable):
                done = run('ovn-octavia-driver', *args, env={
                    'OVN_OCTAVIA_RUNDIR': self.directory,
                    variable: self.path('no', 'where')})
                self.assertEqual(done.returncode, 1)
                self.assertIn(self.path('no', 'where'), done.stderr)
                self.assertIn('$' + variable, done.stderr)

    def test_agent_socket(self):
        """the plugin's socket has the group and the mode of its options"""
        self.start('ovn-octavia-agent', f'--socket={self.path("s")}',
                   '--socket-group=12345', '--socket-mode=0666',
                   OVN_OCTAVIA_RUNDIR=self.directory)
        wait.until(lambda: os.path.exists(self.path('s'))
                   and stat.S_IMODE(os.stat(self.path('s')).st_mode) == 0o666,
                   'the socket has its mode')
        self.assertEqual(os.stat(self.path('s')).st_gid, 12345)


if __name__ == '__main__':
    unittest.main()
