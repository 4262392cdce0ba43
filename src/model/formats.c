/* SPDX-License-Identifier: Apache-2.0
 *
 * Formats of strings; see formats.h.  Written out, not as regular
 * expressions: the library's would be another dialect than the patterns in
 * the texts, which are Python's.
 */

#include <config.h>
#include "model/formats.h"
#include <ctype.h>
#include <stddef.h>
#include <string.h>

/* True for RFC 3986's relative reference with an absolute path, as Octavia
 * tests it: a second slash would make what follows a host. */
static bool
is_url_path(const char *text)
{
    if (text[0] != '/' || text[1] == '/') {
        return false;
    }
    for (; *text; text++) {
        if (isspace((unsigned char) *text)) {
            return false;
        }
    }
    return true;
}

const struct string_format format_url_path = {
    is_url_path, "Value must be a valid URL Path string"
};

/* Returns what follows the scheme, NULL if it is another one. */
static const char *
url_skip_scheme(const char *text)
{
    static const char *const schemes[] = { "http://", "https://" };

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t length = strlen(schemes[i]);

        if (!strncmp(text, schemes[i], length)) {
            return text + length;
        }
    }
    return NULL;
}

static bool
is_url(const char *text)
{
    const char *host = url_skip_scheme(text);
    size_t length = host ? strcspn(host, "/?#") : 0;

    if (!length || host[0] == ':') {
        return false;
    }
    for (size_t i = 0; host[i]; i++) {
        unsigned char c = host[i];

        if (c <= 0x20 || c == 0x7f || (c >= 0x80 && i < length)) {
            return false;
        }
    }
    return true;
}

const struct string_format format_url = {
    is_url, "Value must be a valid URL string"
};

/* Returns the length of a status code at the start of 'text', or 0. */
static size_t
code_length(const char *text)
{
    return strspn(text, "0123456789") == 3 ? 3 : 0;
}

static bool
is_expected_codes(const char *text)
{
    size_t n = code_length(text);

    if (n && text[n] == '-') {
        text += n + 1;
        n = code_length(text);
        return n && !text[n];
    }
    while (n) {
        text += n;
        if (!*text) {
            return true;
        }
        text += strspn(text, " \t\r\n\f\v");
        if (*text != ',') {
            return false;
        }
        text++;
        text += strspn(text, " \t\r\n\f\v");
        n = code_length(text);
    }
    return false;
}

const struct string_format format_expected_codes = {
    is_expected_codes,
    "Value should match the pattern "
    "^(\\d{3}(\\s*,\\s*\\d{3})*)$|^(\\d{3}-\\d{3})$"
};

/* True for text without blanks, commas, semicolons and backslashes. */
static bool
is_cookie_name(const char *text)
{
    return *text && !text[strcspn(text, " \t\r\n\f\v,;\\")];
}

const struct string_format format_cookie_name = {
    is_cookie_name, "Value should match the pattern ^[^\\s,;\\\\]+$"
};

#define LABEL_MAX 63
#define DOMAIN_NAME_MAX 253     /* Without a final dot. */

/* True for a label: it has no hyphen at its ends, and an underscore only at
 * its start. */
static bool
is_label(const char *text, size_t length)
{
    if (!length || length > LABEL_MAX
        || text[0] == '-' || text[length - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!(isalnum((unsigned char) text[i]) || text[i] == '-'
              || (text[i] == '_' && !i))) {
            return false;
        }
    }
    return true;
}

static bool
is_domain_name(const char *text)
{
    size_t total = strlen(text);

    if (total && text[total - 1] == '.') {
        total--;
    }
    if (!total || total > DOMAIN_NAME_MAX) {
        return false;
    }
    while (*text) {
        size_t length = strcspn(text, ".");

        if (!is_label(text, length)) {
            return false;
        }
        text += length + (text[length] == '.');
    }
    return true;
}

const struct string_format format_domain_name = {
    is_domain_name,
    "Value should match the pattern ^(?=.{1,253}\\.?$)"
    "(?:(?!-|[^.]+_)[A-Za-z0-9-_]{1,63}(?<!-)(?:\\.|$))+$"
};
