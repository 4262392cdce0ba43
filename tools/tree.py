# SPDX-License-Identifier: Apache-2.0
"""The source tree, as tools/check-* read it: files, comments, and the table of
folders in src/meson.build."""

import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))

COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.DOTALL)

# Comments, strings and characters: what only looks like code.
NOT_CODE = re.compile(
    COMMENT.pattern + r'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
    re.DOTALL)

ROW = re.compile(r"\['([a-z/]+)',\s*\[([^]]*)\],\s*(?:#[^\n]*\s*)*"
                 r"\[([^]]*)\],\s*'([a-z-]*)'")


def read(path):
    with open(path, encoding='utf-8') as source:
        return source.read()


def files(*trees):
    """Paths of all files below 'trees', sorted within each folder."""
    for tree in trees:
        for directory, folders, names in os.walk(tree):
            folders.sort()
            for name in sorted(names):
                yield os.path.join(directory, name)


def c_files(*trees):
    """(path, text) of each .c and .h file."""
    for path in files(*trees):
        if path.endswith(('.c', '.h')):
            yield path, read(path)


def blank(match):
    """Replaces a match by nothing, and keeps the numbers of lines."""
    return ' ' + '\n' * match.group().count('\n')


def code(text):
    """'text' without comments and strings, line by line."""
    return NOT_CODE.sub(blank, text)


def line_of(text, offset):
    return text.count('\n', 0, offset) + 1


class Folder:
    """A row of the table in src/meson.build.

    uses       folders that it may include
    libraries  dependencies that only its own files include
    program    what it becomes, or ''
    """

    def __init__(self, name, uses, libraries, program):
        self.name = name
        self.uses = re.findall(r"'([a-z/]+)'", uses)
        self.libraries = re.findall(r'\w+_dep', libraries)
        self.program = program


def folders(path='src/meson.build'):
    """The table: {name: Folder}.  Each folder comes after those it uses."""
    found = {}
    for row in ROW.findall(read(path)):
        folder = Folder(*row)
        for unknown in set(folder.uses) - set(found):
            sys.exit(f"{path}: '{folder.name}' uses '{unknown}', which is "
                     'not above it')
        found[folder.name] = folder
    return found


def report(found):
    """Prints violations, (path, line, what); returns the exit status."""
    failed = False
    for path, line, what in found:
        print(f'{path}:{line}: {what}')
        failed = True
    return 1 if failed else 0
