# SPDX-License-Identifier: Apache-2.0
"""The base of the tests of ports that Neutron makes for the driver: networks
as Neutron writes them, and a stub of Neutron that can misbehave.
"""

import contextlib
import os
import threading

import apitest
from lib import client, daemons, neutron, neutron_stub, wait

# Of the driver, for what is PENDING and for an answer; seconds.
TIMEOUT = wait.seconds(3)
ANSWER_TIMEOUT = wait.seconds(2)
# Whoever logs in and asks may say that, too, that it does not work.
TROUBLE = (r'\|(neutron_calls|session|service)\|WARN\|',)
UNPROBED = r'\|WARN\|.*(a port to probe|cannot be probed)'


class Stand(apitest.Stand):
    """Networks as Neutron writes them, and a driver that knows Neutron."""

    def __init__(self):
        super().__init__()
        self.neutron = neutron.Neutron(self.nb, project='someone')
        self.stub = neutron_stub.Stub(self.neutron)
        self.conf = os.path.join(self.rundir, 'octavia.conf')
        with open(self.conf, 'w', encoding='utf-8') as file:
            file.write(self.stub.conf(self.nb.remote, self.sb.remote,
                                      ANSWER_TIMEOUT))
        self.driver = daemons.Driver(
            self.rundir, self.octavia.remote, self.nb.remote, self.sb.remote,
            extra=[f'--octavia-conf={self.conf}',
                   f'--pending-timeout={TIMEOUT}'])

    def make_network(self):
        make = self.neutron
        self.net = make.network('front')
        self.front = self.stub.add_subnet(make.subnet(self.net,
                                                      '10.1.0.0/24'))
        self.front6 = self.stub.add_subnet(make.subnet(self.net,
                                                       'fd00:1::/64'))
        self.other = make.network('other')
        self.back = self.stub.add_subnet(make.subnet(self.other,
                                                     '10.2.0.0/24'))
        router = make.router()
        for subnet in (self.front, self.front6, self.back):
            make.attach(router, [subnet])
        self.server = make.port([self.front], 50, 'server')
        self.server2 = make.port([self.back], 50, 'server2')
        self.own = make.port([self.front], 60, 'own', owner='')

    def learn_ids(self):
        self.subnet = {'n1': self.front.id, 'n2': self.back.id,
                       'n6': self.front6.id}
        self.port = {'own': self.own.id}


_stands = []


class NeutronTest(apitest.ApiTest):

    @classmethod
    def setUpClass(cls):
        if not _stands:
            stand = Stand()
            apitest.atexit.register(stand.stop)
            _stands.append(stand)
            stand.start()
        cls.stand = _stands[0]
        cls.stub = cls.stand.stub

    def setUp(self):
        super().setUp()
        self.stub.clear()
        self.stub.forget_requests()
        # Before everything is deleted, Neutron has to be well again.
        self.addCleanup(self.stub.clear)

    def _finish(self):
        super()._finish()
        self.assertEqual([port for port in self.stub.ports.values()
                          if port['name'].startswith('ovn-lb-vip-')], [])

    def lsps(self):
        with self.stand.nb.client() as nb:
            return {row['name']: row
                    for row in nb.select('Logical_Switch_Port')}

    def post(self, **attributes):
        attributes.setdefault('vip_subnet_id', self.stand.front.id)
        return self.call('POST', '/loadbalancers',
                         {'loadbalancer': attributes})

    @contextlib.contextmanager
    def posting(self, **attributes):
        """A POST that goes on meanwhile; gives the id of what it makes."""
        replies = []
        rest = client.Api(self.stand.api.port)
        body = {'loadbalancer': {'vip_subnet_id': self.stand.front.id,
                                 **attributes}}
        before = {lb['id'] for lb in self.rest.get('/loadbalancers')}
        thread = threading.Thread(target=lambda: replies.append(
            rest.request('POST', apitest.LBAAS + '/loadbalancers', body)))
        thread.start()

        def new():
            return [lb['id'] for lb in self.rest.get('/loadbalancers')
                    if lb['id'] not in before]
        try:
            yield wait.until(new, 'the load balancer is there', 10, 0.01)[0]
        finally:
            self.stub.clear()
            thread.join(60)
            rest.close()

    def row(self, lb_id):
        with self.stand.octavia.client() as db:
            row, = db.select('Load_Balancer',
                             [['_uuid', '==', ['uuid', lb_id]]])
        return row

    def wait_error(self, lb_id):
        def is_error():
            row = self.row(lb_id)
            return row['provisioning_status'] == 'ERROR' and row
        return wait.until(is_error, 'the load balancer is ERROR', 15, 0.02)

    def vip_port(self, lb):
        """Neutron's port, the only one there is."""
        port, = self.stub.named('ovn-lb-vip-' + lb['id'])
        self.assertEqual(port['id'], lb['vip_port_id'])
        self.assertEqual(port['fixed_ips'], [
            {'subnet_id': lb['vip_subnet_id'],
             'ip_address': lb['vip_address']}])
        return port

    def delete(self, lb):
        reply = self.call('DELETE', f'/loadbalancers/{lb["id"]}?cascade=true')
        self.assert_status(reply, 204)
        self.wait_gone('/loadbalancers/' + lb['id'])
