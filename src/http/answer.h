/* SPDX-License-Identifier: Apache-2.0
 *
 * The answers that a server's clients have not fetched yet, and how many bytes
 * these may be in total.  A large one is read by the library piece by piece,
 * so that it is known which clients fetch theirs, and can be taken back at any
 * time.
 */

#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H 1

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

struct ds;
struct http_request;
struct http_server;

/* Makes the library's response of 'body', which may be NULL and is empty
 * afterwards.  Counts its bytes; gives up other answers if they are too many
 * with it. */
struct MHD_Response *answer_create(struct http_request *, struct ds *body);

/* Releases the answer: it was fetched, or never will be. */
void answer_release(struct http_request *);

#endif /* http/answer.h */
