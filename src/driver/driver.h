/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver as a whole: the two databases, and the queue of load balancers
 * to look at.  main.c runs it, reconcile.c does the work on one load balancer.
 */

#ifndef DRIVER_DRIVER_H
#define DRIVER_DRIVER_H 1

#include <stdbool.h>
#include "driver/confirm.h"
#include "driver/vip.h"
#include "openvswitch/list.h"

struct ds;
struct neutron;
struct uuid;

struct driver_options {
    const char *db_remote;      /* OVSDB connection methods. */
    const char *nb_remote;
    const char *sb_remote;
    bool use_groups;            /* Associate by Load_Balancer_Group. */
    enum active_when active_when;
    int pending_timeout_ms;     /* See deadline.h. */
    int probe_interval_ms;      /* Of OVN's databases; negative: as usual. */
    struct neutron *neutron;    /* NULL: there is none, and addresses are ours
                                 * to give.  The driver owns it. */
};

struct driver {
    struct driver_options options;
    struct store *store;        /* What should be. */
    struct nb *nb;              /* What is. */
    struct sb *sb;              /* How healthy it is. */
    struct workq *queue;        /* Ids of load balancers to look at. */
    struct ovs_list reconciles; /* What is being worked on. */
    struct vip_claims claims;
    struct deadlines *deadlines;
    struct confirms *confirms;
    struct janitor *janitor;
    struct neutron_calls *neutron_calls;    /* All NULL without Neutron. */
    struct neutron_vips *neutron_vips;
    struct neutron_removals *neutron_removals;
    struct neutron_sources *neutron_sources;
    bool has_lock;              /* As of the last turn, like the next two. */
    bool is_active;
    bool knows_health;          /* The Southbound database can be read. */
    long long int next_sweep_ms;    /* When to look at everything again. */
};

/* The strings in the options are borrowed only until this returns. */
void driver_init(struct driver *, const struct driver_options *);
void driver_uninit(struct driver *);
void driver_run(struct driver *);
void driver_wait(struct driver *);

/* Looks at every load balancer anew. */
void driver_resync(struct driver *);

/* Looks at one anew.  Returns false if OVN_Octavia has none with that id. */
bool driver_resync_lb(struct driver *, const struct uuid *lb_id);

/* Takes databases that were put back from a backup: see
 * store_accept_older(). */
void driver_accept_older(struct driver *);

/* For "driver/status": one "name: value" a line. */
void driver_format_status(const struct driver *, struct ds *);

#endif /* driver/driver.h */
