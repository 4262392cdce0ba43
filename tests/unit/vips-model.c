/* SPDX-License-Identifier: Apache-2.0
 *
 * What clients must find; see vips-model.h.  Shares nothing with what it
 * judges, but for the structures, and is in no hurry.
 */

#include <config.h>
#include "vips-model.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "model/objects.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/rows.h"
#include "util.h"
#include "uuid.h"

static bool
is_leaving(const struct model_base *base)
{
    return base->provisioning_status == PS_PENDING_DELETE || base->deleting;
}

static bool
is_there(const struct model_base *base)
{
    return !is_leaving(base) && base->admin_state_up;
}

static bool
is_colon(const char *address)
{
    return strchr(address, ':');
}

static const struct model_pool *
find_pool(const struct model_lb *lb, const struct model_listener *listener)
{
    for (size_t i = 0; i < lb->n_pools; i++) {
        if (uuid_equals(&lb->pools[i].base.id, &listener->default_pool_id)
            && lb->pools[i].protocol == listener->protocol
            && is_there(&lb->pools[i].base)) {
            return &lb->pools[i];
        }
    }
    return NULL;
}

static bool
has_health(const struct model_pool *pool, const struct model_member *member,
           enum member_health health)
{
    return (pool->monitor && is_there(&pool->monitor->base)
            && member->health == health);
}

/* Who may serve a VIP like 'address', if backup members may or may not. */
static bool
may_serve(const struct model_pool *pool, const struct model_member *member,
          const char *address, bool with_backups)
{
    return (is_there(&member->base) && member->weight
            && !has_health(pool, member, HEALTH_CUT_OFF)
            && is_colon(member->address) == is_colon(address)
            && (with_backups || !member->backup));
}

static bool
needs_backups(const struct model_pool *pool, const char *address)
{
    for (size_t i = 0; i < pool->n_members; i++) {
        if (may_serve(pool, &pool->members[i], address, false)
            && !has_health(pool, &pool->members[i], HEALTH_ERROR)) {
            return false;
        }
    }
    return true;
}

/* Whether all weights are multiples of 'n'. */
static bool
divides_all(const struct model_pool *pool, const char *address, bool backups,
            int n)
{
    for (size_t i = 0; i < pool->n_members; i++) {
        if (may_serve(pool, &pool->members[i], address, backups)
            && pool->members[i].weight % n) {
            return false;
        }
    }
    return true;
}

static void
put_backends(struct ds *s, const struct model_pool *pool, const char *address)
{
    bool backups = needs_backups(pool, address);
    int n = 256;

    while (!divides_all(pool, address, backups, n)) {
        n--;
    }
    for (size_t i = 0; i < pool->n_members; i++) {
        const struct model_member *member = &pool->members[i];
        if (may_serve(pool, member, address, backups)) {
            for (int j = 0; j < member->weight / n; j++) {
                ds_put_format(s, is_colon(address) ? "[%s]:%d," : "%s:%d,",
                              member->address, member->protocol_port);
            }
        }
    }
    ds_chomp(s, ',');
}

/* Connections outlive that a member is switched off or drained, the last one,
 * too: only if none is left does the VIP go. */
static bool
has_members(const struct model_pool *pool, const char *address)
{
    bool found = false;

    for (size_t i = 0; i < pool->n_members; i++) {
        found |= (!is_leaving(&pool->members[i].base)
                  && is_colon(pool->members[i].address) == is_colon(address));
    }
    return found;
}

static void
add_line(struct svec *lines, const struct model_listener *listener,
         const struct model_pool *pool, const char *address)
{
    struct ds backends = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&backends, "");
    put_backends(&backends, pool, address);
    if (has_members(pool, address)) {
        svec_add_nocopy(lines, xasprintf(
            is_colon(address) ? "%s [%s]:%d %s" : "%s %s:%d %s",
            l4_protocol_to_ovn(listener->protocol), address,
            listener->protocol_port, ds_cstr(&backends)));
    }
    ds_destroy(&backends);
}

static void
add_address(struct svec *lines, const struct model_listener *listener,
            const struct model_pool *pool, const char *address,
            const struct vips_model_float *floats, size_t n_floats)
{
    add_line(lines, listener, pool, address);
    for (size_t i = 0; i < n_floats; i++) {
        if (!strcmp(floats[i].address, address)) {
            add_line(lines, listener, pool, floats[i].floating);
        }
    }
}

static char *
join(struct svec *lines)
{
    svec_sort(lines);
    assert_true(svec_is_unique(lines));
    char *text = svec_join(lines, "\n", "\n");
    svec_destroy(lines);
    return text;
}

char *
vips_model_expect(const struct model_lb *lb,
                  const struct vips_model_float *floats, size_t n_floats)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;

    for (size_t i = 0; i < lb->n_listeners && is_there(&lb->base); i++) {
        const struct model_listener *listener = &lb->listeners[i];
        const struct model_pool *pool = find_pool(lb, listener);

        if (!pool || !is_there(&listener->base)) {
            continue;
        }
        for (size_t j = 0; j < lb->n_vips; j++) {
            add_address(&lines, listener, pool, lb->vips[j].address, floats,
                        n_floats);
        }
    }
    return join(&lines);
}

char *
vips_model_read(const struct ovn_lb *lb)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;

    for (size_t i = 0; i < lb->n_rows; i++) {
        const struct lb_row *row = lb->rows[i];
        const struct smap_node *node;

        SMAP_FOR_EACH (node, &row->vips) {
            svec_add_nocopy(&lines, xasprintf("%s %s %s", row->protocol,
                                              node->key, node->value));
        }
    }
    return join(&lines);
}
