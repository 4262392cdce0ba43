/* SPDX-License-Identifier: Apache-2.0
 *
 * A load balancer with all its parts as an answer, and what a document would
 * make of it.
 */

#ifndef API_TREE_SHOW_H
#define API_TREE_SHOW_H 1

struct etag;
struct ovsdb_idl_row;
struct request;
struct tree_plan;

/* Stores the tag of all of the load balancer. */
void tree_tag(const struct ovsdb_idl_row *lb, struct etag *ret);

/* Replies with the load balancer that the request is about. */
void tree_reply(struct request *);

/* Replies with a plan. */
void tree_reply_plan(struct request *, const struct tree_plan *);

#endif /* api/tree-show.h */
