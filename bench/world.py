# SPDX-License-Identifier: Apache-2.0
"""What is measured: two databases, the two daemons, and networks."""

import json
import os
import re
import shutil
import socket
import tempfile
import time
import urllib.request

from lib import daemons, ovsdb, proc, wait

NETWORKS_MAX = 100


def wide_networks(n):
    """CIDRs as the load generator wants them."""
    return [f'10.{16 + i}.0.0/16' for i in range(n)]


def pairs(n):
    """Each two of 'n' networks have a router of their own, like a
    project."""
    return {f'r{i // 2}': [i, i + 1] for i in range(0, n, 2)}


class World:
    """The databases, the networks and the daemons.

    cidrs        of the networks net0, net1, ...
    routers      {name: [n of the networks it joins]}
    association  of load balancers with networks: "group" or "direct"
    with_northd  run ovn-northd, too
    """

    def __init__(self, cidrs, routers, association='group',
                 with_northd=False):
        self.cidrs = cidrs
        self.routers = routers
        self.rundir = tempfile.mkdtemp(prefix='oo-bench-', dir='/tmp')
        self.octavia = ovsdb.Server('octavia', ovsdb.OCTAVIA_SCHEMA,
                                    self.rundir)
        self.nb = ovsdb.Server('nb', ovsdb.NB_SCHEMA, self.rundir)
        self.sb = ovsdb.Server('sb', ovsdb.SB_SCHEMA, self.rundir)
        self.northd = proc.Process(
            'northd', ['ovn-northd', f'--ovnnb-db={self.nb.remote}',
                       f'--ovnsb-db={self.sb.remote}',
                       f'--pidfile={self.rundir}/northd.pid',
                       f'--unixctl={self.rundir}/northd.ctl',
                       f'--log-file={self.rundir}/northd.log',
                       '-vconsole:off'],
            self.rundir, env={'OVN_RUNDIR': self.rundir})
        self.with_northd = with_northd
        self.driver = daemons.Driver(
            self.rundir, self.octavia.remote, self.nb.remote, self.sb.remote,
            extra=[f'--association={association}'])
        self.api = daemons.Api(self.rundir, self.octavia.remote,
                               self.nb.remote)
        self.subnets = {}       # Ids by CIDR.
        self.networks = {}      # Likewise.

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in (self.api.process, self.driver.process,
                        self.northd, self.octavia.process, self.nb.process,
                        self.sb.process):
            process.stop()
        self.remove()

    def remove(self):
        shutil.rmtree(self.rundir)

    def _start(self):
        self.octavia.start()
        self.nb.start()
        if self.with_northd:
            self.sb.start()
            self.northd.start()
        self._make_networks()
        self.driver.start().wait_ready()
        self.api.start().wait_ready()

        def networks():
            found = self.get('/v2.0/subnets')['subnets']
            self.subnets = {subnet['cidr']: subnet['id']
                            for subnet in found}
            self.networks = {subnet['cidr']: subnet['network_id']
                             for subnet in found}
            return set(self.subnets) >= set(self.cidrs)
        wait.until(networks, 'the API knows the networks')

    def _make_networks(self):
        commands = ['init']
        for i, cidr in enumerate(self.cidrs):
            commands += ['--', *self.switch_commands(i, cidr)]
        for router, networks in self.routers.items():
            commands += ['--', 'lr-add', router]
            for i in networks:
                commands += ['--', *self.join_commands(router, i,
                                                       self.cidrs[i])]
        self.nbctl(*commands)

    @staticmethod
    def switch_commands(i, cidr):
        return ['ls-add', f'net{i}', '--', 'set', 'Logical_Switch',
                f'net{i}', f'other_config:subnet={cidr}']

    @staticmethod
    def join_commands(router, i, cidr):
        """Attaches network 'i' to a router."""
        network, _, plen = cidr.partition('/')
        gateway = f'{network.rpartition(".")[0]}.1/{plen}'
        return ['lrp-add', router, f'{router}-{i}',
                f'02:00:00:00:{i >> 8:02x}:{i & 255:02x}', gateway, '--',
                'lsp-add', f'net{i}', f'{i}-{router}', '--',
                'lsp-set-type', f'{i}-{router}', 'router', '--',
                'lsp-set-addresses', f'{i}-{router}', 'router', '--',
                'lsp-set-options', f'{i}-{router}',
                f'router-port={router}-{i}']

    def nbctl(self, *commands):
        proc.run(['ovn-nbctl', f'--db={self.nb.remote}', *commands],
                 deadline=300)

    def url(self, path):
        return f'http://127.0.0.1:{self.api.port}{path}'

    def get(self, path):
        with urllib.request.urlopen(self.url(path), timeout=60) as reply:
            return json.load(reply)

    def load(self, *args, port=None):
        """Runs the load generator, on our API or on another port.  Returns
        {step: [ms]}; 'elapsed' is a step of its own."""
        output = proc.run(
            [os.path.join(daemons.build_directory(), 'bench', 'bench-load'),
             f'--port={port or self.api.port}', *args], deadline=3600)
        steps = {}
        for line in output.splitlines():
            step, ms = line.split()
            steps.setdefault(step, []).append(float(ms))
        return steps

    def create(self, *args):
        """Creates load balancers, with the load generator."""
        return self.load(*[f'--subnet={self.subnets[cidr]}'
                           for cidr in self.cidrs], *args)

    def wrk(self, path, seconds):
        """Requests a second, from 32 connections."""
        output = proc.run(['wrk', '-t1', '-c32', f'-d{seconds}',
                           self.url(path)])
        if 'Non-2xx' in output:
            raise AssertionError(output)
        return float(re.search(r'Requests/sec:\s*([\d.]+)', output)[1])

    def restart_driver(self, meanwhile=lambda: None):
        """Stops the driver, calls meanwhile(), and starts it.  Returns the
        ms it took until it was in sync, and its status then."""
        self.driver.wait_in_sync(deadline=600)
        self.driver.process.stop()
        meanwhile()
        start = time.monotonic()
        self.driver.process.start()

        def in_sync():
            self.driver.process.check_alive()
            status = driver_status(self.driver.unixctl)
            return status if status.get('in-sync') == 'yes' else None
        status = wait.until(in_sync, 'in sync', deadline=900, interval=0.002)
        return (time.monotonic() - start) * 1000, status

    def driver_cpu_ms(self):
        """What the driver has computed so far."""
        return self.cpu_ms(self.driver.process)

    @staticmethod
    def cpu_ms(process):
        """What a process has computed so far."""
        directory = f'/proc/{process.pid}/task'
        total = 0
        for task in os.listdir(directory):
            with open(f'{directory}/{task}/schedstat',
                      encoding='ascii') as file:
                total += int(file.read().split()[0])
        return total / 1e6

    def nb_commits(self):
        return int(driver_status(self.driver.unixctl)['nb-commits'])

    @staticmethod
    def rss_mib(process):
        with open(f'/proc/{process.pid}/status', encoding='ascii') as file:
            kib = re.search(r'VmRSS:\s*(\d+) kB', file.read())[1]
        return int(kib) / 1024


def driver_status(path):
    """"driver/status" over its control socket, as a dict: a new process for
    each poll would take longer than what is measured."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(60)
        sock.connect(path)
        sock.sendall(b'{"method":"driver/status","params":[],"id":0}')
        text = b''
        while True:
            data = sock.recv(65536)
            if not data:
                raise ConnectionError(path)
            text += data
            try:
                result = json.loads(text)['result']
                break
            except json.JSONDecodeError:
                continue
    lines = [line.partition(':') for line in result.splitlines()]
    return {key.strip(): value.strip() for key, _, value in lines}
