/* SPDX-License-Identifier: Apache-2.0
 *
 * Remembers what we know about tokens, for a while.  The tokens themselves are
 * not kept: a key is the SHA-256 of one.  Pure: the caller says what time it
 * is.
 *
 * There is room for so many good tokens, and, apart from them, for so many
 * that are not: a flood of nonsense pushes out nothing that is known about
 * good ones.  The one that was not used for the longest time goes first.
 */

#ifndef AUTH_TOKEN_CACHE_H
#define AUTH_TOKEN_CACHE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "auth/token-reply.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"

struct token_question;

struct token_key {
    uint8_t bytes[32];
};

/* 'takes_expired' tells two questions about the same token apart: whether it
 * is good, and whether it was (see tokens.h). */
struct token_key token_key_make(const char *token, bool takes_expired);

enum token_knowledge {
    TOKEN_ASKING,               /* Keystone is. */
    TOKEN_GOOD,
    TOKEN_BAD,
    TOKEN_UNKNOWN,              /* Keystone had no answer. */
};

struct token_entry {
    struct hmap_node node;
    struct ovs_list lru;        /* Unless TOKEN_ASKING. */
    struct token_key key;
    enum token_knowledge state;
    long long int until_ms;     /* Monotonic.  Unless TOKEN_ASKING. */
    struct token_facts facts;   /* TOKEN_GOOD. */
    struct token_question *question;  /* TOKEN_ASKING: the caller's. */
};

struct token_cache;

struct token_cache *token_cache_create(size_t good_max, size_t other_max);
void token_cache_destroy(struct token_cache *);

/* Returns the entry, NULL if nothing is known (any more).  Good until the next
 * call of anything here.  Without one, '*ret_was_good' (NULL: not asked) is
 * set to whether its time has just run out, and the token was good. */
struct token_entry *token_cache_find(struct token_cache *,
                                     const struct token_key *,
                                     long long int now_ms,
                                     bool *ret_was_good);

/* Adds an entry in TOKEN_ASKING; there must be none.  It stays until it is
 * settled or dropped. */
struct token_entry *token_cache_add(struct token_cache *,
                                    const struct token_key *);

/* Drops an entry in TOKEN_ASKING: its question was cancelled. */
void token_cache_drop(struct token_cache *, struct token_entry *);

/* Sets the entry's state, which is good until 'until_ms'.  'facts' are taken
 * over; NULL unless TOKEN_GOOD. */
void token_cache_settle(struct token_cache *, struct token_entry *,
                        enum token_knowledge, const struct token_facts *facts,
                        long long int until_ms);

/* How many entries there are: good, others, and with a question under way. */
struct token_counts {
    size_t n_good, n_other, n_asking;
};
struct token_counts token_cache_count(const struct token_cache *);

#endif /* auth/token-cache.h */
