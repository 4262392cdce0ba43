/* SPDX-License-Identifier: Apache-2.0
 *
 * GET and DELETE of /v3/auth/tokens; see identity-token.h.
 */

#include <config.h>
#include "api/identity-token.h"
#include <stdlib.h>
#include <string.h>
#include "api/identity-reply.h"
#include "api/local-auth.h"
#include "api/local-tokens.h"
#include "api/request.h"
#include "auth/caller.h"
#include "auth/local/users.h"
#include "auth/policy.h"
#include "base/limits.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "store/store.h"
#include "store/tokens-stored.h"
#include "util.h"

/* What is done with the token when it is found. */
typedef void subject_handler(struct request *, const struct local_token *);

struct subject {
    struct request *request;
    subject_handler *handle;
    struct commit_op op;
    char *digest;
};

static void
subject_destroy(void *subject_)
{
    struct subject *subject = subject_;

    free(subject->digest);
    free(subject);
}

static bool
subject_may_be_seen(const struct request *request,
                    const struct local_token *token)
{
    return (!strcmp(token->account.user->id, request->caller->user_id)
            || policy_allows(POLICY_ADMIN, request->caller, NULL,
                             request->api->legacy_roles));
}

static void
subject_accept(struct request *request, struct local_token *token)
{
    const struct subject *subject = request->own;

    if (subject_may_be_seen(request, token)) {
        subject->handle(request, token);
    } else {
        identity_fail(request, 403, "You are not authorized to perform the "
                      "requested action.");
    }
    local_token_uninit(token);
}

/* Another copy of the API may have made the token a moment ago. */
enum tokens_answer
identity_find_token(struct request *request, const char *text,
                    void (*wake)(struct request *), struct local_token *ret)
{
    enum tokens_answer answer = local_tokens_look(
        request->api->local, text, &request->subject_doubt, ret);

    if (answer == TOKENS_WAIT) {
        if (!request->wake) {
            request_wait(request, WAIT_COMMIT, wake, AUTH_WAIT_MS);
        } else if (request_is_late(request)) {
            answer = TOKENS_AWAY;
        }
    }
    if (answer != TOKENS_WAIT) {
        request_go_on(request);
    }
    return answer;
}

static void
subject_look(struct request *request)
{
    const char *text = http_request_header(request->http, "X-Subject-Token");
    struct local_token token;

    switch (identity_find_token(request, text, subject_look, &token)) {
    case TOKENS_ACCEPTED:
        subject_accept(request, &token);
        break;
    case TOKENS_REFUSED:
        identity_fail(request, 404, "Could not find token.");
        break;
    case TOKENS_WAIT:
        break;
    case TOKENS_AWAY:
    default:
        identity_fail_for_now(request, 503, 1000,
                              "The Octavia database is unavailable.");
        break;
    }
}

static void
subject_begin(struct request *request, subject_handler *handle)
{
    struct subject *subject = xzalloc(sizeof *subject);

    subject->request = request;
    subject->handle = handle;
    request->own = subject;
    request->destroy_own = subject_destroy;
    subject_look(request);
}

static void
subject_show(struct request *request, const struct local_token *token)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    identity_put_token(&body, request, token);
    http_request_add_header(request->http, "X-Subject-Token",
                            http_request_header(request->http,
                                                "X-Subject-Token"));
    http_request_add_header(request->http, "Vary", "X-Auth-Token");
    http_request_add_header(request->http, "Cache-Control", "no-store");
    request_reply_as(request, 200, &body);
}

void
identity_show_token(struct request *request, const char *id OVS_UNUSED)
{
    subject_begin(request, subject_show);
}

/* --- Revoking ------------------------------------------------------------ */

/* A row that is gone was revoked by another request. */
static bool
subject_remove(struct commit_op *op, struct ovsdb_idl_txn *txn OVS_UNUSED,
               unsigned int attempt OVS_UNUSED)
{
    struct subject *subject = CONTAINER_OF(op, struct subject, op);
    struct request *request = subject->request;

    if (stored_tokens_remove(request->api->local->tokens, subject->digest)) {
        return true;
    }
    request_go_on(request);
    request_reply_as(request, 204, NULL);
    return false;
}

static void
subject_removed(struct commit_op *op, enum commit_result result,
                const char *error OVS_UNUSED)
{
    struct subject *subject = CONTAINER_OF(op, struct subject, op);
    struct request *request = subject->request;

    request_go_on(request);
    if (result == COMMIT_FAILED) {
        identity_fail_for_now(request, 503, 1000,
                              "The Octavia database is unavailable.");
    } else {
        request_reply_as(request, 204, NULL);
    }
}

static void
subject_revoke(struct request *request, const struct local_token *token)
{
    struct subject *subject = request->own;

    subject->digest = xstrdup(token->digest);
    subject->op.apply = subject_remove;
    subject->op.done = subject_removed;
    request_submit(request, &subject->op);
}

void
identity_revoke_token(struct request *request, const char *id OVS_UNUSED)
{
    subject_begin(request, subject_revoke);
}
