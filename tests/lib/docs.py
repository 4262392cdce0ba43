# SPDX-License-Identifier: Apache-2.0
"""The pages of docs/, as the tests read them: sections, and the commands that
stand in indented or fenced blocks.
"""

import glob
import os
import re
import shlex

from . import daemons

DOCS = os.path.join(daemons.REPO, 'docs')

HEADING = re.compile(r'^(#+) (.*)$')
FENCE = re.compile(r'^\s*```')
ASSIGNMENT = re.compile(r'[A-Z_]+=')
# An item of a list, whose text starts behind its number.
ITEM = re.compile(r'^( *)([0-9]+\.|[-*]) +')


def pages():
    """Names of all pages, and of the pages at the top of the tree."""
    return sorted(os.path.relpath(path, daemons.REPO) for path in
                  glob.glob(os.path.join(DOCS, '*.md'))
                  + glob.glob(os.path.join(daemons.REPO, '*.md')))


def read(page):
    with open(os.path.join(daemons.REPO, page), encoding='utf-8') as file:
        return file.read()


def lines(page):
    """(number, section, text, is_code) of each line."""
    section, fenced, margin = '', False, 0
    previous = ''
    inside = False
    for number, line in enumerate(read(page).splitlines(), 1):
        if FENCE.match(line):
            fenced = not fenced
            previous = line
            continue
        heading = not fenced and HEADING.match(line)
        if heading:
            section, margin = heading[2], 0
        stripped = line.strip()
        indent = len(line) - len(line.lstrip())
        if stripped and not fenced:
            item = ITEM.match(line)
            if item and indent < margin + 4:
                margin = item.end()
            elif indent < margin and not previous.strip():
                # The list has ended.
                margin = indent if indent < 4 else margin
        deep = bool(stripped) and indent >= margin + 4
        # A block follows an empty line, and goes on until one that is less
        # deep.
        inside = deep and (inside or not previous.strip())
        yield number, section, line, fenced or inside
        if stripped or not inside:
            previous = line


class Command:
    """One command of a page.

    page, number, section   where it stands
    text                    as a shell takes it
    """

    def __init__(self, page, number, section, text):
        self.page = page
        self.number = number
        self.section = section
        self.text = text

    @property
    def place(self):
        return f'{self.page}:{self.number}'

    @property
    def program(self):
        """The name of its program: its first word that sets no variable."""
        words = [word for word in self.text.split()
                 if not ASSIGNMENT.match(word)]
        return os.path.basename(words[0]) if words else ''

    def words(self):
        """Its words from the program on, less what follows a redirection, a
        pipe or a comment; None if this is no command of one line."""
        try:
            lexer = shlex.shlex(self.text.replace('\\\n', ' '), posix=True,
                                punctuation_chars='<>|;&()')
            lexer.whitespace_split = True
            words = list(lexer)
        except ValueError:
            return None
        while words and ASSIGNMENT.match(words[0]):
            del words[0]
        for n, word in enumerate(words):
            if re.fullmatch(r'[<>|;&()]+', word):
                return words[:n]
        return words

    def __repr__(self):
        return f'{self.place}: {self.text}'


def is_whole(text):
    """False while a line's quotes are open, or it ends in a backslash."""
    if text.endswith('\\'):
        return False
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return False
    return True


def commands(page, section=None, programs=None):
    """Commands in the blocks of a page, or of one of its sections, that begin
    with one of the 'programs' or with any word, in order."""
    found, pending = [], None
    for number, where, line, is_code in lines(page):
        if not is_code:
            pending = None
            continue
        text = line.strip()
        if pending:
            pending.text += '\n' + text
        else:
            pending = Command(page, number, where, text)
        if is_whole(pending.text):
            found.append(pending)
            pending = None
    return [command for command in found
            if (section is None or command.section == section)
            and (programs is None or command.program in programs)]
