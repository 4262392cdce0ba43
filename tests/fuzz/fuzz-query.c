/* SPDX-License-Identifier: Apache-2.0
 *
 * The arguments in a URL, and what they find.
 */

#include <config.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "api/query.h"
#include "base/json-read.h"
#include "check.h"
#include "fuzz.h"
#include "model/value.h"
#include "openvswitch/json.h"
#include "util.h"

/* In place, as the HTTP library does it; a NUL byte ends the text. */
static void
percent_decode(char *text)
{
    char *dst = text;

    for (const char *p = text; *p; p++) {
        if (*p == '%' && isxdigit((unsigned char) p[1])
            && isxdigit((unsigned char) p[2])) {
            *dst++ = hexit_value(p[1]) * 16 + hexit_value(p[2]);
            p += 2;
        } else {
            *dst++ = *p;
        }
    }
    *dst = '\0';
}

/* --- Arguments ----------------------------------------------------------- */

/* Adds "NAME=VALUE&NAME...", %-encoded. */
static bool
add_arguments(struct query *query, enum query_kind kind,
              const struct resource *resource, const char *text,
              struct fault **faultp)
{
    char *copy = xstrdup(text);
    char *rest = copy;
    char *argument;
    bool ok = true;

    while (ok && (argument = strsep(&rest, "&"))) {
        char *value = strchr(argument, '=');

        if (value) {
            *value++ = '\0';
            percent_decode(value);
        }
        percent_decode(argument);
        ok = !*argument || query_add(query, kind, resource, argument, value,
                                     faultp);
    }
    free(copy);
    return ok;
}

/* What the link to the next page repeats asks for the same objects. */
static void
check_carried(const struct query *query, const struct resource *resource)
{
    struct ds carried;
    struct fault *fault = NULL;
    struct query again;

    ds_clone(&carried, CONST_CAST(struct ds *, &query->carried));
    query_init(&again);
    ovs_assert(add_arguments(&again, QUERY_LIST, resource,
                             ds_cstr(&carried), &fault)
               && query_finish(&again, resource, &fault));
    check_same(ds_cstr(&carried), ds_cstr(&again.carried));
    ovs_assert(query->n_filters == again.n_filters);
    for (size_t i = 0; i < query->n_filters; i++) {
        const struct filter *a = &query->filters[i];
        const struct filter *b = &again.filters[i];

        ovs_assert(a->field == b->field && a->is_possible == b->is_possible);
        ovs_assert(value_equals(a->field, &a->value, &b->value));
    }
    for (size_t i = 0; i < N_TAG_TESTS; i++) {
        ovs_assert(ovsdb_datum_equals(
            &query->tags[i], &again.tags[i],
            value_type(field_find(resource, "tags"))));
    }
    ovs_assert(query->order.n_keys == again.order.n_keys);
    for (size_t i = 0; i < query->order.n_keys; i++) {
        const struct order_key *a = &query->order.keys[i];
        const struct order_key *b = &again.order.keys[i];

        ovs_assert(a->field == b->field
                   && a->is_descending == b->is_descending);
    }
    ovs_assert(!memcmp(&query->choice, &again.choice, sizeof again.choice));
    query_uninit(&again);
    ds_destroy(&carried);
}

/* A letter for the kind of object, one for the kind of call, and the
 * arguments. */
void
fuzz_query(const char *data, size_t size)
{
    static const char letters[] = "blpmvh";     /* As enum resource_id. */
    static const char kinds[] = "ncsl";         /* As enum query_kind. */
    const char *letter = size >= 2 ? strchr(letters, data[0]) : NULL;
    const char *kind = size >= 2 ? strchr(kinds, data[1]) : NULL;
    struct fault *fault = NULL;
    struct query query;

    if (!letter || *letter == 'v' || !*letter || !kind || !*kind) {
        return;
    }

    const struct resource *resource = resource_get(letter - letters);
    query_init(&query);
    bool ok = (add_arguments(&query, kind - kinds, resource, data + 2, &fault)
               && query_finish(&query, resource, &fault));
    ovs_assert(ok == !fault);
    if (!ok) {
        check_fault(fault);
    } else if (query.carried.length) {
        check_carried(&query, resource);
    }
    query_uninit(&query);
}

/* --- Tags ---------------------------------------------------------------- */

static void
read_tags(const void *tags, const struct resource *resource OVS_UNUSED,
          const struct field *field OVS_UNUSED,
          struct value_scratch *scratch OVS_UNUSED, struct ovsdb_datum *ret)
{
    *ret = *(const struct ovsdb_datum *) tags;
}

static bool
matches(enum tag_test test, const char *words, const struct ovsdb_datum *tags)
{
    static const char *const names[N_TAG_TESTS] = {
        "tags", "tags-any", "not-tags", "not-tags-any"
    };
    const struct resource *resource = resource_get(RESOURCE_LOAD_BALANCER);
    struct fault *fault = NULL;
    struct query query;

    query_init(&query);
    ovs_assert(query_add(&query, QUERY_LIST, resource, names[test], words,
                         &fault));
    bool result = query_matches(&query, resource, tags, read_tags);
    query_uninit(&query);
    return result;
}

/* A line with the words of a filter, and one with the object's tags as
 * JSON. */
void
fuzz_tags(const char *data, size_t size)
{
    const struct field *field
        = field_find(resource_get(RESOURCE_LOAD_BALANCER), "tags");
    size_t n = strcspn(data, "\n");
    char *words = xmemdup0(data, n);
    struct json *json = n < size ? json_read(data + n + 1, size - n - 1)
                                 : NULL;
    struct ovsdb_datum tags;
    char *why = NULL;

    if (json && value_from_json(field, json, &tags, &why) == VALUE_OK) {
        bool all = matches(TAGS_ALL, words, &tags);
        bool any = matches(TAGS_ANY, words, &tags);

        ovs_assert(any || !all);
        ovs_assert(all != matches(TAGS_NOT_ALL, words, &tags));
        ovs_assert(any != matches(TAGS_NONE, words, &tags));
        for (size_t i = 0; i < tags.n; i++) {
            const char *tag = json_string(tags.keys[i].s);

            ovs_assert(strchr(tag, ',') || matches(TAGS_ALL, tag, &tags));
        }
        ovsdb_datum_destroy(&tags, value_type(field));
    } else if (why) {
        check_line(why, SIZE_MAX);
    }
    free(why);
    json_destroy(json);
    free(words);
}
