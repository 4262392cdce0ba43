# SPDX-License-Identifier: Apache-2.0
"""allowed_cidrs and neutron-ovn-db-sync-util, with which operators compare
OVN with Neutron, and make it the same: what of ours is not Neutron's."""

import glob
import re
import time

from lib import (acls, knocks, nbview, openstack, openstack_harness, steady,
                 traffic, wait, watch)

ALLOWED = '10.1.0.21/32'        # client1
# What a repair deletes of ours, by the first version of Neutron that was
# looked at: it finds port groups by their names, or by their external_ids; an
# ACL that a switch has itself is not Neutron's in any.
DELETED = {21: {'group', 'switch'}, 26: {'switch'}}
# Of ACLs, after each deletion; and of the moments in which somebody comes in.
BACK_MS_MAX = 1000


def neutron_version():
    path, = glob.glob(f'{openstack.PACKAGES}/neutron-[0-9]*-info')
    return int(re.search(r'/neutron-(\d+)', path)[1])


def deleted():
    major = neutron_version()
    return DELETED[max(known for known in DELETED if known <= major)]


class DbSync(openstack_harness.OpenStackTest):

    def setUp(self):
        super().setUp()
        self.lb = self.web_lb('guarded')
        self.api.update(
            self.lb['id'], f'/listeners/{self.lb["listeners"][0]["id"]}',
            allowed_cidrs=[ALLOWED])
        # Its network has no router: its switch has the ACL itself.
        lonely = self.api.create_loadbalancer('n3', name='lonely')
        listener = self.api.create_listener(lonely['id'], 80,
                                            allowed_cidrs=[ALLOWED])
        pool = self.api.create_pool(lonely['id'], listener_id=listener['id'])
        self.api.create_member(lonely['id'], pool['id'], '10.3.0.11', 8080,
                               'n3')
        self.stack.our_driver.wait_in_sync()
        self.made = self.ours()
        self.assertTrue(all(self.counts().values()), self.counts())

    def ours(self):
        """The ACLs and port groups of allowed_cidrs, but for their UUIDs."""
        seen = acls.Acls(self.stack.ovn.nb)
        return sorted(
            [[row['match'], row['direction'], row['action'], row['priority'],
              row['options'], self.places(seen, key)]
             for key, row in self.all_acls(seen).items()]
            + [[name, *sorted(seen.ports[port]['name'] for port
                              in acls.as_list(row['ports']))]
               for name, row in seen.groups.items()], key=str)

    @staticmethod
    def all_acls(seen):
        return {**seen.acls, **seen.translated}

    @staticmethod
    def places(seen, key):
        """The names of the groups and switches that have an ACL."""
        return [row['name'] for row in [*seen.groups.values(),
                                        *seen.switches.values()]
                if key in acls.as_list(row['acls'])]

    def counts(self):
        """How many ACLs there are, as in DELETED."""
        seen = acls.Acls(self.stack.ovn.nb)
        n_in_groups = sum(self.places(seen, key)[0] in seen.groups
                          for key in self.all_acls(seen))
        return {'group': n_in_groups,
                'switch': len(self.all_acls(seen)) - n_in_groups}

    def sync(self, mode):
        """Runs the tool; returns what it said."""
        return self.stack.run(
            'neutron-ovn-db-sync-util', '--config-file',
            self.stack.path('neutron.conf'), '--ovn-neutron_sync_mode', mode)

    def settle(self):
        nbview.wait_same(self.world, self.api)
        self.stack.our_driver.wait_in_sync()
        self.assertEqual(self.ours(), self.made)

    def gone(self, since_ms):
        """For how long ACLs were gone: [(which, as in DELETED; ms)]."""
        routers = {group['external_ids']['ovn-octavia:router'] for group
                   in acls.Acls(self.stack.ovn.nb).groups.values()}
        return [('group' if place in routers else 'switch', gap_ms)
                for place, gap_ms in acls.absences(self.stack.ovn.nb,
                                                   since_ms)]

    def test_log(self):
        """neutron-ovn-db-sync-util counts foreign ACLs, and deletes none
        """
        with watch.Watch(self.stack.ovn.nb) as writes:
            said = self.sync('log')
            self.assertEqual([update for update in writes.writes()
                              if {'ACL', 'Port_Group'} & set(update)], [])
        counts = self.counts()
        self.assertEqual(
            re.findall(r'removed\D+(\d+)', said),
            [str(sum(counts[which] for which in deleted()))], said)

    def test_repair(self):
        """when it repairs, ACLs that it deletes are back within a second
        """
        vip, hosts = self.lb['vip_address'], self.world.hosts
        traffic.wait_for(hosts['client2'], vip, 80, [])
        since_ms = time.time() * 1000
        with traffic.Stream(hosts['client1'], vip, 80, pause=0.05,
                            timeout=steady.ANSWER_SECONDS_MAX) as web, \
                knocks.Knocks(hosts['client2'], vip, 80) as refused:
            self.sync('repair')
            self.settle()
        gone = self.gone(since_ms)
        seen = ', '.join(f'{which} {gap_ms} ms' for which, gap_ms in gone)
        print(f'     gone: {seen}; {len(refused.inside)} of {refused.n} '
              'came in')
        self.assertEqual({which for which, _ in gone}, deleted())
        for which, gap_ms in gone:
            self.assertLess(gap_ms, BACK_MS_MAX * wait.SLOWNESS, which)
        for first_ms, last_ms in refused.openings():
            self.assertLess(last_ms - first_ms, BACK_MS_MAX * wait.SLOWNESS)
        self.assertEqual(web.result.failed, 0, web.result)
        traffic.wait_for(hosts['client2'], vip, 80, [])
        self.assertEqual(self.stack.our_driver.resync(), 0)
