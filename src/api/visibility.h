/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether the caller may see the networks, subnets and ports that he names.
 * Neutron knows, and is asked with the caller's own token, as Octavia does it:
 * what is not for him is as if it were not there.
 */

#ifndef API_VISIBILITY_H
#define API_VISIBILITY_H 1

#include "api/write.h"

struct request;
struct sight;

/* May be called again and again until the result is not PREPARE_WAIT.  The
 * first call has to come before anything is added to what the caller said.
 * Without anybody to ask, everything is ready at once. */
enum prepare_result sight_check(struct request *);
void sight_destroy(struct sight *);

#endif /* api/visibility.h */
