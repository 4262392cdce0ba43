# SPDX-License-Identifier: Apache-2.0
"""How much memory a process takes."""

import os


def sizes(pid):
    """The virtual and the resident size, in bytes."""
    with open(f'/proc/{pid}/statm', encoding='utf-8') as statm:
        return [int(word) * os.sysconf('SC_PAGE_SIZE')
                for word in statm.read().split()[:2]]


def is_sanitized(pid):
    """AddressSanitizer keeps what was freed, and reserves terabytes."""
    return sizes(pid)[0] > 1 << 40


def resident(pid):
    return sizes(pid)[1]
