# SPDX-License-Identifier: Apache-2.0
"""A log-in for clients that cannot do without: whoever asks gets a token and
a catalog with our API, which does not look at tokens (auth = none).
"""

import http.server
import json
import threading

SERVICES = ('load-balancer', 'network')


class Login:
    """Answers POST /v3/auth/tokens until stop()."""

    def __init__(self, endpoint):
        catalog = [{'id': service, 'name': service, 'type': service,
                    'endpoints': [{'id': f'{service}-public',
                                   'interface': 'public', 'region': 'one',
                                   'region_id': 'one', 'url': endpoint}]}
                   for service in SERVICES]
        body = json.dumps({'token': {
            'methods': ['password'], 'catalog': catalog,
            'user': {'id': 'a', 'name': 'a',
                     'domain': {'id': 'default', 'name': 'Default'}},
            'issued_at': '2020-01-01T00:00:00.000000Z',
            'expires_at': '2120-01-01T00:00:00.000000Z'}}).encode()

        class Handler(http.server.BaseHTTPRequestHandler):

            def do_POST(self):      # pylint: disable=invalid-name
                self.rfile.read(int(self.headers.get('Content-Length', 0)))
                self.send_response(201)
                self.send_header('Content-Type', 'application/json')
                self.send_header('Content-Length', str(len(body)))
                self.send_header('X-Subject-Token', 'token')
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0),
                                                      Handler)
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       daemon=True)
        self.thread.start()

    @property
    def environment(self):
        """Variables with which a client logs in here."""
        port = self.server.server_address[1]
        return {'OS_AUTH_URL': f'http://127.0.0.1:{port}/v3',
                'OS_USERNAME': 'a', 'OS_PASSWORD': 'a',
                'OS_PROJECT_NAME': 'a', 'OS_USER_DOMAIN_NAME': 'Default',
                'OS_PROJECT_DOMAIN_NAME': 'Default',
                'OS_DOMAIN_NAME': 'Default', 'OS_REGION_NAME': 'one',
                'OS_IDENTITY_API_VERSION': '3'}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
