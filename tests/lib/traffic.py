#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Traffic: many short connections from a host, counted by who answered.

Run as a program inside a host's namespace it makes the connections and
prints {"answers": {NAME: COUNT}, "failures": {REASON: COUNT}} as JSON.  Used
as a module, it runs that program and returns the result.  Each connection is
a socket of its own, so each has another source port.
"""

import asyncio
import collections
import itertools
import json
import os
import signal
import socket
import sys

AT_ONCE = 16
# Below those that the kernel chooses.
SOURCE_PORTS = range(10000, 32768)
_ports = [SOURCE_PORTS.start]
STREAM_PAUSE = 0.005


class Traffic:
    """The result: counters of answers and of failures."""

    def __init__(self, answers, failures):
        self.answers = collections.Counter(answers)
        self.failures = collections.Counter(failures)

    @property
    def answered(self):
        return sum(self.answers.values())

    @property
    def failed(self):
        return sum(self.failures.values())

    def __str__(self):
        text = ', '.join(f'{name}: {count}' for name, count
                         in sorted(self.answers.items())) or 'no answer'
        if self.failures:
            text += '; failed: ' + ', '.join(
                f'{count} {reason}' for reason, count
                in sorted(self.failures.items()))
        return text


def own_ports(count):
    """The first of 'count' ports from which nothing has come lately.

    With stateful ACLs, as Neutron's security groups are, OVN tracks what goes
    to an address that is no VIP at the moment, and lets what comes from the
    same port later go the same way for a minute, past the load balancer.
    """
    if _ports[0] + count > SOURCE_PORTS.stop:
        _ports[0] = SOURCE_PORTS.start
    _ports[0] += count
    return _ports[0] - count


def send(host, address, port, count=200, protocol='tcp', timeout=3,
         is_served=True):
    """Makes 'count' connections (or sends that many datagrams) from a
    hosts.Host; returns a Traffic.  'is_served': somebody may answer, and then
    slow machines have longer than 'timeout' seconds for it."""
    from . import wait
    if is_served:
        timeout *= wait.SLOWNESS
    source = (own_ports(count) if protocol == 'udp' or not is_served else 0)
    printed = host.run('/usr/bin/python3', os.path.realpath(__file__),
                       protocol, address, str(port), str(count),
                       str(timeout), '0', str(source),
                       deadline=60 + count * timeout / AT_ONCE)
    result = json.loads(printed)
    return Traffic(result['answers'], result['failures'])


class Stream:
    """Connections from a hosts.Host all the time, until it ends; then
    'result' is the Traffic.  Four at a time, each of them 'pause' seconds
    after the last: that is some hundreds a second.  It works when it has had
    its first answer."""

    def __init__(self, host, address, port, protocol='tcp', timeout=3,
                 pause=STREAM_PAUSE):
        from . import proc
        self.teller = proc.Teller(host.argv(
            '/usr/bin/python3', os.path.realpath(__file__), protocol,
            address, str(port), '0', str(timeout), str(pause)), timeout + 30)
        self.result = None

    def __enter__(self):
        self.teller.__enter__()
        return self

    def __exit__(self, *_):
        self.teller.__exit__()
        told = self.teller.told
        self.result = Traffic(told['answers'], told['failures'])


def wait_for(host, address, port, names, protocol='tcp', count=40,
             deadline=30):
    """Waits until exactly 'names' answer and nothing fails; an empty set of
    names waits until nobody answers any more.  Returns the Traffic."""
    from . import wait
    names = set(names)

    def as_expected():
        seen = send(host, address, port, count if names else 4, protocol,
                    timeout=1, is_served=bool(names))
        good = set(seen.answers) == names and (not seen.failed or not names)
        assert good, str(seen)
        return seen
    who = ' and '.join(sorted(names)) or 'nobody'
    return wait.until(as_expected, f'{who} answers {host.name} at '
                      f'{protocol} {address}:{port}', deadline)


class Attempt:
    """One connection or datagram; 'stage' is how far it got.  'source' is the
    port that it comes from, 0: any."""

    def __init__(self, protocol, address, port, source=0):
        self.ask = {'tcp': self.ask_tcp, 'udp': self.ask_udp}[protocol]
        self.address = address
        self.port = port
        self.source = source
        self.stage = 'connecting'

    async def ask_tcp(self):
        any_address = '::' if ':' in self.address else '0.0.0.0'
        reader, writer = await asyncio.open_connection(
            self.address, self.port,
            local_addr=(any_address, self.source) if self.source else None)
        self.stage = 'waiting for the reply'
        try:
            writer.write(b'GET / HTTP/1.1\r\nHost: backend\r\n\r\n')
            head = await reader.readuntil(b'\r\n\r\n')
            name = await reader.readline()
        except asyncio.IncompleteReadError:
            raise ConnectionError('half a reply') from None
        finally:
            writer.close()
        if not head.startswith(b'HTTP/1.1 200'):
            raise ConnectionError('not an HTTP reply')
        return name.decode().strip()

    async def ask_udp(self):
        loop = asyncio.get_running_loop()
        family = socket.AF_INET6 if ':' in self.address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.bind(('', self.source))
            sock.connect((self.address, self.port))
            self.stage = 'waiting for the reply'
            await loop.sock_sendall(sock, b'who')
            return (await loop.sock_recv(sock, 65536)).decode()


def until_terminated(pause):
    """Says how long to pause, again and again, until SIGTERM."""
    going = [True]
    signal.signal(signal.SIGTERM, lambda *_: going.clear())
    while going:
        yield pause


async def ask_all(protocol, address, port, count, timeout, pause=0, first=0):
    """'first' is the first of 'count' ports to come from."""
    sources = itertools.count(first) if first else itertools.repeat(0)
    answers, failures = collections.Counter(), collections.Counter()
    left = iter([0] * count) if count else until_terminated(pause)

    async def worker():
        for pause in left:
            await asyncio.sleep(pause)
            attempt = Attempt(protocol, address, port, next(sources))
            try:
                name = await asyncio.wait_for(attempt.ask(), timeout)
                answers[name] += 1
                if pause and sum(answers.values()) == 1:
                    print('going', flush=True)
            except asyncio.TimeoutError:
                failures[f'timeout while {attempt.stage}'] += 1
            except OSError as error:
                failures[f'{type(error).__name__} while '
                         f'{attempt.stage}'] += 1
    await asyncio.gather(*[worker() for _ in range(min(AT_ONCE, count or 4))])
    return {'answers': answers, 'failures': failures}


if __name__ == '__main__':
    print(json.dumps(asyncio.run(ask_all(
        sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]),
        float(sys.argv[5]), *map(float, sys.argv[6:7]),
        *map(int, sys.argv[7:])))))
