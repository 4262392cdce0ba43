# SPDX-License-Identifier: Apache-2.0
"""A life: operations by chance, each of whose answers is held against the
model; now and then the whole tree, OVN and what is not ours.

OVN_OCTAVIA_TEST_SEED repeats the life of that seed, which is printed at the
start and with each failure; OVN_OCTAVIA_TEST_STEPS says how long it is.
"""

import http.client
import os
import random
import threading
import unittest

import stand as stands      # First: it finds those of other folders.

import apitest
import choices
import model
import tree
import troubles
import truth
from lib import wait

SEED = os.environ.get('OVN_OCTAVIA_TEST_SEED')
STEPS = int(os.environ.get('OVN_OCTAVIA_TEST_STEPS', '300'))
CHECK_EVERY = 15
HISTORY = 20


class Life(unittest.TestCase):
    """Lives by the API, on a stand of their own.

    stand     where
    model     what must be
    choices   what comes next
    """

    stand_class = stands.Stand
    # What goes wrong, and how often.
    troubles = troubles.SINGLE
    # Answers that are none, while something breaks.
    unanswered = (503,)

    @classmethod
    def setUpClass(cls):
        cls.stand = cls.stand_class()
        cls.addClassCleanup(cls.stand.stop)
        cls.stand.start()

    def setUp(self):
        self.seed = SEED or str(random.SystemRandom().randrange(10 ** 9))
        print(f'     {self.id()}: OVN_OCTAVIA_TEST_SEED={self.seed} '
              f'OVN_OCTAVIA_TEST_STEPS={STEPS}', flush=True)
        self.rest = self.stand.rest()
        self.addCleanup(self.rest.close)
        self.model = model.Model(self.stand.places())
        self.choices = choices.Choices(self.model, self.seed)
        self.truth = truth.Truth(self.stand, self.model, self.rest)
        self.step = 0
        self.history = []
        # What is made good later: (the step, how, whether the driver is
        # held still until then).
        self.undone = []

    # The steps.

    def live(self):
        try:
            for self.step in range(STEPS):
                self.one_step()
            self.make_good()
            self.delete_all()
        except (Exception, wait.DeadlinePassed) as error:
            raise AssertionError(
                f'OVN_OCTAVIA_TEST_SEED={self.seed}, step {self.step}: '
                f'{error}\nThe last steps:\n'
                + '\n'.join(self.history[-HISTORY:])) from error
        finally:
            for _, undo, _ in self.undone:
                undo()

    def one_step(self):
        chance = self.choices.begin(self.step)
        self.make_good(self.step)
        self.stand.take_turns(self.step)
        if self.rest.port != self.stand.api.port:
            self.rest.close()
            self.rest.port = self.stand.api.port
        trouble = troubles.choose(self.troubles, chance, self)
        if trouble:
            self.tell(f'{trouble.when}: {trouble.what.__doc__}')
            if trouble.when == 'before':
                trouble.what(self)
        op = self.choose()
        if trouble and trouble.when == 'during':
            self.run_during(op, trouble.what)
        elif op:
            self.carry_out(op)
        if not self.is_held() and (trouble or not self.step % CHECK_EVERY):
            self.truth.check()

    def tell(self, text):
        self.history.append(f'  {self.step:4} '
                            + text.replace(choices.LONG, 'LONG'))

    # Requests and answers.

    def choose(self):
        return self.choices.operation(allow_new=not self.is_held())

    def carry_out(self, op):
        self.judge(op, self.predict(op), self.ask(self.rest, op))

    def predict(self, op):
        self.tell(f'{op.method} {op.path} {op.content or ""}')
        return self.model.predict(op)

    @staticmethod
    def ask(rest, op):
        # Another copy of the API may have answered what was before.
        return rest.request(op.method, apitest.LBAAS + op.path, op.content,
                            {'Cache-Control': 'no-cache'})

    def judge(self, op, out, reply):
        """Holds an answer against what it must be, and has the model take
        part."""
        self.history[-1] += f' -> {reply.status}'
        if out.faults:
            assert any(reply.status == status and text in reply.fault
                       for status, text in out.answers()), (
                           f'{reply} is none of {out.answers()}')
            return
        assert reply.status == model.DONE[op.method], (
            f'{reply}, and nothing is wrong with it')
        shown = reply.body and reply.body[op.kind]
        self.accept(op, out, shown)
        if shown:
            found = truth.differing(self.model, out.item, {
                **shown, 'provisioning_status': self.state_of(out, shown)})
            assert not found, f'the answer: {"; ".join(found)}'
        self.settle()

    def state_of(self, out, shown):
        """The state that an answer shows, or the one that it would show
        if the driver had not been faster."""
        state = shown['provisioning_status']
        return (out.item.state if state == 'ACTIVE' and not self.is_held()
                else state)

    def accept(self, op, out, shown):
        if op.method == 'DELETE':
            self.choices.graveyard.append(op.key)
        out.item = self.model.apply(op, out, shown)

    def settle(self):
        if not self.is_held():
            self.truth.settle()

    # What is cut off.

    def run_during(self, op, trouble):
        """An operation while something breaks: it may be left without an
        answer."""
        out, replies = self.predict(op), []
        rest = self.stand.rest()
        self.addCleanup(rest.close)

        def run():
            try:
                replies.append(self.ask(rest, op))
            except (OSError, http.client.HTTPException):
                pass
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        trouble(self)
        thread.join(60 * wait.SLOWNESS)
        assert not thread.is_alive(), 'there is no answer, and no end'
        rest.close()
        if replies and replies[0].status not in self.unanswered:
            self.judge(op, out, replies[0])
        else:
            self.history[-1] += ' -> unanswered'
            if not out.faults and op.method != 'GET':
                self.look(op, out)

    def look(self, op, out):
        """What was not answered has happened or not: whichever it is, it is
        so from now on."""
        above = (out.parent or out.item)
        if above:
            self.truth.wait_unlocked(above.lb)
        shown = getattr(self, '_look_' + op.method.lower())(op, out)
        self.history[-1] += ', and not done' if shown is None else ', done'
        if shown is not None:
            self.accept(op, out, shown)
        self.settle()

    def _look_post(self, op, out):
        path = f'/{tree.PLURALS[op.kind]}'
        if op.kind == 'member':
            path = f'/pools/{op.pool}{path}'

        def fresh():
            new = [item for item in self.rest.get(path)
                   if item['id'] not in self.model.items]
            assert all(item['provisioning_status'] == 'ACTIVE'
                       for item in new), new
            return [new]
        (new,) = wait.until(fresh, 'what is new is ACTIVE', 20, 0.01)
        assert len(new) <= 1, f'one request made {new}'
        return new[0] if new else None

    def _look_put(self, op, out):
        shown = self.rest.get(out.item.path)
        said = {name: truth.flat(name, value)
                for name, value in out.said.items()}
        now = {name: truth.flat(name, shown[name]) for name in said}
        if now == said:
            return shown
        before = {name: truth.flat(name, out.item[name]) for name in said}
        assert now == before, f'{now} is neither {before} nor {said}'
        return None

    def _look_delete(self, op, out):
        reply = self.ask(self.rest, op._replace(method='GET', query=''))
        is_done = reply.status == 404 or (
            reply.body[op.kind]['provisioning_status'] == tree.DELETE)
        return {} if is_done else None

    # What is made good later.

    def later(self, n_steps, undo, holds_driver=False):
        self.undone.append((self.step + n_steps, undo, holds_driver))

    def is_held(self):
        """Whether the driver is held still: nothing leaves its PENDING
        state."""
        return any(holds_driver for _, _, holds_driver in self.undone)

    def make_good(self, until=None):
        """All that has to be by this step, or all."""
        for item in [item for item in self.undone
                     if until is None or item[0] <= until]:
            self.undone.remove(item)
            self.tell('again as it was')
            item[1]()
        self.settle()

    # The end.

    def delete_all(self):
        for lb in self.model.of('loadbalancer'):
            op = model.Operation('DELETE', 'loadbalancer', lb.key, None,
                                 None, '?cascade=true')
            self.carry_out(op)
        self.truth.check()
