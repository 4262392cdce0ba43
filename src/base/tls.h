/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and certificates by database.  libopenvswitch has one set of them for
 * the process, which counts when a connection is opened and while its server's
 * certificate is checked; an established connection keeps what it has.  So
 * each database sets its own before its connection's turn, and only then is a
 * server accepted with a certificate of that database's authority.
 *
 * Without tls_set(), the command line's files serve all, and nothing here does
 * anything.
 */

#ifndef BASE_TLS_H
#define BASE_TLS_H 1

/* Names of files.  "": not given. */
struct tls_files {
    const char *private_key;
    const char *certificate;
    const char *ca_cert;
};

/* Connections to 'database' use these files from now on; those to databases
 * that were not named use the ones of the first call. */
void tls_set(const char *database, const struct tls_files *);

/* The next turn is that of a connection to 'database' that is not established
 * yet. */
void tls_use(const char *database);

#endif /* base/tls.h */
