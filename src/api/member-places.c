/* SPDX-License-Identifier: Apache-2.0
 *
 * Places of members; see member-places.h.
 */

#include <config.h>
#include "api/member-places.h"
#include <stdlib.h>
#include "api/request.h"
#include "api/routes.h"
#include "api/show.h"
#include "api/write.h"
#include "base/ip.h"
#include "bitmap.h"
#include "model/checks.h"
#include "model/value.h"
#include "net/net.h"
#include "store/rows.h"
#include "store/vip-rows.h"
#include "uuid.h"

/* Looks for the subnet of a member that names none: the VIP's, or the one that
 * the VIPs' networks and their routers reach. */
static enum net_answer
member_place_search(struct request *request, const struct member_site *site,
                    const struct attrs *attrs, struct net_subnet *ret)
{
    const struct uuid *id = site->vip_subnet_id;
    const char *address = attrs_string(attrs, "address");
    struct in6_addr ip;

    if (!ip_parse_any(address, &ip)) {
        return NET_MISSING;
    }

    enum net_answer answer = (id ? net_get_subnet(request->api->net, id, ret)
                              : NET_MISSING);

    if (answer == NET_MISSING
        || (answer == NET_FOUND && !cidr_contains(ret->cidr, address))) {
        answer = net_find_subnet(request->api->net, site->networks,
                                 site->n_networks, &ip, ret);
    }
    return answer;
}

static enum prepare_result
member_place_prepare(struct request *request, const struct member_site *site,
                     const struct attrs *attrs, size_t i)
{
    const struct uuid *id = attrs_uuid(attrs, "subnet_id");
    struct net_subnet subnet;
    enum net_answer answer = (id ? net_get_subnet(request->api->net, id,
                                                  &subnet)
                              : member_place_search(request, site, attrs,
                                                    &subnet));
    const struct in6_addr ip
        = ip_parse_or_unset(attrs_string(attrs, "address"));

    if (answer == NET_WAIT) {
        return PREPARE_WAIT;
    }
    if (answer == NET_MISSING && id) {
        fault_set_id(&request->fault, FAULT_INVALID_SUBRESOURCE, "Subnet",
                     id);
        return PREPARE_REFUSED;
    }
    bitmap_set(request->write->lacks_subnet, i, answer == NET_MISSING);
    bitmap_set(request->write->is_broadcast, i,
               answer == NET_FOUND && net_subnet_broadcasts_at(&subnet, &ip));
    return PREPARE_READY;
}

enum prepare_result
member_places_find(struct request *request, const struct member_site *site,
                   struct attrs *const *members, size_t n)
{
    enum prepare_result result = PREPARE_READY;

    if (!request->write->lacks_subnet) {
        request->write->lacks_subnet = bitmap_allocate(n);
        request->write->is_broadcast = bitmap_allocate(n);
    }
    for (size_t i = 0; i < n && result == PREPARE_READY; i++) {
        result = member_place_prepare(request, site, members[i], i);
    }
    return result;
}

enum prepare_result
member_places_find_below(struct request *request,
                         const struct ovsdb_idl_row *lb,
                         struct attrs *const *members, size_t n)
{
    struct uuid *networks = NULL;
    size_t n_networks = lb ? vip_rows_networks(lb, &networks) : 0;
    const struct member_site site = {
        .vip_subnet_id = lb ? row_uuid(lb, COL_vip_subnet_id) : NULL,
        .networks = networks,
        .n_networks = n_networks,
    };
    enum prepare_result result = member_places_find(request, &site, members,
                                                    n);

    free(networks);
    return result;
}

enum prepare_result
member_places_prepare(struct request *request, struct attrs *const *members,
                      size_t n)
{
    enum prepare_result result = write_await_net(request);

    if (result != PREPARE_READY) {
        return result;
    }

    /* The pool comes first in the path, and in the answer. */
    const struct ovsdb_idl_row *pool = show_find_pool(request);
    if (!pool) {
        return PREPARE_REFUSED;
    }

    return member_places_find_below(request,
                                    row_ref(pool, COL_load_balancer, 0),
                                    members, n);
}

bool
member_place_check_subnet(struct request *request, size_t i)
{
    return check_member_subnet(!bitmap_is_set(request->write->lacks_subnet, i),
                               route_writes_list(request->route),
                               &request->fault);
}

bool
member_place_check_beside(struct request *request, const char *address,
                          size_t i, const struct member_vips *vips)
{
    return (check_member_is_backend(address, vips->have_address,
                                    FAULT_VALIDATION, &request->fault)
            && check_member_is_unicast(address, bitmap_is_set(
                                           request->write->is_broadcast, i),
                                       FAULT_VALIDATION, &request->fault)
            && check_member_version(vips->have_version, &request->fault)
            && member_place_check_subnet(request, i));
}

bool
member_place_check(struct request *request, const struct attrs *attrs,
                   size_t i, const struct ovsdb_idl_row *lb)
{
    const char *address = attrs_string(attrs, "address");
    const struct member_vips vips = {
        .have_address = vip_rows_have(lb, address),
        .have_version = vip_rows_have_version_of(lb, address),
    };

    return member_place_check_beside(request, address, i, &vips);
}

void
member_places_forget(struct write *write)
{
    free(write->lacks_subnet);
    free(write->is_broadcast);
}
