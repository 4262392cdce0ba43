# SPDX-License-Identifier: Apache-2.0
"""A sandbox of several machines: controllers and chassis, each a network
namespace.

Controllers have the servers of all three databases, as clusters, ovn-northd,
and both of our daemons; a proxy has the one address of their APIs.  Chassis
have Open vSwitch and ovn-controller.  There are three networks: "m" for
management, on which databases and daemons meet; "u" beneath the tunnels; "x",
the world outside.
"""

import os

from . import (backends, chassis, client, cluster, daemons, hosts, netns, ovn,
               ovsdb, place, proc, proxy, topology, traffic, wait, wires)
from .world import CLIENTS, PORTS, SERVERS

# Which chassis has which host; of fewer chassis, the rest of a division.
HOMES = {'client1': 0, 'client2': 1, 'client3': 2,
         'web1': 1, 'web2': 2, 'web3': 0}
API_PORT = 9876
# Machines that wait for each other's processor are no reason to vote.
ELECTION_TIMER_MS = 5000


class Controller:
    """What is on one controller."""

    def __init__(self, site, i, driver_options):
        name = f'controller{i + 1}'
        self.name = name
        self.space = site.machines.spaces[i]
        self.address = site.machines.address(i)
        self.clusters = site.clusters
        self.servers = [group.members[i] for group in site.clusters]
        self.rundir = os.path.join(site.rundir, name)
        nb, sb, octavia = (group.remote for group in site.clusters)
        self.northd = proc.Process(
            f'{name}-northd',
            self.space.argv(*ovn.northd_command(self.rundir, nb, sb)),
            site.rundir, {'OVS_RUNDIR': self.rundir,
                          'OVN_RUNDIR': self.rundir}, site.lasting)
        self.driver = daemons.Driver(
            site.rundir, octavia, nb, sb, name=f'{name}-driver',
            extra=driver_options, lasting=site.lasting).place(self.space)
        self.api = daemons.Api(
            site.rundir, octavia, nb, API_PORT, name=f'{name}-api',
            # Only the sandbox reaches that address.
            extra=('--insecure-no-auth-listen', '--healthcheck-enabled'),
            lasting=site.lasting, host=self.address).place(self.space)

    def daemons(self):
        return [self.driver, self.api]

    def argv(self, *args):
        """The command line that runs 'args' on it, with tools that find the
        databases, and its own driver."""
        return self.space.argv(
            'env', *(f'{key}={group.remote}' for key, group in zip(
                ('OVN_NB_DB', 'OVN_SB_DB', 'OVN_OCTAVIA_DB'),
                self.clusters)), f'OVN_RUNDIR={self.rundir}',
            f'OVN_OCTAVIA_DRIVER_CTL={self.driver.unixctl}', *args)

    def processes(self):
        return [self.northd, self.driver.process, self.api.process,
                *[server.process for server in self.servers]]


class Central:
    """OVN's databases as tests and commands use them."""

    def __init__(self, nb, sb):
        self.nb, self.sb = nb, sb
        self.environment = {
            'OVN_NB_DAEMON': None, 'OVN_SB_DAEMON': None,
            'OVN_NB_DB': nb.local, 'OVN_SB_DB': sb.local,
        }

    def nbctl(self, *args, deadline=60):
        return self._run('ovn-nbctl', self.nb, args, deadline)

    def sbctl(self, *args, deadline=60):
        return self._run('ovn-sbctl', self.sb, args, deadline)

    def _run(self, program, group, args, deadline):
        return proc.run([program, f'--db={group.local}',
                         f'--timeout={deadline}', *args],
                        env=self.environment, deadline=deadline)

    def sync(self):
        """Waits until what is in the NB now has reached the flow tables."""
        self.nbctl('--wait=hv', 'sync')


class Site(place.Place):
    """n_controllers   1 or 3, as a cluster of two is none
    n_chassis          any; the first two are the gateways
    Others: see World.
    """

    def __init__(self, directory, port=None, lasting=False,
                 driver_options=(), n_controllers=3, n_chassis=3):
        super().__init__(directory, port, lasting)
        names = [*(f'controller{i + 1}' for i in range(n_controllers)),
                 *(f'chassis{i + 1}' for i in range(n_chassis))]
        self.machines = cluster.Machines(self.prefix, len(names), names)
        hub = self.machines.hub
        self.underlay = wires.Wire(hub, 'u', chassis.UNDERLAY_MTU)
        self.outside_wire = wires.Wire(hub, 'x')
        nb, sb, octavia = self.clusters = [
            cluster.Cluster(
                name, schema, self.rundir, n_controllers, self.machines,
                ELECTION_TIMER_MS, ports,
                [f'{space}-{name}' for space in names[:n_controllers]],
                lasting)
            for name, schema, ports in (
                ('nb', ovsdb.NB_SCHEMA, (6641, 6643)),
                ('sb', ovsdb.SB_SCHEMA, (6642, 6644)),
                ('octavia', ovsdb.OCTAVIA_SCHEMA, (6645, 6647)))]
        self.octavia = octavia
        self.ovn = Central(nb, sb)
        self.controllers = [Controller(self, i, driver_options)
                            for i in range(n_controllers)]
        self.chassis = [self._chassis(n_controllers + i, name) for i, name
                        in enumerate(names[n_controllers:])]
        self.proxy = proxy.Proxy(
            self.rundir, hub, self.port,
            {c.name: (c.address, API_PORT) for c in self.controllers},
            lasting)
        self.topology = topology.Topology(self.ovn)
        self.networks = {n: topology.Network(n) for n in (1, 2, 3)}
        self.hosts = {name: hosts.Host(self.home(name), self.prefix, name,
                                       self.networks[n], number)
                      for name, n, number in CLIENTS + SERVERS}
        self.backends = {name: backends.Backend(self.hosts[name], PORTS,
                                                self.rundir, lasting)
                         for name, _, _ in SERVERS}
        self.outside = Outside(self)

    def _chassis(self, i, name):
        made = chassis.Chassis(
            os.path.join(self.rundir, name), self.machines.spaces[i],
            self.ovn.sb.remote, name, self.lasting, home=self.rundir)
        made.tunnel_through('underlay', f'10.78.0.{i + 1}')
        return made

    def home(self, host):
        """The chassis of a host."""
        return self.chassis[HOMES[host] % len(self.chassis)]

    # What uses it.

    def rest(self):
        # Each request may reach another copy.
        return client.FreshApi(self.port)

    def environment(self):
        """Variables that point every command at this sandbox; None for
        those to remove."""
        return {**client.cli_environment(self.port),
                **self.ovn.environment,
                'OVN_OCTAVIA_DB': self.octavia.local,
                'OVN_OCTAVIA_DRIVER_CTL': next(iter(
                    self.active_drivers()),
                    self.controllers[0].driver).unixctl}

    def daemons(self):
        return [daemon for controller in self.controllers
                for daemon in controller.daemons()]

    def n_aborts(self):
        return sum(one.n_aborts() for one in self.chassis)

    def active_drivers(self):
        """The driver that works, at most one."""
        return [controller.driver for controller in self.controllers
                if controller.driver.process.is_running()
                and controller.driver.status()['active'] == 'yes']

    @property
    def driver(self):
        """The driver that works, as soon as one does."""
        return wait.until(self.active_drivers, 'a driver is active')[0]

    def unplug(self, machine):
        """Cuts a controller or a chassis off, of all networks: what is sent
        to it is lost without a word."""
        i = [*self.controllers, *self.chassis].index(machine)
        self.machines.cut_off(i)
        if machine in self.chassis:
            for wire in (self.underlay, self.outside_wire):
                wire.cut_off(machine.namespace)

    def plug(self, machine):
        i = [*self.controllers, *self.chassis].index(machine)
        self.machines.join(i)
        if machine in self.chassis:
            for wire in (self.underlay, self.outside_wire):
                wire.join(machine.namespace)

    # Up.

    def start(self, with_daemons=True):
        self.begin()
        for machine in (*self.controllers, *self.chassis):
            os.makedirs(machine.rundir, exist_ok=True)
        self.machines.create()
        self.underlay.create()
        self.outside_wire.create()
        for group in self.clusters:
            group.start()
        self.ovn.nbctl('init')
        self.ovn.sbctl('init')
        for controller in self.controllers:
            controller.northd.start()
        for one in self.chassis:
            self.underlay.plug(one.namespace, 'underlay')
            self.outside_wire.plug(one.namespace, 'outside')
            one.start()
        for one in self.chassis:
            one.wait_ready()
        self.make_network()
        if with_daemons:
            self.start_daemons()
        return self

    def start_daemons(self):
        for daemon in self.daemons():
            if not daemon.process.is_running():
                daemon.start()
        for daemon in self.daemons():
            self.wait_daemon(daemon)
        if not self.proxy.process.is_running():
            self.proxy.start()
        self.proxy.wait_ready()

    def wait_daemon(self, daemon):
        """Waits until a daemon does its work."""
        if isinstance(daemon, daemons.Driver):
            daemon.wait_ready()
            return

        daemon.wait_data()

    def make_network(self):
        """As in every sandbox, with IPv6, and a provider network."""
        self.topology.add_router('r1')
        for network in self.networks.values():
            self.topology.add_network(network)
        for number in (1, 2):
            self.topology.attach('r1', self.networks[number])
            self.topology.add_ipv6('r1', self.networks[number])
        for host in self.hosts.values():
            host.create(self.topology)
        for host in self.hosts.values():
            if host.network.number != 3:
                host.add_ipv6()
        self.outside.create()
        for backend in self.backends.values():
            backend.start()
        self.ovn.sync()
        for name in self.backends:
            self.wait_reachable(name)

    def wait_reachable(self, server):
        host = self.hosts[server]
        for name in ('client1', 'client2'):
            traffic.wait_for(self.hosts[name], host.address, PORTS[0],
                             {server}, count=2)

    def wait_ready(self, with_daemons=True):
        """Waits until all that runs works."""
        for group in self.clusters:
            group.wait_settled()
        for one in self.chassis:
            one.wait_ready()
        self.ovn.sync()
        if with_daemons:
            for daemon in self.daemons():
                self.wait_daemon(daemon)
            self.proxy.wait_ready()

    def places(self):
        """Where commands can be run, by name."""
        return {**{machine.name: machine for machine
                   in (*self.controllers, *self.chassis)},
                **self.hosts, 'outside': self.outside}

    def daemon_processes(self):
        """Those that are not there without our daemons."""
        return [self.proxy.process,
                *[daemon.process for daemon in self.daemons()]]

    def processes(self):
        return [self.proxy.process,
                *[process for controller in self.controllers
                  for process in controller.processes()],
                *[process for one in self.chassis
                  for process in one.processes()],
                *[backend.process for backend in self.backends.values()]]


class Outside:
    """The switch "public" (10.99.0.0/24), which every chassis reaches; r1's
    gateway to it (10.99.0.1), on the first two; and the host "outside"
    (10.99.0.21), of which OVN knows nothing."""

    gateway = 'r1-public'

    def __init__(self, site):
        self.site = site
        self.network = topology.Network(99, 'public')
        self.namespace = netns.Namespace(site.prefix, 'outside')
        self.name = 'outside'
        self.address = self.network.address(21)

    def argv(self, *args):
        return self.namespace.argv(*args)

    def run(self, *args, **more):
        return self.namespace.run(*args, **more)

    def create(self):
        site, network, nbctl = self.site, self.network, self.site.ovn.nbctl
        for one in site.chassis:
            one.vsctl('--no-wait', 'add-br', 'br-ex', '--', 'set', 'Bridge',
                      'br-ex', 'datapath_type=netdev', '--', 'add-port',
                      'br-ex', 'outside', '--', 'set', 'Open_vSwitch', '.',
                      'external_ids:ovn-bridge-mappings=physnet:br-ex')
        site.topology.add_network(network)
        nbctl('lsp-add', network.name, 'provnet', '--', 'lsp-set-type',
              'provnet', 'localnet', '--', 'lsp-set-addresses', 'provnet',
              'unknown', '--', 'lsp-set-options', 'provnet',
              'network_name=physnet')
        site.topology.attach('r1', network)
        site.topology.announce_floating_ips('r1', network)
        for priority, one in zip((20, 10), site.chassis):
            nbctl('lrp-set-gateway-chassis', self.gateway, one.name,
                  str(priority))
        self.namespace.create()
        site.outside_wire.plug(self.namespace, 'eth0')
        self.namespace.script(
            f'ip link set eth0 address {network.mac(21)}',
            f'ip address add {self.address}/24 dev eth0')

    def add_floating_ip(self, floating_ip, address, *distributed):
        """A NAT row; 'distributed' may be a logical port and a MAC."""
        self.site.ovn.nbctl('lr-nat-add', 'r1', 'dnat_and_snat', floating_ip,
                            address, *distributed)

    def remove_floating_ip(self, floating_ip):
        self.site.ovn.nbctl('--if-exists', 'lr-nat-del', 'r1',
                            'dnat_and_snat', floating_ip)
