/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps of a plan for eyes; see steps.h.
 */

#include <config.h>
#include "ctl/steps.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/compare.h"
#include "ovn/db/nb.h"
#include "ovn/diff/plan.h"
#include "ovn/rows/rows.h"
#include "ovn/want/probe-sources.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

struct describe {
    const struct comparison *c;
    struct nb *nb;
    struct svec *lines;
};

/* How a step is described: by 'describe', which finds the rest of the row in
 * what it needs. */
struct rule {
    void (*describe)(const struct describe *, const struct plan_step *,
                     const struct rule *);
    const char *what;           /* A column, or where something is put. */
    size_t map;                 /* Offset of the column's map. */
    bool is_added;              /* As against removed. */
};

static void describe_row(const struct describe *, const struct plan_step *,
                         const struct rule *);
static void describe_row_value(const struct describe *,
                               const struct plan_step *,
                               const struct rule *);
static void describe_row_map(const struct describe *,
                             const struct plan_step *, const struct rule *);
static void describe_check(const struct describe *, const struct plan_step *,
                           const struct rule *);
static void describe_check_map(const struct describe *,
                               const struct plan_step *,
                               const struct rule *);
static void describe_carrier(const struct describe *,
                             const struct plan_step *, const struct rule *);
static void describe_group(const struct describe *, const struct plan_step *,
                           const struct rule *);
static void describe_group_name(const struct describe *,
                                const struct plan_step *,
                                const struct rule *);
static void steps_describe_port(const struct describe *,
                                const struct plan_step *, const struct rule *);
static void describe_port_set(const struct describe *,
                              const struct plan_step *, const struct rule *);
static void describe_port_map(const struct describe *,
                              const struct plan_step *, const struct rule *);
static void describe_nat(const struct describe *, const struct plan_step *,
                         const struct rule *);
static void describe_entrance(const struct describe *,
                              const struct plan_step *, const struct rule *);
static void describe_entrance_port(const struct describe *,
                                   const struct plan_step *,
                                   const struct rule *);
static void describe_acl(const struct describe *, const struct plan_step *,
                         const struct rule *);

#define ROW_MAP(MEMBER) offsetof(struct lb_row, MEMBER)
#define CHECK_MAP(MEMBER) offsetof(struct health_check, MEMBER)

static const struct rule rules[] = {
    [PLAN_ROW_INSERT] = { describe_row, NULL, 0, true },
    [PLAN_ROW_DELETE] = { describe_row, NULL, 0, false },
    [PLAN_SET_NAME] = { describe_row_value, "name", 0, true },
    [PLAN_SET_PROTOCOL] = { describe_row_value, "protocol", 0, true },
    [PLAN_SET_SELECTION] = { describe_row_value, "selection_fields", 0,
                             true },
    [PLAN_VIP_SET] = { describe_row_map, "vips", ROW_MAP(vips), true },
    [PLAN_VIP_REMOVE] = { describe_row_map, "vips", ROW_MAP(vips), false },
    [PLAN_OPTION_SET] = { describe_row_map, "options", ROW_MAP(options),
                          true },
    [PLAN_OPTION_REMOVE] = { describe_row_map, "options", ROW_MAP(options),
                             false },
    [PLAN_EXTERNAL_ID_SET] = { describe_row_map, "external_ids",
                               ROW_MAP(external_ids), true },
    [PLAN_EXTERNAL_ID_REMOVE] = { describe_row_map, "external_ids",
                                  ROW_MAP(external_ids), false },
    [PLAN_MAPPING_SET] = { describe_row_map, "ip_port_mappings",
                           ROW_MAP(ip_port_mappings), true },
    [PLAN_MAPPING_REMOVE] = { describe_row_map, "ip_port_mappings",
                              ROW_MAP(ip_port_mappings), false },
    [PLAN_CHECK_INSERT] = { describe_check, NULL, 0, true },
    [PLAN_CHECK_REMOVE] = { describe_check, NULL, 0, false },
    [PLAN_CHECK_OPTION_SET] = { describe_check_map, "options",
                                CHECK_MAP(options), true },
    [PLAN_CHECK_OPTION_REMOVE] = { describe_check_map, "options",
                                   CHECK_MAP(options), false },
    [PLAN_CHECK_EXTERNAL_ID_SET] = { describe_check_map, "external_ids",
                                     CHECK_MAP(external_ids), true },
    [PLAN_SWITCH_ADD] = { describe_carrier, "on", 0, true },
    [PLAN_SWITCH_REMOVE] = { describe_carrier, "on", 0, false },
    [PLAN_ROUTER_ADD] = { describe_carrier, "on", 0, true },
    [PLAN_ROUTER_REMOVE] = { describe_carrier, "on", 0, false },
    [PLAN_GROUP_ADD] = { describe_carrier, "in", 0, true },
    [PLAN_GROUP_REMOVE] = { describe_carrier, "in", 0, false },
    [PLAN_GROUP_INSERT] = { describe_group, NULL, 0, true },
    [PLAN_GROUP_SET_NAME] = { describe_group_name, NULL, 0, true },
    [PLAN_GROUP_SWITCH_ADD] = { describe_carrier, "on", 0, true },
    [PLAN_GROUP_SWITCH_REMOVE] = { describe_carrier, "on", 0, false },
    [PLAN_GROUP_ROUTER_ADD] = { describe_carrier, "on", 0, true },
    [PLAN_GROUP_ROUTER_REMOVE] = { describe_carrier, "on", 0, false },
    [PLAN_PORT_INSERT] = { steps_describe_port, NULL, 0, true },
    [PLAN_PORT_SET] = { describe_port_set, NULL, 0, true },
    [PLAN_PORT_EXTERNAL_ID_SET] = { describe_port_map, "external_ids", 0,
                                    true },
    [PLAN_PORT_DELETE] = { steps_describe_port, NULL, 0, false },
    [PLAN_NAT_CENTRALISE] = { describe_nat, NULL, 0, true },
    [PLAN_ENTRANCE_INSERT] = { describe_entrance, NULL, 0, true },
    [PLAN_ENTRANCE_SET] = { describe_entrance, NULL, 0, true },
    [PLAN_ENTRANCE_PORT_ADD] = { describe_entrance_port, NULL, 0, true },
    [PLAN_ENTRANCE_PORT_REMOVE] = { describe_entrance_port, NULL, 0, false },
    [PLAN_ACL_INSERT] = { describe_acl, NULL, 0, true },
    [PLAN_ACL_SET] = { describe_acl, NULL, 0, true },
    [PLAN_ACL_REMOVE] = { describe_acl, NULL, 0, false },
};

void
steps_describe(const struct comparison *c, struct nb *nb,
               struct svec *ret_lines)
{
    const struct describe d = { c, nb, ret_lines };

    for (size_t i = 0; i < c->plan.n; i++) {
        const struct plan_step *step = &c->plan.steps[i];
        const struct rule *rule = &rules[step->verb];

        rule->describe(&d, step, rule);
    }
    svec_sort(ret_lines);
}

/* The form of all lines.  Takes ownership of 'subject'. */
static void
steps_add_line(const struct describe *d, char *subject, const char *seen,
               const char *want)
{
    svec_add_nocopy(d->lines,
                    xasprintf("%s = %s -> %s", subject,
                              seen && seen[0] ? seen : "nothing",
                              want && want[0] ? want : "nothing"));
    free(subject);
}

/* Names. */

static const struct lb_row *
steps_find_row(const struct describe *d, const struct uuid *uuid)
{
    const struct ovn_lb *seen = &d->c->seen;
    const struct plan *plan = &d->c->plan;

    for (size_t i = 0; i < seen->n_rows; i++) {
        if (uuid_equals(&seen->rows[i]->uuid, uuid)) {
            return seen->rows[i];
        }
    }
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->steps[i].verb == PLAN_ROW_INSERT
            && uuid_equals(&plan->steps[i].row, uuid)) {
            return plan->steps[i].want;
        }
    }
    return NULL;
}

static const struct health_check *
steps_find_check(const struct describe *d, const struct uuid *uuid)
{
    const struct ovn_lb *seen = &d->c->seen;

    for (size_t i = 0; i < seen->n_rows; i++) {
        const struct lb_row *row = seen->rows[i];
        for (size_t j = 0; j < row->n_checks; j++) {
            if (uuid_equals(&row->checks[j]->uuid, uuid)) {
                return row->checks[j];
            }
        }
    }
    return NULL;
}

static size_t
count_protocol(const struct ovn_lb *lb, const char *protocol)
{
    size_t n = 0;

    for (size_t i = 0; i < lb->n_rows; i++) {
        n += !strcmp(lb->rows[i]->protocol, protocol);
    }
    return n;
}

/* Its protocol, and if that does not say which, its UUID.  The caller frees
 * it. */
static char *
row_name(const struct describe *d, const struct uuid *uuid)
{
    const struct lb_row *row = steps_find_row(d, uuid);
    const char *protocol = row ? row->protocol : "";
    const char *space = protocol[0] ? " " : "";

    if (row && count_protocol(&d->c->seen, protocol) < 2
        && count_protocol(&d->c->want, protocol) < 2) {
        return xasprintf("%s%srow", protocol, space);
    }
    return xasprintf("%s%srow "UUID_FMT, protocol, space, UUID_ARGS(uuid));
}

/* Returns the name of a switch, a router or a group.  The caller frees it. */
static char *
carrier_name(const struct describe *d, const struct uuid *uuid)
{
    const struct topology *topology = nb_topology(d->nb);
    const struct topo_switch *sw = topology_switch_by_uuid(topology, uuid);
    const struct topo_router *router = topology_router_by_uuid(topology,
                                                               uuid);

    if (!sw && !router) {
        char *name = lb_group_name(uuid);
        char *text = xasprintf("group %s", name);
        free(name);
        return text;
    }

    const char *kind = sw ? "switch" : "router";
    const char *name = sw ? sw->name : router->name;
    return (name[0] ? xasprintf("%s %s", kind, name)
            : xasprintf("%s "UUID_FMT, kind, UUID_ARGS(uuid)));
}

/* Addresses that the driver will choose. */

/* If 'port' holds an address that was chosen just now, stores it in '*ip' and
 * returns true. */
static bool
port_is_chosen(const struct describe *d, const struct lb_port *port,
               struct in6_addr *ip)
{
    const char *space = strchr(port->addresses, ' ');
    struct uuid subnet_id;

    return (port->is_shared && space
            && strlen(port->name) > strlen(SOURCE_PORT_PREFIX)
            && uuid_from_string(&subnet_id,
                                port->name + strlen(SOURCE_PORT_PREFIX))
            && ip_parse_any(space + 1, ip)
            && sources_has_claimed(nb_sources(d->nb), &subnet_id, ip));
}

static char *
port_text(const struct describe *d, const struct lb_port *port)
{
    struct in6_addr ip;

    return xasprintf("%s%s%s", port->type, port->type[0] ? " " : "",
                     port_is_chosen(d, port, &ip)
                     ? "an address of the subnet" : port->addresses);
}

/* A mapping is "PORT:SOURCE".  Returns NULL if the source is not a chosen
 * one. */
static char *
open_mapping(const struct describe *d, const char *value)
{
    const struct ovn_lb *want = &d->c->want;

    for (size_t i = 0; i < want->n_ports; i++) {
        const struct lb_port *port = want->ports[i];
        struct in6_addr chosen, ip;

        /* No port in a mapping has a colon in its name. */
        const char *colon = strchr(value, ':');
        if (!colon || !port_is_chosen(d, port, &chosen)) {
            continue;
        }
        size_t n = strlen(colon + 1);
        bool is_bracketed = colon[1] == '[' && n > 2;
        char *text = xmemdup0(colon + 1 + is_bracketed,
                              n - 2 * is_bracketed);
        bool is_chosen = (ip_parse_any(text, &ip)
                          && !memcmp(&ip, &chosen, sizeof ip));
        free(text);
        if (is_chosen) {
            return xasprintf("%.*s:an address of the subnet",
                             (int) (colon - value), value);
        }
    }
    return NULL;
}

/* Rows. */

static void
add_row_map_line(const struct describe *d, const struct plan_step *step,
                 const char *column, const char *key, const char *seen,
                 const char *want)
{
    char *name = row_name(d, &step->row);

    steps_add_line(d, xasprintf("%s: %s %s", name, column, key), seen, want);
    free(name);
}

static void
describe_mapping(const struct describe *d, const struct plan_step *step,
                 const char *column, const char *key, const char *seen,
                 const char *want)
{
    char *open = want ? open_mapping(d, want) : NULL;

    add_row_map_line(d, step, column, key, seen, open ? open : want);
    free(open);
}

/* Describes the VIPs and the probes of a new row: the rest follows. */
static void
describe_row(const struct describe *d, const struct plan_step *step,
             const struct rule *rule)
{
    const struct smap_node *node;

    steps_add_line(d, row_name(d, &step->row), rule->is_added ? NULL : "a row",
                   rule->is_added ? "a row" : NULL);
    if (rule->is_added) {
        SMAP_FOR_EACH (node, &step->want->vips) {
            add_row_map_line(d, step, "vips", node->key, NULL, node->value);
        }
        SMAP_FOR_EACH (node, &step->want->ip_port_mappings) {
            describe_mapping(d, step, "ip_port_mappings", node->key, NULL,
                             node->value);
        }
    }
}

static char *
join_fields(const struct sset *fields)
{
    return sset_join(fields, ",", "");
}

static void
describe_row_value(const struct describe *d, const struct plan_step *step,
                   const struct rule *rule)
{
    const struct lb_row *row = steps_find_row(d, &step->row);
    char *name = row_name(d, &step->row);
    char *subject = xasprintf("%s: %s", name, rule->what);

    if (step->verb == PLAN_SET_SELECTION) {
        char *seen = join_fields(&row->selection_fields);
        char *want = join_fields(&step->want->selection_fields);
        steps_add_line(d, subject, seen, want);
        free(seen);
        free(want);
    } else {
        steps_add_line(d, subject, step->verb == PLAN_SET_NAME ? row->name
                       : row->protocol, step->value);
    }
    free(name);
}

static const struct smap *
map_at(const void *structure, size_t offset)
{
    return ALIGNED_CAST(const struct smap *,
                        (const char *) structure + offset);
}

static void
describe_row_map(const struct describe *d, const struct plan_step *step,
                 const struct rule *rule)
{
    const struct lb_row *row = steps_find_row(d, &step->row);
    const char *seen = smap_get(map_at(row, rule->map), step->key);

    if (step->verb == PLAN_MAPPING_SET) {
        describe_mapping(d, step, rule->what, step->key, seen, step->value);
    } else {
        add_row_map_line(d, step, rule->what, step->key, seen,
                         rule->is_added ? step->value : NULL);
    }
}

/* Health checks. */

static void
describe_check(const struct describe *d, const struct plan_step *step,
               const struct rule *rule)
{
    const struct health_check *check
        = rule->is_added ? step->check : steps_find_check(d, &step->target);
    char *name = row_name(d, &step->row);

    steps_add_line(d, xasprintf("%s: health check of %s", name,
                                check->vip[0] ? check->vip : "nothing yet"),
                   rule->is_added ? NULL : "a check",
                   rule->is_added ? "a check" : NULL);
    free(name);
}

static void
describe_check_map(const struct describe *d, const struct plan_step *step,
                   const struct rule *rule)
{
    const struct health_check *check = steps_find_check(d, &step->row);

    steps_add_line(d, xasprintf("health check of %s: %s %s",
                                check->vip[0] ? check->vip : "nothing yet",
                                rule->what, step->key),
                   smap_get(map_at(check, rule->map), step->key),
                   rule->is_added ? step->value : NULL);
}

/* Carriers. */

static void
describe_carrier(const struct describe *d, const struct plan_step *step,
                 const struct rule *rule)
{
    char *what = (steps_find_row(d, &step->row) ? row_name(d, &step->row)
                  : carrier_name(d, &step->row));
    char *carrier = carrier_name(d, &step->target);

    steps_add_line(d, xasprintf("%s: %s %s", what, rule->what, carrier),
                   rule->is_added ? "no" : "yes",
                   rule->is_added ? "yes" : "no");
    free(what);
    free(carrier);
}

static void
describe_group(const struct describe *d, const struct plan_step *step,
               const struct rule *rule OVS_UNUSED)
{
    steps_add_line(d, carrier_name(d, &step->row), NULL, "a group");
}

static void
describe_group_name(const struct describe *d, const struct plan_step *step,
                    const struct rule *rule OVS_UNUSED)
{
    char *name = lb_group_name(&step->row);

    steps_add_line(d, xasprintf("group "UUID_FMT": name",
                                UUID_ARGS(&step->row)),
                   "another", name);
    free(name);
}

/* Ports. */

static void
steps_describe_port(const struct describe *d, const struct plan_step *step,
                    const struct rule *rule)
{
    char *sw = (uuid_is_zero(&step->target) ? xstrdup("no switch")
                : carrier_name(d, &step->target));
    char *text = port_text(d, step->port);

    steps_add_line(d, xasprintf("port %s on %s", step->port->name, sw),
                   rule->is_added ? NULL : text, rule->is_added ? text : NULL);
    free(sw);
    free(text);
}

static void
describe_port_set(const struct describe *d, const struct plan_step *step,
                  const struct rule *rule OVS_UNUSED)
{
    const struct lb_port *port = ovn_lb_find_port(&d->c->seen, &step->row);
    char *seen = port_text(d, port);
    char *want = port_text(d, step->port);

    steps_add_line(d, xasprintf("port %s", port->name), seen, want);
    free(seen);
    free(want);
}

static void
describe_port_map(const struct describe *d, const struct plan_step *step,
                  const struct rule *rule)
{
    const struct lb_port *port = ovn_lb_find_port(&d->c->seen, &step->row);

    steps_add_line(d, xasprintf("port %s: %s %s", port->name, rule->what,
                                step->key),
                   smap_get(&port->external_ids, step->key), step->value);
}

/* Floating IPs of members. */

static void
describe_nat(const struct describe *d, const struct plan_step *step,
             const struct rule *rule OVS_UNUSED)
{
    steps_add_line(d, xasprintf("floating IP of a member, NAT row "UUID_FMT,
                                UUID_ARGS(&step->row)),
                   "distributed", "centralised");
}

/* ACLs of allowed_cidrs. */

static void
describe_entrance(const struct describe *d, const struct plan_step *step,
                  const struct rule *rule OVS_UNUSED)
{
    char *router = carrier_name(d, &step->row);

    steps_add_line(d, xasprintf("port group of %s", router),
                   step->verb == PLAN_ENTRANCE_SET ? "altered" : NULL,
                   "there");
    free(router);
}

static void
describe_entrance_port(const struct describe *d, const struct plan_step *step,
                       const struct rule *rule)
{
    char *router = carrier_name(d, &step->row);

    steps_add_line(d, xasprintf("port group of %s: port "UUID_FMT, router,
                                UUID_ARGS(&step->target)),
                   rule->is_added ? NULL : "in", rule->is_added ? "in" : NULL);
    free(router);
}

static const struct lb_acl *
steps_find_acl(const struct describe *d, const struct uuid *uuid)
{
    const struct ovn_lb *seen = &d->c->seen;

    for (size_t i = 0; i < seen->n_acls; i++) {
        if (uuid_equals(&seen->acls[i]->uuid, uuid)) {
            return seen->acls[i];
        }
    }
    return NULL;
}

/* Says of an ACL what it does, in the words of the match. */
static void
describe_acl(const struct describe *d, const struct plan_step *step,
             const struct rule *rule OVS_UNUSED)
{
    const struct lb_acl *seen = steps_find_acl(d, &step->row);
    const struct lb_acl *want = step->acl;
    const struct lb_acl *acl = want ? want : seen;
    char *place = carrier_name(d, &step->target);

    steps_add_line(d, xasprintf("ACL of listener "UUID_FMT" for IPv%c%s on %s",
                                UUID_ARGS(&acl->listener),
                                acl->is_ipv6 ? '6' : '4',
                                (acl->is_translated
                                 ? " behind other load balancers" : ""),
                                place),
                   !seen ? NULL : seen->is_altered ? "altered" : seen->match,
                   want ? want->match : NULL);
    free(place);
}
