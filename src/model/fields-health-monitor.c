/* SPDX-License-Identifier: Apache-2.0
 *
 * The attributes of health monitors; fields.h says what the columns mean.
 */

#include <config.h>
#include "model/fields.h"
#include "model/formats.h"
#include "model/objects.h"
#include "util.h"

#define RO FIELD_FILTER
#define STATE (FIELD_FILTER | FIELD_STATE)
#define RW (FIELD_POST | FIELD_PUT | FIELD_FILTER)

/* In seconds: ovn-controller counts them in milliseconds, in an int. */
#define SECONDS_MAX (INT32_MAX / 1000)

/* A pause of nothing would keep every chassis busy with probes. */
#define NOT_ZERO(NAME)                                                  \
    .refusal = { FAULT_UNSUPPORTED_OPTION,                              \
                 "OVN provider does not support a health monitor "      \
                 NAME " of %s", NULL },                                 \
    .ovn_min = 1, .ovn_max = SECONDS_MAX

/* Options of probes that speak HTTP.  OVN's do not. */
#define ONLY_FALLBACK(NAME)                                             \
    .refusal = { FAULT_UNSUPPORTED_OPTION,                              \
                 "OVN provider does not support " NAME " option", NULL }

static const char *const types[] = {
    "HTTP", "HTTPS", "PING", "TCP", "TLS-HELLO", "UDP-CONNECT", "SCTP", NULL
};
static const char *const http_methods[] = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "OPTIONS", "CONNECT",
    "PATCH", NULL
};
static const char *const http_versions[] = { "1.0", "1.1", NULL };

const struct field health_monitor_fields[] = {
    { FIELD_NAME("id"), .type = FT_UUID, .flags = RO, .column = "_uuid" },
    { FIELD_NAME("name"), .type = FT_STRING, .flags = RW | FIELD_INDEX,
      .max = 255, .fallback = "" },
    { FIELD_NAME("type"), .type = FT_ENUM,
      .flags = FIELD_POST | FIELD_MUST | FIELD_FILTER, .words = types,
      .refusal = { FAULT_UNSUPPORTED_OPTION,
                   "OVN provider does not support %s health monitor type. "
                   "Supported types: " MONITOR_TYPES_TEXT,
                   monitor_type_words } },
    { FIELD_NAME("delay"), .type = FT_INTEGER,
      .flags = RW | FIELD_MUST | FIELD_NULL_BAD, .min = 0,
      .max = SECONDS_MAX, NOT_ZERO("delay") },
    { FIELD_NAME("timeout"), .type = FT_INTEGER,
      .flags = RW | FIELD_MUST | FIELD_NULL_BAD, .min = 0,
      .max = SECONDS_MAX, NOT_ZERO("timeout") },
    { FIELD_NAME("max_retries"), .type = FT_INTEGER,
      .flags = RW | FIELD_MUST | FIELD_NULL_BAD, .min = 1, .max = 10,
      .query_name = "rise_threshold" },
    { FIELD_NAME("max_retries_down"), .type = FT_INTEGER, .flags = RW,
      .min = 1, .max = 10, .fallback = "3",
      .query_name = "fall_threshold" },
    { FIELD_NAME("http_method"), .type = FT_ENUM, .flags = RW,
      .words = http_methods, ONLY_FALLBACK("http_method") },
    { FIELD_NAME("url_path"), .type = FT_STRING, .flags = RW, .max = 255,
      .format = &format_url_path, ONLY_FALLBACK("url_path") },
    { FIELD_NAME("expected_codes"), .type = FT_STRING, .flags = RW,
      .max = 64, .format = &format_expected_codes,
      ONLY_FALLBACK("expected_codes") },
    { FIELD_NAME("admin_state_up"), .type = FT_BOOL,
      .flags = RW | FIELD_NULL_FALSE, .fallback = "true",
      .query_name = "enabled" },
    { FIELD_NAME("project_id"), .type = FT_STRING,
      .flags = FIELD_POST | FIELD_ALONE | FIELD_FILTER | FIELD_INDEX,
      .max = 36, .column = "pool>load_balancer>project_id" },
    { FIELD_NAME("pool_id"), .type = FT_UUID,
      .flags = FIELD_POST | FIELD_ALONE | FIELD_MUST | FIELD_FILTER
               | FIELD_HIDDEN | FIELD_INDEX,
      .column = "pool" },
    { FIELD_NAME("pools"), .type = FT_IDS, .column = "pool" },
    { FIELD_NAME("provisioning_status"), .type = FT_STRING, .flags = STATE },
    { FIELD_NAME("operating_status"), .type = FT_STRING, .flags = STATE },
    { FIELD_NAME("created_at"), .type = FT_TIME, .flags = RO },
    { FIELD_NAME("updated_at"), .type = FT_TIME, .flags = STATE },
    { FIELD_NAME("tags"), .type = FT_STRINGS, .max = 255,
      .flags = FIELD_POST | FIELD_PUT | FIELD_NULL_KEEPS | FIELD_INDEX },
    { FIELD_NAME("http_version"), .type = FT_DECIMAL, .flags = RW,
      .words = http_versions, ONLY_FALLBACK("http_version") },
    { FIELD_NAME("domain_name"), .type = FT_STRING, .flags = RW, .min = 1,
      .max = 255, .format = &format_domain_name,
      ONLY_FALLBACK("domain_name") },
    { FIELD_NAME("tenant_id"), .type = FT_STRING,
      .flags = FIELD_POST | FIELD_ALONE,
      .max = 36, .column = "pool>load_balancer>project_id" },
};

const size_t n_health_monitor_fields = ARRAY_SIZE(health_monitor_fields);
