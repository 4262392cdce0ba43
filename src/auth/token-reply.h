/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads what Keystone says about a token (the body of GET /v3/auth/tokens), as
 * far as we need it.  Pure.
 */

#ifndef AUTH_TOKEN_REPLY_H
#define AUTH_TOKEN_REPLY_H 1

#include <stdbool.h>

struct caller;
struct json;
struct sset;

struct token_facts {
    struct caller *caller;      /* Owned. */
    long long int expires_ms;   /* Wall clock. */
    bool is_service;            /* Has one of the roles of services. */
};

enum token_reply {
    TOKEN_REPLY_OK,
    TOKEN_REPLY_UNFIT,          /* A token, but not one for us. */
    TOKEN_REPLY_GARBAGE,        /* Not what Keystone says. */
};

/* Sets '*ret' only if the result is TOKEN_REPLY_OK. */
enum token_reply token_reply_parse(const struct json *,
                                   const struct sset *service_roles,
                                   struct token_facts *ret);

#endif /* auth/token-reply.h */
