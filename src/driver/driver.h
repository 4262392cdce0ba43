/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver as a whole: the databases, and the queue of load balancers to
 * look at.  main.c runs it, reconcile.c does the work on one load balancer.
 */

#ifndef DRIVER_DRIVER_H
#define DRIVER_DRIVER_H 1

#include <stdbool.h>
#include <stddef.h>
#include "driver/confirm.h"

struct driver;
struct ds;
struct neutron;
struct uuid;

struct driver_options {
    const char *db_remote;      /* OVSDB connection methods. */
    const char *nb_remote;
    const char *sb_remote;
    bool use_groups;            /* Associate by Load_Balancer_Group. */
    bool enforce_cidrs;         /* Make ACLs for allowed_cidrs. */
    enum active_when active_when;
    int pending_timeout_ms;     /* See deadline.h. */
    int probe_interval_ms;      /* For OVN's databases; negative: the
                                 * default. */
    struct neutron *neutron;    /* NULL: there is none, and addresses are ours
                                 * to give.  The driver owns it. */
};

/* The strings in the options are borrowed only until this returns. */
struct driver *driver_create(const struct driver_options *);
void driver_destroy(struct driver *);
void driver_run(struct driver *);
void driver_wait(struct driver *);

/* Looks at every load balancer anew. */
void driver_resync(struct driver *);

/* Looks at one load balancer anew.  Returns false if OVN_Octavia has none with
 * that id. */
bool driver_resync_lb(struct driver *, const struct uuid *lb_id);

/* Accepts databases that were put back from a backup: see
 * store_accept_older(). */
void driver_accept_older(struct driver *);

/* True if the databases without which nothing can be done are there. */
bool driver_is_connected(const struct driver *);

/* Returns in a line what the driver does or waits for.  The caller frees
 * it. */
char *driver_describe(const struct driver *, const struct driver_options *);

/* The driver in numbers, as of its last turn. */
struct driver_counts {
    bool has_lock;
    bool is_active;
    bool is_in_sync;
    size_t n_queued, n_failing, n_pending;  /* Load balancers. */
};
struct driver_counts driver_count(const struct driver *);

/* Returns for how long the oldest load balancer is in the queue; 0 without
 * any.  Looks at all that are. */
long long int driver_oldest_ms(const struct driver *);

/* Counts the probes of OVN by their results.  Looks at all of them. */
struct driver_probes {
    size_t n_online, n_error, n_unknown;
};
struct driver_probes driver_count_probes(const struct driver *);

/* Appends lines of "name: value", for "driver/status". */
void driver_format_status(const struct driver *, struct ds *);

#endif /* driver/driver.h */
