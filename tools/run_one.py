# SPDX-License-Identifier: Apache-2.0
"""What belongs to a file, or to a word: for "./check WHAT".

A source file has the unit tests of its name; if there are none, those of its
folder.  A file below tests/ is a test or part of some.  A word is part of the
name of unit tests or, if of none, of the id or title of Python tests.

Only what these tests need is built.
"""

import json
import os
import re
import subprocess

BUILD = 'build'
SUITES = ('api', 'agent', 'system', 'client', 'life', 'torture', 'openstack',
          'controllers')


class Unknown(Exception):
    """Nothing belongs to it; the text says so."""


class UnitTest:
    """A unit test of the build.

    test     as Meson describes it
    target   what ninja has to build for it
    sources  files, from the top of the tree
    """

    def __init__(self, test, target, sources):
        self.test = test
        self.name = test['name']
        self.target = target
        self.sources = sources

    def is_of(self, folder, stem):
        """Whether it is of src/FOLDER/.../STEM.c."""
        return any(
            re.fullmatch(f'tests/unit/{re.escape(folder)}/test-'
                         rf'({re.escape(folder)}-)?{re.escape(stem)}'
                         r'(-.*)?\.c', source)
            for source in self.sources)

    def includes(self, header):
        """Whether it has a line '#include "HEADER"'."""
        for source in self.sources:
            with open(source, encoding='utf-8') as file:
                if f'#include "{header}"' in file.read():
                    return True
        return False

    def is_in(self, directory):
        return any(source.startswith(directory + '/')
                   for source in self.sources)


def introspect(what):
    listed = subprocess.run(['meson', 'introspect', BUILD, f'--{what}'],
                            stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(listed.stdout)


def unit_tests():
    found = []
    for test in introspect('tests'):
        target = os.path.relpath(test['cmd'][0], BUILD)
        found.append(UnitTest(test, target, test_sources(target)))
    return found


def test_sources(target):
    """What a program is made of below tests/, also by way of libraries."""
    listed = subprocess.run(['ninja', '-C', BUILD, '-t', 'inputs', target],
                            stdout=subprocess.PIPE, text=True, check=True)
    paths = (os.path.normpath(os.path.join(BUILD, line))
             for line in listed.stdout.splitlines())
    return [path for path in paths
            if path.startswith('tests/') and path.endswith('.c')]


def programs():
    """Targets that the Python tests need: all that is no test itself."""
    return [os.path.relpath(target['filename'][0], BUILD)
            for target in introspect('targets')
            if target['type'] in ('executable', 'shared module')
            and not re.search('/(tests/(unit|fuzz)|bench)/',
                              target['defined_in'])]


def of_source(path, units):
    """The unit tests of a file below src/: (tests, words)."""
    folder = path.split('/')[1]
    stem = os.path.splitext(os.path.basename(path))[0]
    named = [unit for unit in units if unit.is_of(folder, stem)]
    found = named or [unit for unit in units
                      if unit.is_in(f'tests/unit/{folder}')]
    if not found:
        raise Unknown(f'src/{folder} has no unit tests: name a test')
    return found, []


def of_test(path, units):
    """What a file or folder below tests/ has: (tests, words)."""
    suite, _, rest = path.removeprefix('tests/').partition('/')
    if suite in SUITES:
        name = re.fullmatch(r'(test_.+)\.py', rest)
        return [], [f'{suite}.{name[1]}.' if name else suite]
    code = re.sub(r'\.h$', '.c', path)
    found = ([unit for unit in units if code in unit.sources]
             or [unit for unit in units
                 if unit.is_in(path)
                 or unit.includes(os.path.basename(path))]
             or [unit for unit in units
                 if suite == 'fuzz' and unit.is_in('tests/fuzz')])
    if not found:
        raise Unknown(f'{path} is in no test of its own: name a test')
    return found, []


def of_word(word, units):
    """Tests that have a word in their names: (tests, words)."""
    name = re.sub(r'^test-|\.c$', '', word)
    found = ([unit for unit in units if unit.name == name]
             or [unit for unit in units if name in unit.name])
    return found, [] if found else [word]


def find(what, units):
    path = os.path.relpath(what)
    if not os.path.exists(path):
        if '/' in what:
            raise Unknown(f'{what}: there is no such file')
        return of_word(what, units)
    if path.startswith('src/'):
        return of_source(path, units)
    if path.startswith('tests/'):
        return of_test(path, units)
    raise Unknown(f'no test belongs to {path}: name a test')


def run(checks, whats):
    """Builds and runs what belongs to each of 'whats'."""
    if not checks.set_up(BUILD):
        return
    units = unit_tests()
    chosen, words = {}, []
    for what in whats:
        found, more = find(what, units)
        chosen.update((unit.name, unit) for unit in found)
        words += more
    if checks.build(BUILD, *(unit.target for unit in chosen.values()),
                    *(programs() if words else ())):
        checks.unit_tests(BUILD, [unit.test for unit in chosen.values()])
        if words:
            checks.python(BUILD, *words)
