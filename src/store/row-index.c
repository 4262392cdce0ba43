/* SPDX-License-Identifier: Apache-2.0
 *
 * The index that lists are served from; see row-index.h.
 *
 * A list is an array that is kept in order: new rows come at its end, so there
 * is little to move, and a page is read from either end.  An entry that is
 * removed stays as a gap until there are some, since removal from an array
 * costs what the array has.  Entries are ids rather than rows: an IDL that
 * lost its server drops all rows without news of it.
 */

#include <config.h>
#include "store/row-index.h"
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "base/ip.h"
#include "hash.h"
#include "model/value.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "ovsdb-types.h"
#include "store/order.h"
#include "store/rows-private.h"
#include "store/rows.h"
#include "store/store.h"
#include "util.h"
#include "uuid.h"

/* One entry in so many may be a gap: a page that is read from a list passes
 * no more, and to remove an entry moves so many others on average. */
#define GAP_SHARE 16

struct row_index_entry {
    int64_t created_at : 63;
    uint64_t is_gap : 1;
    struct uuid id;
};

/* The rows that have a word in a field. */
struct row_index_list {
    struct hmap_node node;      /* In 'lists', by all of the following. */
    const struct resource *resource;
    const struct field *field;  /* NULL: all rows of 'resource'. */
    char *word;

    struct row_index_entry *entries;    /* In order, but while 'is_filling'. */
    size_t n, n_allocated;
    size_t n_gaps;              /* Of 'n'. */
    bool is_marked;             /* While cards are filled and compared. */
};

/* The counts that a row is in. */
struct row_index_state {
    enum resource_id resource;
    enum provisioning_status provisioning;
    enum operating_status operating;
};

/* The lists that a row is in: none, if it is only counted. */
struct row_index_card {
    struct hmap_node node;      /* In 'cards', by 'entry.id'. */
    struct row_index_state state;
    struct row_index_entry entry;
    struct row_index_list **lists;
    size_t n, n_allocated;
};

struct row_index {
    struct store *store;
    const struct rows *rows;
    struct hmap lists;
    struct hmap cards;
    bool was_ready;             /* The store, after the last run. */
    unsigned int n_provisioning[N_RESOURCES][N_PROVISIONING_STATUSES];
    unsigned int n_operating[N_RESOURCES][N_OPERATING_STATUSES];
    bool is_filling;            /* Lists are put in order at the end. */
};

/* --- Lists --------------------------------------------------------------- */

static int
row_index_compare(const struct row_index_entry *a,
                  const struct row_index_entry *b)
{
    return order_compare(a->created_at, &a->id, b->created_at, &b->id);
}

static int
row_index_compare_cb(const void *a, const void *b)
{
    return row_index_compare(a, b);
}

/* Returns how many entries of the list come before 'entry'. */
static size_t
row_index_list_place(const struct row_index_list *list,
                     const struct row_index_entry *entry)
{
    size_t low = 0;
    size_t high = list->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (row_index_compare(&list->entries[middle], entry) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void
row_index_list_add(const struct row_index *index, struct row_index_list *list,
                   const struct row_index_entry *entry)
{
    size_t at = (index->is_filling ? list->n
                 : row_index_list_place(list, entry));

    if (at < list->n && list->entries[at].is_gap
        && !row_index_compare(&list->entries[at], entry)) {
        list->entries[at].is_gap = false;
        list->n_gaps--;
        return;
    }
    ARRAY_GROW(list->entries, list->n, list->n_allocated);
    memmove(&list->entries[at + 1], &list->entries[at],
            (list->n - at) * sizeof *list->entries);
    list->entries[at] = *entry;
    list->n++;
}

static void
row_index_list_destroy(struct row_index *index, struct row_index_list *list)
{
    hmap_remove(&index->lists, &list->node);
    free(list->word);
    free(list->entries);
    free(list);
}

static void
row_index_list_close_gaps(struct row_index_list *list)
{
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++) {
        if (!list->entries[i].is_gap) {
            list->entries[n++] = list->entries[i];
        }
    }
    list->n = n;
    list->n_gaps = 0;
}

static void
row_index_list_remove(struct row_index *index, struct row_index_list *list,
                      const struct row_index_entry *entry)
{
    size_t at = row_index_list_place(list, entry);

    ovs_assert(at < list->n && !list->entries[at].is_gap
               && !row_index_compare(&list->entries[at], entry));
    list->entries[at].is_gap = true;
    list->n_gaps++;
    if (list->n_gaps == list->n) {
        row_index_list_destroy(index, list);
    } else if (list->n_gaps > list->n / GAP_SHARE) {
        row_index_list_close_gaps(list);
    }
}

static uint32_t
row_index_hash(const struct resource *resource, const struct field *field,
               const char *word)
{
    return hash_string(word, hash_pointer(field, resource->id));
}

static struct row_index_list *
row_index_list_find(const struct row_index *index,
                    const struct resource *resource,
                    const struct field *field, const char *word)
{
    struct row_index_list *list;

    HMAP_FOR_EACH_WITH_HASH (list, node,
                             row_index_hash(resource, field, word),
                             &index->lists) {
        if (list->resource == resource && list->field == field
            && !strcmp(list->word, word)) {
            return list;
        }
    }
    return NULL;
}

static struct row_index_list *
row_index_list_demand(struct row_index *index,
                      const struct resource *resource,
                      const struct field *field, const char *word)
{
    struct row_index_list *list = row_index_list_find(index, resource, field,
                                                      word);

    if (!list) {
        list = xzalloc(sizeof *list);
        list->resource = resource;
        list->field = field;
        list->word = xstrdup(word);
        hmap_insert(&index->lists, &list->node,
                    row_index_hash(resource, field, word));
    }
    return list;
}

/* Returns a value as the word of its list, which the caller frees: equal
 * values have the same. */
static char *
row_index_word(const struct field *field, const union ovsdb_atom *atom)
{
    enum ovsdb_atomic_type type = value_type(field)->key.type;

    ovs_assert(type == OVSDB_TYPE_UUID || type == OVSDB_TYPE_STRING);
    return (type == OVSDB_TYPE_UUID
            ? xasprintf(UUID_FMT, UUID_ARGS(&atom->uuid))
            : field->type == FT_IP ? ip_canonicalize(json_string(atom->s))
            : xstrdup(json_string(atom->s)));
}

/* --- Rows ---------------------------------------------------------------- */

static bool
row_index_has_resource(const struct resource *resource)
{
    for (size_t i = 0; i < resource->n_fields; i++) {
        if (resource->fields[i].flags & FIELD_INDEX) {
            return true;
        }
    }
    return false;
}

/* True for objects that have statuses of their own. */
static bool
row_index_counts_resource(const struct resource *resource)
{
    return resource->id != RESOURCE_ADDITIONAL_VIP;
}

static struct row_index_card *
row_index_card_find(const struct row_index *index, const struct uuid *id)
{
    struct row_index_card *card;

    HMAP_FOR_EACH_WITH_HASH (card, node, uuid_hash(id), &index->cards) {
        if (uuid_equals(&card->entry.id, id)) {
            return card;
        }
    }
    return NULL;
}

static void
row_index_card_mark(const struct row_index_card *card, bool is_marked)
{
    for (size_t i = 0; i < card->n; i++) {
        card->lists[i]->is_marked = is_marked;
    }
}

/* Marks the lists of 'card', so that each is there once. */
static void
row_index_card_add(struct row_index_card *card, struct row_index_list *list)
{
    if (!list->is_marked) {
        ARRAY_GROW(card->lists, card->n, card->n_allocated);
        card->lists[card->n++] = list;
        list->is_marked = true;
    }
}

/* Notes the lists that a row belongs into. */
static void
row_index_card_fill(struct row_index *index, struct row_index_card *card,
                    const struct ovsdb_idl_row *row,
                    const struct resource *resource)
{
    struct value_scratch scratch = { NULL, 0 };

    if (row_index_has_resource(resource)) {
        row_index_card_add(card, row_index_list_demand(index, resource, NULL,
                                                       ""));
    }
    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];
        struct ovsdb_datum datum;

        if (!(field->flags & FIELD_INDEX)) {
            continue;
        }
        row_reader.read(row, resource, field, &scratch, &datum);
        for (size_t j = 0; j < datum.n; j++) {
            char *word = row_index_word(field, &datum.keys[j]);

            row_index_card_add(card, row_index_list_demand(index, resource,
                                                           field, word));
            free(word);
        }
    }
    value_scratch_uninit(&scratch);
    row_index_card_mark(card, false);
}

static void
row_index_count(struct row_index *index, const struct row_index_state *state,
                int delta)
{
    index->n_provisioning[state->resource][state->provisioning] += delta;
    index->n_operating[state->resource][state->operating] += delta;
}

/* Counts a row whose words are none as in ERROR. */
static void
row_index_state_load(struct row_index_state *state,
                     const struct ovsdb_idl_row *row,
                     const struct resource *resource)
{
    *state = (struct row_index_state) { resource->id, PS_ERROR, OS_ERROR };
    provisioning_status_from_string(row_string(row, COL_provisioning_status),
                                    &state->provisioning);
    operating_status_from_string(row_string(row, COL_operating_status),
                                 &state->operating);
}

static void
row_index_card_destroy(struct row_index *index, struct row_index_card *card)
{
    row_index_count(index, &card->state, -1);
    for (size_t i = 0; i < card->n; i++) {
        row_index_list_remove(index, card->lists[i], &card->entry);
    }
    hmap_remove(&index->cards, &card->node);
    free(card->lists);
    free(card);
}

/* True if a row is where it was: most changes are to its statuses. */
static bool
row_index_card_equals(const struct row_index_card *a,
                      const struct row_index_card *b)
{
    return (a->n == b->n
            && !row_index_compare(&a->entry, &b->entry)
            && (!a->n
                || !memcmp(a->lists, b->lists, a->n * sizeof *a->lists)));
}

/* Gives 'old' the lists of 'card', which it destroys.  Both have the same
 * entry, which is not touched where it stays. */
static void
row_index_card_replace(struct row_index *index, struct row_index_card *old,
                       struct row_index_card *card)
{
    row_index_card_mark(card, true);
    for (size_t i = 0; i < old->n; i++) {
        if (old->lists[i]->is_marked) {
            old->lists[i]->is_marked = false;
        } else {
            row_index_list_remove(index, old->lists[i], &old->entry);
        }
    }
    for (size_t i = 0; i < card->n; i++) {
        if (card->lists[i]->is_marked) {
            row_index_list_add(index, card->lists[i], &card->entry);
            card->lists[i]->is_marked = false;
        }
    }
    free(old->lists);
    old->lists = card->lists;
    old->n = card->n;
    old->n_allocated = card->n_allocated;
    free(card);
}

static void
row_index_put(struct row_index *index, const struct ovsdb_idl_row *row,
              const struct resource *resource, struct row_index_card *old)
{
    struct row_index_card *card = xzalloc(sizeof *card);

    card->entry.created_at = row_integer(row, COL_created_at);
    card->entry.id = *row_id(row);
    row_index_card_fill(index, card, row, resource);
    row_index_state_load(&card->state, row, resource);
    row_index_count(index, &card->state, 1);
    if (old && !row_index_compare(&old->entry, &card->entry)) {
        row_index_count(index, &old->state, -1);
        old->state = card->state;
    }
    if (old && row_index_card_equals(old, card)) {
        free(card->lists);
        free(card);
        return;
    }
    if (old && !row_index_compare(&old->entry, &card->entry)) {
        row_index_card_replace(index, old, card);
        return;
    }

    /* In this order, since a list that is emptied is gone. */
    for (size_t i = 0; i < card->n; i++) {
        row_index_list_add(index, card->lists[i], &card->entry);
    }
    if (old) {
        row_index_card_destroy(index, old);
    }
    hmap_insert(&index->cards, &card->node, uuid_hash(&card->entry.id));
}

/* Takes over the row's news: it may be new, changed, or gone. */
static void
row_index_update(struct row_index *index, const struct resource *resource,
                 const struct uuid *id)
{
    struct row_index_card *old = row_index_card_find(index, id);
    const struct ovsdb_idl_row *row = rows_find(index->rows, resource->id,
                                                id);

    if (row) {
        row_index_put(index, row, resource, old);
    } else if (old) {
        row_index_card_destroy(index, old);
    }
}

/* --- The index ----------------------------------------------------------- */

struct row_index *
row_index_create(struct store *store, const struct rows *rows)
{
    struct row_index *index = xzalloc(sizeof *index);

    index->store = store;
    index->rows = rows;
    hmap_init(&index->lists);
    hmap_init(&index->cards);
    store_track(store);
    return index;
}

static void
row_index_clear(struct row_index *index)
{
    struct row_index_list *list;
    struct row_index_card *card;

    memset(index->n_provisioning, 0, sizeof index->n_provisioning);
    memset(index->n_operating, 0, sizeof index->n_operating);
    HMAP_FOR_EACH_SAFE (card, node, &index->cards) {
        hmap_remove(&index->cards, &card->node);
        free(card->lists);
        free(card);
    }
    HMAP_FOR_EACH_SAFE (list, node, &index->lists) {
        row_index_list_destroy(index, list);
    }
}

void
row_index_destroy(struct row_index *index)
{
    if (index) {
        row_index_clear(index);
        hmap_destroy(&index->cards);
        hmap_destroy(&index->lists);
        free(index);
    }
}

static void
row_index_fill(struct row_index *index)
{
    struct ovsdb_idl *idl = store_idl(index->store);
    struct row_index_list *list;

    row_index_clear(index);
    index->is_filling = true;
    for (size_t i = 0; i < N_RESOURCES; i++) {
        const struct resource *resource = resource_get(i);

        if (!row_index_counts_resource(resource)) {
            continue;
        }
        for (const struct ovsdb_idl_row *row
             = ovsdb_idl_first_row(idl, resource_table(i));
             row; row = ovsdb_idl_next_row(row)) {
            row_index_put(index, row, resource, NULL);
        }
    }
    HMAP_FOR_EACH (list, node, &index->lists) {
        qsort(list->entries, list->n, sizeof *list->entries,
              row_index_compare_cb);
    }
    index->is_filling = false;
}

static void
row_index_follow(struct row_index *index)
{
    struct ovsdb_idl *idl = store_idl(index->store);

    for (size_t i = 0; i < N_RESOURCES; i++) {
        const struct resource *resource = resource_get(i);

        if (!row_index_counts_resource(resource)) {
            continue;
        }
        for (const struct ovsdb_idl_row *row
             = ovsdb_idl_track_get_first(idl, resource_table(i));
             row; row = ovsdb_idl_track_get_next(row)) {
            row_index_update(index, resource, row_id(row));
        }
    }
}

/* A server that does not know what we last saw sends everything, and the IDL
 * drops its replica without news of it.  Whether it did so cannot be seen. */
void
row_index_run(struct row_index *index)
{
    bool is_ready = store_is_ready(index->store);

    if (is_ready && !index->was_ready) {
        row_index_fill(index);
    } else {
        row_index_follow(index);
    }
    index->was_ready = is_ready;
}

unsigned int
row_index_n_provisioning(const struct row_index *index,
                         enum resource_id resource,
                         enum provisioning_status status)
{
    return index->n_provisioning[resource][status];
}

unsigned int
row_index_n_operating(const struct row_index *index,
                      enum resource_id resource, enum operating_status status)
{
    return index->n_operating[resource][status];
}

bool
row_index_counts(enum resource_id resource)
{
    return row_index_counts_resource(resource_get(resource));
}

/* --- Walks --------------------------------------------------------------- */

static void
row_index_walk_add(struct row_index_walk *walk,
                   const struct row_index_list *list)
{
    if (list) {
        walk->lists = xrealloc(walk->lists,
                               (walk->n + 1) * sizeof *walk->lists);
        walk->lists[walk->n++] = list;
        walk->n_rows += list->n - list->n_gaps;
    }
}

void
row_index_walk_init(struct row_index_walk *walk,
                    const struct row_index *index, enum resource_id resource)
{
    memset(walk, 0, sizeof *walk);
    walk->index = index;
    walk->resource = resource_get(resource);
    ovs_assert(row_index_has_resource(walk->resource));
    row_index_walk_add(walk, row_index_list_find(index, walk->resource, NULL,
                                                 ""));
}

void
row_index_walk_uninit(struct row_index_walk *walk)
{
    free(walk->lists);
    free(walk->places);
}

/* Takes the lists of 'other' over if they are shorter. */
static void
row_index_walk_choose(struct row_index_walk *walk,
                      struct row_index_walk *other)
{
    if (other->n_rows < walk->n_rows) {
        free(walk->lists);
        walk->lists = other->lists;
        walk->n = other->n;
        walk->n_rows = other->n_rows;
    } else {
        free(other->lists);
    }
}

void
row_index_walk_narrow_to_text(struct row_index_walk *walk,
                              const struct field *field, const char *text)
{
    struct row_index_walk other = { .n = 0 };

    if (field->flags & FIELD_INDEX) {
        row_index_walk_add(&other, row_index_list_find(walk->index,
                                                       walk->resource, field,
                                                       text));
        row_index_walk_choose(walk, &other);
    }
}

void
row_index_walk_narrow(struct row_index_walk *walk, const struct field *field,
                      const union ovsdb_atom *atom)
{
    if (field->flags & FIELD_INDEX) {
        char *word = row_index_word(field, atom);

        row_index_walk_narrow_to_text(walk, field, word);
        free(word);
    }
}

void
row_index_walk_narrow_to_any(struct row_index_walk *walk,
                             const struct field *field,
                             const struct ovsdb_datum *words)
{
    struct row_index_walk other = { .n = 0 };

    if (!(field->flags & FIELD_INDEX)) {
        return;
    }
    for (size_t i = 0; i < words->n; i++) {
        char *word = row_index_word(field, &words->keys[i]);

        row_index_walk_add(&other, row_index_list_find(walk->index,
                                                       walk->resource, field,
                                                       word));
        free(word);
    }
    row_index_walk_choose(walk, &other);
}

/* Returns the next entry of the 'i'th list, or NULL at its end; passes gaps
 * before it. */
static const struct row_index_entry *
row_index_walk_peek(struct row_index_walk *walk, size_t i)
{
    const struct row_index_list *list = walk->lists[i];
    size_t *place = &walk->places[i];

    for (; *place < list->n; ++*place) {
        const struct row_index_entry *entry
            = &list->entries[walk->is_reverse ? list->n - 1 - *place
                             : *place];

        if (!entry->is_gap) {
            return entry;
        }
    }
    return NULL;
}

/* Returns how many entries of 'list' lie on the other side of 'mark', which is
 * passed, too. */
static size_t
row_index_walk_skip(const struct row_index_walk *walk,
                    const struct row_index_list *list,
                    const struct row_index_entry *mark)
{
    size_t place = row_index_list_place(list, mark);
    bool is_there = (place < list->n
                     && !row_index_compare(&list->entries[place], mark));

    return walk->is_reverse ? list->n - place : place + is_there;
}

void
row_index_walk_begin(struct row_index_walk *walk,
                     const struct ovsdb_idl_row *marker, bool is_reverse)
{
    free(walk->places);
    walk->places = xcalloc(walk->n, sizeof *walk->places);
    walk->is_reverse = is_reverse;
    if (marker) {
        struct row_index_entry mark = {
            .created_at = row_integer(marker, COL_created_at),
            .id = *row_id(marker)
        };

        for (size_t i = 0; i < walk->n; i++) {
            walk->places[i] = row_index_walk_skip(walk, walk->lists[i],
                                                  &mark);
        }
    }
}

/* Passes the next entry of all lists together and stores it.  Returns false at
 * the end. */
static bool
row_index_walk_step(struct row_index_walk *walk, struct row_index_entry *ret)
{
    const struct row_index_entry *next = NULL;

    for (size_t i = 0; i < walk->n; i++) {
        const struct row_index_entry *entry = row_index_walk_peek(walk, i);
        int side = entry && next ? row_index_compare(entry, next) : 0;

        if (!next || (walk->is_reverse ? side > 0 : side < 0)) {
            next = entry;
        }
    }
    if (!next) {
        return false;
    }
    for (size_t i = 0; i < walk->n; i++) {
        const struct row_index_entry *entry = row_index_walk_peek(walk, i);

        walk->places[i] += entry && !row_index_compare(entry, next);
    }
    *ret = *next;
    return true;
}

const struct ovsdb_idl_row *
row_index_walk_next(struct row_index_walk *walk)
{
    const struct ovsdb_idl_row *row = NULL;
    struct row_index_entry entry;

    while (!row && row_index_walk_step(walk, &entry)) {
        row = rows_find(walk->index->rows, walk->resource->id, &entry.id);
    }
    return row;
}
