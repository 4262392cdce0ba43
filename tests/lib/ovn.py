# SPDX-License-Identifier: Apache-2.0
"""OVN and Open vSwitch on one machine, all of it inside one directory.

Both run without the kernel module: the datapath of ovs-vswitchd is its own
("netdev"), and it lives in a network namespace together with
ovn-controller, so that several of these can run side by side and none
touches the machine's interfaces.
"""

import os
import re

from . import netns, ovsdb, proc, wait

# Starts the switch again when it aborts, as its unit does on every Debian:
# the connection tracking of 3.1's own datapath does now and then, when what
# it translates meets what it has forgotten.
KEPT = """
trap 'ended=1; kill $pid' TERM
until [ "$ended" ]; do
    setpriv --pdeathsig KILL "$@" & pid=$!
    wait $pid
    status=$?
    [ "$ended" ] && wait $pid
    [ $status = 134 ] || exit $status
done
"""
ABORT = re.compile(r'\|EMER\|lib/conntrack\.c:\d+: assertion')


class Ovn:
    """NB, SB, northd, ovn-controller and Open vSwitch.

    rundir     a short path for all files and sockets
    prefix     of the names of network namespaces
    lasting    see proc.Process
    """

    def __init__(self, rundir, prefix, lasting=False):
        self.rundir = str(rundir)
        self.namespace = netns.Namespace(prefix, 'ovs')
        self.environment = {
            'OVS_RUNDIR': self.rundir, 'OVN_RUNDIR': self.rundir,
            'OVN_OCTAVIA_RUNDIR': self.rundir,
            'OVS_LOGDIR': self.rundir, 'OVN_LOGDIR': self.rundir,
            'OVS_DBDIR': self.rundir, 'OVN_DBDIR': self.rundir,
            # Whoever runs the command may have these for another OVN.
            'OVN_NB_DAEMON': None, 'OVN_SB_DAEMON': None,
        }
        self.nb = ovsdb.Server('nb', ovsdb.NB_SCHEMA, rundir,
                               lasting=lasting)
        self.sb = ovsdb.Server('sb', ovsdb.SB_SCHEMA, rundir,
                               lasting=lasting)
        # The switch's own database is always a standalone one.
        self.conf = ovsdb.Server('conf', ovsdb.VSWITCH_SCHEMA, rundir,
                                 clustered=False, lasting=lasting,
                                 socket='db.sock')
        self.environment['OVN_NB_DB'] = self.nb.remote
        self.environment['OVN_SB_DB'] = self.sb.remote

        def daemon(name, program, *args, inside=False, kept=False):
            # ovn-controller has no --unixctl: ovn-appctl finds its socket
            # by the name of the program, with the process id in this file.
            argv = [program, *args,
                    f'--pidfile={self._path(program + ".pid")}',
                    f'--log-file={self._path(name + ".log")}',
                    '-vconsole:off']
            if inside:
                argv = self.namespace.argv(*argv)
            if kept:
                argv = ['sh', '-c', KEPT, name, *argv]
            return proc.Process(name, argv, rundir, self.environment,
                                lasting=lasting)
        self.northd = daemon('northd', 'ovn-northd',
                             f'--ovnnb-db={self.nb.remote}',
                             f'--ovnsb-db={self.sb.remote}')
        self.vswitchd = daemon('vswitchd', 'ovs-vswitchd',
                               self.conf.remote, '--disable-system',
                               inside=True, kept=True)
        self.controller = daemon('controller', 'ovn-controller',
                                 self.conf.remote, inside=True)

    def _path(self, name):
        return os.path.join(self.rundir, name)

    def start(self):
        """Starts all of it and waits until it works."""
        self.namespace.create()
        for server in (self.nb, self.sb, self.conf):
            server.start()
        self.nbctl('init')
        self.sbctl('init')
        self.northd.start()
        self.vsctl('--no-wait', '--', 'init', '--',
                   'set', 'Open_vSwitch', '.',
                   'external_ids:system-id=sandbox',
                   'external_ids:hostname=sandbox',
                   f'external_ids:ovn-remote={self.sb.remote}',
                   'external_ids:ovn-encap-type=geneve',
                   'external_ids:ovn-encap-ip=127.0.0.1',
                   '--', 'add-br', 'br-int',
                   '--', 'set', 'Bridge', 'br-int', 'datapath_type=netdev',
                   'fail-mode=secure')
        self.vswitchd.start()
        self.controller.start()
        self.wait_ready()
        return self

    def wait_ready(self):
        """Waits until ovn-controller has connected both ends."""
        def connected():
            for process in (self.northd, self.vswitchd, self.controller):
                process.check_alive()
            state = proc.run(['ovn-appctl', '-t', 'ovn-controller',
                              'connection-status'], env=self.environment)
            return state.strip() == 'connected'
        wait.until(connected, 'ovn-controller is connected')
        # A switch that has just started is empty until ovn-controller has
        # noticed, which "connected" and sync() do not tell.
        wait.until(lambda: self.n_flows() > 0, 'the switch has flows')
        self.sync()

    def n_flows(self):
        """How many flows are in the switch."""
        told = proc.run(['ovs-ofctl', 'dump-aggregate',
                         f'unix:{self._path("br-int.mgmt")}'],
                        env=self.environment)
        return int(re.search(r'flow_count=(\d+)', told)[1])

    def nbctl(self, *args, deadline=30):
        return proc.run(['ovn-nbctl', f'--db={self.nb.remote}',
                         '--timeout=20', *args],
                        env=self.environment, deadline=deadline)

    def sbctl(self, *args):
        return proc.run(['ovn-sbctl', f'--db={self.sb.remote}',
                         '--timeout=20', *args], env=self.environment)

    def vsctl(self, *args):
        return proc.run(['ovs-vsctl', f'--db={self.conf.remote}',
                         '--timeout=20', *args], env=self.environment)

    def sync(self):
        """Waits until what is in the NB now has reached the flow tables."""
        self.nbctl('--wait=hv', 'sync')

    def n_aborts(self):
        """How often the switch's datapath has aborted so far."""
        try:
            with open(self._path('vswitchd.log'), encoding='utf-8',
                      errors='replace') as log:
                return sum(bool(ABORT.search(line)) for line in log)
        except FileNotFoundError:
            return 0

    def processes(self):
        return [self.controller, self.vswitchd, self.northd,
                self.conf.process, self.sb.process, self.nb.process]

    def stop(self):
        for process in self.processes():
            process.stop(deadline=5)
        self.namespace.delete()
