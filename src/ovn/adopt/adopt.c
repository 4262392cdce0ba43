/* SPDX-License-Identifier: Apache-2.0
 *
 * From Northbound rows to a load balancer; see adopt.h.  This file reads what
 * concerns the load balancer as a whole.
 */

#include <config.h>
#include "base/array.h"
#include "ovn/adopt/adopt-private.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "base/name-uuid.h"
#include "model/rollup.h"
#include "net/addr.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

static bool adopt_first_vip(struct adopter *, const struct adopt_row *);
static void adopt_additional_vips(struct adopter *, const struct adopt_row *);
static void adopt_compare_rows(struct adopter *, const struct adopt_row *first,
                               const struct adopt_row *other);
static bool adopt_protocol(struct adopter *, const struct adopt_row *,
                           enum l4_protocol *ret);

/* Rows and problems. */

void
adopt_row_init(struct adopt_row *row)
{
    row->protocol = xstrdup("");
    sset_init(&row->selection_fields);
    smap_init(&row->allowed_cidrs);
    smap_init(&row->vips);
    smap_init(&row->options);
    smap_init(&row->external_ids);
    row->checks = NULL;
    row->n_checks = 0;
}

void
adopt_row_uninit(struct adopt_row *row)
{
    free(row->protocol);
    sset_destroy(&row->selection_fields);
    smap_destroy(&row->allowed_cidrs);
    smap_destroy(&row->vips);
    smap_destroy(&row->options);
    smap_destroy(&row->external_ids);
    for (size_t i = 0; i < row->n_checks; i++) {
        free(row->checks[i].vip);
        smap_destroy(&row->checks[i].options);
        smap_destroy(&row->checks[i].external_ids);
    }
    free(row->checks);
}

struct adopt_check *
adopt_row_add_check(struct adopt_row *row)
{
    struct adopt_check *checks = xcalloc(row->n_checks + 1, sizeof *checks);

    /* Maps may not be moved as they are. */
    for (size_t i = 0; i < row->n_checks; i++) {
        checks[i].vip = row->checks[i].vip;
        hmap_init(&checks[i].options.map);
        hmap_swap(&checks[i].options.map, &row->checks[i].options.map);
        hmap_init(&checks[i].external_ids.map);
        hmap_swap(&checks[i].external_ids.map,
                  &row->checks[i].external_ids.map);
    }
    free(row->checks);
    row->checks = checks;

    struct adopt_check *check = &checks[row->n_checks++];
    check->vip = xstrdup("");
    smap_init(&check->options);
    smap_init(&check->external_ids);
    return check;
}

void
adopt_problems_init(struct adopt_problems *problems)
{
    memset(problems, 0, sizeof *problems);
}

void
adopt_problems_uninit(struct adopt_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        free(problems->problems[i].text);
    }
    free(problems->problems);
}

enum adopt_severity
adopt_problems_worst(const struct adopt_problems *problems)
{
    enum adopt_severity worst = ADOPT_NOTE;

    for (size_t i = 0; i < problems->n; i++) {
        worst = MAX(worst, problems->problems[i].severity);
    }
    return worst;
}

void
adopt_problem(struct adopter *adopter, enum adopt_severity severity,
              const char *format, ...)
{
    struct adopt_problems *problems = adopter->problems;
    va_list args;

    ARRAY_GROW(problems->problems, problems->n, problems->allocated);

    struct adopt_problem *problem = &problems->problems[problems->n++];
    problem->severity = severity;
    va_start(args, format);
    problem->text = xvasprintf(format, args);
    va_end(args);
    for (char *p = problem->text; *p; p++) {
        if (iscntrl((unsigned char) *p)) {
            *p = '?';
        }
    }
}

/* Parsing. */

bool
adopt_parse_number(const char *text, int min, int max, int *ret)
{
    int number;

    if (!text || !text[0] || text[strspn(text, "0123456789")]
        || !str_to_int(text, 10, &number) || number < min || number > max) {
        return false;
    }
    *ret = number;
    return true;
}

bool
adopt_parse_uuid(const char *text, struct uuid *ret)
{
    struct uuid uuid;

    if (!text || !uuid_from_string(&uuid, text) || uuid_is_zero(&uuid)) {
        return false;
    }
    *ret = uuid;
    return true;
}

void
adopt_split(const char *list, struct svec *ret)
{
    svec_init(ret);
    while (list && *list) {
        size_t length = strcspn(list, ",");
        svec_add_nocopy(ret, xmemdup0(list, length));
        list += length + (list[length] == ',');
    }
}

bool
adopt_base(struct adopter *adopter, struct model_base *base,
           const struct uuid *id, bool is_up, const char *kind)
{
    if (uuidset_contains(&adopter->ids, id)) {
        adopt_problem(adopter, ADOPT_LOSS, "%s "UUID_FMT" is there twice",
                      kind, UUID_ARGS(id));
        return false;
    }
    uuidset_insert(&adopter->ids, id);
    base->id = *id;
    base->admin_state_up = is_up;

    /* Marks the object as just requested and already in OVN: the roll-up makes
     * it ACTIVE. */
    base->provisioning_status = PS_PENDING_CREATE;
    base->operating_status = is_up ? OS_ONLINE : OS_OFFLINE;
    return true;
}

/* The load balancer. */

bool
adopt_row_is_octavia(const char *name, const struct smap *external_ids,
                     struct uuid *ret_lb_id)
{
    const char *owner = smap_get(external_ids, "neutron:device_owner");

    return ((!owner || strcmp(owner, "port_forwarding_plugin"))
            && smap_get(external_ids, "neutron:vip")
            && adopt_parse_uuid(name, ret_lb_id));
}

static int
compare_protocols(const void *a_, const void *b_)
{
    const struct adopt_row *const *a = a_;
    const struct adopt_row *const *b = b_;
    int cmp = strcmp((*a)->protocol, (*b)->protocol);

    return cmp ? cmp : *a < *b ? -1 : *a > *b;
}

/* Sorts, so that the order does not depend on that of the database. */
static const struct adopt_row **
sort_rows(const struct adopt_row *rows, size_t n)
{
    const struct adopt_row **sorted = xcalloc(n, sizeof *sorted);

    for (size_t i = 0; i < n; i++) {
        sorted[i] = &rows[i];
    }
    qsort(sorted, n, sizeof *sorted, compare_protocols);
    return sorted;
}

/* Reads the pools of all rows before the listeners, which refer to them, and
 * weights when all members are known. */
static void
adopt_rows(struct adopter *adopter, const struct adopt_row **rows, size_t n)
{
    enum l4_protocol *protocols = xcalloc(n, sizeof *protocols);
    bool *are_known = xcalloc(n, sizeof *are_known);

    for (size_t i = 0; i < n; i++) {
        adopt_compare_rows(adopter, rows[0], rows[i]);
        are_known[i] = adopt_protocol(adopter, rows[i], &protocols[i]);
        if (are_known[i]) {
            adopt_pools(adopter, rows[i], protocols[i]);
            adopt_monitors(adopter, rows[i]);
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (are_known[i]) {
            adopt_listeners(adopter, rows[i], protocols[i]);
        }
    }
    adopt_weights(adopter);
    for (size_t i = 0; i < n; i++) {
        if (are_known[i]) {
            adopt_check_vips(adopter, rows[i], protocols[i]);
        }
    }
    free(are_known);
    free(protocols);
}

static bool
is_enabled(struct adopter *adopter, const struct adopt_row *row)
{
    const char *enabled = smap_get(&row->external_ids, "enabled");

    if (enabled && strcmp(enabled, "True") && strcmp(enabled, "False")) {
        adopt_problem(adopter, ADOPT_LOSS, "enabled is \"%s\", which is "
                      "neither True nor False; taken as True", enabled);
    }
    return !enabled || strcmp(enabled, "False");
}

/* The rows' statuses, from the members up.  A fault is for the driver to
 * find. */
static void
settle_statuses(struct model_lb *lb)
{
    rollup(lb, NULL);
    for (size_t i = 0; i < lb->n_pools; i++) {
        struct model_monitor *monitor = lb->pools[i].monitor;
        if (monitor) {
            monitor->base.provisioning_status = PS_ACTIVE;
        }
    }
}

struct model_lb *
adopt_lb(const struct uuid *lb_id, const struct adopt_row *rows_,
         size_t n_rows, const struct topology *topology,
         struct adopt_problems *problems)
{
    struct adopter adopter = {
        .topology = topology,
        .problems = problems,
        .lb = model_lb_create(),
    };
    const struct adopt_row **rows = sort_rows(rows_, n_rows);
    struct model_lb *lb = adopter.lb;

    ovs_assert(n_rows);
    uuidset_init(&adopter.ids);
    uuidset_init(&adopter.unknown_subnets);
    lb->name = xstrdup("");
    lb->project_id = xstrdup("");
    lb->fault_text = xstrdup("");
    adopt_base(&adopter, &lb->base, lb_id, is_enabled(&adopter, rows[0]),
               "the load balancer");
    if (adopt_first_vip(&adopter, rows[0])) {
        adopt_additional_vips(&adopter, rows[0]);
        adopt_rows(&adopter, rows, n_rows);
        settle_statuses(lb);
    } else {
        model_lb_destroy(lb);
        lb = NULL;
    }
    uuidset_destroy(&adopter.ids);
    uuidset_destroy(&adopter.unknown_subnets);
    free(adopter.pool_rows);
    free(rows);
    return lb;
}

/* Finds the subnet and network of the VIP, which its rows write as 'text':
 * from the rows, else from its port. */
static void
adopt_find_place(struct adopter *adopter, const char *text,
                 struct model_vip *vip)
{
    const struct topo_port *port = topology_port_by_id(adopter->topology,
                                                       &vip->port_id);
    if (!port || !port->sw) {
        adopt_problem(adopter, ADOPT_LOSS, "OVN has no port "UUID_FMT", which "
                      "would tell the network of the VIP %s",
                      UUID_ARGS(&vip->port_id), text);
        return;
    }
    vip->network_id = port->sw->id;

    const struct topo_subnet *subnet = topo_switch_subnet_of(port->sw,
                                                             &vip->ip);
    if (subnet) {
        vip->subnet_id = subnet->id;
    } else {
        adopt_problem(adopter, ADOPT_NOTE, "OVN does not tell the subnet of "
                      "the VIP %s", text);
    }
}

static bool
adopt_first_vip(struct adopter *adopter, const struct adopt_row *row)
{
    struct model_vip *vip = &adopter->lb->vips[0];
    const char *address = smap_get(&row->external_ids, "neutron:vip");
    const char *port = smap_get(&row->external_ids, "neutron:vip_port_id");
    struct in6_addr ip;

    if (!address || !ip_parse_any(address, &ip)) {
        adopt_problem(adopter, ADOPT_IMPOSSIBLE, "neutron:vip is \"%s\", "
                      "which is no address", address ? address : "");
        return false;
    }
    model_vip_set_ip(vip, &ip);
    if (!adopt_parse_uuid(port, &vip->port_id)) {
        adopt_problem(adopter, ADOPT_LOSS, "neutron:vip_port_id is \"%s\", "
                      "which is no id", port ? port : "");
        return true;
    }
    adopt_find_place(adopter, address, vip);
    return true;
}

static bool
has_vip(const struct model_lb *lb, const struct in6_addr *ip)
{
    for (size_t i = 0; i < lb->n_vips; i++) {
        if (!addr_compare(&lb->vips[i].ip, ip)) {
            return true;
        }
    }
    return false;
}

static void
adopt_additional_vip(struct adopter *adopter, const char *address,
                     const char *port)
{
    struct in6_addr ip;

    if (!ip_parse_any(address, &ip)) {
        adopt_problem(adopter, ADOPT_LOSS, "\"%s\" in "
                      "neutron:additional_vips is no address", address);
        return;
    }
    if (has_vip(adopter->lb, &ip)) {
        adopt_problem(adopter, ADOPT_LOSS, "the VIP %s is there twice",
                      address);
        return;
    }

    struct model_vip *vip = model_lb_add_vip(adopter->lb);
    vip->row = name_uuid(&adopter->lb->base.id, address);
    model_vip_set_ip(vip, &ip);
    if (adopt_parse_uuid(port, &vip->port_id)) {
        adopt_find_place(adopter, address, vip);
    } else {
        adopt_problem(adopter, ADOPT_LOSS, "neutron:additional_vip_port_ids "
                      "names no port for %s", address);
    }
}

static void
adopt_additional_vips(struct adopter *adopter, const struct adopt_row *row)
{
    struct svec addresses, ports;

    adopt_split(smap_get(&row->external_ids, "neutron:additional_vips"),
                &addresses);
    adopt_split(smap_get(&row->external_ids,
                         "neutron:additional_vip_port_ids"), &ports);
    for (size_t i = 0; i < addresses.n; i++) {
        adopt_additional_vip(adopter, addresses.names[i],
                             i < ports.n ? ports.names[i] : NULL);
    }
    svec_destroy(&addresses);
    svec_destroy(&ports);
}

/* Reports where 'other' disagrees with the first row about what all rows of a
 * load balancer share. */
static void
adopt_compare_rows(struct adopter *adopter, const struct adopt_row *first,
                   const struct adopt_row *other)
{
    static const char *const keys[] = {
        "enabled",
        "neutron:vip",
        "neutron:vip_port_id",
        "neutron:additional_vips",
        "neutron:additional_vip_port_ids",
    };

    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        const char *a = smap_get_def(&first->external_ids, keys[i], "");
        const char *b = smap_get_def(&other->external_ids, keys[i], "");
        if (strcmp(a, b)) {
            adopt_problem(adopter, ADOPT_LOSS, "its rows disagree about %s: "
                          "\"%s\" and \"%s\"; taken as the first", keys[i],
                          a, b);
        }
    }
}

static bool
row_has_objects(const struct adopt_row *row)
{
    struct smap_node *node;

    SMAP_FOR_EACH (node, &row->external_ids) {
        if (!strncmp(node->key, "listener_", 9)
            || !strncmp(node->key, "pool_", 5)) {
            return true;
        }
    }
    return false;
}

static bool
adopt_protocol(struct adopter *adopter, const struct adopt_row *row,
               enum l4_protocol *ret)
{
    for (enum l4_protocol p = 0; p < N_L4_PROTOCOLS; p++) {
        if (!strcmp(row->protocol, l4_protocol_to_ovn(p))) {
            *ret = p;
            return true;
        }
    }
    *ret = L4_TCP;
    if (row->protocol[0]) {
        adopt_problem(adopter, ADOPT_LOSS, "\"%s\" is no protocol",
                      row->protocol);
        return false;
    }
    if (row_has_objects(row)) {
        adopt_problem(adopter, ADOPT_NOTE, "a row has no protocol; taken as "
                      "TCP, as OVN does");
    }
    return true;
}
