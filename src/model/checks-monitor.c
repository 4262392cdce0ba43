/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules for health monitors; see checks.h.
 */

#include <config.h>
#include "model/checks.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "model/attrs.h"
#include "model/objects.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Octavia's [api_settings] udp_connect_min_interval_health_monitor. */
#define UDP_CONNECT_DELAY_MIN 3

/* Fields of the types that speak HTTP. */
static const char *const http_fields[] = {
    "http_method", "url_path", "expected_codes"
};

static const char *const datagram_types[] = {
    "UDP-CONNECT", "SCTP", "TCP", "HTTP", NULL
};

static bool
is_datagram(const char *protocol)
{
    return !strcmp(protocol, "UDP") || !strcmp(protocol, "SCTP");
}

bool
check_monitor_type(const char *type, const char *pool_protocol,
                   struct fault **faultp)
{
    if (!is_datagram(pool_protocol)) {
        return (strcmp(type, "UDP-CONNECT") && strcmp(type, "SCTP"))
            || fault_set_format(faultp, FAULT_VALIDATION, "The %s type is "
                                "only supported for pools of type UDP/SCTP.",
                                type);
    }
    return word_is_in(datagram_types, type)
        || fault_set_format(faultp, FAULT_VALIDATION, "The associated pool "
                            "protocol is %s, so only a UDP-CONNECT/SCTP/TCP/"
                            "HTTP health monitor is supported.",
                            pool_protocol);
}

bool
check_monitor_delay(const struct attrs *attrs, const char *type,
                    struct fault **faultp)
{
    int64_t delay = attrs_integer(attrs, "delay");

    return (strcmp(type, "UDP-CONNECT") || !attrs_has(attrs, "delay")
            || delay >= UDP_CONNECT_DELAY_MIN)
        || fault_set_format(faultp, FAULT_VALIDATION, "The request delay "
                            "value %"PRId64" should be larger than %d for "
                            "UDP-CONNECT health monitor type.", delay,
                            UDP_CONNECT_DELAY_MIN);
}

/* Refuses fields of HTTP for other types.  As in Octavia, a null is no value
 * in a POST, and one in a PUT. */
static bool
check_http_fields(const struct attrs *attrs, const char *type,
                  struct fault **faultp)
{
    if (!strcmp(type, "HTTP") || !strcmp(type, "HTTPS")) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(http_fields); i++) {
        const char *name = http_fields[i];

        if (attrs->method == ATTRS_POST ? attrs_has(attrs, name)
            : attrs_get_const(attrs, name)->is_given) {
            char *option = xasprintf("health monitors of type %s", type);

            fault_set(faultp, FAULT_INVALID_OPTION, name, option);
            free(option);
            return false;
        }
    }
    return true;
}

bool
check_monitor(const struct attrs *attrs, const char *type,
              struct fault **faultp)
{
    const char *version = attrs_string(attrs, "http_version");

    if (!check_http_fields(attrs, type, faultp)) {
        return false;
    }
    if (attrs_has(attrs, "domain_name") && !version) {
        return fault_set(faultp, FAULT_VALIDATION, "'http_version' must be "
                         "specified when 'domain_name' is provided.");
    }
    if (attrs_has(attrs, "domain_name") && !strcmp(version, "1.0")) {
        return fault_set(faultp, FAULT_INVALID_OPTION, "http_version 1.0",
                         "health monitors HTTP 1.1 domain name health check");
    }
    return true;
}

/* Returns the types with which OVN can probe members of such pools.  The
 * caller frees them. */
static char *
join_types_for(const char *pool_protocol)
{
    struct ds words = DS_EMPTY_INITIALIZER;

    for (enum monitor_type i = 0; i < N_MONITOR_TYPES; i++) {
        if (monitor_type_is_for(i, pool_protocol)) {
            ds_put_format(&words, "%s%s", words.length ? ", " : "",
                          monitor_type_words[i]);
        }
    }
    return ds_steal_cstr(&words);
}

bool
check_monitor_protocol(const char *type, const char *pool_protocol,
                       struct fault **faultp)
{
    enum monitor_type ovn_type;

    if (!strcmp(pool_protocol, "SCTP")) {
        return fault_set(faultp, FAULT_UNSUPPORTED_OPTION, "OVN provider does "
                         "not support health monitors of SCTP pools");
    }
    if (!monitor_type_from_octavia(type, &ovn_type)
        || monitor_type_is_for(ovn_type, pool_protocol)) {
        return true;
    }

    char *words = join_types_for(pool_protocol);
    fault_set_format(faultp, FAULT_UNSUPPORTED_OPTION, "OVN provider does not "
                     "support %s health monitors of %s pools. Supported type: "
                     "%s", type, pool_protocol, words);
    free(words);
    return false;
}
