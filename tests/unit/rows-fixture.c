/* SPDX-License-Identifier: Apache-2.0
 *
 * Northbound rows as text, and plans carried out in memory; see
 * rows-fixture.h.
 */

#include <config.h>
#include "rows-fixture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "model-fixture.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/plan.h"
#include "ovn/rows.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

static void
name_subnet(const struct topo_subnet *subnet)
{
    unsigned int number;
    char name[16];

    if (ovs_scan(subnet->cidr, "10.0.%u.0/24", &number)
        || ovs_scan(subnet->cidr, "fd00:%u::/64", &number)) {
        snprintf(name, sizeof name, "%c%u", subnet->is_ipv6 ? 'F' : 'S',
                 number);
        uuid_call(&subnet->id, name);
    }
}

void
name_network(const struct topology *topology)
{
    const struct topo_router *router;
    const struct topo_switch *sw;

    HMAP_FOR_EACH (router, by_uuid, topology_routers(topology)) {
        uuid_call(&router->uuid, router->name[0] ? router->name : "ROUTER");
    }
    HMAP_FOR_EACH (sw, by_uuid, topology_switches(topology)) {
        const struct topo_subnet *subnet;

        uuid_call(&sw->uuid, sw->name[0] ? sw->name : "SWITCH");
        LIST_FOR_EACH (subnet, in_switch, &sw->subnets) {
            name_subnet(subnet);
        }
    }
}

static void
replace_string(char **s, const char *new)
{
    char *copy = xstrdup(new);

    free(*s);
    *s = copy;
}

/* Parsing. */

/* Cuts the next word off '*rest'.  Returns "" when there is none. */
static const char *
next_word(char **rest)
{
    const char *word = strsep(rest, " ");

    return word ? word : "";
}

static void
parse_row(struct ovn_lb *lb, char *rest)
{
    struct lb_row *row = ovn_lb_add_row(lb);

    row->uuid = uuid_of(next_word(&rest));
    replace_string(&row->protocol, next_word(&rest));
}

static void
parse_port(struct ovn_lb *lb, char *rest)
{
    struct vip_port *port = ovn_lb_add_port(lb);

    port->uuid = uuid_of(next_word(&rest));
    port->sw = uuid_of(next_word(&rest));
    replace_string(&port->type, next_word(&rest));
    replace_string(&port->addresses, rest ? rest : "");
}

static void
parse_uuids(struct uuidset *set, char *rest)
{
    while (rest) {
        struct uuid uuid = uuid_of(next_word(&rest));
        uuidset_insert(set, &uuid);
    }
}

static void
parse_pair(struct smap *smap, char *rest)
{
    const char *key = next_word(&rest);

    smap_add(smap, key, rest ? rest : "");
}

static void
parse_row_line(struct lb_row *row, const char *kind, char *rest)
{
    if (!strcmp(kind, "name")) {
        replace_string(&row->name, next_word(&rest));
    } else if (!strcmp(kind, "hash")) {
        while (rest) {
            sset_add(&row->selection_fields, next_word(&rest));
        }
    } else if (!strcmp(kind, "vip")) {
        parse_pair(&row->vips, rest);
    } else if (!strcmp(kind, "option")) {
        parse_pair(&row->options, rest);
    } else if (!strcmp(kind, "id")) {
        parse_pair(&row->external_ids, rest);
    } else if (!strcmp(kind, "switches")) {
        parse_uuids(&row->switches, rest);
    } else if (!strcmp(kind, "routers")) {
        parse_uuids(&row->routers, rest);
    } else {
        fail_msg("%s: not a line of a row", kind);
    }
}

void
ovn_lb_parse(const char *text, struct ovn_lb *ret)
{
    struct uuid id = uuid_of("B1");
    char *copy = xstrdup(text);
    char *lines = copy;
    char *line;

    ovn_lb_init(ret, &id);
    while ((line = strsep(&lines, "\n"))) {
        char *rest = line;
        const char *kind = next_word(&rest);

        if (!strcmp(kind, "row")) {
            parse_row(ret, rest);
        } else if (!strcmp(kind, "port")) {
            parse_port(ret, rest);
        } else if (!strcmp(kind, "portid")) {
            parse_pair(&ret->port->external_ids, rest);
        } else if (kind[0]) {
            assert_true(ret->n_rows);
            parse_row_line(&ret->rows[ret->n_rows - 1], kind, rest);
        }
    }
    free(copy);
}

/* Formatting. */

static bool
is_object_key(const char *key)
{
    return (!strncmp(key, "listener_", 9) || !strncmp(key, "pool_", 5)
            || !strcmp(key, "neutron:member_status"));
}

static void
put_smap(struct ds *s, const char *kind, const struct smap *smap,
         bool (*is_wanted)(const char *key, unsigned int parts),
         unsigned int parts)
{
    const struct smap_node **nodes = smap_sort(smap);

    for (size_t i = 0; i < smap_count(smap); i++) {
        if (!is_wanted || is_wanted(nodes[i]->key, parts)) {
            ds_put_format(s, "%s %s %s\n", kind, nodes[i]->key,
                          nodes[i]->value);
        }
    }
    free(nodes);
}

static bool
id_is_wanted(const char *key, unsigned int parts)
{
    return parts & (is_object_key(key) ? OVN_LB_OBJECTS : OVN_LB_IDS);
}

static void
put_svec(struct ds *s, const char *kind, struct svec *words)
{
    svec_sort(words);
    if (words->n) {
        char *joined = svec_join(words, " ", "");
        ds_put_format(s, "%s %s\n", kind, joined);
        free(joined);
    }
    svec_destroy(words);
}

static void
put_uuids(struct ds *s, const char *kind, const struct uuidset *set)
{
    struct svec words = SVEC_EMPTY_INITIALIZER;
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, set) {
        svec_add_nocopy(&words, name_uuids(xasprintf(
            UUID_FMT, UUID_ARGS(&node->uuid))));
    }
    put_svec(s, kind, &words);
}

static void
put_hash(struct ds *s, const struct lb_row *row)
{
    struct svec words = SVEC_EMPTY_INITIALIZER;
    const char *field;

    SSET_FOR_EACH (field, &row->selection_fields) {
        svec_add(&words, field);
    }
    put_svec(s, "hash", &words);
    put_smap(s, "option", &row->options, NULL, 0);
}

static void
put_row(struct ds *s, const struct lb_row *row, unsigned int parts)
{
    if (parts & OVN_LB_ROW) {
        ds_put_cstr(s, "row");
        if (parts & OVN_LB_UUID) {
            ds_put_format(s, " "UUID_FMT, UUID_ARGS(&row->uuid));
        }
        ds_put_format(s, "%s%s\n", row->protocol[0] ? " " : "",
                      row->protocol);
    }
    if (parts & OVN_LB_HASH) {
        put_hash(s, row);
    }
    if (parts & OVN_LB_VIPS) {
        put_smap(s, "vip", &row->vips, NULL, 0);
    }
    put_smap(s, "id", &row->external_ids, id_is_wanted, parts);
    if (parts & OVN_LB_PLACES) {
        put_uuids(s, "switches", &row->switches);
        put_uuids(s, "routers", &row->routers);
    }
}

static void
put_port(struct ds *s, const struct vip_port *port)
{
    ds_put_format(s, "port "UUID_FMT" "UUID_FMT" %s %s\n",
                  UUID_ARGS(&port->uuid), UUID_ARGS(&port->sw), port->type,
                  port->addresses);
    put_smap(s, "portid", &port->external_ids, NULL, 0);
}

static int
compare_rows(const void *a_, const void *b_)
{
    const struct lb_row *const *a = a_;
    const struct lb_row *const *b = b_;

    return strcmp((*a)->protocol, (*b)->protocol);
}

char *
ovn_lb_format(const struct ovn_lb *lb, unsigned int parts)
{
    const struct lb_row *rows[ARRAY_SIZE(lb->rows)];
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    for (size_t i = 0; i < lb->n_rows; i++) {
        rows[i] = &lb->rows[i];
    }
    qsort(rows, lb->n_rows, sizeof *rows, compare_rows);
    for (size_t i = 0; i < lb->n_rows; i++) {
        put_row(&s, rows[i], parts);
    }
    if (lb->port && parts & OVN_LB_PORT) {
        put_port(&s, lb->port);
    }
    return name_uuids(ds_steal_cstr(&s));
}

/* Carrying out. */

static struct lb_row *
find_row(struct ovn_lb *lb, const struct uuid *uuid)
{
    for (size_t i = 0; i < lb->n_rows; i++) {
        if (uuid_equals(&lb->rows[i].uuid, uuid)) {
            return &lb->rows[i];
        }
    }
    return NULL;
}

/* A hmap knows where it is. */
static void
move_row(struct lb_row *dst, const struct lb_row *src)
{
    *dst = *src;
    hmap_moved(&dst->selection_fields.map);
    hmap_moved(&dst->vips.map);
    hmap_moved(&dst->options.map);
    hmap_moved(&dst->external_ids.map);
    hmap_moved(&dst->switches.uuids);
    hmap_moved(&dst->routers.uuids);
}

static void
delete_row(struct ovn_lb *lb, struct lb_row *row)
{
    struct ovn_lb bin = { .n_rows = 1 };

    move_row(&bin.rows[0], row);
    ovn_lb_uninit(&bin);
    for (; row + 1 < &lb->rows[lb->n_rows]; row++) {
        move_row(row, row + 1);
    }
    lb->n_rows--;
}

static void
insert_row(struct ovn_lb *lb, const struct plan_step *step)
{
    assert_null(find_row(lb, &step->row));
    assert_string_equal(lb->name, step->value);

    struct lb_row *row = ovn_lb_add_row(lb);
    assert_non_null(row);
    row->uuid = step->row;
    replace_string(&row->protocol, step->want->protocol);
    sset_clone(&row->selection_fields, &step->want->selection_fields);
    smap_clone(&row->vips, &step->want->vips);
    smap_clone(&row->options, &step->want->options);
    smap_clone(&row->external_ids, &step->want->external_ids);
}

static void
delete_port(struct ovn_lb *lb)
{
    struct ovn_lb bin = { .port = lb->port };

    ovn_lb_uninit(&bin);
    lb->port = NULL;
}

static void
set_port(struct vip_port *port, const struct vip_port *want)
{
    replace_string(&port->type, want->type);
    replace_string(&port->addresses, want->addresses);
}

static void
apply_port_step(struct ovn_lb *lb, const struct plan_step *step)
{
    if (step->verb == PLAN_PORT_INSERT) {
        assert_null(lb->port);
        ovn_lb_add_port(lb);
        lb->port->uuid = step->row;
        lb->port->sw = step->target;
        set_port(lb->port, step->port);
        smap_clone(&lb->port->external_ids, &step->port->external_ids);
        return;
    }

    assert_non_null(lb->port);
    assert_true(uuid_equals(&lb->port->uuid, &step->row));
    if (step->verb == PLAN_PORT_SET) {
        set_port(lb->port, step->port);
    } else if (step->verb == PLAN_PORT_EXTERNAL_ID_SET) {
        smap_replace(&lb->port->external_ids, step->key, step->value);
    } else {
        assert_int_equal(step->verb, PLAN_PORT_DELETE);
        assert_true(uuid_equals(&lb->port->sw, &step->target));
        delete_port(lb);
    }
}

/* A step that would do nothing is one too many. */
static void
change_set(struct uuidset *set, const struct uuid *uuid, bool add)
{
    assert_int_equal(uuidset_contains(set, uuid), !add);
    if (add) {
        uuidset_insert(set, uuid);
    } else {
        uuidset_find_and_delete(set, uuid);
    }
}

static void
remove_key(struct smap *smap, const char *key)
{
    struct smap_node *node = smap_get_node(smap, key);

    assert_non_null(node);
    smap_remove_node(smap, node);
}

static void
apply_step(struct ovn_lb *lb, const struct plan_step *step)
{
    if (step->verb == PLAN_ROW_INSERT) {
        insert_row(lb, step);
        return;
    }

    struct lb_row *row = find_row(lb, &step->row);
    if (!row) {
        apply_port_step(lb, step);
        return;
    }
    switch (step->verb) {
    case PLAN_ROW_DELETE:
        delete_row(lb, row);
        break;
    case PLAN_SET_NAME:
        replace_string(&row->name, step->value);
        break;
    case PLAN_SET_PROTOCOL:
        replace_string(&row->protocol, step->value);
        break;
    case PLAN_SET_SELECTION:
        sset_destroy(&row->selection_fields);
        sset_clone(&row->selection_fields, &step->want->selection_fields);
        break;
    case PLAN_VIP_SET:
        smap_replace(&row->vips, step->key, step->value);
        break;
    case PLAN_VIP_REMOVE:
        remove_key(&row->vips, step->key);
        break;
    case PLAN_OPTION_SET:
        smap_replace(&row->options, step->key, step->value);
        break;
    case PLAN_OPTION_REMOVE:
        remove_key(&row->options, step->key);
        break;
    case PLAN_EXTERNAL_ID_SET:
        smap_replace(&row->external_ids, step->key, step->value);
        break;
    case PLAN_EXTERNAL_ID_REMOVE:
        remove_key(&row->external_ids, step->key);
        break;
    case PLAN_SWITCH_ADD:
    case PLAN_SWITCH_REMOVE:
        change_set(&row->switches, &step->target,
                   step->verb == PLAN_SWITCH_ADD);
        break;
    case PLAN_ROUTER_ADD:
    case PLAN_ROUTER_REMOVE:
        change_set(&row->routers, &step->target,
                   step->verb == PLAN_ROUTER_ADD);
        break;
    case PLAN_ROW_INSERT:
    case PLAN_PORT_INSERT:
    case PLAN_PORT_SET:
    case PLAN_PORT_EXTERNAL_ID_SET:
    case PLAN_PORT_DELETE:
    default:
        fail_msg("a step on a port has the UUID of a row");
    }
}

void
ovn_lb_apply(struct ovn_lb *lb, const struct plan *plan)
{
    for (size_t i = 0; i < plan->n; i++) {
        apply_step(lb, &plan->steps[i]);
    }
}
