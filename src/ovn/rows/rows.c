/* SPDX-License-Identifier: Apache-2.0
 *
 * Life and death of the plain data in rows.h, and the names of rows.
 */

#include <config.h>
#include "ovn/rows/rows.h"
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "base/name-uuid.h"
#include "util.h"
#include "uuid.h"

/* Begins the names of our groups, before the id. */
#define GROUP_PREFIX "ovn-octavia-"
#define ENTRANCE_PREFIX "ovn_octavia_"

static void
health_check_destroy(struct health_check *check)
{
    free(check->vip);
    smap_destroy(&check->options);
    smap_destroy(&check->external_ids);
    free(check);
}

static void
lb_row_destroy(struct lb_row *row)
{
    free(row->name);
    free(row->protocol);
    sset_destroy(&row->selection_fields);
    smap_destroy(&row->vips);
    smap_destroy(&row->options);
    smap_destroy(&row->external_ids);
    smap_destroy(&row->ip_port_mappings);
    for (size_t i = 0; i < row->n_checks; i++) {
        health_check_destroy(row->checks[i]);
    }
    free(row->checks);
    uuidset_destroy(&row->switches);
    uuidset_destroy(&row->routers);
    uuidset_destroy(&row->groups);
    free(row->places);
    free(row);
}

static void
lb_port_destroy(struct lb_port *port)
{
    free(port->name);
    free(port->type);
    free(port->addresses);
    smap_destroy(&port->external_ids);
    free(port);
}

static void
lb_group_destroy(struct lb_group *group)
{
    uuidset_destroy(&group->switches);
    uuidset_destroy(&group->routers);
    free(group);
}

static void
lb_acl_destroy(struct lb_acl *acl)
{
    free(acl->match);
    free(acl->cidrs);
    free(acl);
}

static void
lb_entrance_destroy(struct lb_entrance *entrance)
{
    uuidset_destroy(&entrance->ports);
    free(entrance);
}

void
ovn_lb_init(struct ovn_lb *lb, const struct uuid *lb_id)
{
    memset(lb, 0, sizeof *lb);
    lb->name = xasprintf(UUID_FMT, UUID_ARGS(lb_id));
    uuidset_init(&lb->nats);
}

void
ovn_lb_uninit(struct ovn_lb *lb)
{
    for (size_t i = 0; i < lb->n_rows; i++) {
        lb_row_destroy(lb->rows[i]);
    }
    for (size_t i = 0; i < lb->n_ports; i++) {
        lb_port_destroy(lb->ports[i]);
    }
    for (size_t i = 0; i < lb->n_groups; i++) {
        lb_group_destroy(lb->groups[i]);
    }
    for (size_t i = 0; i < lb->n_acls; i++) {
        lb_acl_destroy(lb->acls[i]);
    }
    for (size_t i = 0; i < lb->n_entrances; i++) {
        lb_entrance_destroy(lb->entrances[i]);
    }
    free(lb->acls);
    free(lb->entrances);
    free(lb->hole);
    free(lb->rows);
    free(lb->ports);
    free(lb->groups);
    uuidset_destroy(&lb->nats);
    free(lb->name);
}

/* Appends 'NEW', a pointer, to the array 'ARRAY' of the struct OWNER. */
#define APPEND(OWNER, ARRAY, NEW)                                       \
    do {                                                                \
        ARRAY_GROW((OWNER)->ARRAY, (OWNER)->n_##ARRAY,                  \
                   (OWNER)->allocated_##ARRAY);                         \
        (OWNER)->ARRAY[(OWNER)->n_##ARRAY++] = (NEW);                   \
    } while (0)

struct lb_row *
ovn_lb_add_row(struct ovn_lb *lb)
{
    struct lb_row *row = xzalloc(sizeof *row);

    row->name = xstrdup(lb->name);
    row->protocol = xstrdup("");
    sset_init(&row->selection_fields);
    smap_init(&row->vips);
    smap_init(&row->options);
    smap_init(&row->external_ids);
    smap_init(&row->ip_port_mappings);
    uuidset_init(&row->switches);
    uuidset_init(&row->routers);
    uuidset_init(&row->groups);
    APPEND(lb, rows, row);
    return row;
}

struct health_check *
lb_row_add_check(struct lb_row *row, const char *vip)
{
    struct health_check *check = xzalloc(sizeof *check);

    check->vip = xstrdup(vip);
    smap_init(&check->options);
    smap_init(&check->external_ids);
    APPEND(row, checks, check);
    return check;
}

struct health_check *
lb_row_find_check(const struct lb_row *row, const char *vip)
{
    for (size_t i = 0; i < row->n_checks; i++) {
        if (!strcmp(row->checks[i]->vip, vip)) {
            return row->checks[i];
        }
    }
    return NULL;
}

void
lb_row_remove_check(struct lb_row *row, struct health_check *check)
{
    size_t i = 0;

    while (row->checks[i] != check) {
        i++;
    }
    row->checks[i] = row->checks[--row->n_checks];
    health_check_destroy(check);
}

struct lb_port *
ovn_lb_add_port_nocopy(struct ovn_lb *lb, char *name)
{
    struct lb_port *port = xzalloc(sizeof *port);

    port->name = name;
    port->type = xstrdup("");
    port->addresses = xstrdup("");
    smap_init(&port->external_ids);
    APPEND(lb, ports, port);
    return port;
}

const struct lb_port *
ovn_lb_find_port(const struct ovn_lb *lb, const struct uuid *uuid)
{
    for (size_t i = 0; i < lb->n_ports; i++) {
        if (uuid_equals(&lb->ports[i]->uuid, uuid)) {
            return lb->ports[i];
        }
    }
    return NULL;
}

const struct lb_group *
ovn_lb_find_group(const struct ovn_lb *lb, const struct uuid *id)
{
    for (size_t i = 0; i < lb->n_groups; i++) {
        if (uuid_equals(&lb->groups[i]->id, id)) {
            return lb->groups[i];
        }
    }
    return NULL;
}

struct lb_group *
ovn_lb_group(struct ovn_lb *lb, const struct uuid *id)
{
    const struct lb_group *found = ovn_lb_find_group(lb, id);
    if (found) {
        return CONST_CAST(struct lb_group *, found);
    }

    struct lb_group *group = xzalloc(sizeof *group);
    group->id = *id;
    uuidset_init(&group->switches);
    uuidset_init(&group->routers);
    APPEND(lb, groups, group);
    return group;
}

struct lb_acl *
ovn_lb_add_acl(struct ovn_lb *lb)
{
    struct lb_acl *acl = xzalloc(sizeof *acl);

    APPEND(lb, acls, acl);
    return acl;
}

const struct lb_entrance *
ovn_lb_find_entrance(const struct ovn_lb *lb, const struct uuid *router)
{
    for (size_t i = 0; i < lb->n_entrances; i++) {
        if (uuid_equals(&lb->entrances[i]->router, router)) {
            return lb->entrances[i];
        }
    }
    return NULL;
}

struct lb_entrance *
ovn_lb_entrance(struct ovn_lb *lb, const struct uuid *router)
{
    const struct lb_entrance *found = ovn_lb_find_entrance(lb, router);
    if (found) {
        return CONST_CAST(struct lb_entrance *, found);
    }

    struct lb_entrance *entrance = xzalloc(sizeof *entrance);
    entrance->router = *router;
    uuidset_init(&entrance->ports);
    APPEND(lb, entrances, entrance);
    return entrance;
}

struct uuid
lb_row_label(const struct uuid *lb_id, const char *protocol)
{
    return name_uuid(lb_id, protocol);
}

struct uuid
health_check_label(const struct uuid *row, const char *vip)
{
    char *name = xasprintf("check/%s", vip);
    struct uuid label = name_uuid(row, name);

    free(name);
    return label;
}

char *
source_port_name(const struct uuid *subnet_id)
{
    return xasprintf(SOURCE_PORT_PREFIX UUID_FMT, UUID_ARGS(subnet_id));
}

struct uuid
source_port_label(const struct uuid *subnet_id)
{
    return name_uuid(subnet_id, "probe-source");
}

char *
lb_group_name(const struct uuid *id)
{
    return xasprintf(GROUP_PREFIX UUID_FMT, UUID_ARGS(id));
}

bool
lb_group_name_parse(const char *name, struct uuid *ret_id)
{
    size_t prefix_len = strlen(GROUP_PREFIX);

    return (!strncmp(name, GROUP_PREFIX, prefix_len)
            && uuid_from_string(ret_id, name + prefix_len));
}

char *
lb_entrance_name(const struct uuid *router)
{
    char *name = xasprintf(ENTRANCE_PREFIX UUID_FMT, UUID_ARGS(router));

    for (char *p = name; *p; p++) {
        if (*p == '-') {
            *p = '_';
        }
    }
    return name;
}

bool
lb_entrance_name_parse(const char *name, struct uuid *ret_router)
{
    size_t prefix_len = strlen(ENTRANCE_PREFIX);
    bool ok = false;

    if (!strncmp(name, ENTRANCE_PREFIX, prefix_len)) {
        char *id = xstrdup(name + prefix_len);

        for (char *p = id; *p; p++) {
            *p = *p == '_' ? '-' : *p;
        }
        ok = uuid_from_string(ret_router, id);
        free(id);
    }
    return ok;
}
