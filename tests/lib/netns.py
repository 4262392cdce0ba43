# SPDX-License-Identifier: Apache-2.0
"""Network namespaces.

All that carries packets lives in namespaces of our own: one for the Open
vSwitch of the sandbox, one for each host.  A namespace takes its interfaces
with it when it goes, so nothing can be left behind in the machine's own.
"""

import os

from . import proc

DIRECTORY = '/run/netns'


class Namespace:
    """A named network namespace, PREFIX-NAME."""

    def __init__(self, prefix, name):
        self.name = f'{prefix}-{name}'

    def exists(self):
        return os.path.exists(os.path.join(DIRECTORY, self.name))

    def create(self):
        proc.run(['ip', 'netns', 'add', self.name])
        proc.run(['ip', '-n', self.name, 'link', 'set', 'lo', 'up'])
        return self

    def delete(self):
        if self.exists():
            proc.run(['ip', 'netns', 'delete', self.name])

    def argv(self, *args):
        """The command line that runs 'args' inside.  "ip netns exec"
        replaces itself by the command, so the process id stays."""
        return ['ip', 'netns', 'exec', self.name, *args]

    def run(self, *args, **more):
        return proc.run(self.argv(*args), **more)

    def script(self, *commands):
        """Runs commands inside, one after the other, until one fails."""
        return self.run('sh', '-ec', '\n'.join(commands))


def names(prefix):
    """The names of all namespaces of a prefix."""
    try:
        found = os.listdir(DIRECTORY)
    except FileNotFoundError:
        return []
    return sorted(name for name in found if name.startswith(prefix + '-'))


def delete_all(prefix):
    """Deletes all namespaces of a prefix."""
    for name in names(prefix):
        proc.run(['ip', 'netns', 'delete', name], check=False)
