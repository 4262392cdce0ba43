/* SPDX-License-Identifier: Apache-2.0
 *
 * What each address means in a topology; see topology-meaning.h.
 */

#include <config.h>
#include "topology-meaning.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/ip-set.h"
#include "base/ip.h"
#include "nb-idl.h"
#include "net/topology.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

/* The lowest UUID of a router that has the row, the slow way. */
static struct uuid
find_router(const struct ovsdb_idl *idl, const struct nbrec_nat *nat)
{
    const struct nbrec_logical_router *router;
    struct uuid lowest = UUID_ZERO;

    NBREC_LOGICAL_ROUTER_FOR_EACH (router, idl) {
        for (size_t i = 0; i < router->n_nat; i++) {
            if (router->nat[i] == nat
                && (uuid_is_zero(&lowest)
                    || uuid_compare_3way(&router->header_.uuid,
                                         &lowest) < 0)) {
                lowest = router->header_.uuid;
            }
        }
    }
    return lowest;
}

static char *
format_nat(const struct in6_addr *logical_ip, const struct uuid *uuid,
           const struct uuid *router, const struct in6_addr *external_ip,
           const char *mac, const char *port, bool is_centralised)
{
    char *logical = ip_format_any(logical_ip);
    char *external = ip_format_any(external_ip);
    char *line = xasprintf("%s nat "UUID_FMT" of "UUID_FMT" %s mac %s "
                           "port %s%s", logical, UUID_ARGS(uuid),
                           UUID_ARGS(router), external, mac ? mac : "none",
                           port ? port : "none",
                           is_centralised ? " centralised" : "");
    free(logical);
    free(external);
    return line;
}

/* The line of a row, or NULL if it is not a floating IP's. */
static char *
format_row(const struct ovsdb_idl *idl, const struct nbrec_nat *row,
           struct in6_addr *logical_ip)
{
    struct uuid router = find_router(idl, row);
    struct in6_addr external_ip;

    if (strcmp(row->type, "dnat_and_snat")
        || !ip_parse_any(row->external_ip, &external_ip)
        || !ip_parse_any(row->logical_ip, logical_ip)) {
        return NULL;
    }
    return format_nat(logical_ip, &row->header_.uuid, &router, &external_ip,
                      row->external_mac, row->logical_port,
                      smap_get(&row->external_ids,
                               "ovn-octavia:external_mac") != NULL);
}

static void
add_port(const struct topo_port *port, struct svec *ret)
{
    for (size_t i = 0; i < port->n_addresses; i++) {
        char *ip = ip_format_any(&port->addresses[i]);
        svec_add_nocopy(ret, xasprintf(
            "%s port %s type '%s' owner %s floating %s%s switch "UUID_FMT,
            ip, port->name, port->type, port->device_owner,
            port->floating_ip ? port->floating_ip : "none",
            port->is_cut_off ? " cut off" : "",
            UUID_ARGS(port->sw ? &port->sw->uuid : &UUID_ZERO)));
        free(ip);
    }
}

void
topology_meanings_add(const struct topology *t, const struct ovsdb_idl *idl,
                      struct svec *ret)
{
    const struct topo_port *port;
    HMAP_FOR_EACH (port, by_uuid, topology_ports(t)) {
        add_port(port, ret);
    }

    const struct nbrec_nat *row;
    NBREC_NAT_FOR_EACH (row, idl) {
        struct in6_addr logical_ip;
        char *line = format_row(idl, row, &logical_ip);
        if (line) {
            svec_add_nocopy(ret, line);
        }
    }
    svec_sort(ret);
}

static void
expect_address(const char *line, const struct ip_set *changed)
{
    size_t n = strcspn(line, " ");
    char *text = xmemdup0(line, n);
    struct in6_addr ip;

    assert_true(ip_parse_any(text, &ip));
    if (!ip_set_contains(changed, &ip)) {
        fail_msg("not reported: %s", line);
    }
    free(text);
}

void
topology_meanings_check(const struct svec *before, const struct svec *after,
                        const struct ip_set *changed)
{
    struct svec went, came;

    svec_diff(before, after, &went, NULL, &came);
    for (size_t i = 0; i < went.n; i++) {
        expect_address(went.names[i], changed);
    }
    for (size_t i = 0; i < came.n; i++) {
        expect_address(came.names[i], changed);
    }
    svec_destroy(&went);
    svec_destroy(&came);
}

static void
add_centralised(const struct topo_nat *nat, void *lines)
{
    svec_add_nocopy(lines, format_nat(&nat->logical_ip, &nat->uuid,
                                      &nat->router, &nat->external_ip,
                                      nat->external_mac, nat->logical_port,
                                      nat->is_centralised));
}

static void
compare_lines(struct svec *actual, struct svec *expected)
{
    svec_sort(actual);
    svec_sort(expected);

    char *actual_text = svec_join(actual, "\n", "\n");
    char *expected_text = svec_join(expected, "\n", "\n");
    assert_string_equal(actual_text, expected_text);
    free(actual_text);
    free(expected_text);
    svec_destroy(actual);
    svec_destroy(expected);
}

void
topology_meanings_check_nats(const struct topology *t,
                             const struct ovsdb_idl *idl, struct ip_set *ips)
{
    struct svec expected = SVEC_EMPTY_INITIALIZER;
    struct svec expected_centralised = SVEC_EMPTY_INITIALIZER;
    struct svec actual = SVEC_EMPTY_INITIALIZER;
    struct svec actual_centralised = SVEC_EMPTY_INITIALIZER;

    const struct nbrec_nat *row;
    NBREC_NAT_FOR_EACH (row, idl) {
        struct in6_addr ip;
        char *line = format_row(idl, row, &ip);
        if (line) {
            ip_set_add(ips, &ip);
            if (strstr(line, "centralised")) {
                svec_add(&expected_centralised, line);
            }
            svec_add_nocopy(&expected, line);
        }
    }

    struct in6_addr *array = ip_set_array(ips);
    for (size_t i = 0; i < ip_set_count(ips); i++) {
        const struct topo_nat *nat = NULL;
        while ((nat = topology_next_nat(t, &array[i], nat)) != NULL) {
            svec_add_nocopy(&actual, format_nat(
                &array[i], &nat->uuid, &nat->router, &nat->external_ip,
                nat->external_mac, nat->logical_port, nat->is_centralised));
        }
    }
    free(array);
    topology_for_each_centralised_nat(t, add_centralised,
                                      &actual_centralised);

    compare_lines(&actual, &expected);
    compare_lines(&actual_centralised, &expected_centralised);
}
