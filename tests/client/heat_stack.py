# SPDX-License-Identifier: Apache-2.0
"""What Heat does with a stack: its engine, in this process, makes, changes
and deletes one of each of its Octavia resources.

A program of its own, run by test_heat.py.  OS_* say where to log in; the
argument is a subnet's name.  Heat's own code decides what is asked of the
API and in which order; all that is not needed for that is left out: Heat's
API, its messages (which go nowhere) and its database (in memory).  Ends with
status 0, or with a traceback.

OS::Octavia::Quota is missing: it works with no Octavia, since it calls
"quotas", which octaviaclient does not have.
"""

import copy
import logging
import os
import sys

from heat.common import config, context, messaging
from heat.engine import environment, resources, stack, template
from keystoneauth1.identity import v3
from oslo_config import cfg

# pylint: disable=import-error,no-name-in-module,ungrouped-imports
try:
    from heat.db.sqlalchemy import api as db_api, models
except ImportError:
    from heat.db import api as db_api, models

TEMPLATE = {
    'heat_template_version': '2016-10-14',
    'resources': {
        'lb': {'type': 'OS::Octavia::LoadBalancer', 'properties': {
            'name': 'heat', 'description': 'd', 'vip_subnet': 'n1'}},
        'listener': {'type': 'OS::Octavia::Listener', 'properties': {
            'loadbalancer': {'get_resource': 'lb'}, 'protocol': 'TCP',
            'protocol_port': 80}},
        'pool': {'type': 'OS::Octavia::Pool', 'properties': {
            'listener': {'get_resource': 'listener'}, 'protocol': 'TCP',
            'lb_algorithm': 'SOURCE_IP_PORT',
            'session_persistence': {'type': 'SOURCE_IP'}}},
        'spare': {'type': 'OS::Octavia::Pool', 'properties': {
            'loadbalancer': {'get_resource': 'lb'}, 'protocol': 'UDP',
            'lb_algorithm': 'SOURCE_IP_PORT'}},
        'monitor': {'type': 'OS::Octavia::HealthMonitor', 'properties': {
            'pool': {'get_resource': 'pool'}, 'type': 'TCP', 'delay': 5,
            'timeout': 3, 'max_retries': 2}},
    },
    'outputs': {
        name: {'value': {'get_attr': path}} for name, path in (
            ('address', ['lb', 'vip_address']),
            ('port', ['lb', 'vip_port_id']),
            ('subnet', ['lb', 'vip_subnet_id']), ('pools', ['lb', 'pools']),
            ('loadbalancers', ['listener', 'loadbalancers']),
            ('default', ['listener', 'default_pool_id']),
            ('members', ['pool', 'members']),
            ('listeners', ['pool', 'listeners']),
            ('monitor', ['pool', 'healthmonitor_id']),
            ('member', ['member1', 'show']),
            ('monitored', ['monitor', 'pools']))}}
POLICY = {'type': 'OS::Octavia::L7Policy', 'properties': {
    'listener': {'get_resource': 'listener'}, 'action': 'REJECT'}}


def member(number, subnet):
    return {'type': 'OS::Octavia::PoolMember', 'properties': {
        'pool': {'get_resource': 'pool'}, 'address': f'10.1.0.{10 + number}',
        'protocol_port': 8080, 'weight': number, 'subnet': subnet}}


def begin():
    """Heat without its surroundings."""
    config.cfg.CONF([], project='heat', default_config_files=[])
    cfg.CONF.set_override('connection', 'sqlite://', 'database')
    # Who logs in again for Heat later, with what: here, nothing does.
    cfg.CONF.set_override('deferred_auth_method', 'password')
    cfg.CONF.set_override('convergence_engine', False)
    # It tells of all resources that are deprecated.
    logging.disable(logging.WARNING)
    messaging.setup('fake://', optional=True)
    resources.initialise()
    engine = db_api.get_engine()
    models.BASE.metadata.create_all(engine)


def log_in():
    """A user's context, as Heat's API makes it of a request."""
    user = {name: os.environ['OS_' + name.upper()] for name in (
        'auth_url', 'username', 'password', 'project_name',
        'user_domain_name', 'project_domain_name')}
    return context.RequestContext(
        username=user['username'], password=user['password'],
        auth_url=user['auth_url'], project_id='a', user_id='a', roles=[],
        is_admin=False, region_name=os.environ['OS_REGION_NAME'],
        auth_plugin=v3.Password(**user))


class Story:

    def __init__(self, subnet):
        self.context = log_in()
        self.body = copy.deepcopy(TEMPLATE)
        self.things = self.body['resources']
        self.things['lb']['properties']['vip_subnet'] = subnet
        self.things['member1'] = member(1, subnet)
        self.things['member2'] = member(2, subnet)
        self.subnet = subnet
        self.stack = None

    def parsed(self):
        return template.Template(copy.deepcopy(self.body),
                                 env=environment.Environment())

    def end(self):
        """What the engine does after a call of a user: the next one gets the
        stack out of the database."""
        self.stack.persist_state_and_release_lock(None)
        self.stack = stack.Stack.load(self.context, stack_id=self.stack.id)

    def is_in(self, state):
        told = f'{self.stack.state}: {self.stack.status_reason}'
        for resource in self.stack.values():
            told += f'\n{resource.name}: {resource.state}: ' \
                f'{resource.status_reason}'
        assert self.stack.state == state, told
        return told

    def octavia(self):
        """Heat's client."""
        return self.stack['lb'].client()

    def make(self):
        found = self.parsed()
        found.store(self.context)
        self.stack = stack.Stack(self.context, 'web', found)
        self.stack.validate()
        self.stack.store()
        self.stack.create()
        self.is_in(('CREATE', 'COMPLETE'))
        self.end()

    def outputs(self):
        """All that a template may ask of its resources."""
        # As "openstack stack show" has it done.
        # pylint: disable-next=protected-access
        self.stack._update_all_resource_data(for_resources=False,
                                             for_outputs=True)
        values = {name: output.get_value() for name, output
                  in self.stack.outputs.items()}
        key = {name: resource.resource_id for name, resource
               in self.stack.items()}
        lb = self.octavia().load_balancer_show(key['lb'])
        assert lb['name'] == 'heat', lb
        expected = {
            'address': lb['vip_address'], 'port': lb['vip_port_id'],
            'subnet': lb['vip_subnet_id'], 'default': key['pool'],
            'loadbalancers': [{'id': key['lb']}], 'monitor': key['monitor'],
            'listeners': [{'id': key['listener']}],
            'monitored': [{'id': key['pool']}]}
        for name, value in expected.items():
            assert values[name] == value, (name, values[name], value)
        assert values['member']['address'] == '10.1.0.11', values['member']
        for name, children in (('pools', ('pool', 'spare')),
                               ('members', ('member1', 'member2'))):
            found = sorted(item['id'] for item in values[name])
            assert found == sorted(key[child] for child in children), found

    def update(self):
        """Changes in place, one more, one fewer, and all at once: Heat does
        not know that a load balancer takes one write at a time."""
        things = self.things
        for name, change in (
                ('lb', {'name': 'new', 'description': ''}),
                ('listener', {'description': 'd', 'name': 'listener'}),
                ('pool', {'description': 'changed'}),
                ('member1', {'weight': 7}),
                ('monitor', {'delay': 9, 'admin_state_up': False})):
            things[name]['properties'].update(change)
        del things['member2']
        things['member3'] = member(3, self.subnet)
        before = {name: resource.resource_id for name, resource
                  in self.stack.items()}
        self.change()
        after = {name: resource.resource_id for name, resource
                 in self.stack.items()}
        for name in ('lb', 'listener', 'pool', 'member1', 'monitor'):
            assert before[name] == after[name], name
        octavia = self.octavia()
        shown = octavia.load_balancer_show(after['lb'])
        assert (shown['name'], shown['description']) == ('new', ''), shown
        shown = octavia.health_monitor_show(after['monitor'])
        assert (shown['delay'], shown['admin_state_up']) == (9, False), shown
        weights = {item['address']: item['weight'] for item
                   in octavia.member_list(after['pool'])['members']}
        assert weights == {'10.1.0.11': 7, '10.1.0.13': 3}, weights

    def replace(self):
        """What cannot be changed is made anew, with all below it."""
        before = self.stack['listener'].resource_id
        self.things['listener']['properties']['protocol_port'] = 81
        self.change()
        after = self.stack['listener'].resource_id
        assert before != after
        listener, = self.octavia().listener_list()['listeners']
        assert (listener['id'], listener['protocol_port']) == (after, 81)

    def change(self, state=('UPDATE', 'COMPLETE')):
        wanted = stack.Stack(self.context, 'web', self.parsed())
        self.stack.update(wanted)
        told = self.is_in(state)
        self.end()
        return told

    def refused(self):
        """An L7 policy fails with the provider's words, and the stack goes
        back to what it was."""
        self.things['policy'] = POLICY
        told = self.change(('UPDATE', 'FAILED'))
        assert 'policy' in told and 'Provider \'ovn\' does not support' \
            in told, told
        del self.things['policy']
        self.change()

    def delete(self):
        octavia = self.octavia()
        self.stack.delete()
        self.is_in(('DELETE', 'COMPLETE'))
        for list_, key in ((octavia.load_balancer_list, 'loadbalancers'),
                           (octavia.listener_list, 'listeners'),
                           (octavia.pool_list, 'pools'),
                           (octavia.health_monitor_list, 'healthmonitors')):
            assert list_()[key] == [], list_()

    def tell(self):
        for step in (self.make, self.outputs, self.update, self.replace,
                     self.refused, self.delete):
            print(step.__name__, flush=True)
            step()


if __name__ == '__main__':
    begin()
    Story(sys.argv[1]).tell()
