# SPDX-License-Identifier: Apache-2.0
"""A small OpenStack of Debian's packages on this machine, with their own units:
Keystone, Neutron with ML2/OVN, and Octavia with the Python OVN provider.
"""

import configparser
import os
import re
import subprocess

from machine import APT, needs, run, wait_until

PASSWORD = 'not-a-secret'
REGION = 'RegionOne'
PORTS = {'keystone': 5000, 'neutron': 9696, 'octavia': 9876}
INTERFACES = ('public', 'internal', 'admin')
# Debian's unit of each, and the type of those whose service the catalog lacks.
UNITS = {'keystone': 'keystone', 'neutron': 'neutron-api',
         'octavia': 'octavia-api'}
TYPES = {'neutron': 'network', 'octavia': 'load-balancer'}
NB, SB = 'tcp:127.0.0.1:6641', 'tcp:127.0.0.1:6642'
# While packages are installed nothing is configured yet, so nothing starts.
POLICY = '/usr/sbin/policy-rc.d'
ENVIRONMENT = {
    'OS_AUTH_TYPE': 'password', 'OS_AUTH_URL': 'http://127.0.0.1:5000/v3',
    'OS_USERNAME': 'admin', 'OS_PASSWORD': PASSWORD,
    'OS_PROJECT_NAME': 'admin', 'OS_USER_DOMAIN_NAME': 'Default',
    'OS_PROJECT_DOMAIN_NAME': 'Default', 'OS_IDENTITY_API_VERSION': '3',
    'OS_REGION_NAME': REGION}


def user(name):
    """How a service logs in at Keystone."""
    return {'auth_url': ENVIRONMENT['OS_AUTH_URL'],
            'www_authenticate_uri': ENVIRONMENT['OS_AUTH_URL'],
            'auth_type': 'password', 'username': name, 'password': PASSWORD,
            'project_name': 'service', 'user_domain_name': 'Default',
            'project_domain_name': 'Default', 'region_name': REGION}


def database(name):
    return {'connection': f'mysql+pymysql://{name}:{PASSWORD}@localhost/{name}'
            '?charset=utf8&unix_socket=/run/mysqld/mysqld.sock'}


OVN = {'ovn_nb_connection': NB, 'ovn_sb_connection': SB}
# {file: its owner, {section: {option: value}}}
FILES = {
    '/etc/keystone/keystone.conf': ('keystone', {
        'database': database('keystone'),
        'token': {'provider': 'fernet'},
        'identity': {'password_hash_rounds': 4}}),
    '/etc/neutron/neutron.conf': ('neutron', {
        'DEFAULT': {'core_plugin': 'ml2', 'service_plugins': 'ovn-router',
                    'auth_strategy': 'keystone', 'transport_url': 'fake://',
                    'state_path': '/var/lib/neutron',
                    'notify_nova_on_port_status_changes': 'false',
                    'notify_nova_on_port_data_changes': 'false'},
        'oslo_concurrency': {'lock_path': '/var/lock/neutron'},
        'database': database('neutron'),
        'keystone_authtoken': user('neutron')}),
    '/etc/neutron/plugins/ml2/ml2_conf.ini': ('neutron', {
        'ml2': {'type_drivers': 'local,flat,geneve',
                'tenant_network_types': 'geneve',
                'mechanism_drivers': 'ovn',
                'extension_drivers': 'port_security',
                'overlay_ip_version': 4},
        'ml2_type_geneve': {'vni_ranges': '1:65536', 'max_header_size': 38},
        'securitygroup': {'enable_security_group': 'true'},
        'ovn': OVN}),
    '/etc/octavia/octavia.conf': ('octavia', {
        'DEFAULT': {'transport_url': 'fake://'},
        'api_settings': {
            'auth_strategy': 'keystone',
            'enabled_provider_drivers': 'ovn: Load balancing in OVN.',
            'default_provider_driver': 'ovn'},
        'database': database('octavia'),
        'keystone_authtoken': user('octavia'),
        'service_auth': user('octavia'),
        'neutron': {**user('octavia'), 'endpoint_type': 'internalURL'},
        'driver_agent': {'enabled_provider_agents': 'ovn'},
        'ovn': OVN}),
}


def write(path, owner, sections):
    parser = configparser.RawConfigParser()
    parser.read_dict(sections)
    with open(path, 'w', encoding='utf-8') as file:
        parser.write(file)
    os.chmod(path, 0o640)
    run('chown', f'root:{owner}', path)


def as_user(name, *command):
    run('runuser', '-u', name, '--', *command)


def openstack(*args):
    """What the client prints."""
    return run('openstack', *args, env={**os.environ, **ENVIRONMENT}).strip()


def make():
    """Brings it up, with a network "n1" of a router."""
    with open(POLICY, 'w', encoding='ascii') as file:
        file.write('#!/bin/sh\nexit 101\n')
    os.chmod(POLICY, 0o755)
    run(*APT, 'install', *needs('needs-takeover'))
    os.remove(POLICY)
    for path, (owner, sections) in FILES.items():
        write(path, owner, sections)
    for name in PORTS:
        use_two_processes(name)
    serve_neutron()
    run('systemctl', 'start', 'mariadb', 'ovn-central')
    run('ovn-nbctl', 'set-connection', 'ptcp:6641:127.0.0.1')
    run('ovn-sbctl', 'set-connection', 'ptcp:6642:127.0.0.1')
    make_databases()
    start_services()
    make_network()


def use_two_processes(name):
    """Debian's files want eight of each, for larger machines; and Keystone's
    a profile of AppArmor's."""
    path = f'/etc/{name}/{UNITS[name]}-uwsgi.ini'
    with open(path, encoding='utf-8') as file:
        text = file.read()
    text = re.sub('(?m)^processes = .*', 'processes = 2', text)
    text = re.sub('(?m)^plugins = .*', 'plugins = python3', text)
    text = re.sub('(?m)^apparmor-profile = .*\n', '', text)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def serve_neutron():
    """Debian 12's unit runs Neutron 21 in uwsgi, where ML2/OVN never gets to
    its databases: it takes a new network, and waits for ever."""
    with open('/etc/os-release', encoding='utf-8') as file:
        if 'VERSION_CODENAME=bookworm' not in file.read():
            return
    directory = f'/etc/systemd/system/{UNITS["neutron"]}.service.d'
    os.makedirs(directory)
    with open(f'{directory}/server.conf', 'w', encoding='ascii') as file:
        file.write('[Service]\nExecStart=\nExecStart=/usr/bin/neutron-server '
                   '--config-file /etc/neutron/neutron.conf '
                   '--config-file /etc/neutron/plugins/ml2/ml2_conf.ini\n')
    run('systemctl', 'daemon-reload')


def make_databases():
    for name in PORTS:
        run('mariadb', '-e', f"CREATE DATABASE {name};"
            f"CREATE USER '{name}'@'localhost' IDENTIFIED BY '{PASSWORD}';"
            f"GRANT ALL ON {name}.* TO '{name}'@'localhost'")
    for keys in ('fernet', 'credential'):
        run('keystone-manage', f'{keys}_setup', '--keystone-user', 'keystone',
            '--keystone-group', 'keystone')
    as_user('keystone', 'keystone-manage', 'db_sync')
    as_user('keystone', 'keystone-manage', 'bootstrap',
            '--bootstrap-password', PASSWORD,
            '--bootstrap-region-id', REGION,
            *(f'--bootstrap-{interface}-url={ENVIRONMENT["OS_AUTH_URL"]}'
              for interface in INTERFACES))
    as_user('neutron', 'neutron-db-manage',
            '--config-file', '/etc/neutron/neutron.conf',
            '--config-file', '/etc/neutron/plugins/ml2/ml2_conf.ini',
            'upgrade', 'head')
    as_user('octavia', 'octavia-db-manage',
            '--config-file', '/etc/octavia/octavia.conf', 'upgrade', 'head')


def start_services():
    run('systemctl', 'start', 'keystone')
    wait_until('Keystone answers', lambda: answers('keystone', '/v3'))
    make_identity()
    run('systemctl', 'start', 'neutron-api', 'octavia-driver-agent',
        'octavia-api')
    wait_until('Neutron answers', lambda: answers('neutron'))
    wait_until('Octavia answers', lambda: answers('octavia'))


def answers(name, path='/'):
    """Whether a service answers; Debian's uwsgi hangs up on who waits for
    more, so this is not urllib."""
    return run('curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}',
               f'http://127.0.0.1:{PORTS[name]}{path}') == '200'


def make_identity():
    """The users of the services, and the catalog."""
    lines = ['project create service', 'role create load-balancer_admin',
             'role add --project admin --user admin load-balancer_admin']
    for name in ('neutron', 'octavia'):
        lines += [f'user create --password {PASSWORD} {name}',
                  f'role add --project service --user {name} admin']
    for name, kind in TYPES.items():
        lines.append(f'service create --name {name} {kind}')
        lines += [f'endpoint create --region {REGION} {kind} {interface}'
                  f' http://127.0.0.1:{PORTS[name]}'
                  for interface in INTERFACES]
    # One process for all: each takes seconds to start.
    script(lines, ('catalog', 'show', 'octavia'))


def make_network():
    script(['network create n1',
            'subnet create --network n1 --subnet-range 10.1.0.0/24 n1',
            'router create r1', 'router add subnet r1 n1'],
           ('subnet', 'show', 'n1'))


def script(lines, proof):
    """Runs commands of the client in one process, whose exit status says
    nothing of them; what 'proof' shows is there afterwards."""
    done = subprocess.run(
        ['openstack'], input='\n'.join(lines) + '\n', check=False,
        env={**os.environ, **ENVIRONMENT}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    try:
        openstack(*proof)
    except AssertionError:
        print(done.stdout)
        raise
