# SPDX-License-Identifier: Apache-2.0
"""Health monitors: real probes of real servers, what they make of statuses,
and where traffic goes."""

import time

from lib import harness, health, probes, traffic, wait, watch

WEB1 = 'tcp', '10.1.0.11', 8080
WEB2 = 'tcp', '10.2.0.11', 8080
WEB3 = 'tcp', '10.2.0.12', 8080


class Health(harness.SystemTest, health.Mixin):

    def setUp(self):
        super().setUp()
        self.hosts = self.world.hosts

    def pool(self, lb, name, servers=('web1', 'web2'), port=8080, **attrs):
        """A pool and its members."""
        pool = self.api.create_pool(lb['id'], name=name, **attrs)
        for server in servers:
            host = self.hosts[server]
            self.api.create_member(lb['id'], pool['id'], host.address, port,
                                   host.network.name, name=server)
        return pool

    def monitored(self, name='healthy', protocol='TCP', probe='TCP',
                  servers=('web1', 'web2'), **attrs):
        """A load balancer with a listener 'front' and a monitored pool
        'back' whose members are ONLINE."""
        lb = self.api.create_loadbalancer('n1', name=name)
        listener = self.api.create_listener(lb['id'], 80, protocol,
                                            name='front')
        pool = self.pool(lb, 'back', servers, protocol=protocol,
                         listener_id=listener['id'])
        monitor = self.api.create_monitor(lb['id'], pool['id'], probe,
                                          **attrs)
        self.wait_statuses(lb['id'], {
            'lb': 'ONLINE', 'front': 'ONLINE', 'back': 'ONLINE',
            **{f'back/{server}': 'ONLINE' for server in servers}})
        return lb, pool, monitor

    def wait_served(self, lb, *servers, port=80, protocol='tcp'):
        for client in ('client1', 'client2'):
            traffic.wait_for(self.hosts[client], lb['vip_address'], port,
                             servers, protocol)

    def test_follow(self):
        """All statuses follow the servers, and so does traffic"""
        lb, _, _ = self.monitored()
        self.wait_monitors({WEB1: 'online', WEB2: 'online'})
        self.settle()
        self.wait_served(lb, 'web1', 'web2')
        self.stop_backend('web2')
        self.wait_statuses(lb['id'], {
            'lb': 'DEGRADED', 'front': 'DEGRADED', 'back': 'DEGRADED',
            'back/web1': 'ONLINE', 'back/web2': 'ERROR'})
        self.wait_monitors({WEB1: 'online', WEB2: 'offline'})
        self.wait_served(lb, 'web1')
        self.stop_backend('web1')
        self.wait_statuses(lb['id'], {
            'lb': 'ERROR', 'front': 'ERROR', 'back': 'ERROR',
            'back/web1': 'ERROR', 'back/web2': 'ERROR'})
        self.settle()
        self.start_backend('web1', 'web2')
        self.wait_statuses(lb['id'], {
            'lb': 'ONLINE', 'front': 'ONLINE', 'back': 'ONLINE',
            'back/web1': 'ONLINE', 'back/web2': 'ONLINE'})
        self.wait_served(lb, 'web1', 'web2')

    def test_explained(self):
        """What OVN says of members follows from results of probes; what
        somebody else says does not"""
        began_ms = time.time() * 1000

        def unexplained():
            return [what for when, _, what in probes.unexplained(
                self.world.ovn.nb, self.world.ovn.sb) if when >= began_ms]
        lb, _, _ = self.monitored()
        # Nothing else is to be in the same write.
        self.settle()
        with watch.Watch(self.world.ovn.nb) as seen:
            self.stop_backend('web2')
            self.wait_statuses(lb['id'], {'back/web2': 'ERROR'})
            self.start_backend('web2')
            self.wait_statuses(lb['id'], {'back/web2': 'ONLINE'})
            self.settle()
            written = [change for update in seen.writes() for change
                       in update.get('Load_Balancer', {}).values()]
        self.assertEqual([probes.is_news(change) for change in written],
                         [True, True])
        self.assertEqual(unexplained(), [])
        uuid, = self.world.ovn.nbctl('--bare', '--columns=_uuid', 'find',
                                     'Load_Balancer').split()
        said = self.world.ovn.nbctl('get', 'Load_Balancer', uuid,
                                    'external_ids:"neutron:member_status"')
        self.world.ovn.nbctl(
            'set', 'Load_Balancer', uuid, 'external_ids:"neutron:'
            'member_status"=' + said.strip().replace('ONLINE', 'ERROR'))
        self.settle()
        # That one, and the driver's, which puts it right.
        self.assertEqual(sorted(what.split()[1] for what in unexplained()),
                         ['ERROR', 'ERROR', 'ONLINE', 'ONLINE'])

    def test_neighbour(self):
        """A pool without monitor is ONLINE, whatever its neighbour is"""
        lb, _, _ = self.monitored()
        listener = self.api.create_listener(lb['id'], 81, name='plain')
        self.pool(lb, 'blind', listener_id=listener['id'])
        blind = {'blind': 'ONLINE', 'plain': 'ONLINE',
                 'blind/web1': 'NO_MONITOR', 'blind/web2': 'NO_MONITOR'}
        self.wait_statuses(lb['id'], {
            'lb': 'ONLINE', 'back': 'ONLINE', **blind})
        self.stop_backend('web2')
        self.wait_statuses(lb['id'], {
            'lb': 'DEGRADED', 'back': 'DEGRADED', 'back/web2': 'ERROR',
            **blind})
        self.start_backend('web2')
        self.wait_statuses(lb['id'], {
            'lb': 'ONLINE', 'back': 'ONLINE', 'back/web2': 'ONLINE', **blind})

    def test_udp(self):
        """UDP-CONNECT finds out whether somebody has the port"""
        # The API wants more than 3 seconds between these.
        lb, _, _ = self.monitored(protocol='UDP', probe='UDP-CONNECT',
                                  delay=4)
        self.wait_served(lb, 'web1', 'web2', protocol='udp')
        self.stop_backend('web2')
        self.wait_statuses(lb['id'], {
            'lb': 'DEGRADED', 'back': 'DEGRADED', 'back/web2': 'ERROR'})
        self.wait_monitors({('udp', *WEB1[1:]): 'online',
                            ('udp', *WEB2[1:]): 'offline'})
        self.wait_served(lb, 'web1', protocol='udp')
        self.start_backend('web2')
        self.wait_statuses(lb['id'], {'lb': 'ONLINE', 'back/web2': 'ONLINE'})
        self.wait_served(lb, 'web1', 'web2', protocol='udp')

    def test_switched_off(self):
        """A monitor that is switched off probes nobody and proves nothing"""
        lb, _, monitor = self.monitored()
        self.stop_backend('web2')
        self.wait_statuses(lb['id'], {'back/web2': 'ERROR'})
        path = '/healthmonitors/' + monitor['id']
        shown = self.api.update(lb['id'], path, admin_state_up=False)
        self.assertEqual(shown['operating_status'], 'OFFLINE')
        self.wait_statuses(lb['id'], {
            'lb': 'ONLINE', 'front': 'ONLINE', 'back': 'ONLINE',
            'back/web1': 'NO_MONITOR', 'back/web2': 'NO_MONITOR'})
        self.wait_monitors({})
        self.wait_no_sources()
        self.settle()
        self.start_backend('web2')
        self.wait_served(lb, 'web1', 'web2')
        shown = self.api.update(lb['id'], path, admin_state_up=True)
        self.assertEqual(shown['operating_status'], 'ONLINE')
        self.wait_statuses(lb['id'], {'back': 'ONLINE', 'back/web1': 'ONLINE',
                                      'back/web2': 'ONLINE'})
        self.wait_monitors({WEB1: 'online', WEB2: 'online'})

    def test_options(self):
        """An update of one option leaves the others as they were"""
        names = {'delay': 'interval', 'timeout': 'timeout',
                 'max_retries': 'success_count',
                 'max_retries_down': 'failure_count'}
        lb, _, monitor = self.monitored()
        wanted = {name: monitor[name] for name in names}
        for name in names:
            wanted[name] = 3
            shown = self.api.update(
                lb['id'], '/healthmonitors/' + monitor['id'],
                **{name: 3})
            self.assertEqual({key: shown[key] for key in names}, wanted)
            self.settle()
            options = {names[key]: str(value)
                       for key, value in wanted.items()}
            check, = self.nb().checks.values()
            self.assertEqual(check['options'], options)
            for row in self.monitors().values():
                self.assertEqual(row['options'], options)
        self.wait_statuses(lb['id'], {'back': 'ONLINE'})

    def test_delete(self):
        """A deleted monitor leaves no check, no mapping, and no port"""
        lb, pool, monitor = self.monitored()
        self.assertEqual(len(self.source_ports()), 2)
        self.api.remove(lb['id'], '/healthmonitors/' + monitor['id'])
        self.wait_statuses(lb['id'], {
            'lb': 'ONLINE', 'back': 'ONLINE',
            'back/web1': 'NO_MONITOR', 'back/web2': 'NO_MONITOR'})
        nb = self.nb()
        row, = nb.rows(lb['id']).values()
        self.assertEqual(
            (nb.checks, row['ip_port_mappings'], row['health_check']),
            ({}, {}, []))
        self.wait_no_sources()
        self.wait_monitors({})
        self.assertIsNone(
            self.api.get('/pools/' + pool['id'])['healthmonitor_id'])
        self.wait_served(lb, 'web1', 'web2')

    def test_cascade(self):
        """A cascading delete leaves nothing of a monitor either"""
        lb, _, _ = self.monitored()
        self.api.delete_loadbalancer(lb['id'])
        self.wait_no_sources()
        self.world.driver.wait_in_sync()
        self.assertEqual(self.nb().traces(), [])
        self.assertEqual(self.api.get('/healthmonitors'), [])
        self.wait_monitors({})

    def test_shared_source(self):
        """Load balancers share the port to probe from; the last one takes it
        """
        first, _, monitor = self.monitored('first')
        before = self.source_ports()
        second, _, _ = self.monitored('second')
        self.assertEqual(self.source_ports(), before)
        self.wait_monitors({WEB1: 'online', WEB2: 'online'})
        self.stop_backend('web2')
        for lb in (first, second):
            self.wait_statuses(lb['id'], {
                'lb': 'DEGRADED', 'back/web1': 'ONLINE',
                'back/web2': 'ERROR'})
        self.start_backend('web2')
        self.api.remove(first['id'], '/healthmonitors/' + monitor['id'])
        self.wait_statuses(second['id'], {'lb': 'ONLINE'})
        self.world.driver.wait_in_sync()
        self.assertEqual(self.source_ports(), before)
        self.api.delete_loadbalancer(second['id'])
        self.wait_no_sources()

    def set_subnet(self, network, cidr):
        self.world.ovn.nbctl('set', 'Logical_Switch', network.name,
                             f'other_config:subnet={cidr}')
        self.world.driver.wait_in_sync()
        self.world.ovn.sync()

    def sources(self):
        """Where members are probed from."""
        return {(name, port['_uuid'], port['addresses'])
                for name, port in self.source_ports().items()}

    def test_widened_subnet(self):
        """A subnet that is widened and narrowed is served and probed all the
        time"""
        lb, pool, _ = self.monitored()
        before = (self.sources(), self.nb().rows(lb['id']))
        network = self.world.networks[2]
        self.addCleanup(self.set_subnet, network, network.cidr)
        with traffic.Stream(self.hosts['client1'], lb['vip_address'],
                            80) as stream:
            for cidr in ('10.2.0.0/23', '10.2.0.0/16', network.cidr):
                self.set_subnet(network, cidr)
                self.assertEqual((self.sources(), self.nb().rows(lb['id'])),
                                 before)
                self.wait_monitors({WEB1: 'online', WEB2: 'online'})
                self.wait_served(lb, 'web1', 'web2')
        self.assertEqual(stream.result.failed, 0, stream.result)
        self.assertGreater(stream.result.answered, 0)

        # The source was at the end of the subnet and has to move.
        self.set_subnet(network, '10.2.0.0/25')
        self.assertEqual({address.split()[1] for _, _, address
                          in self.sources() if '10.2.' in address},
                         {'10.2.0.126'})
        self.wait_monitors({WEB1: 'online', WEB2: 'online'})
        self.wait_served(lb, 'web1', 'web2')
        self.stop_backend('web2')
        self.wait_statuses(lb['id'], {'back/web2': 'ERROR'})
        self.start_backend('web2')
        self.wait_statuses(lb['id'], {'lb': 'ONLINE'})
        self.api.create_member(lb['id'], pool['id'], '10.2.0.12', 8080, 'n2',
                               name='web3')
        self.wait_statuses(lb['id'], {'back/web3': 'ONLINE'})
        self.wait_served(lb, 'web1', 'web2', 'web3')

    def test_source_address(self):
        """A subnet is probed from an address that nobody has or gets"""
        self.monitored()
        used = {host.address for host in self.hosts.values()}
        used |= {'10.1.0.1', '10.2.0.1'}
        used |= {lb['vip_address'] for lb in self.api.get('/loadbalancers')}
        given = {port['addresses'].split()[1]
                 for port in self.source_ports().values()}
        self.assertEqual(len(given), 2)
        self.assertFalse(given & used, given)
        for address in given:
            subnet = 'n' + address.split('.')[1]
            reply = self.api.request(
                'POST', '/v2.0/lbaas/loadbalancers', {'loadbalancer': {
                    'vip_subnet_id': self.api.subnet_id(subnet),
                    'vip_address': address}})
            self.assertEqual(reply.status, 409, reply)

    def test_member_without_port(self):
        """A member whose address nobody has is ERROR at once"""
        lb, pool, _ = self.monitored(max_retries_down=10)
        member = self.api.create_member(lb['id'], pool['id'], '10.2.0.99',
                                        8080, 'n2', name='nobody')
        self.assertEqual(member['operating_status'], 'ERROR')
        self.wait_statuses(lb['id'], {
            'lb': 'DEGRADED', 'back': 'DEGRADED', 'back/nobody': 'ERROR',
            'back/web1': 'ONLINE', 'back/web2': 'ONLINE'})
        # A port with its address: now there is somebody to probe.
        self.extra_server('late', 2, 99, [8080])
        self.wait_statuses(lb['id'], {'lb': 'ONLINE',
                                      'back/nobody': 'ONLINE'})
        self.wait_served(lb, 'web1', 'web2', 'late')
        self.api.remove(lb['id'], f'/pools/{pool["id"]}/members/'
                        + member['id'])

    def test_port_goes(self):
        """A member whose port goes is ERROR, and back with the port"""
        lb, _, _ = self.monitored()
        host = self.hosts['web2']
        self.world.ovn.nbctl('lsp-del', 'web2')
        try:
            self.wait_statuses(lb['id'], {'lb': 'DEGRADED',
                                          'back/web2': 'ERROR'})
            self.wait_served(lb, 'web1')
        finally:
            self.world.topology.add_port(host.network, 'web2', host.number)
        self.wait_statuses(lb['id'], {'lb': 'ONLINE', 'back/web2': 'ONLINE'})
        self.wait_served(lb, 'web1', 'web2')

    # Ports that are on no chassis, or disabled.

    def plug(self, server, is_in=True):
        """Plugs the server's interface into OVN, or pulls it out."""
        key = f'external_ids:iface-id={server}'
        self.world.ovn.vsctl(*(
            ('set', 'Interface', f'{server}-tap', key) if is_in else
            ('remove', 'Interface', f'{server}-tap', 'external_ids',
             'iface-id')))
        wait.until(lambda: self.nb().ports[server]['up'] is is_in,
                   f'{server} is {"up" if is_in else "down"}')
        self.world.ovn.sync()
        if is_in:
            self.world.wait_reachable(server)

    def pull(self, *servers):
        """Until the end of the test, at most."""
        for server in servers:
            self.plug(server, False)
            self.addCleanup(self.plug, server)

    def enable(self, server, word='enabled'):
        self.world.ovn.nbctl('lsp-set-enabled', server, word)
        self.world.ovn.sync()

    def disable(self, server):
        self.enable(server, 'disabled')
        self.addCleanup(self.enable, server)

    def check_cut_off(self, cut, mend):
        """A server is cut off before there is a monitor."""
        lb = self.api.create_loadbalancer('n1', name='cut')
        listener = self.api.create_listener(lb['id'], 80, name='front')
        pool = self.pool(lb, 'back', listener_id=listener['id'])
        cut('web2')
        # Without a monitor nobody has an opinion.
        self.world.driver.wait_in_sync()
        self.wait_statuses(lb['id'], {'back/web2': 'NO_MONITOR'})
        self.api.create_monitor(lb['id'], pool['id'])
        self.wait_statuses(lb['id'], {
            'lb': 'DEGRADED', 'front': 'DEGRADED', 'back': 'DEGRADED',
            'back/web1': 'ONLINE', 'back/web2': 'ERROR'})
        self.wait_served(lb, 'web1')
        self.settle()
        mend('web2')
        self.wait_statuses(lb['id'], {
            'lb': 'ONLINE', 'back/web1': 'ONLINE', 'back/web2': 'ONLINE'})
        self.wait_served(lb, 'web1', 'web2')

    def test_unplugged_first(self):
        """A server that was unplugged before its monitor came is ERROR, gets
        no traffic, and heals"""
        self.check_cut_off(self.pull, self.plug)

    def test_disabled_first(self):
        """So is one whose port was disabled"""
        self.check_cut_off(self.disable, self.enable)

    def test_cut_off_later(self):
        """One that was well is ERROR while it is cut off, and in its place all
        the time if it is just unplugged"""
        lb, _, _ = self.monitored()
        row, = self.nb().rows(lb['id']).values()
        with watch.Watch(self.world.ovn.nb) as writes:
            self.pull('web2')
            self.wait_statuses(lb['id'], {'lb': 'DEGRADED',
                                          'back/web2': 'ERROR'})
            self.wait_served(lb, 'web1')
            self.plug('web2')
            self.wait_statuses(lb['id'], {'lb': 'ONLINE'})
            self.assertEqual(
                [change for update in writes.writes()
                 for change in update.get('Load_Balancer', {}).values()
                 if 'vips' in change.get('old', ())], [])
        self.disable('web2')
        self.wait_statuses(lb['id'], {'lb': 'DEGRADED', 'back/web2': 'ERROR'})
        self.wait_served(lb, 'web1')
        self.settle()
        self.enable('web2')
        self.wait_statuses(lb['id'], {'lb': 'ONLINE', 'back/web2': 'ONLINE'})
        self.wait_served(lb, 'web1', 'web2')
        self.assertEqual(self.nb().lbs[row['_uuid']]['vips'], row['vips'])

    def test_chassis_removed(self):
        """Servers whose chassis was removed get no traffic, until it is back
        """
        lb, _, _ = self.monitored()
        row, = self.nb().rows(lb['id']).values()
        ovn = self.world.ovn

        def vips():
            return self.nb().lbs[row['_uuid']]['vips']
        ovn.controller.stop()
        try:
            ovn.sbctl('chassis-del', ovn.chassis.name)
            self.wait_statuses(lb['id'], {'lb': 'ERROR', 'back/web1': 'ERROR',
                                          'back/web2': 'ERROR'})
            # To OVN they are still what the last probe found.
            wait.until(lambda: not any(vips().values()),
                       'no server is in the list', 30)
            self.world.driver.stop()
            self.world.driver.start().wait_ready()
            self.assertEqual(self.world.driver.resync(), 0)
        finally:
            ovn.controller.start()
            ovn.wait_ready()
        self.wait_statuses(lb['id'], {'lb': 'ONLINE', 'back/web1': 'ONLINE',
                                      'back/web2': 'ONLINE'})
        self.assertEqual(vips(), row['vips'])
        self.wait_served(lb, 'web1', 'web2')

    def test_cut_off_backup(self):
        """Backups step in for those that are cut off, unless they are, too"""
        lb = self.api.create_loadbalancer('n1', name='cut')
        listener = self.api.create_listener(lb['id'], 80, name='front')
        pool = self.pool(lb, 'back', ('web1',), listener_id=listener['id'])
        for server in ('web2', 'web3'):
            self.api.create_member(
                lb['id'], pool['id'], self.hosts[server].address, 8080, 'n2',
                name=server, backup=True)
        self.pull('web1', 'web3')
        self.api.create_monitor(lb['id'], pool['id'])
        self.wait_statuses(lb['id'], {
            'lb': 'DEGRADED', 'back/web1': 'ERROR', 'back/web2': 'ONLINE',
            'back/web3': 'ERROR'})
        self.wait_served(lb, 'web2')
        self.pull('web2')
        self.wait_statuses(lb['id'], {'lb': 'ERROR', 'back': 'ERROR'})
        self.wait_served(lb)
        self.settle()
        self.plug('web1')
        self.wait_statuses(lb['id'], {'lb': 'DEGRADED',
                                      'back/web1': 'ONLINE'})
        self.wait_served(lb, 'web1')
        self.plug('web3')
        self.wait_statuses(lb['id'], {'back/web3': 'NO_MONITOR'})

    def test_cut_off_blind(self):
        """Who was left out stays so for a driver that cannot read the
        Southbound database"""
        self.allow_log(*harness.CONNECTION_LOST)
        lb, pool, _ = self.monitored(servers=('web1',))
        self.pull('web2')
        self.api.create_member(lb['id'], pool['id'],
                               self.hosts['web2'].address, 8080, 'n2',
                               name='web2')
        known = {'lb': 'DEGRADED', 'back/web1': 'ONLINE',
                 'back/web2': 'ERROR'}
        self.wait_statuses(lb['id'], known)
        self.settle()
        world = self.world
        vips = {key: row['vips'] for key, row in self.nb().lbs.items()}
        world.ovn.sb.stop()
        try:
            wait.until(lambda: world.driver.status()['southbound'] == 'no',
                       'the driver has noticed')
            self.assertEqual(world.driver.resync(), 0)
            world.driver.stop()
            world.driver.start().wait_ready()
            self.assertEqual(world.driver.resync(), 0)
            self.wait_statuses(lb['id'], known)
        finally:
            world.ovn.sb.start()
        wait.until(lambda: world.driver.status()['southbound'] == 'yes',
                   'the driver can see again')
        self.assertEqual(world.driver.resync(), 0)
        self.assertEqual({key: row['vips'] for key, row
                          in self.nb().lbs.items()}, vips)
        self.wait_statuses(lb['id'], known)

    def test_same_backend(self):
        """Two pools with the same server both follow it"""
        lb, _, _ = self.monitored()
        listener = self.api.create_listener(lb['id'], 81, name='front2')
        pool = self.pool(lb, 'back2', listener_id=listener['id'])
        self.api.create_monitor(lb['id'], pool['id'], max_retries_down=2)
        self.wait_statuses(lb['id'], {'back2': 'ONLINE'})
        self.stop_backend('web2')
        self.wait_statuses(lb['id'], {
            'back/web2': 'ERROR', 'back2/web2': 'ERROR',
            'back': 'DEGRADED', 'back2': 'DEGRADED'})
        self.wait_served(lb, 'web1')
        self.wait_served(lb, 'web1', port=81)
        self.start_backend('web2')
        self.wait_statuses(lb['id'], {
            'lb': 'ONLINE', 'back/web2': 'ONLINE', 'back2/web2': 'ONLINE'})

    def test_similar_addresses(self):
        """News of one address and port are not those of a similar one"""
        self.extra_server('web110', 2, 110, [80, 808, 8080])
        lb = self.api.create_loadbalancer('n1', name='similar')
        listener = self.api.create_listener(lb['id'], 80)
        pool = self.api.create_pool(lb['id'], name='back',
                                    listener_id=listener['id'])
        # Nobody listens on port 80 and 808 of web2, 10.2.0.11.
        good = [('10.2.0.110', 80), ('10.2.0.110', 808),
                ('10.2.0.110', 8080), ('10.2.0.11', 8080),
                ('10.2.0.11', 8081), ('10.1.0.11', 8080)]
        bad = [('10.2.0.11', 80), ('10.2.0.11', 808), ('10.1.0.11', 80)]
        for address, port in good + bad:
            self.api.create_member(
                lb['id'], pool['id'], address, port,
                'n' + address.split('.')[1], name=f'{address}:{port}')
        self.api.create_monitor(lb['id'], pool['id'])
        expected = {
            'back': 'DEGRADED',
            **{f'back/{address}:{port}': 'ONLINE' for address, port in good},
            **{f'back/{address}:{port}': 'ERROR' for address, port in bad}}
        self.wait_statuses(lb['id'], expected)
        self.stop_backend('web2')
        for port in (8080, 8081):
            expected[f'back/10.2.0.11:{port}'] = 'ERROR'
        self.wait_statuses(lb['id'], expected)
        self.settle()

    def test_shared_pool(self):
        """A pool of two listeners is probed for both and serves both"""
        lb, pool, _ = self.monitored()
        self.api.create_listener(lb['id'], 443, name='second',
                                 default_pool_id=pool['id'])
        self.settle()
        self.assertEqual(
            {check['vip'] for check in self.nb().checks.values()},
            {f'{lb["vip_address"]}:{port}' for port in (80, 443)})
        self.stop_backend('web2')
        self.wait_statuses(lb['id'], {
            'front': 'DEGRADED', 'second': 'DEGRADED', 'back/web2': 'ERROR'})
        for port in (80, 443):
            self.wait_served(lb, 'web1', port=port)
        listener, = [item for item in self.api.get('/listeners')
                     if item['name'] == 'front']
        self.api.remove(lb['id'], '/listeners/' + listener['id'])
        self.settle()
        self.wait_served(lb, 'web1', port=443)
        self.start_backend('web2')
        self.wait_statuses(lb['id'], {'lb': 'ONLINE', 'second': 'ONLINE'})
        self.wait_served(lb, 'web1', 'web2', port=443)

    def test_unused_pool(self):
        """A monitor of a pool without listener probes as soon as there is one
        """
        lb = self.api.create_loadbalancer('n1', name='later')
        pool = self.pool(lb, 'back', loadbalancer_id=lb['id'])
        self.api.create_monitor(lb['id'], pool['id'])
        self.settle()
        self.wait_monitors({})
        self.api.create_listener(lb['id'], 80, name='front',
                                 default_pool_id=pool['id'])
        self.wait_statuses(lb['id'], {
            'front': 'ONLINE', 'back': 'ONLINE', 'back/web1': 'ONLINE',
            'back/web2': 'ONLINE'})
        self.settle()

    def test_member_comes_and_goes(self):
        """A member that comes is probed, and one that goes is not any more
        """
        lb, pool, _ = self.monitored()
        host = self.hosts['web3']
        member = self.api.create_member(lb['id'], pool['id'], host.address,
                                        8080, 'n2', name='web3')
        self.wait_statuses(lb['id'], {'back/web3': 'ONLINE'})
        self.wait_monitors({key: 'online' for key in (WEB1, WEB2, WEB3)})
        path = f'/pools/{pool["id"]}/members/{member["id"]}'
        self.api.update(lb['id'], path, admin_state_up=False)
        self.wait_statuses(lb['id'], {'lb': 'ONLINE',
                                      'back/web3': 'OFFLINE'})
        self.wait_monitors({WEB1: 'online', WEB2: 'online'})
        self.api.update(lb['id'], path, admin_state_up=True)
        self.wait_statuses(lb['id'], {'back/web3': 'ONLINE'})
        self.api.remove(lb['id'], path)
        self.wait_monitors({WEB1: 'online', WEB2: 'online'})
        self.settle()

    def test_driver_down(self):
        """What servers did while the driver was down is known after its start
        """
        lb, _, _ = self.monitored()
        self.world.driver.stop()
        self.stop_backend('web2')
        self.wait_monitors({WEB1: 'online', WEB2: 'offline'})
        self.assertEqual(self.statuses(lb['id'])['back/web2'][0], 'ONLINE')
        self.world.driver.start().wait_ready()
        self.wait_statuses(lb['id'], {'lb': 'DEGRADED',
                                      'back/web2': 'ERROR'})
        self.world.driver.stop()
        self.start_backend('web2')
        self.wait_monitors({WEB1: 'online', WEB2: 'online'})
        self.world.driver.start().wait_ready()
        self.wait_statuses(lb['id'], {'lb': 'ONLINE', 'back/web2': 'ONLINE'})

    def test_sb_restarted(self):
        """Statuses stay while the Southbound server is away, and follow again
        """
        self.allow_log(*harness.CONNECTION_LOST)
        lb, pool, _ = self.monitored()
        self.stop_backend('web2')
        known = {'lb': 'DEGRADED', 'back': 'DEGRADED',
                 'back/web1': 'ONLINE', 'back/web2': 'ERROR'}
        self.wait_statuses(lb['id'], known)
        world = self.world
        world.ovn.sb.stop()
        try:
            wait.until(lambda: world.driver.status()['southbound'] == 'no',
                       'the driver has noticed')
            self.assertEqual(world.driver.resync(), 0)
            self.wait_statuses(lb['id'], known)
            # Changes of the rest go on.
            self.api.update(lb['id'], '/pools/' + pool['id'],
                            description='changed meanwhile')
            self.wait_statuses(lb['id'], known)
            world.backends['web2'].start()
            self.stop_backend('web1')
        finally:
            world.ovn.sb.start()
        self.wait_statuses(lb['id'], {
            'lb': 'DEGRADED', 'back': 'DEGRADED',
            'back/web1': 'ERROR', 'back/web2': 'ONLINE'}, 60)
        self.wait_served(lb, 'web2')
        self.start_backend('web1')
        self.wait_statuses(lb['id'], {'lb': 'ONLINE', 'back': 'ONLINE'})

    def test_sb_killed_and_driver_started(self):
        """A driver that starts without Southbound server keeps what is known
        """
        self.allow_log(*harness.CONNECTION_LOST)
        lb, _, _ = self.monitored()
        self.stop_backend('web2')
        known = {'lb': 'DEGRADED', 'back/web1': 'ONLINE',
                 'back/web2': 'ERROR'}
        self.wait_statuses(lb['id'], known)
        world = self.world
        world.ovn.sb.kill()
        try:
            world.driver.stop()
            world.driver.start().wait_ready()
            self.assertEqual(world.driver.resync(), 0)
            self.wait_statuses(lb['id'], known)
        finally:
            world.ovn.sb.start()
        world.backends['web2'].start()
        self.wait_statuses(lb['id'], {'lb': 'ONLINE', 'back/web2': 'ONLINE'},
                           60)
