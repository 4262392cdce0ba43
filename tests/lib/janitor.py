#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Removes what a killed test run leaves behind.

Started by a test run with a pipe as its standard input; nothing is ever
written to it.  When the pipe closes the run has ended, in whatever way, and
what still exists of its sandbox goes: processes, namespaces, files.
"""

import contextlib
import os
import shutil
import subprocess
import sys

_pipes = []


def start(directory, rundir, prefix):
    """Called by the test run."""
    child = subprocess.Popen(
        ['/usr/bin/python3', os.path.realpath(__file__), directory, rundir,
         prefix],
        stdin=subprocess.PIPE, start_new_session=True)
    # Kept for the life of this process, and not inherited by any other.
    _pipes.append(child)


def main(directory, rundir, prefix):
    while os.read(0, 1):
        pass
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..'))
    from lib import netns, proc
    proc.stop_recorded(rundir)
    netns.delete_all(prefix)
    # A run that fails keeps its directory for inspection: then only what
    # lives is removed.
    if not os.path.exists(os.path.join(directory, 'keep')):
        shutil.rmtree(rundir, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.rmdir(directory)


if __name__ == '__main__':
    main(*sys.argv[1:])
