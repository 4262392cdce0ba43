/* SPDX-License-Identifier: Apache-2.0
 *
 * Octavia's policies, as tables: the rights of callers.  Pure.
 */

#ifndef AUTH_POLICY_H
#define AUTH_POLICY_H 1

#include <stdbool.h>

struct caller;

enum policy_rule {
    POLICY_NOBODY,
    POLICY_READ,
    POLICY_READ_GLOBAL,
    POLICY_READ_OR_SERVICE,
    POLICY_WRITE,
    POLICY_ADMIN,
    POLICY_READ_QUOTA,
    POLICY_READ_QUOTA_GLOBAL,
    POLICY_WRITE_QUOTA,
    N_POLICY_RULES
};

struct policy {
    const char *name;           /* After "os_load-balancer_api:". */
    enum policy_rule rule;

    /* For lists: a caller who passes this rule sees the objects of all
     * projects; POLICY_NOBODY if there is no such list. */
    enum policy_rule global;
};

/* Returns the policy of that name.  There must be one. */
const struct policy *policy_find(const char *name);
bool policy_exists(const char *name);

/* True if 'caller' passes 'rule' for what belongs to the project 'project_id'
 * (NULL: to none).  'legacy_roles': load-balancer_* count as well as the
 * common roles. */
bool policy_allows(enum policy_rule rule, const struct caller *caller,
                   const char *project_id, bool legacy_roles);

#endif /* auth/policy.h */
