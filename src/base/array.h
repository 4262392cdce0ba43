/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrays that grow.
 */

#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H 1

#include "util.h"

/* Makes room in ARRAY, of which N elements of ALLOCATED are in use, for one
 * more. */
#define ARRAY_GROW(ARRAY, N, ALLOCATED)                                 \
    do {                                                                \
        if ((N) >= (ALLOCATED)) {                                       \
            (ARRAY) = x2nrealloc(ARRAY, &(ALLOCATED), sizeof *(ARRAY)); \
        }                                                               \
    } while (0)

#endif /* base/array.h */
