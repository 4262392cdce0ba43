/* SPDX-License-Identifier: Apache-2.0
 *
 * VIP addresses; see vip.h.
 */

#include <config.h>
#include "driver/vip.h"
#include <stdlib.h>
#include "driver/port-provider.h"
#include "driver/vip-claims.h"
#include "model/objects.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

/* A VIP that is being given what it lacks. */
struct open_vip {
    struct model_vip *vip;      /* Borrowed from the load balancer. */
    bool had_address, had_port; /* To begin with. */
};

static bool
vip_has_both(const struct model_vip *vip)
{
    return vip->address && !uuid_is_zero(&vip->port_id);
}

static bool
open_vip_had_both(const struct open_vip *open)
{
    return open->had_address && open->had_port;
}

static struct open_vip *
open_vips_create(const struct model_lb *lb)
{
    struct open_vip *open = xcalloc(lb->n_vips, sizeof *open);

    for (size_t i = 0; i < lb->n_vips; i++) {
        struct model_vip *vip = &lb->vips[i];

        open[i] = (struct open_vip) {
            .vip = vip,
            .had_address = vip->address,
            .had_port = !uuid_is_zero(&vip->port_id),
        };
    }
    return open;
}

/* Takes the choice back: a load balancer is accepted as a whole. */
static void
open_vip_reset(const struct open_vip *open)
{
    if (!open->had_address) {
        model_vip_set_address(open->vip, NULL);
    }
    if (!open->had_port) {
        open->vip->port_id = UUID_ZERO;
    }
}

/* Claims the address.  The user may have brought the port, with its address,
 * and another load balancer may be on it already; what a provider has made for
 * this load balancer, no other has. */
static bool
open_vip_close(const struct open_vip *open, struct vip_claims *claims,
               const struct uuid *lb_id, struct vip_refusal *refusal)
{
    const struct model_vip *vip = open->vip;

    if (!open->had_port) {
        ovs_assert(ipv6_addr_is_set(&vip->ip));
    } else if (!ipv6_addr_is_set(&vip->ip)
               || vip_claims_has_other(claims, lb_id, &vip->subnet_id,
                                       &vip->ip)) {
        return vip_refuse_taken(refusal, vip);
    }
    vip_claims_add(claims, lb_id, vip);
    return true;
}

/* Closes the VIPs that had address and port to begin with, or the others. */
static bool
open_vips_close(const struct open_vip *open, const struct model_lb *lb,
                bool had, struct vip_claims *claims,
                struct vip_refusal *refusal)
{
    bool ok = true;

    for (size_t i = 0; ok && i < lb->n_vips; i++) {
        ok = (open_vip_had_both(&open[i]) != had
              || open_vip_close(&open[i], claims, &lb->base.id, refusal));
    }
    return ok;
}

/* Begins with the VIPs that lack nothing: the provider is asked for nothing if
 * the load balancer is refused anyway. */
static enum vip_result
open_vips_resolve(const struct open_vip *open, struct vip_claims *claims,
                  struct port_provider *ports, struct model_lb *lb,
                  struct vip_refusal *refusal)
{
    if (!open_vips_close(open, lb, true, claims, refusal)) {
        return VIP_REFUSED;
    }

    enum vip_result result = ports->class_->fill(ports, lb, refusal);
    if (result == VIP_RESOLVED
        && !open_vips_close(open, lb, false, claims, refusal)) {
        ports->class_->give_up(ports, &lb->base.id);
        return VIP_REFUSED;
    }
    return result;
}

/* True if the VIPs were accepted, which is for good: whatever has happened to
 * the network since, clients use these addresses.  A refusal is not final: it
 * is examined again until the API takes the load balancer back. */
static bool
vips_are_decided(const struct model_lb *lb)
{
    bool decided = (!lb->fault_code
                    && lb->base.provisioning_status != PS_PENDING_CREATE);

    for (size_t i = 0; i < lb->n_vips; i++) {
        decided = decided && vip_has_both(&lb->vips[i]);
    }
    return decided;
}

enum vip_result
vip_assign(struct vip_claims *claims, struct port_provider *ports,
           struct model_lb *lb, struct vip_refusal *refusal)
{
    if (vips_are_decided(lb)) {
        return VIP_RESOLVED;
    }

    struct open_vip *open = open_vips_create(lb);
    enum vip_result result = open_vips_resolve(open, claims, ports, lb,
                                               refusal);
    if (result != VIP_RESOLVED) {
        vip_claims_release(claims, &lb->base.id);
        for (size_t i = 0; i < lb->n_vips; i++) {
            open_vip_reset(&open[i]);
        }
    }
    free(open);
    return result;
}

enum vip_result
vip_restore(struct port_provider *ports, struct model_lb *lb,
            struct vip_refusal *refusal)
{
    return (vips_are_decided(lb) ? ports->class_->restore(ports, lb, refusal)
            : VIP_RESOLVED);
}
