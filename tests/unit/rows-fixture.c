/* SPDX-License-Identifier: Apache-2.0
 *
 * Northbound rows as text; see rows-fixture.h.
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
#include "net/vip-ports.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/attach.h"
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

/* What is being parsed, and to what its next lines belong. */
struct parser {
    struct ovn_lb *lb;
    struct lb_row *row;
    struct health_check *check;
    struct lb_port *port;
    struct lb_group *group;
    struct uuidset *switches;   /* Of the last row or group. */
    struct uuidset *routers;
};

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
parse_row(struct parser *p, char *rest)
{
    p->row = ovn_lb_add_row(p->lb);
    p->row->uuid = uuid_of(next_word(&rest));
    replace_string(&p->row->protocol, next_word(&rest));
    p->switches = &p->row->switches;
    p->routers = &p->row->routers;
}

static void
parse_name(struct parser *p, char *rest)
{
    replace_string(&p->row->name, next_word(&rest));
}

static void
parse_hash(struct parser *p, char *rest)
{
    while (rest) {
        sset_add(&p->row->selection_fields, next_word(&rest));
    }
}

static void
parse_vip(struct parser *p, char *rest)
{
    parse_pair(&p->row->vips, rest);
}

static void
parse_option(struct parser *p, char *rest)
{
    parse_pair(&p->row->options, rest);
}

static void
parse_id(struct parser *p, char *rest)
{
    parse_pair(&p->row->external_ids, rest);
}

static void
parse_map(struct parser *p, char *rest)
{
    parse_pair(&p->row->ip_port_mappings, rest);
}

static void
parse_check(struct parser *p, char *rest)
{
    struct uuid uuid = uuid_of(next_word(&rest));

    p->check = lb_row_add_check(p->row, next_word(&rest));
    p->check->uuid = uuid;
}

static void
parse_check_option(struct parser *p, char *rest)
{
    parse_pair(&p->check->options, rest);
}

static void
parse_check_id(struct parser *p, char *rest)
{
    parse_pair(&p->check->external_ids, rest);
}

static void
parse_switches(struct parser *p, char *rest)
{
    parse_uuids(p->switches, rest);
}

static void
parse_routers(struct parser *p, char *rest)
{
    parse_uuids(p->routers, rest);
}

static void
parse_groups(struct parser *p, char *rest)
{
    parse_uuids(&p->row->groups, rest);
}

static void
parse_wants(struct parser *p, char *rest)
{
    const char *versions = next_word(&rest);
    struct lb_row *row = p->row;

    row->wants_group = true;
    row->versions = ((strchr(versions, '4') ? ATTACH_IPV4 : 0)
                     | (strchr(versions, '6') ? ATTACH_IPV6 : 0));
    while (rest) {
        char *network = CONST_CAST(char *, next_word(&rest));
        const char *subnet = strsep(&network, "/");

        row->places = xrealloc(row->places, ((row->n_places + 1)
                                             * sizeof *row->places));
        row->places[row->n_places++] = (struct attach_place) {
            uuid_of(subnet), network ? uuid_of(network) : UUID_ZERO,
        };
    }
}

static void
parse_port(struct parser *p, char *rest)
{
    struct uuid lb_id = uuid_of("B1");
    struct lb_port *port = ovn_lb_add_port_nocopy(p->lb,
                                                  vip_port_name(&lb_id, 0));

    port->uuid = uuid_of(next_word(&rest));
    port->sw = uuid_of(next_word(&rest));
    replace_string(&port->type, next_word(&rest));
    replace_string(&port->addresses, rest ? rest : "");
    p->port = port;
}

static void
parse_port_name(struct parser *p, char *rest)
{
    replace_string(&p->port->name, next_word(&rest));
}

static void
parse_port_id(struct parser *p, char *rest)
{
    parse_pair(&p->port->external_ids, rest);
}

static void
parse_shared(struct parser *p, char *rest OVS_UNUSED)
{
    p->port->is_shared = true;
}

static void
parse_group(struct parser *p, char *rest)
{
    struct uuid uuid = uuid_of(next_word(&rest));

    p->group = ovn_lb_group(p->lb, &uuid);
    p->switches = &p->group->switches;
    p->routers = &p->group->routers;
}

static void
parse_settled(struct parser *p, char *rest OVS_UNUSED)
{
    p->group->is_settled = true;
}

static void
parse_nat(struct parser *p, char *rest)
{
    struct uuid uuid = uuid_of(next_word(&rest));

    uuidset_insert(&p->lb->nats, &uuid);
}

static void
parse_line(struct parser *p, char *line)
{
    static const struct {
        const char *kind;
        void (*parse)(struct parser *, char *rest);
    } kinds[] = {
        { "row", parse_row },
        { "name", parse_name },
        { "hash", parse_hash },
        { "vip", parse_vip },
        { "option", parse_option },
        { "id", parse_id },
        { "map", parse_map },
        { "check", parse_check },
        { "checkoption", parse_check_option },
        { "checkid", parse_check_id },
        { "switches", parse_switches },
        { "routers", parse_routers },
        { "groups", parse_groups },
        { "wants", parse_wants },
        { "port", parse_port },
        { "portname", parse_port_name },
        { "portid", parse_port_id },
        { "shared", parse_shared },
        { "group", parse_group },
        { "settled", parse_settled },
        { "nat", parse_nat },
    };
    char *rest = line;
    const char *kind = next_word(&rest);

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (!strcmp(kind, kinds[i].kind)) {
            kinds[i].parse(p, rest);
            return;
        }
    }
    if (kind[0]) {
        fail_msg("%s: not a line of rows", kind);
    }
}

void
ovn_lb_parse(const char *text, struct ovn_lb *ret)
{
    struct parser parser = { .lb = ret };
    struct uuid id = uuid_of("B1");
    char *copy = xstrdup(text);
    char *lines = copy;
    char *line;

    ovn_lb_init(ret, &id);
    while ((line = strsep(&lines, "\n"))) {
        parse_line(&parser, line);
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
    return parts & (is_object_key(key) ? OVN_LB_OBJECTS
                    : !strcmp(key, "octavia:healthmonitors") ? OVN_LB_PROBES
                    : OVN_LB_IDS);
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

void
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

/* Appends what 'put' makes of each element of 'array', sorted as text. */
#define PUT_SORTED(S, N, ARRAY, PUT, PARTS)                             \
    do {                                                                \
        struct svec texts = SVEC_EMPTY_INITIALIZER;                     \
        for (size_t i_ = 0; i_ < (N); i_++) {                           \
            struct ds text = DS_EMPTY_INITIALIZER;                      \
            ds_put_cstr(&text, "");                                     \
            PUT(&text, (ARRAY)[i_], PARTS);                             \
            svec_add_nocopy(&texts, name_uuids(ds_steal_cstr(&text)));  \
        }                                                               \
        svec_sort(&texts);                                              \
        for (size_t i_ = 0; i_ < texts.n; i_++) {                       \
            ds_put_cstr(S, texts.names[i_]);                            \
        }                                                               \
        svec_destroy(&texts);                                           \
    } while (0)

static void
put_check(struct ds *s, const struct health_check *check, unsigned int parts)
{
    ds_put_cstr(s, "check");
    if (parts & OVN_LB_UUID) {
        ds_put_format(s, " "UUID_FMT, UUID_ARGS(&check->uuid));
    }
    ds_put_format(s, "%s%s\n", check->vip[0] ? " " : "", check->vip);
    put_smap(s, "checkoption", &check->options, NULL, 0);
    put_smap(s, "checkid", &check->external_ids, NULL, 0);
}

static void
put_wants(struct ds *s, const struct lb_row *row)
{
    struct svec words = SVEC_EMPTY_INITIALIZER;

    if (!row->wants_group) {
        return;
    }
    for (size_t i = 0; i < row->n_places; i++) {
        const struct attach_place *place = &row->places[i];
        struct ds word = DS_EMPTY_INITIALIZER;

        ds_put_format(&word, UUID_FMT, UUID_ARGS(&place->subnet_id));
        if (!uuid_is_zero(&place->network_id)) {
            ds_put_format(&word, "/"UUID_FMT, UUID_ARGS(&place->network_id));
        }
        svec_add_nocopy(&words, name_uuids(ds_steal_cstr(&word)));
    }
    put_svec(s, (row->versions == (ATTACH_IPV4 | ATTACH_IPV6) ? "wants 46"
                 : row->versions == ATTACH_IPV4 ? "wants 4" : "wants 6"),
             &words);
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
    if (parts & OVN_LB_PROBES) {
        put_smap(s, "map", &row->ip_port_mappings, NULL, 0);
        PUT_SORTED(s, row->n_checks, row->checks, put_check, parts);
    }
    if (parts & OVN_LB_PLACES) {
        put_uuids(s, "switches", &row->switches);
        put_uuids(s, "routers", &row->routers);
        put_uuids(s, "groups", &row->groups);
        put_wants(s, row);
    }
}

static void
put_port(struct ds *s, const struct lb_port *port,
         unsigned int parts OVS_UNUSED)
{
    struct uuid lb_id = uuid_of("B1");
    char *usual_name = vip_port_name(&lb_id, 0);

    ds_put_format(s, "port "UUID_FMT" "UUID_FMT" %s %s\n",
                  UUID_ARGS(&port->uuid), UUID_ARGS(&port->sw), port->type,
                  port->addresses);
    if (strcmp(port->name, usual_name)) {
        ds_put_format(s, "portname %s\n", port->name);
    }
    put_smap(s, "portid", &port->external_ids, NULL, 0);
    if (port->is_shared) {
        ds_put_cstr(s, "shared\n");
    }
    free(usual_name);
}

static void
put_group(struct ds *s, const struct lb_group *group,
          unsigned int parts OVS_UNUSED)
{
    ds_put_format(s, "group "UUID_FMT"\n", UUID_ARGS(&group->id));
    if (group->is_settled) {
        ds_put_cstr(s, "settled\n");
    }
    put_uuids(s, "switches", &group->switches);
    put_uuids(s, "routers", &group->routers);
}

/* Rows are sorted by all that can be said about them, so that any selection
 * of parts has the same order; its text begins with the protocol. */
struct sorted_row {
    char *text;
    const struct lb_row *row;
};

static int
compare_rows(const void *a_, const void *b_)
{
    const struct sorted_row *a = a_;
    const struct sorted_row *b = b_;

    return strcmp(a->text, b->text);
}

static void
put_rows(struct ds *s, const struct ovn_lb *lb, unsigned int parts)
{
    struct sorted_row *rows = xcalloc(lb->n_rows, sizeof *rows);

    for (size_t i = 0; i < lb->n_rows; i++) {
        struct ds text = DS_EMPTY_INITIALIZER;
        put_row(&text, lb->rows[i], OVN_LB_ALL & ~OVN_LB_UUID);
        rows[i] = (struct sorted_row) {
            name_uuids(ds_steal_cstr(&text)), lb->rows[i],
        };
    }
    qsort(rows, lb->n_rows, sizeof *rows, compare_rows);
    for (size_t i = 0; i < lb->n_rows; i++) {
        put_row(s, rows[i].row, parts);
        free(rows[i].text);
    }
    free(rows);
}

char *
ovn_lb_format(const struct ovn_lb *lb, unsigned int parts)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    put_rows(&s, lb, parts);
    if (parts & OVN_LB_PORT) {
        PUT_SORTED(&s, lb->n_ports, lb->ports, put_port, parts);
    }
    if (parts & OVN_LB_GROUPS) {
        PUT_SORTED(&s, lb->n_groups, lb->groups, put_group, parts);
    }
    if (parts & OVN_LB_NATS) {
        put_uuids(&s, "nat", &lb->nats);
    }
    return name_uuids(ds_steal_cstr(&s));
}

/* Maps and sets have no order. */
char *
sort_lines(char *text)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    char *rest = text;
    char *line;

    while ((line = strsep(&rest, "\n"))) {
        if (line[0]) {
            svec_add(&lines, line);
        }
    }
    svec_sort(&lines);
    char *sorted = svec_join(&lines, "\n", lines.n ? "\n" : "");
    svec_destroy(&lines);
    free(text);
    return sorted;
}
