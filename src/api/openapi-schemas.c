/* SPDX-License-Identifier: Apache-2.0
 *
 * Schemas from tables of attributes; see openapi-schemas.h.
 *
 * Values that OVN does not have are told in members of our own, "x-ovn-...":
 * to Octavia's API they are right, and here they are refused.
 */

#include <config.h>
#include "api/openapi-schemas.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "api/network-kinds.h"
#include "api/network-values.h"
#include "model/fields.h"
#include "model/status.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

/* Of values that are bounded only by their types. */
#define OPENAPI_NO_BOUND(VALUE) ((VALUE) == INT64_MIN || (VALUE) == INT64_MAX)

#define OPENAPI_TIME                                                    \
    "{'type': 'string', 'pattern': "                                    \
    "'^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$'}"

static struct json *openapi_schema_of_field(const struct field *,
                                            enum openapi_use);

struct json *
openapi_json(const char *text)
{
    char *copy = xstrdup(text);

    for (char *p = copy; (p = strchr(p, '\'')); p++) {
        *p = '"';
    }

    struct json *json = json_from_string(copy);
    ovs_assert(json->type != JSON_STRING);
    free(copy);
    return json;
}

char *
openapi_schema_name(const char *title, enum openapi_use use)
{
    static const char *const suffixes[] = {
        [OPENAPI_SHOWN] = "",
        [OPENAPI_POST] = "Create",
        [OPENAPI_PART] = "Part",
        [OPENAPI_PUT] = "Update",
    };
    struct ds name = DS_EMPTY_INITIALIZER;
    bool begins = true;

    for (; *title; title++) {
        if (*title == ' ') {
            begins = true;
        } else {
            ds_put_char(&name, (begins ? toupper((unsigned char) *title)
                                : *title));
            begins = false;
        }
    }
    ds_put_cstr(&name, suffixes[use]);
    return ds_steal_cstr(&name);
}

struct json *
openapi_schema_ref(const char *name)
{
    struct json *ref = json_object_create();

    json_object_put_format(ref, "$ref", "#/components/schemas/%s", name);
    return ref;
}

struct json *
openapi_schema_ref_to(const struct resource *resource, enum openapi_use use)
{
    char *name = openapi_schema_name(resource->title, use);
    struct json *ref = openapi_schema_ref(name);

    free(name);
    return ref;
}

struct json *
openapi_schema_wrap(const char *key, struct json *schema)
{
    struct json *object = openapi_json("{'type': 'object'}");
    struct json *properties = json_object_create();

    json_object_put(properties, key, schema);
    json_object_put(object, "properties", properties);
    json_object_put(object, "required",
                    json_array_create_1(json_string_create(key)));
    return object;
}

struct json *
openapi_schema_list(struct json *item)
{
    struct json *list = openapi_json("{'type': 'array'}");

    json_object_put(list, "items", item);
    return list;
}

/* --- Values -------------------------------------------------------------- */

static struct json *
openapi_words(const char *const *words, bool are_numbers)
{
    struct json *list = json_array_create_empty();

    for (; *words; words++) {
        json_array_add(list, are_numbers ? json_real_create(atof(*words))
                       : json_string_create(*words));
    }
    return list;
}

static struct json *
openapi_status_words(const struct field *field)
{
    static const char *const provisioning[] = {
#define PROVISIONING_STATUS(NAME) #NAME,
        PROVISIONING_STATUSES
#undef PROVISIONING_STATUS
        NULL
    };
    static const char *const operating[] = {
#define OPERATING_STATUS(NAME) #NAME,
        OPERATING_STATUSES
#undef OPERATING_STATUS
        NULL
    };

    return openapi_words(!strcmp(field->name, "operating_status")
                         ? operating : provisioning, false);
}

static struct json *
openapi_schema_of_string(const struct field *field)
{
    struct json *schema = openapi_json("{'type': 'string'}");

    if (field->flags & FIELD_STATE) {
        json_object_put(schema, "enum", openapi_status_words(field));
    }
    if (field->min) {
        json_object_put(schema, "minLength",
                        json_integer_create(field->min));
    }
    if (field->max) {
        json_object_put(schema, "maxLength",
                        json_integer_create(field->max));
    }
    return schema;
}

static struct json *
openapi_schema_of_integer(const struct field *field)
{
    struct json *schema = openapi_json("{'type': 'integer', "
                                       "'format': 'int64'}");

    if (!OPENAPI_NO_BOUND(field->min)) {
        json_object_put(schema, "minimum", json_integer_create(field->min));
    }
    if (field->max && !OPENAPI_NO_BOUND(field->max)) {
        json_object_put(schema, "maximum", json_integer_create(field->max));
    }
    return schema;
}

static struct json *
openapi_schema_of_words(const struct field *field, const char *type)
{
    struct json *schema = json_object_create();

    json_object_put_string(schema, "type", type);
    json_object_put(schema, "enum",
                    openapi_words(field->words, !strcmp(type, "number")));
    return schema;
}

/* Returns the schema of the objects in a field that has objects. */
static struct json *
openapi_schema_of_items(const struct field *field, enum openapi_use use)
{
    if (use == OPENAPI_SHOWN && field->type == FT_IDS) {
        return openapi_json("{'type': 'object', 'required': ['id'], "
                            "'properties': {'id': {'type': 'string', "
                            "'format': 'uuid'}}}");
    }
    if (!field->nested) {
        return openapi_json("{'type': 'object'}");
    }

    const struct resource *resource = resource_get(field->nested);
    bool is_known = resource->title;
    return (!is_known ? openapi_schema_of_resource(resource, use)
            : openapi_schema_ref_to(resource, OPENAPI_PART));
}

/* Returns what the type alone says. */
static struct json *
openapi_schema_of_type(const struct field *field, enum openapi_use use)
{
    switch (field->type) {
    case FT_STRING:
        return openapi_schema_of_string(field);
    case FT_UUID:
        return openapi_json("{'type': 'string', 'format': 'uuid'}");
    case FT_BOOL:
        return openapi_json("{'type': 'boolean'}");
    case FT_INTEGER:
        return openapi_schema_of_integer(field);
    case FT_ENUM:
        return openapi_schema_of_words(field, "string");
    case FT_DECIMAL:
        return openapi_schema_of_words(field, "number");
    case FT_IP:
        return openapi_json("{'type': 'string', 'description': "
                            "'An IPv4 or IPv6 address.'}");
    case FT_TIME:
        return openapi_json(OPENAPI_TIME);
    case FT_STRINGS:
        return openapi_schema_list(openapi_schema_of_string(field));
    case FT_WORDS:
        return openapi_schema_list(openapi_schema_of_words(field, "string"));
    case FT_UUIDS:
        return openapi_json("{'type': 'array', 'items': {'type': 'string', "
                            "'format': 'uuid'}}");
    case FT_CIDRS:
        return openapi_json("{'type': 'array', 'items': {'type': 'string', "
                            "'description': 'A prefix, or an address.'}}");
    case FT_MAP:
        return openapi_json("{'type': 'object', 'additionalProperties': "
                            "{'type': 'string'}}");
    case FT_PERSISTENCE:
        return openapi_schema_of_resource(&session_persistence, use);
    case FT_NESTED:
        if (field->flags & FIELD_ONE) {
            return openapi_schema_of_items(field, use);
        }
        /* Fall through. */
    case FT_IDS:
        return openapi_schema_list(openapi_schema_of_items(field, use));
    default:
        OVS_NOT_REACHED();
    }
}

/* --- Attributes ---------------------------------------------------------- */

static bool
openapi_field_is_in(const struct field *field, enum openapi_use use)
{
    unsigned int flags = field->flags;

    switch (use) {
    case OPENAPI_SHOWN:
        return !(flags & FIELD_HIDDEN);
    case OPENAPI_POST:
        return flags & FIELD_POST;
    case OPENAPI_PART:
        return flags & (FIELD_POST | FIELD_PART) && !(flags & FIELD_ALONE);
    case OPENAPI_PUT:
        return flags & FIELD_PUT;
    default:
        OVS_NOT_REACHED();
    }
}

static bool
openapi_field_is_required(const struct field *field, enum openapi_use use)
{
    return (field->flags & FIELD_MUST
            && (use == OPENAPI_POST
                || (use == OPENAPI_PART
                    && !(field->flags & FIELD_PART_MAY))));
}

static bool
openapi_field_may_be_null(const struct field *field, enum openapi_use use)
{
    if (use != OPENAPI_SHOWN) {
        return !(openapi_field_is_required(field, use)
                 || (use == OPENAPI_PUT && field->flags & FIELD_NULL_BAD));
    }
    return (field_is_list(field) ? field->flags & FIELD_NULL_EMPTY
            : !field->fallback && strcmp(field->name, "id"));
}

/* An enumeration has null among its words (OpenAPI 3.0.3). */
static void
openapi_schema_allow_null(struct json *schema)
{
    struct json *words = shash_find_data(json_object(schema), "enum");

    if (shash_find(json_object(schema), "type")) {
        json_object_put(schema, "nullable", json_boolean_create(true));
    }
    if (words) {
        json_array_add(words, json_null_create());
    }
}

static void
openapi_schema_put_default(struct json *schema, const struct field *field)
{
    const char *text = field->fallback;

    json_object_put(schema, "default",
                    field->type == FT_BOOL
                    ? json_boolean_create(!strcmp(text, "true"))
                    : field->type == FT_INTEGER
                    ? json_integer_create(atoll(text))
                    : field->type == FT_DECIMAL ? json_real_create(atof(text))
                    : json_string_create(text));
}

/* Tells what OVN takes of it. */
static void
openapi_schema_put_support(struct json *schema, const struct field *field)
{
    const struct refusal *refusal = &field->refusal;

    if (field->nearby) {
        json_object_put(schema, "x-ovn-nearby",
                        openapi_words(field->nearby, false));
    }
    if (!refusal->text || field->flags & FIELD_SWITCHED) {
        return;
    }
    if (refusal->supported) {
        json_object_put(schema, "x-ovn-supported",
                        openapi_words(refusal->supported, false));
    } else if (field->ovn_max) {
        json_object_put(schema, "x-ovn-minimum",
                        json_integer_create(field->ovn_min));
        json_object_put(schema, "x-ovn-maximum",
                        json_integer_create(field->ovn_max));
    } else {
        json_object_put(schema, "x-ovn-supported",
                        json_array_create_empty());
    }
}

static struct json *
openapi_schema_of_field(const struct field *field, enum openapi_use use)
{
    struct json *schema = openapi_schema_of_type(field, use);

    if (openapi_field_may_be_null(field, use)) {
        openapi_schema_allow_null(schema);
    }
    if (use == OPENAPI_SHOWN) {
        if (!(field->flags & (FIELD_POST | FIELD_PUT))
            && field->type != FT_IDS) {
            json_object_put(schema, "readOnly", json_boolean_create(true));
        }
        return schema;
    }
    if (field->fallback && use != OPENAPI_PUT) {
        openapi_schema_put_default(schema, field);
    }
    openapi_schema_put_support(schema, field);
    return schema;
}

struct json *
openapi_schema_of_filter(const struct field *field)
{
    return openapi_schema_of_type(field, OPENAPI_SHOWN);
}

struct json *
openapi_schema_of_resource(const struct resource *resource,
                           enum openapi_use use)
{
    struct json *schema = openapi_json("{'type': 'object'}");
    struct json *properties = json_object_create();
    struct json *required = json_array_create_empty();
    bool has_required = false;

    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];

        if (openapi_field_is_in(field, use)) {
            json_object_put(properties, field->name,
                            openapi_schema_of_field(field, use));
            if (openapi_field_is_required(field, use)) {
                json_array_add(required, json_string_create(field->name));
                has_required = true;
            }
        }
    }
    json_object_put(schema, "properties", properties);
    if (has_required) {
        json_object_put(schema, "required", required);
    } else {
        json_destroy(required);
    }
    return schema;
}

struct json *
openapi_schema_of_kind(const struct network_kind *kind)
{
    struct json *schema = openapi_json("{'type': 'object'}");
    struct json *properties = json_object_create();

    for (size_t i = 0; i < kind->n_attributes; i++) {
        const struct network_attribute *attribute = &kind->attributes[i];

        if (attribute->type->put) {
            json_object_put(properties, attribute->name,
                            openapi_json(attribute->type->schema));
        }
    }
    json_object_put(schema, "properties", properties);
    return schema;
}
