/* SPDX-License-Identifier: Apache-2.0
 *
 * Decides whether this copy of the API knows enough to say no.  Another copy
 * may have answered a write of which we have not heard yet; so before a
 * request is told that something is not there (404), or not as it should be
 * (409), the database is asked, and the request looks again.  Once.
 */

#ifndef API_DOUBT_H
#define API_DOUBT_H 1

#include <stdbool.h>

struct request;

/* Returns false if the request's fault is certain.  Else forgets it, asks the
 * database, has request->again called when this replica has all that the
 * database has now, and returns true. */
bool doubt_fault(struct request *);

/* Does the same for a request that has not begun, if it says "Cache-Control:
 * no-cache". */
bool doubt_replica(struct request *);

#endif /* api/doubt.h */
