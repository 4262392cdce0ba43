# SPDX-License-Identifier: Apache-2.0
"""One call to ovn-octavia-agent, one reply.

Frames are those of octavia-lib's own sockets: the length in bytes, a newline,
JSON.
"""

import json
import socket
import time

from octavia_lib.api.drivers import exceptions
from oslo_context import context

# The agent may be restarting: it is sent the same call again, which it knows
# how to take.  All it does is idempotent.
PATIENCE_S = 10
PAUSE_S = 0.2

# More than the agent ever takes for a call (a VIP's port takes the longest).
REPLY_TIMEOUT_S = 75

REPLY_BYTES_MAX = 4 * 1024 * 1024


class Unreachable(Exception):
    """There was no reply, and it is worthwhile to ask again."""


def call(path, name, args):
    """Returns the result, or raises what octavia-lib has for the fault."""
    payload = json.dumps({'call': name, 'args': args,
                          'request_id': _request_id()}, default=str).encode()
    request = b'%d\n%s' % (len(payload), payload)
    give_up_at = time.monotonic() + PATIENCE_S

    while True:
        try:
            reply = json.loads(_exchange(path, request))
            break
        except Unreachable as error:
            if time.monotonic() >= give_up_at:
                raise _driver_error(
                    f'The OVN provider\'s agent does not answer on {path}: '
                    f'{error}. Is ovn-octavia-agent running (see '
                    f'[driver_agent] enabled_provider_agents)?')
            time.sleep(PAUSE_S)
        except (OSError, ValueError) as error:
            raise _driver_error(
                f'The OVN provider\'s agent on {path} failed: {error}')

    if 'fault' in reply:
        raise _exception(reply['fault'])
    return reply.get('result')


def _request_id():
    """The id that Octavia has given to its client's request, if it is in
    one."""
    current = context.get_current()
    return current and current.request_id


def _exchange(path, request):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(REPLY_TIMEOUT_S)
        try:
            sock.connect(path)
            sock.sendall(request)
            return _receive(sock)
        except (FileNotFoundError, ConnectionError, BlockingIOError) as error:
            raise Unreachable(error.strerror or 'connection lost')


def _receive(sock):
    head, newline, body = b'', b'', b''
    while not newline:
        head, newline, body = (head + _some(sock)).partition(b'\n')
        if len(head) > 10:
            raise ValueError('its reply is no frame')
    length = int(head)
    if length > REPLY_BYTES_MAX:
        raise ValueError('its reply is too long')
    while len(body) < length:
        body += _some(sock)
    return body


def _some(sock):
    data = sock.recv(65536)
    if not data:
        raise Unreachable('connection lost')
    return data


def _exception(fault):
    # An octavia-lib that does not have it is one that would not know what to
    # do with it.
    kind = getattr(exceptions, fault['type'], exceptions.DriverError)
    return kind(user_fault_string=fault['user_fault_string'],
                operator_fault_string=fault['operator_fault_string'])


def _driver_error(text):
    return exceptions.DriverError(user_fault_string=text,
                                  operator_fault_string=text)
