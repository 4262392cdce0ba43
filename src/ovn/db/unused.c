/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding and removing rows without users; see unused.h.
 *
 * A load balancer that is only in OVN, because OVN_Octavia was lost or never
 * had it, still needs its things: its rows say so.
 */

#include <config.h>
#include "ovn/db/unused.h"
#include <stdlib.h>
#include <string.h>
#include "nb-idl.h"
#include "net/topology.h"
#include "ovn/db/nb-acls.h"
#include "ovn/db/nb-private.h"
#include "ovn/rows/rows.h"
#include "ovn/want/centralise.h"
#include "ovn/want/groups.h"
#include "ovn/want/probe-sources.h"
#include "util.h"
#include "uuid.h"

struct unused_search {
    struct nb *nb;
    struct ovsdb_idl_txn *txn;
    size_t n;
};

/* Ports of sources. */

/* True if 'name' is that of a port from which members in '*subnet_id' are
 * probed, and 'port', which has it, is not needed any more. */
static bool
source_is_unused(const struct nb *nb, const struct topo_port *port,
                 const char *name, struct uuid *subnet_id)
{
    return (uuid_from_string(subnet_id, name + strlen(SOURCE_PORT_PREFIX))
            && !nb_subnet_is_probed(nb, subnet_id)
            && !(port->n_addresses
                 && nb_probes_from(nb, NULL, &port->addresses[0])));
}

static void
remove_source(const struct topo_port *port, void *search_)
{
    struct unused_search *search = search_;
    struct uuid subnet_id;

    if (!source_is_unused(search->nb, port, port->name, &subnet_id)) {
        return;
    }

    const struct nbrec_logical_switch_port *row
        = nbrec_logical_switch_port_get_for_uuid(search->nb->idl,
                                                 &port->uuid);
    const struct nbrec_logical_switch *sw
        = (port->sw
           ? nbrec_logical_switch_get_for_uuid(search->nb->idl,
                                               &port->sw->uuid)
           : NULL);
    if (row && sw) {
        nbrec_logical_switch_update_ports_delvalue(sw, row);
        search->n++;
    }
}

/* Neutron calls its ports by their UUIDs. */
void
unused_for_each_neutrons(const struct nb *nb,
                         void (*cb)(const struct topo_port *,
                                    const struct uuid *subnet_id,
                                    void *aux),
                         void *aux)
{
    const struct topo_port *port;

    HMAP_FOR_EACH (port, by_uuid, topology_ports(nb->topology)) {
        struct uuid port_id, subnet_id;

        if (uuid_from_string(&port_id, port->name)
            && !strncmp(port->display_name, SOURCE_PORT_PREFIX,
                        strlen(SOURCE_PORT_PREFIX))
            && !strcmp(port->device_owner, SOURCE_PORT_OWNER)
            && source_is_unused(nb, port, port->display_name, &subnet_id)
            && sources_port_is_for(port, &subnet_id)) {
            cb(port, &subnet_id, aux);
        }
    }
}

/* Groups. */

/* Takes the group off its carriers first: their references are strong. */
static void
unused_remove_group(struct unused_search *search,
                    const struct nbrec_load_balancer_group *group)
{
    const struct nb_index *index = &search->nb->index;
    const struct uuid *uuid = &group->header_.uuid;
    const struct uuidset *carriers;
    const struct uuidset_node *node;

    carriers = refs_parents(&index->switch_groups, uuid);
    if (carriers) {
        UUIDSET_FOR_EACH (node, carriers) {
            const struct nbrec_logical_switch *sw
                = nbrec_logical_switch_get_for_uuid(search->nb->idl,
                                                    &node->uuid);
            if (sw) {
                nbrec_logical_switch_update_load_balancer_group_delvalue(
                    sw, group);
            }
        }
    }
    carriers = refs_parents(&index->router_groups, uuid);
    if (carriers) {
        UUIDSET_FOR_EACH (node, carriers) {
            const struct nbrec_logical_router *router
                = nbrec_logical_router_get_for_uuid(search->nb->idl,
                                                    &node->uuid);
            if (router) {
                nbrec_logical_router_update_load_balancer_group_delvalue(
                    router, group);
            }
        }
    }
    nbrec_load_balancer_group_verify_load_balancer(group);
    nbrec_load_balancer_group_delete(group);
    search->n++;
}

static void
remove_groups(struct unused_search *search)
{
    const struct nb_group *known;

    HMAP_FOR_EACH (known, by_row, &search->nb->index.own_groups) {
        const struct nbrec_load_balancer_group *row
            = nbrec_load_balancer_group_get_for_uuid(search->nb->idl,
                                                     &known->row);
        if (row && !row->n_load_balancer
            && groups_is_unused(search->nb->groups, &known->id)) {
            unused_remove_group(search, row);
        }
    }
}

/* Entrances. */

/* An ACL may come with the same transaction: then the load balancer watches
 * the router already. */
static bool
entrance_is_unused(const struct nb_index *index,
                   const struct nbrec_port_group *row)
{
    size_t n;
    const struct uuid *router = refs_children(&index->entrances,
                                              &row->header_.uuid, &n);

    return (nb_entrance_is_marked(row)
            && !ovsdb_idl_read(&row->header_, &nbrec_port_group_col_acls)->n
            && !(router && refs_parents(&index->homes, router)));
}

static void
remove_entrances(struct unused_search *search)
{
    const struct nbrec_port_group *row;

    NBREC_PORT_GROUP_FOR_EACH_SAFE (row, search->nb->idl) {
        if (entrance_is_unused(&search->nb->index, row)) {
            nbrec_port_group_verify_acls(row);
            nbrec_port_group_delete(row);
            search->n++;
        }
    }
}

/* Floating IPs. */

static void
undo_nat(const struct topo_nat *nat, void *search_)
{
    struct unused_search *search = search_;

    if (!nb_nat_is_needed(search->nb, &nat->uuid)) {
        centralise_undo(search->txn, &nat->uuid);
        search->n++;
    }
}

size_t
unused_remove(struct nb *nb, struct ovsdb_idl_txn *txn)
{
    struct unused_search search = { nb, txn, 0 };

    topology_for_each_port_named(nb->topology, SOURCE_PORT_PREFIX,
                                 remove_source, &search);
    remove_groups(&search);
    remove_entrances(&search);
    topology_for_each_centralised_nat(nb->topology, undo_nat, &search);
    return search.n;
}
