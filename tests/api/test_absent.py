#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What Octavia has and OVN does not: L7 policies, flavors, availability zones,
amphorae, capabilities, statistics.  Lists are empty, an id is not found, and
what would make one is refused with the provider's words."""

import unittest

import apitest
from apitest import NO_ID
from authtest import AuthTest, LEGACY

ACTION = "Provider 'ovn' does not support a requested action: This provider "
NO_L7 = ACTION + 'does not support creating l7policies.'
ZEROS = {'bytes_in': 0, 'bytes_out': 0, 'active_connections': 0,
         'total_connections': 0, 'request_errors': 0}

# path, key of the list, all keys of links
LISTS = (
    ('/lbaas/l7policies', 'l7policies', ['l7policies_links']),
    ('/lbaas/flavors', 'flavors', ['flavors_links']),
    ('/lbaas/flavorprofiles', 'flavorprofiles',
     ['flavorprofiles_links', 'flavorprofile_links']),
    ('/lbaas/availabilityzones', 'availability_zones',
     ['availability_zones_links']),
    ('/lbaas/availabilityzoneprofiles', 'availability_zone_profiles',
     ['availability_zone_profiles_links', 'availability_zone_profile_links']),
    ('/octavia/amphorae', 'amphorae', ['amphorae_links']),
)

# method, path, body, what is not found
MISSING = tuple(
    (method, f'/lbaas/{path}/{NO_ID}',
     {key: {'description': 'x'} if 'profile' not in key else {'name': 'x'}}
     if method == 'PUT' else None, title)
    for path, key, title in (
        ('l7policies', 'l7policy', 'L7 Policy'),
        ('flavors', 'flavor', 'Flavor'),
        ('flavorprofiles', 'flavorprofile', 'Flavor Profile'),
        ('availabilityzones', 'availability_zone', 'Availability Zone'),
        ('availabilityzoneprofiles', 'availability_zone_profile',
         'Availability Zone Profile'))
    for method in ('GET', 'PUT', 'DELETE')) + tuple(
        (method, f'/octavia/amphorae/{NO_ID}{end}', None, title)
        for method, end, title in (
            ('GET', '', 'Amphora'), ('DELETE', '', 'Amphora'),
            ('GET', '/stats', 'Amphora stats for'),
            ('PUT', '/config', 'Amphora'), ('PUT', '/failover', 'Amphora')))

FLAVOR = {'name': 'f', 'flavor_profile_id': NO_ID}
FLAVOR_PROFILE = {'name': 'f', 'provider_name': 'ovn', 'flavor_data': '{}'}
ZONE = {'name': 'z', 'availability_zone_profile_id': NO_ID}
ZONE_PROFILE = {'name': 'z', 'provider_name': 'ovn',
                'availability_zone_data': '{"compute_zone": "z"}'}

# path, key, body, status, text
CREATIONS = (
    ('flavors', 'flavor', FLAVOR, 400, f'Flavor Profile {NO_ID} not found.'),
    ('availabilityzones', 'availability_zone', ZONE, 400,
     f'Availability Zone Profile {NO_ID} not found.'),
    ('flavorprofiles', 'flavorprofile', FLAVOR_PROFILE, 501,
     ACTION + 'does not support validating flavors.'),
    ('availabilityzoneprofiles', 'availability_zone_profile', ZONE_PROFILE,
     501, ACTION + 'does not support validating availability zones.'),
    ('flavorprofiles', 'flavorprofile',
     {**FLAVOR_PROFILE, 'flavor_data': '{'}, 400,
     '{ is not a valid option for flavor_data'),
    ('availabilityzoneprofiles', 'availability_zone_profile',
     {**ZONE_PROFILE, 'availability_zone_data': 'x'}, 400,
     'x is not a valid option for availability_zone_data'),
    ('flavorprofiles', 'flavorprofile',
     {**FLAVOR_PROFILE, 'provider_name': 'amphora'}, 400,
     "Provider 'amphora' is not enabled."),
    ('availabilityzoneprofiles', 'availability_zone_profile',
     {**ZONE_PROFILE, 'provider_name': 'octavia'}, 400,
     "Provider 'octavia' is not enabled."),
)


def mandatory(name):
    return (f'Invalid input for field/attribute {name}. Value: '
            "'None'. Mandatory field missing.")


# path, body, text of the 400
BAD_BODIES = (
    ('flavors', {'flavor': {}}, mandatory('name')),
    ('flavors', {'flavor': {'name': 'x'}}, mandatory('flavor_profile_id')),
    ('flavors', {'flavor': {**FLAVOR, 'x': 1}},
     'Unknown attribute for argument flavor_.flavor: x'),
    ('flavors', {'flavour': FLAVOR},
     'Unknown attribute for argument flavor_: flavour'),
    ('flavors', {'flavor': {**FLAVOR, 'name': 1}},
     "Invalid input for field/attribute name. Value: '1'. Value should be "
     'string'),
    ('flavors', None, 'Missing argument: "flavor_"'),
    ('flavors', '{', 'Request is not in valid JSON format'),
    ('flavorprofiles', {'flavorprofile': {}}, mandatory('name')),
    ('flavorprofiles', {'flavorprofile': {
        'name': 'x', 'provider_name': 'ovn'}}, mandatory('flavor_data')),
    ('availabilityzones', {'availability_zone': {}}, mandatory('name')),
    ('availabilityzones', None, 'Missing argument: "availability_zone_"'),
    ('availabilityzoneprofiles', {'availability_zone_profile': {
        **ZONE_PROFILE, 'id': NO_ID}}, 'Unknown attribute for argument '
     'availability_zone_profile_.availability_zone_profile: id'),
    ('l7policies', {'l7policy': {}}, mandatory('action')),
    ('l7policies', {'l7policy': {'action': 'REJECT'}},
     mandatory('listener_id')),
    ('l7policies', None, 'Missing argument: "l7policy_"'),
    ('l7policies', {'l7policy': {
        'action': 'REJECT', 'listener_id': NO_ID, 'position': 0}},
     "Invalid input for field/attribute position. Value: '0'. Value should "
     'be greater or equal to 1'),
    ('l7policies', {'l7policy': {
        'action': 'REDIRECT_TO_URL', 'listener_id': NO_ID,
        'redirect_url': 'ftp://x'}},
     "Invalid input for field/attribute redirect_url. Value: 'ftp://x'. "
     'Value must be a valid URL string'),
)

CAPABILITIES = (
    ('flavor_capabilities', 'flavor'),
    ('availability_zone_capabilities', 'availability zone'),
)


class Absent(apitest.ApiTest):

    def ask(self, method, path, body=None):
        return self.rest.request(method, '/v2.0' + path, body)

    def test_lists(self):
        """lists of what OVN does not have are empty, under all spellings"""
        for path, key, links in LISTS:
            expected = {key: [], **{name: [] for name in links}}
            spellings = ['/v2.0' + path, '/v2' + path, f'/v2.0{path}.json',
                         f'/v2.0{path}/', '/load-balancer/v2.0' + path]
            if path.startswith('/lbaas'):
                spellings.append('/v2.0' + path[len('/lbaas'):])
            for spelling in spellings:
                with self.subTest(spelling):
                    reply = self.rest.request('GET', spelling)
                    self.assert_status(reply, 200)
                    self.assertEqual(reply.body, expected)
                    self.assertEqual(reply.headers['Content-Type'],
                                     'application/json')

    def test_queries(self):
        """empty lists take the arguments of lists, and refuse bad ones"""
        for path, key, _ in LISTS:
            # The stock client looks for anything by id and by name.
            for query in ('name=x', f'id={NO_ID}', 'id=x', 'limit=5',
                          'fields=id&fields=name',
                          'limit=1&page_reverse=True'):
                with self.subTest(path, query=query):
                    reply = self.ask('GET', f'{path}?{query}')
                    self.assert_status(reply, 200)
                    self.assertEqual(reply.body[key], [])
            self.assert_fault(self.ask('GET', path + '?bogus=1'), 400, 'One '
                              'or more arguments are either duplicate or '
                              'invalid')
            self.assert_fault(
                self.ask('GET', f'{path}?marker={NO_ID}'), 400,
                f"Supplied pagination marker '{NO_ID}' is not valid.")
            self.assertEqual(self.ask('GET', path + '?limit=x').fault,
                             "Supplied pagination limit 'x' is not valid.")

    def test_missing(self):
        """what an id names is not found, whatever the method"""
        with self.nothing_changes():
            for method, path, body, title in MISSING:
                with self.subTest(path, method=method):
                    self.assert_fault(self.ask(method, path, body), 404,
                                      f'{title} {NO_ID} not found.')

    def test_creations(self):
        """flavors and zones are refused with the reason"""
        with self.nothing_changes():
            for path, key, body, status, text in CREATIONS:
                with self.subTest(path, body=body):
                    self.assert_fault(self.call('POST', '/' + path,
                                                {key: body}), status, text)

    def test_bad_bodies(self):
        """bodies are checked before anything is refused"""
        with self.nothing_changes():
            for path, body, text in BAD_BODIES:
                with self.subTest(path, body=body):
                    self.assert_fault(self.call('POST', '/' + path, body),
                                      400, text)
        for body in ({'flavor': {'flavor_profile_id': NO_ID}},
                     {'flavor': {'id': NO_ID}}):
            name, = body['flavor']
            self.assert_fault(
                self.call('PUT', '/flavors/x', body), 400,
                'Unknown attribute for argument flavor_.flavor: ' + name)

    def test_missing_ids(self):
        """PUT and DELETE of a whole collection miss the id"""
        for path, _, _ in LISTS:
            if path.startswith('/lbaas'):
                for method in ('PUT', 'DELETE'):
                    self.assert_fault(self.ask(method, path), 400,
                                      'Missing argument: "id"')

    def test_methods(self):
        """methods that a path does not have are 405"""
        for method, path, allow in (
                ('PATCH', '/lbaas/flavors', 'DELETE, GET, POST, PUT'),
                ('HEAD', '/lbaas/flavors', 'DELETE, GET, POST, PUT'),
                ('POST', f'/lbaas/flavors/{NO_ID}', 'DELETE, GET, PUT'),
                ('POST', '/octavia/amphorae', 'GET'),
                ('PUT', f'/octavia/amphorae/{NO_ID}', 'DELETE, GET'),
                ('GET', f'/octavia/amphorae/{NO_ID}/failover', 'PUT'),
                ('PUT', f'/octavia/amphorae/{NO_ID}/stats', 'GET'),
                ('POST', '/lbaas/providers/ovn/flavor_capabilities', 'GET'),
                ('PUT', f'/lbaas/loadbalancers/{NO_ID}/stats', 'GET'),
                ('DELETE', f'/lbaas/listeners/{NO_ID}/stats', 'GET')):
            with self.subTest(path, method=method):
                reply = self.ask(method, path)
                self.assert_status(reply, 405)
                self.assertEqual(reply.headers['Allow'], allow)
                self.assert_status(self.ask('OPTIONS', path), 200)

    def test_places(self):
        """amphorae are below octavia, and all else is not"""
        for path in ('/lbaas/amphorae', '/amphorae', '/octavia/flavors',
                     '/lbaas/octavia/amphorae', '/octavia/lbaas',
                     '/lbaas/providers/ovn', '/lbaas/providers/ovn/x',
                     f'/octavia/amphorae/{NO_ID}/x'):
            self.assert_status(self.ask('GET', path), 404)
        for path in ('/octavia', '/octavia/'):
            self.assertEqual(self.ask('GET', path).body, 'v2')

    def test_capabilities(self):
        """the provider's capabilities are 501, another provider 400"""
        for word, thing in CAPABILITIES:
            self.assert_fault(
                self.ask('GET', f'/lbaas/providers/ovn/{word}?name=x'), 501,
                ACTION + 'does not support getting the supported '
                f'{thing} metadata.')
            self.assert_fault(self.ask('GET', f'/lbaas/providers/a/{word}'),
                              400, "Provider 'a' is not enabled.")

    def test_rules(self):
        """rules are missed by the policy in their path"""
        rule = {'rule': {'type': 'PATH', 'compare_type': 'EQUAL_TO',
                         'value': '/x'}}
        text = f'L7Policy {NO_ID} not found.'
        for method, end, body in (
                ('GET', '', None), ('POST', '', rule),
                ('GET', f'/{NO_ID}', None), ('PUT', f'/{NO_ID}', rule),
                ('DELETE', f'/{NO_ID}', None)):
            with self.subTest(method + end):
                reply = self.call(method, f'/l7policies/{NO_ID}/rules{end}',
                                  body)
                self.assertEqual((reply.status, reply.body['faultstring'],
                                  reply.body['description']),
                                 (404, text, text))

    def test_stats_of_nothing(self):
        """stats of what is not there are not found"""
        for path, title in (('loadbalancers', 'Load Balancer'),
                            ('listeners', 'Listener')):
            self.assert_fault(self.call('GET', f'/{path}/{NO_ID}/stats'),
                              404, f'{title} {NO_ID} not found.')

    def test_stats(self):
        """stats are Octavia's, and all numbers are 0"""
        lb, listener, _, _ = self.make_tree()
        for path in (f'/loadbalancers/{lb["id"]}',
                     f'/listeners/{listener["id"]}'):
            for prefix in ('/v2.0/lbaas', '/v2', '/load-balancer/v2.0'):
                reply = self.rest.request('GET', f'{prefix}{path}/stats')
                self.assert_status(reply, 200)
                self.assertEqual(reply.body, {'stats': ZEROS})
                for value in reply.body['stats'].values():
                    self.assertIsInstance(value, int)


class Policies(apitest.ApiTest):
    """POST of an L7 policy, in the order of Octavia's checks."""

    def post(self, **attributes):
        return self.call('POST', '/l7policies', {'l7policy': {
            'action': 'REJECT', **attributes}})

    def test_refused(self):
        """an L7 policy is 501 with the provider's words"""
        _, listener, pool, _ = self.make_tree()
        with self.nothing_changes():
            for attributes in (
                    {'action': 'REJECT'},
                    {'action': 'REDIRECT_TO_URL',
                     'redirect_url': 'https://example.org/x?y#z',
                     'redirect_http_code': 301},
                    {'action': 'REDIRECT_PREFIX',
                     'redirect_prefix': 'http://example.org'},
                    {'action': 'REDIRECT_TO_POOL',
                     'redirect_pool_id': pool['id']},
                    {'name': 'n', 'description': 'd', 'position': 1,
                     'admin_state_up': False, 'tags': ['a'], 'rules': []},
                    {'name': None, 'position': None, 'redirect_url': None}):
                with self.subTest(attributes):
                    self.assert_fault(
                        self.post(listener_id=listener['id'], **attributes),
                        501, NO_L7)

    def test_missing_parts(self):
        """a listener or pool that is not there is 404"""
        _, listener, _, _ = self.make_tree()
        other = self.make_pool(self.make_lb('n2'))
        self.assert_fault(self.post(listener_id=NO_ID), 404,
                          f'Listener {NO_ID} not found.')
        for pool in (NO_ID, other['id']):
            self.assert_fault(
                self.post(listener_id=listener['id'],
                          action='REDIRECT_TO_POOL', redirect_pool_id=pool),
                404, f'Pool {pool} not found.')

    def test_arguments(self):
        """an action without its target is 400"""
        _, listener, pool, _ = self.make_tree()
        for attributes, text in (
                ({'action': 'REDIRECT_TO_URL'},
                 'redirect_url must not be None'),
                ({'action': 'REDIRECT_TO_POOL'},
                 'redirect_pool_id or redirect_pool must not be None'),
                ({'action': 'REDIRECT_PREFIX'},
                 'redirect_prefix must not be None'),
                ({'redirect_pool_id': pool['id'],
                  'redirect_prefix': 'http://x'},
                 'Cannot specify redirect_pool_id and redirect_url or '
                 'redirect_prefix at the same time')):
            with self.subTest(attributes):
                self.assert_fault(
                    self.post(listener_id=listener['id'], **attributes), 400,
                    'Invalid L7 Policy arguments: ' + text)
        self.assert_status(self.post(
            listener_id=listener['id'], redirect_url='http://x',
            redirect_http_code=305), 400)

    def test_urls(self):
        """a redirect URL has a scheme, a host, and nothing odd"""
        for url in ('ftp://x', 'HTTP://a', '//a', 'http:///x', 'http://',
                    'http://a b', 'http://\xe4', 'x', '', 'http://:80'):
            with self.subTest(url):
                self.assert_fault(
                    self.post(listener_id=NO_ID, redirect_url=url), 400,
                    'Invalid input for field/attribute redirect_url. Value: '
                    f"'{url}'. Value must be a valid URL string")

    def test_pending(self):
        """a load balancer that is pending is 409 first"""
        lb, listener, _, _ = self.make_tree()
        with self.frozen_driver():
            self.set_state('loadbalancer', lb['id'], 'PENDING_UPDATE')
            self.assert_fault(
                self.post(listener_id=listener['id']), 409, 'Load Balancer '
                f'{lb["id"]} is immutable and cannot be updated.')
            self.set_state('loadbalancer', lb['id'], 'ACTIVE')


# What roles may, as HTTP codes; the order of CALLS.
CALLS = (
    ('GET', '/lbaas/l7policies', None),
    ('POST', '/lbaas/l7policies', {'l7policy': {
        'action': 'REJECT', 'listener_id': NO_ID}}),
    ('GET', f'/lbaas/l7policies/{NO_ID}', None),
    ('PUT', f'/lbaas/l7policies/{NO_ID}', {'l7policy': {'name': 'x'}}),
    ('DELETE', f'/lbaas/l7policies/{NO_ID}', None),
    ('GET', f'/lbaas/l7policies/{NO_ID}/rules', None),
    ('GET', '/lbaas/providers/ovn/flavor_capabilities', None),
    ('GET', '/lbaas/providers/ovn/availability_zone_capabilities', None),
    *[call for path, key, body in (
        ('flavors', 'flavor', FLAVOR),
        ('availabilityzones', 'availability_zone', ZONE),
        ('flavorprofiles', 'flavorprofile', FLAVOR_PROFILE),
        ('availabilityzoneprofiles', 'availability_zone_profile',
         ZONE_PROFILE))
      for call in (
          ('GET', f'/lbaas/{path}', None),
          ('GET', f'/lbaas/{path}/{NO_ID}', None),
          ('POST', f'/lbaas/{path}', {key: body}),
          ('PUT', f'/lbaas/{path}/{NO_ID}', {key: {}}),
          ('DELETE', f'/lbaas/{path}/{NO_ID}', None))],
    ('GET', '/octavia/amphorae', None),
    ('GET', f'/octavia/amphorae/{NO_ID}', None),
    ('DELETE', f'/octavia/amphorae/{NO_ID}', None),
    ('GET', f'/octavia/amphorae/{NO_ID}/stats', None),
    ('PUT', f'/octavia/amphorae/{NO_ID}/config', None),
    ('PUT', f'/octavia/amphorae/{NO_ID}/failover', None),
)
L7 = {'none': (403, 403), 'reads': (200, 403), 'writes': (200, 404)}
# What is looked for before the policy is asked is 404 for all.
FIRST = (404, 404, 404, 404)
NO_PROFILES = (403,) * 10
NO_AMPHORAE = (403, 404, 403, 403, 404, 404)
DENIED = (L7['none'] + FIRST + (403,) * 2 + (403,) * 10 + NO_PROFILES
          + NO_AMPHORAE)


def reads(l7):
    zones = (200, 404, 403, 403, 403)
    return l7 + FIRST + (403,) * 2 + zones * 2 + NO_PROFILES + NO_AMPHORAE


READS = reads(L7['reads'])
WRITES = reads(L7['writes'])
RULES = (L7['writes'] + FIRST + (501,) * 2 + (200, 404, 400, 404, 404) * 2
         + (200, 404, 501, 404, 404) * 2 + (200,) + (404,) * 5)

DEFAULTS = {'admin': RULES, 'member': WRITES, 'reader': READS,
            'service': DENIED, 'manager': DENIED,
            **{role: DENIED for role in LEGACY}}
LEGACIES = {**DEFAULTS, 'load-balancer_admin': RULES,
            'load-balancer_global_observer': READS,
            'load-balancer_member': WRITES,
            'load-balancer_observer': READS}


class Roles(AuthTest):

    def check(self, api, expected):
        for role, statuses in expected.items():
            token = {'X-Auth-Token': self.door.token(role)}
            rest = type(self.door_rest)(api.port)
            try:
                seen = [rest.request(method, '/v2.0' + path, body,
                                     token).status
                        for method, path, body in CALLS]
            finally:
                rest.close()
            names = [f'{method} {path}' for method, path, _ in CALLS]
            with self.subTest(role):
                self.assertEqual(dict(zip(names, seen)),
                                 dict(zip(names, statuses)))

    def test_defaults(self):
        """each role may what Octavia's policies say of what is not there"""
        self.check(self.door.api, DEFAULTS)

    def test_legacy_roles(self):
        """the roles of before count as well, if they are to"""
        self.check(self.door.legacy, LEGACIES)

    def test_no_token(self):
        """without a token nothing is answered"""
        for method, path, body in CALLS:
            self.assert_unknown(self.door_rest.request(
                method, '/v2.0' + path, body))

    def test_own_project(self):
        """stats and L7 policies are those of the caller's project"""
        trees = []
        for project in ('mine', 'other'):
            lb = self.make_lb(project_id=self.door.project(project))
            trees.append((lb, self.make_listener(lb)))
        for role, (own, others), (own_l7, others_l7) in (
                ('admin', (200, 200), (501, 501)),
                ('member', (200, 403), (501, 403)),
                ('reader', (200, 403), (403, 403)),
                ('service', (403, 403), (403, 403))):
            token = self.door.token(role)
            for (lb, listener), stats, l7 in zip(trees, (own, others),
                                                 (own_l7, others_l7)):
                with self.subTest(role, lb=lb['project_id']):
                    for path in (f'/loadbalancers/{lb["id"]}/stats',
                                 f'/listeners/{listener["id"]}/stats'):
                        self.assert_status(
                            self.ask('GET', path, token=token), stats)
                    self.assert_status(self.ask('POST', '/l7policies', {
                        'l7policy': {'action': 'REJECT', 'listener_id':
                                     listener['id']}}, token), l7)


if __name__ == '__main__':
    unittest.main()
