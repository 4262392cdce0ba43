/* SPDX-License-Identifier: Apache-2.0
 *
 * What follows from ovn-northd's version; see northd.h.
 */

#include <config.h>
#include "ovn/db/northd.h"
#include <stddef.h>
#include "nb-idl.h"
#include "ovsdb-idl.h"
#include "util.h"

void
northd_add_columns(struct ovsdb_idl *idl)
{
    ovsdb_idl_add_column(idl, &nbrec_nb_global_col_options);
}

/* The key is written by ovn-northd itself, the active one, when it starts: a
 * database that was converted already may still have the old one. */
bool
northd_run(struct northd *northd, const struct ovsdb_idl *idl)
{
    unsigned int seqno = ovsdb_idl_get_seqno(idl);

    if (seqno == northd->seqno) {
        return false;
    }
    northd->seqno = seqno;

    const struct nbrec_nb_global *global = nbrec_nb_global_first(idl);
    bool before = northd->has_central_replies;

    northd->has_central_replies = northd_has_central_replies(
        global ? smap_get(&global->options, "northd_internal_version")
        : NULL);
    return northd->has_central_replies != before;
}

/* True if 'version' is OVN's of that month, or newer.  Versions begin with
 * their year and month: "23.09.0". */
static bool
version_is_since(const char *version, unsigned int year, unsigned int month)
{
    unsigned int v[2];

    return (version && ovs_scan(version, "%u.%u.", &v[0], &v[1])
            && (v[0] > year || (v[0] == year && v[1] >= month)));
}

bool
northd_has_central_replies(const char *version)
{
    return version_is_since(version, 23, 9);
}
