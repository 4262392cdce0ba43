# SPDX-License-Identifier: Apache-2.0
"""How a process is: memory, descriptors, and what it has logged."""

import collections
import os
import re
import statistics
import time

from . import memory

# What a busy machine makes every daemon say is not counted.
LEVEL = re.compile(rb'^[^|]*\|\d+\|(?!timeval)[^|]*\|(WARN|ERR|EMER)\|')

Reading = collections.namedtuple('Reading', 'at pid rss fds')


class Vitals:
    """Of one process that may be killed and started again.

    process   a proc.Process
    log       the path of its log
    """

    def __init__(self, process, log):
        self.process, self.log = process, log
        self.readings = []
        self.n_lines = 0
        self.n_levels = collections.Counter()
        self._read = 0

    @property
    def name(self):
        return self.process.name

    def take(self):
        """Takes a reading, if it is running."""
        self._read_log()
        pid = self.process.pid
        try:
            self.readings.append(Reading(
                time.monotonic(), pid, memory.resident(pid),
                len(os.listdir(f'/proc/{pid}/fd'))))
        except (FileNotFoundError, ProcessLookupError):
            pass

    def _read_log(self):
        with open(self.log, 'rb') as file:
            file.seek(self._read)
            data = file.read()
        # What is being written is for the next time.
        data = data[:data.rfind(b'\n') + 1]
        self._read += len(data)
        for line in data.splitlines():
            self.n_lines += 1
            found = LEVEL.match(line)
            if found:
                self.n_levels[found[1].decode()] += 1

    def lives(self, warm_up_s):
        """Lists of readings, one for each life, without those before
        'warm_up_s' seconds of it had passed."""
        found = collections.defaultdict(list)
        for reading in self.readings:
            found[reading.pid].append(reading)
        return [[reading for reading in readings
                 if reading.at >= readings[0].at + warm_up_s]
                for readings in found.values()]

    def growth(self, what, warm_up_s, seconds_min):
        """By how much 'what' grew in the life in which it grew most, and for
        how many seconds that was looked at: from the median of the first
        readings to that of the last.  None if no life was long enough."""
        found = []
        for readings in self.lives(warm_up_s):
            if len(readings) < 6 or readings[-1].at - readings[0].at \
                    < seconds_min:
                continue
            first, last = (statistics.median(getattr(reading, what)
                                             for reading in part)
                           for part in (readings[:3], readings[-3:]))
            found.append((last - first, readings[-1].at - readings[0].at))
        return max(found, default=None)
