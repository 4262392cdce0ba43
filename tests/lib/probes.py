# SPDX-License-Identifier: Apache-2.0
"""Whether the statuses of members in the Northbound database follow from what
OVN's probes found, as the logs of both databases' servers have it.

"neutron:member_status" is news of health: it is written when a probe's result
changed, whoever else is idle.  A write of it that no result explains is one in
vain.
"""

import ipaddress
import json
import re

from . import history

KEY = 'neutron:member_status'
MEMBER = re.compile(r'member_([0-9a-f-]{36})_(.+):(\d+)(?:_[0-9a-f-]{36})?$')
# What a driver makes of Service_Monitor.status; no result counts as well.
BAD = ('offline', 'error')


def text(value):
    """A column that may be empty, as a text."""
    return '' if isinstance(value, list) else value


def as_dict(value):
    return dict(value[1]) if value else {}


def is_news(change):
    """Whether a change of a row, as of watch.Watch.writes(), is one of the
    statuses of members, and of nothing else."""
    if 'old' not in change or set(change['old']) != {'external_ids'}:
        return False
    old, new = (as_dict(change[word]['external_ids'])
                for word in ('old', 'new'))
    return {key for key in set(old) | set(new)
            if old.get(key) != new.get(key)} == {KEY}


def _applied(old, change):
    """A column with a difference, as the log has it: of maps the pairs that
    are new or gone, else the new value.  No set is looked at here."""
    if not isinstance(change, list) or change[0] != 'map' or old is None:
        return change
    pairs = as_dict(old)
    for key, value in change[1]:
        if pairs.get(key) == value:
            del pairs[key]
        else:
            pairs[key] = value
    return ['map', list(pairs.items())]


def changes(server, table):
    """All that became of the rows of a table: (milliseconds, uuid, the row
    before, the row after); None is no row."""
    rows, now = {}, 0
    for record in history.records(server):
        now = record.get('_date', now)
        for uuid, change in record.get(table, {}).items():
            before = rows.pop(uuid, None)
            after = None
            if change is not None:
                after = dict(before or {})
                for column, value in change.items():
                    after[column] = (_applied(after.get(column), value)
                                     if record.get('_is_diff') else value)
                rows[uuid] = after
            yield now, uuid, before, after


def results(sb):
    """What was found, and when: {(protocol, address, port): [(milliseconds,
    what a member's status is then)]}."""
    found = {}
    for now, _, before, after in changes(sb, 'Service_Monitor'):
        row = after or before
        target = (text(row.get('protocol', [])) or 'tcp',
                  ipaddress.ip_address(row['ip']), row['port'])
        word = ('ERROR' if after
                and text(after.get('status', [])) in BAD else 'ONLINE')
        known = found.setdefault(target, [])
        if not known or known[-1][1] != word or before is None:
            known.append((now, word))
    return found


def _members(row):
    """{id of a member: (its target, its status)} of a row Load_Balancer."""
    ids = as_dict(row.get('external_ids'))
    statuses = json.loads(ids.get(KEY, '{}'))
    protocol = text(row.get('protocol', [])) or 'tcp'
    found = {}
    for key, value in ids.items():
        if not key.startswith('pool_'):
            continue
        for item in filter(None, value.split(',')):
            member = MEMBER.match(item)
            if member and member[1] in statuses:
                address = ipaddress.ip_address(member[2].strip('[]'))
                found[member[1]] = ((protocol, address, int(member[3])),
                                    statuses[member[1]])
    return found


def unexplained(nb, sb):
    """Writes of statuses alone that no result explains: (milliseconds, uuid of
    the row, what was written).

    Each status has to follow from a result that came before it, and later
    than the one from which the status before followed.
    """
    known = results(sb)
    # How many results of its target each member's statuses have used up.
    used, found = {}, []
    for now, uuid, before, after in changes(nb, 'Load_Balancer'):
        if after is None:
            continue
        old = _members(before) if before else {}
        is_pure = before is not None and is_news(
            {'old': {column: before.get(column) for column in after
                     if before.get(column) != after[column]}, 'new': after})
        for member, (target, word) in _members(after).items():
            if old.get(member) == (target, word):
                continue
            came = [what for when, what in known.get(target, ())
                    if when <= now]
            n_used = used.get((uuid, member), 0)
            if not is_pure:
                # It is what is known by then, not what is new.
                n_used = max([n + 1 for n, what in enumerate(came)
                              if what == word] + [n_used])
            elif word in came[n_used:]:
                n_used = came.index(word, n_used) + 1
            else:
                found.append((now, uuid, f'{member} {word}'))
                n_used = len(came)
            used[uuid, member] = n_used
    return found
