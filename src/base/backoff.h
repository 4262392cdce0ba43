/* SPDX-License-Identifier: Apache-2.0
 *
 * The pause before another try, which doubles from failure to failure.
 */

#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H 1

#include "util.h"

/* Returns the pause after 'n_failures' in a row, of which there is at least
 * one. */
static inline long long int
backoff_pause_ms(long long int min_ms, long long int max_ms,
                 unsigned int n_failures)
{
    long long int ms = min_ms;

    for (unsigned int i = 1; i < n_failures && ms < max_ms; i++) {
        ms *= 2;
    }
    return MIN(ms, max_ms);
}

#endif /* base/backoff.h */
