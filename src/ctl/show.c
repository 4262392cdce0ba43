/* SPDX-License-Identifier: Apache-2.0
 *
 * "show"; see show.h.  For eyes: what is usual is not said, and columns are
 * aligned.  show-report.c is for programs.
 */

#include <config.h>
#include "ctl/show.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include "base/array.h"
#include "base/ip.h"
#include "ctl/find.h"
#include "ctl/unhonoured.h"
#include "db-ctl-base.h"
#include "octavia-idl.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "smap.h"
#include "store/order.h"
#include "store/store.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

#define INDENT 4

static void show_lb(struct ds *, const struct octrec_load_balancer *);

static bool show_is_json;

void
show_set_json(bool is_json)
{
    show_is_json = is_json;
}

void
show_prerequisites(struct ctl_context *ctl)
{
    store_add_columns(ctl->idl);
}

static void
show_lbs(struct ds *s, const struct octrec_load_balancer **lbs, size_t n)
{
    struct json *array;
    struct json *document;

    if (!show_is_json) {
        for (size_t i = 0; i < n; i++) {
            show_lb(s, lbs[i]);
        }
        return;
    }
    array = json_array_create_empty();
    for (size_t i = 0; i < n; i++) {
        json_array_add(array, show_report_lb(lbs[i]));
    }
    document = json_object_create();
    json_object_put(document, "load_balancers", array);
    json_to_ds(document, JSSF_PRETTY | JSSF_SORT, s);
    ds_put_char(s, '\n');
    json_destroy(document);
}

static void
show_all(struct ctl_context *ctl)
{
    const struct octrec_load_balancer **lbs = NULL;
    const struct octrec_load_balancer *lb;
    size_t n = 0, allocated = 0;

    OCTREC_LOAD_BALANCER_FOR_EACH (lb, ctl->idl) {
        ARRAY_GROW(lbs, n, allocated);
        lbs[n++] = lb;
    }
    if (n) {
        qsort(lbs, n, sizeof *lbs, compare_load_balancer);
    }
    show_lbs(&ctl->output, lbs, n);
    free(lbs);
}

void
show_run(struct ctl_context *ctl)
{
    const struct octrec_load_balancer *lb;
    char *error;

    if (ctl->argc < 2) {
        show_all(ctl);
        return;
    }
    lb = find_lb_by_name(ctl->idl, ctl->argv[1], &error);
    if (lb) {
        show_lbs(&ctl->output, &lb, 1);
    } else {
        ctl->error = error;
    }
}

/* Parts of lines. */

/* Users' text may hold what moves a terminal's cursor. */
static void
put_text(struct ds *s, const char *text)
{
    for (; *text; text++) {
        ds_put_char(s, iscntrl((unsigned char) *text) ? '?' : *text);
    }
}

static void
put_label(struct ds *s, int level, const char *label)
{
    ds_put_format(s, "%*s%-10s", level * INDENT, "", label);
}

/* All kinds of rows have a name. */
static void
show_put_id(struct ds *s, const struct uuid *id, const char *name)
{
    ds_put_format(s, UUID_FMT, UUID_ARGS(id));
    if (name[0]) {
        ds_put_char(s, ' ');
        put_text(s, name);
    }
}

#define PUT_STATUS(S, ROW)                                              \
    ds_put_format(S, "%s/%s%s", (ROW)->provisioning_status,             \
                  (ROW)->operating_status,                              \
                  (ROW)->admin_state_up ? "" : " (switched off)")

/* Shows settings that are stored and make no difference. */
static void
show_unhonoured(struct ds *s, int level, const struct ovsdb_idl_row *row,
                enum resource_id resource)
{
    struct svec options = SVEC_EMPTY_INITIALIZER;
    const char *option;
    size_t i;

    unhonoured_add(row, resource, &options);
    SVEC_FOR_EACH (i, option, &options) {
        put_label(s, level, "option");
        put_text(s, option);
        ds_put_cstr(s, " (OVN does not honour it)\n");
    }
    svec_destroy(&options);
}

/* Members. */

/* The width of a column of members. */
enum member_column { COL_ADDRESS, COL_WEIGHT, COL_STATUS, N_MEMBER_COLUMNS };

static void
format_member(const struct octrec_member *member,
              struct ds columns[N_MEMBER_COLUMNS])
{
    for (size_t i = 0; i < N_MEMBER_COLUMNS; i++) {
        ds_clear(&columns[i]);
    }
    ip_put_endpoint(&columns[COL_ADDRESS], member->address,
                    member->protocol_port);
    ds_put_format(&columns[COL_WEIGHT], "weight %"PRId64"%s", member->weight,
                  member->backup ? ", backup" : "");
    PUT_STATUS(&columns[COL_STATUS], member);
}

static void
show_members(struct ds *s, int level, const struct octrec_pool *pool)
{
    size_t n = pool->n_members;
    struct octrec_member **members = xmemdup(pool->members,
                                             n * sizeof *members);
    struct ds columns[N_MEMBER_COLUMNS] = { DS_EMPTY_INITIALIZER };
    int widths[N_MEMBER_COLUMNS] = { 0 };

    qsort(members, n, sizeof *members, compare_member);
    for (size_t i = 0; i < n; i++) {
        format_member(members[i], columns);
        for (size_t j = 0; j < N_MEMBER_COLUMNS; j++) {
            widths[j] = MAX(widths[j], (int) columns[j].length);
        }
    }
    for (size_t i = 0; i < n; i++) {
        put_label(s, level, "member");
        format_member(members[i], columns);
        for (size_t j = 0; j < N_MEMBER_COLUMNS; j++) {
            ds_put_format(s, "%-*s  ", widths[j], ds_cstr(&columns[j]));
        }
        show_put_id(s, &members[i]->header_.uuid, members[i]->name);
        ds_put_char(s, '\n');
    }
    for (size_t j = 0; j < N_MEMBER_COLUMNS; j++) {
        ds_destroy(&columns[j]);
    }
    free(members);
}

/* Pools. */

static void
show_monitor(struct ds *s, int level,
             const struct octrec_health_monitor *monitor)
{
    put_label(s, level, "monitor");
    ds_put_format(s, "%s every %"PRId64" s, timeout %"PRId64" s, up after "
                  "%"PRId64", down after %"PRId64"  ", monitor->type,
                  monitor->delay, monitor->timeout, monitor->max_retries,
                  monitor->max_retries_down);
    PUT_STATUS(s, monitor);
    ds_put_cstr(s, "  ");
    show_put_id(s, &monitor->header_.uuid, monitor->name);
    ds_put_char(s, '\n');
}

static void
show_put_persistence(struct ds *s, const struct octrec_pool *pool)
{
    const char *type = smap_get(&pool->session_persistence, "type");
    const char *timeout = smap_get(&pool->session_persistence,
                                   "persistence_timeout");

    if (type) {
        ds_put_format(s, ", persistence %s", type);
        if (timeout) {
            ds_put_format(s, " %s s", timeout);
        }
    }
}

/* A pool that several listeners use is shown with the first. */
static void
show_pool(struct ds *s, int level, const struct octrec_pool *pool,
          struct uuidset *shown)
{
    put_label(s, level, "pool");
    show_put_id(s, &pool->header_.uuid, pool->name);
    if (uuidset_contains(shown, &pool->header_.uuid)) {
        ds_put_cstr(s, "  as above\n");
        return;
    }
    uuidset_insert(shown, &pool->header_.uuid);
    ds_put_format(s, "  %s %s", pool->protocol, pool->lb_algorithm);
    show_put_persistence(s, pool);
    ds_put_cstr(s, "  ");
    PUT_STATUS(s, pool);
    ds_put_char(s, '\n');
    show_unhonoured(s, level + 1, &pool->header_, RESOURCE_POOL);
    if (pool->health_monitor) {
        show_monitor(s, level + 1, pool->health_monitor);
    }
    show_members(s, level + 1, pool);
}

/* Load balancers. */

static void
show_listeners(struct ds *s, const struct octrec_load_balancer *lb,
               struct uuidset *shown)
{
    size_t n = lb->n_listeners;
    struct octrec_listener **listeners = xmemdup(lb->listeners,
                                                 n * sizeof *listeners);

    qsort(listeners, n, sizeof *listeners, compare_listener);
    for (size_t i = 0; i < n; i++) {
        const struct octrec_listener *listener = listeners[i];

        put_label(s, 1, "listener");
        show_put_id(s, &listener->header_.uuid, listener->name);
        ds_put_format(s, "  %s %"PRId64"  ", listener->protocol,
                      listener->protocol_port);
        PUT_STATUS(s, listener);
        ds_put_char(s, '\n');
        show_unhonoured(s, 2, &listener->header_, RESOURCE_LISTENER);
        if (listener->default_pool) {
            show_pool(s, 2, listener->default_pool, shown);
        }
    }
    free(listeners);
}

static void
show_other_pools(struct ds *s, const struct octrec_load_balancer *lb,
                 struct uuidset *shown)
{
    size_t n = lb->n_pools;
    struct octrec_pool **pools = xmemdup(lb->pools, n * sizeof *pools);

    qsort(pools, n, sizeof *pools, compare_pool);
    for (size_t i = 0; i < n; i++) {
        if (!uuidset_contains(shown, &pools[i]->header_.uuid)) {
            show_pool(s, 1, pools[i], shown);
        }
    }
    free(pools);
}

static void
show_vip(struct ds *s, const char *address, const struct uuid *subnet_id,
         const struct uuid *port_id)
{
    put_label(s, 1, "vip");
    ds_put_cstr(s, address ? address : "not known yet");
    if (subnet_id) {
        ds_put_format(s, "  subnet "UUID_FMT, UUID_ARGS(subnet_id));
    }
    if (port_id) {
        ds_put_format(s, "  port "UUID_FMT, UUID_ARGS(port_id));
    }
    ds_put_char(s, '\n');
}

static void
show_vips(struct ds *s, const struct octrec_load_balancer *lb)
{
    size_t n = lb->n_additional_vips;
    struct octrec_additional_vip **vips = xmemdup(lb->additional_vips,
                                                  n * sizeof *vips);

    show_vip(s, lb->vip_address,
             lb->n_vip_subnet_id ? lb->vip_subnet_id : NULL,
             lb->n_vip_port_id ? lb->vip_port_id : NULL);
    qsort(vips, n, sizeof *vips, compare_additional_vip);
    for (size_t i = 0; i < n; i++) {
        show_vip(s, vips[i]->ip_address, &vips[i]->subnet_id,
                 vips[i]->n_port_id ? vips[i]->port_id : NULL);
    }
    free(vips);
}

static void
show_fault(struct ds *s, const struct octrec_load_balancer *lb)
{
    if (!lb->n_fault_code && !lb->fault_text[0]) {
        return;
    }
    put_label(s, 1, "fault");
    if (lb->n_fault_code) {
        ds_put_format(s, "%"PRId64" ", lb->fault_code[0]);
    }
    put_text(s, lb->fault_text);
    ds_put_char(s, '\n');
}

static void
show_lb(struct ds *s, const struct octrec_load_balancer *lb)
{
    struct uuidset shown;

    uuidset_init(&shown);
    ds_put_cstr(s, "load balancer ");
    show_put_id(s, &lb->header_.uuid, lb->name);
    ds_put_char(s, '\n');
    put_label(s, 1, "status");
    PUT_STATUS(s, lb);
    ds_put_char(s, '\n');
    show_fault(s, lb);
    put_label(s, 1, "project");
    put_text(s, lb->project_id);
    ds_put_char(s, '\n');
    show_unhonoured(s, 1, &lb->header_, RESOURCE_LOAD_BALANCER);
    show_vips(s, lb);
    show_listeners(s, lb, &shown);
    show_other_pools(s, lb, &shown);
    uuidset_destroy(&shown);
}
