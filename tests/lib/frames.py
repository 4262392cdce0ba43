#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Single packets, made by hand: fragments, extension headers, protocols of
which the kernel knows nothing; and what arrives of them elsewhere.

Run as a program inside a host's namespace, "frames.py send MAC PAUSE" reads
packets from its standard input, one in hexadecimal digits to a line, and sends
each to that address; "frames.py listen ROUTER SECONDS" prints, in the same
way, each packet that comes in; "frames.py settle ROUTER SECONDS" does nothing
else but end as that one does.  Used as a module, it makes packets and runs
that program.
"""

import math
import os
import select
import socket
import struct
import subprocess
import sys
import time

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 0x0003, 0x0800, 0x86dd
HOP_BY_HOP, ICMP, TCP, UDP, ROUTING, FRAGMENT, ICMPV6, OPTIONS, SCTP = (
    0, 1, 6, 17, 43, 44, 58, 60, 132)
READY = 'listening'
# What a listener asks its router, and how often: the switch takes a batch of
# packets from each port in turn, and so it has carried what came before.
ECHO, ECHOES, ECHO_PAUSE = b'<echo>', 3, 0.2
LISTENER_BYTES = 1 << 24
SO_RCVBUFFORCE = 33         # Python does not have it.


# Packets.

def packed(address):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    return socket.inet_pton(family, address)


def checksum(data):
    """That of IP and what it carries."""
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def crc32c(data):
    """SCTP's."""
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def with_sum(source, destination, protocol, data, at):
    """'data' with its checksum, which is 0 so far, at offset 'at'."""
    pseudo = (packed(source) + packed(destination)
              + struct.pack('!II', len(data), protocol))
    found = checksum(pseudo + data) or 0xffff
    return data[:at] + struct.pack('!H', found) + data[at + 2:]


def udp(source, destination, port, payload, from_port=5555):
    data = struct.pack('!4H', from_port, port, 8 + len(payload), 0) + payload
    return with_sum(source, destination, UDP, data, 6)


def tcp_syn(source, destination, port, payload, from_port=5555):
    """With a payload, which a marker can be in."""
    data = struct.pack('!HHIIBBHHH', from_port, port, 1, 0, 5 << 4, 2, 8192,
                       0, 0) + payload
    return with_sum(source, destination, TCP, data, 16)


def sctp_init(port, payload, from_port=5555):
    """With an unknown parameter, for the payload."""
    parameter = struct.pack('!HH', 0xc000, 4 + len(payload)) + payload
    parameter += b'\0' * (-len(parameter) % 4)
    chunk = struct.pack('!BBHIIHHI', 1, 0, 20 + len(parameter), 0x1234, 65535,
                        10, 10, 1) + parameter
    head = struct.pack('!HHI', from_port, port, 0)
    return head + struct.pack('<I', crc32c(head + bytes(4) + chunk)) + chunk


def ipv4(source, destination, protocol, data, ident=0, offset=0, more=False):
    """'offset': in bytes, of a fragment; 'more': it is not the last."""
    head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(data), ident,
                       offset // 8 | more << 13, 64, protocol, 0)
    head += packed(source) + packed(destination)
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + data


def ipv6(source, destination, protocol, data):
    return (struct.pack('!IHBB', 6 << 28, len(data), protocol, 64)
            + packed(source) + packed(destination) + data)


def extended(chain, protocol, data):
    """What is behind an IPv6 header: extension headers of the types in
    'chain', then 'data' of the protocol.  Returns the type of the first and
    all of it."""
    for kind in reversed(chain):
        if kind == FRAGMENT:
            # An atomic one: all of the packet.
            body = struct.pack('!HI', 0, 77)
        elif kind == ROUTING:
            # Of type 4 (segments), none left.
            body = struct.pack('!BBI', 4, 0, 0)
        else:
            # A PadN option.
            body = struct.pack('!BB', 1, 4) + bytes(4)
        kinds = bytes((protocol, 0))
        data = kinds + body + data
        protocol = kind
    return protocol, data


def cut(source, destination, protocol, data, sizes, ident=77):
    """The packet in fragments: 'sizes' are those of all but the last, in
    bytes, multiples of 8."""
    parts, offset = [], 0
    for size in [*sizes, len(data)]:
        part = data[offset:offset + size]
        more = offset + len(part) < len(data)
        if ':' in source:
            head = struct.pack('!BBHI', protocol, 0, offset | more, ident)
            parts.append(ipv6(source, destination, FRAGMENT, head + part))
        else:
            parts.append(ipv4(source, destination, protocol, part, ident,
                              offset, more))
        offset += len(part)
        if not more:
            break
    return parts


# Hosts.

def send(host, packets, to=None, pause=0):
    """Sends packets from a hosts.Host to the MAC address 'to', that of its
    router if it is None; 'pause' seconds after each."""
    host.run('/usr/bin/python3', os.path.realpath(__file__), 'send',
             to or host.network.mac(1), str(pause),
             input='\n'.join(packet.hex() for packet in packets))


def settle(host):
    """Waits until the switch has carried what came from a host on a network
    with a router."""
    host.run('/usr/bin/python3', os.path.realpath(__file__), 'settle',
             *_ending(host))


def _ending(host):
    from . import wait
    return host.network.gateway, str(10 * wait.SLOWNESS)


class Listener:
    """What comes into hosts, from its beginning to its end."""

    def __init__(self, *hosts):
        self.hosts = hosts
        self.found = {}

    def __enter__(self):
        self.processes = {
            host.name: subprocess.Popen(
                host.argv('/usr/bin/python3', os.path.realpath(__file__),
                          'listen', *_ending(host)), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, text=True) for host in self.hosts}
        for process in self.processes.values():
            assert process.stdout.readline().strip() == READY
        return self

    def __exit__(self, *_):
        from . import wait
        for name, process in self.processes.items():
            printed, _ = process.communicate('', timeout=60 * wait.SLOWNESS)
            assert process.returncode == 0, f'{name} listens no more'
            self.found[name] = [bytes.fromhex(line)
                                for line in printed.split()]

    def count(self, name, *marks):
        """How many of the packets that came into the host have one of the
        marks."""
        return sum(any(mark in packet for mark in marks)
                   for packet in self.found[name])


# The program.

def mac_bytes(text):
    return bytes.fromhex(text.replace(':', ''))


def main_send(to, pause):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind(('eth0', 0))
        own = sock.getsockname()[4]
        for line in sys.stdin:
            packet = bytes.fromhex(line)
            kind = ETH_P_IPV6 if packet[0] >> 4 == 6 else ETH_P_IP
            sock.send(mac_bytes(to) + own + struct.pack('!H', kind) + packet)
            time.sleep(float(pause))


def listen(sock, timeout, until=(), answer=None):
    """Prints what comes in until 'until' is readable, an answer to ECHO comes
    or the time is over; returns whether one of the first two is so."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        ready, _, _ = select.select([sock, *until], [], [], 0.1)
        if sock in ready:
            packet, where = sock.recvfrom(65536)
            if where[2] == socket.PACKET_OUTGOING:
                continue
            if ECHO not in packet:
                print(packet.hex())
            elif answer and answer in packet:
                return True
        elif ready:
            return True
    return False


def ask(sock, payload, router):
    head = struct.pack('!BBHHH', 8, 0, 0, os.getpid() & 0xffff, 0)
    sock.sendto(head[:2] + struct.pack('!H', checksum(head + payload))
                + head[4:] + payload, (router, 0))


def wait_carried(sock, router, seconds):
    with socket.socket(socket.AF_INET, socket.SOCK_RAW,
                       socket.IPPROTO_ICMP) as asking:
        for number in range(ECHOES):
            payload = ECHO + b'%d' % number
            end = time.monotonic() + float(seconds)
            while True:
                ask(asking, payload, router)
                if listen(sock, ECHO_PAUSE, answer=payload):
                    break
                if time.monotonic() > end:
                    sys.exit(f'{router} does not answer')


def main_listen(router, seconds):
    """Until its standard input ends, and what was under way is there."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                       socket.htons(ETH_P_ALL)) as sock:
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, LISTENER_BYTES)
        sock.bind(('eth0', ETH_P_ALL))
        print(READY, flush=True)
        listen(sock, math.inf, [sys.stdin])
        wait_carried(sock, router, seconds)


def main_settle(router, seconds):
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                       socket.htons(ETH_P_ALL)) as sock:
        sock.bind(('eth0', ETH_P_ALL))
        wait_carried(sock, router, seconds)


if __name__ == '__main__':
    {'send': main_send, 'listen': main_listen, 'settle': main_settle}[
        sys.argv[1]](*sys.argv[2:])
