/* SPDX-License-Identifier: Apache-2.0
 *
 * Load balancers that change at random, for tests.
 */

#ifndef RANDOM_TREE_H
#define RANDOM_TREE_H 1

#include <stdbool.h>

struct model_lb;

struct random_tree {
    struct model_lb *lb;
    unsigned int last_name;     /* Of the objects made so far. */
};

/* True once in 'n' times. */
bool one_in(unsigned int n);

/* A load balancer, B'number', with one to three VIPs in the subnets S1 to S5
 * and F1 to F5, the first ending in 'number'; see name_network().  Its members
 * live there, too, and end in 11 to 13.  Half of its ports are its own. */
void random_tree_init(struct random_tree *, unsigned int number);
void random_tree_uninit(struct random_tree *);

/* One thing more, less, or different.  Ends the load balancer's life seldom,
 * by marking it for deletion. */
void random_tree_change(struct random_tree *);

#endif /* random-tree.h */
