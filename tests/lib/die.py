# SPDX-License-Identifier: Apache-2.0
"""Has a daemon die at the n-th system call by which it tells anybody
anything; tests/torture/die.c says which calls these are."""

import mmap
import os
import struct

from . import daemons

BEFORE, HALF, AFTER = 1, 2, 3
HOW = {BEFORE: 'before', HALF: 'in the middle of', AFTER: 'after'}
# struct die_orders.
AT = struct.Struct('=I')
HOW_AND_N = struct.Struct('=II')
NEVER = 0xffffffff


class Trap:
    """Is in a program from its next start on.

    rundir, name  where, and under which name, the orders are
    env           the program's environment, or changes to ours
    """

    def __init__(self, rundir, name, env):
        path = os.path.join(rundir, name + '.die')
        with open(path, 'w+b') as file:
            file.write(bytes(AT.size + HOW_AND_N.size))
            file.flush()
            self._orders = mmap.mmap(file.fileno(), 0)
        env['LD_PRELOAD'] = os.path.join(daemons.build_directory(), 'tests',
                                         'torture', 'die.so')
        env['OVN_OCTAVIA_DIE'] = path
        # AddressSanitizer wants to come first, and does without.
        env['ASAN_OPTIONS'] = ':'.join(
            [env.get('ASAN_OPTIONS', ''), 'verify_asan_link_order=0'])

    @classmethod
    def of(cls, daemon):
        """In a daemons.Daemon, which is not running."""
        return cls(daemon.rundir, daemon.name, daemon.process.env)

    def arm(self, at, how=BEFORE):
        """From now on calls count, and the one of this number is the last,
        or not even that."""
        self.disarm()
        # The number comes last: it makes the rest valid.
        HOW_AND_N.pack_into(self._orders, AT.size, how, 0)
        AT.pack_into(self._orders, 0, at)

    def count(self):
        """From now on calls count."""
        self.arm(NEVER)

    def disarm(self):
        """Calls do not count any more.  Returns how many did."""
        AT.pack_into(self._orders, 0, 0)
        return HOW_AND_N.unpack_from(self._orders, AT.size)[1]
