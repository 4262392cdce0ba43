# SPDX-License-Identifier: Apache-2.0
"""Counts the instructions of a daemon: the same on every machine, whatever
else runs there.
"""

import glob
import os
import re
import shutil

from lib import proc


class Callgrind:
    """Runs a process below callgrind, which counts from then on.

    process     a proc.Process that runs
    rundir      for callgrind's files
    wait_ready  what to wait for when the process was started again
    keep        directory where profiles stay, or None
    """

    def __init__(self, process, rundir, wait_ready, keep=None):
        self.process = process
        self.wait_ready = wait_ready
        self.keep = keep
        self.argv = process.argv
        self.out = os.path.join(rundir, 'callgrind')
        self.vgdb = os.path.join(rundir, 'vgdb')

    def __enter__(self):
        self.process.stop()
        self.process.argv = [
            'valgrind', '--tool=callgrind', '--instr-atstart=no',
            f'--callgrind-out-file={self.out}',
            f'--vgdb-prefix={self.vgdb}', *self.argv]
        self.process.start()
        self.wait_ready()
        self.control('-i', 'on')
        return self

    def __exit__(self, *_):
        self.process.stop(deadline=60)
        self.process.argv = self.argv
        self.process.start()
        self.wait_ready()

    def control(self, *args):
        return proc.run(['callgrind_control', f'--vgdb-prefix={self.vgdb}',
                         *args, str(self.process.pid)])

    def count(self, name, function):
        """Instructions while function() runs."""
        for path in glob.glob(self.out + '.*'):
            os.unlink(path)
        self.control('-z')
        function()
        self.control('-d')
        path, = glob.glob(self.out + '.*')
        with open(path, encoding='ascii') as file:
            total = re.search(r'^totals: (\d+)', file.read(), re.MULTILINE)
        if self.keep:
            shutil.copy(path, os.path.join(
                self.keep, 'callgrind.out.' + name.replace(' ', '-')))
        return int(total[1])
