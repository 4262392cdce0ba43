/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints the users of a file, without any hash.
 */

#ifndef CTL_USER_LIST_H
#define CTL_USER_LIST_H 1

struct table_style;
struct users;

/* Prints a line for each project in which a user has roles, and one for each
 * application credential. */
void user_list_print(const struct users *, const struct table_style *);

#endif /* ctl/user-list.h */
