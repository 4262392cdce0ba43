/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the present rows of a load balancer from the Northbound database; see
 * nb_observe() in nb.h.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "model/objects.h"
#include "nb-idl.h"
#include "net/topology.h"
#include "net/vip-ports.h"
#include "ovn/db/nb-acls.h"
#include "ovn/db/nb-private.h"
#include "ovn/rows/rows.h"
#include "util.h"
#include "uuid.h"

static void
observed_add_carriers(const struct refs *refs, const struct uuid *row,
                      struct uuidset *ret)
{
    const struct uuidset *parents = refs_parents(refs, row);
    const struct uuidset_node *node;

    if (parents) {
        UUIDSET_FOR_EACH (node, parents) {
            uuidset_insert(ret, &node->uuid);
        }
    }
}

static void
add_groups(const struct nb *nb, const struct uuid *row, struct uuidset *ret)
{
    const struct uuidset *parents = refs_parents(&nb->index.group_lbs, row);
    const struct uuidset_node *node;

    if (parents) {
        UUIDSET_FOR_EACH (node, parents) {
            const struct nb_group *group
                = nb_index_group_of_row(&nb->index, &node->uuid);
            if (group) {
                uuidset_insert(ret, &group->id);
            }
        }
    }
}

static void
observe_checks(const struct nbrec_load_balancer *row, struct lb_row *seen)
{
    for (size_t i = 0; i < row->n_health_check; i++) {
        const struct nbrec_load_balancer_health_check *check
            = row->health_check[i];
        struct health_check *copy = lb_row_add_check(seen, check->vip);

        copy->uuid = check->header_.uuid;
        smap_destroy(&copy->options);
        smap_clone(&copy->options, &check->options);
        smap_destroy(&copy->external_ids);
        smap_clone(&copy->external_ids, &check->external_ids);
    }
}

static void
observe_row(const struct nb *nb, const struct nbrec_load_balancer *row,
            struct ovn_lb *ret)
{
    struct lb_row *seen = ovn_lb_add_row(ret);

    seen->uuid = row->header_.uuid;
    free(seen->name);
    seen->name = xstrdup(row->name);
    free(seen->protocol);
    seen->protocol = xstrdup(row->protocol ? row->protocol : "");
    for (size_t i = 0; i < row->n_selection_fields; i++) {
        sset_add(&seen->selection_fields, row->selection_fields[i]);
    }
    smap_clone(&seen->vips, &row->vips);
    smap_clone(&seen->options, &row->options);
    smap_clone(&seen->external_ids, &row->external_ids);
    smap_clone(&seen->ip_port_mappings, &row->ip_port_mappings);
    observe_checks(row, seen);
    observed_add_carriers(&nb->index.switch_lbs, &seen->uuid, &seen->switches);
    observed_add_carriers(&nb->index.router_lbs, &seen->uuid, &seen->routers);
    add_groups(nb, &seen->uuid, &seen->groups);
}

/* Rows that were renamed, and would go on to serve the VIP beside new
 * ones. */
static void
observe_renamed(const struct nb *nb, const struct model_lb *lb,
                struct ovn_lb *ret)
{
    struct uuidset renamed = UUIDSET_INITIALIZER(&renamed);
    const struct uuidset_node *node;

    nb_index_find_renamed(&nb->index, &lb->vips[0].port_id, &renamed);
    UUIDSET_FOR_EACH (node, &renamed) {
        const struct nbrec_load_balancer *row
            = nbrec_load_balancer_get_for_uuid(nb->idl, &node->uuid);
        if (row) {
            observe_row(nb, row, ret);
        }
    }
    uuidset_destroy(&renamed);
}

/* Ports. */

static void
observe_port_row(const struct nbrec_logical_switch_port *row,
                 const struct uuid *sw, bool is_shared, struct ovn_lb *ret)
{
    struct lb_port *port = ovn_lb_add_port_nocopy(ret, xstrdup(row->name));

    port->uuid = row->header_.uuid;
    port->sw = *sw;
    port->is_shared = is_shared;
    free(port->type);
    port->type = xstrdup(row->type);
    if (row->n_addresses == 1) {
        free(port->addresses);
        port->addresses = xstrdup(row->addresses[0]);
    }
    smap_destroy(&port->external_ids);
    smap_clone(&port->external_ids, &row->external_ids);
}

/* Takes ownership of 'name'. */
static void
observe_port_nocopy(const struct nb *nb, char *name, bool is_shared,
                    struct ovn_lb *ret)
{
    const struct topo_port *found = topology_port_by_name(nb->topology, name);
    const struct nbrec_logical_switch_port *row
        = (found
           ? nbrec_logical_switch_port_get_for_uuid(nb->idl, &found->uuid)
           : NULL);

    free(name);
    if (row) {
        observe_port_row(row, found->sw ? &found->sw->uuid : &UUID_ZERO,
                         is_shared, ret);
    }
}

/* A port that another load balancer needs, too, may come with the same
 * transaction; then it is on the switch where all want it. */
static void
observe_shared_port(const struct nb *nb, const struct lb_port *want,
                    struct ovn_lb *ret)
{
    const struct uuid *made = shash_find_data(&nb->made, want->name);
    const struct nbrec_logical_switch_port *row
        = (made ? nbrec_logical_switch_port_get_for_uuid(nb->idl, made)
           : NULL);

    if (row) {
        observe_port_row(row, &want->sw, true, ret);
    } else {
        observe_port_nocopy(nb, xstrdup(want->name), true, ret);
    }
}

static void
observe_ports(const struct nb *nb, const struct uuid *lb_id,
              const struct model_lb *lb, const struct ovn_lb *want,
              struct ovn_lb *ret)
{
    size_t n_vips = lb ? lb->n_vips : 1;

    for (size_t i = 0; i < n_vips; i++) {
        observe_port_nocopy(nb, vip_port_name(lb_id, i), false, ret);
    }
    for (size_t i = 0; want && i < want->n_ports; i++) {
        if (want->ports[i]->is_shared) {
            observe_shared_port(nb, want->ports[i], ret);
        }
    }
}

static void
observe_nats(const struct nb *nb, const struct ovn_lb *want,
             struct ovn_lb *ret)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, &want->nats) {
        const struct nbrec_nat *nat = nbrec_nat_get_for_uuid(nb->idl,
                                                             &node->uuid);
        if (!nat || !nat->external_mac) {
            uuidset_insert(&ret->nats, &node->uuid);
        }
    }
}

void
nb_observe(const struct nb *nb, const struct uuid *lb_id,
           const struct model_lb *lb, const struct ovn_lb *want,
           struct ovn_lb *ret)
{
    ovn_lb_init(ret, lb_id);

    struct nbrec_load_balancer *key
        = nbrec_load_balancer_index_init_row(nb->lbs_by_name);
    nbrec_load_balancer_index_set_name(key, ret->name);
    const struct nbrec_load_balancer *row;
    NBREC_LOAD_BALANCER_FOR_EACH_EQUAL (row, key, nb->lbs_by_name) {
        observe_row(nb, row, ret);
    }
    nbrec_load_balancer_index_destroy_row(key);

    if (lb && !uuid_is_zero(&lb->vips[0].port_id)) {
        observe_renamed(nb, lb, ret);
    }
    observe_ports(nb, lb_id, lb, want, ret);
    if (want) {
        observe_nats(nb, want, ret);
    }
    nb_observe_acls(nb, lb_id, want, ret);
}

/* True if a mapping of the row ends in 'end'. */
static bool
row_maps_to(const struct nbrec_load_balancer *row, const char *end)
{
    size_t end_length = strlen(end);
    const struct smap_node *node;

    SMAP_FOR_EACH (node, &row->ip_port_mappings) {
        size_t length = strlen(node->value);

        if (length > end_length
            && !strcmp(node->value + length - end_length, end)) {
            return true;
        }
    }
    return false;
}

static bool
lb_maps_to(const struct nb *nb, const struct uuid *lb_id, const char *end)
{
    struct nbrec_load_balancer *key
        = nbrec_load_balancer_index_init_row(nb->lbs_by_name);
    char *name = xasprintf(UUID_FMT, UUID_ARGS(lb_id));
    const struct nbrec_load_balancer *row;
    bool found = false;

    nbrec_load_balancer_index_set_name(key, name);
    NBREC_LOAD_BALANCER_FOR_EACH_EQUAL (row, key, nb->lbs_by_name) {
        found |= row_maps_to(row, end);
    }
    nbrec_load_balancer_index_destroy_row(key);
    free(name);
    return found;
}

static bool
any_maps_to(const struct nb *nb, const char *end)
{
    const struct nbrec_load_balancer *row;

    NBREC_LOAD_BALANCER_FOR_EACH (row, nb->idl) {
        if (row_maps_to(row, end)) {
            return true;
        }
    }
    return false;
}

bool
nb_probes_from(const struct nb *nb, const struct uuid *lb_id,
               const struct in6_addr *ip)
{
    char *text = ip_format_any(ip);
    char *end = xasprintf(ip_is_v4(ip) ? ":%s" : ":[%s]", text);
    bool found = (lb_id ? lb_maps_to(nb, lb_id, end)
                  : any_maps_to(nb, end));

    free(text);
    free(end);
    return found;
}

const struct nbrec_load_balancer_group *
nb_find_group(const struct nb *nb, const struct uuid *id)
{
    const struct nb_group *group = nb_index_group(&nb->index, id);
    char *name = lb_group_name(id);
    const struct uuid *row = (group ? &group->row
                              : shash_find_data(&nb->made, name));

    free(name);
    return row ? nbrec_load_balancer_group_get_for_uuid(nb->idl, row) : NULL;
}

void
nb_observe_group(const struct nb *nb, const struct uuid *id,
                 struct ovn_lb *ret)
{
    const struct nbrec_load_balancer_group *row = nb_find_group(nb, id);

    if (row) {
        const struct nb_group *known = nb_index_group(&nb->index, id);
        struct lb_group *seen = ovn_lb_group(ret, id);

        seen->is_renamed = known && known->is_renamed;
        observed_add_carriers(&nb->index.switch_groups, &row->header_.uuid,
                              &seen->switches);
        observed_add_carriers(&nb->index.router_groups, &row->header_.uuid,
                              &seen->routers);
    }
}
