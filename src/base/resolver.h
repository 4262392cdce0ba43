/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses of host names in connection methods ("ssl:ovn-nb.example:6641"),
 * found by c-ares without blocking the poll loop: from /etc/hosts and from the
 * name servers and search domains of /etc/resolv.conf, which are read anew for
 * each question.
 *
 * libopenvswitch asks here, too, where a connection goes: this file has the
 * functions of its resolver.
 *
 * An answer is used for its time (TTL), and is asked for again when that is
 * over, or when none of its servers served.  Addresses of the last good answer
 * stay: a database is not lost because a name server is.
 */

#ifndef BASE_RESOLVER_H
#define BASE_RESOLVER_H 1

#include <stdbool.h>

struct svec;

/* Returns the host name in the connection method 'remote', or NULL if there is
 * none, as in "unix:..." or with an address.  The caller frees it. */
char *resolver_host_of(const char *remote);

enum resolver_state {
    RESOLVER_ASKING,            /* An answer may come any moment. */
    RESOLVER_GOOD,              /* There is an answer in its time. */
    RESOLVER_BAD,               /* There is none: resolver_error(). */
};

/* Says how far the question about 'host' is; asks it, if need be. */
enum resolver_state resolver_ask(const char *host);

/* Returns the addresses of 'host', the latest that are known, or NULL.  Valid
 * until the next resolver_run(). */
const struct svec *resolver_addresses(const char *host);

/* Returns the reason for RESOLVER_BAD.  Valid until the next
 * resolver_run(). */
const char *resolver_error(const char *host);

/* Has 'host' asked about again, before the time of its answer is over: a
 * server that it names did not serve. */
void resolver_doubt(const char *host);

/* Increases when an answer arrives. */
unsigned int resolver_seqno(void);

/* Until resolver_unpin(), connections to 'host' go to 'address', an element of
 * its addresses.  Without that each connection goes to the next one. */
void resolver_pin(const char *host, const char *address);
void resolver_unpin(void);

/* Lets connections to names that are not known yet wait for the answer: for
 * programs that have nothing else to do. */
void resolver_set_blocking(void);

void resolver_run(void);
void resolver_wait(void);

#endif /* base/resolver.h */
