/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings about OVN's databases in the octavia.conf of an existing Octavia:
 * the section [ovn], in which the Python OVN provider has its options.
 */

#ifndef BASE_OCTAVIA_SETTINGS_H
#define BASE_OCTAVIA_SETTINGS_H 1

#include <stdbool.h>

struct octavia_conf;

/* The connection methods in option 'key', separated by commas, or NULL if it
 * is not there.  The caller frees it. */
char *octavia_settings_remote(const struct octavia_conf *, const char *key);

/* Stores ovsdb_probe_interval in '*ret_ms', -1 if it is not there.  Returns
 * false, and says in '*errorp' why, if it makes no sense. */
bool octavia_settings_probe_interval(const struct octavia_conf *, int *ret_ms,
                                     char **errorp);

/* Files for TLS.  Each is "" if it is not there; borrowed. */
struct octavia_tls {
    const char *private_key;
    const char *certificate;
    const char *ca_cert;
};

/* Stores the files for both databases in '*ret'.  Returns false, and says in
 * '*errorp' why, if they have different ones: a process has one identity. */
bool octavia_settings_tls(const struct octavia_conf *, struct octavia_tls *ret,
                          char **errorp);

/* Connects by TLS as the file says, unless the command line has said how:
 * TLS's settings are those of the process.  Returns false as
 * octavia_settings_tls() does. */
bool octavia_settings_use_tls(const struct octavia_conf *, char **errorp);

#endif /* base/octavia-settings.h */
