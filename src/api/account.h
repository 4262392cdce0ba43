/* SPDX-License-Identifier: Apache-2.0
 *
 * What is noted of each request when it is answered, by whatever part of the
 * program: counts, a line in the access log, and one in the daemon's log if it
 * was slow.
 */

#ifndef API_ACCOUNT_H
#define API_ACCOUNT_H 1

#include <stddef.h>

struct http_request;
struct request;

/* For http_handlers: notes an answer.  'api' is a struct api. */
void account_answer(struct http_request *, int status, size_t bytes,
                    void *api);

/* Notes that the client has left, unless it was answered before. */
void account_gone(const struct request *);

#endif /* api/account.h */
