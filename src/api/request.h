/* SPDX-License-Identifier: Apache-2.0
 *
 * One request: what is known about it, its waiting, and its reply.  It owns
 * all it allocates, and dies in request_reply() or request_fail(); nothing may
 * touch it afterwards.  The steps stand above this (see pipeline.h for their
 * sequence), and this includes none of them.
 *
 * A request that has to wait (for a commit, for the driver's verdict, for a
 * network fact) is in the list 'api->waiting' and has a 'wake' function, which
 * looks again whenever anything changed.  Changes are not remembered: 'wake'
 * looks at the present state.
 */

#ifndef API_REQUEST_H
#define API_REQUEST_H 1

#include "api/api.h"
#include "api/query.h"
#include "api/routes.h"
#include "api/waits.h"
#include "base/commit.h"
#include "model/attrs.h"
#include "openvswitch/list.h"
#include "openvswitch/uuid.h"

struct caller;
struct ds;
struct http_request;
struct policy;
struct request;
struct write;

typedef void request_waker(struct request *);

struct request {
    struct api *api;
    struct http_request *http;
    struct caller *caller;      /* NULL until known. */
    request_waker *authenticated;   /* Called when the caller is known. */
    bool is_unknown;            /* Waits for Keystone, */
    long long int known_until_ms;   /* until then. */
    uint64_t token_doubt;       /* See local-tokens.h. */
    uint64_t subject_doubt;     /* The same of the token that is asked
                                 * about. */
    const struct route *route;
    const struct policy *policy;    /* NULL: every known caller passes. */
    bool is_authorised;         /* The policy was asked; see authorise.h. */
    const char *only_project;   /* Lists: all that the caller may see.  NULL:
                                 * everything. */
    bool is_accounted;          /* Answered; see account.h. */
    struct uuid id;             /* http_request_id().  Also tells a repeated
                                 * write from a new one. */
    long long int arrived_us;   /* As time_usec(). */

    struct route_path path;
    struct query query;
    struct attrs *attrs;        /* NULL without a body. */
    struct uuid object_id;      /* From the path, or chosen by us (POST). */
    struct fault *fault;

    struct write *write;        /* NULL until begun; see write.h. */
    void (*destroy_write)(struct write *);
    void *own;                  /* What one handler alone knows, or NULL. */
    void (*destroy_own)(void *);

    /* Doubts; see doubt.h. */
    bool (*doubts)(struct request *);   /* Called by request_fail(); true if
                                         * the request looks again.  May be
                                         * NULL. */
    request_waker *again;       /* Called to look again.  NULL: the answer is
                                 * decided. */
    struct commit_op doubt;
    bool has_asked;

    /* Waiting. */
    struct ovs_list node;       /* In 'api->waiting'. */
    request_waker *wake;        /* NULL: not waiting. */
    long long int deadline_ms;
    struct commit_op *submitted;    /* See request_submit(). */
    struct waits waits;
};

/* How long a request waits for the database to take an op, and for a network
 * fact. */
#define REQUEST_WAIT_MS 30000

/* 'http' is borrowed. */
struct request *request_create(struct api *, struct http_request *http);
void request_destroy(struct request *);

/* Returns the id that the client has given its own request, of which this one
 * is a part: "req-UUID" in a field X-Openstack-Request-Id, as oslo.middleware
 * has it.  NULL if there is none, or if it is anything else. */
const char *request_global_id(const struct request *);

/* Says in the comment of the transaction that is being made which request it
 * carries out.  For an op's 'apply'. */
void request_comment(const struct request *);

/* Wakes the requests that wait. */
void requests_run(struct api *);
void requests_wait(struct api *);

/* Answers the requests that still wait with 503.  The store must be gone. */
void requests_close(struct api *);

/* Calls 'wake' when anything has changed, or when 'timeout_ms' have passed.
 * May be called again, also by 'wake'. */
void request_wait(struct request *, enum wait_for, request_waker *wake,
                  long long int timeout_ms);
bool request_is_late(const struct request *);

/* Ends the waiting. */
void request_go_on(struct request *);

/* Submits 'op' to the store, and fails if the database does not come back
 * within REQUEST_WAIT_MS. */
void request_submit(struct request *, struct commit_op *op);

/* End the request.  'body' may be NULL; the string in it is taken over. */
void request_reply(struct request *, struct ds *body);
void request_reply_as(struct request *, int status, struct ds *body);
void request_reply_text(struct request *, int status, const char *type,
                        const char *body);
void request_fail(struct request *);

/* Sets the fault FAULT and fails. */
#define request_fail_with(REQUEST, ...)                 \
    do {                                                \
        fault_set(&(REQUEST)->fault, __VA_ARGS__);      \
        request_fail(REQUEST);                          \
    } while (0)

#endif /* api/request.h */
