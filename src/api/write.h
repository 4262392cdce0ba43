/* SPDX-License-Identifier: Apache-2.0
 *
 * POST, PUT and DELETE: what is the same for every kind of object.  What is
 * different is a 'struct write_rules' each (loadbalancers.c, listeners.c,
 * pools.c, members.c, health-monitors.c), and the table of states in
 * store/write-states.c.
 *
 * All looking and all checking happens in the transaction that writes, afresh
 * for each attempt.  Only facts from outside the database are fetched before.
 */

#ifndef API_WRITE_H
#define API_WRITE_H 1

#include <stdbool.h>
#include "model/fields.h"
#include "store/write-states.h"

struct request;

enum prepare_result {
    PREPARE_READY,
    PREPARE_WAIT,               /* For a network fact. */
    PREPARE_REFUSED,            /* The request's fault says why. */
};

/* Each may be NULL.  Those that return bool set the request's fault and return
 * false if something is wrong.  They are called in this order. */
struct write_rules {
    /* Once: whether the body can be right. */
    bool (*check_body)(struct request *);

    /* Before the transaction, perhaps several times. */
    enum prepare_result (*prepare)(struct request *);

    bool (*find)(struct request *, struct family *);
    bool (*check_early)(struct request *, const struct family *);
    /* Here the states of the family are tested. */
    bool (*check)(struct request *, const struct family *);

    /* POST: links the new row 'self' with its parents. */
    void (*attach)(struct request *, const struct family *);

    /* After the commit: what an operator should know. */
    void (*log)(const struct request *);

    /* POST: instead of a reply after the commit. */
    void (*after_create)(struct request *);
};

extern const struct write_rules load_balancer_rules, listener_rules;
extern const struct write_rules pool_rules, member_rules;
extern const struct write_rules health_monitor_rules;

enum write_action write_action(const struct request *);

/* To be asked before the body is looked at.  Sets the request's fault and
 * returns false if the caller may write nowhere: with 404 if the path leads
 * nowhere, as for everybody, else with 403. */
bool write_may_be_allowed(struct request *);

/* Checks that OVN can do what the request's attributes say, or comes as near
 * to it as the operator allows, or that the object has it already.  Sets the
 * request's fault and returns false if not. */
bool write_is_supported(struct request *, const struct family *);

/* Watches over an op of the request that was submitted: gives up waiting for
 * a database that does not come back. */
void write_watch(struct request *);

/* For 'prepare': whether network facts can be had, or will be soon. */
enum prepare_result write_await_net(struct request *);

/* How long a write waits for the database, and for a network fact. */
#define WRITE_WAIT_MS 30000

/* Now, as created_at and updated_at have it. */
int64_t write_now_us(void);

#endif /* api/write.h */
