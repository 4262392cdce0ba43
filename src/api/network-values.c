/* SPDX-License-Identifier: Apache-2.0
 *
 * Types of attributes; see network-values.h.
 */

#include <config.h>
#include "api/network-values.h"
#include <string.h>
#include <strings.h>
#include "base/ip.h"
#include "base/json-write.h"
#include "net/addr.h"
#include "net/net.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "uuid.h"

/* Words. */

void
network_word_init(struct network_word *word, const struct network_type *type,
                  const char *text, size_t length)
{
    char *equals;

    word->copy = xmemdup0(text, length);
    word->key = "";
    word->text = word->copy;
    equals = type->has_keys ? strchr(word->copy, '=') : NULL;
    if (equals) {
        *equals = '\0';
        word->key = word->copy;
        word->text = equals + 1;
    }
    word->is_id = uuid_from_string(&word->id, word->text);
    word->is_ip = ip_parse_any(word->text, &word->ip);
}

void
network_word_uninit(struct network_word *word)
{
    free(word->copy);
}

static bool
network_word_is_in(const char *const *words, const char *text)
{
    for (; *words; words++) {
        if (!strcasecmp(*words, text)) {
            return true;
        }
    }
    return false;
}

static bool
network_word_is_true(const struct network_word *word)
{
    static const char *const words[] = {
        "true", "t", "yes", "y", "on", "1", NULL
    };
    return network_word_is_in(words, word->text);
}

static bool
network_word_is_flag(const struct network_word *word)
{
    static const char *const words[] = {
        "false", "f", "no", "n", "off", "0", NULL
    };
    return (network_word_is_true(word)
            || network_word_is_in(words, word->text));
}

static bool
network_word_is_number(const struct network_word *word)
{
    int number;

    return str_to_int(word->text, 10, &number);
}

/* Texts. */

static void
network_put_text(struct ds *out, const void *value)
{
    const char *text = *(const char *const *) value;

    if (text) {
        json_put_string(out, text, strlen(text));
    } else {
        ds_put_cstr(out, "null");
    }
}

static const char *
network_text_of(const void *value)
{
    const char *text = *(const char *const *) value;

    return text ? text : "";
}

static bool
network_match_text(const void *value, const struct network_word *words,
                   size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(network_text_of(value), words[i].text)) {
            return true;
        }
    }
    return false;
}

static bool
network_match_mac(const void *value, const struct network_word *words,
                  size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcasecmp(network_text_of(value), words[i].text)) {
            return true;
        }
    }
    return false;
}

static bool
network_match_cidr(const void *value, const struct network_word *words,
                   size_t n)
{
    struct addr_prefix a, b;

    if (!addr_prefix_parse(network_text_of(value), &a)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (addr_prefix_parse(words[i].text, &b)
            && !addr_prefix_compare(&a, &b)) {
            return true;
        }
    }
    return false;
}

#define NETWORK_TEXT "{'type': 'string', 'nullable': true}"
#define NETWORK_ADDRESSES                                               \
    "{'type': 'array', 'items': {'type': 'object', 'properties': {"     \
    "'subnet_id': {'type': 'string'}, "                                 \
    "'ip_address': {'type': 'string'}}}}"

const struct network_type network_text = {
    network_put_text, network_match_text, NULL, NULL, false,
    NETWORK_TEXT
};
const struct network_type network_mac = {
    network_put_text, network_match_mac, NULL, NULL, false,
    "{'type': 'string'}"
};
const struct network_type network_cidr = {
    network_put_text, network_match_cidr, NULL, NULL, false,
    "{'type': 'string'}"
};

/* Flags and numbers. */

static void
network_put_flag(struct ds *out, const void *value)
{
    ds_put_cstr(out, *(const bool *) value ? "true" : "false");
}

static bool
network_match_flag(const void *value, const struct network_word *words,
                   size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (network_word_is_true(&words[i]) == *(const bool *) value) {
            return true;
        }
    }
    return false;
}

static void
network_put_version(struct ds *out, const void *is_ipv6)
{
    ds_put_char(out, *(const bool *) is_ipv6 ? '6' : '4');
}

static bool
network_match_version(const void *is_ipv6, const struct network_word *words,
                      size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int number;

        if (str_to_int(words[i].text, 10, &number)
            && number == (*(const bool *) is_ipv6 ? 6 : 4)) {
            return true;
        }
    }
    return false;
}

const struct network_type network_flag = {
    network_put_flag, network_match_flag,
    "cannot be converted to boolean", network_word_is_flag, false,
    "{'type': 'boolean'}"
};
const struct network_type network_hidden_flag = {
    NULL, network_match_flag,
    "cannot be converted to boolean", network_word_is_flag, false,
    NULL
};
const struct network_type network_version = {
    network_put_version, network_match_version,
    "is not an integer", network_word_is_number, false,
    "{'type': 'integer', 'enum': [4, 6]}"
};

/* Ids. */

static void
network_put_id(struct ds *out, const void *id)
{
    if (uuid_is_zero(id)) {
        ds_put_cstr(out, "\"\"");
    } else {
        json_put_uuid(out, id);
    }
}

static void
network_put_id_or_null(struct ds *out, const void *id)
{
    if (uuid_is_zero(id)) {
        ds_put_cstr(out, "null");
    } else {
        json_put_uuid(out, id);
    }
}

static bool
network_match_id(const void *id, const struct network_word *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (words[i].is_id ? uuid_equals(&words[i].id, id)
            : uuid_is_zero(id) && !*words[i].text) {
            return true;
        }
    }
    return false;
}

static void
network_put_subnet_ids(struct ds *out, const void *network_)
{
    const struct net_network *network = network_;

    ds_put_char(out, '[');
    for (size_t i = 0; i < network->n_subnets; i++) {
        ds_put_cstr(out, i ? ", " : "");
        json_put_uuid(out, &network->subnets[i]);
    }
    ds_put_char(out, ']');
}

static bool
network_match_subnet_ids(const void *network_,
                         const struct network_word *words, size_t n)
{
    const struct net_network *network = network_;

    for (size_t i = 0; i < network->n_subnets; i++) {
        if (network_match_id(&network->subnets[i], words, n)) {
            return true;
        }
    }
    return false;
}

const struct network_type network_id = {
    network_put_id, network_match_id, NULL, NULL, false,
    "{'type': 'string'}"
};
const struct network_type network_id_or_null = {
    network_put_id_or_null, network_match_id, NULL, NULL, false,
    NETWORK_TEXT
};
const struct network_type network_subnet_ids = {
    network_put_subnet_ids, network_match_subnet_ids, NULL, NULL, false,
    "{'type': 'array', 'items': {'type': 'string'}}"
};

/* Addresses. */

static void
network_put_ip(struct ds *out, const void *ip)
{
    char *text = ip_format_any(ip);

    json_put_string(out, text, strlen(text));
    free(text);
}

static bool
network_match_ip(const void *ip, const struct network_word *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (words[i].is_ip
            && !memcmp(&words[i].ip, ip, sizeof words[i].ip)) {
            return true;
        }
    }
    return false;
}

const struct network_type network_ip = {
    network_put_ip, network_match_ip, NULL, NULL, false,
    "{'type': 'string'}"
};

static void
network_put_addresses(struct ds *out, const struct net_address *addresses,
                      size_t n)
{
    ds_put_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        ds_put_cstr(out, i ? ", {\"subnet_id\": " : "{\"subnet_id\": ");
        network_put_id(out, &addresses[i].subnet_id);
        ds_put_cstr(out, ", \"ip_address\": ");
        network_put_ip(out, &addresses[i].ip);
        ds_put_char(out, '}');
    }
    ds_put_char(out, ']');
}

static void
network_put_fixed_ips(struct ds *out, const void *port_)
{
    const struct net_port *port = port_;

    network_put_addresses(out, port->addresses, port->n_addresses);
}

static bool
network_match_part(const struct in6_addr *ip, const struct network_word *word)
{
    char *text = ip_format_any(ip);
    bool matches = strstr(text, word->text) != NULL;

    free(text);
    return matches;
}

/* What can be asked of one of a port's addresses. */
enum fixed_ip_key {
    FIXED_IP_ADDRESS,
    FIXED_IP_PART,
    FIXED_IP_SUBNET,
    N_FIXED_IP_KEYS,
};
static const char *const fixed_ip_keys[N_FIXED_IP_KEYS] = {
    "ip_address", "ip_address_substr", "subnet_id"
};

static enum fixed_ip_key
network_fixed_ip_key(const struct network_word *word)
{
    size_t i = 0;

    while (i < N_FIXED_IP_KEYS && strcmp(word->key, fixed_ip_keys[i])) {
        i++;
    }
    return i;
}

static bool
network_fixed_ip_is_key(const struct network_word *word)
{
    return network_fixed_ip_key(word) < N_FIXED_IP_KEYS;
}

/* True if the address has one word of each key that there is. */
static bool
network_match_fixed_ip(const struct net_address *address,
                       const struct network_word *words, size_t n)
{
    bool is_asked[N_FIXED_IP_KEYS] = { false };
    bool is_met[N_FIXED_IP_KEYS] = { false };

    for (size_t i = 0; i < n; i++) {
        enum fixed_ip_key key = network_fixed_ip_key(&words[i]);

        is_asked[key] = true;
        if (!is_met[key]) {
            is_met[key] = (key == FIXED_IP_ADDRESS
                           ? network_match_ip(&address->ip, &words[i], 1)
                           : key == FIXED_IP_PART
                           ? network_match_part(&address->ip, &words[i])
                           : network_match_id(&address->subnet_id, &words[i],
                                              1));
        }
    }
    return !memcmp(is_asked, is_met, sizeof is_asked);
}

static bool
network_match_fixed_ips(const void *port_, const struct network_word *words,
                        size_t n)
{
    const struct net_port *port = port_;

    for (size_t i = 0; i < port->n_addresses; i++) {
        if (network_match_fixed_ip(&port->addresses[i], words, n)) {
            return true;
        }
    }
    return false;
}

const struct network_type network_fixed_ips = {
    network_put_fixed_ips, network_match_fixed_ips,
    "is not of the form <key>=[value]", network_fixed_ip_is_key, true,
    NETWORK_ADDRESSES
};

/* A router's way out. */

static void
network_put_gateway(struct ds *out, const void *router_)
{
    const struct net_router *router = router_;

    if (uuid_is_zero(&router->gateway_network_id)) {
        ds_put_cstr(out, "null");
        return;
    }
    ds_put_cstr(out, "{\"network_id\": ");
    network_put_id(out, &router->gateway_network_id);
    ds_put_cstr(out, ", \"external_fixed_ips\": ");
    network_put_addresses(out, router->gateway_addresses,
                          router->n_gateway_addresses);
    ds_put_char(out, '}');
}

/* An object is asked for by its text in no API: only that there is none. */
static bool
network_match_gateway(const void *router_, const struct network_word *words,
                      size_t n)
{
    const struct net_router *router = router_;

    for (size_t i = 0; i < n; i++) {
        if (!*words[i].text && uuid_is_zero(&router->gateway_network_id)) {
            return true;
        }
    }
    return false;
}

const struct network_type network_gateway = {
    network_put_gateway, network_match_gateway, NULL, NULL, false,
    "{'type': 'object', 'nullable': true, 'properties': {"
    "'network_id': {'type': 'string'}, "
    "'external_fixed_ips': " NETWORK_ADDRESSES "}}"
};

/* What is always the same. */

static void
network_put_list(struct ds *out, const void *value OVS_UNUSED)
{
    ds_put_cstr(out, "[]");
}

static void
network_put_null(struct ds *out, const void *value OVS_UNUSED)
{
    ds_put_cstr(out, "null");
}

static bool
network_match_null(const void *value OVS_UNUSED,
                   const struct network_word *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!*words[i].text) {
            return true;
        }
    }
    return false;
}

const struct network_type network_list = {
    network_put_list, network_match_null, NULL, NULL, false,
    "{'type': 'array', 'items': {}}"
};
const struct network_type network_null = {
    network_put_null, network_match_null, NULL, NULL, false,
    "{'type': 'object', 'nullable': true}"
};
const struct network_type network_unknown = {
    NULL, network_match_null, NULL, NULL, false,
    NULL
};
