# SPDX-License-Identifier: Apache-2.0
"""Pages of the documentation, as the package has them: their commands are run
as they stand there, and timed.
"""

import re
import resource
import subprocess
import tarfile
import time

import machine

DIRECTORY = './usr/share/doc/ovn-octavia-common/docs/'
HEADING = re.compile(r'^#+ (.*)$')
INDENT = '    '


def read(name):
    """The text of a page, from the package's file: it need not be
    installed."""
    package = machine.find_package('ovn-octavia-common')
    with subprocess.Popen(['dpkg-deb', '--fsys-tarfile', package],
                          stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode='r|') as files:
            # All of it is read: dpkg-deb complains of a pipe that closes.
            found = {file.name: files.extractfile(file).read()
                     for file in files
                     if file.name == DIRECTORY + name}
    return found[DIRECTORY + name].decode()


def blocks(text, section):
    """The indented blocks of a section, in lists, too, each as its text."""
    found, inside, is_block, previous = [], False, False, ''
    for line in text.splitlines():
        heading = HEADING.match(line)
        if heading:
            inside = heading[1] == section
        is_block = (line.startswith(INDENT)
                    and (is_block or not previous.strip()))
        if inside and is_block:
            if previous.strip():
                found[-1].append(line)
            else:
                found.append([line])
        previous = line
    assert found, section
    return ['\n'.join(line.strip() for line in lines) for lines in found]


def block(text, section, begins):
    """The only block of a section that begins so."""
    found = [one for one in blocks(text, section) if one.startswith(begins)]
    assert len(found) == 1, f'{section}: {begins}: {found}'
    return found[0]


def commands(text):
    """The commands of a block."""
    return [one.strip() for one in
            re.split(r'(?<!\\)\n', text) if one.strip()]


class Shell:
    """A person at a shell: runs commands one after the other, and keeps what
    is exported.

    spent  (command, seconds, seconds of a processor) of each
    """

    def __init__(self, directory):
        self.directory = directory
        self.exports = []
        self.spent = []

    def run(self, text):
        """Returns what it prints."""
        began, used = time.monotonic(), processor_seconds()
        printed = machine.run('bash', '-ec', '\n'.join([*self.exports, text]),
                              cwd=self.directory)
        self.spent.append((text, time.monotonic() - began,
                           processor_seconds() - used))
        if text.startswith('export '):
            self.exports.append(text)
        return printed

    def tell(self, what):
        """Prints how many commands there were, and how long they took; on a
        busy machine the time of the processor says more."""
        print(f'# {what}: {len(self.spent)} commands,'
              f' {sum(spent[1] for spent in self.spent):.0f} s,'
              f' {sum(spent[2] for spent in self.spent):.0f} s of a processor')
        for text, seconds, used in self.spent:
            print(f'#   {seconds:5.1f} s, {used:5.1f} s  '
                  + text.replace('\\\n', ' '))


def processor_seconds():
    """What all commands have used up to now."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
