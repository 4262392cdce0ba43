# SPDX-License-Identifier: Apache-2.0
"""The lists of an Octavia's API, with just enough of a Keystone to get in:
for what a real one does not show on demand."""

import http.server
import json
import threading
import urllib.parse


class OctaviaApi:
    """lists    what is listed: {path: [{'id', 'provisioning_status'}]}
    trees    below a load balancer, what is not ACTIVE: {id: {id: state}}
    fault    None, or the HTTP status of every answer
    page     objects in a page, whatever was asked for
    circles  every page is the first
    """

    def __init__(self):
        self.lists = {}
        self.trees = {}
        self.fault = None
        self.page = 2
        self.circles = False
        self.requests = []
        self.password = 'secret'
        handler = type('Handler', (_Handler,), {'owner': self})
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0),
                                                      handler)
        self.server.daemon_threads = True
        # Clients that are killed hang up.
        self.server.handle_error = lambda *_args: None
        self.url = f'http://127.0.0.1:{self.server.server_address[1]}'

    def start(self):
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def conf(self):
        """The section of octavia.conf."""
        return ('[service_auth]\nauth_type = password\n'
                f'auth_url = {self.url}\nusername = octavia\n'
                f'password = {self.password}\nproject_name = service\n'
                'user_domain_name = Default\nproject_domain_name = Default\n')

    def list(self, path, query):
        items = [item for item in self.lists.get(path, ())
                 if query.get('provisioning_status') in (
                     None, item['provisioning_status'])]
        keys = [item['id'] for item in items]
        if self.circles:
            query.pop('marker', None)
        first = (keys.index(query['marker']) + 1 if 'marker' in query else 0)
        return [{'operating_status': 'ONLINE', **item}
                for item in items[first:first + self.page]]

    def tree(self, lb_id):
        def item(key, state):
            return {'id': key, 'provisioning_status': state,
                    'operating_status': 'ONLINE'}
        members = [item(*pair) for pair in self.trees.get(lb_id, {}).items()]
        return {'loadbalancer': {**item(lb_id, 'ACTIVE'), 'listeners': [
            {**item(lb_id, 'ACTIVE'), 'pools': [{'members': members}]}]}}


class _Handler(http.server.BaseHTTPRequestHandler):
    owner = None
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_args):
        pass

    def _answer(self, status, body, **headers):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(text)))
        for name, value in headers.items():
            self.send_header(name.replace('_', '-'), value)
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self):
        self.rfile.read(int(self.headers.get('Content-Length', 0)))
        self._answer(201, {'token': {
            'expires_at': '2099-01-01T00:00:00.000000Z',
            'issued_at': '2026-01-01T00:00:00.000000Z',
            'catalog': [{'type': 'load-balancer', 'name': 'octavia',
                         'endpoints': [{
                             'interface': interface, 'region': 'RegionOne',
                             'region_id': 'RegionOne', 'id': 'x',
                             'url': self.owner.url}
                             for interface in ('public', 'internal')]}]}},
            X_Subject_Token='token')

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        self.owner.requests.append(self.path)
        if self.owner.fault:
            self._answer(self.owner.fault, {'faultstring': 'no'})
            return
        path = url.path.removeprefix('/v2/lbaas/')
        if path.endswith('/status'):
            self._answer(200, {'statuses': self.owner.tree(
                path.split('/')[1])})
            return
        self._answer(200, {path.rsplit('/', 1)[-1]:
                           self.owner.list(path, query)})
