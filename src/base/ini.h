/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads configuration files of our own: lines of KEY = VALUE (or KEY: VALUE)
 * below lines of [SECTION].  A line may be of any length and be indented.  "#"
 * and ";" begin comments; behind a value " ;" does.  octavia-conf.h is for the
 * files of others.
 */

#ifndef BASE_INI_H
#define BASE_INI_H 1

struct ini_line {
    unsigned int number;
    const char *problem;        /* NULL, or why the rest is NULL. */
    const char *section;
    const char *key;
    const char *value;
};

/* Calls 'cb' for each line that sets a key, and for each that is wrong.
 * Returns 0, or a positive errno value if the file cannot be read. */
int ini_read(const char *file_name,
             void (*cb)(const struct ini_line *, void *aux), void *aux);

#endif /* base/ini.h */
