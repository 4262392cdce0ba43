/* SPDX-License-Identifier: Apache-2.0
 *
 * Pairs the rows that are there with those that are wanted; see row-match.h.
 */

#include <config.h>
#include "ovn/rows/row-match.h"
#include <string.h>
#include "ovn/rows/rows.h"
#include "util.h"

/* Hashes as 'row' does. */
static bool
hashes_alike(const struct lb_row *a, const struct lb_row *b)
{
    return (sset_equals(&a->selection_fields, &b->selection_fields)
            && nullable_string_is_equal(
                smap_get(&a->options, "affinity_timeout"),
                smap_get(&b->options, "affinity_timeout")));
}

/* True if clients reach the row: of rows that a transaction has made twice,
 * that one is taken. */
static bool
is_carried(const struct lb_row *row)
{
    return (!uuidset_is_empty(&row->switches)
            || !uuidset_is_empty(&row->routers)
            || !uuidset_is_empty(&row->groups));
}

/* Ways in which a row that is there may become one that is wanted, from the
 * least change to the most. */
enum likeness {
    SAME_AND_CARRIED,           /* Protocol and hashing. */
    SAME_HASHING,               /* And the same protocol. */
    SAME_PROTOCOL,
    NO_PROTOCOL,                /* It has none yet, or none is wanted. */
    N_LIKENESSES
};

static bool
is_like(const struct lb_row *want, const struct lb_row *seen,
        enum likeness likeness)
{
    bool same_protocol = !strcmp(want->protocol, seen->protocol);

    return (likeness == SAME_AND_CARRIED
            ? same_protocol && hashes_alike(want, seen) && is_carried(seen)
            : likeness == SAME_HASHING
            ? same_protocol && hashes_alike(want, seen)
            : likeness == SAME_PROTOCOL ? same_protocol
            : !want->protocol[0] || !seen->protocol[0]);
}

/* Rows that are seen come in the order of their UUIDs, so that of two that are
 * alike every process keeps the same. */
void
match_rows(const struct ovn_lb *want, const struct ovn_lb *seen,
           const struct lb_row **match, bool *used)
{
    for (enum likeness l = 0; l < N_LIKENESSES; l++) {
        for (size_t i = 0; i < want->n_rows; i++) {
            for (size_t j = 0; j < seen->n_rows && !match[i]; j++) {
                if (!used[j] && is_like(want->rows[i], seen->rows[j], l)) {
                    used[j] = true;
                    match[i] = seen->rows[j];
                }
            }
        }
    }
}
