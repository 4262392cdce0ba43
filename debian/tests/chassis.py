# SPDX-License-Identifier: Apache-2.0
"""A chassis whose ovn-controller starts anew, with the settings of upgrade.md
and without: Debian's own units of Open vSwitch and OVN, with a port and flows.
"""

import json
import os
import re
import subprocess

import pages
from machine import APT, run, wait_until

PAGE = 'upgrade.md'
SECTION = 'OVN beneath it'
UNIT = 'ovn-controller'
SB = 'unix:/run/ovn/ovnsb_db.sock'
SETTINGS = (
    f'external_ids:ovn-remote={SB}',
    'external_ids:ovn-encap-type=geneve',
    'external_ids:ovn-encap-ip=127.0.0.1',
    # The container has no module of the kernel for it.
    'external_ids:ovn-bridge-datapath-type=netdev')
PORT = 'upgraded'
# An empty switch has none, one with a port some hundred.
N_FLOWS_MIN = 50


def make():
    """Makes this machine a chassis that has a port."""
    run(*APT, 'install', 'ovn-host')
    run('ovs-vsctl', 'set', 'Open_vSwitch', '.', *SETTINGS)
    run('ip', 'link', 'add', 'oo0', 'type', 'veth', 'peer', 'name', 'oo1')
    run('ip', 'link', 'set', 'oo0', 'up')
    run('ovn-nbctl', 'ls-add', PORT, '--', 'lsp-add', PORT, PORT, '--',
        'lsp-set-addresses', PORT, '0a:00:00:00:00:01 10.9.0.1')
    run('systemctl', 'restart', UNIT)
    wait_until('there is a bridge', lambda: run('ovs-vsctl', 'br-exists',
                                                'br-int') == '')
    run('ovs-vsctl', 'add-port', 'br-int', 'oo0', '--', 'set', 'Interface',
        'oo0', f'external_ids:iface-id={PORT}')
    wait_until('the port is up', is_up)
    wait_until('there are flows', lambda: n_flows() > N_FLOWS_MIN)


def is_up():
    return run('ovn-nbctl', 'lsp-get-up', PORT).strip() == 'up'


def chassis():
    """The row's UUID, '' without one."""
    return run('ovn-sbctl', '--bare', '--columns=_uuid', 'list',
               'Chassis').strip()


def bound():
    """The chassis that the port is on, '' if it is on none."""
    return run('ovn-sbctl', '--bare', '--columns=chassis', 'find',
               'Port_Binding', f'logical_port={PORT}').strip()


def n_flows():
    return run('ovs-ofctl', 'dump-flows', 'br-int').count('table=')


def leaves_by_default():
    """Asserts that the unit takes the chassis out when it stops."""
    assert bound() == chassis() != ''
    run('systemctl', 'stop', UNIT)
    assert chassis() == bound() == '', chassis()
    run('systemctl', 'start', UNIT)
    wait_until('the port is up', is_up)


def stays_with_settings():
    """Asserts that with the page's settings nothing changes in OVN, nor in the
    switch, while the unit is stopped, restarted, or installed."""
    page = pages.read(PAGE)
    setting = pages.block(page, SECTION, 'ovs-vsctl')
    drop_in = pages.block(page, SECTION, '[Service]')
    path = re.search(r'`(/etc/systemd/system/[^`]+)`', page)[1]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(drop_in + '\n')
    run('bash', '-ec', setting)
    run('systemctl', 'daemon-reload')

    uuid = chassis()
    for command in (('systemctl', 'restart', UNIT),
                    (*APT, 'install', '--reinstall', 'ovn-host'),
                    ('systemctl', 'stop', UNIT)):
        with Watch('Chassis', 'name') as own, \
                Watch('Port_Binding', 'chassis') as bindings:
            run(*command)
            assert chassis() == bound() == uuid, f'{command}: {chassis()}'
            assert n_flows() > N_FLOWS_MIN, f'{command}: {n_flows()}'
            changes = own.changes() + bindings.changes()
            assert not changes, f'{command}: {changes}'
    run('systemctl', 'start', UNIT)
    os.remove(path)
    run('systemctl', 'daemon-reload')


class Watch:
    """What becomes of a column of the Southbound database meanwhile."""

    def __init__(self, table, column):
        self.path = f'/tmp/watch-{table}'
        self.argv = ['ovsdb-client', '-vconsole:off', '--format=json',
                     'monitor', SB, 'OVN_Southbound', table, column]
        self.process = None

    def __enter__(self):
        with open(self.path, 'w', encoding='utf-8') as file:
            self.process = subprocess.Popen(self.argv, stdout=file)
        wait_until('the watch has begun', lambda: os.path.getsize(self.path))
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def changes(self):
        """Rows as they were and became."""
        with open(self.path, encoding='utf-8') as file:
            return [row for line in file if line.endswith('\n')
                    for row in json.loads(line)['data']
                    if row[1] != 'initial']
