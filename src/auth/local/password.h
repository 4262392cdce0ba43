/* SPDX-License-Identifier: Apache-2.0
 *
 * Salted hashes of passwords: libxcrypt's yescrypt.  Making and
 * comparing one takes tens of milliseconds on purpose; a daemon compares by
 * password-pool.h.
 */

#ifndef AUTH_LOCAL_PASSWORD_H
#define AUTH_LOCAL_PASSWORD_H 1

#include <stdbool.h>

/* How much a guess costs: 5 are 16 MiB, and were 69 ms of processor time,
 * measured once, on a busy machine; one more doubles both.  Hashes say which
 * cost they were made with, so another value counts for new passwords. */
#define PASSWORD_COST 5

/* Returns a hash of 'password' with a new salt, which the caller frees.
 * Returns NULL, with errno set, if the system has no random bytes or no
 * yescrypt. */
char *password_hash(const char *password);

/* Returns a text that no password matches, although the comparison takes as
 * long as with a hash: the start of one.  The caller frees it.  Returns NULL
 * as above. */
char *password_make_dummy(void);

/* True if 'hash' is one of 'password'. */
bool password_matches(const char *password, const char *hash);

/* True if 'hash' has the form of what password_hash() returns. */
bool password_hash_is_valid(const char *hash);

/* Returns what is wrong with a new password, NULL if nothing is. */
const char *password_find_fault(const char *password);

#endif /* auth/local/password.h */
