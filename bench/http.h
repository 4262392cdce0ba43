/* SPDX-License-Identifier: Apache-2.0
 *
 * A blocking HTTP client with one connection, and the little of JSON that the
 * load generator needs.  Any failure ends the process with a message.
 */

#ifndef BENCH_HTTP_H
#define BENCH_HTTP_H 1

#include <stddef.h>

struct http {
    unsigned int port;          /* Of 127.0.0.1. */
    int fd;                     /* -1: not connected. */
    char *reply;                /* Head and body of the last reply. */
    size_t reply_allocated;
    const char *body;           /* In 'reply', NUL-terminated. */
};

void http_init(struct http *, unsigned int port);

/* Sends a request and reads its reply.  'body' may be NULL.  Returns the
 * status code. */
int http_request(struct http *, const char *method, const char *path,
                 const char *body);

/* Copies the string value of 'name' in the only object of the only object
 * {"thing": {...}} into 'value'.  Ends the process if there is none. */
void json_get_string(const char *json, const char *name, char *value,
                     size_t size);

void die(const char *format, ...)
    __attribute__((noreturn, format(printf, 1, 2)));

#endif /* http.h */
