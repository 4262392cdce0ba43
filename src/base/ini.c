/* SPDX-License-Identifier: Apache-2.0
 *
 * Configuration files; see ini.h.
 */

#include <config.h>
#include "base/ini.h"
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "util.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static char *
ini_trim(char *s)
{
    size_t n;

    s += strspn(s, " \t\r\n\f\v");
    n = strlen(s);
    while (n && isspace((unsigned char) s[n - 1])) {
        n--;
    }
    s[n] = '\0';
    return s;
}

/* Cuts off a comment behind a value: ";" after a blank. */
static void
ini_cut_comment(char *value)
{
    for (char *p = value; *p; p++) {
        if (*p == ';' && (p == value || isspace((unsigned char) p[-1]))) {
            *p = '\0';
            return;
        }
    }
}

/* Returns true if the line sets a key, or is wrong. */
static bool
ini_parse_line(char *text, char **sectionp, struct ini_line *line)
{
    char *end;

    text = ini_trim(text);
    if (!*text || *text == '#' || *text == ';') {
        return false;
    }
    if (*text == '[') {
        end = strchr(text, ']');
        if (!end) {
            line->problem = "\"]\" is missing";
            return true;
        }
        *end = '\0';
        free(*sectionp);
        *sectionp = xstrdup(ini_trim(text + 1));
        return false;
    }
    end = strpbrk(text, "=:");
    if (!end || end == text) {
        line->problem = "not KEY = VALUE";
    } else if (!*sectionp) {
        line->problem = "a key before the first [SECTION]";
    } else {
        *end = '\0';
        ini_cut_comment(end + 1);
        line->section = *sectionp;
        line->key = ini_trim(text);
        line->value = ini_trim(end + 1);
    }
    return true;
}

int
ini_read(const char *file_name,
         void (*cb)(const struct ini_line *, void *aux), void *aux)
{
    FILE *stream = fopen(file_name, "r");
    unsigned int number = 0;
    char *section = NULL;
    char *text = NULL;
    size_t allocated = 0;
    int error;

    if (!stream) {
        return errno;
    }
    errno = 0;
    while (getline(&text, &allocated, stream) >= 0) {
        struct ini_line line = { .number = ++number };
        bool has_mark = number == 1 && !strncmp(text, BYTE_ORDER_MARK, 3);

        if (ini_parse_line(has_mark ? text + 3 : text, &section, &line)) {
            cb(&line, aux);
        }
        errno = 0;
    }
    error = ferror(stream) ? (errno ? errno : EIO) : 0;
    fclose(stream);
    free(section);
    free(text);
    return error;
}
