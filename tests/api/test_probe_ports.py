#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Ports from which the driver has members probed: their lives, and which ports
in Neutron they are: a name proves nothing."""

import unittest

import neutrontest
from lib import neutron_stub, wait

HM = 'ovn-lb-hm-'


class ProbesTest(neutrontest.NeutronTest):
    """The base of tests of ports from which members are probed."""

    def probed_lb(self, **attributes):
        lb = self.make_lb(**attributes)
        listener = self.make_listener(lb)
        pool = self.make_pool(lb, listener_id=listener['id'])
        self.make_member(lb, pool, '10.2.0.50', subnet_id=self.stand.back.id)
        self.make_monitor(lb, pool)
        return lb

    def mapping(self, lb):
        with self.stand.nb.client() as nb:
            rows = nb.select('Load_Balancer', [['name', '==', lb['id']]])
        return rows[0]['ip_port_mappings']

    def checks(self, lb):
        with self.stand.nb.client() as nb:
            rows = nb.select('Load_Balancer', [['name', '==', lb['id']]])
        return rows[0]['health_check']

    def wait_no_port(self):
        name = HM + self.stand.back.id
        wait.until(lambda: not self.stub.named(name), 'the port is deleted',
                   15)


class Probes(ProbesTest):
    """Ports from which members are probed."""

    def test_life(self):
        """The first that needs it has it made, the last has it deleted"""
        name = HM + self.stand.back.id
        first = self.probed_lb()
        (_, body), = [asked for asked in self.stub.asked('POST')
                      if asked[1]['port']['name'].startswith(HM)]
        self.assertEqual(body['port'], {
            'name': name, 'device_id': name,
            'device_owner': 'ovn-lb-hm:distributed',
            'network_id': self.stand.other.id, 'admin_state_up': True,
            'port_security_enabled': False,
            'fixed_ips': [{'subnet_id': self.stand.back.id}]})
        port, = self.stub.named(name)
        address = port['fixed_ips'][0]['ip_address']
        expected = {'10.2.0.50': f'{self.stand.server2.id}:{address}'}
        self.assertEqual(self.mapping(first), expected)
        second = self.probed_lb()
        self.assertEqual(self.mapping(second), expected)
        self.assertEqual(self.stub.named(name), [port])
        self.delete(first)
        self.stand.driver.resync()
        self.assertEqual(self.stub.named(name), [port])
        self.delete(second)
        self.wait_no_port()

    def test_refused(self):
        """Without a port the monitor is ERROR, nothing else is, and it heals
        """
        self.allow_log(*neutrontest.TROUBLE, neutrontest.UNPROBED)
        self.assert_unserved('Quota exceeded', status=409, body=(
            neutron_stub.error('OverQuota', "Quota exceeded for resources: "
                                            "['port'].")))

    def test_unanswered(self):
        """The same if Neutron does not answer, before all is ERROR"""
        self.allow_log(*neutrontest.TROUBLE, neutrontest.UNPROBED)
        self.assert_unserved('Neutron: ', kind='hang')

    def assert_unserved(self, why, **fault):
        lb = self.make_lb()
        pool = self.make_pool(lb)
        self.make_member(lb, pool, '10.2.0.50', subnet_id=self.stand.back.id)
        self.stub.fail('POST', **fault)
        reply = self.call('POST', '/healthmonitors', {'healthmonitor': {
            'pool_id': pool['id'], 'type': 'TCP', 'delay': 5, 'timeout': 3,
            'max_retries': 2}})
        self.assert_status(reply, 201)
        monitor = reply.body['healthmonitor']['id']

        def status():
            return self.rest.get('/healthmonitors/' + monitor)[
                'provisioning_status']
        wait.until(lambda: status() == 'ERROR', 'it is ERROR', 10)
        shown = self.active(lb['id'])
        self.assertEqual(shown['operating_status'], 'ONLINE')
        self.assertIn(why, self.row(lb['id'])['fault_text'])
        # OVN would send nothing to members that it is to probe and cannot.
        self.assertEqual(self.checks(lb), [])
        # Its user can go on.
        self.make_member(lb, pool, '10.2.0.51', subnet_id=self.stand.back.id)
        self.assertEqual(status(), 'ERROR')
        self.stub.clear()
        wait.until(lambda: status() == 'ACTIVE', 'it heals', 40)
        self.assertEqual(self.row(lb['id'])['fault_text'], '')
        self.assertIn('10.2.0.50', self.mapping(lb))
        self.assertNotEqual(self.checks(lb), [])
        self.delete(lb)
        self.wait_no_port()

    def test_lost(self):
        """A port that somebody deletes is made again"""
        name = HM + self.stand.back.id
        lb = self.probed_lb()
        old, = self.stub.named(name)
        with self.stub.lock:
            self.stub.next_number += 1
            self.stub.delete(old['id'])

        def is_new():
            return [self.mapping(lb)] == [
                {'10.2.0.50': f'{self.stand.server2.id}:'
                              + port['fixed_ips'][0]['ip_address']}
                for port in self.stub.named(name)]
        wait.until(is_new, 'there is another port', 15)
        self.delete(lb)
        self.wait_no_port()


class Ownership(ProbesTest):
    """Ports of ours, of others, and of the Python provider."""

    def named_port(self, project, **more):
        """A port in the back network that has the right name."""
        name = HM + self.stand.back.id
        with self.stub.lock:
            return self.stub.create({
                'name': name, 'network_id': self.stand.other.id,
                'device_id': name, 'device_owner': 'ovn-lb-hm:distributed',
                'project_id': project,
                'fixed_ips': [{'subnet_id': self.stand.back.id}],
                **more})[1]['port']

    def source_of(self, port):
        """What the mapping of the member is if it is probed from there."""
        return {'10.2.0.50': f'{self.stand.server2.id}:'
                             + port['fixed_ips'][0]['ip_address']}

    def restart_driver(self):
        self.stand.driver.stop()
        self.stand.driver.start()
        self.stand.driver.resync()

    def test_found(self):
        """A port of our project that is there already is used"""
        port = self.named_port('service')
        lb = self.probed_lb()
        self.assertEqual(self.stub.named(port['name']), [port])
        self.assertEqual(self.mapping(lb), self.source_of(port))
        self.delete(lb)
        self.wait_no_port()

    def test_forged(self):
        """A port of another project with its name is neither used nor touched
        """
        name = HM + self.stand.back.id
        forged = [self.named_port('mallory', **more) for more in (
            {}, {'device_owner': '', 'device_id': ''},
            {'device_owner': 'compute:nova', 'device_id': 'vm-1'})]
        lb = self.probed_lb()

        def own():
            return [port for port in self.stub.named(name)
                    if port['project_id'] == 'service']
        port, = own()
        self.assertEqual(self.mapping(lb), self.source_of(port))
        later = self.named_port('mallory')
        self.restart_driver()
        self.assertEqual(self.mapping(lb), self.source_of(port))
        second = self.probed_lb()
        self.assertEqual(self.mapping(second), self.source_of(port))
        self.delete(second)
        self.delete(lb)
        wait.until(lambda: not own(), 'the port is deleted', 15)
        self.stand.driver.resync()
        for port in (*forged, later):
            self.assertEqual(self.stub.ports[port['id']], port)
            self.stub.delete(port['id'])

    def test_taken_over(self):
        """A port in a tenant's project is used while members are probed from
        it, as the Python provider has made them"""
        lb = self.probed_lb()
        port, = self.stub.named(HM + self.stand.back.id)
        self.stand.driver.stop()
        port['project_id'] = 'someone'
        self.stand.driver.start()
        self.stand.driver.resync()
        self.assertEqual(self.mapping(lb), self.source_of(port))
        second = self.probed_lb()
        self.assertEqual(self.mapping(second), self.source_of(port))
        self.assertEqual(self.stub.named(port['name']), [port])
        self.delete(lb)
        self.delete(second)
        self.wait_no_port()


if __name__ == '__main__':
    unittest.main()
