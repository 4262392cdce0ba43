# SPDX-License-Identifier: Apache-2.0
"""Another revision of this tree, built beside it."""

import os
import subprocess

from . import daemons

PROGRAMS = tuple(f'src/ovn-octavia-{name}'
                 for name in ('api', 'driver', 'agent', 'ctl'))


class Revision:
    """A commit, in build/upgrade-check/COMMIT: its files in "tree", what was
    built of them in "build"; or a directory with both."""

    def __init__(self, name):
        self.is_made = os.path.isdir(name)
        if self.is_made:
            self.title = self.tree = os.path.realpath(name)
            self.build = os.path.join(self.tree, 'build')
        else:
            self.commit = git('rev-parse', '--verify', f'{name}^{{commit}}')
            self.title = git('log', '-1', '--format=%h %s', self.commit)
            directory = os.path.join(daemons.REPO, 'build', 'upgrade-check',
                                     self.commit)
            self.tree = os.path.join(directory, 'tree')
            self.build = os.path.join(directory, 'build')
        self.schema = os.path.join(self.tree, 'schema',
                                   'ovn-octavia.ovsschema')

    def make(self):
        """Builds what is not built yet."""
        if self.is_made:
            return self
        if not os.path.exists(self.tree):
            self._check_out(self.tree + '.new')
            os.rename(self.tree + '.new', self.tree)
        if not os.path.exists(os.path.join(self.build, 'build.ninja')):
            self._run('meson', 'setup', '-Dtests=disabled', self.build)
        self._run('ninja', '-C', self.build, *PROGRAMS)
        return self

    def _check_out(self, tree):
        os.makedirs(tree, exist_ok=True)
        self._run('sh', '-ec', f'git -C "{daemons.REPO}" archive '
                  f'{self.commit} | tar -x', cwd=tree)
        self._run('tools/openvswitch-unpack', cwd=tree)

    def _run(self, *command, cwd=None):
        done = subprocess.run(command, cwd=cwd or self.tree, text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            raise SystemExit(f'{self.title}: {" ".join(command)}\n'
                             f'{done.stdout[-2000:]}')


def git(*words):
    return subprocess.run(['git', '-C', daemons.REPO, *words],
                          stdout=subprocess.PIPE, text=True,
                          check=True).stdout.strip()
