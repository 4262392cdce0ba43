/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules for listeners; see checks.h.  The order is Octavia's: of several
 * broken rules, the first is the answer.
 */

#include <config.h>
#include "model/checks.h"
#include <string.h>
#include "model/attrs.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

static const struct {
    const char *listener;
    const char *pools[6];
} protocol_map[] = {
    { "TCP", { "HTTP", "HTTPS", "PROXY", "PROXYV2", "TCP", NULL } },
    { "HTTP", { "HTTP", "PROXY", "PROXYV2", NULL } },
    { "HTTPS", { "HTTPS", "PROXY", "PROXYV2", "TCP", NULL } },
    { "TERMINATED_HTTPS", { "HTTP", "PROXY", "PROXYV2", NULL } },
    { "UDP", { "UDP", NULL } },
    { "SCTP", { "SCTP", NULL } },
};

static const char *const plain_headers[] = {
    "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto",
    "X-Forwarded-IP", "X-Client-IP", "X-Real-IP", NULL
};
static const char *const tls_headers[] = {
    "X-SSL-Client-Verify", "X-SSL-Client-Has-Cert", "X-SSL-Client-DN",
    "X-SSL-Client-CN", "X-SSL-Issuer", "X-SSL-Client-SHA1",
    "X-SSL-Client-Not-Before", "X-SSL-Client-Not-After", NULL
};

bool
check_protocols(const char *listener, const char *pool,
                struct fault **faultp)
{
    if (!strcmp(listener, "PROMETHEUS")) {
        return fault_set(faultp, FAULT_NO_CHILDREN, listener);
    }
    for (size_t i = 0; i < ARRAY_SIZE(protocol_map); i++) {
        if (!strcmp(protocol_map[i].listener, listener)
            && word_is_in(protocol_map[i].pools, pool)) {
            return true;
        }
    }

    return fault_set_format(faultp, FAULT_VALIDATION,
                            "The pool protocol '%s' is invalid while the "
                            "listener protocol is '%s'.", pool, listener);
}

static const char *
l4_of(const char *protocol)
{
    return (!strcmp(protocol, "UDP") || !strcmp(protocol, "SCTP")
            ? protocol : "TCP");
}

bool
protocols_collide(const char *a, const char *b)
{
    return !strcmp(l4_of(a), l4_of(b));
}

static bool
has_server_certificate(const struct attrs *attrs)
{
    return (attrs_has_text(attrs, "default_tls_container_ref")
            || attrs_has(attrs, "sni_container_refs"));
}

static bool
check_header_name(const struct attrs *attrs, const char *name,
                  const char *protocol, struct fault **faultp)
{
    bool is_put = attrs->method == ATTRS_PUT;

    if (word_is_in(plain_headers, name)) {
        return true;
    }

    bool is_tls = word_is_in(tls_headers, name);
    if (is_tls && !strcmp(protocol, "TERMINATED_HTTPS")) {
        return true;
    }

    char *option = (is_tls ? xasprintf("%s protocol listener.", protocol)
                    : xstrdup("insert_headers"));
    char *value = xasprintf(is_put || is_tls ? "['%s']" : "dict_keys(['%s'])",
                            name);
    fault_set(faultp, FAULT_INVALID_OPTION, value, option);
    free(option);
    free(value);
    return false;
}

static bool
check_headers(const struct attrs *attrs, const char *protocol,
              struct fault **faultp)
{
    const struct ovsdb_datum *headers
        = &attrs_get_const(attrs, "insert_headers")->datum;

    if (!headers->n) {
        return true;
    }
    if (strcmp(protocol, "HTTP") && strcmp(protocol, "TERMINATED_HTTPS")) {
        char *option = xasprintf("a %s protocol listener.", protocol);

        fault_set(faultp, FAULT_INVALID_OPTION, "insert-headers", option);
        free(option);
        return false;
    }
    for (size_t i = 0; i < headers->n; i++) {
        if (!check_header_name(attrs, json_string(headers->keys[i].s),
                               protocol, faultp)) {
            return false;
        }
    }
    return true;
}

/* True if a listener of 'protocol' can end TLS with what 'attrs' say. */
static bool
can_end_tls(const struct attrs *attrs, const char *protocol)
{
    return (!strcmp(protocol, "TERMINATED_HTTPS")
            || (!strcmp(protocol, "PROMETHEUS")
                && has_server_certificate(attrs)));
}

static bool
check_certificates(const struct attrs *attrs, const char *protocol,
                   struct fault **faultp)
{
    bool is_post = attrs->method == ATTRS_POST;
    bool has_certificate = has_server_certificate(attrs);

    if (strcmp(l4_of(protocol), "TCP")
        && (has_certificate || attrs_has(attrs, "insert_headers"))) {
        return fault_set_format(faultp, FAULT_VALIDATION,
                                "%s protocol listener does not support TLS%s.",
                                protocol,
                                is_post ? "" : " or header insertion");
    }
    if (has_certificate && !can_end_tls(attrs, protocol)) {
        return fault_set_format(faultp, FAULT_VALIDATION,
                                "Certificate container references are not "
                                "allowed on %s protocol listeners.", protocol);
    }
    if (is_post && !has_certificate
        && attrs_has_text(attrs, "client_ca_tls_container_ref")) {
        return fault_set(faultp, FAULT_VALIDATION,
                         "An SNI or default certificate container reference "
                         "must be provided with a client CA container "
                         "reference.");
    }
    if (is_post && !has_certificate && can_end_tls(attrs, protocol)) {
        return fault_set_format(faultp, FAULT_VALIDATION,
                                "An SNI or default certificate container "
                                "reference must be provided for %s protocol "
                                "listeners.", protocol);
    }
    return true;
}

/* A stored CA would not help an update: OVN has none. */
static bool
check_client_authentication(const struct attrs *attrs, struct fault **faultp)
{
    const char *mode = attrs_string(attrs, "client_authentication");

    return (!mode || !strcmp(mode, "NONE")
            || attrs_has_text(attrs, "client_ca_tls_container_ref")
            || fault_set_format(faultp, FAULT_VALIDATION,
                                "Client authentication setting %s requires a "
                                "client CA container reference.", mode));
}

static bool
check_revocation_list(const struct attrs *attrs, struct fault **faultp)
{
    return (!attrs_has_text(attrs, "client_crl_container_ref")
            || attrs_has_text(attrs, "client_ca_tls_container_ref")
            || fault_set(faultp, FAULT_VALIDATION,
                         "A client authentication CA reference is required "
                         "to specify a client authentication revocation "
                         "list."));
}

static bool
check_hsts(const struct attrs *attrs, const char *protocol,
           struct fault **faultp)
{
    bool has_age = attrs_has(attrs, "hsts_max_age");
    bool has_more = (attrs_bool(attrs, "hsts_include_subdomains")
                     || attrs_bool(attrs, "hsts_preload"));

    if (has_more && !has_age) {
        return fault_set(faultp, FAULT_VALIDATION,
                         attrs->method == ATTRS_POST
                         ? "HSTS configuration options "
                           "hsts_include_subdomains and hsts_preload only "
                           "make sense if hsts_max_age is set as well."
                         : "Cannot enable hsts_include_subdomains or "
                           "hsts_preload if hsts_max_age was not set as "
                           "well.");
    }
    if (has_age && strcmp(protocol, "TERMINATED_HTTPS")) {
        return fault_set(faultp, FAULT_VALIDATION,
                         "The HSTS feature can only be used for listeners "
                         "using the TERMINATED_HTTPS protocol.");
    }
    return true;
}

bool
check_listener(const struct attrs *attrs, const char *protocol,
               struct fault **faultp)
{
    bool is_post = attrs->method == ATTRS_POST;

    return ((!is_post || check_headers(attrs, protocol, faultp))
            && check_certificates(attrs, protocol, faultp)
            && check_client_authentication(attrs, faultp)
            && (is_post || check_headers(attrs, protocol, faultp))
            && check_revocation_list(attrs, faultp)
            && check_tls_ciphers(attrs, faultp)
            && check_hsts(attrs, protocol, faultp));
}

bool
check_listener_tls(const struct attrs *attrs, const char *protocol,
                   struct fault **faultp)
{
    return ((attrs->method == ATTRS_POST && !can_end_tls(attrs, protocol))
            || check_tls_lists(attrs, faultp));
}
