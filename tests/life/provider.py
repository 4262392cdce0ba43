# SPDX-License-Identifier: Apache-2.0
"""A life by the plugin: calls with octavia-lib's models, as Octavia fills them
in after it has judged what its user asked for, and what Octavia hears of them
by the status socket.
"""

import os
import sys
import threading

import stand as stands      # First: it finds those of other folders.

sys.path.insert(0, os.path.join(stands.TESTS, 'agent'))

# pylint: disable=wrong-import-position
from octavia_lib.api.drivers import data_models  # noqa: E402
from octavia_lib.api.drivers import exceptions  # noqa: E402
from oslo_config import cfg  # noqa: E402

import agenttest  # noqa: E402
import life  # noqa: E402
import model  # noqa: E402
import octaviatest  # noqa: E402
import tree  # noqa: E402
import troubles  # noqa: E402
from agenttest import driver, options  # noqa: E402
from lib import driveragent, wait  # noqa: E402

# What may be said on top of truth.LOST.
ALLOWED = (r'reporter\|WARN', r'repair\w*\|WARN', r'exchange\|WARN',
           r"body\|WARN\|Octavia's users set")
# Attributes that do not go to providers.
KEPT_BACK = ('tags', 'request_sriov', 'flavor_id', 'availability_zone',
             'provider', 'tenant_id')
# How calls, models and their ids are called.
WORDS = {'loadbalancer': ('loadbalancer', data_models.LoadBalancer,
                          'loadbalancer_id'),
         'listener': ('listener', data_models.Listener, 'listener_id'),
         'pool': ('pool', data_models.Pool, 'pool_id'),
         'member': ('member', data_models.Member, 'member_id'),
         'healthmonitor': ('health_monitor', data_models.HealthMonitor,
                           'healthmonitor_id')}


class Stand(stands.Stand, octaviatest.Stand):
    """With the agent, and Octavia's side of it: 'there'."""


class Model(model.Model):
    refuses_options = False


class Octavia:
    """Octavia's API and database, as far as a provider sees them."""

    def __init__(self, stand, tree_of_it):
        options.get()
        cfg.CONF.set_override('agent_socket', stand.agent.socket,
                              'ovn_octavia')
        self.there = stand.there
        self.there.states.clear()
        self.there.on_get = self.show
        self.model = tree_of_it
        # What a call is about to make.
        self.fresh = None
        self.provider = driver.OvnProviderDriver()

    def run(self, op, out):
        """One call.  Returns what there is to say of a new object; raises
        UnsupportedOptionError."""
        before = dict(self.there.states)
        self.there.messages.clear()
        shown = None
        try:
            if op.method == 'POST':
                shown = self._create(op, out, agenttest.new_id())
            else:
                self._change(op, out)
        except exceptions.UnsupportedOptionError:
            with self.there.lock:
                self.there.states = before
            self.fresh = None
            raise
        return shown

    def _call(self, op, word, *args):
        name = WORDS[op.kind][0]
        getattr(self.provider, f'{name}_{word}')(*args)

    def _said(self, said):
        return {name: value for name, value in said.items()
                if name not in KEPT_BACK}

    def _create(self, op, out, key):
        if op.kind == 'loadbalancer':
            return self._create_lb(op, out, key)
        make = getattr(agenttest, {'healthmonitor': 'monitor'}.get(
            op.kind, op.kind) + '_model')
        said = self._said(out.said)
        said.pop('loadbalancer_id', None)
        said.pop('pool_id', None)
        said['project_id'] = agenttest.PROJECT
        if op.kind == 'pool' and not said['listener_id']:
            said['listener_id'] = data_models.Unset
        if said.get('allowed_cidrs', ()) is None:
            said['allowed_cidrs'] = []
        said[WORDS[op.kind][2]] = key
        # As Octavia has it in its database before it calls.
        self._lock(out.parent, op.kind, key, tree.CREATE, said)
        self.fresh = tree.Item(op.kind, key, out.said, out.parent)
        self._call(op, 'create', make(out.parent.key, **said))
        return {'id': key}

    def _create_lb(self, op, out, key):
        (subnet, address), *others = out.vips
        vip = {'vip_subnet_id': subnet.key, 'vip_network_id': subnet.network}
        if address:
            vip['vip_address'] = address
        if out.said['vip_port_id']:
            vip['vip_port_id'] = out.said['vip_port_id']
        more = [{'subnet_id': place.key, 'network_id': place.network,
                 'ip_address': wanted, 'port_id': None}
                for place, wanted in others]
        vip, more = self.provider.create_vip_port(
            key, agenttest.PROJECT, vip, more)
        self.there.know(key, state=(tree.CREATE, 'OFFLINE'))
        self.fresh = tree.Item(op.kind, key, {**out.said, **vip,
                                              'additional_vips': more})
        said = {name: out.said[name] for name in (
            'name', 'description', 'admin_state_up')}
        self._call(op, 'create', data_models.LoadBalancer(
            loadbalancer_id=key, project_id=agenttest.PROJECT, flavor={},
            availability_zone={}, **{'vip_qos_policy_id': None, **vip},
            **({'additional_vips': more} if more else {}), **said))
        return {'id': key, **vip, 'additional_vips': [
            {name: one[name] for name in ('subnet_id', 'ip_address',
                                          'port_id')} for one in more]}

    def _lock(self, parent, kind, key, state, said):
        """Makes PENDING what a call makes PENDING."""
        pool = (self.model.items[key] if kind == 'pool'
                and key in self.model.items
                else parent if kind in ('member', 'healthmonitor') else None)
        lb = parent.lb
        locked = [lb, *([pool, *self.model.users(pool)] if pool else [])]
        listener = kind == 'pool' and said.get('listener_id')
        if listener:
            locked.append(self.model.items[listener])
        with self.there.lock:
            for item in locked:
                self.there.states[item.key] = (
                    tree.UPDATE, self.there.states[item.key][1])
            if key != lb.key or state != tree.UPDATE:
                old = self.there.states.get(key, (None, 'OFFLINE'))
                self.there.states[key] = (state, old[1])

    def _change(self, op, out):
        item = out.item
        state = tree.UPDATE if op.method == 'PUT' else tree.DELETE
        self._lock(item.parent or item, op.kind, item.key, state, {})
        old = self._model_of(item, self._row(item))
        if op.method == 'DELETE':
            more = [bool(op.query)] if op.kind == 'loadbalancer' else []
            self._call(op, 'delete', old, *more)
        else:
            said = dict(out.said)
            if said.get('allowed_cidrs', ()) is None:
                said['allowed_cidrs'] = []
            self._call(op, 'update', old, self._model_of(item, said))

    def _model_of(self, item, said):
        _, make, name = WORDS[item.kind]
        said = self._said(said)
        said.pop('owner', None)
        said.pop('additional_vips', None)
        return make(**{**said, name: item.key})

    @staticmethod
    def _row(item):
        """All attributes, with those that say what it hangs on."""
        above = {} if item.parent is None else {
            ('pool_id' if item.kind in ('member', 'healthmonitor')
             else 'loadbalancer_id'): item.parent.key}
        return {**item.said, **above}

    # What Octavia says if it is asked.

    def show(self, question):
        """The answer of the get socket."""
        found = self.model.items.get(question['id'])
        if found is None and self.fresh and (
                self.fresh.key == question['id']):
            found = self.fresh
        if found is None or tree.PLURALS[found.kind] != question['object']:
            return {}
        return self._whole(found).to_dict(recurse=True, render_unsets=True)

    def _whole(self, item):
        """With all below it."""
        row = {**self._row(item), 'project_id': agenttest.PROJECT}
        if 'allowed_cidrs' in row:
            row['allowed_cidrs'] = row['allowed_cidrs'] or []
        made = self._model_of(item, row)
        of = self.model.of
        if item.kind == 'loadbalancer':
            made.additional_vips = item['additional_vips']
            for plural in ('listeners', 'pools'):
                setattr(made, plural, [self._whole(part) for part
                                       in of(plural[:-1], item)] or None)
        elif item.kind == 'pool':
            monitor = self.model.monitor(item)
            made.healthmonitor = monitor and self._whole(monitor)
            made.members = [self._whole(part) for part in of('member', item)]
            users = self.model.users(item)
            made.listener_id = users[0].key if users else None
        return made

    # What Octavia has heard.

    def wait_told(self, keys, gone):
        """Waits until nothing is PENDING there of these, and those that are
        to go are gone."""
        def is_told():
            pending = [key for key in keys if (
                self.there.state(key) or '').startswith('PENDING')]
            left = [key for key in gone if self.there.state(key)]
            assert not pending and not left, (pending, left)
            return True
        wait.until(is_told, 'Octavia is told', 30, 0.003)

    def differences(self):
        with self.there.lock:
            states = dict(self.there.states)
        found = [f'Octavia has {key}, which is gone'
                 for key in set(states) - set(self.model.items)]
        for key, item in self.model.items.items():
            state, operating = states.get(key, (None, None))
            if state != 'ACTIVE':
                found.append(f'in Octavia {item.kind} {key} is {state}')
            if operating not in self.model.statuses(item):
                found.append(f'in Octavia {item.kind} {key} is {operating}, '
                             f'not {self.model.statuses(item)}')
        return found


class Reply:
    """What Octavia would answer its user."""

    def __init__(self, status, fault='', shown=None):
        self.status, self.fault, self.shown = status, fault, shown


class Life(life.Life):
    """What Octavia's users do, by the plugin.

    is_calm   whether nothing breaks in this step
    """

    stand_class = Stand
    troubles = troubles.PLUGIN

    def setUp(self):
        super().setUp()
        self.model = Model(self.model.places)
        self.choices.model = self.truth.model = self.model
        self.truth.allowed = ALLOWED
        self.octavia = Octavia(self.stand, self.model)
        self.truth.more = self.octavia.differences
        self.addCleanup(setattr, self.stand.there, 'on_get', None)
        self.is_calm = True

    def choose(self):
        """Octavia asks for nothing that it refuses itself."""
        for _ in range(200):
            op = super().choose()
            out = self.model.predict(op)
            if op.method != 'GET' and all(
                    status == model.UNSUPPORTED
                    for _, status, _ in out.faults):
                return op
        return None

    def one_step(self):
        self.is_calm = True
        super().one_step()

    def carry_out(self, op):
        self.judge(op, *self._run(op))

    def _run(self, op):
        out = self.predict(op)
        if op.kind == 'loadbalancer' and op.method == 'POST':
            out.said['tenant_id'] = agenttest.PROJECT
        if 'tags' in out.said:
            # They are Octavia's own.
            out.said['tags'] = []
        try:
            shown = self.octavia.run(op, out)
        except exceptions.UnsupportedOptionError as error:
            return out, Reply(501, error.user_fault_string)
        return out, Reply(model.DONE[op.method], shown=shown)

    def run_during(self, op, trouble):
        """The plugin repeats its call until it is answered."""
        self.is_calm = False
        results = []

        def run():
            try:
                results.append(self._run(op))
            except Exception as error:      # pylint: disable=broad-except
                results.append(error)
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        trouble(self)
        thread.join(60 * wait.SLOWNESS)
        assert results, 'there is no answer, and no end'
        if isinstance(results[0], Exception):
            raise results[0]
        self.judge(op, *results[0])

    def judge(self, op, out, reply):
        self.history[-1] += f' -> {reply.status}'
        if out.faults:
            assert any(reply.status == status and text in reply.fault
                       for status, text in out.answers()), (
                           f'{reply.status} {reply.fault} is none of '
                           f'{out.answers()}')
            return
        assert reply.status == model.DONE[op.method], (
            f'{reply.fault}, and nothing is wrong with it')
        self.accept(op, out, reply.shown)
        self.settle()

    def settle(self):
        if self.is_held():
            return
        locked = [item for item in self.model.items.values()
                  if item.state != 'ACTIVE']
        gone = [item.key for item in self.model.items.values()
                if item.lb.state == tree.DELETE
                or item.state == tree.DELETE]
        lbs = {item.lb for item in locked}
        self.octavia.wait_told([item.key for item in locked], gone)
        self.forget_below([item for item in locked
                           if item.state == tree.DELETE])
        super().settle()
        if self.is_calm:
            self.check_told_once(lbs)

    def forget_below(self, items):
        """A pool takes its members and its monitor along, in Octavia."""
        with self.stand.there.lock:
            for pool in items:
                for item in self.model.items.values():
                    if pool.kind == 'pool' and item.parent is pool:
                        self.stand.there.states.pop(item.key, None)

    def check_told_once(self, lbs):
        """Each call has one end."""
        for lb in lbs:
            ends = [record for record in self.stand.there.reports_of(lb.key)
                    if 'provisioning_status' in record]
            assert len(ends) == 1, f'the ends of one call: {ends}'
