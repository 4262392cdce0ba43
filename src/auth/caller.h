/* SPDX-License-Identifier: Apache-2.0
 *
 * The caller of a request, as far as a token tells; without authentication,
 * nothing is known.  policy.h decides what a caller may do.
 */

#ifndef AUTH_CALLER_H
#define AUTH_CALLER_H 1

#include <stdbool.h>

/* The roles that some policy knows.  All others are dropped when a token is
 * read. */
enum role {
    ROLE_ADMIN = 1 << 0,
    ROLE_MEMBER = 1 << 1,
    ROLE_READER = 1 << 2,
    ROLE_SERVICE = 1 << 3,

    /* Octavia's own, of before there were the common ones. */
    ROLE_LB_ADMIN = 1 << 4,
    ROLE_LB_GLOBAL_OBSERVER = 1 << 5,
    ROLE_LB_MEMBER = 1 << 6,
    ROLE_LB_OBSERVER = 1 << 7,
    ROLE_LB_QUOTA_ADMIN = 1 << 8,
};

#define ROLES_LEGACY                                                \
    (ROLE_LB_ADMIN | ROLE_LB_GLOBAL_OBSERVER | ROLE_LB_MEMBER       \
     | ROLE_LB_OBSERVER | ROLE_LB_QUOTA_ADMIN)

struct caller {
    int n_refs;
    bool is_trusted;            /* May do everything: no authentication. */
    char *user_id;              /* NULL if unknown. */
    char *project_id;           /* NULL if not acting for a project. */
    unsigned int roles;         /* enum role. */
};

/* Return a caller with one reference; the strings are copied, and may be
 * NULL. */
struct caller *caller_create(const char *user_id, const char *project_id,
                             unsigned int roles);
struct caller *caller_create_trusted(const char *project_id);
struct caller *caller_ref(const struct caller *);
void caller_unref(struct caller *);

/* Returns the bit of a role, 0 for one that no policy knows.  As in OpenStack,
 * the case of letters does not count. */
unsigned int role_from_name(const char *name);

#endif /* auth/caller.h */
