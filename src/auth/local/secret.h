/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts that must not be seen: making, comparing and forgetting them.
 */

#ifndef AUTH_LOCAL_SECRET_H
#define AUTH_LOCAL_SECRET_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json;

/* Characters of what secret_create() returns. */
#define SECRET_LENGTH 64

/* Returns 32 random bytes as hexadecimal digits.  The caller frees it by
 * secret_free(). */
char *secret_create(void);

/* Wipes the text, which may be NULL, and frees it. */
void secret_free(char *);

/* Wipes every string in 'json', which may be NULL, and destroys it. */
void secret_json_destroy(struct json *);

/* True if both are equal.  Takes the same time wherever they differ. */
bool secret_equals(const char *, const char *);

/* What is kept of a secret that is random itself: its SHA-256. */
struct secret_digest {
    uint8_t bytes[32];
};

struct secret_digest secret_digest_make(const char *text);

/* Returns the digest as hexadecimal digits, which the caller frees. */
char *secret_digest_format(const struct secret_digest *);

#endif /* auth/local/secret.h */
