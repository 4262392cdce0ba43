# SPDX-License-Identifier: Apache-2.0
"""What may be said about each kind of object, as Octavia's API reference has
it: for every attribute its type, where it may be given, what it is if it is
not, and what null means.  Knows nothing of how any program does this.
"""

import collections
import ipaddress
import re
import uuid

REQUIRED = object()     # As a default: the attribute must be given.
KEPT = object()         # As the meaning of null: nothing changes.
REFUSED = object()      # As the meaning of null: 400.


class Wrong(Exception):
    """What no request may say (400), as parts of texts, of which one is
    told."""


Attribute = collections.namedtuple(
    'Attribute', 'parse default null_post null_put in_post in_put')


def attribute(parse, default=None, null=None, where='both', null_put=None):
    """null      what null means; None: the default
    null_put  the same in an update, if it differs
    where     'post', or 'both' POST and PUT"""
    null = default if null is None else null
    return Attribute(parse, default, null,
                     null if null_put is None else null_put,
                     True, where == 'both')


# Types: from what a request says to what is shown.

def text(size, pattern=None):
    def parse(value):
        if not isinstance(value, str):
            raise Wrong('Value should be string')
        if len(value) > size:
            raise Wrong(f'maximum character requirement of {size}')
        if pattern and not re.fullmatch(pattern, value):
            raise Wrong('Value should match the pattern')
        return value
    return parse


def boolean(value):
    if isinstance(value, int):
        return bool(value)
    if isinstance(value, str):
        if value in ('true', 't', 'yes', 'y', 'on', '1'):
            return True
        if value in ('false', 'f', 'no', 'n', 'off', '0'):
            return False
    raise Wrong('Value not an unambiguous boolean')


def integer(low, high=None):
    def parse(value):
        if isinstance(value, str) and re.fullmatch(r'[+-]?\d+', value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Wrong('')
        if not -2**63 <= value < 2**63:
            raise Wrong('')
        if value < low:
            raise Wrong(f'Value should be greater or equal to {low}')
        if high is not None and value > high:
            raise Wrong(f'Value should be lower or equal to {high}')
        return value
    return parse


def identifier(value):
    try:
        return str(uuid.UUID(value))
    except (ValueError, AttributeError, TypeError):
        raise Wrong('Value should be UUID format') from None


def address(value):
    """Shown as it was written."""
    try:
        if not isinstance(value, str):
            raise ValueError
        ipaddress.ip_address(value)
    except ValueError:
        raise Wrong('Value should be IPv4 or IPv6 format') from None
    return value


def url_path(value):
    if not isinstance(value, str) or not re.fullmatch(r'/([^/\s]\S*)?', value):
        raise Wrong('')
    return value


def one_of(*words):
    def parse(value):
        if value not in words:
            raise Wrong('Value should be one of: ')
        return value
    return parse


def list_of(parse_item):
    def parse(value):
        if not isinstance(value, list):
            raise Wrong('')
        return [parse_item(item) for item in value]
    return parse


def mapping(value):
    if not isinstance(value, dict):
        raise Wrong('')
    return value


def parts(**attributes):
    """An object inside of an attribute, as a dict of what was said."""
    def parse(value):
        if not isinstance(value, dict) or set(value) - set(attributes):
            raise Wrong('')
        return {key: None if given is None else attributes[key](given)
                for key, given in value.items()}
    return parse


PORT = integer(1, 65535)
MILLISECONDS = integer(0, 2073600000)
NAMED = {'name': attribute(text(255), ''),
         'admin_state_up': attribute(boolean, True, null=False),
         'tags': attribute(list_of(text(255)), [], null_put=KEPT)}
DESCRIBED = {**NAMED, 'description': attribute(text(255), '')}
# Who owns it follows from the load balancer.
IGNORED = ('project_id', 'tenant_id')
OWNED = {name: attribute(text(36), where='post') for name in IGNORED}
POOL_PROTOCOLS = ('TCP', 'HTTP', 'HTTPS', 'PROXY', 'PROXYV2', 'UDP', 'SCTP')

ATTRIBUTES = {
    'loadbalancer': {
        **DESCRIBED,
        **{name: attribute(text(36), where='post') for name in IGNORED},
        'vip_address': attribute(address, where='post'),
        'vip_port_id': attribute(identifier, where='post'),
        'vip_subnet_id': attribute(identifier, where='post'),
        'vip_network_id': attribute(identifier, where='post'),
        'additional_vips': attribute(list_of(parts(
            subnet_id=identifier, ip_address=address, port_id=identifier)),
            [], where='post'),
        'provider': attribute(text(64), 'ovn', where='post'),
        'flavor_id': attribute(identifier, where='post'),
        'availability_zone': attribute(text(255), where='post'),
    },
    'listener': {
        **DESCRIBED, **OWNED,
        'loadbalancer_id': attribute(identifier, REQUIRED, where='post'),
        'protocol': attribute(one_of(
            'TCP', 'HTTPS', 'HTTP', 'TERMINATED_HTTPS', 'UDP', 'SCTP',
            'PROMETHEUS'), REQUIRED, where='post'),
        'protocol_port': attribute(PORT, REQUIRED, where='post'),
        'connection_limit': attribute(integer(-1), -1),
        'default_pool_id': attribute(identifier),
        'insert_headers': attribute(mapping, {}),
        'timeout_client_data': attribute(MILLISECONDS, 50000),
        'timeout_member_connect': attribute(MILLISECONDS, 5000),
        'timeout_member_data': attribute(MILLISECONDS, 50000),
        'timeout_tcp_inspect': attribute(MILLISECONDS, 0),
        'allowed_cidrs': attribute(list_of(text(64))),
    },
    'pool': {
        **DESCRIBED, **OWNED,
        'loadbalancer_id': attribute(identifier, where='post'),
        'listener_id': attribute(identifier, where='post'),
        'protocol': attribute(one_of(*POOL_PROTOCOLS), REQUIRED,
                              where='post'),
        'lb_algorithm': attribute(one_of(
            'LEAST_CONNECTIONS', 'ROUND_ROBIN', 'SOURCE_IP',
            'SOURCE_IP_PORT'), REQUIRED, null_put=REFUSED),
        'session_persistence': attribute(parts(
            type=one_of('SOURCE_IP', 'HTTP_COOKIE', 'APP_COOKIE'),
            cookie_name=text(255, r'[^\s,;\\]+'),
            persistence_timeout=integer(-2**31, 2**31 - 1),
            persistence_granularity=address)),
    },
    'member': {
        **NAMED, **OWNED,
        'address': attribute(address, REQUIRED, where='post'),
        'protocol_port': attribute(PORT, REQUIRED, where='post'),
        'weight': attribute(integer(0, 256), 1),
        'backup': attribute(boolean, False),
        'subnet_id': attribute(identifier, where='post'),
        'monitor_port': attribute(PORT),
        'monitor_address': attribute(address),
    },
    'healthmonitor': {
        **NAMED, **OWNED,
        'pool_id': attribute(identifier, REQUIRED, where='post'),
        'type': attribute(one_of('HTTP', 'HTTPS', 'PING', 'TCP', 'TLS-HELLO',
                                 'UDP-CONNECT', 'SCTP'), REQUIRED,
                          where='post'),
        'delay': attribute(integer(0), REQUIRED, null_put=REFUSED),
        'timeout': attribute(integer(0), REQUIRED, null_put=REFUSED),
        'max_retries': attribute(integer(1, 10), REQUIRED, null_put=REFUSED),
        'max_retries_down': attribute(integer(1, 10), 3),
        'url_path': attribute(url_path),
    },
}


def understand(kind, method, given):
    """What a request says: {attribute: value}, with all defaults if it
    creates.  Raises Wrong with all that is."""
    if not isinstance(given, dict):
        raise Wrong('')
    known = {name: one for name, one in ATTRIBUTES[kind].items()
             if method == 'POST' or one.in_put}
    said, wrong = {}, []
    if set(given) - set(known):
        wrong.append('Unknown attribute')
    for name, one in known.items():
        try:
            meaning = _meaning(one, method, given, name)
            if meaning is not KEPT:
                said[name] = meaning
        except Wrong as error:
            wrong += error.args
    if wrong:
        raise Wrong(*wrong)
    if said.get('allowed_cidrs') == []:
        said['allowed_cidrs'] = None
    return said


def _meaning(one, method, given, name):
    """Of an attribute that was given, or not."""
    if name not in given:
        meaning = one.default if method == 'POST' else KEPT
    elif given[name] is None:
        meaning = one.null_post if method == 'POST' else one.null_put
    else:
        meaning = one.parse(given[name])
    if meaning is REQUIRED:
        raise Wrong('Mandatory field missing')
    if meaning is REFUSED:
        raise Wrong('')
    return meaning
