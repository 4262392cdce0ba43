/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares passwords with their hashes beside the poll loop, in a few threads
 * of their own: each comparison takes tens of milliseconds, in which the loop
 * would answer hundreds of requests.  A thread touches nothing but its own
 * check.  So many may wait, and no more.
 */

#ifndef AUTH_LOCAL_PASSWORD_POOL_H
#define AUTH_LOCAL_PASSWORD_POOL_H 1

#include <stdbool.h>
#include <stddef.h>

struct password_check;
struct password_pool;

/* Starts the threads.  No process may be forked afterwards. */
struct password_pool *password_pool_create(void);

/* Waits for the comparisons under way, and forgets the others. */
void password_pool_destroy(struct password_pool *);

/* Calls back what has ended. */
void password_pool_run(struct password_pool *);
void password_pool_wait(struct password_pool *);

typedef void password_check_done(void *aux, bool matches);

/* Has 'password' compared with 'hash' (NULL: with one that nothing matches,
 * which takes as long).  Both are copied.  Returns NULL if too many wait.
 * 'done' is called once, from password_pool_run(); the return value is good
 * until then. */
struct password_check *password_pool_submit(struct password_pool *,
                                            const char *password,
                                            const char *hash,
                                            password_check_done *, void *aux);

/* 'done' is not called any more. */
void password_check_cancel(struct password_check *);

/* Returns how many checks wait or are under way. */
size_t password_pool_count(const struct password_pool *);

#endif /* auth/local/password-pool.h */
