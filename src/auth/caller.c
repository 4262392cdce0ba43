/* SPDX-License-Identifier: Apache-2.0
 *
 * The callers of requests; see caller.h.
 */

#include <config.h>
#include "auth/caller.h"
#include <stdlib.h>
#include <strings.h>
#include "util.h"

static const struct {
    const char *name;
    enum role role;
} role_names[] = {
    { "admin", ROLE_ADMIN },
    { "member", ROLE_MEMBER },
    { "reader", ROLE_READER },
    { "service", ROLE_SERVICE },
    { "load-balancer_admin", ROLE_LB_ADMIN },
    { "load-balancer_global_observer", ROLE_LB_GLOBAL_OBSERVER },
    { "load-balancer_member", ROLE_LB_MEMBER },
    { "load-balancer_observer", ROLE_LB_OBSERVER },
    { "load-balancer_quota_admin", ROLE_LB_QUOTA_ADMIN },
};

unsigned int
role_from_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(role_names); i++) {
        if (!strcasecmp(role_names[i].name, name)) {
            return role_names[i].role;
        }
    }
    return 0;
}

struct caller *
caller_create(const char *user_id, const char *project_id,
              unsigned int roles)
{
    struct caller *caller = xmalloc(sizeof *caller);

    *caller = (struct caller) {
        .n_refs = 1,
        .user_id = nullable_xstrdup(user_id),
        .project_id = nullable_xstrdup(project_id),
        .roles = roles,
    };
    return caller;
}

struct caller *
caller_create_trusted(const char *project_id)
{
    struct caller *caller = caller_create(NULL, project_id, 0);

    caller->is_trusted = true;
    return caller;
}

struct caller *
caller_ref(const struct caller *caller_)
{
    struct caller *caller = CONST_CAST(struct caller *, caller_);

    caller->n_refs++;
    return caller;
}

void
caller_unref(struct caller *caller)
{
    if (caller && !--caller->n_refs) {
        free(caller->user_id);
        free(caller->project_id);
        free(caller);
    }
}
