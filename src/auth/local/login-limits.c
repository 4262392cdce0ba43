/* SPDX-License-Identifier: Apache-2.0
 *
 * How often somebody may fail to log in; see login-limits.h.
 *
 * Each name and address has a debt of time, which grows with each failure by
 * what it takes until one more is allowed, and shrinks by itself.
 */

#include <config.h>
#include "auth/local/login-limits.h"
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "base/limits.h"
#include "hash.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "random.h"
#include "util.h"

struct login_debtor {
    struct hmap_node node;
    struct ovs_list lru;
    char *name;
    long long int until_ms;     /* When the debt is paid. */
};

struct login_limits {
    struct hmap debtors;
    struct ovs_list lru;        /* Who failed last is at the back. */
    uint32_t basis;             /* Names are the client's choice. */
};

struct login_limits *
login_limits_create(void)
{
    struct login_limits *limits = xmalloc(sizeof *limits);

    hmap_init(&limits->debtors);
    ovs_list_init(&limits->lru);
    limits->basis = random_uint32();
    return limits;
}

static void
login_debtor_drop(struct login_limits *limits, struct login_debtor *debtor)
{
    hmap_remove(&limits->debtors, &debtor->node);
    ovs_list_remove(&debtor->lru);
    free(debtor->name);
    free(debtor);
}

void
login_limits_destroy(struct login_limits *limits)
{
    struct login_debtor *debtor;

    if (limits) {
        LIST_FOR_EACH_SAFE (debtor, lru, &limits->lru) {
            login_debtor_drop(limits, debtor);
        }
        hmap_destroy(&limits->debtors);
        free(limits);
    }
}

/* Returns what an address counts as: with IPv6 a client has at least a /64 to
 * choose from. */
static char *
login_address_name(const char *address)
{
    struct in6_addr ip;

    if (ip_parse_any(address, &ip) && !IN6_IS_ADDR_V4MAPPED(&ip)) {
        memset(&ip.s6_addr[8], 0, 8);
        return ip_format_any(&ip);
    }
    return xstrdup(address);
}

/* Names of users and addresses are told apart by their first character. */
static char *
login_debtor_name(char kind, const char *name)
{
    char *counted = kind == 'a' ? login_address_name(name) : xstrdup(name);
    char *full = xasprintf("%c%.*s", kind, USER_NAME_MAX, counted);

    free(counted);
    return full;
}

static struct login_debtor *
login_debtor_find(const struct login_limits *limits, const char *name)
{
    struct login_debtor *debtor;

    HMAP_FOR_EACH_WITH_HASH (debtor, node, hash_string(name, limits->basis),
                             &limits->debtors) {
        if (!strcmp(debtor->name, name)) {
            return debtor;
        }
    }
    return NULL;
}

static struct login_debtor *
login_debtor_add(struct login_limits *limits, const char *name)
{
    struct login_debtor *debtor = xzalloc(sizeof *debtor);

    if (hmap_count(&limits->debtors) >= LOGIN_DEBTORS_MAX) {
        login_debtor_drop(limits, CONTAINER_OF(ovs_list_front(&limits->lru),
                                               struct login_debtor, lru));
    }
    debtor->name = xstrdup(name);
    hmap_insert(&limits->debtors, &debtor->node,
                hash_string(name, limits->basis));
    ovs_list_push_back(&limits->lru, &debtor->lru);
    return debtor;
}

/* Returns how long it takes until there may be another attempt, of which 'max'
 * are allowed at once. */
static long long int
login_debtor_delay(const struct login_limits *limits, const char *name,
                   int max, long long int now_ms)
{
    const struct login_debtor *debtor = login_debtor_find(limits, name);

    return (debtor ? MAX(0, debtor->until_ms - now_ms
                            - (max - 1) * (long long int) LOGIN_FAILURE_MS)
            : 0);
}

static void
login_debtor_charge(struct login_limits *limits, const char *name,
                    long long int now_ms)
{
    struct login_debtor *debtor = login_debtor_find(limits, name);

    if (!debtor) {
        debtor = login_debtor_add(limits, name);
    }
    debtor->until_ms = MAX(debtor->until_ms, now_ms) + LOGIN_FAILURE_MS;
    ovs_list_remove(&debtor->lru);
    ovs_list_push_back(&limits->lru, &debtor->lru);
}

long long int
login_limits_delay(const struct login_limits *limits, const char *user,
                   const char *address, long long int now_ms)
{
    char *user_name = login_debtor_name('u', user);
    char *address_name = login_debtor_name('a', address ? address : "");
    long long int delay_ms
        = MAX(login_debtor_delay(limits, user_name, LOGIN_USER_FAILURES_MAX,
                                 now_ms),
              login_debtor_delay(limits, address_name,
                                 LOGIN_ADDRESS_FAILURES_MAX, now_ms));

    free(user_name);
    free(address_name);
    return delay_ms;
}

void
login_limits_fail(struct login_limits *limits, const char *user,
                  const char *address, long long int now_ms)
{
    char *user_name = login_debtor_name('u', user);
    char *address_name = login_debtor_name('a', address ? address : "");

    login_debtor_charge(limits, user_name, now_ms);
    login_debtor_charge(limits, address_name, now_ms);
    free(user_name);
    free(address_name);
}

size_t
login_limits_count(const struct login_limits *limits)
{
    return hmap_count(&limits->debtors);
}
