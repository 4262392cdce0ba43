/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts for tools; see nb-facts.h.
 */

#include <config.h>
#include "ovn/db/nb-facts.h"
#include <stdlib.h>
#include <string.h>
#include "nb-idl.h"
#include "net/topology.h"
#include "ovn/db/nb-private.h"
#include "ovn/db/sb.h"
#include "svec.h"
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

/* Rows of other owners. */

/* True if 'backend' is at 'ip': "10.0.0.1:80", "[fd00::1]:80", or an address
 * alone.  May cut the port off. */
static bool
backend_is_at(char *backend, const struct in6_addr *ip)
{
    struct in6_addr found;
    char *colon = strrchr(backend, ':');
    bool ok = sb_parse_ip(backend, &found);

    if (!ok && colon) {
        *colon = '\0';
        ok = sb_parse_ip(backend, &found);
    }
    return ok && !memcmp(&found, ip, sizeof found);
}

static bool
row_ends_at(const struct nbrec_load_balancer *row, const struct in6_addr *ip)
{
    const struct smap_node *node;
    bool found = false;

    SMAP_FOR_EACH (node, &row->vips) {
        char *list = xstrdup(node->value), *rest = list, *backend;

        while ((backend = strsep(&rest, ","))) {
            found |= backend_is_at(backend, ip);
        }
        free(list);
    }
    return found;
}

/* Load balancers of Octavia, of any provider, have an id. */
static void
add_forwards(struct nbrec_load_balancer *const *rows, size_t n,
             const struct in6_addr *ip, struct svec *names)
{
    struct uuid id;

    for (size_t i = 0; i < n; i++) {
        if (!uuid_from_string(&id, rows[i]->name)
            && row_ends_at(rows[i], ip)) {
            svec_add(names, rows[i]->name);
        }
    }
}

static void
add_group_forwards(struct nbrec_load_balancer_group *const *groups, size_t n,
                   const struct in6_addr *ip, struct svec *names)
{
    for (size_t i = 0; i < n; i++) {
        add_forwards(groups[i]->load_balancer, groups[i]->n_load_balancer, ip,
                     names);
    }
}

void
nb_facts_forwards(const struct nb *nb, const struct topo_switch *sw,
                  const struct in6_addr *ip, struct svec *names)
{
    const struct nbrec_logical_switch *ls
        = nbrec_logical_switch_get_for_uuid(nb->idl, &sw->uuid);
    const struct nbrec_logical_router *lr;

    if (ls) {
        add_forwards(ls->load_balancer, ls->n_load_balancer, ip, names);
        add_group_forwards(ls->load_balancer_group,
                           ls->n_load_balancer_group, ip, names);
    }
    NBREC_LOGICAL_ROUTER_FOR_EACH (lr, nb->idl) {
        if (topo_switch_has_router(sw, &lr->header_.uuid)) {
            add_forwards(lr->load_balancer, lr->n_load_balancer, ip, names);
            add_group_forwards(lr->load_balancer_group,
                               lr->n_load_balancer_group, ip, names);
        }
    }
    svec_sort_unique(names);
}
