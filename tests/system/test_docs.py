# SPDX-License-Identifier: Apache-2.0
"""The pages of docs/: links lead somewhere, commands name programs,
subcommands, options, settings and statuses that exist, and the commands of
the pages for operators work.
"""

import os
import re
import subprocess
import tempfile
import unittest

from lib import ctl, daemons, docs, harness, ovsdb, wait

OURS = ('ovn-octavia-api', 'ovn-octavia-driver', 'ovn-octavia-agent',
        'ovn-octavia-ctl')
# Of OVN and Open vSwitch: the option that makes them print their commands.
OTHERS = {'ovsdb-client': 'help', 'ovsdb-tool': 'help', 'ovs-appctl': '',
          'ovn-nbctl': '--help', 'ovn-sbctl': '--help'}
# Of commands like "list", as ovn-nbctl(8) has them.
DATABASE_OPTIONS = ('columns', 'if-exists', 'id')
# Pages whose commands are run; backup.md is test_backup.py's.
RUN = ('docs/monitor.md', 'docs/troubleshoot.md')

LINK = re.compile(r'\]\(([^)\s]+)\)')
OPTION = re.compile(r'(?<![\w-])--([a-z][a-z-]*[a-z])')
SECTION = re.compile(r'^\[([a-z_-]+)\]$')
KEY = re.compile(r'^([a-z_]+) = ')


def prose(page):
    """A page without its blocks, in which brackets are brackets."""
    return '\n'.join(line for _, _, line, is_code in docs.lines(page)
                     if not is_code)


def anchor(heading):
    """What a link to a heading has behind its #."""
    text = re.sub(r'\[([^]]*)\]\([^)]*\)', r'\1', heading).lower()
    return re.sub(r'[^\w\- ]', '', text).replace(' ', '-')


def source(path):
    with open(os.path.join(daemons.REPO, path), encoding='utf-8') as file:
        return file.read()


class TestLinks(unittest.TestCase):

    def test_links(self):
        """every link to a file or a heading of the tree leads there"""
        wrong = []
        for page in docs.pages():
            for target in LINK.findall(prose(page)):
                if re.match(r'[a-z]+:', target):
                    continue
                path, _, part = target.partition('#')
                path = os.path.normpath(os.path.join(
                    os.path.dirname(page), path)) if path else page
                if not os.path.exists(os.path.join(daemons.REPO, path)):
                    wrong.append(f'{page}: {target}')
                elif part and part not in {
                        anchor(heading[2]) for heading in
                        map(docs.HEADING.match, docs.read(path).splitlines())
                        if heading}:
                    wrong.append(f'{page}: no heading {target}')
        self.assertEqual(wrong, [])

    def test_index(self):
        """the index names every page, and README names the index"""
        index = docs.read('docs/README.md')
        self.assertEqual(
            [page for page in docs.pages() if page.startswith('docs/')
             and page != 'docs/README.md'
             and f']({page[len("docs/"):]})' not in index], [])
        self.assertIn('](docs/README.md)', docs.read('README.md'))

    def test_findings(self):
        """monitor.md says of every finding who should be told"""
        table = docs.read('docs/monitor.md').partition(
            '| findings | tell |')[2].partition('\n\n')[0]
        directory = os.path.join(daemons.REPO, 'src', 'ctl')
        codes = re.findall(r'\{ "([a-z0-9-]+)", FINDING_', ''.join(
            source(f'src/ctl/{name}') for name in os.listdir(directory)
            if name.startswith('findings')))
        self.assertEqual(sorted(codes),
                         sorted(re.findall(r'`([^`]+)`', table)))

    def test_pictures(self):
        """every picture is in a page, and small enough to read as text"""
        text = ''.join(docs.read(page) for page in docs.pages())
        directory = os.path.join(docs.DOCS, 'pictures')
        for name in os.listdir(directory):
            self.assertIn(f'(pictures/{name})', text)
            self.assertLess(os.path.getsize(os.path.join(directory, name)),
                            8192)

    def test_screenshots(self):
        """every screenshot is in a page, and small enough for a page"""
        text = ''.join(docs.read(page) for page in docs.pages())
        directory = os.path.join(docs.DOCS, 'screenshots')
        for name in os.listdir(directory):
            self.assertIn(f'(screenshots/{name})', text)
            self.assertLess(os.path.getsize(os.path.join(directory, name)),
                            150 * 1024)


class TestCommands(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.helps = {}

    def help(self, program):
        """What a program says of itself."""
        if program not in self.helps:
            path = program
            argument = OTHERS.get(program, '--help')
            if program in OURS:
                path = os.path.join(daemons.build_directory(), 'src', program)
            self.helps[program] = subprocess.run(
                [path, argument], stdout=subprocess.PIPE, text=True,
                stderr=subprocess.STDOUT, check=False,
                timeout=30 * wait.SLOWNESS).stdout
        return self.helps[program]

    def commands(self, programs):
        return [command for page in docs.pages()
                for command in docs.commands(page, programs=programs)]

    def test_extraction(self):
        """commands are found in blocks, in lists and over several lines"""
        found = [command.text for command
                 in docs.commands('docs/backup.md', 'OVN_Octavia is lost')]
        self.assertIn('ovn-octavia-ctl diff', found)
        self.assertTrue(any(text.startswith('ovsdb-tool create-cluster')
                            and text.endswith('tcp:192.0.2.1:6651')
                            for text in found))
        self.assertGreater(len(self.commands(OURS)), 30)

    def test_options(self):
        """every option of our programs that a page gives is in --help"""
        wrong = []
        for command in self.commands(OURS):
            words = command.words() or command.text.split()
            program = os.path.basename(words[0])
            for word in words[1:]:
                found = OPTION.match(word)
                if program == 'ovn-octavia-ctl' and found \
                        and found[1] in DATABASE_OPTIONS:
                    continue
                if found and f'--{found[1]}' not in self.help(program):
                    wrong.append(f'{command.place}: {program} --{found[1]}')
        self.assertEqual(wrong, [])

    def test_subcommands(self):
        """every command of ovn-octavia-ctl and of OVSDB's tools that a page
        gives exists"""
        wrong = []
        for program in ('ovn-octavia-ctl', 'ovsdb-client', 'ovsdb-tool',
                        'ovn-nbctl', 'ovn-sbctl'):
            for command in self.commands((program,)):
                words = command.words() or command.text.split()
                names = [word for word in words[1:]
                         if not word.startswith('-')
                         and not word.startswith('$')]
                # "create-cluster" may have its options before it.
                if names and not re.search(
                        rf'(^|[ \]]){re.escape(names[0])}\b',
                        self.help(program), re.M):
                    wrong.append(f'{command.place}: {program} {names[0]}')
        self.assertEqual(wrong, [])

    def test_control_commands(self):
        """every command that ovs-appctl gives one of our daemons is one"""
        code = ''.join(
            source(os.path.relpath(os.path.join(directory, name),
                                   daemons.REPO))
            for directory, _, names in os.walk(
                os.path.join(daemons.REPO, 'src'))
            for name in names if name.endswith('.c'))
        # Of libopenvswitch and of ovsdb-server.
        others = ('vlog/', 'coverage/', 'cluster/', 'list-commands', 'exit')
        wrong = []
        for command in self.commands(('ovs-appctl',)):
            name = [word for word in command.words()[1:]
                    if not word.startswith('-')][1]
            if not name.startswith(others) and f'"{name}"' not in code:
                wrong.append(f'{command.place}: {name}')
        self.assertEqual(wrong, [])

    def test_settings(self):
        """every section and key of a file of settings that a page shows is
        known to a program"""
        known = ''.join(
            source(f'{folder}/{name}') for folder in
            ('src/base', 'src/api', 'src/auth', 'src/agent', 'src/driver',
             'src/octavia', 'src/net', 'plugin/ovn_octavia_plugin')
            for name in os.listdir(os.path.join(daemons.REPO, folder))
            if name.endswith(('.c', '.h', '.py')))
        known += source('db/ovn-octavia-db')
        # Octavia's own.
        octavias = {'enabled_provider_drivers', 'default_provider_driver',
                    'api_settings'}
        wrong = []
        for page in docs.pages():
            for number, _, line, is_code in docs.lines(page):
                found = is_code and (SECTION.match(line.strip())
                                     or KEY.match(line.strip()))
                if (found and found[1] not in octavias
                        and not re.search(rf'["\'\s(]{found[1]}["\'\s),]',
                                          known)):
                    wrong.append(f'{page}:{number}: {found[1]}')
        self.assertEqual(wrong, [])


class TestUpgrade(unittest.TestCase):

    def test_conversion(self):
        """the first schema is converted by the command of upgrade.md while
        its server runs, and its rows stay"""
        with tempfile.TemporaryDirectory(prefix='oo-', dir='/tmp') as rundir:
            server = ovsdb.Server('octavia', os.path.join(
                daemons.REPO, 'tests', 'lib', 'schemas',
                'ovn-octavia-0.1.0.ovsschema'), rundir)
            server.start()
            self.addCleanup(server.stop)
            with server.client() as db:
                db.transact({'op': 'insert', 'table': 'Load_Balancer',
                             'row': {'name': 'old', 'provider': 'ovn',
                                     'vip_vnic_type': 'normal',
                                     'provisioning_status': 'ACTIVE',
                                     'operating_status': 'ONLINE'}})
                before = db.select('Load_Balancer')
            printed = []
            for command in docs.commands('docs/upgrade.md', 'In this order'):
                if not command.text.startswith('ovsdb-'):
                    continue
                text = command.text.replace(
                    '/run/ovn-octavia/octavia_db.sock', server.socket)
                text = text.replace(
                    '/usr/share/ovn-octavia/ovn-octavia.ovsschema',
                    os.path.realpath(ovsdb.OCTAVIA_SCHEMA))
                printed.append(subprocess.run(
                    ['bash', '-c', text], stdout=subprocess.PIPE, text=True,
                    check=True, timeout=30 * wait.SLOWNESS).stdout)
            self.assertEqual(len(printed), 3)
            self.assertEqual(printed[1], printed[2])
            with server.client() as db:
                after = db.select('Load_Balancer')
            # "_version" is of the server, and changes.
            self.assertEqual(
                [{key: row[key] for key in before[0] if key != '_version'}
                 for row in after],
                [{key: value for key, value in row.items()
                  if key != '_version'} for row in before])


class TestSecure(unittest.TestCase):

    def test_tls(self):
        """the commands of secure.md make keys, have the database listen with
        them, and reach it by TLS; without a certificate it is not reached"""
        with tempfile.TemporaryDirectory(prefix='oo-', dir='/tmp') as rundir:
            port = daemons.free_port()
            server = ovsdb.Server('octavia', ovsdb.OCTAVIA_SCHEMA, rundir)
            server.process.argv += [
                '--remote=db:OVN_Octavia,Octavia_Global,connections',
                '--private-key=db:OVN_Octavia,SSL,private_key',
                '--certificate=db:OVN_Octavia,SSL,certificate',
                '--ca-cert=db:OVN_Octavia,SSL,ca_cert']
            server.start()
            self.addCleanup(server.stop)
            environment = {
                **os.environ, 'OVN_OCTAVIA_DB': server.remote,
                'OVS_LOGDIR': rundir,
                'PATH': os.path.join(daemons.build_directory(), 'src') + ':'
                        + os.environ['PATH']}
            commands = [
                re.sub(r'(192\.0\.2\.1|pssl):6650', lambda found: {
                    'pssl': f'pssl:{port}:127.0.0.1'}.get(
                        found[1], f'127.0.0.1:{port}'), command.text)
                .replace('/etc/ovn-octavia', rundir)
                for command in docs.commands('docs/secure.md',
                                             'TLS everywhere')]
            self.assertEqual(len(commands), 7)
            done = subprocess.run(
                ['bash', '-ec', '\n'.join(commands)], env=environment,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                check=False, timeout=90 * wait.SLOWNESS)
            self.assertEqual(done.returncode, 0, done.stdout)
            done = subprocess.run(
                ['ovn-octavia-ctl', f'--db=ssl:127.0.0.1:{port}',
                 '--timeout=2', 'show'], env=environment,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                check=False, timeout=30 * wait.SLOWNESS)
            self.assertNotEqual(done.returncode, 0)


class TestPages(harness.SystemTest):
    """Pages whose commands are run, one after the other, beside a load
    balancer "web"."""

    def test_run(self):
        """every command of monitor.md and troubleshoot.md that needs no
        Octavia works"""
        world = self.world
        self.web_lb('web')
        self.settle()
        # Until "northd-behind" and the like are gone.
        wait.until(lambda: ctl.Ctl(world).run('explain', 'web').returncode
                   == 0, 'nothing is wrong with it', 30)
        places = {
            '-t ovn-octavia-driver': f'-t {world.driver.unixctl}',
            '-t ovn-octavia-api': f'-t {world.api.unixctl}',
            '/run/ovn-octavia/octavia_db.ctl': world.octavia.unixctl,
            ' state.txt': f' {world.rundir}/state.txt',
            'ovn-octavia-ctl explain':
                f'ovn-octavia-ctl --driver-ctl={world.driver.unixctl} '
                'explain'}
        environment = {
            **os.environ, **{key: value for key, value
                             in world.environment().items() if value},
            'PATH': os.path.join(daemons.build_directory(), 'src') + ':'
                    + os.environ['PATH']}
        ran = 0
        for page in RUN:
            for command in docs.commands(page):
                # Only beside an existing Octavia; the doctor judges this
                # machine, and has tests of its own, as metrics have.
                if re.search('ovn-agent.sock|sync-octavia|ctl doctor'
                             '|:9877/metrics', command.text):
                    continue
                text = command.text
                for place, here in places.items():
                    text = text.replace(place, here)
                done = subprocess.run(
                    ['bash', '-c', text], env=environment,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    text=True, check=False, timeout=60 * wait.SLOWNESS)
                self.assertEqual((done.returncode, done.stderr), (0, ''),
                                 f'{command}\n{done.stdout}')
                ran += 1
        self.assertGreater(ran, 15)

    def test_statuses(self):
        """the lines that monitor.md explains are those that the driver and
        the API print"""
        printed = {'The driver': self.world.driver.appctl('driver/status'),
                   'The API': self.world.api.appctl('api/status')}
        # With Neutron, with Keystone, with users of our own, or with TLS.
        optional = {'neutron', 'good tokens', 'other tokens', 'questions',
                    'users', 'users file', 'users loads', 'tokens',
                    'passwords to check',
                    'certificate', 'certificate end', 'certificate loads'}
        for section, text in printed.items():
            names = {line.partition(':')[0] for line in text.splitlines()}
            rows = [line.split('|')[1] for _, where, line, _
                    in docs.lines('docs/monitor.md')
                    if where == section and line.startswith('| `')]
            told = {name for row in rows
                    for name in re.findall(r'`([^`]+)`', row)}
            self.assertEqual(told - optional, names, section)
