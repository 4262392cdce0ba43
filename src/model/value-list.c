/* SPDX-License-Identifier: Apache-2.0
 *
 * Values that consist of several: lists and maps; see value-list.h.
 */

#include <config.h>
#include "model/value-list.h"
#include <arpa/inet.h>
#include <string.h>
#include "base/ip.h"
#include "base/json-repr.h"
#include "base/ovs-compat.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "ovsdb-data.h"
#include "ovsdb-types.h"
#include "packets.h"
#include "unicode.h"
#include "util.h"
#include "uuid.h"

static char *
wrong_kind(const char *text, const struct json *json)
{
    struct ds why = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&why, text);
    json_str(json, &why);
    return ds_steal_cstr(&why);
}

/* Adds 'json' to the list.  Returns NULL, or what is wrong with it. */
static char *
add_element(const struct field *field, const struct json *json,
            union ovsdb_atom *atom)
{
    const char *text = json->type == JSON_STRING ? json_string(json) : NULL;

    if (field->type == FT_UUIDS) {
        return (text && uuid_parse_lenient(text, &atom->uuid)
                ? NULL : xstrdup("Value should be UUID format"));
    }
    if (field->type == FT_CIDRS) {
        char *cidr = text ? cidr_canonicalize(text) : NULL;
        if (!cidr) {
            return xstrdup("Value should be IPv4 or IPv6 CIDR format");
        }
        atom->s = ovsdb_atom_string_create_nocopy(cidr);
        return NULL;
    }
    if (field->type == FT_WORDS && !(text && word_is_in(field->words, text))) {
        return xstrdup("Value should be a valid ALPN protocol ID");
    }
    if (!text) {
        return xstrdup("Value should be string");
    }
    if (field->max && utf8_length(text) > field->max) {
        return xasprintf("Value should have a maximum character requirement "
                         "of %lld", (long long int) field->max);
    }
    atom->s = ovsdb_atom_string_create(text);
    return NULL;
}

/* A list is a set in the database: what is there twice is there once. */
enum value_result
value_list_from_json(const struct field *field, const struct json *json,
                     struct ovsdb_datum *ret, char **whyp)
{
    if (json->type != JSON_ARRAY) {
        *whyp = wrong_kind("Value not a valid list: ", json);
        return VALUE_BAD_TYPE;
    }

    struct ovsdb_datum datum;
    size_t n = json_array_size(json);

    ovsdb_datum_init_empty(&datum);
    if (n) {
        datum.keys = xcalloc(n, sizeof *datum.keys);
    }
    for (size_t i = 0; i < n && field->type != FT_NESTED; i++) {
        *whyp = add_element(field, json_array_at(json, i),
                            &datum.keys[datum.n]);
        if (*whyp) {
            ovsdb_datum_destroy(&datum, value_type(field));
            return VALUE_BAD;
        }
        datum.n++;
    }
    if (field->type == FT_NESTED) {
        /* Only how many there are matters: see 'refusal' in fields.h. */
        datum.n = n;
    }
    ovsdb_datum_sort_unique(&datum, value_type(field));
    if (field->type == FT_CIDRS && datum.n > field->max) {
        *whyp = xasprintf("Value should have at most %lld elements",
                          (long long int) field->max);
        ovsdb_datum_destroy(&datum, value_type(field));
        return VALUE_BAD;
    }
    *ret = datum;
    return VALUE_OK;
}

enum value_result
value_map_from_json(const struct field *field, const struct json *json,
                    struct ovsdb_datum *ret, char **whyp)
{
    if (json->type != JSON_OBJECT) {
        *whyp = wrong_kind("Value not a valid dict: ", json);
        return VALUE_BAD_TYPE;
    }

    struct ovsdb_datum datum;
    struct shash_node *node;

    ovsdb_datum_init_empty(&datum);
    SHASH_FOR_EACH (node, json_object(json)) {
        const struct json *value = node->data;

        if (value->type != JSON_STRING
            || utf8_length(json_string(value)) > field->max) {
            *whyp = (value->type != JSON_STRING
                     ? xstrdup("Value should be string")
                     : xasprintf("Value should have a maximum character "
                                 "requirement of %lld",
                                 (long long int) field->max));
            ovsdb_datum_destroy(&datum, value_type(field));
            return VALUE_BAD;
        }

        union ovsdb_atom key, atom;
        key.s = ovsdb_atom_string_create(node->name);
        atom.s = ovsdb_atom_string_create(json_string(value));
        ovsdb_datum_add_unsafe(&datum, &key, &atom, value_type(field), NULL);
        ovsdb_atom_destroy(&key, OVSDB_TYPE_STRING);
        ovsdb_atom_destroy(&atom, OVSDB_TYPE_STRING);
    }
    ovsdb_datum_sort_unique(&datum, value_type(field));
    *ret = datum;
    return VALUE_OK;
}

/* The length of the prefix in 'text', which follows the slash and may be an
 * IPv4 netmask.  -1 if it is none. */
static int
parse_prefix_length(const char *text, bool is_v4)
{
    int max = is_v4 ? 32 : 128;
    ovs_be32 mask;
    int plen;

    if (is_v4 && strchr(text, '.')) {
        return (inet_pton(AF_INET, text, &mask) == 1 && ip_is_cidr(mask)
                ? ip_count_cidr_bits(mask) : -1);
    }
    if (!*text || strlen(text) != strspn(text, "0123456789")
        || !str_to_int(text, 10, &plen) || plen > max) {
        return -1;
    }
    return plen;
}

char *
cidr_canonicalize(const char *text)
{
    const char *slash = strchr(text, '/');
    char *address = slash ? xmemdup0(text, slash - text) : xstrdup(text);
    struct in6_addr ip;
    bool valid = ip_parse_any(address, &ip);

    free(address);
    if (!valid) {
        return NULL;
    }

    bool is_v4 = ip_is_v4(&ip);
    int plen = (slash ? parse_prefix_length(slash + 1, is_v4)
                : is_v4 ? 32 : 128);
    if (plen < 0) {
        return NULL;
    }

    struct in6_addr mask = ipv6_create_mask(is_v4 ? plen + 96 : plen);
    struct in6_addr prefix = ipv6_addr_bitand(&ip, &mask);
    char buffer[INET6_ADDRSTRLEN];

    if (is_v4) {
        inet_ntop(AF_INET, &prefix.s6_addr[12], buffer, sizeof buffer);
    } else {
        inet_ntop(AF_INET6, &prefix, buffer, sizeof buffer);
    }
    return xasprintf("%s/%d", buffer, plen);
}

bool
cidr_contains(const char *cidr, const char *address)
{
    const char *slash = strchr(cidr, '/');
    char *with_length = xasprintf("%s%s", address, slash ? slash : "");
    char *of_address = cidr_canonicalize(with_length);
    char *of_cidr = cidr_canonicalize(cidr);
    bool contains = of_address && of_cidr && !strcmp(of_address, of_cidr);

    free(with_length);
    free(of_address);
    free(of_cidr);
    return contains;
}
