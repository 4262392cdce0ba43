# SPDX-License-Identifier: Apache-2.0
"""What the attributes of Octavia's objects take, as tables: kinds of values
with what each refuses, and the attributes of each object."""

import collections

NO_UUID = 'Value should be UUID format'
NO_IP = 'Value should be IPv4 or IPv6 format'
NO_STRING = 'Value should be string'
MISSING = 'Mandatory field missing.'
SOME_ID = '6a6a6a6a-0000-4000-8000-6a6a6a6a6a6a'

# Values of one kind.  'wrong': [(value, end of the text)]; 'fits': values at
# the limits, the lowest first.  'quotes_body': the text has the whole body,
# and not the value.
Kind = collections.namedtuple('Kind', 'wrong fits quotes_body')

# 'post': "M" (must), "O" (may), "-"; 'null': what is shown after a PUT of
# null, KEPT, a fault, or NO_PUT; 'default': what is shown after a POST
# without it; 'is_refused': OVN does not do it.
Field = collections.namedtuple('Field', 'name kind post null default refused')

NO_PUT = object()
KEPT = object()


class Fault(str):
    """A text of a 400."""


def text(high, low=0, *wrong):
    """A string of 'low' to 'high' characters; 'wrong' are further pairs."""
    return Kind([
        *[(value, NO_STRING) for value in (1, 1.5, True, ['a'], {'a': 'b'})],
        ('x' * (high + 1), 'Value should have a maximum character '
         f'requirement of {high}'),
        *([('x' * (low - 1), 'Value should have a minimum character '
            f'requirement of {low}')] if low else []),
        *wrong], ['x' * low, 'x' * high], False)


def integer(low, high=None):
    return Kind([
        (low - 1, f'Value should be greater or equal to {low}'),
        (str(low - 1), f'Value should be greater or equal to {low}'),
        *([] if high is None else [
            (high + 1, f'Value should be lower or equal to {high}'),
            (str(high + 1), f'Value should be lower or equal to {high}')])],
        [low, 2 ** 31 - 1 if high is None else high], False)


# What is no integer at all; see quoted().
NO_INTEGERS = (('80a', "invalid literal for int() with base 10: '80a'"),
               ('', "invalid literal for int() with base 10: ''"),
               ('1.5', "invalid literal for int() with base 10: '1.5'"))
NO_BOOLEANS = (('notabool', 'Value not an unambiguous boolean: notabool'),
               ('True', 'Value not an unambiguous boolean: True'),
               ('2', 'Value not an unambiguous boolean: 2'))
NO_LISTS = (('abc', 'Value not a valid list: abc'),
            (5, 'Value not a valid list: 5'),
            (True, 'Value not a valid list: True'))

UUID = Kind([(value, NO_UUID) for value in (
    'x', '', 5, True, SOME_ID + '0', SOME_ID[:-1], 'g' + SOME_ID[1:])],
    [SOME_ID], False)
IP = Kind([(value, NO_IP) for value in (
    'x', '', '1.2.3', '10.0.0.256', '10.0.0.0/24', 'fd00::1::2', 'fd00::g',
    5, True)], ['10.1.0.77'], False)
BOOL = Kind([], [False, True], False)


def strings(high):
    """A list of strings of at most 'high' characters."""
    return Kind([([1], NO_STRING), ([True], NO_STRING), ([['a']], NO_STRING),
                 (['a', {}], NO_STRING),
                 (['x' * (high + 1)], 'Value should have a maximum character '
                  f'requirement of {high}')], [[], ['x' * high]], False)


def words(*good):
    return Kind([(value, good) for value in ('FOO', '', good[0].lower() + '_',
                                             5, True)],
                list(good), False)


CIDRS = Kind([(value, 'Value should be IPv4 or IPv6 CIDR format')
              for value in (['bad'], ['10.0.0.0/33'], ['10.0.0.0/24', 'x'],
                            ['fd00::/129'], ['10.0.0.0/-1'])]
             + [([f'10.0.0.{n}' for n in range(101)],
                 'Value should have at most 100 elements')],
             # None at all is shown as null.
             [['0.0.0.0/0'], ['10.1.2.3/32'],
              sorted(f'10.0.0.{n}/32' for n in range(100))], False)
ALPN = Kind([(['x'], 'Value should be a valid ALPN protocol ID'),
             (['h2', ''], 'Value should be a valid ALPN protocol ID')],
            [['h2', 'http/1.1', 'http/1.0']], False)
UUIDS = Kind([(['x'], NO_UUID), ([5], NO_UUID)], [[], [SOME_ID]], False)
HEADERS = Kind([({'X-Forwarded-For': 'x' * 256}, 'Value should have a '
                 'maximum character requirement of 255'),
                ({'X-Forwarded-For': 1}, NO_STRING)],
               [{}, {'X-Forwarded-For': 'x' * 255}], False)
CODES_WHY = ('Value should match the pattern '
             r'^(\d{3}(\s*,\s*\d{3})*)$|^(\d{3}-\d{3})$')
CODES = Kind([(1, NO_STRING), *[(value, CODES_WHY) for value in (
    'abc', '', '20', '2000', '200-', '200,', '200-201-202', '200,201-203')]],
    ['200', '200, 201', '200-204'], False)
URL_PATH = Kind([(value, 'Value must be a valid URL Path string')
                 for value in ('', 'x', '//x', '/a b', 'http://a/')],
                ['/', '/a?b=c', '/a#b'], False)
DOMAIN_WHY = ('Value should match the pattern ^(?=.{1,253}\\.?$)'
              r'(?:(?!-|[^.]+_)[A-Za-z0-9-_]{1,63}(?<!-)(?:\.|$))+$')
DOMAIN = Kind([(1, NO_STRING),
               ('', 'Value should have a minimum character requirement of 1'),
               ('x' * 256, 'Value should have a maximum character '
                'requirement of 255'),
               *[(value, DOMAIN_WHY) for value in (
                   '-a', 'a-', 'a b', 'a..b', 'x' * 64, 'a_b')]],
              ['a', 'x' * 63, 'a.b.'], False)
VERSIONS = Kind([], [1.0, 1.1, '1.0'], False)

NAME = Field('name', text(255), 'O', '', '', False)
DESCRIPTION = Field('description', text(255), 'O', '', '', False)
ADMIN = Field('admin_state_up', BOOL, 'O', False, True, False)
TAGS = Field('tags', strings(255), 'O', KEPT, [], False)
PORT = integer(1, 65535)
MILLISECONDS = integer(0, 2073600000)


def project(name):
    # An empty one is none.
    kind = text(36)._replace(fits=['x', 'x' * 36])
    return Field(name, kind, 'O', NO_PUT, None, False)


def must(name, kind):
    return Field(name, kind, 'M', NO_PUT, None, False)


def refused(name, kind, null=None, default=None):
    """An attribute that OVN does not do."""
    return Field(name, kind, 'O', null, default, True)


COMMON = ('id', 'provisioning_status', 'operating_status', 'created_at',
          'updated_at')

# Names that no request may have.
READ_ONLY = {
    'loadbalancer': (*COMMON, 'vip_vnic_type'),
    'listener': (*COMMON, 'loadbalancers'),
    'pool': (*COMMON, 'loadbalancers', 'listeners', 'healthmonitor_id'),
    'member': (*COMMON, 'vnic_type'),
    'healthmonitor': (*COMMON, 'pools'),
}

TABLES = {
    'loadbalancer': (
        NAME, DESCRIPTION, ADMIN, TAGS,
        project('project_id'), project('tenant_id'),
        Field('vip_address', IP, 'O', NO_PUT, None, False),
        *[Field(name, UUID, 'O', NO_PUT, None, False)
          for name in ('vip_port_id', 'vip_subnet_id', 'vip_network_id')],
        Field('provider', text(64), 'O', NO_PUT, None, False),
        Field('flavor_id', UUID, 'O', NO_PUT, None, True),
        Field('availability_zone', text(255), 'O', NO_PUT, None, True),
        refused('vip_qos_policy_id', UUID),
        refused('vip_sg_ids', UUIDS, [], [])),
    'listener': (
        NAME, DESCRIPTION, ADMIN, TAGS,
        project('project_id'), project('tenant_id'),
        must('protocol', words('TCP', 'UDP', 'SCTP', 'HTTP', 'HTTPS',
                               'TERMINATED_HTTPS', 'PROMETHEUS')),
        must('protocol_port', PORT), must('loadbalancer_id', UUID),
        Field('default_pool_id', UUID, 'O', None, None, False),
        refused('connection_limit', integer(-1), -1, -1),
        *[refused(name, MILLISECONDS, default, default)
          for name, default in (('timeout_client_data', 50000),
                                ('timeout_member_connect', 5000),
                                ('timeout_member_data', 50000),
                                ('timeout_tcp_inspect', 0))],
        *[refused(name, text(255)) for name in (
            'default_tls_container_ref', 'client_ca_tls_container_ref',
            'client_crl_container_ref')],
        refused('sni_container_refs', strings(255), [], []),
        refused('insert_headers', HEADERS, {}, {}),
        refused('client_authentication',
                words('NONE', 'OPTIONAL', 'MANDATORY'), 'NONE', 'NONE'),
        Field('allowed_cidrs', CIDRS, 'O', None, None, False),
        refused('tls_ciphers', text(2048)),
        refused('tls_versions', strings(32)),
        refused('alpn_protocols', ALPN),
        refused('hsts_max_age', integer(0)),
        refused('hsts_include_subdomains', BOOL, False, False),
        refused('hsts_preload', BOOL, False, False)),
    'pool': (
        NAME, DESCRIPTION, ADMIN, TAGS,
        project('project_id'), project('tenant_id'),
        must('protocol', words('TCP', 'UDP', 'SCTP', 'HTTP', 'HTTPS', 'PROXY',
                               'PROXYV2')),
        Field('lb_algorithm', words('SOURCE_IP_PORT', 'SOURCE_IP',
                                    'ROUND_ROBIN', 'LEAST_CONNECTIONS'), 'M',
              Fault('None is not a valid option for lb_algorithm'), None,
              False),
        Field('loadbalancer_id', UUID, 'O', NO_PUT, None, False),
        Field('listener_id', UUID, 'O', NO_PUT, None, False),
        *[refused(name, text(255)) for name in (
            'tls_container_ref', 'ca_tls_container_ref',
            'crl_container_ref')],
        refused('tls_enabled', BOOL,
                Fault('None is not a valid option for tls_enabled'), False),
        refused('tls_ciphers', text(2048)),
        refused('tls_versions', strings(32)),
        refused('alpn_protocols', ALPN)),
    'member': (
        NAME, ADMIN, TAGS, project('project_id'), project('tenant_id'),
        must('address', IP), must('protocol_port', PORT),
        Field('weight', integer(0, 256), 'O', 1, 1, False),
        Field('backup', BOOL, 'O', False, False, False),
        Field('subnet_id', UUID, 'O', NO_PUT, None, False),
        refused('monitor_port', PORT), refused('monitor_address', IP),
        Field('request_sriov', BOOL, 'O', NO_PUT, None, True)),
    'healthmonitor': (
        NAME, ADMIN, TAGS, project('project_id'), project('tenant_id'),
        must('pool_id', UUID),
        must('type', words('TCP', 'HTTP', 'HTTPS', 'PING', 'TLS-HELLO',
                           'UDP-CONNECT', 'SCTP')),
        *[Field(name, integer(0), 'M',
                Fault(f'None is not a valid option for {name}'), None, False)
          for name in ('delay', 'timeout')],
        Field('max_retries', integer(1, 10), 'M',
              Fault('None is not a valid option for max_retries'), None,
              False),
        Field('max_retries_down', integer(1, 10), 'O', 3, 3, False),
        *[refused(name, kind, Fault(f'{name} is not a valid option for '
                                    'health monitors of type TCP'))
          for name, kind in (
              ('http_method', words('GET', 'HEAD', 'POST', 'PUT', 'DELETE',
                                    'TRACE', 'OPTIONS', 'CONNECT', 'PATCH')),
              ('url_path', URL_PATH), ('expected_codes', CODES))],
        refused('http_version', VERSIONS), refused('domain_name', DOMAIN)),
}

ARGUMENTS = {'loadbalancer': 'load_balancer', 'listener': 'listener_',
             'pool': 'pool_', 'member': 'member_',
             'healthmonitor': 'health_monitor_'}


def quoted(kind):
    """Pairs whose text has the whole body, for fields of 'kind'."""
    sample = kind.fits[0]
    return (NO_BOOLEANS if isinstance(sample, bool)
            else NO_INTEGERS if isinstance(sample, int)
            else NO_LISTS if isinstance(sample, list) else ())
