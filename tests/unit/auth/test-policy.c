/* SPDX-License-Identifier: Apache-2.0
 *
 * Policies: who may do what, role by role.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "auth/caller.h"
#include "auth/policy.h"
#include "openvswitch/util.h"
#include "util.h"

/* The calls of the table below, and whose the object is. */
static const struct {
    const char *policy;
    const char *project;
    bool is_global;             /* The policy of the list of everything. */
} calls[] = {
    { "loadbalancer:get_all", "own", false },
    { "loadbalancer:get_all", NULL, true },
    { "loadbalancer:get_all", "other", false },
    { "loadbalancer:get_one", "other", false },
    { "loadbalancer:put", "own", false },
    { "loadbalancer:put", "other", false },
    { "loadbalancer:put_failover", "own", false },
    { "quota:get_one", "own", false },
    { "quota:get_one", "other", false },
    { "quota:get_all", NULL, true },
    { "quota:put", "own", false },
    { "provider:get_all", "own", false },
    { "provider-flavor:get_all", "own", false },
    { "flavor:get_all", "own", false },
    { "flavor-profile:get_all", "own", false },
    { "availability-zone:get_all", "own", false },
    { "amphora:get_all", "own", false },
    { "member:get_all", "other", false },
    { "network:get", "own", false },
};

/* One character for each of the calls: '+' allowed, '-' refused. */
static const struct {
    const char *role;
    bool legacy_roles;
    const char *expected;
} cases[] = {
    /*                                       lb     quota pf f zpmn */
    { "nonsense", false,                    "-------" "----" "--------" },
    { "manager", true,                      "-------" "----" "--------" },
    { "service", false,                     "-------" "----" "------+-" },
    { "reader", false,                      "+------" "+---" "+-+-+---" },
    { "member", false,                      "+---+--" "+---" "+-+-+---" },
    { "admin", false,                       "+++++++" "++++" "++++++++" },
    { "ADMIN", false,                       "+++++++" "++++" "++++++++" },
    { "load-balancer_observer", true,       "+------" "+---" "+-+-+---" },
    { "load-balancer_member", true,         "+---+--" "+---" "+-+-+---" },
    { "load-balancer_admin", true,          "+++++++" "++++" "++++++++" },
    { "load-balancer_global_observer", true,
      "++++---" "+++-" "+-+-+-++" },
    { "load-balancer_quota_admin", true,    "-------" "++++" "--------" },
    { "load-balancer_observer", false,      "-------" "----" "--------" },
    { "load-balancer_member", false,        "-------" "----" "--------" },
    { "load-balancer_admin", false,         "-------" "----" "--------" },
    { "load-balancer_global_observer", false,
      "-------" "----" "--------" },
    { "load-balancer_quota_admin", false,   "-------" "----" "--------" },
};

static void
test_every_role(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct caller *caller
            = caller_create("user", "own", role_from_name(cases[i].role));
        char got[ARRAY_SIZE(calls) + 1] = "";

        for (size_t j = 0; j < ARRAY_SIZE(calls); j++) {
            const struct policy *policy = policy_find(calls[j].policy);

            got[j] = policy_allows(calls[j].is_global ? policy->global
                                   : policy->rule, caller, calls[j].project,
                                   cases[i].legacy_roles) ? '+' : '-';
        }
        if (strcmp(got, cases[i].expected)) {
            fail_msg("%s: %s instead of %s", cases[i].role, got,
                     cases[i].expected);
        }
        caller_unref(caller);
    }
}

static void
test_without_a_project_nothing_is_allowed(void **state)
{
    struct caller *caller = caller_create("user", NULL, ~0u);

    for (enum policy_rule rule = 0; rule < N_POLICY_RULES; rule++) {
        assert_false(policy_allows(rule, caller, "other", true));
        assert_false(policy_allows(rule, caller, NULL, true));
    }
    caller_unref(caller);
}

static void
test_what_belongs_to_nobody_is_not_ones_own(void **state)
{
    struct caller *caller = caller_create("user", "", ROLE_MEMBER);

    assert_false(policy_allows(POLICY_READ, caller, NULL, false));
    assert_true(policy_allows(POLICY_READ, caller, "", false));
    caller_unref(caller);
}

static void
test_nobody_is_asked(void **state)
{
    struct caller *caller = caller_create_trusted(NULL);
    struct caller *same = caller_ref(caller);

    caller_unref(caller);
    for (enum policy_rule rule = 0; rule < N_POLICY_RULES; rule++) {
        assert_true(policy_allows(rule, same, "other", false));
        assert_true(policy_allows(rule, same, NULL, false));
    }
    caller_unref(same);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_role),
        cmocka_unit_test(test_without_a_project_nothing_is_allowed),
        cmocka_unit_test(test_what_belongs_to_nobody_is_not_ones_own),
        cmocka_unit_test(test_nobody_is_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
