/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of an intent: for intent.c, which collects it and has it
 * committed, intent-check.c, which looks whether it can be written, and
 * intent-write.c, which writes it.
 */

#ifndef OCTAVIA_INTENT_PRIVATE_H
#define OCTAVIA_INTENT_PRIVATE_H 1

#include <stddef.h>
#include <stdint.h>
#include "base/commit.h"
#include "octavia/body.h"
#include "octavia/intent.h"
#include "openvswitch/uuid.h"
#include "store/write-states.h"

/* To one object. */
struct change {
    enum intent_action action;
    enum resource_id resource;
    struct uuid id;
    struct uuid parent;         /* Zero: unknown. */
    struct uuid listener;       /* The listener of a new pool; zero: none. */
    struct attrs *attrs;        /* NULL if it is deleted. */
    const struct json *object;  /* As it came.  Borrowed. */
};

struct intent {
    struct commit_op op;
    struct store *store;
    struct rows *rows;
    struct uuid lb_id;          /* Zero: unknown. */
    struct uuid request_id;
    const char *origin;         /* For the transaction's comment, and */
    char *origin_id;            /* a request's id of Octavia's, or NULL. */
    struct body_rules rules;

    /* Parents come before what is below them. */
    struct change *changes;
    size_t n_changes, allocated_changes;

    bool is_batch;              /* The intent is a batch: all members of
                                 * 'batch_pool'. */
    struct uuid batch_pool;
    bool is_reservation, is_silent, is_final;

    struct fault *fault;
    struct uuid unknown;        /* Zero: nothing. */
    enum resource_id unknown_resource;

    void (*done)(const struct intent_result *, void *aux);
    void *aux;
};

/* The rows that a change is about, as far as they are there (already). */
struct family intent_family(const struct intent *, const struct change *);

/* Returns the change that creates the object, or NULL. */
const struct change *intent_creates(const struct intent *, enum resource_id,
                                    const struct uuid *id);

/* True if the batch has the member. */
bool intent_keeps_member(const struct intent *, const struct uuid *id);

/* True if the object in the row is to be deleted. */
bool intent_row_is_going(const struct ovsdb_idl_row *);

/* Looks, in a transaction.  Writes nothing.  Returns false and sets the
 * intent's fault if something is in the way. */
bool intent_check(struct intent *);

/* Writes all of it into the transaction. */
void intent_write(struct intent *, struct ovsdb_idl_txn *);

#endif /* octavia/intent-private.h */
