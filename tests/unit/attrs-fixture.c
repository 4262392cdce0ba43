/* SPDX-License-Identifier: Apache-2.0
 *
 * Attributes from text; see attrs-fixture.h.
 */

#include <config.h>
#include "attrs-fixture.h"
#include <stdlib.h>
#include <string.h>
#include "base/json-read.h"
#include "openvswitch/json.h"
#include "util.h"

struct attrs *
attrs_from_text(enum resource_id resource, enum attrs_method method,
                const char *text, struct fault **faultp)
{
    char *copy = xstrdup(text);
    for (char *p = copy; *p; p++) {
        *p = *p == '\'' ? '"' : *p;
    }

    struct json *json = json_read(copy, strlen(copy));
    ovs_assert(json);
    struct attrs *attrs = attrs_parse(resource_get(resource), method, json,
                                      faultp);
    json_destroy(json);
    free(copy);
    return attrs;
}
