/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds what the driver would find and do if it looked at load balancers now,
 * with its own code and on replicas of our own.  Nothing is written.
 */

#ifndef CTL_SURVEY_H
#define CTL_SURVEY_H 1

#include <stdbool.h>
#include <stddef.h>
#include "ovn/compare.h"

struct context;
struct model_lb;
struct uuid;

struct survey {
    struct model_lb *lb;

    /* False: the driver has not accepted the VIPs yet, so nothing more can be
     * said.  There is no comparison then. */
    bool is_accepted;
    struct comparison comparison;
};

/* The ids of all load balancers in OVN_Octavia, sorted.  The caller frees
 * them. */
struct uuid *survey_ids(struct context *, size_t *n);

/* Compares all load balancers, and forgets the differences: the members of a
 * group define it, whatever its carriers are at the moment. */
void survey_all(struct context *);

/* Compares one, after survey_all().  Returns false if OVN_Octavia does not
 * have it.  The caller must call survey_uninit().  A difference of a group is
 * only found once, unless survey_all() is called in between. */
bool survey_lb(struct context *, const struct uuid *lb_id, struct survey *);
void survey_uninit(struct survey *);

#endif /* ctl/survey.h */
