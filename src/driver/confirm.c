/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for northd and the chassis; see confirm.h.
 */

#include <config.h>
#include "driver/confirm.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/workq.h"
#include "driver/driver.h"
#include "openvswitch/list.h"
#include "ovn/db/nb.h"
#include "util.h"
#include "uuid.h"

struct confirm {
    struct hmap_node node;      /* In confirms' 'by_lb', by 'lb_id'. */
    struct ovs_list in_order;   /* In confirms' 'in_order'. */
    struct uuid lb_id;
    int64_t target;             /* The configuration that holds it. */
};

struct confirms {
    struct hmap by_lb;
    struct ovs_list in_order;   /* By 'target'; announced ones are not in. */
};

/* For each setting: the word, how far OVN has come, and what to say while that
 * is not far enough. */
static const struct {
    const char *word;
    int64_t (*reached)(const struct nb *);
    const char *missing;
} ways[] = {
    [ACTIVE_COMMITTED] = { "committed", nb_cfg, "" },
    [ACTIVE_NORTHD] = { "northd", nb_sb_cfg,
                        "ovn-northd has not translated the change" },
    [ACTIVE_CHASSIS] = { "chassis", nb_hv_cfg,
                         "not every chassis has installed the change" },
};

bool
active_when_from_string(const char *word, enum active_when *ret)
{
    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        if (!strcmp(ways[i].word, word)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

struct confirms *
confirms_create(void)
{
    struct confirms *confirms = xmalloc(sizeof *confirms);

    hmap_init(&confirms->by_lb);
    ovs_list_init(&confirms->in_order);
    return confirms;
}

static struct confirm *
find(const struct confirms *confirms, const struct uuid *lb_id)
{
    struct confirm *confirm;
    HMAP_FOR_EACH_WITH_HASH (confirm, node, uuid_hash(lb_id),
                             &confirms->by_lb) {
        if (uuid_equals(&confirm->lb_id, lb_id)) {
            return confirm;
        }
    }
    return NULL;
}

static void
forget(struct confirms *confirms, struct confirm *confirm)
{
    hmap_remove(&confirms->by_lb, &confirm->node);
    ovs_list_remove(&confirm->in_order);
    free(confirm);
}

void
confirms_destroy(struct confirms *confirms)
{
    if (confirms) {
        struct confirm *confirm;
        HMAP_FOR_EACH_SAFE (confirm, node, &confirms->by_lb) {
            forget(confirms, confirm);
        }
        hmap_destroy(&confirms->by_lb);
        free(confirms);
    }
}

static bool
is_reached(const struct driver *driver, int64_t target)
{
    return ways[driver->options.active_when].reached(driver->nb) >= target;
}

/* The newest configuration there is contains what the load balancer waits for:
 * the replica has seen the commit. */
static void
start_waiting(struct driver *driver, const struct uuid *lb_id)
{
    struct confirms *confirms = driver->confirms;
    struct confirm *confirm = find(confirms, lb_id);

    if (confirm) {
        forget(confirms, confirm);
    }
    confirm = xzalloc(sizeof *confirm);
    confirm->lb_id = *lb_id;
    confirm->target = nb_cfg(driver->nb);
    hmap_insert(&confirms->by_lb, &confirm->node, uuid_hash(lb_id));
    ovs_list_push_back(&confirms->in_order, &confirm->in_order);
}

void
confirm_wrote(struct driver *driver, const struct uuid *lb_id)
{
    if (driver->options.active_when != ACTIVE_COMMITTED) {
        start_waiting(driver, lb_id);
    }
}

bool
confirm_is_reached(struct driver *driver, const struct uuid *lb_id)
{
    struct confirm *confirm = find(driver->confirms, lb_id);

    if (driver->options.active_when == ACTIVE_COMMITTED) {
        return true;
    }
    if (!confirm) {
        /* Perhaps the driver before us wrote it and saw no more. */
        if (is_reached(driver, nb_cfg(driver->nb))) {
            return true;
        }
        start_waiting(driver, lb_id);
        return false;
    }
    if (is_reached(driver, confirm->target)) {
        forget(driver->confirms, confirm);
        return true;
    }
    return false;
}

void
confirm_forget(struct driver *driver, const struct uuid *lb_id)
{
    struct confirm *confirm = find(driver->confirms, lb_id);

    if (confirm) {
        forget(driver->confirms, confirm);
    }
}

bool
confirm_is_waiting(const struct driver *driver, const struct uuid *lb_id)
{
    return find(driver->confirms, lb_id) != NULL;
}

const char *
confirm_what_is_missing(const struct driver *driver)
{
    return ways[driver->options.active_when].missing;
}

void
confirms_run(struct driver *driver)
{
    struct ovs_list *list = &driver->confirms->in_order;

    while (!ovs_list_is_empty(list)) {
        struct confirm *first = CONTAINER_OF(ovs_list_front(list),
                                             struct confirm, in_order);
        if (!is_reached(driver, first->target)) {
            break;
        }
        ovs_list_remove(&first->in_order);
        ovs_list_init(&first->in_order);
        workq_add(driver->queue, &first->lb_id);
    }
}
