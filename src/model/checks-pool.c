/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules for pools; see checks.h.
 */

#include <config.h>
#include "model/checks.h"
#include <string.h>
#include "model/attrs.h"
#include "model/value.h"
#include "openvswitch/json.h"
#include "util.h"

static bool
check_datagram_persistence(const char *type, const char *cookie_name,
                           struct fault **faultp)
{
    if (cookie_name) {
        return fault_set(faultp, FAULT_VALIDATION, !strcmp(type, "SOURCE_IP")
                         ? "session_persistence SOURCE_IP type for UDP and "
                           "SCTP protocols only accepts: type, "
                           "persistence_timeout, persistence_granularity."
                         : "Cookie names are not supported for UDP/SCTP "
                           "pools.");
    }
    if (strcmp(type, "SOURCE_IP")) {
        return fault_set_format(faultp, FAULT_VALIDATION,
                                "Session persistence of type %s is not "
                                "supported for UDP/SCTP protocol pools.",
                                type);
    }
    return true;
}

/* True for RFC 6265's token, and what Octavia adds. */
static bool
cookie_name_is_valid(const char *name)
{
    for (; *name; name++) {
        unsigned char c = *name;

        if (c <= 0x20 || c == 0x7f || strchr("\"(),/:;<=>?@[\\]{}", c)) {
            return false;
        }
    }
    return true;
}

static bool
check_stream_persistence(const char *type, const char *cookie_name,
                         struct fault **faultp)
{
    bool is_app_cookie = !strcmp(type, "APP_COOKIE");

    if (is_app_cookie && !cookie_name) {
        return fault_set(faultp, FAULT_VALIDATION, "Field \"cookie_name\" "
                         "must be specified when using the \"APP_COOKIE\" "
                         "session persistence type.");
    }
    if (!is_app_cookie && cookie_name) {
        return fault_set(faultp, FAULT_VALIDATION, "Field \"cookie_name\" "
                         "can only be specified with session persistence of "
                         "type \"APP_COOKIE\".");
    }
    if (cookie_name && !cookie_name_is_valid(cookie_name)) {
        return fault_set(faultp, FAULT_VALIDATION,
                         "Supplied \"cookie_name\" is invalid.");
    }
    return true;
}

static void
map_put(struct ovsdb_datum *map, const struct ovsdb_datum *from, size_t i,
        const struct ovsdb_type *type)
{
    ovsdb_datum_add_unsafe(map, &from->keys[i], &from->values[i], type, NULL);
}

/* Puts the keys that are given, and not as null (then they are empty), and if
 * the type is not among them, the stored one.  All else that is stored is
 * replaced, as Octavia has it. */
static void
merge_persistence(const struct ovsdb_datum *given,
                  const struct ovsdb_datum *stored,
                  const struct ovsdb_type *type, struct ovsdb_datum *ret)
{
    ovsdb_datum_init_empty(ret);
    for (size_t i = 0; i < given->n; i++) {
        if (*json_string(given->values[i].s)) {
            map_put(ret, given, i, type);
        }
    }
    for (size_t i = 0; stored && !map_find(ret, "type") && i < stored->n;
         i++) {
        if (!strcmp(json_string(stored->keys[i].s), "type")) {
            map_put(ret, stored, i, type);
        }
    }
    ovsdb_datum_sort_unique(ret, type);
}

static bool
check_merged(const struct ovsdb_datum *map, const char *protocol,
             enum attrs_method method, struct fault **faultp)
{
    const char *type = map_find(map, "type");
    const char *cookie_name = map_find(map, "cookie_name");

    if (!type) {
        return fault_set(faultp, FAULT_VALIDATION,
                         "Invalid session_persistence provided.");
    }
    if (!strcmp(protocol, "UDP") || !strcmp(protocol, "SCTP")) {
        return check_datagram_persistence(type, cookie_name, faultp);
    }
    if (map_find(map, "persistence_timeout")
        || map_find(map, "persistence_granularity")) {
        return fault_set_format(faultp, FAULT_VALIDATION,
                                "persistence_timeout and "
                                "persistence_granularity is only for %s "
                                "protocol pools.", method == ATTRS_POST
                                ? "UDP and SCTP" : "UDP");
    }
    return check_stream_persistence(type, cookie_name, faultp);
}

bool
check_persistence(struct attrs *attrs, const char *protocol,
                  const struct ovsdb_datum *stored, struct fault **faultp)
{
    const struct field *field = field_find(attrs->resource,
                                           "session_persistence");
    const struct attr *attr = attrs_get(attrs, field->name);
    struct ovsdb_datum merged;

    if (!attr->is_given || attr->is_null) {
        return true;
    }
    merge_persistence(&attr->datum, stored, value_type(field), &merged);

    bool ok = check_merged(&merged, protocol, attrs->method, faultp);
    if (ok) {
        attrs_set_map(attrs, field->name, &merged);
    }
    ovsdb_datum_destroy(&merged, value_type(field));
    return ok;
}

bool
check_pool_tls(const struct attrs *attrs, struct fault **faultp)
{
    bool is_post = attrs->method == ATTRS_POST;

    if (attrs_has_text(attrs, "crl_container_ref")
        && !attrs_has_text(attrs, "ca_tls_container_ref")) {
        return fault_set(faultp, FAULT_VALIDATION, is_post
                         ? "A CA certificate reference is required to "
                           "specify a revocation list."
                         : "A CA reference is required to specify a "
                           "certificate revocation list.");
    }
    return (check_tls_ciphers(attrs, faultp)
            && ((is_post && !attrs_bool(attrs, "tls_enabled"))
                || check_tls_lists(attrs, faultp)));
}
