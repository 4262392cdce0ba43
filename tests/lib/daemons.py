# SPDX-License-Identifier: Apache-2.0
"""Our own daemons, as the tests and the sandbox run them."""

import collections
import contextlib
import glob
import os
import re
import socket

from . import client, proc, rpc, wait

REPO = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))

# What they say, sooner or later, while a database or another daemon is away.
CONNECTION_LOST = (
    r'\|(reconnect|jsonrpc|ovsdb_cs|stream_\w+|db_link)\|WARN\|',)

LOG_LINE = re.compile(r'^[^|]*\|\d+\|([^|]*)\|(WARN|ERR|EMER)\|(.*)$')

# As long as it may take from the choice of a port to its use; a test needs some
# hundreds of descriptors for itself.
PORTS_HELD = 16
_held = collections.deque(maxlen=PORTS_HELD)


def build_directory():
    """Where the programs are: OVN_OCTAVIA_BUILD, or "build"."""
    return os.path.join(REPO, os.environ.get('OVN_OCTAVIA_BUILD', 'build'))


def free_port():
    """A TCP port of 127.0.0.1 for whoever asks for it by its number: until a
    number of others were chosen, the kernel gives it to nobody who asks for
    any port.  A socket of ours has it and does not listen, so that the other
    may, with SO_REUSEADDR, and that until then a connection is refused."""
    holder = socket.socket()
    holder.bind(('127.0.0.1', 0))
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _held.append(holder)
    return holder.getsockname()[1]


class Daemon:
    """What both have in common: sockets, logs, the sanitizers' reports."""

    program = None

    def __init__(self, rundir, octavia_remote, nb_remote, name=None,
                 extra=(), lasting=False):
        self.name = name or self.program.rsplit('-', 1)[1]
        self.rundir = str(rundir)
        path = os.path.join(self.rundir, self.name)
        self.unixctl = path + '.ctl'
        self.log = path + '.log'
        self.sanitizer = path + '.asan'
        self._log_seen = 0
        self._argv = [
            os.path.join(build_directory(), 'src', self.program),
            f'--db={octavia_remote}',
            *([f'--nb-db={nb_remote}'] if nb_remote else []),
            f'--pidfile={path}.pid', f'--unixctl={self.unixctl}',
            f'--log-file={self.log}', '-vconsole:off', *extra]
        self.process = proc.Process(
            self.name, self._argv, rundir,
            env={'OVN_OCTAVIA_RUNDIR': rundir, 'OVN_OCTAVIA_LOGDIR': rundir,
                 'ASAN_OPTIONS': f'log_path={self.sanitizer}:'
                                 'abort_on_error=1:detect_leaks=1',
                 'UBSAN_OPTIONS': f'log_path={self.sanitizer}:'
                                  'print_stacktrace=1'},
            lasting=lasting)

    def place(self, space):
        """Before it starts: it runs in a namespace."""
        self._argv = space.argv(*self._argv)
        self.process.argv = self._argv
        return self

    def use_build(self, directory):
        """From its next start on it is the program of another build."""
        program = os.path.join(directory, 'src', self.program)
        self._argv = [program if os.path.basename(arg) == self.program
                      else arg for arg in self._argv]
        self.process.argv = self._argv
        return self

    def start(self):
        """Starts it; does not wait."""
        self.process.start()
        return self

    def stop(self):
        return self.process.stop()

    def restart(self, *options):
        """Ends it and starts it again, with these options on top of those
        that it always has; does not wait."""
        self.process.stop()
        self.process.argv = [*self._argv, *options]
        return self.start()

    def kill(self):
        self.process.kill()

    def appctl(self, *args, deadline=10):
        return rpc.appctl(self.unixctl, *args, deadline=deadline)

    def log_text(self):
        try:
            with open(self.log, encoding='utf-8', errors='replace') as file:
                return file.read()
        except FileNotFoundError:
            return ''

    def skip_log(self):
        """Forgets the log up to now."""
        self._log_seen = len(self.log_text())

    def complaints(self, allowed=()):
        """Log lines of WARN and worse since the last call of this or of
        skip_log(), less those in which one of the regular expressions
        'allowed' is found."""
        text = self.log_text()
        lines = text[self._log_seen:].splitlines()
        self._log_seen = len(text)
        return [line for line in lines if LOG_LINE.match(line)
                and not any(re.search(pattern, line) for pattern in allowed)]

    def sanitizer_reports(self):
        reports = []
        for path in sorted(glob.glob(self.sanitizer + '.*')):
            with open(path, encoding='utf-8', errors='replace') as file:
                text = file.read()
            if text.strip():
                reports.append(text)
        return reports


class Api(Daemon):
    """ovn-octavia-api on 127.0.0.1, or another address."""

    program = 'ovn-octavia-api'

    def __init__(self, rundir, octavia_remote, nb_remote, port=None,
                 name=None, extra=(), lasting=False, host='127.0.0.1'):
        self.port = port or free_port()
        super().__init__(rundir, octavia_remote, nb_remote, name,
                         [f'--listen={host}:{self.port}', *extra],
                         lasting)

    def wait_ready(self):
        def answers():
            self.process.check_alive()
            client.wait_listening(self.port, deadline=0.2)
            return True
        wait.until(answers, f'{self.name} answers')
        return self

    def wait_data(self):
        """Waits until it has the data of both databases.  Unlike wait_ready()
        it asks nothing that may need a log-in."""
        def has_data():
            self.process.check_alive()
            return {'ready: true', 'network ready: true'} <= set(
                self.appctl('api/status').splitlines())
        wait.until(has_data, f'{self.name} has its data')
        return self


class Driver(Daemon):
    """ovn-octavia-driver."""

    program = 'ovn-octavia-driver'

    def __init__(self, rundir, octavia_remote, nb_remote, sb_remote,
                 name=None, extra=(), lasting=False):
        super().__init__(rundir, octavia_remote, nb_remote, name,
                         [f'--sb-db={sb_remote}', *extra], lasting)
        self.databases = [
            remote.removeprefix('unix:')
            for remote in f'{octavia_remote},{nb_remote}'.split(',')
            if remote.startswith('unix:')]

    def status(self):
        """What "driver/status" prints, as a dict of texts."""
        lines = self.appctl('driver/status').splitlines()
        return {key.strip(): value.strip() for key, _, value in
                (line.partition(':') for line in lines) if key.strip()}

    def wait_ready(self):
        """Waits until it answers: it may be a standby, or behind."""
        def answers():
            self.process.check_alive()
            return self.status()
        wait.until(answers, f'{self.name} answers on {self.unixctl}')
        return self

    def wait_in_sync(self, deadline=30):
        """Waits until OVN is as intended; returns the status.  It knows of all
        that was written before: the servers have sent it, and in the turn of
        its loop in which it is asked first, it may have read the databases
        earlier."""
        for remote in self.databases:
            # One that is away has nothing to tell.
            with contextlib.suppress(OSError):
                rpc.wait_told(remote)
        self.wait_ready()

        def in_sync():
            self.process.check_alive()
            status = self.status()
            assert status['in-sync'] == 'yes', status
            return status
        return wait.until(in_sync, f'{self.name} is in sync', deadline)

    def resync(self):
        """Forces a full reconcile and waits for its end; returns how many
        commits to the NB it made.  That must be none."""
        before = int(self.wait_in_sync()['nb-commits'])
        self.appctl('driver/resync')
        return int(self.wait_in_sync()['nb-commits']) - before


class Agent(Daemon):
    """ovn-octavia-agent.  Either we start it, or octavia-driver-agent does,
    with 'arguments'.

    run_by   what goes before its command line, if we start it
    """

    program = 'ovn-octavia-agent'

    def __init__(self, rundir, octavia_remote, conf, run_by=(),
                 lasting=False):
        super().__init__(rundir, octavia_remote, None, lasting=lasting)
        self.arguments = self._argv[1:]
        self._argv = [*run_by, *self._argv, f'--octavia-conf={conf}']
        self.process.argv = self._argv

    def find(self):
        """Its process, whoever started it; it may have ended."""
        if not self.process.is_running():
            try:
                with open(os.path.join(self.rundir, f'{self.name}.pid'),
                          encoding='ascii') as file:
                    self.process.take(int(file.read()))
            except (FileNotFoundError, ValueError):
                pass
        return self.process

    def wait_ready(self):
        def answers():
            # What Octavia starts, it starts again.
            assert self.find().is_running(), f'{self.name} does not run'
            return self.appctl('version')
        wait.until(answers, f'{self.name} answers on {self.unixctl}')
        return self
