/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection of an IDL to a database that several servers may serve:
 * which of them is tried next, when, and how long one may be silent.
 *
 * libopenvswitch's own sessions can do that, too, but wait 1, 2, 4 and then 8
 * seconds between servers, whatever they said.  A follower that says "I do not
 * lead" while its cluster elects costs as much as one that is dead, and the
 * loss of a leader 15 seconds.  Here every attempt is a session of one server,
 * and this file decides what follows.
 */

#ifndef BASE_DB_LINK_H
#define BASE_DB_LINK_H 1

#include <stdbool.h>

struct db_link;
struct ovsdb_idl;

/* A link for 'idl', which must be unconnected, and which the caller destroys
 * before or after.  'remote' is one OVSDB connection method or several,
 * separated by commas; 'name' is the database's, for the log. */
struct db_link *db_link_create(struct ovsdb_idl *idl, const char *name,
                               const char *remote);
void db_link_destroy(struct db_link *);

/* Another IDL takes the place of the one before, which may be gone. */
void db_link_set_idl(struct db_link *, struct ovsdb_idl *);

/* Runs the IDL. */
void db_link_run(struct db_link *);
void db_link_wait(struct db_link *);

/* True while the IDL is connected to a server that serves (and leads, if the
 * IDL asks for that), and holds all that this server knew when it answered.
 * ovsdb_idl_is_connected() alone is true while a server is still asked who it
 * is, and then a lock may be had from one that does not lead. */
bool db_link_is_ready(const struct db_link *);

/* True if the link is not ready, but was so a moment ago, so that it pays to
 * wait (until DATABASE_WAIT_MS have passed). */
bool db_link_is_expected(const struct db_link *);

/* Adds metrics about all links of the process. */
void db_link_add_metrics(void);

/* Fixes the time of silence after which a server is probed, and after which it
 * is given up if that is not answered; 0 probes never.  Without this call it
 * is DATABASE_PROBE_MS, and longer for servers that need longer. */
void db_link_set_probe_interval(struct db_link *, int ms);

#endif /* base/db-link.h */
