# SPDX-License-Identifier: Apache-2.0
"""What Octavia's API hands to a provider: octavia-lib's data models, filled in
as it fills them in.
"""

import uuid

from octavia_lib.api.drivers import data_models

PROJECT = 'c0ffee00c0ffee00c0ffee00c0ffee00'


def new_id():
    return str(uuid.uuid4())


# Full rows, as Octavia hands them over: what nobody asked for is None, or its
# default.

def listener_model(lb_id, port=80, protocol='TCP', **attributes):
    return data_models.Listener(**{
        'listener_id': new_id(), 'loadbalancer_id': lb_id,
        'project_id': PROJECT, 'protocol': protocol, 'protocol_port': port,
        'name': None, 'description': None, 'admin_state_up': True,
        'connection_limit': -1, 'default_pool': None,
        'default_pool_id': None, 'default_tls_container_ref': None,
        'insert_headers': {}, 'l7policies': [],
        'timeout_client_data': 50000, 'timeout_member_connect': 5000,
        'timeout_member_data': 50000, 'timeout_tcp_inspect': 0,
        'client_ca_tls_container_ref': None, 'client_authentication': 'NONE',
        'client_crl_container_ref': None, 'allowed_cidrs': [],
        'tls_ciphers': None, 'tls_versions': None, 'alpn_protocols': None,
        **attributes})


def pool_model(lb_id, protocol='TCP', **attributes):
    return data_models.Pool(**{
        'pool_id': new_id(), 'loadbalancer_id': lb_id, 'project_id': PROJECT,
        'protocol': protocol, 'lb_algorithm': 'SOURCE_IP_PORT',
        'name': None, 'description': None, 'admin_state_up': True,
        'healthmonitor': None, 'members': [], 'session_persistence': None,
        'tls_container_ref': None, 'ca_tls_container_ref': None,
        'crl_container_ref': None, 'tls_enabled': False, 'tls_ciphers': None,
        'tls_versions': None, 'alpn_protocols': None, **attributes})


def member_model(pool_id, address='10.1.0.50', port=8080, **attributes):
    return data_models.Member(**{
        'member_id': new_id(), 'pool_id': pool_id, 'project_id': PROJECT,
        'address': address, 'protocol_port': port, 'name': None,
        'admin_state_up': True, 'subnet_id': None, 'weight': 1,
        'backup': False, 'monitor_address': None, 'monitor_port': None,
        **attributes})


def monitor_model(pool_id, **attributes):
    return data_models.HealthMonitor(**{
        'healthmonitor_id': new_id(), 'pool_id': pool_id,
        'project_id': PROJECT, 'type': 'TCP', 'delay': 5, 'timeout': 3,
        'max_retries': 2, 'max_retries_down': 3, 'name': None,
        'admin_state_up': True, 'http_method': None, 'url_path': None,
        'expected_codes': None, 'http_version': None, 'domain_name': None,
        **attributes})


def persistence(kind='SOURCE_IP', timeout=None):
    """With all four keys, as in a full row."""
    return {'type': kind, 'cookie_name': None,
            'persistence_timeout': timeout, 'persistence_granularity': None}
