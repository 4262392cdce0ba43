#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Ports that Neutron makes for the driver, and a Neutron that does not."""

import concurrent.futures
import os
import unittest

import neutrontest
from lib import client, daemons, neutron_stub, proc, wait

NOT_DONE = (r'\|deadline\|WARN\|.*not done within '
            rf'{neutrontest.TIMEOUT} seconds')


class Ports(neutrontest.NeutronTest):
    """A Neutron that works."""

    def test_vip(self):
        """A VIP's port is made by Neutron, and deleted with the load balancer
        """
        lb = self.make_lb()
        made = self.vip_port(lb)
        (_, body), = self.stub.asked('POST')
        self.assertEqual(body['port'], {
            'name': 'ovn-lb-vip-' + lb['id'], 'device_id': 'lb-' + lb['id'],
            'network_id': self.stand.net.id, 'admin_state_up': True,
            'project_id': lb['project_id'],
            'fixed_ips': [{'subnet_id': self.stand.front.id}]})
        # It was made at once, and is the only one.
        self.assertEqual(self.stub.asked('GET'), [])
        self.assertEqual([name for name in self.lsps()
                          if name.startswith('ovn-lb')], [])
        self.delete(lb)
        self.assertNotIn(made['id'], self.stub.ports)

    def test_address(self):
        """An address that the user wants is asked for"""
        lb = self.make_lb(vip_address='10.1.0.77')
        self.assertEqual(self.vip_port(lb)['fixed_ips'][0]['ip_address'],
                         '10.1.0.77')
        lb = self.make_lb('n6', vip_address='fd00:1:0::77')
        self.assertEqual(self.vip_port(lb)['fixed_ips'][0]['ip_address'],
                         'fd00:1::77')

    def test_additional(self):
        """Additional VIPs have ports of their own"""
        lb = self.make_lb(additional_vips=[
            {'subnet_id': self.stand.front6.id}])
        self.vip_port(lb)
        vip, = lb['additional_vips']
        port, = self.stub.named('ovn-lb-vip-additional-1-' + lb['id'])
        self.assertEqual((port['id'], port['fixed_ips'][0]['ip_address']),
                         (vip['port_id'], vip['ip_address']))
        self.assertEqual(port['device_id'], 'lb-' + lb['id'])

    def test_own_port(self):
        """A port of the user's is neither made, nor renamed, nor deleted"""
        lb = self.make_lb(None, vip_port_id=self.stand.own.id)
        self.assertEqual(lb['vip_address'], '10.1.0.60')
        self.delete(lb)
        self.assertEqual([method for method, _, _ in self.stub.requests
                          if method != 'GET'], [])
        self.assertIn(self.stand.own.id, self.lsps())

    def test_namesake(self):
        """A port of others with such a name is left alone"""
        lb = self.make_lb()
        name = 'ovn-lb-vip-' + lb['id']
        asked = {'name': name, 'network_id': self.stand.net.id,
                 'fixed_ips': [{'subnet_id': self.stand.front.id}]}
        with self.stub.lock:
            others = [self.stub.create({**asked, **more})[1]['port'] for more
                      in ({'project_id': 'mallory'},
                          {'device_id': 'lb-' + lb['id'],
                           'project_id': 'mallory'},
                          {'device_id': 'vm-1',
                           'project_id': lb['project_id']})]
            leftover = self.stub.create({
                **asked, 'project_id': lb['project_id']})[1]['port']
        self.delete(lb)
        self.assertNotIn(leftover['id'], self.stub.ports)
        for port in others:
            self.assertEqual(self.stub.ports[port['id']], port)
            self.stub.delete(port['id'])

    def test_lost(self):
        """A VIP's port that somebody deletes is made again, as it was"""
        lb = self.make_lb(additional_vips=[
            {'subnet_id': self.stand.front6.id}])
        before = {'front': self.vip_port(lb)['id'],
                  'front6': lb['additional_vips'][0]['port_id']}
        with self.stub.lock:
            for key in before.values():
                self.stub.delete(key)
        wait.until(lambda: len(self.stub.ports) == 2, 'they are made again')
        self.wait_ports_known(lb)
        after = self.rest.get('/loadbalancers/' + lb['id'])
        self.vip_port(after)
        self.assertNotIn(after['vip_port_id'], before.values())
        self.assertEqual(after['vip_address'], lb['vip_address'])
        vip, = after['additional_vips']
        self.assertEqual(vip['ip_address'],
                         lb['additional_vips'][0]['ip_address'])
        self.assertNotIn(vip['port_id'], before.values())
        self.delete(lb)
        self.assertEqual(self.stub.ports, {})

    def test_lost_typed(self):
        """So is that of an address that was typed in another way"""
        lb = self.make_lb('n6', vip_address='fd00:1:0::78')
        with self.stub.lock:
            self.stub.delete(lb['vip_port_id'])
        wait.until(lambda: self.stub.ports, 'it is made again')
        self.wait_ports_known(lb)
        self.assertEqual(self.rest.get('/loadbalancers/' + lb['id'])[
            'vip_address'], lb['vip_address'])

    def wait_ports_known(self, lb):
        def known():
            shown = self.rest.get('/loadbalancers/' + lb['id'])
            return {shown['vip_port_id'],
                    *(vip['port_id'] for vip in shown['additional_vips'])} \
                == set(self.stub.ports)
        wait.until(known, 'the load balancer has them')

    def test_lost_to_others(self):
        """If another has the address by then, that is an error, which heals
        """
        self.allow_log(r'reconcile\|WARN\|.*the port of a VIP is gone')
        lb = self.make_lb(vip_address='10.1.0.78')
        key = self.vip_port(lb)['id']
        with self.stub.lock:
            self.stub.delete(key)
            other = self.stub.create({
                'name': 'other', 'network_id': self.stand.net.id,
                'device_id': 'vm', 'fixed_ips': [
                    {'subnet_id': self.stand.front.id,
                     'ip_address': '10.1.0.78'}]})[1]['port']['id']
        row = self.wait_error(lb['id'])
        self.assertIn('the port of a VIP is gone, and Neutron makes no '
                      'other: IP address 10.1.0.78 already allocated',
                      row['fault_text'])
        self.assertIn(f'port {key} of VIP 10.1.0.78 is gone: Neutron is '
                      'asked for another', self.diff())
        with self.stub.lock:
            self.stub.delete(other)
        self.wait_ports_known(lb)
        self.active(lb['id'])
        self.vip_port(self.rest.get('/loadbalancers/' + lb['id']))

    def diff(self):
        """What "ovn-octavia-ctl diff" prints."""
        return proc.run([
            os.path.join(daemons.build_directory(), 'src', 'ovn-octavia-ctl'),
            f'--db={self.stand.octavia.remote}',
            f'--nb-db={self.stand.nb.remote}',
            f'--sb-db={self.stand.sb.remote}', '--no-syslog', 'diff'],
            check=False)

    def test_not_lost(self):
        """One that OVN has lost, but Neutron has, is not made again"""
        lb = self.make_lb()
        key = self.vip_port(lb)['id']
        self.stub.forget_requests()
        with self.stub.lock:
            row = self.stub.rows[key]
            self.stub.neutron.delete_port(row)
        wait.until(lambda: self.stub.asked('GET'), 'Neutron was asked')
        self.stand.driver.resync()
        self.assertEqual(self.stub.asked('POST'), [])
        self.assertEqual(list(self.stub.ports), [key])
        self.stub.neutron.delete_port = lambda _: None
        self.addCleanup(delattr, self.stub.neutron, 'delete_port')
        self.delete(lb)

    def test_many(self):
        """Forty load balancers made and deleted at once have forty ports"""
        def make(number):
            rest = client.Api(self.stand.api.port)
            try:
                return rest.post('/loadbalancers', {'loadbalancer': {
                    'vip_subnet_id': self.stand.front.id,
                    'name': str(number)}})
            finally:
                rest.close()
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            lbs = list(pool.map(make, range(40)))
        for lb in lbs:
            self.vip_port(self.active(lb['id']))
        self.assertEqual(len(self.stub.ports), 40)
        self.assertEqual(len(self.stub.asked('POST')), 40)
        for lb in lbs:
            self.assert_status(
                self.call('DELETE', '/loadbalancers/' + lb['id']), 204)
        for lb in lbs:
            self.wait_gone('/loadbalancers/' + lb['id'])
        self.assertEqual(self.stub.ports, {})

    def test_status(self):
        """driver/status says whether Neutron answers"""
        self.make_lb()
        self.assertEqual(self.stand.driver.status()['neutron'],
                         'answers, 0 calls under way')


class Refusals(neutrontest.NeutronTest):
    """Neutron says no."""

    def assert_nothing_left(self):
        self.assertEqual(self.rest.get('/loadbalancers'), [])
        self.assertEqual([port['name'] for port in self.stub.ports.values()],
                         [])

    def test_refusals(self):
        """Neutron's code and words are the answer, and nothing is left"""
        for status, kind, text in (
                (400, 'InvalidInput', 'Invalid input for operation: x.'),
                (404, 'NetworkNotFound', 'Network x could not be found.'),
                (409, 'IpAddressAlreadyAllocated',
                 'IP address 10.1.0.9 already allocated in subnet x'),
                (409, 'IpAddressGenerationFailure',
                 'No more IP addresses available on network x.'),
                (409, 'OverQuota', "Quota exceeded for resources: ['port']."),
                (413, 'OverQuota', 'Too many.')):
            with self.subTest(kind, status=status):
                self.stub.fail('POST', status, neutron_stub.error(kind, text))
                self.assert_fault(self.post(), status, text)
                self.stub.clear()
                self.assert_nothing_left()

    def test_second(self):
        """If one of several ports cannot be made, none is left"""
        with self.stub.lock:
            other = self.stub.create({
                'name': 'x', 'network_id': self.stand.net.id,
                'fixed_ips': [{'subnet_id': self.stand.front6.id}]})
        port = other[1]['port']
        address = port['fixed_ips'][0]['ip_address']
        # OVN has not heard of it, so it is Neutron that refuses.
        self.stub.neutron.delete_port(self.stub.rows[port['id']])
        reply = self.post(additional_vips=[
            {'subnet_id': self.stand.front6.id, 'ip_address': address}])
        self.assert_fault(reply, 409, f'IP address {address} already allocated '
                          f'in subnet {self.stand.front6.id}')
        del self.stub.ports[port['id']], self.stub.rows[port['id']]
        self.assert_nothing_left()


class Faults(neutrontest.NeutronTest):
    """Neutron says nothing of use."""

    def setUp(self):
        super().setUp()
        self.allow_log(NOT_DONE, *neutrontest.TROUBLE)

    def assert_heals(self, n_posts=None, **attributes):
        """A load balancer is made in the end, with one port."""
        reply = self.post(**attributes)
        self.assert_status(reply, 201)
        lb = self.active(reply.body['loadbalancer']['id'])
        self.vip_port(lb)
        if n_posts is not None:
            self.assertEqual(len(self.stub.asked('POST')), n_posts)
        self.delete(lb)
        self.stub.clear()
        self.stub.forget_requests()

    def test_answers(self):
        """Errors that pass, and answers that are none, are asked about again
        """
        for status, body in ((500, neutron_stub.error('X', 'Oops.')),
                             (503, '<html>busy</html>'), (502, ''),
                             (429, ''), (201, '<html>hello</html>'),
                             (201, '{"port": 1}'), (201, '{}'),
                             (201, '{"port": {"id": "x"}}')):
            for method in ('POST', 'GET', 'DELETE'):
                if method != 'POST' and status == 201:
                    continue
                with self.subTest(f'{method}: {status} {body}'):
                    self.stub.fail(method, status, body, times=1)
                    self.assert_heals()

    def test_acted(self):
        """What was done although the answer was lost is not done twice"""
        for fault in ({'status': 500, 'body': 'no'}, {'kind': 'cut'},
                      {'status': 201, 'body': 'no'}):
            for method in ('POST', 'DELETE'):
                with self.subTest(method, **fault):
                    self.stub.fail(method, acts=True, times=1, **fault)
                    self.assert_heals(n_posts=1)

    def test_cut(self):
        """An answer that is cut off is none"""
        for method in ('POST', 'GET', 'DELETE'):
            with self.subTest(method):
                self.stub.fail(method, kind='cut', times=1)
                self.assert_heals()

    def test_not_let_in(self):
        """A token that is refused once is renewed"""
        self.stub.fail('POST', 401, '', times=1)
        self.assert_heals()

    def test_hung(self):
        """A hung Neutron makes ERROR what needs it, and holds up nothing else
        """
        lb = self.make_lb()
        self.stub.fail('POST', kind='hang')
        with self.posting(name='waits') as waits:
            self.make_listener(lb)
            row = self.wait_error(waits)
            self.assertIn('Neutron: ', row['fault_text'])
            self.assertNotIn(neutron_stub.PASSWORD, row['fault_text'])
            self.assertNotIn(neutron_stub.PASSWORD,
                             self.stand.driver.log_text())
            self.make_listener(lb, 81)
            self.stub.clear()
            self.active(waits)
        self.vip_port(self.rest.get('/loadbalancers/' + waits))

    def test_away(self):
        """What is deleted while Neutron is away ends when it is back"""
        lb = self.make_lb()
        port = self.vip_port(lb)
        self.stub.stop()
        try:
            self.assert_status(
                self.call('DELETE', '/loadbalancers/' + lb['id']), 204)
            row = self.wait_error(lb['id'])
            self.assertTrue(row['deleting'])
            self.assertIn('Neutron: ', row['fault_text'])
            wait.until(lambda: not self.stand.driver.status()[
                'neutron'].startswith('answers'), 'the driver says so')
            with self.stand.nb.client() as nb:
                self.assertEqual(nb.select('Load_Balancer'), [])
        finally:
            self.stub.start()
        wait.until(lambda: self.call(
            'GET', '/loadbalancers/' + lb['id']).status == 404,
            'the load balancer is gone', 40)
        self.assertNotIn(port['id'], self.stub.ports)

    def test_deletion(self):
        """A hung deletion of a port holds up nothing else, and ends"""
        lb, other = self.make_lb(), self.make_lb()
        self.stub.fail('DELETE', kind='hang')
        self.assert_status(
            self.call('DELETE', '/loadbalancers/' + lb['id']), 204)
        self.make_listener(other)
        self.assertIn('Neutron: ', self.wait_error(lb['id'])['fault_text'])
        self.stub.clear()
        self.wait_gone('/loadbalancers/' + lb['id'])
        self.assertEqual(self.stub.named('ovn-lb-vip-' + lb['id']), [])
        self.vip_port(other)

    def test_others(self):
        """Who needs nothing of Neutron does without it"""
        lb = self.make_lb()
        self.stub.stop()
        try:
            own = self.make_lb(None, vip_port_id=self.stand.own.id)
            for each in (lb, own):
                self.make_listener(each)
                self.rest.put('/loadbalancers/' + each['id'], {
                    'loadbalancer': {'admin_state_up': False}})
                self.active(each['id'])
        finally:
            self.stub.start()

    def test_lost_database(self):
        """A driver that was away from its database looks before it makes"""
        fault = self.stub.fail('POST', kind='hang', acts=True, times=1)
        self.allow_log(*daemons.CONNECTION_LOST)
        with self.posting() as lb_id:
            wait.until(lambda: self.stub.named('ovn-lb-vip-' + lb_id),
                       'the port is made')
            self.stand.octavia.restart()
            wait.until(lambda: self.stand.driver.status()['active'] == 'yes',
                       'the driver is back')
            fault.released.set()
            lb = self.active(lb_id)
        self.vip_port(lb)
        self.assertEqual(len(self.stub.asked('POST')), 1)

    def test_restart(self):
        """A driver that dies between port and commit leaves one port"""
        fault = self.stub.fail('POST', kind='hang', acts=True, times=1)
        driver = self.stand.driver
        with self.posting() as lb_id:
            wait.until(lambda: self.stub.named('ovn-lb-vip-' + lb_id),
                       'the port is made')
            driver.kill()
            fault.released.set()
            driver.start()
            driver.wait_ready()
            lb = self.active(lb_id)
        self.vip_port(lb)
        self.assertEqual(len(self.stub.asked('POST')), 1)

    def test_taken_back(self):
        """A port whose load balancer is taken back meanwhile is deleted"""
        self.stub.fail('POST', kind='hang', acts=True, times=1)
        self.stub.fail('GET', kind='hang')
        with self.posting() as lb_id:
            self.wait_error(lb_id)
            self.assert_status(
                self.call('DELETE', '/loadbalancers/' + lb_id), 204)
        self.wait_gone('/loadbalancers/' + lb_id)
        self.assertEqual(self.stub.named('ovn-lb-vip-' + lb_id), [])


if __name__ == '__main__':
    unittest.main()
