/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON straight into a buffer.  A list of a thousand objects is written
 * without any tree in between and without printf.
 */

#ifndef BASE_JSON_WRITE_H
#define BASE_JSON_WRITE_H 1

#include <stddef.h>
#include <stdint.h>

struct ds;
struct uuid;

/* A string with its quotes.  'text' is written as it is but for what JSON
 * demands to be escaped, and for bytes that are no UTF-8, each of which
 * becomes U+FFFD. */
void json_put_string(struct ds *, const char *text, size_t length);
void json_put_integer(struct ds *, int64_t);

/* Quoted. */
void json_put_uuid(struct ds *, const struct uuid *);

/* Quoted, "2026-11-22T14:01:54", from microseconds since the epoch. */
void json_put_time(struct ds *, int64_t epoch_us);

#endif /* base/json-write.h */
