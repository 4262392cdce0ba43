# SPDX-License-Identifier: Apache-2.0
"""Two of the sockets of an Octavia driver-agent, with a small Octavia behind
them, for what a real one does not do on demand: refuse, cut, hang, be slow, be
away and come back.

It treats reports as Octavia does: records one by one, in its order, until the
first that it refuses; listeners that it does not know are refused, other
objects that it does not know are passed over, DELETED of a load balancer that
it does not know is refused.
"""

import contextlib
import json
import os
import socket
import threading
import time

ORDER = ('members', 'healthmonitors', 'pools', 'l7rules', 'l7policies',
         'listeners', 'loadbalancers')
OK = {'status_code': 200}


class Refusal(Exception):
    def __init__(self, kind, key, text='refused'):
        super().__init__(text)
        self.kind, self.key, self.text = kind, key, text


class DriverAgent:
    """Status and get socket in 'directory'.

    states    what Octavia holds, by id: (provisioning, operating)
    models    what the get socket gives, by (kind, id)
    messages  every status report that came, as it came
    """

    def __init__(self, directory):
        self.status_path = os.path.join(str(directory), 'status.sock')
        self.get_path = os.path.join(str(directory), 'get.sock')
        self.lock = threading.RLock()
        self.states = {}
        self.models = {}
        self.messages = []
        self.questions = []
        # Called with each report, before it is applied; may raise Refusal,
        # or return what is to be sent instead of the answer: bytes, or None
        # to send nothing and keep the connection.
        self.on_status = lambda report: OK
        self.on_get = None
        self._listeners = []
        self._held = []
        self._awake = threading.Event()
        self._awake.set()

    # Sockets.

    def start(self):
        for path, serve in ((self.status_path, self._status),
                            (self.get_path, self._get)):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(path)
            listener.listen(5)
            self._listeners.append(listener)
            threading.Thread(target=self._accept, args=(listener, serve),
                             daemon=True).start()
        return self

    def stop(self):
        """Away, as when the driver-agent was stopped."""
        self.stop_listening()
        self.release()

    def stop_listening(self):
        """Away, while the processes that it has forked go on."""
        for listener in self._listeners:
            # This wakes accept().
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._listeners = []
        for path in (self.status_path, self.get_path):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)

    def release(self):
        """Hangs up on those that were kept waiting."""
        with self.lock:
            held, self._held = self._held, []
        for connection in held:
            connection.close()

    def freeze(self):
        """Accepts nothing more, as if it was stopped (SIGSTOP)."""
        self._awake.clear()

    def thaw(self):
        self._awake.set()

    def _accept(self, listener, serve):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self._awake.wait()
            threading.Thread(target=self._serve, args=(connection, serve),
                             daemon=True).start()

    def _serve(self, connection, serve):
        with contextlib.suppress(OSError, ValueError):
            size = b''
            while not size.endswith(b'\n'):
                byte = connection.recv(1)
                if not byte:
                    connection.close()
                    return
                size += byte
            text = b''
            while len(text) < int(size):
                text += connection.recv(int(size) - len(text))
            answer = serve(json.loads(text))
            if answer is None:
                with self.lock:
                    self._held.append(connection)
                return
            if not isinstance(answer, bytes):
                body = json.dumps(answer).encode()
                answer = b'%d\n%s' % (len(body), body)
            connection.sendall(answer)
        connection.close()

    # What is behind them.

    def _status(self, report):
        with self.lock:
            self.messages.append(report)
        try:
            answer = self.on_status(report)
            if answer is OK:
                with self.lock:
                    self.apply(report)
            return answer
        except Refusal as refusal:
            return {'status_code': 500, 'fault_string': refusal.text,
                    'status_object': refusal.kind,
                    'status_object_id': refusal.key}

    def apply(self, report, refused=()):
        """Takes the records up to one that is refused."""
        for kind in ORDER:
            for record in report.get(kind, ()):
                self._apply(kind, record, refused)

    def _apply(self, kind, record, refused):
        key = record['id']
        if key in refused:
            raise Refusal(kind, key)
        known = key in self.states
        deletes = record.get('provisioning_status') == 'DELETED'
        if not known:
            if kind == 'listeners' and not deletes:
                raise Refusal(kind, key, 'Listener not found')
            if kind == 'loadbalancers' and deletes:
                raise Refusal(kind, key, "no attribute 'vip'")
            return
        if deletes:
            del self.states[key]
            self.models.pop((kind, key), None)
            return
        old = self.states[key]
        self.states[key] = (record.get('provisioning_status') or old[0],
                            record.get('operating_status') or old[1])

    def _get(self, question):
        with self.lock:
            self.questions.append(question)
            if self.on_get:
                return self.on_get(question)
            return self.models.get((question['object'], question['id']), {})

    # For tests.

    def know(self, *keys, state=('PENDING_CREATE', 'OFFLINE')):
        """Octavia has committed these."""
        with self.lock:
            for key in keys:
                self.states[key] = state

    def state(self, key):
        """The provisioning status, or None."""
        with self.lock:
            return self.states.get(key, (None,))[0]

    def operating(self, key):
        with self.lock:
            return self.states.get(key, (None, None))[1]

    def reports_of(self, key):
        """The records about an object that came, oldest first."""
        with self.lock:
            return [record for message in self.messages
                    for kind in message for record in message[kind]
                    if record['id'] == key]

    def wait_quiet(self, seconds=0.3):
        """Waits until nothing has come for a while."""
        seen = -1
        while seen != len(self.messages):
            seen = len(self.messages)
            time.sleep(seconds)
        return seen
