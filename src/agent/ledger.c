/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps what Octavia knows; see ledger.h.
 */

#include <config.h>
#include "agent/ledger.h"
#include <stdlib.h>
#include "base/array.h"
#include "store/reports.h"
#include "store/states.h"
#include "util.h"
#include "uuid.h"

#define DELETED "DELETED"

/* An object's state, or that it is gone, as in one record of a report. */
struct ledger_note {
    bool is_gone;
    bool is_firm;               /* Something waits for the lock before it. */
    enum provisioning_status provisioning_status;
    enum operating_status operating_status;
    int64_t updated_at_us;

    /* 'last_request' of a load balancer: whatever a call came to, the load
     * balancer, which Octavia has locked for it, must be reported. */
    struct uuid request;
};

/* The states of an object as Octavia knows them. */
struct line {
    struct hmap_node node;      /* In ledger's 'lines'. */
    struct uuid id;
    bool is_known;              /* 'note' was reported. */
    bool is_refused;
    bool is_seen;               /* By ledger_next(). */
    struct ledger_note note;
};

/* While the next report is made. */
struct draft {
    struct ledger *ledger;
    const struct lb_states *states;
    struct ledger_report *report;
    size_t allocated;
};

void
ledger_init(struct ledger *ledger, const struct uuid *lb_id)
{
    *ledger = (struct ledger) { .lb_id = *lb_id };
    hmap_init(&ledger->lines);
}

void
ledger_uninit(struct ledger *ledger)
{
    struct line *line;

    HMAP_FOR_EACH_POP (line, node, &ledger->lines) {
        free(line);
    }
    hmap_destroy(&ledger->lines);
}

static struct line *
find_line(const struct ledger *ledger, const struct uuid *id)
{
    struct line *line;

    HMAP_FOR_EACH_WITH_HASH (line, node, uuid_hash(id), &ledger->lines) {
        if (uuid_equals(&line->id, id)) {
            return line;
        }
    }
    return NULL;
}

static struct line *
get_line(struct ledger *ledger, const struct uuid *id)
{
    struct line *line = find_line(ledger, id);

    if (!line) {
        line = xzalloc(sizeof *line);
        line->id = *id;
        hmap_insert(&ledger->lines, &line->node, uuid_hash(id));
    }
    return line;
}

static void
set_known(struct ledger *ledger, const struct uuid *id,
          const struct ledger_note *note)
{
    struct line *line = get_line(ledger, id);

    line->is_known = true;
    line->is_refused = false;
    line->note = *note;
}

static struct ledger_note
note_of(const struct lb_states *states, const struct object_state *state)
{
    return (struct ledger_note) {
        .provisioning_status = state->provisioning_status,
        .operating_status = state->operating_status,
        .updated_at_us = state->updated_at_us,
        .request = (state->resource == RESOURCE_LOAD_BALANCER
                    ? states->last_request : UUID_ZERO),
    };
}

static bool
note_is_same(const struct ledger_note *a, const struct ledger_note *b)
{
    return (a->is_gone == b->is_gone
            && a->provisioning_status == b->provisioning_status
            && a->operating_status == b->operating_status
            && a->updated_at_us == b->updated_at_us
            && uuid_equals(&a->request, &b->request));
}

void
ledger_settle(struct ledger *ledger, const struct lb_states *states)
{
    for (size_t i = 0; i < states->n; i++) {
        struct ledger_note note = note_of(states, &states->objects[i]);

        note.is_firm = true;
        set_known(ledger, &states->objects[i].id, &note);
    }
    ledger->settled_request = states->last_request;
    ledger->waited_request = states->last_request;
}

void
ledger_forgive(struct ledger *ledger)
{
    struct line *line;

    HMAP_FOR_EACH (line, node, &ledger->lines) {
        line->is_refused = false;
    }
}

bool
ledger_has_refusals(const struct ledger *ledger)
{
    const struct line *line;

    HMAP_FOR_EACH (line, node, &ledger->lines) {
        if (line->is_refused) {
            return true;
        }
    }
    return false;
}

/* Making a report. */

static bool
has_waited(const struct ledger *ledger, const struct lb_states *states)
{
    return (states && uuid_equals(&ledger->waited_request,
                                  &states->last_request));
}

/* True if Octavia has to be told 'note' about the object. */
static bool
is_news(const struct draft *draft, const struct line *line,
        const struct ledger_note *note)
{
    if (!line || !line->is_known) {
        return true;
    }
    return (!note_is_same(&line->note, note)
            || (!line->note.is_firm
                && has_waited(draft->ledger, draft->states)));
}

static void
add_record(struct draft *draft, const struct status_record *record,
           const struct ledger_note *note)
{
    struct ledger_report *report = draft->report;

    size_t allocated = draft->allocated;

    ARRAY_GROW(report->records, report->n, allocated);
    ARRAY_GROW(report->notes, report->n, draft->allocated);
    report->records[report->n] = *record;
    report->notes[report->n++] = *note;
}

/* Never reports PENDING: only Octavia sets it.  After a new request the
 * provisioning status is reported even if it is what Octavia had, since
 * Octavia has set PENDING with the request. */
static void
draft_state(struct draft *draft, const struct object_state *state)
{
    struct ledger *ledger = draft->ledger;
    struct line *line = find_line(ledger, &state->id);
    struct ledger_note note = note_of(draft->states, state);

    if (line) {
        line->is_seen = true;
    }
    if (provisioning_status_is_pending(state->provisioning_status)
        || (line && line->is_refused) || !is_news(draft, line, &note)) {
        return;
    }

    struct status_record record = {
        .resource = state->resource,
        .id = state->id,
        .operating_status
            = operating_status_to_string(state->operating_status),
    };
    if (!line || !line->is_known
        || line->note.provisioning_status != state->provisioning_status
        || !uuid_equals(&ledger->settled_request,
                        &draft->states->last_request)) {
        record.provisioning_status
            = provisioning_status_to_string(state->provisioning_status);
    }
    add_record(draft, &record, &note);
}

static void
draft_deletion(struct draft *draft, const struct report_deletion *deletion)
{
    struct line *line = find_line(draft->ledger, &deletion->object_id);
    struct ledger_note note = { .is_gone = true, .is_firm = true };

    if (draft->states
        && lb_states_find(draft->states, &deletion->object_id)) {
        return;                 /* Not yet. */
    }
    if (line) {
        line->is_seen = true;
    }
    if ((line && line->is_refused) || !is_news(draft, line, &note)) {
        return;
    }

    struct status_record record = {
        .resource = deletion->resource,
        .id = deletion->object_id,
        .provisioning_status = DELETED,
        .operating_status = (deletion->resource == RESOURCE_LOAD_BALANCER
                             || deletion->resource == RESOURCE_LISTENER
                             ? operating_status_to_string(OS_OFFLINE)
                             : NULL),
    };
    add_record(draft, &record, &note);
}

static void
forget_unseen_lines(struct ledger *ledger)
{
    struct line *line;

    HMAP_FOR_EACH_SAFE (line, node, &ledger->lines) {
        if (!line->is_seen) {
            hmap_remove(&ledger->lines, &line->node);
            free(line);
        } else {
            line->is_seen = false;
        }
    }
}

/* Records and notes together. */
struct pair {
    struct status_record record;
    struct ledger_note note;
};

static void
sort_report(struct ledger_report *report)
{
    struct pair *pairs = xcalloc(report->n, sizeof *pairs);

    for (size_t i = 0; i < report->n; i++) {
        pairs[i] = (struct pair) { report->records[i], report->notes[i] };
    }
    qsort(pairs, report->n, sizeof *pairs, status_record_compare);
    for (size_t i = 0; i < report->n; i++) {
        report->records[i] = pairs[i].record;
        report->notes[i] = pairs[i].note;
    }
    free(pairs);
}

/* Marks records that are applied after the wait for the lock.  Octavia locks
 * the object of a call and its parents: unless the call was about a listener
 * only, a record in front of the listeners waits.  After a restart the call is
 * unknown. */
static void
mark_firm(const struct draft *draft)
{
    bool is_fresh = uuid_is_zero(&draft->ledger->settled_request);
    bool waits = has_waited(draft->ledger, draft->states);

    for (size_t i = 0; i < draft->report->n; i++) {
        const struct status_record *record = &draft->report->records[i];

        waits |= (!is_fresh && record->resource != RESOURCE_LISTENER
                  && record->provisioning_status);
        draft->report->notes[i].is_firm
            = waits || record->resource != RESOURCE_LISTENER
              || !record->provisioning_status
              || draft->report->notes[i].is_gone;
    }
}

/* Only waits for the lock; changes nothing that users see. */
static void
draft_waiting(struct draft *draft)
{
    const struct object_state *lb = &draft->states->objects[0];
    struct status_record record = {
        .resource = RESOURCE_LOAD_BALANCER,
        .id = lb->id,
        .operating_status = operating_status_to_string(lb->operating_status),
    };
    struct ledger_note note = note_of(draft->states, lb);

    add_record(draft, &record, &note);
}

/* Holds back the load balancer itself while a part of it is PENDING: its state
 * is what lets Octavia accept the next call. */
static void
draft_all(struct draft *draft, const struct report *report)
{
    const struct lb_states *states = draft->states;
    bool must_hold = states && lb_states_has_pending_child(states);

    for (size_t i = 0; states && i < states->n; i++) {
        if (i || !must_hold) {
            draft_state(draft, &states->objects[i]);
        } else {
            struct line *line = find_line(draft->ledger,
                                          &states->objects[i].id);
            if (line) {
                line->is_seen = true;
            }
        }
    }
    for (size_t i = 0; i < report->n_deletions; i++) {
        draft_deletion(draft, &report->deletions[i]);
    }
    forget_unseen_lines(draft->ledger);
}

void
ledger_next(struct ledger *ledger, const struct lb_states *states,
            const struct report *report, size_t records_max,
            struct ledger_report *ret)
{
    struct draft draft = { ledger, states, ret, 0 };

    *ret = (struct ledger_report) {
        .request = states ? states->last_request : UUID_ZERO,
    };
    if (ledger->must_wait && states && !has_waited(ledger, states)) {
        draft_waiting(&draft);
        return;
    }
    ledger->must_wait = false;
    draft_all(&draft, report);
    sort_report(ret);
    ret->n = MIN(ret->n, records_max);
    mark_firm(&draft);
}

void
ledger_report_uninit(struct ledger_report *report)
{
    free(report->records);
    free(report->notes);
}

/* Answers. */

static void
take_record(struct ledger *ledger, const struct ledger_report *report,
            size_t i)
{
    const struct status_record *record = &report->records[i];

    if (!ledger->must_wait) {
        set_known(ledger, &record->id, &report->notes[i]);
    }
    if (record->resource == RESOURCE_LOAD_BALANCER) {
        ledger->waited_request = report->request;
    }
}

void
ledger_taken(struct ledger *ledger, const struct ledger_report *report)
{
    for (size_t i = 0; i < report->n; i++) {
        take_record(ledger, report, i);
    }
    ledger->must_wait = false;
}

bool
ledger_refused(struct ledger *ledger, const struct ledger_report *report,
               const struct uuid *id)
{
    size_t i = 0;

    while (i < report->n && !uuid_equals(&report->records[i].id, id)) {
        take_record(ledger, report, i++);
    }
    if (i == report->n) {
        return false;
    }

    if (report->records[i].resource == RESOURCE_LISTENER
        && !report->notes[i].is_gone
        && !uuid_equals(&ledger->waited_request, &report->request)) {
        ledger->must_wait = true;
        return false;
    }

    if (ledger->must_wait) {
        /* Even the record that was to wait was refused: goes on without. */
        ledger->must_wait = false;
        ledger->waited_request = report->request;
    }
    get_line(ledger, id)->is_refused = true;
    return true;
}

void
ledger_unknown(struct ledger *ledger, const struct ledger_report *report,
               const struct uuid *id)
{
    for (size_t i = 0; i < report->n; i++) {
        if (uuid_equals(&report->records[i].id, id)) {
            set_known(ledger, id, &report->notes[i]);
        }
    }
}

static bool
knows_state(const struct ledger *ledger, const struct lb_states *states,
            const struct object_state *state)
{
    const struct line *line = find_line(ledger, &state->id);
    struct ledger_note note = note_of(states, state);

    return (line && line->is_known && line->note.is_firm
            && note_is_same(&line->note, &note));
}

bool
ledger_is_settled(const struct ledger *ledger,
                  const struct lb_states *states,
                  const struct report *report)
{
    for (size_t i = 0; states && i < states->n; i++) {
        const struct object_state *state = &states->objects[i];

        if (provisioning_status_is_pending(state->provisioning_status)
            || !knows_state(ledger, states, state)) {
            return false;
        }
    }
    for (size_t i = 0; i < report->n_deletions; i++) {
        const struct uuid *id = &report->deletions[i].object_id;

        if (!ledger_knows_gone(ledger, id)
            || (states && lb_states_find(states, id))) {
            return false;
        }
    }
    return true;
}

bool
ledger_knows_gone(const struct ledger *ledger, const struct uuid *id)
{
    const struct line *line = find_line(ledger, id);

    return line && line->is_known && line->note.is_gone;
}
