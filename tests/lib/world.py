# SPDX-License-Identifier: Apache-2.0
"""A whole sandbox: OVN, hosts, our database, our daemons.

All names - of sockets, processes, network namespaces - derive from one
directory, so that any number of sandboxes can run at the same time, and so
that "down" finds everything that "up" made even if it was killed.
"""

import signal

from . import (backends, client, daemons, hosts, ovn, ovsdb, place, topology,
               wait)

PORTS = (8080, 8081)

# name, number of its network, last part of its address
CLIENTS = (('client1', 1, 21), ('client2', 2, 21), ('client3', 3, 21))
SERVERS = (('web1', 1, 11), ('web2', 2, 11), ('web3', 2, 12))


class World(place.Place):
    """directory  what is made is below it
    port       of the API; None picks a free one
    lasting    True: everything outlives us.  False: everything ends with
               us, even if we are killed.
    driver_options  more arguments for ovn-octavia-driver
    """

    def __init__(self, directory, port=None, lasting=False,
                 driver_options=()):
        super().__init__(directory, port, lasting)
        self.ovn = ovn.Ovn(self.rundir, self.prefix, lasting)
        self.topology = topology.Topology(self.ovn)
        self.octavia = ovsdb.Server('octavia', ovsdb.OCTAVIA_SCHEMA,
                                    self.rundir, lasting=lasting)
        self.api = daemons.Api(self.rundir, self.octavia.remote,
                               self.ovn.nb.remote, self.port,
                               lasting=lasting)
        self.driver = daemons.Driver(self.rundir, self.octavia.remote,
                                     self.ovn.nb.remote, self.ovn.sb.remote,
                                     extra=driver_options, lasting=lasting)
        self.networks = {n: topology.Network(n) for n in (1, 2, 3)}
        self.hosts = {name: hosts.Host(self.ovn, self.prefix, name,
                                       self.networks[n], number)
                      for name, n, number in CLIENTS + SERVERS}
        self.backends = {name: backends.Backend(self.hosts[name], PORTS,
                                                self.rundir, lasting)
                         for name, _, _ in SERVERS}

    # What uses it.

    def rest(self):
        return client.Api(self.port)

    def cli(self):
        return client.Cli(self.port)

    def environment(self):
        """Variables that point every command at this sandbox; None for
        those to remove."""
        return {**client.cli_environment(self.port),
                **self.ovn.environment,
                'OVN_OCTAVIA_DB': self.octavia.remote,
                'OVN_OCTAVIA_DRIVER_CTL': self.driver.unixctl}

    def daemons(self):
        return [self.api, self.driver]

    def n_aborts(self):
        return self.ovn.n_aborts()

    # Up.

    def start(self, with_daemons=True, with_network=True):
        self.begin()
        self.ovn.start()
        self.octavia.start()
        if with_network:
            self.make_network()
        if with_daemons:
            self.start_daemons()
        return self

    def start_daemons(self):
        for daemon in (self.driver, self.api):
            if not daemon.process.is_running():
                daemon.start()
        self.driver.wait_ready()
        self.api.wait_ready()
        self.api.wait_data()

    def make_network(self):
        """The standard network: router r1 with n1 and n2; n3 on its own;
        clients and servers on them."""
        self.topology.add_router('r1')
        for network in self.networks.values():
            self.topology.add_network(network)
        for number in (1, 2):
            self.topology.attach('r1', self.networks[number])
        for host in self.hosts.values():
            host.create(self.topology)
        for backend in self.backends.values():
            backend.start()
        self.wait_ports()

    def add_ipv6(self):
        """Gives the networks of r1, and their hosts, IPv6 as well."""
        for number in (1, 2):
            self.topology.add_ipv6('r1', self.networks[number])
        for host in self.hosts.values():
            if host.network.number in (1, 2):
                host.add_ipv6()
        self.ovn.sync()

    def wait_ports(self):
        """Waits until every host's port is up and each server answers a
        neighbour."""
        def up():
            with self.ovn.nb.client() as nb:
                ports = {row['name']: row['up'] for row
                         in nb.select('Logical_Switch_Port')}
            down = [name for name in self.hosts if ports.get(name)
                    is not True]
            assert not down, f'down: {down}'
            return True
        wait.until(up, 'all logical ports are up')
        self.ovn.sync()
        for name in self.backends:
            self.wait_reachable(name)

    def wait_reachable(self, server):
        host = self.hosts[server]
        neighbour = next(self.hosts[name] for name, n, _ in CLIENTS
                         if n == host.network.number)
        from . import traffic
        traffic.wait_for(neighbour, host.address, PORTS[0], {server},
                         count=2)

    def wait_ready(self, with_daemons=True):
        """Waits until all that runs works."""
        for server in (self.ovn.nb, self.ovn.sb, self.ovn.conf,
                       self.octavia):
            server.wait_ready()
        self.ovn.wait_ready()
        if with_daemons:
            self.driver.wait_ready()
            self.api.wait_ready()

    def places(self):
        """Where commands can be run, by name."""
        return self.hosts

    def daemon_processes(self):
        """Those that are not there without our daemons."""
        return [daemon.process for daemon in self.daemons()]

    def processes(self):
        return [*self.ovn.processes(), self.octavia.process,
                self.driver.process, self.api.process,
                *[backend.process for backend in self.backends.values()]]


def interrupt_as_exit():
    """Makes SIGTERM and SIGHUP an exception, so that "finally" runs."""
    def leave(number, _):
        raise SystemExit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
