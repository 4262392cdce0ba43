/* SPDX-License-Identifier: Apache-2.0
 *
 * Kinds of objects that Octavia has and OVN does not: there are none, and none
 * can be made.  Their tables of attributes have the same form as those of
 * other objects (fields.h), so bodies and filters are checked as strictly;
 * nothing is stored.
 */

#ifndef MODEL_ABSENT_H
#define MODEL_ABSENT_H 1

#include "model/fields.h"

/* Continues enum resource_id. */
enum absent_id {
    ABSENT_FIRST = N_RESOURCES,
    ABSENT_L7_POLICY = ABSENT_FIRST,
    ABSENT_FLAVOR,
    ABSENT_FLAVOR_PROFILE,
    ABSENT_ZONE,
    ABSENT_ZONE_PROFILE,
    ABSENT_AMPHORA,
    ABSENT_END
};

/* Returns the kind with that id.  A kind that takes no bodies has no
 * 'argument'. */
const struct resource *absent_resource(enum absent_id);

#endif /* model/absent.h */
