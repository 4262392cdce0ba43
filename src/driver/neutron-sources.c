/* SPDX-License-Identifier: Apache-2.0
 *
 * Ports to probe from, in Neutron; see neutron-sources.h.
 */

#include <config.h>
#include "driver/neutron-sources.h"
#include <stdlib.h>
#include <string.h>
#include "base/workq.h"
#include "driver/driver.h"
#include "driver/errand.h"
#include "driver/janitor.h"
#include "driver/neutron-calls.h"
#include "model/objects.h"
#include "net/topology.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovn/leftovers.h"
#include "ovn/nb.h"
#include "ovn/probes.h"
#include "ovn/rows.h"
#include "ovn/sources.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

VLOG_DEFINE_THIS_MODULE(neutron_sources);

struct neutron_sources {
    struct driver *driver;
    struct errands subnets;
    unsigned int seen_topology; /* topology_seqno(), of the last look. */
    bool has_news;              /* From Neutron, since then. */
};

/* A subnet whose port is on its way, into Neutron or out of it. */
struct subnet {
    struct errand errand;       /* By the subnet's id. */
    struct neutron_sources *owner;
    bool is_removal;
    bool has_failed;            /* Whoever waits must do without. */
    long long int give_up_at_ms;
    struct uuidset waiting;     /* Ids of load balancers. */

    /* What a new port needs. */
    char *name;
    char *project_id;
    struct uuid network_id;
};

struct neutron_sources *
neutron_sources_create(struct driver *driver)
{
    struct neutron_sources *ns = xzalloc(sizeof *ns);

    ns->driver = driver;
    errands_init(&ns->subnets);
    return ns;
}

static struct subnet *
subnet_cast(struct errand *errand)
{
    return errand ? CONTAINER_OF(errand, struct subnet, errand) : NULL;
}

static struct subnet *
find_subnet(const struct neutron_sources *ns, const struct uuid *id)
{
    return subnet_cast(errand_find(&ns->subnets, id));
}

static struct subnet *
create_subnet(struct neutron_sources *ns, const struct uuid *id)
{
    struct subnet *subnet = xzalloc(sizeof *subnet);

    errand_init(&ns->subnets, &subnet->errand, id);
    subnet->owner = ns;
    uuidset_init(&subnet->waiting);
    subnet->name = source_port_name(id);
    subnet->give_up_at_ms = (time_msec()
                             + ns->driver->options.pending_timeout_ms / 2);
    return subnet;
}

static void
destroy_subnet(struct subnet *subnet)
{
    uuidset_destroy(&subnet->waiting);
    free(subnet->name);
    free(subnet->project_id);
    errand_uninit(&subnet->owner->subnets, &subnet->errand);
    free(subnet);
}

void
neutron_sources_destroy(struct neutron_sources *ns)
{
    if (ns) {
        struct errand *errand;
        HMAP_FOR_EACH_SAFE (errand, node, &ns->subnets.by_id) {
            destroy_subnet(subnet_cast(errand));
        }
        errands_uninit(&ns->subnets);
        free(ns);
    }
}

/* Whether OVN shows a port to probe from. */
static bool
is_shown(const struct subnet *subnet)
{
    struct probe_source source;

    return sources_find_port(nb_topology(subnet->owner->driver->nb),
                             &subnet->errand.id, &source);
}

/* Getting a port. */

static void
call_ends(struct subnet *subnet, const char *trouble)
{
    subnet->owner->has_news = true;
    errand_call_ends(&subnet->owner->subnets, &subnet->errand, trouble,
                     time_msec());
}

/* If OVN should not show it soon, it is asked for again. */
static void
is_there(struct subnet *subnet)
{
    call_ends(subnet, "its port to probe from is not in OVN_Northbound");
}

/* Whoever waits does. */
static void
look_again(const struct subnet *subnet)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, &subnet->waiting) {
        workq_add(subnet->owner->driver->queue, &node->uuid);
    }
}

static const char *
why(const struct subnet *subnet)
{
    const char *text = errand_what_is_missing(&subnet->errand);

    return text ? text : "it has not answered";
}

static void
give_up(struct subnet *subnet, const char *what, const char *text)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 10);

    if (!subnet->has_failed) {
        VLOG_WARN_RL(&rl, "subnet "UUID_FMT": Neutron %s a port to probe "
                     "members from: %s; will be asked again",
                     UUID_ARGS(&subnet->errand.id), what, text);
        subnet->has_failed = true;
        look_again(subnet);
    }
}

static void
made(const struct neutron_answer *answer, void *subnet_)
{
    struct subnet *subnet = subnet_;

    if (answer->verdict == NEUTRON_OK) {
        is_there(subnet);
        return;
    }
    if (answer->verdict == NEUTRON_REFUSED) {
        give_up(subnet, "refuses", answer->text);
    }
    call_ends(subnet, answer->text);
}

static void
make(struct subnet *subnet)
{
    const struct neutron_port_spec spec = {
        .name = subnet->name,
        .device_id = subnet->name,
        .device_owner = SOURCE_PORT_OWNER,
        .project_id = subnet->project_id,
        .network_id = subnet->network_id,
        .subnet_id = subnet->errand.id,
        .is_unguarded = true,
    };

    errand_call_starts(&subnet->errand);
    neutron_create_port(subnet->owner->driver->neutron_calls, &spec, made,
                        subnet);
}

static void
found(const struct neutron_answer *answer, void *subnet_)
{
    struct subnet *subnet = subnet_;
    bool is_known = false;

    for (size_t i = 0; i < answer->ports.n; i++) {
        const struct neutron_port *port = &answer->ports.array[i];

        is_known |= (!strcmp(port->name, subnet->name)
                     && uuid_equals(&port->network_id, &subnet->network_id));
    }
    if (answer->verdict == NEUTRON_OK && is_known) {
        is_there(subnet);
        return;
    }
    if (answer->verdict == NEUTRON_OK) {
        make(subnet);
    }
    call_ends(subnet, answer->verdict == NEUTRON_OK ? NULL : answer->text);
}

/* Others may have made it: the driver before us, or the Python provider. */
static void
look(struct subnet *subnet)
{
    const char *const names[] = { subnet->name };

    errand_call_starts(&subnet->errand);
    neutron_find_ports(subnet->owner->driver->neutron_calls, names, 1, found,
                       subnet);
}

/* The project of a port that is probed.  NULL if nobody knows. */
static char *
find_project(const struct neutron_sources *ns, const struct model_lb *lb,
             const struct uuid *subnet_id)
{
    for (size_t i = 0; i < lb->n_pools; i++) {
        const struct model_pool *pool = &lb->pools[i];

        for (size_t j = 0; j < pool->n_members; j++) {
            const struct model_member *member = &pool->members[j];
            const struct topo_port *port
                = (uuid_equals(&member->subnet_id, subnet_id)
                   ? probe_port(nb_topology(ns->driver->nb), member) : NULL);
            char *project = (port ? nb_port_project(ns->driver->nb, port)
                             : NULL);

            if (project && *project) {
                return project;
            }
            free(project);
        }
    }
    return NULL;
}

static struct subnet *
order_port(struct neutron_sources *ns, const struct model_lb *lb,
           const struct uuid *subnet_id)
{
    const struct topo_subnet *known
        = topology_subnet_by_id(nb_topology(ns->driver->nb), subnet_id);
    struct subnet *subnet = create_subnet(ns, subnet_id);
    char *project_id = find_project(ns, lb, subnet_id);

    subnet->project_id = project_id ? project_id : xstrdup(lb->project_id);
    subnet->network_id = known ? known->sw->id : UUID_ZERO;
    look(subnet);
    return subnet;
}

static void
forget_waiting(struct neutron_sources *ns, const struct uuid *lb_id)
{
    struct errand *errand;

    HMAP_FOR_EACH (errand, node, &ns->subnets.by_id) {
        uuidset_find_and_delete(&subnet_cast(errand)->waiting, lb_id);
    }
}

enum neutron_sources_state
neutron_sources_provide(struct neutron_sources *ns, const struct model_lb *lb,
                        const struct uuidset *subnets,
                        const struct uuidset *sourceless, const char **whyp)
{
    enum neutron_sources_state state = SOURCES_THERE;
    const struct uuidset_node *node;

    forget_waiting(ns, &lb->base.id);
    UUIDSET_FOR_EACH (node, subnets) {
        struct subnet *subnet = find_subnet(ns, &node->uuid);

        if (subnet && subnet->is_removal && !errand_is_busy(&subnet->errand)) {
            destroy_subnet(subnet);
            subnet = NULL;
        }
        if (!subnet && uuidset_contains(sourceless, &node->uuid)) {
            subnet = order_port(ns, lb, &node->uuid);
        }

        /* A port that is there may be going. */
        if (subnet && (subnet->is_removal
                       || uuidset_contains(sourceless, &node->uuid))) {
            uuidset_insert(&subnet->waiting, &lb->base.id);
            if (!subnet->has_failed) {
                state = SOURCES_WAIT;
            } else if (state == SOURCES_THERE) {
                state = SOURCES_FAILED;
                *whyp = why(subnet);
            }
        }
    }
    return state;
}

/* Getting rid of a port. */

static void
deleted(const struct neutron_answer *answer, void *subnet_)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 10);
    struct subnet *subnet = subnet_;

    if (answer->verdict == NEUTRON_OK) {
        call_ends(subnet, "its port to probe from is still in "
                  "OVN_Northbound");
        return;
    }
    if (answer->verdict == NEUTRON_REFUSED) {
        VLOG_WARN_RL(&rl, "subnet "UUID_FMT": Neutron does not delete the "
                     "port that members were probed from: %s; will be asked "
                     "again", UUID_ARGS(&subnet->errand.id), answer->text);
    }
    call_ends(subnet, answer->text);
}

static void
delete_port(const struct topo_port *port, const struct uuid *subnet_id,
            void *ns_)
{
    struct neutron_sources *ns = ns_;

    struct subnet *subnet = find_subnet(ns, subnet_id);

    if (!subnet) {
        subnet = create_subnet(ns, subnet_id);
        subnet->is_removal = true;
    }
    if (subnet->is_removal && !errand_is_busy(&subnet->errand)) {
        errand_call_starts(&subnet->errand);
        neutron_delete_port(ns->driver->neutron_calls, &port->id, deleted,
                            subnet);
    }
}

void
neutron_sources_clean(struct neutron_sources *ns)
{
    leftovers_for_each_neutrons(ns->driver->nb, delete_port, ns);
}

/* What becomes of it. */

static void
finish(struct subnet *subnet)
{
    look_again(subnet);
    destroy_subnet(subnet);
}

static void
look_at_ovn(struct neutron_sources *ns)
{
    unsigned int seqno = topology_seqno(nb_topology(ns->driver->nb));
    struct errand *errand;

    if (seqno == ns->seen_topology && !ns->has_news) {
        return;
    }
    ns->seen_topology = seqno;
    ns->has_news = false;
    HMAP_FOR_EACH_SAFE (errand, node, &ns->subnets.by_id) {
        struct subnet *subnet = subnet_cast(errand);

        if (!errand->n_calls && is_shown(subnet) != subnet->is_removal) {
            finish(subnet);
        }
    }
}

/* Those who wait shall be told before they become ERROR altogether. */
static bool
will_give_up(const struct subnet *subnet)
{
    return (!subnet->is_removal && !subnet->has_failed
            && !uuidset_is_empty(&subnet->waiting));
}

static void
look_at_clock(struct neutron_sources *ns)
{
    struct errand *errand;

    HMAP_FOR_EACH (errand, node, &ns->subnets.by_id) {
        struct subnet *subnet = subnet_cast(errand);

        if (will_give_up(subnet) && time_msec() >= subnet->give_up_at_ms) {
            give_up(subnet, "has not made", why(subnet));
        }
    }
}

void
neutron_sources_run(struct neutron_sources *ns)
{
    struct errand *errand;

    look_at_clock(ns);
    while ((errand = errands_next(&ns->subnets, time_msec()))) {
        struct subnet *subnet = subnet_cast(errand);

        if (!subnet->is_removal && !uuidset_is_empty(&subnet->waiting)) {
            look(subnet);
        } else if (subnet->is_removal && uuidset_is_empty(&subnet->waiting)) {
            /* Whether it must still go, the janitor knows. */
            janitor_remind(ns->driver->janitor);
        } else {
            finish(subnet);
        }
    }
    look_at_ovn(ns);
}

void
neutron_sources_wait(const struct neutron_sources *ns)
{
    struct errand *errand;

    errands_wait(&ns->subnets);
    HMAP_FOR_EACH (errand, node, &ns->subnets.by_id) {
        const struct subnet *subnet = subnet_cast(errand);

        if (will_give_up(subnet)) {
            poll_timer_wait_until(subnet->give_up_at_ms);
        }
    }
}

const char *
neutron_sources_what_is_missing(const struct neutron_sources *ns,
                                const struct uuid *lb_id)
{
    struct errand *errand;

    HMAP_FOR_EACH (errand, node, &ns->subnets.by_id) {
        if (uuidset_contains(&subnet_cast(errand)->waiting, lb_id)) {
            return errand_what_is_missing(errand);
        }
    }
    return NULL;
}
