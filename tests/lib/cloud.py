# SPDX-License-Identifier: Apache-2.0
"""REST to the services of a stack, as one of its users, and what every
stack has: its users, roles, services and networks.
"""

import time

from . import client, mariadb, openstack_conf, wait

OCTAVIA = '/v2.0/lbaas'
# No report of the Python provider takes this long.
THEIRS_STUCK_S = 10

# name, the projects where it has roles, and which
USERS = (
    ('neutron', {'service': ('admin', 'service')}),
    ('octavia', {'service': ('admin', 'service')}),
    ('demo', {'demo': ('member', 'reader', 'load-balancer_member')}),
    ('admin', {'admin': ('admin', 'load-balancer_admin'),
               'demo': ('admin',)}),
)
ROLES = ('service', 'creator', 'load-balancer_admin', 'load-balancer_member',
         'load-balancer_observer', 'load-balancer_global_observer',
         'load-balancer_quota_admin')
PROJECTS = ('service', 'demo')
# name, its type in the catalog, what is behind its port
SERVICES = (('keystone', 'identity', '/v3'), ('neutron', 'network', ''),
            ('octavia', 'load-balancer', ''))


class Service(client.Rest):
    """REST with a token.  Debian's uwsgi closes after each reply, without
    always saying so."""

    def __init__(self, port, prefix, token=None, timeout=60):
        super().__init__(port, timeout=timeout)
        self.prefix = prefix
        self.token = token

    def request(self, method, path, body=None, headers=None):
        if self.token:
            headers = {'X-Auth-Token': self.token, **(headers or {})}
        try:
            return super().request(method, path, body, headers)
        finally:
            self.close()


def log_in(stack, user, project):
    """A token of a user."""
    domain = {'name': 'Default'}
    reply = Service(stack.ports['keystone'], '/v3').request(
        'POST', '/v3/auth/tokens', {'auth': {
            'identity': {'methods': ['password'], 'password': {'user': {
                'name': user, 'password': mariadb.PASSWORD,
                'domain': domain}}},
            'scope': {'project': {'name': project, 'domain': domain}}}})
    assert reply.status == 201, f'{user} cannot log in: {reply}'
    return reply.headers['X-Subject-Token']


class Cloud(client.Api):
    """Octavia, with all that client.Api can; its subnets and networks are
    Neutron's.  'neutron' and 'keystone' are there for everything else."""

    # An answer takes Octavia a tenth of a second of a processor.
    poll_seconds = 0.2

    def __init__(self, stack, user='demo', project=None):
        super().__init__(stack.ports['octavia'], timeout=60)
        self.stack = stack
        self.user = user
        self.token = log_in(stack, user, project or user)
        self.neutron = Service(stack.ports['neutron'], '/v2.0', self.token)
        self.keystone = Service(stack.ports['keystone'], '/v3', self.token)

    def request(self, method, path, body=None, headers=None):
        if not path.startswith(OCTAVIA) and path != '/':
            return self.neutron.request(method, path, body, headers)
        try:
            return super().request(method, path, body, {
                'X-Auth-Token': self.token, **(headers or {})})
        finally:
            self.close()

    def children(self, lb_id):
        """All below a load balancer, from its status tree: [(kind, id,
        provisioning_status, operating_status)]."""
        tree = self.get(f'/loadbalancers/{lb_id}/status')['loadbalancer']
        found, left = [], [('loadbalancer', tree)]
        while left:
            kind, item = left.pop()
            found.append((kind, item['id'], item['provisioning_status'],
                          item['operating_status']))
            for key in ('listeners', 'pools', 'members'):
                left += [(key[:-1], child) for child in item.get(key, ())]
            if item.get('health_monitor'):
                left.append(('healthmonitor', item['health_monitor']))
        return found

    def wait_settled(self, lb_id, deadline=30):
        """Waits until nothing of a load balancer is PENDING; returns what
        children() says."""
        began, told = time.monotonic(), set()

        def settled():
            found = self.children(lb_id)
            pending = [item for item in found if 'PENDING' in item[2]]
            if pending and self.stack.provider == 'python' \
                    and time.monotonic() > began + THEIRS_STUCK_S:
                self._tell_again(pending, told)
            assert not pending, pending
            return found
        return wait.until(settled, f'nothing of {lb_id} is PENDING',
                          deadline, interval=self.poll_seconds)

    def _tell_again(self, pending, told):
        """What people do whose Python provider has lost a listener: its
        report overtook Octavia's own transaction, which then wrote
        PENDING_UPDATE, and nobody comes back to it.  Octavia takes a call
        about the listener all the same, and that is reported."""
        for kind, key, state, _ in pending:
            if (kind, state) == ('listener', 'PENDING_UPDATE') \
                    and key not in told:
                name = self.get(f'/listeners/{key}')['name']
                self.request('PUT', f'{OCTAVIA}/listeners/{key}',
                             {'listener': {'name': name}})
                print(f'     the Python provider left listener {key} '
                      'PENDING_UPDATE', flush=True)
                told.add(key)


class Identity:
    """Users, roles and the catalog.  Made once for all stacks; the addresses
    in the catalog differ from stack to stack."""

    def __init__(self, stack):
        self.stack = stack
        self.rest = Service(stack.ports['keystone'], '/v3',
                            log_in(stack, 'admin', 'admin'))

    def make(self):
        roles = {name: self._ensure('role', name) for name in ROLES}
        roles.update({role['name']: role['id']
                      for role in self.rest.get('/roles')})
        projects = {name: self._ensure('project', name, domain_id='default')
                    for name in PROJECTS}
        projects['admin'] = self._find('project', 'admin')['id']
        for name, grants in USERS:
            user = self._ensure('user', name, domain_id='default',
                                password=mariadb.PASSWORD)
            for project, words in grants.items():
                for word in words:
                    self.rest.put(f'/projects/{projects[project]}/users/'
                                  f'{user}/roles/{roles[word]}', None, 204)
        self.point_catalog()

    def point_catalog(self):
        """Makes the catalog say where the services of this stack are."""
        endpoints = self.rest.get('/endpoints')
        for name, kind, path in SERVICES:
            service = self._ensure('service', name, type=kind)
            url = self.stack.url(name) + path
            have = {item['interface']: item for item in endpoints
                    if item['service_id'] == service}
            for interface in ('public', 'internal', 'admin'):
                known = have.get(interface)
                if known is None:
                    self.rest.post('/endpoints', {'endpoint': {
                        'interface': interface, 'service_id': service,
                        'region_id': openstack_conf.REGION, 'url': url}})
                elif known['url'] != url:
                    reply = self.rest.request(
                        'PATCH', f'/v3/endpoints/{known["id"]}',
                        {'endpoint': {'url': url}})
                    assert reply.status == 200, reply

    def _find(self, kind, name):
        found = self.rest.get(f'/{kind}s', name=name)
        return found[0] if found else None

    def _ensure(self, kind, name, **attributes):
        found = self._find(kind, name) or self.rest.post(
            f'/{kind}s', {kind: {'name': name, **attributes}})
        return found['id']
