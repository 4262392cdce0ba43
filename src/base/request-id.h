/* SPDX-License-Identifier: Apache-2.0
 *
 * Request ids of OpenStack's services: "req-" and a UUID in lower case.
 */

#ifndef BASE_REQUEST_ID_H
#define BASE_REQUEST_ID_H 1

#include <stdbool.h>

/* Returns true if 's' is one.  NULL is none. */
bool request_id_is_valid(const char *s);

#endif /* base/request-id.h */
