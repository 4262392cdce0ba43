/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks that the caller may see the networks, subnets and ports that the body
 * names.  Neutron knows, and is asked with the caller's own token, as Octavia
 * does it: what the caller may not see is as if it were not there.
 */

#ifndef API_VISIBILITY_H
#define API_VISIBILITY_H 1

#include "api/prepare.h"

struct request;
struct visibility;

/* Notes what is to be asked about: 'request' creates objects, and there is
 * a Neutron to ask.  Comes before anything is added to what the user said. */
struct visibility *visibility_create(struct request *request);
void visibility_destroy(struct visibility *);

/* Asks Neutron; to be called again until the result is not PREPARE_WAIT.  Sets
 * the request's fault if it is PREPARE_REFUSED. */
enum prepare_result visibility_check(struct visibility *);

#endif /* api/visibility.h */
