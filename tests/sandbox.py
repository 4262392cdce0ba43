#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs ovn-octavia on this machine: with OVN, networks, hosts and traffic.

This file owns the commands of the sandbox; what they are made of is in
tests/lib.  Everything a sandbox makes belongs to one directory: "down" ends
and removes all of it.  Needs root, for network namespaces.
"""

import argparse
import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
TESTS = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(TESTS)
sys.path.insert(0, TESTS)

# pylint: disable=wrong-import-position
from lib import daemons, openstack, openstack_walk  # noqa: E402
from lib import openstack_world, proc, site, walkthrough  # noqa: E402
from lib import world as world_module  # noqa: E402

DEFAULT_PORT = 9876

ABOUT = """\
Runs ovn-octavia on this machine: OVN, Open vSwitch, our two daemons, three
networks with clients and web servers.  Nothing outside the sandbox's
directory and its own network namespaces is touched.

  ./sandbox up                     build everything and start it
  eval "$(./sandbox env)"          then, in this shell:
    openstack loadbalancer list      the stock client
    ovn-nbctl list load_balancer     the stock OVN tools
  ./sandbox exec client1 curl -s http://10.1.0.11:8080/
  ./sandbox demo                   the walk-through, checked step by step
  ./sandbox demo --openstack       the same by way of a real Octavia
  ./sandbox down                   end and remove everything
  ./sandbox up --controllers 3 --chassis 3
                                   several machines: databases as clusters,
                                   APIs behind a proxy, hosts on chassis
"""

USE = """\
The sandbox is up.  In {directory}: data, logs, sockets.

  networks  n1 10.1.0.0/24 and n2 10.2.0.0/24 on the router r1;
            n3 10.3.0.0/24 on no router
  clients   client1 (n1), client2 (n2), client3 (n3), each at .21
  servers   web1 10.1.0.11, web2 10.2.0.11, web3 10.2.0.12: HTTP and UDP on
            ports 8080 and 8081, they answer with their names
  API       http://127.0.0.1:{port}

Use it:
  eval "$({command} env{options})"
  openstack loadbalancer create --name lb1 --vip-subnet-id n1 --wait
  ovn-nbctl list load_balancer
  {command} exec{options} client1 curl -s http://10.2.0.11:8080/
  {command} demo{options}
  {command} down{options}
"""

USE_SITE = """\
The sandbox is up.  In {directory}: data, logs, sockets.

  machines  {machines}; chassis1 and chassis2 are the gateways
  networks  n1 10.1.0.0/24 fd00:1::/64 and n2 10.2.0.0/24 fd00:2::/64 on the
            router r1; n3 10.3.0.0/24 on no router; public 10.99.0.0/24
            outside of r1
  clients   {clients}; outside (10.99.0.21)
  servers   {servers}: HTTP and UDP
            on ports 8080 and 8081, they answer with their names
  API       http://127.0.0.1:{port}, a proxy of those of all controllers

Use it:
  eval "$({command} env{options})"
  openstack loadbalancer create --name lb1 --vip-subnet-id n1 --wait
  {command} exec{options} client1 curl -s http://10.2.0.11:8080/
  {command} exec{options} controller1 ovn-sbctl show
  {command} exec{options} chassis1 ovs-vsctl show
  {command} down{options}
"""


class Failure(Exception):
    """A text for the user; the exit status is 1."""


class Sandbox:
    """One sandbox directory, up or not."""

    def __init__(self, options):
        self.options = options
        self.directory = os.path.realpath(options.dir)
        self.state_path = os.path.join(self.directory, 'sandbox.json')
        state = self.load()
        self.is_made = state is not None
        self.has_daemons = bool(state and state['daemons'])
        if state and options.port not in (None, state['port']):
            raise Failure(f'the sandbox in {self.directory} has port '
                          f'{state["port"]}')
        port = state['port'] if state else options.port or DEFAULT_PORT
        self.machines = self.count_machines(state)
        self.world = (
            site.Site(self.directory, port, True, (), *self.machines)
            if self.machines
            else world_module.World(self.directory, port, lasting=True))
        self.world.adopt()

    def count_machines(self, state):
        """How many controllers and chassis; None if all is on one."""
        wanted = tuple(getattr(self.options, name, None)
                       for name in ('controllers', 'chassis'))
        wanted = any(wanted) and tuple(n or 1 for n in wanted) or None
        if state is None:
            return wanted
        found = state.get('machines')
        found = found and tuple(found)
        if wanted not in (None, found):
            raise Failure(f'the sandbox in {self.directory} is another one; '
                          '"./sandbox down" ends it')
        return found

    def load(self):
        try:
            with open(self.state_path, encoding='utf-8') as file:
                return json.load(file)
        except (OSError, ValueError):
            return None

    def save(self, with_daemons):
        os.makedirs(self.directory, exist_ok=True)
        with open(self.state_path, 'w', encoding='utf-8') as file:
            json.dump({'port': self.world.port, 'daemons': with_daemons,
                       'machines': self.machines}, file)

    def expected(self):
        ours = self.world.daemon_processes()
        return [process for process in self.world.processes()
                if self.has_daemons or process not in ours]

    def dead(self):
        return [process.name for process in self.expected()
                if not process.is_running()]

    def must_be_up(self):
        if not self.is_made:
            raise Failure(f'no sandbox is up in {self.directory}; start it '
                          'with "./sandbox up"')

    def use(self):
        options = ''
        if self.options.dir != default_directory():
            options = f' --dir {shlex.quote(self.options.dir)}'
        text, more = USE, {}
        if self.machines:
            text, more = USE_SITE, self.shown_machines()
        return text.format(directory=self.directory, port=self.world.port,
                           command='./sandbox', options=options, **more)

    def shown_machines(self):
        """Where everything is, as texts."""
        world = self.world

        def where(prefix):
            return ', '.join(
                f'{name} {host.address} on {world.home(name).name}'
                for name, host in world.hosts.items()
                if name.startswith(prefix))
        return {'machines': ', '.join(
            machine.name for machine in (*world.controllers,
                                         *world.chassis)),
                'clients': where('client'), 'servers': where('web')}

    def start(self):
        """From nothing to a running sandbox; all or nothing."""
        if os.geteuid() != 0:
            raise Failure('the sandbox needs root: it makes network '
                          'namespaces')
        if not self.options.no_build:
            build()
        with_daemons = not self.options.without_daemons
        if with_daemons and port_is_taken(self.world.port):
            raise Failure(f'port {self.world.port} of 127.0.0.1 is in use; '
                          'choose another with --port')
        start = time.monotonic()
        try:
            # First of all, so that "down" knows whatever comes after.
            self.save(with_daemons)
            say('starting OVN, Open vSwitch, the networks and their hosts')
            self.world.start(with_daemons=False)
            if with_daemons:
                say('starting ovn-octavia-driver and ovn-octavia-api')
                self.world.start_daemons()
        except BaseException:
            self.remove()
            raise
        self.is_made, self.has_daemons = True, with_daemons
        say(f'up after {time.monotonic() - start:.1f} s\n')

    def remove(self):
        """Ends it; not to be interrupted."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.state_path)
        self.world.remove()
        self.is_made = False


def say(text):
    print(text, flush=True)


def default_directory():
    return os.path.join(TOP, '.sandbox')


def port_is_taken(port):
    import socket
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('127.0.0.1', port))
        except OSError:
            return True
    return False


def build():
    """Builds the daemons, with all that this needs."""
    directory = daemons.build_directory()
    commands = [['tools/openvswitch-unpack']]
    if not os.path.exists(os.path.join(directory, 'build.ninja')):
        commands.append(['meson', 'setup', directory])
    commands.append(['ninja', '-C', directory])
    for command in commands:
        say('$ ' + shlex.join(command))
        status = subprocess.call(command, cwd=TOP)
        if status != 0:
            raise Failure(f'{command[0]} failed with status {status}')


# The commands.

def do_up(sandbox):
    """build everything and start it"""
    if sandbox.is_made:
        dead = sandbox.dead()
        if dead:
            raise Failure('the sandbox is up, but has lost: '
                          f'{", ".join(dead)}.  "./sandbox restart" starts '
                          'them again, "./sandbox down" ends the rest.')
        say('It is already up.\n')
    else:
        sandbox.start()
    say(sandbox.use())


def do_down(sandbox):
    """end and remove everything"""
    was_made = sandbox.is_made or sandbox.world.exists()
    sandbox.remove()
    say('The sandbox is down.' if was_made else 'No sandbox was up.')


def do_status(sandbox):
    """say what runs; status 3 if it is not up, 1 if something died"""
    if not sandbox.is_made:
        say(f'No sandbox is up in {sandbox.directory}.')
        return 3
    for process in sandbox.expected():
        say(f'{process.name:19} ' + (f'pid {process.pid}' if
                                     process.is_running() else 'DEAD'))
    say(f'directory           {sandbox.directory}\n'
        f'sockets             {sandbox.world.rundir}\n'
        f'namespaces          {sandbox.world.prefix}-*\n'
        f'API                 http://127.0.0.1:{sandbox.world.port}')
    return 1 if sandbox.dead() else 0


def do_env(sandbox):
    """print what a shell needs: eval "$(./sandbox env)\""""
    sandbox.must_be_up()
    environment = sandbox.world.environment()
    for name, value in sorted(environment.items()):
        if value is None:
            say(f'unset {name}')
        else:
            say(f'export {name}={shlex.quote(str(value))}')


def do_exec(sandbox):
    """run a command on a host or machine: exec HOST COMMAND..."""
    sandbox.must_be_up()
    places = sandbox.world.places()
    host = places.get(sandbox.options.host)
    if host is None:
        raise Failure(f'no host {sandbox.options.host}; there are '
                      + ', '.join(sorted(places)))
    command = sandbox.options.command_line or ['bash']
    argv = host.argv(*command)
    os.execvp(argv[0], argv)


def do_restart(sandbox):
    """start again what died, or the processes named: restart [NAME...]"""
    sandbox.must_be_up()
    names = sandbox.options.names or sandbox.dead()
    known = {process.name: process for process in sandbox.expected()}
    for name in names:
        if name not in known:
            raise Failure(f'no process {name}; there are '
                          + ', '.join(sorted(known)))
    for name in names:
        known[name].restart()
        say(f'{name}: pid {known[name].pid}')
    sandbox.world.wait_ready(sandbox.has_daemons)


def do_demo(sandbox):
    """the walk-through, checked step by step"""
    start = time.monotonic()
    if sandbox.options.openstack:
        return demo_in_openstack(sandbox.options, start)
    was_up = sandbox.is_made
    if sandbox.machines:
        raise Failure('the demo is for a sandbox on one machine')
    if not was_up:
        sandbox.start()
    elif sandbox.dead():
        raise Failure(f'the sandbox has lost: {", ".join(sandbox.dead())}')
    if not sandbox.has_daemons:
        raise Failure('the sandbox is up without the daemons')
    tour = None
    try:
        tour = walkthrough.Walkthrough(
            sandbox.world, walkthrough.Narrator(color=sys.stdout.isatty()))
        take(tour, start)
    finally:
        if not was_up:
            sandbox.remove()
        elif tour is not None:
            tour.clean()


def take(tour, start):
    tour.run()
    say(f'\nAll {len(tour.steps())} steps are as they must be '
        f'({time.monotonic() - start:.0f} s).')


def demo_in_openstack(options, start):
    """The walk-through in a stack of its own; see tools/openstack."""
    if os.geteuid() != 0:
        raise Failure('the demo needs root: it makes namespaces')
    if options.provider == 'ours' and not options.no_build:
        build()
    stack = openstack.OpenStack(options.dir + '-openstack',
                                provider=options.provider, lasting=True)
    if stack.is_made:
        raise Failure(f'a stack is up in {stack.directory}; end it with '
                      f'"tools/openstack down --dir {stack.directory}"')
    try:
        say('starting MariaDB, Keystone, OVN, Neutron and Octavia')
        stack.up()
        say('making networks and hosts')
        world = openstack_world.OpenStackWorld(stack).make_network()
        say(f'up after {time.monotonic() - start:.1f} s')
        walk = (openstack_walk.OurWalkthrough if options.provider == 'ours'
                else openstack_walk.TheirWalkthrough)
        take(walk(world, walkthrough.Narrator(color=sys.stdout.isatty())),
             start)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stack.down()


COMMANDS = {'up': do_up, 'down': do_down, 'status': do_status,
            'env': do_env, 'exec': do_exec, 'restart': do_restart,
            'demo': do_demo}


def parse(argv):
    parser = argparse.ArgumentParser(
        prog='./sandbox', description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest='command', metavar='COMMAND')
    commands.add_parser('help', help='this text')
    for name, function in COMMANDS.items():
        command = commands.add_parser(name, help=function.__doc__)
        command.add_argument(
            '--dir', default=default_directory(),
            help='the directory of the sandbox (default: .sandbox)')
        command.add_argument(
            '--port', type=int,
            help=f'TCP port of the API (default: {DEFAULT_PORT})')
        if name in ('up', 'demo'):
            command.add_argument('--no-build', action='store_true',
                                 help='use the programs as they are')
            command.add_argument('--without-daemons', action='store_true',
                                 help='OVN and the network only')
        if name == 'up':
            command.add_argument('--controllers', type=int, metavar='N',
                                 choices=(1, 3, 5),
                                 help='machines with databases and daemons')
            command.add_argument('--chassis', type=int, metavar='N',
                                 choices=range(1, 10),
                                 help='machines with hosts')
        if name == 'demo':
            command.add_argument('--openstack', action='store_true',
                                 help='by way of a real Octavia')
            command.add_argument('--provider', default='ours',
                                 choices=('ours', 'python'),
                                 help="whose provider Octavia has")
        if name == 'exec':
            command.add_argument('host')
            command.add_argument('command_line', metavar='command',
                                 nargs=argparse.REMAINDER)
        if name == 'restart':
            command.add_argument('names', metavar='name', nargs='*')
    options = parser.parse_args(argv)
    if options.command in (None, 'help'):
        parser.print_help()
        raise SystemExit(0 if options.command else 2)
    return options


def main():
    options = parse(sys.argv[1:])
    world_module.interrupt_as_exit()
    try:
        return COMMANDS[options.command](Sandbox(options)) or 0
    except KeyboardInterrupt:
        say('\ninterrupted')
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # Nobody reads us any more ("./sandbox demo | head").
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Failure, AssertionError, proc.NotRunning) as error:
        print(f'sandbox: {error}', file=sys.stderr)
        return 1


if __name__ == '__main__':
    sys.exit(main())
