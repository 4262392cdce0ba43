/* SPDX-License-Identifier: Apache-2.0
 *
 * The status tree: a load balancer, its listeners, and the pools behind them,
 * with names and states only.
 */

#include <config.h>
#include <string.h>
#include "api/handlers.h"
#include "api/request.h"
#include "api/show.h"
#include "base/json-write.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-data.h"
#include "util.h"

static void status_put_listener(struct ds *, const struct ovsdb_idl_row *);
static void status_put_pool(struct ds *, const struct ovsdb_idl_row *);
static void status_put_monitor(struct ds *, const struct ovsdb_idl_row *);
static void status_put_member(struct ds *, const struct ovsdb_idl_row *);

static void
status_put_string(struct ds *out, const char *label, const char *text)
{
    ds_put_cstr(out, label);
    json_put_string(out, text ? text : "", text ? strlen(text) : 0);
}

/* Puts what all objects begin with; the brace stays open. */
static void
status_put_head(struct ds *out, const struct ovsdb_idl_row *row)
{
    ds_put_cstr(out, "{\"id\": ");
    json_put_uuid(out, row_id(row));
    status_put_string(out, ", \"name\": ", row_string(row, COL_name));
    status_put_string(out, ", \"operating_status\": ",
                      row_string(row, COL_operating_status));
    status_put_string(out, ", \"provisioning_status\": ",
                      row_string(row, COL_provisioning_status));
}

/* Puts the rows that 'column' refers to, as a list under 'label'. */
static void
status_put_children(struct ds *out, const char *label,
                    const struct ovsdb_idl_row *parent, enum row_column column,
                    void (*put)(struct ds *, const struct ovsdb_idl_row *))
{
    size_t n = row_get(parent, column)->n;
    bool is_first = true;

    ds_put_cstr(out, label);
    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *child = row_ref(parent, column, i);

        if (child) {
            ds_put_cstr(out, is_first ? "" : ", ");
            put(out, child);
            is_first = false;
        }
    }
    ds_put_char(out, ']');
}

static void
status_put_listener(struct ds *out, const struct ovsdb_idl_row *listener)
{
    status_put_head(out, listener);
    status_put_children(out, ", \"pools\": [", listener, COL_default_pool,
                        status_put_pool);
    ds_put_char(out, '}');
}

static void
status_put_pool(struct ds *out, const struct ovsdb_idl_row *pool)
{
    const struct ovsdb_idl_row *monitor = row_ref(pool, COL_health_monitor,
                                                  0);

    status_put_head(out, pool);
    if (monitor) {
        ds_put_cstr(out, ", \"health_monitor\": ");
        status_put_monitor(out, monitor);
    }
    status_put_children(out, ", \"members\": [", pool, COL_members,
                        status_put_member);
    ds_put_char(out, '}');
}

static void
status_put_monitor(struct ds *out, const struct ovsdb_idl_row *monitor)
{
    status_put_head(out, monitor);
    status_put_string(out, ", \"type\": ", row_string(monitor, COL_type));
    ds_put_char(out, '}');
}

static void
status_put_member(struct ds *out, const struct ovsdb_idl_row *member)
{
    status_put_head(out, member);
    status_put_string(out, ", \"address\": ", row_string(member, COL_address));
    ds_put_cstr(out, ", \"protocol_port\": ");
    json_put_integer(out, row_integer(member, COL_protocol_port));
    ds_put_char(out, '}');
}

void
handle_status(struct request *request)
{
    const struct ovsdb_idl_row *lb = show_find(request);

    if (!lb) {
        request_fail(request);
        return;
    }

    struct ds body = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&body, "{\"statuses\": {\"loadbalancer\": ");
    status_put_head(&body, lb);
    status_put_children(&body, ", \"listeners\": [", lb, COL_listeners,
                        status_put_listener);
    ds_put_cstr(&body, "}}}");
    request_reply(request, &body);
}
