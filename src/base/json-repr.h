/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON values as Python prints them.  Octavia quotes rejected values that way
 * in its texts, and clients compare texts.
 */

#ifndef BASE_JSON_REPR_H
#define BASE_JSON_REPR_H 1

struct ds;
struct json;

/* Python's repr(): a string in quotes.  NULL is None. */
void json_repr(const struct json *, struct ds *);

/* Python's str(): a string as it is, all else as repr(). */
void json_str(const struct json *, struct ds *);

#endif /* base/json-repr.h */
