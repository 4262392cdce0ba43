/* SPDX-License-Identifier: Apache-2.0
 *
 * What a request has waited for, and for how long, and the line in the log
 * about one that took too long.
 */

#ifndef API_WAITS_H
#define API_WAITS_H 1

struct request;

/* As the log has them: "1200 ms for ...". */
#define WAITS                                                           \
    WAIT(KEYSTONE, "Keystone")                                          \
    WAIT(PASSWORD, "its password to be compared")                       \
    WAIT(DATABASE, "a database that was away")                          \
    WAIT(COMMIT, "commits to OVN_Octavia")                              \
    WAIT(NETWORK, "facts about networks")                               \
    WAIT(DRIVER, "the driver")                                          \
    WAIT(SETTLE, "its load balancer, as its client preferred")

enum wait_for {
#define WAIT(NAME, WORDS) WAIT_##NAME,
    WAITS
#undef WAIT
    N_WAITS
};

struct waits {
    long long int us[N_WAITS];
    enum wait_for now;          /* Is waited for, */
    long long int since_us;     /* since then.  0: nothing is. */
};

/* Begins to wait, ends what was waited for before. */
void waits_begin(struct waits *, enum wait_for);
void waits_end(struct waits *);

/* Logs the request, which is answered now, if that took as long as 'slow_ms'
 * without what its client preferred.  0: no request is slow. */
void waits_log_slow(const struct request *, int slow_ms);

#endif /* api/waits.h */
