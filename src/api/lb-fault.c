/* SPDX-License-Identifier: Apache-2.0
 *
 * Why a load balancer is in ERROR, as the driver says it.  Octavia has no call
 * for that; the page at /ui shows it.
 */

#include <config.h>
#include <string.h>
#include "api/handlers.h"
#include "api/request.h"
#include "api/show.h"
#include "base/json-write.h"
#include "openvswitch/dynamic-string.h"

/* The code is that of HTTP, if the request was at fault, else null. */
void
handle_lb_fault(struct request *request)
{
    const struct ovsdb_idl_row *lb = show_find(request);

    if (!lb) {
        request_fail(request);
        return;
    }

    const char *text = row_string(lb, COL_fault_text);
    int64_t code = row_integer(lb, COL_fault_code);
    struct ds body = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&body, "{\"fault\": {\"code\": ");
    if (code) {
        json_put_integer(&body, code);
    } else {
        ds_put_cstr(&body, "null");
    }
    ds_put_cstr(&body, ", \"text\": ");
    if (text && *text) {
        json_put_string(&body, text, strlen(text));
    } else {
        ds_put_cstr(&body, "null");
    }
    ds_put_cstr(&body, "}}");
    request_reply(request, &body);
}
