# SPDX-License-Identifier: Apache-2.0
"""allowed_cidrs, and packets that no ordinary client sends: what of them gets to
a member."""

import collections
import itertools
import struct

import allowed
from allowed import CLIENT1
from lib import frames, proc

NOBODY = '10.77.0.0/16', 'fd77::/32'
CLIENT1_6 = 'fd00:1::15/128'
# Of the first fragments: the switch takes smaller ones for attacks.
FRAGMENT = 1400
# After each packet, in seconds.
PAUSE = 0.02
CHAINS = (
    (frames.HOP_BY_HOP,), (frames.OPTIONS,), (frames.FRAGMENT,),
    (frames.ROUTING,), (frames.HOP_BY_HOP, frames.OPTIONS, frames.ROUTING,
                        frames.FRAGMENT), (frames.FRAGMENT, frames.OPTIONS),
    (frames.OPTIONS,) * 6)


class Marked:
    """A packet, or its fragments, with marks that no other one has."""

    numbers = itertools.count(20001)

    def __init__(self, title, host, to=None, port=None):
        number = next(self.numbers)
        self.title = f'{host.name}: {title}'
        self.host, self.to = host, to
        self.port = port or number
        self.mark = b'<%d>' % number
        self.packets = []


class ByHand(allowed.Allowed):

    def addresses(self, host):
        """The pairs of source and VIP."""
        return ((host.address, self.vip), (host.address6, self.vip6))

    def plain(self, host):
        """Ordinary datagrams."""
        for source, vip in self.addresses(host):
            made = Marked(f'to {vip}', host)
            make = frames.ipv6 if ':' in vip else frames.ipv4
            made.packets = [make(source, vip, frames.UDP, frames.udp(
                source, vip, 80, made.mark, made.port))]
            yield made

    def to_other_macs(self, host):
        """Datagrams that do not go to the router."""
        web = self.hosts['web1']
        for mac in ('ff:ff:ff:ff:ff:ff', web.network.mac(web.number)):
            made = Marked(f'to {mac}', host, mac)
            made.packets = [frames.ipv4(
                host.address, self.vip, frames.UDP, frames.udp(
                    host.address, self.vip, 80, made.mark, made.port))]
            yield made

    def extended(self, host):
        """IPv6 with extension headers."""
        source, vip = host.address6, self.vip6
        for chain in CHAINS:
            made = Marked(f'headers {chain}', host)
            made.packets = [frames.ipv6(source, vip, *frames.extended(
                chain, frames.UDP, frames.udp(source, vip, 80, made.mark,
                                              made.port)))]
            yield made

    def fragmented(self, host):
        """Datagrams in fragments: all of them, in both orders, and some."""
        for (source, vip), (title, pick) in itertools.product(
                self.addresses(host), (
                    ('fragments', lambda all_: all_),
                    ('fragments backwards', lambda all_: all_[::-1]),
                    ('the first fragment', lambda all_: all_[:1]),
                    ('later fragments', lambda all_: all_[1:]))):
            made = Marked(f'{title} to {vip}', host)
            data = frames.udp(source, vip, 80, made.mark * 300, made.port)
            made.packets = pick(frames.cut(source, vip, frames.UDP, data,
                                           [FRAGMENT], made.port))
            yield made

    def without_ports(self, host):
        """IPv6 whose first fragment ends before the datagram begins."""
        source, vip = host.address6, self.vip6
        made = Marked('a first fragment without ports', host)
        first, data = frames.extended(
            (frames.OPTIONS,) * (FRAGMENT // 8), frames.UDP,
            frames.udp(source, vip, 80, made.mark * 10, made.port))
        made.packets = frames.cut(source, vip, first, data, [FRAGMENT],
                                  made.port)
        yield made

    def arrived(self, *all_made):
        """The titles of those of which a part came to a server."""
        servers = [self.hosts[name] for name in ('web1', 'web2', 'web3')]
        sent = collections.defaultdict(list)
        for made in all_made:
            sent[made.host, made.to] += made.packets
        with frames.Listener(*servers) as listener:
            for (host, to), packets in sent.items():
                frames.send(host, packets, to, PAUSE)
        return {made.title for made in all_made
                if listener.count('web1', made.mark)}

    def titles(self, made):
        return {one.title for one in made}


class Datagrams(ByHand):

    def test_refused(self):
        """Nothing that a refused client sends gets to a member: fragments,
        IPv6 with extension headers, frames to other machines"""
        self.make_both(CLIENT1, CLIENT1_6, protocol='UDP')
        good, bad = self.hosts['client1'], self.hosts['client2']
        self.served('client1', among=('client1', 'client2'))
        wanted = [*self.plain(good), *self.extended(good)]
        refused = [made for host in (bad, self.hosts['web2']) for make in (
            self.plain, self.to_other_macs, self.extended, self.fragmented,
            self.without_ports) for made in make(host)]
        self.assertEqual(self.arrived(*wanted, *refused), self.titles(wanted))
        # Those in the VIP's own network.
        self.allow(*NOBODY)
        self.served(among=('client1',))
        self.assertEqual(self.arrived(*[
            made for make in (self.plain, self.to_other_macs, self.extended,
                              self.fragmented, self.without_ports)
            for made in make(good)]), set())

    def test_fragments(self):
        """Fragments of what an allowed client sends get to the member that
        has its other datagrams; those of a refused one do not"""
        self.make_both(CLIENT1, CLIENT1_6, protocol='UDP')
        self.served('client1', among=('client1', 'client2'))
        sent = []
        for name in ('client1', 'client2'):
            for plain in self.plain(self.hosts[name]):
                vip = self.vip6 if plain.packets[0][0] >> 4 == 6 else self.vip
                source = dict((vip, source) for source, vip
                              in self.addresses(plain.host))[vip]
                parts = Marked(f'fragments to {vip}', plain.host,
                               port=plain.port)
                data = frames.udp(source, vip, 80, parts.mark * 300,
                                  parts.port)
                parts.packets = frames.cut(source, vip, frames.UDP, data,
                                           [FRAGMENT], parts.port)
                sent += [plain, parts]
        web = self.hosts['web1']
        with frames.Listener(web) as listener:
            for made in sent:
                # Each by itself: the switch loses fragments that it finds
                # beside the first datagram.
                frames.send(made.host, made.packets)
                frames.settle(made.host)
        self.assertEqual([listener.count('web1', made.mark) for made in sent],
                         [1, 2, 1, 2, 0, 0, 0, 0])


class Errors(ByHand):
    """ICMP."""

    @staticmethod
    def too_big(source, vip, port, mark):
        """Says that what came from the VIP was too big.  Returns a function
        of who says it."""
        answer = struct.pack('!4H', 80, port, 508, 0) + mark
        if ':' in vip:
            quoted = frames.ipv6(vip, source, frames.UDP, answer)
            data = struct.pack('!BBHI', 2, 0, 0, 1300) + quoted
            return lambda sender: frames.ipv6(
                sender, vip, frames.ICMPV6,
                frames.with_sum(sender, vip, frames.ICMPV6, data, 2))
        quoted = frames.ipv4(vip, source, frames.UDP, answer)
        data = struct.pack('!BBHHH', 3, 4, 0, 0, 1300) + quoted
        data = data[:2] + struct.pack('!H', frames.checksum(data)) + data[4:]
        return lambda sender: frames.ipv4(sender, vip, frames.ICMP, data)

    def test_too_big(self):
        """ICMP that is about the connection of an allowed client comes to its
        member; that of a refused one does not, and opens nothing"""
        self.make_both(CLIENT1, CLIENT1_6, protocol='UDP')
        good, bad = self.hosts['client1'], self.hosts['client2']
        self.served('client1', among=('client1', 'client2'))
        known, unknown = [*self.plain(good)], [*self.plain(bad)]
        with frames.Listener(self.hosts['web1']) as listener:
            for made in known + unknown:
                frames.send(made.host, made.packets)
            for number, (mine, other) in enumerate(zip(known, unknown)):
                source, vip = self.addresses(good)[number]
                source2, _ = self.addresses(bad)[number]
                says = self.too_big(source, vip, mine.port, b'<good>')
                frames.send(good, [says(source)])
                # About its own datagram, and that of the other.
                says = self.too_big(source2, vip, other.port, b'<own>')
                frames.send(bad, [says(source2)])
                says = self.too_big(source, vip, mine.port, b'<other>')
                frames.send(bad, [says(source2)])
            for made in unknown:
                frames.send(made.host, made.packets)
        for mark, n in [(b'<good>', 2), (b'<own>', 0), (b'<other>', 0)] + [
                (made.mark, 1) for made in known] + [
                    (made.mark, 0) for made in unknown]:
            self.assertEqual(listener.count('web1', mark), n, mark)

    def test_unreachable(self):
        """The allowed client is told that nobody listens at the member"""
        self.make_both(CLIENT1, CLIENT1_6, protocol='UDP')
        self.served('client1', among=('client1', 'client2'))
        self.stop_backend('web1')
        good = self.hosts['client1']
        with frames.Listener(good) as listener:
            for made in self.plain(good):
                frames.send(good, made.packets)
        found = {(packet[0] >> 4, packet[9 if packet[0] >> 4 == 4 else 6])
                 for packet in listener.found['client1']}
        self.assertLessEqual({(4, frames.ICMP), (6, frames.ICMPV6)}, found)


class Sctp(allowed.Allowed):

    def trace(self, host, vip):
        """Where OVN's logical flows take a new association."""
        six = ':' in vip
        source = host.address6 if six else host.address
        version = 'ip6' if six else 'ip4'
        return proc.run(
            ['ovn-trace', f'--db={self.world.ovn.sb.remote}', '--minimal',
             '--ct=new', host.network.name,
             f'inport == "{host.name}" && eth.src == '
             f'{host.network.mac(host.number)} && eth.dst == '
             f'{host.network.mac(1)} && {version}.src == {source} && '
             f'{version}.dst == {vip} && ip.ttl == 64 && sctp.src == 7000 '
             '&& sctp.dst == 80'], env=self.world.ovn.environment)

    def test_sctp(self):
        """SCTP from refused clients is dropped, as far as OVN's flows can
        say: Open vSwitch's own datapath does not translate it"""
        self.make_both(protocol='SCTP')
        for cidrs, clients in (((), ('client1', 'client2')),
                               ((CLIENT1, CLIENT1_6), ('client1',)),
                               (NOBODY, ())):
            self.allow(*cidrs)
            for name in ('client1', 'client2'):
                for vip in (self.vip, self.vip6):
                    with self.subTest(cidrs=cidrs, client=name, vip=vip):
                        self.assertEqual(
                            'output("web1")' in self.trace(
                                self.hosts[name], vip), name in clients)
