/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows to adopt as text; see adopt-fixture.h.
 */

#include <config.h>
#include "adopt-fixture.h"
#include <ctype.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "model-fixture.h"
#include "model/objects.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/adopt.h"
#include "util.h"
#include "uuid.h"

/* Input. */

/* Replaces names by UUIDs.  The caller frees the result. */
static char *
expand(const char *text)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    for (const char *p = text; *p;) {
        size_t digits = isupper((unsigned char) *p)
                        ? strspn(p + 1, "0123456789") : 0;
        bool is_start = p == text || !isalnum((unsigned char) p[-1]);
        if (digits && is_start) {
            char *name = xmemdup0(p, digits + 1);
            struct uuid uuid = uuid_of(name);
            ds_put_format(&s, UUID_FMT, UUID_ARGS(&uuid));
            free(name);
            p += digits + 1;
        } else {
            ds_put_char(&s, *p++);
        }
    }
    return ds_steal_cstr(&s);
}

static void
parse_check(struct adopt_row *row, char *rest)
{
    struct adopt_check *check = adopt_row_add_check(row);
    char *key;

    while ((key = strsep(&rest, " "))) {
        const char *value = strsep(&rest, " ");

        assert_non_null(value);
        if (!strcmp(key, "vip")) {
            free(check->vip);
            check->vip = xstrdup(value);
        } else {
            smap_add(strncmp(key, "octavia:", 8) ? &check->options
                     : &check->external_ids, key, value);
        }
    }
}

static void
parse_line(struct adopt_row *row, char *line)
{
    char *rest = line;
    const char *word = strsep(&rest, " ");

    assert_non_null(rest);
    if (!strcmp(word, "hash")) {
        sset_destroy(&row->selection_fields);
        sset_from_delimited_string(&row->selection_fields, rest, " ");
    } else if (!strcmp(word, "check")) {
        parse_check(row, rest);
    } else if (!strcmp(word, "no")) {
        smap_remove(&row->external_ids, rest);
    } else {
        const char *key = strsep(&rest, " ");

        assert_non_null(rest);
        smap_replace(!strcmp(word, "vip") ? &row->vips
                     : !strcmp(word, "option") ? &row->options
                     : &row->external_ids, key, rest);
    }
}

static void
start_row(struct adopt_row *row, const char *protocol)
{
    char *port_id = expand("V1");

    adopt_row_init(row);
    free(row->protocol);
    row->protocol = xstrdup(protocol);
    sset_from_delimited_string(&row->selection_fields,
                               "ip_src ip_dst tp_src tp_dst", " ");
    smap_add(&row->external_ids, "enabled", "True");
    smap_add(&row->external_ids, "neutron:vip", "10.0.1.5");
    smap_add(&row->external_ids, "neutron:vip_port_id", port_id);
    free(port_id);
}

size_t
adopt_rows_parse(const char *text, struct adopt_row *rows)
{
    char *copy = expand(text);
    char *rest = copy;
    char *line;
    size_t n = 0;

    while ((line = strsep(&rest, "\n"))) {
        if (!strncmp(line, "row", 3)) {
            assert_true(n < ADOPT_ROWS_MAX);
            start_row(&rows[n++], line[3] ? &line[4] : "");
        } else if (line[0]) {
            parse_line(&rows[n - 1], line);
        }
    }
    free(copy);
    return n;
}

/* Output. */

static void
put_id(struct ds *s, const char *label, const struct uuid *id)
{
    if (!uuid_is_zero(id)) {
        ds_put_format(s, " %s="UUID_FMT, label, UUID_ARGS(id));
    }
}

static void
put_port(struct ds *s, const struct uuid *id)
{
    if (uuid_is_zero(id)) {
        ds_put_cstr(s, " none");
    } else {
        ds_put_format(s, " "UUID_FMT, UUID_ARGS(id));
    }
}

/* How things operate is for the roll-up's own test. */
static void
put_base(struct ds *s, const struct model_base *base)
{
    assert_int_equal(base->provisioning_status, PS_ACTIVE);
    ds_put_format(s, "%s\n", base->admin_state_up ? "" : " down");
}

static void
put_member(struct ds *s, const struct model_member *member)
{
    ds_put_format(s, "member "UUID_FMT" %s %"PRIu16,
                  UUID_ARGS(&member->base.id), member->address,
                  member->protocol_port);
    put_id(s, "subnet", &member->subnet_id);
    if (member->weight != 1) {
        ds_put_format(s, " weight=%d", member->weight);
    }
    if (member->health != HEALTH_NO_MONITOR) {
        ds_put_format(s, " health=%s", member->health == HEALTH_ERROR
                      ? "ERROR" : "ONLINE");
    }
    put_base(s, &member->base);
}

static void
put_pool(struct ds *s, const struct model_pool *pool)
{
    ds_put_format(s, "pool "UUID_FMT" %s%s", UUID_ARGS(&pool->base.id),
                  l4_protocol_to_ovn(pool->protocol),
                  pool->is_source_ip ? " source_ip" : "");
    if (pool->has_persistence) {
        ds_put_format(s, " affinity=%s", pool->persistence_timeout);
    }
    put_base(s, &pool->base);
    for (size_t i = 0; i < pool->n_members; i++) {
        put_member(s, &pool->members[i]);
    }

    const struct model_monitor *monitor = pool->monitor;
    if (monitor) {
        ds_put_format(s, "monitor "UUID_FMT" %s %d %d %d %d",
                      UUID_ARGS(&monitor->base.id),
                      monitor_type_to_octavia(monitor->type), monitor->delay,
                      monitor->timeout, monitor->max_retries,
                      monitor->max_retries_down);
        put_base(s, &monitor->base);
    }
}

static void
put_listener(struct ds *s, const struct model_listener *listener)
{
    ds_put_format(s, "listener "UUID_FMT" %s %"PRIu16,
                  UUID_ARGS(&listener->base.id),
                  l4_protocol_to_ovn(listener->protocol),
                  listener->protocol_port);
    put_id(s, "pool", &listener->default_pool_id);
    put_base(s, &listener->base);
}

static void
put_vip(struct ds *s, const struct model_vip *vip)
{
    ds_put_cstr(s, vip->address);
    put_port(s, &vip->port_id);
    put_id(s, "net", &vip->network_id);
    put_id(s, "subnet", &vip->subnet_id);
}

static void
put_lb(struct ds *s, const struct model_lb *lb)
{
    ds_put_cstr(s, "lb ");
    put_vip(s, &lb->vips[0]);
    put_base(s, &lb->base);
    for (size_t i = 1; i < lb->n_vips; i++) {
        assert_false(uuid_is_zero(&lb->vips[i].row));
        ds_put_cstr(s, "vip ");
        put_vip(s, &lb->vips[i]);
        ds_put_char(s, '\n');
    }
    for (size_t i = 0; i < lb->n_listeners; i++) {
        put_listener(s, &lb->listeners[i]);
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        put_pool(s, &lb->pools[i]);
    }
}

static void
put_problems(struct ds *s, const struct adopt_problems *problems)
{
    static const char *const words[] = {
        [ADOPT_NOTE] = "note",
        [ADOPT_LOSS] = "loss",
        [ADOPT_IMPOSSIBLE] = "impossible",
    };

    for (size_t i = 0; i < problems->n; i++) {
        ds_put_format(s, "%s: %s\n", words[problems->problems[i].severity],
                      problems->problems[i].text);
    }
}

char *
adopt_describe(const struct model_lb *lb,
               const struct adopt_problems *problems)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    if (lb) {
        put_lb(&s, lb);
    }
    put_problems(&s, problems);
    return name_uuids(ds_steal_cstr(&s));
}
