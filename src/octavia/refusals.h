/* SPDX-License-Identifier: Apache-2.0
 *
 * Refuses what the Python provider refuses, in its words, because there are
 * programs and people who know them.  All else that OVN cannot do is in the
 * field tables (model/fields.h), in ours.
 */

#ifndef OCTAVIA_REFUSALS_H
#define OCTAVIA_REFUSALS_H 1

#include <stdbool.h>
#include "model/attrs.h"

struct body_rules;
struct fault;
struct json;

/* Looks at a data model as it came.  Returns false and sets '*faultp' if it is
 * refused. */
bool refusals_check(enum resource_id, enum attrs_method,
                    const struct json *object, const struct body_rules *,
                    struct fault **faultp);

#endif /* octavia/refusals.h */
