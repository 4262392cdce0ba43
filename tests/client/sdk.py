# SPDX-License-Identifier: Apache-2.0
"""What a program does with openstacksdk: each resource made, found by name,
listed by every filter that the SDK knows for it, changed and deleted.

A program of its own, run by test_sdk.py: "openstack" is another package
there.  OS_* say where the API is; the first argument is a subnet's id, with
addresses for hosts.  Ends with status 0, or with a traceback.
"""

import sys
import time

import openstack
from openstack import exceptions

NO_ID = '5c5c5c5c-0000-4000-8000-5c5c5c5c5c5c'
WAIT_S = 60
# These have meanings of their own.
NO_FILTERS = ('limit', 'marker', 'tags', 'any_tags', 'not_tags',
              'not_any_tags')
# What the SDK offers as a filter of a kind, and Octavia refuses.
REFUSED = {'pool': ('listener_id', 'health_monitor_id'),
           'listener': (), 'member': (), 'load_balancer': (),
           'health_monitor': ()}


class Story:

    def __init__(self, cloud, subnet):
        self.api = cloud.load_balancer
        self.subnet = subnet
        self.lbs = []

    # Waiting.

    def wait(self, lb):
        """Until a load balancer may be changed again."""
        end = time.monotonic() + WAIT_S
        while True:
            status = self.api.get_load_balancer(lb.id).provisioning_status
            if status == 'ACTIVE':
                return
            assert status.startswith('PENDING'), status
            assert time.monotonic() < end, status
            time.sleep(0.02)

    def done(self, lb, thing):
        self.wait(lb)
        return thing

    # Steps.

    def make(self):
        """Two of each, different in all that may differ."""
        api = self.api
        for number in (1, 2):
            lb = api.create_load_balancer(
                name=f'lb{number}', vip_subnet_id=self.subnet,
                description=f'd{number}', tags=[f't{number}', 'both'],
                admin_state_up=number == 1)
            self.wait(lb)
            listener = self.done(lb, api.create_listener(
                name=f'listener{number}', load_balancer_id=lb.id,
                protocol=('TCP', 'UDP')[number - 1], protocol_port=number,
                description=f'd{number}', is_admin_state_up=number == 1))
            pool = self.done(lb, api.create_pool(
                name=f'pool{number}', listener_id=listener.id,
                protocol=('TCP', 'UDP')[number - 1],
                lb_algorithm='SOURCE_IP_PORT', description=f'd{number}',
                is_admin_state_up=number == 1))
            for i in (1, 2):
                self.done(lb, api.create_member(
                    pool, name=f'member{i}', address=f'10.1.0.{200 + i}',
                    protocol_port=i, weight=i, subnet_id=self.subnet,
                    is_admin_state_up=i == 1))
            self.done(lb, api.create_health_monitor(
                name=f'monitor{number}', pool_id=pool.id,
                type=('TCP', 'UDP-CONNECT')[number - 1], delay=number + 5,
                timeout=number, max_retries=number,
                max_retries_down=number, is_admin_state_up=number == 1))
            self.lbs.append(lb)

    def lists(self):
        """The lists and what finds in them: {kind: (list, find)}."""
        api = self.api
        pool = api.find_pool('pool1')
        return {
            'load_balancer': (api.load_balancers, api.find_load_balancer),
            'listener': (api.listeners, api.find_listener),
            'pool': (api.pools, api.find_pool),
            'member': (lambda **query: api.members(pool, **query),
                       lambda name: api.find_member(name, pool)),
            'health_monitor': (api.health_monitors,
                               api.find_health_monitor)}

    def find(self):
        """Each is found by its name and by its id."""
        for kind, (list_, find) in self.lists().items():
            things = list(list_())
            assert len(things) == 2, (kind, things)
            for thing in things:
                for key in (thing.name, thing.id):
                    found = find(key)
                    assert found and found.id == thing.id, (kind, key, found)
            assert find('nothing') is None

    def filters(self):
        """A filter finds what has the value, and nothing else."""
        n_filters = 0
        for kind, (list_, _) in self.lists().items():
            things = list(list_())
            names = [name for name in type(things[0])._query_mapping._mapping
                     if name not in NO_FILTERS]
            for name in names:
                n_filters += self.filter(kind, list_, things, name)
            for query, expected in (
                    ({'limit': 1}, {thing.id for thing in things}),
                    ({'name': 'nothing'}, set())):
                found = {thing.id for thing in list_(**query)}
                assert found == expected, (kind, query, found)
        print(f'{n_filters} filters')

    def filter(self, kind, list_, things, name):
        if name in REFUSED[kind]:
            return 0
        n_values = 0
        for value in {getattr(thing, name, None) for thing in things
                      if not isinstance(getattr(thing, name, None),
                                        (list, dict))} - {None}:
            expected = {thing.id for thing in things
                        if getattr(thing, name, None) == value}
            found = {thing.id for thing in list_(**{name: value})}
            assert found == expected, (kind, name, value, found, expected)
            n_values = 1
        return n_values

    def tags(self):
        """Tags as lists."""
        for query, expected in (({'tags': ['t1', 'both']}, {'lb1'}),
                                ({'any_tags': ['t1', 't2']}, {'lb1', 'lb2'}),
                                ({'not_tags': ['t1', 'both']}, {'lb2'}),
                                ({'not_any_tags': ['t1', 't2']}, set())):
            found = {lb.name for lb in self.api.load_balancers(**query)}
            assert found == expected, (query, found)

    def update(self):
        api = self.api
        lb = self.lbs[0]
        pool = api.find_pool('pool1')
        member = api.find_member('member1', pool)
        for change, thing in (
                (api.update_load_balancer, lb),
                (api.update_listener, api.find_listener('listener1')),
                (api.update_pool, pool),
                (api.update_health_monitor,
                 api.find_health_monitor('monitor1'))):
            changed = self.done(lb, change(thing, name='new'))
            assert changed.name == 'new', changed
        changed = self.done(lb, api.update_member(member, pool, weight=9))
        assert changed.weight == 9, changed

    def statistics(self):
        """What OVN cannot count is zero, in Octavia's shape."""
        for told in (
                self.api.get_load_balancer_statistics(self.lbs[0].id),
                *(self.api.get_listener_statistics(listener.id)
                  for listener in self.api.listeners())):
            assert told.total_connections == 0, told
            assert told.bytes_in == told.bytes_out == 0, told

    def quotas(self):
        api = self.api
        project = self.lbs[0].project_id or NO_ID
        default = api.get_quota_default()
        assert default.load_balancers is not None, default
        changed = api.update_quota(project, load_balancers=7, members=9)
        assert (changed.load_balancers, changed.members) == (7, 9), changed
        assert api.get_quota(project).load_balancers == 7
        assert any(quota.load_balancers == 7 for quota in api.quotas())
        api.delete_quota(project)
        assert api.get_quota(project).load_balancers \
            == default.load_balancers

    def absent(self):
        """What this provider does not have."""
        api = self.api
        for list_ in (api.l7_policies, api.flavors, api.flavor_profiles,
                      api.availability_zones,
                      api.availability_zone_profiles, api.amphorae):
            assert not list(list_()), list_
        assert 'ovn' in [provider.name for provider in api.providers()]
        for act in (
                lambda: list(api.provider_flavor_capabilities('ovn')),
                lambda: api.create_l7_policy(
                    listener_id=api.find_listener('listener2').id,
                    action='REJECT'),
                lambda: api.failover_load_balancer(self.lbs[1].id)):
            try:
                act()
            except exceptions.HttpException as error:
                assert error.status_code == 501, error
            else:
                raise AssertionError('was not refused')

    def delete(self):
        api = self.api
        lb = self.lbs[0]
        pool = api.find_pool('new')
        for delete, *args in (
                (api.delete_health_monitor, api.find_health_monitor('new')),
                (api.delete_member, api.find_member('member1', pool), pool),
                (api.delete_pool, pool),
                (api.delete_listener, api.find_listener('new'))):
            delete(*args, ignore_missing=False)
            self.wait(lb)
        api.delete_load_balancer(lb.id, ignore_missing=False)
        api.delete_load_balancer(self.lbs[1].id, cascade=True)
        end = time.monotonic() + WAIT_S
        while list(api.load_balancers()):
            assert time.monotonic() < end
            time.sleep(0.02)

    def tell(self):
        for step in (self.make, self.find, self.filters, self.tags,
                     self.statistics, self.quotas, self.absent, self.update,
                     self.delete):
            print(step.__name__, flush=True)
            step()


if __name__ == '__main__':
    with openstack.connect() as connection:
        Story(connection, sys.argv[1]).tell()
