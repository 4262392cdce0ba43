/* SPDX-License-Identifier: Apache-2.0
 *
 * The media types that a client sends and accepts; see media-types.h.
 */

#include <config.h>
#include "api/media-types.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

/* Returns the length of the media type at the start of 'text', without
 * parameters. */
static size_t
media_type_length(const char *text)
{
    return strcspn(text, ";," BLANKS);
}

static bool
media_type_is(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && !strncasecmp(text, word, length);
}

/* True if the media range in 'text', which ends at 'end', has quality 0. */
static bool
media_range_is_refused(const char *text, const char *end)
{
    const char *q = strstr(text, "q=");

    return q && q < end && strtod(q + 2, NULL) == 0;
}

bool
accept_names(const char *accept, const char *type)
{
    for (const char *range = accept ? accept : ""; *range; ) {
        range += strspn(range, "," BLANKS);

        const char *end = range + strcspn(range, ",");

        if (media_type_is(range, media_type_length(range), type)
            && !media_range_is_refused(range, end)) {
            return true;
        }
        range = end;
    }
    return false;
}

bool
accept_allows_json(const char *accept)
{
    return (!accept || !accept[strspn(accept, BLANKS)]
            || accept_names(accept, "*/*")
            || accept_names(accept, "application/*")
            || accept_names(accept, "application/json"));
}

bool
content_type_is(const char *content_type, const char *wanted)
{
    if (!content_type) {
        return false;
    }
    content_type += strspn(content_type, BLANKS);
    return media_type_is(content_type, media_type_length(content_type),
                         wanted);
}
