/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's connection to OVN's Northbound database: the replica, the
 * topology that follows from it, who carries which load balancer, and group
 * commit for writes.
 */

#ifndef OVN_NB_H
#define OVN_NB_H 1

#include <stdbool.h>
#include "base/commit.h"
#include "openvswitch/uuid.h"
#include "uuidset.h"

struct nb;
struct ovn_lb;
struct topology;

/* Creates a connection to the Northbound database at 'remote' (OVSDB
 * connection method, or several separated by commas).  Never fails: see
 * nb_is_ready(). */
struct nb *nb_create(const char *remote);
void nb_destroy(struct nb *);

/* Starts transactions only if 'may_write'. */
void nb_run(struct nb *, bool may_write);
void nb_wait(struct nb *, bool may_write);

/* True while connected and holding a complete replica. */
bool nb_is_ready(const struct nb *);

const struct topology *nb_topology(const struct nb *);

/* Fills 'ret' (the caller uninitializes it) with what the database holds for
 * the load balancer. */
void nb_observe(const struct nb *, const struct uuid *lb_id,
                struct ovn_lb *ret);

/* Remembers on which switches the VIP and the members of a load balancer
 * live, so that nb_changed_lbs() knows whom a change of the network concerns.
 * Takes 'homes' as desired_lb() makes them; an empty set forgets. */
void nb_set_homes(struct nb *, const struct uuid *lb_id,
                  const struct uuidset *homes);

/* The ids of all load balancers about which the last nb_run() brought news:
 * their rows, their port, who carries them, or the network around them. */
const struct uuidset *nb_changed_lbs(const struct nb *);

/* Calls 'cb' for the id of every load balancer that has a row.  May name one
 * several times. */
void nb_for_each_lb(const struct nb *,
                    void (*cb)(const struct uuid *lb_id, void *aux),
                    void *aux);

/* See base/commit.h. */
void nb_submit(struct nb *, struct commit_op *);
unsigned long long int nb_n_commits(const struct nb *);

#endif /* ovn/nb.h */
