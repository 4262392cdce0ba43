# SPDX-License-Identifier: Apache-2.0
"""What each request must be answered, and what it makes of the tree: Octavia's
rules (and OVN's limits), stated anew.

Where a request breaks several rules, which of them is told is left open, but
that a body that nobody understands comes first, and then what is not there.
"""

import collections
import ipaddress

import attributes
import tree

PARSE, LOOKUP, RULE = range(3)
UNSUPPORTED = 501
TRANSPORT = {'UDP': 'UDP', 'SCTP': 'SCTP'}      # All else: TCP.
CARRIED = ('TCP', 'UDP', 'SCTP')
FITS = {'TCP': ('HTTP', 'HTTPS', 'PROXY', 'PROXYV2', 'TCP'),
        'HTTP': ('HTTP', 'PROXY', 'PROXYV2'),
        'HTTPS': ('HTTPS', 'PROXY', 'PROXYV2', 'TCP'),
        'TERMINATED_HTTPS': ('HTTP', 'PROXY', 'PROXYV2'),
        'UDP': ('UDP',), 'SCTP': ('SCTP',), 'PROMETHEUS': ()}
TITLES = {'loadbalancer': 'Load Balancer', 'listener': 'Listener',
          'pool': 'Pool', 'member': 'Member',
          'healthmonitor': 'Health Monitor'}
# Options of listeners that OVN has nothing for.
UNHONOURED = {'connection_limit': -1, 'timeout_client_data': 50000,
              'timeout_member_connect': 5000, 'timeout_member_data': 50000,
              'timeout_tcp_inspect': 0}
STREAM_MONITORS = ('TCP', 'HTTP', 'HTTPS', 'PING', 'TLS-HELLO')
PACKET_MONITORS = ('UDP-CONNECT', 'SCTP', 'TCP', 'HTTP')
RESERVED = '169.254.169.254'
PERSISTENCE = ('type', 'cookie_name', 'persistence_timeout',
               'persistence_granularity')
DONE = {'GET': 200, 'POST': 201, 'PUT': 200, 'DELETE': 204}


class Operation(collections.namedtuple(
        'Operation', 'method kind key pool body query')):
    """A request for one object.

    key    its id, or None in a POST
    pool   the id of the pool in the path of members
    body   what is inside of the wrapper
    """

    @property
    def path(self):
        above = f'/pools/{self.pool}' if self.kind == 'member' else ''
        path = f'{above}/{tree.PLURALS[self.kind]}'
        return path + (f'/{self.key}' if self.key else '') + self.query

    @property
    def content(self):
        return None if self.body is None else {self.kind: self.body}


class Prediction:
    """faults  [(when it is told, status, part of the text)]
    said    what is created, or changed
    item    what is changed, deleted or shown
    parent  what a new object hangs on
    vips    of a new load balancer: [(subnet, address or None)]
    """

    def __init__(self):
        self.faults = []
        self.said = {}
        self.item = self.parent = None
        self.vips = []

    def fail(self, status, text='', when=RULE):
        self.faults.append((when, status, text))

    def answers(self):
        """[(status, part of the text)], each of which would be right."""
        first = min((when for when, _, _ in self.faults), default=None)
        return [(status, text) for when, status, text in self.faults
                if when == first]


class Model(tree.Tree):
    # Whether options that OVN has nothing for are refused, or stored.
    refuses_options = True

    def predict(self, op):
        """Returns the Prediction for a request."""
        out = Prediction()
        if op.method in ('POST', 'PUT'):
            try:
                out.said = attributes.understand(op.kind, op.method, op.body)
            except attributes.Wrong as wrong:
                for text in wrong.args:
                    out.fail(400, text, PARSE)
        if op.query and (op.method, op.kind) != ('DELETE', 'loadbalancer'):
            out.fail(400, 'Unknown argument', PARSE)
        pool = None
        if op.kind == 'member':
            pool = out.parent = self._look_up(out, 'pool', op.pool)
        if op.key is not None:
            out.item = self._look_up(out, op.kind, op.key, pool)
        if not out.faults and op.method != 'GET':
            getattr(self, f'_{op.method.lower()}_{op.kind}')(out, op)
        return out

    def _look_up(self, out, kind, key, parent=None, when=LOOKUP):
        item = self.find(kind, key, parent)
        if item is None:
            out.fail(404, f'{TITLES[kind]} {key} not found.', when)
        return item

    def _check_unlocked(self, out, item):
        """For what hangs on a load balancer."""
        pool = item.parent if item.kind in ('member', 'healthmonitor') else (
            item if item.kind == 'pool' and item is out.parent else None)
        if pool and pool.state != 'ACTIVE':
            out.fail(409, f'Pool {pool.key} is immutable')
        elif item.lb.state != 'ACTIVE':
            out.fail(409, f'Load Balancer {item.lb.key} is immutable')

    # Load balancers.

    def _check_lb_unlocked(self, out):
        if out.item.state != 'ACTIVE':
            out.fail(409, f'Invalid state {out.item.state} of loadbalancer '
                     f'resource {out.item.key}')

    def _post_loadbalancer(self, out, _):
        said = out.said
        if said['flavor_id']:
            out.fail(400, 'Invalid flavor_id.')
        if said['availability_zone'] is not None:
            out.fail(400, 'Invalid availability zone.')
        if said['provider'] != 'ovn':
            out.fail(400, 'is not enabled.')
        subnet, address = self._choose_vip(out, said)
        if subnet is None:
            return
        out.vips = [(subnet, address)]
        self._choose_additional_vips(out, said, subnet)
        for place, wanted in out.vips:
            if wanted and said['vip_port_id'] and place is subnet:
                continue
            if wanted and not self.places.fits(place, wanted):
                out.fail(400, 'is not a valid IP for the specified subnet.')
            elif wanted and self.is_taken(place, wanted):
                out.fail(409, 'The VIP IP address is already in use: ')

    def is_taken(self, subnet, address):
        """Whether a port, a router or a VIP has an address."""
        address = tree.canonical(address)
        return (address in self.places.taken(subnet.network)
                or any(address in [lb['vip_address'],
                                   *[vip['ip_address'] for vip
                                     in lb['additional_vips']]]
                       for lb in self.of('loadbalancer')
                       if lb['vip_network_id'] == subnet.network))

    def _subnet(self, out, key):
        subnet = self.places.subnets.get(key)
        if subnet is None:
            out.fail(400, f'Subnet {key} not found.')
        return subnet

    def _choose_vip(self, out, said):
        """The subnet and the address (None: any) that a request is for."""
        network, key = said['vip_network_id'], said['vip_subnet_id']
        address = said['vip_address']
        if said['vip_port_id']:
            return self._choose_port(out, said)
        if not network and not key:
            out.fail(400, 'VIP must contain one of: vip_port_id, '
                     'vip_network_id, vip_subnet_id.')
            return None, None
        if network and network not in self.places.names:
            out.fail(400, f'Network {network} not found.')
            return None, None
        if key:
            subnet = self._subnet(out, key)
            if subnet and network and subnet.network != network:
                out.fail(400, f'Subnet {key} not found.')
            return subnet, address
        subnets = self.places.of_network(network)
        if address:
            subnets = [subnet for subnet in subnets
                       if ipaddress.ip_address(address) in subnet.cidr]
        if not subnets:
            out.fail(400, 'Supplied network does not contain a subnet')
            return None, None
        return min(subnets, key=lambda subnet: subnet.cidr.version), address

    def _choose_port(self, out, said):
        key, address = said['vip_port_id'], said['vip_address']
        port = self.places.ports.get(key)
        if port is None:
            out.fail(400, f'Port {key} not found.')
            return None, None
        if port.device:
            out.fail(400, f'Port {key} is already used by device')
        if any(lb['vip_port_id'] == key for lb in self.of('loadbalancer')):
            # Octavia has no text for it.
            out.fail(400)
            out.fail(409)
        homes = {address: subnet for address in port.addresses
                 for subnet in self.places.of_network(port.network)
                 if ipaddress.ip_address(address) in subnet.cidr}
        if said['vip_subnet_id']:
            subnet = self._subnet(out, said['vip_subnet_id'])
            inside = [one for one in port.addresses if homes[one] is subnet]
            if not inside:
                out.fail(400, 'No VIP address found on the specified VIP '
                         'port within the specified subnet.')
                return None, None
            return subnet, inside[0]
        if address:
            address = tree.canonical(address)
            if address not in homes:
                out.fail(400, 'Specified VIP address not found on the '
                         'specified VIP port.')
                return None, None
            return homes[address], address
        if len(homes) != 1:
            out.fail(400, "VIP port's subnet could not be determined.")
            return None, None
        (address, subnet), = homes.items()
        return subnet, address

    def _choose_additional_vips(self, out, said, first):
        keys = {first.key}
        for vip in said['additional_vips']:
            key = vip.get('subnet_id')
            if key is None:
                out.fail(400, 'Mandatory field missing.', PARSE)
                continue
            if key in keys:
                out.fail(400, 'Duplicate VIP subnet(s) specified.')
            keys.add(key)
            subnet = self.places.subnets.get(key)
            if subnet is None:
                out.fail(400, f'Subnet {key} not found')
                continue
            if subnet.network != first.network:
                out.fail(400, 'All VIP subnets must belong to the same '
                         'network.')
            if vip.get('port_id'):
                out.fail(UNSUPPORTED)
            out.vips.append((subnet, vip.get('ip_address')))

    def _put_loadbalancer(self, out, _):
        self._check_lb_unlocked(out)

    def _delete_loadbalancer(self, out, op):
        children = [item for item in self.items.values()
                    if item.lb is out.item and item is not out.item]
        if children and not op.query:
            out.fail(400, f'Cannot delete Load Balancer {op.key} - it has '
                     'children')
        else:
            self._check_lb_unlocked(out)

    # Listeners.

    def _post_listener(self, out, _):
        said = out.said
        lb = out.parent = self._look_up(out, 'loadbalancer',
                                        said['loadbalancer_id'])
        if lb is None:
            return
        protocol, port = said['protocol'], said['protocol_port']
        self._check_unlocked(out, lb)
        self._check_listener(out, lb, protocol, said, UNHONOURED)
        if protocol not in CARRIED:
            out.fail(UNSUPPORTED,
                     f'OVN provider does not support {protocol} protocol')
        if protocol == 'TERMINATED_HTTPS':
            out.fail(400, 'certificate container reference must be provided')
        for other in self.of('listener', lb):
            if other['protocol_port'] == port and (
                    TRANSPORT.get(other['protocol'])
                    == TRANSPORT.get(protocol)):
                out.fail(409, 'Another Listener on this Load Balancer is '
                         f'already using protocol {other["protocol"]} and '
                         f'protocol_port {port}')

    def _put_listener(self, out, _):
        self._check_unlocked(out, out.item)
        self._check_listener(out, out.item.lb, out.item['protocol'],
                             out.said, out.item.said)

    def _check_listener(self, out, lb, protocol, said, stored):
        if said.get('insert_headers'):
            if protocol not in ('HTTP', 'TERMINATED_HTTPS'):
                out.fail(400)
            else:
                out.fail(UNSUPPORTED)
                out.fail(400)
        for name, default in UNHONOURED.items():
            if self.refuses_options and said.get(name, default) not in (
                    default, stored[name]):
                out.fail(UNSUPPORTED, name)
        for cidr in said.get('allowed_cidrs') or ():
            try:
                if ipaddress.ip_network(cidr, False).version not in (
                        self.versions(lb)):
                    out.fail(400)
            except ValueError:
                out.fail(400, 'IPv4 or IPv6 CIDR format', PARSE)
        key = said.get('default_pool_id')
        pool = key and self._look_up(out, 'pool', key, lb, RULE)
        if pool:
            self._check_protocols(out, protocol, pool['protocol'])
        if key and protocol == 'PROMETHEUS':
            out.fail(400, 'listeners cannot have child objects.')

    @staticmethod
    def _check_protocols(out, listener, pool):
        if pool not in FITS[listener]:
            out.fail(400, f"The pool protocol '{pool}' is invalid while the "
                     f"listener protocol is '{listener}'.")

    def _delete_listener(self, out, _):
        self._check_unlocked(out, out.item)

    # Pools.

    def _post_pool(self, out, _):
        said = out.said
        lb = listener = None
        if said['loadbalancer_id']:
            lb = self._look_up(out, 'loadbalancer', said['loadbalancer_id'])
        if said['listener_id']:
            listener = self._look_up(
                out, 'listener', said['listener_id'],
                lb if said['loadbalancer_id'] else None)
        if not said['loadbalancer_id'] and not said['listener_id']:
            out.fail(400, 'Must provide at least one of: loadbalancer_id, '
                     'listener_id')
        lb = lb or (listener and listener.lb)
        if lb is None:
            return
        out.parent = lb
        self._check_unlocked(out, lb)
        if listener:
            self._check_protocols(out, listener['protocol'],
                                  said['protocol'])
            if listener['default_pool_id']:
                out.fail(409, 'This listener already has a default pool')
        if said['protocol'] not in CARRIED:
            out.fail(UNSUPPORTED, 'OVN provider does not support '
                     f'{said["protocol"]} protocol')
        self._check_pool(out, said['protocol'], None)

    def _put_pool(self, out, _):
        self._check_unlocked(out, out.item)
        self._check_pool(out, out.item['protocol'], out.item)

    def _check_pool(self, out, protocol, pool):
        algorithm = out.said.get('lb_algorithm', 'SOURCE_IP')
        if not algorithm.startswith('SOURCE_IP') and not (
                pool and pool['lb_algorithm'] == algorithm):
            out.fail(UNSUPPORTED,
                     f'OVN provider does not support {algorithm} algorithm')
        given = out.said.get('session_persistence')
        if given is None:
            return
        # An update replaces all but the type.
        stored = pool and pool['session_persistence'] or {}
        whole = {**dict.fromkeys(PERSISTENCE), **given}
        whole['type'] = given.get('type') or stored.get('type')
        out.said['session_persistence'] = whole
        if not whole['type']:
            # In a POST it is the body that is not understood.
            out.fail(400, '', RULE if pool else PARSE)
            return
        self._check_persistence(out, protocol, whole)

    def _check_persistence(self, out, protocol, whole):
        kind, timeout = whole['type'], whole['persistence_timeout']
        granularity = whole['persistence_granularity']
        if kind != 'SOURCE_IP':
            out.fail(UNSUPPORTED, kind)
        if protocol in ('UDP', 'SCTP'):
            if kind != 'SOURCE_IP' or whole['cookie_name'] is not None:
                out.fail(400)
        else:
            if timeout is not None or granularity is not None:
                out.fail(400, 'persistence_timeout and '
                         'persistence_granularity is only for UDP')
            if (kind == 'APP_COOKIE') != (whole['cookie_name'] is not None):
                out.fail(400, 'cookie_name')
        if timeout is not None and not 1 <= timeout <= 65535:
            out.fail(UNSUPPORTED, 'persistence_timeout of')
        if self.refuses_options and granularity not in (
                None, '255.255.255.255'):
            out.fail(UNSUPPORTED, 'persistence_granularity of')

    def _delete_pool(self, out, _):
        self._check_unlocked(out, out.item)

    # Members.

    def versions(self, lb):
        return {tree.version(address) for address in self.vips(lb)}

    def vips(self, lb):
        return [lb['vip_address'],
                *[vip['ip_address'] for vip in lb['additional_vips']]]

    def reaches(self, lb, address):
        """Whether a member of the load balancer needs no subnet there."""
        subnets = self.places.subnets
        networks = {lb['vip_network_id'], *[
            subnets[vip['subnet_id']].network
            for vip in lb['additional_vips']]}
        # The router is between these two.
        joined = {self.places.networks[name] for name in ('n1', 'n2')}
        if networks & joined:
            networks |= joined
        return any(ipaddress.ip_address(address) in subnet.cidr
                   for subnet in subnets.values()
                   if subnet.network in networks)

    def _post_member(self, out, _):
        said, pool = out.said, out.parent
        lb, address = pool.lb, said['address']
        self._check_unlocked(out, pool)
        if tree.canonical(address) == RESERVED:
            out.fail(400, 'is not a valid option for member address')
        if said['subnet_id']:
            self._subnet(out, said['subnet_id'])
        elif not self.reaches(lb, address):
            out.fail(UNSUPPORTED, 'Subnet is required')
        if tree.canonical(address) in self.vips(lb):
            out.fail(400, "cannot be a member's")
        if tree.version(address) not in self.versions(lb):
            out.fail(UNSUPPORTED, 'OVN provider does not support mixing')
        self._check_member(out)
        port = said['protocol_port']
        if any(tree.canonical(other['address']) == tree.canonical(address)
               and other['protocol_port'] == port
               for other in self.of('member', pool)):
            out.fail(409, f'Another member on this pool is already using ip '
                     f'{address} on protocol_port {port}')

    @staticmethod
    def _check_member(out):
        for name in ('monitor_port', 'monitor_address'):
            if out.said.get(name) is not None:
                out.fail(UNSUPPORTED, 'different member monitor address')

    def _put_member(self, out, _):
        self._check_unlocked(out, out.item)
        self._check_member(out)

    def _delete_member(self, out, _):
        self._check_unlocked(out, out.item)

    # Health monitors.

    def _post_healthmonitor(self, out, _):
        said = out.said
        pool = out.parent = self._look_up(out, 'pool', said['pool_id'])
        if pool is None:
            return
        self._check_unlocked(out, pool)
        kind, protocol = said['type'], pool['protocol']
        if protocol == 'TCP' and kind not in STREAM_MONITORS:
            out.fail(400, f'The {kind} type is only supported for pools of '
                     'type UDP/SCTP.')
        if protocol != 'TCP' and kind not in PACKET_MONITORS:
            out.fail(400, f'The associated pool protocol is {protocol}')
        if protocol == 'SCTP' or kind != {'TCP': 'TCP', 'UDP': 'UDP-CONNECT'
                                          }[protocol]:
            out.fail(UNSUPPORTED, 'OVN provider does not support')
        self._check_monitor(out, kind)
        if self.monitor(pool):
            out.fail(409, 'This pool already has a health monitor')

    def _put_healthmonitor(self, out, _):
        self._check_unlocked(out, out.item)
        self._check_monitor(out, out.item['type'])

    @staticmethod
    def _check_monitor(out, kind):
        said = out.said
        if kind == 'UDP-CONNECT' and said.get('delay', 3) < 3:
            out.fail(400, 'should be larger than 3 for UDP-CONNECT')
        for name in ('delay', 'timeout'):
            if said.get(name) == 0:
                out.fail(UNSUPPORTED, f'a health monitor {name} of 0')
        if said.get('url_path') is not None and kind not in ('HTTP',
                                                             'HTTPS'):
            out.fail(400, 'url_path is not a valid option')

    def _delete_healthmonitor(self, out, _):
        self._check_unlocked(out, out.item)

    # What an accepted request makes of the tree.

    def apply(self, op, out, shown=None):
        """Carries out a request that was accepted; 'shown' is what the
        answer says of a new object.  Returns the object."""
        if op.method == 'POST':
            return self._apply_post(op, out, shown)
        if op.method == 'PUT':
            out.item.said.update(out.said)
            self.lock(out.item, tree.UPDATE)
        elif op.method == 'DELETE':
            self.lock(out.item, tree.DELETE)
        return out.item

    def _apply_post(self, op, out, shown):
        said = dict(out.said)
        if op.kind == 'loadbalancer':
            self._take_vips(out, said, shown)
            said['owner'] = (said.pop('tenant_id') or said.pop('project_id')
                             or 'default')
        item = tree.Item(op.kind, shown['id'], said, out.parent)
        listener = said.get('listener_id') if op.kind == 'pool' else None
        self.add(item)
        if listener:
            listener = self.items[listener]
            listener.said['default_pool_id'] = item.key
        self.lock(item, tree.CREATE)
        if listener:
            listener.state = tree.UPDATE
        return item

    def _take_vips(self, out, said, shown):
        """What the driver chose is as good as what was asked for, if nobody
        had it."""
        seen = [(shown['vip_subnet_id'], shown['vip_address']),
                *[(vip['subnet_id'], vip['ip_address'])
                  for vip in shown['additional_vips']]]
        assert len(seen) == len(out.vips), (seen, out.vips)
        for (key, address), (subnet, wanted) in zip(seen, out.vips):
            assert key == subnet.key, (key, subnet)
            assert address == tree.canonical(address), address
            if wanted:
                assert address == tree.canonical(wanted), (address, wanted)
            else:
                assert self.places.fits(subnet, address), address
                assert not self.is_taken(subnet, address), address
        said.update({name: shown[name] for name in (
            'vip_address', 'vip_port_id', 'vip_subnet_id')})
        said['vip_network_id'] = out.vips[0][0].network
        said['additional_vips'] = [dict(vip) for vip
                                   in shown['additional_vips']]
