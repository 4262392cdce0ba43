# SPDX-License-Identifier: Apache-2.0
"""Our own API in the place of Octavia's, with the Keystone, the Neutron and
the OVN of a stack whose provider is "none"."""

from . import daemons, openstack_conf, ovsdb


class OwnApi:
    """The API on Octavia's port, and what it needs, with these settings.  It
    ends with stop(), or with the stack."""

    def __init__(self, stack, **settings):
        self.conf = stack.path('own.conf')
        self.driver_conf = stack.path('own-neutron.conf')
        self.driver_sections = {
            'neutron': openstack_conf.octavia(stack)['neutron']}
        self.sections = {
            'api': {'auth': 'keystone', **settings},
            'keystone_authtoken': openstack_conf.token_checks(
                stack, 'octavia')}
        self.db = ovsdb.Server('own', ovsdb.OCTAVIA_SCHEMA, stack.rundir)
        self.driver = daemons.Driver(
            stack.rundir, self.db.remote, stack.ovn.nb.remote,
            stack.ovn.sb.remote, name='own-driver',
            extra=[f'--octavia-conf={self.driver_conf}'])
        self.daemon = daemons.Api(
            stack.rundir, self.db.remote, stack.ovn.nb.remote,
            port=stack.ports['octavia'], name='own-api',
            extra=[f'--config={self.conf}'])

    def start(self):
        """Returns when it has its data."""
        openstack_conf.write(self.conf, self.sections)
        openstack_conf.write(self.driver_conf, self.driver_sections)
        self.db.start()
        self.driver.start()
        self.daemon.start()
        self.driver.wait_ready()
        self.daemon.wait_data()
        return self

    def stop(self):
        for process in (self.daemon.process, self.driver.process,
                        self.db.process):
            process.stop()
