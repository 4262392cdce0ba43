/* SPDX-License-Identifier: Apache-2.0
 *
 * Schemas of OpenAPI 3.0 made from the tables of attributes: one for each way
 * in which an object appears.
 */

#ifndef API_OPENAPI_SCHEMAS_H
#define API_OPENAPI_SCHEMAS_H 1

struct field;
struct json;
struct network_kind;
struct resource;

enum openapi_use {
    OPENAPI_SHOWN,              /* In an answer. */
    OPENAPI_POST,               /* In the body of a POST, */
    OPENAPI_PART,               /* as a part of a new load balancer, */
    OPENAPI_PUT,                /* and of a PUT. */
};

/* Return a schema, which the caller owns. */
struct json *openapi_schema_of_resource(const struct resource *,
                                        enum openapi_use);
struct json *openapi_schema_of_kind(const struct network_kind *);
struct json *openapi_schema_of_filter(const struct field *);

/* Returns the name that a schema has among the components.  The caller frees
 * it. */
char *openapi_schema_name(const char *title, enum openapi_use);

/* Returns a reference to the schema of that name. */
struct json *openapi_schema_ref(const char *name);
struct json *openapi_schema_ref_to(const struct resource *, enum openapi_use);

/* Returns JSON from a text in which ' stands for ". */
struct json *openapi_json(const char *text);

/* Returns an object with one member, a list of 'item'; both are taken. */
struct json *openapi_schema_wrap(const char *key, struct json *schema);
struct json *openapi_schema_list(struct json *item);

#endif /* api/openapi-schemas.h */
