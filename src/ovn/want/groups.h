/* SPDX-License-Identifier: Apache-2.0
 *
 * The Load_Balancer_Group of each load balancer.
 *
 * There is one group for each set of switches and routers that load balancers
 * need: what a thousand switches carry is the group, not a thousand load
 * balancers each.  If the network changes so that all in a group need the same
 * other set, the group is put there, and they stay in it: attaching a router
 * costs the same for one load balancer and for a thousand.  If they need
 * different ones, they part.  A group that has turned may be for the same as
 * another; then both stay.
 *
 * Remembers, for each group, what was found out when its load balancers were
 * last looked at.  Nothing here has to survive a restart.
 *
 * Groups are known by the ids in their names; what UUID the row of one has is
 * not known here.
 */

#ifndef OVN_WANT_GROUPS_H
#define OVN_WANT_GROUPS_H 1

#include <stdbool.h>

struct groups;
struct ovn_lb;
struct topology;
struct uuid;

struct groups *groups_create(void);
void groups_destroy(struct groups *);

/* Adds to 'seen' what the database has of the group, if it has one. */
typedef void groups_observe_func(const struct uuid *group_id,
                                 struct ovn_lb *seen, void *aux);

struct groups_observer {
    groups_observe_func *observe;
    void *aux;
};

/* Decides about each row of 'want' that wants a group: in which group it
 * should be, and which groups should have which carriers.  'seen' is the same
 * load balancer as it is; groups that are not known are added to it by
 * the observer. */
void groups_assign(struct groups *, const struct topology *,
                   const struct uuid *lb_id, struct ovn_lb *want,
                   struct ovn_lb *seen, const struct groups_observer *);

/* Removes the load balancer from all groups.  Returns true if it was the last
 * in one. */
bool groups_forget(struct groups *, const struct uuid *lb_id);

/* Requests another comparison of the group: it, or its carriers, have
 * changed. */
void groups_touch(struct groups *, const struct uuid *group_id);

/* Takes note that the database does not have the row of the group any more. */
void groups_row_is_gone(struct groups *, const struct uuid *group_id);

/* Calls groups_touch() for all groups. */
void groups_touch_all(struct groups *);

/* True if no load balancer that was looked at is in the group. */
bool groups_is_unused(const struct groups *, const struct uuid *group_id);

#endif /* ovn/want/groups.h */
