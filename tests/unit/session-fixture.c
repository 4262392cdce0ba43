/* SPDX-License-Identifier: Apache-2.0
 *
 * A server that is Keystone and a service in one; see session-fixture.h.
 */

#include <config.h>
#include "session-fixture.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include "auth/session.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "util.h"

/* --- Keystone ------------------------------------------------------------ */

void
send_token(struct fixture *f, struct stub_connection *c)
{
    char *header = xasprintf("X-Subject-Token: token%u\r\n", f->n_logins);
    char *body = xasprintf(
        "{\"token\": {\"issued_at\": \"2020-01-01T00:00:00.000000Z\","
        "\"expires_at\": \"2020-01-01T00:%02d:%02d.000000Z\", \"catalog\":"
        "[{\"type\": \"%s\", \"endpoints\": [{\"interface\": \"internal\","
        "\"region_id\": \"R\", \"url\": \"%s/v2.0/\"}]}]}}",
        f->token_lifetime_s / 60, f->token_lifetime_s % 60,
        f->is_catalog_empty ? "image" : "network",
        f->service_url ? f->service_url : http_stub_url(f->stub));

    stub_reply(c, 201, header, body);
    free(header);
    free(body);
}

static void
handle_login(struct fixture *f, const struct stub_request *rq)
{
    assert_string_equal(rq->method, "POST");
    f->n_logins++;
    if (f->wants_application_credential) {
        assert_non_null(strstr(rq->body, "\"application_credential\":"));
        assert_null(strstr(rq->body, "\"scope\""));
    } else {
        assert_non_null(strstr(rq->body, "\"password\":\"s3cret\""));
    }

    if (f->login_waits) {
        f->waiting_login = rq->connection;
    } else if (!f->n_login_failures) {
        send_token(f, rq->connection);
    } else {
        f->n_login_failures--;
        if (f->login_status == 1) {
            stub_close(rq->connection);
        } else if (f->login_status) {
            stub_reply(rq->connection, f->login_status, NULL,
                       f->login_body ? f->login_body : "");
        }
    }
}

/* --- The service --------------------------------------------------------- */

unsigned int
n_requests(const struct fixture *f, const char *path)
{
    const unsigned int *n = shash_find_data(&f->n_requests, path);
    return n ? *n : 0;
}

static unsigned int
count_request(struct fixture *f, const char *path)
{
    unsigned int *n = shash_find_data(&f->n_requests, path);

    if (!n) {
        n = xzalloc(sizeof *n);
        shash_add(&f->n_requests, path, n);
    }
    return ++*n;
}

/* The path says what is to be done:
 *
 *     /v2.0/STATUS         always answers that
 *     /v2.0/STATUS/N       N times, then 200
 *     /v2.0/html           something else than JSON
 *     /v2.0/cut            half an answer
 *     /v2.0/silent         none
 */
static void
handle_call(struct fixture *f, const struct stub_request *rq)
{
    unsigned int n = count_request(f, rq->path);
    unsigned int status = 200, n_failures = UINT32_MAX;
    const char *what = rq->path + strlen("/v2.0/");

    if (!strcmp(what, "html")) {
        stub_reply(rq->connection, 200, NULL, "<html>Welcome</html>");
    } else if (!strcmp(what, "badjson")) {
        stub_reply(rq->connection, 200, NULL, "{\"a\": 1, \"a\": 2}");
    } else if (!strcmp(what, "cut")) {
        stub_send(rq->connection, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"
                  "\r\n{\"a\"");
        stub_close(rq->connection);
    } else if (!strcmp(what, "404html")) {
        stub_reply(rq->connection, 404, NULL, "<html>No</html>");
    } else if (strcmp(what, "silent")) {
        if (!ovs_scan(what, "%u/%u", &status, &n_failures)) {
            ovs_scan(what, "%u", &status);
        }
        if (n > n_failures) {
            status = 200;
        }
        stub_reply(rq->connection, status, NULL, status == 200
                   ? "{\"a\": 1}"
                   : "{\"NeutronError\": {\"message\": \"No such thing\"}}");
    }
}

void
handle_request(const struct stub_request *rq, void *f_)
{
    struct fixture *f = f_;

    if (!strcmp(rq->path, "/v3/auth/tokens") && rq->method[0] == 'P') {
        handle_login(f, rq);
        return;
    }

    char *token = stub_header(rq, "X-Auth-Token");
    char *good = xasprintf("token%u", f->good_token);
    free(f->path);
    f->path = xstrdup(rq->path);
    free(f->body);
    f->body = xstrdup(rq->body);
    free(f->subject_token);
    f->subject_token = stub_header(rq, "X-Subject-Token");
    if (f->good_token && strcmp(token, good)) {
        count_request(f, "401");
        stub_reply(rq->connection, 401, NULL, "{\"error\": {\"message\": "
                   "\"The request you have made requires authentication.\""
                   "}}");
    } else {
        handle_call(f, rq);
    }
    free(token);
    free(good);
}

/* --- The fixture --------------------------------------------------------- */

void
create_session(struct fixture *f, int timeout_ms)
{
    char *auth_url = xasprintf("%s/v3/", http_stub_url(f->stub));
    const struct session_options password = {
        .auth_url = auth_url,
        .username = "u",
        .user_domain_name = "Default",
        .password = "s3cret",
        .project_name = "service",
        .project_domain_name = "Default",
        .timeout_ms = timeout_ms,
    };
    const struct session_options credential = {
        .auth_url = auth_url,
        .auth_type = "v3applicationcredential",
        .application_credential_id = "id",
        .application_credential_secret = "s3cret",
        .timeout_ms = timeout_ms,
    };
    const struct service_options service = {
        .type = "network",
        .region_name = "R",
        .calls_max = 4,
    };
    char *error = NULL;

    service_destroy(f->service);
    session_destroy(f->session);
    f->session = session_create(f->wants_application_credential
                                ? &credential : &password, &error);
    assert_null(error);
    f->service = service_create(f->session, &service);
    free(auth_url);
}

int
setup(void **state)
{
    struct fixture *f = xzalloc(sizeof *f);

    f->stub = http_stub_create(handle_request, f);
    f->token_lifetime_s = 3599;
    shash_init(&f->n_requests);
    create_session(f, 3000);
    *state = f;
    return 0;
}

int
teardown(void **state)
{
    struct fixture *f = *state;

    service_destroy(f->service);
    session_destroy(f->session);
    http_stub_destroy(f->stub);
    shash_destroy_free_data(&f->n_requests);
    free(f->path);
    free(f->body);
    free(f->subject_token);
    free(f);
    return 0;
}

void
turn(struct fixture *f)
{
    session_run(f->session);
    http_stub_run(f->stub);
    session_wait(f->session);
    http_stub_wait(f->stub);
    poll_timer_wait(50);
    poll_block();
}

void
turn_for(struct fixture *f, int ms)
{
    long long int end_ms = time_msec() + ms;

    while (time_msec() < end_ms) {
        poll_timer_wait_until(end_ms);
        turn(f);
    }
}

void
note_result(const struct service_reply *reply, void *result_)
{
    struct result *result = result_;

    assert_false(result->is_done);
    *result = (struct result) {
        .is_done = true,
        .status = reply->status,
        .json = reply->json ? json_to_string(reply->json, 0) : NULL,
        .text = nullable_xstrdup(reply->text),
    };
    assert_int_equal(reply->status / 100 != 2, !!reply->text);
    assert_true(!reply->text || !strstr(reply->text, "s3cret"));
}

void
result_uninit(struct result *result)
{
    free(result->json);
    free(result->text);
    memset(result, 0, sizeof *result);
}

struct service_call *
call(struct fixture *f, const char *method, const char *path,
     struct result *result)
{
    memset(result, 0, sizeof *result);
    return service_send(f->service, method, path, NULL, note_result, result);
}

void
call_and_wait(struct fixture *f, const char *method, const char *path,
              struct result *result)
{
    call(f, method, path, result);
    TURN_UNTIL(f, result->is_done);
}

void
expect(struct result *result, int status, const char *text)
{
    assert_true(result->is_done);
    if (result->status != status) {
        fail_msg("status is %d (%s), not %d", result->status,
                 result->text ? result->text : "no text", status);
    }
    if (!text) {
        assert_null(result->text);
    } else {
        char *pattern = xasprintf("*%s*", text);
        if (fnmatch(pattern, result->text, 0)) {
            fail_msg("text is \"%s\", not \"%s\"", result->text, text);
        }
        free(pattern);
    }
    result_uninit(result);
}
