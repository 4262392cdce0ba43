/* SPDX-License-Identifier: Apache-2.0
 *
 * Cleaning up; see janitor.h.
 */

#include <config.h>
#include "driver/janitor.h"
#include <stdlib.h>
#include "base/commit.h"
#include "driver/port-provider.h"
#include "openvswitch/vlog.h"
#include "ovn/db/nb.h"
#include "ovn/db/unused.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(janitor);

struct janitor {
    struct nb *nb;              /* Borrowed, like 'ports'. */
    struct port_provider *ports;
    struct commit_op op;
    bool has_work;
    bool is_working;
};

static bool
janitor_write(struct commit_op *op, struct ovsdb_idl_txn *txn,
              unsigned int attempt OVS_UNUSED)
{
    struct janitor *janitor = CONTAINER_OF(op, struct janitor, op);
    size_t n = unused_remove(janitor->nb, txn);

    janitor->ports->class_->clean(janitor->ports);
    if (n) {
        VLOG_DBG("removing %"PRIuSIZE" things that nobody needs", n);
        return true;
    }
    janitor->is_working = false;
    return false;
}

/* Leaves what was not removed to the next sweep. */
static void
janitor_wrote(struct commit_op *op, enum commit_result result OVS_UNUSED,
              const char *error OVS_UNUSED)
{
    CONTAINER_OF(op, struct janitor, op)->is_working = false;
}

struct janitor *
janitor_create(struct nb *nb, struct port_provider *ports)
{
    struct janitor *janitor = xzalloc(sizeof *janitor);

    janitor->nb = nb;
    janitor->ports = ports;
    janitor->op.apply = janitor_write;
    janitor->op.done = janitor_wrote;
    return janitor;
}

void
janitor_destroy(struct janitor *janitor)
{
    free(janitor);
}

void
janitor_remind(struct janitor *janitor)
{
    janitor->has_work = true;
}

bool
janitor_is_busy(const struct janitor *janitor)
{
    return janitor->has_work || janitor->is_working;
}

void
janitor_run(struct janitor *janitor)
{
    janitor->has_work |= nb_take_lost_users(janitor->nb);
    janitor->has_work |= janitor->ports->class_->take_unneeded(janitor->ports);
    if (janitor->has_work && !janitor->is_working) {
        janitor->has_work = false;
        janitor->is_working = true;
        nb_submit(janitor->nb, &janitor->op);
    }
}
