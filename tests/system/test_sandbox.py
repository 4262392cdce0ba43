# SPDX-License-Identifier: Apache-2.0
"""The command "sandbox", as its users run it."""

import os
import shutil
import signal
import subprocess
import tempfile
import unittest

from lib import client, daemons, harness, netns, proc, wait, world

SANDBOX = os.path.join(daemons.REPO, 'sandbox')


class Command(unittest.TestCase):

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix='oo-', dir='/tmp')
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        # Before the directory goes, and whatever happened.
        self.addCleanup(self.sandbox, 'down', check=False)
        self.port = str(daemons.free_port())
        self.no_daemons = [] if harness.build_has_daemons() \
            else ['--without-daemons']

    def sandbox(self, command, *args, directory=None, **more):
        return proc.run([SANDBOX, command, '--dir',
                         directory or self.directory, *args], **more)

    def up(self, directory=None, port=None):
        return self.sandbox('up', '--port', port or self.port, '--no-build',
                            *self.no_daemons, directory=directory)

    def traces(self):
        """What there is of the sandbox, as texts."""
        made = world.World(self.directory, 1)
        return (netns.names(made.prefix)
                + [str(pid) for pid in proc.marked(made.rundir)]
                + [path for path in (made.rundir,) if os.path.exists(path)])

    def assert_status(self, status, command, *args):
        done = subprocess.run(
            [SANDBOX, command, '--dir', self.directory, *args], check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def test_life(self):
        """up, up again, status, env, exec, down, down again"""
        self.assert_status(3, 'status')
        self.assertIn('No sandbox was up', self.assert_status(0, 'down'))
        self.assertIn('no sandbox is up', self.assert_status(1, 'env'))
        self.assertIn('The sandbox is up', self.up())
        self.assertIn('already up', self.up())
        self.assert_status(0, 'status')
        shown = proc.run(
            ['bash', '-c', f'eval "$({SANDBOX} env --dir {self.directory})"'
             ' && ovn-nbctl show && ovs-vsctl list-br && '
             + os.path.join(daemons.build_directory(), 'src',
                            'ovn-octavia-ctl') + ' resync'],
            env={'OS_CLOUD': 'elsewhere'})
        self.assertIn('router', shown)
        self.assertIn('br-int', shown)
        self.assertEqual(self.sandbox(
            'exec', 'client1', 'curl', '-s', 'http://10.2.0.11:8080/'),
            'web2\n')
        self.assert_status(7, 'exec', 'client1', 'sh', '-c', 'exit 7')
        self.assertIn('client1', self.assert_status(1, 'exec', 'nobody'))
        self.assertIn('is down', self.assert_status(0, 'down'))
        self.assertEqual(self.traces(), [])
        self.assert_status(0, 'down')

    def test_side_by_side(self):
        """Two sandboxes do not see each other; deep paths are no problem"""
        deep = os.path.join(self.directory, *['a-long-name'] * 8)
        self.addCleanup(self.sandbox, 'down', directory=deep, check=False)
        self.up()
        self.up(deep, str(daemons.free_port()))
        self.sandbox('down')
        self.assertEqual(self.traces(), [])
        self.assertEqual(self.sandbox(
            'exec', 'client2', 'curl', '-s', 'http://10.1.0.11:8080/',
            directory=deep), 'web1\n')
        self.sandbox('down', directory=deep)
        self.assertFalse(os.path.exists(deep))

    def test_crash(self):
        """What died is reported and restarted; down cleans up after it"""
        self.up()
        made = world.World(self.directory, 1)
        victim = proc.Process.from_record(made.rundir, 'vswitchd')
        victim.kill()
        # kill() removes the record; that is more than a crash does.
        self.assertIn('DEAD', self.assert_status(1, 'status'))
        self.assertIn('vswitchd', self.assert_status(1, 'up'))
        self.assert_status(0, 'restart')
        self.assertGreater(made.ovn.n_flows(), 0)
        self.assert_status(0, 'status')
        self.assertEqual(self.sandbox(
            'exec', 'client1', 'curl', '-s', '--retry', '5',
            '--retry-all-errors', '-m', '5', 'http://10.2.0.11:8080/'),
            'web2\n')
        for process in proc.recorded(made.rundir):
            os.kill(process.pid, signal.SIGKILL)
        self.assert_status(0, 'down')
        self.assertEqual(self.traces(), [])

    def test_interrupted_up(self):
        """An up that is interrupted leaves nothing behind"""
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(signal=number):
                child = self.begin_up()
                child.send_signal(number)
                self.assertEqual(child.wait(30 * wait.SLOWNESS), status)
                self.assertEqual(self.traces(), [])

    def test_interrupted_command(self):
        """What up was just running when it was interrupted ends, too"""
        tools = os.path.join(self.directory, 'tools')
        writes = os.path.join(tools, 'writes')
        self.replace_tool(tools, 'ovsdb-tool', f"""
            touch {writes}
            while [ -e {writes} ]; do
                : >{self.directory}/run/$((number += 1))
            done""")
        path = f'{tools}:{os.environ["PATH"]}'
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(signal=number):
                child = self.begin('up', *self.no_daemons,
                                   env={'PATH': path}, traces=2)
                wait.until(lambda: os.path.exists(writes), 'the tool writes')
                child.send_signal(number)
                self.assertEqual(child.wait(30 * wait.SLOWNESS), status)
                self.assertEqual(self.traces(), [])
                os.unlink(writes)

    def replace_tool(self, directory, program, script):
        """A program that does something else, and goes on with it when it
        is killed."""
        os.mkdir(directory)
        path = os.path.join(directory, program)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(f"#!/bin/sh\nsetsid sh -c '{script}' &\nwait $!\n")
        os.chmod(path, 0o755)

    def test_killed_up(self):
        """An up that was killed is cleaned up by down"""
        child = self.begin_up()
        child.kill()
        child.wait()
        self.assert_status(0, 'down')
        self.assertEqual(self.traces(), [])

    def test_interrupted_demo(self):
        """A demo that is interrupted leaves nothing behind"""
        if self.no_daemons:
            self.skipTest('the daemons are not built')
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(signal=number):
                child = self.begin('demo')
                path = os.path.join(self.directory, 'run', 'api.log')
                wait.until(lambda: os.path.exists(path), 'the demo runs')
                wait.until(self.has_loadbalancer, 'the demo has begun')
                child.send_signal(number)
                self.assertEqual(child.wait(30 * wait.SLOWNESS), status)
                self.assertEqual(self.traces(), [])

    def test_demo_on_sandbox(self):
        """A demo on a running sandbox, interrupted, leaves that as it was"""
        if self.no_daemons:
            self.skipTest('the daemons are not built')
        self.up()
        child = self.begin('demo')
        wait.until(self.has_loadbalancer, 'the demo has begun')
        child.terminate()
        self.assertEqual(child.wait(30 * wait.SLOWNESS), 143)
        self.assert_status(0, 'status')
        self.assertFalse(self.has_loadbalancer())

    def has_loadbalancer(self):
        rest = client.Rest(int(self.port), timeout=5)
        try:
            return bool(rest.get('/loadbalancers'))
        finally:
            rest.close()

    def begin_up(self):
        """Starts "up"; returns when it has begun to make things."""
        return self.begin('up', *self.no_daemons)

    def begin(self, command, *args, env=None, traces=5):
        """Starts it; returns when it has made as much."""
        child = subprocess.Popen(
            [SANDBOX, command, '--dir', self.directory, '--port', self.port,
             '--no-build', *args],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=proc.merged(env),
            # Whoever runs us in the background may ignore it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        wait.until(lambda: len(self.traces()) >= traces, 'something is made',
                   interval=0.01)
        return child

    def test_others_files(self):
        """down removes no file that is not the sandbox's"""
        path = os.path.join(self.directory, 'precious')
        with open(path, 'w', encoding='utf-8'):
            pass
        self.up()
        self.sandbox('down')
        self.assertEqual(os.listdir(self.directory), ['precious'])

    def test_port_in_use(self):
        """A port that is in use is refused, and nothing is left"""
        import socket
        if self.no_daemons:
            self.skipTest('the daemons are not built')
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            self.assertIn('in use', self.assert_status(
                1, 'up', '--no-build', '--port', port))
        self.assertEqual(self.traces(), [])

    def test_help(self):
        """help names every command; nonsense is refused with status 2"""
        text = proc.run([SANDBOX, 'help'])
        for command in ('up', 'down', 'env', 'exec', 'demo', 'status'):
            self.assertIn(command, text)
        self.assertEqual(subprocess.run(
            [SANDBOX, 'nonsense'], stderr=subprocess.DEVNULL,
            check=False).returncode, 2)


class LeftBehind(unittest.TestCase):

    def test_no_mark(self):
        """What a process that was killed had started ends with its run, also
        if it does not bear the mark any more"""
        rundir = tempfile.mkdtemp(prefix='oo-', dir='/tmp')
        self.addCleanup(shutil.rmtree, rundir)
        parent = proc.Process('parent', [
            'sh', '-c', 'env -i sleep 3600 & wait'], rundir).start()
        leader = parent.pid
        wait.until(lambda: len(proc.group(leader)) == 2
                   and len(proc.marked(rundir)) == 1, 'both run')
        os.kill(leader, signal.SIGKILL)
        wait.until(lambda: len(proc.group(leader)) == 1, 'one is dead')
        proc.stop_recorded(rundir)
        self.assertEqual(proc.group(leader), [])
