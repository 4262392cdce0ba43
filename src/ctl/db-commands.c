/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands of db-ctl-base on OVN_Octavia, and "show", which is one of
 * them: several may be given, separated by "--", and are one transaction.
 */

#include <config.h>
#include <stdio.h>
#include <stdlib.h>
#include "ctl/context.h"
#include "ctl/report.h"
#include "ctl/show.h"
#include "db-ctl-base.h"
#include "octavia-idl.h"
#include "openvswitch/vlog.h"
#include "ovsdb-data.h"
#include "ovsdb-idl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(db_commands);

/* Lists the columns by which rows may be named besides by their ids. */
static const struct ctl_table_class table_classes[OCTREC_N_TABLES] = {
    [OCTREC_TABLE_LOAD_BALANCER].row_ids[0]
    = { &octrec_load_balancer_col_name, NULL, NULL },
    [OCTREC_TABLE_LISTENER].row_ids[0]
    = { &octrec_listener_col_name, NULL, NULL },
    [OCTREC_TABLE_POOL].row_ids[0] = { &octrec_pool_col_name, NULL, NULL },
    [OCTREC_TABLE_MEMBER].row_ids[0]
    = { &octrec_member_col_name, NULL, NULL },
    [OCTREC_TABLE_HEALTH_MONITOR].row_ids[0]
    = { &octrec_health_monitor_col_name, NULL, NULL },
    [OCTREC_TABLE_L7_POLICY].row_ids[0]
    = { &octrec_l7_policy_col_name, NULL, NULL },
    [OCTREC_TABLE_QUOTA].row_ids[0]
    = { &octrec_quota_col_project_id, NULL, NULL },
    [OCTREC_TABLE_CONNECTION].row_ids[0]
    = { &octrec_connection_col_target, NULL, NULL },
};

static const struct ctl_command_syntax own_commands[] = {
    { "show", 0, 1, "[LB]", show_prerequisites, show_run, NULL, "", RO },
    { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO },
};

struct db_run {
    struct context *ctx;
    struct ovsdb_idl *idl;
    struct ctl_command *commands;
    size_t n_commands;
    const char *args;           /* The program's, for the log. */
    char *what;                 /* Names the event that is waited for. */
};

void
db_commands_init(void)
{
    ctl_init(&octrec_idl_class, octrec_table_classes, table_classes, NULL,
             context_exit);
    ctl_register_commands(own_commands);
}

static void
run_prerequisites(struct db_run *run)
{
    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *command = &run->commands[i];
        struct ctl_context ctl;

        if (!command->syntax->prerequisites) {
            continue;
        }
        ds_init(&command->output);
        command->table = NULL;
        ctl_context_init(&ctl, command, run->idl, NULL, NULL, NULL);
        command->syntax->prerequisites(&ctl);
        if (ctl.error) {
            ctl_fatal("%s", ctl.error);
        }
        ctl_context_done(&ctl, command);
    }
}

/* Returns false if a command wants to see something else first. */
static bool
run_commands(struct db_run *run, struct ovsdb_idl_txn *txn,
             struct ovsdb_symbol_table *symbols)
{
    struct ctl_context ctl;
    bool try_again = false;

    ctl_context_init(&ctl, NULL, run->idl, txn, symbols, NULL);
    for (size_t i = 0; i < run->n_commands && !try_again; i++) {
        struct ctl_command *command = &run->commands[i];

        ctl_context_init_command(&ctl, command, i == run->n_commands - 1);
        if (command->syntax->run) {
            command->syntax->run(&ctl);
        }
        if (ctl.error) {
            ctl_fatal("%s", ctl.error);
        }
        try_again = ctl.try_again;
        ctl_context_done_command(&ctl, command);
    }
    ctl_context_done(&ctl, NULL);
    return !try_again;
}

static void
check_symbols(const struct ovsdb_symbol_table *symbols)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &symbols->sh) {
        const struct ovsdb_symbol *symbol = node->data;
        if (!symbol->created) {
            ctl_fatal("row id \"%s\" is referenced but never created (e.g. "
                      "with \"-- --id=%s create ...\")", node->name,
                      node->name);
        }
        if (!symbol->strong_ref) {
            VLOG_WARN("row id \"%s\" was created but nothing that stays "
                      "refers to it, so it will not appear in the database",
                      node->name);
        }
    }
}

static enum ovsdb_idl_txn_status
db_run_commit(struct db_run *run, struct ovsdb_idl_txn *txn)
{
    for (;;) {
        enum ovsdb_idl_txn_status status = ovsdb_idl_txn_commit(txn);

        if (status != TXN_INCOMPLETE) {
            return status;
        }
        ovsdb_idl_run(run->idl);
        ovsdb_idl_wait(run->idl);
        ovsdb_idl_txn_wait(txn);
        context_block(run->ctx, run->idl, run->what);
    }
}

static void
run_postprocess(struct db_run *run, struct ovsdb_idl_txn *txn,
                struct ovsdb_symbol_table *symbols)
{
    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *command = &run->commands[i];
        struct ctl_context ctl;

        if (command->syntax->postprocess) {
            ctl_context_init(&ctl, command, run->idl, txn, symbols, NULL);
            command->syntax->postprocess(&ctl);
            if (ctl.error) {
                ctl_fatal("%s", ctl.error);
            }
            ctl_context_done(&ctl, command);
        }
    }
}

static void
clear_output(struct db_run *run)
{
    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *command = &run->commands[i];

        ds_destroy(&command->output);
        table_destroy(command->table);
        free(command->table);
        command->table = NULL;
        ds_init(&command->output);
    }
}

static void
print_oneline(struct ds *output)
{
    ds_chomp(output, '\n');
    for (const char *p = ds_cstr(output); *p; p++) {
        if (*p == '\n') {
            fputs("\\n", stdout);
        } else if (*p == '\\') {
            fputs("\\\\", stdout);
        } else {
            putchar(*p);
        }
    }
    putchar('\n');
}

static void
print_output(struct db_run *run)
{
    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *command = &run->commands[i];

        if (command->table) {
            table_print(command->table, &run->ctx->table_style);
        } else if (run->ctx->oneline) {
            print_oneline(&command->output);
        } else {
            fputs(ds_cstr(&command->output), stdout);
        }
    }
}

/* Makes one attempt.  Returns false if there must be another, after the
 * database has changed. */
static bool
try_commands(struct db_run *run)
{
    struct ovsdb_symbol_table *symbols = ovsdb_symbol_table_create();
    struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(run->idl);
    enum ovsdb_idl_txn_status status = TXN_TRY_AGAIN;

    if (run->ctx->dry_run) {
        ovsdb_idl_txn_set_dry_run(txn);
    }
    ovsdb_idl_txn_add_comment(txn, "ovn-octavia-ctl: %s", run->args);
    clear_output(run);
    if (run_commands(run, txn, symbols)) {
        check_symbols(symbols);
        status = db_run_commit(run, txn);
    } else {
        ovsdb_idl_txn_abort(txn);
    }

    bool ok = status == TXN_SUCCESS || status == TXN_UNCHANGED;
    if (ok) {
        run_postprocess(run, txn, symbols);
        print_output(run);
    } else if (status != TXN_TRY_AGAIN) {
        ctl_fatal("the database refused: %s", ovsdb_idl_txn_get_error(txn));
    }
    clear_output(run);
    ovsdb_idl_txn_destroy(txn);
    ovsdb_symbol_table_destroy(symbols);
    return ok;
}

static void
run_until_done(struct db_run *run)
{
    for (;;) {
        unsigned int seqno = ovsdb_idl_get_seqno(run->idl);

        if (try_commands(run)) {
            return;
        }
        while (seqno == ovsdb_idl_get_seqno(run->idl)) {
            ovsdb_idl_wait(run->idl);
            context_block(run->ctx, run->idl, run->what);
            ovsdb_idl_run(run->idl);
        }
    }
}

int
db_commands_run(struct context *ctx, int argc, char *argv[],
                struct shash *local_options, const char *args)
{
    struct db_run run = { .ctx = ctx, .args = args };

    show_set_json(report_is_json(ctx));
    char *error = ctl_parse_commands(argc, argv, local_options,
                                     &run.commands, &run.n_commands);
    if (error) {
        ctl_fatal("%s", error);
    }
    VLOG(ctl_might_write_to_db(run.commands, run.n_commands) ? VLL_INFO
         : VLL_DBG, "Called as %s", args);

    run.what = xasprintf("OVN_Octavia at %s", ctx->db);
    run.idl = ovsdb_idl_create(ctx->db, &octrec_idl_class, false, true);
    run_prerequisites(&run);
    context_load(ctx, run.idl, run.what);
    run_until_done(&run);

    for (size_t i = 0; i < run.n_commands; i++) {
        shash_destroy_free_data(&run.commands[i].options);
    }
    free(run.commands);
    free(run.what);
    ovsdb_idl_destroy(run.idl);
    return EXIT_SUCCESS;
}
