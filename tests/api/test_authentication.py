#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Who asks: tokens, with a real Keystone that may be slow, or dead."""

import http.server
import os
import re
import select
import socket
import threading
import unittest

from apitest import LBAAS, NO_ID
from authtest import AuthTest
from lib import client, keystone, proc, wait

LBS = LBAAS + '/loadbalancers'


class Tokens(AuthTest):
    """Tokens that are good, and others."""

    def test_no_token(self):
        """Without a token nothing is answered, not even what there is."""
        for method, path in (
                ('GET', LBS), ('POST', LBS), ('DELETE', f'{LBS}/{NO_ID}'),
                ('GET', '/v2.0'), ('GET', '/v2/lbaas/nonsense'),
                ('PATCH', LBS), ('GET', '/nonsense'), ('GET', '//'),
                ('GET', '/v2.0/networks'), ('GET', '/v2.0/subnets'),
                ('GET', f'/v2.0/ports/{NO_ID}'),
                ('GET', '/load-balancer/v2.0/lbaas/pools'),
                ('GET', '/healthcheck/')):
            with self.subTest(method + ' ' + path):
                self.assert_unknown(self.door_rest.request(method, path))

    def test_open_paths(self):
        """Anybody may ask which versions there are."""
        for path in ('/', '/load-balancer/'):
            reply = self.door_rest.request('GET', path)
            self.assertEqual(reply.status, 200, path)
            self.assertEqual(reply.body['versions'][0]['id'], 'v2.0')
        reply = self.door_rest.request('OPTIONS', LBS)
        self.assert_status(reply, 200)
        for path in ('/healthcheck', '/load-balancer/healthcheck'):
            self.assertNotEqual(self.door_rest.request('GET', path).status,
                                401)

    def test_bad_tokens(self):
        """Whatever is no token is refused, however odd it is."""
        good = self.door.token('member')
        for token in ('', ' ', 'nonsense', 'gAAAAA', 'x' * 4000, 'a b',
                      good + ' x', good[:-1], good + 'A', good[::-1],
                      'ä', '\x01', "';--", '%00', '"', good.lower(),
                      good + '\tX-Roles: admin'):
            with self.subTest(token[:20]):
                self.assert_unknown(self.ask('GET', '/loadbalancers',
                                             token=token.encode('latin-1')))

    def test_good_token(self):
        """A token opens the door, in either header."""
        token = self.door.token('member')
        for headers in ({'X-Auth-Token': token}, {'X-Storage-Token': token},
                        {'X-Auth-Token': f'  {token} '},
                        {'X-Auth-Token': token, 'X-Storage-Token': 'x'},
                        {'X-Auth-Token': token, 'X-Service-Token': ''}):
            reply = self.ask('GET', '/loadbalancers', headers=headers)
            self.assert_status(reply, 200)
            self.assertTrue(reply.headers['x-openstack-request-id'])
        self.assert_unknown(self.ask('GET', '/loadbalancers', headers={
            'X-Auth-Token': 'x', 'X-Storage-Token': token}))

    def test_claims(self):
        """What a client says of himself in other headers is ignored."""
        reply = self.ask('GET', '/loadbalancers',
                         token=self.door.token('service'),
                         headers={'X-Roles': 'admin', 'X-Role': 'admin',
                                  'X-Project-Id': 'p', 'X-User-Id': 'u',
                                  'X-Identity-Status': 'Confirmed',
                                  'X-Is-Admin-Project': 'True',
                                  'OpenStack-System-Scope': 'all'})
        self.assert_forbidden(reply)
        self.assert_unknown(self.ask('GET', '/loadbalancers', headers={
            'X-Roles': 'admin', 'X-Identity-Status': 'Confirmed'}))

    def test_other_scopes(self):
        """A token that is not for a project may do nothing."""
        user = self.keystone.make_user('anywhere', 'mine', 'admin')
        role = self.keystone.make('role', 'admin')
        self.keystone.admin('PUT', f'/system/users/{user}/roles/{role}')
        self.keystone.admin(
            'PUT', f'/domains/default/users/{user}/roles/{role}')
        for scope in ({'system': {'all': True}},
                      {'domain': {'id': 'default'}}, 'unscoped'):
            token = self.keystone.token('anywhere', scope=scope)
            for path in ('/loadbalancers', '/providers'):
                self.assert_forbidden(self.ask('GET', path, token=token))
            self.assert_status(self.door_rest.request(
                'GET', '/v2.0/lbaas', headers={'X-Auth-Token': token}), 200)

    def test_application_credentials(self):
        """Application credentials work, but not those for some calls."""
        user = self.keystone.make_user('builder', 'mine', 'member')
        token = self.keystone.token('builder', 'mine')
        for name, more, status in (
                ('whole', {}, 200),
                ('limited', {'access_rules': [
                    {'method': 'GET', 'service': 'load-balancer',
                     'path': '/v2.0/lbaas/loadbalancers'}]}, 401)):
            reply = self.keystone.request(
                'POST', f'/users/{user}/application_credentials',
                {'application_credential': {
                    'name': name, 'secret': keystone.PASSWORD, **more}},
                token)
            self.assertEqual(reply.status, 201, reply)
            made = reply.body['application_credential']
            token_of_it = self.keystone.log_in({
                'methods': ['application_credential'],
                'application_credential': {'id': made['id'],
                                           'secret': keystone.PASSWORD}})
            self.assertEqual(self.ask('GET', '/loadbalancers',
                                      token=token_of_it).status, status)


class Lifetimes(AuthTest):
    """How long a token is good."""

    def expired(self, seconds=2):
        """A token of "member" that the API has known, and that expired."""
        issuer = self.keystone.issuer(seconds)
        issuer.start()
        self.addCleanup(issuer.process.stop)
        token = issuer.token('member-user', 'mine')
        wait.until(lambda: self.ask('GET', '/loadbalancers',
                                    token=token).status == 401,
                   'the token expires', 20)
        return token

    def test_expired(self):
        """A token that has expired is refused."""
        self.assert_unknown(self.ask('GET', '/loadbalancers',
                                     token=self.expired()))

    def test_service_token(self):
        """What a service does for a user may outlive his token."""
        expired = self.expired()
        service = self.keystone.token('octavia', 'service')
        for user, other, status in (
                (expired, service, 200),
                (expired, self.door.token('member'), 401),
                (expired, 'nonsense', 401), (expired, expired, 401),
                (self.door.token('member'), service, 200),
                (self.door.token('member'), self.door.token('reader'), 200),
                (self.door.token('member'), 'nonsense', 401),
                ('nonsense', service, 401), ('', service, 401)):
            reply = self.ask('GET', '/loadbalancers', headers={
                'X-Auth-Token': user, 'X-Service-Token': other})
            self.assertEqual(reply.status, status, reply)
            if status == 401:
                self.assert_unknown(reply)
        self.assert_unknown(self.ask('GET', '/loadbalancers', token=expired))

    def test_service_roles(self):
        """Which roles services have, and must have, are settings."""
        api = self.run_api('api-roles', more='service_token_roles = '
                           'manager, cook\nservice_token_roles_required = '
                           'true\n')
        for role, status in (('manager', 200), ('reader', 401),
                             ('service', 401)):
            reply = self.ask('GET', '/loadbalancers', api=api, headers={
                'X-Auth-Token': self.door.token('member'),
                'X-Service-Token': self.door.token(role)})
            self.assertEqual(reply.status, status, role)

    def test_revoked(self):
        """A revoked token is good for its time in the cache only."""
        api = self.run_api('api-forgetful', more='token_cache_time = 2\n')
        token = self.keystone.token('member-user', 'mine')

        def ask():
            return self.ask('GET', '/loadbalancers', token=token,
                            api=api).status
        self.assertEqual(ask(), 200)
        reply = client.Rest(self.keystone.port).request(
            'DELETE', '/v3/auth/tokens', headers={
                'X-Auth-Token': token, 'X-Subject-Token': token})
        self.assertEqual(reply.status, 204, reply)
        wait.until(lambda: ask() == 401, 'the token is refused', 10)


class Answers(AuthTest):
    """How often Keystone is asked, and what happens if it does not answer."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.keystone.process.thaw)

    def test_asked_once(self):
        """Many requests with one token are one question to Keystone."""
        token = self.keystone.token('member-user', 'mine')
        # It comes after the questions of tests before that nobody waits for.
        wait.until(lambda: self.ask('GET', '/loadbalancers', api=self.api,
                                    token='the last').status == 401,
                   'there are no other questions', 60)
        before = self.api.n_questions()
        statuses = []

        def run():
            reply = self.ask('GET', '/loadbalancers', token=token,
                             api=self.api)
            statuses.append(reply.status)
        self.keystone.process.freeze()
        threads = [threading.Thread(target=run) for _ in range(40)]
        for thread in threads:
            thread.start()
        wait.until(lambda: self.api.status()['waiting'] == '40',
                   'all of them wait', 10)
        self.keystone.process.thaw()
        for thread in threads:
            thread.join(60)
        self.assertEqual(statuses, [200] * 40)
        self.assertEqual(self.api.n_questions() - before, 1)

    def test_dead(self):
        """While Keystone is dead, only tokens that are known are good."""
        self.allow_log(r'tokens\|WARN\|', r'session\|WARN\|')
        known = self.keystone.token('member-user', 'mine')
        fresh = self.keystone.token('member-user', 'mine')
        self.assert_status(self.ask('GET', '/loadbalancers', token=known),
                           200)
        self.keystone.process.stop()
        try:
            self.assert_away(self.ask('GET', '/loadbalancers', token=fresh))
            self.assert_away(self.ask('POST', '/loadbalancers', {
                'loadbalancer': {}}, token='nonsense'))
            self.assert_status(self.ask('GET', '/loadbalancers',
                                        token=known), 200)
            self.assert_unknown(self.ask('GET', '/loadbalancers'))
            self.assert_status(self.door_rest.request('GET', '/'), 200)
        finally:
            self.keystone.process.start()
            self.keystone.wait_ready()
        wait.until(lambda: self.ask('GET', '/loadbalancers',
                                    token=fresh).status == 200,
                   'tokens are known again', 30)

    def test_slow(self):
        """While Keystone is silent, only who is known gets answers."""
        self.allow_log(r'tokens\|WARN\|', r'session\|WARN\|')
        known = self.door.token('member')
        self.assert_status(self.ask('GET', '/loadbalancers', token=known),
                           200)
        fresh = self.keystone.token('member-user', 'mine')
        replies = []
        self.keystone.process.freeze()
        thread = threading.Thread(target=lambda: replies.append(
            self.ask('GET', '/loadbalancers', token=fresh, api=self.api)))
        thread.start()
        wait.until(lambda: self.api.status()['waiting'] == '1',
                   'the request waits', 10)
        self.assert_status(self.ask('GET', '/loadbalancers', token=known),
                           200)
        self.assertFalse(replies)
        thread.join(60)
        self.assert_away(replies[0])
        self.keystone.process.thaw()
        wait.until(lambda: self.ask('GET', '/loadbalancers',
                                    token=fresh).status == 200,
                   'the token is known', 60)

    def test_gone_client(self):
        """A client that leaves while Keystone thinks does no harm."""
        token = self.keystone.token('member-user', 'mine')
        self.keystone.process.freeze()
        for _ in range(5):
            with socket.create_connection(('127.0.0.1', self.api.port)) as s:
                s.sendall(f'GET {LBS} HTTP/1.1\r\nHost: x\r\n'
                          f'X-Auth-Token: {token}\r\n\r\n'.encode())
                wait.until(lambda: self.api.status()['waiting'] != '0',
                           'the request waits', 10)
        self.keystone.process.thaw()
        wait.until(lambda: self.api.status()['waiting'] == '0',
                   'nobody waits', 20)
        self.assert_status(self.ask('GET', '/loadbalancers', token=token),
                           200)

    def knock(self, number):
        """A connection that has sent a request with a token of its own."""
        s = socket.create_connection(('127.0.0.1', self.api.port))
        self.addCleanup(s.close)
        s.sendall(f'GET {LBS} HTTP/1.1\r\nHost: x\r\n'
                  f'X-Auth-Token: {self._testMethodName}-{number}\r\n\r\n'.encode())
        return s

    def n_waiting(self):
        return int(self.api.status()['waiting'])

    def test_nobody_waits(self):
        """What nobody waits for any more is not asked."""
        self.allow_log(r'tokens\|WARN\|', r'session\|WARN\|')
        fresh = self.keystone.token('member-user', 'mine')
        self.assert_status(self.ask('GET', '/loadbalancers', token=self.door
                                    .token('member')), 200)
        self.keystone.process.freeze()
        clients = [self.knock(number) for number in range(200)]
        wait.until(lambda: self.n_waiting() == 200, 'all of them wait', 8)
        for one in clients:
            one.close()
        wait.until(lambda: self.n_waiting() == 0, 'nobody waits', 20)
        before = self.api.n_questions()
        self.keystone.process.thaw()
        wait.until(lambda: self.ask('GET', '/loadbalancers', token=fresh,
                                    api=self.api).status == 200,
                   'a new user is let in', 60)
        # Those that are under way come to their end, but no others follow.
        self.assertLess(self.api.n_questions() - before, 60)

    def test_known_first(self):
        """However many unknown wait, there is room for those who are known"""
        self.allow_log(r'tokens\|WARN\|', r'session\|WARN\|')
        known = self.door.token('member')
        self.assert_status(self.ask('GET', '/loadbalancers', token=known),
                           200)
        self.keystone.process.freeze()
        clients = [self.knock(number) for number in range(899)]

        def answered():
            ready, _, _ = select.select(clients, [], [], 0)
            return len(ready)
        wait.until(lambda: self.n_waiting() + answered() == 899,
                   'each waits or has its answer', 9)
        self.assertLessEqual(self.n_waiting(), 450)
        self.assert_status(self.ask('GET', '/loadbalancers', token=known),
                           200)
        for one in clients:
            one.close()
        wait.until(lambda: self.n_waiting() == 0, 'nobody waits', 20)

    def test_exit(self):
        """Whoever waits for Keystone when the daemon ends gets 503."""
        api = self.run_api('api-leaving')
        fresh = self.keystone.token('member-user', 'mine')
        replies = []
        self.keystone.process.freeze()
        thread = threading.Thread(target=lambda: replies.append(
            self.ask('GET', '/loadbalancers', token=fresh, api=api)))
        thread.start()
        wait.until(lambda: api.status()['waiting'] == '1',
                   'the request waits', 10)
        api.appctl('exit')
        thread.join(30)
        self.assertEqual(replies[0].status, 503)
        wait.until(lambda: not api.process.is_running(), 'it has ended', 10)
        self.assertEqual(api.process.returncode(), 0)
        api.start()

    def test_negative_answers_are_kept(self):
        """A token that is bad is not asked about again at once."""
        self.ask('GET', '/loadbalancers', token='bad-again')
        before = self.api.n_questions()
        for _ in range(5):
            self.assert_unknown(self.ask('GET', '/loadbalancers',
                                         token='bad-again'))
        self.assertEqual(self.api.n_questions(), before)

    def test_our_own_password(self):
        """If Keystone does not take our own password, nobody gets in."""
        self.allow_log(r'(tokens|session)\|(ERR|WARN)\|')
        api = self.run_api('api-wrong', more='password = wrong\n')
        self.assert_away(self.ask('GET', '/loadbalancers', api=api,
                                  token=self.door.token('member')))
        self.assertIn('Keystone does not let us in', api.log_text())
        self.assertNotIn('wrong', api.log_text().replace('api-wrong', ''))

    def test_our_own_rights(self):
        """If Keystone does not let us ask, nobody gets in."""
        self.allow_log(r'(tokens|session)\|(ERR|WARN)\|')
        self.keystone.make_user('weak', 'mine', 'reader')
        api = self.run_api('api-weak', more='username = weak\n'
                           'project_name = mine\n')
        self.assert_away(self.ask('GET', '/loadbalancers', api=api,
                                  token=self.door.token('member')))
        self.assertIn('keystone_authtoken', api.log_text())


    def test_no_neutron(self):
        """If there is no Neutron to ask, nobody names a network."""
        self.allow_log(r'api_visibility\|WARN\|')
        api = self.run_api('api-blind', more='[networking]\n'
                           'allow_invisible_resource_usage = False\n')
        token = self.door.token('admin')
        with self.nothing_changes():
            for attributes in ({'vip_subnet_id': self.stand.subnet['n1']},
                               {'vip_network_id': self.stand.network['n1']},
                               {'vip_port_id': self.stand.port['free']}):
                self.assert_fault(self.ask('POST', '/loadbalancers', {
                    'loadbalancer': attributes}, token, api=api), 503,
                    'The Neutron service is unavailable.')
        self.assert_status(self.ask('GET', '/loadbalancers', token=token,
                                    api=api), 200)


    def blind_api(self, name):
        """An API process whose Neutron takes connections and says nothing;
        and where that listens."""
        neutron = socket.create_server(('127.0.0.1', 0), backlog=64)
        self.addCleanup(neutron.close)
        url = f'http://127.0.0.1:{neutron.getsockname()[1]}'
        api = self.run_api(name, more='[networking]\n'
                           'allow_invisible_resource_usage = False\n'
                           f'[neutron]\nendpoint_override = {url}\n')
        return api, neutron

    def test_silent_neutron(self):
        """Who waits for Neutron in vain hears that it is Neutron."""
        api, _ = self.blind_api('api-mute')
        self.assert_fault(self.ask('POST', '/loadbalancers', {
            'loadbalancer': {'vip_subnet_id': self.stand.subnet['n1']}},
            self.door.token('admin'), api=api), 503,
            'The Neutron service is unavailable.')

    def test_parts(self):
        """Neutron is asked about the subnets of members that come with a load
        balancer, each once."""
        hidden = self.stand.subnet['n2']
        asked = []

        class Neutron(http.server.BaseHTTPRequestHandler):
            """Shows all but one subnet."""

            def do_GET(self):   # pylint: disable=invalid-name
                asked.append(self.path.split('?')[0].split('/')[-1])
                self.send_response(404 if hidden in self.path else 200)
                self.send_header('Content-Length', '2')
                self.end_headers()
                self.wfile.write(b'{}')

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Neutron)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        api = self.run_api('api-parts', more='[networking]\n'
                           'allow_invisible_resource_usage = False\n'
                           '[neutron]\nendpoint_override = '
                           f'http://127.0.0.1:{server.server_port}\n')
        shown = self.stand.subnet['n1']

        def post(*members):
            return self.ask('POST', '/loadbalancers', {'loadbalancer': {
                'vip_subnet_id': shown, 'listeners': [{
                    'protocol': 'TCP', 'protocol_port': 80,
                    'default_pool': {
                        'name': 'p', 'protocol': 'TCP',
                        'lb_algorithm': 'SOURCE_IP_PORT', 'members': [
                            {'address': address, 'protocol_port': 80,
                             'subnet_id': subnet}
                            for address, subnet in members]}}]}},
                self.door.token('admin'), api=api)
        with self.nothing_changes():
            self.assert_fault(post(('10.1.0.50', shown),
                                   ('10.2.0.50', hidden)), 400,
                              f'Subnet {hidden} not found.')
        self.assertEqual(asked, [shown, hidden])
        self.assert_status(post(('10.1.0.50', shown), ('10.1.0.51', shown)),
                           201)
        self.assertEqual(asked, [shown, hidden, shown])

    def test_cheap_first(self):
        """Neutron is not asked about a body that cannot be right."""
        api, neutron = self.blind_api('api-cheap')
        first = {'subnet_id': self.stand.subnet['n1']}
        many = [{'subnet_id': f'00000000-0000-4000-8000-{number:012}'}
                for number in range(33)]
        for vips, text in (
                (many, 'Validation failure: Too many additional_vips: at '
                       'most 32 are supported.'),
                ([first, first], 'Validation failure: Duplicate VIP subnet(s) '
                 'specified. Only one IP can be bound per subnet.')):
            self.assert_fault(self.ask('POST', '/loadbalancers', {
                'loadbalancer': {'vip_subnet_id': self.stand.subnet['n2'],
                                 'additional_vips': vips}},
                self.door.token('admin'), api=api), 400, text)
        ready, _, _ = select.select([neutron], [], [], 0)
        self.assertEqual(ready, [])

    def test_network_writes(self):
        """Networks are not written here, and an administrator hears why."""
        api, _ = self.blind_api('api-unwritten')
        rest = client.Rest(api.port)
        self.addCleanup(rest.close)
        told = {}
        for role in ('admin', 'member'):
            told[role] = rest.request('POST', '/v2.0/networks', {}, {
                'X-Auth-Token': self.door.token(role)})
            self.assert_status(told[role], 403)
        self.assertIn("Networks are Neutron's",
                      told['admin'].body['NeutronError']['message'])
        self.assertNotIn('NeutronError', told['member'].body)


class Settings(AuthTest):
    """What the daemon says about its settings."""

    def refuse(self, settings):
        """What the API prints that does not start with these settings."""
        path = f'{self.stand.rundir}/refused.conf'
        with open(path, 'w', encoding='utf-8') as file:
            file.write(settings)
        done = []

        def run():
            proc.run([self.api.process.argv[0], f'--config={path}',
                      '--listen=0.0.0.0:0'], deadline=20)
        try:
            run()
        except AssertionError as error:
            done.append(str(error))
        self.assertTrue(done, 'it started')
        return done[0]

    def test_missing_options(self):
        """An option that is missing or wrong is named."""
        head = '[api]\nauth = keystone\n[keystone_authtoken]\n'
        good = self.keystone.credentials('octavia', 'service')
        for settings, words in (
                ('[api]\nauth = basic\n', 'auth = basic'),
                ('[api]\nauth = keystone\n',
                 '[keystone_authtoken] auth_url'),
                (head + good.replace('username', '# username'), 'username'),
                (head + good.replace('password =', '# '), 'password'),
                (head + good + 'insecure = perhaps\n', 'insecure'),
                (head + good + '[networking]\n'
                 'allow_invisible_resource_usage = 2\n', 'allow_invisible'),
                (head + good + 'token_cache_time = soon\n',
                 'token_cache_time'),
                ('[api]\nauth = keystone\noctavia_conf = /nowhere\n',
                 '/nowhere'),
                ('', 'auth = keystone')):
            with self.subTest(words):
                self.assertIn(words, self.refuse(settings))

    def test_misspelt(self):
        """An option of Keystone's that does not exist is told."""
        path = os.path.join(self.stand.rundir, 'misspelt.conf')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('[keystone_authtoken]\nmemcached_servers = x\n'
                       'tokencachetime = 5\n')
        api = self.door.make_api(
            'api-misspelt', f'octavia_conf = {path}',
            more='passwrod = x\nregion_name = RegionOne\n')
        self.addCleanup(api.stop)
        api.start().wait_ready()
        self.assertEqual(
            [(place, name) for place, name in re.findall(
                r'auth_options\|WARN\|(.*) \[keystone_authtoken\]: there is '
                r'no option "(.*?)"', api.log_text())],
            [('our own configuration file:', 'passwrod'),
             (path, 'tokencachetime')])

    def test_octavia_conf(self):
        """The octavia.conf of an existing Octavia is enough."""
        path = f'{self.stand.rundir}/octavia.conf'
        with open(path, 'w', encoding='utf-8') as file:
            file.write('[DEFAULT]\ntransport_url = fake://\n'
                       '[keystone_authtoken]\nmemcached_servers = x:1\n'
                       'auth_section = elsewhere\n'
                       f'www_authenticate_uri = {self.keystone.url}\n'
                       '[elsewhere]\n'
                       + self.keystone.credentials('octavia', 'service'))
        api = type(self.api)(self.stand.rundir, self.stand.octavia.remote,
                             self.stand.nb.remote, name='api-conf',
                             extra=['--auth=keystone',
                                    f'--octavia-conf={path}'])
        api.start()
        self.addCleanup(api.stop)
        api.wait_ready()
        self.assert_status(self.ask('GET', '/loadbalancers', api=api,
                                    token=self.door.token('member')), 200)
        self.assert_unknown(self.ask('GET', '/loadbalancers', api=api))


if __name__ == '__main__':
    unittest.main()
