# SPDX-License-Identifier: Apache-2.0
"""The walk-through: a load balancer from its creation to its end.

Twelve steps, in order, each of them a method of Walkthrough.  Each says what
it does, does it with the stock "openstack" client, shows what came of it in
OVN, sends traffic, and fails if anything is not as it must be.  "./sandbox
demo" prints them for a reader; tests/system/test_walkthrough.py runs them as
tests.
"""

import shlex
import time

from . import burst, nbview, traffic, wait

NAME = 'demo'
CONNECTIONS = 200


class Narrator:
    """Prints for a reader.  A quiet one prints nothing."""

    def __init__(self, quiet=False, color=False):
        self.quiet = quiet
        self.bold, self.plain = ('\033[1m', '\033[0m') if color else ('', '')

    def step(self, number, title):
        self._print(f'\n{self.bold}Step {number}: {title}{self.plain}')

    def say(self, text):
        self._print(f'  {text}')

    def command(self, *args):
        self._print(f'  {self.bold}$ {shlex.join(args)}{self.plain}')

    def output(self, text):
        for line in text.rstrip().splitlines():
            self._print(f'    {line}')

    def _print(self, text):
        if not self.quiet:
            print(text, flush=True)


class Walkthrough:
    """The steps on a running world.World."""

    def __init__(self, world, narrator=None):
        self.world = world
        self.cli = world.cli()
        self.api = world.rest()
        self.tell = narrator or Narrator(quiet=True)
        self.lb_id = None
        self.vip = None
        self.before = set(nbview.Nb(world.ovn.nb).traces())
        self.burst = None

    # The steps.

    def step_1_load_balancer(self):
        """a load balancer is an address and, in OVN, a row without VIPs"""
        self.openstack('loadbalancer', 'create', '--name', NAME,
                       '--vip-subnet-id', 'n1')
        lb = self.api.find('loadbalancers', NAME)
        self.lb_id = lb['id']
        self.settle()
        self.vip = self.api.get('/loadbalancers/' + self.lb_id)[
            'vip_address']
        self.tell.say(f'Its address is {self.vip}, in the network n1.')
        assert self.rows() and not self.vips(), self.rows()

    def step_2_listener(self):
        """a listener says which port is served"""
        self.openstack('loadbalancer', 'listener', 'create', '--name',
                       'demo-http', '--protocol', 'TCP', '--protocol-port',
                       '80', NAME)
        self.settle()
        assert not self.vips(), self.vips()

    def step_3_pool(self):
        """a pool holds the servers and says how they are chosen"""
        self.openstack('loadbalancer', 'pool', 'create', '--name',
                       'demo-web', '--protocol', 'TCP', '--lb-algorithm',
                       'SOURCE_IP_PORT', '--listener', 'demo-http')
        self.settle()
        assert not self.vips(), self.vips()

    def step_4_members(self):
        """two members, in two networks, complete the row"""
        self.add_member('demo-web', 'web1')
        assert self.vips() == {f'{self.vip}:80': ['10.1.0.11:8080']}, \
            self.vips()
        self.add_member('demo-web', 'web2')
        assert self.vips() == {
            f'{self.vip}:80': ['10.1.0.11:8080', '10.2.0.11:8080']}, \
            self.vips()

    def step_5_traffic(self):
        """clients in both networks reach both servers"""
        self.tell.say('client1 is in the network of the address, client2 '
                      'in another one.')
        for host in ('client1', 'client2'):
            self.send(host, {'web1', 'web2'})

    def step_6_udp(self):
        """the same address and port serves UDP as well"""
        self.openstack('loadbalancer', 'listener', 'create', '--name',
                       'demo-dns', '--protocol', 'UDP', '--protocol-port',
                       '80', NAME)
        self.settle(show=False)
        self.openstack('loadbalancer', 'pool', 'create', '--name',
                       'demo-names', '--protocol', 'UDP', '--lb-algorithm',
                       'SOURCE_IP_PORT', '--listener', 'demo-dns')
        self.settle(show=False)
        self.add_member('demo-names', 'web1', show=False)
        self.add_member('demo-names', 'web2')
        self.tell.say('OVN keeps one row for each protocol.')
        for host in ('client1', 'client2'):
            self.send(host, {'web1', 'web2'}, 'udp')
            self.send(host, {'web1', 'web2'})

    def step_7_changes(self):
        """members come, rest and go; traffic follows"""
        self.add_member('demo-web', 'web3', columns='protocol,vips')
        self.send('client2', {'web1', 'web2', 'web3'})
        self.openstack('loadbalancer', 'member', 'set', '--disable',
                       'demo-web', 'web2')
        self.settle(columns='protocol,vips')
        self.send('client2', {'web1', 'web3'})
        self.openstack('loadbalancer', 'member', 'delete', 'demo-web',
                       'web3')
        self.settle(columns='protocol,vips')
        self.send('client2', {'web1'})
        self.openstack('loadbalancer', 'member', 'set', '--enable',
                       'demo-web', 'web2')
        self.settle(columns='protocol,vips')
        self.send('client2', {'web1', 'web2'})

    def step_8_disable(self):
        """a disabled load balancer answers nobody"""
        self.openstack('loadbalancer', 'set', '--disable', NAME)
        self.settle(columns='protocol,vips')
        assert not self.vips(), self.vips()
        self.send('client1', set())
        self.send('client2', set(), 'udp')
        self.openstack('loadbalancer', 'set', '--enable', NAME)
        self.settle(columns='protocol,vips')
        self.send('client1', {'web1', 'web2'})
        self.send('client2', {'web1', 'web2'}, 'udp')

    def step_9_new_network(self):
        """a network that joins the router later is served, too"""
        network = self.world.networks[3]
        self.tell.say(f'The network {network.name} ({network.cidr}) gets a '
                      'port on the router r1:')
        self.attach(network)
        self.settle(columns='protocol,vips')
        expected, router = self.carriers()

        def carried():
            nb = nbview.Nb(self.world.ovn.nb)
            for row in self.rows().values():
                switches, routers = nb.where(row)
                assert expected <= switches and router in routers, \
                    (switches, routers)
            return True
        wait.until(carried, 'all switches and the router refer to the rows')
        self.world.ovn.sync()
        self.tell.say('All three switches and the router now refer to the '
                      'rows.')
        self.send('client3', {'web1', 'web2'})
        self.send('client3', {'web1', 'web2'}, 'udp')

    def step_10_crash(self):
        """both daemons are killed in the middle of changes, and recover"""
        world = self.world
        self.tell.say('Eight clients create 200 load balancers at once; '
                      'meanwhile the driver, then the API are killed.')
        self.burst = burst.Burst(world, 200).start()
        self.burst.wait_created(20)
        for daemon in (world.driver, world.api):
            self.tell.command('kill', '-9', str(daemon.process.pid))
            daemon.kill()
            if daemon is world.api:
                self.tell.say('No control plane is needed for traffic:')
                self.send('client1', {'web1', 'web2'})
            daemon.start()
            daemon.wait_ready()
            if daemon is world.driver:
                self.burst.wait_created(60)
        self.burst.join()
        start = time.monotonic()
        seen = self.burst.check()
        self.tell.say(
            f'{len(self.burst.created)} were answered with 201 and all of '
            f'them exist and are ACTIVE; {len(self.burst.lost)} requests '
            f'got no answer, and {len(seen) - len(self.burst.created)} of '
            f'those exist. Recovered in {time.monotonic() - start:.1f} s.')
        self.burst.clean()
        self.settle(show=False)
        self.send('client1', {'web1', 'web2'})

    def step_11_repair(self):
        """what somebody broke in OVN by hand is repaired"""
        nbctl = self.world.ovn.nbctl
        rows = self.rows()
        for protocol, action in (
                ('tcp', ['lb-del']),
                ('udp', ['clear', 'Load_Balancer'])):
            args = [*action, rows[protocol]['_uuid']]
            if protocol == 'udp':
                args += ['vips', 'external_ids', 'selection_fields']
            self.tell.command('ovn-nbctl', *args)
            nbctl(*args)
        self.settle(columns='protocol,vips')
        self.send('client1', {'web1', 'web2'})
        self.send('client2', {'web1', 'web2'}, 'udp')

    def step_12_delete(self):
        """nothing is left of a deleted load balancer"""
        self.openstack('loadbalancer', 'delete', '--cascade', NAME)
        self.api.wait_gone(self.lb_id)

        def nothing_left():
            # What load balancers share goes a moment after the last of them.
            left = set(nbview.Nb(self.world.ovn.nb).traces()) - self.before
            assert not left, f'left in the NB: {left}'
            return True
        wait.until(nothing_left, 'nothing is left of it', 10)
        self.lb_id = None
        self.tell.command('ovn-nbctl', 'list', 'load_balancer')
        self.tell.output(self.world.ovn.nbctl('list', 'load_balancer'))
        self.tell.say('No Load_Balancer row, no port, and no reference on '
                      'any switch or router is left in OVN.')
        self.world.ovn.sync()
        self.send('client1', set())

    @classmethod
    def steps(cls):
        """(number, title, name of the method), in order."""
        numbered = sorted((int(name.split('_')[1]), name)
                          for name in dir(cls) if name.startswith('step_')
                          and getattr(cls, name) is not None)
        return [(number, getattr(cls, name).__doc__, name)
                for number, name in numbered]

    def run(self):
        for number, title, name in self.steps():
            self.tell.step(number, title)
            getattr(self, name)()

    def clean(self):
        """Removes what the steps made, as far as possible."""
        self.revive()
        if self.burst is not None:
            self.burst.clean()
        for lb in self.api.get('/loadbalancers'):
            if lb['id'] == self.lb_id or lb['name'] == NAME:
                self.api.wait_active(lb['id'])
                self.api.delete_loadbalancer(lb['id'])
        network = self.world.networks[3]
        if self.world.topology.is_attached('r1', network):
            self.world.topology.detach('r1', network)

    # What is another thing in another world.

    def attach(self, network):
        """Joins a network to the router r1."""
        self.tell.command('ovn-nbctl', 'lrp-add', 'r1', 'r1-n3',
                          network.mac(1), f'{network.gateway}/24')
        self.tell.command('ovn-nbctl', 'lsp-add', 'n3', 'n3-r1', '--', '...')
        self.world.topology.attach('r1', network)

    def carriers(self):
        """Names of the switches and of the router in OVN."""
        return {'n1', 'n2', 'n3'}, 'r1'

    def differences(self):
        """How OVN differs from what the API says."""
        return nbview.differences(self.world, self.api)

    def revive(self):
        """Starts what was killed."""
        for daemon in (self.world.driver, self.world.api):
            if not daemon.process.is_running():
                daemon.start().wait_ready()

    # How the steps work.

    def openstack(self, *args):
        self.tell.command('openstack', *args)
        self.cli.text(*args)

    def add_member(self, pool, server, show=True, columns=None):
        host = self.world.hosts[server]
        self.openstack('loadbalancer', 'member', 'create', '--name', server,
                       '--address', host.address, '--protocol-port', '8080',
                       '--subnet-id', host.network.name, pool)
        self.settle(show, columns)

    def rows(self):
        return nbview.Nb(self.world.ovn.nb).rows(self.lb_id)

    def vips(self):
        """All VIPs of all rows, with their backends in order."""
        return {vip: sorted(backends.split(','))
                for row in self.rows().values()
                for vip, backends in row['vips'].items()}

    def settle(self, show=True, columns=None):
        """Waits until the change is complete, in the API and in OVN; then
        shows the rows, or some columns of them."""
        self.api.wait_active(self.lb_id)

        def same():
            found = self.differences()
            assert not found, '; '.join(found)
            return True
        wait.until(same, 'OVN is as the API says')
        if show:
            args = ['find', 'load_balancer', f'name={self.lb_id}']
            if columns:
                args.insert(0, f'--columns={columns}')
            self.tell.command('ovn-nbctl', *args)
            self.tell.output(self.world.ovn.nbctl(*args))
        self.world.ovn.sync()

    def send(self, name, expected, protocol='tcp'):
        """Traffic from a client.  All of it must be answered, by all of the
        expected servers and nobody else; or none, if nobody is expected."""
        host = self.world.hosts[name]
        count = CONNECTIONS if expected else 5
        seen = traffic.send(host, self.vip, 80, count, protocol,
                            timeout=3 if expected else 1,
                            is_served=bool(expected))
        what = 'connections' if protocol == 'tcp' else 'UDP datagrams'
        self.tell.say(f'{name} ({host.address}) sends {count} {what} to '
                      f'{self.vip}:80 -> {seen}')
        assert set(seen.answers) == expected, \
            f'{name}: {seen}, expected {expected or "no answer"}'
        assert seen.failed == (0 if expected else count), f'{name}: {seen}'
