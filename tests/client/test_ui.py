# SPDX-License-Identifier: Apache-2.0
"""The page at /ui, in a real browser."""

import os
import unittest

import uitest
from lib import (browser, client, harness, health, keystone, localusers,
                 wait)

STATES = {'online': 'ONLINE', 'error': 'ERROR', 'degraded': 'DEGRADED',
          'offline': 'OFFLINE'}
N_MANY = 5000
# Elements of the page, whatever it shows.
ELEMENTS_MAX = 700


@unittest.skipIf(browser.why_not(), browser.why_not())
class Alive(harness.SystemTest, health.Mixin, uitest.Mixin):
    """With all of OVN behind the API."""

    @classmethod
    def prepare_world(cls):
        cls.port = cls.world.port

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_browser()

    def setUp(self):
        super().setUp()
        self.begin_page()

    def make_shop(self):
        """A load balancer with two listeners on one pool, which is probed,
        and a pool for itself."""
        api = self.api
        lb = api.create_loadbalancer('n1', name='shop',
                                     description='what customers see')
        front = api.create_listener(lb['id'], 80, name='front')
        pool = api.create_pool(lb['id'], name='web', listener_id=front['id'],
                               session_persistence={'type': 'SOURCE_IP'})
        for server, weight in (('web1', 3), ('web2', 1), ('web3', 1)):
            host = self.world.hosts[server]
            api.create_member(lb['id'], pool['id'], host.address, 8080,
                              host.network.name, name=server, weight=weight)
        api.create_monitor(lb['id'], pool['id'], name='alive?')
        api.create_listener(lb['id'], 443, name='secure',
                            default_pool_id=pool['id'])
        api.create_pool(lb['id'], name='spare')
        self.wait_statuses(lb['id'], {'web/web1': 'ONLINE',
                                      'web/web2': 'ONLINE',
                                      'web/web3': 'ONLINE'})
        return lb

    def wait_member(self, server, status):
        address = self.world.hosts[server].address
        self.browser.wait_text('.node.member', f'{address}:8080\n{server} · '
                               f'{status} · weight')

    def test_death(self):
        """the page shows the tree of a load balancer, that a member dies,
        and that it lives again, without being told to look"""
        for name in ('mail', 'search', 'wiki'):
            self.web_lb(name, servers=('web1',))
        self.make_shop()
        page = self.browser
        self.open_page()
        self.wait_rows(4, 4)
        self.assertEqual(self.names(), ['mail', 'search', 'wiki', 'shop'])

        page.press('End', 'Enter')
        self.wait_focus('tree')
        self.wait_member('web2', 'ONLINE')
        self.assertEqual(
            [text.split('\n') for text in page.texts('.node .lines')
             if 'weight' not in text],
            [[self.api.find('loadbalancers', 'shop')['vip_address'],
              'ONLINE'],
             ['TCP 80', 'front', 'ONLINE'],
             ['web', 'TCP · SOURCE_IP_PORT · SOURCE_IP', 'ONLINE'],
             ['probe TCP every 1 s', 'ONLINE'],
             ['TCP 443', 'secure', 'ONLINE'],
             ['spare', 'TCP · SOURCE_IP_PORT', 'OFFLINE']])
        self.assertEqual(page.count('.node.member'), 3)
        self.assertEqual(page.count('#tree path'), 9)
        self.assertFalse(page.is_shown('#fault'))

        self.stop_backend('web2')
        self.wait_member('web2', 'ERROR')
        self.assertIn('error', page.run(
            "return document.querySelector('.node.member.error').className"))
        page.wait_text('.row.degraded', 'DEGRADED')
        page.wait_text('#head-status', 'DEGRADED')
        page.wait_text('.state.degraded', 'Degraded 1')
        self.picture('ui-light')
        page.prefer('dark')
        self.picture('ui-dark')
        page.prefer('light')
        page.resize(390, 844, is_phone=True)
        page.wait_for('the tree is as narrow as the screen', 'return [...'
                      "document.querySelectorAll('.node')].every((one) => "
                      'one.getBoundingClientRect().right <= 390)')
        self.picture('ui-phone')
        page.resize(*page.size)

        self.start_backend('web2')
        self.wait_member('web2', 'ONLINE')
        page.wait_text('#head-status', '● ONLINE')

    def test_changes(self):
        """what is made, changed and deleted appears, changes and goes"""
        page = self.browser
        self.open_page()
        self.allowed_on_page = ('status of 404',)
        self.wait_rows(0)
        lb = self.web_lb('first', servers=('web1',))
        self.wait_rows(1, 1)
        page.click('.row')
        self.wait_member('web1', 'NO_MONITOR')
        pool, = self.api.get('/pools')
        member, = self.api.get(f'/pools/{pool["id"]}/members')
        self.api.update(lb['id'],
                        f'/pools/{pool["id"]}/members/{member["id"]}',
                        weight=0, name='resting')
        page.wait_text('.node.member', 'resting · ')
        page.wait_text('.node.member', 'weight 0')
        self.api.delete_loadbalancer(lb['id'])
        page.wait_text('#fault', 'This load balancer is gone.')
        self.wait_rows(0)


class StandTest(unittest.TestCase, uitest.Mixin):
    """With rows that nothing changes."""

    stand = None

    @classmethod
    def setUpClass(cls):
        cls.stand = uitest.Stand()
        cls.addClassCleanup(cls.stand.stop)
        cls.stand.start()
        cls.fill()
        cls.start_api()
        cls.start_browser()

    @classmethod
    def fill(cls):
        """Makes the rows."""

    @classmethod
    def start_api(cls):
        cls.port = cls.stand.start_api('api').port

    def setUp(self):
        self.begin_page()

    def stored(self):
        """All that outlives the page."""
        return self.browser.run(
            'return JSON.stringify([{ ...localStorage },'
            ' { ...sessionStorage }, document.cookie, location.href,'
            ' history.state])')


@unittest.skipIf(browser.why_not(), browser.why_not())
class Many(StandTest):
    """Thousands of load balancers."""

    @classmethod
    def fill(cls):
        words = list(STATES.values())
        cls.stand.load_balancers(
            N_MANY, name=lambda i: f'lb-{i:04}',
            project_id=lambda i: f'project-{i % 7}',
            vip_address=lambda i: f'10.{i // 250}.{i % 250}.7',
            operating_status=lambda i: words[i % 1000] if i % 1000 < 4
            else 'ONLINE')
        cls.stand.large_pool('large', 1200)

    def setUp(self):
        super().setUp()
        self.open_page()
        self.wait_rows(N_MANY + 1, N_MANY + 1)

    def scroll(self, top, box='list'):
        """Scrolls, and waits for the picture after it."""
        self.browser.run('document.getElementById(arguments[0]).scrollTop'
                         ' = arguments[1];', box, top)
        self.browser.wait_frames()

    def n_elements(self):
        return self.browser.count('*')

    def test_scroll(self):
        """of 5,000 load balancers only those in sight are elements, none is
        made while the list is scrolled, and the right ones are in sight"""
        page = self.browser
        n_rows = page.count('.row')
        self.assertLess(n_rows, 40)
        self.assertLess(self.n_elements(), ELEMENTS_MAX)
        page.run('window.made = 0; new MutationObserver((all) => {'
                 '  for (const one of all) made += one.addedNodes.length;'
                 "}).observe(document.querySelector('#list .canvas'),"
                 '{ childList: true });')
        everything = [f'lb-{i:04}' for i in range(N_MANY)] + ['large']
        for number in (0, 1, 7, 2500, 4321, 12, N_MANY - 20):
            self.scroll(48 * number)
            seen = self.names()
            self.assertIn(f'lb-{number:04}', seen)
            first = everything.index(seen[0])
            self.assertEqual(seen, everything[first:first + len(seen)])
        page.press('End')
        page.wait_text('.row.selected', 'large')
        page.press('Home')
        page.wait_text('.row.selected', 'lb-0000')
        self.assertEqual(page.run('return made'), 0)
        self.assertEqual(page.count('.row'), n_rows)

    def test_filters(self):
        """text, state and project choose what is listed, and the counts say
        how many there are"""
        page = self.browser
        page.fill('#search', 'LB-12')
        self.wait_rows(100, N_MANY + 1)
        page.fill('#search', 'lb-12 10.4.')
        self.wait_rows(50)
        page.fill('#search', 'no such thing')
        self.wait_rows(0)
        self.assertEqual(self.names(), [])
        page.press('Escape')
        self.wait_rows(N_MANY + 1)
        for state in ('error', 'degraded', 'offline'):
            page.click(f'.state.{state}')
            self.wait_rows(5, N_MANY + 1)
            self.assertEqual(page.texts(f'.state.{state} .count'), ['5'])
            self.assertTrue(all(STATES[state] in text for text
                                in page.texts('.row .status')))
        page.click('.state')
        page.run("const select = document.getElementById('project');"
                 "select.value = 'project-3';"
                 "select.dispatchEvent(new Event('change'));")
        n = len(range(3, N_MANY, 7))
        self.wait_rows(n, n)
        self.assertEqual(self.names()[:2], ['lb-0003', 'lb-0010'])
        page.read_logs()
        self.assertTrue(any('project_id=project-3' in url
                            for url in page.requests))

    def test_rounds(self):
        """a load balancer changes, and the list of thousands shows it"""
        page = self.browser
        page.fill('#search', 'lb-4999')
        self.wait_rows(1)
        for state in ('error', 'online'):
            self.stand.write([{
                'op': 'update', 'table': 'Load_Balancer',
                'where': [['name', '==', 'lb-4999']],
                'row': {'operating_status': STATES[state]}}])
            page.wait_text(f'.row.{state}', STATES[state], 60)

    def test_large_pool(self):
        """of 1,200 members only those in sight are elements"""
        page = self.browser
        page.press('End', 'Enter')
        page.wait_text('.node.member', '10.9.0.1:8080')
        self.assertLess(page.count('.node'), 60)
        self.assertLess(self.n_elements(), ELEMENTS_MAX)
        self.wait_focus('tree')
        page.press('End')
        page.wait_text('.node.member.selected', '10.9.4.200:8080')
        page.wait_text('#facts', 'member-1199')
        self.assertLess(self.n_elements(), ELEMENTS_MAX)


@unittest.skipIf(browser.why_not(), browser.why_not())
class Looks(StandTest):
    """Names, keys, colours, sizes."""

    @classmethod
    def fill(cls):
        cls.stand.load_balancers(
            len(uitest.NASTY), name=lambda i: uitest.NASTY[i],
            description=lambda i: uitest.NASTY[i],
            project_id=lambda i: '<i>p</i>',
            vip_address=lambda i: f'10.1.0.{i}',
            provisioning_status=lambda i: 'ERROR' if i == 0 else 'ACTIVE',
            fault_text=lambda i: uitest.NASTY[i] if i == 0 else '')
        cls.stand.large_pool('quiet', 3)

    def setUp(self):
        super().setUp()
        self.open_page()
        self.wait_rows(len(uitest.NASTY) + 1)

    def test_html(self):
        """names full of HTML are shown letter by letter, and do nothing"""
        page = self.browser

        def is_text():
            self.assertEqual(
                page.count('#view img, #view script, #view b, #view i,'
                           '#view svg svg'), 0)
            self.assertEqual(page.run('return document.title'),
                             'Load balancers')
        names = [name.strip() for name in uitest.NASTY]
        self.assertEqual(self.names(), [*names, 'quiet'])
        is_text()
        self.assertEqual(page.run(
            "return document.querySelectorAll('#project option')[1].text"),
            '<i>p</i>')
        for number, name in enumerate(names):
            page.click(f'#row-{number}')
            page.wait_text('#title', name)
            page.wait_text('#facts', name)
            is_text()
        page.click('#row-0')
        page.wait_text('#fault', f'Last error: {names[0]}')
        is_text()

    def test_trusted_types(self):
        """the browser itself would refuse to make markup of a text"""
        self.assertEqual(self.browser.run(
            "try { document.body.insertAdjacentHTML('beforeend', '<b>x</b>');"
            "return 'made'; } catch (error) { return error.name; }"),
            'TypeError')
        self.allowed_on_page = ('TrustedHTML',)

    def test_keys(self):
        """all can be done with the keyboard"""
        page = self.browser
        self.assertEqual(self.focus(), 'list')
        page.press('ArrowDown', 'ArrowDown', 'Enter')
        page.wait_text('#title', uitest.NASTY[1])
        self.wait_focus('tree')
        page.press('Escape')
        self.wait_focus('list')
        self.assertFalse(page.is_shown('#opened'))
        page.press('/')
        self.wait_focus('search')
        page.press(*'quiet', 'Enter')
        self.wait_focus('list')
        self.wait_rows(1)
        page.press('ArrowDown', 'Enter')
        page.wait_text('.node.member', 'member-0')
        for key, kind in (('ArrowRight', 'Load balancer'),
                          ('ArrowRight', 'Listener'), ('ArrowRight', 'Pool'),
                          ('ArrowRight', 'Member'), ('ArrowDown', 'Member'),
                          ('ArrowLeft', 'Pool'), ('End', 'Member'),
                          ('Home', 'Load balancer')):
            page.press(key)
            page.wait_text('#facts .kind', kind)
        page.press('/', 'Escape')
        self.wait_rows(len(uitest.NASTY) + 1)
        self.assertIn('/ui/#', page.run('return location.href'))

    def test_address(self):
        """the address of an open load balancer leads to it again"""
        page = self.browser
        page.press('End', 'Enter')
        page.wait_text('.node.member', 'member-0')
        address = page.run('return location.href')
        page.open('about:blank')
        page.open(address)
        page.wait_text('.node.member', 'member-0')
        page.wait_text('#title', 'quiet')

    def luminance(self):
        """Of the ground and of the text, 0 to 255."""
        return self.browser.run(
            'const style = getComputedStyle(document.body);'
            'return [style.backgroundColor, style.color].map((one) =>'
            r'  one.match(/\d+/g).slice(0, 3)'
            '  .reduce((a, b) => a + Number(b), 0) / 3);')

    def test_dark(self):
        """the page is dark if the user's system is, and bright if not"""
        for scheme, is_dark in (('dark', True), ('light', False)):
            self.browser.prefer(scheme)
            ground, text = self.luminance()
            self.assertEqual(ground < text, is_dark)
            self.assertGreater(abs(ground - text), 150)

    def test_phone(self):
        """on a phone the list and the tree take turns, and nothing is wider
        than the screen"""
        page = self.browser

        def fits():
            self.assertLessEqual(page.run(
                'return document.documentElement.scrollWidth'), 390)
            self.assertEqual(page.run(
                "return [...document.querySelectorAll('.node, .row')]"
                '.filter((one) => one.getBoundingClientRect().right > 391)'
                '.length'), 0)
        self.addCleanup(page.resize, *page.size)
        page.resize(390, 844, is_phone=True)
        self.assertFalse(page.is_shown('#pane'))
        fits()
        page.click('#row-7')
        page.wait_text('.node.member', 'member-2')
        self.assertFalse(page.is_shown('#list'))
        fits()
        page.click('#back')
        page.wait_shown('#list')
        fits()

    def test_outage(self):
        """while the API is away the page says so, and what it shows stays;
        then it goes on"""
        page = self.browser
        api, = self.stand.apis
        self.allowed_on_page = ('ERR_CONNECTION', 'Failed to load resource',
                                'ERR_EMPTY_RESPONSE')
        api.stop()
        try:
            page.wait_text('#news', 'not up to date', 60)
            self.assertEqual(len(self.names()), len(uitest.NASTY) + 1)
        finally:
            api.start()
            api.wait_ready()
        self.wait_rows(len(uitest.NASTY) + 1)


@unittest.skipIf(browser.why_not(), browser.why_not())
class LogIn(StandTest):
    """With a real Keystone."""

    allowed_on_page = ('status of 401',)

    @classmethod
    def fill(cls):
        cls.keystone = keystone.Keystone(cls.stand.rundir)
        cls.addClassCleanup(lambda: cls.keystone.process.stop())
        cls.keystone.start()
        cls.keystone.make_user('octavia', 'service', 'admin', 'service')
        cls.keystone.make_user('reader', 'mine', 'reader')
        cls.keystone.make_user('boss', 'mine', 'admin')
        projects = [cls.keystone.make_project(name)
                    for name in ('mine', 'other')]
        cls.stand.load_balancers(
            4, name=lambda i: f'lb-{i}',
            project_id=lambda i: projects[i % 2])

    @classmethod
    def start_api(cls):
        path = os.path.join(cls.stand.rundir, 'api.conf')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('[api]\nauth = keystone\n[keystone_authtoken]\n'
                       + cls.keystone.credentials('octavia', 'service')
                       + '[networking]\n'
                       'allow_invisible_resource_usage = true\n')
        api = cls.stand.start_api('api', wait_ready=False,
                                  extra=[f'--config={path}'])
        wait.until(lambda: 'ready: true' in api.appctl('api/status'),
                   'the API is ready')
        cls.port = api.port

    def log_in(self, token):
        self.browser.fill('#login-token', token)
        self.browser.click('#login button')

    def test_token(self):
        """a user logs in with a token, sees what it may read, and the token
        is in no address and in nothing that is stored"""
        page = self.browser
        token = self.keystone.token('reader', 'mine')
        self.open_page()
        page.wait_shown('#login')
        self.assertFalse(page.is_shown('#view'))
        self.assertFalse(page.is_shown('#login-user, #login-password'))
        page.wait_text('#login-hint', self.keystone.url)
        self.log_in('nonsense')
        page.wait_text('#login-failure', 'requires authentication')
        self.log_in(token)
        self.wait_rows(2, 2)
        self.assertEqual(self.names(), ['lb-0', 'lb-2'])
        self.assertFalse(page.is_shown('#login'))
        page.press('ArrowDown', 'Enter')
        page.wait_text('#title', 'lb-0')
        page.wait_text('#facts', 'project_id')
        page.read_logs()
        self.assertNotIn(token, self.stored())
        self.assertFalse([url for url in page.requests if token in url])
        self.assertNotIn(token, page.run(
            'return document.documentElement.outerHTML'
            " + document.getElementById('login-token').value"))
        self.open_page()
        page.wait_shown('#login')

    def test_leave(self):
        """who logs out leaves nothing to see for the next one"""
        page = self.browser
        self.open_page()
        page.wait_shown('#login')
        self.log_in(self.keystone.token('boss', 'mine'))
        self.wait_rows(4, 4)
        page.press('ArrowDown', 'Enter')
        page.wait_text('#facts', 'project_id')
        page.click('#leave')
        page.wait_shown('#login')
        self.assertNotIn('lb-0', page.run(
            'return document.body.innerText'))
        self.log_in(self.keystone.token('reader', 'mine'))
        self.wait_rows(2, 2)

    def test_expiry(self):
        """when a token ends the page asks for another one"""
        page = self.browser
        token = self.keystone.token('reader', 'mine')
        self.open_page()
        page.wait_shown('#login')
        self.log_in(token)
        self.wait_rows(2, 2)
        # The API believes in it for a while; another one does not know it.
        api, = self.stand.apis
        rest = client.Rest(self.keystone.port)
        self.addCleanup(rest.close)
        self.assertEqual(rest.request(
            'DELETE', '/v3/auth/tokens', headers={
                'X-Auth-Token': token, 'X-Subject-Token': token}).status, 204)
        self.allowed_on_page = (
            'status of 401', 'ERR_CONNECTION', 'Failed to load resource',
            'ERR_EMPTY_RESPONSE')
        api.restart()
        page.wait_text('#login-failure', 'not valid', 90)


@unittest.skipIf(browser.why_not(), browser.why_not())
class LogInHere(StandTest):
    """With users of our own."""

    allowed_on_page = ('status of 401',)
    PASSWORD = 'a long secret'

    @classmethod
    def fill(cls):
        users = localusers.Users(os.path.join(cls.stand.rundir, 'users'))
        users.add('alice', cls.PASSWORD, 'web', 'member')
        users.add('bob', cls.PASSWORD, 'db', 'member')
        projects = [users.project(name) for name in ('web', 'db')]
        cls.users = users
        cls.stand.load_balancers(
            4, name=lambda i: f'lb-{i}',
            project_id=lambda i: projects[i % 2])

    @classmethod
    def start_api(cls):
        api = cls.stand.start_api('api', wait_ready=False, extra=[
            '--auth=local', f'--users-file={cls.users.path}'])
        api.wait_data()
        cls.port = api.port

    def log_in(self, user, password, project):
        for name, value in (('user', user), ('password', password),
                            ('project', project)):
            self.browser.fill(f'#login-{name}', value)
        self.browser.click('#login button')

    def n_tokens(self):
        with self.stand.octavia.client() as db:
            return len(db.dump()['Token'])

    def test_password(self):
        """a user logs in with name, password and project, and a wrong one is
        told; what proves who it is is in no address and in nothing that is
        stored, and the token ends with the log-out"""
        page = self.browser
        self.open_page()
        page.wait_shown('#login')
        self.assertFalse(page.is_shown('#view'))
        self.assertEqual(page.count('#login-token'), 0)
        for wrong in (('alice', 'no', 'web'), ('nobody', 'no', 'web'),
                      ('alice', self.PASSWORD, 'db')):
            self.log_in(*wrong)
            page.wait_text('#login-failure', 'requires authentication')
            self.assertFalse(page.is_shown('#view'))
        self.log_in('alice', self.PASSWORD, 'web')
        self.wait_rows(2, 2)
        wait.until(lambda: self.names() == ['lb-0', 'lb-2'],
                   'the rows are drawn')
        self.assertFalse(page.is_shown('#login'))
        self.assertEqual(self.n_tokens(), 1)
        page.read_logs()
        # A token has 64 hexadecimal digits.
        for secret in (self.PASSWORD, '[0-9a-f]{64}'):
            for text in (self.stored(), *page.requests):
                self.assertNotRegex(text, secret)
        self.assertNotIn(self.PASSWORD, page.run(
            'return document.documentElement.outerHTML'
            " + document.getElementById('login-password').value"))
        page.click('#leave')
        page.wait_shown('#login')
        wait.until(lambda: not self.n_tokens(), 'the token is revoked')
        self.log_in('bob', self.PASSWORD, 'db')
        self.wait_rows(2, 2)
        wait.until(lambda: self.names() == ['lb-1', 'lb-3'],
                   'the rows are drawn')
        self.open_page()
        page.wait_shown('#login')


if __name__ == '__main__':
    unittest.main()
