/* SPDX-License-Identifier: Apache-2.0
 *
 * The attributes of members; fields.h says what the columns mean.
 */

#include <config.h>
#include "model/fields.h"
#include "model/checks.h"
#include "util.h"

#define RO FIELD_FILTER
#define STATE (FIELD_FILTER | FIELD_STATE)
#define RW (FIELD_POST | FIELD_PUT | FIELD_FILTER)

#define RESET (RW | FIELD_LIST_RESETS)

#define NO_OWN_MONITOR                                                      \
    .refusal = { FAULT_UNSUPPORTED_OPTION, MEMBER_MONITOR_TEXT, NULL }

const struct field member_fields[] = {
    { FIELD_NAME("id"), .type = FT_UUID, .flags = RO, .column = "_uuid" },
    { FIELD_NAME("name"), .type = FT_STRING, .flags = RW, .max = 255,
      .fallback = "" },
    { FIELD_NAME("operating_status"), .type = FT_STRING, .flags = STATE },
    { FIELD_NAME("provisioning_status"), .type = FT_STRING, .flags = STATE },
    { FIELD_NAME("admin_state_up"), .type = FT_BOOL,
      .flags = RESET | FIELD_NULL_FALSE, .fallback = "true",
      .query_name = "enabled" },
    { FIELD_NAME("address"), .type = FT_IP,
      .flags = FIELD_POST | FIELD_MUST | FIELD_FILTER,
      .query_name = "ip_address" },
    { FIELD_NAME("protocol_port"), .type = FT_INTEGER,
      .flags = FIELD_POST | FIELD_MUST | FIELD_FILTER,
      .min = 1, .max = 65535 },
    { FIELD_NAME("weight"), .type = FT_INTEGER, .flags = RESET,
      .min = 0, .max = 256, .fallback = "1" },
    { FIELD_NAME("backup"), .type = FT_BOOL, .flags = RESET,
      .fallback = "false" },
    { FIELD_NAME("subnet_id"), .type = FT_UUID,
      .flags = FIELD_POST | FIELD_FILTER },
    { FIELD_NAME("project_id"), .type = FT_STRING,
      .flags = FIELD_POST | FIELD_ALONE | FIELD_FILTER, .max = 36,
      .column = "pool>load_balancer>project_id" },
    { FIELD_NAME("created_at"), .type = FT_TIME, .flags = RO },
    { FIELD_NAME("updated_at"), .type = FT_TIME, .flags = STATE },
    { FIELD_NAME("monitor_address"), .type = FT_IP, .flags = RESET,
      NO_OWN_MONITOR },
    { FIELD_NAME("monitor_port"), .type = FT_INTEGER, .flags = RESET,
      .min = 1, .max = 65535, NO_OWN_MONITOR },
    { FIELD_NAME("tags"), .type = FT_STRINGS, .max = 255,
      .flags = FIELD_POST | FIELD_PUT | FIELD_NULL_KEEPS },
    { FIELD_NAME("request_sriov"), .type = FT_BOOL, .fallback = "false",
      .flags = FIELD_POST | FIELD_HIDDEN | FIELD_NO_COLUMN,
      .refusal = { FAULT_MEMBER_SRIOV_DISABLED, "", NULL } },
    { FIELD_NAME("vnic_type"), .type = FT_STRING, .flags = RO,
      .fallback = "normal" },
    { FIELD_NAME("tenant_id"), .type = FT_STRING,
      .flags = FIELD_POST | FIELD_ALONE,
      .max = 36, .column = "pool>load_balancer>project_id" },
};

const size_t n_member_fields = ARRAY_SIZE(member_fields);

static const struct field member_list_fields[] = {
    /* The size of a body bounds the list. */
    { FIELD_NAME("members"), .type = FT_NESTED,
      .flags = FIELD_POST | FIELD_MUST, .nested = RESOURCE_MEMBER },
};

const struct resource member_list = {
    .argument = "members_",
    .title = "Member",
    .fields = member_list_fields,
    .n_fields = ARRAY_SIZE(member_list_fields),
};
