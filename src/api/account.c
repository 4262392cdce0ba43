/* SPDX-License-Identifier: Apache-2.0
 *
 * The account of requests; see account.h.
 */

#include <config.h>
#include "api/account.h"
#include "api/access-log.h"
#include "api/request.h"
#include "api/tally.h"
#include "http/server.h"

/* A request that was refused before the pipeline saw it has no more than what
 * HTTP knows. */
void
account_answer(struct http_request *http, int status, size_t bytes, void *api_)
{
    struct api *api = api_;
    struct request unseen = {
        .api = api,
        .http = http,
        .id = *http_request_id(http),
        .arrived_us = http_request_arrived_us(http),
    };
    struct request *request = http_request_data(http);

    if (!request) {
        request = &unseen;
    }
    request->is_accounted = true;
    tally_answer(request, status);
    access_log_note(api->access_log, request, status, bytes);
    waits_log_slow(request, api->slow_request_ms);
}

void
account_gone(const struct request *request)
{
    if (!request->is_accounted) {
        tally_gone();
        access_log_note(request->api->access_log, request, 0, 0);
    }
}
