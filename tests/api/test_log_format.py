#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Logs as JSON: each line that a daemon prints is an object."""

import json
import os
import re
import signal
import subprocess
import unittest

import apitest
from lib import daemons, metrics, proc, wait

# Beside those of our own: a name that is no text, in a message.
EVIL = 'unix:/no/"where"\\\x1f\x01\udcff\n{}'
FIELDS = ['time', 'level', 'module', 'program', 'message']


class LogFormat(apitest.ApiTest):

    def run_daemon(self, program, *args):
        """Starts a daemon as systemd does, and ends it; returns what it has
        printed."""
        out = os.path.join(self.stand.rundir, program + '.json')
        with open(out, 'wb') as stderr:
            child = subprocess.Popen(
                [os.path.join(daemons.build_directory(), 'src', program),
                 f'--unixctl={self.stand.rundir}/{program}.json.ctl',
                 '-vsyslog:off', '-vPATTERN:console:%c|%p|%m',
                 '--log-format=json', metrics.off(), *args],
                env=proc.merged({'OVN_OCTAVIA_RUNDIR': self.stand.rundir}),
                stdout=subprocess.DEVNULL, stderr=stderr)
        try:
            def says():
                with open(out, encoding='utf-8') as file:
                    return 'where' in file.read()
            wait.until(says, f'{program} says something', 20)
            child.send_signal(signal.SIGTERM)
            self.assertEqual(child.wait(20 * wait.SLOWNESS), 0)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        with open(out, encoding='utf-8') as file:
            return file.read()

    def check(self, program, text):
        """Every line is an object; one of them has the strange name."""
        self.assertTrue(text.endswith('\n'))
        records = [json.loads(line) for line in text.splitlines()]
        for record in records:
            self.assertEqual(list(record), FIELDS)
            self.assertEqual(record['program'], program)
            self.assertIn(record['level'], ('INFO', 'WARN', 'ERR'))
            self.assertRegex(record['time'], re.compile(
                r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$'))
        self.assertTrue(any('/no/"where"\\\x1f\x01\ufffd' in record['message']
                            for record in records), records)
        return records

    def test_daemons(self):
        """each daemon prints nothing but objects, whatever names are in
        them"""
        remotes = [f'--db={self.stand.octavia.remote}', f'--nb-db={EVIL}']
        for program, args in (
                ('ovn-octavia-api', [f'--listen=127.0.0.1:'
                                     f'{daemons.free_port()}', *remotes]),
                ('ovn-octavia-driver', [f'--db={self.stand.octavia.remote}',
                                        f'--nb-db={self.stand.nb.remote}',
                                        f'--sb-db={EVIL}']),
                ('ovn-octavia-agent', [f'--db={EVIL}',
                                       f'--socket={self.stand.rundir}/j'])):
            with self.subTest(program):
                text = self.run_daemon(program, *args)
                self.check(program, text)

    def test_one_stream(self):
        """the access log on stderr and the daemon's log make one stream of
        objects"""
        out = os.path.join(self.stand.rundir, 'api-both.out')
        self.ask_own_api('api-both', '--access-log=stderr',
                         '--log-format=json', '-vconsole:info')
        reply = self.rest.request('GET', '/')
        request_id = reply.headers['x-openstack-request-id']

        def records():
            with open(out, encoding='utf-8') as file:
                text = file.read()
            # Before its settings are known it logs text.
            return [json.loads(line) for line
                    in text[text.index('{'):].splitlines()]
        wait.until(lambda: request_id in [record.get('request_id')
                                          for record in records()],
                   'the line is there', 5, 0.01)
        self.assertTrue([record for record in records()
                         if record.get('module') == 'http_listener'])


if __name__ == '__main__':
    unittest.main()
