# SPDX-License-Identifier: Apache-2.0
"""Entry point octavia.driver_agent.provider_agents: runs ovn-octavia-agent.

octavia-driver-agent calls this in a process of its own, calls it again if it
raises, and sets the event when it stops.
"""

import os
import shutil
import socket
import subprocess

from oslo_config import cfg
from oslo_log import log

from ovn_octavia_plugin import options

LOG = log.getLogger(__name__)

# How often to look whether the agent is still there.
INTERVAL_S = 1

# A part of what octavia-driver-agent gives us ([driver_agent]
# provider_agent_shutdown_timeout, 60).
STOP_TIMEOUT_S = 30

# Daemons are not in everybody's PATH.
DAEMON_DIRECTORIES = ('/usr/local/sbin', '/usr/sbin')


def OvnProviderAgent(exit_event):
    group = options.get()
    if _is_running(group.agent_socket):
        LOG.info('ovn-octavia-agent already listens on %s.',
                 group.agent_socket)
        # Whoever started it, systemd for example, starts it again.
        exit_event.wait()
    else:
        _run_own(group, exit_event)


def _is_running(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        try:
            sock.connect(path)
        except OSError:
            return False
        return True


def _run_own(group, exit_event):
    command = _command(group)
    LOG.info('Starting %s.', ' '.join(command))
    # Not in the group of whoever presses Ctrl-C: we say when it ends.
    with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                          start_new_session=True) as child:
        try:
            while child.poll() is None and not exit_event.wait(INTERVAL_S):
                pass
        finally:
            _stop(child)
    if not exit_event.is_set():
        raise RuntimeError(f'{command[0]} ended with {child.returncode}.')


def _stop(child):
    child.terminate()
    try:
        child.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.kill()


def _command(group):
    path = os.pathsep.join((os.environ.get('PATH', os.defpath),
                            *DAEMON_DIRECTORIES))
    program = shutil.which(group.agent_program, path=path)
    if not program:
        raise RuntimeError(f'{group.agent_program}: no such program (see '
                           f'[ovn_octavia] agent_program).')
    return [program,
            f'--socket={group.agent_socket}',
            f'--unixctl={group.agent_socket}.ctl',
            f'--parent={os.getpid()}',
            *_octavia_conf(),
            *group.agent_arguments]


def _octavia_conf():
    """What Octavia was configured by, in the order in which it reads it."""
    paths = []
    for value in (cfg.CONF.config_file, cfg.CONF.config_dir):
        paths += [value] if isinstance(value, str) else value or []
    return [f'--octavia-conf={",".join(paths)}'] if paths else []
