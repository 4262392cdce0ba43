/* SPDX-License-Identifier: Apache-2.0
 *
 * Load balancers and their groups; see groups.h.
 *
 * A "need" is what a load balancer asks for: the places of its VIPs and
 * members.  A "key" is what that means in the network of today: attach_group()
 * of the places.  Different needs may have the same key; then they share a
 * group.
 */

#include <config.h>
#include "ovn/groups.h"
#include <stdlib.h>
#include "base/name-uuid.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/attach.h"
#include "ovn/match.h"
#include "ovn/rows.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

/* What a load balancer row asks for. */
struct need {
    struct hmap_node node;      /* In group's 'needs', by 'id'. */
    struct uuid id;             /* Derived from the rest. */
    unsigned int versions;
    struct attach_place *places;
    size_t n_places;
    size_t n_users;             /* Load balancer rows. */
};

struct group {
    struct hmap_node by_uuid;
    struct hmap_node by_key;
    struct uuid uuid;           /* Of the Load_Balancer_Group row. */
    struct uuid key;            /* What it is for. */
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
    struct hmap groups;         /* By UUID. */
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

/* One place for each that differs, in an order of its own. */
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

/* What the places mean today.  The caller uninitializes 'ret'.  False if there
 * is nothing to be on. */
static bool
resolve(const struct topology *topology, const struct attach_place *places,
        size_t n_places, unsigned int versions, struct attachment *ret,
        struct uuid *ret_key)
{
    const struct attach_input input = {
        .places = places,
        .n_places = n_places,
        .versions = versions,
    };

    attach(topology, &input, ret);
    *ret_key = attach_group(topology, versions, ret);
    return (!uuidset_is_empty(&ret->switches)
            || !uuidset_is_empty(&ret->routers));
}

/* Groups. */

static struct group *
find_group(const struct groups *groups, const struct uuid *uuid)
{
    struct group *group;
    HMAP_FOR_EACH_WITH_HASH (group, by_uuid, uuid_hash(uuid),
                             &groups->groups) {
        if (uuid_equals(&group->uuid, uuid)) {
            return group;
        }
    }
    return NULL;
}

/* Of several for the same key, which is a matter of time, all find the
 * same. */
static struct group *
find_group_for(const struct groups *groups, const struct uuid *key)
{
    struct group *best = NULL;
    struct group *group;

    HMAP_FOR_EACH_WITH_HASH (group, by_key, uuid_hash(key), &groups->keys) {
        if (uuid_equals(&group->key, key)
            && (!best || uuid_compare_3way(&group->uuid, &best->uuid) < 0)) {
            best = group;
        }
    }
    return best;
}

static struct group *
add_group(struct groups *groups, const struct uuid *uuid,
          const struct uuid *key)
{
    struct group *group = xzalloc(sizeof *group);

    group->uuid = *uuid;
    group->key = *key;
    hmap_init(&group->needs);
    hmap_insert(&groups->groups, &group->by_uuid, uuid_hash(uuid));
    hmap_insert(&groups->keys, &group->by_key, uuid_hash(key));
    return group;
}

static void
free_group(struct groups *groups, struct group *group)
{
    hmap_remove(&groups->groups, &group->by_uuid);
    hmap_remove(&groups->keys, &group->by_key);
    hmap_destroy(&group->needs);
    free(group);
}

/* Whether all in the group need 'key' today. */
static bool
all_need(const struct group *group, const struct topology *topology,
         const struct uuid *key)
{
    const struct need *need;

    HMAP_FOR_EACH (need, node, &group->needs) {
        struct attachment attachment;
        struct uuid other;
        bool agrees = (resolve(topology, need->places, need->n_places,
                               need->versions, &attachment, &other)
                       && uuid_equals(&other, key));

        attachment_uninit(&attachment);
        if (!agrees) {
            return false;
        }
    }
    return true;
}

/* Those who are in 'group' need 'key' now, if they all do. */
static bool
turn_group(struct groups *groups, struct group *group,
           const struct topology *topology, const struct uuid *key)
{
    if (!uuid_equals(&group->key, key)) {
        if (!all_need(group, topology, key)) {
            return false;
        }
        hmap_remove(&groups->keys, &group->by_key);
        group->key = *key;
        group->is_settled = false;
        hmap_insert(&groups->keys, &group->by_key, uuid_hash(key));
    }
    return true;
}

static void
add_all(struct uuidset *set, const struct uuidset *more)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, more) {
        uuidset_insert(set, &node->uuid);
    }
}

/* Has the carriers of 'group' compared, unless that was done. */
static void
want_carriers(struct group *group, const struct topology *topology,
              const struct attachment *attachment, unsigned int versions,
              struct ovn_lb *want)
{
    if (ovn_lb_find_group(want, &group->uuid)) {
        return;
    }

    struct lb_group *wanted = ovn_lb_group(want, &group->uuid);
    wanted->is_settled = group->is_settled;
    if (!group->is_settled) {
        add_all(&wanted->switches, &attachment->switches);
        add_all(&wanted->routers, &attachment->routers);
        attach_expand(topology, versions, &wanted->routers,
                      &wanted->switches);
        group->is_settled = true;
    }
}

/* The same, for the sake of those who stay while we leave: a group that was
 * touched is looked at through any one load balancer in it. */
static void
want_others_carriers(struct group *group, const struct topology *topology,
                     struct ovn_lb *want)
{
    const struct need *need;

    if (group->is_settled) {
        return;
    }
    HMAP_FOR_EACH (need, node, &group->needs) {
        struct attachment attachment;
        struct uuid key;
        bool is_like_all = (resolve(topology, need->places, need->n_places,
                                    need->versions, &attachment, &key)
                            && uuid_equals(&key, &group->key));

        if (is_like_all) {
            want_carriers(group, topology, &attachment, need->versions, want);
        }
        attachment_uninit(&attachment);
        if (is_like_all) {
            return;
        }
    }
}

/* The group with the given key, made if there is none.  Its UUID follows from
 * the key, unless a group that had the key before has it. */
static struct group *
get_group_for(struct groups *groups, const struct uuid *key)
{
    struct group *group = find_group_for(groups, key);

    if (!group) {
        struct uuid uuid = *key;
        while (find_group(groups, &uuid)) {
            uuid = name_uuid(&uuid, "next");
        }
        group = add_group(groups, &uuid, key);
    }
    return group;
}

/* Load balancers. */

static struct member_lb *
find_lb(const struct groups *groups, const struct uuid *id)
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
get_lb(struct groups *groups, const struct uuid *id)
{
    struct member_lb *lb = find_lb(groups, id);

    if (!lb) {
        lb = xmalloc(sizeof *lb);
        lb->id = *id;
        ovs_list_init(&lb->memberships);
        hmap_insert(&groups->lbs, &lb->node, uuid_hash(id));
    }
    return lb;
}

static void
leave_all(struct ovs_list *memberships)
{
    struct membership *membership;

    LIST_FOR_EACH_POP (membership, in_lb, memberships) {
        release_need(membership->group, membership->need);
        free(membership);
    }
}

void
groups_forget(struct groups *groups, const struct uuid *lb_id)
{
    struct member_lb *lb = find_lb(groups, lb_id);

    if (lb) {
        leave_all(&lb->memberships);
        hmap_remove(&groups->lbs, &lb->node);
        free(lb);
    }
}

static void
join(struct member_lb *lb, struct group *group, const struct lb_row *row)
{
    struct membership *membership = xmalloc(sizeof *membership);

    membership->group = group;
    membership->need = add_need(group, row);
    ovs_list_push_back(&lb->memberships, &membership->in_lb);
}

/* Turns the groups in which a row is towards 'key' if all others in there go
 * along.  A group that nobody told us about is taken to be right. */
static void
turn_groups(struct groups *groups, const struct topology *topology,
            const struct lb_row *seen, const struct lb_row *row,
            const struct uuid *key, const struct attachment *attachment,
            struct ovn_lb *want)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, &seen->groups) {
        struct group *group = find_group(groups, &node->uuid);

        if (!group) {
            group = add_group(groups, &node->uuid, key);
        }
        if (turn_group(groups, group, topology, key)) {
            want_carriers(group, topology, attachment, row->versions, want);
        } else {
            want_others_carriers(group, topology, want);
        }
    }
}

static void
assign_row(struct groups *groups, const struct topology *topology,
           struct member_lb *lb, struct lb_row *row,
           const struct lb_row *seen, struct ovn_lb *want)
{
    struct attachment attachment;
    struct uuid key;

    if (resolve(topology, row->places, row->n_places, row->versions,
                &attachment, &key)) {
        if (seen) {
            turn_groups(groups, topology, seen, row, &key, &attachment, want);
        }

        struct group *group = get_group_for(groups, &key);
        want_carriers(group, topology, &attachment, row->versions, want);
        uuidset_insert(&row->groups, &group->uuid);
        join(lb, group, row);
    }
    attachment_uninit(&attachment);
}

/* What a load balancer was in before must not keep a group from turning with
 * it, so it leaves first. */
void
groups_assign(struct groups *groups, const struct topology *topology,
              const struct uuid *lb_id, struct ovn_lb *want,
              const struct ovn_lb *seen)
{
    const struct lb_row **match = xcalloc(want->n_rows, sizeof *match);
    bool *used = xcalloc(seen->n_rows, sizeof *used);
    struct member_lb *lb = get_lb(groups, lb_id);

    match_rows(want, seen, match, used);
    leave_all(&lb->memberships);
    for (size_t i = 0; i < want->n_rows; i++) {
        if (want->rows[i]->wants_group) {
            assign_row(groups, topology, lb, want->rows[i], match[i], want);
        }
    }
    free(match);
    free(used);
}

void
groups_touch(struct groups *groups, const struct uuid *uuid)
{
    struct group *group = find_group(groups, uuid);

    if (group) {
        group->is_settled = false;
    }
}

void
groups_row_is_gone(struct groups *groups, const struct uuid *uuid)
{
    struct group *group = find_group(groups, uuid);

    if (group && hmap_is_empty(&group->needs)) {
        free_group(groups, group);
    } else if (group) {
        group->is_settled = false;
    }
}

void
groups_touch_all(struct groups *groups)
{
    struct group *group;

    HMAP_FOR_EACH (group, by_uuid, &groups->groups) {
        group->is_settled = false;
    }
}

bool
groups_is_unused(const struct groups *groups, const struct uuid *uuid)
{
    const struct group *group = find_group(groups, uuid);

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
    HMAP_FOR_EACH_SAFE (group, by_uuid, &groups->groups) {
        free_group(groups, group);
    }
    hmap_destroy(&groups->groups);
    hmap_destroy(&groups->keys);
    free(groups);
}
