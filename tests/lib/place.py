# SPDX-License-Identifier: Apache-2.0
"""Where all that a sandbox makes is: one directory.

All names - of sockets, processes, network namespaces - derive from it, so
that any number of sandboxes can run at the same time, and so that "down"
finds everything that "up" made even if it was killed.
"""

import contextlib
import hashlib
import os
import shutil

from . import daemons, janitor, netns, proc

# A path of a unix socket has at most 107 bytes; the longest name below the
# run directory is "chassis1/ovn-controller.1234567.ctl".
RUNDIR_BYTES_MAX = 70


class Place:
    """directory  what is made is below it
    port       of the API; None picks a free one
    lasting    True: everything outlives us.  False: everything ends with
               us, even if we are killed.
    """

    def __init__(self, directory, port=None, lasting=False):
        self.directory = os.path.realpath(directory)
        self.lasting = lasting
        digest = hashlib.sha256(self.directory.encode()).hexdigest()[:8]
        self.prefix = 'oo' + digest
        self.rundir = os.path.join(self.directory, 'run')
        if len(self.rundir.encode()) > RUNDIR_BYTES_MAX:
            self.rundir = f'/tmp/ovn-octavia-{os.getuid()}-{digest}'
        self.port = port or daemons.free_port()

    def processes(self):
        """All of them, running or not."""
        raise NotImplementedError

    def begin(self):
        """Makes the directories."""
        os.makedirs(self.directory, exist_ok=True)
        if self.rundir.startswith('/tmp/'):
            # Anybody may have made this name before us.
            shutil.rmtree(self.rundir, ignore_errors=True)
            os.mkdir(self.rundir, mode=0o700)
        else:
            os.makedirs(self.rundir, mode=0o700, exist_ok=True)
        if self.lasting:
            proc.mark_commands(self.rundir)
        else:
            # Waits for our end, whatever kind of end, and then removes the
            # namespaces; processes die by themselves.
            janitor.start(self.directory, self.rundir, self.prefix)

    def exists(self):
        """Whether anything of it is there, running or not."""
        return (os.path.exists(self.rundir) or bool(proc.marked(self.rundir))
                or bool(netns.names(self.prefix)))

    def stop(self):
        """Ends everything that belongs to this directory, whoever made it
        and however far they got."""
        proc.stop_recorded(self.rundir)
        netns.delete_all(self.prefix)

    def remove(self):
        """Ends it and removes what it made, and no other file: the
        directory may be anybody's."""
        self.stop()
        shutil.rmtree(self.rundir, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.rmdir(self.directory)

    def adopt(self):
        """Takes over the processes that an earlier command started."""
        for process in self.processes():
            process.adopt()
        return self
