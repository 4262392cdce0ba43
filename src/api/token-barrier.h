/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes sure that this copy's replica has all tokens that any copy of the API
 * has given out: an empty write to the database, after whose answer they are
 * there.  One at a time, for all requests with tokens that are not known here
 * yet.
 */

#ifndef API_TOKEN_BARRIER_H
#define API_TOKEN_BARRIER_H 1

#include <stdint.h>
#include "base/commit.h"

struct store;

struct token_barrier {
    struct store *store;
    struct commit_op op;
    uint64_t begun;             /* Number of the last one. */
    uint64_t wanted;
    uint64_t ended;
    uint64_t failed;            /* The last one that the database refused. */
    unsigned int seqno;         /* Changes with each end. */
};

enum barrier_state {
    BARRIER_PASSED,
    BARRIER_WAIT,
    BARRIER_FAILED,
};

void token_barrier_init(struct token_barrier *, struct store *);

/* Looks at the barrier '*number'; 0: chooses the next one that begins after
 * now. */
enum barrier_state token_barrier_look(struct token_barrier *,
                                      uint64_t *number);

#endif /* api/token-barrier.h */
