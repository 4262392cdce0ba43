/* SPDX-License-Identifier: Apache-2.0
 *
 * Attributes written out as a body and read back.
 */

#ifndef ATTRS_CHECK_H
#define ATTRS_CHECK_H 1

struct attrs;

/* Aborts if they are not the same. */
void check_attrs_again(const struct attrs *);

#endif /* attrs-check.h */
