#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Knocks: a client that is kept out and tries to come in again and again.

Run as a program inside a host's namespace it begins a TCP connection every
INTERVAL_SECONDS until SIGTERM, whatever became of those before, and prints how
many these were and when the ones that were answered began, in milliseconds
since the epoch.  Used as a module, it runs that program.
"""

import asyncio
import json
import os
import signal
import sys
import time

INTERVAL_SECONDS = 0.01
# The kernel repeats what has no answer after a second: each is one packet.
TIMEOUT_SECONDS = 0.9
# Nobody came in for so long: it was closed again.
OPENING_MS = 300


class Knocks:
    """From a hosts.Host, until it ends; then 'n' were made, and those that
    began at 'inside', in order, came in."""

    def __init__(self, host, address, port):
        from . import proc
        self.teller = proc.Teller(host.argv(
            '/usr/bin/python3', os.path.realpath(__file__), address,
            str(port)))
        self.n = 0
        self.inside = []

    def __enter__(self):
        self.teller.__enter__()
        return self

    def __exit__(self, *_):
        self.teller.__exit__()
        self.n = self.teller.told['n']
        self.inside = sorted(self.teller.told['inside'])

    def openings(self):
        """[(first, last)] of those that came in one after the other."""
        found = []
        for at_ms in self.inside:
            if found and at_ms - found[-1][1] < OPENING_MS:
                found[-1] = found[-1][0], at_ms
            else:
                found.append((at_ms, at_ms))
        return found


async def knock(address, port, inside):
    start_ms = int(time.time() * 1000)
    try:
        _, writer = await asyncio.wait_for(
            asyncio.open_connection(address, port), TIMEOUT_SECONDS)
    except (OSError, asyncio.TimeoutError):
        return
    inside.append(start_ms)
    writer.close()


async def knock_until_terminated(address, port):
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    tasks, inside, n = set(), [], 0
    print('going', flush=True)
    while not end.is_set():
        task = asyncio.create_task(knock(address, port, inside))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        n += 1
        await asyncio.sleep(INTERVAL_SECONDS)
    await asyncio.gather(*tasks)
    return {'n': n, 'inside': inside}


if __name__ == '__main__':
    print(json.dumps(asyncio.run(knock_until_terminated(
        sys.argv[1], int(sys.argv[2])))))
