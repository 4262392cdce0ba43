/* SPDX-License-Identifier: Apache-2.0
 *
 * The quota of a project as an object of the API: what model/render.h and the
 * filters and orders of lists read.
 */

#ifndef API_QUOTA_VIEW_H
#define API_QUOTA_VIEW_H 1

#include "model/quota.h"
#include "model/render.h"
#include "ovsdb-data.h"

struct quota_view {
    union ovsdb_atom project;   /* Owned. */
    struct quota_limits limits;
};

void quota_view_init(struct quota_view *, const char *project,
                     const struct quota_limits *);
void quota_view_uninit(struct quota_view *);

const char *quota_view_project(const struct quota_view *);

/* Reads a field of 'quota_resource'; the object is a view. */
extern const struct object_reader quota_view_reader;

#endif /* api/quota-view.h */
