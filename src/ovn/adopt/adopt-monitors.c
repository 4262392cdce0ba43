/* SPDX-License-Identifier: Apache-2.0
 *
 * Health monitors out of Load_Balancer_Health_Check rows; see adopt.h.  There
 * is a row for each VIP and floating IP, and all rows of one monitor say the
 * same.
 */

#include <config.h>
#include "base/ovs-compat.h"
#include "ovn/adopt/adopt-private.h"
#include <string.h>
#include "base/json-read.h"
#include "openvswitch/json.h"
#include "util.h"
#include "uuid.h"

/* An option of a row, and what OVN does without it. */
static const struct check_option {
    const char *name;
    int fallback;
    int min, max;               /* In Octavia. */
    size_t offset;              /* In struct model_monitor. */
} check_options[] = {
    { "interval", 5, 0, INT_MAX, offsetof(struct model_monitor, delay) },
    { "timeout", 20, 0, INT_MAX, offsetof(struct model_monitor, timeout) },
    { "success_count", 3, 1, 10,
      offsetof(struct model_monitor, max_retries) },
    { "failure_count", 3, 1, 10,
      offsetof(struct model_monitor, max_retries_down) },
};

static void adopt_check(struct adopter *, const struct adopt_row *,
                        const struct adopt_check *);
static void check_list(struct adopter *, const struct adopt_row *);

void
adopt_monitors(struct adopter *adopter, const struct adopt_row *row)
{
    for (size_t i = 0; i < row->n_checks; i++) {
        adopt_check(adopter, row, &row->checks[i]);
    }
    check_list(adopter, row);
}

static void
read_options(struct adopter *adopter, const struct adopt_check *check,
             struct model_monitor *monitor)
{
    for (size_t i = 0; i < ARRAY_SIZE(check_options); i++) {
        const struct check_option *option = &check_options[i];
        const char *text = smap_get(&check->options, option->name);
        int *value = ALIGNED_CAST(int *, (char *) monitor + option->offset);

        *value = option->fallback;
        if (text && !adopt_parse_number(text, option->min, option->max,
                                        value)) {
            adopt_problem(adopter, ADOPT_LOSS, "monitor "UUID_FMT": %s is "
                          "\"%s\"; taken as %d",
                          UUID_ARGS(&monitor->base.id), option->name, text,
                          option->fallback);
        }
    }
}

static bool
monitors_are_equal(const struct model_monitor *a,
                   const struct model_monitor *b)
{
    return (uuid_equals(&a->base.id, &b->base.id) && a->delay == b->delay
            && a->timeout == b->timeout && a->max_retries == b->max_retries
            && a->max_retries_down == b->max_retries_down);
}

static struct model_pool *
find_pool(struct adopter *adopter, const struct adopt_row *row,
          const struct uuid *id)
{
    for (size_t i = 0; i < adopter->lb->n_pools; i++) {
        if (adopter->pool_rows[i] == row
            && uuid_equals(&adopter->lb->pools[i].base.id, id)) {
            return &adopter->lb->pools[i];
        }
    }
    return NULL;
}

static void
add_monitor(struct adopter *adopter, struct model_pool *pool,
            struct model_monitor *monitor)
{
    struct uuid id = monitor->base.id;

    if (pool->protocol == L4_SCTP) {
        adopt_problem(adopter, ADOPT_LOSS, "monitor "UUID_FMT" is for SCTP, "
                      "which OVN cannot probe", UUID_ARGS(&id));
    } else if (adopt_base(adopter, &monitor->base, &id, true, "monitor")) {
        monitor->type = (pool->protocol == L4_UDP ? MONITOR_UDP_CONNECT
                         : MONITOR_TCP);
        pool->monitor = xmemdup(monitor, sizeof *monitor);
    }
}

static void
adopt_check(struct adopter *adopter, const struct adopt_row *row,
            const struct adopt_check *check)
{
    const char *id = smap_get(&check->external_ids, "octavia:healthmonitor");
    const char *pool_id = smap_get(&check->external_ids, "octavia:pool_id");
    struct model_monitor monitor = { .delay = 0 };
    struct uuid pool_uuid;

    if (!adopt_parse_uuid(id, &monitor.base.id)) {
        adopt_problem(adopter, ADOPT_LOSS, "the health check of \"%s\" is of "
                      "no monitor", check->vip);
        return;
    }

    struct model_pool *pool
        = (adopt_parse_uuid(pool_id, &pool_uuid)
           ? find_pool(adopter, row, &pool_uuid) : NULL);
    if (!pool) {
        adopt_problem(adopter, ADOPT_LOSS, "monitor %s is for pool \"%s\", "
                      "which is not there", id, pool_id ? pool_id : "");
        return;
    }
    read_options(adopter, check, &monitor);
    if (!pool->monitor) {
        add_monitor(adopter, pool, &monitor);
    } else if (!monitors_are_equal(pool->monitor, &monitor)) {
        adopt_problem(adopter, ADOPT_LOSS, "the health checks of pool %s "
                      "disagree; taken as the first", pool_id);
    }
}

static bool
has_monitor(const struct adopter *adopter, const struct json *id)
{
    struct uuid uuid;

    if (id->type != JSON_STRING
        || !adopt_parse_uuid(json_string(id), &uuid)) {
        return false;
    }
    for (size_t i = 0; i < adopter->lb->n_pools; i++) {
        const struct model_monitor *monitor = adopter->lb->pools[i].monitor;
        if (monitor && uuid_equals(&monitor->base.id, &uuid)) {
            return true;
        }
    }
    return false;
}

/* A monitor that the row names must have a health check. */
static void
check_list(struct adopter *adopter, const struct adopt_row *row)
{
    const char *text = smap_get(&row->external_ids, "octavia:healthmonitors");
    struct json *ids = text ? json_read(text, strlen(text)) : NULL;

    if (text && (!ids || ids->type != JSON_ARRAY)) {
        adopt_problem(adopter, ADOPT_NOTE,
                      "octavia:healthmonitors is no JSON list");
    } else if (ids) {
        for (size_t i = 0; i < json_array_size(ids); i++) {
            const struct json *id = json_array_at(ids, i);
            if (!has_monitor(adopter, id)) {
                adopt_problem(adopter, ADOPT_LOSS, "monitor %s has no health "
                              "check", id->type == JSON_STRING
                              ? json_string(id) : "without id");
            }
        }
    }
    json_destroy(ids);
}
