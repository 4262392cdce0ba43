/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts for tools; see nb-facts.h.
 */

#include <config.h>
#include "ovn/nb-facts.h"
#include "nb-idl.h"
#include "ovn/nb-private.h"
#include "util.h"
#include "uuid.h"

void
nb_facts_add_columns(struct nb *nb)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_logical_switch_port_col_enabled,
        &nbrec_logical_switch_port_col_up,
        &nbrec_logical_router_col_options,
        &nbrec_logical_router_col_ports,
        &nbrec_logical_router_port_col_gateway_chassis,
        &nbrec_logical_router_port_col_ha_chassis_group,
        &nbrec_logical_router_port_col_options,
        &nbrec_nb_global_col_nb_cfg,
        &nbrec_nb_global_col_sb_cfg,
        &nbrec_nb_global_col_hv_cfg,
    };

    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_add_column(nb->idl, columns[i]);
    }
}

bool
nb_facts_port(const struct nb *nb, const struct uuid *port,
              struct nb_port_state *ret)
{
    const struct nbrec_logical_switch_port *row
        = nbrec_logical_switch_port_get_for_uuid(nb->idl, port);

    if (!row) {
        return false;
    }
    ret->is_enabled = !row->n_enabled || row->enabled[0];
    ret->is_up = row->n_up && row->up[0];
    return true;
}

bool
nb_facts_router_has_gateway(const struct nb *nb, const struct uuid *router)
{
    const struct nbrec_logical_router *row
        = nbrec_logical_router_get_for_uuid(nb->idl, router);
    bool found = row && smap_get(&row->options, "chassis");

    for (size_t i = 0; row && i < row->n_ports; i++) {
        const struct nbrec_logical_router_port *port = row->ports[i];
        found |= (port->n_gateway_chassis || port->ha_chassis_group
                  || smap_get(&port->options, "redirect-chassis"));
    }
    return found;
}
