/* SPDX-License-Identifier: Apache-2.0
 *
 * Small damage to an input, the same each time, for a replay that has no
 * fuzzer and little time.
 */

#ifndef MUTATE_H
#define MUTATE_H 1

#include <stddef.h>
#include <stdint.h>

struct ds;

/* Never longer than this. */
#define MUTANT_BYTES_MAX 16384

/* Damages 'input' in one to four places.  'other' is another good input, of
 * which parts may be taken.  '*state', not zero, decides, and changes. */
void mutate(struct ds *input, const struct ds *other, uint32_t *state);

#endif /* mutate.h */
