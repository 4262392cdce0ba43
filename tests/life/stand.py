# SPDX-License-Identifier: Apache-2.0
"""Where a life takes place: the stand of the API's tests, with OVN's northd,
with rows of others beside ours, and with a copy of the Northbound database in
which there are the networks only.
"""

import os
import shutil
import sys

# A test file can be run by itself, too.
TESTS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path[:0] = [TESTS, os.path.join(TESTS, 'api')]

# pylint: disable=wrong-import-position
import apitest  # noqa: E402
from lib import (client, cluster, daemons, foreign, ovn,  # noqa: E402
                 ovsdb, wait)
import places  # noqa: E402

FOREIGN = ('Load_Balancer', 'Load_Balancer_Group',
           'Load_Balancer_Health_Check')
CARRIERS = ('Logical_Switch', 'Logical_Router')


class Stand(apitest.Stand):
    """'ovn' is for lib.nbview."""

    def __init__(self):
        super().__init__()
        self.ovn = ovn.Ovn(self.rundir, 'x' + os.path.basename(
            self.directory))
        self.ovn.nb, self.ovn.sb = self.nb, self.sb
        self.northd = self.ovn.northd
        self.nb_servers = [self.nb]
        self.drivers = [self.driver]
        self.saved = None
        self.others = None

    def start(self):
        super().start()
        self.northd.start()
        wait.until(self.has_looked, 'northd has looked at every port', 60)
        self.others = self.dump_others()
        self.saved = self.copies()
        return self

    def make_network(self):
        super().make_network()
        self.nbctl('ls-add', 'n3')
        foreign.Foreign(self.nb)

    def has_looked(self):
        self.northd.check_alive()
        with self.nb.client() as db:
            return all(port['up'] is False or not port['addresses'] or
                       port['type'] for port
                       in db.select('Logical_Switch_Port'))

    def processes(self):
        return [self.northd, *super().processes()]

    def take_turns(self, step):
        """Chooses the copy of the API that is asked next."""

    def find_driver(self):
        """The driver that works."""
        return self.driver

    # The networks.

    def rest(self):
        return client.Api(self.api.port)

    def places(self):
        rest = self.rest()

        def ask(what):
            return rest.request('GET', '/v2.0/' + what).body[what]
        found = places.Places(ask('networks'), ask('subnets'), ask('ports'))
        rest.close()
        return found

    # The Northbound database, lost and found.

    def copies(self):
        """Copies of the files as they are, and of what: [(copy, file)]."""
        made = []
        for server in self.nb_servers:
            shutil.copyfile(server.file, server.file + '.saved')
            made.append((server.file + '.saved', server.file))
        return made

    def lose_northbound(self):
        """It is as it was when there were only networks.  Daemons that ran
        on are told, as they have to be."""
        for process in (self.northd, *self.nb_servers):
            process.stop()
        for copy, file in self.saved:
            shutil.copyfile(copy, file)
        self.start_northbound()
        self.northd.start()
        for daemon in self.daemons():
            daemon.appctl('cluster-state-reset')

    def start_northbound(self):
        self.nb.start()

    # What is not ours.

    def dump_others(self):
        """The rows of others, and what carries them."""
        with self.nb.client() as db:
            dump = db.dump()
        if self.others is None:
            return {table: dump[table] for table in (*FOREIGN, *CARRIERS)}
        return {table: {key: dump[table].get(key) for key in rows}
                for table, rows in self.others.items()}

    def others_changed(self):
        """What is not as it was of what is not ours, as texts."""
        now, found = self.dump_others(), []
        for table, rows in self.others.items():
            for key, row in rows.items():
                seen = now[table][key]
                if table in FOREIGN and seen != row:
                    found.append(f'{table} {key}: {row} is {seen}')
                if table in CARRIERS:
                    found += [
                        f'{row["name"]}.{column} lacks {lost}'
                        for column in ('load_balancer', 'load_balancer_group')
                        for lost in set(ovsdb.uuids(row[column]))
                        - set(ovsdb.uuids(seen[column]))]
        return found

    def left_over(self, lb_ids):
        """Rows that are neither others' nor of these load balancers."""
        with self.nb.client() as db:
            dump = db.dump()
        found = [f'Load_Balancer {row["name"]}'
                 for key, row in dump['Load_Balancer'].items()
                 if key not in self.others['Load_Balancer']
                 and row['name'] not in lb_ids]
        used = set()
        for row in dump['Load_Balancer'].values():
            used |= set(ovsdb.uuids(row['health_check']))
        found += [f'Load_Balancer_Health_Check {row["vip"]}' for key, row
                  in dump['Load_Balancer_Health_Check'].items()
                  if key not in used]
        found += [f'Logical_Switch_Port {row["name"]}' for row
                  in dump['Logical_Switch_Port'].values()
                  if row['name'].startswith('ovn-lb-vip-')
                  and row['name'] != 'ovn-lb-vip-none'
                  and row['name'][-36:] not in lb_ids]
        return found


class Clusters(Stand):
    """Three servers of OVN_Octavia, three of the Northbound database, two
    drivers and two copies of the API."""

    def __init__(self):
        super().__init__()
        self.octavia, self.nb = (
            cluster.Cluster(name, schema, self.rundir)
            for name, schema in (('octavia', ovsdb.OCTAVIA_SCHEMA),
                                 ('nb', ovsdb.NB_SCHEMA)))
        self.ovn.nb, self.nb_servers = self.nb, self.nb.members
        self.northd.argv = [
            f'--ovnnb-db={self.nb.remote}' if word.startswith('--ovnnb-db=')
            else word for word in self.northd.argv]
        remotes = self.octavia.remote, self.nb.remote
        self.drivers = [daemons.Driver(self.rundir, *remotes, self.sb.remote,
                                       name=f'driver{i}') for i in range(2)]
        self.apis = [daemons.Api(self.rundir, *remotes, name=f'api{i}')
                     for i in range(2)]
        self.driver, self.api = self.drivers[0], self.apis[0]

    def start(self):
        self.drivers[1].start()
        self.apis[1].start()
        super().start()
        self.drivers[1].wait_ready()
        self.wait_api(self.apis[1])
        return self

    def daemons(self):
        return *self.apis, *self.drivers

    def take_turns(self, step):
        self.api = self.apis[step % 2]

    def find_driver(self):
        def active():
            found = [driver for driver in self.drivers
                     if driver.process.is_running()
                     and driver.status()['active'] == 'yes']
            assert len(found) == 1, found
            return found[0]
        return wait.until(active, 'one driver is active', 20, 0.02)

    def start_northbound(self):
        for server in self.nb_servers:
            server.start()
        for server in self.nb_servers:
            cluster.Cluster.wait_joined(server)

    def processes(self):
        return [self.northd, *[daemon.process for daemon in self.daemons()],
                *[member.process for member in (*self.nb.members,
                                                *self.octavia.members)]]
