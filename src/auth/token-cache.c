/* SPDX-License-Identifier: Apache-2.0
 *
 * Remembers what we know about tokens; see token-cache.h.
 */

#include <config.h>
#include "auth/token-cache.h"
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include "auth/caller.h"
#include "util.h"

BUILD_ASSERT_DECL(SHA256_DIGEST_LENGTH == sizeof(struct token_key));

/* Entries that were used last are at the back. */
struct shelf {
    struct ovs_list entries;
    size_t n, max;
};

struct token_cache {
    struct hmap entries;        /* struct token_entry, all of them. */
    struct shelf good, other;
};

struct token_key
token_key_make(const char *token, bool takes_expired)
{
    /* The first byte tells the kinds apart, whatever the token is. */
    size_t length = strlen(token);
    unsigned char *text = xmalloc(length + 1);
    struct token_key key;

    text[0] = takes_expired;
    memcpy(text + 1, token, length);
    SHA256(text, length + 1, key.bytes);
    free(text);
    return key;
}

/* Returns some of the key's bytes, which are as good as random. */
static size_t
token_key_hash(const struct token_key *key)
{
    uint32_t hash;

    memcpy(&hash, key->bytes, sizeof hash);
    return hash;
}

static struct shelf *
shelf_of(struct token_cache *cache, const struct token_entry *entry)
{
    return (entry->state == TOKEN_ASKING ? NULL
            : entry->state == TOKEN_GOOD ? &cache->good : &cache->other);
}

static void
shelf_init(struct shelf *shelf, size_t max)
{
    ovs_list_init(&shelf->entries);
    shelf->n = 0;
    shelf->max = max;
}

struct token_cache *
token_cache_create(size_t good_max, size_t other_max)
{
    struct token_cache *cache = xmalloc(sizeof *cache);

    hmap_init(&cache->entries);
    shelf_init(&cache->good, good_max);
    shelf_init(&cache->other, other_max);
    return cache;
}

static void
token_entry_drop(struct token_cache *cache, struct token_entry *entry)
{
    struct shelf *shelf = shelf_of(cache, entry);

    if (shelf) {
        ovs_list_remove(&entry->lru);
        shelf->n--;
    }
    hmap_remove(&cache->entries, &entry->node);
    caller_unref(entry->facts.caller);
    free(entry);
}

void
token_cache_destroy(struct token_cache *cache)
{
    struct token_entry *entry;

    if (cache) {
        HMAP_FOR_EACH_SAFE (entry, node, &cache->entries) {
            token_entry_drop(cache, entry);
        }
        hmap_destroy(&cache->entries);
        free(cache);
    }
}

static struct token_entry *
token_entry_find(const struct token_cache *cache, const struct token_key *key)
{
    struct token_entry *entry;

    HMAP_FOR_EACH_WITH_HASH (entry, node, token_key_hash(key),
                             &cache->entries) {
        if (!memcmp(&entry->key, key, sizeof *key)) {
            return entry;
        }
    }
    return NULL;
}

struct token_entry *
token_cache_find(struct token_cache *cache, const struct token_key *key,
                 long long int now_ms, bool *ret_was_good)
{
    struct token_entry *entry = token_entry_find(cache, key);
    struct shelf *shelf = entry ? shelf_of(cache, entry) : NULL;
    bool is_over = shelf && now_ms >= entry->until_ms;

    if (ret_was_good) {
        *ret_was_good = is_over && entry->state == TOKEN_GOOD;
    }
    if (shelf) {
        if (is_over) {
            token_entry_drop(cache, entry);
            return NULL;
        }
        ovs_list_remove(&entry->lru);
        ovs_list_push_back(&shelf->entries, &entry->lru);
    }
    return entry;
}

struct token_entry *
token_cache_add(struct token_cache *cache, const struct token_key *key)
{
    struct token_entry *entry = xzalloc(sizeof *entry);

    ovs_assert(!token_entry_find(cache, key));
    entry->key = *key;
    entry->state = TOKEN_ASKING;
    hmap_insert(&cache->entries, &entry->node, token_key_hash(key));
    return entry;
}

void
token_cache_drop(struct token_cache *cache, struct token_entry *entry)
{
    ovs_assert(entry->state == TOKEN_ASKING);
    token_entry_drop(cache, entry);
}

void
token_cache_settle(struct token_cache *cache, struct token_entry *entry,
                   enum token_knowledge state, const struct token_facts *facts,
                   long long int until_ms)
{
    ovs_assert(entry->state == TOKEN_ASKING && state != TOKEN_ASKING);
    ovs_assert(!facts == (state != TOKEN_GOOD));
    entry->state = state;
    entry->until_ms = until_ms;
    if (facts) {
        entry->facts = *facts;
    }

    struct shelf *shelf = shelf_of(cache, entry);
    if (shelf->n >= shelf->max) {
        token_entry_drop(cache, CONTAINER_OF(ovs_list_front(&shelf->entries),
                                             struct token_entry, lru));
    }
    ovs_list_push_back(&shelf->entries, &entry->lru);
    shelf->n++;
}

struct token_counts
token_cache_count(const struct token_cache *cache)
{
    return (struct token_counts) {
        .n_good = cache->good.n,
        .n_other = cache->other.n,
        .n_asking = (hmap_count(&cache->entries) - cache->good.n
                     - cache->other.n),
    };
}
