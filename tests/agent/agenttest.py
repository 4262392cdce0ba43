# SPDX-License-Identifier: Apache-2.0
"""The base of the tests of the plugin and the agent: the stand of the API's
tests, with the agent, and octavia-lib's data models as Octavia fills them in.

The API is there to look at what became of a call, and to clean up: it reads
the same database.
"""

import atexit
import contextlib
import os
import sys

# A test file can be run by itself, too.
TESTS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
PLUGIN = os.path.join(os.path.dirname(TESTS), 'plugin')
sys.path[:0] = [TESTS, os.path.join(TESTS, 'api'), PLUGIN]

# pylint: disable=wrong-import-position
from oslo_config import cfg  # noqa: E402
from octavia_lib.api.drivers import data_models  # noqa: E402
from octavia_lib.api.drivers import exceptions  # noqa: E402

import apitest  # noqa: E402
from lib import client, daemons, metrics, wait  # noqa: E402
from lib.octaviamodels import (  # noqa: E402,F401
    PROJECT, listener_model, member_model, monitor_model, new_id, persistence,
    pool_model)
from lib.plugincalls import Agent  # noqa: E402
from ovn_octavia_plugin import client as plugin_client  # noqa: E402
from ovn_octavia_plugin import driver, options  # noqa: E402

# An agent that was killed is back as late as the machine is slow.
plugin_client.PATIENCE_S *= wait.SLOWNESS

# There is nobody to report to.
AWAY = r'presence\|WARN\|.*reports to Octavia wait'
# Nor to ask.
SILENT = r'repair_job\|WARN\|.*get\.sock: No such file'


def report_key(lb_id):
    """The UUID of a load balancer's report, and the other way round."""
    return f'{int(lb_id[:8], 16) ^ 0xffffffff:08x}{lb_id[8:]}'


class Stand(apitest.Stand):
    def __init__(self):
        super().__init__()
        self.agent_metrics_port = daemons.free_port()
        self.agent = Agent(self.rundir, self.octavia.remote, self.nb.remote,
                           extra=[metrics.at(self.agent_metrics_port)])

    def start(self):
        super().start()
        self.agent.start()
        self.agent.wait_ready()
        return self

    def daemons(self):
        return self.api, self.driver, self.agent


_shared = []


def shared():
    if not _shared:
        stand = Stand()
        atexit.register(stand.stop)
        _shared.append(stand)
        stand.start()
    assert _shared[0].port, 'the stand did not start'
    return _shared[0]


class AgentTest(apitest.ApiTest):
    """Has the provider's driver, as Octavia's API makes one."""

    # What the agent has written is to be seen at once.
    client = client.FreshApi

    @classmethod
    def setUpClass(cls):
        cls.stand = shared()

    def setUp(self):
        super().setUp()
        self.allow_log(AWAY)
        options.get()
        cfg.CONF.set_override('agent_socket', self.stand.agent.socket,
                              'ovn_octavia')
        self.provider = driver.OvnProviderDriver()

    def dump(self):
        """Without reports about load balancers that are gone, of which there
        is nothing to tell: an agent forgets them when it comes to them."""
        tables = super().dump()
        tables['Report'] = {
            key: row for key, row in tables['Report'].items()
            if row['reserved_at'] or row['deleted']
            or report_key(key) in tables['Load_Balancer']}
        return tables

    @contextlib.contextmanager
    def strict_agent(self, *options):
        """Another agent, which refuses all that OVN does not do, takes the
        calls."""
        agent = Agent(self.stand.rundir, self.stand.octavia.remote,
                      self.stand.nb.remote, 'strict',
                      [*(options or ['--unsupported-options=refuse'])])
        agent.start()
        cfg.CONF.set_override('agent_socket', agent.socket, 'ovn_octavia')
        try:
            yield agent.wait_ready()
        finally:
            cfg.CONF.set_override('agent_socket', self.stand.agent.socket,
                                  'ovn_octavia')
            agent.stop()

    # What Octavia does.

    def create_vip(self, lb_id=None, more=(), **vip):
        """Returns the id, and what Octavia would write into its database."""
        lb_id = lb_id or new_id()
        vip.setdefault('vip_subnet_id', self.stand.subnet['n1'])
        vip.setdefault('vip_network_id', self.stand.network['n1'])
        return lb_id, *self.provider.create_vip_port(lb_id, PROJECT, vip,
                                                     list(more))

    def lb_model(self, lb_id, vip, more=None, **attributes):
        attributes.setdefault('admin_state_up', True)
        if more:
            attributes['additional_vips'] = more
        return data_models.LoadBalancer(
            loadbalancer_id=lb_id, project_id=PROJECT, flavor={},
            availability_zone={}, **{'vip_qos_policy_id': None, **vip},
            **attributes)

    def make_lb(self, subnet='n1', **attributes):
        """Both calls of a POST; returns what the API shows."""
        lb_id, vip, more = self.create_vip(
            vip_subnet_id=self.stand.subnet[subnet],
            vip_network_id=self.stand.network[subnet])
        self.provider.loadbalancer_create(
            self.lb_model(lb_id, vip, more, **attributes))
        return self.active(lb_id)

    def make_listener(self, lb, port=80, protocol='TCP', **attributes):
        model = listener_model(lb['id'], port, protocol, **attributes)
        self.provider.listener_create(model)
        self.active(lb['id'])
        return model

    def make_pool(self, lb, protocol='TCP', **attributes):
        model = pool_model(lb['id'], protocol, **attributes)
        self.provider.pool_create(model)
        self.active(lb['id'])
        return model

    def make_member(self, lb, pool, address='10.1.0.50', port=8080,
                    **attributes):
        model = member_model(pool.pool_id, address, port, **attributes)
        self.provider.member_create(model)
        self.active(lb['id'])
        return model

    def make_monitor(self, lb, pool, **attributes):
        model = monitor_model(pool.pool_id, **attributes)
        self.provider.health_monitor_create(model)
        self.active(lb['id'])
        return model

    def make_tree(self, **attributes):
        lb = self.make_lb(**attributes)
        listener = self.make_listener(lb)
        pool = self.make_pool(lb, listener_id=listener.listener_id)
        return lb, listener, pool, self.make_member(lb, pool)

    # What became of it.

    def shown(self, plural, key):
        return self.rest.get(f'/{plural}/{key}')

    def shown_members(self, pool):
        return {item['id']: item for item
                in self.rest.get(f'/pools/{pool.pool_id}/members')}

    def wait_deleted(self, path):
        wait.until(lambda: self.call('GET', path).status == 404,
                   f'{path} is gone', 10, 0.002)

    def report(self, lb_id):
        """The row of what Octavia has to be told; None: nothing."""
        with self.stand.octavia.client() as db:
            rows = db.select('Report', [['_uuid', '==',
                                         ['uuid', report_key(lb_id)]]])
        return rows[0] if rows else None

    def row(self, table, key):
        with self.stand.octavia.client() as db:
            rows = db.select(table, [['_uuid', '==', ['uuid', key]]])
        return rows[0] if rows else None

    # Refusals.

    def assert_unsupported(self, text, method, *args):
        self.assert_raises(exceptions.UnsupportedOptionError, text, method,
                           *args)

    def assert_raises(self, kind, text, method, *args):
        with self.assertRaises(kind) as caught:
            getattr(self.provider, method)(*args)
        self.assertEqual(caught.exception.user_fault_string, text)
        self.assertEqual(caught.exception.operator_fault_string, text)
