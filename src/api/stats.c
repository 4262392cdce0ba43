/* SPDX-License-Identifier: Apache-2.0
 *
 * Statistics of load balancers and listeners.  OVN translates addresses in
 * flows and counts nothing per load balancer, so each number is what Octavia
 * says of an object for which a provider has never reported any: 0.
 */

#include <config.h>
#include "api/handlers.h"
#include "api/request.h"
#include "api/show.h"
#include "openvswitch/dynamic-string.h"

void
handle_stats(struct request *request)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    if (!show_find(request)) {
        request_fail(request);
        return;
    }
    ds_put_cstr(&body, "{\"stats\": {\"bytes_in\": 0, \"bytes_out\": 0, "
                "\"active_connections\": 0, \"total_connections\": 0, "
                "\"request_errors\": 0}}");
    request_reply(request, &body);
}
