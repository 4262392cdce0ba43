/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding a load balancer; see find.h.
 */

#include <config.h>
#include "ctl/find.h"
#include <stdlib.h>
#include <string.h>
#include "octavia-idl.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

void
find_lb_add_columns(struct ovsdb_idl *idl)
{
    ovsdb_idl_add_column(idl, &octrec_load_balancer_col_name);
    ovsdb_idl_add_column(idl, &octrec_load_balancer_col_project_id);
    ovsdb_idl_add_column(idl, &octrec_load_balancer_col_vip_address);
}

static const struct octrec_load_balancer *
find_by_id(const struct ovsdb_idl *idl, const char *name)
{
    struct uuid id;

    return (uuid_from_string(&id, name)
            ? octrec_load_balancer_get_for_uuid(idl, &id) : NULL);
}

/* Names need not be unique, so the choice is the user's. */
static char *
list_candidates(const struct ovsdb_idl *idl, const char *name)
{
    const struct octrec_load_balancer *lb;
    struct svec lines = SVEC_EMPTY_INITIALIZER;

    OCTREC_LOAD_BALANCER_FOR_EACH (lb, idl) {
        if (!strcmp(lb->name, name)) {
            svec_add_nocopy(&lines, xasprintf(
                "  "UUID_FMT"  VIP %s  project %s",
                UUID_ARGS(&lb->header_.uuid),
                lb->vip_address ? lb->vip_address : "none",
                lb->project_id));
        }
    }
    svec_sort(&lines);

    char *candidates = svec_join(&lines, "\n", "");
    char *text = xasprintf("several load balancers are called \"%s\"; which "
                           "one, by its id?\n%s", name, candidates);
    free(candidates);
    svec_destroy(&lines);
    return text;
}

const struct octrec_load_balancer *
find_lb_by_name(const struct ovsdb_idl *idl, const char *name, char **errorp)
{
    const struct octrec_load_balancer *found = find_by_id(idl, name);
    const struct octrec_load_balancer *lb;
    size_t n = 0;

    /* An id counts even if it is the name of another load balancer. */
    if (found) {
        return found;
    }
    OCTREC_LOAD_BALANCER_FOR_EACH (lb, idl) {
        if (!strcmp(lb->name, name)) {
            found = lb;
            n++;
        }
    }
    if (n == 1) {
        return found;
    }
    *errorp = (n ? list_candidates(idl, name)
               : xasprintf("no load balancer has the id or the name \"%s\"",
                           name));
    return NULL;
}
