/* SPDX-License-Identifier: Apache-2.0
 *
 * The policies; see policy.h.  The rules are the defaults of Octavia's
 * policies, and, for clouds that still use them, the roles that
 * were the defaults before.
 */

#include <config.h>
#include "auth/policy.h"
#include <string.h>
#include "auth/caller.h"
#include "util.h"

#define OWN_READ (ROLE_READER | ROLE_MEMBER | ROLE_LB_OBSERVER          \
                  | ROLE_LB_MEMBER)
#define OWN_WRITE (ROLE_MEMBER | ROLE_LB_MEMBER)
#define ADMINS (ROLE_ADMIN | ROLE_LB_ADMIN)
#define OBSERVERS (ADMINS | ROLE_LB_GLOBAL_OBSERVER)

/* Roles, of which one is enough: 'anywhere' for everything, 'own' for what
 * belongs to the caller's project. */
static const struct {
    unsigned int anywhere;
    unsigned int own;
} rules[N_POLICY_RULES] = {
    [POLICY_NOBODY] = { 0, 0 },
    [POLICY_READ] = { OBSERVERS, OWN_READ },
    [POLICY_READ_GLOBAL] = { OBSERVERS, 0 },
    [POLICY_READ_OR_SERVICE] = { OBSERVERS | ROLE_SERVICE, OWN_READ },
    [POLICY_WRITE] = { ADMINS, OWN_WRITE },
    [POLICY_ADMIN] = { ADMINS, 0 },
    [POLICY_READ_QUOTA] = { OBSERVERS | ROLE_LB_QUOTA_ADMIN, OWN_READ },
    [POLICY_READ_QUOTA_GLOBAL] = { OBSERVERS | ROLE_LB_QUOTA_ADMIN, 0 },
    [POLICY_WRITE_QUOTA] = { ADMINS | ROLE_LB_QUOTA_ADMIN, 0 },
};

#define LIST(NAME) { NAME ":get_all", POLICY_READ, POLICY_READ_GLOBAL }
#define PLAIN(NAME, RULE) { NAME, POLICY_##RULE, POLICY_NOBODY }
#define OBJECT(NAME)                            \
    PLAIN(NAME ":get_one", READ),               \
    PLAIN(NAME ":post", WRITE),                 \
    PLAIN(NAME ":put", WRITE),                  \
    PLAIN(NAME ":delete", WRITE)
#define ADMIN_OBJECT(NAME, READER)              \
    PLAIN(NAME ":get_all", READER),             \
    PLAIN(NAME ":get_one", READER),             \
    PLAIN(NAME ":post", ADMIN),                 \
    PLAIN(NAME ":put", ADMIN),                  \
    PLAIN(NAME ":delete", ADMIN)

static const struct policy policies[] = {
    LIST("loadbalancer"),
    OBJECT("loadbalancer"),
    PLAIN("loadbalancer:post:vip_sg_ids", WRITE),
    PLAIN("loadbalancer:put:vip_sg_ids", WRITE),
    PLAIN("loadbalancer:get_status", READ),
    PLAIN("loadbalancer:get_stats", READ),
    PLAIN("loadbalancer:put_failover", ADMIN),
    LIST("listener"),
    OBJECT("listener"),
    PLAIN("listener:get_stats", READ),
    LIST("pool"),
    OBJECT("pool"),
    PLAIN("member:get_all", READ_OR_SERVICE),
    OBJECT("member"),
    LIST("healthmonitor"),
    OBJECT("healthmonitor"),
    LIST("l7policy"),
    OBJECT("l7policy"),
    PLAIN("l7rule:get_all", READ),
    OBJECT("l7rule"),
    { "quota:get_all", POLICY_READ_QUOTA, POLICY_READ_QUOTA_GLOBAL },
    PLAIN("quota:get_one", READ_QUOTA),
    PLAIN("quota:get_defaults", READ_QUOTA),
    PLAIN("quota:put", WRITE_QUOTA),
    PLAIN("quota:delete", WRITE_QUOTA),
    PLAIN("provider:get_all", READ),
    PLAIN("provider-flavor:get_all", ADMIN),
    PLAIN("provider-availability-zone:get_all", ADMIN),
    ADMIN_OBJECT("flavor", READ),
    ADMIN_OBJECT("flavor-profile", ADMIN),
    ADMIN_OBJECT("availability-zone", READ),
    ADMIN_OBJECT("availability-zone-profile", ADMIN),
    PLAIN("amphora:get_all", ADMIN),
    PLAIN("amphora:get_one", ADMIN),
    PLAIN("amphora:get_stats", ADMIN),
    PLAIN("amphora:delete", ADMIN),
    PLAIN("amphora:put_config", ADMIN),
    PLAIN("amphora:put_failover", ADMIN),

    /* Not Octavia's: networks as OVN has them, of all projects alike. */
    PLAIN("network:get", READ_GLOBAL),
    PLAIN("network:get_local", READ),
};

static const struct policy *
policy_look_up(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
        if (!strcmp(policies[i].name, name)) {
            return &policies[i];
        }
    }
    return NULL;
}

const struct policy *
policy_find(const char *name)
{
    const struct policy *policy = policy_look_up(name);

    ovs_assert(policy);
    return policy;
}

bool
policy_exists(const char *name)
{
    return policy_look_up(name) != NULL;
}

/* True if the rule lets the caller.  A token that is not for a project (for a
 * domain, for the whole system, or for nothing at all) opens nothing here,
 * whatever its roles. */
bool
policy_allows(enum policy_rule rule, const struct caller *caller,
              const char *project_id, bool legacy_roles)
{
    unsigned int roles = (legacy_roles ? caller->roles
                          : caller->roles & ~ROLES_LEGACY);

    if (caller->is_trusted) {
        return true;
    }
    if (!caller->project_id) {
        return false;
    }
    return (roles & rules[rule].anywhere
            || (roles & rules[rule].own && project_id
                && !strcmp(project_id, caller->project_id)));
}
