/* SPDX-License-Identifier: Apache-2.0
 *
 * The access log: one line for each request, in a file of its own.  Nothing
 * that a client sends can break a line: what is not plain is %-encoded, and
 * the values of arguments that look like secrets are left out.
 *
 * As text, with "-" for what is not known:
 *
 *   TIME ID CLIENTS-ID ADDRESS PROJECT USER METHOD PATH STATUS BYTES MS
 *
 * As JSON, the same is an object (docs/logs.md).
 */

#ifndef API_ACCESS_LOG_H
#define API_ACCESS_LOG_H 1

#include <stdbool.h>
#include <stddef.h>

struct access_log;
struct ds;
struct http_request;
struct request;

/* Instead of a path: no access log. */
#define ACCESS_LOG_NONE "none"

/* Returns NULL if 'path' is ACCESS_LOG_NONE.  Ends the process with a message
 * if the file cannot be opened. */
struct access_log *access_log_open(const char *path, bool is_json);
void access_log_close(struct access_log *);

/* Adds the line of a request that is answered now; 'status' is 0 if its client
 * has left before.  'bytes' are those of the answer's body.  The log may be
 * NULL. */
void access_log_note(struct access_log *, const struct request *, int status,
                     size_t bytes);

/* Writes the lines.  Call once in each turn, after all that answers. */
void access_log_run(struct access_log *);

/* Adds method, path and arguments as they are in a line. */
void access_log_put_call(struct ds *, const struct http_request *);

#endif /* api/access-log.h */
