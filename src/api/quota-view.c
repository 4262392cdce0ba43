/* SPDX-License-Identifier: Apache-2.0
 *
 * The quota of a project as an object of the API; see quota-view.h.
 */

#include <config.h>
#include "api/quota-view.h"
#include "openvswitch/json.h"
#include "ovsdb-types.h"
#include "util.h"

void
quota_view_init(struct quota_view *view, const char *project,
                const struct quota_limits *limits)
{
    view->project.s = ovsdb_atom_string_create(project);
    view->limits = *limits;
}

void
quota_view_uninit(struct quota_view *view)
{
    ovsdb_atom_destroy(&view->project, OVSDB_TYPE_STRING);
}

const char *
quota_view_project(const struct quota_view *view)
{
    return json_string(view->project.s);
}

/* Each field has a value. */
static void
quota_view_read(const void *view_, const struct resource *resource OVS_UNUSED,
                const struct field *field, struct value_scratch *scratch,
                struct ovsdb_datum *ret)
{
    const struct quota_view *view = view_;
    enum quota_kind kind = quota_kind_of_field(field);
    union ovsdb_atom *atom = value_scratch_add(scratch, 0);

    if (kind < N_QUOTA_KINDS) {
        atom->integer = view->limits.of[kind];
    } else {
        *atom = view->project;
    }
    ovsdb_datum_init_empty(ret);
    ret->n = 1;
    ret->keys = atom;
}

const struct object_reader quota_view_reader = {
    .read = quota_view_read,
};
