/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of the attributes of what Neutron would show: how each type is
 * printed, and what a filter has to say to match it.  Pure.
 *
 * A null value, or one that is not known, matches the empty filter only, as an
 * empty text does.
 */

#ifndef API_NETWORK_VALUES_H
#define API_NETWORK_VALUES_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/uuid.h"

struct ds;

/* One text of a filter.  In "fixed_ips=ip_address=10.0.0.1" the key is
 * "ip_address"; most filters have no key: "". */
struct network_word {
    const char *key;            /* In 'copy'. */
    const char *text;           /* In 'copy'. */
    char *copy;                 /* Owned. */
    bool is_id, is_ip;          /* 'text' is one: */
    struct uuid id;
    struct in6_addr ip;
};

struct network_type {
    /* Appends the value as JSON.  NULL: it is not shown. */
    void (*put)(struct ds *, const void *value);

    /* True if one of the words is enough for the value. */
    bool (*matches)(const void *value, const struct network_word *, size_t n);

    /* False for a text that cannot be such a value, of which Neutron says
     * 'complaint'.  NULL: every text can. */
    const char *complaint;
    bool (*takes)(const struct network_word *);

    bool has_keys;              /* Of 'struct network_word'. */

    /* What is shown, for OpenAPI; see openapi_json(). */
    const char *schema;
};

/* The value is... */
extern const struct network_type
    network_text,               /* const char *; NULL: null. */
    network_mac,                /* const char *, in any case. */
    network_cidr,               /* const char *, in any spelling. */
    network_flag,               /* bool. */
    network_hidden_flag,        /* bool, which is not shown. */
    network_version,            /* bool: 6, else 4. */
    network_id,                 /* struct uuid; zero: "". */
    network_id_or_null,         /* struct uuid; zero: null. */
    network_ip,                 /* struct in6_addr. */
    network_subnet_ids,         /* struct net_network. */
    network_fixed_ips,          /* struct net_port. */
    network_gateway,            /* struct net_router; none: null. */
    network_list,               /* Nothing: an empty list. */
    network_null,               /* Nothing: null. */
    network_unknown;            /* Nothing, and it is not shown. */

/* Takes the word apart; it holds a copy of 'text'. */
void network_word_init(struct network_word *, const struct network_type *,
                       const char *text, size_t length);
void network_word_uninit(struct network_word *);

#endif /* api/network-values.h */
