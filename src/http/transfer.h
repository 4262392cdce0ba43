/* SPDX-License-Identifier: Apache-2.0
 *
 * One request and its response, as libcurl's "easy handle": what goes out,
 * what may come in, and what came in.  Only client.c uses this.
 */

#ifndef HTTP_TRANSFER_H
#define HTTP_TRANSFER_H 1

#include <curl/curl.h>
#include <stdbool.h>
#include "http/client.h"

struct transfer;

/* Copies everything but the options of the client, which are borrowed. */
struct transfer *transfer_create(const struct http_client_options *,
                                 const struct http_call_options *);

/* The handle must be in no multi handle any more. */
void transfer_destroy(struct transfer *);

/* Returns the handle to give to libcurl; it is made by the first call of this,
 * and its private pointer is 'aux'. */
CURL *transfer_handle(struct transfer *, void *aux);

/* Stores what came back, borrowed from the transfer.  'result' is
 * libcurl's. */
void transfer_get_response(struct transfer *, CURLcode result,
                           struct http_response *ret);

/* True if the server may have got some of the request. */
bool transfer_was_sent(const struct transfer *);

/* Returns the number of connections that were opened for it. */
unsigned long int transfer_n_connects(const struct transfer *);

#endif /* http/transfer.h */
