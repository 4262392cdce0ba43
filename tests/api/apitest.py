# SPDX-License-Identifier: Apache-2.0
"""The base of the tests of the API: two real database servers, the driver,
the API, and a few networks without anything in them.

All classes share one such stand, because starting it takes longer than most
tests; whoever breaks a part of it repairs it.  After every test, whatever it
was about: the daemons live, their logs have no warnings, the sanitizers are
silent, and every load balancer can be deleted.
"""

import atexit
import contextlib
import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

# A test file can be run by itself, too.
sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))

# pylint: disable=wrong-import-position
from lib import (client, daemons, janitor, metrics, ovsdb,  # noqa: E402
                 proc, wait)  # noqa: E402

LBAAS = client.PREFIX
NO_ID = '5c5c5c5c-0000-4000-8000-5c5c5c5c5c5c'
KINDS = {'loadbalancer': 'Load_Balancer', 'listener': 'Listener',
         'pool': 'Pool', 'member': 'Member',
         'healthmonitor': 'Health_Monitor'}

# What a daemon may say at any time: a busy machine stalls it.
ALLOWED = (r'timeval\|WARN\|Unreasonably long',
           r'timeval\|WARN\|(context switches|faults|disk):')

# VIPs that a test does not choose itself are none of the addresses that tests
# choose for their members and VIPs: few of those have ports, which alone would
# keep a VIP from them.
LOW = '10.{0}.0.2..10.{0}.0.123'
# Switch, other_config.  "full" has two addresses for hosts, "bare" none.
NETWORKS = (
    ('n1', {'subnet': '10.1.0.0/24', 'exclude_ips': LOW.format(1)
            + ' 10.1.0.200..10.1.0.201 10.1.0.250'}),
    ('n2', {'subnet': '10.2.0.0/24', 'exclude_ips': LOW.format(2)}),
    ('n6', {'ipv6_prefix': 'fd00:6::/64'}), ('bare', {}),
    ('full', {'subnet': '10.8.0.0/30'}),
    ('dual', {'subnet': '10.4.0.0/24', 'exclude_ips': LOW.format(4),
              'ipv6_prefix': 'fd00:4::/64'}))
# Port, switch, addresses, the device that has it.
PORTS = (('host', 'n1', '10.1.0.50', None),
         ('free', 'n1', '10.1.0.60', None),
         ('taken', 'n1', '10.1.0.61', 'vm-1'),
         ('two', 'n1', '10.1.0.62 10.1.0.63', None),
         ('both', 'dual', '10.4.0.60 fd00:4::60', None),
         ('full1', 'full', '10.8.0.1', None))


class Stand:
    """Everything that runs, in one directory."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix='oo-api-', dir='/tmp')
        self.rundir = os.path.join(self.directory, 'run')
        os.mkdir(self.rundir, 0o700)
        janitor.start(self.directory, self.rundir,
                      'x' + os.path.basename(self.directory))
        self.octavia = ovsdb.Server('octavia', ovsdb.OCTAVIA_SCHEMA,
                                    self.rundir)
        self.nb = ovsdb.Server('nb', ovsdb.NB_SCHEMA, self.rundir)
        self.sb = ovsdb.Server('sb', ovsdb.SB_SCHEMA, self.rundir)
        self.driver_metrics_port = daemons.free_port()
        self.driver = daemons.Driver(
            self.rundir, self.octavia.remote, self.nb.remote, self.sb.remote,
            extra=[metrics.at(self.driver_metrics_port)])
        self.metrics_port = daemons.free_port()
        self.api = daemons.Api(self.rundir, self.octavia.remote,
                               self.nb.remote,
                               extra=[metrics.at(self.metrics_port)])
        self.network = {}       # Ids, by name.
        self.subnet = {}        # The first one of that network.
        self.subnet6 = {}
        self.port = {}

    def start(self):
        self.octavia.start()
        self.nb.start()
        self.sb.start()
        self.nbctl('init')
        self.make_network()
        self.driver.start()
        self.api.start()
        self.driver.wait_ready()
        self.wait_api()
        self.learn_ids()
        return self

    def wait_api(self, api=None):
        """Waits until an API process has all that is in both databases."""
        api = (api or self.api).wait_ready()

        def has_networks():
            api.process.check_alive()
            rest = client.Rest(api.port)
            try:
                return rest.request('GET', '/v2.0/networks').status == 200
            except (OSError, http.client.HTTPException):
                return False        # It may be dying.
            finally:
                rest.close()
        wait.until(has_networks, f'{api.name} has networks', 20, 0.01)

    def daemons(self):
        return self.api, self.driver

    def nbctl(self, *args):
        return proc.run(['ovn-nbctl', f'--db={self.nb.remote}',
                         '--timeout=20', *args],
                        env={'OVS_RUNDIR': self.rundir,
                             'OVN_NB_DAEMON': None})

    def make_network(self):
        commands = ['lr-add', 'r1']
        for name, config in NETWORKS:
            commands += ['--', 'ls-add', name]
            if config:
                commands += ['--', 'set', 'Logical_Switch', name,
                             *[f'other_config:{key}="{value}"'
                               for key, value in config.items()]]
        for number in (1, 2):
            port, peer = f'r1-n{number}', f'n{number}-r1'
            commands += [
                '--', 'lrp-add', 'r1', port, f'02:00:0a:0{number}:00:01',
                f'10.{number}.0.1/24',
                '--', 'lsp-add', f'n{number}', peer,
                '--', 'lsp-set-type', peer, 'router',
                '--', 'lsp-set-addresses', peer, 'router',
                '--', 'lsp-set-options', peer, f'router-port={port}']
        for number, (name, switch, addresses, device) in enumerate(PORTS):
            commands += ['--', 'lsp-add', switch, name,
                         '--', 'lsp-set-addresses', name,
                         f'02:00:00:00:01:{number:02x} {addresses}']
            if device:
                commands += ['--', 'set', 'Logical_Switch_Port', name,
                             f'external_ids:neutron\\:device_id={device}']
        self.nbctl(*commands)

    def learn_ids(self):
        rest = client.Rest(self.api.port)

        def ask(what):
            reply = rest.request('GET', '/v2.0/' + what)
            assert reply.status == 200, reply
            return reply.body[what]
        self.network = {item['name']: item['id'] for item
                        in ask('networks')}
        self.port = {item['name']: item['id'] for item in ask('ports')}
        names = {key: name for name, key in self.network.items()}
        for item in ask('subnets'):
            known = self.subnet6 if ':' in item['cidr'] else self.subnet
            known[names[item['network_id']]] = item['id']
        self.subnet['n6'] = self.subnet6['n6']
        rest.close()

    def processes(self):
        return [*[daemon.process for daemon in self.daemons()],
                self.nb.process, self.octavia.process]

    def stop(self):
        for process in self.processes():
            process.stop(deadline=5)
        if os.environ.get('OVN_OCTAVIA_TEST_KEEP'):
            print(f'kept: {self.rundir}')
            with open(os.path.join(self.directory, 'keep'), 'wb'):
                return
        shutil.rmtree(self.directory, ignore_errors=True)


_shared = []


def shared():
    """The stand of this run, started when first needed."""
    if not _shared:
        stand = Stand()
        atexit.register(stand.stop)
        _shared.append(stand)
        stand.start()
    assert _shared[0].port, 'the stand did not start'
    return _shared[0]


class ApiTest(unittest.TestCase):
    """Has a stand, a connection to its API, and words for what all do."""

    maxDiff = 4000
    client = client.Api

    @classmethod
    def setUpClass(cls):
        cls.stand = shared()

    def setUp(self):
        self.allowed = list(ALLOWED)
        self.rest = self.client(self.stand.api.port)
        self.addCleanup(self.rest.close)
        for daemon in self.stand.daemons():
            daemon.skip_log()
        self.addCleanup(self._finish)

    def allow_log(self, *patterns):
        """Log lines of WARN or worse that this test brings about."""
        self.allowed += patterns

    # Requests.

    def call(self, method, path, body=None, headers=None):
        """A request below /v2.0/lbaas."""
        return self.rest.request(method, LBAAS + path, body, headers)

    def assert_fault(self, reply, status, text):
        """The reply is the API's fault with exactly that text."""
        self.assertEqual((reply.status, reply.fault), (status, text))
        self.assertEqual(reply.body, {
            'faultcode': 'Client' if status < 500 else 'Server',
            'faultstring': text, 'debuginfo': None})
        self.assertEqual(reply.headers['Content-Type'], 'application/json')

    def assert_status(self, reply, status):
        self.assertEqual(reply.status, status, reply)

    # Objects.

    def start_own_api(self, name, *args):
        """Another copy of the API, which ends with the test."""
        api = daemons.Api(self.stand.rundir, self.stand.octavia.remote,
                          self.stand.nb.remote, name=name, extra=args)
        self.addCleanup(api.stop)
        api.skip_log()
        api.start()
        return api

    def ask_own_api(self, name, *args):
        """The same, ready; the rest of the test asks it."""
        api = self.start_own_api(name, *args)
        self.stand.wait_api(api)
        self.addCleanup(setattr, self, 'rest', self.rest)
        self.rest = client.Api(api.port)
        self.addCleanup(self.rest.close)
        return api

    def refused_api(self, *args):
        """Runs a daemon that must refuse to start; returns what it says."""
        done = subprocess.run(
            [self.stand.api.process.argv[0],
             f'--db={self.stand.octavia.remote}',
             f'--nb-db={self.stand.nb.remote}',
             f'--unixctl={self.stand.rundir}/refused.ctl', *args],
            env=proc.merged({'OVN_OCTAVIA_RUNDIR': self.stand.rundir}),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=10 * wait.SLOWNESS, check=False)
        self.assertEqual(done.returncode, 1, done)
        return done.stdout

    def make_lb(self, subnet='n1', **attributes):
        if subnet is not None:
            attributes['vip_subnet_id'] = self.stand.subnet[subnet]
        created = self.rest.post('/loadbalancers',
                                 {'loadbalancer': attributes})
        return self.active(created['id'])

    def make_listener(self, lb, port=80, protocol='TCP', **attributes):
        created = self.rest.post('/listeners', {'listener': {
            'loadbalancer_id': lb['id'], 'protocol': protocol,
            'protocol_port': port, **attributes}})
        self.active(lb['id'])
        return self.rest.get('/listeners/' + created['id'])

    def make_pool(self, lb, protocol='TCP', **attributes):
        if 'listener_id' not in attributes:
            attributes['loadbalancer_id'] = lb['id']
        created = self.rest.post('/pools', {'pool': {
            'protocol': protocol, 'lb_algorithm': 'SOURCE_IP_PORT',
            **attributes}})
        self.active(lb['id'])
        return self.rest.get('/pools/' + created['id'])

    def make_member(self, lb, pool, address='10.1.0.50', port=8080,
                    **attributes):
        path = f'/pools/{pool["id"]}/members'
        created = self.rest.post(path, {'member': {
            'address': address, 'protocol_port': port, **attributes}})
        self.active(lb['id'])
        return self.rest.get(f'{path}/{created["id"]}')

    def make_monitor(self, lb, pool, **attributes):
        created = self.rest.post('/healthmonitors', {'healthmonitor': {
            'pool_id': pool['id'], 'type': 'TCP', 'delay': 5, 'timeout': 3,
            'max_retries': 2, **attributes}})
        self.active(lb['id'])
        return self.rest.get('/healthmonitors/' + created['id'])

    def make_tree(self, **attributes):
        """A load balancer, its listener, the pool of that, its member."""
        lb = self.make_lb(**attributes)
        listener = self.make_listener(lb)
        pool = self.make_pool(lb, listener_id=listener['id'])
        member = self.make_member(lb, pool)
        return (self.rest.get('/loadbalancers/' + lb['id']),
                self.rest.get('/listeners/' + listener['id']),
                self.rest.get('/pools/' + pool['id']), member)

    def active(self, lb_id):
        def is_active():
            shown = self.rest.get('/loadbalancers/' + lb_id)
            return shown['provisioning_status'] == 'ACTIVE' and shown
        return wait.until(is_active, f'load balancer {lb_id} is ACTIVE', 10,
                          0.002)

    def wait_gone(self, path):
        wait.until(lambda: self.call('GET', path).status == 404,
                   f'{path} is gone', 10, 0.002)

    # The database.

    def dump(self):
        """All that is in OVN_Octavia."""
        with self.stand.octavia.client() as db:
            return db.dump()

    @contextlib.contextmanager
    def nothing_changes(self):
        before = self.dump()
        yield
        self.assertEqual(before, self.dump())

    def set_row(self, kind, key, **columns):
        """Writes columns of an object's row, behind the daemons' backs."""
        with self.stand.octavia.client() as db:
            result, = db.transact({
                'op': 'update', 'table': KINDS[kind], 'row': columns,
                'where': [['_uuid', '==', ['uuid', key]]]})
        assert result['count'] == 1, (kind, key)

    def set_state(self, kind, key, state):
        """Writes a provisioning status and waits until the API knows."""
        self.set_row(kind, key, provisioning_status=state)
        if kind != 'member':
            wait.until(lambda: self.rest.get(f'/{kind}s/{key}')[
                'provisioning_status'] == state, f'{kind} is {state}', 5,
                0.002)

    # Without the driver nothing leaves a PENDING state.

    @contextlib.contextmanager
    def frozen_driver(self):
        self.stand.driver.process.freeze()
        try:
            yield
        finally:
            self.stand.driver.process.thaw()

    # The end.

    def settle(self):
        """Waits until the driver has nothing to do and nothing happens any
        more."""
        self.stand.driver.process.thaw()
        self.stand.driver.wait_in_sync()
        seen = [None]

        def is_quiet():
            seen.append(self.dump())
            return seen[-1] == seen[-2]
        wait.until(is_quiet, 'the database is quiet', 10, 0.1)

    def _finish(self):
        self.stand.driver.process.thaw()
        for daemon in self.stand.daemons():
            if not daemon.process.is_running():
                text = daemon.process.output_tail() + daemon.log_text()[-900:]
                daemon.process.stop()
                daemon.start()
                daemon.wait_ready()
                self.stand.wait_api()
                self.fail(f'{daemon.name} had died:\n{text}'
                          + '\n'.join(daemon.sanitizer_reports()))
        commits = self.stand.driver.resync()
        databases = (self.stand.octavia, self.stand.nb)
        dangling = ovsdb.dangling(*databases)
        self._delete_all()
        dangling += ovsdb.dangling(*databases)
        problems = [f'{daemon.name}: {line}'
                    for daemon in self.stand.daemons()
                    for line in (daemon.complaints(self.allowed)
                                 + daemon.sanitizer_reports())] + dangling
        if commits:
            problems.append(f'a forced full reconcile made {commits} '
                            'commits to the NB')
        self.assertFalse(problems, '\n'.join(problems))

    def _delete_all(self):
        def gone():
            left = self.rest.get('/loadbalancers')
            for lb in left:
                if not lb['provisioning_status'].startswith('PENDING'):
                    self.call('DELETE',
                              f'/loadbalancers/{lb["id"]}?cascade=true')
            return not left
        wait.until(gone, 'every load balancer is deleted', 20, 0.01)
        self._forget_quotas()

    def _forget_quotas(self):
        """A quota that is deleted is listed still, with the defaults."""
        if self.rest.get('/quotas'):
            with self.stand.octavia.client() as db:
                db.transact({'op': 'delete', 'table': 'Quota', 'where': []})
            wait.until(lambda: not self.rest.get('/quotas'),
                       'every quota is forgotten', 20, 0.01)
