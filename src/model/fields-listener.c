/* SPDX-License-Identifier: Apache-2.0
 *
 * The attributes of listeners; fields.h says what the columns mean.
 */

#include <config.h>
#include "model/fields.h"
#include "base/limits.h"
#include "util.h"

#define RO FIELD_FILTER
#define STATE (FIELD_FILTER | FIELD_STATE)
#define RW (FIELD_POST | FIELD_PUT | FIELD_FILTER)

/* OVN does without it. */
#define EXTRA (RW | FIELD_DISPENSABLE)

/* Octavia's limit of all timeouts: 24 days, in ms. */
#define TIMEOUT_MAX_MS 2073600000

/* Options of proxies that see the bytes of a connection.  OVN sees packets. */
#define ONLY_FALLBACK(NAME)                                             \
    .refusal = { FAULT_UNSUPPORTED_OPTION,                              \
                 "OVN provider does not support " NAME " option", NULL }

static const char *const protocols[] = {
    "TCP", "HTTPS", "HTTP", "TERMINATED_HTTPS", "UDP", "SCTP", "PROMETHEUS",
    NULL
};
static const char *const ovn_protocols[] = { "TCP", "UDP", "SCTP", NULL };
static const char *const client_authentications[] = {
    "NONE", "OPTIONAL", "MANDATORY", NULL
};
static const char *const alpn_protocols[] = {
    "h2", "http/1.1", "http/1.0", NULL
};

const struct field listener_fields[] = {
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
      .flags = FIELD_POST | FIELD_MUST | FIELD_FILTER, .words = protocols,
      .refusal = { FAULT_UNSUPPORTED_OPTION,
                   "OVN provider does not support %s protocol",
                   ovn_protocols } },
    { FIELD_NAME("protocol_port"), .type = FT_INTEGER,
      .flags = FIELD_POST | FIELD_MUST | FIELD_FILTER,
      .min = 1, .max = 65535 },
    { FIELD_NAME("connection_limit"), .type = FT_INTEGER, .flags = EXTRA,
      .min = -1, .max = INT64_MAX, .fallback = "-1",
      ONLY_FALLBACK("connection_limit") },
    { FIELD_NAME("default_tls_container_ref"), .type = FT_STRING,
      .flags = RW, .max = 255, ONLY_FALLBACK("default_tls_container_ref"),
      .query_name = "tls_certificate_id" },
    { FIELD_NAME("sni_container_refs"), .type = FT_STRINGS,
      .flags = FIELD_POST | FIELD_PUT, .max = 255,
      ONLY_FALLBACK("sni_container_refs") },
    { FIELD_NAME("project_id"), .type = FT_STRING,
      .flags = FIELD_POST | FIELD_FILTER | FIELD_INDEX, .max = 36,
      .column = "load_balancer>project_id" },
    { FIELD_NAME("default_pool_id"), .type = FT_UUID, .flags = RW,
      .column = "default_pool" },
    { FIELD_NAME("default_pool"), .type = FT_NESTED,
      .flags = FIELD_PART | FIELD_ONE | FIELD_HIDDEN | FIELD_NO_COLUMN,
      .nested = RESOURCE_POOL },
    { FIELD_NAME("l7policies"), .type = FT_NESTED,
      .flags = FIELD_POST | FIELD_PUT,
      .refusal = { FAULT_UNSUPPORTED_ACTION,
                   "This provider does not support creating l7policies.",
                   NULL } },
    { FIELD_NAME("insert_headers"), .type = FT_MAP, .max = 255,
      .flags = FIELD_POST | FIELD_PUT | FIELD_DISPENSABLE,
      ONLY_FALLBACK("insert_headers") },
    { FIELD_NAME("created_at"), .type = FT_TIME, .flags = RO },
    { FIELD_NAME("updated_at"), .type = FT_TIME, .flags = STATE },
    { FIELD_NAME("loadbalancer_id"), .type = FT_UUID,
      .flags = FIELD_POST | FIELD_ALONE | FIELD_MUST | FIELD_FILTER
               | FIELD_HIDDEN | FIELD_INDEX,
      .column = "load_balancer", .query_name = "load_balancer_id" },
    { FIELD_NAME("loadbalancers"), .type = FT_IDS,
      .column = "load_balancer" },
    { FIELD_NAME("timeout_client_data"), .type = FT_INTEGER, .flags = EXTRA,
      .min = 0, .max = TIMEOUT_MAX_MS, .fallback = "50000",
      ONLY_FALLBACK("timeout_client_data") },
    { FIELD_NAME("timeout_member_connect"), .type = FT_INTEGER, .flags = EXTRA,
      .min = 0, .max = TIMEOUT_MAX_MS, .fallback = "5000",
      ONLY_FALLBACK("timeout_member_connect") },
    { FIELD_NAME("timeout_member_data"), .type = FT_INTEGER, .flags = EXTRA,
      .min = 0, .max = TIMEOUT_MAX_MS, .fallback = "50000",
      ONLY_FALLBACK("timeout_member_data") },
    { FIELD_NAME("timeout_tcp_inspect"), .type = FT_INTEGER, .flags = EXTRA,
      .min = 0, .max = TIMEOUT_MAX_MS, .fallback = "0",
      ONLY_FALLBACK("timeout_tcp_inspect") },
    { FIELD_NAME("tags"), .type = FT_STRINGS, .max = 255,
      .flags = FIELD_POST | FIELD_PUT | FIELD_NULL_KEEPS | FIELD_INDEX },
    { FIELD_NAME("client_ca_tls_container_ref"), .type = FT_STRING,
      .flags = RW, .max = 255, ONLY_FALLBACK("client_ca_tls_container_ref"),
      .query_name = "client_ca_tls_certificate_id" },
    { FIELD_NAME("client_authentication"), .type = FT_ENUM, .flags = RW,
      .words = client_authentications, .fallback = "NONE",
      ONLY_FALLBACK("client_authentication") },
    { FIELD_NAME("client_crl_container_ref"), .type = FT_STRING,
      .flags = RW, .max = 255, ONLY_FALLBACK("client_crl_container_ref"),
      .query_name = "client_crl_container_id" },
    { FIELD_NAME("allowed_cidrs"), .type = FT_CIDRS, .max = ALLOWED_CIDRS_MAX,
      .flags = FIELD_POST | FIELD_PUT | FIELD_NULL_EMPTY | FIELD_SWITCHED,
      ONLY_FALLBACK("allowed_cidrs") },
    { FIELD_NAME("tls_ciphers"), .type = FT_STRING, .flags = RW, .max = 2048,
      ONLY_FALLBACK("tls_ciphers") },
    { FIELD_NAME("tls_versions"), .type = FT_STRINGS, .max = 32,
      .flags = FIELD_POST | FIELD_PUT | FIELD_NULL_EMPTY,
      ONLY_FALLBACK("tls_versions") },
    { FIELD_NAME("alpn_protocols"), .type = FT_WORDS, .words = alpn_protocols,
      .flags = FIELD_POST | FIELD_PUT | FIELD_NULL_EMPTY,
      ONLY_FALLBACK("alpn_protocols") },
    { FIELD_NAME("hsts_max_age"), .type = FT_INTEGER, .flags = RW,
      .min = 0, .max = INT64_MAX, ONLY_FALLBACK("hsts_max_age") },
    { FIELD_NAME("hsts_include_subdomains"), .type = FT_BOOL, .flags = RW,
      .fallback = "false", ONLY_FALLBACK("hsts_include_subdomains") },
    { FIELD_NAME("hsts_preload"), .type = FT_BOOL, .flags = RW,
      .fallback = "false", ONLY_FALLBACK("hsts_preload") },
    { FIELD_NAME("tenant_id"), .type = FT_STRING, .flags = FIELD_POST,
      .max = 36, .column = "load_balancer>project_id" },
};

const size_t n_listener_fields = ARRAY_SIZE(listener_fields);
