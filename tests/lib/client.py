# SPDX-License-Identifier: Apache-2.0
"""Clients of the API: the stock "openstack" command, and plain REST.

The command is the proof that unmodified clients work; warm_client loads it
once for all calls.  REST is for everything else.
"""

import http.client
import json
import time
import urllib.parse

from . import proc, wait, warm_client

PREFIX = '/v2.0/lbaas'
# The API keeps one that it does not know for 10 seconds, others for 30.
IDLE_SECONDS_MAX = 5


def cli_environment(port):
    """Variables with which "openstack" finds us, and only us."""
    return {'OS_AUTH_TYPE': 'none',
            'OS_ENDPOINT': f'http://127.0.0.1:{port}',
            **{name: None for name in (
                'OS_AUTH_URL', 'OS_CLOUD', 'OS_CLIENT_CONFIG_FILE',
                'OS_DOMAIN_ID', 'OS_DOMAIN_NAME', 'OS_PASSWORD',
                'OS_PROJECT_DOMAIN_ID', 'OS_PROJECT_DOMAIN_NAME',
                'OS_PROJECT_ID', 'OS_PROJECT_NAME', 'OS_REGION_NAME',
                'OS_SYSTEM_SCOPE', 'OS_TENANT_ID', 'OS_TENANT_NAME',
                'OS_TOKEN', 'OS_URL', 'OS_USERNAME', 'OS_USER_DOMAIN_ID',
                'OS_USER_DOMAIN_NAME', 'OS_USER_ID',
                'http_proxy', 'HTTP_PROXY')},
            'no_proxy': '127.0.0.1',
            'PYTHONWARNINGS': 'ignore'}


class CliError(AssertionError):
    """The command failed; its text is what it printed."""


class Cli:
    """The unmodified "openstack" command, with our API alone or, by its
    environment, in a cloud."""

    warm = warm_client.WarmClient()

    def __init__(self, port=None, environment=None):
        self.environment = environment or cli_environment(port)

    def text(self, *args, deadline=120):
        """Runs "openstack ARGS"; returns what it printed."""
        args = [str(arg) for arg in args]
        status, printed, errors = self.warm.run(
            args, proc.merged(self.environment), deadline * wait.SLOWNESS)
        if status != 0:
            raise CliError(f'openstack {" ".join(args)}: exit status {status}'
                           f'\n{printed}{errors}')
        return printed

    def json(self, *args, deadline=120):
        """Runs "openstack ARGS -f json"; returns the decoded output."""
        return json.loads(self.text(*args, '-f', 'json', deadline=deadline))

    def fails(self, *args):
        """Runs a command that must fail; returns what it printed."""
        try:
            printed = self.text(*args)
        except CliError as error:
            return str(error)
        raise AssertionError(f'openstack {" ".join(args)} did not fail but '
                             f'printed: {printed}')


class Reply:
    """An HTTP reply.  'body' is the decoded JSON, or None."""

    def __init__(self, status, headers, content):
        self.status = status
        self.headers = headers
        self.content = content
        try:
            self.body = json.loads(content) if content else None
        except ValueError:
            self.body = None

    @property
    def fault(self):
        """The faultstring, or all of the text."""
        if isinstance(self.body, dict) and 'faultstring' in self.body:
            return self.body['faultstring']
        return self.content.decode('utf-8', errors='replace')

    def __repr__(self):
        return f'<{self.status} {self.content[:300]!r}>'


class ApiError(AssertionError):
    """An unexpected status; 'reply' is the Reply."""

    def __init__(self, text, reply):
        super().__init__(text)
        self.reply = reply


class Rest:
    """REST on one connection; it is made again when the server closed it.

    request() returns any reply.  get(), post(), put() and delete() take a
    path below /v2.0/lbaas, fail unless the status is the usual one, and
    return the object inside the wrapper ({"pool": {...}} -> {...}).
    """

    prefix = PREFIX

    def __init__(self, port, host='127.0.0.1', timeout=30):
        self.host = host
        self.port = port
        self.timeout = timeout * wait.SLOWNESS
        self.connection = None
        self.used_at = 0

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def request(self, method, path, body=None, headers=None):
        """One request, with the whole path.  Raises OSError or HTTPException
        if there is no answer.  The server may have closed a connection that
        was used before: a GET is tried again then; others, which may have
        been carried out, have another one if that is a while ago."""
        content = None
        headers = {'Accept': 'application/json', **(headers or {})}
        if body is not None:
            content = body if isinstance(body, (bytes, str)) \
                else json.dumps(body)
            headers.setdefault('Content-Type', 'application/json')
        if (method != 'GET'
                and time.monotonic() - self.used_at > IDLE_SECONDS_MAX):
            self.close()
        is_used = self.connection is not None
        try:
            answer, data = self._exchange(method, path, content, headers)
        except (OSError, http.client.HTTPException):
            self.close()
            if method != 'GET' or not is_used:
                raise
            answer, data = self._exchange(method, path, content, headers)
        if answer.will_close:
            self.close()
        return Reply(answer.status, dict(answer.getheaders()), data)

    def _exchange(self, method, path, content, headers):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                self.host, self.port, timeout=self.timeout)
        try:
            self.connection.request(method, path, content, headers)
        except (BrokenPipeError, ConnectionResetError):
            # Who refuses a large body answers before it has come, and does not
            # wait for it for long.
            if not content or self.connection.sock is None:
                raise
        answer = self.connection.getresponse()
        data = answer.read()
        self.used_at = time.monotonic()
        return answer, data

    def get(self, path, **query):
        if query:
            path += '?' + urllib.parse.urlencode(query)
        return self._call('GET', path, None, 200)

    def post(self, path, body, status=201):
        return self._call('POST', path, body, status)

    def put(self, path, body, status=200):
        return self._call('PUT', path, body, status)

    def delete(self, path, status=204):
        return self._call('DELETE', path, None, status)

    def _call(self, method, path, body, status):
        reply = self.request(method, self.prefix + path, body)
        if reply.status != status:
            raise ApiError(f'{method} {path}: {reply.status} {reply.fault}',
                           reply)
        if isinstance(reply.body, dict):
            wrapped = [value for key, value in reply.body.items()
                       if not key.endswith('links')]
            return wrapped[0] if len(wrapped) == 1 else reply.body
        return reply.body


class Api(Rest):
    """REST with names for what tests do all the time."""

    # How often to ask for what is awaited.
    poll_seconds = 0.02

    def find(self, collection, name):
        """The object of that name (or id); fails unless it is one."""
        found = [item for item in self.get('/' + collection)
                 if name in (item.get('name'), item['id'])]
        assert len(found) == 1, f'{collection} {name}: {found}'
        return found[0]

    def subnet_id(self, name):
        """The id of the subnet of that name, as clients look it up."""
        reply = self.request('GET', '/v2.0/subnets?'
                             + urllib.parse.urlencode({'name': name}))
        assert reply.status == 200, reply
        found = reply.body['subnets']
        assert len(found) == 1, f'{name}: {found}'
        return found[0]['id']

    def create_loadbalancer(self, subnet=None, ready=True, **attributes):
        if subnet is not None:
            attributes['vip_subnet_id'] = self.subnet_id(subnet)
        created = self.post('/loadbalancers', {'loadbalancer': attributes})
        return self.wait_active(created['id']) if ready else created

    def create_listener(self, lb_id, port, protocol='TCP', ready=True,
                        **attributes):
        created = self.post('/listeners', {'listener': {
            'loadbalancer_id': lb_id, 'protocol': protocol,
            'protocol_port': port, **attributes}})
        return self._ready('/listeners/', created, lb_id, ready)

    def create_pool(self, lb_id, protocol='TCP', ready=True, **attributes):
        attributes.setdefault('lb_algorithm', 'SOURCE_IP_PORT')
        if 'listener_id' not in attributes:
            attributes['loadbalancer_id'] = lb_id
        created = self.post('/pools', {'pool': {'protocol': protocol,
                                                **attributes}})
        return self._ready('/pools/', created, lb_id, ready)

    def create_member(self, lb_id, pool_id, address, port, subnet=None,
                      ready=True, **attributes):
        if subnet is not None:
            attributes['subnet_id'] = self.subnet_id(subnet)
        created = self.post(f'/pools/{pool_id}/members', {'member': {
            'address': address, 'protocol_port': port, **attributes}})
        return self._ready(f'/pools/{pool_id}/members/', created, lb_id,
                           ready)

    def create_monitor(self, lb_id, pool_id, monitor_type='TCP', ready=True,
                       **attributes):
        """A health monitor; unless told, as quick as they get, but not so
        quick that a server is dead that a busy machine made wait."""
        for name in ('delay', 'timeout', 'max_retries'):
            attributes.setdefault(name, 1)
        attributes.setdefault('max_retries_down', 2)
        created = self.post('/healthmonitors', {'healthmonitor': {
            'pool_id': pool_id, 'type': monitor_type, **attributes}})
        return self._ready('/healthmonitors/', created, lb_id, ready)

    def update(self, lb_id, path, **attributes):
        """Changes what is at 'path' and waits for its load balancer;
        returns it as shown then."""
        collection = path.split('/')[-2]
        self.put(path, {collection[:-1]: attributes})
        self.wait_active(lb_id)
        return self.get(path)

    def remove(self, lb_id, path):
        """Deletes a part of a load balancer and waits for that."""
        self.delete(path)
        self.wait_active(lb_id)

    def members(self, pool_id):
        """The members of a pool, by name."""
        return {member['name']: member for member
                in self.get(f'/pools/{pool_id}/members')}

    def _ready(self, path, created, lb_id, ready):
        if not ready:
            return created
        self.wait_active(lb_id)
        return self.get(path + created['id'])

    def wait_active(self, lb_id, deadline=30):
        """Waits until the load balancer is ACTIVE; returns it."""
        def active():
            shown = self.get('/loadbalancers/' + lb_id)
            state = shown['provisioning_status']
            assert state == 'ACTIVE', f'provisioning_status is {state}'
            return shown
        return wait.until(active, f'load balancer {lb_id} is ACTIVE',
                          deadline, interval=self.poll_seconds)

    def wait_gone(self, lb_id, deadline=30):
        """Waits until the load balancer is answered with 404."""
        path = f'{PREFIX}/loadbalancers/{lb_id}'
        wait.until(lambda: self.request('GET', path).status == 404,
                   f'load balancer {lb_id} is gone', deadline, interval=self.poll_seconds)

    def delete_loadbalancer(self, lb_id, cascade=True):
        self.delete(f'/loadbalancers/{lb_id}'
                    + ('?cascade=true' if cascade else ''))
        self.wait_gone(lb_id)

    def graphs(self):
        """All load balancers with all their children, for comparison: a
        list of dicts of the load balancer, its listeners, pools and health
        monitors by id, and {pool's id: {member's id: member}}."""
        graphs = {item['id']: {'loadbalancer': item, 'listeners': {},
                               'pools': {}, 'members': {},
                               'healthmonitors': {}}
                  for item in self.get('/loadbalancers')}
        for kind in ('listeners', 'pools'):
            for item in self.get('/' + kind):
                parent, = item['loadbalancers']
                if parent['id'] in graphs:
                    graphs[parent['id']][kind][item['id']] = item
        monitors = {item['id']: item for item in self.get('/healthmonitors')}
        for graph in graphs.values():
            for pool_id, pool in graph['pools'].items():
                # Octavia does not say so if there is none.
                pool.setdefault('healthmonitor_id', None)
                monitor_id = pool['healthmonitor_id']
                if monitor_id:
                    graph['healthmonitors'][monitor_id] = monitors[monitor_id]
                graph['members'][pool_id] = {
                    member['id']: member for member
                    in self.get(f'/pools/{pool_id}/members')}
        return list(graphs.values())


class FreshApi(Api):
    """The same where others write, too: another copy of the API, or the agent.
    What is read has all that the database had when it was asked for
    (docs/operate.md, "Several copies of the API")."""

    def request(self, method, path, body=None, headers=None):
        if method == 'GET':
            headers = {'Cache-Control': 'no-cache', **(headers or {})}
        return super().request(method, path, body, headers)


def wait_listening(port, deadline=30):
    """Waits until the API answers on its port and has its data (a copy that
    is still loading answers 503)."""
    def answers():
        rest = Rest(port, timeout=5)
        try:
            return rest.request('GET', PREFIX + '/loadbalancers'
                                ).status == 200
        except http.client.HTTPException:
            return False
        finally:
            rest.close()
    started = time.monotonic()
    wait.until(answers, f'the API answers on port {port}', deadline)
    return time.monotonic() - started
