#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""ovn-octavia-ctl user: keeps the file of users."""

import os
import pty
import shutil
import stat
import subprocess
import tempfile
import threading
import unittest

import apitest  # noqa: F401  pylint: disable=unused-import
from lib import daemons, localusers, wait


class UserCommand(unittest.TestCase):

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix='oo-user-', dir='/tmp')
        self.addCleanup(shutil.rmtree, self.directory)
        self.users = localusers.Users(os.path.join(self.directory, 'users'))

    def alice(self):
        return self.users.read()['users'][self.users.user('alice')]

    def test_life(self):
        """Users, projects and application credentials come, change and go."""
        self.assertIn('project web is new', self.users(
            'add', 'alice', 'web', 'member', password='one\n'))
        first = self.alice()
        self.assertTrue(first['password'].startswith('$y$'))
        web = self.users.project('web')
        self.assertEqual(first['roles'], {web: ['member']})
        self.users('passwd', 'alice', password='two')
        self.assertNotEqual(self.alice()['password'], first['password'])
        self.users('roles', 'alice', web, 'reader', 'admin')
        self.assertEqual(self.alice()['roles'], {web: ['admin', 'reader']})
        made = self.users.credential('alice', 'ci', 'web', 'reader',
                                     '--days=2')
        kept = self.alice()['application_credentials'][made['id']]
        self.assertEqual((kept['name'], kept['roles']), ('ci', ['reader']))
        self.assertNotIn(made['secret'], str(kept))
        printed = self.users('list')
        for text in ('alice', 'web', 'admin,reader', 'ci', made['id']):
            self.assertIn(text, printed)
        self.assertNotIn('$y$', printed)
        self.users('remove-credential', made['id'])
        self.users('add-project', 'old', 'default')
        self.assertEqual(self.users.project('old'), 'default')
        self.users('roles', 'alice', 'old', 'member')
        self.users('roles', 'alice', 'old')
        self.users('remove-project', 'old')
        self.users('remove', 'alice')
        self.assertEqual(self.users.read(), {'projects': {web: 'web'},
                                             'users': {}})

    def test_file(self):
        """The file is for its owner and group only, and is replaced as a
        whole, with the owner and the group that it had."""
        self.users.add('alice', 'one', 'web', 'member')
        before = os.stat(self.users.path)
        self.assertEqual(stat.S_IMODE(before.st_mode), 0o640)
        os.chown(self.users.path, 12345, 23456)
        self.users('add', 'bob', password='two')
        after = os.stat(self.users.path)
        self.assertEqual((after.st_uid, after.st_gid), (12345, 23456))
        self.assertNotEqual(after.st_ino, before.st_ino)
        self.assertEqual(os.listdir(self.directory), ['users'])

        # A new one belongs to those who read the API's settings.
        settings = os.path.join(self.directory, 'api.conf')
        with open(settings, 'wb'):
            pass
        os.chown(settings, 0, 4321)
        os.unlink(self.users.path)
        self.users('add-project', 'web')
        self.assertEqual(os.stat(self.users.path).st_gid, 4321)

    def test_refusals(self):
        """What is wrong is refused, and nothing is written."""
        self.users.add('alice', 'one', 'web', 'member')
        before = os.stat(self.users.path)
        for args, why in (
                (('add', 'alice'), 'there is a user'),
                (('add', 'bob', 'web'), 'which role'),
                (('add', 'bob', 'web', 'boss'), 'no policy knows'),
                (('add', ''), '1 to 255'),
                (('add',), 'usage'), (('list', 'x'), 'usage'),
                (('roles', 'bob', 'web', 'member'), 'no user'),
                (('roles', 'alice', 'other'), 'no project'),
                (('passwd', 'bob'), 'no user'), (('remove', 'bob'), 'no user'),
                (('remove-project', 'web'), 'has a role'),
                (('add-project', 'web'), 'already'),
                (('add-project', 'x', 'a/b'), 'an id has'),
                (('add-credential', 'alice', 'ci', 'other'), 'no role'),
                (('add-credential', '--days=0', 'alice', 'ci', 'web'),
                 'number of days'),
                (('remove-credential', 'x'), 'no application'),
                (('nonsense',), 'no command'), ((), 'needs a command')):
            with self.subTest(args=args):
                self.assertIn(why, self.users.fails(*args, password='two'))
        for password in ('', '\nx', 'x' * 256, '\udcff'):
            self.assertIn('the password: ', self.users.fails(
                'add', 'bob', password=password))
        os.chmod(self.users.path, 0o644)
        self.assertIn('its mode is 0644', self.users.fails('list'))
        self.assertEqual(os.stat(self.users.path).st_ino, before.st_ino)

    def test_password(self):
        """A password is asked for at the terminal, twice and unseen; without
        one, a file has to be named."""
        done = subprocess.run(
            ['setsid', *self.command('add', 'bob')], check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=30 * wait.SLOWNESS)
        self.assertEqual(done.returncode, 1)
        self.assertIn('--password-file', done.stdout)
        status, said = self.at_terminal(['one', 'two'], 'add', 'bob')
        self.assertNotEqual(status, 0)
        self.assertIn('differ', said)
        status, said = self.at_terminal(['one', 'one'], 'add', 'bob')
        self.assertEqual(status, 0, said)
        self.assertNotIn('one', said.replace('Once more', ''))
        self.assertIn('bob', self.users('list'))

    def command(self, *args):
        return [os.path.join(daemons.build_directory(), 'src',
                             'ovn-octavia-ctl'), '--no-syslog', 'user',
                f'--users-file={self.users.path}', *args]

    def at_terminal(self, lines, *args):
        """Types lines; returns the exit status and what was on screen."""
        argv = self.command(*args)
        pid, terminal = pty.fork()
        if not pid:
            os.execv(argv[0], argv)
        screen = ''
        lines = list(lines)
        while True:
            try:
                seen = os.read(terminal, 1000).decode()
            except OSError:
                break
            if not seen:
                break
            screen += seen
            if lines and screen.endswith(': '):
                os.write(terminal, (lines.pop(0) + '\n').encode())
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), screen

    def test_at_the_same_time(self):
        """Changes of several operators at once are all there."""
        crowd = [threading.Thread(target=self.users, args=(
            'add-project', f'p{number}')) for number in range(12)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        self.assertEqual(set(self.users.read()['projects'].values()),
                         {f'p{number}' for number in range(12)})


if __name__ == '__main__':
    unittest.main()
