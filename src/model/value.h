/* SPDX-License-Identifier: Apache-2.0
 *
 * One value of one attribute: from JSON, from text, to JSON.  The rules of
 * each type live here and only here.
 */

#ifndef MODEL_VALUE_H
#define MODEL_VALUE_H 1

#include <stdbool.h>
#include <netinet/in.h>
#include "model/fields.h"

struct ds;
struct json;
struct ovsdb_datum;
struct ovsdb_type;
struct uuid;
union ovsdb_atom;

/* The OVSDB type of values of a field, without its limits: fit to destroy,
 * compare and sort them. */
const struct ovsdb_type *value_type(const struct field *);

enum value_result {
    VALUE_OK,
    VALUE_BAD,                  /* Right type, wrong value. */
    VALUE_BAD_TYPE,             /* Octavia then quotes the whole body. */
};

/* Makes '*ret' from 'json', which is not null.  Otherwise stores in '*whyp'
 * the end of Octavia's text; the caller frees it. */
enum value_result value_from_json(const struct field *, const struct json *,
                                  struct ovsdb_datum *ret, char **whyp);

/* Makes '*ret' from a text of the program's own (a fallback) or of a query.
 * Returns false if no value of the type can look like that. */
bool value_from_text(const struct field *, const char *text,
                     struct ovsdb_datum *ret);

/* True if two values are the same: addresses by value, not by their text;
 * times by the second, as they are printed. */
bool value_equals(const struct field *, const struct ovsdb_datum *,
                  const struct ovsdb_datum *);

/* Orders single values of a field, as strcmp() does texts: addresses by value,
 * false before true, all else that is a word by its bytes. */
int value_compare(const struct field *, const union ovsdb_atom *,
                  const union ovsdb_atom *);

/* Appends as JSON. */
void value_format(const struct field *, const struct ovsdb_datum *,
                  struct ds *);

/* True if the prefix 'cidr' holds the address. */
bool cidr_contains(const char *cidr, const char *address);

/* Parses any spelling that Python's uuid takes: upper case, without hyphens,
 * in braces. */
bool uuid_parse_lenient(const char *text, struct uuid *ret);

/* True for "true", "t", "yes", "y", "on", "1": the words of a body. */
bool word_is_true(const char *);

/* The same for what is not in a body, which oslo.utils reads: blanks around,
 * in upper or lower case.  All other words are false. */
bool word_is_true_in_query(const char *);

#endif /* model/value.h */
