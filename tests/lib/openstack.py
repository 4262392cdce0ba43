# SPDX-License-Identifier: Apache-2.0
"""A small OpenStack on this machine: Keystone, Neutron with ML2/OVN, Octavia
with a provider driver, and OVN below them, all of it in one directory.

"tools/openstack" runs one for people, tests/openstack for tests.  Nothing
listens but on the loopback, on ports that no other stack has.  Octavia's two
services run in a mount namespace of their own, for two reasons: the driver
agent's sockets must be in /var/run/octavia, where provider drivers look for
them whatever the configuration says; and of two installed providers with
the same name Octavia sees only the one that is wanted.
"""

import contextlib
import glob
import hashlib
import itertools
import json
import os
import random
import re
import shutil
import socket

from . import (client, cloud, daemons, mariadb, netns, openstack_conf,
               openstack_template, ovn, ovsdb, proc, wait)

PACKAGES = '/usr/lib/python3/dist-packages'
THEIR_ENTRY_POINTS = f'{PACKAGES}/ovn_octavia_provider-*.*-info'
PLUGIN = os.path.join(daemons.REPO, 'plugin')
# An empty package with the Python provider's name: two of one name are none.
HIDE = os.path.join(daemons.REPO, 'tests', 'lib', 'no_python_provider')
PORTS = ('keystone', 'neutron', 'octavia')

# A path of a unix socket has at most 107 bytes.
RUNDIR_BYTES_MAX = 70

# Hides directories ($2) and puts $1 where /var/run/octavia is; then becomes
# the rest.  What is mounted goes with the last process of the namespace.
ISOLATE = """
sockets=$1 hidden=$2
shift 2
mount -t tmpfs -o mode=755 none /run
mkdir /run/octavia
mount --bind "$sockets" /run/octavia
for path in $hidden; do mount -t tmpfs none "$path"; done
exec "$@"
"""


def their_version():
    """The version of the Python provider, as numbers."""
    path, = glob.glob(THEIR_ENTRY_POINTS)
    text = os.path.basename(path).split('-')[1]
    return [int(number) for number in re.findall(r'\d+', text)]


def free_ports():
    """The first of as many free ports as a stack needs.  They are not among
    those that the kernel gives to clients: services start seconds later."""
    while True:
        base = random.randrange(15000, 32000, len(PORTS))
        with contextlib.ExitStack() as stack:
            try:
                for port in range(base, base + len(PORTS)):
                    probe = stack.enter_context(socket.socket())
                    probe.bind(('127.0.0.1', port))
            except OSError:
                continue
            return base


class OpenStack:
    """directory    what is made is below it
    port_base    the first of the three ports; None picks free ones
    provider     whose "ovn" Octavia has: "python" (Debian's package), "ours",
                 or "none" (Octavia does not run)
    agent        who starts ovn-octavia-agent: "octavia" (driver-agent does,
                 as it starts all provider agents) or "alone"
    association  "direct" or "group", see ovn-octavia-driver(8)
    lasting      True: everything outlives us.  False: everything ends with
                 us, even if we are killed.
    """

    def __init__(self, directory, port_base=None, provider='python',
                 agent='octavia', association='direct', lasting=False):
        self.directory = os.path.realpath(directory)
        self.lasting = lasting
        digest = hashlib.sha256(self.directory.encode()).hexdigest()[:8]
        self.prefix = 'os' + digest
        self.rundir = os.path.join(self.directory, 'run')
        if len(self.rundir.encode()) > RUNDIR_BYTES_MAX:
            self.rundir = f'/tmp/ovn-octavia-{os.getuid()}-{digest}'
        # For people; tests leave nothing outside the run directory.
        self.notes = self.directory if lasting else self.rundir
        self.state_path = os.path.join(self.notes, 'openstack.json')
        state = self._load()
        self.is_made = state is not None
        self.ports = state['ports'] if state else dict(
            zip(PORTS, itertools.count(port_base or free_ports())))
        self.provider = state['provider'] if state else provider
        self.agent = state['agent'] if state else agent
        self.association = state['association'] if state else association
        self.mariadb = mariadb.MariaDb(self.rundir, lasting)
        self.ovn = ovn.Ovn(self.rundir, self.prefix, lasting)
        self.keystone = self._service('keystone', self._uwsgi(
            'keystone', '/usr/bin/keystone-wsgi-public'),
            OS_KEYSTONE_CONFIG_FILES=self.path('keystone.conf'))
        self.neutron = self._service('neutron', [
            'neutron-server', '--config-file', self.path('neutron.conf')])
        self.octavia_db = ovsdb.Server(
            'octavia', ovsdb.OCTAVIA_SCHEMA, self.rundir, lasting=lasting)
        self._make_octavia()
        for process in self.processes().values():
            process.adopt()

    def _make_octavia(self):
        """What depends on the provider; nothing is started."""
        conf = self.path('octavia.conf')
        self.our_agent = daemons.Agent(
            self.rundir, self.octavia_db.remote, conf, self.isolated(),
            lasting=self.lasting)
        plugin = self._plugin_environment()
        self.driver_agent = self._service('driver-agent', self.isolated(
            'octavia-driver-agent', '--config-file', conf), **plugin)
        self.octavia_api = self._service('octavia-api', self.isolated(
            *self._uwsgi('octavia', '/usr/bin/octavia-wsgi', '--pyargv',
                         f'--config-file {conf}')), **plugin)
        self.our_driver = daemons.Driver(
            self.rundir, self.octavia_db.remote, self.ovn.nb.remote,
            self.ovn.sb.remote, lasting=self.lasting, extra=[
                f'--octavia-conf={conf}',
                f'--association={self.association}'])

    # What uses it.

    def path(self, name):
        return os.path.join(self.rundir, name)

    def url(self, service):
        return f'http://127.0.0.1:{self.ports[service]}'

    def client(self, user='demo', project=None):
        """REST to all services as a user; see cloud.Cloud."""
        return cloud.Cloud(self, user, project)

    def cli(self, user='demo', project=None):
        """The stock "openstack" command as a user."""
        return client.Cli(environment=self.environment(user, project))

    def environment(self, user='demo', project=None):
        """Variables that point every command at this stack; None for those
        to remove."""
        return {**openstack_conf.environment(self, user, project),
                **self.ovn.environment,
                'OVN_OCTAVIA_DB': self.octavia_db.remote,
                'OVN_OCTAVIA_DRIVER_CTL': self.our_driver.unixctl
                if self.provider == 'ours' else None}

    def run(self, *argv):
        """Runs a command in the environment of the services; returns all
        that it said."""
        return proc.run(['sh', '-c', 'exec "$@" 2>&1', 'sh', *argv],
                        self._python_environment(), deadline=240)

    def processes(self):
        """All that may run, by name, in the order in which they depend on
        each other."""
        found = [self.mariadb.process, *reversed(self.ovn.processes()),
                 self.keystone, self.neutron]
        if self.provider == 'ours':
            found += [self.octavia_db.process, self.our_driver.process]
            if self.agent == 'alone':
                found.append(self.our_agent.process)
        if self.provider != 'none':
            found += [self.driver_agent, self.octavia_api]
        return {process.name: process for process in found}

    def dead(self):
        return [name for name, process in self.processes().items()
                if not process.is_running()]

    def process(self, name):
        """A process by name; "agent" is there whoever has started it."""
        return (self.our_agent.find() if name == 'agent'
                else self.processes()[name])

    def kill(self, name):
        """SIGKILL for a process and all that it started."""
        self.process(name).kill()

    def restart(self, name):
        """Ends a process, if it runs, starts it and waits until it works.
        """
        self.begin_restart(name)
        self.wait_ready(name)

    def begin_restart(self, name):
        """The same, without the wait."""
        process = self.processes()[name]
        process.stop()
        if name == 'driver-agent':
            self._clear_sockets()
        process.start()

    def wait_ready(self, *names):
        """Waits until these processes, or all, do what they are for."""
        waits = {'mariadb': self.mariadb.wait_ready,
                 'nb': self.ovn.nb.wait_ready,
                 'sb': self.ovn.sb.wait_ready,
                 'conf': self.ovn.conf.wait_ready,
                 'keystone': lambda: self._wait_http('keystone', '/v3'),
                 'neutron': lambda: self._wait_http('neutron', '/'),
                 'octavia': self.octavia_db.wait_ready,
                 'driver': self.our_driver.wait_ready,
                 'agent': self.our_agent.wait_ready,
                 'driver-agent': self._wait_driver_agent,
                 'octavia-api': lambda: self._wait_http('octavia-api', '/')}
        for name in names or self.processes():
            waits.get(name, self.ovn.wait_ready)()

    # Up.

    def up(self):
        """From nothing to a running stack."""
        self._make_directories()
        self._save()
        if self.lasting:
            proc.mark_commands(self.rundir)
        else:
            from . import janitor
            janitor.start(self.directory, self.rundir, self.prefix)
        openstack_template.copy(self)
        self.mariadb.start()
        for service in ('keystone', 'neutron'):
            self._configure(service)
        self.keystone.start()
        self._start_ovn()
        self.mariadb.wait_ready()
        self.neutron.start()
        self.wait_ready('keystone')
        # Before anybody logs in: who does remembers what it says.
        cloud.Identity(self).point_catalog()
        self.start_octavia()
        self.wait_ready()
        self._write_rc_files()
        self.is_made = True
        return self

    def start_octavia(self, provider=None, agent=None, association=None):
        """Starts Octavia with a provider, on the databases as they are;
        does not wait for it.  It must not be running."""
        self.provider = provider or self.provider
        self.agent = agent or self.agent
        self.association = association or self.association
        self._make_octavia()
        self._save()
        if self.provider == 'none':
            return
        self._configure('octavia')
        self._clear_sockets()
        if self.provider == 'ours':
            # They go on with the logs of those before them.
            self.our_driver.skip_log()
            self.our_agent.skip_log()
            self.octavia_db.start()
            self.our_driver.start()
            if self.agent == 'alone':
                self.our_agent.start()
        self.driver_agent.start()
        # A driver that does not find the sockets tries again seconds later.
        self._wait_sockets()
        self.octavia_api.start()

    def stop_octavia(self):
        """Ends Octavia's services and, if the provider is ours, its
        daemons; everything else goes on."""
        for process in (self.octavia_api, self.driver_agent,
                        self.our_agent.process, self.our_driver.process,
                        self.octavia_db.process):
            process.stop(deadline=30)

    def switch(self, provider, **more):
        """Octavia with another provider."""
        self.stop_octavia()
        self.start_octavia(provider, **more)
        self.wait_ready()

    def _make_directories(self):
        os.makedirs(self.directory, exist_ok=True)
        if self.rundir.startswith('/tmp/ovn-octavia-'):
            # Anybody may have made this name before us.
            shutil.rmtree(self.rundir, ignore_errors=True)
            os.mkdir(self.rundir, mode=0o700)
        else:
            os.makedirs(self.rundir, mode=0o700, exist_ok=True)
        for name in ('home', 'sockets', 'neutron', 'neutron-lock'):
            os.makedirs(self.path(name), exist_ok=True)

    def _start_ovn(self):
        self.ovn.start()
        # Neutron's provider network "public" is a bridge on the chassis,
        # which is also the gateway to it.
        self.ovn.vsctl('--no-wait', 'add-br', 'br-ex', '--', 'set', 'Bridge',
                       'br-ex', 'datapath_type=netdev', '--',
                       'set', 'Open_vSwitch', '.',
                       'external_ids:ovn-bridge-mappings=public:br-ex',
                       'external_ids:ovn-cms-options='
                       'enable-chassis-as-gw')

    def _configure(self, service):
        openstack_conf.write(self.path(f'{service}.conf'),
                             getattr(openstack_conf, service)(self))

    def _write_rc_files(self):
        ovn_env = ''.join(f'export {name}={value}\n' for name, value
                          in self.ovn.environment.items() if value)
        for user in ('admin', 'demo'):
            with open(os.path.join(self.notes, f'{user}.rc'), 'w',
                      encoding='utf-8') as file:
                file.write(openstack_conf.rc_file(self, user) + ovn_env)

    # Down.

    def down(self):
        """Ends everything that belongs to this directory, whoever made it
        and however far they got, and removes it."""
        self.stop()
        shutil.rmtree(self.rundir, ignore_errors=True)
        for name in ('admin.rc', 'demo.rc', 'ids.json', 'openstack.json'):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.notes, name))
        with contextlib.suppress(OSError):
            os.rmdir(self.directory)
        self.is_made = False

    def stop(self):
        proc.stop_recorded(self.rundir)
        netns.delete_all(self.prefix)

    def exists(self):
        """Whether anything of it is there, running or not."""
        return (os.path.exists(self.rundir) or bool(proc.marked(self.rundir))
                or bool(netns.names(self.prefix)))

    # How it works.

    def isolated(self, *argv):
        """The command line that runs 'argv' where /var/run/octavia is ours
        and the other provider is not installed."""
        hidden = [] if self.provider == 'python' \
            else glob.glob(THEIR_ENTRY_POINTS)
        return ['unshare', '--mount', '--propagation', 'private',
                'sh', '-euc', ISOLATE, 'sh', self.path('sockets'),
                ' '.join(hidden), *argv]

    def _service(self, name, argv, **more):
        return proc.Process(name, argv, self.rundir, {
            **self._python_environment(), **more}, self.lasting)

    def _uwsgi(self, name, program, *more):
        """Like Debian's own configuration, for fewer users."""
        return ['uwsgi_python3', '--plugins', 'python3',
                '--http-socket', f'127.0.0.1:{self.ports[name]}',
                '--master', '--lazy-apps', '--thunder-lock', '--need-app',
                '--enable-threads', '--processes', '2', '--threads', '8',
                '--die-on-term', '--no-orphans', '--listen', '100',
                '--buffer-size', '65535', '--rem-header', 'Content-Length',
                '--chdir', self.rundir, '--wsgi-file', program, *more]

    def _python_environment(self):
        home = self.path('home')
        return {**{name: None for name in os.environ
                   if name.startswith('OS_') or name.endswith('_proxy')},
                # Caches of entry points, and what else there may be.
                'HOME': home, 'XDG_CACHE_HOME': os.path.join(home, 'cache'),
                'OVS_RUNDIR': self.rundir,
                'OVN_OCTAVIA_RUNDIR': self.rundir,
                'PYTHONPATH': None, 'PYTHONWARNINGS': 'ignore'}

    def _plugin_environment(self):
        if self.provider != 'ours':
            return {}
        return {'PYTHONPATH': f'{PLUGIN}:{HIDE}', 'PYTHONDONTWRITEBYTECODE': '1',
                'PATH': os.path.join(daemons.build_directory(), 'src') + ':'
                + os.environ['PATH'], **self.our_agent.process.env}

    def _clear_sockets(self):
        """Sockets that are left of a killed driver-agent look like new."""
        for path in glob.glob(self.path('sockets/*.sock')):
            # Their owners, who are about to end, are faster at times.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)

    def _wait_sockets(self):
        names = ('status.sock', 'stats.sock', 'get.sock')

        def there():
            self.driver_agent.check_alive()
            return all(os.path.exists(self.path(f'sockets/{name}'))
                       for name in names)
        wait.until(there, 'octavia-driver-agent listens', 60)

    def _wait_driver_agent(self):
        self._wait_sockets()
        if self.provider == 'ours':
            self.our_agent.wait_ready()

    def _wait_http(self, name, path):
        process = self.processes()[name]
        port = self.ports[name.removesuffix('-api')]

        def answers():
            process.check_alive()
            reply = cloud.Service(port, '').request('GET', path)
            assert reply.status == 200, reply
            return True
        wait.until(answers, f'{name} answers', 90, interval=0.1)

    def _load(self):
        try:
            with open(self.state_path, encoding='utf-8') as file:
                return json.load(file)
        except (OSError, ValueError):
            return None

    def _save(self):
        with open(self.state_path, 'w', encoding='utf-8') as file:
            json.dump({'ports': self.ports, 'provider': self.provider,
                       'agent': self.agent,
                       'association': self.association}, file)
