# SPDX-License-Identifier: Apache-2.0
"""A chassis: Open vSwitch and ovn-controller in a network namespace.

The datapath of ovs-vswitchd is its own ("netdev"), without the kernel's
module, so that several of these can run side by side and none touches the
machine's interfaces.  It speaks Geneve through a bridge of its own, whose
address it needs: a switch that starts again makes that bridge again.
"""

import os
import re

from . import ovsdb, proc, rpc, wait

# Starts the switch again when it aborts, as its unit does on every Debian:
# the connection tracking of 3.1's own datapath does now and then, when what
# it translates meets what it has forgotten.
KEPT = """
trap 'ended=1; kill $pid' TERM
until [ "$ended" ]; do
    setpriv --pdeathsig KILL "$@" & pid=$!
    until [ -z "$TUNNELS" ] || [ "$ended" ] || ! kill -0 $pid || {
        ip -n ${TUNNELS% *} address replace ${TUNNELS#* } dev br-phy \\
        && ip -n ${TUNNELS% *} link set br-phy up; } 2>/dev/null; do
        sleep 0.1
    done
    wait $pid
    status=$?
    [ "$ended" ] && wait $pid
    [ $status = 134 ] || exit $status
done
"""
# Debian builds it in a directory below its sources.
ABORT = re.compile(r'\|EMER\|(\.\./)*lib/conntrack\.c:\d+: assertion')
# What the tunnels' own network carries: a frame of 1500 bytes in another.
UNDERLAY_MTU = 2000


class Chassis:
    """One of them.

    rundir     a short path for all files and sockets
    namespace  a netns.Namespace that is there when it starts
    sb_remote  where ovn-controller finds the Southbound database
    name       its name in OVN
    lasting    see proc.Process
    home       where processes are recorded, as NAME-...; None: in rundir
    """

    # With an address, and an interface in the namespace, for its tunnels.
    tunnels = None

    def __init__(self, rundir, namespace, sb_remote, name='sandbox',
                 lasting=False, home=None):
        self.rundir = str(rundir)
        self.namespace = namespace
        self.name = name
        self.sb_remote = sb_remote
        self.environment = {
            'OVS_RUNDIR': self.rundir, 'OVN_RUNDIR': self.rundir,
            'OVS_LOGDIR': self.rundir, 'OVN_LOGDIR': self.rundir,
            'OVS_DBDIR': self.rundir, 'OVN_DBDIR': self.rundir,
        }
        # The switch's own database is always a standalone one.
        self.conf = ovsdb.Server('conf', ovsdb.VSWITCH_SCHEMA, rundir,
                                 clustered=False, lasting=lasting,
                                 socket='db.sock')
        label = f'{name}-' if home else ''
        if home:
            self.conf.process = proc.Process(
                label + 'conf', self.conf.process.argv, home,
                self.conf.process.env, lasting)

        def daemon(what, program, *args, kept=False):
            # ovn-controller has no --unixctl: its socket is found by the
            # name of the program, with the process id in this file.
            argv = namespace.argv(
                program, self.conf.remote, *args,
                f'--pidfile={self._path(program + ".pid")}',
                f'--log-file={self._path(what + ".log")}', '-vconsole:off')
            if kept:
                argv = ['sh', '-c', KEPT, what, *argv]
            return proc.Process(label + what, argv, home or rundir,
                                self.environment, lasting=lasting)
        self.vswitchd = daemon('vswitchd', 'ovs-vswitchd',
                               '--disable-system', kept=True)
        self.vswitchd.env = {**self.environment, 'TUNNELS': None}
        self.controller = daemon('controller', 'ovn-controller')

    def _path(self, name):
        return os.path.join(self.rundir, name)

    def _ctl(self, program):
        with open(self._path(program + '.pid'), encoding='ascii') as file:
            return self._path(f'{program}.{file.read().strip()}.ctl')

    def tunnel_through(self, interface, address):
        """Before it starts: tunnels leave through this interface, from this
        address."""
        self.tunnels = interface, address
        self.vswitchd.env['TUNNELS'] = f'{self.namespace.name} {address}/24'

    def start(self):
        """Starts all of it; does not wait."""
        os.makedirs(self.rundir, exist_ok=True)
        self.conf.start()
        interface, address = self.tunnels or (None, '127.0.0.1')
        self.vsctl('--no-wait', '--', 'init', '--',
                   'set', 'Open_vSwitch', '.',
                   f'external_ids:system-id={self.name}',
                   f'external_ids:hostname={self.name}',
                   f'external_ids:ovn-remote="{self.sb_remote}"',
                   'external_ids:ovn-encap-type=geneve',
                   f'external_ids:ovn-encap-ip={address}',
                   '--', 'add-br', 'br-int',
                   '--', 'set', 'Bridge', 'br-int', 'datapath_type=netdev',
                   'fail-mode=secure')
        if interface:
            self.vsctl('--no-wait', 'add-br', 'br-phy', '--', 'set', 'Bridge',
                       'br-phy', 'datapath_type=netdev', '--', 'add-port',
                       'br-phy', interface)
        self.vswitchd.start()
        self.controller.start()
        return self

    def wait_ready(self):
        """Waits until ovn-controller has connected both ends."""
        def connected():
            for process in (self.vswitchd, self.controller):
                process.check_alive()
            state = rpc.appctl(self._ctl('ovn-controller'),
                               'connection-status')
            return state.strip() == 'connected'
        wait.until(connected, 'ovn-controller is connected')
        # A switch that has just started is empty until ovn-controller has
        # noticed, which "connected" and nbctl's sync do not tell.
        wait.until(lambda: self.n_flows() > 0, 'the switch has flows')

    def n_flows(self):
        """How many flows are in the switch."""
        told = proc.run(['ovs-ofctl', 'dump-aggregate',
                         f'unix:{self._path("br-int.mgmt")}'],
                        env=self.environment)
        return int(re.search(r'flow_count=(\d+)', told)[1])

    def n_packets(self, bridge, interface, way):
        """How many packets have gone through an interface: 'rx' or 'tx'."""
        told = proc.run(['ovs-ofctl', 'dump-ports',
                         f'unix:{self._path(bridge + ".mgmt")}', interface],
                        env=self.environment)
        return int(re.search(rf'\b{way} pkts=(\d+)', told)[1])

    def n_tunnelled(self):
        """How many packets have left through tunnels.  A tunnel's counter
        is told twice a second what its flows have carried; the switch says
        when a round ends, and the one that goes on may have begun too early.
        """
        for _ in range(2):
            self.appctl('revalidator/wait')
        names = self.vsctl('--bare', '--columns=name', 'find', 'Interface',
                           'type=geneve').split()
        return sum(self.n_packets('br-int', name, 'tx') for name in names)

    def kill(self):
        for process in self.processes():
            process.kill()

    def restart(self):
        """Starts what does not run."""
        for process in reversed(self.processes()):
            if not process.is_running():
                process.start()

    def restart_controller(self):
        """As "ovn-ctl restart_controller" restarts it: flows stay while it is
        away."""
        proc.run(['ovn-appctl', '-t', 'ovn-controller', 'exit', '--restart'],
                 env=self.environment)
        wait.until(lambda: not self.controller.is_running(),
                   'ovn-controller has ended')
        self.controller.start()

    def argv(self, *args):
        """The command line that runs 'args' on it, with tools that find its
        switch."""
        return self.namespace.argv(
            'env', *(f'{key}={value}' for key, value
                     in self.environment.items()), *args)

    def vsctl(self, *args):
        return proc.run(['ovs-vsctl', f'--db={self.conf.remote}',
                         f'--timeout={wait.seconds(20)}', *args],
                        env=self.environment)

    def appctl(self, *args):
        """Asks ovs-vswitchd."""
        return rpc.appctl(self._ctl('ovs-vswitchd'), *args)

    def n_aborts(self):
        """How often the switch's datapath has aborted so far."""
        try:
            with open(self._path('vswitchd.log'), encoding='utf-8',
                      errors='replace') as log:
                return sum(bool(ABORT.search(line)) for line in log)
        except FileNotFoundError:
            return 0

    def processes(self):
        return [self.controller, self.vswitchd, self.conf.process]
