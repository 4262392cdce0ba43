/* SPDX-License-Identifier: Apache-2.0
 *
 * POST, PUT and DELETE: what is the same for every kind of object.  The
 * differences are a 'struct write_rules' each (loadbalancers.c, listeners.c,
 * pools.c, members.c, health-monitors.c), and the table of states in
 * store/write-states.c.  A write of many objects (member-list.c) is one more:
 * it looks, is committed and is answered as any other.
 *
 * All looking and all checking happens in the transaction that writes, afresh
 * for each attempt.  Only facts from outside the database are fetched before.
 */

#ifndef API_WRITE_H
#define API_WRITE_H 1

#include <stdbool.h>
#include "api/prepare.h"
#include "base/commit.h"
#include "model/quota.h"
#include "openvswitch/uuid.h"
#include "store/write-states.h"

struct attrs;
struct etag;
struct graph;
struct member_plan;
struct request;
struct settling;
struct tree_plan;
struct visibility;

/* The part of a request that writes: 'write' of struct request. */
struct write {
    struct request *request;
    struct commit_op op;
    struct uuid lb_id;          /* Zero until known. */
    struct quota_limits charges;    /* Counted by this attempt: see
                                     * quota-charge.h. */
    struct settling *settling;      /* NULL: not (yet); see settle.h. */
    struct visibility *visibility;  /* NULL: nothing to ask. */
    bool awaits_visibility;     /* Else, waiting, a network fact. */

    /* Findings of the rules of one kind. */
    unsigned long *lacks_subnet;    /* Members: see member-places.h, */
    unsigned long *is_broadcast;    /* as for this. */
    struct member_plan *member_plan;    /* Lists of members: see
                                         * member-list.c. */
    bool is_idle;               /* There is nothing to write. */
    struct graph *graph;        /* New load balancers: see graph.h. */
    struct tree_plan *tree_plan;    /* Trees: see trees.c. */
    bool vip_port_is_given;     /* Load balancers: see loadbalancers.c. */
    bool sets_round_robin;      /* Pools: see pools.c. */
};

/* Each may be NULL.  The functions that return bool set the request's fault
 * and return false if something is wrong.  They are called in this order. */
struct write_rules {
    /* Once: whether the body can be right. */
    bool (*check_body)(struct request *);

    /* Before the transaction, perhaps several times. */
    enum prepare_result (*prepare)(struct request *);

    bool (*find)(struct request *, struct family *);

    /* Stores the tag that If-Match is about.  NULL: that of the object, or of
     * its parents (preconditions.h). */
    void (*tag)(const struct ovsdb_idl_row *self, struct etag *ret);
    bool (*check_early)(struct request *, const struct family *);
    /* Here the quota is, unless 'counts_first', and the states of the family
     * are tested. */
    bool (*check)(struct request *, const struct family *);

    /* POST: links the new row 'self' with its parents. */
    void (*attach)(struct request *, const struct family *);

    /* Instead of all writing that is the same for single objects: writes what
     * 'check' has found, and the states. */
    void (*write)(struct request *, struct ovsdb_idl_txn *,
                  const struct family *);

    /* Octavia tests the quota before what 'check_early' checks. */
    bool counts_first;

    /* After the commit: what an operator should know. */
    void (*log)(const struct request *);

    /* Instead of the reply with the object. */
    void (*reply)(struct request *);

    /* POST: instead of a reply after the commit. */
    void (*after_create)(struct request *);

    /* Frees what the rules have stored in the write. */
    void (*forget)(struct write *);
};

extern const struct write_rules load_balancer_rules, listener_rules;
extern const struct write_rules pool_rules, member_rules;
extern const struct write_rules health_monitor_rules;
extern const struct write_rules member_list_rules, tree_rules;

enum write_action write_action(const struct request *);

/* Checks, before the body is read, that the caller may write at all.  Sets the
 * request's fault and returns false if not: 404 if the path leads nowhere,
 * which does not depend on the caller, else 403. */
bool write_may_be_allowed(struct request *);

/* Checks that OVN can do what 'attrs' say, or comes as near to it as the
 * operator allows, or that the object, which may be NULL, has it already.
 * Sets the request's fault and returns false if not. */
bool write_is_supported(struct request *, const struct attrs *,
                        const struct ovsdb_idl_row *object);

/* The same without the objects within. */
bool write_is_supported_alone(struct request *, const struct attrs *,
                              const struct ovsdb_idl_row *object);

/* Inserts a row of which all is written but the links with its parents. */
const struct ovsdb_idl_row *write_insert_row(struct ovsdb_idl_txn *,
                                             const struct uuid *id,
                                             const struct attrs *,
                                             int64_t now_us);

/* Writes the same into a row that is inserted already. */
void write_fill_row(const struct ovsdb_idl_row *, const struct attrs *,
                    int64_t now_us);

/* Returns, for 'prepare', whether network facts can be had, or will be
 * soon. */
enum prepare_result write_await_net(struct request *);

/* Returns the time, as created_at and updated_at have it. */
int64_t write_now_us(void);

#endif /* api/write.h */
