/* SPDX-License-Identifier: Apache-2.0
 *
 * What a client sends and wants, as said in its headers.
 */

#ifndef API_MEDIA_TYPES_H
#define API_MEDIA_TYPES_H 1

#include <stdbool.h>

/* Whether an Accept header (NULL: none) leaves room for application/json. */
bool accept_allows_json(const char *accept);

/* Whether a Content-Type header is of the media type 'wanted', whatever its
 * parameters. */
bool content_type_is(const char *content_type, const char *wanted);

#endif /* api/media-types.h */
