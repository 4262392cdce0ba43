# SPDX-License-Identifier: Apache-2.0
"""Changes by way of the plugin and the agent, as an Octavia makes them, for
whoever makes changes by the API: a client.Api whose writes take that way.
"""

import importlib
import json
import os
import sys

from octavia_lib.api.drivers import data_models, exceptions
from oslo_config import cfg

from . import client, daemons, wait
from .octaviamodels import (PROJECT, listener_model, member_model,
                            monitor_model, new_id, pool_model)

# What Octavia calls a kind, and its model.
KINDS = {'loadbalancer': ('loadbalancer', data_models.LoadBalancer),
         'listener': ('listener', data_models.Listener),
         'pool': ('pool', data_models.Pool),
         'member': ('member', data_models.Member),
         'healthmonitor': ('health_monitor', data_models.HealthMonitor)}


class Agent(daemons.Daemon):
    """ovn-octavia-agent on a socket of its own, without Neutron."""

    program = 'ovn-octavia-agent'

    def __init__(self, rundir, octavia_remote, nb_remote, name=None,
                 extra=()):
        self.socket = os.path.join(str(rundir), (name or 'agent') + '.sock')
        super().__init__(rundir, octavia_remote, nb_remote, name,
                         [f'--socket={self.socket}', *extra])

    def status(self):
        """What "agent/status" prints, as a dict of texts."""
        return dict(line.split(': ', 1) for line
                    in self.appctl('agent/status').splitlines())

    def wait_ready(self):
        def is_ready():
            self.process.check_alive()
            return self.status()['ready'] == 'true'
        wait.until(is_ready, f'{self.name} is ready', interval=0.01)
        return self


def provider(tree, socket):
    """The plugin of a tree, as Octavia's API loads it, for the agent at
    'socket'.  One process can have one."""
    sys.path.insert(0, os.path.join(tree, 'plugin'))
    driver = importlib.import_module('ovn_octavia_plugin.driver')
    options = importlib.import_module('ovn_octavia_plugin.options')
    options.get()
    cfg.CONF.set_override('agent_socket', socket, 'ovn_octavia')
    return driver.OvnProviderDriver()


class Api(client.Api):
    """Questions go to the API at 'port', writes to a provider."""

    def __init__(self, port, plugin, timeout=30):
        super().__init__(port, timeout=timeout)
        self.plugin = plugin

    def request(self, method, path, body=None, headers=None):
        if method == 'GET':
            return super().request(method, path, body, headers)
        words = path.removeprefix(self.prefix).partition('?')[0].split('/')[1:]
        try:
            return self._write(method, words, body)
        except exceptions.DriverError as error:
            # Nobody knows what became of it.
            return reply(503, {'faultstring': error.user_fault_string})
        except (exceptions.NotImplementedError,
                exceptions.UnsupportedOptionError) as error:
            return reply(501, {'faultstring': error.user_fault_string})

    def _write(self, method, words, body):
        if method == 'POST':
            kind = words[-1].removesuffix('s')
            return reply(201, {kind: {'id': self._create(kind, words,
                                                         body[kind])}})
        kind, key = words[-2].removesuffix('s'), words[-1]
        name, model = KINDS[kind]
        of_id = {f'{kind}_id': key}
        if kind == 'member':
            of_id['pool_id'] = words[1]
        old = model(**of_id)
        if method == 'PUT':
            self._tell(f'{name}_update', old, model(**of_id, **body[kind]))
            return reply(200, {kind: {'id': key}})
        more = {'cascade': True} if kind == 'loadbalancer' else {}
        self._tell(f'{name}_delete', old, **more)
        return reply(204, None)

    def _tell(self, name, *models, **more):
        return getattr(self.plugin, name)(*models, **more)

    def _create(self, kind, words, given):
        """Returns the id."""
        given = dict(given)
        if kind == 'loadbalancer':
            return self._create_lb(**given)
        if kind == 'listener':
            model = listener_model(given.pop('loadbalancer_id'),
                                   given.pop('protocol_port'),
                                   given.pop('protocol'), **given)
        elif kind == 'pool':
            lb = given.pop('loadbalancer_id', None) or self.get(
                '/listeners/' + given['listener_id'])['loadbalancers'][0]['id']
            model = pool_model(lb, given.pop('protocol'), **given)
        elif kind == 'member':
            model = member_model(words[1], given.pop('address'),
                                 given.pop('protocol_port'), **given)
        else:
            model = monitor_model(given.pop('pool_id'), **given)
        self._tell(f'{KINDS[kind][0]}_create', model)
        return getattr(model, f'{kind}_id')

    def _create_lb(self, vip_subnet_id, **given):
        """Both calls that Octavia makes of one POST."""
        key = new_id()
        subnet = self.request('GET', f'/v2.0/subnets/{vip_subnet_id}')
        vip, _ = self.plugin.create_vip_port(key, PROJECT, {
            'vip_subnet_id': vip_subnet_id,
            'vip_network_id': subnet.body['subnet']['network_id']}, [])
        self._tell('loadbalancer_create', data_models.LoadBalancer(
            loadbalancer_id=key, project_id=PROJECT, flavor={},
            availability_zone={}, admin_state_up=True,
            **{'vip_qos_policy_id': None, **vip}, **given))
        return key


def reply(status, body):
    return client.Reply(status, {}, b'' if body is None
                        else json.dumps(body).encode())
