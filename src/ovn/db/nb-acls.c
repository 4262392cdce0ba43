/* SPDX-License-Identifier: Apache-2.0
 *
 * ACLs of listeners and the port groups that have them, in the Northbound
 * database: which rows are a load balancer's, and whom a change concerns; see
 * nb-acls.h.
 *
 * The replica has none but our own: security groups make thousands of both.
 */

#include <config.h>
#include "ovn/db/nb-acls.h"
#include <stdlib.h>
#include <string.h>
#include "base/idl.h"
#include "nb-idl.h"
#include "openvswitch/shash.h"
#include "ovn/db/nb-private.h"
#include "ovn/rows/rows.h"
#include "sset.h"
#include "util.h"
#include "uuid.h"

static void acls_set_groups(struct ovsdb_idl *, const struct sset *names);

void
nb_acls_add_columns(struct ovsdb_idl *idl)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_acl_col_direction,
        &nbrec_acl_col_priority,
        &nbrec_acl_col_match,
        &nbrec_acl_col_action,
        &nbrec_acl_col_options,
        &nbrec_acl_col_external_ids,
        &nbrec_port_group_col_name,
        &nbrec_port_group_col_ports,
        &nbrec_port_group_col_acls,
        &nbrec_port_group_col_external_ids,
    };
    struct ovsdb_idl_condition acls = OVSDB_IDL_CONDITION_INIT(&acls);
    struct smap ours = SMAP_CONST1(&ours, ACL_KEY_PURPOSE, ACL_PURPOSE);

    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_add_column(idl, columns[i]);
        ovsdb_idl_track_add_column(idl, columns[i]);
    }
    ovsdb_idl_add_column(idl, &nbrec_logical_switch_col_acls);

    nbrec_acl_add_clause_external_ids(&acls, OVSDB_F_INCLUDES, &ours);
    nbrec_acl_set_condition(idl, &acls);
    ovsdb_idl_condition_destroy(&acls);
    acls_set_groups(idl, NULL);
}

void
nb_acls_add_table(struct ovsdb_idl *idl)
{
    struct ovsdb_idl_condition none = OVSDB_IDL_CONDITION_INIT(&none);

    ovsdb_idl_add_table(idl, &nbrec_table_acl);
    nbrec_acl_set_condition(idl, &none);
    ovsdb_idl_condition_destroy(&none);
}

/* Has the replica hold the groups with our mark, and those of the given names
 * (NULL: none). */
static void
acls_set_groups(struct ovsdb_idl *idl, const struct sset *names)
{
    struct ovsdb_idl_condition groups = OVSDB_IDL_CONDITION_INIT(&groups);
    struct smap ours = SMAP_CONST1(&ours, ACL_KEY_PURPOSE, ACL_PURPOSE);
    const char *name;

    nbrec_port_group_add_clause_external_ids(&groups, OVSDB_F_INCLUDES,
                                             &ours);
    if (names) {
        SSET_FOR_EACH (name, names) {
            nbrec_port_group_add_clause_name(&groups, OVSDB_F_EQ, name);
        }
    }
    nbrec_port_group_set_condition(idl, &groups);
    ovsdb_idl_condition_destroy(&groups);
}

void
nb_seek_entrance(struct nb *nb, const char *name)
{
    if (sset_add(&nb->sought, name)) {
        acls_set_groups(nb->idl, &nb->sought);
    }
}

/* Zero if 'external_ids' does not have a UUID as 'key'. */
static struct uuid
acls_get_uuid(const struct smap *external_ids, const char *key)
{
    struct uuid uuid;

    return (uuid_from_string(&uuid, smap_get_def(external_ids, key, ""))
            ? uuid : UUID_ZERO);
}

/* The index. */

static void
acls_add_changed(const struct uuid *lb_id, void *index_)
{
    struct nb_index *index = index_;

    if (!uuid_is_zero(lb_id)) {
        uuidset_insert(&index->changed, lb_id);
    }
}

/* Makes 'owner' what the row says that it is for, and tells the owners. */
static void
acls_set_owner(struct nb_index *index, struct refs *rows,
               const struct uuid *row, struct uuid owner)
{
    size_t n;
    const struct uuid *old = refs_children(rows, row, &n);

    if (old) {
        acls_add_changed(old, index);
    }
    acls_add_changed(&owner, index);
    refs_set(rows, row, &owner, 1, NULL, NULL);
}

static void
acls_forget(struct nb_index *index, const struct uuid *row)
{
    refs_set(&index->acls, row, NULL, 0, acls_add_changed, index);
}

/* Forgets the rows that are in 'rows' and not in the replica. */
static void
acls_forget_lost(struct nb_index *index, struct refs *rows,
                 const struct ovsdb_idl_table_class *table,
                 void (*forget)(struct nb_index *, const struct uuid *))
{
    struct uuidset lost = UUIDSET_INITIALIZER(&lost);
    const struct uuidset_node *node;

    refs_find_parents(rows, &lost);
    UUIDSET_FOR_EACH (node, &lost) {
        if (!ovsdb_idl_get_row_for_uuid(index->idl, table, &node->uuid)) {
            forget(index, &node->uuid);
        }
    }
    uuidset_destroy(&lost);
}

static void
read_acl(struct nb_index *index, const struct nbrec_acl *acl)
{
    acls_set_owner(index, &index->acls, &acl->header_.uuid,
                   acls_get_uuid(&acl->external_ids, ACL_KEY_LB));
}

static void
read_acls(struct nb_index *index)
{
    const struct nbrec_acl *acl;

    NBREC_ACL_FOR_EACH_TRACKED (acl, index->idl) {
        if (nbrec_acl_is_deleted(acl)) {
            acls_forget(index, &acl->header_.uuid);
        } else {
            read_acl(index, acl);
        }
    }
    acl = nbrec_acl_first(index->idl);
    if (!idl_table_is_complete(acl ? &acl->header_ : NULL,
                               refs_n_parents(&index->acls))) {
        acls_forget_lost(index, &index->acls, &nbrec_table_acl, acls_forget);
        NBREC_ACL_FOR_EACH (acl, index->idl) {
            read_acl(index, acl);
        }
    }
}

/* Has the load balancers looked at that may need the router's entrance, which
 * is gone. */
static void
touch_users(struct nb_index *index, const struct uuid *router)
{
    const struct uuidset *lbs = refs_parents(&index->homes, router);
    const struct uuidset_node *node;

    if (lbs) {
        UUIDSET_FOR_EACH (node, lbs) {
            acls_add_changed(&node->uuid, index);
        }
    }
}

/* Has a load balancer looked at that needs the entrance: any will do, since
 * the row is the same for all.  Without an ACL in it, those are told that lost
 * theirs. */
static void
touch_entrance(struct nb_index *index, const struct nbrec_port_group *row)
{
    for (size_t i = 0; i < row->n_acls; i++) {
        struct uuid lb_id = acls_get_uuid(&row->acls[i]->external_ids,
                                          ACL_KEY_LB);
        acls_add_changed(&lb_id, index);
        if (!uuid_is_zero(&lb_id)) {
            break;
        }
    }
}

bool
nb_entrance_is_marked(const struct nbrec_port_group *row)
{
    return !strcmp(smap_get_def(&row->external_ids, ACL_KEY_PURPOSE, ""),
                   ACL_PURPOSE);
}

/* True if all keys are ours. */
static bool
acls_keys_are_ours(const struct smap *external_ids)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, external_ids) {
        if (strncmp(node->key, "ovn-octavia:", 12)) {
            return false;
        }
    }
    return true;
}

/* ACLs of others are not replicated: the row only refers to them. */
bool
nb_entrance_is_ours(const struct nbrec_port_group *row)
{
    struct uuid router;

    return (nb_entrance_is_marked(row)
            || (lb_entrance_name_parse(row->name, &router)
                && acls_keys_are_ours(&row->external_ids)
                && ovsdb_idl_read(&row->header_,
                                  &nbrec_port_group_col_acls)->n
                   == row->n_acls));
}

/* Returns the router: of the name, or, if a hand has changed that, of the
 * marks.  Zero if there is none, or the row is not ours. */
static struct uuid
entrance_router(const struct nbrec_port_group *row)
{
    struct uuid router;

    if (!nb_entrance_is_ours(row)) {
        return UUID_ZERO;
    }
    return (lb_entrance_name_parse(row->name, &router) ? router
            : acls_get_uuid(&row->external_ids, ENTRANCE_KEY_ROUTER));
}

/* With the row its ACLs are gone, too: their load balancers are told by those.
 * But a row that has lost its mark is gone from the replica only. */
static void
forget_entrance(struct nb_index *index, const struct uuid *row)
{
    size_t n;
    const struct uuid *router = refs_children(&index->entrances, row, &n);

    if (router) {
        touch_users(index, router);
    }
    refs_set(&index->entrances, row, NULL, 0, NULL, NULL);
}

static void
read_entrance(struct nb_index *index, const struct nbrec_port_group *row)
{
    struct uuid router = entrance_router(row);

    if (nbrec_port_group_is_new(row)
        || nbrec_port_group_is_updated(row, NBREC_PORT_GROUP_COL_PORTS)
        || nbrec_port_group_is_updated(row, NBREC_PORT_GROUP_COL_NAME)
        || nbrec_port_group_is_updated(row,
                                       NBREC_PORT_GROUP_COL_EXTERNAL_IDS)) {
        touch_entrance(index, row);
    }
    index->lost_users |= !ovsdb_idl_read(&row->header_,
                                         &nbrec_port_group_col_acls)->n;
    refs_set(&index->entrances, &row->header_.uuid, &router, 1, NULL, NULL);
}

static void
read_entrances(struct nb_index *index)
{
    const struct nbrec_port_group *row;

    NBREC_PORT_GROUP_FOR_EACH_TRACKED (row, index->idl) {
        if (nbrec_port_group_is_deleted(row)) {
            forget_entrance(index, &row->header_.uuid);
        } else {
            read_entrance(index, row);
        }
    }
    row = nbrec_port_group_first(index->idl);
    if (!idl_table_is_complete(row ? &row->header_ : NULL,
                               refs_n_parents(&index->entrances))) {
        acls_forget_lost(index, &index->entrances, &nbrec_table_port_group,
                         forget_entrance);
        NBREC_PORT_GROUP_FOR_EACH (row, index->idl) {
            read_entrance(index, row);
        }
    }
}

void
nb_acls_run(struct nb_index *index)
{
    read_acls(index);
    read_entrances(index);
}

/* What is there. */

const struct nbrec_port_group *
nb_find_entrance(const struct nb *nb, const struct uuid *router)
{
    const struct uuidset *rows = refs_parents(&nb->index.entrances, router);
    char *name = lb_entrance_name(router);
    const struct uuid *made = shash_find_data(&nb->made, name);
    const struct nbrec_port_group *row
        = made ? nbrec_port_group_get_for_uuid(nb->idl, made) : NULL;
    const struct uuidset_node *node;

    if (!row && rows) {
        UUIDSET_FOR_EACH (node, rows) {
            row = nbrec_port_group_get_for_uuid(nb->idl, &node->uuid);
            if (row && !strcmp(row->name, name)) {
                break;
            }
        }
    }
    free(name);
    return row;
}

static bool
acl_is_in(const struct ovsdb_idl_row *row,
          const struct ovsdb_idl_column *column, const struct uuid *acl)
{
    const union ovsdb_atom atom = { .uuid = *acl };

    return ovsdb_datum_find_key(ovsdb_idl_read(row, column), &atom,
                                OVSDB_TYPE_UUID, NULL);
}

/* True if the ACL is where its external_ids say. */
static bool
acl_is_in_place(const struct nb *nb, const struct nbrec_acl *acl,
                const struct uuid *place)
{
    const struct nbrec_port_group *entrance = nb_find_entrance(nb, place);
    const struct nbrec_logical_switch *sw
        = nbrec_logical_switch_get_for_uuid(nb->idl, place);

    return (entrance ? acl_is_in(&entrance->header_,
                                 &nbrec_port_group_col_acls,
                                 &acl->header_.uuid)
            : sw ? acl_is_in(&sw->header_, &nbrec_logical_switch_col_acls,
                             &acl->header_.uuid)
            : false);
}

static bool
acl_options_are_right(const struct smap *options, bool is_translated)
{
    return (smap_count(options) == is_translated
            && smap_get_bool(options, ACL_OPTION_AFTER_LB, false)
               == is_translated);
}

/* A row that is not in its place is not counted: nothing says where else it
 * is. */
static void
observe_acl(const struct nb *nb, const struct nbrec_acl *row,
            struct ovn_lb *ret)
{
    const char *version = smap_get_def(&row->external_ids, ACL_KEY_VERSION,
                                       "");
    struct uuid place = acls_get_uuid(&row->external_ids, ACL_KEY_PLACE);

    if (!acl_is_in_place(nb, row, &place)) {
        return;
    }

    struct lb_acl *acl = ovn_lb_add_acl(ret);
    acl->uuid = row->header_.uuid;
    acl->listener = acls_get_uuid(&row->external_ids, ACL_KEY_LISTENER);
    acl->place = place;
    acl->is_ipv6 = !strcmp(version, "6");
    acl->is_translated = smap_get(&row->external_ids, ACL_KEY_STAGE) != NULL;
    acl->match = xstrdup(row->match);
    acl->cidrs = nullable_xstrdup(smap_get(&row->external_ids,
                                           ACL_KEY_CIDRS));
    acl->is_altered = (row->priority != ACL_PRIORITY
                       || strcmp(row->direction, "from-lport")
                       || strcmp(row->action, "drop")
                       || row->tier
                       || !acl_options_are_right(&row->options,
                                                 acl->is_translated));
}

static bool
entrance_is_as_made(const struct nbrec_port_group *row,
                    const struct uuid *router)
{
    struct uuid marked = acls_get_uuid(&row->external_ids,
                                       ENTRANCE_KEY_ROUTER);
    char *name = lb_entrance_name(router);
    bool same = (!strcmp(row->name, name)
                 && nb_entrance_is_marked(row)
                 && uuid_equals(&marked, router));

    free(name);
    return same;
}

void
nb_observe_entrance(const struct nb *nb, const struct uuid *router,
                    struct ovn_lb *ret)
{
    const struct nbrec_port_group *row = nb_find_entrance(nb, router);

    if (row) {
        const struct ovsdb_datum *ports
            = ovsdb_idl_read(&row->header_, &nbrec_port_group_col_ports);
        struct lb_entrance *seen = ovn_lb_entrance(ret, router);

        seen->is_altered = !entrance_is_as_made(row, router);
        for (size_t i = 0; i < ports->n; i++) {
            uuidset_insert(&seen->ports, &ports->keys[i].uuid);
        }
    }
}

void
nb_observe_acls(const struct nb *nb, const struct uuid *lb_id,
                const struct ovn_lb *want, struct ovn_lb *ret)
{
    const struct uuidset *rows = refs_parents(&nb->index.acls, lb_id);
    const struct uuidset_node *node;

    if (rows) {
        UUIDSET_FOR_EACH (node, rows) {
            const struct nbrec_acl *row = nbrec_acl_get_for_uuid(nb->idl,
                                                                 &node->uuid);
            if (row) {
                observe_acl(nb, row, ret);
            }
        }
    }
    for (size_t i = 0; want && i < want->n_entrances; i++) {
        nb_observe_entrance(nb, &want->entrances[i]->router, ret);
    }
}
