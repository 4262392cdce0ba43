/* SPDX-License-Identifier: Apache-2.0
 *
 * Additional VIPs; see additional-vips.h.  They live in the first one's
 * network, each in a subnet of its own: that is Octavia's rule, and it lets
 * one port of the network tell whose address it is.
 */

#include <config.h>
#include "api/additional-vips.h"
#include <stdio.h>
#include <stdlib.h>
#include "api/request.h"
#include "api/vip.h"
#include "base/name-uuid.h"
#include "model/attrs.h"
#include "net/net.h"
#include "store/rows.h"
#include "store/store.h"
#include "util.h"
#include "uuid.h"

static const struct attr *
additional_vips_get_items(const struct attrs *attrs)
{
    return attrs_get_const(attrs, "additional_vips");
}

static bool
additional_vips_subnet_is_used(const struct attrs *attrs,
                               const struct uuid *id, size_t n_before)
{
    const struct attr *vips = additional_vips_get_items(attrs);
    const struct uuid *first = attrs_uuid(attrs, "vip_subnet_id");

    if (first && uuid_equals(first, id)) {
        return true;
    }
    for (size_t i = 0; i < n_before; i++) {
        if (uuid_equals(attrs_uuid(vips->items[i], "subnet_id"), id)) {
            return true;
        }
    }
    return false;
}

static enum prepare_result
additional_vips_check_subnet(struct net *net, const struct attrs *attrs,
                             const struct uuid *id, struct fault **faultp)
{
    const struct uuid *network_id = attrs_uuid(attrs, "vip_network_id");
    struct net_subnet subnet;

    switch (net_get_subnet(net, id, &subnet)) {
    case NET_FOUND:
        if (network_id && uuid_equals(&subnet.network_id, network_id)) {
            return PREPARE_READY;
        }
        fault_set(faultp, FAULT_VALIDATION,
                  "All VIP subnets must belong to the same network.");
        return PREPARE_REFUSED;
    case NET_WAIT:
        return PREPARE_WAIT;
    case NET_MISSING:
    default:
        fault_set_format(faultp, FAULT_VALIDATION,
                         "Subnet "UUID_FMT" not found", UUID_ARGS(id));
        return PREPARE_REFUSED;
    }
}

bool
additional_vips_check(const struct attrs *attrs, struct fault **faultp)
{
    const struct attr *vips = additional_vips_get_items(attrs);

    for (size_t i = 0; i < vips->n_items; i++) {
        if (additional_vips_subnet_is_used(
                attrs, attrs_uuid(vips->items[i], "subnet_id"), i)) {
            return fault_set(faultp, FAULT_VALIDATION, "Duplicate VIP "
                             "subnet(s) specified. Only one IP can be bound "
                             "per subnet.");
        }
    }
    return true;
}

enum prepare_result
additional_vips_resolve(struct net *net, struct attrs *attrs,
                        struct fault **faultp)
{
    const struct attr *vips = additional_vips_get_items(attrs);
    enum prepare_result result = PREPARE_READY;

    /* By now, the first VIP's subnet is known. */
    if (!additional_vips_check(attrs, faultp)) {
        return PREPARE_REFUSED;
    }
    for (size_t i = 0; result == PREPARE_READY && i < vips->n_items; i++) {
        result = additional_vips_check_subnet(
            net, attrs, attrs_uuid(vips->items[i], "subnet_id"), faultp);
    }
    for (size_t i = 0; result == PREPARE_READY && i < vips->n_items; i++) {
        result = vip_attrs_check_address(net, vips->items[i], "subnet_id",
                                         "ip_address", faultp);
    }
    return result;
}

bool
additional_vips_are_free(struct request *request)
{
    const struct attr *vips = additional_vips_get_items(request->attrs);
    bool ok = true;

    for (size_t i = 0; ok && i < vips->n_items; i++) {
        ok = vip_attrs_are_free(request, vips->items[i], "subnet_id",
                                "ip_address");
    }
    return ok;
}

/* Returns the id of the row of VIP number 'i'.  It is derived, so that a
 * repeated attempt meets its own rows. */
static struct uuid
additional_vips_id(const struct uuid *lb_id, size_t i)
{
    char *name = xasprintf("additional-vip-%"PRIuSIZE, i);
    struct uuid id = name_uuid(lb_id, name);

    free(name);
    return id;
}

void
additional_vips_insert(const struct request *request,
                       const struct ovsdb_idl_row *lb)
{
    const struct attr *vips = additional_vips_get_items(request->attrs);
    struct uuid *ids = xcalloc(vips->n_items, sizeof *ids);

    for (size_t i = 0; i < vips->n_items; i++) {
        ids[i] = additional_vips_id(row_id(lb), i + 1);

        const struct ovsdb_idl_row *row
            = rows_insert_with(lb, RESOURCE_ADDITIONAL_VIP, &ids[i]);
        row_write_attrs(row, vips->items[i]);
        row_write_integer(row, COL_position, i + 1);
        row_write_uuid(row, COL_network_id,
                       attrs_uuid(request->attrs, "vip_network_id"));
        row_write_uuid(row, COL_load_balancer, row_id(lb));
    }
    if (vips->n_items) {
        row_write_uuids(lb, COL_additional_vips, ids, vips->n_items);
    }
    free(ids);
}
