/* SPDX-License-Identifier: Apache-2.0
 *
 * A program's settings: a table of options, each with a default, that a file
 * (see ini.h) and then the command line may override.  Keeps where each value
 * came from, and all that is wrong, so that one run tells everything.
 */

#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/compiler.h"
#include "svec.h"

struct config_option {
    const char *section;
    const char *key;            /* NULL, first of its section: the section is
                                 * another program's, and its keys are not
                                 * checked.  'text', unless NULL, gets their
                                 * names, separated by blanks. */
    char **text;                /* The place for the value: one of the two. */
    bool *flag;
};

struct config {
    const struct config_option *options;    /* Borrowed. */
    size_t n_options;
    char **origins;             /* Of each option, for people: what comes
                                 * before " = VALUE".  NULL: a default. */
    struct svec faults;         /* Sentences, each with its place. */
};

void config_init(struct config *, const struct config_option *,
                 size_t n_options);
void config_uninit(struct config *);

/* Reads 'file_name' into the options.  What is not understood becomes a fault
 * with its line.  An unknown section or key is one, since it is most often a
 * known one with a typing mistake.  An empty value leaves an option without
 * default unset. */
void config_load(struct config *, const char *file_name);

/* Sets the option with index 'i' from a text.  Returns false, and touches
 * nothing, if it is a flag and 'value' is neither true nor false.  Takes
 * ownership of 'origin'. */
bool config_set(struct config *, size_t i, const char *value, char *origin);

/* Notes that the value of 'setting', the place in the option, came from
 * 'origin', which this takes ownership of. */
void config_set_origin(struct config *, const void *setting, char *origin);

/* Adds a fault of the value of 'setting': "FILE:LINE: [SECTION] KEY = VALUE: "
 * and then the text, which says what is allowed. */
void config_fault(struct config *, const void *setting, const char *format,
                  ...) OVS_PRINTF_FORMAT(3, 4);

/* Adds a fault of no single option.  Takes ownership of 'text'. */
void config_fault_nocopy(struct config *, char *text);

/* For a setting of two words: returns true if it is 'yes'.  It is a fault if
 * it is not 'no', either. */
bool config_choose(struct config *, char *const *setting, const char *yes,
                   const char *no);

/* Checks that the setting is an OVSDB connection method, or several separated
 * by commas. */
void config_check_remote(struct config *, char *const *setting);

/* Gives a setting that is still NULL a value.  Takes ownership of 'value',
 * which may be NULL. */
void config_set_default(char **setting, char *value);

/* Prints all settings to stdout in the form of a file.  Secrets are not
 * shown. */
void config_print(const struct config *);

#endif /* base/config.h */
