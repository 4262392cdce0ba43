/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds what Octavia accepts and OVN does not do; see unserved.h.
 */

#include <config.h>
#include "octavia/unserved.h"
#include "base/ovs-compat.h"
#include "octavia/body.h"
#include "openvswitch/json.h"
#include "svec.h"

char *
unserved_security_groups(const struct json *model)
{
    const struct json *list = body_get(model, "vip_sg_ids");
    struct svec ids = SVEC_EMPTY_INITIALIZER;
    char *text = NULL;

    for (size_t i = 0;
         list && list->type == JSON_ARRAY && i < json_array_size(list); i++) {
        const struct json *id = json_array_at(list, i);
        svec_add(&ids, id->type == JSON_STRING ? json_string(id) : "?");
    }
    if (ids.n) {
        svec_sort_unique(&ids);
        text = svec_join(&ids, ", ", "");
    }
    svec_destroy(&ids);
    return text;
}
