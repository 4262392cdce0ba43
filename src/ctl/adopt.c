/* SPDX-License-Identifier: Apache-2.0
 *
 * "adopt": takes load balancers over that are in OVN and not in OVN_Octavia.
 * Each is one transaction: it is there as a whole, or not at all.
 */

#include <config.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/limits.h"
#include "ctl/context.h"
#include "db-ctl-base.h"
#include "model/objects.h"
#include "ovn/adopt/adopt.h"
#include "ovn/inventory/inventory.h"
#include "store/import.h"
#include "store/store.h"
#include "store/tree.h"
#include "util.h"
#include "uuid.h"

struct adopt_options {
    bool dry_run;
    bool force;
    const char *project;        /* For load balancers whose project OVN does
                                 * not know. */
};

/* A load balancer that may be adopted. */
struct candidate {
    struct commit_op op;
    struct store *store;
    struct uuid id;
    struct model_lb *lb;        /* NULL: impossible. */
    struct adopt_problems problems;
    bool is_wanted;
    bool is_over;               /* Done; only used if 'is_wanted'. */
    char *error;                /* The reason for which it failed, or NULL. */
};

static void adopt_parse_options(int argc, char *argv[],
                                struct adopt_options *);
static void adopt_choose(struct context *, int argc, char *argv[],
                         struct uuidset *ids);
static void adopt_load(struct context *, const struct adopt_options *,
                       struct candidate *);
static void import_all(struct context *, struct candidate *, size_t n);
static void adopt_print_all(const struct candidate *, size_t n,
                            const struct adopt_options *);
static int compare_candidates(const void *, const void *);

static int
adopt_run(struct context *ctx, int argc, char *argv[])
{
    struct adopt_options options = { .dry_run = ctx->dry_run };
    struct uuidset ids = UUIDSET_INITIALIZER(&ids);
    int exit_status = EXIT_SUCCESS;

    adopt_parse_options(argc, argv, &options);
    adopt_choose(ctx, argc - optind, argv + optind, &ids);

    size_t n = 0;
    struct candidate *candidates = xcalloc(uuidset_count(&ids),
                                           sizeof *candidates);
    const struct uuidset_node *node;
    UUIDSET_FOR_EACH (node, &ids) {
        candidates[n++].id = node->uuid;
    }
    qsort(candidates, n, sizeof *candidates, compare_candidates);
    for (size_t i = 0; i < n; i++) {
        adopt_load(ctx, &options, &candidates[i]);
    }
    if (!options.dry_run) {
        import_all(ctx, candidates, n);
    }
    adopt_print_all(candidates, n, &options);

    for (size_t i = 0; i < n; i++) {
        if (!candidates[i].is_wanted || candidates[i].error) {
            exit_status = EXIT_FAILURE;
        }
        adopt_problems_uninit(&candidates[i].problems);
        model_lb_destroy(candidates[i].lb);
        free(candidates[i].error);
    }
    free(candidates);
    uuidset_destroy(&ids);
    return exit_status;
}

const struct tool_command command_adopt = { "adopt", adopt_run };

static int
compare_candidates(const void *a_, const void *b_)
{
    const struct candidate *a = a_;
    const struct candidate *b = b_;

    return uuid_compare_3way(&a->id, &b->id);
}

static void
adopt_parse_options(int argc, char *argv[], struct adopt_options *options)
{
    enum { OPT_DRY_RUN = UCHAR_MAX + 1, OPT_FORCE, OPT_PROJECT };
    static const struct option long_options[] = {
        { "dry-run", no_argument, NULL, OPT_DRY_RUN },
        { "force", no_argument, NULL, OPT_FORCE },
        { "project", required_argument, NULL, OPT_PROJECT },
        { NULL, 0, NULL, 0 },
    };
    int c;

    optind = 0;                 /* Begin anew. */
    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (c) {
        case OPT_DRY_RUN:
            options->dry_run = true;
            break;

        case OPT_FORCE:
            options->force = true;
            break;

        case OPT_PROJECT:
            options->project = optarg;
            break;

        default:
            exit(EXIT_FAILURE); /* getopt_long() has said why. */
        }
    }
    if (options->project && strlen(options->project) > PROJECT_ID_MAX) {
        ctl_fatal("--project: an id has at most %d characters",
                  PROJECT_ID_MAX);
    }
}

/* Collects the ids that are named, which must be there to be adopted, or
 * all. */
static void
adopt_choose(struct context *ctx, int argc, char *argv[], struct uuidset *ids)
{
    struct store *store = context_store(ctx);
    struct uuidset there = UUIDSET_INITIALIZER(&there);
    const struct uuidset_node *node;

    inventory_lbs(context_inventory(ctx), &there);
    for (int i = 0; i < argc; i++) {
        struct uuid id;
        if (!uuid_from_string(&id, argv[i])) {
            ctl_fatal("\"%s\" is not the id of a load balancer: OVN does not "
                      "know their names", argv[i]);
        }
        if (store_has_lb(store, &id)) {
            ctl_fatal("%s is in OVN_Octavia already", argv[i]);
        }
        if (!uuidset_contains(&there, &id)) {
            ctl_fatal("OVN has no load balancer %s", argv[i]);
        }
        if (!uuidset_contains(ids, &id)) {
            uuidset_insert(ids, &id);
        }
    }
    UUIDSET_FOR_EACH (node, &there) {
        if (!argc && !store_has_lb(store, &node->uuid)) {
            uuidset_insert(ids, &node->uuid);
        }
    }
    uuidset_destroy(&there);
}

static void
adopt_set_project(const struct inventory *inventory,
                  const struct adopt_options *options, struct model_lb *lb)
{
    char *project = inventory_project(inventory, &lb->vips[0].port_id);

    if (project && (!project[0] || strlen(project) > PROJECT_ID_MAX)) {
        free(project);
        project = NULL;
    }
    if (!project && options->project) {
        project = xstrdup(options->project);
    }
    if (project) {
        free(lb->project_id);
        lb->project_id = project;
    }
}

static void
adopt_load(struct context *ctx, const struct adopt_options *options,
           struct candidate *candidate)
{
    const struct inventory *inventory = context_inventory(ctx);
    size_t n;
    struct adopt_row *rows = inventory_rows(inventory, &candidate->id, &n);

    adopt_problems_init(&candidate->problems);
    candidate->store = context_store(ctx);
    candidate->lb = adopt_lb(&candidate->id, rows, n,
                             inventory_topology(inventory),
                             &candidate->problems);
    if (candidate->lb) {
        enum adopt_severity worst
            = adopt_problems_worst(&candidate->problems);
        adopt_set_project(inventory, options, candidate->lb);
        candidate->is_wanted = options->force || worst == ADOPT_NOTE;
    }
    inventory_free_rows(rows, n);
}

/* Importing. */

static bool
import_apply(struct commit_op *op, struct ovsdb_idl_txn *txn,
             unsigned int attempt OVS_UNUSED)
{
    struct candidate *candidate = CONTAINER_OF(op, struct candidate, op);

    /* The row of another process, or our own before the connection broke. */
    if (store_has_lb(candidate->store, &candidate->id)) {
        candidate->is_over = true;
        return false;
    }
    store_import_lb(txn, candidate->lb);
    return true;
}

static void
import_done(struct commit_op *op, enum commit_result result,
            const char *error)
{
    struct candidate *candidate = CONTAINER_OF(op, struct candidate, op);

    candidate->is_over = true;
    if (result == COMMIT_FAILED) {
        candidate->error = xstrdup(error);
    }
}

struct adopt_import {
    const struct candidate *candidates;
    size_t n;
};

static bool
all_are_over(void *import_)
{
    const struct adopt_import *import = import_;

    for (size_t i = 0; i < import->n; i++) {
        if (import->candidates[i].is_wanted
            && !import->candidates[i].is_over) {
            return false;
        }
    }
    return true;
}

static void
import_all(struct context *ctx, struct candidate *candidates, size_t n)
{
    struct adopt_import import = { candidates, n };

    for (size_t i = 0; i < n; i++) {
        if (candidates[i].is_wanted) {
            candidates[i].op = (struct commit_op) {
                .apply = import_apply,
                .done = import_done,
            };
            store_submit(context_store(ctx), &candidates[i].op);
        }
    }
    context_wait_until(ctx, all_are_over, &import,
                       "OVN_Octavia to take all load balancers; run this "
                       "again for the rest");
}

/* Printing. */

static void
print_count(size_t n, const char *noun)
{
    if (n) {
        printf(", %"PRIuSIZE" %s%s", n, noun, n > 1 ? "s" : "");
    }
}

static void
print_contents(const struct model_lb *lb)
{
    size_t n_members = 0, n_monitors = 0;

    for (size_t i = 0; i < lb->n_pools; i++) {
        n_members += lb->pools[i].n_members;
        n_monitors += lb->pools[i].monitor != NULL;
    }
    printf("  VIP %s", lb->vips[0].address);
    print_count(lb->n_vips - 1, "additional VIP");
    print_count(lb->n_listeners, "listener");
    print_count(lb->n_pools, "pool");
    print_count(n_members, "member");
    print_count(n_monitors, "monitor");
    printf(", project %s", lb->project_id[0] ? lb->project_id
           : "not known");
}

static void
print_candidate(const struct candidate *candidate, bool dry_run)
{
    static const char *const words[] = {
        [ADOPT_NOTE] = "note",
        [ADOPT_LOSS] = "lost",
        [ADOPT_IMPOSSIBLE] = "impossible",
    };
    const struct adopt_problems *problems = &candidate->problems;

    printf("%-13s "UUID_FMT, candidate->error ? "failed"
           : !candidate->is_wanted ? "left alone"
           : dry_run ? "would adopt" : "adopted",
           UUID_ARGS(&candidate->id));
    if (candidate->lb) {
        print_contents(candidate->lb);
    }
    putchar('\n');
    for (size_t i = 0; i < problems->n; i++) {
        printf("    %s: %s\n", words[problems->problems[i].severity],
               problems->problems[i].text);
    }
    if (candidate->error) {
        printf("    error: %s\n", candidate->error);
    }
}

static void
adopt_print_all(const struct candidate *candidates, size_t n,
                const struct adopt_options *options)
{
    size_t n_adopted = 0, n_lossy = 0;

    for (size_t i = 0; i < n; i++) {
        print_candidate(&candidates[i], options->dry_run);
        n_adopted += candidates[i].is_wanted && !candidates[i].error;
        n_lossy += candidates[i].lb && !candidates[i].is_wanted;
    }
    printf("%"PRIuSIZE" %s, %"PRIuSIZE" left alone\n", n_adopted,
           options->dry_run ? "to adopt" : "adopted", n - n_adopted);
    if (n_lossy) {
        printf("To adopt those that would lose something, too, use "
               "--force.\n");
    }
}
