/* SPDX-License-Identifier: Apache-2.0
 *
 * Declarations shared by the files that read Northbound rows back; see
 * adopt.h.  adopt.c reads what concerns the load balancer as a whole, and
 * calls the others in the order of their declarations here.
 */

#ifndef OVN_ADOPT_ADOPT_PRIVATE_H
#define OVN_ADOPT_ADOPT_PRIVATE_H 1

#include "model/objects.h"
#include "ovn/adopt/adopt.h"
#include "uuidset.h"

struct svec;

struct adopter {
    const struct topology *topology;
    struct adopt_problems *problems;
    struct model_lb *lb;        /* In the making. */
    const struct adopt_row **pool_rows; /* The row of each of its pools. */
    struct uuidset ids;         /* Ids of all objects so far. */
    struct uuidset unknown_subnets;     /* Already reported. */
};

/* Adds a problem.  Texts out of the database may be quoted: what is not
 * printable in them is replaced. */
void adopt_problem(struct adopter *, enum adopt_severity, const char *, ...)
    OVS_PRINTF_FORMAT(3, 4);

/* Fills 'base' with an object that is as it was asked for.  Returns false, and
 * adds a problem, if there is one with that id already. */
bool adopt_base(struct adopter *, struct model_base *, const struct uuid *id,
                bool is_up, const char *kind);

/* A decimal number from 'min' to 'max', and nothing else. */
bool adopt_parse_number(const char *, int min, int max, int *ret);

/* The parts between the commas of 'list', which may be NULL.  The caller
 * destroys 'ret'. */
void adopt_split(const char *list, struct svec *ret);

/* A UUID that is not zero. */
bool adopt_parse_uuid(const char *, struct uuid *ret);

/* adopt-objects.c: listeners, and pools with their members.  A listener can
 * only name pools that have been read before. */
void adopt_pools(struct adopter *, const struct adopt_row *,
                 enum l4_protocol);
void adopt_listeners(struct adopter *, const struct adopt_row *,
                     enum l4_protocol);

/* adopt-monitors.c. */
void adopt_monitors(struct adopter *, const struct adopt_row *);

/* adopt-vips.c: what 'vips' tells beyond what the other columns do. */
void adopt_weights(struct adopter *);
void adopt_check_vips(struct adopter *, const struct adopt_row *,
                      enum l4_protocol);

#endif /* ovn/adopt/adopt-private.h */
