/* SPDX-License-Identifier: Apache-2.0
 *
 * The address under which clients reach this API: what links begin with.  It
 * is configured, or a proxy that is trusted says it (X-Forwarded-Proto, -Host
 * and -Prefix), or it is what the client has asked.
 */

#ifndef API_OWN_URL_H
#define API_OWN_URL_H 1

#include <stdbool.h>

struct ds;
struct request;

/* Appends the URL of what 'request' asks for, without its arguments. */
void own_url_put(struct ds *, const struct request *);

/* Appends the URL of another path, which begins with "/" or is empty. */
void own_url_put_path(struct ds *, const struct request *, const char *path);

/* True if 'url' is fit for the setting "base_url": http or https, a host, and
 * maybe a path. */
bool own_url_is_base(const char *url);

#endif /* api/own-url.h */
