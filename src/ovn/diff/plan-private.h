/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the plan share.
 */

#ifndef OVN_DIFF_PLAN_PRIVATE_H
#define OVN_DIFF_PLAN_PRIVATE_H 1

#include "ovn/diff/plan.h"

struct uuidset;

/* Adds a step and returns it, zeroed but for what the arguments say. */
struct plan_step *plan_add(struct plan *, enum plan_verb,
                           const struct uuid *row);

/* Adds steps that put 'row' on, or take it off, what is in only one of the two
 * sets.  'seen' is NULL for a new row. */
void plan_carriers(const struct uuid *row, const struct uuidset *want,
                   const struct uuidset *seen, enum plan_verb add,
                   enum plan_verb remove, struct plan *);

/* Adds the steps for ACLs and the entrances that they are in. */
void plan_acls(const struct ovn_lb *want, const struct ovn_lb *seen,
               struct plan *);

#endif /* ovn/diff/plan-private.h */
