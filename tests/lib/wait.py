# SPDX-License-Identifier: Apache-2.0
"""Waiting for a condition, with a deadline.

Tests never sleep: they say what must become true, and how long that may
take.  On slow machines (sanitizers, emulation) all deadlines are multiplied
by the number in the environment variable OVN_OCTAVIA_TEST_SLOWNESS.
"""

import math
import os
import time

SLOWNESS = float(os.environ.get('OVN_OCTAVIA_TEST_SLOWNESS', '1'))


def seconds(deadline):
    """A deadline for a command that wants whole seconds."""
    return math.ceil(deadline * SLOWNESS)


class DeadlinePassed(AssertionError):
    """What was waited for did not happen in time."""


def until(condition, what, deadline=30, interval=0.05):
    """Calls condition() until its result is true; returns that result.

    'what' is the text of the failure: the thing that did not happen.  An
    OSError or AssertionError from condition() means "not yet"; the last one
    is part of the failure.
    """
    limit = deadline * SLOWNESS
    start = time.monotonic()
    while True:
        seen = None
        try:
            result = condition()
            if result:
                return result
            seen = f'last result: {result!r}'
        except (OSError, AssertionError) as error:
            seen = f'last error: {error}'
        if time.monotonic() - start > limit:
            raise DeadlinePassed(
                f'{what}: not so within {limit:g} s ({seen})')
        time.sleep(interval)
