/* SPDX-License-Identifier: Apache-2.0
 *
 * What the pipeline asks quotas before it reads a body.
 */

#ifndef API_QUOTAS_H
#define API_QUOTAS_H 1

#include <stdbool.h>

struct request;

/* Checks that the caller may set the quota that the path names.  Sets the
 * request's fault and returns false if not. */
bool quota_may_be_set(struct request *);

#endif /* api/quotas.h */
