/* SPDX-License-Identifier: Apache-2.0
 *
 * What the octavia.conf of an existing Octavia says about OVN's databases: the
 * section [ovn], in which the Python OVN provider has its options.
 */

#ifndef DRIVER_OCTAVIA_SETTINGS_H
#define DRIVER_OCTAVIA_SETTINGS_H 1

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

#endif /* driver/octavia-settings.h */
