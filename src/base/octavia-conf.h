/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads what is useful to us in the octavia.conf of an existing Octavia, so
 * that its operator has nothing to write twice: any option of any section, as
 * oslo.config has them (continued lines, comments, quotes, "$$" for a dollar
 * sign; "$name" is left as it is).
 */

#ifndef BASE_OCTAVIA_CONF_H
#define BASE_OCTAVIA_CONF_H 1

#include <stdbool.h>

struct octavia_conf;

/* Reads a file, or several with commas between them, as if they were one.  A
 * directory stands for its files NAME.conf in the order of their names, as it
 * does for oslo.config.  Returns NULL and sets '*errorp' (the caller frees it)
 * if a file cannot be read or is no INI file; then it names the line. */
struct octavia_conf *octavia_conf_load(const char *paths, char **errorp);
void octavia_conf_destroy(struct octavia_conf *);

/* The value, NULL if there is none.  Of several the last.  Borrowed. */
const char *octavia_conf_get(const struct octavia_conf *, const char *section,
                             const char *key);

/* Returns where the value is, "FILE:LINE: [SECTION] KEY", for people.  There
 * must be one.  The caller frees it. */
char *octavia_conf_place(const struct octavia_conf *, const char *section,
                         const char *key);

/* The value in the first of the sections (ends with NULL) that has one. */
const char *octavia_conf_get_first(const struct octavia_conf *,
                                   const char *const *sections,
                                   const char *key);

/* Calls 'cb' for each key of the section, in no order. */
void octavia_conf_for_each_key(const struct octavia_conf *,
                               const char *section,
                               void (*cb)(const char *key, void *aux),
                               void *aux);

bool octavia_conf_has_section(const struct octavia_conf *,
                              const char *section);

/* oslo.config's words for a boolean.  'fallback' if there is no value, or one
 * that is no boolean. */
bool octavia_conf_get_bool(const struct octavia_conf *, const char *section,
                           const char *key, bool fallback);

#endif /* base/octavia-conf.h */
