/* SPDX-License-Identifier: Apache-2.0
 *
 * "diff": what the driver would change in OVN.
 */

#include <config.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "ctl/context.h"
#include "ctl/report.h"
#include "ctl/steps.h"
#include "ctl/survey.h"
#include "db-ctl-base.h"
#include "model/objects.h"
#include "net/topology.h"
#include "openvswitch/json.h"
#include "ovn/db/nb.h"
#include "ovn/inventory/inventory.h"
#include "store/store.h"
#include "store/tree.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

enum { NO_DIFFERENCE, DIFFERENCE, COULD_NOT_TELL };

/* Objects that are being deleted. */

static void
add_removal(const char *kind, const struct model_base *base,
            struct svec *lines)
{
    if (!model_base_is_wanted(base)) {
        svec_add_nocopy(lines, xasprintf("%s "UUID_FMT": to be removed",
                                         kind, UUID_ARGS(&base->id)));
    }
}

static void
find_removals(const struct model_lb *lb, struct svec *lines)
{
    for (size_t i = 0; i < lb->n_listeners; i++) {
        add_removal("listener", &lb->listeners[i].base, lines);
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        const struct model_pool *pool = &lb->pools[i];
        add_removal("pool", &pool->base, lines);
        for (size_t j = 0; j < pool->n_members; j++) {
            add_removal("member", &pool->members[j].base, lines);
        }
        if (pool->monitor) {
            add_removal("health monitor", &pool->monitor->base, lines);
        }
    }
}

/* Ports of VIPs that are Neutron's to make. */

static void
find_lost_port(const struct topology *topology, const struct model_vip *vip,
               const struct uuid *network_id, struct svec *lines)
{
    const struct topo_switch *sw = topology_home(topology, &vip->subnet_id,
                                                 network_id);

    if (sw && !uuid_equals(&sw->id, &sw->uuid)
        && topology_lacks_port(topology, &vip->subnet_id, network_id,
                               &vip->port_id)) {
        svec_add_nocopy(lines, xasprintf("port "UUID_FMT" of VIP %s is gone: "
                                         "Neutron is asked for another",
                                         UUID_ARGS(&vip->port_id),
                                         vip->address));
    }
}

static void
find_lost_ports(const struct topology *topology, const struct model_lb *lb,
                struct svec *lines)
{
    for (size_t i = 0; i < lb->n_vips; i++) {
        find_lost_port(topology, &lb->vips[i], &lb->vips[0].network_id,
                       lines);
    }
}

/* Printing. */

static void
print_lb(const struct survey *survey, const struct svec *lines)
{
    const struct model_lb *lb = survey->lb;

    printf("load balancer "UUID_FMT, UUID_ARGS(&lb->base.id));
    if (lb->name[0]) {
        putchar(' ');
        for (const char *p = lb->name; *p; p++) {
            putchar(iscntrl((unsigned char) *p) ? '?' : *p);
        }
    }
    puts(model_base_is_wanted(&lb->base) ? "" : ": to be removed");
    for (size_t i = 0; i < lines->n; i++) {
        printf("    %s\n", lines->names[i]);
    }
}

static void
diff_report_lb(const struct survey *survey, const struct svec *lines,
               struct json *array)
{
    const struct model_lb *lb = survey->lb;
    struct json *object = json_object_create();
    struct json *changes = json_array_create_empty();

    for (size_t i = 0; i < lines->n; i++) {
        json_array_add(changes, json_string_create(lines->names[i]));
    }
    report_put_uuid(object, "id", &lb->base.id);
    report_put_text(object, "name", lb->name);
    report_put_bool(object, "is_to_be_removed",
                    !model_base_is_wanted(&lb->base));
    json_object_put(object, "changes", changes);
    json_array_add(array, object);
}

/* Prints the difference, or adds it to 'report', unless NULL.  Returns true if
 * there is one. */
static bool
print_difference(struct context *ctx, const struct uuid *lb_id,
                 struct json *report)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    struct survey survey;

    if (!survey_lb(ctx, lb_id, &survey)) {
        ctl_fatal("OVN_Octavia has no load balancer "UUID_FMT,
                  UUID_ARGS(lb_id));
    }
    if (survey.is_accepted) {
        steps_describe(&survey.comparison, context_nb(ctx), &lines);
        if (model_base_is_wanted(&survey.lb->base)) {
            find_lost_ports(nb_topology(context_nb(ctx)), survey.lb, &lines);
        }
    } else {
        svec_add(&lines, "the driver has not chosen the VIP's address and "
                 "port yet");
    }

    bool differs = lines.n > 0;
    if (differs) {
        find_removals(survey.lb, &lines);
        if (report) {
            diff_report_lb(&survey, &lines, report);
        } else {
            print_lb(&survey, &lines);
        }
    }
    svec_destroy(&lines);
    survey_uninit(&survey);
    return differs;
}

/* Returns the number of load balancers in OVN that the driver would not
 * touch. */
static size_t
diff_count_strangers(struct context *ctx)
{
    const struct store *store = context_store(ctx);
    struct uuidset there = UUIDSET_INITIALIZER(&there);
    const struct uuidset_node *node;
    size_t n = 0;

    inventory_lbs(context_inventory(ctx), &there);
    UUIDSET_FOR_EACH (node, &there) {
        n += !store_has_lb(store, &node->uuid);
    }
    uuidset_destroy(&there);
    return n;
}

struct diff_counts {
    size_t n, n_different, n_strangers;
};

static void
diff_print_end(const struct diff_counts *counts)
{
    size_t n = counts->n_strangers;

    if (n) {
        printf("%"PRIuSIZE" load balancer%s in OVN but not in OVN_Octavia: "
               "see \"orphans\"\n", n, n > 1 ? "s are" : " is");
    }
    printf("%"PRIuSIZE" compared, %"PRIuSIZE" different\n", counts->n,
           counts->n_different);
}

static void
diff_report(const struct diff_counts *counts, struct json *lbs)
{
    struct json *document = json_object_create();

    json_object_put(document, "load_balancers", lbs);
    report_put_integer(document, "compared", counts->n);
    report_put_integer(document, "different", counts->n_different);
    report_put_integer(document, "only_in_ovn", counts->n_strangers);
    report_print(document);
}

static struct uuid *
find_ids(struct context *ctx, int argc, char *argv[], size_t *n)
{
    if (argc < 2) {
        return survey_ids(ctx, n);
    }

    struct uuid *ids = xcalloc(argc - 1, sizeof *ids);
    *n = argc - 1;
    for (size_t i = 0; i < *n; i++) {
        ids[i] = context_find_lb(ctx, argv[i + 1]);
    }
    return ids;
}

static int
diff_run(struct context *ctx, int argc, char *argv[])
{
    struct json *report = (report_is_json(ctx) ? json_array_create_empty()
                           : NULL);
    struct diff_counts counts = { .n_different = 0 };

    context_set_failure_status(COULD_NOT_TELL);

    /* Opens all that is needed before anything is printed. */
    context_store(ctx);
    context_nb(ctx);
    context_sb(ctx);
    if (argc < 2) {
        context_inventory(ctx);
    }
    struct uuid *ids = find_ids(ctx, argc, argv, &counts.n);

    survey_all(ctx);
    for (size_t i = 0; i < counts.n; i++) {
        counts.n_different += print_difference(ctx, &ids[i], report);
    }
    if (argc < 2) {
        counts.n_strangers = diff_count_strangers(ctx);
    }
    if (report) {
        diff_report(&counts, report);
    } else {
        diff_print_end(&counts);
    }
    free(ids);
    return counts.n_different ? DIFFERENCE : NO_DIFFERENCE;
}

const struct tool_command command_diff = { "diff", diff_run };
