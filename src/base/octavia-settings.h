/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings about OVN's databases in the octavia.conf of an existing Octavia:
 * the section [ovn], in which the Python OVN provider has its options.
 */

#ifndef BASE_OCTAVIA_SETTINGS_H
#define BASE_OCTAVIA_SETTINGS_H 1

#include <stdbool.h>
#include "base/tls.h"

struct octavia_conf;

/* The connection methods in option 'key', separated by commas, or NULL if it
 * is not there.  The caller frees it. */
char *octavia_settings_remote(const struct octavia_conf *, const char *key);

/* Stores ovsdb_probe_interval in '*ret_ms', -1 if it is not there.  Returns
 * false, and says in '*errorp' why, if it makes no sense. */
bool octavia_settings_probe_interval(const struct octavia_conf *, int *ret_ms,
                                     char **errorp);

/* Stores the files for TLS with each of the databases, those of the other one
 * where there is no option.  Borrowed.  Returns false, and says in '*errorp'
 * why, if they cannot be right. */
bool octavia_settings_tls(const struct octavia_conf *, struct tls_files *nb,
                          struct tls_files *sb, char **errorp);

/* Connects by TLS as the file says, unless the command line has said how; a
 * database that is not OVN's is connected to as the Northbound one is.
 * Returns false as octavia_settings_tls() does. */
bool octavia_settings_use_tls(const struct octavia_conf *, char **errorp);

#endif /* base/octavia-settings.h */
