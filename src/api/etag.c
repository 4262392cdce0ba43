/* SPDX-License-Identifier: Apache-2.0
 *
 * Entity tags; see etag.h.
 */

#include <config.h>
#include "api/etag.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "hash.h"
#include "model/render.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/types.h"
#include "store/rows.h"
#include "util.h"

/* More than most objects take. */
#define OBJECT_BYTES 2048

BUILD_ASSERT_DECL(ETAG_CONFIG_LENGTH == 2 * sizeof(ovs_u128));
BUILD_ASSERT_DECL(ETAG_STATE_LENGTH == 2 * sizeof(uint64_t));

void
etag_of_body(const struct ds *body, struct etag *ret)
{
    ovs_u128 hash;

    hash_bytes128(ds_cstr_ro(body), body->length, 0, &hash);
    snprintf(ret->text, sizeof ret->text, "%016"PRIx64"%016"PRIx64,
             hash.u64.hi, hash.u64.lo);
}

/* Appends the part of a tag that 'state' stands for. */
static void
etag_put_state(struct etag *tag, const struct ds *state)
{
    ovs_u128 hash;

    hash_bytes128(ds_cstr_ro(state), state->length, 0, &hash);
    snprintf(tag->text + ETAG_CONFIG_LENGTH,
             sizeof tag->text - ETAG_CONFIG_LENGTH, "-%016"PRIx64,
             hash.u64.hi);
}

static void
etag_sum_add_state(struct etag_sum *sum, const struct ovsdb_idl_row *row)
{
    ds_put_format(&sum->state, "%s %s %"PRId64"\n",
                  row_string(row, COL_provisioning_status),
                  row_string(row, COL_operating_status),
                  row_integer(row, COL_updated_at));
}

void
etag_sum_add(struct etag_sum *sum, const struct resource *resource,
             const struct ovsdb_idl_row *row)
{
    struct field_choice config = { .is_partial = true };

    for (size_t i = 0; i < resource->n_fields; i++) {
        config.is_chosen[i] = !(resource->fields[i].flags & FIELD_STATE);
    }
    render_fields(&sum->config, resource, row, &row_reader, &config);
    etag_sum_add_state(sum, row);
}

void
etag_sum_finish(struct etag_sum *sum, struct etag *ret)
{
    etag_of_body(&sum->config, ret);
    etag_put_state(ret, &sum->state);
    ds_destroy(&sum->config);
    ds_destroy(&sum->state);
}

void
etag_of_row(const struct resource *resource, const struct ovsdb_idl_row *row,
            struct etag *ret)
{
    struct etag_sum sum = ETAG_SUM_INITIALIZER;

    ds_reserve(&sum.config, OBJECT_BYTES);
    etag_sum_add(&sum, resource, row);
    etag_sum_finish(&sum, ret);
}

void
etag_render_row(const struct resource *resource,
                const struct ovsdb_idl_row *row, struct ds *body,
                struct etag *ret)
{
    struct etag_sum sum = ETAG_SUM_INITIALIZER;

    ds_reserve(&sum.config, OBJECT_BYTES);
    render_object_and_config(body, &sum.config, resource, row, &row_reader);
    etag_sum_add_state(&sum, row);
    etag_sum_finish(&sum, ret);
}

/* True if the 'length' bytes at 'text' are 'tag'. */
static bool
etag_equals(const struct etag *tag, const char *text, size_t length,
            bool config_only)
{
    if (!config_only) {
        return (length == strlen(tag->text)
                && !memcmp(tag->text, text, length));
    }
    return (length >= ETAG_CONFIG_LENGTH
            && !memcmp(tag->text, text, ETAG_CONFIG_LENGTH)
            && (length == ETAG_CONFIG_LENGTH
                || text[ETAG_CONFIG_LENGTH] == '-'));
}

/* Reads on behind a comma if the list is not as it should be. */
bool
etag_is_in(const char *list, const struct etag *tag, bool takes_weak,
           bool config_only)
{
    const char *p = list;

    for (;;) {
        p += strspn(p, " \t,");
        if (!*p) {
            return false;
        }
        if (*p == '*') {
            return true;
        }

        bool is_weak = p[0] == 'W' && p[1] == '/';
        p += is_weak ? 2 : 0;
        if (*p == '"') {
            size_t length = strcspn(++p, "\"");

            if (p[length] && (takes_weak || !is_weak)
                && etag_equals(tag, p, length, config_only)) {
                return true;
            }
            p += length;
        }
        p += strcspn(p, ",");
    }
}
