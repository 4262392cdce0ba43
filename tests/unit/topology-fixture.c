/* SPDX-License-Identifier: Apache-2.0
 *
 * A topology over a real Northbound database; see topology-fixture.h.
 */

#include <config.h>
#include "topology-fixture.h"
#include <inttypes.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "nb-idl.h"
#include "base/ip.h"
#include "base/name-uuid.h"
#include "net/addr.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-fixture.h"
#include "ovsdb-idl.h"
#include "svec.h"
#include "topology-meaning.h"
#include "topology-subnets.h"
#include "util.h"
#include "uuid.h"

/* A replica of the database, and a topology over it. */
static struct topology *
open_topology(const struct topology_fixture *tf, struct ovsdb_idl **idl)
{
    *idl = ovsdb_idl_create_unconnected(&nbrec_idl_class, false);
    ovsdb_idl_add_column(*idl, &nbrec_nb_global_col_nb_cfg);

    struct topology *topology = topology_create(*idl);
    ovsdb_idl_set_remote(*idl, ovsdb_fixture_remote(tf->db), true);
    return topology;
}

void
topology_fixture_init(struct topology_fixture *tf)
{
    *tf = (struct topology_fixture) { .nb_cfg = 0 };
    tf->db = ovsdb_fixture_create(ovsdb_fixture_nb_schema(), false);
    json_destroy(ovsdb_fixture_transact(
        tf->db, "{'op':'insert','table':'NB_Global','row':{}}"));

    tf->topology = open_topology(tf, &tf->idl);
    uuidset_init(&tf->changed_switches);
    uuidset_init(&tf->changed_routers);
    ip_set_init(&tf->changed_addresses);
    svec_init(&tf->meanings);
    svec_init(&tf->subnets);
    ip_set_init(&tf->nat_ips);
    shash_init(&tf->names);
}

void
topology_fixture_uninit(struct topology_fixture *tf)
{
    topology_destroy(tf->topology);
    ovsdb_idl_destroy(tf->idl);
    ovsdb_fixture_destroy(tf->db);
    uuidset_destroy(&tf->changed_switches);
    uuidset_destroy(&tf->changed_routers);
    ip_set_destroy(&tf->changed_addresses);
    svec_destroy(&tf->meanings);
    svec_destroy(&tf->subnets);
    ip_set_destroy(&tf->nat_ips);
    shash_destroy_free_data(&tf->names);
}

bool
topology_fixture_try_commit(struct topology_fixture *tf, const char *ops)
{
    char *all = xasprintf("%s,%s", ops, OP_COUNT);
    struct json *result = ovsdb_fixture_try_transact(tf->db, all);

    tf->nb_cfg += result != NULL;
    json_destroy(result);
    free(all);
    return result != NULL;
}

void
topology_fixture_commit(struct topology_fixture *tf, const char *ops)
{
    char *all = xasprintf("%s,%s", ops, OP_COUNT);

    json_destroy(ovsdb_fixture_transact(tf->db, all));
    tf->nb_cfg++;
    free(all);
}

static void
remember_name(struct topology_fixture *tf, const struct uuid *uuid,
              const char *name)
{
    char key[UUID_LEN + 1];

    snprintf(key, sizeof key, UUID_FMT, UUID_ARGS(uuid));
    free(shash_replace(&tf->names, key, xstrdup(name)));
}

static void
note_changes(struct topology_fixture *tf)
{
    size_t n;

    const struct uuid *uuids = topology_changed_switches(tf->topology, &n);
    for (size_t i = 0; i < n; i++) {
        const struct topo_switch *sw = topology_switch_by_uuid(tf->topology,
                                                               &uuids[i]);
        if (sw) {
            remember_name(tf, &uuids[i], sw->name);
        }
        uuidset_insert(&tf->changed_switches, &uuids[i]);
    }

    uuids = topology_changed_routers(tf->topology, &n);
    for (size_t i = 0; i < n; i++) {
        const struct topo_router *router = topology_router_by_uuid(
            tf->topology, &uuids[i]);
        if (router) {
            remember_name(tf, &uuids[i], router->name);
        }
        uuidset_insert(&tf->changed_routers, &uuids[i]);
    }

    const struct in6_addr *ips = topology_changed_addresses(tf->topology, &n);
    for (size_t i = 0; i < n; i++) {
        ip_set_add(&tf->changed_addresses, &ips[i]);
    }
}

/* Compares what was reported about addresses with what happened to them. */
static void
check_addresses(struct topology_fixture *tf)
{
    struct svec meanings = SVEC_EMPTY_INITIALIZER;

    topology_meanings_add(tf->topology, tf->idl, &meanings);
    topology_meanings_check(&tf->meanings, &meanings, &tf->changed_addresses);
    svec_destroy(&tf->meanings);
    tf->meanings = meanings;
    topology_meanings_check_nats(tf->topology, tf->idl, &tf->nat_ips);
}

/* And the same with subnets and switches. */
static void
check_subnets(struct topology_fixture *tf)
{
    struct svec subnets = SVEC_EMPTY_INITIALIZER;

    topology_subnets_add(tf->topology, &subnets);
    topology_subnets_check(&tf->subnets, &subnets, &tf->changed_switches);
    topology_subnets_check_rows(tf->topology, tf->idl);
    svec_destroy(&tf->subnets);
    tf->subnets = subnets;
}

/* Reading everything again finds nothing new. */
static void
check_reset(struct topology_fixture *tf, const char *expected)
{
    unsigned int seqno = topology_seqno(tf->topology);
    size_t n;

    topology_run(tf->topology, true);
    assert_int_equal(topology_seqno(tf->topology), seqno);
    topology_changed_addresses(tf->topology, &n);
    assert_int_equal(n, 0);

    char *actual = topology_dump(tf->topology);
    assert_string_equal(actual, expected);
    free(actual);
    check_addresses(tf);
}

struct follower {
    struct topology_fixture *tf;
    struct ovsdb_idl *idl;
    struct topology *topology;
};

static bool
follow(void *f_)
{
    struct follower *f = f_;

    ovsdb_idl_run(f->idl);
    topology_run(f->topology, false);
    ovsdb_idl_track_clear(f->idl);
    if (f->topology == f->tf->topology) {
        note_changes(f->tf);
    }

    const struct nbrec_nb_global *nb = nbrec_nb_global_first(f->idl);
    return nb && nb->nb_cfg == f->tf->nb_cfg;
}

static void
follow_wait(void *f_)
{
    struct follower *f = f_;

    ovsdb_idl_wait(f->idl);
}

static char *
dump_fresh(struct topology_fixture *tf)
{
    struct follower f = { .tf = tf };

    f.topology = open_topology(tf, &f.idl);
    ovsdb_fixture_wait_until(follow, follow_wait, &f, "a new topology");
    char *dump = topology_dump(f.topology);
    topology_destroy(f.topology);
    ovsdb_idl_destroy(f.idl);
    return dump;
}

void
topology_fixture_sync(struct topology_fixture *tf)
{
    struct follower f = {
        .tf = tf,
        .idl = tf->idl,
        .topology = tf->topology,
    };

    uuidset_clear(&tf->changed_switches);
    uuidset_clear(&tf->changed_routers);
    ip_set_clear(&tf->changed_addresses);
    ovsdb_fixture_wait_until(follow, follow_wait, &f,
                             "the topology to follow");

    char *expected = dump_fresh(tf);
    char *actual = topology_dump(tf->topology);
    assert_string_equal(actual, expected);
    check_addresses(tf);
    check_subnets(tf);
    check_reset(tf, expected);
    free(expected);
    free(actual);
}

void
topology_fixture_apply(struct topology_fixture *tf, const char *ops)
{
    topology_fixture_commit(tf, ops);
    topology_fixture_sync(tf);
}

static char *
name_all(const struct topology_fixture *tf, const struct uuidset *set)
{
    struct svec names = SVEC_EMPTY_INITIALIZER;
    struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, set) {
        char key[UUID_LEN + 1];
        snprintf(key, sizeof key, UUID_FMT, UUID_ARGS(&node->uuid));
        svec_add(&names, shash_find_data(&tf->names, key));
    }
    svec_sort(&names);
    char *s = svec_join(&names, " ", "");
    svec_destroy(&names);
    return s;
}

char *
topology_fixture_changed_switches(const struct topology_fixture *tf)
{
    return name_all(tf, &tf->changed_switches);
}

char *
topology_fixture_changed_routers(const struct topology_fixture *tf)
{
    return name_all(tf, &tf->changed_routers);
}

char *
topology_fixture_changed_addresses(const struct topology_fixture *tf)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    struct in6_addr *ips = ip_set_array(&tf->changed_addresses);

    for (size_t i = 0; i < ip_set_count(&tf->changed_addresses); i++) {
        svec_add_nocopy(&lines, ip_format_any(&ips[i]));
    }
    svec_sort(&lines);
    char *s = svec_join(&lines, " ", "");
    svec_destroy(&lines);
    free(ips);
    return s;
}

/* Text. */

static void
put_ip(struct ds *ds, const struct in6_addr *ip)
{
    char *s = ip_format_any(ip);

    ds_put_format(ds, " %s", s);
    free(s);
}

static void
put_link(struct svec *lines, const struct topo_link *link, bool with_networks)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (with_networks) {
        ds_put_format(&ds, "link "UUID_FMT" ", UUID_ARGS(&link->sw->uuid));
    }
    ds_put_format(&ds, "%s%s", link->router->name,
                  link->is_gateway ? "(gateway)" : "");
    for (size_t i = 0; with_networks && i < link->n_networks; i++) {
        put_ip(&ds, &link->networks[i]);
        ds_put_format(&ds, "/%u", link->plens[i]);
    }
    svec_add_nocopy(lines, ds_steal_cstr(&ds));
}

static const struct topo_switch *
find_switch(const struct topology *t, const char *name)
{
    const struct topo_switch *sw;

    HMAP_FOR_EACH (sw, by_uuid, topology_switches(t)) {
        if (!strcmp(sw->name, name)) {
            return sw;
        }
    }
    fail_msg("no switch %s", name);
    return NULL;
}

char *
topology_fixture_describe(const struct topology_fixture *tf,
                          const char *switch_name)
{
    const struct topo_switch *sw = find_switch(tf->topology, switch_name);
    struct svec links = SVEC_EMPTY_INITIALIZER;
    struct ds ds = DS_EMPTY_INITIALIZER;

    struct topo_link *link;
    LIST_FOR_EACH (link, in_switch, &sw->links) {
        put_link(&links, link, false);
    }
    svec_sort(&links);
    char *joined = svec_join(&links, " ", "");
    ds_put_format(&ds, "%s%s ports %"PRIuSIZE" links [%s]", sw->display_name,
                  sw->is_provider ? " provider" : "",
                  ovs_list_size(&sw->ports), joined);
    free(joined);
    svec_destroy(&links);

    struct topo_subnet *subnet;
    LIST_FOR_EACH (subnet, in_switch, &sw->subnets) {
        ds_put_format(&ds, "\n%s %s gateway %s free %llu",
                      subnet->name, subnet->cidr,
                      subnet->gateway_ip ? subnet->gateway_ip : "none",
                      topo_subnet_n_free(subnet, 1000000));
    }
    return ds_steal_cstr(&ds);
}

struct uuid
topology_derived_id(const struct uuid *sw, const char *cidr)
{
    char *usual = xasprintf("%.*s/%s", (int) strcspn(cidr, "/"), cidr,
                            strchr(cidr, ':') ? "64" : "24");
    struct uuid id = name_uuid(sw, usual);

    free(usual);
    return id;
}

char *
topology_fixture_subnets(const struct topology_fixture *tf,
                         const char *switch_name)
{
    const struct topo_switch *sw = find_switch(tf->topology, switch_name);
    const struct topo_subnet *subnet;
    struct ds ds = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&ds, "");
    LIST_FOR_EACH (subnet, in_switch, &sw->subnets) {
        struct uuid derived = topology_derived_id(&sw->uuid, subnet->cidr);

        ds_put_format(&ds, "%s%s ", ds.length ? "\n" : "", subnet->cidr);
        if (uuid_equals(&derived, &subnet->id)) {
            ds_put_cstr(&ds, "derived");
        } else {
            ds_put_format(&ds, UUID_FMT, UUID_ARGS(&subnet->id));
        }
    }
    return ds_steal_cstr(&ds);
}

/* Counts the free addresses of a small subnet the long way, and compares. */
static void
check_free(const struct topo_switch *sw, const struct topo_subnet *subnet)
{
    unsigned int bits = (subnet->is_ipv6 ? 128 : 32) - subnet->plen;
    struct in6_addr ip = subnet->prefix;
    unsigned long long int n = 0;

    if (bits > 10) {
        return;
    }
    for (unsigned int i = 0; i < 1u << bits; i++) {
        bool reserved;

        n += (topo_subnet_is_host(subnet, &ip)
              && !topo_switch_user_of(sw, &ip, &reserved) && !reserved);
        ip = addr_next(ip);
    }
    assert_int_equal(topo_subnet_n_free(subnet, ULLONG_MAX), n);
}

static void
dump_switch(const struct topology *t, const struct topo_switch *sw,
            struct svec *lines)
{
    struct topo_subnet *subnet;
    struct topo_link *link;
    int i = 0;

    assert_ptr_equal(topology_switch_by_uuid(t, &sw->uuid), sw);
    assert_true(uuid_equals(&topology_switch_by_id(t, &sw->id)->id, &sw->id));
    svec_add_nocopy(lines, xasprintf(
        "switch "UUID_FMT" id "UUID_FMT" name %s (%s) provider %d "
        "ports %"PRIuSIZE" addresses %"PRIuSIZE,
        UUID_ARGS(&sw->uuid), UUID_ARGS(&sw->id), sw->name,
        sw->display_name, sw->is_provider, ovs_list_size(&sw->ports),
        hmap_count(&sw->addresses)));
    LIST_FOR_EACH (link, in_switch, &sw->links) {
        put_link(lines, link, true);
    }
    LIST_FOR_EACH (subnet, in_switch, &sw->subnets) {
        assert_true(uuid_equals(&topology_subnet_by_id(t, &subnet->id)->id,
                                &subnet->id));
        assert_ptr_equal(subnet->sw, sw);
        check_free(sw, subnet);
        svec_add_nocopy(lines, xasprintf(
            "subnet "UUID_FMT" #%d id "UUID_FMT" %s %s/%u gateway %s "
            "free %llu", UUID_ARGS(&sw->uuid), i++, UUID_ARGS(&subnet->id),
            subnet->name, subnet->cidr, subnet->plen,
            subnet->gateway_ip ? subnet->gateway_ip : "none",
            topo_subnet_n_free(subnet, ULLONG_MAX)));
    }
}

static void
dump_port(const struct topology *t, const struct topo_port *port,
          struct svec *lines)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    assert_ptr_equal(topology_port_by_name(t, port->name), port);
    assert_true(uuid_equals(&topology_port_by_id(t, &port->id)->id,
                            &port->id));
    ds_put_format(&ds, "port "UUID_FMT" id "UUID_FMT" name %s (%s) type '%s' "
                  "device %s/%s router %s floating %s mac %s %s"
                  "switch "UUID_FMT,
                  UUID_ARGS(&port->uuid), UUID_ARGS(&port->id), port->name,
                  port->display_name, port->type, port->device_owner,
                  port->device_id,
                  port->router_port ? port->router_port : "none",
                  port->floating_ip ? port->floating_ip : "none",
                  port->mac ? port->mac : "none",
                  port->is_cut_off ? "cut off " : "",
                  UUID_ARGS(port->sw ? &port->sw->uuid : &UUID_ZERO));
    for (size_t i = 0; i < port->n_addresses; i++) {
        const struct in6_addr *ip = &port->addresses[i];
        bool reserved;

        put_ip(&ds, ip);
        if (port->sw) {
            ds_put_format(&ds, " of %s",
                          topo_switch_user_of(port->sw, ip, &reserved)->name);
            assert_false(reserved);
        }
    }
    svec_add_nocopy(lines, ds_steal_cstr(&ds));
}

static void
dump_router(const struct topo_router *router, struct svec *lines)
{
    svec_add_nocopy(lines, xasprintf("router "UUID_FMT" %s links %"PRIuSIZE,
                                     UUID_ARGS(&router->uuid), router->name,
                                     ovs_list_size(&router->links)));
}

char *
topology_dump(const struct topology *t)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    const struct topo_router *router;
    const struct topo_switch *sw;
    const struct topo_port *port;

    HMAP_FOR_EACH (sw, by_uuid, topology_switches(t)) {
        dump_switch(t, sw, &lines);
    }
    HMAP_FOR_EACH (port, by_uuid, topology_ports(t)) {
        dump_port(t, port, &lines);
    }
    HMAP_FOR_EACH (router, by_uuid, topology_routers(t)) {
        dump_router(router, &lines);
    }
    svec_sort(&lines);
    char *s = svec_join(&lines, "\n", "\n");
    svec_destroy(&lines);
    return s;
}

int
topology_fixture_setup(void **state)
{
    struct topology_fixture *tf = xmalloc(sizeof *tf);

    topology_fixture_init(tf);
    *state = tf;
    return 0;
}

int
topology_fixture_teardown(void **state)
{
    topology_fixture_uninit(*state);
    free(*state);
    return 0;
}
