# SPDX-License-Identifier: Apache-2.0
"""What octavia.conf may say about the plugin, in [ovn_octavia].

The agent reads the same file, and some of the same options.
"""

from oslo_config import cfg

OPTIONS = [
    cfg.StrOpt('agent_socket',
               default='/var/run/octavia/ovn-agent.sock',
               help='Where ovn-octavia-agent listens for the calls of '
                    'Octavia\'s API.'),
    cfg.StrOpt('agent_socket_group',
               help='The group that may use this socket; by default the '
                    'agent\'s own. Only the agent reads this.'),
    cfg.StrOpt('agent_socket_mode',
               default='0660',
               help='Who may use this socket, as for chmod(1). Only the agent '
                    'reads this.'),
    cfg.StrOpt('agent_program',
               default='ovn-octavia-agent',
               help='The program that octavia-driver-agent starts: a path, or '
                    'a name that is looked for in PATH, /usr/local/sbin and '
                    '/usr/sbin.'),
    cfg.ListOpt('agent_arguments',
                default=[],
                help='What it is started with besides --octavia-conf, for '
                     'example --private-key=..., if OVN_Octavia is reached '
                     'by TLS.'),
    cfg.StrOpt('unsupported_options',
               default='accept',
               choices=['accept', 'refuse'],
               help='What becomes of options that OVN does not honour and '
                    'without which traffic flows all the same '
                    '(connection_limit, time-outs, a QoS policy): they are '
                    'stored, and "ovn-octavia-ctl explain" says so, or they '
                    'are refused. Only the agent reads this.'),
    cfg.StrOpt('allowed_cidrs',
               default='enforce',
               choices=['enforce', 'refuse'],
               help='What becomes of allowed_cidrs of listeners, as the '
                    'driver has it. Only the agent reads this.'),
    cfg.StrOpt('db',
               help='Where OVN_Octavia is, as an OVSDB connection method. '
                    'Only the agent reads this.'),
    cfg.StrOpt('nb_db',
               help='Where OVN\'s Northbound database is, if it is to be '
                    'asked about subnets instead of Neutron. Only the agent '
                    'reads this.'),
]


def get():
    """The group, registered with whatever Octavia has configured itself by."""
    cfg.CONF.register_opts(OPTIONS, group='ovn_octavia')
    return cfg.CONF.ovn_octavia
