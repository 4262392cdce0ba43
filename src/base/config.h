/* SPDX-License-Identifier: Apache-2.0
 *
 * A daemon's settings: a table of options, each with a default, that a file
 * (INI) and then the command line may override.
 */

#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H 1

#include <stdbool.h>
#include <stddef.h>

struct config_option {
    const char *section;
    const char *key;            /* NULL, first of its section: the section is
                                 * another program's, and its keys are not
                                 * checked.  'text', unless NULL, gets their
                                 * names, separated by blanks. */
    char **text;                /* The place for the value: one of the two. */
    bool *flag;
};

/* Reads 'file_name' into the options.  Returns true if all of it was
 * understood.  Otherwise stores in '*errorp' what was not, with the line; the
 * caller frees it.  An unknown section or key is an error, since it is most
 * often a known one with a typing mistake. */
bool config_load(const char *file_name, const struct config_option *,
                 size_t n_options, char **errorp);

/* Sets one option from a text.  Returns false, and touches nothing, if it is
 * a flag and 'value' is neither true nor false. */
bool config_set(const struct config_option *, const char *value);

/* Gives a setting that is still NULL a value.  Takes ownership of 'value',
 * which may be NULL. */
void config_set_default(char **setting, char *value);

#endif /* base/config.h */
