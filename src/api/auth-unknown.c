/* SPDX-License-Identifier: Apache-2.0
 *
 * The names; see auth-unknown.h.
 */

#include <config.h>
#include "api/auth-unknown.h"
#include <string.h>
#include "util.h"

/* Older names of options that we do use are here, too, where we do not take
 * them: what is missing is said by another error. */
static const char *const foreign[] = {
    "admin_password", "admin_tenant_name", "admin_token", "admin_user",
    "auth_admin_prefix", "auth_host", "auth_methods", "auth_plugin",
    "auth_port", "auth_protocol", "auth_section", "auth_version", "cache",
    "check_revocations_for_cached", "collect_timing", "connect_retries",
    "connect_retry_delay", "default_domain_id", "default_domain_name",
    "delay_auth_decision", "domain_id", "domain_name", "endpoint_override",
    "enforce_token_bind", "hash_algorithms", "http_request_max_retries",
    "identity_uri", "include_service_catalog", "interface", "max_version",
    "memcache_password", "memcache_pool_conn_get_timeout",
    "memcache_pool_dead_retry", "memcache_pool_maxsize",
    "memcache_pool_socket_timeout", "memcache_pool_unused_timeout",
    "memcache_sasl_enabled", "memcache_secret_key",
    "memcache_security_strategy", "memcache_servers",
    "memcache_tls_allowed_ciphers", "memcache_tls_cafile",
    "memcache_tls_certfile", "memcache_tls_enabled", "memcache_tls_keyfile",
    "memcache_use_advanced_pool", "memcache_username", "memcached_servers",
    "min_version", "region_name", "revocation_cache_time",
    "retriable_status_codes", "service_name", "service_type", "signing_dir",
    "split_loggers", "status_code_retries", "status_code_retry_delay",
    "tenant_id", "tenant_name", "timeout", "token", "trust_id", "user_name",
    "valid_interfaces",
};

bool
auth_option_is_foreign(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(foreign); i++) {
        if (!strcmp(foreign[i], name)) {
            return true;
        }
    }
    return false;
}
