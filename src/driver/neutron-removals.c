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
    struct errands removals;
};

struct removal {
    struct errand errand;       /* By the load balancer's id. */
    struct neutron_removals *owner;
    char *project_id;
    char **names;               /* That its ports may have. */
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
    errands_init(&nr->removals);
    return nr;
}

static struct removal *
removal_cast(struct errand *errand)
{
    return errand ? CONTAINER_OF(errand, struct removal, errand) : NULL;
}

static void
destroy_removal(struct removal *removal)
{
    for (size_t i = 0; i < removal->n_names; i++) {
        free(removal->names[i]);
    }
    free(removal->names);
    free(removal->project_id);
    errand_uninit(&removal->owner->removals, &removal->errand);
    free(removal);
}

void
neutron_removals_destroy(struct neutron_removals *nr)
{
    if (nr) {
        struct errand *errand;
        HMAP_FOR_EACH_SAFE (errand, node, &nr->removals.by_id) {
            destroy_removal(removal_cast(errand));
        }
        errands_uninit(&nr->removals);
        free(nr);
    }
}

static struct removal *
create_removal(struct neutron_removals *nr, const struct model_lb *lb)
{
    struct removal *removal = xzalloc(sizeof *removal);

    errand_init(&nr->removals, &removal->errand, &lb->base.id);
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
call_ends(struct removal *removal, const char *trouble)
{
    struct neutron_removals *nr = removal->owner;

    if (!errand_call_ends(&nr->removals, &removal->errand, trouble,
                          time_msec())) {
        return;
    }
    if (!removal->errand.is_waiting) {
        removal->is_done = true;
    }
    workq_add(nr->queue, &removal->errand.id);
    if (removal->is_abandoned) {
        destroy_removal(removal);
    }
}

static void
deleted(const struct neutron_answer *answer, void *removal_)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 10);
    struct removal *removal = removal_;

    if (answer->verdict == NEUTRON_REFUSED) {
        VLOG_WARN_RL(&rl, "load balancer "UUID_FMT": Neutron does not delete "
                     "a port of its VIPs: %s; will be asked again",
                     UUID_ARGS(&removal->errand.id), answer->text);
    }
    call_ends(removal, answer->verdict == NEUTRON_OK ? NULL : answer->text);
}

/* Whoever made it, it must have one of the names, and be of this load
 * balancer: others may give their ports any name. */
static bool
must_go(const struct removal *removal, const struct neutron_port *port)
{
    bool has_name = false;

    for (size_t i = 0; i < removal->n_names; i++) {
        has_name |= !strcmp(port->name, removal->names[i]);
    }
    return has_name && neutron_port_is_of_lb(port, &removal->errand.id,
                                             removal->project_id);
}

static void
found(const struct neutron_answer *answer, void *removal_)
{
    struct removal *removal = removal_;

    for (size_t i = 0; i < answer->ports.n; i++) {
        const struct neutron_port *port = &answer->ports.array[i];

        if (must_go(removal, port)) {
            errand_call_starts(&removal->errand);
            neutron_delete_port(removal->owner->calls,
                                &port->id, deleted, removal);
        }
    }
    call_ends(removal, answer->verdict == NEUTRON_OK ? NULL : answer->text);
}

bool
neutron_removals_finish(struct neutron_removals *nr, const struct model_lb *lb)
{
    struct removal *removal
        = removal_cast(errand_find(&nr->removals, &lb->base.id));

    if (!removal) {
        removal = create_removal(nr, lb);
    }
    removal->is_abandoned = false;
    if (!removal->is_done && !errand_is_busy(&removal->errand)) {
        errand_call_starts(&removal->errand);
        neutron_find_ports(nr->calls,
                           (const char *const *) removal->names,
                           removal->n_names, found, removal);
    }
    return removal->is_done;
}

void
neutron_removals_forget(struct neutron_removals *nr, const struct uuid *lb_id)
{
    struct removal *removal = removal_cast(errand_find(&nr->removals, lb_id));

    if (!removal) {
        return;
    }
    if (removal->errand.n_calls) {
        removal->is_abandoned = true;
    } else {
        destroy_removal(removal);
    }
}

void
neutron_removals_run(struct neutron_removals *nr)
{
    struct errand *errand;

    while ((errand = errands_next(&nr->removals, time_msec()))) {
        workq_add(nr->queue, &errand->id);
    }
}

void
neutron_removals_wait(const struct neutron_removals *nr)
{
    errands_wait(&nr->removals);
}

size_t
neutron_removals_n_failing(const struct neutron_removals *nr)
{
    return errands_n_failing(&nr->removals);
}

const char *
neutron_removals_what_is_missing(const struct neutron_removals *nr,
                                 const struct uuid *lb_id)
{
    const struct errand *errand = errand_find(&nr->removals, lb_id);

    return errand ? errand_what_is_missing(errand) : NULL;
}
