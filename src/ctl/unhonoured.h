/* SPDX-License-Identifier: Apache-2.0
 *
 * Options that OVN_Octavia holds and OVN does not honour (FIELD_DISPENSABLE in
 * model/fields.h).
 */

#ifndef CTL_UNHONOURED_H
#define CTL_UNHONOURED_H 1

#include "model/fields.h"

struct octrec_load_balancer;
struct ovsdb_idl_row;
struct svec;

/* Adds a text "NAME VALUE" for each of them in the row. */
void unhonoured_add(const struct ovsdb_idl_row *, enum resource_id,
                    struct svec *texts);

/* Adds the options of a load balancer and of all below it, with the object
 * that has them. */
void unhonoured_add_tree(const struct octrec_load_balancer *,
                         struct svec *texts);

#endif /* ctl/unhonoured.h */
