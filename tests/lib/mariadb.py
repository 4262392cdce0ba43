# SPDX-License-Identifier: Apache-2.0
"""MariaDB, as the services of OpenStack need it: one server on a unix socket,
with a database for each of them.

Nothing of it has to survive a power failure, so it never waits for the disk.
"""

import os

from . import proc, wait

DATABASES = ('keystone', 'neutron', 'octavia')
# Everything of a stack is on the loopback and thrown away with it.
PASSWORD = 'not-a-secret'


class MariaDb:
    """rundir   a short path for the data, the socket and the log
    lasting  see proc.Process
    """

    def __init__(self, rundir, lasting=False):
        self.data = os.path.join(str(rundir), 'mysql')
        self.socket = os.path.join(str(rundir), 'mysql.sock')
        # The same for the making of the database and for its use.
        self.innodb = ['--innodb-log-file-size=16M',
                       '--innodb-flush-log-at-trx-commit=0',
                       '--innodb-flush-method=nosync',
                       '--skip-innodb-doublewrite',
                       '--innodb-buffer-pool-size=64M']
        self.process = proc.Process('mariadb', [
            'mariadbd', '--no-defaults', '--user=root',
            f'--datadir={self.data}', f'--socket={self.socket}',
            f'--pid-file={os.path.join(str(rundir), "mariadb.pid")}',
            '--skip-networking', '--skip-name-resolve', '--skip-log-bin',
            '--performance-schema=OFF', '--max-connections=1000',
            '--character-set-server=utf8mb3',
            '--collation-server=utf8mb3_general_ci', *self.innodb],
            rundir, lasting=lasting)

    def create(self):
        """Makes the server's own tables."""
        proc.run(['mariadb-install-db', '--no-defaults', '--user=root',
                  f'--datadir={self.data}', '--skip-test-db',
                  '--auth-root-authentication-method=normal', *self.innodb])
        return self

    def start(self):
        """Starts it; does not wait."""
        self.process.start()
        return self

    def wait_ready(self):
        def answers():
            self.process.check_alive()
            return self.sql('SELECT 1')
        wait.until(answers, 'MariaDB answers')
        return self

    def create_databases(self):
        for name in DATABASES:
            self.sql(f"CREATE DATABASE {name};"
                     f"CREATE USER '{name}'@'localhost' IDENTIFIED BY "
                     f"'{PASSWORD}';"
                     f"GRANT ALL ON {name}.* TO '{name}'@'localhost'")

    def sql(self, text):
        return proc.run(['mariadb', '--no-defaults', '--user=root',
                         '--skip-column-names', '--batch',
                         f'--socket={self.socket}', f'--execute={text}'])

    def url(self, name):
        """Where a service finds its database, as SQLAlchemy writes it."""
        return (f'mysql+pymysql://{name}:{PASSWORD}@localhost/{name}'
                f'?charset=utf8&unix_socket={self.socket}')
