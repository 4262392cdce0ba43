/* SPDX-License-Identifier: Apache-2.0
 *
 * Subnets of a topology against the rows; see topology-subnets.h.
 */

#include <config.h>
#include "topology-subnets.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/name-uuid.h"
#include "nb-idl.h"
#include "net/addr.h"
#include "net/topology.h"
#include "smap.h"
#include "svec.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

void
topology_subnets_add(const struct topology *t, struct svec *ret)
{
    const struct topo_switch *sw;

    HMAP_FOR_EACH (sw, by_uuid, topology_switches(t)) {
        const struct topo_subnet *subnet;
        LIST_FOR_EACH (subnet, in_switch, &sw->subnets) {
            svec_add_nocopy(ret, xasprintf(UUID_FMT" "UUID_FMT" %s",
                                           UUID_ARGS(&sw->uuid),
                                           UUID_ARGS(&subnet->id),
                                           subnet->cidr));
        }
    }
    svec_sort(ret);
}

static void
expect_switches(const struct svec *lines, const struct uuidset *changed)
{
    for (size_t i = 0; i < lines->n; i++) {
        struct uuid sw;

        assert_true(uuid_from_string_prefix(&sw, lines->names[i]));
        if (!uuidset_contains(changed, &sw)) {
            fail_msg("not reported: %s", lines->names[i]);
        }
    }
}

void
topology_subnets_check(const struct svec *before, const struct svec *after,
                       const struct uuidset *changed)
{
    struct svec went, came;

    svec_diff(before, after, &went, NULL, &came);
    expect_switches(&went, changed);
    expect_switches(&came, changed);
    svec_destroy(&went);
    svec_destroy(&came);
}

static bool
parse_options(const struct nbrec_dhcp_options *row, struct uuid *id,
              struct addr_prefix *prefix)
{
    return (row
            && uuid_from_string(id, smap_get_def(&row->external_ids,
                                                 "subnet_id", ""))
            && addr_prefix_parse(row->cidr, prefix));
}

static const struct topo_switch *
switch_of(const struct topology *t,
          const struct nbrec_logical_switch_port *row)
{
    const struct topo_port *port;

    HMAP_FOR_EACH (port, by_uuid, topology_ports(t)) {
        if (uuid_equals(&port->uuid, &row->header_.uuid)) {
            return port->sw;
        }
    }
    return NULL;
}

/* Another subnet may be in its place, if they overlap. */
static bool
has_subnet(const struct topo_switch *sw, const struct addr_prefix *prefix)
{
    const struct topo_subnet *subnet;

    LIST_FOR_EACH (subnet, in_switch, &sw->subnets) {
        struct addr_prefix p;

        assert_true(addr_prefix_parse(subnet->cidr, &p));
        if (addr_prefix_contains(&p, &prefix->ip)
            || addr_prefix_contains(prefix, &p.ip)) {
            return true;
        }
    }
    return false;
}

/* Whether a router port on 'sw' names the id. */
static bool
router_names(const struct topo_switch *sw, const struct uuid *id)
{
    const struct topo_link *link;

    LIST_FOR_EACH (link, in_switch, &sw->links) {
        for (size_t i = 0; i < link->n_subnet_ids; i++) {
            if (uuid_equals(&link->subnet_ids[i], id)) {
                return true;
            }
        }
    }
    return false;
}

/* Whether options of a port on 'sw' name the subnet. */
static bool
options_name(const struct topology *t, const struct ovsdb_idl *idl,
             const struct topo_switch *sw, const struct topo_subnet *subnet)
{
    const struct nbrec_logical_switch_port *row;

    NBREC_LOGICAL_SWITCH_PORT_FOR_EACH (row, idl) {
        const struct nbrec_dhcp_options *options[] = { row->dhcpv4_options,
                                                       row->dhcpv6_options };
        for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
            struct addr_prefix prefix;
            struct uuid id;

            if (switch_of(t, row) == sw
                && parse_options(options[i], &id, &prefix)
                && uuid_equals(&id, &subnet->id)) {
                char *cidr = addr_prefix_format(&prefix);
                bool same = !strcmp(cidr, subnet->cidr);
                free(cidr);
                if (same) {
                    return true;
                }
            }
        }
    }
    return false;
}

static void
check_ids(const struct topology *t, const struct ovsdb_idl *idl)
{
    const struct topo_switch *sw;

    HMAP_FOR_EACH (sw, by_uuid, topology_switches(t)) {
        const struct topo_subnet *subnet;
        LIST_FOR_EACH (subnet, in_switch, &sw->subnets) {
            struct uuid derived = topology_derived_id(&sw->uuid,
                                                      subnet->cidr);
            struct uuid second = name_uuid(&derived, "router");
            assert_true(uuid_equals(&derived, &subnet->id)
                        || uuid_equals(&second, &subnet->id)
                        || router_names(sw, &subnet->id)
                        || options_name(t, idl, sw, subnet));
        }
    }
}

void
topology_subnets_check_rows(const struct topology *t,
                            const struct ovsdb_idl *idl)
{
    const struct nbrec_logical_switch_port *row;

    NBREC_LOGICAL_SWITCH_PORT_FOR_EACH (row, idl) {
        const struct nbrec_dhcp_options *options[] = { row->dhcpv4_options,
                                                       row->dhcpv6_options };
        const struct topo_switch *sw = switch_of(t, row);

        for (size_t i = 0; sw && i < ARRAY_SIZE(options); i++) {
            struct addr_prefix prefix;
            struct uuid id;

            if (parse_options(options[i], &id, &prefix)) {
                assert_true(has_subnet(sw, &prefix));
            }
        }
    }
    check_ids(t, idl);
}
