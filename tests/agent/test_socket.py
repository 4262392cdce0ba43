#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever comes in on the plugin's socket, the agent lives, and others are
served."""

import json
import os
import socket
import stat
import unittest

import agenttest
from lib import wait


class Socket(agenttest.AgentTest):

    def setUp(self):
        super().setUp()
        self.allow_log(r'plugin\|WARN\|refused a call that cannot be read')

    def connect(self):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(sock.close)
        # With a time-out, connect() would not wait for its turn.
        sock.connect(self.stand.agent.socket)
        sock.settimeout(20 * wait.SLOWNESS)
        return sock

    def send(self, data, end=True):
        """Returns the reply as it came, to its end."""
        sock = self.connect()
        try:
            sock.sendall(data)
            if end:
                sock.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        reply = b''
        try:
            while piece := sock.recv(65536):
                reply += piece
        except ConnectionResetError:
            pass
        return reply

    def fault(self, data, end=True):
        head, _, body = self.send(data, end).partition(b'\n')
        self.assertEqual(int(head), len(body))
        fault, = json.loads(body).values()
        self.assertEqual(fault['user_fault_string'],
                         fault['operator_fault_string'])
        return fault['type'], fault['user_fault_string']

    def ask(self, value):
        text = json.dumps(value).encode()
        return self.fault(b'%d\n%s' % (len(text), text))

    def still_works(self):
        self.assertEqual(
            self.ask({'call': 'loadbalancer_failover', 'args': {}}),
            ('UnsupportedOptionError',
             'OVN provider does not support loadbalancer failover'))

    def test_frames(self):
        """broken frames are refused, and nothing else happens"""
        for data, why in (
                (b'x', 'the length is no number'),
                (b'\n', 'no length'),
                (b'-1\n{}', 'the length is no number'),
                (b'99999999999999999999\n', 'too long'),
                (b'4194305\n', 'too long'),
                (b'10\n{}', 'cut off'),
                (b'10', 'cut off'),
                (b'2\n{}{}', 'more than was announced'),
                (b'2\n{x', 'no JSON'),
                (b'0\n', 'no JSON'),
                (b'2\n\xff\xff', 'no JSON'),
                (b'GET / HTTP/1.1\r\n\r\n', 'the length is no number'),
                (b'200\n' + b'[' * 100 + b']' * 100, 'no JSON')):
            with self.subTest(data[:20]):
                self.assertEqual(self.fault(data), (
                    'DriverError', "The OVN provider's agent cannot read the "
                    f'call: {why}.'))
                self.still_works()

    def test_giant(self):
        """more than the limit is not read, however it is announced"""
        self.assertEqual(self.fault(b'1\n' + b'x' * 10000000)[0],
                         'DriverError')
        self.still_works()

    def test_calls(self):
        """calls that make no sense are refused"""
        lb = self.make_lb()
        for value, kind in (
                ([], 'DriverError'), ({}, 'DriverError'),
                ({'call': 7}, 'DriverError'),
                ({'call': 'reboot', 'args': {}}, 'NotImplementedError'),
                ({'call': 'pool_create'}, 'DriverError'),
                ({'call': 'pool_create', 'args': []}, 'DriverError'),
                *(({'call': 'pool_create', 'args': {'pool': pool}},
                   'DriverError') for pool in (
                       None, [], 'x', {}, {'pool_id': 'x'},
                       {'pool_id': 5},
                       {'pool_id': agenttest.new_id()},
                       {'pool_id': agenttest.new_id(),
                        'loadbalancer_id': lb['id'], 'protocol': 'TCP',
                        'lb_algorithm': 'SOURCE_IP', 'members': 5},
                       {'pool_id': agenttest.new_id(),
                        'loadbalancer_id': lb['id'], 'protocol': 'TCP',
                        'lb_algorithm': 'SOURCE_IP', 'members': [5]},
                       {'pool_id': agenttest.new_id(),
                        'loadbalancer_id': lb['id'], 'protocol': 5,
                        'lb_algorithm': 'SOURCE_IP'})),
                ({'call': 'member_batch_update', 'args': {}}, 'DriverError'),
                ({'call': 'member_batch_update', 'args': {
                    'pool_id': 'x', 'members': []}}, 'DriverError'),
                ({'call': 'create_vip_port', 'args': {}}, 'DriverError'),
                ({'call': 'create_vip_port', 'args': {
                    'loadbalancer_id': agenttest.new_id(),
                    'project_id': 'p', 'vip_dictionary': 5}},
                 'DriverError'),
                ({'call': 'create_vip_port', 'args': {
                    'loadbalancer_id': agenttest.new_id(),
                    'project_id': 'p', 'vip_dictionary': {
                        'vip_subnet_id': 'x'}}}, 'DriverError'),
                ({'call': 'loadbalancer_delete', 'args': {
                    'loadbalancer': {}}}, 'DriverError')):
            with self.subTest(json.dumps(value)):
                self.assertEqual(self.ask(value)[0], kind)
        self.still_works()

    def test_crowd(self):
        """more connections than the agent takes wait for their turn"""
        silent = [self.connect() for _ in range(70)]
        waiting = self.connect()
        text = b'{"call": "loadbalancer_failover", "args": {}}'
        waiting.sendall(b'%d\n%s' % (len(text), text))
        for sock in silent:
            sock.close()
        self.assertIn(b'UnsupportedOptionError', waiting.recv(1000))

    def test_silence(self):
        """whoever says nothing is cut off, and costs nothing before"""
        self.allow_log(r'plugin\|WARN\|closed a connection that was silent')
        sock = self.connect()
        sock.sendall(b'10')
        self.still_works()
        self.assertEqual(sock.recv(1), b'')

    def test_gone_before_the_reply(self):
        """whoever hangs up before the reply has called all the same"""
        lb = self.make_lb()
        key = agenttest.new_id()
        text = json.dumps({'call': 'pool_create', 'args': {'pool': {
            'pool_id': key, 'loadbalancer_id': lb['id'], 'protocol': 'TCP',
            'lb_algorithm': 'SOURCE_IP'}}}).encode()
        sock = self.connect()
        sock.sendall(b'%d\n%s' % (len(text), text))
        sock.close()
        wait.until(lambda: self.row('Pool', key), 'the pool is there')
        self.active(lb['id'])
        self.still_works()

    def test_permissions(self):
        """only Octavia's user and group can call"""
        mode = os.stat(self.stand.agent.socket).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o660)

    def test_second(self):
        """a second agent does not take the socket away, and says why"""
        second = agenttest.Agent(self.stand.rundir, self.stand.octavia.remote,
                               self.stand.nb.remote, 'second',
                               [f'--socket={self.stand.agent.socket}'])
        second.start()
        wait.until(lambda: not second.process.is_running(), 'it ends')
        self.assertIn('another agent is listening there',
                      second.process.output_tail())
        self.still_works()


if __name__ == '__main__':
    unittest.main()
