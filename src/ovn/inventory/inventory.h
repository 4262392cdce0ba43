/* SPDX-License-Identifier: Apache-2.0
 *
 * A replica of the Northbound database for tools, which read all of it once:
 * the rows of all load balancers of Octavia, by any provider, the orphans,
 * which look like ours and belong to no load balancer, and their removal.
 */

#ifndef OVN_INVENTORY_INVENTORY_H
#define OVN_INVENTORY_INVENTORY_H 1

#include <stdbool.h>
#include <stddef.h>
#include "base/commit.h"
#include "openvswitch/uuid.h"
#include "uuidset.h"

struct adopt_row;
struct inventory;
struct ovsdb_idl_txn;
struct topology;

/* Creates a connection to the Northbound database at 'remote' (OVSDB
 * connection method, or several separated by commas).  Never fails: see
 * inventory_is_ready(). */
struct inventory *inventory_create(const char *remote);
void inventory_destroy(struct inventory *);

void inventory_run(struct inventory *);
void inventory_wait(struct inventory *);

/* True while connected and holding a complete replica. */
bool inventory_is_ready(const struct inventory *);

const struct topology *inventory_topology(const struct inventory *);

/* Adds to 'ids' the ids of all load balancers that have a row. */
void inventory_lbs(const struct inventory *, struct uuidset *ids);

/* The rows of a load balancer.  The caller frees them with
 * inventory_free_rows(). */
struct adopt_row *inventory_rows(const struct inventory *,
                                 const struct uuid *lb_id, size_t *ret_n);
void inventory_free_rows(struct adopt_row *, size_t n);

/* The project that owns the port 'port_id', or NULL if OVN does not know. The
 * caller frees it. */
char *inventory_project(const struct inventory *, const struct uuid *port_id);

/* Lists the kinds of orphans. */
enum orphan_kind {
    ORPHAN_LB,                  /* Load_Balancer row. */
    ORPHAN_VIP_PORT,            /* Logical_Switch_Port of a VIP. */
    ORPHAN_HM_PORT,             /* ...from which health is probed. */
    ORPHAN_GROUP,               /* Load_Balancer_Group of our own. */
    ORPHAN_ACL,                 /* ACL with our mark. */
    ORPHAN_PORT_GROUP,          /* Port_Group with our mark. */
    N_ORPHAN_KINDS
};

struct orphan {
    enum orphan_kind kind;
    struct uuid uuid;           /* The row's. */
    char *name;                 /* The row's, or, if that is a port of
                                 * Neutron's, that of the port in Neutron; of
                                 * an ACL, that of its load balancer. */
    bool is_neutrons;           /* Only Neutron can remove it. */
};

struct orphans {
    struct orphan *orphans;     /* By kind, then by name. */
    size_t n, allocated;
};

/* Finds what looks like ours and belongs to no load balancer for which
 * 'has_lb' returns true.  The caller must call orphans_uninit(). */
void inventory_orphans(const struct inventory *,
                       bool (*has_lb)(const struct uuid *lb_id,
                                      const void *aux),
                       const void *aux, struct orphans *ret);
void orphans_uninit(struct orphans *);

/* Removes an orphan, which must not be Neutron's, and all references to it.
 * An orphan that is gone already is no error. */
void inventory_remove(const struct inventory *, struct ovsdb_idl_txn *,
                      const struct orphan *);

/* See base/commit.h. */
void inventory_submit(struct inventory *, struct commit_op *);

#endif /* ovn/inventory/inventory.h */
