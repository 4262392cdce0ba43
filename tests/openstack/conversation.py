# SPDX-License-Identifier: Apache-2.0
"""A few hundred requests, and what is the same in two servers' answers.

Ids, times and addresses differ from server to server: ids of what a request
has made are the words it is known by, other ids and times just that.
"""

import json
import re

from lib import client, wait

UUID = re.compile(r'[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?'
                  r'[0-9a-f]{12}')
TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d')
URL = re.compile(r'http://127\.0\.0\.1:\d+')
# A set, printed in any order; the body, whose keys Octavia leaves as they came.
CHOICES = re.compile(r'should be one of: ([^"]*)$')
ECHO = re.compile(r"Value: '\{.+\}'\. ")
ADDRESS = re.compile(r'10\.1\.0\.\d+$')
NO_ID = '5c5c5c5c-0000-4000-8000-5c5c5c5c5c5c'

# Values of which each fits some fields, and none fits all.
WORDS = (None, 'x', -1, 65536, True, [], {})

# kind: where it is made, its fields, what a valid one has.  {NAME} is the
# id of what was made under that name.
KINDS = {
    'loadbalancer': (
        'loadbalancers', 'lb',
        ('name', 'description', 'admin_state_up', 'vip_address',
         'vip_subnet_id', 'vip_network_id', 'vip_port_id',
         'vip_qos_policy_id', 'provider', 'flavor_id', 'availability_zone',
         'tags', 'additional_vips', 'project_id', 'listeners', 'pools'),
        {'vip_subnet_id': '{subnet}'}),
    'listener': (
        'listeners', 'listener',
        ('name', 'description', 'admin_state_up', 'protocol',
         'protocol_port', 'connection_limit', 'default_pool_id',
         'loadbalancer_id', 'timeout_client_data', 'allowed_cidrs',
         'insert_headers', 'default_tls_container_ref',
         'sni_container_refs', 'tags', 'l7policies'),
        {'loadbalancer_id': '{lb}', 'protocol': 'TCP',
         'protocol_port': 81}),
    'pool': (
        'pools', 'pool',
        ('name', 'description', 'admin_state_up', 'protocol',
         'lb_algorithm', 'session_persistence', 'loadbalancer_id',
         'listener_id', 'tls_enabled', 'tags', 'members', 'healthmonitor'),
        {'loadbalancer_id': '{lb}', 'protocol': 'TCP',
         'lb_algorithm': 'SOURCE_IP_PORT'}),
    'member': (
        'pools/{pool}/members', 'member',
        ('name', 'admin_state_up', 'address', 'protocol_port', 'weight',
         'backup', 'subnet_id', 'monitor_address', 'monitor_port', 'tags'),
        {'address': '10.1.0.99', 'protocol_port': 80,
         'subnet_id': '{subnet}'}),
    'healthmonitor': (
        'healthmonitors', 'monitor',
        ('name', 'admin_state_up', 'type', 'delay', 'timeout',
         'max_retries', 'max_retries_down', 'http_method', 'url_path',
         'expected_codes', 'pool_id', 'tags'),
        {'pool_id': '{pool}', 'type': 'TCP', 'delay': 5, 'timeout': 3,
         'max_retries': 2})}

# What changes the object in Octavia alone would make each later answer another
# one: it takes true for 1.
NUMBERS = ('protocol_port', 'connection_limit', 'timeout_client_data',
           'weight', 'monitor_port', 'delay', 'timeout', 'max_retries',
           'max_retries_down')


def is_left_out(kind, field, word):
    """Octavia takes a provider of null for amphora, which nothing serves
    here."""
    return (word is True and field in NUMBERS
            or (kind, field, word) == ('loadbalancer', 'provider', None))


# What is made first: name, kind, more than what a valid one has.
MADE = (('lb', 'loadbalancer', {'name': 'one', 'tags': ['a', 'b']}),
        ('listener', 'listener', {'name': 'one', 'protocol_port': 80}),
        ('pool', 'pool', {'name': 'one', 'listener_id': '{listener}',
                          'loadbalancer_id': None}),
        ('member', 'member', {'name': 'one'}),
        ('monitor', 'healthmonitor', {'name': 'one'}))

QUERIES = ('', '?limit=1', '?name=one', '?name=two', '?fields=id&fields=name',
           '?sort=name', '?sort=name:desc', '?sort=nothing',
           '?admin_state_up=True', '?admin_state_up=false', '?tags=a',
           '?tags=a&tags=c', '?tags-any=a,c', '?not-tags=a',
           '?not-tags-any=a,c', '?provisioning_status=ACTIVE', '?nothing=1',
           '?limit=-1', '?limit=x', f'?marker={NO_ID}', '?page_reverse=True',
           f'?project_id={NO_ID}')

PATHS = (('GET', ''), ('GET', 'nothing'), ('GET', 'providers'),
         ('GET', 'providers?fields=name'), ('GET', 'flavors'),
         ('GET', 'flavors/' + NO_ID), ('GET', 'availabilityzones'),
         ('GET', 'availabilityzones/none'), ('GET', 'l7policies'),
         ('GET', 'l7policies/' + NO_ID), ('GET', 'quotas'),
         ('GET', 'quotas/defaults'), ('GET', 'flavorprofiles'),
         ('GET', 'availabilityzoneprofiles'),
         ('GET', 'providers/ovn/flavor_capabilities'),
         ('GET', 'loadbalancers/{lb}/status'),
         ('GET', 'loadbalancers/{lb}/stats'),
         ('GET', 'listeners/{listener}/stats'),
         ('PUT', 'loadbalancers/{lb}/failover'),
         ('POST', 'loadbalancers/{lb}'), ('PATCH', 'loadbalancers/{lb}'),
         ('DELETE', 'loadbalancers'), ('DELETE', 'loadbalancers/{lb}'))


class Conversation:
    """With one server.  'answers' is {request: (status, body)}."""

    def __init__(self, rest, **ids):
        self.rest = rest
        self.ids = ids
        self.answers = {}

    def ask(self, method, path, body=None):
        """One request, below /v2.0/lbaas/; returns the reply."""
        request = f'{method} {path}'
        if body is not None:
            request += ' ' + json.dumps(body)
        reply = self.rest.request(
            method, f'{client.PREFIX}/{self._fill(path)}',
            None if body is None
            else json.loads(self._fill(json.dumps(body))))
        self.answers[request] = reply.status, self._normal(
            reply.body if reply.body is not None
            else reply.content.decode(errors='replace'))
        return reply

    def _fill(self, text):
        for name, key in self.ids.items():
            text = text.replace('{' + name + '}', key)
        return text

    def _normal(self, value):
        if isinstance(value, dict):
            return {key: 'ADDRESS' if key == 'vip_address'
                    and ADDRESS.match(str(item)) else self._normal(item)
                    for key, item in value.items()
                    # A debugging aid of Octavia's.
                    if key != 'debuginfo'}
        if isinstance(value, list):
            return [self._normal(item) for item in value]
        if isinstance(value, str):
            for name, key in self.ids.items():
                value = value.replace(key, '{' + name + '}')
            value = URL.sub('URL', TIME.sub('TIME', UUID.sub('ID', value)))
            value = ECHO.sub("Value: 'BODY'. ", value)
            value = CHOICES.sub(lambda found: 'should be one of: ' + ', '.join(
                sorted(found[1].split(', '))), value)
        return value

    # What is said.

    def wait(self):
        def is_active():
            return self.rest.get('/loadbalancers/' + self.ids['lb'])[
                'provisioning_status'] == 'ACTIVE'
        wait.until(is_active, 'the load balancer is ACTIVE', 60)

    def make(self):
        for name, kind, more in MADE:
            path, _, _, fields = KINDS[kind]
            body = {key: value for key, value in {**fields, **more}.items()
                    if value is not None}
            reply = self.ask('POST', path, {kind: body})
            assert reply.status == 201, reply
            self.ids[name] = reply.body[kind]['id']
            self.wait()
            self.ask('GET', f'{path}/{{{name}}}')

    def read(self):
        for path, _, _, _ in KINDS.values():
            for query in QUERIES:
                self.ask('GET', path + query)
            self.ask('GET', f'{path}/{NO_ID}')
            self.ask('GET', path + '/x')
            self.ask('DELETE', f'{path}/{NO_ID}')
        for method, path in PATHS:
            self.ask(method, path)

    def write(self):
        """Each field with each word, in a POST and a PUT, the rest being
        valid.  What was made is deleted, what was changed is not changed
        back."""
        for kind, (path, name, fields, valid) in KINDS.items():
            for method, body in (('POST', {}), ('POST', None),
                                 ('PUT', {}), ('PUT', {kind: {}})):
                self.change(method, kind, path, name, body)
            for field in (*fields, 'nothing'):
                for word in WORDS:
                    if is_left_out(kind, field, word):
                        continue
                    self.change('POST', kind, path, name,
                                {kind: {**valid, field: word}})
                    self.change('PUT', kind, path, name,
                                {kind: {field: word}})

    def change(self, method, kind, path, name, body):
        if method == 'PUT':
            reply = self.ask(method, f'{path}/{{{name}}}', body)
        else:
            reply = self.ask(method, path, body)
        if reply.status == 201:
            try:
                self.unmake(kind, self._fill(path), reply.body[kind]['id'])
            except wait.DeadlinePassed as error:
                error.add_note(f'after {method} {path} {body}')
                raise
        elif reply.status == 200:
            self.wait()

    def unmake(self, kind, path, key):
        def is_over():
            item = self.rest.request(
                'GET', f'{client.PREFIX}/{path}/{key}').body
            return 'PENDING' not in item[kind]['provisioning_status']
        wait.until(is_over, f'{kind} is not PENDING', 60)
        if kind != 'loadbalancer':
            self.wait()
        cascade = '?cascade=true' if kind == 'loadbalancer' else ''
        self.rest.request('DELETE',
                          f'{client.PREFIX}/{path}/{key}{cascade}')
        wait.until(lambda: self.rest.request(
            'GET', f'{client.PREFIX}/{path}/{key}').status == 404,
            f'{kind} is gone', 60)
        self.wait()
