# SPDX-License-Identifier: Apache-2.0
"""OVN of another Debian release beneath a sandbox that runs.

Its programs run by chroot in a layer over that release's directory, with the
sandbox's run directory at the same place in it; what they write goes with the
layer.  Whoever uses this is in mounts of its own (enter()).
"""

import os
import sys
import tempfile

from . import proc, wait

MARK = 'OVN_OCTAVIA_OWN_MOUNTS'
SCHEMAS = 'usr/share/ovn'


def enter():
    """Starts the program that calls it again, in mounts of its own."""
    if MARK not in os.environ:
        os.environ[MARK] = '1'
        os.execvp('unshare', ['unshare', '--mount', '--propagation',
                              'private', '--', sys.executable, *sys.argv])


class OtherOvn:
    """root    directory of a Debian that has OVN
    world   of a sandbox that is going to run
    """

    def __init__(self, root, world):
        self.release = root
        self.world = world
        self.root = None

    def mount(self):
        layer = tempfile.mkdtemp(prefix='oo-layer-', dir='/tmp')
        script = """
            mount -t tmpfs -o mode=755 tmpfs "$1"
            mkdir "$1/up" "$1/work" "$1/root"
            mount -t overlay -o \\
                "lowerdir=$2,upperdir=$1/up,workdir=$1/work" overlay "$1/root"
            cd "$1/root"
            mkdir -p "./$3"
            mount --bind "$3" "./$3"
            mount --rbind /dev dev
            mount -t proc proc proc
        """
        proc.run(['sh', '-ec', script, 'sh', layer, self.release,
                  self.world.rundir])
        self.root = os.path.join(layer, 'root')
        return self

    def unmount(self):
        if self.root:
            layer = os.path.dirname(self.root)
            proc.run(['umount', '-R', '-l', layer], check=False)
            os.rmdir(layer)
            self.root = None

    def version(self):
        said = proc.run(['chroot', self.root, 'ovn-controller', '--version'])
        return said.split()[1]

    def schema(self, name):
        return os.path.join(self.root, SCHEMAS, name)

    def take_over(self, process, program):
        """From its next start on, a process is the other release's."""
        argv = process.argv
        if 'chroot' not in argv:
            at = argv.index(program)
            process.argv = [*argv[:at], 'chroot', self.root, *argv[at:]]

    # Each replaces a piece.

    def replace_controller(self):
        chassis = self.world.ovn.chassis
        self.take_over(chassis.controller, 'ovn-controller')
        chassis.restart_controller()
        chassis.wait_ready()

    def replace_northd(self):
        northd = self.world.ovn.northd
        self.take_over(northd, 'ovn-northd')
        northd.restart()
        self.world.ovn.sync()

    def replace_server(self, server):
        self.take_over(server.process, 'ovsdb-server')
        server.stop()
        server.start()

    def convert(self, server, name):
        proc.run(['ovsdb-client', '-vconsole:err', 'convert', server.remote,
                  self.schema(name)])
        wait.until(lambda: proc.run(
            ['ovsdb-client', 'get-schema-version', server.remote,
             server.database]), f'{server.name} is served again')
