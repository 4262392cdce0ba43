/* SPDX-License-Identifier: Apache-2.0
 *
 * One value of one attribute from JSON and from text; see value.h.
 */

#include <config.h>
#include "model/value.h"
#include "base/ip.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/json-repr.h"
#include "base/json-write.h"
#include "model/formats.h"
#include "model/value-list.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "ovsdb-types.h"
#include "unicode.h"
#include "util.h"
#include "uuid.h"

/* What Python's strip() removes, of ASCII. */
#define BLANKS " \t\n\v\f\r"

static const char *const true_words[] = {
    "true", "t", "yes", "y", "on", "1", NULL
};
static const char *const false_words[] = {
    "false", "f", "no", "n", "off", "0", NULL
};

const struct ovsdb_type *
value_type(const struct field *field)
{
    static const struct ovsdb_type strings = {
        OVSDB_BASE_STRING_INIT, OVSDB_BASE_VOID_INIT, 0, UINT_MAX
    };
    static const struct ovsdb_type uuids = {
        OVSDB_BASE_UUID_INIT, OVSDB_BASE_VOID_INIT, 0, UINT_MAX
    };
    static const struct ovsdb_type integers = {
        OVSDB_BASE_INTEGER_INIT, OVSDB_BASE_VOID_INIT, 0, 1
    };
    static const struct ovsdb_type booleans = {
        OVSDB_BASE_BOOLEAN_INIT, OVSDB_BASE_VOID_INIT, 0, 1
    };
    static const struct ovsdb_type maps = {
        OVSDB_BASE_STRING_INIT, OVSDB_BASE_STRING_INIT, 0, UINT_MAX
    };

    switch (field->type) {
    case FT_UUID:
    case FT_UUIDS:
    case FT_IDS:
    case FT_NESTED:
        return &uuids;
    case FT_BOOL:
        return &booleans;
    case FT_INTEGER:
    case FT_TIME:
        return &integers;
    case FT_MAP:
    case FT_PERSISTENCE:
        return &maps;
    case FT_STRING:
    case FT_ENUM:
    case FT_DECIMAL:
    case FT_IP:
    case FT_STRINGS:
    case FT_WORDS:
    case FT_CIDRS:
    default:
        return &strings;
    }
}

static void
datum_init_1(struct ovsdb_datum *datum)
{
    ovsdb_datum_init_empty(datum);
    datum->n = 1;
    datum->keys = xzalloc(sizeof *datum->keys);
}

static void
datum_init_string(struct ovsdb_datum *datum, const char *text)
{
    datum_init_1(datum);
    datum->keys[0].s = ovsdb_atom_string_create(text);
}

/* Returns VALUE_BAD, with the reason in '*whyp'. */
static enum value_result
bad_value(char **whyp, const char *why)
{
    *whyp = xstrdup(why);
    return VALUE_BAD;
}

static enum value_result
string_from_json(const struct field *field, const struct json *json,
                 struct ovsdb_datum *ret, char **whyp)
{
    if (json->type != JSON_STRING) {
        return bad_value(whyp, "Value should be string");
    }

    size_t length = utf8_length(json_string(json));
    if (length > field->max) {
        *whyp = xasprintf("Value should have a maximum character requirement "
                          "of %lld", (long long int) field->max);
        return VALUE_BAD;
    }
    if (length < field->min) {
        *whyp = xasprintf("Value should have a minimum character requirement "
                          "of %lld", (long long int) field->min);
        return VALUE_BAD;
    }
    if (field->format && !field->format->is_valid(json_string(json))) {
        return bad_value(whyp, field->format->why);
    }
    datum_init_string(ret, json_string(json));
    return VALUE_OK;
}

static enum value_result
enum_from_text(const struct field *field, const char *text,
               struct ovsdb_datum *ret, char **whyp)
{
    if (text && word_is_in(field->words, text)) {
        datum_init_string(ret, text);
        return VALUE_OK;
    }

    struct ds why = DS_EMPTY_INITIALIZER;
    ds_put_cstr(&why, "Value should be one of: ");
    for (const char *const *word = field->words; *word; word++) {
        ds_put_format(&why, "%s%s", word == field->words ? "" : ", ", *word);
    }
    *whyp = ds_steal_cstr(&why);
    return VALUE_BAD;
}

static enum value_result
enum_from_json(const struct field *field, const struct json *json,
               struct ovsdb_datum *ret, char **whyp)
{
    return enum_from_text(field, (json->type == JSON_STRING ? json_string(json)
                                  : NULL), ret, whyp);
}

/* The parser takes 1.0 for an integer. */
static enum value_result
decimal_from_json(const struct field *field, const struct json *json,
                  struct ovsdb_datum *ret, char **whyp)
{
    char *text = (json->type == JSON_STRING ? xstrdup(json_string(json))
                  : json->type == JSON_INTEGER
                  ? xasprintf("%"PRId64".0", json_integer(json))
                  : json->type == JSON_REAL ? xasprintf("%g", json_real(json))
                  : NULL);
    enum value_result result = enum_from_text(field, text, ret, whyp);

    free(text);
    return result;
}

static enum value_result
uuid_from_json(const struct json *json, struct ovsdb_datum *ret, char **whyp)
{
    struct uuid uuid;

    if (json->type != JSON_STRING
        || !uuid_parse_lenient(json_string(json), &uuid)) {
        return bad_value(whyp, "Value should be UUID format");
    }
    datum_init_1(ret);
    ret->keys[0].uuid = uuid;
    return VALUE_OK;
}

static enum value_result
ip_from_json(const struct json *json, struct ovsdb_datum *ret, char **whyp)
{
    struct in6_addr ip;

    if (json->type != JSON_STRING || !ip_parse_any(json_string(json), &ip)) {
        return bad_value(whyp, "Value should be IPv4 or IPv6 format");
    }
    datum_init_string(ret, json_string(json));
    return VALUE_OK;
}

/* Python's int() of a string: blanks around, a sign, digits. */
static bool
integer_from_text(const char *text, int64_t *ret)
{
    char *tail;
    long long int value;

    text += strspn(text, " \t\r\n");
    errno = 0;
    value = strtoll(text, &tail, 10);
    if (tail == text || errno || tail[strspn(tail, " \t\r\n")]) {
        return false;
    }
    *ret = value;
    return true;
}

static enum value_result
integer_from_json(const struct field *field, const struct json *json,
                  struct ovsdb_datum *ret, char **whyp)
{
    int64_t value;

    if (json->type == JSON_INTEGER) {
        value = json_integer(json);
    } else if (json->type != JSON_STRING
               || !integer_from_text(json_string(json), &value)) {
        struct ds why = DS_EMPTY_INITIALIZER;

        ds_put_cstr(&why, "invalid literal for int() with base 10: ");
        json_repr(json, &why);
        *whyp = ds_steal_cstr(&why);
        return VALUE_BAD_TYPE;
    }

    if (value < field->min) {
        *whyp = xasprintf("Value should be greater or equal to %lld",
                          (long long int) field->min);
        return VALUE_BAD;
    }
    if (value > field->max) {
        *whyp = xasprintf("Value should be lower or equal to %lld",
                          (long long int) field->max);
        return VALUE_BAD;
    }
    datum_init_1(ret);
    ret->keys[0].integer = value;
    return VALUE_OK;
}

static bool
boolean_from_json(const struct json *json, bool *ret)
{
    switch (json->type) {
    case JSON_TRUE:
    case JSON_FALSE:
        *ret = json->type == JSON_TRUE;
        return true;
    case JSON_INTEGER:
        *ret = json_integer(json) != 0;
        return true;
    case JSON_STRING:
        *ret = word_is_true(json_string(json));
        return *ret || word_is_in(false_words, json_string(json));
    case JSON_NULL:
    case JSON_OBJECT:
    case JSON_ARRAY:
    case JSON_REAL:
    case JSON_N_TYPES:
    case JSON_SERIALIZED_OBJECT:
    default:
        return false;
    }
}

static enum value_result
bool_from_json(const struct json *json, struct ovsdb_datum *ret, char **whyp)
{
    bool value;

    if (!boolean_from_json(json, &value)) {
        struct ds why = DS_EMPTY_INITIALIZER;

        ds_put_cstr(&why, "Value not an unambiguous boolean: ");
        json_str(json, &why);
        *whyp = ds_steal_cstr(&why);
        return VALUE_BAD_TYPE;
    }
    datum_init_1(ret);
    ret->keys[0].boolean = value;
    return VALUE_OK;
}

enum value_result
value_from_json(const struct field *field, const struct json *json,
                struct ovsdb_datum *ret, char **whyp)
{
    switch (field->type) {
    case FT_STRING:
        return string_from_json(field, json, ret, whyp);
    case FT_UUID:
        return uuid_from_json(json, ret, whyp);
    case FT_BOOL:
        return bool_from_json(json, ret, whyp);
    case FT_INTEGER:
        return integer_from_json(field, json, ret, whyp);
    case FT_ENUM:
        return enum_from_json(field, json, ret, whyp);
    case FT_DECIMAL:
        return decimal_from_json(field, json, ret, whyp);
    case FT_IP:
        return ip_from_json(json, ret, whyp);
    case FT_STRINGS:
    case FT_WORDS:
    case FT_UUIDS:
    case FT_CIDRS:
    case FT_NESTED:
        return value_list_from_json(field, json, ret, whyp);
    case FT_MAP:
        return value_map_from_json(field, json, ret, whyp);
    case FT_TIME:
    case FT_IDS:
    case FT_PERSISTENCE:        /* attrs.c does that one. */
    default:
        OVS_NOT_REACHED();
    }
}

/* Parses "2026-11-22T14:01:54", as times are printed, or with a blank.  Only
 * what would be printed like that is a time. */
static bool
time_from_text(const char *text, int64_t *ret)
{
    struct ds printed = DS_EMPTY_INITIALIZER;
    char *quoted = xasprintf("\"%s\"", text);
    struct tm tm = { .tm_isdst = 0 };
    char *blank = strchr(quoted, ' ');
    const char *tail;
    int64_t seconds;

    if (blank) {
        *blank = 'T';
    }
    tail = strptime(quoted, "\"%Y-%m-%dT%H:%M:%S\"", &tm);
    seconds = tail && !*tail ? timegm(&tm) : -1;
    if (seconds >= 0) {
        json_put_time(&printed, seconds * 1000000);
    }

    bool is_time = !strcmp(ds_cstr(&printed), quoted);
    if (is_time) {
        *ret = seconds * 1000000;
    }
    ds_destroy(&printed);
    free(quoted);
    return is_time;
}

bool
value_from_text(const struct field *field, const char *text,
                struct ovsdb_datum *ret)
{
    struct uuid uuid;
    int64_t integer;

    switch (field->type) {
    case FT_UUID:
        /* Ids in queries are compared as typed: no lenient spelling. */
        if (!uuid_from_string(&uuid, text)) {
            return false;
        }
        datum_init_1(ret);
        ret->keys[0].uuid = uuid;
        return true;
    case FT_BOOL:
        datum_init_1(ret);
        ret->keys[0].boolean = word_is_true_in_query(text);
        return true;
    case FT_INTEGER:
        if (!integer_from_text(text, &integer)) {
            return false;
        }
        datum_init_1(ret);
        ret->keys[0].integer = integer;
        return true;
    case FT_TIME:
        if (!time_from_text(text, &integer)) {
            return false;
        }
        datum_init_1(ret);
        ret->keys[0].integer = integer;
        return true;
    case FT_STRING:
    case FT_ENUM:
    case FT_DECIMAL:
    case FT_IP:
        datum_init_string(ret, text);
        return true;
    case FT_STRINGS:
    case FT_WORDS:
    case FT_UUIDS:
    case FT_CIDRS:
    case FT_MAP:
    case FT_IDS:
    case FT_PERSISTENCE:
    case FT_NESTED:
    default:
        return false;
    }
}

bool
value_equals(const struct field *field, const struct ovsdb_datum *a,
             const struct ovsdb_datum *b)
{
    if (field->type == FT_IP && a->n == 1 && b->n == 1) {
        return !value_compare(field, a->keys, b->keys);
    }
    if (field->type == FT_TIME && a->n == 1 && b->n == 1) {
        return a->keys[0].integer / 1000000 == b->keys[0].integer / 1000000;
    }
    return ovsdb_datum_equals(a, b, value_type(field));
}

int
value_compare(const struct field *field, const union ovsdb_atom *a,
              const union ovsdb_atom *b)
{
    return (field->type == FT_IP
            ? ip_compare_texts(json_string(a->s), json_string(b->s))
            : ovsdb_atom_compare_3way(a, b, value_type(field)->key.type));
}

bool
uuid_parse_lenient(const char *text, struct uuid *ret)
{
    struct uuid uuid = UUID_ZERO;
    unsigned int n_digits = 0;

    if (!strncmp(text, "urn:", 4)) {
        text += 4;
    }
    if (!strncmp(text, "uuid:", 5)) {
        text += 5;
    }

    size_t length = strlen(text);
    while (length && text[length - 1] == '}') {
        length--;
    }
    size_t start = strspn(text, "{");

    for (size_t i = start; i < length; i++) {
        if (text[i] == '-') {
            continue;
        }
        if (!isxdigit((unsigned char) text[i]) || n_digits == 32) {
            return false;
        }
        uint32_t *part = &uuid.parts[n_digits++ / 8];
        *part = *part << 4 | hexit_value(text[i]);
    }
    if (n_digits != 32) {
        return false;
    }
    *ret = uuid;
    return true;
}

bool
word_is_true(const char *word)
{
    return word_is_in(true_words, word);
}

bool
word_is_true_in_query(const char *text)
{
    size_t start = strspn(text, BLANKS);
    size_t end = strlen(text);

    while (end > start && strchr(BLANKS, text[end - 1])) {
        end--;
    }

    char *word = xmemdup0(text + start, end - start);
    for (char *p = word; *p; p++) {
        *p = tolower((unsigned char) *p);
    }

    bool is_true = word_is_true(word);
    free(word);
    return is_true;
}
