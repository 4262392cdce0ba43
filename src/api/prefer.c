/* SPDX-License-Identifier: Apache-2.0
 *
 * The header Prefer; see prefer.h.
 */

#include <config.h>
#include "api/prefer.h"
#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define PREFER_BLANKS " \t"

/* Returns what follows a token, or a quoted string. */
static const char *
prefer_skip_word(const char *p)
{
    if (*p != '"') {
        return p + strcspn(p, PREFER_BLANKS ",;=");
    }
    for (p++; *p && *p != '"'; p++) {
        p += p[0] == '\\' && p[1];
    }
    return *p ? p + 1 : p;
}

/* Returns the number that a word is, in quotes or not, else 0. */
static int
prefer_parse_seconds(const char *word, const char *end)
{
    int seconds = 0;

    if (end - word >= 2 && *word == '"') {
        word++;
        end--;
    }
    for (; word < end; word++) {
        if (!isdigit((unsigned char) *word)) {
            return 0;
        }
        seconds = (seconds > INT_MAX / 10 - 1 ? INT_MAX / 10
                   : seconds * 10 + *word - '0');
    }
    return seconds;
}

/* Of several, the first counts. */
int
prefer_read_wait_s(const char *prefer)
{
    const char *p = prefer ? prefer : "";
    bool is_first = true;       /* Not a parameter of a preference. */

    while (*p) {
        const char *name = p += strspn(p, PREFER_BLANKS);
        size_t length = (p = prefer_skip_word(p)) - name;

        p += strspn(p, PREFER_BLANKS);
        if (*p == '=') {
            const char *value = p += 1 + strspn(p + 1, PREFER_BLANKS);

            p = prefer_skip_word(p);
            if (is_first && length == 4 && !strncasecmp(name, "wait", 4)) {
                return prefer_parse_seconds(value, p);
            }
        }
        p += strcspn(p, ",;");
        is_first = *p == ',';
        p += *p != '\0';
    }
    return 0;
}
