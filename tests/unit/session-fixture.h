/* SPDX-License-Identifier: Apache-2.0
 *
 * A session and a service, and a server that is Keystone and that service in
 * one, and misbehaves as either.
 */

#ifndef SESSION_FIXTURE_H
#define SESSION_FIXTURE_H 1

#include <stdbool.h>
#include "http-stub.h"
#include "openvswitch/shash.h"
#include "timeval.h"

struct service_call;
struct service_reply;

#define DEADLINE_MS 20000

/* How a call ended. */
struct result {
    bool is_done;
    int status;
    char *json;                 /* NULL if there was none. */
    char *text;                 /* The same. */
};

struct fixture {
    struct http_stub *stub;
    struct session *session;
    struct service *service;

    /* Keystone. */
    unsigned int n_logins;
    unsigned int n_login_failures;      /* To come, with 'login_status'. */
    int login_status;           /* 0: silence; 1: closes at once. */
    const char *login_body;     /* NULL: a token. */
    int token_lifetime_s;
    bool is_catalog_empty;
    const char *service_url;    /* In the catalog; NULL: the stub's. */
    bool wants_application_credential;
    struct stub_connection *waiting_login;
    bool login_waits;

    /* The service. */
    unsigned int good_token;    /* Others get a 401. */
    struct shash n_requests;    /* By path: of unsigned int. */
    char *path, *body, *subject_token; /* Of the last request. */
};

/* For cmocka. */
int setup(void **state);
int teardown(void **state);

/* What the server does. */
void handle_request(const struct stub_request *, void *fixture);
void send_token(struct fixture *, struct stub_connection *);
unsigned int n_requests(const struct fixture *, const char *path);

/* Has the fixture begin anew, with another session. */
void create_session(struct fixture *, int timeout_ms);

/* Runs both sides. */
void turn(struct fixture *);
void turn_for(struct fixture *, int ms);

#define TURN_UNTIL(F, CONDITION)                                        \
    do {                                                                \
        long long int end__ = time_msec() + DEADLINE_MS;                \
        while (!(CONDITION)) {                                          \
            if (time_msec() > end__) {                                  \
                fail_msg("never: %s", #CONDITION);                      \
            }                                                           \
            turn(F);                                                    \
        }                                                               \
    } while (0)

/* A service_done for a result. */
void note_result(const struct service_reply *, void *result);

struct service_call *call(struct fixture *, const char *method,
                          const char *path, struct result *);
void call_and_wait(struct fixture *, const char *method, const char *path,
                   struct result *);

/* 'text' is found in the result's; '*' stands for the words of a library. */
void expect(struct result *, int status, const char *text);
void result_uninit(struct result *);

#endif /* session-fixture.h */
