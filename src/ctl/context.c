/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens and reads what the commands share; see context.h.
 */

#include <config.h>
#include "ctl/context.h"
#include <stdlib.h>
#include "base/config.h"
#include "base/octavia-conf.h"
#include "base/octavia-settings.h"
#include "base/places.h"
#include "base/tls.h"
#include "ctl/find.h"
#include "db-ctl-base.h"
#include "octavia-idl.h"
#include "openvswitch/poll-loop.h"
#include "ovn/db/nb-facts.h"
#include "ovn/db/nb.h"
#include "ovn/db/sb-facts.h"
#include "ovn/db/sb.h"
#include "ovn/inventory/inventory.h"
#include "ovsdb-idl.h"
#include "store/store.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

#define DEFAULT_TIMEOUT_S 30

/* db-ctl-base ends the program from wherever it is, and knows no context. */
static int failure_status = EXIT_FAILURE;

/* As ovn-nbctl(8) does. */
static char *
context_getenv(const char *variable)
{
    const char *value = getenv(variable);

    return value && value[0] ? xstrdup(value) : NULL;
}

void
context_init(struct context *ctx)
{
    *ctx = (struct context) {
        .db = context_getenv("OVN_OCTAVIA_DB"),
        .nb_db = context_getenv("OVN_NB_DB"),
        .sb_db = context_getenv("OVN_SB_DB"),
        .driver_ctl = context_getenv("OVN_OCTAVIA_DRIVER_CTL"),
        .timeout_s = DEFAULT_TIMEOUT_S,
        .table_style = TABLE_STYLE_DEFAULT,
    };
}

void
context_uninit(struct context *ctx)
{
    store_destroy(ctx->store);
    inventory_destroy(ctx->inventory);
    nb_destroy(ctx->nb);
    sb_destroy(ctx->sb);
    sb_facts_destroy(ctx->sb_facts);
    free(ctx->db);
    free(ctx->nb_db);
    free(ctx->sb_db);
    free(ctx->driver_ctl);
    free(ctx->octavia_conf);
    free(ctx->association);
    free(ctx->allowed_cidrs);
}

void
context_set_failure_status(int status)
{
    failure_status = status;
}

void
context_exit(int status)
{
    exit(status == EXIT_FAILURE ? failure_status : status);
}

static void
take_octavias(struct context *ctx)
{
    char *error = NULL;
    struct octavia_conf *conf = octavia_conf_load(ctx->octavia_conf, &error);

    if (!conf) {
        ctl_fatal("%s", error);
    }
    if (!octavia_settings_use_tls(conf, &error)) {
        ctl_fatal("%s: %s", ctx->octavia_conf, error);
    }
    config_set_default(&ctx->db, nullable_xstrdup(octavia_conf_get(
        conf, "ovn_octavia", "db")));
    config_set_default(&ctx->nb_db,
                       octavia_settings_remote(conf, "ovn_nb_connection"));
    config_set_default(&ctx->sb_db,
                       octavia_settings_remote(conf, "ovn_sb_connection"));
    octavia_conf_destroy(conf);
}

static void
context_set_defaults(struct context *ctx)
{
    if (ctx->octavia_conf) {
        take_octavias(ctx);
    }
    config_set_default(&ctx->association,
                       xstrdup(ctx->octavia_conf ? "direct" : "group"));
    config_set_default(&ctx->db, places_octavia_db());
    config_set_default(&ctx->nb_db, places_nb_db());
    config_set_default(&ctx->sb_db, places_sb_db());
}

void
context_start(struct context *ctx)
{
    context_set_defaults(ctx);
    ctx->deadline_ms = time_msec() + ctx->timeout_s * 1000LL;
}

void
context_block(struct context *ctx, const struct ovsdb_idl *idl,
              const char *what)
{
    if (time_msec() >= ctx->deadline_ms) {
        int error = idl ? ovsdb_idl_get_last_error(idl) : 0;
        ctl_fatal("gave up waiting for %s after %u s%s%s", what,
                  ctx->timeout_s, error ? ": " : "",
                  error ? ovs_retval_to_string(error) : "");
    }
    poll_timer_wait_until(ctx->deadline_ms);
    poll_block();
}

/* Nothing here ever writes into OVN but the inventory, which removes
 * orphans. */
static void
run_all(struct context *ctx)
{
    if (ctx->store) {
        store_run(ctx->store);
    }
    if (ctx->inventory) {
        inventory_run(ctx->inventory);
    }
    if (ctx->nb) {
        nb_run(ctx->nb, false);
    }
    if (ctx->sb) {
        sb_run(ctx->sb);
    }
    if (ctx->sb_facts) {
        sb_facts_run(ctx->sb_facts);
    }
}

static void
wait_all(struct context *ctx)
{
    if (ctx->store) {
        store_wait(ctx->store);
    }
    if (ctx->inventory) {
        inventory_wait(ctx->inventory);
    }
    if (ctx->nb) {
        nb_wait(ctx->nb, false);
    }
    if (ctx->sb) {
        sb_wait(ctx->sb);
    }
    if (ctx->sb_facts) {
        sb_facts_wait(ctx->sb_facts);
    }
}

void
context_wait_until(struct context *ctx, bool (*is_over)(void *), void *aux,
                   const char *what)
{
    for (;;) {
        run_all(ctx);
        if (is_over(aux)) {
            return;
        }
        wait_all(ctx);
        context_block(ctx, NULL, what);
    }
}

static bool
context_store_is_open(void *store)
{
    return store_is_ready(store);
}

struct store *
context_store(struct context *ctx)
{
    if (!ctx->store) {
        char *what = xasprintf("OVN_Octavia at %s", ctx->db);
        ctx->store = store_create(ctx->db, STORE_READER_WRITER);
        context_wait_until(ctx, context_store_is_open, ctx->store, what);
        free(what);
    }
    return ctx->store;
}

static bool
inventory_is_open(void *inventory)
{
    return inventory_is_ready(inventory);
}

struct inventory *
context_inventory(struct context *ctx)
{
    if (!ctx->inventory) {
        char *what = xasprintf("OVN_Northbound at %s", ctx->nb_db);
        ctx->inventory = inventory_create(ctx->nb_db);
        context_wait_until(ctx, inventory_is_open, ctx->inventory, what);
        free(what);
    }
    return ctx->inventory;
}

static bool
nb_is_open(void *nb)
{
    return nb_is_ready(nb);
}

struct nb *
context_nb(struct context *ctx)
{
    if (!ctx->nb) {
        char *what = xasprintf("OVN_Northbound at %s", ctx->nb_db);
        ctx->nb = nb_create(ctx->nb_db);
        nb_facts_add_columns(ctx->nb);
        context_wait_until(ctx, nb_is_open, ctx->nb, what);
        free(what);
    }
    return ctx->nb;
}

static bool
sb_is_open(void *sb)
{
    return sb_is_ready(sb);
}

struct sb *
context_sb(struct context *ctx)
{
    if (!ctx->sb) {
        char *what = xasprintf("OVN_Southbound at %s", ctx->sb_db);
        ctx->sb = sb_create(ctx->sb_db);
        context_wait_until(ctx, sb_is_open, ctx->sb, what);
        free(what);
    }
    return ctx->sb;
}

static bool
sb_facts_are_open(void *facts)
{
    return sb_facts_are_ready(facts);
}

struct sb_facts *
context_sb_facts(struct context *ctx)
{
    if (!ctx->sb_facts) {
        char *what = xasprintf("OVN_Southbound at %s", ctx->sb_db);
        ctx->sb_facts = sb_facts_create(ctx->sb_db);
        context_wait_until(ctx, sb_facts_are_open, ctx->sb_facts, what);
        free(what);
    }
    return ctx->sb_facts;
}

void
context_load(struct context *ctx, struct ovsdb_idl *idl, const char *what)
{
    for (;;) {
        tls_use("OVN_Octavia");
        ovsdb_idl_run(idl);
        if (ovsdb_idl_has_ever_connected(idl)) {
            return;
        }
        ovsdb_idl_wait(idl);
        context_block(ctx, idl, what);
    }
}

struct uuid
context_find_lb(struct context *ctx, const char *name)
{
    struct uuid id;

    if (uuid_from_string(&id, name)) {
        return id;
    }

    char *what = xasprintf("OVN_Octavia at %s", ctx->db);
    struct ovsdb_idl *idl = ovsdb_idl_create(ctx->db, &octrec_idl_class,
                                             false, true);
    find_lb_add_columns(idl);
    context_load(ctx, idl, what);

    char *error;
    const struct octrec_load_balancer *lb = find_lb_by_name(idl, name, &error);
    if (!lb) {
        ctl_fatal("%s", error);
    }
    id = lb->header_.uuid;
    ovsdb_idl_destroy(idl);
    free(what);
    return id;
}
