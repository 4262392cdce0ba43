# SPDX-License-Identifier: Apache-2.0
"""ovn-octavia-ctl explain: each finding, by a fault of its own."""

import os

from lib import ctl, daemons, driveragent, external, harness, traffic, wait


class Explain(harness.SystemTest):

    def setUp(self):
        super().setUp()
        self.ctl = ctl.Ctl(self.world)
        self.nbctl = self.world.ovn.nbctl

    def explain(self, name='site'):
        """What it prints; the exit status says whether there is a problem."""
        done = self.ctl.run('explain', name)
        self.assertEqual(done.stderr, '')
        lines = done.stdout.splitlines()
        self.assertEqual(done.returncode, any(
            line.startswith('problem [') for line in lines), done.stdout)
        return done.stdout

    def finds(self, line, name='site'):
        """Waits for a finding: the beginning of a line."""
        severity, _, rest = line.partition(' ')
        beginning = f'{severity:7} {rest}'

        def found():
            printed = self.explain(name)
            assert f'\n{beginning}' in printed, printed
            return printed
        return wait.until(found, f'explain finds {line}')

    def fine(self, name='site'):
        """Waits until there is no problem."""
        def fine():
            printed = self.explain(name)
            assert '\nproblem' not in printed, printed
            return printed
        return wait.until(fine, 'explain finds no problem')

    def add_monitor(self, lb, **attributes):
        self.api.create_monitor(lb['id'], lb['pools'][0]['id'], **attributes)

    def put(self, lb, path, **attributes):
        kind = path.split('/')[-2].rstrip('s')
        self.api.put(path, {kind: attributes})
        self.api.wait_active(lb['id'])

    def members(self, lb):
        """Their paths."""
        path = f'/pools/{lb["pools"][0]["id"]}/members'
        return [f'{path}/{item["id"]}' for item in self.api.get(path)]

    def stop_driver(self):
        self.world.driver.wait_in_sync()
        self.world.driver.stop()
        self.addCleanup(self.start_driver)

    def start_driver(self):
        if not self.world.driver.process.is_running():
            self.world.driver.start().wait_ready()
            self.world.driver.wait_in_sync()


class Intent(Explain):

    def test_fine(self):
        """What works is explained without a finding, and without a write"""
        lb = self.web_lb('site')
        # However busy the machine is, nobody writes that a member is down.
        self.add_monitor(lb, max_retries_down=10)
        vip = lb['vip_address']

        def probed():
            printed = self.fine()
            assert printed.count('probe: online') == 2, printed
            return printed
        printed = wait.until(probed, 'the probes have results')
        self.world.ovn.sync()
        with ctl.writes_nothing(self.world):
            self.explain()
        row = self.nb().rows(lb['id'])['tcp']
        group, = self.nb().groups_of(row)
        for text in (
                f'load balancer {lb["id"]} site\n'
                '    status    ACTIVE/ONLINE\n',
                f'    vip       {vip}  subnet n1  switch n1  port '
                f'ovn-lb-vip-{lb["id"]}  tcp 80\n',
                '            member    10.2.0.11:8080  weight 1  '
                'ACTIVE/ONLINE  probe: online  port web2 up on sandbox  '
                f'1 of 2 at {vip}\n',
                f'    row       {row["_uuid"]} tcp  on router r1, switch n1, '
                f'switch n2 (group {group})  translated, on ',
                '    driver    active\n'
                'nothing is wrong, as far as can be seen\n'):
            self.assertIn(text, printed)

    def test_off(self):
        """What is switched off is found, from the load balancer down"""
        lb = self.web_lb('site')
        pool = f'/pools/{lb["pools"][0]["id"]}'
        members = self.members(lb)
        for paths, line in (
                ([f'/loadbalancers/{lb["id"]}'], 'problem [lb-off]'),
                ([f'/listeners/{lb["listeners"][0]["id"]}'],
                 'problem [listener-off] Listener tcp 80 is'),
                ([pool], 'problem [pool-off] Pool '),
                (members, 'problem [members-off] Every member of pool ')):
            for path in paths:
                self.put(lb, path, admin_state_up=False)
            self.finds(line)
            for path in paths:
                self.put(lb, path, admin_state_up=True)
            self.fine()

    def test_missing(self):
        """What is not there is found, from listeners to usable members"""
        api = self.api
        lb = api.create_loadbalancer('n1', name='site')
        self.finds('problem [no-listener]')
        listener = api.create_listener(lb['id'], 80, 'TCP')
        self.finds('problem [no-pool] Listener tcp 80 has no pool')
        pool = api.create_pool(lb['id'], 'TCP', listener_id=listener['id'])
        self.finds(f'problem [no-member] Pool {pool["id"]} has')
        api.create_member(lb['id'], pool['id'], '10.1.0.11', 8080, 'n1',
                          weight=0)
        self.finds('problem [no-usable-member] No member can serve '
                   f'{lb["vip_address"]}:80')
        lb = api.wait_active(lb['id'])
        self.put(lb, self.members(lb)[0], weight=1)
        self.fine()

    def test_backups(self):
        """That only backup members are used is a note"""
        lb = self.web_lb('site')
        first, second = self.members(lb)
        self.put(lb, first, backup=True)
        self.assertNotIn('only-backups', self.fine())
        self.put(lb, second, admin_state_up=False)
        self.finds('note [only-backups]')

    def test_states(self):
        """What is PENDING, in ERROR or on its way out is found"""
        lb = self.web_lb('site')
        self.stop_driver()
        self.ctl('set', 'Load_Balancer', lb['id'],
                 'provisioning_status=ERROR', 'fault_text="it broke."')
        self.finds('problem [error] It is in ERROR: it broke.')
        self.ctl('set', 'Load_Balancer', lb['id'],
                 'provisioning_status=ACTIVE', 'fault_text=""')
        self.api.put(f'/loadbalancers/{lb["id"]}',
                     {'loadbalancer': {'admin_state_up': False}})
        self.finds('note [pending] The driver has not finished: '
                   'PENDING_UPDATE since 20')
        self.start_driver()
        self.api.wait_active(lb['id'])
        self.stop_driver()
        self.api.delete(f'/loadbalancers/{lb["id"]}?cascade=true')
        printed = self.finds('note [deleting] The load balancer is being '
                             'deleted: PENDING_DELETE since 20')
        self.assertNotIn('lb-off', printed)
        self.start_driver()
        self.api.wait_gone(lb['id'])

    def test_no_address(self):
        """A load balancer that the driver has not seen is explained"""
        self.stop_driver()
        # Whoever creates it waits for the driver.
        lb_id = self.ctl('create', 'Load_Balancer', 'name=site',
                         'vip_vnic_type=normal', 'operating_status=OFFLINE',
                         'provisioning_status=PENDING_CREATE').strip()
        self.finds('problem [differs] OVN is not as wanted in everything')
        self.ctl('destroy', 'Load_Balancer', lb_id)

    def test_driver(self):
        """A driver that is away, or another one, is found"""
        lb = self.web_lb('site')
        self.allow_log(*harness.CONNECTION_LOST)
        self.assertNotIn('note ', self.fine())
        here = self.ctl.argv
        self.ctl.argv = [arg for arg in here
                         if not arg.startswith('--driver-ctl')]
        self.finds('note [driver-elsewhere] Whether the driver runs')
        self.ctl.argv = here

        world = self.world
        second = daemons.Driver(world.rundir, world.octavia.remote,
                                world.ovn.nb.remote, world.ovn.sb.remote,
                                name='second')
        second.start().wait_ready()
        self.addCleanup(second.stop)
        self.ctl.argv = [*here, f'--driver-ctl={second.unixctl}']
        self.finds('note [driver-standby]')
        second.stop()
        self.ctl.argv = here

        world.driver.process.freeze()
        self.finds('problem [driver-silent] The driver on this machine does '
                   'not answer: gave up waiting')
        world.driver.process.thaw()
        self.stop_driver()
        self.finds('problem [driver-silent] The driver on this machine does '
                   'not answer: cannot reach')
        self.api.delete(self.members(lb)[0])
        self.finds('problem [differs] OVN is not as wanted in 3 places')
        self.start_driver()
        self.fine()


class Network(Explain):

    def setUp(self):
        super().setUp()
        self.driver = self.world.driver

    def far_lb(self):
        """On n3, which has no router."""
        lb = self.web_lb('site', 'n3', ('client3',))
        self.driver.wait_in_sync()
        return lb

    def test_no_router(self):
        """A VIP's network without a router is a note"""
        self.far_lb()
        self.assertIn('note    [no-router]', self.fine())

    def test_provider_network(self):
        """A VIP on a provider network without a router inside is found"""
        self.far_lb()
        self.nbctl('lsp-add', 'n3', 'outside', '--', 'lsp-set-type',
                   'outside', 'localnet', '--', 'lsp-set-addresses',
                   'outside', 'unknown', '--', 'lsp-set-options', 'outside',
                   'network_name=physical')
        self.addCleanup(self.nbctl, '--if-exists', 'lsp-del', 'outside')
        self.driver.wait_in_sync()
        self.finds('problem [provider-network]')

        # A router carries it, and no switch; it is of use with a gateway.
        self.world.topology.add_router('r9')
        self.addCleanup(self.nbctl, '--if-exists', 'lr-del', 'r9')
        self.world.topology.attach('r9', self.world.networks[3])
        self.driver.wait_in_sync()
        self.assertIn('  on router r9 (group ',
                      self.finds('problem [provider-network]'))
        self.nbctl('set', 'Logical_Router', 'r9', 'options:chassis=sandbox')
        self.assertIn('  hosts there are served by router r9', self.fine())
        self.world.topology.detach('r9', self.world.networks[3])
        self.nbctl('lr-del', 'r9')
        self.nbctl('lsp-del', 'outside')
        self.driver.wait_in_sync()
        self.fine()

    def test_vip_subnet(self):
        """A VIP or a member without a subnet is found"""
        self.far_lb()
        near = self.web_lb('near')
        pool, = near['pools']
        self.api.create_member(near['id'], pool['id'], '10.3.0.21', 8080,
                               'n3')
        self.nbctl('remove', 'Logical_Switch', 'n3', 'other_config',
                   'subnet')
        try:
            self.finds('problem [vip-subnet]')
            self.finds('problem [member-subnet] OVN has no subnet for member '
                       '10.3.0.21:8080', 'near')
        finally:
            self.nbctl('set', 'Logical_Switch', 'n3',
                       'other_config:subnet=10.3.0.0/24')
        self.driver.wait_in_sync()
        self.fine()
        self.fine('near')

    def test_vip_port(self):
        """A VIP without a port is found"""
        lb = self.web_lb('site')
        self.stop_driver()
        self.nbctl('lsp-del', f'ovn-lb-vip-{lb["id"]}')
        self.finds('problem [vip-port] OVN does not have the port of VIP '
                   f'{lb["vip_address"]}')
        self.start_driver()
        self.fine()

    def test_member_port(self):
        """A member that no port has, or whose port is off or down, is found
        """
        lb = self.web_lb('site')
        self.api.create_member(lb['id'], lb['pools'][0]['id'], '10.1.0.99',
                               8080, 'n1')
        self.assertIn('note    [member-unseen] No port in OVN has the '
                      'address of member 10.1.0.99:8080', self.fine())
        self.add_monitor(lb)
        self.finds('problem [member-port] No port in OVN has the address of '
                   'member 10.1.0.99:8080')
        self.api.delete(self.members(lb)[2])
        self.api.wait_active(lb['id'])
        self.fine()

        self.nbctl('lsp-set-enabled', 'web1', 'disabled')
        self.finds('problem [port-off] The port of member 10.1.0.11:8080')
        self.nbctl('lsp-set-enabled', 'web1', 'enabled')
        vsctl = self.world.ovn.vsctl
        vsctl('remove', 'Interface', 'web2-tap', 'external_ids', 'iface-id')
        self.finds('problem [port-down] The port of member 10.2.0.11:8080')
        vsctl('set', 'Interface', 'web2-tap', 'external_ids:iface-id=web2')
        self.fine()
        self.world.wait_ports()

    def test_floating_ip(self):
        """A floating IP on a router without gateway chassis is found"""
        lb = self.web_lb('site')
        vip = lb['vip_address']
        self.nbctl('lr-nat-add', 'r1', 'dnat_and_snat', '172.24.4.5', vip)
        self.driver.wait_in_sync()
        printed = self.finds('problem [no-gateway] Floating IP 172.24.4.5 on '
                             'router r1 has')
        self.assertIn(f'    floating  172.24.4.5 of {vip}  router r1  tcp 80',
                      printed)
        self.nbctl('set', 'Logical_Router_Port', 'r1-n2',
                   'options:redirect-chassis=sandbox')
        self.assertNotIn('no-gateway', self.explain())
        self.nbctl('remove', 'Logical_Router_Port', 'r1-n2', 'options',
                   'redirect-chassis', '--', 'lr-nat-del', 'r1',
                   'dnat_and_snat', '172.24.4.5')
        self.driver.wait_in_sync()
        self.fine()

    def test_ipv6(self):
        """SOURCE_IP for IPv6 is a note, if OVN cannot hash it"""
        self.nbctl('ls-add', 'n6', '--', 'set', 'Logical_Switch', 'n6',
                   'other_config:ipv6_prefix="fd00:6::/64"')
        self.addCleanup(self.nbctl, 'ls-del', 'n6')
        lb = self.api.create_loadbalancer('n6', name='site')
        listener = self.api.create_listener(lb['id'], 80, 'TCP')
        self.api.create_pool(lb['id'], 'TCP', listener_id=listener['id'],
                             lb_algorithm='SOURCE_IP')
        printed = self.finds('problem [no-member]')
        self.assertEqual('\nnote    [ipv6-hash]' in printed,
                         not self.nb().has_ipv6_hash)
        self.api.wait_active(lb['id'])
        self.api.delete_loadbalancer(lb['id'])


class Outside(Explain):
    """With a provider network, and a host on it outside of OVN."""

    @classmethod
    def prepare_world(cls):
        cls.external = external.External(cls.world).create()

    def serves(self, lb, client, *servers, address=None, port=80):
        host = self.world.hosts.get(client, self.external.host)
        traffic.wait_for(host, address or lb['vip_address'], port, servers)

    def test_gateway(self):
        """A VIP on a provider network serves hosts there by a gateway only"""
        gateway = ('lrp-set-gateway-chassis', self.external.gateway,
                   'sandbox')
        lb = self.web_lb('site', 'public')
        vip = lb['vip_address']
        self.settle()
        self.serves(lb, 'outside', 'web1', 'web2')
        self.serves(lb, 'client1', 'web1', 'web2')
        self.assertIn('  hosts there are served by router r1', self.fine())

        # With an ordinary router port, the switches inside are all there is.
        self.nbctl('lrp-del-gateway-chassis', *gateway[1:])
        self.addCleanup(self.nbctl, *gateway)
        self.settle()
        self.serves(lb, 'outside')
        self.serves(lb, 'client1', 'web1', 'web2')
        printed = self.finds(
            f'problem [provider-network] VIP {vip} serves no host of its own '
            'network, as no router there carries the load balancer and has a '
            'gateway chassis; it serves hosts on n1, n2.')
        self.assertIn('  hosts there are not served', printed)
        self.nbctl(*gateway)
        self.settle()
        self.serves(lb, 'outside', 'web1', 'web2')
        self.fine()

    def test_port_forward(self):
        """A port forward that ends at a VIP is found, and serves nobody"""
        lb = self.web_lb('site')
        vip = lb['vip_address']
        name, address = 'pf-floatingip-x-tcp', '10.99.0.60'
        self.addCleanup(self.nbctl, '--if-exists', 'lb-del', name)
        self.nbctl('lb-add', name, f'{address}:80', '10.1.0.11:8080')
        self.nbctl('lr-lb-add', 'r1', name)
        self.world.ovn.sync()
        self.serves(lb, 'outside', 'web1', address=address)
        self.assertNotIn('port-forward', self.fine())
        self.nbctl('lb-add', name, f'{address}:81', f'{vip}:80')
        self.world.ovn.sync()
        self.finds(f'problem [port-forward] Load_Balancer {name} of another '
                   f'owner ends at VIP {vip}.')
        self.serves(lb, 'outside', address=address, port=81)
        self.nbctl('lb-del', name)
        self.fine()


class Chains(Explain):

    def test_vip_is_member(self):
        """A VIP that is a member is found from both sides, and serves nobody
        """
        near = self.web_lb('near')
        site = self.web_lb('site', servers=())
        pool, = site['pools']
        member = self.api.create_member(site['id'], pool['id'],
                                        near['vip_address'], 80, 'n1')
        self.settle()
        self.finds(f'problem [member-is-vip] Member {near["vip_address"]} is '
                   f'a VIP of load balancer {near["id"]}:')
        self.finds(f'note [vip-is-member] VIP {near["vip_address"]} is a '
                   f'member of load balancer {site["id"]}:', 'near')
        for client in ('client1', 'client2'):
            traffic.wait_for(self.world.hosts[client], site['vip_address'],
                             80, ())
        self.api.remove(site['id'], f'/pools/{pool["id"]}/members/'
                        + member['id'])
        self.assertNotIn('member-is-vip', self.explain())
        self.assertNotIn('vip-is-member', self.fine('near'))

    def test_security_groups(self):
        """Security groups that Octavia took and nobody enforces are found"""
        lb = self.web_lb('site')
        rundir, group = self.world.rundir, lb['project_id'] or 'a-group'
        there = driveragent.DriverAgent(rundir)
        there.start()
        self.addCleanup(there.stop)
        conf = os.path.join(rundir, 'octavia.conf')
        with open(conf, 'w', encoding='utf-8') as file:
            file.write('[driver_agent]\n'
                       f'get_socket_path = {there.get_path}\n')
        self.ctl.argv += [f'--octavia-conf={conf}', '--association=group']
        model = {'loadbalancer_id': lb['id'], 'vip_sg_ids': [group]}
        there.models['loadbalancers', lb['id']] = model
        self.finds('problem [vip-security-groups] Octavia has security groups '
                   f'for the VIP (vip_sg_ids: {group}), and nobody')
        model['vip_sg_ids'] = []
        self.assertNotIn('vip-security-groups', self.explain())
        # Without an answer, the rest is told.
        model['vip_sg_ids'] = [group]
        there.stop()
        printed = self.explain()
        self.assertNotIn('vip-security-groups', printed)
        self.assertIn(f'load balancer {lb["id"]} site', printed)

    def test_port_name(self):
        """A port name with a colon is found, and OVN does not probe it"""
        self.addCleanup(self.nbctl, '--if-exists', 'lsp-del', 'odd:port')
        self.nbctl('lsp-add', 'n1', 'odd:port', '--', 'lsp-set-addresses',
                   'odd:port', '02:00:00:00:00:44 10.1.0.44')
        lb = self.web_lb('site')
        pool, = lb['pools']
        member = self.api.create_member(lb['id'], pool['id'], '10.1.0.44',
                                        8080, 'n1')
        printed = self.finds('problem [port-down] The port of member '
                             '10.1.0.44:8080')
        self.assertNotIn('port-name', printed)
        self.add_monitor(lb)
        printed = self.finds('problem [port-name] Port odd:port of member '
                             '10.1.0.44:')
        for code in ('member-port', 'no-probe', 'member-down'):
            self.assertNotIn(f'[{code}]', printed)
        wait.until(lambda: self.api.get(
            f'/pools/{pool["id"]}/members/{member["id"]}'
        )['operating_status'] == 'ERROR', 'it counts as down')

        # However it is written.
        for value in ('odd:port:10.1.0.50', '"odd\\:port":10.1.0.50'):
            self.addCleanup(self.nbctl, '--if-exists', 'lb-del', 'by-hand')
            self.nbctl('--if-exists', 'lb-del', 'by-hand')
            self.nbctl('lb-add', 'by-hand', '10.1.0.99:80', '10.1.0.44:80',
                       '--', 'ls-lb-add', 'n1', 'by-hand', '--', '--id=@hc',
                       'create', 'Load_Balancer_Health_Check',
                       'vip="10.1.0.99:80"', '--', 'add', 'Load_Balancer',
                       'by-hand', 'health_check', '@hc')
            with self.world.ovn.nb.client() as db:
                db.transact({'op': 'update', 'table': 'Load_Balancer',
                             'where': [['name', '==', 'by-hand']],
                             'row': {'ip_port_mappings': [
                                 'map', [['10.1.0.44', value]]]}})
            self.world.ovn.sync()
            with self.world.ovn.sb.client() as db:
                self.assertEqual(
                    [row for row in db.select('Service_Monitor')
                     if row['ip'] == '10.1.0.44'], [])
        self.nbctl('lb-del', 'by-hand')
        self.api.remove(lb['id'], f'/pools/{pool["id"]}/members/'
                        + member['id'])
        self.fine()


class Health(Explain):

    def test_down(self):
        """Members that do not answer are found"""
        lb = self.web_lb('site')
        self.add_monitor(lb)
        self.finds('nothing is')
        backends = self.world.backends
        backends['web1'].stop()
        try:
            self.finds('note [member-down] Member 10.1.0.11:8080')
            self.fine()
            backends['web2'].stop()
            self.finds('problem [no-member-up]')
        finally:
            for name in ('web1', 'web2'):
                if not backends[name].process.is_running():
                    backends[name].start()
        self.finds('nothing is')


class Ovn(Explain):

    def test_northd(self):
        """An ovn-northd that does not run is found, whatever it misses"""
        lb = self.web_lb('site')
        self.world.ovn.sync()
        self.fine()
        northd = self.world.ovn.northd
        northd.freeze()
        try:
            self.put(lb, self.members(lb)[1], admin_state_up=False)
            self.finds('problem [northd-stale] ovn-northd does not run or is '
                       'behind: the Southbound database does not have the '
                       'VIPs of the tcp row')
            self.put(lb, self.members(lb)[1], admin_state_up=True)
            self.fine()
            self.add_monitor(lb)
            self.finds('problem [no-probe] Member 10.1.0.11:8080')
            with self.world.ovn.nb.client() as db:
                db.transact({'op': 'mutate', 'table': 'NB_Global',
                             'where': [],
                             'mutations': [['nb_cfg', '+=', 1]]})
            self.finds('problem [northd-behind] ovn-northd does not run or '
                       'is behind: it has translated configuration ')
        finally:
            northd.thaw()
        self.world.ovn.sync()
        self.fine()

    def test_chassis(self):
        """A chassis that is behind, and one that is missing, are found"""
        self.web_lb('site')
        ovn = self.world.ovn
        ovn.sync()
        self.fine()
        ovn.controller.freeze()
        try:
            ovn.nbctl('--wait=sb', 'sync')
            self.finds('problem [chassis-behind] Chassis sandbox (')
        finally:
            ovn.controller.thaw()
        ovn.sync()
        self.fine()
        ovn.controller.stop()
        ovn.sbctl('chassis-del', 'sandbox')
        try:
            self.finds('problem [no-chassis]')
        finally:
            ovn.controller.start()
        ovn.wait_ready()
        self.world.wait_ports()
        self.fine()


class Away(Explain):

    def test_away(self):
        """What cannot be told has an exit status of its own"""
        self.web_lb('site')
        for args, complaint in (
                (['--sb-db=unix:/nowhere', '--timeout=1', 'explain', 'site'],
                 'gave up waiting for OVN_Southbound at unix:/nowhere'),
                (['explain', 'x'], 'no load balancer has the id or the name'),
                (['explain', '01234567-89ab-cdef-0123-456789abcdef'],
                 'OVN_Octavia has no load balancer'),
                (['explain'], 'explain takes one load balancer')):
            done = self.ctl.run(*args)
            self.assertEqual(done.returncode, 2)
            self.assertIn(complaint, done.stderr)
