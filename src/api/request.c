/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a request; see request.h.
 */

#include <config.h>
#include "api/request.h"
#include "api/local-tokens.h"
#include "auth/caller.h"
#include "auth/tokens.h"
#include "base/request-id.h"
#include "http/server.h"
#include "net/net.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "store/store.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

struct request *
request_create(struct api *api, struct http_request *http)
{
    struct request *request = xzalloc(sizeof *request);

    request->api = api;
    request->http = http;
    request->id = *http_request_id(http);
    request->arrived_us = http_request_arrived_us(http);
    api->n_requests++;
    return request;
}

void
request_destroy(struct request *request)
{
    request_go_on(request);
    request->api->n_ended++;
    if (request->destroy_write) {
        request->destroy_write(request->write);
    }
    if (request->destroy_own) {
        request->destroy_own(request->own);
    }
    caller_unref(request->caller);
    query_uninit(&request->query);
    attrs_destroy(request->attrs);
    fault_destroy(request->fault);
    free(request->path.text);
    free(request);
}

const char *
request_global_id(const struct request *request)
{
    const char *id = http_request_header(request->http,
                                         "X-Openstack-Request-Id");

    return request_id_is_valid(id) ? id : NULL;
}

void
request_comment(const struct request *request)
{
    const char *global_id = request_global_id(request);

    store_comment_request(request->api->store, &request->id, global_id,
                          "%s %s", request->route->method,
                          request->route->path);
}

void
request_wait(struct request *request, enum wait_for what, request_waker *wake,
             long long int timeout_ms)
{
    waits_begin(&request->waits, what);
    if (!request->wake) {
        ovs_list_push_back(&request->api->waiting, &request->node);
        request->api->n_waiting++;
    }
    request->wake = wake;
    request->deadline_ms = time_msec() + timeout_ms;
}

void
request_go_on(struct request *request)
{
    if (request->is_unknown) {
        request->is_unknown = false;
        request->api->n_unknown--;
    }
    if (request->wake) {
        ovs_list_remove(&request->node);
        request->api->n_waiting--;
        request->wake = NULL;
        waits_end(&request->waits);
    }
}

bool
request_is_late(const struct request *request)
{
    return time_msec() >= request->deadline_ms;
}

/* Gives up waiting for a database that does not come back. */
static void
request_watch(struct request *request)
{
    if (!request_is_late(request)) {
        return;
    }
    if (store_withdraw(request->api->store, request->submitted)) {
        request_fail_with(request, FAULT_DATABASE_DOWN);
    } else {
        /* In flight: an answer comes, or a lost connection queues it again. */
        request_wait(request, WAIT_COMMIT, request_watch, 1000);
    }
}

void
request_submit(struct request *request, struct commit_op *op)
{
    request->submitted = op;
    request_wait(request, WAIT_COMMIT, request_watch, REQUEST_WAIT_MS);
    store_submit(request->api->store, op);
}

static unsigned int
requests_tokens_seqno(const struct api *api)
{
    return (api->tokens ? tokens_seqno(api->tokens)
            : api->local ? local_tokens_seqno(api->local) : 0);
}

/* Returns what changes without any news. */
static unsigned int
requests_expectations(const struct api *api)
{
    return (store_is_expected(api->store) ? 1 : 0)
           | (net_is_expected(api->net) ? 2 : 0);
}

void
requests_run(struct api *api)
{
    unsigned int expected_now = requests_expectations(api);
    unsigned int store_now = store_seqno(api->store);
    unsigned int net_now = net_seqno(api->net);
    unsigned int tokens_now = requests_tokens_seqno(api);
    bool is_changed = (store_now != api->store_seqno
                       || net_now != api->net_seqno
                       || tokens_now != api->tokens_seqno
                       || expected_now != api->expectations
                       || api->has_answers);
    struct request *request;

    api->store_seqno = store_now;
    api->net_seqno = net_now;
    api->tokens_seqno = tokens_now;
    api->expectations = expected_now;
    api->has_answers = false;
    LIST_FOR_EACH_SAFE (request, node, &api->waiting) {
        if (is_changed || request_is_late(request)) {
            request->wake(request);
        }
    }
}

void
requests_wait(struct api *api)
{
    const struct request *request;

    LIST_FOR_EACH (request, node, &api->waiting) {
        poll_timer_wait_until(request->deadline_ms);
    }
    if (!ovs_list_is_empty(&api->waiting)
        && (store_seqno(api->store) != api->store_seqno
            || net_seqno(api->net) != api->net_seqno
            || requests_tokens_seqno(api) != api->tokens_seqno
            || api->has_answers)) {
        poll_immediate_wake();
    }
}

void
requests_close(struct api *api)
{
    struct request *request;

    LIST_FOR_EACH_SAFE (request, node, &api->waiting) {
        request_fail_with(request, FAULT_DATABASE_DOWN);
    }
}

/* --- The ends ------------------------------------------------------------ */

void
request_reply(struct request *request, struct ds *body)
{
    request_reply_as(request, request->route->status, body);
}

/* A handler that does not ask the policy is a leak, found here by whatever
 * test it has, with or without authentication. */
void
request_reply_as(struct request *request, int status, struct ds *body)
{
    ovs_assert(request->is_authorised || !request->policy);
    http_reply(request->http, status, body ? "application/json" : NULL, body);
    request_destroy(request);
}

void
request_reply_text(struct request *request, int status, const char *type,
                   const char *body)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&text, body);
    http_reply(request->http, status, type, &text);
    request_destroy(request);
}

void
request_fail(struct request *request)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    ovs_assert(request->fault);
    if (request->doubts && request->doubts(request)) {
        return;
    }
    fault_format(request->fault, &body);
    http_reply(request->http, request->fault->code, "application/json",
               &body);
    ds_destroy(&body);
    request_destroy(request);
}
