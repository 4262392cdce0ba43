/* SPDX-License-Identifier: Apache-2.0
 *
 * The health check that proxies in front of the API ask for: as Octavia's,
 * with its check of the database.
 */

#ifndef API_HEALTHCHECK_H
#define API_HEALTHCHECK_H 1

#include <stdbool.h>

struct request;

/* True if the request is for the health check, by its whole path. */
bool healthcheck_is_asked(const struct request *);

/* Ends the request. */
void healthcheck_answer(struct request *);

#endif /* api/healthcheck.h */
