/* SPDX-License-Identifier: Apache-2.0
 *
 * One question and one answer, both JSON, over a unix socket of Octavia's
 * driver-agent: it takes one request per connection.  Nothing blocks; what is
 * more than may be under way at once waits its turn.
 *
 * The driver-agent's queue of connections that it has not accepted yet is
 * short.  A full queue is no failure: as many are opened as it takes.  A
 * request that was sent may be acted upon at any time: the answer to one with
 * consequences is waited for as long as the receiver lives.
 *
 * Questions, and the meanings of answers, are in status-socket.h and
 * get-socket.h.
 */

#ifndef OCTAVIA_EXCHANGE_H
#define OCTAVIA_EXCHANGE_H 1

#include <stdbool.h>
#include <stddef.h>

struct exchange;
struct exchanger;
struct json;

enum exchange_result {
    EXCHANGE_DONE,
    EXCHANGE_AWAY,              /* No process listens; nothing was sent. */
    EXCHANGE_SILENT,            /* There is no answer in time.  The other side
                                 * may have acted, or not, or will. */
    EXCHANGE_FAILED,            /* There is no whole answer; the request may
                                 * have been carried out. */
};

struct exchange_reply {
    enum exchange_result result;
    const struct json *json;    /* EXCHANGE_DONE; borrowed. */
    const char *error;          /* Else; for people. */
};

typedef void exchange_done(const struct exchange_reply *, void *aux);

/* At most 'n_max' questions are under way at once, each for at most
 * 'timeout_ms'; 0 if there is no limit.  'path' is copied. */
struct exchanger *exchanger_create(const char *path, size_t n_max,
                                   int timeout_ms);

/* Forgets exchanges that are under way; their callbacks are not called. */
void exchanger_destroy(struct exchanger *);
void exchanger_run(struct exchanger *);
void exchanger_wait(struct exchanger *);
const char *exchanger_path(const struct exchanger *);

/* Since when something that was sent is waited for, and nothing has come from
 * there at all; LLONG_MAX if nothing is waited for. */
long long int exchanger_silent_since_ms(const struct exchanger *);

/* Asks.  'done' is called once, from exchanger_run(), never from here, and may
 * ask again.  The return value is good until then, for cancelling. */
struct exchange *exchanger_ask(struct exchanger *, const struct json *request,
                               exchange_done *, void *aux);
void exchange_cancel(struct exchange *);

/* True if the other side may have got some of it. */
bool exchange_is_sent(const struct exchange *);

/* 'aux' is freed when the exchange ends, however that comes. */
void exchange_own_aux(struct exchange *);

#endif /* octavia/exchange.h */
