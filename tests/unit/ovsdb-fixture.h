/* SPDX-License-Identifier: Apache-2.0
 *
 * A real ovsdb-server for a unit test: its own process, a database file and a
 * socket in a directory of its own, all gone when the test is.  Works with any
 * schema.  What cannot be done fails the test.
 */

#ifndef OVSDB_FIXTURE_H
#define OVSDB_FIXTURE_H 1

#include <stdbool.h>

struct json;
struct ovsdb_fixture;

/* Where OVN's Northbound schema is: $OVN_NB_SCHEMA, or where the packages
 * install it. */
const char *ovsdb_fixture_nb_schema(void);

/* The same for the Southbound one, and $OVN_SB_SCHEMA. */
const char *ovsdb_fixture_sb_schema(void);

/* Creates an empty database with the schema in 'schema_file', as a cluster of
 * one server if 'is_clustered', and starts a server for it.  A server without
 * a cluster has no history: a client that reconnects to it loads everything
 * anew.  The programs are those in $PATH. */
struct ovsdb_fixture *ovsdb_fixture_create(const char *schema_file,
                                           bool is_clustered);
void ovsdb_fixture_destroy(struct ovsdb_fixture *);

/* For ovsdb_idl_create(): "unix:...". */
const char *ovsdb_fixture_remote(const struct ovsdb_fixture *);
const char *ovsdb_fixture_directory(const struct ovsdb_fixture *);

/* Stops the server, and starts it again on the same database. */
void ovsdb_fixture_stop(struct ovsdb_fixture *);
void ovsdb_fixture_start(struct ovsdb_fixture *);

/* Commits one transaction.  'ops' are JSON objects, separated by commas; a
 * single quote stands for a double one: "{'op':'comment','comment':'x'}".
 * Returns the server's results, an array with an object for each operation;
 * the caller frees it.  try_transact() returns NULL if the server refuses,
 * transact() fails the test. */
struct json *ovsdb_fixture_transact(struct ovsdb_fixture *, const char *ops);
struct json *ovsdb_fixture_try_transact(struct ovsdb_fixture *,
                                        const char *ops);

/* Commits one transaction while the server of a database without cluster is
 * stopped. */
void ovsdb_fixture_transact_offline(struct ovsdb_fixture *, const char *ops);

/* Converts the database to the schema that it has: every monitor of it is
 * cancelled, over connections that stay. */
void ovsdb_fixture_convert(struct ovsdb_fixture *);

/* Calls 'run' until it returns true, and between the calls sleeps until
 * something happens that 'wait' waits for.  Fails the test, saying 'what' was
 * awaited, after 10 seconds. */
void ovsdb_fixture_wait_until(bool (*run)(void *aux), void (*wait)(void *aux),
                              void *aux, const char *what);

#endif /* ovsdb-fixture.h */
