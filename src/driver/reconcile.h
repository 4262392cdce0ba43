/* SPDX-License-Identifier: Apache-2.0
 *
 * Reconciliation: makes OVN equal to what OVN_Octavia says, one load balancer
 * at a time.
 */

#ifndef DRIVER_RECONCILE_H
#define DRIVER_RECONCILE_H 1

#include <stdbool.h>

struct confirms;
struct janitor;
struct nb;
struct port_provider;
struct reconciles;
struct sb;
struct store;
struct uuid;
struct vip_claims;
struct workq;

/* The parts of the driver that the work needs.  All are borrowed. */
struct reconcile_tools {
    struct store *store;
    struct nb *nb;
    struct sb *sb;
    struct workq *queue;
    struct vip_claims *claims;
    struct port_provider *ports;
    struct confirms *confirms;
    struct janitor *janitor;
    bool use_groups;            /* See struct compare_options. */
    bool enforce_cidrs;         /* The same. */
};

struct reconciles *reconciles_create(const struct reconcile_tools *);

/* Forgets all that was started and is not finished: the driver ends. */
void reconciles_destroy(struct reconciles *);

/* Starts to make OVN equal to what OVN_Octavia says about 'lb_id', which the
 * caller took from the queue.  Reports back to the queue when it is
 * finished. */
void reconciles_start(struct reconciles *, const struct uuid *lb_id);

/* Adds metrics about what comparisons have led to. */
void reconcile_add_metrics(void);

#endif /* driver/reconcile.h */
