# SPDX-License-Identifier: Apache-2.0
"""Three faults in a row, again and again, while clients keep all processors
busy: each round three processes, at random, die or freeze before what the
first has left could be mended.

OVN_OCTAVIA_TEST_ROUNDS is how many rounds there are, OVN_OCTAVIA_TEST_SEED
which faults: a seed is printed with each run.
"""

import contextlib
import os
import random
import signal

import faultstest
import workload

ROUNDS = int(os.environ.get('OVN_OCTAVIA_TEST_ROUNDS', 4))
SEED = int(os.environ.get('OVN_OCTAVIA_TEST_SEED')
           or random.SystemRandom().randrange(1 << 32))
CLIENTS = 4
# Until the next one, at most.
FAULT_SECONDS = 3.0
IN_A_ROW = 3

NAMES = ('agent', 'driver', 'driver-agent', 'nb', 'octavia', 'neutron',
         'octavia-api')


class FaultRounds(faultstest.FaultsTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        print(f'     OVN_OCTAVIA_TEST_SEED={SEED}', flush=True)

    def round(self, number):
        """Three faults; what froze stays so until the last, and while what
        was killed begins again."""
        rng = random.Random(f'{SEED} {number}')
        faults = [(rng.choice(('kill', 'freeze')), name)
                  for name in rng.sample(NAMES, IN_A_ROW)]
        with workload.Workload(self.world, CLIENTS) as load:
            load.wait_calls(CLIENTS)
            try:
                for kind, name in faults:
                    # An agent goes with its driver-agent.
                    with contextlib.suppress(ProcessLookupError):
                        if kind == 'kill':
                            self.stack.kill(name)
                        else:
                            self.signal(name, signal.SIGSTOP)
                    load.go_on(rng.uniform(0, FAULT_SECONDS))
            finally:
                self.end(faults)
            load.wait_calls(CLIENTS)
        text = ', '.join(' '.join(fault) for fault in faults)
        try:
            self.settle()
        except AssertionError as error:
            raise AssertionError(f'round {number} ({text}): {error}') \
                from error
        print(f'     {number}: {text}; {load.n_trees} trees, '
              f'{len(load.failures)} of {sum(load.calls.values())} calls '
              'failed', flush=True)
        # What can be deleted was not stuck.
        self.delete_all()

    def end(self, faults):
        killed = [name for kind, name in faults
                  # Octavia starts the agent.
                  if kind == 'kill' and name != 'agent']
        for name in killed:
            self.stack.begin_restart(name)
        for kind, name in faults:
            if kind == 'freeze':
                with contextlib.suppress(ProcessLookupError):
                    self.signal(name, signal.SIGCONT)
        # Neutron is not ready before its OVN is.
        self.stack.wait_ready(*killed)


def _add(number):
    def test(self):
        self.round(number)
    test.__doc__ = f'nothing sticks after three faults in a row, {number}'
    setattr(FaultRounds, f'test_{number:03}', test)


for _number in range(1, ROUNDS + 1):
    _add(_number)
