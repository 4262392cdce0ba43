/* SPDX-License-Identifier: Apache-2.0
 *
 * Ports of load balancers that end; see neutron-removals.h.
 */

#include <config.h>
#include "driver/neutron-removals.h"
#include <stdlib.h>
#include <string.h>
#include "base/workq.h"
#include "driver/neutron-calls.h"
#include "driver/neutron-retry.h"
#include "model/objects.h"
#include "net/vip-ports.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(neutron_removals);

struct neutron_removals {
    struct neutron_calls *calls;
    struct workq *queue;
    struct neutron_retries removals;
};

struct vip_removal {
    struct neutron_retry retry; /* By the load balancer's id. */
    struct neutron_removals *owner;
    char *project_id;
    char **names;               /* Names that its ports may have. */
    size_t n_names;
    bool is_done;
    bool is_abandoned;          /* Ends with the last of its calls. */
};

struct neutron_removals *
neutron_removals_create(struct neutron_calls *calls, struct workq *queue)
{
    struct neutron_removals *nr = xzalloc(sizeof *nr);

    nr->calls = calls;
    nr->queue = queue;
    neutron_retries_init(&nr->removals);
    return nr;
}

static struct vip_removal *
vip_removal_cast(struct neutron_retry *retry)
{
    return retry ? CONTAINER_OF(retry, struct vip_removal, retry) : NULL;
}

static void
vip_removal_destroy(struct vip_removal *removal)
{
    for (size_t i = 0; i < removal->n_names; i++) {
        free(removal->names[i]);
    }
    free(removal->names);
    free(removal->project_id);
    neutron_retry_uninit(&removal->owner->removals, &removal->retry);
    free(removal);
}

void
neutron_removals_destroy(struct neutron_removals *nr)
{
    if (nr) {
        struct neutron_retry *retry;
        HMAP_FOR_EACH_SAFE (retry, node, &nr->removals.by_id) {
            vip_removal_destroy(vip_removal_cast(retry));
        }
        neutron_retries_uninit(&nr->removals);
        free(nr);
    }
}

static struct vip_removal *
vip_removal_create(struct neutron_removals *nr, const struct model_lb *lb)
{
    struct vip_removal *removal = xzalloc(sizeof *removal);

    neutron_retry_init(&nr->removals, &removal->retry, &lb->base.id);
    removal->owner = nr;
    removal->project_id = xstrdup(lb->project_id);
    removal->n_names = lb->n_vips;
    removal->names = xcalloc(removal->n_names, sizeof *removal->names);
    for (size_t n = 0; n < removal->n_names; n++) {
        removal->names[n] = vip_port_name(&lb->base.id, n);
    }
    return removal;
}

static void
vip_removal_call_ends(struct vip_removal *removal, const char *trouble)
{
    struct neutron_removals *nr = removal->owner;

    if (!neutron_retry_call_ends(&nr->removals, &removal->retry, trouble,
                                 time_msec())) {
        return;
    }
    if (!removal->retry.is_waiting) {
        removal->is_done = true;
    }
    workq_add(nr->queue, &removal->retry.id);
    if (removal->is_abandoned) {
        vip_removal_destroy(removal);
    }
}

static void
vip_removal_deleted(const struct neutron_answer *answer, void *removal_)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 10);
    struct vip_removal *removal = removal_;

    if (answer->verdict == NEUTRON_REFUSED) {
        VLOG_WARN_RL(&rl, "load balancer "UUID_FMT": Neutron does not delete "
                     "a port of its VIPs: %s; will be asked again",
                     UUID_ARGS(&removal->retry.id), answer->text);
    }
    vip_removal_call_ends(removal,
                          answer->verdict == NEUTRON_OK ? NULL : answer->text);
}

/* True if the port has one of the names and is of this load balancer,
 * whichever process made it: users may give their ports any name. */
static bool
vip_removal_includes(const struct vip_removal *removal,
                     const struct neutron_port *port)
{
    bool has_name = false;

    for (size_t i = 0; i < removal->n_names; i++) {
        has_name |= !strcmp(port->name, removal->names[i]);
    }
    return has_name && neutron_port_is_of_lb(port, &removal->retry.id,
                                             removal->project_id);
}

static void
vip_removal_found(const struct neutron_answer *answer, void *removal_)
{
    struct vip_removal *removal = removal_;

    for (size_t i = 0; i < answer->ports.n; i++) {
        const struct neutron_port *port = &answer->ports.array[i];

        if (vip_removal_includes(removal, port)) {
            neutron_retry_call_starts(&removal->retry);
            neutron_delete_port(removal->owner->calls, &port->id,
                                vip_removal_deleted, removal);
        }
    }
    vip_removal_call_ends(removal,
                          answer->verdict == NEUTRON_OK ? NULL : answer->text);
}

bool
neutron_removals_finish(struct neutron_removals *nr, const struct model_lb *lb)
{
    struct vip_removal *removal
        = vip_removal_cast(neutron_retry_find(&nr->removals, &lb->base.id));

    if (!removal) {
        removal = vip_removal_create(nr, lb);
    }
    removal->is_abandoned = false;
    if (!removal->is_done && !neutron_retry_is_busy(&removal->retry)) {
        neutron_retry_call_starts(&removal->retry);
        neutron_find_ports(nr->calls, (const char *const *) removal->names,
                           removal->n_names, vip_removal_found, removal);
    }
    return removal->is_done;
}

void
neutron_removals_forget(struct neutron_removals *nr, const struct uuid *lb_id)
{
    struct vip_removal *removal
        = vip_removal_cast(neutron_retry_find(&nr->removals, lb_id));

    if (!removal) {
        return;
    }
    if (removal->retry.n_calls) {
        removal->is_abandoned = true;
    } else {
        vip_removal_destroy(removal);
    }
}

void
neutron_removals_run(struct neutron_removals *nr)
{
    struct neutron_retry *retry;

    while ((retry = neutron_retries_next(&nr->removals, time_msec()))) {
        workq_add(nr->queue, &retry->id);
    }
}

void
neutron_removals_wait(const struct neutron_removals *nr)
{
    neutron_retries_wait(&nr->removals);
}

size_t
neutron_removals_n_failing(const struct neutron_removals *nr)
{
    return neutron_retries_n_failing(&nr->removals);
}

const char *
neutron_removals_what_is_missing(const struct neutron_removals *nr,
                                 const struct uuid *lb_id)
{
    const struct neutron_retry *retry = neutron_retry_find(&nr->removals,
                                                           lb_id);

    return retry ? neutron_retry_what_is_missing(retry) : NULL;
}
