/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules for the options of TLS that listeners and pools have in common; see
 * checks.h.  OVN does none of them: what the rules let through is refused
 * later, in other words.
 */

#include <config.h>
#include "model/checks.h"
#include <stdlib.h>
#include <string.h>
#include "model/attrs.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

/* The oldest first. */
static const char *const tls_versions[] = {
    "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", NULL
};

/* Octavia's [api_settings] minimum_tls_version, and where it is above. */
#define TLS_VERSION_MIN "TLSv1.2"
#define N_TLS_VERSIONS_TOO_OLD 3

bool
check_tls_ciphers(const struct attrs *attrs, struct fault **faultp)
{
    const char *ciphers = attrs_string(attrs, "tls_ciphers");

    return (!ciphers
            || (*ciphers && !ciphers[strspn(ciphers, "-+!:@=_."
                                            "0123456789"
                                            "abcdefghijklmnopqrstuvwxyz"
                                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
            || fault_set(faultp, FAULT_VALIDATION, "Invalid characters in "
                         "cipher string. Only alphanumeric, -, +, !, :, @, "
                         "=, _, and . are allowed."));
}

static bool
tls_version_is_unknown(const char *version)
{
    return !word_is_in(tls_versions, version);
}

static bool
tls_version_is_too_old(const char *version)
{
    for (size_t i = 0; i < N_TLS_VERSIONS_TOO_OLD; i++) {
        if (!strcmp(tls_versions[i], version)) {
            return true;
        }
    }
    return false;
}

/* Refuses the versions that 'is_bad', between 'before' and 'after'. */
static bool
check_tls_versions_with(const struct ovsdb_datum *versions,
                        bool (*is_bad)(const char *), const char *before,
                        const char *after, struct fault **faultp)
{
    struct ds bad = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < versions->n; i++) {
        const char *version = json_string(versions->keys[i].s);

        if (is_bad(version)) {
            ds_put_format(&bad, "%s%s", bad.length ? ", " : "", version);
        }
    }

    bool ok = (!bad.length
               || fault_set_format(faultp, FAULT_VALIDATION, "%s: %s%s",
                                   before, ds_cstr(&bad), after));
    ds_destroy(&bad);
    return ok;
}

/* Refuses a list of 'what' that is there and has nothing in it. */
static bool
check_tls_list(const struct attr *attr, const char *what,
               struct fault **faultp)
{
    return (!attr->is_given || attr->is_null || attr->datum.n
            || fault_set_format(faultp, FAULT_VALIDATION, "Empty %s list. "
                                "Either specify at least one %s or remove "
                                "this parameter to use the default.",
                                what, what));
}

bool
check_tls_lists(const struct attrs *attrs, struct fault **faultp)
{
    const struct attr *versions = attrs_get_const(attrs, "tls_versions");

    return (check_tls_list(versions, "TLS version", faultp)
            && check_tls_versions_with(&versions->datum,
                                       tls_version_is_unknown,
                                       "Invalid TLS versions", "", faultp)
            && check_tls_versions_with(&versions->datum,
                                       tls_version_is_too_old,
                                       "Requested TLS versions are less than "
                                       "the minimum", " < " TLS_VERSION_MIN,
                                       faultp)
            && check_tls_list(attrs_get_const(attrs, "alpn_protocols"),
                              "ALPN protocol", faultp));
}
