/* SPDX-License-Identifier: Apache-2.0
 *
 * Waits for tokens of other copies; see token-barrier.h.
 */

#include <config.h>
#include "api/token-barrier.h"
#include "store/barrier.h"
#include "store/store.h"
#include "util.h"

static bool
token_barrier_write(struct commit_op *op OVS_UNUSED,
                    struct ovsdb_idl_txn *txn,
                    unsigned int attempt OVS_UNUSED)
{
    barrier_write(txn);
    return true;
}

static void
token_barrier_begin(struct token_barrier *barrier)
{
    barrier->begun++;
    store_submit(barrier->store, &barrier->op);
}

static void
token_barrier_end(struct commit_op *op, enum commit_result result,
                  const char *error OVS_UNUSED)
{
    struct token_barrier *barrier = CONTAINER_OF(op, struct token_barrier,
                                                 op);

    barrier->ended = barrier->begun;
    if (result == COMMIT_FAILED) {
        barrier->failed = barrier->ended;
    }
    barrier->seqno++;
    if (barrier->wanted > barrier->begun) {
        token_barrier_begin(barrier);
    }
}

void
token_barrier_init(struct token_barrier *barrier, struct store *store)
{
    *barrier = (struct token_barrier) {
        .store = store,
        .op.apply = token_barrier_write,
        .op.done = token_barrier_end,
    };
}

/* One that is under way may have been sent before the token was made. */
static uint64_t
token_barrier_choose(struct token_barrier *barrier)
{
    if (barrier->begun == barrier->ended) {
        token_barrier_begin(barrier);
        return barrier->begun;
    }
    barrier->wanted = barrier->begun + 1;
    return barrier->wanted;
}

enum barrier_state
token_barrier_look(struct token_barrier *barrier, uint64_t *number)
{
    if (!*number) {
        *number = token_barrier_choose(barrier);
    }
    return (*number > barrier->ended ? BARRIER_WAIT
            : *number == barrier->failed ? BARRIER_FAILED : BARRIER_PASSED);
}
