# SPDX-License-Identifier: Apache-2.0
"""What tests of health monitors ask, of the API and of the Southbound
database."""

from . import backends, hosts, wait


class Mixin:
    """For a harness.SystemTest."""

    def statuses(self, lb_id):
        """(operating_status, provisioning_status) of all of a load balancer,
        by name or id; members as POOL/NAME."""
        graph, = [graph for graph in self.api.graphs()
                  if graph['loadbalancer']['id'] == lb_id]
        items = {'lb': graph['loadbalancer']}
        for kind in ('listeners', 'pools'):
            items.update({item['name'] or key: item for key, item
                          in graph[kind].items()})
        for pool_id, members in graph['members'].items():
            pool = graph['pools'][pool_id]['name'] or pool_id
            items.update({f'{pool}/{item["name"] or key}': item
                          for key, item in members.items()})
        return {name: (item['operating_status'], item['provisioning_status'])
                for name, item in items.items()}

    def wait_statuses(self, lb_id, expected, deadline=30):
        """Waits for operating statuses, {name: status}.  All the while,
        everything must be ACTIVE."""
        def so():
            seen = self.statuses(lb_id)
            busy = {name: pair for name, pair in seen.items()
                    if pair[1] != 'ACTIVE'}
            if busy:
                raise RuntimeError(f'not ACTIVE: {busy}')
            wrong = {name: seen.get(name) for name, status
                     in expected.items() if seen[name][0] != status}
            assert not wrong, f'{wrong}, wanted {expected}'
            return True
        wait.until(so, 'the statuses are as they should be', deadline)

    def monitors(self):
        """What OVN probes: {(protocol, address, port): row}."""
        with self.world.ovn.sb.client() as sb:
            return {(row['protocol'], row['ip'], row['port']): row
                    for row in sb.select('Service_Monitor')}

    def wait_monitors(self, expected):
        """Waits until OVN probes this, with these results:
        {(protocol, address, port): status}."""
        def so():
            seen = {key: row['status'] for key, row
                    in self.monitors().items()}
            assert seen == expected, f'{seen}, wanted {expected}'
            return True
        wait.until(so, 'OVN probes what it should, with the right results')

    def source_ports(self):
        """The ports from which members are probed, by name."""
        return {name: port for name, port in self.nb().ports.items()
                if name.startswith('ovn-lb-hm-')}

    def wait_no_sources(self):
        wait.until(lambda: not self.source_ports(),
                   'the ports from which members were probed are gone')

    def extra_server(self, name, network_number, number, ports):
        """Another host with a server, for as long as the test lasts."""
        world = self.world
        host = hosts.Host(world.ovn, world.prefix, name,
                          world.networks[network_number], number)
        host.create(world.topology)
        self.addCleanup(self._remove_host, host)
        server = backends.Backend(host, ports, world.rundir).start()
        self.addCleanup(server.stop)
        return host, server

    def _remove_host(self, host):
        self.world.ovn.vsctl('--if-exists', 'del-port', host.outer)
        host.namespace.delete()
        self.world.ovn.nbctl('--if-exists', 'lsp-del', host.name)
