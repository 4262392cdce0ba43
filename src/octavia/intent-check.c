/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks that an intent can be written: that its objects are known, and that
 * OVN can do it where that depends on other objects.  Nothing that Octavia has
 * checked is checked again.
 */

#include <config.h>
#include <inttypes.h>
#include "base/ovs-compat.h"
#include "model/checks.h"
#include "octavia/intent-private.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "store/reports.h"
#include "store/rows.h"
#include "store/vip-rows.h"
#include "util.h"
#include "uuid.h"

/* Refuses an object that OVN_Octavia does not have. */
static bool
refuse_unknown(struct intent *intent, enum resource_id resource,
               const struct uuid *id)
{
    intent->unknown = *id;
    intent->unknown_resource = resource;
    return fault_set_id(&intent->fault, FAULT_NOT_FOUND,
                        resource_get(resource)->title, id);
}

static bool
object_is_known(const struct intent *intent, enum resource_id resource,
                const struct uuid *id)
{
    return (rows_find(intent->rows, resource, id)
            || intent_creates(intent, resource, id));
}

static bool
check_known(struct intent *intent, enum resource_id resource,
            const struct uuid *id)
{
    return (uuid_is_zero(id) || object_is_known(intent, resource, id)
            || refuse_unknown(intent, resource, id));
}

bool
intent_row_is_going(const struct ovsdb_idl_row *row)
{
    return (row_bool(row, COL_deleting)
            || row_is(row, COL_provisioning_status, "PENDING_DELETE"));
}

static bool
is_below_pool(const struct change *change)
{
    return (change->resource == RESOURCE_MEMBER
            || change->resource == RESOURCE_HEALTH_MONITOR);
}

/* Checks that the parent is known. */
static bool
check_parent(struct intent *intent, const struct change *change)
{
    if (change->resource == RESOURCE_LOAD_BALANCER) {
        return true;
    }

    enum resource_id resource = (is_below_pool(change) ? RESOURCE_POOL
                                 : RESOURCE_LOAD_BALANCER);
    const struct uuid *id = (uuid_is_zero(&change->parent)
                             && !is_below_pool(change)
                             ? &intent->lb_id : &change->parent);

    return (object_is_known(intent, resource, id)
            || refuse_unknown(intent, resource, id));
}

/* Lets an object be deleted that is gone already: it is only reported.  An
 * object that was never here must be imported first, since OVN may have it. */
static bool
check_delete(struct intent *intent, const struct change *change,
             const struct family *family)
{
    struct report report;

    if (family->self || family->lb || intent->is_final) {
        return true;
    }
    if (change->resource == RESOURCE_LOAD_BALANCER
        && report_get(intent->store, &change->id, &report)) {
        report_uninit(&report);
        return true;
    }
    return refuse_unknown(intent, change->resource, &change->id);
}

static bool
check_references(struct intent *intent, const struct change *change)
{
    const struct uuid *pool_id = (change->resource == RESOURCE_LISTENER
                                  ? attrs_uuid(change->attrs,
                                               "default_pool_id")
                                  : NULL);

    return ((!pool_id || check_known(intent, RESOURCE_POOL, pool_id))
            && check_known(intent, RESOURCE_LISTENER, &change->listener));
}

static bool
vip_has_address(const char *vip, const char *address)
{
    return vip && addresses_are_equal(vip, address);
}

/* True if 'is_like' says so of a VIP of a load balancer that is about to be
 * written, and 'address'. */
static bool
new_lb_has(const struct change *lb, const char *address,
           bool (*is_like)(const char *vip, const char *address))
{
    const struct json *vips = body_get(lb->object, "additional_vips");

    if (is_like(attrs_string(lb->attrs, "vip_address"), address)) {
        return true;
    }
    for (size_t i = 0; vips && vips->type == JSON_ARRAY
                       && i < json_array_size(vips); i++) {
        const struct json *ip = body_get(json_array_at(vips, i), "ip_address");

        if (ip && ip->type == JSON_STRING
            && is_like(json_string(ip), address)) {
            return true;
        }
    }
    return false;
}

/* True if the member in 'row' stays. */
static bool
member_stays(const struct intent *intent, const struct ovsdb_idl_row *row)
{
    return (!intent_row_is_going(row)
            && (!intent->is_batch || intent_keeps_member(intent,
                                                         row_id(row))));
}

/* True if another member has the address and the port.  Counts members that
 * the intent creates before this one, so that of two equal ones in a batch the
 * second is refused. */
static bool
address_is_used(const struct intent *intent, const struct change *change,
                const struct ovsdb_idl_row *pool, const char *address,
                int64_t port)
{
    size_t n = pool ? row_get(pool, COL_members)->n : 0;

    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *other = row_ref(pool, COL_members, i);

        if (other && row_integer(other, COL_protocol_port) == port
            && addresses_are_equal(row_string(other, COL_address), address)
            && member_stays(intent, other)) {
            return true;
        }
    }
    for (const struct change *other = intent->changes; other < change;
         other++) {
        if (other->resource == RESOURCE_MEMBER && other->attrs
            && other->action == INTENT_CREATE
            && uuid_equals(&other->parent, &change->parent)
            && attrs_integer(other->attrs, "protocol_port") == port
            && addresses_are_equal(attrs_string(other->attrs, "address"),
                                   address)) {
            return true;
        }
    }
    return false;
}

/* Octavia compares addresses as text: one that is written in two ways is two
 * members to it. */
static bool
check_duplicate_member(struct intent *intent, const struct change *change,
                       const struct family *family)
{
    const char *address = attrs_string(change->attrs, "address");
    int64_t port = attrs_integer(change->attrs, "protocol_port");

    if (intent->rules.is_lenient
        || !address_is_used(intent, change, family->pool, address, port)) {
        return true;
    }

    return fault_set_format(&intent->fault, FAULT_UNSUPPORTED_OPTION,
                            "OVN provider does not support two members of a "
                            "pool with the address %s and the port %"PRId64,
                            address, port);
}

static bool
check_member_address_of(struct intent *intent, const struct change *change,
                        const struct family *family)
{
    const struct change *lb = intent->changes;
    const char *address = attrs_string(change->attrs, "address");
    bool is_a_vip = (family->lb ? vip_rows_have(family->lb, address)
                     : lb->resource == RESOURCE_LOAD_BALANCER && lb->attrs
                     && new_lb_has(lb, address, vip_has_address));

    return (intent->rules.is_lenient
            || check_member_is_backend(address, is_a_vip,
                                       FAULT_UNSUPPORTED_OPTION,
                                       &intent->fault));
}

static bool
check_member_ip_version(struct intent *intent, const struct change *change,
                        const struct family *family)
{
    const struct change *lb = intent->changes;
    const char *address = attrs_string(change->attrs, "address");

    bool is_a_vips
        = (family->lb ? vip_rows_have_version_of(family->lb, address)
           : (lb->resource != RESOURCE_LOAD_BALANCER || !lb->attrs
              || new_lb_has(lb, address, ip_versions_are_equal)));

    return check_member_version(is_a_vips, &intent->fault);
}

static bool
check_monitor_of_pool(struct intent *intent, const struct change *change,
                      const struct family *family)
{
    const struct change *pool = intent_creates(intent, RESOURCE_POOL,
                                               &change->parent);
    const char *protocol = (pool ? attrs_string(pool->attrs, "protocol")
                            : row_string(family->pool, COL_protocol));

    return check_monitor_protocol(attrs_string(change->attrs, "type"),
                                  protocol, &intent->fault);
}

/* Brings the persistence into its form, as well. */
static bool
check_pool(struct intent *intent, const struct change *change,
           const struct family *family)
{
    bool is_there = family->self && change->action == INTENT_UPDATE;

    return check_persistence(change->attrs,
                             is_there ? row_string(family->self, COL_protocol)
                             : attrs_string(change->attrs, "protocol"),
                             is_there ? row_get(family->self,
                                                COL_session_persistence)
                             : NULL, &intent->fault);
}

static bool
check_values(struct intent *intent, const struct change *change,
             const struct family *family)
{
    bool is_new = change->action == INTENT_CREATE && !family->self;

    switch (change->resource) {
    case RESOURCE_POOL:
        return check_pool(intent, change, family);
    case RESOURCE_MEMBER:
        return !is_new || (check_member_address_of(intent, change, family)
                           && check_member_ip_version(intent, change, family)
                           && check_duplicate_member(intent, change, family));
    case RESOURCE_HEALTH_MONITOR:
        return (!is_new || intent->rules.is_lenient
                || check_monitor_of_pool(intent, change, family));
    case RESOURCE_LOAD_BALANCER:
    case RESOURCE_LISTENER:
    case RESOURCE_ADDITIONAL_VIP:
    case N_RESOURCES:
    default:
        return true;
    }
}

/* True if the parent will be gone, of which Octavia may not have heard yet,
 * unless this intent creates it. */
static bool
is_leaving(const struct intent *intent, enum resource_id resource,
           const struct ovsdb_idl_row *row, const struct uuid *id)
{
    return (!intent_creates(intent, resource, id)
            && (row ? intent_row_is_going(row)
                : report_expects_deletion(intent->store, id, id)));
}

/* Refuses to create anything below a parent that is being deleted.  Octavia
 * may allow it if a report was late, and the new object would never be
 * reported. */
static bool
check_parents_stay(struct intent *intent, const struct change *change,
                   const struct family *family)
{
    enum resource_id resource = RESOURCE_LOAD_BALANCER;
    struct uuid id = (family->lb ? *row_id(family->lb)
                      : is_below_pool(change)
                        || uuid_is_zero(&change->parent) ? intent->lb_id
                      : change->parent);

    if (change->action != INTENT_CREATE
        || change->resource == RESOURCE_LOAD_BALANCER) {
        return true;
    }
    if (!is_leaving(intent, resource, family->lb, &id)) {
        if (!is_below_pool(change) || !family->pool
            || !is_leaving(intent, RESOURCE_POOL, family->pool,
                           &change->parent)) {
            return true;
        }
        resource = RESOURCE_POOL;
        id = change->parent;
    }
    return fault_set_id(&intent->fault, FAULT_IMMUTABLE,
                        resource_get(resource)->title, &id);
}

static bool
check_change(struct intent *intent, const struct change *change)
{
    struct family family = intent_family(intent, change);

    if (change->action == INTENT_DELETE) {
        return check_delete(intent, change, &family);
    }
    if (!check_parents_stay(intent, change, &family)) {
        return false;
    }
    if (!family.self && !(change->action == INTENT_CREATE
                          ? check_parent(intent, change)
                          : refuse_unknown(intent, change->resource,
                                           &change->id))) {
        return false;
    }
    return (check_references(intent, change)
            && check_values(intent, change, &family));
}

bool
intent_check(struct intent *intent)
{
    if (intent->is_batch
        && !rows_find(intent->rows, RESOURCE_POOL, &intent->batch_pool)) {
        return refuse_unknown(intent, RESOURCE_POOL, &intent->batch_pool);
    }
    for (size_t i = 0; i < intent->n_changes; i++) {
        if (!check_change(intent, &intent->changes[i])) {
            return false;
        }
    }
    return true;
}
