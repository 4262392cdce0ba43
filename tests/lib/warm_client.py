# SPDX-License-Identifier: Apache-2.0
"""The stock "openstack" command without its two seconds of loading.

A process of its own loads the unmodified client once; each command is a fork
of it with that command's arguments, environment and output, which exits as
the client does.  All that differs from /usr/bin/openstack is that its modules
are in memory already.  "python3 warm_client.py" is that process.  Its standard
input is a socket; when that is closed, so at the latest when the one who
started it dies, it ends.

A command is one message on that socket, JSON with "args" and "environment",
with three descriptors: standard output and error, and a socket for the exit
status.  Who closes that one before kills the command.
"""

import contextlib
import gc
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback

PYTHON = '/usr/bin/python3'
LARGEST_COMMAND = 256 * 1024
NO_STATUS = 255


class WarmClient:
    """One loaded client; may be used by several threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.ours = None

    def run(self, args, environment, timeout):
        """Runs a command with exactly this environment; returns its exit
        status and what it printed to stdout and stderr.  After 'timeout'
        seconds it is killed: subprocess.TimeoutExpired."""
        with contextlib.ExitStack() as stack:
            printed = [stack.enter_context(tempfile.TemporaryFile())
                       for _ in range(2)]
            status, theirs = (stack.enter_context(end)
                              for end in socket.socketpair())
            self._send({'args': args, 'environment': environment},
                       [*printed, theirs])
            theirs.close()
            status.settimeout(timeout)
            try:
                exited = int(status.recv(16) or NO_STATUS)
            except TimeoutError:
                raise subprocess.TimeoutExpired(args, timeout) from None
            for file in printed:
                file.seek(0)
            return exited, *(file.read().decode(errors='replace')
                             for file in printed)

    def _send(self, command, files):
        with self.lock:
            if self.ours is None:
                self._start()
            socket.send_fds(self.ours, [json.dumps(command).encode()],
                            [file.fileno() for file in files])

    def _start(self):
        self.ours, theirs = socket.socketpair(socket.AF_UNIX,
                                              socket.SOCK_SEQPACKET)
        self.ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF,
                             LARGEST_COMMAND)
        with theirs:
            # Nobody need wait for it: it ends with the socket.
            subprocess.Popen(  # pylint: disable=consider-using-with
                # Not with this folder's modules.
                [PYTHON, '-P', '-W', 'ignore', os.path.abspath(__file__)],
                stdin=theirs, start_new_session=True)


def load():
    """Loads the client; returns its main().  It says what the help of two of
    its commands is, which needs no server, and all its parts."""
    # pylint: disable=import-outside-toplevel,import-error
    from openstackclient import shell
    with open(os.devnull, 'w', encoding='utf-8') as nowhere, \
            contextlib.redirect_stdout(nowhere), \
            contextlib.redirect_stderr(nowhere):
        for command in ('loadbalancer list', 'network list'):
            with contextlib.suppress(SystemExit):
                shell.main(['help', *command.split()])
    # Each command adds its own.
    logging.root.handlers.clear()
    # A collection of garbage would touch, so copy, all of it in each command.
    gc.freeze()
    return shell.main


def become(client, command, files):
    """Runs a command in this process, which is its own."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, descriptor in enumerate((nothing, *files)):
        os.dup2(descriptor, number)
    os.environ.clear()
    os.environ.update(command['environment'])
    sys.argv[:] = ['openstack', *command['args']]
    try:
        status = client(command['args'])
    except SystemExit as error:
        status = error.code
    except BaseException:               # As the interpreter does it.
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    # No taking down of what was loaded: it would touch, so copy, all of it.
    os._exit(status or 0)


def follow(child, answer):
    """Waits for a command's end and says its status, or kills it, if nobody
    wants to know any more."""
    ended = os.pidfd_open(child)
    ready, _, _ = select.select([ended, answer], [], [])
    if ended not in ready:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(BrokenPipeError):
        answer.send(b'%d' % os.waitstatus_to_exitcode(status))


def serve(commands):
    """Forks for each command; ends when the socket is closed."""
    client = load()
    # Those who follow commands are nobody's business.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, files, _, _ = socket.recv_fds(commands, LARGEST_COMMAND, 3)
        if not message:
            return
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            commands.close()
            child = os.fork()
            if child == 0:
                become(client, json.loads(message), files[:2])
            follow(child, socket.socket(fileno=files[2]))
            os._exit(0)
        for descriptor in files:
            os.close(descriptor)


if __name__ == '__main__':
    serve(socket.socket(fileno=os.dup(sys.stdin.fileno())))
