/* SPDX-License-Identifier: Apache-2.0
 *
 * What OpenAPI says about the bodies and arguments of a route.
 */

#ifndef API_OPENAPI_ANSWERS_H
#define API_OPENAPI_ANSWERS_H 1

#include <stdbool.h>

struct json;
struct route;

/* Return a schema, which the caller owns; NULL if there is no body.
 * openapi_answer_of() is about success. */
struct json *openapi_answer_of(const struct route *);
struct json *openapi_body_of(const struct route *);

/* Returns the schema of a fault. */
struct json *openapi_fault_of(const struct route *);

/* True if a call of the route never succeeds. */
bool openapi_never_succeeds(const struct route *);

/* Adds the schemas that the others refer to. */
void openapi_put_schemas(struct json *schemas);

#endif /* api/openapi-answers.h */
