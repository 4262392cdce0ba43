/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the messages in the bodies of answers of OpenStack's services.  Pure.
 */

#ifndef AUTH_REST_TEXT_H
#define AUTH_REST_TEXT_H 1

#include <stdbool.h>

struct json;

/* Returns what went wrong, for people: the message in the body of an answer
 * that is not 2xx, one line, not too long; the number of the status if there
 * is none, or if it repeats one of 'secrets' (ends with NULL; may hold empty
 * strings).  The caller frees it. */
char *rest_error_text(int status, const struct json *,
                      const char *const *secrets);

#endif /* auth/rest-text.h */
