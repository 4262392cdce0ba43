/* SPDX-License-Identifier: Apache-2.0
 *
 * The settings of section [quotas]: the limits of projects that have none of
 * their own, under Octavia's names.
 */

#ifndef API_QUOTA_OPTIONS_H
#define API_QUOTA_OPTIONS_H 1

#include <stddef.h>
#include "model/quota.h"

struct config;
struct daemon_option;

struct quota_options {
    char *texts[N_QUOTA_KINDS]; /* As given, or NULL. */
    struct quota_limits limits;
};

/* Adds N_QUOTA_KINDS options to a table for daemon_options_parse(), which has
 * 'n'.  Returns the number that it has then. */
size_t quota_options_add(struct quota_options *, struct daemon_option *table,
                         size_t n);

/* After parsing.  What is wrong becomes a fault. */
void quota_options_finish(struct quota_options *, struct config *);
void quota_options_destroy(struct quota_options *);

#endif /* api/quota-options.h */
