# SPDX-License-Identifier: Apache-2.0
"""OpenStack's own tests of Octavia, octavia-tempest-plugin as Debian has it,
against a stack of ours.

A test either passes, fails or is skipped; one is known by its name without
the ids that tempest adds.
"""

import collections
import io
import os
import re
import subprocess
import sys

from . import mariadb, openstack_conf, wait

PACKAGES = ('octavia-tempest-plugin', 'python3-stestr')
# All tests of the API, and those scenarios that start no machine and make no
# flavor of machines.
TESTS = (r'^(?!.*_with_compute_flavor)'
         r'octavia_tempest_plugin\.tests\.(api\.|scenario\.v2\.test_'
         r'(healthmonitor|l7policy|l7rule|listener|load_balancer|member|pool)'
         r'\.)')
# Of an API of ours.
OWN_PROVIDERS = {'ovn': 'Octavia OVN driver.'}
RESULTS = {'success': 'passed', 'fail': 'failed', 'skip': 'skipped',
           # The process that ran it ended first.
           'inprogress': 'failed', 'uxsuccess': 'failed', 'xfail': 'skipped'}
# What the last line of a traceback looks like.
ERROR = re.compile(r'^[\w.]+(Error|Exception|Conflict|Fault|NotFound|Mismatch'
                   r'|Forbidden|BadRequest|NotImplemented|\bTimeout)\b')
UUID = re.compile(r'[0-9a-f]{8}-[0-9a-f-]{27}')

# What became of a test, and why: one line, '' if it passed.
Outcome = collections.namedtuple('Outcome', 'result reason')


def roles(stack):
    """Whose names the policies know: the roles that are Octavia's own, until
    oslo.policy leaves out what is deprecated by default."""
    if stack.provider == 'none':        # An API of ours, with legacy_roles.
        return 'advanced'
    told = subprocess.run(
        ['/usr/bin/python3', '-c', 'from oslo_policy import opts;'
         'print(*[option.default for option in opts._options'
         ' if option.name == "enforce_new_defaults"])'],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    return ('keystone_default_roles' if told.strip() == 'True'
            else 'advanced')


def configuration(stack, directory, public_id):
    """tempest.conf.  The features are those of the Python provider's own
    runs, but that there are sessions, too: whatever a provider does not
    implement skips its test by 501."""
    drivers = ','.join(f'{name}:{text}' for name, text
                       in (OWN_PROVIDERS if stack.provider == 'none'
                           else openstack_conf.PROVIDERS).items())
    return {
        'DEFAULT': {'log_dir': directory, 'log_file': 'tempest.log'},
        'oslo_concurrency': {'lock_path': os.path.join(directory, 'lock')},
        'auth': {'use_dynamic_credentials': 'true',
                 'create_isolated_networks': 'false',
                 # Everybody's: our API gives "member" rights of its own, and
                 # the tests expect that it has none.
                 'tempest_roles': ('creator' if stack.provider == 'none'
                                   else 'member'),
                 'admin_username': 'admin',
                 'admin_password': mariadb.PASSWORD,
                 'admin_project_name': 'admin',
                 'admin_domain_name': 'Default'},
        'identity': {'auth_version': 'v3',
                     'uri_v3': stack.url('keystone') + '/v3',
                     'region': openstack_conf.REGION,
                     'default_domain_id': 'default'},
        'identity-feature-enabled': {'api_v2': 'false', 'api_v3': 'true'},
        # There are no machines and no images.  The base class of all tests
        # wants them, but only those that are not in TESTS use them.
        'service_available': {'nova': 'true', 'glance': 'true',
                              'neutron': 'true', 'cinder': 'false',
                              'swift': 'false', 'horizon': 'false',
                              'load_balancer': 'true'},
        'network': {'public_network_id': public_id,
                    'project_networks_reachable': 'true'},
        'network-feature-enabled': {'port_security': 'true', 'ipv6': 'true'},
        'validation': {'run_validation': 'false'},
        # On a busy machine, Neutron is slow to make a network.
        'service-clients': {'http_timeout': int(60 * wait.SLOWNESS)},
        'load_balancer': {
            'region': openstack_conf.REGION, 'endpoint_type': 'public',
            'octavia_svc_username': 'octavia', 'provider': 'ovn',
            'enabled_provider_drivers': drivers,
            'enable_security_groups': 'true', 'RBAC_test_type': roles(stack),
            **{f'{prefix}{name}': value
               for name, value in (('interval', 0.2), ('timeout', 120))
               for prefix in ('check_', 'build_', 'lb_build_')}},
        'loadbalancer-feature-enabled': {
            'health_monitor_enabled': 'true',
            'pool_algorithms_enabled': 'false',
            'l7_protocol_enabled': 'false', 'l4_protocol': 'TCP',
            'session_persistence_enabled': 'true',
            'not_implemented_is_error': 'false',
            'terminated_tls_enabled': 'false'},
    }


class Tempest:
    """One run against 'stack', which must be up, in a directory for it."""

    def __init__(self, stack, directory, public_id):
        self.directory = directory
        self.env = {**stack.environment('admin'),
                    'TEMPEST_CONFIG_DIR': directory,
                    'TEMPEST_CONFIG': 'tempest.conf',
                    'OS_TEST_TIMEOUT': '600'}
        os.makedirs(os.path.join(directory, 'lock'), exist_ok=True)
        openstack_conf.write(os.path.join(directory, 'tempest.conf'),
                             configuration(stack, directory, public_id))
        openstack_conf.write(os.path.join(directory, '.stestr.conf'), {
            'DEFAULT': {
                'test_path': os.path.join(_packages(), 'tempest',
                                          'test_discover'),
                'top_dir': _packages(),
                # Tests of a class stay together: they share its networks.
                'group_regex': r'([^\.]*\.)*'}})

    def run(self, tests, jobs):
        """Runs what 'tests', a pattern, says; shows its progress.  Returns
        {name: Outcome}."""
        self._stestr('init')
        self._stestr('run', '--concurrency', str(jobs), tests)
        stream = self._stestr('last', '--subunit', stdout=subprocess.PIPE)
        return outcomes(stream.stdout)

    def _stestr(self, *args, stdout=None):
        env = {name: value for name, value in
               {**os.environ, **self.env}.items() if value is not None}
        return subprocess.run(['stestr', *args], env=env, stdout=stdout,
                              cwd=self.directory, check=False)


def outcomes(stream):
    """{name: Outcome} of a stream in subunit's format."""
    # They come with the packages that a run needs, not with ours.
    # pylint: disable=import-outside-toplevel
    import subunit
    import testtools
    found = {}

    def take(test):
        if test['status'] in RESULTS:
            found[re.sub(r'\[.*\]', '', test['id'])] = Outcome(
                RESULTS[test['status']], _reason(test))
    result = testtools.StreamToDict(take)
    result.startTestRun()
    subunit.ByteStreamToStreamResult(
        io.BytesIO(stream), non_subunit_name='stdout').run(result)
    result.stopTestRun()
    return found


def _reason(test):
    """Why a test was skipped or failed, in a line."""
    details = {name: content.as_text()
               for name, content in test['details'].items()
               if name.startswith(('traceback', 'reason'))}
    if test['status'] == 'success':
        return ''
    if 'reason' in details:
        text = details['reason'].strip()
    else:
        lines = [line.strip() for text in details.values()
                 for line in text.splitlines() if line.strip()]
        errors = [line for line in lines if ERROR.match(line)]
        said = [line for line in lines if line.startswith('Details:')]
        text = ' '.join([*(errors or lines)[-1:], *said[-1:]])
    return UUID.sub('ID', text)[:300]


def _packages():
    return next(path for path in sys.path if path.endswith('dist-packages')
                and os.path.isdir(os.path.join(path, 'tempest')))
