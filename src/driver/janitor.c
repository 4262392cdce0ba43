/* SPDX-License-Identifier: Apache-2.0
 *
 * Cleaning up; see janitor.h.
 */

#include <config.h>
#include "driver/janitor.h"
#include <stdlib.h>
#include "base/commit.h"
#include "driver/driver.h"
#include "driver/neutron-sources.h"
#include "openvswitch/vlog.h"
#include "ovn/db/nb.h"
#include "ovn/db/unused.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(janitor);

struct janitor {
    struct driver *driver;      /* While 'is_working'. */
    struct commit_op op;
    bool has_work;
    bool is_working;
};

static bool
write_removal(struct commit_op *op, struct ovsdb_idl_txn *txn,
              unsigned int attempt OVS_UNUSED)
{
    struct janitor *janitor = CONTAINER_OF(op, struct janitor, op);
    size_t n = leftovers_remove(janitor->driver->nb, txn);

    if (janitor->driver->neutron_sources) {
        neutron_sources_clean(janitor->driver->neutron_sources);
    }
    if (n) {
        VLOG_DBG("removing %"PRIuSIZE" things that nobody needs", n);
        return true;
    }
    janitor->is_working = false;
    return false;
}

/* What was not removed is looked at with the next sweep. */
static void
wrote_removal(struct commit_op *op, enum commit_result result OVS_UNUSED,
              const char *error OVS_UNUSED)
{
    CONTAINER_OF(op, struct janitor, op)->is_working = false;
}

struct janitor *
janitor_create(void)
{
    struct janitor *janitor = xzalloc(sizeof *janitor);

    janitor->op.apply = write_removal;
    janitor->op.done = wrote_removal;
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
janitor_run(struct driver *driver)
{
    struct janitor *janitor = driver->janitor;

    janitor->has_work |= nb_take_lost_users(driver->nb);
    if (janitor->has_work && !janitor->is_working) {
        janitor->has_work = false;
        janitor->is_working = true;
        janitor->driver = driver;
        nb_submit(driver->nb, &janitor->op);
    }
}
