# SPDX-License-Identifier: Apache-2.0
"""Nothing stays PENDING past a bound, and an ERROR heals by itself; and what
ACTIVE means."""

import contextlib
import json
import os
import threading

from lib import client, harness, history, nbview, ovsdb, proc, wait

NOT_DONE = r'\|deadline\|WARN\|.*not done within 2 seconds'


class Bounds(harness.SystemTest):
    """What the classes below share."""

    def fault(self, lb_id):
        """Why the load balancer is ERROR, as OVN_Octavia has it."""
        with self.world.octavia.client() as db:
            row, = db.select('Load_Balancer',
                             [['_uuid', '==', ['uuid', lb_id]]])
        return row['fault_text']

    def status(self, lb_id):
        return self.api.get('/loadbalancers/' + lb_id)['provisioning_status']

    def wait_status(self, lb_id, status, deadline=10):
        wait.until(lambda: self.status(lb_id) == status,
                   f'the load balancer is {status}', deadline, 0.02)

    def assert_fault(self, lb_id, *words):
        text = self.fault(lb_id)
        for word in words:
            self.assertIn(word, text)

    def wait_row(self, lb_id, key):
        """Waits until a key is in the row's external_ids."""
        def there():
            return any(name.startswith(key) for row
                       in self.nb().rows_of(lb_id)
                       for name in row['external_ids'])
        wait.until(there, f'{key} is in the Northbound database')

    @contextlib.contextmanager
    def frozen(self, process):
        process.freeze()
        try:
            yield
        finally:
            process.thaw()

    @contextlib.contextmanager
    def stopped(self, process):
        process.stop()
        try:
            yield
        finally:
            process.start()


class Timeout(Bounds):
    driver_options = ['--pending-timeout=2']

    def setUp(self):
        super().setUp()
        self.allow_log(NOT_DONE, *harness.CONNECTION_LOST)

    @contextlib.contextmanager
    def nb_frozen(self):
        with self.frozen(self.world.ovn.nb.process):
            yield

    @contextlib.contextmanager
    def nb_stopped(self):
        self.world.ovn.nb.stop()
        try:
            wait.until(lambda: self.world.driver.status()['active'] == 'no',
                       'the driver has noticed')
            yield
        finally:
            self.start_nb()

    def start_nb(self):
        self.world.ovn.nb.start()
        wait.until(lambda: self.api.request(
            'GET', '/v2.0/networks').status == 200, 'the API has it, too')

    def check_update(self, lost, *words):
        lb = self.web_lb('updated')
        path = '/loadbalancers/' + lb['id']
        with lost():
            shown = self.api.put(path, {'loadbalancer': {
                'admin_state_up': False}})
            self.assertEqual(shown['provisioning_status'], 'PENDING_UPDATE')
            self.wait_status(lb['id'], 'ERROR')
            self.assert_fault(lb['id'], *words)
            self.assertRegex(
                self.world.driver.log_text(),
                rf'deadline\|WARN\|load balancer {lb["id"]} '
                rf'\(req-[-0-9a-f]{{36}}\): {words[0]}')
            # It can be changed again, also back.
            self.api.put(path, {'loadbalancer': {
                'admin_state_up': True, 'description': 'changed again'}})
            self.wait_status(lb['id'], 'ERROR')
            self.assert_fault(lb['id'], *words)
        self.wait_status(lb['id'], 'ACTIVE', 30)
        self.assertEqual(self.fault(lb['id']), '')
        self.assertEqual(self.api.get(path)['description'], 'changed again')
        self.settle()

    def test_update_frozen(self):
        """An update that a frozen Northbound server holds up is ERROR, heals
        """
        self.check_update(self.nb_frozen, 'not done within 2 seconds',
                          'OVN_Northbound has not taken the change')

    def test_update_stopped(self):
        """An update that a stopped Northbound server holds up is ERROR, heals
        """
        self.check_update(self.nb_stopped, 'not done within 2 seconds',
                          'OVN_Northbound cannot be reached')

    def check_children(self, lost):
        lb = self.web_lb('parent')
        pool, = lb['pools']
        with lost():
            member = self.api.create_member(
                lb['id'], pool['id'], '10.2.0.12', 8080, 'n2', ready=False)
            path = f'/pools/{pool["id"]}/members/{member["id"]}'
            self.wait_status(lb['id'], 'ERROR')
            self.assertEqual(
                self.api.get(path)['provisioning_status'], 'ERROR')
            monitor = self.api.create_monitor(lb['id'], pool['id'],
                                              ready=False)
            self.wait_status(lb['id'], 'ERROR')
            self.assertEqual(
                self.api.get('/healthmonitors/' + monitor['id'])[
                    'provisioning_status'], 'ERROR')
            # And deleted.
            self.api.delete(path)
            self.wait_status(lb['id'], 'ERROR')
        self.api.wait_active(lb['id'])
        self.assertNotIn(member['id'], [item['id'] for item in self.api.get(
            f'/pools/{pool["id"]}/members')])
        self.assertEqual(
            self.api.get('/healthmonitors/' + monitor['id'])[
                'provisioning_status'], 'ACTIVE')
        self.settle()

    def test_children_frozen(self):
        """Parts that are created and deleted meanwhile are done in the end"""
        self.check_children(self.nb_frozen)

    def n_deletes(self, lb_id):
        """How often it has become PENDING_DELETE: nobody knows whether it is
        when we look."""
        rows = (record.get('Load_Balancer', {}).get(lb_id) or {}
                for record in history.records(self.world.octavia))
        return [row.get('provisioning_status')
                for row in rows].count('PENDING_DELETE')

    def check_delete(self, lost, *words):
        first, second = self.web_lb('first'), self.web_lb('second')
        with lost():
            for lb in (first, second):
                self.api.delete(f'/loadbalancers/{lb["id"]}?cascade=true')
                self.assertEqual(self.n_deletes(lb['id']), 1)
            self.wait_status(first['id'], 'ERROR')
            self.assert_fault(first['id'], *words)
            # It can be deleted again.
            self.api.delete(f'/loadbalancers/{first["id"]}?cascade=true')
            self.assertEqual(self.n_deletes(first['id']), 2)
            self.wait_status(first['id'], 'ERROR')
            self.wait_status(second['id'], 'ERROR')
        for lb in (first, second):
            self.api.wait_gone(lb['id'])
        wait.until(lambda: self.nb().traces() == [], 'nothing is left')

    def test_delete_frozen(self):
        """A deletion that a frozen Northbound server holds up is done at last
        """
        self.check_delete(self.nb_frozen,
                          'OVN_Northbound has not taken the change')

    def test_delete_stopped(self):
        """A deletion that a stopped Northbound server holds up is done later
        """
        self.check_delete(self.nb_stopped, 'OVN_Northbound cannot be reached')

    def begin_create(self, name):
        """Creates a load balancer in a thread of its own: the API waits for
        the address.  Returns the thread, a list for the reply, and the id."""
        replies = []
        subnet = self.api.subnet_id('n1')

        def create():
            rest = client.Rest(self.world.port, timeout=60)
            replies.append(rest.request(
                'POST', '/v2.0/lbaas/loadbalancers', {'loadbalancer': {
                    'name': name, 'vip_subnet_id': subnet}}))
            rest.close()
        thread = threading.Thread(target=create, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 60)
        lb = wait.until(lambda: [item for item in self.api.get(
            '/loadbalancers') if item['name'] == name], 'it is there')[0]
        return thread, replies, lb['id']

    def test_create_frozen(self):
        """A create that a frozen Northbound server holds up is ERROR, heals
        """
        with self.nb_frozen():
            thread, replies, lb_id = self.begin_create('created')
            _, _, doomed = self.begin_create('doomed')
            self.wait_status(lb_id, 'ERROR')
            self.assert_fault(lb_id, 'not done within 2 seconds',
                              'OVN_Northbound has not taken the change')
            self.api.put('/loadbalancers/' + lb_id, {'loadbalancer': {
                'description': 'not forgotten'}})
            self.wait_status(doomed, 'ERROR')
            self.api.delete('/loadbalancers/' + doomed)
        self.wait_status(lb_id, 'ACTIVE', 30)
        self.api.wait_gone(doomed)
        thread.join(30)
        self.assertFalse(thread.is_alive(), 'the client still waits')
        self.assertIn(replies[0].status, (201, 503), replies)
        shown = self.api.get('/loadbalancers/' + lb_id)
        self.assertEqual(shown['description'], 'not forgotten')
        self.assertTrue(shown['vip_address'])
        self.assertEqual(self.fault(lb_id), '')
        self.settle()

    def test_driver_restarted(self):
        """A driver that starts without a Northbound server keeps the bound
        """
        lb = self.web_lb('patient')
        self.world.driver.stop()
        self.api.put('/loadbalancers/' + lb['id'], {'loadbalancer': {
            'admin_state_up': False}})
        self.world.ovn.nb.stop()
        try:
            self.world.driver.start()
            self.world.driver.wait_ready()
            self.wait_status(lb['id'], 'ERROR')
            self.assert_fault(lb['id'], 'OVN_Northbound cannot be reached')
        finally:
            self.start_nb()
        self.wait_status(lb['id'], 'ACTIVE', 30)
        self.assertEqual(self.fault(lb['id']), '')
        self.settle()

    def test_no_driver(self):
        """The bound counts from when a driver has seen the request"""
        lb = self.web_lb('waiting')
        self.world.driver.stop()
        self.api.put('/loadbalancers/' + lb['id'], {'loadbalancer': {
            'description': 'late'}})
        seen = []
        wait.until(lambda: seen.append(self.status(lb['id']))
                   or len(seen) > 50, 'more than two seconds pass')
        self.assertEqual(set(seen), {'PENDING_UPDATE'})
        self.world.driver.start().wait_ready()
        self.assertEqual(
            self.api.wait_active(lb['id'])['description'], 'late')

    def test_healthy_are_in_time(self):
        """A bound does no harm to what works"""
        self.world.driver.restart(
            f'--pending-timeout={wait.seconds(2)}').wait_ready()
        self.addCleanup(lambda: self.world.driver.restart().wait_ready())
        for number in range(5):
            lb = self.web_lb(f'quick{number}')
            self.assertEqual(self.fault(lb['id']), '')
        self.assertEqual(
            [line for line in self.world.driver.log_text().splitlines()
             if 'quick' in line], [])


class OneBad(Bounds):
    """One load balancer that cannot be helped, among others."""

    def in_time(self, lb):
        """Others are changed as quickly as ever."""
        for number in range(10):
            self.api.put('/loadbalancers/' + lb['id'], {'loadbalancer': {
                'admin_state_up': bool(number % 2)}})
            self.wait_status(lb['id'], 'ACTIVE', 2)
        created = self.web_lb('new')
        self.api.delete_loadbalancer(created['id'])

    def test_network_gone(self):
        """One whose network vanished is ERROR, delays nobody, and can be
        deleted, though there is another network of that name"""
        nbctl = self.world.ovn.nbctl
        self.allow_log(r'\|WARN\|.*load balancer')
        good = self.web_lb('good')
        nbctl('ls-add', 'n30', '--', 'set', 'Logical_Switch', 'n30',
              'other_config:subnet=10.30.0.0/28')
        self.addCleanup(nbctl, '--if-exists', 'ls-del', 'n30')
        self.addCleanup(self.delete_bad)
        bad = self.api.create_loadbalancer('n30', name='bad')
        self.world.driver.wait_in_sync()
        nbctl('ls-del', 'n30')
        self.in_time(good)
        wait.until(lambda: self.status(bad['id']) == 'ERROR',
                   'it is in ERROR')
        self.assertIn("VIP's network", self.fault(bad['id']))
        nbctl('ls-add', 'n30', '--', 'set', 'Logical_Switch', 'n30',
              'other_config:subnet=10.30.0.0/28')
        self.assertEqual(self.status(bad['id']), 'ERROR')
        self.api.delete('/loadbalancers/' + bad['id'])
        self.api.wait_gone(bad['id'])
        self.assertEqual(self.nb().rows_of(bad['id']), [])

    def delete_bad(self):
        for lb in self.api.get('/loadbalancers'):
            if lb['name'] == 'bad':
                self.api.delete(f'/loadbalancers/{lb["id"]}?cascade=true')
                self.api.wait_gone(lb['id'])

    def test_row_refused(self):
        """One whose row OVN refuses is ERROR, delays nobody, and heals"""
        self.allow_log(r'\|WARN\|.*(refused|transaction error|duplicate)')
        self.allow_log(*harness.CONNECTION_LOST)
        good, bad = self.web_lb('good'), self.web_lb('bad')
        pool, = bad['pools']
        self.addCleanup(self.limit_vips, None)
        self.limit_vips(1)
        self.api.create_monitor(bad['id'], pool['id'], ready=False)
        self.wait_status(bad['id'], 'ERROR')
        self.assert_fault(bad['id'], 'OVN_Northbound refused the change')
        self.in_time(good)
        self.assertEqual(self.nb().checks, {})
        self.limit_vips(None)
        self.wait_status(bad['id'], 'ACTIVE', 60)
        self.assertEqual(self.fault(bad['id']), '')
        self.settle()

    def limit_vips(self, size):
        """Gives the Northbound database a schema in which the VIP of a health
        check has at most so many bytes; None: OVN's own one."""
        with open(ovsdb.NB_SCHEMA, encoding='utf-8') as file:
            schema = json.load(file)
        if size:
            schema['tables']['Load_Balancer_Health_Check']['columns'][
                'vip']['type'] = {'key': {'type': 'string',
                                          'maxLength': size}}
        path = os.path.join(self.world.rundir, 'nb.ovsschema')
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(schema, file)
        proc.run(['ovsdb-client', 'convert', self.world.ovn.nb.remote, path])
        self.world.driver.wait_in_sync()


class ActiveWhenNorthd(Bounds):
    driver_options = ['--active-when=northd']
    missing = 'ovn-northd has not translated the change'

    def setUp(self):
        super().setUp()
        self.allow_log(r'\|deadline\|WARN\|.*not done within',
                       *harness.CONNECTION_LOST)
        self.culprit = self.world.ovn.northd

    def test_pending(self):
        """A change is PENDING until OVN has come that far"""
        lb = self.web_lb('slow')
        with self.frozen(self.culprit):
            listener = self.api.create_listener(lb['id'], 81, ready=False)
            self.wait_row(lb['id'], 'listener_' + listener['id'])
            self.world.driver.wait_in_sync()
            self.assertEqual(self.status(lb['id']), 'PENDING_UPDATE')
            self.assertEqual(
                self.api.get('/listeners/' + listener['id'])[
                    'provisioning_status'], 'PENDING_CREATE')
        self.api.wait_active(lb['id'])
        self.settle()

    def test_create(self):
        """A create is answered with its VIP before OVN has come that far"""
        with self.frozen(self.culprit):
            lb = self.api.create_loadbalancer('n1', name='new', ready=False)
            self.assertTrue(lb['vip_address'])
            self.world.driver.wait_in_sync()
            self.assertEqual(self.status(lb['id']), 'PENDING_CREATE')
        self.api.wait_active(lb['id'])
        self.settle()

    def test_stopped(self):
        """The same if what is missing was stopped, and starts again"""
        lb = self.web_lb('slow')
        with self.stopped(self.culprit):
            listener = self.api.create_listener(lb['id'], 81, ready=False)
            self.wait_row(lb['id'], 'listener_' + listener['id'])
            self.world.driver.wait_in_sync()
            self.assertEqual(self.status(lb['id']), 'PENDING_UPDATE')
        self.api.wait_active(lb['id'])
        self.settle()

    def test_delete(self):
        """A deletion waits for nobody"""
        lb = self.web_lb('gone')
        with self.frozen(self.culprit):
            self.api.delete_loadbalancer(lb['id'])

    def test_driver_restarted(self):
        """A driver that starts meanwhile waits as well"""
        lb = self.web_lb('slow')
        with self.frozen(self.culprit):
            listener = self.api.create_listener(lb['id'], 81, ready=False)
            self.wait_row(lb['id'], 'listener_' + listener['id'])
            self.world.driver.restart().wait_ready()
            self.world.driver.wait_in_sync()
            self.assertEqual(self.status(lb['id']), 'PENDING_UPDATE')
        self.api.wait_active(lb['id'])
        self.settle()

    def test_bound(self):
        """Who waits for OVN too long is ERROR, says for what, and heals"""
        lb = self.web_lb('slow')
        self.world.driver.restart('--pending-timeout=2').wait_ready()
        self.addCleanup(lambda: self.world.driver.restart().wait_ready())
        self.world.driver.wait_in_sync()
        with self.frozen(self.culprit):
            listener = self.api.create_listener(lb['id'], 81, ready=False)
            self.wait_status(lb['id'], 'ERROR')
            self.assert_fault(lb['id'], 'not done within 2 seconds',
                              self.missing)
            self.api.delete('/listeners/' + listener['id'])
            self.wait_status(lb['id'], 'ERROR')
        self.wait_status(lb['id'], 'ACTIVE')
        self.assertEqual(self.fault(lb['id']), '')
        self.settle()

    def test_burst(self):
        """Many load balancers together wait for few configurations"""
        with self.world.ovn.nb.client() as nb:
            row, = nb.select('NB_Global')
        before = row['nb_cfg']
        made = [self.api.create_loadbalancer('n1', ready=False,
                                             name=f'many{number}')
                for number in range(30)]
        for lb in made:
            self.api.wait_active(lb['id'])
        with self.world.ovn.nb.client() as nb:
            row, = nb.select('NB_Global')
        self.assertLessEqual(row['nb_cfg'] - before, 31)
        self.assertEqual(len([name for name in self.nb().ports
                              if nbview.is_vip_port(name)]), 30)


class ActiveWhenChassis(ActiveWhenNorthd):
    driver_options = ['--active-when=chassis']
    missing = 'not every chassis has installed the change'

    def setUp(self):
        super().setUp()
        self.culprit = self.world.ovn.controller
