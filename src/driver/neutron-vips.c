/* SPDX-License-Identifier: Apache-2.0
 *
 * Ports of VIPs in Neutron; see neutron-vips.h.
 *
 * An order holds the ports that one load balancer needs.  Answers are only
 * noted when they arrive; the next step is decided when the load balancer is
 * looked at, in neutron_vips_fill(): if ports may be there already, they are
 * looked for by their names; missing ones are made.  Each step is one or
 * several calls at a time.
 */

#include <config.h>
#include "driver/neutron-vips.h"
#include <stdlib.h>
#include "base/limits.h"
#include "base/workq.h"
#include "driver/neutron-calls.h"
#include "driver/neutron-retry.h"
#include "driver/wanted-vip.h"
#include "model/objects.h"
#include "net/topology.h"
#include "openvswitch/vlog.h"
#include "ovn/db/nb.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

VLOG_DEFINE_THIS_MODULE(neutron_vips);

struct neutron_vips {
    struct neutron_calls *calls;
    const struct nb *nb;
    struct workq *queue;
    struct neutron_retries orders;

    /* Load balancers that were there when this driver became active: another
     * one may have made ports for them. */
    struct uuidset doubtful;
};

struct vip_order {
    struct neutron_retry retry; /* By the load balancer's id. */
    struct neutron_vips *owner;
    struct uuid request;        /* To which a refusal applies. */
    bool is_restoring;          /* Ports that were lost; see
                                 * neutron_vips_restore(). */
    bool must_look;             /* Ports may be there. */
    bool is_stale;              /* Answers are out of date. */
    bool is_undone;             /* Ports that were made are deleted. */
    bool is_abandoned;          /* Ends with the last of its calls. */
    struct vip_refusal refusal; /* 'text' is NULL: none. */
    long long int refused_until_ms; /* 0: it is not told yet. */
    struct wanted_vip *vips;
    size_t n_vips;
};

struct neutron_vips *
neutron_vips_create(struct neutron_calls *calls, const struct nb *nb,
                    struct workq *queue)
{
    struct neutron_vips *nv = xzalloc(sizeof *nv);

    nv->calls = calls;
    nv->nb = nb;
    nv->queue = queue;
    neutron_retries_init(&nv->orders);
    uuidset_init(&nv->doubtful);
    return nv;
}

/* Orders. */

static struct vip_order *
vip_order_cast(struct neutron_retry *retry)
{
    return retry ? CONTAINER_OF(retry, struct vip_order, retry) : NULL;
}

static struct vip_order *
vip_order_find(const struct neutron_vips *nv, const struct uuid *lb_id)
{
    return vip_order_cast(neutron_retry_find(&nv->orders, lb_id));
}

static void
vip_order_destroy(struct vip_order *order)
{
    for (size_t i = 0; i < order->n_vips; i++) {
        wanted_vip_uninit(&order->vips[i]);
    }
    free(order->vips);
    free(order->refusal.text);
    neutron_retry_uninit(&order->owner->orders, &order->retry);
    free(order);
}

void
neutron_vips_destroy(struct neutron_vips *nv)
{
    if (nv) {
        struct neutron_retry *retry;
        HMAP_FOR_EACH_SAFE (retry, node, &nv->orders.by_id) {
            vip_order_destroy(vip_order_cast(retry));
        }
        neutron_retries_uninit(&nv->orders);
        uuidset_destroy(&nv->doubtful);
        free(nv);
    }
}

static void
vip_order_find_network(const struct neutron_vips *nv, struct wanted_vip *vip)
{
    const struct topo_switch *sw
        = topology_home(nb_topology(nv->nb), &vip->subnet_id,
                        &vip->network_id);

    if (uuid_is_zero(&vip->network_id) && sw) {
        vip->network_id = sw->id;
    }
}

static struct vip_order *
vip_order_allocate(struct neutron_vips *nv, const struct model_lb *lb)
{
    struct vip_order *order = xzalloc(sizeof *order);

    neutron_retry_init(&nv->orders, &order->retry, &lb->base.id);
    order->owner = nv;
    order->request = lb->last_request;
    order->vips = xcalloc(lb->n_vips, sizeof *order->vips);
    return order;
}

/* Completes the VIP that was filled in behind the last one. */
static void
vip_order_add_vip(struct vip_order *order)
{
    struct wanted_vip *vip = &order->vips[order->n_vips++];

    vip->aux = order;
    vip_order_find_network(order->owner, vip);
}

static struct vip_order *
vip_order_create(struct neutron_vips *nv, const struct model_lb *lb)
{
    struct vip_order *order = vip_order_allocate(nv, lb);

    for (unsigned int n = 0; n < lb->n_vips; n++) {
        if (wanted_vip_init(&order->vips[order->n_vips], lb, n)) {
            vip_order_add_vip(order);
        }
    }
    order->must_look = (uuidset_find_and_delete(&nv->doubtful, &lb->base.id)
                        && order->n_vips);
    return order;
}

/* True if OVN has the VIP's network, but not its port.  Without the network,
 * the trouble is another. */
static bool
vip_port_is_lost(const struct neutron_vips *nv, const struct model_lb *lb,
                 unsigned int n)
{
    return topology_lacks_port(nb_topology(nv->nb), &lb->vips[n].subnet_id,
                               &lb->vips[0].network_id, &lb->vips[n].port_id);
}

static struct vip_order *
vip_order_create_restoring(struct neutron_vips *nv, const struct model_lb *lb)
{
    struct vip_order *order = vip_order_allocate(nv, lb);

    order->is_restoring = true;
    for (unsigned int n = 0; n < lb->n_vips; n++) {
        if (vip_port_is_lost(nv, lb, n)) {
            wanted_vip_init_lost(&order->vips[order->n_vips], lb, n);
            vip_order_add_vip(order);
        }
    }
    return order;
}

/* Starts the order again, with nothing known. */
static void
vip_order_reset(struct vip_order *order, const struct uuid *request)
{
    for (size_t i = 0; i < order->n_vips; i++) {
        wanted_vip_forget_port(&order->vips[i]);
        wanted_vip_set_conflict(&order->vips[i], 0, NULL);
    }
    free(order->refusal.text);
    order->refusal.text = NULL;
    order->request = *request;
    order->must_look = order->n_vips > 0;
    order->is_stale = order->is_undone = order->is_abandoned = false;
}

static void
vip_order_refuse(struct vip_order *order, int code, const char *text)
{
    if (!order->refusal.text) {
        order->refusal.code = code;
        order->refusal.text = xstrdup(text);
        order->refused_until_ms = 0;
    }
}

/* Answers. */

static void
vip_order_call_ends(struct vip_order *order, const char *trouble)
{
    struct neutron_vips *nv = order->owner;

    if (!neutron_retry_call_ends(&nv->orders, &order->retry, trouble,
                                 time_msec())) {
        return;
    }
    workq_add(nv->queue, &order->retry.id);
    if (order->is_abandoned) {
        vip_order_destroy(order);
    }
}

static void
vip_order_found(const struct neutron_answer *answer, void *order_)
{
    struct vip_order *order = order_;

    if (answer->verdict != NEUTRON_OK) {
        vip_order_call_ends(order, answer->text);
        return;
    }
    order->must_look = false;
    for (size_t i = 0; i < order->n_vips; i++) {
        struct wanted_vip *vip = &order->vips[i];

        for (size_t j = 0; j < answer->ports.n; j++) {
            const struct neutron_port *port = &answer->ports.array[j];

            if (!wanted_vip_is_known(vip) && wanted_vip_is_its(vip, port)) {
                wanted_vip_take(vip, port);
            }
        }
    }
    vip_order_call_ends(order, NULL);
}

static void
vip_order_made(const struct neutron_answer *answer, void *vip_)
{
    struct wanted_vip *vip = vip_;
    struct vip_order *order = vip->aux;
    const char *trouble = NULL;

    if (answer->verdict == NEUTRON_OK) {
        if (!answer->ports.n || !wanted_vip_take(vip, answer->ports.array)) {
            trouble = "it made a port without the address that was asked for";
        }
    } else if (answer->verdict == NEUTRON_TROUBLE) {
        trouble = answer->text;
    } else if (answer->status == 409) {
        /* The port that has the address may be this VIP's. */
        wanted_vip_set_conflict(vip, answer->status, answer->text);
        order->must_look = true;
    } else {
        vip_order_refuse(order, answer->status, answer->text);
    }
    if (trouble) {
        /* The port may be there or not. */
        order->must_look = true;
    }
    vip_order_call_ends(order, trouble);
}

static void
vip_order_got(const struct neutron_answer *answer, void *vip_)
{
    struct wanted_vip *vip = vip_;
    struct vip_order *order = vip->aux;
    bool is_trouble = answer->verdict == NEUTRON_TROUBLE;

    if (answer->verdict == NEUTRON_REFUSED && order->is_restoring) {
        /* A new one may have been made and not written down. */
        wanted_vip_lose_port(vip);
        order->must_look = true;
    } else if (answer->verdict == NEUTRON_REFUSED) {
        vip_order_refuse(order, answer->status, answer->text);
    } else if (!is_trouble
               && (!answer->ports.n
                   || !wanted_vip_take(vip, answer->ports.array))) {
        vip_order_refuse(order, 400, "No VIP address found on the specified "
                         "VIP port within the specified subnet.");
    }
    vip_order_call_ends(order, is_trouble ? answer->text : NULL);
}

/* Ignores failure: the port is found when ports are looked for again. */
static void
vip_order_undone(const struct neutron_answer *answer, void *order)
{
    if (answer->verdict != NEUTRON_OK) {
        VLOG_DBG("port is not deleted: %s", answer->text);
    }
    vip_order_call_ends(order, NULL);
}

/* Steps. */

static void
vip_order_look(struct vip_order *order)
{
    const char **names = xcalloc(order->n_vips, sizeof *names);

    for (size_t i = 0; i < order->n_vips; i++) {
        names[i] = order->vips[i].name;
    }
    neutron_retry_call_starts(&order->retry);
    neutron_find_ports(order->owner->calls, names, order->n_vips,
                       vip_order_found, order);
    free(names);
}

/* Makes the port without device_owner: only then does Neutron (seen with
 * version 21) leave the port's 'addresses' empty in OVN.  With one, be it
 * "ovn-lb:vip", OVN answers ARP requests for the VIP with the port's own MAC
 * address, and no reply reaches clients in the VIP's subnet.  It is device_id
 * that keeps other users from attaching the port. */
static void
vip_order_make_port(struct wanted_vip *vip)
{
    struct vip_order *order = vip->aux;
    char *device_id = xasprintf("lb-"UUID_FMT, UUID_ARGS(&order->retry.id));
    const struct neutron_port_spec spec = {
        .name = vip->name,
        .device_id = device_id,
        .project_id = vip->project_id,
        .network_id = vip->network_id,
        .subnet_id = vip->subnet_id,
        .address = vip->address,
    };

    neutron_retry_call_starts(&order->retry);
    neutron_create_port(order->owner->calls, &spec, vip_order_made, vip);
    free(device_id);
}

/* Takes a conflict for a refusal only here: ports were looked for since, and
 * none that has the address is this VIP's. */
static void
vip_order_get_port(struct wanted_vip *vip)
{
    struct vip_order *order = vip->aux;

    if (vip->is_given) {
        neutron_retry_call_starts(&order->retry);
        neutron_get_port(order->owner->calls, &vip->port_id, vip_order_got,
                         vip);
    } else if (vip->conflict_text) {
        vip_order_refuse(order, vip->conflict_code, vip->conflict_text);
    } else if (uuid_is_zero(&vip->network_id)) {
        char *text = xasprintf("Subnet "UUID_FMT" not found.",
                               UUID_ARGS(&vip->subnet_id));
        vip_order_refuse(order, 400, text);
        free(text);
    } else {
        vip_order_make_port(vip);
    }
}

static void
vip_order_undo(struct vip_order *order)
{
    for (size_t i = 0; i < order->n_vips; i++) {
        struct wanted_vip *vip = &order->vips[i];

        if (!vip->is_given && !uuid_is_zero(&vip->port_id)
            && !order->is_restoring) {
            neutron_retry_call_starts(&order->retry);
            neutron_delete_port(order->owner->calls, &vip->port_id,
                                vip_order_undone, order);
        }
        wanted_vip_forget_port(vip);
    }
    order->is_undone = true;
}

/* Takes the next step.  Returns true if all is known. */
static bool
vip_order_advance(struct vip_order *order)
{
    bool is_complete = true;

    if (order->must_look) {
        vip_order_look(order);
        return false;
    }
    for (size_t i = 0; i < order->n_vips; i++) {
        if (!wanted_vip_is_known(&order->vips[i])) {
            is_complete = false;
            vip_order_get_port(&order->vips[i]);
        }
    }
    return is_complete;
}

static enum vip_result
vip_order_repeat_refusal(struct vip_order *order, struct vip_refusal *refusal)
{
    if (!order->refused_until_ms) {
        order->refused_until_ms = time_msec() + NEUTRON_REFUSAL_MS;
    }
    refusal->code = order->refusal.code;
    refusal->text = xstrdup(order->refusal.text);
    return VIP_REFUSED;
}

static enum vip_result
vip_order_fill(struct vip_order *order, struct model_lb *lb,
               struct vip_refusal *refusal)
{
    order->is_abandoned = false;
    if (neutron_retry_is_busy(&order->retry)) {
        return VIP_WAIT;
    }

    /* Repeats a refusal for a while, without asking. */
    bool is_refused = (order->refusal.text && order->is_undone
                       && uuid_equals(&order->request, &lb->last_request)
                       && (!order->refused_until_ms
                           || time_msec() < order->refused_until_ms));
    if (order->is_stale || (order->is_undone && !is_refused)) {
        vip_order_reset(order, &lb->last_request);
    }
    if (!order->refusal.text && vip_order_advance(order)) {
        for (size_t i = 0; i < order->n_vips; i++) {
            wanted_vip_fill(&order->vips[i], lb);
        }
        return VIP_RESOLVED;
    }
    if (order->refusal.text && !order->is_undone
        && !neutron_retry_is_busy(&order->retry)) {
        vip_order_undo(order);
    }
    return (order->refusal.text && !neutron_retry_is_busy(&order->retry)
            ? vip_order_repeat_refusal(order, refusal) : VIP_WAIT);
}

enum vip_result
neutron_vips_fill(struct neutron_vips *nv, struct model_lb *lb,
                  struct vip_refusal *refusal)
{
    struct vip_order *order = vip_order_find(nv, &lb->base.id);

    return vip_order_fill(order ? order : vip_order_create(nv, lb), lb,
                          refusal);
}

/* True if the order is about all ports that are lost by now. */
static bool
vip_order_covers(const struct vip_order *order, const struct model_lb *lb)
{
    bool ok = order->is_restoring;

    for (unsigned int n = 0; n < lb->n_vips && ok; n++) {
        size_t i = 0;

        while (i < order->n_vips && order->vips[i].n != n) {
            i++;
        }
        ok = i < order->n_vips || !vip_port_is_lost(order->owner, lb, n);
    }
    return ok;
}

static bool
any_vip_port_is_lost(const struct neutron_vips *nv, const struct model_lb *lb)
{
    bool is_lost = false;

    for (unsigned int n = 0; n < lb->n_vips; n++) {
        is_lost |= vip_port_is_lost(nv, lb, n);
    }
    return is_lost;
}

enum vip_result
neutron_vips_restore(struct neutron_vips *nv, struct model_lb *lb,
                     struct vip_refusal *refusal)
{
    struct vip_order *order = vip_order_find(nv, &lb->base.id);
    struct vip_refusal why = { 0, NULL };

    if (!any_vip_port_is_lost(nv, lb)) {
        neutron_vips_forget(nv, &lb->base.id);
        return VIP_RESOLVED;
    }
    if (order && !vip_order_covers(order, lb)) {
        if (order->retry.n_calls) {
            return VIP_WAIT;
        }
        vip_order_destroy(order);
        order = NULL;
    }

    order = order ? order : vip_order_create_restoring(nv, lb);

    enum vip_result result = vip_order_fill(order, lb, &why);
    if (result == VIP_REFUSED) {
        vip_refuse(refusal, 0, "the port of a VIP is gone, and Neutron makes "
                   "no other: %s", why.text);
    }
    free(why.text);
    return result;
}

void
neutron_vips_give_up(struct neutron_vips *nv, const struct uuid *lb_id)
{
    struct vip_order *order = vip_order_find(nv, lb_id);

    if (order && !neutron_retry_is_busy(&order->retry)) {
        vip_order_undo(order);
    }
}

bool
neutron_vips_forget(struct neutron_vips *nv, const struct uuid *lb_id)
{
    struct vip_order *order = vip_order_find(nv, lb_id);

    uuidset_find_and_delete(&nv->doubtful, lb_id);
    if (!order) {
        return true;
    }
    if (order->retry.n_calls) {
        order->is_abandoned = true;
        return false;
    }
    vip_order_destroy(order);
    return true;
}

void
neutron_vips_distrust(struct neutron_vips *nv, const struct uuid *lb_id)
{
    uuidset_insert(&nv->doubtful, lb_id);
}

void
neutron_vips_distrust_all(struct neutron_vips *nv)
{
    struct neutron_retry *retry;

    HMAP_FOR_EACH (retry, node, &nv->orders.by_id) {
        vip_order_cast(retry)->is_stale = true;
    }
}

void
neutron_vips_run(struct neutron_vips *nv)
{
    struct neutron_retry *retry;

    while ((retry = neutron_retries_next(&nv->orders, time_msec()))) {
        workq_add(nv->queue, &retry->id);
    }
}

void
neutron_vips_wait(const struct neutron_vips *nv)
{
    neutron_retries_wait(&nv->orders);
}

size_t
neutron_vips_n_failing(const struct neutron_vips *nv)
{
    return neutron_retries_n_failing(&nv->orders);
}

const char *
neutron_vips_what_is_missing(const struct neutron_vips *nv,
                             const struct uuid *lb_id)
{
    const struct vip_order *order = vip_order_find(nv, lb_id);

    return order ? neutron_retry_what_is_missing(&order->retry) : NULL;
}
