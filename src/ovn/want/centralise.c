/* SPDX-License-Identifier: Apache-2.0
 *
 * Floating IPs of members; see centralise.h.
 */

#include <config.h>
#include "ovn/want/centralise.h"
#include "base/ip.h"
#include "model/objects.h"
#include "nb-idl.h"
#include "net/topology.h"
#include "ovn/want/desired.h"
#include "ovn/want/vips.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

bool
centralise_is_needed(const struct vip_list *vips,
                     const struct desired_facts *facts)
{
    if (facts->has_central_replies) {
        return true;
    }
    for (size_t i = 0; i < vips->n; i++) {
        if (vip_is_floating(&vips->vips[i])) {
            return true;
        }
    }
    return false;
}

static void
find_for_member(const struct topology *topology,
                const struct model_member *member, struct uuidset *ret)
{
    const struct topo_subnet *subnet
        = topology_subnet_by_id(topology, &member->subnet_id);
    const struct topo_nat *nat = NULL;

    if (!subnet || !ipv6_addr_is_set(&member->ip)) {
        return;
    }
    while ((nat = topology_next_nat(topology, &member->ip, nat))) {
        if ((nat->external_mac || nat->is_centralised)
            && topo_switch_has_router(subnet->sw, &nat->router)) {
            uuidset_insert(ret, &nat->uuid);
        }
    }
}

void
centralise_find(const struct model_lb *lb, const struct vip_list *vips,
                const struct desired_facts *facts, struct uuidset *ret)
{
    if (!centralise_is_needed(vips, facts)) {
        return;
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        const struct model_pool *pool = &lb->pools[i];
        for (size_t j = 0; j < pool->n_members; j++) {
            find_for_member(facts->topology, &pool->members[j], ret);
        }
    }
}

static const struct nbrec_nat *
get_nat(struct ovsdb_idl_txn *txn, const struct uuid *nat)
{
    return nbrec_nat_get_for_uuid(ovsdb_idl_txn_get_idl(txn), nat);
}

void
centralise_nat(struct ovsdb_idl_txn *txn, const struct uuid *nat)
{
    const struct nbrec_nat *row = get_nat(txn, nat);

    if (row && row->external_mac) {
        nbrec_nat_verify_external_mac(row);
        nbrec_nat_update_external_ids_setkey(row, NAT_KEY_MAC,
                                             row->external_mac);
        nbrec_nat_update_external_ids_setkey(
            row, NAT_KEY_PORT, row->logical_port ? row->logical_port : "");
        nbrec_nat_set_external_mac(row, NULL);
        nbrec_nat_set_logical_port(row, NULL);
    }
}

/* Puts nothing back into a row that was given an external_mac meanwhile; only
 * our notes are removed from its external_ids. */
void
centralise_undo(struct ovsdb_idl_txn *txn, const struct uuid *nat)
{
    const struct nbrec_nat *row = get_nat(txn, nat);
    const char *mac = row ? smap_get(&row->external_ids, NAT_KEY_MAC) : NULL;
    const char *port = row ? smap_get(&row->external_ids, NAT_KEY_PORT) : NULL;

    if (!mac) {
        return;
    }
    if (!row->external_mac && port && port[0]) {
        nbrec_nat_set_external_mac(row, mac);
        nbrec_nat_set_logical_port(row, port);
    }
    nbrec_nat_update_external_ids_delkey(row, NAT_KEY_MAC);
    nbrec_nat_update_external_ids_delkey(row, NAT_KEY_PORT);
}
