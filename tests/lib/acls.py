# SPDX-License-Identifier: Apache-2.0
"""The ACLs of allowed_cidrs and the port groups that have them, as a test sees
them in the Northbound database, and an independent statement of what they must be:
which addresses each switch keeps out."""

import collections
import ipaddress
import re

from . import history

PURPOSE = 'ovn-octavia:purpose'
STAGE = 'ovn-octavia:stage'


def as_list(value):
    """References of a row: one of them alone is no list."""
    return value if isinstance(value, list) else [value]


class Acls:
    """What is there now."""

    def __init__(self, nb):
        with nb.client() as db:
            dump = db.dump()
        ours = {key: row for key, row in dump['ACL'].items()
                if row['external_ids'].get(PURPOSE) == 'allowed_cidrs'}
        self.acls = {key: row for key, row in ours.items()
                     if STAGE not in row['external_ids']}
        # For what other load balancers have translated.
        self.translated = {key: row for key, row in ours.items()
                           if key not in self.acls}
        self.groups = {
            row['name']: row for row in dump['Port_Group'].values()
            if row['external_ids'].get(PURPOSE) == 'allowed_cidrs'}
        self.switches = dump['Logical_Switch']
        self.ports = dump['Logical_Switch_Port']

    def matches(self):
        return sorted(row['match'] for row in self.acls.values())

    def group_ports(self):
        """The names of the ports in the groups."""
        return sorted(self.ports[port]['name']
                      for row in self.groups.values()
                      for port in as_list(row['ports']))

    def on_switches(self):
        """The names of the switches that have one of the ACLs themselves."""
        return sorted(row['name'] for row in self.switches.values()
                      if set(as_list(row['acls'])) & set(self.acls))

    def key(self):
        """The UUID of the only one."""
        key, = self.acls
        return key


MATCH = re.compile(r'ip([46])\.dst == \{(.*?)\} && (\w+)\.dst == (\d+)'
                   r'(?: && ip[46]\.src == \{(.*)\})?')
TRANSLATED = re.compile(r'ip([46])\.dst == \{(.*?)\} && (\w+)\.dst == (\d+)'
                        r' && ct\.dnat')


def networks(texts, version):
    found = [ipaddress.ip_network(text.strip(), False) for text in texts]
    return list(ipaddress.collapse_addresses(
        net for net in found if net.version == version))


def edges(nets, version):
    """Addresses at and beside the ends of ranges, and far from all."""
    size = 1 << (32 if version == 4 else 128)
    kind = (ipaddress.IPv4Address if version == 4
            else ipaddress.IPv6Address)
    numbers = {0, size // 3, size - 1}
    for net in nets:
        first, last = int(net[0]), int(net[-1])
        numbers |= {first - 1, first, last, last + 1}
    return [kind(number) for number in sorted(numbers) if 0 <= number < size]


def contains(nets, address):
    return any(address in net for net in nets)


class Expected:
    """What a load balancer's listeners keep out."""

    def __init__(self, listeners, addresses):
        self.wanted = {}
        for listener in listeners:
            for version in (4, 6):
                vips = {item for item in addresses
                        if (':' in item) == (version == 6)}
                nets = networks(listener['allowed_cidrs'] or (), version)
                if listener['allowed_cidrs'] and vips and not any(
                        net.prefixlen == 0 for net in nets):
                    key = (version, listener['protocol'].lower(),
                           str(listener['protocol_port']))
                    self.wanted[key] = vips, nets

    def differences(self, rows, has_router):
        """'rows' are the ACLs that one switch has for the load balancer;
        'has_router': routers may translate what leaves it."""
        second = [row for row in rows if STAGE in row['external_ids']]
        rows = [row for row in rows if row not in second]
        found = self._translated_differences(second, has_router)
        seen = {}
        places = set()
        for row in rows:
            parts = MATCH.fullmatch(row['match'])
            if not parts or (row['direction'], row['action']) != (
                    'from-lport', 'drop'):
                found.append(f'ACL {row["match"]}')
                continue
            version, vips, protocol, port, refused = parts.groups()
            key = int(version), protocol, port
            says = set(vips.split(', ')), refused and refused.split(',')
            # A switch of two routers has it from each of them.
            place = row['external_ids']['ovn-octavia:place']
            if seen.setdefault(key, says) != says or (key, place) in places:
                found.append(f'ACL {row["match"]} is there twice')
            places.add((key, place))
        if set(seen) != set(self.wanted):
            return found + [f'ACLs of {sorted(seen)}, not '
                            f'{sorted(self.wanted)}']
        for key, (vips, refused) in seen.items():
            found += self._compare(key, vips, refused)
        return found

    def _translated_differences(self, rows, has_router):
        seen = set()
        for row in rows:
            parts = TRANSLATED.fullmatch(row['match'])
            if not parts or (row['direction'], row['action'],
                             row['options']) != (
                    'from-lport', 'drop', {'apply-after-lb': 'true'}):
                return [f'ACL {row["match"]} {row["options"]}']
            version, vips, protocol, port = parts.groups()
            seen.add((int(version), protocol, port,
                      frozenset(vips.split(', '))))
        wanted = {(*key, frozenset(vips))
                  for key, (vips, _) in self.wanted.items() if has_router}
        return [] if seen == wanted else [
            f'ACLs for what is translated {seen}, not {wanted}']

    def _compare(self, key, vips, refused):
        version = key[0]
        wanted_vips, allowed = self.wanted[key]
        if vips != wanted_vips:
            return [f'ACL {key} is for {vips}, not {wanted_vips}']
        nets = networks(refused, version) if refused else [
            ipaddress.ip_network('0.0.0.0/0' if version == 4 else '::/0')]
        return [f'ACL {key}: {address} is treated wrongly'
                for address in edges(allowed, version)
                if contains(nets, address) == contains(allowed, address)]


def absences(server, since_ms):
    """For how long ACLs were gone that were deleted after 'since_ms', ms since
    the epoch, and made again: [(their place; ms)].  'server' has the
    Northbound database."""
    alive, gone, found = {}, {}, []
    for record in history.records(server):
        for key, row in record.get('ACL', {}).items():
            ids = dict(row['external_ids'][1]) if row and (
                'external_ids' in row) else {}
            if row is None and key in alive:
                gone[alive.pop(key)] = record['_date']
            elif PURPOSE in ids and key not in alive:
                which = alive[key] = (ids['ovn-octavia:place'], row['match'])
                gone_ms = gone.pop(which, 0)
                if gone_ms > since_ms:
                    found.append((which[0], record['_date'] - gone_ms))
    return found


def of_switches(nb, lb_id):
    """{switch: ACLs of the load balancer on it}: by itself, or by a group that
    has a port of it."""
    found = collections.defaultdict(list)
    for switch in nb.switches.values():
        keys = set(switch['acls']).union(*(
            group['acls'] for group in nb.port_groups.values()
            if set(group['ports']) & set(switch['ports'])))
        for key in keys & set(nb.acls):
            row = nb.acls[key]
            if row['external_ids'].get('ovn-octavia:loadbalancer') == lb_id:
                found[switch['name']].append(row)
    return found


def differences(nb, lb_id, listeners, addresses, homes):
    """How the ACLs of a load balancer differ from what they must be; 'homes'
    are the switches of its VIPs and members that carry it."""
    expected = Expected(listeners, addresses)
    joined = set().union(*map(nb.all_joined_by, nb.routers_of(homes)))
    entrances = joined.union(homes)
    seen = of_switches(nb, lb_id)
    if not expected.wanted:
        entrances = set()
    if set(seen) != entrances:
        return [f'ACLs on {sorted(seen)}, not {sorted(entrances)}']
    return [f'{name}: {text}' for name, rows in seen.items()
            for text in expected.differences(rows, name in joined)]
