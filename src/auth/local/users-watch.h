/* SPDX-License-Identifier: Apache-2.0
 *
 * The users of the file, as it is now: it is looked at when it is needed, and
 * loaded again if it has changed.  A file that has become wrong is told about
 * in the log, and the users that were there before stay.  The caller says what
 * time it is.
 */

#ifndef AUTH_LOCAL_USERS_WATCH_H
#define AUTH_LOCAL_USERS_WATCH_H 1


struct ds;
struct users;
struct users_watch;

/* Returns NULL and sets '*errorp' (the caller frees it) if the file is no good
 * at the start. */
struct users_watch *users_watch_open(const char *path, long long int now_ms,
                                     char **errorp);
void users_watch_close(struct users_watch *);

/* Looks at the file. */
void users_watch_look(struct users_watch *, long long int now_ms);

/* Looks at the file, once a second at most: for every request. */
void users_watch_refresh(struct users_watch *, long long int now_ms);

/* Returns the users, good until the file is looked at again. */
const struct users *users_watch_get(const struct users_watch *);

/* Looks at the file now and then, so that a wrong one is told about although
 * nobody comes. */
void users_watch_run(struct users_watch *, long long int now_ms);
void users_watch_wait(const struct users_watch *);

/* Appends lines of a status. */
void users_watch_format(const struct users_watch *, struct ds *);

#endif /* auth/local/users-watch.h */
