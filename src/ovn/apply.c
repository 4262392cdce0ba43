/* SPDX-License-Identifier: Apache-2.0
 *
 * From steps to rows of the Northbound database; see apply.h.
 */

#include <config.h>
#include "ovn/apply.h"
#include <stdlib.h>
#include "nb-idl.h"
#include "ovn/plan.h"
#include "ovn/rows.h"
#include "util.h"

static const char *
null_if_empty(const char *s)
{
    return s[0] ? s : NULL;
}

static void
set_selection_fields(const struct nbrec_load_balancer *row,
                     const struct sset *fields)
{
    const char **array = sset_array(fields);
    nbrec_load_balancer_set_selection_fields(row, array, sset_count(fields));
    free(array);
}

static void
insert_row(const struct plan_step *step, struct ovsdb_idl_txn *txn)
{
    const struct lb_row *want = step->want;
    const struct nbrec_load_balancer *row
        = nbrec_load_balancer_insert_persist_uuid(txn, &step->row);

    nbrec_load_balancer_set_name(row, want->name);
    nbrec_load_balancer_set_protocol(row, null_if_empty(want->protocol));
    set_selection_fields(row, &want->selection_fields);
    nbrec_load_balancer_set_vips(row, &want->vips);
    nbrec_load_balancer_set_options(row, &want->options);
    nbrec_load_balancer_set_external_ids(row, &want->external_ids);
}

static void
apply_row_step(const struct plan_step *step,
               const struct nbrec_load_balancer *row)
{
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
    case PLAN_VIP_SET:
        nbrec_load_balancer_update_vips_setkey(row, step->key, step->value);
        break;
    case PLAN_VIP_REMOVE:
        nbrec_load_balancer_update_vips_delkey(row, step->key);
        break;
    case PLAN_OPTION_SET:
        nbrec_load_balancer_update_options_setkey(row, step->key,
                                                  step->value);
        break;
    case PLAN_OPTION_REMOVE:
        nbrec_load_balancer_update_options_delkey(row, step->key);
        break;
    case PLAN_EXTERNAL_ID_SET:
        nbrec_load_balancer_update_external_ids_setkey(row, step->key,
                                                       step->value);
        break;
    case PLAN_EXTERNAL_ID_REMOVE:
        nbrec_load_balancer_update_external_ids_delkey(row, step->key);
        break;
    default:
        OVS_NOT_REACHED();
    }
}

static void
apply_switch_step(const struct plan_step *step,
                  const struct nbrec_load_balancer *row,
                  const struct nbrec_logical_switch *sw)
{
    if (step->verb == PLAN_SWITCH_ADD) {
        nbrec_logical_switch_update_load_balancer_addvalue(sw, row);
    } else {
        nbrec_logical_switch_update_load_balancer_delvalue(sw, row);
    }
}

static void
apply_router_step(const struct plan_step *step,
                  const struct nbrec_load_balancer *row,
                  const struct nbrec_logical_router *router)
{
    if (step->verb == PLAN_ROUTER_ADD) {
        nbrec_logical_router_update_load_balancer_addvalue(router, row);
    } else {
        nbrec_logical_router_update_load_balancer_delvalue(router, row);
    }
}

static void
set_port(const struct nbrec_logical_switch_port *row,
         const struct vip_port *port)
{
    const char *addresses = port->addresses;

    nbrec_logical_switch_port_set_type(row, port->type);
    nbrec_logical_switch_port_set_addresses(row, &addresses, 1);
}

static void
insert_port(const struct plan_step *step, struct ovsdb_idl_txn *txn)
{
    const struct nbrec_logical_switch *sw
        = nbrec_logical_switch_get_for_uuid(ovsdb_idl_txn_get_idl(txn),
                                            &step->target);
    if (sw) {
        const struct nbrec_logical_switch_port *row
            = nbrec_logical_switch_port_insert_persist_uuid(txn, &step->row);
        nbrec_logical_switch_port_set_name(row, step->port->name);
        nbrec_logical_switch_port_set_external_ids(
            row, &step->port->external_ids);
        set_port(row, step->port);
        nbrec_logical_switch_update_ports_addvalue(sw, row);
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
apply_port_step(const struct plan_step *step, struct ovsdb_idl *idl,
                const struct nbrec_logical_switch_port *row)
{
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

void
plan_apply(const struct plan *plan, struct ovsdb_idl_txn *txn)
{
    struct ovsdb_idl *idl = ovsdb_idl_txn_get_idl(txn);

    for (size_t i = 0; i < plan->n; i++) {
        const struct plan_step *step = &plan->steps[i];
        const struct nbrec_load_balancer *row;
        const struct nbrec_logical_switch_port *port;
        const struct nbrec_logical_switch *sw;
        const struct nbrec_logical_router *router;

        switch (step->verb) {
        case PLAN_ROW_INSERT:
            insert_row(step, txn);
            break;

        case PLAN_PORT_INSERT:
            insert_port(step, txn);
            break;

        case PLAN_PORT_SET:
        case PLAN_PORT_EXTERNAL_ID_SET:
        case PLAN_PORT_DELETE:
            port = nbrec_logical_switch_port_get_for_uuid(idl, &step->row);
            if (port) {
                apply_port_step(step, idl, port);
            }
            break;

        case PLAN_SWITCH_ADD:
        case PLAN_SWITCH_REMOVE:
            row = nbrec_load_balancer_get_for_uuid(idl, &step->row);
            sw = nbrec_logical_switch_get_for_uuid(idl, &step->target);
            if (row && sw) {
                apply_switch_step(step, row, sw);
            }
            break;

        case PLAN_ROUTER_ADD:
        case PLAN_ROUTER_REMOVE:
            row = nbrec_load_balancer_get_for_uuid(idl, &step->row);
            router = nbrec_logical_router_get_for_uuid(idl, &step->target);
            if (row && router) {
                apply_router_step(step, row, router);
            }
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
        default:
            row = nbrec_load_balancer_get_for_uuid(idl, &step->row);
            if (row) {
                apply_row_step(step, row);
            }
            break;
        }
    }
}
