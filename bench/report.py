# SPDX-License-Identifier: Apache-2.0
"""The table that bench/run prints."""

import statistics


class Table:
    """The rows, in the order they were measured.

    figures  {key: (aim, reference)}: milliseconds, a second, or MiB, as in
             the row; None for what there is not
    """

    HEAD = ('', 'n', 'median', 'p99', 'aim', 'met', 'Octavia 11', 'ratio')

    def __init__(self, figures):
        self.figures = figures
        self.rows = []
        self.missed = []

    def add(self, what, key, unit, values, more_is_better=False):
        """'values' is a list of samples, or a figure."""
        samples = values if isinstance(values, list) else [values]
        median = statistics.median(samples)
        aim, reference = self.figures.get(key, (None, None))
        met = ''
        if aim is not None:
            met = ('no' if (median < aim if more_is_better else median > aim)
                   else 'yes')
        if met == 'no':
            self.missed.append(what)
        ratio = ''
        if reference:
            factor = (median / reference if more_is_better
                      else reference / max(median, 1e-6))
            ratio = f'{number(factor)}x'
        several = isinstance(values, list)
        self.rows.append((
            what, str(len(samples)) if several else '',
            f'{number(median)} {unit}',
            f'{number(percentile(samples, 99))} {unit}' if several else '',
            '' if aim is None else f'{"≥" if more_is_better else "≤"} '
                                   f'{number(aim)}', met,
            '' if reference is None else number(reference), ratio))
        print(f'  {what}: {number(median)} {unit}', flush=True)

    def print(self):
        rows = [self.HEAD] + self.rows
        widths = [max(len(row[i]) for row in rows)
                  for i in range(len(self.HEAD))]
        rows.insert(1, tuple('-' * width for width in widths))
        print()
        for row in rows:
            cells = [row[0].ljust(widths[0])]
            cells += [cell.rjust(width)
                      for cell, width in zip(row[1:], widths[1:])]
            print('| ' + ' | '.join(cells) + ' |')
        for what in self.missed:
            print(f'missed: {what}')


def number(value):
    if value >= 100 or value == int(value):
        return f'{value:,.0f}'
    return f'{value:.1f}' if value >= 10 else f'{value:.2g}'


def percentile(samples, percent):
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
