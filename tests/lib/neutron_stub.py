# SPDX-License-Identifier: Apache-2.0
"""A Neutron (and its Keystone) that misbehaves when told to.

Only for what the real ones cannot be made to do: to hang, to answer nonsense,
to hang up after they have acted.  It knows ports and nothing else, and shows
them in the Northbound database, as ML2/OVN does.
"""

import http.server
import ipaddress
import json
import threading
import time
import urllib.parse

CONF = """\
[service_auth]
auth_url = {url}/v3
auth_type = password
username = octavia
password = {password}
user_domain_name = Default
project_name = service
project_domain_name = Default
timeout = {timeout}
[neutron]
endpoint_override = {url}
[ovn]
ovn_nb_connection = {nb}
ovn_sb_connection = {sb}
ovsdb_probe_interval = 60000
"""
PASSWORD = 'not-a-secret-5a2b'
# Of the addresses that ports get, in each subnet.
NUMBERS = range(200, 251)


def error(kind, message):
    """The body of a refusal, as Neutron has it."""
    return {'NeutronError': {'type': kind, 'message': message, 'detail': ''}}


class Fault:
    """What happens instead of the usual, to requests of that method: one of

    status, body   this answer; body: dict, or text
    kind='hang'    no answer until release()
    kind='cut'     the connection ends in the middle of the answer

    acts   True: what was asked for is done all the same
    times  how often; None: until clear()
    """

    def __init__(self, method, status=None, body='', kind='answer',
                 acts=False, times=None):
        self.method, self.status, self.body = method, status, body
        self.kind, self.acts, self.times = kind, acts, times
        self.released = threading.Event()
        self.n_met = 0


class Stub:
    """url        of both
    neutron    a lib.neutron.Neutron, which writes into the Northbound database
    """

    def __init__(self, neutron):
        self.neutron = neutron
        self.subnets = {}       # lib.neutron.Subnet by id
        self.ports = {}         # As shown, by id
        self.rows = {}          # lib.neutron.Port by id
        self.requests = []      # (method, path, body)
        self.faults = []
        self.next_number = NUMBERS.start
        self.lock = threading.RLock()
        self.server = None
        self.port = 0
        self.start()

    # Life.

    def start(self):
        handler = type('Handler', (_Handler,), {'stub': self})
        self.server = _Server(('127.0.0.1', self.port), handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,),
                         daemon=True).start()

    def stop(self):
        """Nobody listens any more; connections end."""
        self.server.shutdown()
        self.server.close_all()
        self.server.server_close()

    @property
    def url(self):
        return f'http://127.0.0.1:{self.port}'

    def conf(self, nb, sb, timeout=2):
        return CONF.format(url=self.url, password=PASSWORD, nb=nb, sb=sb,
                           timeout=timeout)

    # What it shall do.

    def add_subnet(self, subnet):
        self.subnets[subnet.id] = subnet
        return subnet

    def fail(self, method, *args, **kwargs):
        fault = Fault(method, *args, **kwargs)
        with self.lock:
            self.faults.append(fault)
        return fault

    def clear(self):
        """Behaves from now on."""
        with self.lock:
            faults, self.faults = self.faults, []
        for fault in faults:
            fault.released.set()

    # What it has done.

    def named(self, name):
        with self.lock:
            return [port for port in self.ports.values()
                    if port['name'] == name]

    def asked(self, method, what='/v2.0/ports'):
        with self.lock:
            return [(path, body) for asked, path, body in self.requests
                    if asked == method and path.startswith(what)]

    def forget_requests(self):
        with self.lock:
            self.requests = []

    # Ports.

    def _address(self, fixed):
        """The subnet and the number of the address in it; or a refusal."""
        subnet = self.subnets[fixed['subnet_id']]
        used = {address['ip_address'] for port in self.ports.values()
                for address in port['fixed_ips']}
        wanted = fixed.get('ip_address')
        if wanted is None:
            # After the last one the first one comes again.
            numbers = [*range(self.next_number, NUMBERS.stop),
                       *range(NUMBERS.start, self.next_number)]
            self.next_number = next(n for n in numbers
                                    if subnet.address(n) not in used)
            return subnet, self.next_number
        if wanted in used:
            return None, (409, error(
                'IpAddressAlreadyAllocated', f'IP address {wanted} already '
                f'allocated in subnet {subnet.id}'))
        return subnet, (int(ipaddress.ip_address(wanted))
                        - int(subnet.cidr.network_address))

    def create(self, asked):
        subnet, number = self._address(asked['fixed_ips'][0])
        if subnet is None:
            return number
        if asked['network_id'] != subnet.network.id:
            return 400, error('InvalidInput', 'not on that network')
        row = self.neutron.port(
            [subnet], number, asked['name'],
            owner=asked.get('device_owner', ''),
            device=asked.get('device_id', ''),
            listed=bool(asked.get('device_owner')),
            kind='localport' if asked.get('device_owner') else '',
            project=asked.get('project_id', 'service'))
        shown = {**asked, 'id': row.id, 'status': 'DOWN',
                 'fixed_ips': [{'subnet_id': subnet.id,
                                'ip_address': subnet.address(number)}]}
        shown.setdefault('project_id', 'service')
        shown.setdefault('device_owner', '')
        shown.setdefault('device_id', '')
        self.ports[row.id], self.rows[row.id] = shown, row
        return 201, {'port': shown}

    def delete(self, key):
        if key not in self.ports:
            return 404, error('PortNotFound', f'Port {key} could not be '
                              'found.')
        self.neutron.delete_port(self.rows.pop(key))
        del self.ports[key]
        return 204, ''

    def answer(self, method, path, body):
        """(status, body) of a request that is treated well."""
        url = urllib.parse.urlsplit(path)
        query = urllib.parse.parse_qs(url.query)
        key = url.path.removeprefix('/v2.0/ports').strip('/')
        with self.lock:
            if method == 'POST':
                return self.create(body['port'])
            if method == 'DELETE':
                return self.delete(key)
            if key:
                return ((200, {'port': self.ports[key]})
                        if key in self.ports else
                        (404, error('PortNotFound', f'Port {key} could not '
                                    'be found.')))
            names = query.get('name')
            return 200, {'ports': [port for port in self.ports.values()
                                   if not names or port['name'] in names]}

    def meet_fault(self, method):
        """The fault for this request, or None."""
        with self.lock:
            for fault in self.faults:
                if fault.method == method and fault.times != 0:
                    fault.n_met += 1
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128    # Or the kernel resets what comes at once.

    def __init__(self, *args):
        self.connections = set()
        super().__init__(*args)

    def process_request(self, request, client_address):
        self.connections.add(request)
        super().process_request(request, client_address)

    def close_all(self):
        for connection in self.connections:
            try:
                connection.shutdown(2)
            except OSError:
                pass

    def handle_error(self, request, client_address):
        """Whoever hangs up on us is part of the tests."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    stub = None

    def log_message(self, *_):
        pass

    def _read(self):
        length = int(self.headers.get('Content-Length') or 0)
        data = self.rfile.read(length)
        return json.loads(data) if data else None

    def _reply(self, status, body, headers=(), cut=False):
        is_text = isinstance(body, str)
        data = body.encode() if is_text else json.dumps(body).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'text/html' if is_text
                         else 'application/json')
        for name, value in headers:
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(data) + (40 if cut else 0)))
        self.end_headers()
        self.wfile.write(data)
        if cut:
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(2)

    def _token(self):
        expires = time.strftime('%Y-%m-%dT%H:%M:%S.000000Z',
                                time.gmtime(time.time() + 3600))
        self._reply(201, {'token': {
            'expires_at': expires, 'methods': ['password'], 'catalog': [
                {'type': 'network', 'name': 'neutron', 'endpoints': [
                    {'interface': 'internal', 'region': 'RegionOne',
                     'region_id': 'RegionOne', 'url': self.stub.url}]}],
            'user': {'id': 'u', 'name': 'octavia'},
            'project': {'id': 'service', 'name': 'service'}, 'roles': []}},
            [('X-Subject-Token', 'a-token')])

    def _handle(self):
        body = self._read()
        if self.path.startswith('/v3/'):
            self._token()
            return
        with self.stub.lock:
            self.stub.requests.append((self.command, self.path, body))
        fault = self.stub.meet_fault(self.command)
        if not fault:
            self._reply(*self.stub.answer(self.command, self.path, body))
            return
        reply = (self.stub.answer(self.command, self.path, body)
                 if fault.acts else (200, '{}'))
        if fault.kind == 'hang':
            fault.released.wait(120)
            self.close_connection = True
        elif fault.kind == 'cut':
            self._reply(*reply, cut=True)
        else:
            self._reply(fault.status, fault.body)

    do_GET = do_POST = do_PUT = do_DELETE = _handle
