/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts requests by their route and the answer they got, for Prometheus.
 */

#ifndef API_TALLY_H
#define API_TALLY_H 1

#include <stdbool.h>

struct request;

/* Notes that the request is answered, now, with an HTTP status; the route may
 * be NULL. */
void tally_answer(const struct request *, int status);

/* Notes that the client has left before it could be answered. */
void tally_gone(void);

/* How a request's token was judged. */
#define TALLY_TOKENS                                                    \
    TALLY_TOKEN(ACCEPTED, "accepted")                                   \
    TALLY_TOKEN(REFUSED, "refused")                                     \
    TALLY_TOKEN(FAILED, "failed")       /* Keystone did not tell. */

enum tally_token {
#define TALLY_TOKEN(NAME, WORD) TALLY_TOKEN_##NAME,
    TALLY_TOKENS
#undef TALLY_TOKEN
    N_TALLY_TOKENS
};

/* Notes the judgement; 'was_known': without a question to Keystone. */
void tally_token(enum tally_token, bool was_known);

/* Adds all of this to the page. */
void tally_add_metrics(void);

#endif /* api/tally.h */
