# SPDX-License-Identifier: Apache-2.0
"""Configuration files of Keystone, Neutron and Octavia, as an operator of a
small cloud would have them, but for the paths and the ports.
"""

import os

from .mariadb import PASSWORD

REGION = 'RegionOne'
PROVIDERS = {'ovn': 'Load balancing in OVN.',
             'amphora': 'Virtual machines; there are none here.'}


def write(path, sections):
    """Writes {section: {option: value}}."""
    lines = []
    for section, options in sections.items():
        lines.append(f'[{section}]')
        lines += [f'{name} = {value}' for name, value in options.items()]
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines) + '\n')


def service_user(stack, name):
    """How a service logs in at Keystone."""
    return {'auth_url': stack.url('keystone') + '/v3',
            'auth_type': 'password',
            'username': name,
            'password': PASSWORD,
            'project_name': 'service',
            'user_domain_name': 'Default',
            'project_domain_name': 'Default',
            'region_name': REGION}


def token_checks(stack, name):
    """How a service has tokens checked by Keystone."""
    return {'www_authenticate_uri': stack.url('keystone') + '/v3',
            **service_user(stack, name)}


def keystone(stack):
    return {
        'DEFAULT': {'use_stderr': 'true'},
        'database': {'connection': stack.mariadb.url('keystone')},
        'token': {'provider': 'fernet', 'expiration': 86400},
        'fernet_tokens': {'key_repository': stack.path('fernet-keys')},
        'fernet_receipts': {'key_repository': stack.path('fernet-keys')},
        'credential': {'key_repository': stack.path('credential-keys')},
        # Checking passwords is to be slow; not here.
        'identity': {'password_hash_rounds': 4},
        'oslo_policy': {'policy_dirs': '/etc/keystone/policy.d'},
    }


def neutron(stack):
    unlimited = {f'quota_{name}': -1 for name in (
        'network', 'subnet', 'port', 'router', 'floatingip',
        'security_group', 'security_group_rule')}
    return {
        'DEFAULT': {
            'use_stderr': 'true',
            'auth_strategy': 'keystone',
            'core_plugin': 'ml2',
            'service_plugins': 'ovn-router,qos',
            'bind_host': '127.0.0.1',
            'bind_port': stack.ports['neutron'],
            'api_workers': 1,
            'rpc_workers': 0,
            'state_path': stack.path('neutron'),
            'transport_url': 'fake://',
            'notify_nova_on_port_status_changes': 'false',
            'notify_nova_on_port_data_changes': 'false',
            'api_paste_config': '/etc/neutron/api-paste.ini'},
        'oslo_concurrency': {'lock_path': stack.path('neutron-lock')},
        'oslo_policy': {'policy_dirs': '/etc/neutron/policy.d'},
        'database': {'connection': stack.mariadb.url('neutron')},
        'keystone_authtoken': token_checks(stack, 'neutron'),
        'quotas': {'default_quota': -1, **unlimited},
        'ml2': {
            'type_drivers': 'local,flat,vlan,geneve',
            'tenant_network_types': 'geneve',
            'mechanism_drivers': 'ovn',
            'extension_drivers': 'port_security,qos',
            'overlay_ip_version': 4},
        'ml2_type_flat': {'flat_networks': '*'},
        'ml2_type_geneve': {'vni_ranges': '1:65536', 'max_header_size': 38},
        'securitygroup': {'enable_security_group': 'true'},
        'ovn': {
            'ovn_nb_connection': stack.ovn.nb.remote,
            'ovn_sb_connection': stack.ovn.sb.remote,
            'ovn_metadata_enabled': 'true',
            'enable_distributed_floating_ip': 'true',
            'ovsdb_log_level': 'WARNING'},
    }


def octavia(stack):
    enabled = ', '.join(f'{name}: {text}' for name, text in PROVIDERS.items())
    agents = [] if stack.agent == 'alone' and stack.provider == 'ours' \
        else ['ovn']
    return {
        'DEFAULT': {'use_stderr': 'true', 'transport_url': 'fake://'},
        'api_settings': {
            'bind_host': '127.0.0.1',
            'bind_port': stack.ports['octavia'],
            'auth_strategy': 'keystone',
            'enabled_provider_drivers': enabled,
            'default_provider_driver': 'ovn',
            'allow_ping_health_monitors': 'true',
            'allow_tls_terminated_listeners': 'true'},
        'database': {'connection': stack.mariadb.url('octavia')},
        'keystone_authtoken': token_checks(stack, 'octavia'),
        'service_auth': service_user(stack, 'octavia'),
        # Newer ones look here for the user, and two threads that do so first
        # disturb each other if they have to take that of [service_auth].
        'neutron': {**service_user(stack, 'octavia'),
                    'endpoint_type': 'internalURL', 'region_name': REGION},
        'controller_worker': {
            'network_driver': 'allowed_address_pairs_driver',
            'compute_driver': 'compute_noop_driver',
            'amphora_driver': 'amphora_noop_driver'},
        # The sockets are where everybody has them: see OpenStack.isolated.
        'driver_agent': {'enabled_provider_agents': ', '.join(agents),
                         'provider_agent_shutdown_timeout': 20},
        'oslo_messaging': {'topic': 'octavia_prov'},
        'oslo_policy': {'policy_dirs': '/etc/octavia/policy.d'},
        'ovn': {'ovn_nb_connection': stack.ovn.nb.remote,
                'ovn_sb_connection': stack.ovn.sb.remote},
        # What only our provider reads.
        'ovn_octavia': {
            'agent_arguments': ','.join(stack.our_agent.arguments)},
    }


def rc_file(stack, user, project=None):
    """What a person sources to be that user."""
    return ''.join(f'export {name}={value}\n' for name, value
                   in environment(stack, user, project).items()
                   if value is not None)


def environment(stack, user, project=None):
    """Variables with which "openstack" is that user of this stack, and of
    no other; None for those to remove."""
    # Whoever runs us may be logged in somewhere.
    others = {name: None for name in os.environ if name.startswith('OS_')}
    return {**others,
            'OS_AUTH_TYPE': 'password',
            'OS_AUTH_URL': stack.url('keystone') + '/v3',
            'OS_USERNAME': user,
            'OS_PASSWORD': PASSWORD,
            'OS_PROJECT_NAME': project or user,
            'OS_USER_DOMAIN_NAME': 'Default',
            'OS_PROJECT_DOMAIN_NAME': 'Default',
            'OS_IDENTITY_API_VERSION': '3',
            'OS_REGION_NAME': REGION,
            'http_proxy': None, 'HTTP_PROXY': None,
            'no_proxy': '127.0.0.1',
            'PYTHONWARNINGS': 'ignore'}
