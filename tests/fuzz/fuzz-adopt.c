/* SPDX-License-Identifier: Apache-2.0
 *
 * Northbound rows of anybody's, made a load balancer and rows again.
 */

#include <config.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "base/json-read.h"
#include "check.h"
#include "fuzz.h"
#include "model-fixture.h"
#include "model/objects.h"
#include "nb-idl.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/adopt/adopt.h"
#include "ovn/diff/plan.h"
#include "ovn/rows/rows.h"
#include "ovn/want/desired.h"
#include "ovsdb-idl.h"
#include "rows-fixture.h"
#include "smap.h"
#include "sset.h"
#include "store-check.h"
#include "store/import.h"
#include "store/tree.h"
#include "util.h"
#include "uuid.h"

static const struct uuid lb_id = { { 0x11111111, 0x22223333, 0x44445555,
                                     0x55555555 } };

/* More rows than a load balancer can have protocols. */
#define ROWS_MAX 6

/* --- Input --------------------------------------------------------------- */

/* A line is a word, a key, and a value that may have blanks:
 *
 *     row PROTOCOL
 *     hash FIELD
 *     vip KEY VALUE           and the same for "option" and "id"
 *     check VIP               of the row above
 *     checkoption KEY VALUE   of the check above, and so "checkid"
 *
 * All else is passed over. */
static void
take_line(struct ovn_lb *lb, const char *word, const char *key,
          const char *value)
{
    struct lb_row *row = lb->n_rows ? lb->rows[lb->n_rows - 1] : NULL;
    struct health_check *check = (row && row->n_checks
                                  ? row->checks[row->n_checks - 1] : NULL);

    if (!strcmp(word, "row") && lb->n_rows < ROWS_MAX) {
        row = ovn_lb_add_row(lb);
        row->uuid.parts[0] = lb->n_rows;
        free(row->protocol);
        row->protocol = xstrdup(key);
    } else if (!row) {
        return;
    } else if (!strcmp(word, "hash")) {
        sset_add(&row->selection_fields, key);
    } else if (!strcmp(word, "vip")) {
        smap_replace(&row->vips, key, value);
    } else if (!strcmp(word, "option")) {
        smap_replace(&row->options, key, value);
    } else if (!strcmp(word, "id")) {
        smap_replace(&row->external_ids, key, value);
    } else if (!strcmp(word, "check")) {
        check = lb_row_add_check(row, key);
        check->uuid = (struct uuid) { { lb->n_rows, row->n_checks, 0, 1 } };
    } else if (check && !strcmp(word, "checkoption")) {
        smap_replace(&check->options, key, value);
    } else if (check && !strcmp(word, "checkid")) {
        smap_replace(&check->external_ids, key, value);
    }
}

static void
parse_rows(const char *text, struct ovn_lb *ret)
{
    char *copy = xstrdup(text);
    char *rest = copy;
    char *line;

    ovn_lb_init(ret, &lb_id);
    while ((line = strsep(&rest, "\n"))) {
        const char *word = strsep(&line, " ");
        const char *key = line ? strsep(&line, " ") : "";

        take_line(ret, word, key, line ? line : "");
    }
    free(copy);
}

static void
copy_map(struct smap *dst, const struct smap *src)
{
    smap_destroy(dst);
    smap_clone(dst, src);
}

/* The same as ctl's "adopt" reads out of the database. */
static void
copy_row(const struct lb_row *row, struct adopt_row *ret)
{
    adopt_row_init(ret);
    free(ret->protocol);
    ret->protocol = xstrdup(row->protocol);
    sset_destroy(&ret->selection_fields);
    sset_clone(&ret->selection_fields, &row->selection_fields);
    copy_map(&ret->vips, &row->vips);
    copy_map(&ret->options, &row->options);
    copy_map(&ret->external_ids, &row->external_ids);
    for (size_t i = 0; i < row->n_checks; i++) {
        struct adopt_check *check = adopt_row_add_check(ret);

        free(check->vip);
        check->vip = xstrdup(row->checks[i]->vip);
        copy_map(&check->options, &row->checks[i]->options);
        copy_map(&check->external_ids, &row->checks[i]->external_ids);
    }
}

/* --- What is true of whatever was adopted -------------------------------- */

static void
check_id(struct uuidset *ids, const struct uuid *id)
{
    ovs_assert(!uuid_is_zero(id) && !uuidset_contains(ids, id));
    uuidset_insert(ids, id);
}

static void
check_base(struct uuidset *ids, const struct model_base *base)
{
    check_id(ids, &base->id);
    ovs_assert(base->provisioning_status == PS_ACTIVE);
    ovs_assert(!base->deleting);
}

static void
check_address(const char *address)
{
    char *canonical = ip_canonicalize(address);
    struct in6_addr ip;

    ovs_assert(ip_parse_any(address, &ip));
    check_same(address, canonical);
    free(canonical);
}

static void
check_member(struct uuidset *ids, const struct model_member *member)
{
    check_base(ids, &member->base);
    check_address(member->address);
    ovs_assert(!ip_compare_texts(member->address,
                                 model_member_typed_address(member)));
    ovs_assert(member->protocol_port);
    ovs_assert(member->weight >= 0 && member->weight <= 256);
}

/* The API prints the digits as they are: without zeros in front of them they
 * are JSON. */
static void
check_timeout(const char *text)
{
    struct json *json = NULL;
    char *list = xasprintf("[%s]", text);

    json = check_json(list, strlen(list));
    json_destroy(json);
    free(list);
}

static void
check_pool(struct uuidset *ids, const struct model_pool *pool)
{
    const struct model_monitor *monitor = pool->monitor;

    check_base(ids, &pool->base);
    ovs_assert(pool->protocol < N_L4_PROTOCOLS);
    if (pool->persistence_timeout) {
        ovs_assert(pool->has_persistence);
        check_timeout(pool->persistence_timeout);
    }
    for (size_t i = 0; i < pool->n_members; i++) {
        check_member(ids, &pool->members[i]);
    }
    if (monitor) {
        check_base(ids, &monitor->base);
        ovs_assert(monitor->type < N_MONITOR_TYPES);
        ovs_assert(monitor->delay >= 0 && monitor->timeout >= 0);
        ovs_assert(monitor->max_retries >= 1 && monitor->max_retries <= 10);
        ovs_assert(monitor->max_retries_down >= 1
                   && monitor->max_retries_down <= 10);
    }
}

static void
check_listener(struct uuidset *ids, const struct model_lb *lb,
               const struct model_listener *listener)
{
    check_base(ids, &listener->base);
    ovs_assert(listener->protocol_port);
    if (!uuid_is_zero(&listener->default_pool_id)) {
        const struct model_pool *pool
            = model_lb_pool(lb, &listener->default_pool_id);

        ovs_assert(pool && pool->protocol == listener->protocol);
    }
}

/* The addresses of all VIPs, and their rows, are different: the database would
 * not take them. */
static void
check_vips(struct uuidset *ids, const struct model_lb *lb)
{
    struct sset addresses = SSET_INITIALIZER(&addresses);

    for (size_t i = 0; i < lb->n_vips; i++) {
        const struct model_vip *vip = &lb->vips[i];

        if (i) {
            check_id(ids, &vip->row);
        }
        check_address(vip->address);
        ovs_assert(sset_add(&addresses, vip->address));
    }
    sset_destroy(&addresses);
}

static void
check_lb(const struct model_lb *lb)
{
    struct uuidset ids = UUIDSET_INITIALIZER(&ids);

    check_base(&ids, &lb->base);
    check_vips(&ids, lb);
    for (size_t i = 0; i < lb->n_listeners; i++) {
        check_listener(&ids, lb, &lb->listeners[i]);
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        check_pool(&ids, &lb->pools[i]);
    }
    uuidset_destroy(&ids);
}

static void
check_problems(const struct model_lb *lb,
               const struct adopt_problems *problems)
{
    ovs_assert(!lb == (adopt_problems_worst(problems) == ADOPT_IMPOSSIBLE));
    for (size_t i = 0; i < problems->n; i++) {
        check_line(problems->problems[i].text, SIZE_MAX);
    }
}

static struct model_lb *
adopt(const struct ovn_lb *seen, const struct topology *topology)
{
    struct adopt_row rows[ROWS_MAX + N_L4_PROTOCOLS];
    struct adopt_problems problems;

    ovs_assert(seen->n_rows <= ARRAY_SIZE(rows));
    for (size_t i = 0; i < seen->n_rows; i++) {
        copy_row(seen->rows[i], &rows[i]);
    }
    adopt_problems_init(&problems);

    struct model_lb *lb = adopt_lb(&lb_id, rows, seen->n_rows, topology,
                                   &problems);

    check_problems(lb, &problems);
    adopt_problems_uninit(&problems);
    for (size_t i = 0; i < seen->n_rows; i++) {
        adopt_row_uninit(&rows[i]);
    }
    return lb;
}

static char *list_objects(const struct model_lb *);

/* --- And back ------------------------------------------------------------ */

/* What the rows hold of others, "ROW MAP KEY VALUE", sorted. */
static char *
list_foreign(const struct ovn_lb *lb)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    for (size_t i = 0; i < lb->n_rows; i++) {
        const struct lb_row *row = lb->rows[i];
        const struct smap_node *node;

        SMAP_FOR_EACH (node, &row->external_ids) {
            if (!desired_owns_external_id(node->key)) {
                ds_put_format(&s, UUID_FMT" id %s %s\n",
                              UUID_ARGS(&row->uuid), node->key, node->value);
            }
        }
        SMAP_FOR_EACH (node, &row->options) {
            if (!desired_owns_option(node->key)) {
                ds_put_format(&s, UUID_FMT" option %s %s\n",
                              UUID_ARGS(&row->uuid), node->key, node->value);
            }
        }
    }
    return sort_lines(ds_steal_cstr(&s));
}

static bool
has_deletion(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->steps[i].verb == PLAN_ROW_DELETE) {
            return true;
        }
    }
    return false;
}

/* The driver's first look at them: one plan makes the rows what they must be,
 * leaves what is others', and after it there is nothing to do. */
static void
check_plan(const struct model_lb *lb, struct ovn_lb *seen,
           const struct topology *topology)
{
    const struct desired_facts facts = { .topology = topology };
    struct desired_watch watch;
    struct ovn_lb want;
    struct plan plan;

    desired_watch_init(&watch);
    desired_lb(lb, &facts, &want, &watch);
    plan_diff(&want, seen, &plan);

    char *before = list_foreign(seen);
    bool keeps_all = !has_deletion(&plan);
    ovn_lb_apply(seen, &plan);
    char *after = list_foreign(seen);
    if (keeps_all) {
        check_same(before, after);
    }
    free(after);
    free(before);
    plan_uninit(&plan);

    plan_diff(&want, seen, &plan);
    ovs_assert(!plan.n);
    plan_uninit(&plan);
    ovn_lb_uninit(&want);
    desired_watch_uninit(&watch);
}

/* What was adopted can be stored, and is then what it was. */
static void
check_import(const struct model_lb *lb)
{
    struct ovsdb_idl_txn *txn = store_check_begin();

    store_import_lb(txn, lb);

    struct model_lb *stored = store_load_lb(store_check_store(),
                                            &lb->base.id);
    char *before = list_objects(lb);
    char *after = list_objects(stored);

    check_same(before, after);
    free(after);
    free(before);
    model_lb_destroy(stored);
    store_check_end(txn);
}

/* Objects, without what the rows tell in part only: weights and states. */
static char *
list_objects(const struct model_lb *lb)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < lb->n_vips; i++) {
        ds_put_format(&s, "vip %s\n", lb->vips[i].address);
    }
    for (size_t i = 0; i < lb->n_listeners; i++) {
        const struct model_listener *l = &lb->listeners[i];

        ds_put_format(&s, "listener "UUID_FMT" %d %d "UUID_FMT"\n",
                      UUID_ARGS(&l->base.id), l->protocol, l->protocol_port,
                      UUID_ARGS(&l->default_pool_id));
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        const struct model_pool *p = &lb->pools[i];

        ds_put_format(&s, "pool "UUID_FMT" %d %d %s\n",
                      UUID_ARGS(&p->base.id), p->protocol, p->is_source_ip,
                      p->persistence_timeout ? p->persistence_timeout : "");
        for (size_t j = 0; j < p->n_members; j++) {
            const struct model_member *m = &p->members[j];

            ds_put_format(&s, "member "UUID_FMT" %s %d\n",
                          UUID_ARGS(&m->base.id), m->address,
                          m->protocol_port);
        }
    }
    return sort_lines(ds_steal_cstr(&s));
}

void
fuzz_adopt(const char *data, size_t size)
{
    static struct topology *topology;
    struct ovn_lb seen;

    if (!topology) {
        topology = topology_create(
            ovsdb_idl_create_unconnected(&nbrec_idl_class, false));
    }
    if (!utf8_is_valid(data, size)) {
        return;                 /* The database takes nothing else. */
    }
    parse_rows(data, &seen);

    struct model_lb *lb = seen.n_rows ? adopt(&seen, topology) : NULL;
    if (lb) {
        check_lb(lb);
        check_import(lb);
        check_plan(lb, &seen, topology);
        if (seen.n_rows) {
            struct model_lb *again = adopt(&seen, topology);
            char *first = list_objects(lb);
            char *second = list_objects(again);

            check_same(first, second);
            free(second);
            free(first);
            model_lb_destroy(again);
        }
        model_lb_destroy(lb);
    }
    ovn_lb_uninit(&seen);
}
