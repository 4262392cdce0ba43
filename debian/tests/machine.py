# SPDX-License-Identifier: Apache-2.0
"""The machine on which the packages are tested: commands, packages and units
of it."""

import glob
import os
import pwd
import subprocess
import sys
import time
import traceback
import urllib.error

PACKAGES = '/packages'
DOWNLOADS = '/tmp/packages'
APT = ('apt-get', '-q', '-y', '--no-install-recommends')
DEADLINE_S = 120
# Of one command, which may install a hundred packages on a busy machine.
COMMAND_DEADLINE_S = 1800
# As a person answers, and without what apt merely recommends.
APT_SETTINGS = '''
APT::Get::Assume-Yes "true";
APT::Install-Recommends "false";
'''

os.environ.update(DEBIAN_FRONTEND='noninteractive', LC_ALL='C.UTF-8',
                  PAGER='cat')


def run(*command, **more):
    """Returns what a command prints; one that fails, or never ends, is an
    error."""
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          text=True, errors='replace', check=False,
                          timeout=COMMAND_DEADLINE_S, **more)
    if done.returncode:
        raise AssertionError(f'{" ".join(command)}: {done.returncode}\n'
                             f'{done.stdout[-4000:]}')
    return done.stdout


def fails(*command):
    """Returns what a command prints that must fail."""
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          text=True, errors='replace', check=False)
    assert done.returncode, f'{" ".join(command)} did not fail: {done.stdout}'
    return done.stdout


def wait_until(what, question):
    """Asks until the answer is true; returns that."""
    end = time.monotonic() + DEADLINE_S
    while True:
        try:
            answer = question()
            error = None
        except (AssertionError, OSError, urllib.error.URLError) as caught:
            answer, error = None, caught
        if answer:
            return answer
        assert time.monotonic() < end, f'not in time: {what} ({error})'
        time.sleep(0.1)


def set_apt():
    with open('/etc/apt/apt.conf.d/99test', 'w', encoding='ascii') as file:
        file.write(APT_SETTINGS)


def needs(name):
    """The packages that a file beside this one names."""
    with open(os.path.join(os.path.dirname(__file__), name),
              encoding='utf-8') as file:
        return file.read().split()


def packages_directory():
    """Where our packages are as files, once find_package() was asked."""
    return PACKAGES if os.path.isdir(PACKAGES) else DOWNLOADS


def install(*names, options=()):
    files = [find_package(name) for name in names]
    return run(*APT, '--allow-downgrades', *options, 'install', *files)


def find_package(name):
    directory = packages_directory()
    pattern = f'{directory}/{name}_*.deb'
    if directory == DOWNLOADS and not glob.glob(pattern):
        os.makedirs(DOWNLOADS, mode=0o755, exist_ok=True)
        run('apt-get', '-q', 'download', name, cwd=DOWNLOADS)
    found = glob.glob(pattern)
    assert len(found) == 1, f'{name}: {found}'
    return found[0]


def show(unit, what):
    return run('systemctl', 'show', '--value', '-p', what, unit).strip()


def is_active(unit):
    return show(unit, 'ActiveState') == 'active'


def process_user(unit):
    """The name of the user that a unit's process has."""
    pid = show(unit, 'MainPID')
    return pwd.getpwuid(os.stat(f'/proc/{pid}').st_uid).pw_name


def run_tests(tests):
    """Runs them in this order, prints what became of each, and counts; returns
    the exit status.  Without the first, there is nothing for the others."""
    n_passed = n_failed = 0
    for test in tests:
        title = ' '.join(test.__doc__.split())
        started = time.monotonic()
        try:
            test()
            word = 'ok'
            n_passed += 1
        except Exception:        # pylint: disable=broad-except
            traceback.print_exc(file=sys.stdout)
            word = 'not ok'
            n_failed += 1
        print(f'{word} - {title} ({time.monotonic() - started:.0f} s)',
              flush=True)
        if n_failed and test is tests[0]:
            print(subprocess.run(
                ['journalctl', '--no-pager', '-n', '200'], check=False,
                stdout=subprocess.PIPE, text=True).stdout)
            break
    print(f'{n_passed} passed, {n_failed} failed')
    return 1 if n_failed else 0
