/* SPDX-License-Identifier: Apache-2.0
 *
 * Tells how the running ovn-northd translates the Northbound database, where
 * its versions differ and neither schema shows it.
 */

#ifndef OVN_DB_NORTHD_H
#define OVN_DB_NORTHD_H 1

#include <stdbool.h>

struct ovsdb_idl;

/* Remembers the answers.  All zeros: nothing is known, all answers are
 * false. */
struct northd {
    unsigned int seqno;         /* The replica's, when it was last read. */
    bool has_central_replies;   /* See northd_has_central_replies(). */
};

/* Call before the first run of 'idl', a replica of the Northbound database. */
void northd_add_columns(struct ovsdb_idl *idl);

/* Reads the version that ovn-northd notes in NB_Global.  Returns true if an
 * answer is another one now. */
bool northd_run(struct northd *, const struct ovsdb_idl *idl);

/* True if ovn-northd of this version ("25.03.1-20.41.0-78.8", NULL: not
 * known) sends what comes from a member's address and port to the outside
 * through the router's gateway chassis, even if the member has a distributed
 * floating IP: the priority-200 flows of lr_in_gw_redirect, which are there
 * since OVN 23.09. */
bool northd_has_central_replies(const char *version);

#endif /* ovn/db/northd.h */
