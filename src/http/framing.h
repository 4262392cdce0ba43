/* SPDX-License-Identifier: Apache-2.0
 *
 * Refuses request heads that two programs could read in two ways.  A proxy and
 * a server that disagree on where a request ends let one client smuggle
 * requests into another's connection (RFC 9112, 11.2).  Pure: the server feeds
 * it the header fields one by one and asks at the end.
 */

#ifndef HTTP_FRAMING_H
#define HTTP_FRAMING_H 1

#include <stdbool.h>
#include <stdint.h>

struct http_framing {
    uint64_t content_length;    /* 0 if there is none. */
    const char *error;          /* The first one found; static storage. */
    unsigned int n_hosts;
    unsigned int n_lengths;
    unsigned int n_encodings;
};

#define HTTP_FRAMING_INITIALIZER { .error = NULL }

/* Takes one header field, as it came; 'value' may be NULL. */
void http_framing_add(struct http_framing *, const char *name,
                      const char *value);

/* Takes the request target before it is decoded, without the query or with
 * it; NULL if there is none. */
void http_framing_add_target(struct http_framing *, const char *target);

/* Returns why the request must be refused, in static storage, or NULL.
 * 'version' is as in the request, "HTTP/1.1". */
const char *http_framing_finish(struct http_framing *, const char *method,
                                const char *version);

#endif /* http/framing.h */
