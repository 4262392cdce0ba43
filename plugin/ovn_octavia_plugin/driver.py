# SPDX-License-Identifier: Apache-2.0
"""Entry point octavia.api.drivers: each method is one call to the agent.

Octavia makes a new instance for almost every request, so making one costs
nothing.  Methods that are not here (L7, flavors, availability zones) are those
that the base class refuses.
"""

from octavia_lib.api.drivers import data_models
from octavia_lib.api.drivers import provider_base

from ovn_octavia_plugin import client
from ovn_octavia_plugin import options

# Objects that the agent gets by another way, or does not want to know.
_BACK_REFERENCES = ('default_pool',)
_SECRETS = '_container_data'


def _plain(value, nested=True):
    """A data model as a dict: Unset is not there, None is null."""
    if isinstance(value, data_models.BaseDataModel):
        return {name: _plain(attribute)
                for name, attribute in vars(value).items()
                if not (isinstance(attribute, data_models.UnsetType)
                        or name in _BACK_REFERENCES
                        or name.endswith(_SECRETS)
                        or not nested and _is_nested(attribute))}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()
                if not isinstance(item, data_models.UnsetType)}
    return value


def _is_nested(attribute):
    return (isinstance(attribute, data_models.BaseDataModel)
            or isinstance(attribute, list) and attribute
            and isinstance(attribute[0], data_models.BaseDataModel))


def _flat(model):
    """The same without what hangs below."""
    return _plain(model, nested=False)


class OvnProviderDriver(provider_base.ProviderDriver):
    def _call(self, name, **args):
        return client.call(options.get().agent_socket, name, args)

    # Load balancers.

    def create_vip_port(self, loadbalancer_id, project_id, vip_dictionary,
                        additional_vip_dicts=None):
        result = self._call('create_vip_port',
                            loadbalancer_id=loadbalancer_id,
                            project_id=project_id,
                            vip_dictionary=_plain(vip_dictionary),
                            additional_vip_dicts=_plain(
                                additional_vip_dicts or []))
        return result['vip'], result['additional_vips']

    def loadbalancer_create(self, loadbalancer):
        self._call('loadbalancer_create', loadbalancer=_plain(loadbalancer))

    def loadbalancer_delete(self, loadbalancer, cascade=False):
        self._call('loadbalancer_delete', loadbalancer=_flat(loadbalancer),
                   cascade=cascade)

    def loadbalancer_failover(self, loadbalancer_id):
        self._call('loadbalancer_failover', loadbalancer_id=loadbalancer_id)

    def loadbalancer_update(self, old_loadbalancer, new_loadbalancer):
        self._call('loadbalancer_update',
                   old_loadbalancer=_flat(old_loadbalancer),
                   new_loadbalancer=_plain(new_loadbalancer))

    # Listeners.

    def listener_create(self, listener):
        self._call('listener_create', listener=_plain(listener))

    def listener_delete(self, listener):
        self._call('listener_delete', listener=_flat(listener))

    def listener_update(self, old_listener, new_listener):
        self._call('listener_update', old_listener=_flat(old_listener),
                   new_listener=_plain(new_listener))

    # Pools.

    def pool_create(self, pool):
        self._call('pool_create', pool=_plain(pool))

    def pool_delete(self, pool):
        self._call('pool_delete', pool=_flat(pool))

    def pool_update(self, old_pool, new_pool):
        self._call('pool_update', old_pool=_flat(old_pool),
                   new_pool=_plain(new_pool))

    # Members.

    def member_create(self, member):
        self._call('member_create', member=_plain(member))

    def member_delete(self, member):
        self._call('member_delete', member=_flat(member))

    def member_update(self, old_member, new_member):
        self._call('member_update', old_member=_flat(old_member),
                   new_member=_plain(new_member))

    def member_batch_update(self, pool_id, members):
        self._call('member_batch_update', pool_id=pool_id,
                   members=_plain(members))

    # Health monitors.

    def health_monitor_create(self, healthmonitor):
        self._call('health_monitor_create',
                   healthmonitor=_plain(healthmonitor))

    def health_monitor_delete(self, healthmonitor):
        self._call('health_monitor_delete', healthmonitor=_flat(healthmonitor))

    def health_monitor_update(self, old_healthmonitor, new_healthmonitor):
        self._call('health_monitor_update',
                   old_healthmonitor=_flat(old_healthmonitor),
                   new_healthmonitor=_plain(new_healthmonitor))
