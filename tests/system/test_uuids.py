# SPDX-License-Identifier: Apache-2.0
"""A row that goes and comes again is another row, to ovn-northd as well: no
UUID comes back, whatever happens to the driver and its connection, and no row
stays twice.

ovn-northd from 24.03 on takes two rows with the same UUID for one if one goes
and the other comes while it looks away.
"""

import contextlib

from lib import cutter, harness, history, nbview, traffic, wait

# The driver loses its connection, and one that it had given up for lost may
# have made what it makes.
CUT_OFF = (*harness.CONNECTION_LOST,
           r'commit\|WARN\|OVN_Northbound: transaction .*refused')


class Base(harness.SystemTest):

    def setUp(self):
        super().setUp()
        self.nbctl = self.world.ovn.nbctl

    @contextlib.contextmanager
    def northd_held(self):
        """ovn-northd sees all that happens meanwhile at once."""
        self.world.ovn.sync()
        northd = self.world.ovn.northd
        northd.freeze()
        try:
            yield
        finally:
            northd.thaw()

    def serves(self, lb, *ports):
        """All is as it should be, northd is alive, and packets say so."""
        self.settle()
        for process in self.world.ovn.processes():
            process.check_alive()
        for port, protocol, servers in ports:
            traffic.wait_for(self.world.hosts['client1'], lb['vip_address'],
                             port, servers, protocol=protocol, count=20)

    def row(self, lb, protocol='tcp'):
        return self.nb().rows(lb['id'])[protocol]['_uuid']

    def port(self, lb):
        return self.nb().ports[nbview.VIP_PORT + lb['id']]['_uuid']

    def back(self, get):
        """Waits until what get() finds is there again.  That it is another
        row is asked after every test."""
        def is_there():
            with contextlib.suppress(KeyError):
                return get()
            return False
        wait.until(is_there, 'it is back')
        self.world.driver.wait_in_sync()

    def listen_udp(self, lb):
        """A UDP listener and its pool, which have a row of their own."""
        listener = self.api.create_listener(lb['id'], 53, 'UDP')
        pool = self.api.create_pool(lb['id'], 'UDP',
                                    listener_id=listener['id'])
        self.api.create_member(lb['id'], pool['id'], '10.2.0.11', 8081,
                               'n2')
        return listener, pool

    def unlisten(self, lb, listener, pool):
        self.api.delete(f'/listeners/{listener["id"]}')
        self.api.wait_active(lb['id'])
        self.api.delete(f'/pools/{pool["id"]}')
        self.api.wait_active(lb['id'])


class ComesBack:
    """Mixed into a test for each way of association."""

    def test_deleted_by_hand(self):
        """A row that is deleted by hand ten times is served each time"""
        lb = self.web_lb('victim')
        web = (80, 'tcp', {'web1', 'web2'})
        self.serves(lb, web)
        for held in (True, False) * 5:
            with self.northd_held() if held else contextlib.nullcontext():
                self.nbctl('lb-del', self.row(lb))
                self.back(lambda: self.row(lb))
            self.serves(lb, web)

    def test_vip_port_deleted_by_hand(self):
        """A VIP port that is deleted by hand comes back, and is the same
        port to clients of the API"""
        lb = self.web_lb('victim')
        for _ in range(3):
            with self.northd_held():
                self.nbctl('lsp-del', self.port(lb))
                self.back(lambda: self.port(lb))
            self.serves(lb, (80, 'tcp', {'web1', 'web2'}))
            self.assertEqual(self.api.get('/loadbalancers/' + lb['id'])[
                'vip_port_id'], lb['vip_port_id'])

    def test_deleted_through_the_api(self):
        """A listener that is deleted and made again is served, also if
        ovn-northd sees both at once"""
        lb = self.web_lb('both')
        udp = self.listen_udp(lb)
        for _ in range(3):
            with self.northd_held():
                self.unlisten(lb, *udp)
                udp = self.listen_udp(lb)
                self.back(lambda: self.row(lb, 'udp'))
            self.serves(lb, (80, 'tcp', {'web1', 'web2'}),
                        (53, 'udp', {'web2'}))


class ComesBackDirect(ComesBack, Base):

    driver_options = ('--association=direct',)


class ComesBackGroup(ComesBack, Base):

    driver_options = ('--association=group',)

    def test_group_deleted_by_hand(self):
        """A group that is deleted by hand comes back"""
        lb = self.web_lb('victim')
        for _ in range(4):
            with self.northd_held():
                group, = self.nb().groups
                nb = self.nb()
                undo = []
                for table, rows in (('Logical_Switch', nb.switches),
                                    ('Logical_Router', nb.routers)):
                    for row in rows.values():
                        if group in row['load_balancer_group']:
                            undo += ['--', 'remove', table, row['name'],
                                     'load_balancer_group', group]
                self.nbctl(*undo[1:], '--', 'destroy', 'Load_Balancer_Group',
                           group)
                self.back(lambda: self.nb().groups)
            self.serves(lb, (80, 'tcp', {'web1', 'web2'}))


class CutOff:
    """Mixed into a test for each way of association: every write of a story
    is cut off in every way, with ovn-northd held meanwhile."""

    deletes_all = True

    def setUp(self):
        super().setUp()
        self.allow_log(*CUT_OFF)
        self.cutter = cutter.Cutter(self.world.ovn.nb, self.world.rundir)
        self.restart()
        self.addCleanup(self.restore)

    def restart(self):
        self.world.driver.restart(*self.driver_options,
                                  '--nb-db=' + self.cutter.remote
                                  ).wait_ready()
        self.world.driver.wait_in_sync()

    def restore(self):
        self.world.driver.restart(*self.driver_options).wait_ready()
        self.world.driver.wait_in_sync()
        self.cutter.close()

    def step(self, act, how, kill):
        """Does something whose first write is cut off like 'how', and kills
        the driver then, if so told.  Returns whether a write came late and
        was carried out."""
        with self.northd_held():
            self.cutter.cut(how)
            act()
            self.cutter.wait_cut()
            if kill:
                self.world.driver.kill()
                self.world.driver.start().wait_ready()
            self.world.driver.wait_in_sync()
            landed = how == 'late' and self.cutter.release()
            self.world.driver.wait_in_sync()
        return landed

    def whole(self):
        """No row is there twice or has come back, and all is right."""
        self.settle()
        self.assertEqual(history.twice(self.world.ovn.nb), [])
        for process in self.world.ovn.processes():
            process.check_alive()

    def story(self):
        """Steps that write, one after the other; each yields what to do."""
        post, api = self.api.post, self.api

        def make():
            self.lb = api.create_loadbalancer('n1', name='cut', ready=False)
        yield make
        lb = api.wait_active(self.lb['id'])

        def listen(protocol, port):
            self.listener = post('/listeners', {'listener': {
                'loadbalancer_id': lb['id'], 'protocol': protocol,
                'protocol_port': port}})
        yield lambda: listen('TCP', 80)
        api.wait_active(lb['id'])

        def pool(protocol):
            self.pool = post('/pools', {'pool': {
                'listener_id': self.listener['id'], 'protocol': protocol,
                'lb_algorithm': 'SOURCE_IP_PORT'}})
        yield lambda: pool('TCP')
        api.wait_active(lb['id'])
        tcp = self.pool
        yield lambda: post(f'/pools/{tcp["id"]}/members', {'member': {
            'address': '10.1.0.11', 'protocol_port': 8080}})
        api.wait_active(lb['id'])
        yield lambda: post('/healthmonitors', {'healthmonitor': {
            'pool_id': tcp['id'], 'type': 'TCP', 'delay': 5, 'timeout': 2,
            'max_retries': 1}})
        api.wait_active(lb['id'])
        for _ in range(2):
            yield lambda: listen('UDP', 53)
            api.wait_active(lb['id'])
            yield lambda: self.nbctl('lb-del', self.row(lb, 'udp'))
            yield lambda: api.delete(f'/listeners/{self.listener["id"]}')
            api.wait_active(lb['id'])
        yield lambda: self.nbctl('lb-del', self.row(lb))
        yield lambda: self.nbctl('lsp-del', nbview.VIP_PORT + lb['id'])
        yield lambda: self.nbctl(
            'lsp-del', 'ovn-lb-hm-' + lb['vip_subnet_id'])
        yield lambda: api.delete(f'/loadbalancers/{lb["id"]}?cascade=true')
        api.wait_gone(lb['id'])

    def tell(self, how, kill=False):
        """The whole story, each step of which is cut off; returns how often
        a write came late and was carried out."""
        landed = 0
        for act in self.story():
            landed += self.step(act, how, kill)
            self.whole()
        return landed

    def test_lost(self):
        """A write that never arrives is made up for"""
        self.tell('lost')

    def test_done(self):
        """A write whose answer is lost is not made twice"""
        self.tell('done')

    def test_late(self):
        """A write that arrives late leaves nothing twice"""
        self.assertGreater(self.tell('late'), 0)

    def test_killed_before(self):
        """A driver that is killed before its write is carried out leaves
        nothing to be missed"""
        self.tell('lost', kill=True)

    def test_killed_after(self):
        """A driver that is killed when its write was carried out leaves
        nothing twice"""
        self.tell('done', kill=True)

    def test_killed_late(self):
        """A write of a driver that is dead leaves nothing twice"""
        self.assertGreater(self.tell('late', kill=True), 0)


class CutOffDirect(CutOff, Base):

    driver_options = ('--association=direct',)


class CutOffGroup(CutOff, Base):

    driver_options = ('--association=group',)
