/* SPDX-License-Identifier: Apache-2.0
 *
 * One request, from its arrival to its reply.  It owns all it allocates, and
 * dies in request_reply() or request_fail(); nothing may touch it afterwards.
 *
 * A request that has to wait (for a commit, for the driver's verdict, for a
 * network fact) is in the list 'api->waiting' and has a 'wake' function, which
 * looks again whenever anything changed.  Nothing is remembered about what
 * changed: whoever wakes up looks at the world as it is now.
 */

#ifndef API_REQUEST_H
#define API_REQUEST_H 1

#include "api/api.h"
#include "api/query.h"
#include "base/commit.h"
#include "model/attrs.h"
#include "openvswitch/list.h"
#include "openvswitch/uuid.h"

struct caller;
struct ds;
struct http_request;
struct policy;
struct request;
struct route;
struct sight;

/* Ids in a path: "pools/{id}/members/{id}". */
#define PATH_IDS_MAX 2

typedef void request_waker(struct request *);

struct request {
    struct api *api;
    struct http_request *http;
    struct caller *caller;      /* NULL until known. */
    request_waker *authenticated;   /* What happens then. */
    bool is_unknown;            /* Waits for Keystone, */
    long long int known_until_ms;   /* until then. */
    const struct route *route;
    const struct policy *policy;    /* NULL: whoever is known may. */
    bool is_authorised;         /* The policy was asked; see authorise.h. */
    const char *only_project;   /* Lists: all that he may see.  NULL: all. */
    struct uuid id;             /* Octavia's request id. */

    char *path;                 /* Cut into pieces. */
    const char *path_ids[PATH_IDS_MAX];
    size_t n_path_ids;
    struct query query;
    struct attrs *attrs;        /* NULL without a body. */
    struct fault *fault;

    /* Writing; see write.h. */
    struct commit_op op;
    struct uuid object_id;      /* Chosen by us (POST), or from the path. */
    struct uuid lb_id;          /* Zero until known. */
    bool subnet_is_missing;     /* Members: see members.c. */
    bool vip_port_is_given;     /* Load balancers: see loadbalancers.c. */
    bool sets_round_robin;      /* Pools: see pools.c. */

    struct sight *sight;        /* NULL: not begun; see visibility.h. */
    bool is_sight_awaited;      /* That is what the request waits for. */

    /* Doubts; see doubt.h. */
    request_waker *again;       /* What looks again.  NULL: it is decided. */
    struct commit_op doubt;
    bool has_asked;

    /* Waiting. */
    struct ovs_list node;       /* In 'api->waiting'. */
    request_waker *wake;        /* NULL: not waiting. */
    long long int deadline_ms;
};

/* The HTTP server's handlers, in this order; 'api' is a 'struct api *'.  Who
 * asks is found out first: a stranger's body is not read. */
void requests_meet(struct http_request *, void *api);
void requests_accept(struct http_request *, void *api);
void requests_forget(struct http_request *, void *api);

/* Wakes those that wait. */
void requests_run(struct api *);
void requests_wait(struct api *);

/* Answers those that still wait with 503.  The store must be gone. */
void requests_close(struct api *);

/* Calls 'wake' when anything has changed, or when 'timeout_ms' have passed.
 * May be called again, by 'wake' itself too. */
void request_wait(struct request *, request_waker *wake,
                  long long int timeout_ms);
bool request_is_late(const struct request *);

/* No longer waits. */
void request_go_on(struct request *);

/* The ends.  'body' may be NULL; the string in it is taken over. */
void request_reply(struct request *, struct ds *body);
void request_reply_as(struct request *, int status, struct ds *body);
void request_reply_text(struct request *, int status, const char *type,
                        const char *body);
void request_fail(struct request *);

/* Shorthand: sets the fault FAULT and fails. */
#define request_fail_with(REQUEST, ...)                 \
    do {                                                \
        fault_set(&(REQUEST)->fault, __VA_ARGS__);      \
        request_fail(REQUEST);                          \
    } while (0)

#endif /* api/request.h */
