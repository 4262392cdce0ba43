/* SPDX-License-Identifier: Apache-2.0
 *
 * The way back from Northbound rows to a load balancer: for rows that the
 * Python OVN provider wrote, or that outlived OVN_Octavia.  The reverse of
 * ovn/want/desired.c, which describes the encoding.  Pure.
 *
 * The rows may have been edited: what cannot be read becomes a problem
 * in words, never a crash.
 */

#ifndef OVN_ADOPT_ADOPT_H
#define OVN_ADOPT_ADOPT_H 1

#include <stdbool.h>
#include <stddef.h>
#include "smap.h"
#include "sset.h"

struct model_lb;
struct topology;
struct uuid;

/* A Load_Balancer_Health_Check row. */
struct adopt_check {
    char *vip;
    struct smap options;
    struct smap external_ids;
};

/* Holds what a Load_Balancer row says about the load balancer.  Its
 * ip_port_mappings say nothing that the driver would not find again. */
struct adopt_row {
    char *protocol;             /* "tcp", "udp", "sctp", or "" for none. */
    struct sset selection_fields;
    struct smap vips;
    struct smap options;
    struct smap external_ids;
    struct adopt_check *checks;
    size_t n_checks;
    struct smap allowed_cidrs;  /* Of ACLs, not of the row: a listener's id,
                                 * and its ranges, comma separated. */
};

void adopt_row_init(struct adopt_row *);
void adopt_row_uninit(struct adopt_row *);

/* Appends an empty check and returns it. */
struct adopt_check *adopt_row_add_check(struct adopt_row *);

enum adopt_severity {
    ADOPT_NOTE,                 /* Worth knowing. */
    ADOPT_LOSS,                 /* OVN does something now that it would not do
                                 * any more. */
    ADOPT_IMPOSSIBLE,           /* There is no load balancer in this. */
};

struct adopt_problem {
    enum adopt_severity severity;
    char *text;                 /* Printable. */
};

struct adopt_problems {
    struct adopt_problem *problems;
    size_t n, allocated;
};

void adopt_problems_init(struct adopt_problems *);
void adopt_problems_uninit(struct adopt_problems *);
enum adopt_severity adopt_problems_worst(const struct adopt_problems *);

/* True if a Load_Balancer row is of a load balancer of Octavia, whose id goes
 * to '*ret_lb_id': others in the same database are Neutron's port forwardings,
 * Kubernetes', and those made by hand. */
bool adopt_row_is_octavia(const char *name, const struct smap *external_ids,
                          struct uuid *ret_lb_id);

/* Makes the load balancer that the rows describe.  The rows come in any order.
 * All is ACTIVE, and as it operates according to the rows.  Attributes that
 * the rows do not tell are as if they had not been given: names, limits,
 * timeouts; 'project_id' is "".  Objects are in the order of their ids,
 * members in that of the pool's list.
 *
 * Adds to 'problems'.  Returns NULL exactly if one is ADOPT_IMPOSSIBLE.  The
 * caller destroys the result with model_lb_destroy(). */
struct model_lb *adopt_lb(const struct uuid *lb_id, const struct adopt_row *,
                          size_t n_rows, const struct topology *,
                          struct adopt_problems *problems);

#endif /* ovn/adopt/adopt.h */
