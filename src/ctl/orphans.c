/* SPDX-License-Identifier: Apache-2.0
 *
 * "orphans" and "remove-orphan": what looks like ours in OVN and belongs to no
 * load balancer in OVN_Octavia.  Nothing is removed that was not named.
 */

#include <config.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/array.h"
#include "ctl/context.h"
#include "ctl/report.h"
#include "db-ctl-base.h"
#include "openvswitch/json.h"
#include "ovn/inventory/inventory.h"
#include "store/store.h"
#include "store/tree.h"
#include "util.h"
#include "uuid.h"

static const char *const kinds[N_ORPHAN_KINDS] = {
    [ORPHAN_LB] = "load-balancer",
    [ORPHAN_VIP_PORT] = "vip-port",
    [ORPHAN_HM_PORT] = "hm-port",
    [ORPHAN_GROUP] = "group",
    [ORPHAN_ACL] = "acl",
    [ORPHAN_PORT_GROUP] = "port-group",
};

static bool
has_lb(const struct uuid *lb_id, const void *store)
{
    return store_has_lb(store, lb_id);
}

static void
find_orphans(struct context *ctx, struct orphans *ret)
{
    const struct store *store = context_store(ctx);

    inventory_orphans(context_inventory(ctx), has_lb, store, ret);
}

static void
orphans_report(const struct orphans *orphans)
{
    struct json *document = json_object_create();
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < orphans->n; i++) {
        const struct orphan *orphan = &orphans->orphans[i];
        struct json *object = json_object_create();

        report_put_text(object, "kind", kinds[orphan->kind]);
        report_put_uuid(object, "id", &orphan->uuid);
        report_put_text(object, "name", orphan->name);
        report_put_bool(object, "is_neutrons", orphan->is_neutrons);
        json_array_add(array, object);
    }
    json_object_put(document, "orphans", array);
    report_print(document);
}

static int
run_list(struct context *ctx, int argc, char *argv[] OVS_UNUSED)
{
    struct orphans orphans;

    if (argc > 1) {
        ctl_fatal("orphans takes no arguments");
    }
    find_orphans(ctx, &orphans);
    if (report_is_json(ctx)) {
        orphans_report(&orphans);
    }
    for (size_t i = 0; i < orphans.n && !report_is_json(ctx); i++) {
        const struct orphan *orphan = &orphans.orphans[i];
        printf("%-13s "UUID_FMT"  %s%s\n", kinds[orphan->kind],
               UUID_ARGS(&orphan->uuid), orphan->name,
               orphan->is_neutrons ? "  (in Neutron)" : "");
    }
    orphans_uninit(&orphans);
    return EXIT_SUCCESS;
}

const struct tool_command command_orphans = { "orphans", run_list };

/* Removal. */

struct orphan_removal {
    struct commit_op op;
    struct inventory *inventory;
    const struct orphan **orphans;
    size_t n, allocated;
    bool is_over;
    char *error;
};

static bool
removal_apply(struct commit_op *op, struct ovsdb_idl_txn *txn,
              unsigned int attempt OVS_UNUSED)
{
    struct orphan_removal *removal = CONTAINER_OF(op, struct orphan_removal,
                                                  op);

    for (size_t i = 0; i < removal->n; i++) {
        inventory_remove(removal->inventory, txn, removal->orphans[i]);
    }
    return true;
}

static void
removal_done(struct commit_op *op, enum commit_result result,
             const char *error)
{
    struct orphan_removal *removal = CONTAINER_OF(op, struct orphan_removal,
                                                  op);

    removal->is_over = true;
    if (result == COMMIT_FAILED) {
        removal->error = xstrdup(error);
    }
}

static bool
removal_is_over(void *removal)
{
    return ((struct orphan_removal *) removal)->is_over;
}

static bool
is_called(const struct orphan *orphan, const char *word)
{
    struct uuid uuid;

    return (!strcmp(orphan->name, word)
            || (uuid_from_string(&uuid, word)
                && uuid_equals(&uuid, &orphan->uuid)));
}

/* Once, however often it is named. */
static void
removal_add(struct orphan_removal *removal, const struct orphan *orphan)
{
    for (size_t i = 0; i < removal->n; i++) {
        if (removal->orphans[i] == orphan) {
            return;
        }
    }
    ARRAY_GROW(removal->orphans, removal->n, removal->allocated);
    removal->orphans[removal->n++] = orphan;
}

/* A load balancer's rows have one name. */
static void
removal_add_named(struct context *ctx, struct orphan_removal *removal,
                  const struct orphans *orphans, const char *word)
{
    bool found = false;
    struct uuid id;

    for (size_t i = 0; i < orphans->n; i++) {
        const struct orphan *orphan = &orphans->orphans[i];

        if (!is_called(orphan, word)) {
            continue;
        }
        if (orphan->is_neutrons) {
            ctl_fatal("%s is a port in Neutron: remove it there; nothing was "
                      "removed", orphan->name);
        }
        removal_add(removal, orphan);
        found = true;
    }
    if (!found && uuid_from_string(&id, word)
        && store_has_lb(context_store(ctx), &id)) {
        ctl_fatal("load balancer %s is in OVN_Octavia: delete it with the "
                  "API; nothing was removed", word);
    }
    if (!found) {
        ctl_fatal("%s is none of the orphans; nothing was removed", word);
    }
}

static int
run_remove(struct context *ctx, int argc, char *argv[])
{
    struct orphan_removal removal = {
        .op = { .apply = removal_apply, .done = removal_done },
        .inventory = context_inventory(ctx),
    };
    struct orphans orphans;

    if (argc < 2) {
        ctl_fatal("remove-orphan needs the id of what is to be removed");
    }
    find_orphans(ctx, &orphans);
    for (int i = 1; i < argc; i++) {
        removal_add_named(ctx, &removal, &orphans, argv[i]);
    }
    if (!ctx->dry_run) {
        inventory_submit(removal.inventory, &removal.op);
        context_wait_until(ctx, removal_is_over, &removal,
                           "OVN_Northbound to remove the orphans");
    }
    if (removal.error) {
        ctl_fatal("nothing was removed: %s", removal.error);
    }
    for (size_t i = 0; i < removal.n; i++) {
        const struct orphan *orphan = removal.orphans[i];
        printf("%s %s "UUID_FMT"  %s\n",
               ctx->dry_run ? "would remove" : "removed",
               kinds[orphan->kind], UUID_ARGS(&orphan->uuid), orphan->name);
    }
    free(removal.orphans);
    orphans_uninit(&orphans);
    return EXIT_SUCCESS;
}

const struct tool_command command_remove_orphan = { "remove-orphan",
                                                  run_remove };
