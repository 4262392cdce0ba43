/* SPDX-License-Identifier: Apache-2.0
 *
 * A record of what Octavia knows of one load balancer, and so of what it has
 * to be told next.  Pure: the states and the answers come in, the next report
 * comes out.
 *
 * Octavia's own transaction for a call is committed only after our answer to
 * it.  A report that overtakes it waits there for the row's lock, with one
 * exception: listeners are read without a lock, so that what is reported about
 * a new one is refused, and what is reported about one that is being updated
 * may have no effect.  Therefore a listener counts as reported only when
 * something that waits for the lock was applied before it.
 */

#ifndef AGENT_LEDGER_H
#define AGENT_LEDGER_H 1

#include <stdbool.h>
#include <stddef.h>
#include "octavia/status-socket.h"
#include "openvswitch/hmap.h"
#include "openvswitch/uuid.h"

struct lb_states;
struct report;

struct ledger {
    struct uuid lb_id;
    struct hmap lines;          /* 'struct line' of each object. */

    /* 'last_request' when Octavia knew everything: what changed since without
     * another request are operating statuses. */
    struct uuid settled_request;

    /* 'last_request' when a report has waited for the load balancer's lock. */
    struct uuid waited_request;
    bool must_wait;             /* Before anything else is reported. */
};

/* The next report. */
struct ledger_report {
    struct status_record *records;  /* In the order of Octavia. */
    size_t n;
    struct uuid request;        /* 'last_request' of what it tells. */
    struct ledger_note *notes;  /* Parallel to 'records'. */
};

void ledger_init(struct ledger *, const struct uuid *lb_id);
void ledger_uninit(struct ledger *);

/* Notes that Octavia knows all of 'states': after a restart, if the digest
 * says so. */
void ledger_settle(struct ledger *, const struct lb_states *);

/* Lets refused records be sent again. */
void ledger_forgive(struct ledger *);

/* Stores what is to be sent now, of all that 'states' (NULL: the load balancer
 * is gone) and 'report' say, at most 'records_max' records; none if there is
 * nothing.  Forgets objects that are in neither. */
void ledger_next(struct ledger *, const struct lb_states *,
                 const struct report *, size_t records_max,
                 struct ledger_report *ret);
void ledger_report_uninit(struct ledger_report *);

/* Notes that Octavia has applied the report. */
void ledger_taken(struct ledger *, const struct ledger_report *);

/* The same, but it refused 'id', one of the records, and so has not seen those
 * behind it.  Returns true if that may be because there is no such object, and
 * Octavia should be asked: see ledger_unknown(). */
bool ledger_refused(struct ledger *, const struct ledger_report *,
                    const struct uuid *id);

/* Octavia has no object 'id', of the report that was refused: there is nothing
 * to tell. */
void ledger_unknown(struct ledger *, const struct ledger_report *,
                    const struct uuid *id);

/* True if a record was refused, and not forgiven since. */
bool ledger_has_refusals(const struct ledger *);

/* True if Octavia knows everything, and nothing is PENDING. */
bool ledger_is_settled(const struct ledger *, const struct lb_states *,
                       const struct report *);

/* True if Octavia knows that the object 'id' is gone. */
bool ledger_knows_gone(const struct ledger *, const struct uuid *id);

#endif /* agent/ledger.h */
