/* SPDX-License-Identifier: Apache-2.0
 *
 * The one sequence that every request goes through; see request.h.
 *
 * Limits of size are behind us when a request gets here (src/http).
 */

#include <config.h>
#include "api/request.h"
#include <string.h>
#include "api/authenticate.h"
#include "api/doubt.h"
#include "api/handlers.h"
#include "api/media-types.h"
#include "api/routes.h"
#include "api/visibility.h"
#include "api/write.h"
#include "auth/caller.h"
#include "auth/policy.h"
#include "auth/tokens.h"
#include "base/json-read.h"
#include "base/limits.h"
#include "http/server.h"
#include "net/net.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "store/store.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

static void let_in(struct request *);
static void start(struct request *);
static bool admit(struct request *);
static bool read_body(struct request *);
static void await_needs(struct request *);
static void run_handler(struct request *);

/* "req-" and the id, which also tells a repeated write from a new one. */
static void
put_request_id(struct request *request)
{
    char text[sizeof "req-" + UUID_LEN];

    uuid_generate(&request->id);
    snprintf(text, sizeof text, "req-"UUID_FMT, UUID_ARGS(&request->id));
    http_request_add_header(request->http, "x-openstack-request-id", text);
}

static struct request *
request_create(struct api *api, struct http_request *http)
{
    struct request *request = xzalloc(sizeof *request);

    request->api = api;
    request->http = http;
    api->n_requests++;
    return request;
}

static void
request_destroy(struct request *request)
{
    request_go_on(request);
    sight_destroy(request->sight);
    caller_unref(request->caller);
    query_uninit(&request->query);
    attrs_destroy(request->attrs);
    fault_destroy(request->fault);
    free(request->path);
    free(request);
}

void
requests_meet(struct http_request *http, void *api)
{
    struct request *request = request_create(api, http);

    http_request_set_data(http, request);
    if (!strcmp(http_request_method(http), "OPTIONS")) {
        put_request_id(request);
        http_reply(http, 200, NULL, NULL);
        request_destroy(request);
        return;
    }

    /* Whoever is unknown learns nothing, not even which paths there are. */
    authenticate(request, let_in);
}

/* What everybody may ask shows nobody. */
static void
let_in(struct request *request)
{
    const struct caller *caller = request->caller;

    http_admit(request->http, caller->is_trusted || caller->user_id);
}

void
requests_accept(struct http_request *http, void *api OVS_UNUSED)
{
    start(http_request_data(http));
}

void
requests_forget(struct http_request *http, void *api OVS_UNUSED)
{
    request_destroy(http_request_data(http));
}

static bool
takes_body(const struct request *request)
{
    const struct route *route = request->route;

    return (route->handle == handle_write
            && (!strcmp(route->method, "POST")
                || !strcmp(route->method, "PUT")));
}

static void
start(struct request *request)
{
    put_request_id(request);
    if (admit(request)) {
        await_needs(request);
    } else {
        request_fail(request);
    }
}

static bool
find_route(struct request *request)
{
    struct ds allow = DS_EMPTY_INITIALIZER;

    request->route = route_find(request, http_request_method(request->http),
                                http_request_path(request->http), &allow,
                                &request->fault);
    if (allow.length && !request->route) {
        http_request_add_header(request->http, "Allow", ds_cstr(&allow));
    }
    ds_destroy(&allow);
    if (request->route && request->route->policy) {
        request->policy = policy_find(request->route->policy);
    }
    return request->route != NULL;
}

/* Without the replica we know nothing, and a stale one must not be believed:
 * the answer might be a 404 for what was created a minute ago. */
static bool
needs_are_met(const struct request *request)
{
    const struct api *api = request->api;

    return (request->route->needs == NEEDS_STORE ? store_is_ready(api->store)
            : request->route->needs == NEEDS_NET ? net_is_ready(api->net)
            : true);
}

static bool
needs_are_expected(const struct request *request)
{
    const struct api *api = request->api;

    return (request->route->needs == NEEDS_STORE
            ? store_is_expected(api->store)
            : net_is_expected(api->net));
}

/* A body is looked at when it is known that its sender may write at all. */
static void
begin(struct request *request)
{
    if (!takes_body(request)
        || (write_may_be_allowed(request) && read_body(request))) {
        run_handler(request);
    } else {
        request_fail(request);
    }
}

/* A cluster that has lost its leader has another one soon: until then, what
 * could be answered a moment ago is not refused. */
static void
await_needs(struct request *request)
{
    if (needs_are_met(request)) {
        request_go_on(request);
        begin(request);
    } else if (!needs_are_expected(request)) {
        request_fail_with(request, request->route->needs == NEEDS_STORE
                          ? FAULT_DATABASE_DOWN : FAULT_NETWORK_DOWN);
    } else if (!request->wake || request_is_late(request)) {
        request_wait(request, await_needs, DATABASE_WAIT_MS);
    }
}

static const struct resource *
route_resource(const struct route *route)
{
    return (route->resource == NO_RESOURCE
            ? NULL : resource_get(route->resource));
}

static bool
admit(struct request *request)
{
    const char *accept = http_request_header(request->http, "Accept");

    if (!accept_allows_json(accept)) {
        return fault_set(&request->fault, FAULT_NOT_ACCEPTABLE);
    }
    return (find_route(request)
            && query_parse(request->http, request->route->query,
                           route_resource(request->route), &request->query,
                           &request->fault));
}

/* A form is no JSON, but arguments like those in the URL, all unknown. */
static bool
refuse_form(struct request *request, const char *body)
{
    size_t length = strcspn(body, "=&");
    char *name = xmemdup0(body, length);

    fault_set(&request->fault, FAULT_UNKNOWN_ARGUMENT, name);
    free(name);
    return false;
}

static bool
read_body(struct request *request)
{
    const struct resource *resource = route_resource(request->route);
    const char *type = http_request_header(request->http, "Content-Type");
    size_t length;
    const char *body = http_request_body(request->http, &length);

    if (!length) {
        return fault_set(&request->fault, FAULT_MISSING_ARGUMENT,
                         resource->argument);
    }
    if (content_type_is(type, "application/x-www-form-urlencoded")) {
        return refuse_form(request, body);
    }
    /* A request without a type is refused, too: it is what a page in a
     * browser could send here without being asked for permission first. */
    if (!content_type_is(type, "application/json")) {
        return fault_set(&request->fault, FAULT_UNKNOWN_MIMETYPE,
                         type ? type : "");
    }

    if (json_is_wide(body, length)) {
        return fault_set(&request->fault, FAULT_VALIDATION,
                         "An object in the request has too many members.");
    }

    struct json *json = json_read(body, length);
    if (!json) {
        return fault_set(&request->fault, FAULT_NOT_JSON);
    }
    request->attrs = attrs_parse(resource,
                                 !strcmp(request->route->method, "POST")
                                 ? ATTRS_POST : ATTRS_PUT,
                                 json, &request->fault);
    json_destroy(json);
    return request->attrs != NULL;
}

static void
run_handler(struct request *request)
{
    request->again = request->route->handle;
    if (!doubt_replica(request)) {
        request->again(request);
    }
}

void
handle_missing_id(struct request *request)
{
    request_fail_with(request, FAULT_MISSING_ARGUMENT, "id");
}

void
request_wait(struct request *request, request_waker *wake,
             long long int timeout_ms)
{
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
    }
}

bool
request_is_late(const struct request *request)
{
    return time_msec() >= request->deadline_ms;
}

static unsigned int
seqno_of_tokens(const struct api *api)
{
    return api->tokens ? tokens_seqno(api->tokens) : 0;
}

/* What changes without any news. */
static unsigned int
expectations(const struct api *api)
{
    return (store_is_expected(api->store) ? 1 : 0)
           | (net_is_expected(api->net) ? 2 : 0);
}

void
requests_run(struct api *api)
{
    unsigned int expected_now = expectations(api);
    unsigned int store_now = store_seqno(api->store);
    unsigned int net_now = net_seqno(api->net);
    unsigned int tokens_now = seqno_of_tokens(api);
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
            || seqno_of_tokens(api) != api->tokens_seqno
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
    if (doubt_fault(request)) {
        return;
    }
    fault_format(request->fault, &body);
    http_reply(request->http, request->fault->code, "application/json",
               &body);
    ds_destroy(&body);
    request_destroy(request);
}
