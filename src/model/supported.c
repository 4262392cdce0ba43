/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether OVN can do what attributes ask for; see attrs.h, and 'struct
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
refuse(const struct field *field, const char *value, struct fault **faultp)
{
    const char *text = field->refusal.text;
    const char *mark = strstr(text, "%s");

    if (!mark || !value) {
        return fault_set(faultp, field->refusal.fault, text);
    }

    char *filled = xasprintf("%.*s%s%s", (int) (mark - text), text, value,
                             mark + 2);
    fault_set(faultp, field->refusal.fault, filled);
    free(filled);
    return false;
}

static bool
is_fallback(const struct field *field, const struct ovsdb_datum *datum)
{
    if (!datum->n || !field->fallback) {
        return !datum->n;
    }

    struct ovsdb_datum fallback;
    ovs_assert(value_from_text(field, field->fallback, &fallback));
    bool equal = ovsdb_datum_equals(datum, &fallback, value_type(field));
    ovsdb_datum_destroy(&fallback, value_type(field));
    return equal;
}

/* 'word' is a value, or a part of one, as text. */
static bool
word_is_supported(const struct field *field, const char *word,
                  bool nearby_is_fine, struct fault **faultp)
{
    long long int integer;
    bool ok;

    if (field->type == FT_INTEGER) {
        ok = (str_to_llong(word, 10, &integer) && integer >= field->ovn_min
              && integer <= field->ovn_max);
    } else {
        ok = (word_is_in(field->refusal.supported, word)
              || (nearby_is_fine && field->nearby
                  && word_is_in(field->nearby, word)));
    }
    return ok || refuse(field, word, faultp);
}

/* An empty value is one that is taken away. */
static bool
persistence_is_supported(const struct ovsdb_datum *map, struct fault **faultp)
{
    for (size_t i = 0; i < session_persistence.n_fields; i++) {
        const struct field *field = &session_persistence.fields[i];
        const char *word = map_find(map, field->name);

        if (word && *word && field->refusal.text
            && !word_is_supported(field, word, false, faultp)) {
            return false;
        }
    }
    return true;
}

static bool
is_supported(const struct field *field, const struct ovsdb_datum *datum,
             bool nearby_is_fine, struct fault **faultp)
{
    if (field->type == FT_PERSISTENCE) {
        return persistence_is_supported(datum, faultp);
    }
    if (!field->refusal.text) {
        return true;
    }
    if (!field->refusal.supported && !field->ovn_max) {
        return is_fallback(field, datum) || refuse(field, NULL, faultp);
    }
    if (!datum->n) {
        return true;
    }

    char *word = (field->type == FT_INTEGER
                  ? xasprintf("%lld", (long long int) datum->keys[0].integer)
                  : xstrdup(json_string(datum->keys[0].s)));
    bool ok = word_is_supported(field, word, nearby_is_fine, faultp);
    free(word);
    return ok;
}

bool
attrs_are_supported(const struct attrs *attrs, bool nearby_is_fine,
                    struct fault **faultp)
{
    for (size_t i = 0; i < attrs->resource->n_fields; i++) {
        const struct attr *attr = &attrs->attr[i];

        for (size_t j = 0; j < attr->n_items; j++) {
            if (!attrs_are_supported(attr->items[j], nearby_is_fine,
                                     faultp)) {
                return false;
            }
        }
        if (attr->is_given
            && !is_supported(&attrs->resource->fields[i], &attr->datum,
                             nearby_is_fine, faultp)) {
            return false;
        }
    }
    return true;
}
