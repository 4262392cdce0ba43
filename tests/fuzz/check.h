/* SPDX-License-Identifier: Apache-2.0
 *
 * What targets check of more than one parser's results.  All abort if it is
 * not so.
 */

#ifndef CHECK_H
#define CHECK_H 1

#include <stddef.h>

struct ds;
struct fault;
struct json;

/* 'text' is JSON that we would read ourselves.  Returns the value, which the
 * caller owns. */
struct json *check_json(const char *text, size_t length);

/* The fault's body is JSON with a text in it; destroys the fault. */
void check_fault(struct fault *);

/* For people and logs: one line of valid UTF-8, and not too long. */
void check_line(const char *text, size_t length_max);

/* The two are the same, or both are NULL. */
void check_same(const char *, const char *);

#endif /* check.h */
