/* SPDX-License-Identifier: Apache-2.0
 *
 * The kinds of objects that a project's quota limits, and limits as plain
 * data.
 */

#ifndef MODEL_QUOTA_H
#define MODEL_QUOTA_H 1

#include <stdbool.h>
#include <stdint.h>
#include "model/fields.h"

/* Name, column of the table Quota.  L7 policies and rules are refused, so a
 * project never has any, whatever their limits are. */
#define QUOTA_KINDS                             \
    QUOTA_KIND(LOAD_BALANCER, load_balancer)    \
    QUOTA_KIND(LISTENER, listener)              \
    QUOTA_KIND(POOL, pool)                      \
    QUOTA_KIND(MEMBER, member)                  \
    QUOTA_KIND(HEALTH_MONITOR, health_monitor)  \
    QUOTA_KIND(L7POLICY, l7policy)              \
    QUOTA_KIND(L7RULE, l7rule)

enum quota_kind {
#define QUOTA_KIND(NAME, COLUMN) QUOTA_##NAME,
    QUOTA_KINDS
#undef QUOTA_KIND
    N_QUOTA_KINDS
};

/* The values of a limit: Octavia's. */
#define QUOTA_UNLIMITED -1
#define QUOTA_MAX 2000000000

struct quota_limits {
    int64_t of[N_QUOTA_KINDS];
};

/* The attributes of a quota.  Two of them have an alias. */
extern const struct resource quota_resource;

/* Returns the name of the kind, which is that of its column. */
const char *quota_kind_name(enum quota_kind);

/* Returns the kind of limit that 'field' of 'quota_resource' is, N_QUOTA_KINDS
 * if it is none. */
enum quota_kind quota_kind_of_field(const struct field *);

/* Returns the kind that objects of 'resource' count as, N_QUOTA_KINDS if they
 * are not counted. */
enum quota_kind quota_kind_of_resource(enum resource_id);

#endif /* model/quota.h */
