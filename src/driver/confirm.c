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
#include "openvswitch/hmap.h"
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
    const struct nb *nb;        /* Borrowed, like 'queue'. */
    struct workq *queue;
    enum active_when active_when;
    struct hmap by_lb;
    struct ovs_list in_order;   /* By 'target'; announced ones are not in. */
};

/* For each setting: its word, how far OVN has come, and the text while that is
 * not far enough. */
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
confirms_create(const struct nb *nb, struct workq *queue,
                enum active_when active_when)
{
    struct confirms *confirms = xmalloc(sizeof *confirms);

    confirms->nb = nb;
    confirms->queue = queue;
    confirms->active_when = active_when;
    hmap_init(&confirms->by_lb);
    ovs_list_init(&confirms->in_order);
    return confirms;
}

static struct confirm *
confirm_find(const struct confirms *confirms, const struct uuid *lb_id)
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
confirm_destroy(struct confirms *confirms, struct confirm *confirm)
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
            confirm_destroy(confirms, confirm);
        }
        hmap_destroy(&confirms->by_lb);
        free(confirms);
    }
}

static bool
confirm_has_come(const struct confirms *confirms, int64_t target)
{
    return ways[confirms->active_when].reached(confirms->nb) >= target;
}

/* Waits for the newest configuration there is: the replica has seen the
 * commit, so it contains the load balancer. */
static void
confirm_start(struct confirms *confirms, const struct uuid *lb_id)
{
    struct confirm *confirm = xzalloc(sizeof *confirm);

    confirms_forget(confirms, lb_id);
    confirm->lb_id = *lb_id;
    confirm->target = nb_cfg(confirms->nb);
    hmap_insert(&confirms->by_lb, &confirm->node, uuid_hash(lb_id));
    ovs_list_push_back(&confirms->in_order, &confirm->in_order);
}

void
confirms_wrote(struct confirms *confirms, const struct uuid *lb_id)
{
    if (confirms->active_when != ACTIVE_COMMITTED) {
        confirm_start(confirms, lb_id);
    }
}

bool
confirms_reached(struct confirms *confirms, const struct uuid *lb_id)
{
    struct confirm *confirm = confirm_find(confirms, lb_id);

    if (confirms->active_when == ACTIVE_COMMITTED) {
        return true;
    }
    if (!confirm) {
        /* An earlier driver may have written it, and may have gone before OVN
         * had come that far. */
        if (confirm_has_come(confirms, nb_cfg(confirms->nb))) {
            return true;
        }
        confirm_start(confirms, lb_id);
        return false;
    }
    if (confirm_has_come(confirms, confirm->target)) {
        confirm_destroy(confirms, confirm);
        return true;
    }
    return false;
}

void
confirms_forget(struct confirms *confirms, const struct uuid *lb_id)
{
    struct confirm *confirm = confirm_find(confirms, lb_id);

    if (confirm) {
        confirm_destroy(confirms, confirm);
    }
}

const char *
confirms_what_is_missing(const struct confirms *confirms,
                         const struct uuid *lb_id)
{
    return (confirm_find(confirms, lb_id)
            ? ways[confirms->active_when].missing : NULL);
}

void
confirms_run(struct confirms *confirms)
{
    struct ovs_list *list = &confirms->in_order;

    while (!ovs_list_is_empty(list)) {
        struct confirm *first = CONTAINER_OF(ovs_list_front(list),
                                             struct confirm, in_order);
        if (!confirm_has_come(confirms, first->target)) {
            break;
        }
        ovs_list_remove(&first->in_order);
        ovs_list_init(&first->in_order);
        workq_add(confirms->queue, &first->lb_id);
    }
}
