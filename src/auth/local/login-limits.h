/* SPDX-License-Identifier: Apache-2.0
 *
 * How often somebody may fail to log in: by the user's name, and by the
 * client's address.  Attempts that are under way do not count: a program may
 * log in many times at once; if it was wrong each time, the next attempt has
 * to wait for as long.  Pure: the caller says what time it is.
 *
 * There is room for so many names and addresses; the one that has failed the
 * longest time ago goes first.
 */

#ifndef AUTH_LOCAL_LOGIN_LIMITS_H
#define AUTH_LOCAL_LOGIN_LIMITS_H 1

#include <stddef.h>

struct login_limits;

struct login_limits *login_limits_create(void);
void login_limits_destroy(struct login_limits *);

/* Returns 0 if there may be an attempt, else the milliseconds after which
 * there may be one.  'address' is an IP address, or any other text, or
 * NULL. */
long long int login_limits_delay(const struct login_limits *,
                                 const char *user, const char *address,
                                 long long int now_ms);

/* Counts a failure. */
void login_limits_fail(struct login_limits *, const char *user,
                       const char *address, long long int now_ms);

/* Returns how many names and addresses are remembered. */
size_t login_limits_count(const struct login_limits *);

#endif /* auth/local/login-limits.h */
