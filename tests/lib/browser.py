# SPDX-License-Identifier: Apache-2.0
"""A real browser without a screen: Chromium, by its own chromedriver and the
calls of WebDriver that the tests need.

It can reach 127.0.0.1 and nothing else, and remembers each request that it
made and each complaint on its console, on which violations of a page's Content
Security Policy are, too.
"""

import base64
import http.client
import json
import os
import shutil
import urllib.parse

from . import daemons, proc, wait

# Every other host is unknown, also to what Chromium does of its own accord.
# Its processes would give up within seconds on a machine that is busy.
ARGUMENTS = (
    '--ipc-connection-timeout=3600', '--disable-hang-monitor',
    '--headless=new', '--no-sandbox', '--no-zygote', '--disable-gpu',
    '--disable-software-rasterizer',
    '--in-process-gpu', '--disable-breakpad', '--disable-crash-reporter',
    '--disable-dev-shm-usage', '--no-first-run', '--disable-extensions',
    '--disable-features=Translate,MediaRouter,OptimizationHints',
    '--disable-background-networking', '--disable-component-update',
    '--disable-default-apps', '--disable-sync', '--no-proxy-server',
    '--force-color-profile=srgb', '--hide-scrollbars',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1')
# Calls a function again and again until its result is true.
WAIT = '''
const [ms, args, done] = arguments;
const end = performance.now() + ms;
const test = (...args) => { %s };
const look = () => {
  const found = test(...args);
  if (found || performance.now() > end) {
    done(found);
  } else {
    setTimeout(look, 50);
  }
};
look();
'''
ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'
KEYS = {'Enter': '\ue007', 'Escape': '\ue00c', 'PageUp': '\ue00e',
        'PageDown': '\ue00f', 'End': '\ue010', 'Home': '\ue011',
        'ArrowLeft': '\ue012', 'ArrowUp': '\ue013', 'ArrowRight': '\ue014',
        'ArrowDown': '\ue015', 'Tab': '\ue004'}


def why_not():
    """Why there is no browser here; '' if there is one."""
    for program in ('chromium', 'chromedriver'):
        if not shutil.which(program):
            return f'needs {program}, which "./check full" has'
    return ''


class WebDriverError(AssertionError):
    """The browser could not do what it was told; waiting may help."""


class Browser:
    """One window; what it keeps is in 'rundir'."""

    def __init__(self, rundir, size=(1280, 800)):
        self.rundir = str(rundir)
        self.size = size
        self.port = daemons.free_port()
        self.profile = os.path.join(self.rundir, 'profile')
        self.chromium = self._process(
            'chromium', *ARGUMENTS, f'--user-data-dir={self.profile}',
            f'--window-size={size[0]},{size[1]}', '--remote-debugging-port=0',
            'about:blank')
        self.process = self._process('chromedriver', f'--port={self.port}')
        self.session = None
        self.requests = []
        self.complaints = []

    def _process(self, program, *args):
        return proc.Process(
            program, [program, *args], self.rundir,
            env={'HOME': self.rundir, 'TMPDIR': self.rundir,
                 'XDG_CONFIG_HOME': self.rundir,
                 'XDG_CACHE_HOME': self.rundir})

    def start(self):
        """The driver would give the browser only a minute to start, also on a
        machine that is busy: so we start it, and the driver joins."""
        self.chromium.start()
        self.process.start()
        address = wait.until(self._debugger, 'Chromium is ready', 120)
        wait.until(lambda: self._call('GET', '/status')['ready'],
                   'chromedriver is ready', 60)
        made = self._call('POST', '/session', {'capabilities': {
            'alwaysMatch': {
                'browserName': 'chrome',
                'goog:chromeOptions': {'debuggerAddress': address},
                'goog:loggingPrefs': {'browser': 'ALL',
                                      'performance': 'ALL'}}}})
        self.session = made['sessionId']
        self.do('POST', '/timeouts', {'script': int(1000 * 3600)})
        self.resize(*self.size)
        return self

    def _debugger(self):
        """HOST:PORT at which the browser takes commands, once it does."""
        self.chromium.check_alive()
        with open(os.path.join(self.profile, 'DevToolsActivePort'),
                  encoding='utf-8') as file:
            port = file.readline().strip()
        # It may be there before its text.
        assert port, 'no port yet'
        connection = http.client.HTTPConnection('127.0.0.1', int(port),
                                                timeout=5 * wait.SLOWNESS)
        try:
            connection.request('GET', '/json/version')
            return (connection.getresponse().status == 200
                    and f'127.0.0.1:{port}')
        finally:
            connection.close()

    def stop(self):
        """Ends both, and what Chromium has started in sessions of its own."""
        self.process.kill()
        self.chromium.kill()
        proc.stop_recorded(self.rundir)

    # The wire.

    def _call(self, method, path, body=None):
        connection = http.client.HTTPConnection('127.0.0.1', self.port,
                                                timeout=60 * wait.SLOWNESS)
        try:
            connection.request(
                method, path, None if body is None else json.dumps(body),
                {'Content-Type': 'application/json'})
            value = json.loads(connection.getresponse().read())['value']
        finally:
            connection.close()
        if isinstance(value, dict) and 'error' in value:
            raise WebDriverError(f'{value["error"]}: {value["message"]}')
        return value

    def do(self, method, path, body=None):
        return self._call(method, f'/session/{self.session}{path}', body)

    def cdp(self, command, **params):
        """A call of Chromium's own protocol."""
        return self.do('POST', '/goog/cdp/execute',
                       {'cmd': command, 'params': params})

    # What a user does.

    def open(self, url):
        self.do('POST', '/url', {'url': url})

    def element(self, selector):
        """The id of the first element that CSS finds."""
        return self.do('POST', '/element', {
            'using': 'css selector', 'value': selector})[ELEMENT]

    def click(self, selector):
        self.do('POST', f'/element/{self.element(selector)}/click', {})

    def fill(self, selector, text):
        element = self.element(selector)
        self.do('POST', f'/element/{element}/clear', {})
        self.do('POST', f'/element/{element}/value', {'text': text})

    def press(self, *keys):
        """Keys, by their names in KEYS or as they are, to what has the
        focus."""
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [{'type': 'keyDown', 'value': value},
                        {'type': 'keyUp', 'value': value}]
        self.do('POST', '/actions', {'actions': [
            {'type': 'key', 'id': 'keyboard', 'actions': actions}]})

    def resize(self, width, height, is_phone=False):
        self.cdp('Emulation.setDeviceMetricsOverride', width=width,
                 height=height, deviceScaleFactor=1, mobile=is_phone)

    def prefer(self, scheme):
        """What the user's system looks like: 'dark' or 'light'."""
        self.cdp('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': scheme}])

    # What a user sees.

    def run(self, script, *args):
        """The result of JavaScript: the body of a function."""
        return self.do('POST', '/execute/sync', {'script': script,
                                                 'args': list(args)})

    def text(self, selector):
        """What is to be read in the first element that CSS finds; None if
        there is none."""
        return self.run('return document.querySelector(arguments[0])'
                        '?.innerText ?? null', selector)

    def texts(self, selector):
        """The same of all elements, without those that cannot be seen."""
        return self.run('return [...document.querySelectorAll(arguments[0])]'
                        '.filter((one) => one.getClientRects().length)'
                        '.map((one) => one.innerText)', selector)

    def count(self, selector):
        return self.run('return document.querySelectorAll(arguments[0])'
                        '.length', selector)

    def is_shown(self, selector):
        return bool(self.texts(selector))

    def wait_for(self, what, script, *args, deadline=30):
        """Waits in the page until the body of a function returns something
        true; returns that.  One call, however long it takes."""
        found = self.do('POST', '/execute/async', {
            'script': WAIT % script,
            'args': [1000 * deadline * wait.SLOWNESS, args]})
        if not found:
            raise wait.DeadlinePassed(f'{what}: not so in time')
        return found

    def wait_frames(self):
        """Waits until the page has drawn what it knows: what is to be shown is
        decided in one frame, and a long list filled in the next."""
        self.do('POST', '/execute/async', {
            'script': 'const [done] = arguments;'
            'requestAnimationFrame(() => requestAnimationFrame('
            '() => requestAnimationFrame(done)));', 'args': []})

    def wait_text(self, selector, part, deadline=30):
        """Waits until one of the elements has the text."""
        try:
            self.wait_for(
                f'{selector} says "{part}"', 'return [...document'
                '.querySelectorAll(args[0])].some((one) => one'
                '.getClientRects().length && one.innerText.includes(args[1]))',
                selector, part, deadline=deadline)
        except wait.DeadlinePassed as error:
            raise wait.DeadlinePassed(
                f'{error}, but {self.texts(selector)}') from None

    def wait_shown(self, selector, is_shown=True):
        self.wait_for(
            f'{selector} is {"shown" if is_shown else "hidden"}',
            'return args[1] === [...document.querySelectorAll(args[0])].some('
            '(one) => one.getClientRects().length)', selector, is_shown)

    def screenshot(self, path):
        with open(path, 'wb') as file:
            file.write(base64.b64decode(self.do('GET', '/screenshot')))

    # What it did.

    def read_logs(self):
        """Adds what happened since the last call to 'requests' and
        'complaints'."""
        for entry in self.do('POST', '/se/log', {'type': 'performance'}):
            message = json.loads(entry['message'])['message']
            if message['method'] in ('Network.requestWillBeSent',
                                     'Network.webSocketCreated'):
                params = message['params']
                self.requests.append(params.get('url')
                                     or params['request']['url'])
        self.complaints += [
            f'{entry["source"]}: {entry["message"]}' for entry
            in self.do('POST', '/se/log', {'type': 'browser'})]

    def hosts(self):
        """HOST:PORT of all requests of pages so far."""
        found = {urllib.parse.urlsplit(url) for url in self.requests}
        return {url.netloc for url in found
                if url.scheme not in ('data', 'about', 'chrome')}
