/* SPDX-License-Identifier: Apache-2.0
 *
 * Neutron's ports: puts together the parts that make ports for VIPs, delete
 * them, and make ports to probe from.
 */

#include <config.h>
#include <stdlib.h>
#include "driver/neutron-calls.h"
#include "driver/neutron-removals.h"
#include "driver/neutron-sources.h"
#include "driver/neutron-vips.h"
#include "driver/port-provider.h"
#include "model/objects.h"
#include "openvswitch/dynamic-string.h"
#include "store/tree.h"
#include "util.h"

struct ports_neutron {
    struct port_provider up;
    struct store *store;        /* Borrowed. */
    struct neutron_calls *calls;
    struct neutron_vips *vips;
    struct neutron_removals *removals;
    struct neutron_sources *sources;
};

static const struct port_class ports_neutron_class;

struct port_provider *
ports_neutron_create(struct neutron *neutron, struct store *store,
                     struct nb *nb, struct workq *queue,
                     int pending_timeout_ms)
{
    struct ports_neutron *pn = xmalloc(sizeof *pn);

    pn->up.class_ = &ports_neutron_class;
    pn->store = store;
    pn->calls = neutron_calls_create(neutron);
    pn->vips = neutron_vips_create(pn->calls, nb, queue);
    pn->removals = neutron_removals_create(pn->calls, queue);
    pn->sources = neutron_sources_create(pn->calls, nb, queue,
                                         pending_timeout_ms / 2);
    return &pn->up;
}

static struct ports_neutron *
ports_neutron_cast(struct port_provider *ports)
{
    ovs_assert(ports->class_ == &ports_neutron_class);
    return CONTAINER_OF(ports, struct ports_neutron, up);
}

static void
ports_neutron_destroy(struct port_provider *ports)
{
    struct ports_neutron *pn = ports_neutron_cast(ports);

    /* Goes first: calls under way refer to the others. */
    neutron_calls_destroy(pn->calls);
    neutron_sources_destroy(pn->sources);
    neutron_removals_destroy(pn->removals);
    neutron_vips_destroy(pn->vips);
    free(pn);
}

/* Looks for ports to probe from only while active: it does so in the replica
 * of OVN_Northbound, which is whole only then. */
static void
ports_neutron_run(struct port_provider *ports, bool is_active)
{
    struct ports_neutron *pn = ports_neutron_cast(ports);

    neutron_calls_run(pn->calls);
    neutron_vips_run(pn->vips);
    neutron_removals_run(pn->removals);
    if (is_active) {
        neutron_sources_run(pn->sources);
    }
}

static void
ports_neutron_wait(struct port_provider *ports, bool is_active)
{
    struct ports_neutron *pn = ports_neutron_cast(ports);

    neutron_calls_wait(pn->calls);
    neutron_vips_wait(pn->vips);
    neutron_removals_wait(pn->removals);
    if (is_active) {
        neutron_sources_wait(pn->sources);
    }
}

static void
ports_neutron_distrust_lb(const struct uuid *lb_id, void *vips)
{
    neutron_vips_distrust(vips, lb_id);
}

static void
ports_neutron_distrust(struct port_provider *ports)
{
    struct ports_neutron *pn = ports_neutron_cast(ports);

    neutron_vips_distrust_all(pn->vips);
    store_for_each_lb(pn->store, ports_neutron_distrust_lb, pn->vips);
}

static enum vip_result
ports_neutron_fill(struct port_provider *ports, struct model_lb *lb,
                   struct vip_refusal *refusal)
{
    return neutron_vips_fill(ports_neutron_cast(ports)->vips, lb, refusal);
}

static void
ports_neutron_give_up(struct port_provider *ports, const struct uuid *lb_id)
{
    neutron_vips_give_up(ports_neutron_cast(ports)->vips, lb_id);
}

static enum vip_result
ports_neutron_restore(struct port_provider *ports, struct model_lb *lb,
                      struct vip_refusal *refusal)
{
    return neutron_vips_restore(ports_neutron_cast(ports)->vips, lb, refusal);
}

/* Lets calls that may still make ports end first. */
static bool
ports_neutron_remove(struct port_provider *ports, const struct model_lb *lb)
{
    struct ports_neutron *pn = ports_neutron_cast(ports);

    return (neutron_vips_forget(pn->vips, &lb->base.id)
            && neutron_removals_finish(pn->removals, lb));
}

static void
ports_neutron_forget(struct port_provider *ports, const struct uuid *lb_id)
{
    struct ports_neutron *pn = ports_neutron_cast(ports);

    neutron_vips_forget(pn->vips, lb_id);
    neutron_removals_forget(pn->removals, lb_id);
}

static enum port_sources
ports_neutron_provide_sources(struct port_provider *ports,
                              const struct model_lb *lb,
                              const struct uuidset *subnets,
                              const struct uuidset *sourceless,
                              char **ret_why)
{
    const char *why;
    enum port_sources state
        = neutron_sources_provide(ports_neutron_cast(ports)->sources, lb,
                                  subnets, sourceless, &why);

    if (state == SOURCES_FAILED) {
        *ret_why = xasprintf("Neutron: %s", why);
    }
    return state;
}

static bool
ports_neutron_owns_source(struct port_provider *ports,
                          const struct topo_port *port, bool is_in_use)
{
    return neutron_sources_own(ports_neutron_cast(ports)->sources, port,
                               is_in_use);
}

static bool
ports_neutron_take_unneeded(struct port_provider *ports)
{
    return neutron_sources_take_unneeded(ports_neutron_cast(ports)->sources);
}

static void
ports_neutron_clean(struct port_provider *ports)
{
    neutron_sources_clean(ports_neutron_cast(ports)->sources);
}

static char *
ports_neutron_what_is_missing(struct port_provider *ports,
                              const struct uuid *lb_id)
{
    struct ports_neutron *pn = ports_neutron_cast(ports);
    const char *why = neutron_vips_what_is_missing(pn->vips, lb_id);

    why = why ? why : neutron_removals_what_is_missing(pn->removals, lb_id);
    why = why ? why : neutron_sources_what_is_missing(pn->sources, lb_id);
    return why ? xasprintf("Neutron: %s", why) : NULL;
}

static bool
ports_neutron_is_busy(struct port_provider *ports)
{
    return neutron_calls_n(ports_neutron_cast(ports)->calls) > 0;
}

static size_t
ports_neutron_n_failing(struct port_provider *ports)
{
    struct ports_neutron *pn = ports_neutron_cast(ports);

    return (neutron_vips_n_failing(pn->vips)
            + neutron_removals_n_failing(pn->removals));
}

static void
ports_neutron_format_status(struct port_provider *ports, struct ds *s)
{
    neutron_calls_format(ports_neutron_cast(ports)->calls, s);
    ds_put_char(s, '\n');
}

static const struct port_class ports_neutron_class = {
    .makes_sources = true,
    .destroy = ports_neutron_destroy,
    .run = ports_neutron_run,
    .wait = ports_neutron_wait,
    .distrust = ports_neutron_distrust,
    .fill = ports_neutron_fill,
    .give_up = ports_neutron_give_up,
    .restore = ports_neutron_restore,
    .remove = ports_neutron_remove,
    .forget = ports_neutron_forget,
    .provide_sources = ports_neutron_provide_sources,
    .owns_source = ports_neutron_owns_source,
    .take_unneeded = ports_neutron_take_unneeded,
    .clean = ports_neutron_clean,
    .what_is_missing = ports_neutron_what_is_missing,
    .is_busy = ports_neutron_is_busy,
    .n_failing = ports_neutron_n_failing,
    .format_status = ports_neutron_format_status,
};
