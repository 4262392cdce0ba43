/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens of users of our own, for all copies of the API, in table Token.  What
 * a token is worth is for the caller to know: here are only rows.
 */

#ifndef STORE_TOKENS_STORED_H
#define STORE_TOKENS_STORED_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ovsdb_idl_txn;
struct store;
struct stored_tokens;

#define STORED_SEAL_LENGTH 32
#define STORED_ORIGIN_LENGTH 32

/* A row.  When read, all is borrowed until the next store_run(). */
struct stored_token {
    const char *digest;         /* SHA-256, 64 hexadecimal digits. */
    const char *user_id;
    const char *project_id;     /* NULL: for none. */
    const char *credential_id;  /* NULL: by the password. */
    const char *seal;           /* STORED_SEAL_LENGTH characters, or more. */
    const char *origin;         /* NULL, or the first STORED_ORIGIN_LENGTH
                                 * digits, or all, of the digest of the token
                                 * from which this one was made. */
    const char **roles;
    size_t n_roles;
    int64_t issued_at;          /* Microseconds since the epoch. */
    int64_t expires_at;
};

/* Call between store_create() and the first store_run(). */
struct stored_tokens *stored_tokens_create(struct store *);
void stored_tokens_destroy(struct stored_tokens *);

/* True if the database has no place for tokens: it was not converted to schema
 * 0.5.0.  False as long as that is unknown. */
bool stored_tokens_are_lacking(const struct stored_tokens *);

/* Returns false if the replica has no such token. */
bool stored_tokens_find(const struct stored_tokens *, const char *digest,
                        struct stored_token *ret);

/* Returns true if there is no origin, or the replica has it: a token is void
 * without the one from which it was made. */
bool stored_tokens_have_origin(const struct stored_tokens *,
                               const struct stored_token *);

/* Writing, within a transaction. */

/* Inserts the token, and removes the user's oldest ones, but not its origin,
 * if there are USER_TOKENS_MAX already. */
void stored_tokens_insert(const struct stored_tokens *,
                          struct ovsdb_idl_txn *,
                          const struct stored_token *);

/* Returns false if there is no such token. */
bool stored_tokens_remove(const struct stored_tokens *, const char *digest);

/* Removes tokens that have expired, at most 'max'.  Returns their number. */
size_t stored_tokens_purge(const struct stored_tokens *, int64_t now_us,
                           size_t max);

/* True if a token has expired.  Costs one look. */
bool stored_tokens_have_expired(const struct stored_tokens *, int64_t now_us);

/* Returns how many there are, for people: counts. */
size_t stored_tokens_count(const struct stored_tokens *);

#endif /* store/tokens-stored.h */
