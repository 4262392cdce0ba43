#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""ovn-octavia-ctl for programs: documents that keep to their schemas, exit
statuses, and what bash completes."""

import json
import os
import subprocess
import unittest

import jsonschema

import apitest
from lib import daemons, proc, wait

EVIL = 'x"\\<b>\t\u2028'
COMPLETION = os.path.join(daemons.REPO, 'completions', 'ovn-octavia-ctl')


def close(schema):
    """Has a schema, which lets later versions add members, allow those only
    that it describes."""
    if isinstance(schema, dict):
        if 'properties' in schema:
            schema['additionalProperties'] = False
        for part in schema.values():
            close(part)
    elif isinstance(schema, list):
        for part in schema:
            close(part)


class Ctl(apitest.ApiTest):

    def setUp(self):
        super().setUp()
        stand = self.stand
        self.program = os.path.join(daemons.build_directory(), 'src',
                                    'ovn-octavia-ctl')
        self.argv = [self.program, f'--db={stand.octavia.remote}',
                     f'--nb-db={stand.nb.remote}',
                     f'--sb-db={stand.sb.remote}',
                     f'--driver-ctl={stand.driver.unixctl}', '--no-syslog']

    def run_ctl(self, *args, argv=None):
        return subprocess.run(
            [*(argv or self.argv), *args], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, check=False,
            env=proc.merged({'OVN_OCTAVIA_RUNDIR': self.stand.rundir}),
            timeout=60 * wait.SLOWNESS)

    def report(self, *args, status=0):
        """The document that a command prints, by its schema."""
        done = self.run_ctl(*args, '--format=json')
        self.assertEqual((done.returncode, done.stderr), (status, ''), done)
        document = json.loads(done.stdout)
        with open(os.path.join(daemons.REPO, 'docs', 'schemas',
                               args[0] + '.json'), encoding='utf-8') as file:
            schema = json.load(file)
        jsonschema.Draft7Validator.check_schema(schema)
        close(schema)
        jsonschema.validate(document, schema,
                            format_checker=jsonschema.FormatChecker())
        return document

    def test_show(self):
        """show: the whole tree, whatever names say"""
        lb, listener, pool, member = self.make_tree(name=EVIL)
        self.make_monitor(lb, pool)
        for args in ((), (lb['id'],)):
            shown, = [item for item in self.report('show', *args)[
                'load_balancers'] if item['id'] == lb['id']]
            self.assertEqual((shown['name'], shown['provisioning_status']),
                             (EVIL, 'ACTIVE'))
            self.assertEqual(shown['vips'], [{
                'address': lb['vip_address'], 'port_id': lb['vip_port_id'],
                'subnet_id': lb['vip_subnet_id']}])
            self.assertEqual([(item['id'], item['default_pool_id'])
                              for item in shown['listeners']],
                             [(listener['id'], pool['id'])])
            self.assertEqual([(item['id'], item['address']) for item
                              in shown['pools'][0]['members']],
                             [(member['id'], member['address'])])
            self.assertEqual(shown['pools'][0]['health_monitor']['type'],
                             'TCP')

    def test_diff(self):
        """diff: nothing, then each change, and the status of the text"""
        lb, *_ = self.make_tree(name=EVIL)
        self.stand.driver.wait_in_sync()
        document = self.report('diff', lb['id'])
        self.assertEqual(document, {'load_balancers': [], 'compared': 1,
                                    'different': 0, 'only_in_ovn': 0})
        self.stand.driver.process.freeze()
        self.stand.nbctl('clear', 'Load_Balancer', lb['id'], 'vips')
        document = self.report('diff', status=1)
        found, = document['load_balancers']
        self.assertEqual((found['id'], found['name'],
                          found['is_to_be_removed']), (lb['id'], EVIL, False))
        self.assertIn(f'{lb["vip_address"]}:80', ''.join(found['changes']))
        self.assertEqual(document['different'], 1)
        self.stand.driver.process.thaw()
        self.stand.driver.wait_in_sync()

    def test_explain(self):
        """explain: codes of findings, and the status of the text"""
        lb = self.make_lb(name=EVIL)
        document = self.report('explain', lb['id'], status=1)
        self.assertIn('no-listener', [finding['code'] for finding
                                      in document['findings']])
        self.assertEqual(document['load_balancer']['name'], EVIL)
        self.assertEqual(document['vips'][0]['address'], lb['vip_address'])

    def test_orphans(self):
        """orphans: those of the text"""
        self.assertEqual(self.report('orphans'), {'orphans': []})
        stranger = apitest.NO_ID
        self.stand.nbctl('lb-add', stranger, '10.1.0.99:80', '10.1.0.51:80',
                         '--', 'set', 'Load_Balancer', stranger,
                         'external_ids:neutron\\:vip=10.1.0.99')
        self.addCleanup(self.stand.nbctl, 'lb-del', stranger)
        found = self.report('orphans')['orphans']
        self.assertEqual([(item['kind'], item['name']) for item in found],
                         [('load-balancer', stranger)])

    def test_doctor(self):
        """doctor: verdicts, and how many there are of each level"""
        done = self.run_ctl('doctor')
        document = self.report('doctor', status=done.returncode)
        levels = [verdict['level'] for verdict in document['verdicts']]
        for level in ('good', 'warning', 'bad'):
            self.assertEqual(document[level], levels.count(level), level)
        codes = [verdict['code'] for verdict in document['verdicts']]
        self.assertIn('driver', codes)
        self.assertEqual(codes, [line.split('[')[1].split(']')[0] for line
                                 in done.stdout.splitlines() if '[' in line])

    def test_format(self):
        """the format goes before the command or behind it, as one word or
        two"""
        for args in (('--format=json', 'orphans'), ('-fjson', 'orphans'),
                     ('orphans', '--format', 'json')):
            self.assertEqual(json.loads(self.run_ctl(*args).stdout),
                             {'orphans': []}, args)
        self.assertEqual(self.run_ctl('orphans', '--format=text').stdout, '')
        done = self.run_ctl('orphans', '--format=xml')
        self.assertEqual((done.returncode, done.stdout), (1, ''))
        self.assertIn('must be json or text', done.stderr)

    def test_statuses(self):
        """exit statuses are those of the manual page"""
        away = [self.program, '--db=unix:/no/where', '--timeout=1',
                '--no-syslog']
        lb = self.make_lb()
        for args, status, argv in (
                (('show',), 0, None), (('show', 'none'), 1, None),
                (('show',), 1, away), (('bogus',), 1, None),
                (('diff', lb['id']), 0, None), (('diff', 'none'), 2, None),
                (('diff',), 2, away), (('explain', lb['id']), 1, None),
                (('explain', 'none'), 2, None), (('explain', 'x'), 2, away),
                (('orphans',), 0, None), (('orphans', 'x'), 1, None)):
            with self.subTest(args):
                done = self.run_ctl(*args, argv=argv)
                self.assertEqual(done.returncode, status, done)
                self.assertEqual(bool(done.stderr),
                                 status > 0 and args != ('explain',
                                                         lb['id']), done)

    def complete(self, line):
        """What bash offers at the end of a line."""
        script = ('source "$1"; shift; COMP_LINE=$1 COMP_POINT=${#1}; '
                  '_ovn_octavia_ctl "$2"; printf "%s\\n" "${COMPREPLY[@]}"')
        return set(proc.run(
            ['bash', '-c', script, 'bash', COMPLETION,
             'ovn-octavia-ctl ' + line, self.program]).split('\n')) - {''}

    def test_completion(self):
        """bash completes commands, options, their words, and load balancers
        """
        lb = self.make_lb(name='complete-me')
        self.make_lb(name='two words')
        db = f'--db={self.stand.octavia.remote} '
        self.assertEqual(self.complete('ex'), {'explain'})
        self.assertEqual(self.complete('--timeout=5 do'), {'doctor'})
        self.assertLess({'show', 'diff', 'orphans', 'list', 'wait-until'},
                        self.complete(''))
        self.assertEqual(self.complete('--nb'), {'--nb-db'})
        self.assertEqual(self.complete('--format=j'), {'json'})
        self.assertEqual(self.complete('show --format='), {'json', 'text'})
        self.assertEqual(self.complete('--association=d'), {'direct'})
        # bash waits for load balancers for two seconds, whatever is going on.
        wait.until(lambda: self.complete(db + 'show comp')
                   == {'complete-me'}, 'its name is completed')
        wait.until(lambda: lb['id'] in self.complete(db + 'explain '),
                   'its id is completed')
        self.assertEqual(self.complete(db + 'orphans '), set())
        done = proc.run(['bash', '-c', f'source {COMPLETION}; complete -p '
                         'ovn-octavia-ctl'])
        self.assertEqual(done.strip(), 'complete -F _ovn_octavia_ctl '
                         'ovn-octavia-ctl')


if __name__ == '__main__':
    unittest.main()
