/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's connection to OVN's Northbound database: running the replica,
 * the topology and the load balancers in it as they are, which load balancers
 * a change concerns, how far OVN has come, and group commit for writes.
 */

#ifndef OVN_DB_NB_H
#define OVN_DB_NB_H 1

#include <stdbool.h>
#include <stddef.h>
#include "base/commit.h"
#include "openvswitch/uuid.h"
#include "uuidset.h"

struct desired_watch;
struct groups;
struct in6_addr;
struct model_lb;
struct nb;
struct ovn_lb;
struct sources;
struct topology;

/* Creates a connection to the Northbound database at 'remote' (OVSDB
 * connection method, or several separated by commas).  Never fails: see
 * nb_is_ready(). */
struct nb *nb_create(const char *remote);
void nb_destroy(struct nb *);

/* Starts transactions only if 'may_write'. */
void nb_run(struct nb *, bool may_write);
void nb_wait(struct nb *, bool may_write);

/* Accepts servers that know less than was seen: see store_accept_older(). */
void nb_accept_older(struct nb *);

/* True while connected and holding a complete replica. */
bool nb_is_ready(const struct nb *);

const struct topology *nb_topology(const struct nb *);

/* Fills 'ret' (the caller uninitializes it) with what the database holds for
 * the load balancer.  All is found by what it says of itself, by names first,
 * never by UUIDs that are expected.  'lb' is what is known of the load
 * balancer besides; without it, rows that were renamed and ports of additional
 * VIPs are not found.  Of what load balancers share, only the ports that
 * 'want' names (NULL: none). */
void nb_observe(const struct nb *, const struct uuid *lb_id,
                const struct model_lb *lb, const struct ovn_lb *want,
                struct ovn_lb *ret);

/* Adds to 'ret' what the database holds of the group, if it is there. */
void nb_observe_group(const struct nb *, const struct uuid *group_id,
                      struct ovn_lb *ret);

/* Remembers what the load balancer depends on, so that nb_changed_lbs() knows
 * whom a change of the network concerns.  An empty watch forgets. */
void nb_set_watch(struct nb *, const struct uuid *lb_id,
                  const struct desired_watch *);

/* Adds to nb_changed_lbs() those who watch 'ip'. */
void nb_add_watchers(struct nb *, const struct in6_addr *ip);

/* Returns the registry of groups, and that of the addresses from which members
 * are probed. */
struct groups *nb_groups(struct nb *);
struct sources *nb_sources(struct nb *);

/* True if OVN knows ipv6_src and ipv6_dst as selection_fields. */
bool nb_has_ipv6_hash(const struct nb *);

/* True if ovn-northd has central replies: see northd.h. */
bool nb_has_central_replies(const struct nb *);

/* Return how far OVN has come: sequence numbers of configurations, see
 * NB_Global in ovn-nb(5).  The first is the newest there is, then what
 * ovn-northd has translated, then what all chassis have installed.  0 if not
 * known. */
int64_t nb_cfg(const struct nb *);
int64_t nb_sb_cfg(const struct nb *);
int64_t nb_hv_cfg(const struct nb *);

/* Has every transaction count as a new configuration from now on. */
void nb_count_configurations(struct nb *);

/* True if members of load balancer 'lb_id' (NULL: of any) are probed from 'ip'
 * in the rows that OVN has.  For any, walks all rows. */
bool nb_probes_from(const struct nb *, const struct uuid *lb_id,
                    const struct in6_addr *ip);

/* Has silent servers noticed after that long; 0: never. */
void nb_set_probe_interval(struct nb *, int ms);

/* True if a load balancer has members to probe in the subnet, or needs the NAT
 * row centralised. */
bool nb_subnet_is_probed(const struct nb *, const struct uuid *subnet_id);
bool nb_nat_is_needed(const struct nb *, const struct uuid *nat);

/* True if something that load balancers share (see unused.h) has lost its last
 * user since the last call. */
bool nb_take_lost_users(struct nb *);

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

/* Says of a load balancer, in the comment of the transaction that is being
 * made, which request was the last to change it. */
void nb_comment_request(struct nb *, const struct uuid *lb_id,
                        const struct uuid *request);

unsigned long long int nb_n_commits(const struct nb *);

#endif /* ovn/db/nb.h */
