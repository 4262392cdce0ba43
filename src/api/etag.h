/* SPDX-License-Identifier: Apache-2.0
 *
 * Entity tags: texts that change with what an object shows (RFC 9110, 8.8.3).
 *
 * A tag has two parts, "CONFIGURATION-STATE".  The second one stands for the
 * statuses and the time of the last change, which change without users.  A GET
 * compares both, so that a client that polls sees every change.  A write
 * compares the first part alone: it replaces what users want, and the tag that
 * the answer to the last write had, while the object was PENDING, is as good
 * as one of later.
 *
 * Both parts follow from the contents, so that all copies of the API have the
 * same tags, before a restart and after it.
 */

#ifndef API_ETAG_H
#define API_ETAG_H 1

#include <stdbool.h>
#include "openvswitch/dynamic-string.h"

struct ovsdb_idl_row;
struct resource;

#define ETAG_CONFIG_LENGTH 32
#define ETAG_STATE_LENGTH 16

struct etag {
    /* Without quotes.  What has no state has only the first part. */
    char text[ETAG_CONFIG_LENGTH + 1 + ETAG_STATE_LENGTH + 1];
};

/* Stores the tag of an object that has states. */
void etag_of_row(const struct resource *, const struct ovsdb_idl_row *,
                 struct etag *ret);

/* The same, and appends the object to 'body': it is read once. */
void etag_render_row(const struct resource *, const struct ovsdb_idl_row *,
                     struct ds *body, struct etag *ret);

/* The tag of many objects together: of those that were added, in that order.
 * etag_sum_finish() frees what it has. */
struct etag_sum {
    struct ds config, state;
};

#define ETAG_SUM_INITIALIZER { DS_EMPTY_INITIALIZER, DS_EMPTY_INITIALIZER }

void etag_sum_add(struct etag_sum *, const struct resource *,
                  const struct ovsdb_idl_row *);
void etag_sum_finish(struct etag_sum *, struct etag *ret);

/* Stores the tag of what is shown as 'body'. */
void etag_of_body(const struct ds *body, struct etag *ret);

/* True if 'list', the value of If-Match or If-None-Match, has 'tag'.  A weak
 * tag in it counts only if 'takes_weak'; 'config_only': the second parts make
 * no difference.  "*" has every tag. */
bool etag_is_in(const char *list, const struct etag *tag, bool takes_weak,
                bool config_only);

#endif /* api/etag.h */
