/* SPDX-License-Identifier: Apache-2.0
 *
 * The attributes of objects that are not there; see absent.h.
 */

#include <config.h>
#include "model/absent.h"
#include "model/formats.h"
#include "util.h"

#define RO FIELD_FILTER
#define RW (FIELD_POST | FIELD_PUT | FIELD_FILTER)
#define ONCE (FIELD_POST | FIELD_FILTER)
#define MUST (RW | FIELD_MUST)
#define MUST_ONCE (ONCE | FIELD_MUST)

/* Octavia's limit of the JSON in a profile. */
#define DATA_CHARACTERS_MAX 4096

#define ABSENT_ID { FIELD_NAME("id"), .type = FT_UUID, .flags = RO }
/* The stock client looks for anything by id and by name. */
#define ABSENT_SEARCHED(NAME)                                           \
    { FIELD_NAME(NAME), .type = FT_STRING,                              \
      .flags = FIELD_HIDDEN | FIELD_FILTER }
#define ABSENT_STRING(NAME, FLAGS)                                      \
    { FIELD_NAME(NAME), .type = FT_STRING, .flags = FLAGS, .max = 255 }
#define ABSENT_UUID(NAME, FLAGS)                                        \
    { FIELD_NAME(NAME), .type = FT_UUID, .flags = FLAGS }
#define ABSENT_WORD(NAME, FLAGS, WORDS)                                 \
    { FIELD_NAME(NAME), .type = FT_ENUM, .flags = FLAGS, .words = WORDS }
#define ABSENT_SWITCH(NAME)                                             \
    { FIELD_NAME(NAME), .type = FT_BOOL,                                \
      .flags = RW | FIELD_NULL_FALSE, .fallback = "true" }
#define ABSENT_DATA(NAME)                                               \
    { FIELD_NAME(NAME), .type = FT_STRING,                              \
      .flags = MUST | FIELD_NULL_BAD, .max = DATA_CHARACTERS_MAX }
#define ABSENT_URL(NAME)                                                \
    { FIELD_NAME(NAME), .type = FT_STRING, .flags = RW, .max = 255,     \
      .format = &format_url }

static const char *const l7_actions[] = {
    "REJECT", "REDIRECT_TO_URL", "REDIRECT_TO_POOL", "REDIRECT_PREFIX", NULL
};

static const struct field l7_policy_fields[] = {
    ABSENT_ID,
    ABSENT_STRING("name", RW),
    ABSENT_STRING("description", RW),
    ABSENT_STRING("provisioning_status", RO),
    ABSENT_STRING("operating_status", RO),
    ABSENT_SWITCH("admin_state_up"),
    { FIELD_NAME("project_id"), .type = FT_STRING, .flags = ONCE, .max = 36 },
    ABSENT_WORD("action", MUST, l7_actions),
    ABSENT_UUID("listener_id", MUST_ONCE),
    ABSENT_UUID("redirect_pool_id", RW),
    ABSENT_URL("redirect_url"),
    ABSENT_URL("redirect_prefix"),
    { FIELD_NAME("position"), .type = FT_INTEGER, .flags = RW,
      .min = 1, .max = INT32_MAX },
    { FIELD_NAME("rules"), .type = FT_NESTED, .flags = FIELD_POST },
    { FIELD_NAME("created_at"), .type = FT_TIME },
    { FIELD_NAME("updated_at"), .type = FT_TIME },
    { FIELD_NAME("tags"), .type = FT_STRINGS, .max = 255,
      .flags = FIELD_POST | FIELD_PUT | FIELD_NULL_KEEPS },
    { FIELD_NAME("redirect_http_code"), .type = FT_INTEGER, .flags = RW,
      .min = 301, .max = 308 },
    { FIELD_NAME("tenant_id"), .type = FT_STRING, .flags = FIELD_POST,
      .max = 36 },
};

static const struct field flavor_fields[] = {
    ABSENT_ID,
    ABSENT_STRING("name", MUST),
    ABSENT_STRING("description", RW),
    ABSENT_SWITCH("enabled"),
    ABSENT_UUID("flavor_profile_id", MUST_ONCE),
};

static const struct field flavor_profile_fields[] = {
    ABSENT_ID,
    ABSENT_STRING("name", MUST | FIELD_NULL_BAD),
    ABSENT_STRING("provider_name", MUST | FIELD_NULL_BAD),
    ABSENT_DATA("flavor_data"),
};

static const struct field zone_fields[] = {
    ABSENT_SEARCHED("id"),
    ABSENT_STRING("name", MUST_ONCE),
    ABSENT_STRING("description", RW),
    ABSENT_SWITCH("enabled"),
    ABSENT_UUID("availability_zone_profile_id", MUST_ONCE),
};

static const struct field zone_profile_fields[] = {
    ABSENT_ID,
    ABSENT_STRING("name", MUST | FIELD_NULL_BAD),
    ABSENT_STRING("provider_name", MUST | FIELD_NULL_BAD),
    ABSENT_DATA("availability_zone_data"),
};

static const struct field amphora_fields[] = {
    ABSENT_ID,
    ABSENT_SEARCHED("name"),
    ABSENT_UUID("loadbalancer_id", RO),
    ABSENT_UUID("compute_id", RO),
    ABSENT_STRING("lb_network_ip", RO),
    ABSENT_STRING("vrrp_ip", RO),
    ABSENT_STRING("ha_ip", RO),
    ABSENT_UUID("vrrp_port_id", RO),
    ABSENT_UUID("ha_port_id", RO),
    ABSENT_STRING("cert_expiration", RO),
    { FIELD_NAME("cert_busy"), .type = FT_BOOL, .flags = RO },
    ABSENT_STRING("role", RO),
    ABSENT_STRING("status", RO),
    ABSENT_STRING("vrrp_interface", RO),
    { FIELD_NAME("vrrp_id"), .type = FT_INTEGER, .flags = RO },
    { FIELD_NAME("vrrp_priority"), .type = FT_INTEGER, .flags = RO },
    ABSENT_STRING("cached_zone", RO),
    { FIELD_NAME("created_at"), .type = FT_TIME },
    { FIELD_NAME("updated_at"), .type = FT_TIME },
    ABSENT_UUID("image_id", RO),
    ABSENT_STRING("compute_flavor", RO),
};

#define ABSENT_FIELDS(FIELDS)                                           \
    .fields = FIELDS, .n_fields = ARRAY_SIZE(FIELDS)

static const struct resource absent_resources[] = {
    [ABSENT_L7_POLICY - ABSENT_FIRST] = {
        .key = "l7policy",
        .plural = "l7policies",
        .argument = "l7policy_",
        .title = "L7 Policy",
        ABSENT_FIELDS(l7_policy_fields),
    },
    [ABSENT_FLAVOR - ABSENT_FIRST] = {
        .key = "flavor",
        .plural = "flavors",
        .argument = "flavor_",
        .title = "Flavor",
        ABSENT_FIELDS(flavor_fields),
    },
    [ABSENT_FLAVOR_PROFILE - ABSENT_FIRST] = {
        .key = "flavorprofile",
        .plural = "flavorprofiles",
        .argument = "flavor_profile_",
        .title = "Flavor Profile",
        ABSENT_FIELDS(flavor_profile_fields),
    },
    [ABSENT_ZONE - ABSENT_FIRST] = {
        .key = "availability_zone",
        .plural = "availability_zones",
        .argument = "availability_zone_",
        .title = "Availability Zone",
        ABSENT_FIELDS(zone_fields),
    },
    [ABSENT_ZONE_PROFILE - ABSENT_FIRST] = {
        .key = "availability_zone_profile",
        .plural = "availability_zone_profiles",
        .argument = "availability_zone_profile_",
        .title = "Availability Zone Profile",
        ABSENT_FIELDS(zone_profile_fields),
    },
    [ABSENT_AMPHORA - ABSENT_FIRST] = {
        .key = "amphora",
        .plural = "amphorae",
        .title = "Amphora",
        ABSENT_FIELDS(amphora_fields),
    },
};
BUILD_ASSERT_DECL(ARRAY_SIZE(absent_resources) == ABSENT_END - ABSENT_FIRST);

const struct resource *
absent_resource(enum absent_id id)
{
    ovs_assert(id >= ABSENT_FIRST && id < ABSENT_END);
    return &absent_resources[id - ABSENT_FIRST];
}
