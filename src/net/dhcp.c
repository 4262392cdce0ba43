/* SPDX-License-Identifier: Apache-2.0
 *
 * Subnets of Neutron's, out of DHCP_Options rows.  Such a row has the id and
 * the prefix of a subnet; the ports that use it tell on which switch the
 * subnet is, since two switches may have the same prefix.
 *
 * Ports with options of their own have rows of their own, with the same id and
 * prefix, so the uses of rows are counted, and the subnets in them once more:
 * a switch is looked at when it gets its first use of a subnet or loses the
 * last, and not with each of its ports.
 */

#include <config.h>
#include "base/idl.h"
#include "nb-idl.h"
#include "net/topology-private.h"
#include "smap.h"

void
dhcp_track(struct ovsdb_idl *idl)
{
    ovsdb_idl_track_add_column(idl, &nbrec_dhcp_options_col_cidr);
    ovsdb_idl_track_add_column(idl, &nbrec_dhcp_options_col_external_ids);
}

/* Subnets of switches. */

static struct dhcp_subnet *
subnet_acquire(struct topology *t, struct switch_node *sn,
               const struct dhcp_row *row)
{
    struct dhcp_subnet *subnet;

    LIST_FOR_EACH (subnet, in_switch, &sn->dhcp_subnets) {
        if (uuid_equals(&subnet->id, &row->subnet_id)
            && !addr_prefix_compare(&subnet->prefix, &row->prefix)) {
            subnet->n_uses++;
            return subnet;
        }
    }

    subnet = xzalloc(sizeof *subnet);
    subnet->id = row->subnet_id;
    subnet->prefix = row->prefix;
    subnet->n_uses = 1;
    ovs_list_push_back(&sn->dhcp_subnets, &subnet->in_switch);
    switch_mark_dirty(t, sn);
    return subnet;
}

static void
subnet_release(struct topology *t, struct switch_node *sn,
               struct dhcp_subnet *subnet)
{
    if (subnet && !--subnet->n_uses) {
        ovs_list_remove(&subnet->in_switch);
        free(subnet);
        switch_mark_dirty(t, sn);
    }
}

/* Uses of rows. */

static struct dhcp_row *
row_find(const struct topology *t, const struct uuid *uuid)
{
    struct dhcp_row *row;

    HMAP_FOR_EACH_WITH_HASH (row, by_uuid, uuid_hash(uuid), &t->dhcp_rows) {
        if (uuid_equals(&row->uuid, uuid)) {
            return row;
        }
    }
    return NULL;
}

/* Makes the use one of what 'row' tells; NULL if there is no such row. */
static void
use_update(struct topology *t, struct dhcp_use *use,
           const struct dhcp_row *row)
{
    struct dhcp_subnet *old = use->subnet;

    use->subnet = (row && row->is_neutrons
                   ? subnet_acquire(t, use->sn, row) : NULL);
    subnet_release(t, use->sn, old);
}

static struct dhcp_use *
use_acquire(struct topology *t, struct switch_node *sn,
            const struct uuid *row)
{
    struct dhcp_use *use;

    HMAP_FOR_EACH_WITH_HASH (use, by_row, uuid_hash(row), &t->dhcp_uses) {
        if (use->sn == sn && uuid_equals(&use->row, row)) {
            use->n_ports++;
            return use;
        }
    }

    use = xzalloc(sizeof *use);
    use->row = *row;
    use->sn = sn;
    use->n_ports = 1;
    hmap_insert(&t->dhcp_uses, &use->by_row, uuid_hash(row));
    use_update(t, use, row_find(t, row));
    return use;
}

static void
use_release(struct topology *t, struct dhcp_use *use)
{
    if (use && !--use->n_ports) {
        subnet_release(t, use->sn, use->subnet);
        hmap_remove(&t->dhcp_uses, &use->by_row);
        free(use);
    }
}

/* Makes the port, which is on 'sw' or (if NULL) on no switch, use its rows
 * there. */
void
dhcp_place_port(struct topology *t, struct port_node *pn,
                struct topo_switch *sw)
{
    for (size_t i = 0; i < ARRAY_SIZE(pn->dhcp_rows); i++) {
        struct dhcp_use *old = pn->dhcp_uses[i];

        pn->dhcp_uses[i] = (sw && !uuid_is_zero(&pn->dhcp_rows[i])
                            ? use_acquire(t, switch_node_cast(sw),
                                          &pn->dhcp_rows[i])
                            : NULL);
        use_release(t, old);
    }
}

/* Rows. */

static void
update_uses(struct topology *t, const struct uuid *uuid,
            const struct dhcp_row *row)
{
    struct dhcp_use *use;

    HMAP_FOR_EACH_WITH_HASH (use, by_row, uuid_hash(uuid), &t->dhcp_uses) {
        if (uuid_equals(&use->row, uuid)) {
            use_update(t, use, row);
        }
    }
}

void
dhcp_row_destroy(struct topology *t, struct dhcp_row *row)
{
    update_uses(t, &row->uuid, NULL);
    hmap_remove(&t->dhcp_rows, &row->by_uuid);
    free(row);
}

static struct dhcp_row *
row_read(struct topology *t, const struct nbrec_dhcp_options *nb_row)
{
    const char *id = smap_get_def(&nb_row->external_ids, "subnet_id", "");
    struct dhcp_row *row = row_find(t, &nb_row->header_.uuid);
    struct addr_prefix prefix;
    struct uuid subnet_id;

    if (!row) {
        row = xzalloc(sizeof *row);
        row->uuid = nb_row->header_.uuid;
        hmap_insert(&t->dhcp_rows, &row->by_uuid, uuid_hash(&row->uuid));
    }

    bool is_neutrons = (uuid_from_string(&subnet_id, id)
                        && !uuid_is_zero(&subnet_id)
                        && addr_prefix_parse(nb_row->cidr, &prefix));
    if (is_neutrons) {
        prefix.ip = addr_prefix_first(&prefix);
    }
    if (is_neutrons != row->is_neutrons
        || (is_neutrons
            && (!uuid_equals(&subnet_id, &row->subnet_id)
                || addr_prefix_compare(&prefix, &row->prefix)))) {
        row->is_neutrons = is_neutrons;
        if (is_neutrons) {
            row->subnet_id = subnet_id;
            row->prefix = prefix;
        }
        update_uses(t, &row->uuid, row);
    }
    return row;
}

static void
dhcp_read_all(struct topology *t)
{
    const struct nbrec_dhcp_options *nb_row;
    unsigned int sweep = ++t->sweep;

    NBREC_DHCP_OPTIONS_FOR_EACH (nb_row, t->idl) {
        row_read(t, nb_row)->sweep = sweep;
    }

    struct dhcp_row *row;
    HMAP_FOR_EACH_SAFE (row, by_uuid, &t->dhcp_rows) {
        if (row->sweep != sweep) {
            dhcp_row_destroy(t, row);
        }
    }
}

void
dhcp_read(struct topology *t, bool everything)
{
    const struct nbrec_dhcp_options *nb_row;

    if (!everything) {
        NBREC_DHCP_OPTIONS_FOR_EACH_TRACKED (nb_row, t->idl) {
            if (!nbrec_dhcp_options_is_deleted(nb_row)) {
                row_read(t, nb_row);
                continue;
            }
            struct dhcp_row *row = row_find(t, &nb_row->header_.uuid);
            if (row) {
                dhcp_row_destroy(t, row);
            }
        }
        nb_row = nbrec_dhcp_options_first(t->idl);
        everything = !idl_table_is_complete(nb_row ? &nb_row->header_ : NULL,
                                            hmap_count(&t->dhcp_rows));
    }
    if (everything) {
        dhcp_read_all(t);
    }
}
