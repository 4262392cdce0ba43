# SPDX-License-Identifier: Apache-2.0
"""What a daemon tells Prometheus: pages of /metrics, read strictly, and
compared before and after something was done."""

import http.client
import re
import subprocess

from . import docs, proc, wait

NEEDS_PROMETHEUS = 'needs the package prometheus, as in "./check full"'
TYPE = 'text/plain; version=0.0.4; charset=utf-8'
SAMPLE = re.compile(r'([a-z_]+)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"(?:,|$)')


def off():
    """The option with which a daemon serves none."""
    return '--metrics-listen='


def at(port):
    """The option with which it serves them there."""
    return f'--metrics-listen=127.0.0.1:{port}'


def fetch(port, method='GET', path='/metrics', body=None, host='127.0.0.1'):
    """(Status, headers, text) of one request."""
    connection = http.client.HTTPConnection(host, port,
                                            timeout=10 * wait.SLOWNESS)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return (answer.status, dict(answer.getheaders()),
                answer.read().decode())
    finally:
        connection.close()


class Page:
    """One page.  'types' and 'helps' by family, 'samples' by (name, labels),
    where labels are a frozenset of pairs."""

    def __init__(self, text):
        self.text = text
        self.types, self.helps, self.samples = {}, {}, {}
        family = None
        assert text.endswith('\n'), text[-80:]
        for line in text.splitlines():
            if line.startswith('# HELP '):
                _, _, family, sentence = line.split(' ', 3)
                assert family not in self.helps, f'{family} is there twice'
                self.helps[family] = sentence
            elif line.startswith('# TYPE '):
                _, _, name, kind = line.split(' ')
                assert name == family, line
                self.types[name] = kind
            else:
                self._take(family, line)

    def _take(self, family, line):
        name, labels, value = SAMPLE.fullmatch(line).groups()
        suffixes = (('_bucket', '_sum', '_count')
                    if self.types[family] == 'histogram' else ('',))
        assert name in [family + suffix for suffix in suffixes], line
        key = name, frozenset(LABEL.findall(labels or ''))
        assert LABEL.sub('', labels or '') == '', line
        assert key not in self.samples, f'{line} is there twice'
        self.samples[key] = float(value)

    def get(self, name, /, **labels):
        """The sum of the samples that have these labels, others or not."""
        wanted = {(key.rstrip('_'), value) for key, value in labels.items()}
        found = [value for (other, pairs), value in self.samples.items()
                 if other == name and wanted <= pairs]
        assert found or name in self.types, f'there is no {name}'
        return sum(found)

    def labels(self, name, label):
        """The values that a label has."""
        return {value for (other, pairs) in self.samples if other == name
                for key, value in pairs if key == label}


def scrape(port):
    status, headers, text = fetch(port)
    assert status == 200, text
    assert headers['Content-Type'] == TYPE, headers
    return Page(text)


def grown(port, before, name, by=1, deadline=10, /, **labels):
    """Waits until a sample has grown by that much, and no more."""
    start = before.get(name, **labels)

    def has_grown():
        value = scrape(port).get(name, **labels) - start
        assert value >= by, f'{name}{labels} has grown by {value}'
        return True
    wait.until(has_grown, f'{name} has grown by {by}', deadline, 0.02)
    value = scrape(port).get(name, **labels) - start
    assert value == by, f'{name}{labels} has grown by {value}, not {by}'


def lint(text):
    """What "promtool check metrics" says against a page."""
    done = subprocess.run(['promtool', 'check', 'metrics'], input=text,
                          env=proc.merged({}), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False,
                          timeout=60 * wait.SLOWNESS)
    return done.stdout if done.returncode or done.stdout.strip() else ''


ROW = re.compile(r'\| `((?:ovn_octavia|process)_\w+)` \| (\w+) \| (.*?) \| '
                 r'(.*) \|')


def documented(*headings):
    """{name: (type, labels, meaning)} of the tables below headings of
    docs/monitor.md."""
    found, inside = {}, False
    for line in docs.read('docs/monitor.md').splitlines():
        if line.startswith('#'):
            inside = line.lstrip('# ') in headings
        elif inside and ROW.fullmatch(line):
            name, *rest = ROW.fullmatch(line).groups()
            assert name not in found, f'{name} is there twice'
            found[name] = tuple(rest)
    return found


def differences(page, *headings):
    """What the tables and a page do not agree about."""
    table = documented('All daemons', *headings)
    wrong = [f'{name}: only in one of the two'
             for name in sorted(set(table) ^ set(page.types))]
    for name in set(table) & set(page.types):
        kind, labels, meaning = table[name]
        used = {label for (other, pairs) in page.samples
                if re.fullmatch(name + '(_bucket|_sum|_count)?', other)
                for label, _ in pairs} - {'le'}
        # The words behind a colon are values.
        named = set(re.findall('`([a-z]+)`', re.sub(':[^;]*', '', labels)))
        if (kind, meaning) != (page.types[name],
                               page.helps[name].rstrip('.')):
            wrong.append(f'{name}: {kind}, {meaning}')
        if not used <= named:
            wrong.append(f'{name}: labels {sorted(used)}, not {named}')
    return wrong
