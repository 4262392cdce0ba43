/* SPDX-License-Identifier: Apache-2.0
 *
 * VIPs in the row of a load balancer; see vip-rows.h.
 */

#include <config.h>
#include "store/vip-rows.h"
#include "base/fault.h"
#include "model/checks.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-data.h"
#include "store/rows.h"
#include "util.h"

static bool
vips_are_filled_in(const struct ovsdb_idl_row *lb)
{
    size_t n = row_get(lb, COL_additional_vips)->n;

    if (!row_uuid(lb, COL_vip_port_id) || !row_string(lb, COL_vip_address)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *vip = row_ref(lb, COL_additional_vips, i);

        if (vip && (!row_uuid(vip, COL_port_id)
                    || !row_string(vip, COL_ip_address))) {
            return false;
        }
    }
    return true;
}

enum vip_verdict
vip_rows_verdict(const struct ovsdb_idl_row *lb, bool port_is_given)
{
    if (row_integer(lb, COL_fault_code)) {
        return (row_is(lb, COL_provisioning_status, "ERROR")
                ? VIP_VERDICT_REFUSED : VIP_VERDICT_NONE);
    }
    return (vips_are_filled_in(lb)
            && !(port_is_given
                 && row_is(lb, COL_provisioning_status, "PENDING_CREATE"))
            ? VIP_VERDICT_ACCEPTED : VIP_VERDICT_NONE);
}

void
vip_rows_set_fault(const struct ovsdb_idl_row *lb, struct fault **faultp)
{
    fault_set_text(faultp, row_integer(lb, COL_fault_code),
                   row_string(lb, COL_fault_text));
}

char *
vip_rows_format_addresses(const struct ovsdb_idl_row *lb)
{
    size_t n = row_get(lb, COL_additional_vips)->n;
    struct ds text = DS_EMPTY_INITIALIZER;

    ds_put_format(&text, "['%s'", row_string(lb, COL_vip_address));
    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *vip = row_ref(lb, COL_additional_vips, i);

        if (vip && row_string(vip, COL_ip_address)) {
            ds_put_format(&text, ", '%s'", row_string(vip, COL_ip_address));
        }
    }
    ds_put_char(&text, ']');
    return ds_steal_cstr(&text);
}

/* True if 'is_like' says so of the address of a VIP, which may be NULL, and
 * 'address'. */
static bool
a_vip_is_like(const struct ovsdb_idl_row *lb, const char *address,
              bool (*is_like)(const char *vip, const char *address))
{
    size_t n = row_get(lb, COL_additional_vips)->n;

    if (is_like(row_string(lb, COL_vip_address), address)) {
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *vip = row_ref(lb, COL_additional_vips, i);

        if (vip && is_like(row_string(vip, COL_ip_address), address)) {
            return true;
        }
    }
    return false;
}

bool
vip_rows_have_version_of(const struct ovsdb_idl_row *lb, const char *address)
{
    return a_vip_is_like(lb, address, ip_versions_are_equal);
}

static bool
vip_is_address(const char *vip, const char *address)
{
    return vip && addresses_are_equal(vip, address);
}

bool
vip_rows_have(const struct ovsdb_idl_row *lb, const char *address)
{
    return a_vip_is_like(lb, address, vip_is_address);
}

size_t
vip_rows_networks(const struct ovsdb_idl_row *lb, struct uuid **ret_ids)
{
    size_t n_more = row_get(lb, COL_additional_vips)->n;
    struct uuid *ids = xcalloc(n_more + 1, sizeof *ids);
    const struct uuid *id = row_uuid(lb, COL_vip_network_id);
    size_t n = 0;

    if (id) {
        ids[n++] = *id;
    }
    for (size_t i = 0; i < n_more; i++) {
        const struct ovsdb_idl_row *vip = row_ref(lb, COL_additional_vips, i);

        id = vip ? row_uuid(vip, COL_network_id) : NULL;
        if (id) {
            ids[n++] = *id;
        }
    }
    *ret_ids = ids;
    return n;
}
