/* SPDX-License-Identifier: Apache-2.0
 *
 * Random changes of a load balancer; see random-tree.h.
 */

#include <config.h>
#include "random-tree.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "model-fixture.h"
#include "model/objects.h"
#include "net/vip-ports.h"
#include "random.h"
#include "util.h"
#include "uuid.h"

#define N_SUBNETS 5

bool
one_in(unsigned int n)
{
    return !random_range(n);
}

static struct uuid
numbered(char letter, unsigned int number)
{
    char *name = xasprintf("%c%u", letter, number);
    struct uuid uuid = uuid_of(name);

    free(name);
    return uuid;
}

/* The beginning. */

/* An address that ends in 'host' in a random subnet. */
static char *
random_address(unsigned int host, struct uuid *ret_subnet_id)
{
    unsigned int n = 1 + random_range(N_SUBNETS);
    bool is_ipv6 = one_in(3);

    *ret_subnet_id = numbered(is_ipv6 ? 'F' : 'S', n);
    return xasprintf(is_ipv6 ? "fd00:%u::%u" : "10.0.%u.%u", n, host);
}

static void
set_vip(const struct model_lb *lb, struct model_vip *vip, unsigned int n,
        unsigned int host, unsigned int port)
{
    char *address = random_address(host, &vip->subnet_id);

    model_vip_set_address(vip, address);
    vip->port_id = (one_in(2) ? vip_port_id(&lb->base.id, n)
                    : numbered('V', port));
    free(address);
}

static void
add_vips(struct model_lb *lb, unsigned int number)
{
    size_t n = random_range(3);

    for (size_t i = 0; i < n; i++) {
        /* No two of one load balancer share one. */
        set_vip(lb, model_lb_add_vip(lb), i + 1, number + 3 * (i + 1),
                20 + 3 * i + number);
    }
}

void
random_tree_init(struct random_tree *tree, unsigned int number)
{
    struct model_lb *lb = model_lb_parse("lb 10.0.0.1");

    *tree = (struct random_tree) { .lb = lb, .last_name = 1000 * number };
    lb->base.id = numbered('B', number);
    set_vip(lb, &lb->vips[0], 0, number, number);
    add_vips(lb, number);
}

void
random_tree_uninit(struct random_tree *tree)
{
    model_lb_destroy(tree->lb);
}

/* More. */

static struct model_base
new_base(struct random_tree *tree, char letter)
{
    return (struct model_base) {
        .id = numbered(letter, ++tree->last_name),
        .admin_state_up = !one_in(4),
        .provisioning_status = PS_PENDING_CREATE,
        .operating_status = OS_OFFLINE,
    };
}

static struct uuid
random_pool_id(const struct random_tree *tree)
{
    size_t n = tree->lb->n_pools;

    return (n && !one_in(4) ? tree->lb->pools[random_range(n)].base.id
            : UUID_ZERO);
}

static enum l4_protocol
random_protocol(void)
{
    return one_in(2) ? L4_TCP : random_range(N_L4_PROTOCOLS);
}

static void
add_listener(struct random_tree *tree)
{
    struct model_lb *lb = tree->lb;

    lb->listeners = xrealloc(lb->listeners, ((lb->n_listeners + 1)
                                             * sizeof *lb->listeners));
    lb->listeners[lb->n_listeners++] = (struct model_listener) {
        .base = new_base(tree, 'L'),
        .protocol = random_protocol(),
        /* No two share one, as the API sees to. */
        .protocol_port = tree->last_name,
        .default_pool_id = random_pool_id(tree),
    };
}

static void
turn_persistence(struct model_pool *pool)
{
    free(pool->persistence_timeout);
    pool->has_persistence = one_in(3);
    pool->persistence_timeout = (pool->has_persistence && one_in(2)
                                 ? xasprintf("%d", 60 + random_range(2))
                                 : NULL);
}

static void
add_pool(struct random_tree *tree)
{
    struct model_lb *lb = tree->lb;

    lb->pools = xrealloc(lb->pools, (lb->n_pools + 1) * sizeof *lb->pools);

    struct model_pool *pool = &lb->pools[lb->n_pools++];
    *pool = (struct model_pool) {
        .base = new_base(tree, 'P'),
        .protocol = random_protocol(),
        .is_source_ip = one_in(3),
    };
    turn_persistence(pool);
}

static struct model_pool *
random_pool(struct random_tree *tree)
{
    struct model_lb *lb = tree->lb;

    return lb->n_pools ? &lb->pools[random_range(lb->n_pools)] : NULL;
}

static void
turn_weight(struct model_member *member)
{
    static const int weights[] = { 0, 1, 1, 2, 3, 4, 6 };

    member->weight = weights[random_range(ARRAY_SIZE(weights))];
    member->backup = one_in(4);
}

static void
add_member(struct random_tree *tree)
{
    struct model_pool *pool = random_pool(tree);

    if (pool) {
        pool->members = xrealloc(pool->members, ((pool->n_members + 1)
                                                 * sizeof *pool->members));

        struct model_member *member = &pool->members[pool->n_members++];
        *member = (struct model_member) {
            .base = new_base(tree, 'M'),
            .protocol_port = 1 + random_range(9),
        };

        char *address = random_address(11 + random_range(3),
                                       &member->subnet_id);
        model_member_set_address(member, address);
        free(address);
        if (one_in(10)) {
            member->subnet_id = UUID_ZERO;
        }
        member->has_subnet = !uuid_is_zero(&member->subnet_id);
        turn_weight(member);
    }
}

static void
add_monitor(struct random_tree *tree)
{
    struct model_pool *pool = random_pool(tree);

    if (pool && !pool->monitor) {
        pool->monitor = xmalloc(sizeof *pool->monitor);
        *pool->monitor = (struct model_monitor) {
            .base = new_base(tree, 'H'),
            .type = (pool->protocol == L4_UDP ? MONITOR_UDP_CONNECT
                     : MONITOR_TCP),
            .delay = 1 + random_range(2),
        };
    }
}

/* Less. */

static void
remove_member(struct model_pool *pool, size_t i)
{
    free(pool->members[i].address);
    pool->n_members--;
    memmove(&pool->members[i], &pool->members[i + 1],
            (pool->n_members - i) * sizeof *pool->members);
}

static void
remove_monitor(struct model_pool *pool)
{
    free(pool->monitor);
    pool->monitor = NULL;
}

static void
remove_pool(struct model_lb *lb, size_t i)
{
    struct model_pool *pool = &lb->pools[i];

    while (pool->n_members) {
        remove_member(pool, 0);
    }
    free(pool->members);
    free(pool->persistence_timeout);
    remove_monitor(pool);
    lb->n_pools--;
    memmove(pool, pool + 1, (lb->n_pools - i) * sizeof *pool);
}

static void
remove_listener(struct model_lb *lb, size_t i)
{
    lb->n_listeners--;
    memmove(&lb->listeners[i], &lb->listeners[i + 1],
            (lb->n_listeners - i) * sizeof *lb->listeners);
}

static void
purge_pool(struct model_pool *pool)
{
    if (pool->monitor && !model_base_is_wanted(&pool->monitor->base)) {
        remove_monitor(pool);
    }
    for (size_t i = pool->n_members; i-- > 0;) {
        if (!model_base_is_wanted(&pool->members[i].base)) {
            remove_member(pool, i);
        }
    }
}

/* What was deleted goes. */
static void
purge(struct model_lb *lb)
{
    for (size_t i = lb->n_listeners; i-- > 0;) {
        if (!model_base_is_wanted(&lb->listeners[i].base)) {
            remove_listener(lb, i);
        }
    }
    for (size_t i = lb->n_pools; i-- > 0;) {
        if (!model_base_is_wanted(&lb->pools[i].base)) {
            remove_pool(lb, i);
        } else {
            purge_pool(&lb->pools[i]);
        }
    }
}

/* Different. */

static struct model_base *
random_base_of(struct model_pool *pool)
{
    return (pool->n_members && !one_in(3)
            ? &pool->members[random_range(pool->n_members)].base
            : pool->monitor && one_in(2) ? &pool->monitor->base
            : &pool->base);
}

/* The base of any object of the tree. */
static struct model_base *
random_base(struct random_tree *tree)
{
    struct model_lb *lb = tree->lb;

    if (one_in(8)) {
        return &lb->base;
    }
    if (lb->n_listeners && one_in(3)) {
        return &lb->listeners[random_range(lb->n_listeners)].base;
    }
    return lb->n_pools ? random_base_of(random_pool(tree)) : &lb->base;
}

static void
turn_listener(struct random_tree *tree)
{
    struct model_lb *lb = tree->lb;

    if (lb->n_listeners) {
        lb->listeners[random_range(lb->n_listeners)].default_pool_id
            = random_pool_id(tree);
    }
}

static void
turn_pool(struct random_tree *tree)
{
    struct model_pool *pool = random_pool(tree);

    if (pool) {
        pool->is_source_ip = one_in(2);
        turn_persistence(pool);
    }
}

static void
turn_member(struct random_tree *tree)
{
    struct model_pool *pool = random_pool(tree);

    if (pool && pool->n_members) {
        struct model_member *member
            = &pool->members[random_range(pool->n_members)];

        turn_weight(member);
        member->health = random_range(HEALTH_CUT_OFF + 1);
    }
}

static void
delete_something(struct random_tree *tree)
{
    struct model_base *base = random_base(tree);

    if (base != &tree->lb->base || one_in(30)) {
        base->provisioning_status = PS_PENDING_DELETE;
    }
}

static void
turn_admin_state(struct random_tree *tree)
{
    struct model_base *base = random_base(tree);

    base->admin_state_up = !base->admin_state_up;
}

static void
purge_tree(struct random_tree *tree)
{
    purge(tree->lb);
}

void
random_tree_change(struct random_tree *tree)
{
    static void (*const changes[])(struct random_tree *) = {
        add_listener, add_listener, add_pool, add_pool, add_member, add_member,
        add_member, add_monitor, turn_listener, turn_pool, turn_member,
        turn_member, turn_admin_state, delete_something, purge_tree,
    };

    changes[random_range(ARRAY_SIZE(changes))](tree);
}
