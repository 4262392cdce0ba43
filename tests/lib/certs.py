# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests, made by openssl: an authority and what it signs."""

import datetime
import os

from . import proc

CONFIG = '''
[ca]
default_ca = it
[it]
dir = {directory}
database = $dir/index
new_certs_dir = $dir
serial = $dir/serial
default_md = sha256
policy = any
copy_extensions = copy
x509_extensions = signed
unique_subject = no
[any]
commonName = supplied
[signed]
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
'''


def stamp(days):
    """The time so many days from now, as openssl takes it."""
    when = (datetime.datetime.now(datetime.timezone.utc)
            + datetime.timedelta(days=days))
    return when.strftime('%Y%m%d%H%M%SZ')


class Authority:
    """A CA in a directory of its own; 'cert' is the file of its certificate.
    """

    def __init__(self, directory, name='authority'):
        self.directory = os.path.join(directory, name)
        os.makedirs(self.directory)
        self.cert = os.path.join(self.directory, 'ca.pem')
        self.key = os.path.join(self.directory, 'ca.key')
        self.config = os.path.join(self.directory, 'ca.cnf')
        with open(self.config, 'w', encoding='utf-8') as file:
            file.write(CONFIG.format(directory=self.directory))
        with open(os.path.join(self.directory, 'index'), 'w',
                  encoding='utf-8'):
            pass
        proc.run(['openssl', 'req', '-x509', *self._new_key(self.key),
                  '-subj', f'/CN={name}', '-days', '3650', '-out', self.cert,
                  '-addext', 'keyUsage=critical,keyCertSign,cRLSign'])

    @staticmethod
    def _new_key(path, kind='ec'):
        how = (['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
               if kind == 'ec' else ['-newkey', 'rsa:2048'])
        return [*how, '-nodes', '-keyout', path]

    def issue(self, name, days=365, since=-1, kind='ec', purpose='server'):
        """Makes NAME.pem and NAME.key, which only we may read, valid from
        'since' to 'days' days from now; returns their paths."""
        base = os.path.join(self.directory, name)
        proc.run(['openssl', 'req', *self._new_key(base + '.key', kind),
                  '-subj', f'/CN={name}', '-out', base + '.csr',
                  '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1,'
                  'IP:::1', '-addext', f'extendedKeyUsage={purpose}Auth'])
        proc.run(['openssl', 'ca', '-config', self.config, '-batch', '-notext',
                  '-rand_serial', '-cert', self.cert, '-keyfile', self.key,
                  '-startdate', stamp(since), '-enddate', stamp(days),
                  '-in', base + '.csr', '-out', base + '.pem'])
        os.chmod(base + '.key', 0o600)
        return base + '.pem', base + '.key'
