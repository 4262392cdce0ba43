/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of backends that a VIP has in OVN: which members are in it, and how
 * often, which is how weights work.  Pure.
 */

#ifndef OVN_WANT_BACKENDS_H
#define OVN_WANT_BACKENDS_H 1

#include <stdbool.h>
#include <stddef.h>

struct model_pool;

/* Returns the comma separated list of the pool's backends for a VIP of the
 * given IP version, in order of creation.  "" if the pool has members of that
 * version and none takes new connections: OVN then has the VIP with an empty
 * list, which established connections outlive.  NULL if it has no members of
 * that version: OVN then has no such VIP.  The caller frees it. */
char *backends_format(const struct model_pool *, bool is_ipv6);

/* Returns how often 'backend' is in such a list, which may be NULL. */
size_t backends_count(const char *list, const char *backend);

#endif /* ovn/want/backends.h */
