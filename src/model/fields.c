/* SPDX-License-Identifier: Apache-2.0
 *
 * The kinds of objects, and look-ups in their tables; see fields.h.
 */

#include <config.h>
#include "model/fields.h"
#include <string.h>
#include "util.h"

static struct resource resources[] = {
    [RESOURCE_LOAD_BALANCER] = {
        .key = "loadbalancer",
        .plural = "loadbalancers",
        .argument = "load_balancer",
        .title = "Load Balancer",
        .table = "Load_Balancer",
        .fields = load_balancer_fields,
    },
    [RESOURCE_LISTENER] = {
        .key = "listener",
        .plural = "listeners",
        .argument = "listener_",
        .title = "Listener",
        .table = "Listener",
        .fields = listener_fields,
    },
    [RESOURCE_POOL] = {
        .key = "pool",
        .plural = "pools",
        .argument = "pool_",
        .title = "Pool",
        .table = "Pool",
        .fields = pool_fields,
    },
    [RESOURCE_MEMBER] = {
        .key = "member",
        .plural = "members",
        .argument = "member_",
        .title = "Member",
        .table = "Member",
        .fields = member_fields,
    },
    [RESOURCE_ADDITIONAL_VIP] = {
        .table = "Additional_VIP",
        .fields = additional_vip_fields,
    },
    [RESOURCE_HEALTH_MONITOR] = {
        .key = "healthmonitor",
        .plural = "healthmonitors",
        .argument = "health_monitor_",
        .title = "Health Monitor",
        .table = "Health_Monitor",
        .fields = health_monitor_fields,
    },
};
BUILD_ASSERT_DECL(ARRAY_SIZE(resources) == N_RESOURCES);

static const size_t *const n_fields[] = {
    [RESOURCE_LOAD_BALANCER] = &n_load_balancer_fields,
    [RESOURCE_LISTENER] = &n_listener_fields,
    [RESOURCE_POOL] = &n_pool_fields,
    [RESOURCE_MEMBER] = &n_member_fields,
    [RESOURCE_ADDITIONAL_VIP] = &n_additional_vip_fields,
    [RESOURCE_HEALTH_MONITOR] = &n_health_monitor_fields,
};
BUILD_ASSERT_DECL(ARRAY_SIZE(n_fields) == N_RESOURCES);

const struct resource *
resource_get(enum resource_id id)
{
    ovs_assert(id < N_RESOURCES);

    struct resource *resource = &resources[id];
    if (!resource->n_fields) {
        resource->id = id;
        resource->n_fields = *n_fields[id];
        ovs_assert(resource->n_fields <= FIELDS_MAX);
    }
    return resource;
}

const struct field *
field_find(const struct resource *resource, const char *name)
{
    for (size_t i = 0; i < resource->n_fields; i++) {
        if (!strcmp(resource->fields[i].name, name)) {
            return &resource->fields[i];
        }
    }
    return NULL;
}

const struct field *
field_find_queried(const struct resource *resource, const char *name)
{
    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];

        if (field->flags & FIELD_FILTER
            && (!strcmp(field->name, name)
                || (field->query_name && !strcmp(field->query_name, name)))) {
            return field;
        }
    }
    return NULL;
}

size_t
field_index(const struct resource *resource, const struct field *field)
{
    size_t i = field - resource->fields;

    ovs_assert(i < resource->n_fields);
    return i;
}

const char *
field_column(const struct field *field)
{
    return field->column ? field->column : field->name;
}

bool
field_is_own_column(const struct field *field)
{
    return (!(field->flags & FIELD_NO_COLUMN)
            && !strpbrk(field_column(field), ">?")
            && strcmp(field_column(field), "_uuid"));
}

bool
field_is_list(const struct field *field)
{
    switch (field->type) {
    case FT_STRINGS:
    case FT_WORDS:
    case FT_UUIDS:
    case FT_CIDRS:
    case FT_MAP:
    case FT_IDS:
    case FT_NESTED:
        return true;
    case FT_STRING:
    case FT_UUID:
    case FT_BOOL:
    case FT_INTEGER:
    case FT_ENUM:
    case FT_DECIMAL:
    case FT_IP:
    case FT_TIME:
    case FT_PERSISTENCE:
    default:
        return false;
    }
}

bool
field_has_objects(const struct field *field)
{
    return field->type == FT_NESTED || field->type == FT_IDS;
}

bool
field_is_mere_option(const struct field *field)
{
    return (field->refusal.text && !field->refusal.supported
            && !field->ovn_max);
}

bool
word_is_in(const char *const *words, const char *word)
{
    for (; *words; words++) {
        if (!strcmp(*words, word)) {
            return true;
        }
    }
    return false;
}
