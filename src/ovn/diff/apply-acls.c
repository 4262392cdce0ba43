/* SPDX-License-Identifier: Apache-2.0
 *
 * From steps to ACL and Port_Group rows; see apply-acls.h.
 *
 * An ACL row is nothing without a row that refers to it: the database removes
 * it when the last one does not any more.
 */

#include <config.h>
#include "ovn/diff/apply-acls.h"
#include <stdlib.h>
#include "nb-idl.h"
#include "ovn/db/nb-rows.h"
#include "ovn/diff/plan.h"
#include "ovn/rows/rows.h"
#include "util.h"
#include "uuid.h"

static void
set_acl_rule(const struct nbrec_acl *row, const struct lb_acl *acl)
{
    nbrec_acl_set_direction(row, "from-lport");
    nbrec_acl_set_priority(row, ACL_PRIORITY);
    nbrec_acl_set_action(row, "drop");
    nbrec_acl_set_match(row, acl->match);
    if (row->tier) {
        /* So the database has the column. */
        nbrec_acl_set_tier(row, 0);
    }

    struct smap options = SMAP_INITIALIZER(&options);
    if (acl->is_translated) {
        smap_add(&options, ACL_OPTION_AFTER_LB, "true");
    }
    nbrec_acl_set_options(row, &options);
    smap_destroy(&options);
}

static void
set_acl(const struct nbrec_acl *row, const struct lb_acl *acl)
{
    set_acl_rule(row, acl);
    if (acl->cidrs) {
        nbrec_acl_update_external_ids_setkey(row, ACL_KEY_CIDRS, acl->cidrs);
    } else if (smap_get(&row->external_ids, ACL_KEY_CIDRS)) {
        nbrec_acl_update_external_ids_delkey(row, ACL_KEY_CIDRS);
    }
}

/* Puts the ACL on its place, or takes it off. */
static void
place_acl(const struct nb *nb, const struct ovsdb_idl *idl,
          const struct uuid *place, const struct nbrec_acl *row, bool is_on)
{
    const struct nbrec_port_group *entrance = nb_find_entrance(nb, place);
    const struct nbrec_logical_switch *sw
        = nbrec_logical_switch_get_for_uuid(idl, place);

    if (entrance && is_on) {
        nbrec_port_group_update_acls_addvalue(entrance, row);
    } else if (entrance) {
        nbrec_port_group_update_acls_delvalue(entrance, row);
    } else if (sw && is_on) {
        nbrec_logical_switch_update_acls_addvalue(sw, row);
    } else if (sw) {
        nbrec_logical_switch_update_acls_delvalue(sw, row);
    }
}

static void
insert_acl(const struct plan_step *step, struct nb *nb,
           struct ovsdb_idl_txn *txn)
{
    const struct lb_acl *acl = step->acl;
    struct smap ids = SMAP_INITIALIZER(&ids);
    struct uuid uuid;

    uuid_generate(&uuid);
    const struct nbrec_acl *row = nbrec_acl_insert_persist_uuid(txn, &uuid);

    smap_add(&ids, ACL_KEY_PURPOSE, ACL_PURPOSE);
    smap_add(&ids, ACL_KEY_LB, step->key);
    smap_add_format(&ids, ACL_KEY_LISTENER, UUID_FMT,
                    UUID_ARGS(&acl->listener));
    smap_add_format(&ids, ACL_KEY_PLACE, UUID_FMT, UUID_ARGS(&acl->place));
    smap_add(&ids, ACL_KEY_VERSION, acl->is_ipv6 ? "6" : "4");
    if (acl->is_translated) {
        smap_add(&ids, ACL_KEY_STAGE, ACL_STAGE_AFTER_LB);
    }
    if (acl->cidrs) {
        smap_add(&ids, ACL_KEY_CIDRS, acl->cidrs);
    }
    nbrec_acl_set_external_ids(row, &ids);
    set_acl_rule(row, acl);
    place_acl(nb, nb_idl(nb), &acl->place, row, true);
    smap_destroy(&ids);
}

/* Sets the name and the marks of the router's entrance. */
static void
set_entrance(const struct nbrec_port_group *row, const struct uuid *router)
{
    struct smap ids = SMAP_INITIALIZER(&ids);
    char *name = lb_entrance_name(router);

    smap_add(&ids, ACL_KEY_PURPOSE, ACL_PURPOSE);
    smap_add_format(&ids, ENTRANCE_KEY_ROUTER, UUID_FMT, UUID_ARGS(router));
    nbrec_port_group_set_name(row, name);
    nbrec_port_group_set_external_ids(row, &ids);
    smap_destroy(&ids);
    free(name);
}

static void
insert_entrance(const struct plan_step *step, struct nb *nb,
                struct ovsdb_idl_txn *txn)
{
    char *name = lb_entrance_name(&step->row);
    struct uuid uuid;

    uuid_generate(&uuid);
    set_entrance(nbrec_port_group_insert_persist_uuid(txn, &uuid),
                 &step->row);
    nb_set_made(nb, name, &uuid);
    nb_seek_entrance(nb, name);
    free(name);
}

static void
repair_entrance(const struct plan_step *step, const struct nb *nb)
{
    const struct nbrec_port_group *row = nb_find_entrance(nb, &step->row);

    if (row) {
        nbrec_port_group_verify_external_ids(row);
        set_entrance(row, &step->row);
    }
}

static void
set_entrance_port(const struct plan_step *step, struct nb *nb)
{
    const struct nbrec_port_group *entrance
        = nb_find_entrance(nb, &step->row);
    const struct nbrec_logical_switch_port *port
        = nbrec_logical_switch_port_get_for_uuid(nb_idl(nb), &step->target);

    if (entrance && port && step->verb == PLAN_ENTRANCE_PORT_ADD) {
        nbrec_port_group_update_ports_addvalue(entrance, port);
    } else if (entrance && port) {
        nbrec_port_group_update_ports_delvalue(entrance, port);
    }
}

void
apply_acl_step(const struct plan_step *step, struct nb *nb,
               struct ovsdb_idl_txn *txn)
{
    const struct nbrec_acl *acl;

    switch (step->verb) {
    case PLAN_ENTRANCE_INSERT:
        insert_entrance(step, nb, txn);
        break;
    case PLAN_ENTRANCE_SET:
        repair_entrance(step, nb);
        break;
    case PLAN_ENTRANCE_PORT_ADD:
    case PLAN_ENTRANCE_PORT_REMOVE:
        set_entrance_port(step, nb);
        break;
    case PLAN_ACL_INSERT:
        insert_acl(step, nb, txn);
        break;
    case PLAN_ACL_SET:
        acl = nbrec_acl_get_for_uuid(nb_idl(nb), &step->row);
        if (acl) {
            set_acl(acl, step->acl);
        }
        break;
    case PLAN_ACL_REMOVE:
        acl = nbrec_acl_get_for_uuid(nb_idl(nb), &step->row);
        if (acl) {
            place_acl(nb, nb_idl(nb), &step->target, acl, false);
        }
        break;
    default:
        OVS_NOT_REACHED();
    }
}
