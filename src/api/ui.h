/* SPDX-License-Identifier: Apache-2.0
 *
 * The page to look at load balancers with, at /ui: fixed files without any
 * data, which need no token, and nothing else.  The page itself asks the
 * public API, with the token of its user.
 */

#ifndef API_UI_H
#define API_UI_H 1

#include <stdbool.h>

struct request;

/* True if the request is for a file of the page, by its whole path.  Never, if
 * the page is switched off. */
bool ui_is_asked(const struct request *);

/* Ends the request. */
void ui_answer(struct request *);

#endif /* api/ui.h */
