/* SPDX-License-Identifier: Apache-2.0
 *
 * The media types that a client sends and accepts, as its headers say.
 */

#ifndef API_MEDIA_TYPES_H
#define API_MEDIA_TYPES_H 1

#include <stdbool.h>

/* True if an Accept header (NULL: none) leaves room for application/json. */
bool accept_allows_json(const char *accept);

/* True if it names 'type', and does not exclude it.  A wildcard names
 * nothing. */
bool accept_names(const char *accept, const char *type);

/* True if a Content-Type header is of the media type 'wanted', whatever its
 * parameters. */
bool content_type_is(const char *content_type, const char *wanted);

#endif /* api/media-types.h */
