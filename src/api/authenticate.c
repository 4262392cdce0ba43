/* SPDX-License-Identifier: Apache-2.0
 *
 * Identifies the caller; see authenticate.h.  The answers are
 * keystonemiddleware's, to the letter: clients look for them.
 *
 * With authentication, other header fields in which clients describe
 * themselves (X-Project-Id, X-Roles, ...) count for nothing.
 */

#include <config.h>
#include "api/authenticate.h"
#include <string.h>
#include "api/identity.h"
#include "api/local-auth.h"
#include "api/local-tokens.h"
#include "api/own-url.h"
#include "api/tally.h"
#include "api/ui.h"
#include "auth/caller.h"
#include "auth/tokens.h"
#include "base/limits.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "timeval.h"
#include "util.h"

/* True for what may be asked without a token: which versions there are, what
 * can be asked, whether we live, and the page, which has no data.  Compares
 * the whole path, as it was sent. */
static bool
authenticate_is_open(const struct request *request)
{
    const char *path = http_request_path(request->http);
    static const char *const open[] = {
        "/", "/load-balancer/", "/healthcheck", "/load-balancer/healthcheck",
        "/openapi.json", "/load-balancer/openapi.json",
    };

    for (size_t i = 0; i < ARRAY_SIZE(open); i++) {
        if (!strcmp(path, open[i])) {
            return true;
        }
    }
    return ui_is_asked(request) || identity_is_open(request);
}

/* Without authentication the caller has a project only if a header says so. */
static struct caller *
authenticate_trust(const struct http_request *http)
{
    const char *project = http_request_header(http, "X-Project-Id");

    return caller_create_trusted(project && *project
                                 && strlen(project) <= PROJECT_ID_MAX
                                 ? project : NULL);
}

/* Says where there are tokens. */
static void
authenticate_add_challenge(struct request *request)
{
    struct ds value = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&value, "Keystone uri=\"");
    if (request->api->local) {
        own_url_put_path(&value, request, "/v3");
    } else {
        ds_put_cstr(&value, request->api->www_authenticate_uri);
    }
    ds_put_char(&value, '"');
    http_request_add_header(request->http, "WWW-Authenticate",
                            ds_cstr(&value));
    ds_destroy(&value);
}

static void
authenticate_refuse(struct request *request)
{
    authenticate_add_challenge(request);
    request_reply_text(request, 401, "application/json",
                       "{\"error\": {\"code\": 401, "
                       "\"title\": \"Unauthorized\", "
                       "\"message\": \"The request you have made requires "
                       "authentication.\"}}");
}

static void
authenticate_give_up(struct request *request)
{
    tally_token(TALLY_TOKEN_FAILED, !request->is_unknown);
    request_reply_text(request, 503, "text/plain; charset=UTF-8",
                       request->api->local
                       ? "The Octavia database is unavailable."
                       : "The Keystone service is temporarily unavailable.");
}

static void authenticate_identify(struct request *);

static void
authenticate_go_on(struct request *request)
{
    request_go_on(request);
    request->authenticated(request);
}

const char *
caller_token(const struct request *request)
{
    const char *token = http_request_header(request->http, "X-Auth-Token");

    return (token ? token
            : http_request_header(request->http, "X-Storage-Token"));
}

/* Closes the connection with the answer, which makes room for others. */
static void
authenticate_turn_away(struct request *request)
{
    http_request_add_header(request->http, "Connection", "close");
    authenticate_give_up(request);
}

/* Requests with a token that is known never get here, so neither unknown
 * tokens nor a Keystone that is away can take all places.  A client who has
 * left keeps no place; it may have closed its direction only, so it is
 * told. */
static void
authenticate_wait(struct request *request)
{
    struct api *api = request->api;
    long long int now_ms = time_msec();

    if (!request->is_unknown) {
        if (api->n_unknown >= AUTH_WAITING_MAX) {
            authenticate_turn_away(request);
            return;
        }
        api->n_unknown++;
        request->is_unknown = true;
        request->known_until_ms = now_ms + AUTH_WAIT_MS;
    } else if (!request_is_late(request)) {
        return;
    } else if (now_ms >= request->known_until_ms) {
        authenticate_give_up(request);
        return;
    } else if (http_request_client_has_left(request->http)) {
        authenticate_turn_away(request);
        return;
    }
    request_wait(request, request->api->local ? WAIT_COMMIT : WAIT_KEYSTONE,
                 authenticate_identify,
                 MIN(AUTH_LOOK_MS, request->known_until_ms - now_ms));
}

static enum tokens_answer
authenticate_ask(struct request *request)
{
    const struct api *api = request->api;
    const char *token = caller_token(request);

    return (api->local
            ? local_tokens_identify(api->local, token, &request->token_doubt,
                                    &request->caller)
            : tokens_identify(api->tokens, token,
                              http_request_header(request->http,
                                                  "X-Service-Token"),
                              &request->caller));
}

static void
authenticate_identify(struct request *request)
{
    switch (authenticate_ask(request)) {
    case TOKENS_ACCEPTED:
        tally_token(TALLY_TOKEN_ACCEPTED, !request->is_unknown);
        authenticate_go_on(request);
        break;
    case TOKENS_REFUSED:
        tally_token(TALLY_TOKEN_REFUSED, !request->is_unknown);
        authenticate_refuse(request);
        break;
    case TOKENS_WAIT:
        authenticate_wait(request);
        break;
    case TOKENS_AWAY:
    default:
        authenticate_give_up(request);
        break;
    }
}

void
authenticate(struct request *request, request_waker *next)
{
    request->authenticated = next;
    if (request->api->local) {
        local_auth_refresh(request->api->local);
    }
    if (!request->api->tokens && !request->api->local) {
        request->caller = authenticate_trust(request->http);
        authenticate_go_on(request);
    } else if (authenticate_is_open(request)) {
        request->caller = caller_create(NULL, NULL, 0);
        authenticate_go_on(request);
    } else {
        authenticate_identify(request);
    }
}
