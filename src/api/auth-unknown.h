/* SPDX-License-Identifier: Apache-2.0
 *
 * Options of [keystone_authtoken] that we do not use, and that do not exist.
 * keystonemiddleware takes no notice of either.  But the first are there
 * because they mean something to others, and the second are misspelt.
 */

#ifndef API_AUTH_UNKNOWN_H
#define API_AUTH_UNKNOWN_H 1

#include <stdbool.h>

/* True if keystonemiddleware, or keystoneauth, has an option of that name that
 * means nothing to us. */
bool auth_option_is_foreign(const char *name);

#endif /* api/auth-unknown.h */
