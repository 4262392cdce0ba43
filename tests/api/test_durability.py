#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""SIGKILL of the API in the middle of a burst: what was answered with 2xx is
there afterwards, once, and nothing is half there."""

import http.client
import threading
import unittest

import apitest

from lib import burst, client, wait


class World:
    """The stand as lib.burst wants it."""

    def __init__(self, stand):
        self.port = stand.api.port

    def rest(self):
        return client.Api(self.port)


class Durability(apitest.ApiTest):

    def restart_api(self):
        self.stand.api.kill()
        self.stand.api.start()
        self.stand.wait_api()

    def test_load_balancers(self):
        """load balancers answered with 201 survive SIGKILL, each once"""
        world = World(self.stand)
        for turn in range(2):
            running = burst.Burst(world, 120, 8, f'kill{turn}').start()
            running.wait_created(40)
            self.restart_api()
            running.join()
            self.rest.close()
            seen = running.check(20)
            self.assertGreaterEqual(len(seen), len(running.created))
            running.clean()

    def test_children(self):
        """so do listeners that are made, changed and deleted"""
        trees = [self.make_lb(name=f'lb{i}') for i in range(6)]
        expected = {lb['id']: {} for lb in trees}  # Listener id -> name.
        unknown = {lb['id']: set() for lb in trees}
        progress = []
        stop = threading.Event()

        def work(lb_id):
            rest = client.Rest(self.stand.api.port)
            port = 1000
            while not stop.is_set():
                port += 1
                self._one_round(rest, lb_id, port, expected[lb_id],
                                unknown[lb_id], progress)
            rest.close()
        threads = [threading.Thread(target=work, args=(lb['id'],))
                   for lb in trees]
        for thread in threads:
            thread.start()
        for mark in (100, 250):
            wait.until(lambda: len(progress) > mark, 'they make progress',
                       20, 0.005)
            self.restart_api()
        wait.until(lambda: len(progress) > 400, 'they make progress', 20,
                   0.005)
        stop.set()
        for thread in threads:
            thread.join(30)
        self.rest.close()
        for lb in trees:
            self.active(lb['id'])
            seen = {item['id']: item['name'] for item in self.rest.get(
                '/listeners?loadbalancer_id=' + lb['id'])}
            for listener_id, name in expected[lb['id']].items():
                if listener_id in unknown[lb['id']]:
                    continue
                self.assertEqual(seen.get(listener_id), name)
            strangers = [key for key in seen
                         if key not in expected[lb['id']]]
            lost = len([key for key in unknown[lb['id']]
                        if isinstance(key, int)])
            self.assertLessEqual(len(strangers), lost)

    @staticmethod
    def _one_round(rest, lb_id, port, expected, unknown, progress):
        """Makes a listener, names it, and deletes every second one.  What
        was never answered is noted as unknown."""
        def call(key, method, path, body=None):
            while True:
                try:
                    reply = rest.request(method, apitest.LBAAS + path, body)
                except (OSError, http.client.HTTPException):
                    unknown.add(key)
                    return None
                if reply.status == 503:
                    unknown.add(key)
                if reply.status not in (409, 503):
                    progress.append(reply.status)
                    return reply
        reply = call(port, 'POST', '/listeners', {'listener': {
            'loadbalancer_id': lb_id, 'protocol': 'TCP',
            'protocol_port': port, 'name': 'new'}})
        if reply is None:
            return
        assert reply.status == 201, reply
        key = reply.body['listener']['id']
        expected[key] = 'new'
        if port % 2:
            reply = call(key, 'PUT', '/listeners/' + key,
                         {'listener': {'name': f'n{port}'}})
            if reply is not None:
                expected[key] = f'n{port}'
        else:
            reply = call(key, 'DELETE', '/listeners/' + key)
            if reply is not None:
                expected[key] = None


if __name__ == '__main__':
    unittest.main()
