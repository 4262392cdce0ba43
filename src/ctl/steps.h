/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints the results of a comparison: with the names of switches, routers and
 * ports where there are any, and what is seen beside what is wanted.
 */

#ifndef CTL_STEPS_H
#define CTL_STEPS_H 1

struct comparison;
struct nb;
struct svec;

/* Adds a line for each step, in an order that is always the same.  Only what
 * the driver is free to choose, and has not, is left open. */
void steps_describe(const struct comparison *, struct nb *,
                    struct svec *ret_lines);

#endif /* ctl/steps.h */
