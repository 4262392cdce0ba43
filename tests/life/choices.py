# SPDX-License-Identifier: Apache-2.0
"""What happens next in a life: an operation by chance, most of them right,
some wrong in one way or another.

Depends on the seed, the number of the step and the tree alone, and on that
only by what objects are, not by their ids: the same seed leads to the same
life.
"""

import random

import model

LONG = 'x' * 255
UNKNOWN = '5c5c5c5c-0000-4000-8000-5c5c5c5c5c5c'
RIGHT = {
    'text': ['', 'a', 'web', 'ü é', LONG, None],
    'flag': [True, True, False, 'no', 'on', 1, 0, None],
    'tags': [[], ['a'], ['a', 'b'], None],
    'port': [80, 80, 81, 82, 443, 65535, '83'],
    'few': [1, 2, 10, '3'],
}
WRONG = {
    'text': [LONG + 'x', 5, [], {}],
    'flag': ['maybe', 'TRUE', [], {}, ''],
    'tags': ['a', [5], [LONG + 'x'], {}],
    'port': [0, 65536, -1, 80.5, 'x', '', [], 10 ** 20],
    'few': [0, 11, -1, 'x', 2.5, []],
}
NAMED = {'name': 'text', 'admin_state_up': 'flag', 'tags': 'tags'}
DESCRIBED = {**NAMED, 'description': 'text'}
# Attributes by what is chosen for them, or what is right and what is wrong:
# a wrong one can be known to OVN, or to this load balancer, only.
SAID = {
    'loadbalancer': {
        **DESCRIBED,
        'project_id': (['p1', 'p2'], ['p' * 37, 5]),
        'provider': (['ovn', None], ['zzz', 5]),
        'flavor_id': ([None], [UNKNOWN, 'x']),
        'availability_zone': ([None], ['z', 5]),
    },
    'listener': {
        **DESCRIBED,
        'connection_limit': ([-1, None], [100, -2, 'x']),
        'timeout_client_data': ([50000, None], [1, -1, 2073600001]),
        'timeout_member_data': ([50000, None], [60000, 'x']),
        'timeout_tcp_inspect': ([0, None], [7]),
        'allowed_cidrs': ([[], None, ['10.0.0.0/8'], ['10.1.0.0/24',
                                                      '172.16.0.0/12']],
                          [['2001:db8::/64'], ['x'], 'x']),
        'insert_headers': ([{}, None], [{'X-Forwarded-For': 'true'}, 5]),
    },
    'pool': {
        **DESCRIBED,
        'lb_algorithm': (['SOURCE_IP', 'SOURCE_IP_PORT'],
                         ['ROUND_ROBIN', 'LEAST_CONNECTIONS', 'FOO', None]),
    },
    'member': {
        **NAMED,
        'weight': ([0, 1, 2, 7, 256, '3', None], [-1, 257, 'x', 1.5]),
        'backup': 'flag',
        'monitor_port': ([None], [80, 0]),
        'monitor_address': ([None], ['10.1.0.9', 'x']),
    },
    'healthmonitor': {
        **NAMED,
        'delay': ([3, 5, 60, '7'], [0, -1, None, 'x']),
        'timeout': ([1, 3, 30], [0, -1, None, 'x']),
        'max_retries': 'few',
        'max_retries_down': 'few',
        'url_path': ([], ['/', 'x']),
    },
}
# What no update may say.
FIXED = {
    'loadbalancer': {'id': UNKNOWN, 'vip_address': '10.1.0.5',
                     'provider': 'ovn', 'project_id': 'p1', 'bogus': 1,
                     'listeners': []},
    'listener': {'protocol': 'TCP', 'protocol_port': 80, 'bogus': 1,
                 'loadbalancer_id': UNKNOWN, 'default_pool': {}},
    'pool': {'protocol': 'TCP', 'loadbalancer_id': UNKNOWN, 'members': [],
             'provisioning_status': 'ACTIVE'},
    'member': {'address': '10.1.0.50', 'protocol_port': 1,
               'subnet_id': UNKNOWN, 'operating_status': 'ONLINE'},
    'healthmonitor': {'type': 'TCP', 'pool_id': UNKNOWN, 'bogus': None},
}
ALWAYS = {'healthmonitor': ('delay', 'timeout', 'max_retries'),
          'pool': ('lb_algorithm',)}
AT_MOST = {'loadbalancer': 5, 'listener': 4, 'pool': 4, 'member': 5,
           'healthmonitor': 1}
# What is done how often; what hangs on others is changed more.
WEIGHTS = {
    ('POST', 'loadbalancer'): 8, ('POST', 'listener'): 16,
    ('POST', 'pool'): 16, ('POST', 'member'): 36,
    ('POST', 'healthmonitor'): 8,
    ('PUT', 'loadbalancer'): 4, ('PUT', 'listener'): 10, ('PUT', 'pool'): 10,
    ('PUT', 'member'): 12, ('PUT', 'healthmonitor'): 5,
    ('DELETE', 'loadbalancer'): 2, ('DELETE', 'listener'): 3,
    ('DELETE', 'pool'): 2, ('DELETE', 'member'): 5,
    ('DELETE', 'healthmonitor'): 2,
    ('GET', 'loadbalancer'): 1, ('GET', 'listener'): 1, ('GET', 'pool'): 1,
    ('GET', 'member'): 1, ('GET', 'healthmonitor'): 1}
WRONG_SHARE = 0.04      # Of attributes.
ODD_SHARE = 0.06        # Of bodies and ids.


class Choices:
    """model   the tree
    seed    of this life
    """

    def __init__(self, life, seed):
        self.model = life
        self.seed = seed
        self.random = None
        # Ids of what is gone.
        self.graveyard = [UNKNOWN]

    def begin(self, step):
        """What is chosen from now on is this step's."""
        self.random = random.Random(f'{self.seed} {step}')
        return self.random

    def chance(self, share):
        return self.random.random() < share

    def pick(self, kind, *parents):
        """An object of a kind, or None."""
        found = self.model.of(kind, *parents)
        return self.random.choice(found) if found else None

    def key_of(self, item, kind):
        """The id of an object; now and then one that is not its."""
        if item is None or self.chance(ODD_SHARE):
            others = [other.key for other in self.model.items.values()
                      if other.kind != kind]
            return self.random.choice([UNKNOWN, 'x', *others[:3],
                                       *self.graveyard[-3:]])
        return item.key

    def operation(self, allow_new=True):
        """allow_new  whether a load balancer may be made: not while nobody
        chooses VIPs"""
        while True:
            method, kind = self.random.choices(list(WEIGHTS),
                                               WEIGHTS.values())[0]
            if (method, kind) == ('POST', 'loadbalancer') and (
                    not allow_new or self._is_full(kind)):
                continue
            made = getattr(self, '_' + method.lower())(kind)
            if made is not None:
                return made

    def _is_full(self, kind, *parents):
        return len(self.model.of(kind, *parents)) >= AT_MOST[kind]

    def _target(self, kind):
        """An object, and the id of the pool that is named for it."""
        item = self.pick(kind)
        if item is None and not self.chance(ODD_SHARE):
            return None, None, None
        pool = None
        if kind == 'member':
            home = item.parent if item else None
            if self.chance(ODD_SHARE):
                home = self.pick('pool')
            pool = self.key_of(home, 'pool')
        return item, self.key_of(item, kind), pool

    def _get(self, kind):
        _, key, pool = self._target(kind)
        return key and model.Operation('GET', kind, key, pool, None, '')

    def _delete(self, kind):
        _, key, pool = self._target(kind)
        if key is None:
            return None
        query = ''
        if kind == 'loadbalancer' and self.chance(0.7) or self.chance(0.03):
            query = '?cascade=true'
        return model.Operation('DELETE', kind, key, pool, None, query)

    def _put(self, kind):
        item, key, pool = self._target(kind)
        if key is None:
            return None
        body = self._attributes(kind, 0.3)
        if kind == 'listener' and self.chance(0.4):
            body['default_pool_id'] = self._default_pool(item)
        if kind == 'pool' and self.chance(0.3):
            body['session_persistence'] = self._persistence(item)
        if self.chance(ODD_SHARE):
            name = self.random.choice(list(FIXED[kind]))
            body[name] = FIXED[kind][name]
        return model.Operation('PUT', kind, key, pool, self._odd(body), '')

    def _post(self, kind):
        made = getattr(self, '_post_' + kind)()
        if made is None:
            return None
        body, pool = made
        body.update({name: value for name, value
                     in self._attributes(kind, 0.15, ALWAYS.get(kind, ())
                                         ).items() if name not in body})
        if self.chance(ODD_SHARE / 2):
            body.pop(self.random.choice(list(body)))
        if self.chance(ODD_SHARE / 2):
            body['bogus'] = 'x'
        return model.Operation('POST', kind, None, pool, self._odd(body), '')

    def _odd(self, body):
        """A body, or now and then something that is none."""
        if self.chance(ODD_SHARE / 3):
            return self.random.choice([[], 'x', 5])
        return body

    def _value(self, choice):
        right, wrong = ((RIGHT[choice], WRONG[choice])
                        if isinstance(choice, str) else choice)
        if not right or self.chance(WRONG_SHARE):
            return self.random.choice(wrong)
        return self.random.choice(right)

    def _attributes(self, kind, share, always=()):
        chosen = {}
        for name, choice in SAID[kind].items():
            is_rare = not isinstance(choice, str) and len(choice[0]) < 3
            if name in always or self.chance(share / 5 if is_rare
                                             else share):
                chosen[name] = self._value(choice)
        return chosen

    # New objects.

    def _post_loadbalancer(self):
        places, body = self.model.places, {}
        subnet = places.named(self.random.choice(
            ['n1', 'n1', 'n2', 'n6-6', 'dual', 'dual', 'dual-6']))
        way = self.random.choices(['subnet', 'network', 'port', 'none'],
                                  [10, 3, 3, 0.3])[0]
        if way == 'subnet':
            body['vip_subnet_id'] = self.random.choices(
                [subnet.key, UNKNOWN, 'x'], [30, 1, 1])[0]
            if subnet.name.startswith('dual') and self.chance(0.7):
                body['additional_vips'] = [self._additional(subnet)]
        elif way == 'network':
            body['vip_network_id'] = self.random.choices(
                [subnet.network, UNKNOWN], [20, 1])[0]
        elif way == 'port':
            body['vip_port_id'] = self.random.choice(
                sorted(places.ports.values(), key=lambda port:
                       port.addresses)).key
            if self.chance(0.5):
                body['vip_subnet_id'] = subnet.key
        if self.chance(0.3):
            body['vip_address'] = self._vip(subnet)
        return body, None

    def _vip(self, subnet):
        """An address of a subnet, or one that it does not have."""
        low = 200 if self.chance(0.9) else 1
        host = low + self.random.randrange(6)
        if self.chance(0.05):
            return self.random.choice(['10.9.0.5', 'fd00:9::5', 'x', 5])
        return str(subnet.cidr.network_address + host)

    def _additional(self, subnet):
        names = ['dual', 'dual-6']
        names.remove(subnet.name)
        other = self.model.places.named(names[0])
        vip = {'subnet_id': self.random.choices(
            [other.key, subnet.key, UNKNOWN], [20, 1, 1])[0]}
        if self.chance(0.3):
            vip['ip_address'] = self._vip(other)
        if self.chance(ODD_SHARE / 2):
            vip['port_id'] = UNKNOWN
        return vip

    def _protocol(self, *wrong):
        return (self.random.choice(wrong) if self.chance(WRONG_SHARE)
                else self.random.choice(['TCP', 'TCP', 'TCP', 'UDP', 'UDP',
                                         'SCTP']))

    def _home(self, kind):
        """A load balancer that has room for another one of a kind."""
        lb = self.pick('loadbalancer')
        return None if lb and self._is_full(kind, lb) else lb

    def _post_listener(self):
        lb = self._home('listener')
        if lb is None and not self.chance(ODD_SHARE):
            return None
        body = {'loadbalancer_id': self.key_of(lb, 'loadbalancer'),
                'protocol': self._protocol('HTTP', 'HTTPS', 'PROMETHEUS',
                                           'TERMINATED_HTTPS', 'FOO', None),
                'protocol_port': self._value('port')}
        if self.chance(0.3):
            pool = lb and self.pick('pool', lb)
            if pool and self.chance(0.8):
                body['protocol'] = pool['protocol']
            body['default_pool_id'] = self.key_of(pool, 'pool')
        return body, None

    def _default_pool(self, listener):
        """For a listener: one that fits, any, or none."""
        if self.chance(0.2):
            return None
        pools = self.model.of('pool', listener.lb) if listener else []
        fitting = [pool for pool in pools
                   if pool['protocol'] == listener['protocol']]
        if fitting and self.chance(0.85):
            pools = fitting
        return self.key_of(self.random.choice(pools) if pools
                           else self.pick('pool'), 'pool')

    def _post_pool(self):
        lb = self._home('pool')
        if lb is None and not self.chance(ODD_SHARE):
            return None
        body = {'protocol': self._protocol('HTTP', 'PROXY', 'FOO', None)}
        listener = lb and self.pick('listener', lb)
        if listener and self.chance(0.6):
            body['listener_id'] = self.key_of(listener, 'listener')
            if self.chance(0.85):
                body['protocol'] = listener['protocol']
        if 'listener_id' not in body or self.chance(0.3):
            body['loadbalancer_id'] = self.key_of(
                self.pick('loadbalancer') if self.chance(0.03) else lb,
                'loadbalancer')
        if self.chance(0.2):
            body['session_persistence'] = self._persistence(None)
        return body, None

    def _persistence(self, pool):
        if self.chance(0.3):
            return None
        chosen = {}
        if pool is None or self.chance(0.6):
            chosen['type'] = self.random.choices(
                ['SOURCE_IP', 'HTTP_COOKIE', 'APP_COOKIE', 'FOO'],
                [20, 1, 1, 1])[0]
        if self.chance(0.4) or not chosen:
            chosen['persistence_timeout'] = self.random.choice(
                [1, 60, 65535, None, None, 0, 65536, 'x'])
        if self.chance(0.1):
            chosen['persistence_granularity'] = self.random.choice(
                ['255.255.255.255', '255.255.0.0', 'x', None])
        if self.chance(0.05):
            chosen['cookie_name'] = self.random.choice(['c', 'a b', 5])
        return chosen

    def _post_member(self):
        pool = self.pick('pool')
        if pool and self._is_full('member', pool):
            return None
        if pool is None and not self.chance(ODD_SHARE):
            return None
        body = {'protocol_port': self._value('port')}
        self._place(body, pool)
        return body, self.key_of(pool, 'pool')

    def _place(self, body, pool):
        """Chooses where a member is: beside the VIP, elsewhere, or
        nowhere."""
        places = self.model.places
        own = (places.subnets[pool.lb['vip_subnet_id']] if pool
               else places.named('n1'))
        subnet = own
        if self.chance(0.4):
            subnet = places.named(self.random.choice(
                ['n1', 'n2', 'n6-6', 'dual', 'dual-6']))
        # At 50 and 60 there are ports.
        host = self.random.choice([0x60, 50, 60, 70, 71, 72, 73])
        body['address'] = str(subnet.cidr.network_address + host)
        if subnet.cidr.version == 6 and self.chance(0.3):
            body['address'] = body['address'].upper()
        if self.chance(0.2 if subnet is own else 0.7):
            body['subnet_id'] = subnet.key
        if self.chance(0.04):
            body['subnet_id'] = self.random.choice([UNKNOWN, 'x', None])
        if self.chance(0.04):
            body['address'] = self.random.choice(
                ['169.254.169.254', '10.1.0', 'x', 5, None,
                 pool.lb['vip_address'] if pool else '10.1.0.1'])

    def _post_healthmonitor(self):
        free = [pool for pool in self.model.of('pool')
                if not self.model.monitor(pool) or self.chance(0.1)]
        if not free:
            return None
        pool = self.random.choice(free)
        kind = {'TCP': 'TCP', 'UDP': 'UDP-CONNECT'}.get(pool['protocol'])
        if kind is None or self.chance(0.08):
            kind = self.random.choice(
                ['HTTP', 'PING', 'TCP', 'UDP-CONNECT', 'SCTP', 'FOO', None])
        return {'pool_id': self.key_of(pool, 'pool'), 'type': kind}, None
