/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps for ACLs and their entrances; see plan-private.h.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "ovn/diff/plan-private.h"
#include "ovn/rows/rows.h"
#include "util.h"
#include "uuid.h"

/* An entrance that is left by the last ACL stays: it is others' business, too.
 * None is looked at without an ACL that needs it. */
static void
diff_entrances(const struct ovn_lb *want_lb, const struct ovn_lb *seen_lb,
               struct plan *plan)
{
    for (size_t i = 0; i < want_lb->n_entrances; i++) {
        const struct lb_entrance *want = want_lb->entrances[i];
        const struct lb_entrance *seen
            = ovn_lb_find_entrance(seen_lb, &want->router);

        if (!seen) {
            plan_add(plan, PLAN_ENTRANCE_INSERT, &want->router);
        } else if (seen->is_altered) {
            plan_add(plan, PLAN_ENTRANCE_SET, &want->router);
        }
        plan_carriers(&want->router, &want->ports,
                      seen ? &seen->ports : NULL, PLAN_ENTRANCE_PORT_ADD,
                      PLAN_ENTRANCE_PORT_REMOVE, plan);
    }
}

static bool
acl_is_for(const struct lb_acl *a, const struct lb_acl *b)
{
    return (uuid_equals(&a->listener, &b->listener)
            && uuid_equals(&a->place, &b->place)
            && a->is_ipv6 == b->is_ipv6
            && a->is_translated == b->is_translated);
}

static bool
acl_is_equal(const struct lb_acl *want, const struct lb_acl *seen)
{
    return (!seen->is_altered
            && !strcmp(want->match, seen->match)
            && nullable_string_is_equal(want->cidrs, seen->cidrs));
}

/* Of rows for the same, all drivers keep the one with the lowest UUID. */
static const struct lb_acl *
plan_find_acl(const struct ovn_lb *seen, const struct lb_acl *like)
{
    const struct lb_acl *best = NULL;

    for (size_t i = 0; i < seen->n_acls; i++) {
        const struct lb_acl *acl = seen->acls[i];
        if (acl_is_for(acl, like)
            && (!best || uuid_compare_3way(&acl->uuid, &best->uuid) < 0)) {
            best = acl;
        }
    }
    return best;
}

static void
add_acl_step(struct plan *plan, enum plan_verb verb, const char *lb_name,
             const struct lb_acl *acl, const struct uuid *row)
{
    struct plan_step *step = plan_add(plan, verb, row);

    step->target = acl->place;
    step->acl = acl;
    step->key = lb_name;
    step->value = acl->match;
}

static void
remove_acl(struct plan *plan, const struct lb_acl *seen)
{
    plan_add(plan, PLAN_ACL_REMOVE, &seen->uuid)->target = seen->place;
}

/* True if 'acl' is the row that an ACL of 'want' keeps. */
static bool
acl_is_kept(const struct ovn_lb *want, const struct ovn_lb *seen,
            const struct lb_acl *acl)
{
    for (size_t i = 0; i < want->n_acls; i++) {
        if (acl_is_for(want->acls[i], acl)) {
            return plan_find_acl(seen, acl) == acl;
        }
    }
    return false;
}

void
plan_acls(const struct ovn_lb *want_lb, const struct ovn_lb *seen_lb,
          struct plan *plan)
{
    diff_entrances(want_lb, seen_lb, plan);
    for (size_t i = 0; i < want_lb->n_acls; i++) {
        const struct lb_acl *want = want_lb->acls[i];
        const struct lb_acl *seen = plan_find_acl(seen_lb, want);

        if (!seen) {
            add_acl_step(plan, PLAN_ACL_INSERT, want_lb->name, want,
                         &want->uuid);
        } else if (!acl_is_equal(want, seen)) {
            add_acl_step(plan, PLAN_ACL_SET, want_lb->name, want,
                         &seen->uuid);
        }
    }
    for (size_t i = 0; i < seen_lb->n_acls; i++) {
        if (!acl_is_kept(want_lb, seen_lb, seen_lb->acls[i])) {
            remove_acl(plan, seen_lb->acls[i]);
        }
    }
}
