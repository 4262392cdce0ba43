# SPDX-License-Identifier: Apache-2.0
"""Nothing stays PENDING in a real Octavia, whatever was lost."""

from lib import daemons, openstack_harness, wait

AWAY = r'reporter\|WARN\|.*reports to Octavia wait'
# Ten seconds after a change, it is looked within ten more; everything has its
# turn every half a minute.  It must look so twice.
LOOK_SECONDS = 60
LOST = (r'reporter\|WARN\|.*report failed', *daemons.CONNECTION_LOST)


class Settle(openstack_harness.OpenStackTest):

    def sql(self, statement):
        return self.stack.mariadb.sql('USE octavia; ' + statement)

    def sync(self, *args, **more):
        return self.ctl(f'--octavia-conf={self.conf()}', 'sync-octavia',
                        *args, **more)

    def conf(self):
        """octavia.conf as it looks from outside of the services' mount
        namespace."""
        path = self.stack.path('sync.conf')
        with open(self.stack.path('octavia.conf'), encoding='utf-8') as file:
            text = file.read()
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text + '\n[driver_agent]\n'
                       f'status_socket_path = {self.sockets()}/status.sock\n'
                       f'get_socket_path = {self.sockets()}/get.sock\n')
        return path

    def sockets(self):
        return self.stack.path('sockets')

    def test_same(self):
        """what Octavia made through us is the same on both sides"""
        lb = self.web_lb('same')
        wait.until(lambda: '1 the same, 0 not\n' == self.sync('--dry-run'),
                   'nothing differs', 10)
        self.assertEqual(self.sync(lb['id']), '1 the same, 0 not\n')
        self.api.create_monitor(lb['id'], lb['pools'][0]['id'])
        self.stack.our_driver.wait_in_sync()
        self.assertEqual(self.ctl(f'--octavia-conf={self.conf()}', 'diff'),
                         '1 compared, 0 different\n')

    def test_driver_agent_away(self):
        """calls while driver-agent is away end when it is back"""
        self.allow_log(AWAY, *LOST)
        lb = self.web_lb('away')
        self.stack.our_driver.process.freeze()
        try:
            self.api.create_listener(lb['id'], 8081, ready=False)
            self.stack.driver_agent.kill()
        finally:
            self.stack.our_driver.process.thaw()
        self.stack.restart('driver-agent')
        self.api.wait_active(lb['id'])

    def test_below(self):
        """so does what it waits for below one; what it rolled back is undone
        """
        lb = self.web_lb('below')
        pool = lb['pools'][0]['id']
        kept, lost = self.api.get(f'/pools/{pool}/members')
        self.sql("UPDATE member SET provisioning_status = 'PENDING_UPDATE' "
                 f"WHERE id = '{kept['id']}'")
        self.sql(f"DELETE FROM member WHERE id = '{lost['id']}'")
        self.sql(f"UPDATE pool SET name = 'theirs' WHERE id = '{pool}'")

        def vips():
            return self.world.ovn.nbctl('--bare', '--columns=vips', 'list',
                                        'Load_Balancer', lb['id'])
        self.assertIn(lost['address'], vips())
        wait.until(lambda: lost['address'] not in vips(),
                   'what Octavia does not have is gone', LOOK_SECONDS)
        wait.until(lambda: '0 not' in self.sync('--dry-run', lb['id']),
                   'what it has is so here', LOOK_SECONDS)
        self.assertIn(kept['address'], vips())
        self.api.wait_settled(lb['id'], 60)

    def test_lost(self):
        """what Octavia waits for, and nobody works on, ends"""
        lb = self.web_lb('lost')
        self.sql('UPDATE load_balancer SET provisioning_status = '
                 f"'PENDING_UPDATE', name = 'found' WHERE id = '{lb['id']}'")
        # It is looked for every half a minute.
        self.api.wait_active(lb['id'], 60)
        wait.until(lambda: '0 not' in self.sync('--dry-run', lb['id']),
                   'nothing differs', 20)
