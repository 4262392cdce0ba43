/* SPDX-License-Identifier: Apache-2.0
 *
 * Load balancers and their groups; see groups.h.
 *
 * A "need" is what a load balancer asks for: the places of its VIPs and
 * members.  A "key" is what that means in the network of today: attach_group()
 * of the places.  Different needs may have the same key; then they share a
 * group.
 *
 * A group that is in the database and not in the registry is not touched until
 * it is known what it is for, since it may carry a thousand load balancers
 * that have not been compared yet.
 */

#include <config.h>
#include "ovn/want/groups.h"
#include <stdlib.h>
#include "base/name-uuid.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/rows/row-match.h"
#include "ovn/rows/rows.h"
#include "ovn/want/attach.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

/* The places and IP versions of load balancer rows that agree in them. */
struct need {
    struct hmap_node node;      /* In group's 'needs', by 'id'. */
    struct uuid id;             /* Derived from the rest. */
    unsigned int versions;
    struct attach_place *places;
    size_t n_places;
    size_t n_users;             /* Load balancer rows. */
};

struct group {
    struct hmap_node by_id;
    struct hmap_node by_key;
    struct uuid id;             /* See struct lb_group. */
    struct uuid key;            /* The key of its members' needs. */
    bool is_settled;            /* The database was found to agree. */
    struct hmap needs;
};

/* A load balancer row's place in a group. */
struct membership {
    struct ovs_list in_lb;
    struct group *group;
    struct need *need;
};

struct member_lb {
    struct hmap_node node;      /* In groups' 'lbs', by 'id'. */
    struct uuid id;
    struct ovs_list memberships;
};

struct groups {
    struct hmap groups;         /* By id. */
    struct hmap keys;           /* By key. */
    struct hmap lbs;
};

struct groups *
groups_create(void)
{
    struct groups *groups = xmalloc(sizeof *groups);

    hmap_init(&groups->groups);
    hmap_init(&groups->keys);
    hmap_init(&groups->lbs);
    return groups;
}

/* Needs. */

/* Derives the id of a row's need from its places and IP versions.  Ignores the
 * order of the places, and how often each is there. */
static struct uuid
need_id(const struct lb_row *row)
{
    struct svec words = SVEC_EMPTY_INITIALIZER;

    for (size_t i = 0; i < row->n_places; i++) {
        const struct attach_place *place = &row->places[i];
        svec_add_nocopy(&words, xasprintf(UUID_FMT"/"UUID_FMT,
                                          UUID_ARGS(&place->subnet_id),
                                          UUID_ARGS(&place->network_id)));
    }
    svec_sort_unique(&words);
    svec_add_nocopy(&words, xasprintf("%u", row->versions));

    char *text = svec_join(&words, ",", "");
    struct uuid id = name_uuid(&UUID_ZERO, text);
    free(text);
    svec_destroy(&words);
    return id;
}

static struct need *
find_need(const struct group *group, const struct uuid *id)
{
    struct need *need;
    HMAP_FOR_EACH_WITH_HASH (need, node, uuid_hash(id), &group->needs) {
        if (uuid_equals(&need->id, id)) {
            return need;
        }
    }
    return NULL;
}

static struct need *
add_need(struct group *group, const struct lb_row *row)
{
    struct uuid id = need_id(row);
    struct need *need = find_need(group, &id);

    if (!need) {
        need = xzalloc(sizeof *need);
        need->id = id;
        need->versions = row->versions;
        need->n_places = row->n_places;
        need->places = xmemdup(row->places,
                               row->n_places * sizeof *row->places);
        hmap_insert(&group->needs, &need->node, uuid_hash(&id));
    }
    need->n_users++;
    return need;
}

static void
release_need(struct group *group, struct need *need)
{
    if (!--need->n_users) {
        hmap_remove(&group->needs, &need->node);
        free(need->places);
        free(need);
    }
}

/* Computes the attachment of 'places' in the current topology, and its key.
 * Returns false if it has no switch or router.  The caller uninitializes
 * 'ret'. */
static bool
groups_resolve(const struct topology *topology,
               const struct attach_place *places, size_t n_places,
               unsigned int versions, struct attachment *ret,
               struct uuid *ret_key)
{
    const struct attach_input input = {
        .places = places,
        .n_places = n_places,
        .versions = versions,
    };

    attach_find(topology, &input, ret);
    *ret_key = attach_group(topology, versions, ret);
    return (!uuidset_is_empty(&ret->switches)
            || !uuidset_is_empty(&ret->routers));
}

/* Groups. */

static struct group *
groups_find(const struct groups *groups, const struct uuid *id)
{
    struct group *group;
    HMAP_FOR_EACH_WITH_HASH (group, by_id, uuid_hash(id),
                             &groups->groups) {
        if (uuid_equals(&group->id, id)) {
            return group;
        }
    }
    return NULL;
}

/* Returns the group with the lowest id of those with the key, so that all
 * callers get the same one. */
static struct group *
groups_find_for(const struct groups *groups, const struct uuid *key)
{
    struct group *best = NULL;
    struct group *group;

    HMAP_FOR_EACH_WITH_HASH (group, by_key, uuid_hash(key), &groups->keys) {
        if (uuid_equals(&group->key, key)
            && (!best || uuid_compare_3way(&group->id, &best->id) < 0)) {
            best = group;
        }
    }
    return best;
}

static struct group *
groups_add(struct groups *groups, const struct uuid *id,
           const struct uuid *key)
{
    struct group *group = xzalloc(sizeof *group);

    group->id = *id;
    group->key = *key;
    hmap_init(&group->needs);
    hmap_insert(&groups->groups, &group->by_id, uuid_hash(id));
    hmap_insert(&groups->keys, &group->by_key, uuid_hash(key));
    return group;
}

static void
groups_free(struct groups *groups, struct group *group)
{
    hmap_remove(&groups->groups, &group->by_id);
    hmap_remove(&groups->keys, &group->by_key);
    hmap_destroy(&group->needs);
    free(group);
}

/* True if every need of the group has 'key' today. */
static bool
groups_all_need(const struct group *group, const struct topology *topology,
                const struct uuid *key)
{
    const struct need *need;

    HMAP_FOR_EACH (need, node, &group->needs) {
        struct attachment attachment;
        struct uuid other;
        bool agrees = (groups_resolve(topology, need->places, need->n_places,
                                      need->versions, &attachment, &other)
                       && uuid_equals(&other, key));

        attachment_uninit(&attachment);
        if (!agrees) {
            return false;
        }
    }
    return true;
}

/* Gives 'group' another key, which all its needs have now. */
static void
groups_turn(struct groups *groups, struct group *group, const struct uuid *key)
{
    hmap_remove(&groups->keys, &group->by_key);
    group->key = *key;
    group->is_settled = false;
    hmap_insert(&groups->keys, &group->by_key, uuid_hash(key));
}

static void
groups_add_uuids(struct uuidset *set, const struct uuidset *more)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, more) {
        uuidset_insert(set, &node->uuid);
    }
}

static void
groups_add_carriers(const struct topology *topology,
                    const struct attachment *attachment, unsigned int versions,
                    struct lb_group *wanted)
{
    groups_add_uuids(&wanted->switches, &attachment->switches);
    groups_add_uuids(&wanted->routers, &attachment->routers);
    attach_expand(topology, versions, &attachment->routers,
                  &wanted->switches);
}

/* Adds to 'wanted' the carriers of the group's load balancers whose key has
 * changed: they have not left yet, and must not lose theirs before they do.
 * Returns true if there are any. */
static bool
groups_add_leavers(const struct group *group, const struct topology *topology,
                   struct lb_group *wanted)
{
    bool any = false;
    const struct need *need;

    HMAP_FOR_EACH (need, node, &group->needs) {
        struct attachment attachment;
        struct uuid key;

        if (groups_resolve(topology, need->places, need->n_places,
                           need->versions, &attachment, &key)
            && !uuid_equals(&key, &group->key)) {
            groups_add_carriers(topology, &attachment, need->versions, wanted);
            any = true;
        }
        attachment_uninit(&attachment);
    }
    return any;
}

/* Adds 'group' to 'want', unless it is there.  Its carriers are compared only
 * until the database was found to agree; it is not settled while load
 * balancers are leaving it, whose carriers it keeps. */
static void
groups_want_carriers(struct group *group, const struct topology *topology,
                     const struct attachment *attachment,
                     unsigned int versions, struct ovn_lb *want)
{
    if (ovn_lb_find_group(want, &group->id)) {
        return;
    }

    struct lb_group *wanted = ovn_lb_group(want, &group->id);
    wanted->is_settled = group->is_settled;
    if (!group->is_settled) {
        groups_add_carriers(topology, attachment, versions, wanted);
        group->is_settled = !groups_add_leavers(group, topology, wanted);
    }
}

/* Holds the input for finding the group of one row. */
struct groups_search {
    struct groups *groups;
    const struct topology *topology;
    struct uuid key;
    struct attachment attachment;
    unsigned int versions;
    struct ovn_lb *want;
    struct ovn_lb *seen;
    const struct groups_observer *observer;
};

static bool
groups_contains_uuids(const struct uuidset *set, const struct uuidset *subset)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, subset) {
        if (!uuidset_contains(set, &node->uuid)) {
            return false;
        }
    }
    return true;
}

static bool
groups_uuids_are_equal(const struct uuidset *a, const struct uuidset *b)
{
    return uuidset_count(a) == uuidset_count(b) && groups_contains_uuids(a, b);
}

/* True if 'seen', a group not in the registry, serves search->key: its
 * carriers are exactly the key's; or its id derives from the key and it has no
 * other carrier (with others it may since have been given another key). */
static bool
groups_is_for(const struct lb_group *seen, const struct groups_search *search)
{
    const struct attachment *a = &search->attachment;
    struct uuidset switches = UUIDSET_INITIALIZER(&switches);

    groups_add_uuids(&switches, &a->switches);
    attach_expand(search->topology, search->versions, &a->routers, &switches);
    bool is_right = (uuid_equals(&seen->id, &search->key)
                     ? (groups_contains_uuids(&a->routers, &seen->routers)
                        && groups_contains_uuids(&switches, &seen->switches))
                     : (groups_uuids_are_equal(&seen->routers, &a->routers)
                        && groups_uuids_are_equal(&switches,
                                                  &seen->switches)));
    uuidset_destroy(&switches);
    return is_right;
}

/* Returns the group as the database has it, or NULL. */
static const struct lb_group *
groups_observe(const struct groups_search *search, const struct uuid *id)
{
    search->observer->observe(id, search->seen, search->observer->aux);
    return ovn_lb_find_group(search->seen, id);
}

/* Returns the group with the given id.  If it is not in the registry, adds it
 * if it serves search->key; else returns NULL. */
static struct group *
groups_recognize(const struct groups_search *search, const struct uuid *id)
{
    struct group *group = groups_find(search->groups, id);

    if (!group) {
        const struct lb_group *seen = groups_observe(search, id);
        if (seen && groups_is_for(seen, search)) {
            group = groups_add(search->groups, id, &search->key);
        }
    }
    return group;
}

/* Returns a group with search->key, new if there is none.  Its id derives from
 * the key, unless a group that had the key before has that id: the next
 * process finds the group by it, and since names are unique in the database, a
 * transaction that comes late makes no second one. */
static struct group *
groups_get_for(const struct groups_search *search)
{
    struct group *group = groups_find_for(search->groups, &search->key);
    struct uuid id = search->key;

    while (!group) {
        if (!groups_find(search->groups, &id)) {
            group = (groups_observe(search, &id)
                     ? groups_recognize(search, &id)
                     : groups_add(search->groups, &id, &search->key));
        }
        id = name_uuid(&id, "next");
    }
    return group;
}

/* Returns the row's group that already has the key, else one whose other
 * members all need it, which is given the key; NULL if there is none.  A group
 * without other members takes the key only if no other group has it, as
 * joining that one is less work. */
static struct group *
groups_choose_of(const struct groups_search *search, const struct uuidset *ids)
{
    bool is_unique = !groups_find_for(search->groups, &search->key);
    struct group *turning = NULL;
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, ids) {
        struct group *group = groups_recognize(search, &node->uuid);

        if (group && uuid_equals(&group->key, &search->key)) {
            return group;
        }
        if (group && (is_unique || !hmap_is_empty(&group->needs))
            && groups_all_need(group, search->topology, &search->key)) {
            turning = group;
        }
    }
    if (turning) {
        groups_turn(search->groups, turning, &search->key);
    }
    return turning;
}

/* Load balancers. */

static struct member_lb *
groups_find_lb(const struct groups *groups, const struct uuid *id)
{
    struct member_lb *lb;
    HMAP_FOR_EACH_WITH_HASH (lb, node, uuid_hash(id), &groups->lbs) {
        if (uuid_equals(&lb->id, id)) {
            return lb;
        }
    }
    return NULL;
}

static struct member_lb *
groups_get_lb(struct groups *groups, const struct uuid *id)
{
    struct member_lb *lb = groups_find_lb(groups, id);

    if (!lb) {
        lb = xmalloc(sizeof *lb);
        lb->id = *id;
        ovs_list_init(&lb->memberships);
        hmap_insert(&groups->lbs, &lb->node, uuid_hash(id));
    }
    return lb;
}

/* Returns true if one of the groups is without members now. */
static bool
groups_leave_all(struct ovs_list *memberships)
{
    struct membership *membership;
    bool was_last = false;

    LIST_FOR_EACH_POP (membership, in_lb, memberships) {
        release_need(membership->group, membership->need);
        was_last |= hmap_is_empty(&membership->group->needs);
        free(membership);
    }
    return was_last;
}

bool
groups_forget(struct groups *groups, const struct uuid *lb_id)
{
    struct member_lb *lb = groups_find_lb(groups, lb_id);
    bool was_last = false;

    if (lb) {
        was_last = groups_leave_all(&lb->memberships);
        hmap_remove(&groups->lbs, &lb->node);
        free(lb);
    }
    return was_last;
}

static void
groups_join(struct member_lb *lb, struct group *group,
            const struct lb_row *row)
{
    struct membership *membership = xmalloc(sizeof *membership);

    membership->group = group;
    membership->need = add_need(group, row);
    ovs_list_push_back(&lb->memberships, &membership->in_lb);
}

/* Prefers a group in which the row is: then nothing has to be moved. */
static void
groups_assign_row(struct groups_search *search, struct member_lb *lb,
                  struct lb_row *row, const struct lb_row *seen)
{
    search->versions = row->versions;
    if (groups_resolve(search->topology, row->places, row->n_places,
                       row->versions, &search->attachment, &search->key)) {
        struct group *group
            = seen ? groups_choose_of(search, &seen->groups) : NULL;

        if (!group) {
            group = groups_get_for(search);
        }
        groups_want_carriers(group, search->topology, &search->attachment,
                             row->versions, search->want);
        uuidset_insert(&row->groups, &group->id);
        groups_join(lb, group, row);
    }
    attachment_uninit(&search->attachment);
}

/* Requests a comparison of 'group' for the load balancers that remain in it;
 * the caller is leaving, and no other comparison may be queued.  Does nothing
 * if none remains. */
static void
groups_settle(struct group *group, const struct topology *topology,
              struct ovn_lb *want)
{
    const struct need *need;

    HMAP_FOR_EACH (need, node, &group->needs) {
        struct attachment attachment;
        struct uuid key;
        bool is_staying = (groups_resolve(topology, need->places,
                                          need->n_places, need->versions,
                                          &attachment, &key)
                           && uuid_equals(&key, &group->key));

        if (is_staying) {
            groups_want_carriers(group, topology, &attachment, need->versions,
                                 want);
        }
        attachment_uninit(&attachment);
        if (is_staying) {
            break;
        }
    }
}

static void
groups_settle_seen(const struct groups *groups,
                   const struct topology *topology,
                   const struct ovn_lb *seen, struct ovn_lb *want)
{
    for (size_t i = 0; i < seen->n_rows; i++) {
        const struct uuidset_node *node;

        UUIDSET_FOR_EACH (node, &seen->rows[i]->groups) {
            struct group *group = groups_find(groups, &node->uuid);

            if (group && !group->is_settled) {
                groups_settle(group, topology, want);
            }
        }
    }
}

/* Leaves its old groups first: its own old need would otherwise make
 * groups_all_need() fail. */
void
groups_assign(struct groups *groups, const struct topology *topology,
              const struct uuid *lb_id, struct ovn_lb *want,
              struct ovn_lb *seen, const struct groups_observer *observer)
{
    struct groups_search search = {
        .groups = groups,
        .topology = topology,
        .want = want,
        .seen = seen,
        .observer = observer,
    };
    const struct lb_row **match = xcalloc(want->n_rows, sizeof *match);
    bool *used = xcalloc(seen->n_rows, sizeof *used);
    struct member_lb *lb = groups_get_lb(groups, lb_id);

    match_rows(want, seen, match, used);
    groups_leave_all(&lb->memberships);
    for (size_t i = 0; i < want->n_rows; i++) {
        if (want->rows[i]->wants_group) {
            groups_assign_row(&search, lb, want->rows[i], match[i]);
        }
    }
    groups_settle_seen(groups, topology, seen, want);
    free(match);
    free(used);
}

void
groups_touch(struct groups *groups, const struct uuid *id)
{
    struct group *group = groups_find(groups, id);

    if (group) {
        group->is_settled = false;
    }
}

void
groups_row_is_gone(struct groups *groups, const struct uuid *id)
{
    struct group *group = groups_find(groups, id);

    if (group && hmap_is_empty(&group->needs)) {
        groups_free(groups, group);
    } else if (group) {
        group->is_settled = false;
    }
}

void
groups_touch_all(struct groups *groups)
{
    struct group *group;

    HMAP_FOR_EACH (group, by_id, &groups->groups) {
        group->is_settled = false;
    }
}

bool
groups_is_unused(const struct groups *groups, const struct uuid *id)
{
    const struct group *group = groups_find(groups, id);

    return !group || hmap_is_empty(&group->needs);
}

void
groups_destroy(struct groups *groups)
{
    if (!groups) {
        return;
    }

    struct member_lb *lb;
    HMAP_FOR_EACH_SAFE (lb, node, &groups->lbs) {
        struct uuid id = lb->id;
        groups_forget(groups, &id);
    }
    hmap_destroy(&groups->lbs);

    struct group *group;
    HMAP_FOR_EACH_SAFE (group, by_id, &groups->groups) {
        groups_free(groups, group);
    }
    hmap_destroy(&groups->groups);
    hmap_destroy(&groups->keys);
    free(groups);
}
