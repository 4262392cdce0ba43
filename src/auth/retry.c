/* SPDX-License-Identifier: Apache-2.0
 *
 * Another try, or not; see retry.h.
 */

#include <config.h>
#include "auth/retry.h"
#include <stddef.h>
#include <string.h>
#include "base/limits.h"
#include "http/client.h"
#include "util.h"

bool
method_is_idempotent(const char *method)
{
    return !strcmp(method, "GET") || !strcmp(method, "HEAD")
           || !strcmp(method, "PUT") || !strcmp(method, "DELETE");
}

/* True if the failure may pass by itself. */
static bool
retry_may_help(bool is_idempotent, const struct http_response *response)
{
    switch (response->status) {
    case 0:
        return is_idempotent || !response->was_sent;
    case 429:
        /* Refused before anything was done. */
        return true;
    case 500:
    case 502:
    case 503:
    case 504:
        return is_idempotent;
    default:
        return false;
    }
}

/* Reads Retry-After in seconds; -1 if the server does not say.  The other
 * form, a date, is for browsers. */
static long long int
retry_server_delay_ms(const struct http_response *response)
{
    unsigned int seconds;

    if (!response->retry_after
        || !str_to_uint(response->retry_after, 10, &seconds)) {
        return -1;
    }
    return seconds * 1000LL;
}

int
retry_delay_ms(bool is_idempotent, unsigned int n_attempts,
               const struct http_response *response, uint32_t random)
{
    if (n_attempts >= REST_ATTEMPTS_MAX
        || !retry_may_help(is_idempotent, response)) {
        return -1;
    }

    /* The caller does not wait as long as that. */
    long long int asked_ms = retry_server_delay_ms(response);
    if (asked_ms > REST_RETRY_AFTER_MAX_MS) {
        return -1;
    }

    long long int delay_ms = REST_BACKOFF_MIN_MS;
    for (unsigned int i = 1; i < n_attempts; i++) {
        delay_ms *= 2;
    }
    delay_ms += random % (delay_ms / 2);
    return MAX(delay_ms, asked_ms);
}
