/* SPDX-License-Identifier: Apache-2.0
 *
 * The links from a page of a list to those around it.
 */

#ifndef API_PAGE_LINK_H
#define API_PAGE_LINK_H 1

struct ds;
struct request;

/* Appends the link, as JSON, to the page behind 'marker', or, if 'relation' is
 * "previous", to the one before it: with the limit and all that the request
 * has asked for. */
void page_link_put(struct ds *, const struct request *, const char *marker,
                   const char *relation);

#endif /* api/page-link.h */
