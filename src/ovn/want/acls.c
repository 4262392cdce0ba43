/* SPDX-License-Identifier: Apache-2.0
 *
 * From listeners and entrances to ACLs; see acls.h.
 *
 * A listener has an ACL for each IP version of the VIPs, and each of these
 * once for each router, in a group of the ports that join the router to its
 * switches.  So their number does not grow with the number of switches; and a
 * switch that is added to the router is one more port in the group, whatever
 * the number of listeners.  A switch without a router has the ACL itself.
 *
 * A load balancer of anybody's on the same network may have the VIP as its
 * member.  A switch translates what comes to that one into packets to this
 * VIP, behind the ACLs; and the router translates them once more.  What the
 * member answers does not find its way back, but a datagram has arrived.  So
 * a second ACL, behind the switch's load balancers, drops what they have
 * translated to the VIP, whoever sent it.
 */

#include <config.h>
#include "ovn/want/acls.h"
#include <stdlib.h>
#include "base/name-uuid.h"
#include "model/objects.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/rows/rows.h"
#include "ovn/want/allowed.h"
#include "ovn/want/entrances.h"
#include "ovn/want/vips.h"
#include "util.h"
#include "uuid.h"

/* An ACL of a listener, before it is known where. */
struct acl_plan {
    const struct model_listener *listener;
    const char *match;
    const char *cidrs;
    bool is_ipv6;
    bool is_translated;
};

static struct uuid
acl_label(const struct acl_plan *acl, const struct uuid *place)
{
    char *name = xasprintf("acl/"UUID_FMT"/%d%s", UUID_ARGS(place),
                           acl->is_ipv6, acl->is_translated ? "/t" : "");
    struct uuid label = name_uuid(&acl->listener->base.id, name);

    free(name);
    return label;
}

static void
acls_add(const struct acl_plan *acl, const struct uuid *place,
         struct ovn_lb *ret)
{
    struct lb_acl *row = ovn_lb_add_acl(ret);

    row->uuid = acl_label(acl, place);
    row->listener = acl->listener->base.id;
    row->place = *place;
    row->is_ipv6 = acl->is_ipv6;
    row->is_translated = acl->is_translated;
    row->match = xstrdup(acl->match);
    row->cidrs = nullable_xstrdup(acl->cidrs);
}

/* Adds the second ACL of each router. */
static void
acls_add_translated(const struct acl_plan *first, const struct vip_list *vips,
                    const struct entrances *entrances, struct ovn_lb *ret)
{
    char *match = allowed_format_translated_match(first->listener, vips,
                                                  first->is_ipv6);
    const struct acl_plan acl = {
        .listener = first->listener,
        .match = match,
        .is_ipv6 = first->is_ipv6,
        .is_translated = true,
    };
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, &entrances->routers) {
        acls_add(&acl, &node->uuid, ret);
    }
    free(match);
}

static void
acls_add_everywhere(const struct acl_plan *acl,
                    const struct topology *topology,
                    const struct entrances *entrances, struct ovn_lb *ret)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, &entrances->routers) {
        if (!ovn_lb_find_entrance(ret, &node->uuid)) {
            entrances_find_ports(topology, &node->uuid,
                                 &ovn_lb_entrance(ret, &node->uuid)->ports);
        }
        acls_add(acl, &node->uuid, ret);
    }
    UUIDSET_FOR_EACH (node, &entrances->switches) {
        acls_add(acl, &node->uuid, ret);
    }
}

static char *
acls_format_cidrs(const struct model_listener *listener)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    for (size_t i = 0; i < listener->n_allowed_cidrs; i++) {
        ds_put_format(&s, "%s%s", i ? "," : "", listener->allowed_cidrs[i]);
    }
    return ds_steal_cstr(&s);
}

void
acls_build(const struct model_lb *lb, const struct vip_list *vips,
           const struct topology *topology, const struct entrances *entrances,
           struct ovn_lb *ret)
{
    static const bool versions[] = { false, true };

    for (size_t i = 0; i < lb->n_listeners; i++) {
        const struct model_listener *listener = &lb->listeners[i];
        char *cidrs = acls_format_cidrs(listener);

        for (size_t j = 0; j < ARRAY_SIZE(versions); j++) {
            char *match = allowed_format_match(listener, vips, versions[j]);

            if (match) {
                const struct acl_plan acl = {
                    .listener = listener,
                    .match = match,
                    .cidrs = cidrs,
                    .is_ipv6 = versions[j],
                };
                acls_add_everywhere(&acl, topology, entrances, ret);
                acls_add_translated(&acl, vips, entrances, ret);
            }
            free(match);
        }
        free(cidrs);
    }
}
