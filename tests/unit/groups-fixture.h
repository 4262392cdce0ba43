/* SPDX-License-Identifier: Apache-2.0
 *
 * A few load balancers that share groups, for tests: a network, a database
 * that is nothing but their rows and groups, and the registry under test.
 */

#ifndef GROUPS_FIXTURE_H
#define GROUPS_FIXTURE_H 1

#include "ovn/rows.h"
#include "topology-fixture.h"

#define GROUPS_FIXTURE_N_LBS 8

struct groups_fixture {
    struct topology_fixture tf;
    struct groups *groups;
    struct ovn_lb db;                   /* All groups there are. */
    struct ovn_lb lbs[GROUPS_FIXTURE_N_LBS];    /* Rows. */
    char *wants[GROUPS_FIXTURE_N_LBS];
    unsigned int n_named;               /* Groups that have a name. */
};

#define LINK(SW, R, PORT_NAME, NETWORKS)                                \
    ADD_PORT(SW, "sw_" PORT_NAME, PEER(PORT_NAME)) ","                  \
    ADD_ROUTER_PORT(R, PORT_NAME, NETWORKS)

void groups_fixture_init(struct groups_fixture *, const char *network);
void groups_fixture_uninit(struct groups_fixture *);

/* Changes the network, and says so of all groups. */
void groups_fixture_change(struct groups_fixture *, const char *ops);

/* Looks at a load balancer, counted from 1, which wants the rows in 'want'
 * (NULL: those of the last time), and carries the plan out.  Returns the plan,
 * sorted, with names for groups: "G1" is the first that was made.  Fails if a
 * second look would change something.  The caller frees the result. */
char *groups_fixture_look(struct groups_fixture *, unsigned int lb,
                          const char *want);

/* What others do:
 *
 *     restart             The registry is empty.
 *     touch               Something happened to all groups.
 *     forget LB           The load balancer is forgotten.
 *     off SWITCH GROUP    Somebody takes the group off the switch.
 *     gone GROUP          Somebody deletes the group.
 *     used GROUP          Not an event, but a question: fails if nobody is
 *                         in the group.
 *     unused GROUP        The opposite. */
void groups_fixture_obey(struct groups_fixture *, const char *order);

#endif /* groups-fixture.h */
