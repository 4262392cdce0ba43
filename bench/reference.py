# SPDX-License-Identifier: Apache-2.0
"""A real octavia-api to compare with: Debian's, in uwsgi, on MariaDB, and
nothing behind it.

Its provider is Octavia's own "noop_driver" and its network driver is the noop
one, so what is measured is Octavia's API and its database alone.  There is no
Keystone, as there is none for ours.  A commit waits for the disk, as ours.
"""

import os
import shutil
import tempfile

from lib import cloud, daemons, mariadb, openstack_conf, proc, wait
from provider import descendants

# Without threads: octavia-api has its locks patched by eventlet, and threads
# that wait for the same one can wait for ever ("cannot switch to a different
# thread").
PROCESSES = 4
# On top of what tests start it with: the last option counts.
LASTING = ('--innodb-flush-log-at-trx-commit=1', '--innodb-doublewrite=1',
           '--innodb-flush-method=fsync', '--innodb-log-file-size=96M',
           '--innodb-buffer-pool-size=256M')
ROWS_A_STATEMENT = 500
TABLES = ('load_balancer', 'listener', 'pool', 'member')
# How rows belong to a load balancer and its pool.
JOINS = {
    'member': 'JOIN member ON member.pool_id=pool.id',
    'listener': 'JOIN listener ON listener.load_balancer_id=load_balancer.id',
    'vip': 'JOIN vip ON vip.load_balancer_id=load_balancer.id',
}


class Reference:
    """The two processes, in a directory of their own."""

    def __init__(self):
        self.rundir = tempfile.mkdtemp(prefix='oo-bench-', dir='/tmp')
        self.database = mariadb.MariaDb(self.rundir)
        self.database.process.argv += LASTING
        self.port = daemons.free_port()
        self.conf = os.path.join(self.rundir, 'octavia.conf')
        self.process = proc.Process('octavia-api', [
            'uwsgi_python3', '--plugins', 'python3',
            '--http-socket', f'127.0.0.1:{self.port}', '--master',
            '--lazy-apps', '--thunder-lock', '--need-app',
            '--enable-threads', '--processes', PROCESSES,
            '--die-on-term', '--no-orphans',
            '--listen', '100', '--buffer-size', '65535',
            '--rem-header', 'Content-Length', '--chdir', self.rundir,
            '--wsgi-file', '/usr/bin/octavia-wsgi',
            '--pyargv', f'--config-file {self.conf}'], self.rundir)

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.stop(deadline=20)
        self.database.process.stop(deadline=60)
        shutil.rmtree(self.rundir)

    def _start(self):
        openstack_conf.write(self.conf, {
            'DEFAULT': {'transport_url': 'fake://'},
            'api_settings': {
                'auth_strategy': 'noauth', 'pagination_max_limit': 1000,
                'enabled_provider_drivers': 'noop_driver: Does nothing.',
                'default_provider_driver': 'noop_driver'},
            'database': {'connection': self.database.url('octavia')},
            'controller_worker': {'network_driver': 'network_noop_driver'},
            'driver_agent': {'enabled_provider_agents': ''},
            'quotas': {f'default_{name}_quota': -1 for name in (
                'load_balancer', 'listener', 'member', 'pool',
                'health_monitor')},
            'oslo_messaging': {'topic': 'octavia_prov'}})
        self._make_database()
        self.process.start()

        def answers():
            self.process.check_alive()
            reply = cloud.Service(self.port, '').request('GET', '/')
            assert reply.status == 200, reply
            return True
        wait.until(answers, 'octavia-api answers', 300, interval=0.1)

    def _make_database(self):
        self.database.create().start().wait_ready().create_databases()
        proc.run(['octavia-db-manage', '--config-file', self.conf, 'upgrade',
                  'head'], deadline=600)

    def fill(self, rows):
        """'rows' is {table: [{column: value}]}, in an order that foreign keys
        allow."""
        statements = ['SET FOREIGN_KEY_CHECKS=0']
        for table, values in rows.items():
            columns = list(values[0])
            lines = ['(' + ', '.join(literal(row[column])
                                     for column in columns) + ')'
                     for row in values]
            for i in range(0, len(lines), ROWS_A_STATEMENT):
                statements.append(
                    f'INSERT INTO {table} ({", ".join(columns)}) VALUES '
                    + ',\n'.join(lines[i:i + ROWS_A_STATEMENT]))
        self._run(statements)

    def settle(self):
        """What a provider would report: the noop one reports nothing."""
        statements = [
            f"UPDATE {table} SET provisioning_status='ACTIVE' WHERE "
            "provisioning_status IN ('PENDING_CREATE', 'PENDING_UPDATE')"
            for table in TABLES]
        statements.append('SET FOREIGN_KEY_CHECKS=0')
        for table in ('member', 'listener', 'vip', 'pool', 'load_balancer'):
            statements.append(
                f'DELETE {table} FROM load_balancer '
                'LEFT JOIN pool ON pool.load_balancer_id=load_balancer.id '
                + JOINS.get(table, '') + " WHERE load_balancer."
                "provisioning_status='PENDING_DELETE'")
        self._run(statements)

    def forget_members(self, port):
        """Those with this port or a higher one."""
        self._run([f'DELETE FROM member WHERE protocol_port >= {port}'])

    def _run(self, statements):
        proc.run(['mariadb', '--no-defaults', '--user=root', '--batch',
                  f'--socket={self.database.socket}', 'octavia'],
                 input=';\n'.join(statements) + ';\n', deadline=300)

    def processes(self):
        """{name: [process ids]}"""
        return {'octavia-api': descendants(self.process.pid),
                'MariaDB': [self.database.process.pid]}


def literal(value):
    """A value of ours in SQL: none has a quotation mark."""
    if value is None:
        return 'NULL'
    return f"'{value}'" if isinstance(value, str) else str(int(value))
