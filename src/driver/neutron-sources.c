/* SPDX-License-Identifier: Apache-2.0
 *
 * Ports to probe from, in Neutron; see neutron-sources.h.
 */

#include <config.h>
#include "driver/neutron-sources.h"
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "base/workq.h"
#include "driver/neutron-calls.h"
#include "driver/neutron-retry.h"
#include "model/objects.h"
#include "net/topology.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovn/db/nb.h"
#include "ovn/db/unused.h"
#include "ovn/rows/rows.h"
#include "ovn/want/probe-sources.h"
#include "ovn/want/probes.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

VLOG_DEFINE_THIS_MODULE(neutron_sources);

struct neutron_sources {
    struct neutron_calls *calls;
    struct nb *nb;
    struct workq *queue;
    int patience_ms;
    struct neutron_retries subnets;
    struct uuidset own;         /* Ids of ports that are ours. */
    unsigned int seen_topology; /* topology_seqno(), of the last look. */
    bool has_news;              /* From Neutron, since then. */
    bool has_unneeded;          /* See neutron_sources_take_unneeded(). */
};

/* A subnet whose port is on its way, into Neutron or out of it. */
struct source_subnet {
    struct neutron_retry retry; /* By the subnet's id. */
    struct neutron_sources *owner;
    bool is_removal;
    bool has_failed;            /* Load balancers do without it. */
    long long int give_up_at_ms;
    struct uuidset waiting;     /* Ids of load balancers. */

    char *name;                 /* The name of its port. */
    char *project_id;           /* Its port's, if the driver is in none. */
    struct uuid network_id;
};

struct neutron_sources *
neutron_sources_create(struct neutron_calls *calls, struct nb *nb,
                       struct workq *queue, int patience_ms)
{
    struct neutron_sources *ns = xzalloc(sizeof *ns);

    ns->calls = calls;
    ns->nb = nb;
    ns->queue = queue;
    ns->patience_ms = patience_ms;
    neutron_retries_init(&ns->subnets);
    uuidset_init(&ns->own);
    return ns;
}

static struct source_subnet *
source_subnet_cast(struct neutron_retry *retry)
{
    return retry ? CONTAINER_OF(retry, struct source_subnet, retry) : NULL;
}

static struct source_subnet *
source_subnet_find(const struct neutron_sources *ns, const struct uuid *id)
{
    return source_subnet_cast(neutron_retry_find(&ns->subnets, id));
}

static struct source_subnet *
source_subnet_create(struct neutron_sources *ns, const struct uuid *id,
                     const struct uuid *network_id, const char *project_id)
{
    struct source_subnet *subnet = xzalloc(sizeof *subnet);

    neutron_retry_init(&ns->subnets, &subnet->retry, id);
    subnet->owner = ns;
    uuidset_init(&subnet->waiting);
    subnet->name = source_port_name(id);
    subnet->project_id = nullable_xstrdup(project_id);
    subnet->network_id = *network_id;
    subnet->give_up_at_ms = time_msec() + ns->patience_ms;
    return subnet;
}

static void
source_subnet_destroy(struct source_subnet *subnet)
{
    uuidset_destroy(&subnet->waiting);
    free(subnet->name);
    free(subnet->project_id);
    neutron_retry_uninit(&subnet->owner->subnets, &subnet->retry);
    free(subnet);
}

void
neutron_sources_destroy(struct neutron_sources *ns)
{
    if (ns) {
        struct neutron_retry *retry;
        HMAP_FOR_EACH_SAFE (retry, node, &ns->subnets.by_id) {
            source_subnet_destroy(source_subnet_cast(retry));
        }
        neutron_retries_uninit(&ns->subnets);
        uuidset_destroy(&ns->own);
        free(ns);
    }
}

/* Ownership of ports. */

bool
neutron_sources_own(struct neutron_sources *ns, const struct topo_port *port,
                    bool is_in_use)
{
    if (is_in_use) {
        uuidset_insert(&ns->own, &port->id);
    }
    return uuidset_contains(&ns->own, &port->id);
}

static int
neutron_source_trust(const struct topo_port *port,
                     const struct in6_addr *ip OVS_UNUSED, void *ns)
{
    return neutron_sources_own(ns, port, false);
}

/* True if OVN shows a port to probe from. */
static bool
source_subnet_is_shown(const struct source_subnet *subnet)
{
    struct probe_source source;

    return sources_find_port(nb_topology(subnet->owner->nb), &subnet->retry.id,
                             neutron_source_trust, subnet->owner, &source);
}

/* Returns the address of 'port' in the subnet, or NULL. */
static const char *
source_subnet_find_address(const struct source_subnet *subnet,
                           const struct neutron_port *port)
{
    for (size_t i = 0; i < port->n_addresses; i++) {
        if (uuid_equals(&port->addresses[i].subnet_id, &subnet->retry.id)) {
            return port->addresses[i].ip;
        }
    }
    return NULL;
}

static bool
source_subnet_is_probed_from(const struct source_subnet *subnet,
                             const char *address)
{
    struct in6_addr ip;

    return (ip_parse_any(address, &ip)
            && nb_probes_from(subnet->owner->nb, NULL, &ip));
}

/* True if a port that Neutron knows by the name is ours.  Only administrators
 * can make ports in the driver's project. */
static bool
source_subnet_owns(const struct source_subnet *subnet,
                   const struct neutron_port *port)
{
    struct neutron_sources *ns = subnet->owner;
    const char *project = neutron_calls_project(ns->calls);
    const char *address = source_subnet_find_address(subnet, port);

    if (strcmp(port->name, subnet->name)
        || strcmp(port->device_id, subnet->name)
        || strcmp(port->device_owner, SOURCE_PORT_OWNER)
        || !uuid_equals(&port->network_id, &subnet->network_id)
        || !address) {
        return false;
    }
    project = project ? project : subnet->project_id;
    return ((project && !strcmp(port->project_id, project))
            || uuidset_contains(&ns->own, &port->id)
            || source_subnet_is_probed_from(subnet, address));
}

/* Getting a port. */

static void
source_subnet_call_ends(struct source_subnet *subnet, const char *trouble)
{
    subnet->owner->has_news = true;
    neutron_retry_call_ends(&subnet->owner->subnets, &subnet->retry, trouble,
                            time_msec());
}

/* Counts as trouble, so that the port is asked for again if OVN does not show
 * it soon. */
static void
source_subnet_await_ovn(struct source_subnet *subnet)
{
    source_subnet_call_ends(subnet,
                            "its port to probe from is not in OVN_Northbound");
}

/* Requeues all waiting load balancers. */
static void
source_subnet_requeue(const struct source_subnet *subnet)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, &subnet->waiting) {
        workq_add(subnet->owner->queue, &node->uuid);
    }
}

static const char *
source_subnet_why(const struct source_subnet *subnet)
{
    const char *text = neutron_retry_what_is_missing(&subnet->retry);

    return text ? text : "it has not answered";
}

static void
source_subnet_give_up(struct source_subnet *subnet, const char *what,
                      const char *text)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 10);

    if (!subnet->has_failed) {
        VLOG_WARN_RL(&rl, "subnet "UUID_FMT": Neutron %s a port to probe "
                     "members from: %s; will be asked again",
                     UUID_ARGS(&subnet->retry.id), what, text);
        subnet->has_failed = true;
        source_subnet_requeue(subnet);
    }
}

static void
source_subnet_made(const struct neutron_answer *answer, void *subnet_)
{
    struct source_subnet *subnet = subnet_;

    if (answer->verdict == NEUTRON_OK) {
        for (size_t i = 0; i < answer->ports.n; i++) {
            uuidset_insert(&subnet->owner->own, &answer->ports.array[i].id);
        }
        source_subnet_await_ovn(subnet);
        return;
    }
    if (answer->verdict == NEUTRON_REFUSED) {
        source_subnet_give_up(subnet, "refuses", answer->text);
    }
    source_subnet_call_ends(subnet, answer->text);
}

/* Makes the port in the driver's project, where no tenant can change or delete
 * it. */
static void
source_subnet_make_port(struct source_subnet *subnet)
{
    const char *own = neutron_calls_project(
        subnet->owner->calls);
    const struct neutron_port_spec spec = {
        .name = subnet->name,
        .device_id = subnet->name,
        .device_owner = SOURCE_PORT_OWNER,
        .project_id = own ? NULL : subnet->project_id,
        .network_id = subnet->network_id,
        .subnet_id = subnet->retry.id,
        .is_unguarded = true,
    };

    neutron_retry_call_starts(&subnet->retry);
    neutron_create_port(subnet->owner->calls, &spec, source_subnet_made,
                        subnet);
}

/* Remembers which of the ports that were found are ours.  Returns their
 * number. */
static size_t
source_subnet_take_ours(struct source_subnet *subnet,
                        const struct neutron_ports *ports)
{
    size_t n = 0;

    for (size_t i = 0; i < ports->n; i++) {
        if (source_subnet_owns(subnet, &ports->array[i])) {
            uuidset_insert(&subnet->owner->own, &ports->array[i].id);
            n++;
        }
    }
    return n;
}

static void
source_subnet_found(const struct neutron_answer *answer, void *subnet_)
{
    struct source_subnet *subnet = subnet_;

    if (answer->verdict != NEUTRON_OK) {
        source_subnet_call_ends(subnet, answer->text);
    } else if (source_subnet_take_ours(subnet, &answer->ports)) {
        source_subnet_await_ovn(subnet);
    } else {
        source_subnet_make_port(subnet);
        source_subnet_call_ends(subnet, NULL);
    }
}

/* Looks for the port by its name: an earlier driver, or the Python provider,
 * may have made it. */
static void
source_subnet_look(struct source_subnet *subnet, neutron_answered *answered)
{
    const char *const names[] = { subnet->name };

    neutron_retry_call_starts(&subnet->retry);
    neutron_find_ports(subnet->owner->calls, names, 1,
                       answered, subnet);
}

static struct source_subnet *
source_subnet_order(struct neutron_sources *ns, const struct model_lb *lb,
                    const struct uuid *subnet_id)
{
    const struct topo_subnet *known
        = topology_subnet_by_id(nb_topology(ns->nb), subnet_id);
    struct source_subnet *subnet
        = source_subnet_create(ns, subnet_id,
                               known ? &known->sw->id : &UUID_ZERO,
                               lb->project_id);

    source_subnet_look(subnet, source_subnet_found);
    return subnet;
}

static void
neutron_sources_forget_lb(struct neutron_sources *ns, const struct uuid *lb_id)
{
    struct neutron_retry *retry;

    HMAP_FOR_EACH (retry, node, &ns->subnets.by_id) {
        uuidset_find_and_delete(&source_subnet_cast(retry)->waiting, lb_id);
    }
}

enum port_sources
neutron_sources_provide(struct neutron_sources *ns, const struct model_lb *lb,
                        const struct uuidset *subnets,
                        const struct uuidset *sourceless, const char **whyp)
{
    enum port_sources state = SOURCES_THERE;
    const struct uuidset_node *node;

    neutron_sources_forget_lb(ns, &lb->base.id);
    UUIDSET_FOR_EACH (node, subnets) {
        struct source_subnet *subnet = source_subnet_find(ns, &node->uuid);

        if (subnet && subnet->is_removal
            && !neutron_retry_is_busy(&subnet->retry)) {
            source_subnet_destroy(subnet);
            subnet = NULL;
        }
        if (!subnet && uuidset_contains(sourceless, &node->uuid)) {
            subnet = source_subnet_order(ns, lb, &node->uuid);
        }

        /* Waits for a port that is there, too, if it is being deleted. */
        if (subnet && (subnet->is_removal
                       || uuidset_contains(sourceless, &node->uuid))) {
            uuidset_insert(&subnet->waiting, &lb->base.id);
            if (!subnet->has_failed) {
                state = SOURCES_WAIT;
            } else if (state == SOURCES_THERE) {
                state = SOURCES_FAILED;
                *whyp = source_subnet_why(subnet);
            }
        }
    }
    return state;
}

/* Getting rid of a port. */

/* Counts success as trouble, too, so that the port is deleted again if OVN
 * still shows it after a while. */
static void
source_subnet_deleted(const struct neutron_answer *answer, void *subnet_)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 10);
    struct source_subnet *subnet = subnet_;

    if (answer->verdict == NEUTRON_OK) {
        source_subnet_call_ends(subnet, "its port to probe from is still in "
                                "OVN_Northbound");
        return;
    }
    if (answer->verdict == NEUTRON_REFUSED) {
        VLOG_WARN_RL(&rl, "subnet "UUID_FMT": Neutron does not delete the "
                     "port that members were probed from: %s; will be asked "
                     "again", UUID_ARGS(&subnet->retry.id), answer->text);
    }
    source_subnet_call_ends(subnet, answer->text);
}

/* Deletes the ports that are ours, which only Neutron knows. */
static void
source_subnet_found_unneeded(const struct neutron_answer *answer,
                             void *subnet_)
{
    struct source_subnet *subnet = subnet_;
    struct neutron_sources *ns = subnet->owner;

    source_subnet_take_ours(subnet, &answer->ports);
    for (size_t i = 0; i < answer->ports.n; i++) {
        const struct neutron_port *port = &answer->ports.array[i];

        if (uuidset_contains(&ns->own, &port->id)) {
            neutron_retry_call_starts(&subnet->retry);
            neutron_delete_port(ns->calls, &port->id, source_subnet_deleted,
                                subnet);
        }
    }
    source_subnet_call_ends(subnet, answer->verdict == NEUTRON_OK ? NULL
                            : answer->text);
}

static void
neutron_sources_remove_port(const struct topo_port *port,
                            const struct uuid *subnet_id, void *ns_)
{
    struct neutron_sources *ns = ns_;
    struct source_subnet *subnet = source_subnet_find(ns, subnet_id);

    if (!subnet && port->sw) {
        subnet = source_subnet_create(ns, subnet_id, &port->sw->id, NULL);
        subnet->is_removal = true;
    }
    if (subnet && subnet->is_removal
        && !neutron_retry_is_busy(&subnet->retry)) {
        source_subnet_look(subnet, source_subnet_found_unneeded);
    }
}

/* Forgets ids that OVN does not have: ids do not come back, and of a port that
 * OVN does not show yet Neutron will say again that it is ours. */
static void
neutron_sources_forget_gone(struct neutron_sources *ns)
{
    const struct topology *topology = nb_topology(ns->nb);
    struct uuid *ids = uuidset_array(&ns->own);
    size_t n = uuidset_count(&ns->own);

    for (size_t i = 0; i < n; i++) {
        if (!topology_port_by_id(topology, &ids[i])) {
            uuidset_find_and_delete(&ns->own, &ids[i]);
        }
    }
    free(ids);
}

bool
neutron_sources_take_unneeded(struct neutron_sources *ns)
{
    bool has_unneeded = ns->has_unneeded;

    ns->has_unneeded = false;
    return has_unneeded;
}

void
neutron_sources_clean(struct neutron_sources *ns)
{
    neutron_sources_forget_gone(ns);
    unused_for_each_neutrons(ns->nb, neutron_sources_remove_port, ns);
}

/* Following up. */

static void
source_subnet_finish(struct source_subnet *subnet)
{
    source_subnet_requeue(subnet);
    source_subnet_destroy(subnet);
}

/* Ends the work that OVN shows to be done: a port that has come, or one that
 * is gone after a removal. */
static void
neutron_sources_look_at_ovn(struct neutron_sources *ns)
{
    unsigned int seqno = topology_seqno(nb_topology(ns->nb));
    struct neutron_retry *retry;

    if (seqno == ns->seen_topology && !ns->has_news) {
        return;
    }
    ns->seen_topology = seqno;
    ns->has_news = false;
    HMAP_FOR_EACH_SAFE (retry, node, &ns->subnets.by_id) {
        struct source_subnet *subnet = source_subnet_cast(retry);

        if (!retry->n_calls
            && source_subnet_is_shown(subnet) != subnet->is_removal) {
            source_subnet_finish(subnet);
        }
    }
}

/* True if load balancers wait, and were not told yet to do without the port,
 * which must be before they become ERROR altogether. */
static bool
source_subnet_will_give_up(const struct source_subnet *subnet)
{
    return (!subnet->is_removal && !subnet->has_failed
            && !uuidset_is_empty(&subnet->waiting));
}

static void
neutron_sources_look_at_clock(struct neutron_sources *ns)
{
    struct neutron_retry *retry;

    HMAP_FOR_EACH (retry, node, &ns->subnets.by_id) {
        struct source_subnet *subnet = source_subnet_cast(retry);

        if (source_subnet_will_give_up(subnet)
            && time_msec() >= subnet->give_up_at_ms) {
            source_subnet_give_up(subnet, "has not made",
                                  source_subnet_why(subnet));
        }
    }
}

void
neutron_sources_run(struct neutron_sources *ns)
{
    struct neutron_retry *retry;

    neutron_sources_look_at_clock(ns);
    while ((retry = neutron_retries_next(&ns->subnets, time_msec()))) {
        struct source_subnet *subnet = source_subnet_cast(retry);

        if (!subnet->is_removal && !uuidset_is_empty(&subnet->waiting)) {
            source_subnet_look(subnet, source_subnet_found);
        } else if (subnet->is_removal && uuidset_is_empty(&subnet->waiting)) {
            /* Leaves it to the janitor whether the port must still go. */
            ns->has_unneeded = true;
        } else {
            source_subnet_finish(subnet);
        }
    }
    neutron_sources_look_at_ovn(ns);
}

void
neutron_sources_wait(const struct neutron_sources *ns)
{
    struct neutron_retry *retry;

    neutron_retries_wait(&ns->subnets);
    HMAP_FOR_EACH (retry, node, &ns->subnets.by_id) {
        const struct source_subnet *subnet = source_subnet_cast(retry);

        if (source_subnet_will_give_up(subnet)) {
            poll_timer_wait_until(subnet->give_up_at_ms);
        }
    }
}

const char *
neutron_sources_what_is_missing(const struct neutron_sources *ns,
                                const struct uuid *lb_id)
{
    struct neutron_retry *retry;

    HMAP_FOR_EACH (retry, node, &ns->subnets.by_id) {
        if (uuidset_contains(&source_subnet_cast(retry)->waiting, lb_id)) {
            return neutron_retry_what_is_missing(retry);
        }
    }
    return NULL;
}
