/* SPDX-License-Identifier: Apache-2.0
 *
 * The pairing of a load balancer's rows, wanted and seen, that makes the least
 * change.  Pure.
 */

#ifndef OVN_ROWS_ROW_MATCH_H
#define OVN_ROWS_ROW_MATCH_H 1

#include <stdbool.h>

struct lb_row;
struct ovn_lb;

/* Stores in 'match', for each row of 'want', the row of 'seen' that it
 * continues, and sets the element of 'used' for that one.  Both arrays come
 * zeroed, one element for each row of 'want' and 'seen'. */
void match_rows(const struct ovn_lb *want, const struct ovn_lb *seen,
                const struct lb_row **match, bool *used);

#endif /* ovn/rows/row-match.h */
