# SPDX-License-Identifier: Apache-2.0
"""A real Octavia whose driver-agent stands still while many load balancers
change: how often each is reported, and how long after it goes on everything is
settled.  Most of that time is Octavia's own: the same reports, sent by a
script, are the measure.
"""

import concurrent.futures
import contextlib
import json
import os
import re
import signal
import socket
import time

import provider
from lib import wait
from report import number

STOPPED_SECONDS = 10
CLIENTS = 8
# How many reports the script has under way, as driver-agent takes them.
SENDERS = 8
# What may be added to Octavia's own time.
AIM_SECONDS = 5


def change(stack, balancers):
    """A new name for each; Octavia takes it, and waits for our report."""
    def one(number_):
        api = stack.stack.client()
        for lb in balancers[number_::CLIENTS]:
            reply = api.request(
                'PUT', f'/v2.0/lbaas/loadbalancers/{lb["id"]}',
                {'loadbalancer': {'name': f'changed {lb["id"]}'}})
            assert reply.status == 200, reply
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(one, range(CLIENTS)))


def settled(stack):
    """Asks the database: a list of all load balancers costs octavia-api as
    much as several reports."""
    return stack.stack.mariadb.sql(
        'SELECT COUNT(*) FROM octavia.load_balancer'
        " WHERE provisioning_status != 'ACTIVE'").split()[-1] == '0'


def sent(stack):
    """How many reports the agent has sent so far."""
    return int(re.search(r'reports sent: (\d+)',
                         stack.stack.our_agent.appctl('agent/status'))[1])


def octavias_own(stack, balancers):
    """Seconds for as many reports that change nothing."""
    path = stack.stack.path('sockets/status.sock')

    def send(lb):
        text = json.dumps({'loadbalancers': [
            {'id': lb['id'], 'provisioning_status': 'ACTIVE'}]}).encode()
        while True:
            with socket.socket(socket.AF_UNIX) as sock:
                try:
                    sock.connect(path)
                except BlockingIOError:         # Its queue is full.
                    time.sleep(0.005)
                    continue
                sock.sendall(b'%d\n%s' % (len(text), text))
                answer = sock.makefile('rb').read()
                assert b'200' in answer, answer
                return
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send, balancers))
    return time.monotonic() - start


def measure(n):
    """Prints what was measured; returns False if an aim was missed."""
    with provider.Stack() as stack:
        stack.stack.switch('ours')
        stack.api = stack.stack.client()
        provider.fill(stack, n)
        balancers = stack.api.get('/loadbalancers')
        agent = stack.stack.driver_agent.pid
        before = sent(stack)
        # Not its children, of which the agent is one.
        os.kill(agent, signal.SIGSTOP)
        start = time.monotonic()
        workers = stop_children(agent)
        try:
            change(stack, balancers)
            wait.until(lambda: time.monotonic() > start + STOPPED_SECONDS,
                       'it stands still long enough', 2 * STOPPED_SECONDS)
            meanwhile = sent(stack) - before
            stopped = time.monotonic() - start
        finally:
            for pid in (agent, *workers):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        start = time.monotonic()
        wait.until(lambda: settled(stack), f'{n} load balancers are ACTIVE',
                   600, interval=0.2)
        took = time.monotonic() - start
        reports = sent(stack) - before
        own = octavias_own(stack, balancers)
    print(f'\n| {n} load balancers changed, driver-agent stopped for '
          f'{stopped:.0f} s | |\n|---|---:|')
    for title, value in (
            ('reports sent, taken or not, while it was stopped', meanwhile),
            ('reports sent in all', reports),
            ('all ACTIVE after it went on, s', number(took)),
            ('as many reports sent by a script, s', number(own))):
        print(f'| {title} | {value} |')
    missed = [text for text, bad in (
        ('each report is sent once', reports != n),
        (f'settled within {AIM_SECONDS} s + Octavia\'s own time',
         took > own + AIM_SECONDS)) if bad]
    for text in missed:
        print(f'missed: {text}')
    return not missed


def stop_children(agent):
    """Stops driver-agent's listeners, but no provider agent; returns their
    ids."""
    stopped = []
    for pid in provider.descendants(agent)[1:]:
        if provider.group_of(pid) is None:
            # One that does a single thing may have ended.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                stopped.append(pid)
    return stopped
