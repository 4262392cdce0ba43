/* SPDX-License-Identifier: Apache-2.0
 *
 * Tells what the schema of the Northbound database allows where OVN's versions
 * differ.  The IDL does not tell: it knows the schema of the OVN that we were
 * compiled with, and of the server's only which tables and columns there are.
 */

#ifndef OVN_DB_NB_SCHEMA_H
#define OVN_DB_NB_SCHEMA_H 1

#include <stdbool.h>

struct nb_schema;

/* Creates a connection of its own to the servers of the Northbound database at
 * 'remote' (OVSDB connection method, or several separated by commas).  Any
 * member of a cluster will do.  Never fails: see nb_schema_is_known(). */
struct nb_schema *nb_schema_create(const char *remote);
void nb_schema_destroy(struct nb_schema *);

/* Returns true if an answer below is another one now. */
bool nb_schema_run(struct nb_schema *);
void nb_schema_wait(const struct nb_schema *);

/* False until a server has told for the first time.  After that, the last that
 * was heard counts while no server can be reached. */
bool nb_schema_is_known(const struct nb_schema *);

/* True if Load_Balancer.selection_fields may hold "ipv6_src" and "ipv6_dst",
 * without which OVN cannot hash IPv6 by address.  False while not known. */
bool nb_schema_has_ipv6_hash(const struct nb_schema *);

#endif /* ovn/db/nb-schema.h */
