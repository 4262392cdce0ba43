/* SPDX-License-Identifier: Apache-2.0
 *
 * Life and death of the plain data in rows.h, and the VIP port's names.
 */

#include <config.h>
#include "ovn/rows.h"
#include <stdlib.h>
#include <string.h>
#include "base/name-uuid.h"
#include "util.h"
#include "uuid.h"

/* Everybody who deals with OVN load balancers of Octavia knows the port by
 * this name. */
#define VIP_PORT_PREFIX "ovn-lb-vip-"

static void
lb_row_uninit(struct lb_row *row)
{
    free(row->name);
    free(row->protocol);
    sset_destroy(&row->selection_fields);
    smap_destroy(&row->vips);
    smap_destroy(&row->options);
    smap_destroy(&row->external_ids);
    uuidset_destroy(&row->switches);
    uuidset_destroy(&row->routers);
}

static void
vip_port_destroy(struct vip_port *port)
{
    if (port) {
        free(port->name);
        free(port->type);
        free(port->addresses);
        smap_destroy(&port->external_ids);
        free(port);
    }
}

void
ovn_lb_init(struct ovn_lb *lb, const struct uuid *lb_id)
{
    memset(lb, 0, sizeof *lb);
    lb->name = xasprintf(UUID_FMT, UUID_ARGS(lb_id));
}

void
ovn_lb_uninit(struct ovn_lb *lb)
{
    for (size_t i = 0; i < lb->n_rows; i++) {
        lb_row_uninit(&lb->rows[i]);
    }
    vip_port_destroy(lb->port);
    free(lb->name);
}

struct lb_row *
ovn_lb_add_row(struct ovn_lb *lb)
{
    if (lb->n_rows >= ARRAY_SIZE(lb->rows)) {
        return NULL;
    }

    struct lb_row *row = &lb->rows[lb->n_rows++];
    row->name = xstrdup(lb->name);
    row->protocol = xstrdup("");
    sset_init(&row->selection_fields);
    smap_init(&row->vips);
    smap_init(&row->options);
    smap_init(&row->external_ids);
    uuidset_init(&row->switches);
    uuidset_init(&row->routers);
    return row;
}

struct vip_port *
ovn_lb_add_port(struct ovn_lb *lb)
{
    ovs_assert(!lb->port);
    lb->port = xzalloc(sizeof *lb->port);
    lb->port->name = xasprintf(VIP_PORT_PREFIX"%s", lb->name);
    lb->port->type = xstrdup("");
    lb->port->addresses = xstrdup("");
    smap_init(&lb->port->external_ids);
    return lb->port;
}

struct uuid
lb_row_uuid(const struct uuid *lb_id, const char *protocol)
{
    return name_uuid(lb_id, protocol);
}

char *
vip_port_name(const struct uuid *lb_id)
{
    return xasprintf(VIP_PORT_PREFIX UUID_FMT, UUID_ARGS(lb_id));
}

bool
vip_port_name_parse(const char *port_name, struct uuid *ret_lb_id)
{
    size_t prefix_len = strlen(VIP_PORT_PREFIX);

    return (!strncmp(port_name, VIP_PORT_PREFIX, prefix_len)
            && uuid_from_string(ret_lb_id, port_name + prefix_len));
}

struct uuid
vip_port_uuid(const struct uuid *lb_id)
{
    return name_uuid(lb_id, "vip-port");
}
