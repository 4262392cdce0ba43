/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks the policy; see authorise.h.
 */

#include <config.h>
#include "api/authorise.h"
#include <string.h>
#include "api/request.h"
#include "auth/caller.h"
#include "auth/policy.h"
#include "store/rows.h"
#include "util.h"

static bool
authorise_allows(const struct request *request, enum policy_rule rule,
                 const char *project_id)
{
    return policy_allows(rule, request->caller, project_id,
                         request->api->legacy_roles);
}

bool
authorise_project(struct request *request, const char *project_id)
{
    ovs_assert(request->policy);
    request->is_authorised = authorise_allows(request, request->policy->rule,
                                              project_id);
    return (request->is_authorised
            || fault_set(&request->fault, FAULT_POLICY_FORBIDDEN));
}

bool
authorise_row(struct request *request, const struct ovsdb_idl_row *row)
{
    return authorise_project(request, row_project(row));
}

bool
authorise_row_for(struct request *request, const char *policy,
                  const struct ovsdb_idl_row *row)
{
    return (authorise_allows(request, policy_find(policy)->rule,
                             row_project(row))
            || fault_set(&request->fault, FAULT_POLICY_FORBIDDEN));
}

bool
authorise_anywhere(const struct request *request)
{
    ovs_assert(request->policy);
    return authorise_allows(request, request->policy->rule,
                            request->caller->project_id);
}

bool
authorise_own(struct request *request)
{
    return authorise_project(request, request->caller->project_id);
}

bool
authorise_own_for(struct request *request, const char *policy)
{
    request->policy = policy_find(policy);
    return authorise_own(request);
}

/* Limits the list to one project, unless the caller may see everything: then a
 * project in the arguments is a filter like any other. */
bool
authorise_list(struct request *request)
{
    const char *wanted = query_text_filter(&request->query, "project_id");

    if (authorise_allows(request, request->policy->global, wanted)) {
        request->is_authorised = true;
        return true;
    }
    request->only_project = wanted ? wanted : request->caller->project_id;
    return authorise_project(request, request->only_project);
}

bool
row_is_visible(const struct request *request,
               const struct ovsdb_idl_row *row)
{
    const char *project = request->only_project ? row_project(row) : NULL;

    return (!request->only_project
            || (project && !strcmp(project, request->only_project)));
}
