/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a request comes from: which proxy has passed it on, if that is one
 * whose word is taken, from which client, and whether others could read it on
 * its way.
 */

#ifndef API_ORIGIN_H
#define API_ORIGIN_H 1

#include <stdbool.h>

struct request;
struct svec;

/* In a list of proxies: all that come over a unix socket. */
#define ORIGIN_UNIX "unix"

/* Adds the proxies in 'text' (addresses, prefixes and "unix"), separated by
 * commas and blanks.  Returns NULL, or the word that is none of these; the
 * caller frees it. */
char *origin_parse_proxies(const char *text, struct svec *proxies);

/* True if the other end of the connection is a proxy whose word is taken. */
bool origin_is_proxied(const struct request *);

/* Returns the address of the client as text, which the caller frees: behind
 * proxies whose word is taken, what they say of it; "unix" if it came over a
 * unix socket itself.  NULL if the connection is lost. */
char *origin_client(const struct request *);

/* True if only the client, this machine, and proxies whose word is taken could
 * read the request: it came over TLS, or from this machine, or over https to
 * such a proxy.  A secret of a user is safe to take then. */
bool origin_is_secure(const struct request *);

#endif /* api/origin.h */
