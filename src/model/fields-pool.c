/* SPDX-License-Identifier: Apache-2.0
 *
 * The attributes of pools and of their session persistence; fields.h says
 * what the columns mean.
 */

#include <config.h>
#include "model/fields.h"
#include "model/formats.h"
#include "util.h"

#define RO FIELD_FILTER
#define STATE (FIELD_FILTER | FIELD_STATE)
#define RW (FIELD_POST | FIELD_PUT | FIELD_FILTER)

/* Options of proxies that speak TLS to the members. */
#define ONLY_FALLBACK(NAME)                                             \
    .refusal = { FAULT_UNSUPPORTED_OPTION,                              \
                 "OVN provider does not support " NAME " option", NULL }

static const char *const protocols[] = {
    "TCP", "HTTP", "HTTPS", "PROXY", "PROXYV2", "UDP", "SCTP", NULL
};
static const char *const ovn_protocols[] = { "TCP", "UDP", "SCTP", NULL };
static const char *const algorithms[] = {
    "LEAST_CONNECTIONS", "ROUND_ROBIN", "SOURCE_IP", "SOURCE_IP_PORT", NULL
};
static const char *const ovn_algorithms[] = {
    "SOURCE_IP", "SOURCE_IP_PORT", NULL
};
static const char *const hashed_algorithms[] = { "ROUND_ROBIN", NULL };
static const char *const alpn_protocols[] = {
    "h2", "http/1.1", "http/1.0", NULL
};
static const char *const persistence_types[] = {
    "SOURCE_IP", "HTTP_COOKIE", "APP_COOKIE", NULL
};
static const char *const ovn_persistence_types[] = { "SOURCE_IP", NULL };

/* OVN remembers single clients. */
static const char *const ovn_granularities[] = {
    "255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL
};

const struct field pool_fields[] = {
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
    { FIELD_NAME("protocol"), .type = FT_ENUM,
      .flags = FIELD_POST | FIELD_MUST | FIELD_PART_MAY | FIELD_FILTER,
      .words = protocols,
      .refusal = { FAULT_UNSUPPORTED_OPTION,
                   "OVN provider does not support %s protocol",
                   ovn_protocols } },
    { FIELD_NAME("lb_algorithm"), .type = FT_ENUM,
      .flags = RW | FIELD_MUST | FIELD_PART_MAY | FIELD_NULL_BAD,
      .words = algorithms,
      .refusal = { FAULT_UNSUPPORTED_OPTION,
                   "OVN provider does not support %s algorithm; "
                   "SOURCE_IP_PORT is the nearest that it has",
                   ovn_algorithms },
      .nearby = hashed_algorithms },
    { FIELD_NAME("session_persistence"), .type = FT_PERSISTENCE,
      .flags = FIELD_POST | FIELD_PUT },
    { FIELD_NAME("project_id"), .type = FT_STRING,
      .flags = FIELD_POST | FIELD_ALONE | FIELD_FILTER | FIELD_INDEX,
      .max = 36, .column = "load_balancer>project_id" },
    { FIELD_NAME("loadbalancer_id"), .type = FT_UUID,
      .flags = FIELD_POST | FIELD_ALONE | FIELD_FILTER | FIELD_HIDDEN
               | FIELD_INDEX,
      .column = "load_balancer", .query_name = "load_balancer_id" },
    { FIELD_NAME("listener_id"), .type = FT_UUID,
      .flags = FIELD_POST | FIELD_ALONE | FIELD_HIDDEN | FIELD_NO_COLUMN },
    { FIELD_NAME("loadbalancers"), .type = FT_IDS,
      .column = "load_balancer" },
    { FIELD_NAME("listeners"), .type = FT_IDS,
      .column = "load_balancer>listeners?default_pool" },
    { FIELD_NAME("created_at"), .type = FT_TIME, .flags = RO },
    { FIELD_NAME("updated_at"), .type = FT_TIME, .flags = STATE },
    { FIELD_NAME("healthmonitor_id"), .type = FT_UUID, .flags = RO,
      .column = "health_monitor", .query_name = "health_monitor_id" },
    { FIELD_NAME("healthmonitor"), .type = FT_NESTED,
      .flags = FIELD_PART | FIELD_ONE | FIELD_HIDDEN | FIELD_NO_COLUMN,
      .nested = RESOURCE_HEALTH_MONITOR },
    { FIELD_NAME("members"), .type = FT_IDS, .flags = FIELD_PART,
      .nested = RESOURCE_MEMBER },
    { FIELD_NAME("tags"), .type = FT_STRINGS, .max = 255,
      .flags = FIELD_POST | FIELD_PUT | FIELD_NULL_KEEPS | FIELD_INDEX },
    { FIELD_NAME("tls_container_ref"), .type = FT_STRING, .flags = RW,
      .max = 255, ONLY_FALLBACK("tls_container_ref"),
      .query_name = "tls_certificate_id" },
    { FIELD_NAME("ca_tls_container_ref"), .type = FT_STRING, .flags = RW,
      .max = 255, ONLY_FALLBACK("ca_tls_container_ref"),
      .query_name = "ca_tls_certificate_id" },
    { FIELD_NAME("crl_container_ref"), .type = FT_STRING, .flags = RW,
      .max = 255, ONLY_FALLBACK("crl_container_ref"),
      .query_name = "crl_container_id" },
    { FIELD_NAME("tls_enabled"), .type = FT_BOOL,
      .flags = RW | FIELD_NULL_BAD, .fallback = "false",
      ONLY_FALLBACK("tls_enabled") },
    { FIELD_NAME("tls_ciphers"), .type = FT_STRING, .flags = RW, .max = 2048,
      ONLY_FALLBACK("tls_ciphers") },
    { FIELD_NAME("tls_versions"), .type = FT_STRINGS, .max = 32,
      .flags = FIELD_POST | FIELD_PUT | FIELD_NULL_EMPTY,
      ONLY_FALLBACK("tls_versions") },
    { FIELD_NAME("alpn_protocols"), .type = FT_WORDS, .words = alpn_protocols,
      .flags = FIELD_POST | FIELD_PUT | FIELD_NULL_EMPTY,
      ONLY_FALLBACK("alpn_protocols") },
    { FIELD_NAME("tenant_id"), .type = FT_STRING,
      .flags = FIELD_POST | FIELD_ALONE,
      .max = 36, .column = "load_balancer>project_id" },
};

const size_t n_pool_fields = ARRAY_SIZE(pool_fields);

static const struct field persistence_fields[] = {
    { FIELD_NAME("type"), .type = FT_ENUM,
      .flags = FIELD_POST | FIELD_MUST | FIELD_PUT,
      .words = persistence_types,
      .refusal = { FAULT_UNSUPPORTED_OPTION,
                   "OVN provider does not support %s session persistence. "
                   "Only SOURCE_IP type is supported.",
                   ovn_persistence_types } },
    { FIELD_NAME("cookie_name"), .type = FT_STRING, .max = 255,
      .flags = FIELD_POST | FIELD_PUT, .format = &format_cookie_name },
    { FIELD_NAME("persistence_timeout"), .type = FT_INTEGER,
      .flags = FIELD_POST | FIELD_PUT, .min = INT64_MIN, .max = INT64_MAX,
      /* The range of OVN's affinity_timeout. */
      .refusal = { FAULT_UNSUPPORTED_OPTION,
                   "OVN provider does not support a persistence_timeout of "
                   "%s. It must be from 1 to 65535 seconds.", NULL },
      .ovn_min = 1, .ovn_max = UINT16_MAX },
    { FIELD_NAME("persistence_granularity"), .type = FT_IP,
      .flags = FIELD_POST | FIELD_PUT | FIELD_DISPENSABLE,
      .refusal = { FAULT_UNSUPPORTED_OPTION,
                   "OVN provider does not support a persistence_granularity "
                   "of %s, only single addresses", ovn_granularities } },
};

const struct resource session_persistence = {
    .key = "session_persistence",
    .fields = persistence_fields,
    .n_fields = ARRAY_SIZE(persistence_fields),
};
