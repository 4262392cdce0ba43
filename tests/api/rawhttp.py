# SPDX-License-Identifier: Apache-2.0
"""HTTP by hand, for requests that no HTTP library would send."""

import json
import re
import socket

from lib import wait


def request(method, path, body=b'', headers=()):
    """The bytes of a request."""
    if isinstance(body, str):
        body = body.encode()
    if isinstance(path, str):
        path = path.encode()
    lines = [method.encode() + b' ' + path + b' HTTP/1.1', b'Host: x']
    if body:
        lines += [b'Content-Type: application/json',
                  b'Content-Length: %d' % len(body)]
    lines += [line.encode() for line in headers]
    return b'\r\n'.join(lines) + b'\r\n\r\n' + body


def connect(port, timeout=10):
    return socket.create_connection(('127.0.0.1', port),
                                    timeout * wait.SLOWNESS)


def read_all(sock):
    """Everything until the server closes."""
    data = b''
    while True:
        try:
            piece = sock.recv(65536)
        except ConnectionResetError:
            return data
        if not piece:
            return data
        data += piece


def read_reply(sock):
    """One reply: (status, headers, body as text), or None if there was
    none before the end."""
    data = b''
    while b'\r\n\r\n' not in data:
        try:
            piece = sock.recv(65536)
        except ConnectionResetError:
            return None
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b'\r\n\r\n')
    status = int(head.split()[1])
    headers = {key.lower(): value for key, value in
               re.findall(r'(?m)^([^:\r\n]+): *([^\r\n]*)', head.decode())}
    length = int(headers.get('content-length', 0))
    while len(body) < length:
        piece = sock.recv(65536)
        if not piece:
            break
        body += piece
    return status, headers, body.decode('utf-8', errors='replace')


def exchange(port, data, half_close=False, timeout=10):
    """Sends bytes on a new connection; returns the reply as read_reply()
    does."""
    with connect(port, timeout) as sock:
        try:
            sock.sendall(data)
            if half_close:
                sock.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass    # It may have answered before it read all of it.
        return read_reply(sock)


def fault(reply):
    """The faultstring of a reply of read_reply()."""
    return json.loads(reply[2]).get('faultstring')
