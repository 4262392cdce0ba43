# SPDX-License-Identifier: Apache-2.0
"""OVN and Open vSwitch on one machine, all of it inside one directory: both
databases, northd, and one chassis.
"""

from . import chassis, netns, ovsdb, proc, wait


class Ovn:
    """NB, SB, northd, ovn-controller and Open vSwitch.

    rundir     a short path for all files and sockets
    prefix     of the names of network namespaces
    lasting    see proc.Process
    """

    def __init__(self, rundir, prefix, lasting=False):
        self.rundir = str(rundir)
        self.namespace = netns.Namespace(prefix, 'ovs')
        self.nb = ovsdb.Server('nb', ovsdb.NB_SCHEMA, rundir,
                               lasting=lasting)
        self.sb = ovsdb.Server('sb', ovsdb.SB_SCHEMA, rundir,
                               lasting=lasting)
        self.chassis = chassis.Chassis(rundir, self.namespace,
                                       self.sb.remote, lasting=lasting)
        self.conf = self.chassis.conf
        self.vswitchd = self.chassis.vswitchd
        self.controller = self.chassis.controller
        self.vsctl = self.chassis.vsctl
        self.n_flows = self.chassis.n_flows
        self.n_aborts = self.chassis.n_aborts
        self.environment = {
            **self.chassis.environment, 'OVN_OCTAVIA_RUNDIR': self.rundir,
            # Whoever runs the command may have these for another OVN.
            'OVN_NB_DAEMON': None, 'OVN_SB_DAEMON': None,
            'OVN_NB_DB': self.nb.remote, 'OVN_SB_DB': self.sb.remote,
        }
        self.northd = proc.Process(
            'northd',
            northd_command(self.rundir, self.nb.remote, self.sb.remote),
            rundir, self.environment, lasting=lasting)

    def start(self):
        """Starts all of it and waits until it works."""
        self.namespace.create()
        for server in (self.nb, self.sb):
            server.start()
        self.nbctl('init')
        self.sbctl('init')
        self.northd.start()
        self.chassis.start()
        self.wait_ready()
        return self

    def wait_ready(self):
        """Waits until ovn-controller has connected both ends."""
        self.northd.check_alive()
        self.chassis.wait_ready()
        self.sync()

    def nbctl(self, *args, deadline=30):
        return proc.run(['ovn-nbctl', f'--db={self.nb.remote}',
                         f'--timeout={wait.seconds(20)}', *args],
                        env=self.environment, deadline=deadline)

    def sbctl(self, *args):
        return proc.run(['ovn-sbctl', f'--db={self.sb.remote}',
                         f'--timeout={wait.seconds(20)}', *args],
                        env=self.environment)

    def sync(self):
        """Waits until what is in the NB now has reached the flow tables."""
        self.nbctl('--wait=hv', 'sync')

    def processes(self):
        return [self.controller, self.vswitchd, self.northd,
                self.conf.process, self.sb.process, self.nb.process]

    def stop(self):
        for process in self.processes():
            process.stop(deadline=5)
        self.namespace.delete()


def northd_command(rundir, nb_remote, sb_remote):
    """The command line of an ovn-northd whose files are in 'rundir'."""
    return ['ovn-northd', f'--ovnnb-db={nb_remote}',
            f'--ovnsb-db={sb_remote}', f'--pidfile={rundir}/ovn-northd.pid',
            f'--log-file={rundir}/northd.log', '-vconsole:off']
