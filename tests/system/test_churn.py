# SPDX-License-Identifier: Apache-2.0
"""Many load balancers come and go at the same time."""

import threading
import time

from lib import client, harness

SECONDS = 5
N_CLIENTS = 8


class Churn(harness.SystemTest):

    def together(self, function):
        """Runs function(number, its own client) in many threads."""
        failures = []

        def run(number):
            api = self.world.rest()
            try:
                function(number, api)
            except Exception as error:      # pylint: disable=broad-except
                failures.append(f'client {number}: {error!r}')
            finally:
                api.close()
        threads = [threading.Thread(target=run, args=(number,))
                   for number in range(N_CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_come_and_go(self):
        """Nothing is left of load balancers that came and went in a crowd"""
        end = time.monotonic() + SECONDS

        def come_and_go(_, api):
            while time.monotonic() < end:
                lb = api.create_loadbalancer('n1')
                listener = api.create_listener(lb['id'], 80)
                api.create_pool(lb['id'], listener_id=listener['id'])
                api.delete_loadbalancer(lb['id'])
        self.together(come_and_go)
        self.world.driver.wait_in_sync()
        self.assertEqual(self.nb().traces(), [])

    def test_members(self):
        """Members that come and go in a crowd leave the right ones behind"""
        lbs = [self.web_lb(f'crowd{number}', servers=['web1'])
               for number in range(N_CLIENTS)]
        end = time.monotonic() + SECONDS

        def change(number, api):
            lb = lbs[number]
            pool, = lb['pools']
            for host in range(100, 150):
                if time.monotonic() > end:
                    return
                member = api.create_member(lb['id'], pool['id'],
                                           f'10.2.0.{host}', 8080, 'n2')
                if host % 3:
                    api.delete(f'/pools/{pool["id"]}/members/{member["id"]}')
                    api.wait_active(lb['id'])
        self.together(change)
        self.settle()

    def test_one_victim(self):
        """Of all who change one load balancer at once, one at a time may"""
        lb = self.api.create_loadbalancer('n1', name='contended')
        answers = []

        def rename(number, api):
            for turn in range(20):
                try:
                    api.put(f'/loadbalancers/{lb["id"]}', {'loadbalancer': {
                        'description': f'{number}-{turn}'}})
                    answers.append(200)
                except client.ApiError as error:
                    answers.append(error.reply.status)
        self.together(rename)
        self.assertEqual(set(answers) - {200, 409}, set())
        self.assertIn(200, answers)
        self.settle()
