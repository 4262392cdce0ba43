/* SPDX-License-Identifier: Apache-2.0
 *
 * The Southbound database for tools; see sb-facts.h.  Everything is looked for
 * row by row: tools look once.
 */

#include <config.h>
#include "ovn/db/sb-facts.h"
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "base/db-link.h"
#include "base/idl.h"
#include "ovn/db/sb.h"
#include "sb-idl.h"
#include "util.h"
#include "uuid.h"

struct sb_facts {
    struct ovsdb_idl *idl;
    struct db_link *link;
    struct idl_optional optional;
};

/* Lists the columns in which northd says which datapaths have a load balancer,
 * but for those that all versions have. */
static const struct ovsdb_idl_column *const optional_columns[] = {
    &sbrec_load_balancer_col_datapath_group,
    &sbrec_load_balancer_col_ls_datapath_group,
    &sbrec_load_balancer_col_lr_datapath_group,
};
#define HAS_LR_DATAPATH_GROUP (UINT32_C(1) << 2)

static void sb_facts_open_idl(struct sb_facts *);

struct sb_facts *
sb_facts_create(const char *remote)
{
    struct sb_facts *facts = xzalloc(sizeof *facts);

    facts->optional.columns = optional_columns;
    facts->optional.n = ARRAY_SIZE(optional_columns);
    sb_facts_open_idl(facts);
    facts->link = db_link_create(facts->idl, "OVN_Southbound", remote);
    return facts;
}

static void
sb_facts_open_idl(struct sb_facts *facts)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &sbrec_sb_global_col_nb_cfg,
        &sbrec_load_balancer_col_name,
        &sbrec_load_balancer_col_vips,
        &sbrec_load_balancer_col_datapaths,
        &sbrec_load_balancer_col_external_ids,
        &sbrec_logical_dp_group_col_datapaths,
        &sbrec_chassis_col_name,
        &sbrec_chassis_col_hostname,
        &sbrec_chassis_col_nb_cfg,
        &sbrec_chassis_private_col_name,
        &sbrec_chassis_private_col_nb_cfg,
        &sbrec_service_monitor_col_ip,
        &sbrec_service_monitor_col_port,
        &sbrec_service_monitor_col_protocol,
        &sbrec_service_monitor_col_logical_port,
        &sbrec_service_monitor_col_status,
        &sbrec_port_binding_col_logical_port,
        &sbrec_port_binding_col_chassis,
    };

    facts->idl = ovsdb_idl_create_unconnected(&sbrec_idl_class, false);
    ovsdb_idl_set_leader_only(facts->idl, false);
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_add_column(facts->idl, columns[i]);
    }
    idl_optional_add(&facts->optional, facts->idl, false);

    /* References are only seen to rows of tables that are replicated. */
    ovsdb_idl_add_table(facts->idl, &sbrec_table_datapath_binding);
}

void
sb_facts_destroy(struct sb_facts *facts)
{
    if (facts) {
        ovsdb_idl_destroy(facts->idl);
        db_link_destroy(facts->link);
        free(facts);
    }
}

void
sb_facts_run(struct sb_facts *facts)
{
    db_link_run(facts->link);
    if (idl_optional_run(&facts->optional, facts->idl)) {
        ovsdb_idl_destroy(facts->idl);
        sb_facts_open_idl(facts);
        db_link_set_idl(facts->link, facts->idl);
    }
}

void
sb_facts_wait(struct sb_facts *facts)
{
    db_link_wait(facts->link);
}

bool
sb_facts_are_ready(const struct sb_facts *facts)
{
    return db_link_is_ready(facts->link);
}

int64_t
sb_facts_nb_cfg(const struct sb_facts *facts)
{
    const struct sbrec_sb_global *global = sbrec_sb_global_first(facts->idl);

    return global ? global->nb_cfg : 0;
}

/* From 24.03 on, northd's row has the UUID of the Northbound row; before 25.03
 * it notes that row. */
static const struct sbrec_load_balancer *
find_lb_row(const struct sb_facts *facts, const struct uuid *nb_row)
{
    const struct sbrec_load_balancer *row
        = sbrec_load_balancer_get_for_uuid(facts->idl, nb_row);

    if (row) {
        return row;
    }
    SBREC_LOAD_BALANCER_FOR_EACH (row, facts->idl) {
        const char *text = smap_get(&row->external_ids, "lb_id");
        struct uuid uuid;

        if (text && uuid_from_string(&uuid, text)
            && uuid_equals(&uuid, nb_row)) {
            return row;
        }
    }
    return NULL;
}

bool
sb_facts_have_router_lbs(const struct sb_facts *facts)
{
    return facts->optional.present & HAS_LR_DATAPATH_GROUP;
}

static size_t
group_size(const struct sbrec_logical_dp_group *group)
{
    return group ? group->n_datapaths : 0;
}

bool
sb_facts_lb(const struct sb_facts *facts, const struct uuid *nb_row,
            struct sb_facts_lb *ret)
{
    const struct sbrec_load_balancer *row = find_lb_row(facts, nb_row);

    if (!row) {
        return false;
    }
    ret->vips = &row->vips;

    /* A version of northd uses one of the ways, and empties the others. */
    ret->n_datapaths = (row->n_datapaths + group_size(row->datapath_group)
                        + group_size(row->ls_datapath_group)
                        + group_size(row->lr_datapath_group));
    return true;
}

/* Chassis. */

static const struct sbrec_chassis_private *
find_private(const struct sb_facts *facts, const char *name)
{
    const struct sbrec_chassis_private *row;

    SBREC_CHASSIS_PRIVATE_FOR_EACH (row, facts->idl) {
        if (!strcmp(row->name, name)) {
            return row;
        }
    }
    return NULL;
}

static int
compare_chassis(const void *a_, const void *b_)
{
    const struct sb_facts_chassis *a = a_;
    const struct sb_facts_chassis *b = b_;

    return strcmp(a->name, b->name);
}

struct sb_facts_chassis *
sb_facts_chassis(const struct sb_facts *facts, size_t *n)
{
    struct sb_facts_chassis *chassis = NULL;
    const struct sbrec_chassis *row;
    size_t allocated = 0;

    *n = 0;
    SBREC_CHASSIS_FOR_EACH (row, facts->idl) {
        const struct sbrec_chassis_private *private
            = find_private(facts, row->name);
        bool has_host = row->hostname[0] && strcmp(row->hostname, row->name);

        ARRAY_GROW(chassis, *n, allocated);
        chassis[(*n)++] = (struct sb_facts_chassis) {
            .name = (has_host
                     ? xasprintf("%s (%s)", row->name, row->hostname)
                     : xstrdup(row->name)),
            .nb_cfg = private ? private->nb_cfg : row->nb_cfg,
        };
    }
    if (*n) {
        qsort(chassis, *n, sizeof *chassis, compare_chassis);
    }
    return chassis;
}

void
sb_facts_free_chassis(struct sb_facts_chassis *chassis, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(chassis[i].name);
    }
    free(chassis);
}

const char *
sb_facts_port_chassis(const struct sb_facts *facts, const char *logical_port)
{
    const struct sbrec_port_binding *row;

    SBREC_PORT_BINDING_FOR_EACH (row, facts->idl) {
        if (!strcmp(row->logical_port, logical_port)) {
            return row->chassis ? row->chassis->name : NULL;
        }
    }
    return NULL;
}

/* Probes. */

const char *
sb_facts_probe(const struct sb_facts *facts, const char *protocol,
               const struct in6_addr *ip, uint16_t port,
               const char *logical_port)
{
    const struct sbrec_service_monitor *row;

    SBREC_SERVICE_MONITOR_FOR_EACH (row, facts->idl) {
        struct in6_addr row_ip;

        if (row->port == port
            && !strcmp(row->logical_port, logical_port)
            && !strcmp(row->protocol ? row->protocol : "tcp", protocol)
            && sb_parse_ip(row->ip, &row_ip)
            && !memcmp(&row_ip, ip, sizeof row_ip)) {
            return row->status ? row->status : "";
        }
    }
    return NULL;
}
