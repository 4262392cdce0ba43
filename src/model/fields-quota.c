/* SPDX-License-Identifier: Apache-2.0
 *
 * The attributes of quotas; fields.h says what the columns mean, quota.h what
 * the limits are.  null in a PUT is the configured default, which the database
 * has as an empty column.
 */

#include <config.h>
#include "model/quota.h"
#include <string.h>
#include "util.h"

#define LIMIT(NAME)                                             \
    FIELD_NAME(NAME), .type = FT_INTEGER,                       \
    .flags = FIELD_PUT | FIELD_FILTER,                          \
    .min = QUOTA_UNLIMITED, .max = QUOTA_MAX

static const struct field quota_fields[] = {
    { FIELD_NAME("project_id"), .type = FT_STRING, .flags = FIELD_FILTER },
    { LIMIT("loadbalancer"), .column = "load_balancer" },
    { LIMIT("load_balancer") },
    { LIMIT("listener") },
    { LIMIT("member") },
    { LIMIT("pool") },
    { LIMIT("healthmonitor"), .column = "health_monitor" },
    { LIMIT("health_monitor") },
    { LIMIT("l7policy") },
    { LIMIT("l7rule") },
    { FIELD_NAME("tenant_id"), .type = FT_STRING, .column = "project_id" },
};

const struct resource quota_resource = {
    .key = "quota",
    .plural = "quotas",
    .argument = "quotas",
    .title = "Quotas",
    .table = "Quota",
    .fields = quota_fields,
    .n_fields = ARRAY_SIZE(quota_fields),
};

static const char *const quota_kind_names[] = {
#define QUOTA_KIND(NAME, COLUMN) #COLUMN,
    QUOTA_KINDS
#undef QUOTA_KIND
};

const char *
quota_kind_name(enum quota_kind kind)
{
    return quota_kind_names[kind];
}

enum quota_kind
quota_kind_of_field(const struct field *field)
{
    enum quota_kind kind = 0;

    while (kind < N_QUOTA_KINDS
           && strcmp(quota_kind_names[kind], field_column(field))) {
        kind++;
    }
    return kind;
}

enum quota_kind
quota_kind_of_resource(enum resource_id resource)
{
    switch (resource) {
    case RESOURCE_LOAD_BALANCER:
        return QUOTA_LOAD_BALANCER;
    case RESOURCE_LISTENER:
        return QUOTA_LISTENER;
    case RESOURCE_POOL:
        return QUOTA_POOL;
    case RESOURCE_MEMBER:
        return QUOTA_MEMBER;
    case RESOURCE_HEALTH_MONITOR:
        return QUOTA_HEALTH_MONITOR;
    case RESOURCE_ADDITIONAL_VIP:
    case N_RESOURCES:
    default:
        return N_QUOTA_KINDS;
    }
}
