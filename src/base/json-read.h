/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON from people we do not trust.  Stands before the JSON parser of Open
 * vSwitch, which lets invalid UTF-8 pass, nests 1,000 levels deep, and of
 * several members with the same name silently takes the last.
 */

#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H 1

#include <stdbool.h>
#include <stddef.h>

struct json;

/* Returns the value in 'text', or NULL if that is not valid UTF-8 or would not
 * be so without escapes ("\udc00"), is not JSON, nested deeper than
 * JSON_DEPTH_MAX, or has an object with two members of the same name.  The
 * caller owns the result. */
struct json *json_read(const char *text, size_t length);

/* True if some object in 'text' has more than JSON_MEMBERS_MAX members.  To be
 * asked before json_read() if the text's author may have chosen keys that
 * collide. */
bool json_is_wide(const char *text, size_t length);

bool utf8_is_valid(const char *text, size_t length);

/* The bytes of the character at the start of 'text', which has 'length' bytes;
 * 0 if there is none that is valid. */
size_t utf8_char_bytes(const char *text, size_t length);

/* Looking into it. */

/* The member 'name', NULL if 'json' is NULL or no object, or has none. */
const struct json *json_member(const struct json *, const char *name);

/* The member 'name' if it is a string, else NULL. */
const char *json_member_string(const struct json *, const char *name);

#endif /* base/json-read.h */
