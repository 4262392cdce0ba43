# SPDX-License-Identifier: Apache-2.0
"""The walk-through, by way of a real Octavia.

The steps are those of walkthrough.py: the same commands of the same client,
but here Keystone, Neutron and Octavia are between them and the provider.
"""

from . import burst, nbview, walkthrough

# Octavia takes a second for each.
BURST = 24


class OpenStackWalkthrough(walkthrough.Walkthrough):
    """The steps on an openstack_world.OpenStackWorld, with any provider that
    is called "ovn"."""

    def openstack(self, *args):
        if args[:2] == ('loadbalancer', 'create'):
            args += ('--provider', 'ovn')
        super().openstack(*args)

    def attach(self, network):
        self.openstack('router', 'add', 'subnet', 'r1', network.name)

    def carriers(self):
        names = self.world.topology.row_name
        return ({names('network', network.name)
                 for network in self.world.networks.values()},
                names('router', 'r1'))

    def differences(self):
        return [f'{kind} {item_id} is {state}' for kind, item_id, state, _
                in self.api.children(self.lb_id) if state != 'ACTIVE']

    def revive(self):
        for name in self.world.stack.dead():
            self.world.stack.restart(name)


class TheirWalkthrough(OpenStackWalkthrough):
    """With the Python provider, for comparison.  It leaves the VIPs as they
    are if a member or a load balancer is disabled, repairs nothing, and loses
    the calls that are under way when it ends."""

    def step_7_changes(self):
        """members come and go; traffic follows"""
        self.add_member('demo-web', 'web3', columns='protocol,vips')
        self.send('client2', {'web1', 'web2', 'web3'})
        self.openstack('loadbalancer', 'member', 'delete', 'demo-web',
                       'web3')
        self.settle(columns='protocol,vips')
        self.send('client2', {'web1', 'web2'})

    step_8_disable = None
    step_10_crash = None
    step_11_repair = None


class OurWalkthrough(OpenStackWalkthrough):
    """With our provider."""

    def differences(self):
        return super().differences() + nbview.differences(self.world,
                                                          self.api)

    def step_10_crash(self):
        """driver and agent are killed in the middle of changes, and recover
        """
        self.tell.say(f'Eight clients create {BURST} load balancers at once; '
                      'meanwhile the driver, then the agent are killed.')
        self.burst = burst.Burst(self.world, BURST).start()
        for name, count in (('driver', BURST // 5), ('agent', BURST // 2)):
            self.burst.wait_created(count)
            process = self.world.stack.process(name)
            self.tell.command('kill', '-9', str(process.pid))
            process.kill()
            self.tell.say('No control plane is needed for traffic:')
            self.send('client1', {'web1', 'web2'})
            if name == 'driver':
                self.world.stack.restart(name)
        self.tell.say('The agent was started again by octavia-driver-agent, '
                      'whose child it is.')
        self.burst.join()
        seen = self.burst.check()
        self.tell.say(
            f'{len(self.burst.created)} were answered with 201 and all of '
            f'them exist and are ACTIVE; {len(self.burst.lost)} requests '
            f'failed, and {len(seen) - len(self.burst.created)} of '
            'those exist.')
        self.burst.clean()
        self.settle(show=False)
        self.send('client1', {'web1', 'web2'})
