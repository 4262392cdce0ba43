/* SPDX-License-Identifier: Apache-2.0
 *
 * Listeners and pools, with the members of these, out of external_ids; see
 * adopt.h.
 */

#include <config.h>
#include "ovn/adopt/adopt-private.h"
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "base/json-read.h"
#include "net/addr.h"
#include "net/topology.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "ovn/want/member-switch.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

#define LISTENER_PREFIX "listener_"
#define POOL_PREFIX "pool_"
#define MEMBER_PREFIX "member_"
#define DOWN_SUFFIX ":D"

static void adopt_members(struct adopter *, const struct adopt_row *,
                          struct model_pool *, const char *list);

/* Parses PREFIX, a UUID, and ":D" for what is down. */
static bool
parse_key(const char *text, const char *prefix, struct uuid *ret_id,
          bool *ret_is_up)
{
    size_t prefix_length = strlen(prefix);

    if (strncmp(text, prefix, prefix_length)
        || strlen(text) < prefix_length + UUID_LEN) {
        return false;
    }

    char *id = xmemdup0(text + prefix_length, UUID_LEN);
    bool ok = adopt_parse_uuid(id, ret_id);
    const char *rest = text + prefix_length + UUID_LEN;
    free(id);
    *ret_is_up = !*rest;
    return ok && (!*rest || !strcmp(rest, DOWN_SUFFIX));
}

/* Calls 'cb' for each key that begins with 'prefix', in their order, and adds
 * a problem for each that does not go on as it should. */
static void
for_each_key(struct adopter *adopter, const struct adopt_row *row,
             enum l4_protocol protocol, const char *prefix,
             void (*cb)(struct adopter *, const struct adopt_row *,
                        enum l4_protocol, const struct uuid *id, bool is_up,
                        const char *value))
{
    const struct smap_node **nodes = smap_sort(&row->external_ids);
    size_t n = smap_count(&row->external_ids);

    for (size_t i = 0; i < n; i++) {
        const struct smap_node *node = nodes[i];
        struct uuid id;
        bool is_up;

        if (strncmp(node->key, prefix, strlen(prefix))) {
            continue;
        }
        if (parse_key(node->key, prefix, &id, &is_up)) {
            cb(adopter, row, protocol, &id, is_up, node->value);
        } else {
            adopt_problem(adopter, ADOPT_LOSS, "the key \"%s\" has no id",
                          node->key);
        }
    }
    free(nodes);
}

/* Pools. */

static bool
has_fields(const struct sset *fields, const char *src, const char *dst)
{
    return sset_contains(fields, src) && sset_contains(fields, dst);
}

/* False: SOURCE_IP_PORT.  Newer versions of OVN have fields of their own for
 * IPv6, which our rows have besides those of IPv4. */
static bool
row_is_source_ip(struct adopter *adopter, const struct adopt_row *row)
{
    const struct sset *fields = &row->selection_fields;
    size_t n_ip = (has_fields(fields, "ip_src", "ip_dst")
                   + has_fields(fields, "ipv6_src", "ipv6_dst"));
    bool has_ports = has_fields(fields, "tp_src", "tp_dst");

    if (n_ip && sset_count(fields) == 2 * (n_ip + has_ports)) {
        return !has_ports;
    }
    adopt_problem(adopter, ADOPT_LOSS, "its selection_fields are those of no "
                  "algorithm; taken as SOURCE_IP_PORT");
    return false;
}

static void
adopt_persistence(struct adopter *adopter, const struct adopt_row *row,
                  struct model_pool *pool)
{
    const char *timeout = smap_get(&row->options, "affinity_timeout");
    int seconds;

    if (!timeout) {
        return;
    }
    if (adopt_parse_number(timeout, 0, INT_MAX, &seconds)) {
        pool->has_persistence = true;
        pool->persistence_timeout = xasprintf("%d", seconds);
    } else {
        adopt_problem(adopter, ADOPT_LOSS, "affinity_timeout is \"%s\", which "
                      "is no number of seconds", timeout);
    }
}

static void
adopt_pool(struct adopter *adopter, const struct adopt_row *row,
           enum l4_protocol protocol, const struct uuid *id, bool is_up,
           const char *value)
{
    struct model_lb *lb = adopter->lb;
    struct model_pool pool = { .protocol = protocol };

    if (!adopt_base(adopter, &pool.base, id, is_up, "pool")) {
        return;
    }
    pool.is_source_ip = row_is_source_ip(adopter, row);
    adopt_persistence(adopter, row, &pool);
    adopt_members(adopter, row, &pool, value);

    lb->pools = xrealloc(lb->pools, (lb->n_pools + 1) * sizeof *lb->pools);
    adopter->pool_rows = xrealloc(adopter->pool_rows,
                                  (lb->n_pools + 1)
                                  * sizeof *adopter->pool_rows);
    adopter->pool_rows[lb->n_pools] = row;
    lb->pools[lb->n_pools++] = pool;
}

void
adopt_pools(struct adopter *adopter, const struct adopt_row *row,
            enum l4_protocol protocol)
{
    for_each_key(adopter, row, protocol, POOL_PREFIX, adopt_pool);
}

/* Listeners. */

/* The pool that the listener names, or zero. */
static struct uuid
adopt_find_default_pool(struct adopter *adopter, enum l4_protocol protocol,
                        const struct uuid *listener_id, const char *text)
{
    struct uuid id;
    bool is_up;

    if (!text[0]) {
        return UUID_ZERO;
    }

    /* A pool that was made while it was down is named as such, one that was
     * switched off later is not: its own key decides. */
    bool ok = parse_key(text, POOL_PREFIX, &id, &is_up);
    const struct model_pool *pool = ok ? model_lb_pool(adopter->lb, &id)
                                       : NULL;
    if (!pool || pool->protocol != protocol) {
        adopt_problem(adopter, ADOPT_LOSS, "listener "UUID_FMT" uses \"%s\", "
                      "which is %s", UUID_ARGS(listener_id), text,
                      !ok ? "no pool" : !pool ? "not there"
                      : "for another protocol");
        return UUID_ZERO;
    }
    return id;
}

/* Takes the ranges of which the listener's ACLs were made. */
static void
adopt_cidrs(struct adopter *adopter, const struct adopt_row *row,
            const struct uuid *id, struct model_listener *listener)
{
    char *key = xasprintf(UUID_FMT, UUID_ARGS(id));
    char *copy = xstrdup(smap_get_def(&row->allowed_cidrs, key, ""));
    char *rest = copy;
    char *word;
    size_t n = 0;

    listener->allowed_cidrs = xcalloc(strlen(copy) + 1,
                                      sizeof *listener->allowed_cidrs);
    while ((word = strsep(&rest, ",")) != NULL) {
        struct addr_prefix prefix;

        if (!*word) {
            continue;
        }
        if (addr_prefix_parse(word, &prefix)) {
            listener->allowed_cidrs[n++] = addr_prefix_format(&prefix);
        } else {
            adopt_problem(adopter, ADOPT_LOSS, "listener %s allows \"%s\", "
                          "which is no prefix", key, word);
        }
    }
    listener->n_allowed_cidrs = n;
    free(copy);
    free(key);
}

static void
adopt_listener(struct adopter *adopter, const struct adopt_row *row,
               enum l4_protocol protocol, const struct uuid *id, bool is_up,
               const char *value)
{
    struct model_lb *lb = adopter->lb;
    struct model_listener listener = { .protocol = protocol };
    const char *colon = strchr(value, ':');
    char *port_text = xmemdup0(value, colon ? colon - value : strlen(value));
    int port = 0;
    bool ok = colon && adopt_parse_number(port_text, 1, UINT16_MAX, &port);

    free(port_text);
    if (!ok) {
        adopt_problem(adopter, ADOPT_LOSS, "listener "UUID_FMT" is \"%s\", "
                      "not PORT:POOL", UUID_ARGS(id), value);
        return;
    }
    if (!adopt_base(adopter, &listener.base, id, is_up, "listener")) {
        return;
    }
    listener.protocol_port = port;
    listener.default_pool_id = adopt_find_default_pool(adopter, protocol, id,
                                                       colon + 1);
    adopt_cidrs(adopter, row, id, &listener);
    lb->listeners = xrealloc(lb->listeners, (lb->n_listeners + 1)
                             * sizeof *lb->listeners);
    lb->listeners[lb->n_listeners++] = listener;
}

void
adopt_listeners(struct adopter *adopter, const struct adopt_row *row,
                enum l4_protocol protocol)
{
    for_each_key(adopter, row, protocol, LISTENER_PREFIX, adopt_listener);
}

/* Members. */

/* Takes "ADDRESS:PORT" apart.  An IPv6 address has no brackets, so the last
 * colon is the port's; with brackets it is understood, too. */
static bool
adopt_parse_address(char *text, struct model_member *member)
{
    char *colon = strrchr(text, ':');
    struct in6_addr ip;
    int port;

    if (!colon || !adopt_parse_number(colon + 1, 1, UINT16_MAX, &port)) {
        return false;
    }
    *colon = '\0';
    if (*text == '[' && colon > text && colon[-1] == ']') {
        colon[-1] = '\0';
        text++;
    }
    if (!ip_parse_any(text, &ip)) {
        return false;
    }
    model_member_set_address(member, text);
    member->protocol_port = port;
    return true;
}

/* Takes "member_ID_ADDRESS:PORT_SUBNET" apart; "_SUBNET" may be missing, or
 * zero, which our driver writes for an unknown subnet.  Neither an address nor
 * a UUID has an underscore. */
static bool
parse_member(const char *text, struct uuid *id, struct model_member *member)
{
    size_t prefix_length = strlen(MEMBER_PREFIX);
    char *copy = xstrdup(text);
    char *address = copy + prefix_length + UUID_LEN;
    bool ok = (!strncmp(copy, MEMBER_PREFIX, prefix_length)
               && strlen(copy) > prefix_length + UUID_LEN
               && *address == '_');

    if (ok) {
        *address++ = '\0';
        char *subnet = strchr(address, '_');
        if (subnet) {
            *subnet++ = '\0';
        }
        ok = (adopt_parse_uuid(copy + prefix_length, id)
              && (!subnet || uuid_from_string(&member->subnet_id, subnet))
              && adopt_parse_address(address, member));
        member->has_subnet = !uuid_is_zero(&member->subnet_id);
    }
    free(copy);
    return ok;
}

/* The statuses of a row's members, by their ids.  NULL if there are none. */
static struct json *
read_statuses(struct adopter *adopter, const struct adopt_row *row)
{
    const char *text = smap_get(&row->external_ids, "neutron:member_status");
    struct json *statuses = text ? json_read(text, strlen(text)) : NULL;

    if (text && (!statuses || statuses->type != JSON_OBJECT)) {
        adopt_problem(adopter, ADOPT_LOSS, "neutron:member_status is no JSON "
                      "object: which members are down is not known");
        json_destroy(statuses);
        return NULL;
    }
    return statuses;
}

/* A member that is switched off is OFFLINE there: the only trace of it. */
static void
apply_status(struct adopter *adopter, const struct json *statuses,
             struct model_member *member)
{
    char *id = xasprintf(UUID_FMT, UUID_ARGS(&member->base.id));
    const struct json *status
        = statuses ? shash_find_data(json_object(statuses), id) : NULL;
    const char *word = (status && status->type == JSON_STRING
                        ? json_string(status) : status ? "" : "NO_MONITOR");

    if (!strcmp(word, "OFFLINE")) {
        member->base.admin_state_up = false;
        member->base.operating_status = OS_OFFLINE;
    } else if (!strcmp(word, "ERROR")) {
        member->health = HEALTH_ERROR;
        member->base.operating_status = OS_ERROR;
    } else if (!strcmp(word, "ONLINE")) {
        member->health = HEALTH_ONLINE;
    } else if (strcmp(word, "NO_MONITOR")) {
        adopt_problem(adopter, ADOPT_NOTE, "the status of member %s is none",
                      id);
    }
    free(id);
}

/* The subnets of its members decide which switches and routers carry a load
 * balancer. */
static void
adopt_check_subnet(struct adopter *adopter, const struct model_member *member)
{
    const struct uuid *subnet_id = &member->subnet_id;

    if (!topology_subnet_by_id(adopter->topology, subnet_id)
        && !member_neighbourhood(adopter->topology, adopter->lb, member)
        && !uuidset_contains(&adopter->unknown_subnets, subnet_id)) {
        uuidset_insert(&adopter->unknown_subnets, subnet_id);
        adopt_problem(adopter, ADOPT_LOSS, "OVN does not tell where subnet "
                      UUID_FMT" is: its switch would not carry the load "
                      "balancer for the members there", UUID_ARGS(subnet_id));
    }
}

static void
adopt_member(struct adopter *adopter, struct model_pool *pool,
             const struct json *statuses, const char *text)
{
    struct model_member member = { .weight = 1 };
    struct uuid id;

    if (!parse_member(text, &id, &member)) {
        adopt_problem(adopter, ADOPT_LOSS, "pool "UUID_FMT": \"%s\" is not "
                      "member_ID_ADDRESS:PORT_SUBNET",
                      UUID_ARGS(&pool->base.id), text);
        return;
    }
    if (!adopt_base(adopter, &member.base, &id, true, "member")) {
        free(member.address);
        free(member.typed_address);
        return;
    }
    member.base.operating_status = OS_NO_MONITOR;
    apply_status(adopter, statuses, &member);
    if (member.has_subnet) {
        adopt_check_subnet(adopter, &member);
    } else {
        member.subnet_id = adopter->lb->vips[0].subnet_id;
        member.has_subnet = !uuid_is_zero(&member.subnet_id);
        adopt_problem(adopter, ADOPT_NOTE, "member "UUID_FMT" has no subnet; "
                      "taken as the VIP's", UUID_ARGS(&id));
    }
    pool->members[pool->n_members++] = member;
}

static void
adopt_members(struct adopter *adopter, const struct adopt_row *row,
              struct model_pool *pool, const char *list)
{
    struct json *statuses = read_statuses(adopter, row);
    struct svec texts;

    adopt_split(list, &texts);
    pool->members = xcalloc(texts.n, sizeof *pool->members);
    for (size_t i = 0; i < texts.n; i++) {
        adopt_member(adopter, pool, statuses, texts.names[i]);
    }
    svec_destroy(&texts);
    json_destroy(statuses);
}
