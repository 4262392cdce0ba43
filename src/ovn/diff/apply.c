/* SPDX-License-Identifier: Apache-2.0
 *
 * From steps to rows of the Northbound database; see apply.h.
 *
 * A row that a step names may have vanished since the plan was made, or come
 * with an earlier step of the same transaction.  The replica knows both.
 *
 * Later steps of a plan refer to a new row by its label; later plans of the
 * same transaction refer to groups and shared ports by their names.
 */

#include <config.h>
#include "ovn/diff/apply.h"
#include <stdlib.h>
#include "nb-idl.h"
#include "ovn/db/nb-rows.h"
#include "ovn/diff/apply-acls.h"
#include "ovn/diff/plan.h"
#include "ovn/rows/rows.h"
#include "ovn/want/centralise.h"
#include "util.h"

struct apply {
    struct nb *nb;
    struct ovsdb_idl_txn *txn;

    /* The Load_Balancer rows that the plan makes: labels, and what UUIDs they
     * got. */
    struct uuid *labels;
    struct uuid *uuids;
    size_t n;
};

static struct uuid
new_uuid(void)
{
    struct uuid uuid;

    uuid_generate(&uuid);
    return uuid;
}

static const char *
null_if_empty(const char *s)
{
    return s[0] ? s : NULL;
}

/* Load_Balancer rows. */

static void
set_selection_fields(const struct nbrec_load_balancer *row,
                     const struct sset *fields)
{
    const char **array = sset_array(fields);
    nbrec_load_balancer_set_selection_fields(row, array, sset_count(fields));
    free(array);
}

static const struct nbrec_load_balancer *
apply_find_row(const struct apply *apply, const struct uuid *row)
{
    for (size_t i = 0; i < apply->n; i++) {
        if (uuid_equals(&apply->labels[i], row)) {
            row = &apply->uuids[i];
            break;
        }
    }
    return nbrec_load_balancer_get_for_uuid(nb_idl(apply->nb), row);
}

static void
apply_insert_row(const struct plan_step *step, struct apply *apply)
{
    const struct lb_row *want = step->want;
    struct uuid uuid = new_uuid();
    const struct nbrec_load_balancer *row
        = nbrec_load_balancer_insert_persist_uuid(apply->txn, &uuid);

    apply->labels[apply->n] = step->row;
    apply->uuids[apply->n++] = uuid;

    nbrec_load_balancer_set_name(row, want->name);
    nbrec_load_balancer_set_protocol(row, null_if_empty(want->protocol));
    set_selection_fields(row, &want->selection_fields);
    nbrec_load_balancer_set_vips(row, &want->vips);
    nbrec_load_balancer_set_options(row, &want->options);
    nbrec_load_balancer_set_external_ids(row, &want->external_ids);
    nbrec_load_balancer_set_ip_port_mappings(row, &want->ip_port_mappings);
}

static void
apply_insert_check(const struct plan_step *step,
                   const struct nbrec_load_balancer *row)
{
    struct uuid uuid = new_uuid();
    const struct nbrec_load_balancer_health_check *check
        = nbrec_load_balancer_health_check_insert_persist_uuid(
            ovsdb_idl_txn_get(&row->header_), &uuid);

    nbrec_load_balancer_health_check_set_vip(check, step->check->vip);
    nbrec_load_balancer_health_check_set_options(check,
                                                 &step->check->options);
    nbrec_load_balancer_health_check_set_external_ids(
        check, &step->check->external_ids);
    nbrec_load_balancer_update_health_check_addvalue(row, check);
}

static void
remove_check(const struct plan_step *step, struct ovsdb_idl *idl,
             const struct nbrec_load_balancer *row)
{
    const struct nbrec_load_balancer_health_check *check
        = nbrec_load_balancer_health_check_get_for_uuid(idl, &step->target);

    if (check) {
        nbrec_load_balancer_update_health_check_delvalue(row, check);
    }
}

/* Steps that change the map COLUMN of the row of TABLE. */
#define MAP_CASES(NAME, TABLE, COLUMN)                                  \
    case PLAN_##NAME##_SET:                                             \
        nbrec_##TABLE##_update_##COLUMN##_setkey(row, step->key,        \
                                                 step->value);          \
        break;                                                          \
    case PLAN_##NAME##_REMOVE:                                          \
        nbrec_##TABLE##_update_##COLUMN##_delkey(row, step->key);       \
        break

static void
apply_row_step(const struct plan_step *step, const struct apply *apply)
{
    const struct nbrec_load_balancer *row = apply_find_row(apply, &step->row);
    if (!row) {
        return;
    }

    switch (step->verb) {
    case PLAN_ROW_DELETE:
        nbrec_load_balancer_delete(row);
        break;
    case PLAN_SET_NAME:
        nbrec_load_balancer_set_name(row, step->value);
        break;
    case PLAN_SET_PROTOCOL:
        nbrec_load_balancer_set_protocol(row, null_if_empty(step->value));
        break;
    case PLAN_SET_SELECTION:
        set_selection_fields(row, &step->want->selection_fields);
        break;
    MAP_CASES(VIP, load_balancer, vips);
    MAP_CASES(OPTION, load_balancer, options);
    MAP_CASES(EXTERNAL_ID, load_balancer, external_ids);
    MAP_CASES(MAPPING, load_balancer, ip_port_mappings);
    case PLAN_CHECK_INSERT:
        apply_insert_check(step, row);
        break;
    case PLAN_CHECK_REMOVE:
        remove_check(step, nb_idl(apply->nb), row);
        break;
    default:
        OVS_NOT_REACHED();
    }
}

static void
apply_check_step(const struct plan_step *step, struct ovsdb_idl *idl)
{
    const struct nbrec_load_balancer_health_check *row
        = nbrec_load_balancer_health_check_get_for_uuid(idl, &step->row);
    if (!row) {
        return;
    }

    switch (step->verb) {
    MAP_CASES(CHECK_OPTION, load_balancer_health_check, options);
    case PLAN_CHECK_EXTERNAL_ID_SET:
        nbrec_load_balancer_health_check_update_external_ids_setkey(
            row, step->key, step->value);
        break;
    default:
        OVS_NOT_REACHED();
    }
}

/* Ports. */

static void
set_port(const struct nbrec_logical_switch_port *row,
         const struct lb_port *port)
{
    const char *addresses = port->addresses;

    nbrec_logical_switch_port_set_type(row, port->type);
    nbrec_logical_switch_port_set_addresses(row, &addresses, 1);
}

static void
insert_port(const struct plan_step *step, struct apply *apply)
{
    const struct nbrec_logical_switch *sw
        = nbrec_logical_switch_get_for_uuid(nb_idl(apply->nb), &step->target);
    if (sw) {
        struct uuid uuid = new_uuid();
        const struct nbrec_logical_switch_port *row
            = nbrec_logical_switch_port_insert_persist_uuid(apply->txn,
                                                            &uuid);
        nbrec_logical_switch_port_set_name(row, step->port->name);
        nbrec_logical_switch_port_set_external_ids(
            row, &step->port->external_ids);
        set_port(row, step->port);
        nbrec_logical_switch_update_ports_addvalue(sw, row);
        if (step->port->is_shared) {
            nb_set_made(apply->nb, step->port->name, &uuid);
        }
    }
}

static void
delete_port(const struct plan_step *step, struct ovsdb_idl *idl,
            const struct nbrec_logical_switch_port *row)
{
    const struct nbrec_logical_switch *sw
        = nbrec_logical_switch_get_for_uuid(idl, &step->target);
    if (sw) {
        nbrec_logical_switch_update_ports_delvalue(sw, row);
    }
    nbrec_logical_switch_port_delete(row);
}

static void
apply_port_step(const struct plan_step *step, struct ovsdb_idl *idl)
{
    const struct nbrec_logical_switch_port *row
        = nbrec_logical_switch_port_get_for_uuid(idl, &step->row);
    if (!row) {
        return;
    }

    switch (step->verb) {
    case PLAN_PORT_SET:
        set_port(row, step->port);
        break;
    case PLAN_PORT_EXTERNAL_ID_SET:
        nbrec_logical_switch_port_update_external_ids_setkey(row, step->key,
                                                             step->value);
        break;
    case PLAN_PORT_DELETE:
        delete_port(step, idl, row);
        break;
    default:
        OVS_NOT_REACHED();
    }
}

/* Groups. */

static void
insert_group(const struct plan_step *step, struct apply *apply)
{
    struct uuid uuid = new_uuid();
    const struct nbrec_load_balancer_group *row
        = nbrec_load_balancer_group_insert_persist_uuid(apply->txn, &uuid);
    char *name = lb_group_name(&step->row);

    nbrec_load_balancer_group_set_name(row, name);
    nb_set_made(apply->nb, name, &uuid);
    free(name);
}

static void
rename_group(const struct plan_step *step, const struct nb *nb)
{
    const struct nbrec_load_balancer_group *row
        = nb_find_group(nb, &step->row);

    if (row) {
        char *name = lb_group_name(&step->row);
        nbrec_load_balancer_group_set_name(row, name);
        free(name);
    }
}

#define FIND_SWITCH(UUID)                                               \
    nbrec_logical_switch_get_for_uuid(nb_idl(apply->nb), UUID)
#define FIND_ROUTER(UUID)                                               \
    nbrec_logical_router_get_for_uuid(nb_idl(apply->nb), UUID)
#define FIND_GROUP(ID) nb_find_group(apply->nb, ID)
#define FIND_ROW(UUID) apply_find_row(apply, UUID)

/* Steps that put what FIND_ITEM finds, 'row', on what FIND_CARRIER finds,
 * 'target', or take it off: rows of ITEM and CARRIER. */
#define CARRIER_CASES(NAME, CARRIER, FIND_CARRIER, COLUMN, ITEM, FIND_ITEM) \
    case PLAN_##NAME##_ADD:                                             \
    case PLAN_##NAME##_REMOVE: {                                        \
        const struct nbrec_##CARRIER *carrier                           \
            = FIND_CARRIER(&step->target);                              \
        const struct nbrec_##ITEM *item = FIND_ITEM(&step->row);        \
        if (!carrier || !item) {                                        \
            break;                                                      \
        }                                                               \
        if (step->verb == PLAN_##NAME##_ADD) {                          \
            nbrec_##CARRIER##_update_##COLUMN##_addvalue(carrier, item); \
        } else {                                                        \
            nbrec_##CARRIER##_update_##COLUMN##_delvalue(carrier, item); \
        }                                                               \
        break;                                                          \
    }

static void
apply_step(const struct plan_step *step, struct apply *apply)
{
    switch (step->verb) {
    case PLAN_ROW_INSERT:
        apply_insert_row(step, apply);
        break;
    case PLAN_PORT_INSERT:
        insert_port(step, apply);
        break;
    case PLAN_GROUP_INSERT:
        insert_group(step, apply);
        break;
    case PLAN_GROUP_SET_NAME:
        rename_group(step, apply->nb);
        break;

    case PLAN_NAT_CENTRALISE:
        centralise_nat(apply->txn, &step->row);
        break;

    CARRIER_CASES(SWITCH, logical_switch, FIND_SWITCH, load_balancer,
                  load_balancer, FIND_ROW)
    CARRIER_CASES(ROUTER, logical_router, FIND_ROUTER, load_balancer,
                  load_balancer, FIND_ROW)
    CARRIER_CASES(GROUP, load_balancer_group, FIND_GROUP, load_balancer,
                  load_balancer, FIND_ROW)
    CARRIER_CASES(GROUP_SWITCH, logical_switch, FIND_SWITCH,
                  load_balancer_group, load_balancer_group, FIND_GROUP)
    CARRIER_CASES(GROUP_ROUTER, logical_router, FIND_ROUTER,
                  load_balancer_group, load_balancer_group, FIND_GROUP)

    case PLAN_ENTRANCE_INSERT:
    case PLAN_ENTRANCE_SET:
    case PLAN_ENTRANCE_PORT_ADD:
    case PLAN_ENTRANCE_PORT_REMOVE:
    case PLAN_ACL_INSERT:
    case PLAN_ACL_SET:
    case PLAN_ACL_REMOVE:
        apply_acl_step(step, apply->nb, apply->txn);
        break;

    case PLAN_PORT_SET:
    case PLAN_PORT_EXTERNAL_ID_SET:
    case PLAN_PORT_DELETE:
        apply_port_step(step, nb_idl(apply->nb));
        break;

    case PLAN_CHECK_OPTION_SET:
    case PLAN_CHECK_OPTION_REMOVE:
    case PLAN_CHECK_EXTERNAL_ID_SET:
        apply_check_step(step, nb_idl(apply->nb));
        break;

    case PLAN_ROW_DELETE:
    case PLAN_SET_NAME:
    case PLAN_SET_PROTOCOL:
    case PLAN_SET_SELECTION:
    case PLAN_VIP_SET:
    case PLAN_VIP_REMOVE:
    case PLAN_OPTION_SET:
    case PLAN_OPTION_REMOVE:
    case PLAN_EXTERNAL_ID_SET:
    case PLAN_EXTERNAL_ID_REMOVE:
    case PLAN_MAPPING_SET:
    case PLAN_MAPPING_REMOVE:
    case PLAN_CHECK_INSERT:
    case PLAN_CHECK_REMOVE:
    default:
        apply_row_step(step, apply);
        break;
    }
}

void
plan_apply(const struct plan *plan, struct nb *nb, struct ovsdb_idl_txn *txn)
{
    struct apply apply = {
        .nb = nb,
        .txn = txn,
        .labels = xcalloc(plan->n, sizeof *apply.labels),
        .uuids = xcalloc(plan->n, sizeof *apply.uuids),
    };

    for (size_t i = 0; i < plan->n; i++) {
        apply_step(&plan->steps[i], &apply);
    }
    free(apply.labels);
    free(apply.uuids);
}
