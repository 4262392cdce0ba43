#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Which ports in Neutron are those from which the driver has members probed:
a name proves nothing."""

import unittest

import test_neutron
from lib import wait

HM = test_neutron.HM


class Ownership(test_neutron.ProbesTest):
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
