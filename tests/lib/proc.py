# SPDX-License-Identifier: Apache-2.0
"""Processes: start, watch, stop, kill and start again.

Each process leads a session of its own, writes what it prints to NAME.out
in the run directory, and is recorded there in NAME.proc, so that another
command can find it again later.  A record names a process by its id *and*
its start time: an id that the kernel gave to somebody else is never
signalled.
"""

import contextlib
import ctypes
import json
import math
import os
import signal
import subprocess
import time

from . import wait

PR_SET_PDEATHSIG = 1

# In the environment of all we start: its value is the run directory.
MARK = 'OVN_OCTAVIA_SANDBOX_RUNDIR'
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent():
    # Runs in the child, between fork and exec.
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _stat(pid):
    """What the kernel says of a living process, from its state on; None if
    it is dead."""
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8',
                  errors='replace') as stat:
            # The name in parentheses may hold anything, also ") ".
            fields = stat.read().rpartition(')')[2].split()
    except OSError:
        return None
    return None if fields[0] in 'ZX' else fields


def start_time(pid):
    """The kernel's start time of a living process; None if it is dead."""
    fields = _stat(pid)
    return fields and int(fields[19])


def _living():
    """All living processes: (id, what _stat() says)."""
    fields = {int(name): _stat(name) for name in os.listdir('/proc')
              if name.isdigit()}
    return [(pid, found) for pid, found in fields.items() if found]


def group(leader):
    """Ids of the living processes of a process group."""
    return [pid for pid, found in _living() if int(found[2]) == leader]


class NotRunning(Exception):
    """A process that should be running is not.  Not an AssertionError:
    waiting any longer is no use."""


class Process:
    """One process.

    name       its name in the run directory
    argv       the command line
    rundir     directory for NAME.out and NAME.proc
    env        variables on top of our own environment; None removes one
    lasting    True: it outlives us.  False: the kernel kills it when the
               thread that started it ends.

    started is the kernel's start time, None before.
    """

    def __init__(self, name, argv, rundir, env=None, lasting=False):
        self.name = name
        self.argv = [str(arg) for arg in argv]
        self.rundir = str(rundir)
        self.env = dict(env or {})
        self.lasting = lasting
        self.pid = None
        self.started = None
        self._child = None

    @property
    def output_path(self):
        return os.path.join(self.rundir, self.name + '.out')

    @property
    def record_path(self):
        return os.path.join(self.rundir, self.name + '.proc')

    def start(self):
        """Starts it.  It must not be running."""
        assert not self.is_running(), f'{self.name} is already running'
        environment = merged(self.env)
        environment[MARK] = self.rundir
        with open(self.output_path, 'ab') as output:
            self._child = subprocess.Popen(
                self.argv, env=environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True,
                preexec_fn=None if self.lasting else _die_with_parent)
        self.pid = self._child.pid
        self.started = start_time(self.pid)
        with open(self.record_path + '.new', 'w', encoding='utf-8') as file:
            json.dump({'name': self.name, 'pid': self.pid,
                       'start': self.started, 'argv': self.argv,
                       'env': self.env}, file)
        os.rename(self.record_path + '.new', self.record_path)
        return self

    @classmethod
    def from_record(cls, rundir, name):
        """The process that an earlier command recorded, running or not;
        None if there is no record."""
        try:
            with open(os.path.join(str(rundir), name + '.proc'),
                      encoding='utf-8') as file:
                record = json.load(file)
        except (OSError, ValueError):
            return None
        self = cls(name, record['argv'], rundir, record['env'], lasting=True)
        self.pid = record['pid']
        self.started = record['start']
        return self

    def adopt(self):
        """Takes over what an earlier command recorded under our name."""
        other = Process.from_record(self.rundir, self.name)
        if other is not None:
            self.pid = other.pid
            self.started = other.started
        return self

    def take(self, pid):
        """Takes over what somebody else has started."""
        self._child = None
        self.pid, self.started = pid, start_time(pid)
        return self

    def is_running(self):
        if self.pid is None or self.started is None:
            return False
        if self._child is not None and self._child.poll() is not None:
            return False
        return start_time(self.pid) == self.started

    def returncode(self):
        """The exit status of a child of ours that ended; None otherwise."""
        return None if self._child is None else self._child.poll()

    def signal(self, number):
        if self.is_running():
            os.kill(self.pid, number)

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        """SIGKILL, for it and for what it may have started."""
        if self.is_running():
            leader = self.pid
            os.killpg(leader, signal.SIGKILL)
            # They may hold sockets that the next one needs.
            wait.until(lambda: not group(leader), f'{self.name} and what it '
                       'started are dead', 10, 0.01)
        self._reap(10)

    def stop(self, deadline=10):
        """SIGTERM, then SIGKILL after 'deadline' seconds.  Returns True if
        the first was enough (or if it was not running)."""
        if self.is_running():
            self.signal(signal.SIGTERM)
            self.signal(signal.SIGCONT)
        if self._reap(deadline):
            return True
        self.kill()
        return False

    def restart(self):
        self.stop()
        return self.start()

    def check_alive(self):
        """Fails with the tail of its output if it is not running."""
        if not self.is_running():
            raise NotRunning(f'{self.name} (pid {self.pid}, status '
                             f'{self.returncode()}) is not running:\n'
                             + self.output_tail())

    def output_tail(self, size=2000):
        try:
            with open(self.output_path, encoding='utf-8',
                      errors='replace') as file:
                return file.read()[-size:]
        except OSError:
            return ''

    def _reap(self, deadline):
        limit = time.monotonic() + deadline * wait.SLOWNESS
        while self.is_running():
            if time.monotonic() > limit:
                return False
            time.sleep(0.01)
        if self._child is not None:
            self._child.wait()
            self._child = None
        try:
            os.unlink(self.record_path)
        except FileNotFoundError:
            pass
        self.pid = None
        return True


def recorded(rundir):
    """All processes recorded in a run directory."""
    try:
        names = sorted(os.listdir(str(rundir)))
    except FileNotFoundError:
        return []
    processes = [Process.from_record(rundir, name[:-len('.proc')])
                 for name in names if name.endswith('.proc')]
    return [process for process in processes if process is not None]


def stop_recorded(rundir):
    """Ends all processes recorded in a run directory, what they started, and
    those that bear its mark: whoever started one may have been killed before
    recording."""
    processes = recorded(rundir)
    leaders = {process.pid: process.started for process in processes
               if process.started}
    for process in processes:
        process.signal(signal.SIGTERM)
        process.signal(signal.SIGCONT)
    for process in processes:
        process.stop(deadline=5)

    def are_gone():
        # Some start others before they die, and write until then.
        left = {*marked(rundir), *followers(leaders)}
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not left
    wait.until(are_gone, f'no process of {rundir} is left', 10, 0.01)


def followers(leaders):
    """Ids of the living processes that leaders of sessions, {pid: start time},
    have left behind.  Some write what they do over their environment, and the
    mark with it.  The kernel gives nobody a leader's id as long as there are
    any."""
    return [pid for pid, found in _living()
            if int(found[19]) >= leaders.get(int(found[2]), math.inf)]


def mark_commands(rundir):
    """From now on all that we start bears the mark, for those who clean up:
    what an interrupted command was just running may go on, and make files
    where everything has gone."""
    os.environ[MARK] = str(rundir)


def marked(rundir):
    """Ids of the living processes whose environment bears the mark of a run
    directory."""
    mark = os.fsencode(f'{MARK}={rundir}')
    found = []
    for name in os.listdir('/proc'):
        if name.isdigit() and int(name) != os.getpid():
            try:
                with open(f'/proc/{name}/environ', 'rb') as file:
                    if mark in file.read().split(b'\0'):
                        found.append(int(name))
            except OSError:
                pass
    return found


def merged(env):
    """Our environment with changes; None removes a variable."""
    environment = dict(os.environ)
    for key, value in (env or {}).items():
        if value is None:
            environment.pop(key, None)
        else:
            environment[key] = str(value)
    return environment


class Teller:
    """A program that prints a line when it works, goes on until SIGTERM, and
    tells then, as JSON, what it has found: 'told'.  It has 'patience' seconds
    for that."""

    def __init__(self, argv, patience=30):
        self.argv = argv
        self.patience = patience
        self.process = None
        self.told = None

    def __enter__(self):
        self.process = subprocess.Popen(self.argv, stdout=subprocess.PIPE,
                                        text=True)
        self.process.stdout.readline()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.told = json.loads(
                self.process.communicate(timeout=self.patience)[0])
        finally:
            self.process.kill()


def run(argv, env=None, check=True, deadline=60, **more):
    """Runs a command to its end; returns what it printed on stdout.  A
    failure (unless check is False) carries what it printed on stderr."""
    done = subprocess.run([str(arg) for arg in argv], env=merged(env),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=deadline * wait.SLOWNESS,
                          check=False, **more)
    if check and done.returncode != 0:
        raise AssertionError(
            f'{" ".join(str(arg) for arg in argv)}: exit status '
            f'{done.returncode}\n{done.stdout}{done.stderr}')
    return done.stdout
