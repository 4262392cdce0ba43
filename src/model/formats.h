/* SPDX-License-Identifier: Apache-2.0
 *
 * Strings that are more than any string: what they must look like, for the
 * 'format' column of the field tables.
 */

#ifndef MODEL_FORMATS_H
#define MODEL_FORMATS_H 1

#include <stdbool.h>

struct string_format {
    bool (*is_valid)(const char *);
    const char *why;            /* The end of Octavia's text if it is not. */
};

/* A URL without scheme and host. */
extern const struct string_format format_url_path;

/* A URL with http or https, in lower case, and a host. */
extern const struct string_format format_url;

/* "200", "200, 202" or "200-204". */
extern const struct string_format format_expected_codes;

/* A name of a cookie, roughly. */
extern const struct string_format format_cookie_name;

/* A host's name. */
extern const struct string_format format_domain_name;

#endif /* model/formats.h */
