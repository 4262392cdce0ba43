/* SPDX-License-Identifier: Apache-2.0
 *
 * Decides whether a call that failed is worth another try, and when.  Pure.
 */

#ifndef AUTH_RETRY_H
#define AUTH_RETRY_H 1

#include <stdbool.h>
#include <stdint.h>

struct http_response;

/* True if it makes no difference whether 'method' is carried out once or
 * twice. */
bool method_is_idempotent(const char *method);

/* Returns the milliseconds until the next attempt, after 'n_attempts' (at
 * least 1) of which the last one ended with 'response'; -1 if there should be
 * none.  'random' is any number: it spreads the next attempts of many calls
 * that failed together. */
int retry_delay_ms(bool is_idempotent, unsigned int n_attempts,
                   const struct http_response *response, uint32_t random);

#endif /* auth/retry.h */
