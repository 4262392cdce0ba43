# SPDX-License-Identifier: Apache-2.0
"""The base of the tests of the page at /ui: a browser, and what it must have
done after every test: no request to anything but our API, no violation of the
page's Content Security Policy, no complaint on the console.

Where all that matters is what the page makes of rows, they are written into
OVN_Octavia as they are: no driver is there to change them.
"""

import os
import shutil
import tempfile

from lib import browser, daemons, janitor, ovsdb

# Where the tests put pictures of the page; docs/ui.md says more.
PICTURES = os.environ.get('OVN_OCTAVIA_TEST_PICTURES')

# Names of a user who would like the page to do something else.
NASTY = ('<img src=x onerror="document.title=1">', '<b>bold</b>',
         '</span><script>document.title = 2</script>',
         '"><svg onload=alert(1)>', '&lt;i&gt; &amp; <!-- ',
         '\u202eevil', '{{7*7}} ${7*7} javascript:alert(1)')

# Columns that the schema wants to have a value.
DEFAULTS = {'Load_Balancer': {'provider': 'ovn', 'vip_vnic_type': 'normal'},
            'Listener': {'client_authentication': 'NONE'},
            'Member': {'vnic_type': 'normal'}}


class Mixin:
    """For a TestCase: self.browser, whose API listens on self.port."""

    allowed_on_page = ()        # Parts of lines of the console.
    port = None

    @classmethod
    def start_browser(cls):
        """One for all tests of a class: it takes longer than they do."""
        directory = tempfile.mkdtemp(prefix='oo-ui-', dir='/tmp')
        janitor.start(directory, directory,
                      'x' + os.path.basename(directory))
        cls.addClassCleanup(shutil.rmtree, directory, ignore_errors=True)
        cls.browser = browser.Browser(directory)
        cls.addClassCleanup(cls.browser.stop)
        cls.browser.start()

    def begin_page(self):
        self.browser.requests = []
        self.browser.complaints = []
        self.addCleanup(self.look_back)

    def look_back(self):
        """The page has done nothing that it should not."""
        self.browser.read_logs()
        self.browser.open('about:blank')
        self.assertLessEqual(self.browser.hosts(),
                             {f'127.0.0.1:{self.port}'})
        allowed = self.allowed_on_page
        self.assertEqual([line for line in self.browser.complaints
                          if not any(part in line for part in allowed)], [])

    def open_page(self, rest='/ui/'):
        self.browser.open(f'http://127.0.0.1:{self.port}{rest}')

    def wait_rows(self, n, total=None):
        """Waits until the page says that it shows so many, and shows them.
        It may have said so of others before."""
        self.browser.wait_frames()
        text = f'{n:,} of ' + (f'{total:,}' if total is not None else '')
        self.browser.wait_for(
            f'the page shows {text}', "return document.getElementById('news')"
            '.innerText.startsWith(args[0])', text)
        self.browser.wait_frames()

    def names(self):
        """The names in sight, from top to bottom."""
        return self.browser.run(
            "return [...document.querySelectorAll('.row')]"
            '.filter((row) => !row.hidden)'
            '.sort((a, b) => a.dataset.index - b.dataset.index)'
            ".map((row) => row.querySelector('.name').innerText)")

    def focus(self):
        return self.browser.run('return document.activeElement.id')

    def wait_focus(self, where):
        self.browser.wait_for(
            f'{where} has the focus',
            'return document.activeElement.id === args[0]', where)

    def picture(self, name):
        if PICTURES:
            self.browser.screenshot(os.path.join(PICTURES, name + '.png'))


class Stand:
    """A database with rows, and an API that shows them."""

    def __init__(self):
        self.rundir = tempfile.mkdtemp(prefix='oo-ui-', dir='/tmp')
        janitor.start(self.rundir, self.rundir,
                      'x' + os.path.basename(self.rundir))
        self.octavia = ovsdb.Server('octavia', ovsdb.OCTAVIA_SCHEMA,
                                    self.rundir)
        self.nb = ovsdb.Server('nb', ovsdb.NB_SCHEMA, self.rundir)
        self.apis = []
        self.at = 1700000000000000      # Of the next row.

    def start(self):
        self.octavia.start()
        self.nb.start()
        return self

    def start_api(self, name, wait_ready=True, extra=()):
        api = daemons.Api(self.rundir, self.octavia.remote, self.nb.remote,
                          name=name, extra=extra).start()
        self.apis.append(api)
        return api.wait_ready() if wait_ready else api

    def stop(self):
        for daemon in (*self.apis, self.octavia, self.nb):
            daemon.stop()
        shutil.rmtree(self.rundir, ignore_errors=True)

    def row(self, table, label, **columns):
        """An operation that inserts a row."""
        self.at += 1000000
        return {'op': 'insert', 'table': table, 'uuid-name': label, 'row': {
            'admin_state_up': True, 'provisioning_status': 'ACTIVE',
            'operating_status': 'ONLINE', 'created_at': self.at,
            'updated_at': self.at, **DEFAULTS.get(table, {}), **columns}}

    def write(self, operations, at_once=500):
        with self.octavia.client() as db:
            return [result for start in range(0, len(operations), at_once)
                    for result
                    in db.transact(*operations[start:start + at_once])]

    def load_balancers(self, n, **columns):
        """Makes some, whose 'columns' are functions of a number."""
        return self.write([self.row(
            'Load_Balancer', f'lb{i}',
            **{name: value(i) for name, value in columns.items()})
            for i in range(n)])

    def large_pool(self, lb_name, n_members):
        """A load balancer whose pool has many members, all in one
        transaction."""
        def ref(label):
            return ['named-uuid', label]
        members = [self.row(
            'Member', f'm{i}', name=f'member-{i}', pool=ref('pool'),
            address=f'10.9.{i // 250}.{i % 250 + 1}', protocol_port=8080,
            weight=i % 5 + 1) for i in range(n_members)]
        self.write([
            *members,
            self.row('Pool', 'pool', name='large', protocol='TCP',
                     lb_algorithm='SOURCE_IP_PORT', load_balancer=ref('lb'),
                     members=['set', [ref(f'm{i}')
                                      for i in range(n_members)]]),
            self.row('Listener', 'listener', name='front', protocol='TCP',
                     protocol_port=80, load_balancer=ref('lb'),
                     default_pool=ref('pool')),
            self.row('Load_Balancer', 'lb', name=lb_name, project_id='p',
                     vip_address='10.9.9.9',
                     listeners=ref('listener'), pools=ref('pool'))],
            at_once=n_members + 3)
