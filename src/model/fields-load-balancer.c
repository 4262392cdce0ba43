/* SPDX-License-Identifier: Apache-2.0
 *
 * The attributes of load balancers and of their additional VIPs; fields.h says
 * what the columns mean.
 */

#include <config.h>
#include "model/fields.h"
#include "base/limits.h"
#include "util.h"

#define RO FIELD_FILTER
#define STATE (FIELD_FILTER | FIELD_STATE)
#define POST (FIELD_POST | FIELD_FILTER)
#define RW (FIELD_POST | FIELD_PUT | FIELD_FILTER)

const struct field load_balancer_fields[] = {
    { FIELD_NAME("id"), .type = FT_UUID, .flags = RO, .column = "_uuid" },
    { FIELD_NAME("name"), .type = FT_STRING, .flags = RW | FIELD_INDEX,
      .max = 255, .fallback = "" },
    { FIELD_NAME("description"), .type = FT_STRING, .flags = RW, .max = 255,
      .fallback = "" },
    { FIELD_NAME("provisioning_status"), .type = FT_STRING, .flags = STATE },
    { FIELD_NAME("operating_status"), .type = FT_STRING, .flags = STATE },
    { FIELD_NAME("admin_state_up"), .type = FT_BOOL,
      .flags = RW | FIELD_NULL_FALSE, .fallback = "true",
      .query_name = "enabled" },
    { FIELD_NAME("project_id"), .type = FT_STRING,
      .flags = POST | FIELD_INDEX, .max = 36 },
    { FIELD_NAME("created_at"), .type = FT_TIME, .flags = RO },
    { FIELD_NAME("updated_at"), .type = FT_TIME, .flags = STATE },
    { FIELD_NAME("vip_address"), .type = FT_IP,
      .flags = POST | FIELD_INDEX },
    { FIELD_NAME("vip_port_id"), .type = FT_UUID,
      .flags = POST | FIELD_INDEX },
    { FIELD_NAME("vip_subnet_id"), .type = FT_UUID,
      .flags = POST | FIELD_INDEX },
    { FIELD_NAME("vip_network_id"), .type = FT_UUID,
      .flags = POST | FIELD_INDEX },
    { FIELD_NAME("additional_vips"), .type = FT_NESTED, .flags = FIELD_POST,
      .nested = RESOURCE_ADDITIONAL_VIP, .max = ADDITIONAL_VIPS_MAX },
    { FIELD_NAME("listeners"), .type = FT_IDS, .flags = FIELD_POST,
      .nested = RESOURCE_LISTENER },
    { FIELD_NAME("pools"), .type = FT_IDS, .flags = FIELD_POST,
      .nested = RESOURCE_POOL },
    { FIELD_NAME("provider"), .type = FT_STRING, .flags = POST, .max = 64 },
    { FIELD_NAME("flavor_id"), .type = FT_UUID, .flags = POST,
      .refusal = { FAULT_VALIDATION, "Invalid flavor_id.", NULL } },
    { FIELD_NAME("vip_qos_policy_id"), .type = FT_UUID,
      .flags = RW | FIELD_DISPENSABLE,
      .refusal = { FAULT_VALIDATION,
                   "VIP QoS policy is not allowed in this deployment.",
                   NULL } },
    { FIELD_NAME("tags"), .type = FT_STRINGS, .max = 255,
      .flags = FIELD_POST | FIELD_PUT | FIELD_NULL_KEEPS | FIELD_INDEX },
    { FIELD_NAME("availability_zone"), .type = FT_STRING, .flags = POST,
      .max = 255,
      .refusal = { FAULT_VALIDATION, "Invalid availability zone.", NULL } },
    { FIELD_NAME("vip_vnic_type"), .type = FT_STRING, .flags = RO,
      .fallback = "normal" },
    { FIELD_NAME("vip_sg_ids"), .type = FT_UUIDS,
      .flags = FIELD_POST | FIELD_PUT,
      .refusal = { FAULT_UNSUPPORTED_OPTION,
                   "OVN provider does not support vip_sg_ids option",
                   NULL } },
    /* Another name for the project; wins over it. */
    { FIELD_NAME("tenant_id"), .type = FT_STRING, .flags = FIELD_POST,
      .max = 36, .column = "project_id" },
};

const size_t n_load_balancer_fields = ARRAY_SIZE(load_balancer_fields);

const struct field additional_vip_fields[] = {
    { FIELD_NAME("subnet_id"), .type = FT_UUID,
      .flags = FIELD_POST | FIELD_MUST },
    { FIELD_NAME("ip_address"), .type = FT_IP, .flags = FIELD_POST },
    { FIELD_NAME("port_id"), .type = FT_UUID, .flags = FIELD_POST,
      .refusal = { FAULT_UNSUPPORTED_OPTION,
                   "OVN provider does not support a port_id in "
                   "additional_vips: it makes the ports itself", NULL } },
};

const size_t n_additional_vip_fields = ARRAY_SIZE(additional_vip_fields);
