/* SPDX-License-Identifier: Apache-2.0
 *
 * "sync-octavia": compares OVN_Octavia with what an existing Octavia has, and
 * makes them equal, as Octavia has it.  Asking Octavia is in
 * octavia-view.c; this file says what differs, and mends it.
 */

#include <config.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/commit.h"
#include "base/fault.h"
#include "base/ovs-compat.h"
#include "ctl/context.h"
#include "ctl/octavia-view.h"
#include "db-ctl-base.h"
#include "octavia/api.h"
#include "octavia/compare.h"
#include "octavia/intent.h"
#include "octavia/unserved.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "store/reports.h"
#include "store/rows.h"
#include "store/states.h"
#include "store/store.h"
#include "store/tree.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

#define DEFAULT_CONF "/etc/octavia/octavia.conf"

struct sync_options {
    bool dry_run;
    bool delete;                /* Delete what Octavia does not have. */
    const char *conf;
};

enum verdict {
    VERDICT_SAME,
    VERDICT_IMPORT,             /* Octavia has it, we do not. */
    VERDICT_ONLY_HERE,          /* The other way round. */
    VERDICT_CHANGE,             /* It differs. */
    VERDICT_REPORT,             /* Octavia has old states. */
    VERDICT_UNKNOWN,            /* Octavia did not say. */
};

/* A load balancer. */
struct subject {
    struct octavia_view *view;
    struct octavia_view_lb *lb;
    enum verdict verdict;
    struct svec lines;          /* Descriptions of differences. */
    struct uuidset extra;       /* Objects that Octavia does not have. */
    struct json *extra_models;  /* Their data models, as far as needed. */

    /* Mending. */
    struct commit_op demand;
    bool is_demanded;
    size_t n_under_way;
    char *error;                /* The reason for which it failed, or NULL. */
};

static void sync_parse_options(int argc, char *argv[], struct sync_options *);
static void sync_judge(struct subject *);
static bool sync_may_mend(const struct subject *, const struct sync_options *);
static void sync_mend_all(struct octavia_view *, struct subject *, size_t n,
                          const struct sync_options *);
static void sync_print_all(const struct subject *, size_t n,
                           const struct sync_options *);
static void subject_uninit(struct subject *);

static int
sync_run(struct context *ctx, int argc, char *argv[])
{
    struct sync_options options = {
        .dry_run = ctx->dry_run,
        .conf = ctx->octavia_conf ? ctx->octavia_conf : DEFAULT_CONF,
    };
    int status = EXIT_SUCCESS;

    sync_parse_options(argc, argv, &options);

    struct octavia_view *view = octavia_view_create(ctx, options.conf,
                                                    argv + optind,
                                                    argc - optind);
    size_t n = view->n_lbs;
    struct subject *subjects = xcalloc(n, sizeof *subjects);
    for (size_t i = 0; i < n; i++) {
        subjects[i].view = view;
        subjects[i].lb = &view->lbs[i];
        sync_judge(&subjects[i]);
    }
    if (!options.dry_run) {
        sync_mend_all(view, subjects, n, &options);
    }
    sync_print_all(subjects, n, &options);
    for (size_t i = 0; i < n; i++) {
        if (subjects[i].verdict != VERDICT_SAME
            && (options.dry_run || subjects[i].error
                || !sync_may_mend(&subjects[i], &options))) {
            status = EXIT_FAILURE;
        }
        subject_uninit(&subjects[i]);
    }
    free(subjects);
    octavia_view_destroy(view);
    return status;
}

const struct tool_command command_sync_octavia = { "sync-octavia", sync_run };

static void
sync_parse_options(int argc, char *argv[], struct sync_options *options)
{
    enum { OPT_DRY_RUN = UCHAR_MAX + 1, OPT_DELETE, OPT_OCTAVIA_CONF };
    static const struct option long_options[] = {
        { "dry-run", no_argument, NULL, OPT_DRY_RUN },
        { "delete", no_argument, NULL, OPT_DELETE },
        { "octavia-conf", required_argument, NULL, OPT_OCTAVIA_CONF },
        { NULL, 0, NULL, 0 },
    };
    int c;

    optind = 0;                 /* Begin anew. */
    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (c) {
        case OPT_DRY_RUN:
            options->dry_run = true;
            break;

        case OPT_DELETE:
            options->delete = true;
            break;

        case OPT_OCTAVIA_CONF:
            options->conf = optarg;
            break;

        default:
            exit(EXIT_FAILURE); /* getopt_long() has said why. */
        }
    }
}

static void
subject_uninit(struct subject *subject)
{
    svec_destroy(&subject->lines);
    uuidset_destroy(&subject->extra);
    json_destroy(subject->extra_models);
    free(subject->error);
}

/* Judging. */

static void
sync_add_line(struct subject *subject, enum resource_id resource,
              const struct uuid *id, const char *text)
{
    svec_add_nocopy(&subject->lines,
                    xasprintf("%s "UUID_FMT" %s", resource_get(resource)->key,
                              UUID_ARGS(id), text));
}

/* Members of a data model that tell which one it is. */
static struct json *
id_model(enum resource_id resource, const struct uuid *id)
{
    struct json *model = json_object_create();
    char *name = xasprintf("%s_id", resource_get(resource)->key);

    json_object_put_format(model, name, UUID_FMT, UUID_ARGS(id));
    free(name);
    return model;
}

static void
note_difference(const struct difference *difference, void *subject_)
{
    struct subject *subject = subject_;
    char *text;

    switch (difference->kind) {
    case DIFFERENCE_NOT_HERE:
        sync_add_line(subject, difference->resource, &difference->id,
                      "is not in OVN_Octavia");
        break;

    case DIFFERENCE_NOT_THERE:
        sync_add_line(subject, difference->resource, &difference->id,
                      "is not in Octavia");
        uuidset_insert(&subject->extra, &difference->id);
        json_array_add(subject->extra_models,
                       id_model(difference->resource, &difference->id));
        break;

    case DIFFERENCE_VALUE:
        text = xasprintf("%s is %s, in Octavia %s", difference->field,
                         difference->ours, difference->theirs);
        sync_add_line(subject, difference->resource, &difference->id, text);
        free(text);
        break;

    case DIFFERENCE_BAD:
    default:
        text = xasprintf("cannot be as in Octavia: %s", difference->text);
        sync_add_line(subject, difference->resource, &difference->id, text);
        free(text);
        break;
    }
}

/* True if no change is under way: until then, states differ for good
 * reason. */
static bool
is_at_rest(const struct subject *subject, const struct lb_states *states)
{
    struct report report;
    bool is_owed = false;

    if (report_get(subject->view->store, &subject->lb->id, &report)) {
        is_owed = !*report.digest && !report.is_demanded;
        report_uninit(&report);
    }
    return (!is_owed && !lb_states_has_pending_child(states)
            && !provisioning_status_is_pending(
                states->objects[0].provisioning_status));
}

static void
compare_states(struct subject *subject, const struct lb_states *states)
{
    for (size_t i = 0; i < states->n; i++) {
        const struct object_state *ours = &states->objects[i];
        const struct octavia_item *theirs = octavia_view_state(subject->view,
                                                               &ours->id);
        const char *ps
            = provisioning_status_to_string(ours->provisioning_status);
        const char *os = operating_status_to_string(ours->operating_status);

        if (theirs && (strcmp(theirs->provisioning_status, ps)
                       || strcmp(theirs->operating_status, os))) {
            char *text = xasprintf("is %s and %s, in Octavia %s and %s", ps,
                                   os, theirs->provisioning_status,
                                   theirs->operating_status);

            sync_add_line(subject, ours->resource, &ours->id, text);
            free(text);
        }
    }
}

static void
judge_both(struct subject *subject)
{
    struct lb_states states;

    octavia_compare_lb(subject->view->rows, subject->lb->model,
                       subject->view->conf, note_difference, subject);
    if (subject->lines.n) {
        subject->verdict = VERDICT_CHANGE;
    } else if (store_load_states(subject->view->store, &subject->lb->id,
                                 &states)) {
        if (is_at_rest(subject, &states)) {
            compare_states(subject, &states);
        }
        subject->verdict = subject->lines.n ? VERDICT_REPORT : VERDICT_SAME;
        lb_states_uninit(&states);
    }
}

static void
sync_judge(struct subject *subject)
{
    const struct octavia_view_lb *lb = subject->lb;
    bool is_here = store_has_lb(subject->view->store, &lb->id);

    svec_init(&subject->lines);
    uuidset_init(&subject->extra);
    subject->extra_models = json_array_create_empty();
    if (lb->error) {
        subject->verdict = VERDICT_UNKNOWN;
        svec_add(&subject->lines, lb->error);
    } else if (lb->model && is_here) {
        judge_both(subject);
    } else if (lb->model) {
        subject->verdict = VERDICT_IMPORT;
    } else {
        subject->verdict = is_here ? VERDICT_ONLY_HERE : VERDICT_SAME;
    }
}

/* Mending. */

/* True if no difference is left once it is mended: what Octavia does not have
 * is only deleted with --delete. */
static bool
sync_may_mend(const struct subject *subject,
              const struct sync_options *options)
{
    switch (subject->verdict) {
    case VERDICT_ONLY_HERE:
        return options->delete;

    case VERDICT_CHANGE:
        return uuidset_is_empty(&subject->extra) || options->delete;

    case VERDICT_UNKNOWN:
        return false;

    case VERDICT_SAME:
    case VERDICT_IMPORT:
    case VERDICT_REPORT:
    default:
        return true;
    }
}

static void
sync_take_intent(const struct intent_result *result, void *subject_)
{
    struct subject *subject = subject_;

    subject->n_under_way--;
    if (result->fault && !subject->error) {
        subject->error = xstrdup(result->fault->text);
    }
}

static struct intent *
sync_new_intent(struct subject *subject)
{
    struct octavia_view *view = subject->view;
    struct intent *intent = intent_create(view->store, view->rows,
                                          &subject->lb->id);

    intent_set_conf(intent, view->conf);
    intent_set_lenient(intent);
    intent_set_final(intent);
    intent_set_origin(intent, "ovn-octavia-ctl sync-octavia", NULL);
    return intent;
}

static void
sync_submit(struct subject *subject, struct intent *intent, bool is_fine,
            struct fault *fault)
{
    if (is_fine) {
        subject->n_under_way++;
        intent_submit(intent, sync_take_intent, subject);
    } else {
        intent_destroy(intent);
        subject->error = xstrdup(fault ? fault->text
                                 : "no object of Octavia's");
    }
    fault_destroy(fault);
}

static void
sync_write_model(struct subject *subject)
{
    struct intent *intent = sync_new_intent(subject);
    struct fault *fault = NULL;
    bool ok = intent_add(intent, INTENT_CREATE, RESOURCE_LOAD_BALANCER,
                         subject->lb->model, &fault);

    sync_submit(subject, intent, ok, fault);
}

static enum resource_id
model_resource(const struct json *model)
{
    for (size_t i = 0; i < N_RESOURCES; i++) {
        char *name = xasprintf("%s_id", resource_get(i)->key);
        bool has = shash_find(json_object(model), name);

        free(name);
        if (has) {
            return i;
        }
    }
    OVS_NOT_REACHED();
}

/* Octavia does not have them, so it need not hear of it. */
static void
delete_extra(struct subject *subject)
{
    struct intent *intent = sync_new_intent(subject);
    const struct json *models = subject->extra_models;
    struct fault *fault = NULL;
    bool ok = true;

    intent_set_silent(intent);
    for (size_t i = 0; ok && i < json_array_size(models); i++) {
        const struct json *model = json_array_at(models, i);

        ok = intent_add(intent, INTENT_DELETE, model_resource(model), model,
                        &fault);
    }
    sync_submit(subject, intent, ok, fault);
}

static bool
sync_apply_demand(struct commit_op *op, struct ovsdb_idl_txn *txn,
                  unsigned int attempt OVS_UNUSED)
{
    struct subject *subject = CONTAINER_OF(op, struct subject, demand);

    report_demand(subject->view->store, txn, &subject->lb->id);
    return true;
}

static void
sync_take_demand(struct commit_op *op, enum commit_result result,
                 const char *error)
{
    struct subject *subject = CONTAINER_OF(op, struct subject, demand);

    subject->n_under_way--;
    subject->is_demanded = result != COMMIT_FAILED;
    if (result == COMMIT_FAILED) {
        subject->error = xstrdup(error);
    }
}

static void
demand_report(struct subject *subject)
{
    subject->demand = (struct commit_op) {
        .apply = sync_apply_demand,
        .done = sync_take_demand,
    };
    subject->n_under_way++;
    store_submit(subject->view->store, &subject->demand);
}

static void
sync_mend(struct subject *subject, const struct sync_options *options)
{
    switch (subject->verdict) {
    case VERDICT_IMPORT:
        sync_write_model(subject);
        break;

    case VERDICT_CHANGE:
        sync_write_model(subject);
        if (options->delete && !uuidset_is_empty(&subject->extra)) {
            delete_extra(subject);
        }
        break;

    case VERDICT_ONLY_HERE:
        if (options->delete) {
            json_array_add(subject->extra_models,
                           id_model(RESOURCE_LOAD_BALANCER,
                                    &subject->lb->id));
            delete_extra(subject);
        }
        break;

    case VERDICT_REPORT:
        demand_report(subject);
        break;

    case VERDICT_SAME:
    case VERDICT_UNKNOWN:
    default:
        break;
    }
}

struct mending {
    const struct subject *subjects;
    size_t n;
};

/* True if all is written, and what is to be reported is on its way through the
 * agent. */
static bool
is_mended(void *mending_)
{
    const struct mending *mending = mending_;

    for (size_t i = 0; i < mending->n; i++) {
        const struct subject *subject = &mending->subjects[i];
        struct report report;

        if (subject->n_under_way) {
            return false;
        }
        if (subject->is_demanded
            && report_get(subject->view->store, &subject->lb->id,
                          &report)) {
            bool is_demanded = report.is_demanded;

            report_uninit(&report);
            if (is_demanded) {
                return false;
            }
        }
    }
    return true;
}

static void
sync_mend_all(struct octavia_view *view, struct subject *subjects, size_t n,
              const struct sync_options *options)
{
    struct mending mending = { subjects, n };

    for (size_t i = 0; i < n; i++) {
        sync_mend(&subjects[i], options);
    }
    octavia_view_wait_until(view, is_mended, &mending,
                            "OVN_Octavia, and the agent to report to Octavia");
}

/* Printing. */

static const char *
verdict_text(const struct subject *subject, const struct sync_options *options)
{
    bool dry_run = options->dry_run;

    if (subject->error) {
        return "failed";
    }
    switch (subject->verdict) {
    case VERDICT_IMPORT:
        return dry_run ? "would import" : "imported";
    case VERDICT_ONLY_HERE:
        return (!options->delete ? "only here"
                : dry_run ? "would delete" : "deleted");
    case VERDICT_CHANGE:
        return dry_run ? "would change" : "changed";
    case VERDICT_REPORT:
        return dry_run ? "would report" : "reported";
    case VERDICT_UNKNOWN:
        return "not known";
    case VERDICT_SAME:
    default:
        return "same";
    }
}

/* Beside what differs: nothing here can mend it. */
static void
print_unserved(const struct octavia_view_lb *lb)
{
    char *groups = lb->model ? unserved_security_groups(lb->model) : NULL;

    if (groups) {
        printf("%-12s "UUID_FMT"\n    nobody enforces the VIP's security "
               "groups (vip_sg_ids): %s\n", "not served",
               UUID_ARGS(&lb->id), groups);
    }
    free(groups);
}

static void
print_subject(const struct subject *subject,
              const struct sync_options *options)
{
    const char *line;
    size_t i;

    printf("%-12s "UUID_FMT"\n", verdict_text(subject, options),
           UUID_ARGS(&subject->lb->id));
    SVEC_FOR_EACH (i, line, &subject->lines) {
        printf("    %s\n", line);
    }
    if (subject->error) {
        printf("    error: %s\n", subject->error);
    }
}

static void
sync_print_all(const struct subject *subjects, size_t n,
               const struct sync_options *options)
{
    size_t n_same = 0, n_left = 0;

    for (size_t i = 0; i < n; i++) {
        print_unserved(subjects[i].lb);
        if (subjects[i].verdict == VERDICT_SAME) {
            n_same++;
            continue;
        }
        print_subject(&subjects[i], options);
        n_left += !sync_may_mend(&subjects[i], options);
    }
    printf("%"PRIuSIZE" the same, %"PRIuSIZE" not\n", n_same, n - n_same);
    if (n_left && !options->delete) {
        printf("What Octavia does not have is deleted with --delete only.\n");
    }
}
