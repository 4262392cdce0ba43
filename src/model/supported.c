/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks that OVN can do what attributes ask for; see attrs.h, and 'struct
 * refusal' in fields.h.
 */

#include <config.h>
#include "model/attrs.h"
#include <string.h>
#include "model/value.h"
#include "openvswitch/json.h"
#include "util.h"

/* Refuses, with the value put where the text has "%s". */
static bool
refuse_field(const struct field *field, const char *value,
             struct fault **faultp)
{
    return fault_set_value(faultp, field->refusal.fault, field->refusal.text,
                           value);
}

static bool
is_fallback(const struct field *field, const struct ovsdb_datum *datum)
{
    if (!datum->n || !field->fallback) {
        /* An empty text is a reference to nothing. */
        return (!datum->n || (field->type == FT_STRING
                              && !*json_string(datum->keys[0].s)));
    }

    struct ovsdb_datum fallback;
    ovs_assert(value_from_text(field, field->fallback, &fallback));
    bool equal = ovsdb_datum_equals(datum, &fallback, value_type(field));
    ovsdb_datum_destroy(&fallback, value_type(field));
    return equal;
}

/* 'word' is a value, or a part of one, as text. */
static bool
word_is_honoured(const struct field *field, const char *word)
{
    long long int integer;

    return (field->type == FT_INTEGER
            ? (str_to_llong(word, 10, &integer) && integer >= field->ovn_min
               && integer <= field->ovn_max)
            : word_is_in(field->refusal.supported, word));
}

static bool
word_is_supported(const struct field *field, const char *word,
                  const struct attrs_leeway *leeway, struct fault **faultp)
{
    return (word_is_honoured(field, word)
            || (leeway->takes_nearby && field->nearby
                && word_is_in(field->nearby, word))
            || (leeway->takes_dispensable
                && field->flags & FIELD_DISPENSABLE)
            || refuse_field(field, word, faultp));
}

/* An empty value is one that is taken away. */
static bool
persistence_is_supported(const struct ovsdb_datum *map,
                         const struct attrs_leeway *leeway,
                         struct fault **faultp)
{
    for (size_t i = 0; i < session_persistence.n_fields; i++) {
        const struct field *field = &session_persistence.fields[i];
        const char *word = map_find(map, field->name);

        if (word && *word && field->refusal.text
            && !word_is_supported(field, word, leeway, faultp)) {
            return false;
        }
    }
    return true;
}

/* Checks a value.  Passes one that the object has already: an update that
 * repeats it must not fail. */
static bool
is_supported(const struct field *field, const struct ovsdb_datum *datum,
             const struct attrs_leeway *leeway, struct fault **faultp)
{
    if (leeway->has && leeway->has(field, datum, leeway->aux)) {
        return true;
    }
    if (field->type == FT_PERSISTENCE) {
        return persistence_is_supported(datum, leeway, faultp);
    }
    if (!field->refusal.text) {
        return true;
    }
    if (field_is_mere_option(field)) {
        return (is_fallback(field, datum)
                || (leeway->takes_dispensable
                    && field->flags & FIELD_DISPENSABLE)
                || (leeway->takes_switched && field->flags & FIELD_SWITCHED)
                || refuse_field(field, NULL, faultp));
    }
    if (!datum->n) {
        return true;
    }

    char *word = (field->type == FT_INTEGER
                  ? xasprintf("%lld", (long long int) datum->keys[0].integer)
                  : xstrdup(json_string(datum->keys[0].s)));
    bool ok = word_is_supported(field, word, leeway, faultp);
    free(word);
    return ok;
}

bool
field_is_honoured(const struct field *field, const struct ovsdb_datum *datum)
{
    if (field->type == FT_PERSISTENCE) {
        for (size_t i = 0; i < session_persistence.n_fields; i++) {
            const struct field *part = &session_persistence.fields[i];
            const char *word = map_find(datum, part->name);

            if (word && *word && part->flags & FIELD_DISPENSABLE
                && !word_is_honoured(part, word)) {
                return false;
            }
        }
        return true;
    }
    return !(field->flags & FIELD_DISPENSABLE) || is_fallback(field, datum);
}

bool
attrs_are_supported(const struct attrs *attrs,
                    const struct attrs_leeway *leeway, struct fault **faultp)
{
    /* Nested objects have no stored value of their own. */
    const struct attrs_leeway within = {
        .takes_nearby = leeway->takes_nearby,
        .takes_dispensable = leeway->takes_dispensable,
        .takes_switched = leeway->takes_switched,
    };

    for (size_t i = 0; i < attrs->resource->n_fields; i++) {
        const struct attr *attr = &attrs->attr[i];

        for (size_t j = 0; j < attr->n_items && !leeway->is_alone; j++) {
            if (!attrs_are_supported(attr->items[j], &within, faultp)) {
                return false;
            }
        }
        if (attr->is_given
            && !is_supported(&attrs->resource->fields[i], &attr->datum, leeway,
                             faultp)) {
            return false;
        }
    }
    return true;
}
