/* SPDX-License-Identifier: Apache-2.0
 *
 * The API in numbers; see metrics.h.  What a page costs does not depend on the
 * number of objects: they are counted where they are indexed.
 */

#include <config.h>
#include "api/metrics.h"
#include "api/api.h"
#include "api/local-auth.h"
#include "api/tally.h"
#include "auth/service.h"
#include "auth/session.h"
#include "auth/tokens.h"
#include "base/commit.h"
#include "base/db-link.h"
#include "base/metrics.h"
#include "base/process-metrics.h"
#include "http/server.h"
#include "model/fields.h"
#include "model/status.h"
#include "store/row-index.h"
#include "store/store.h"
#include "util.h"

static void
api_put_in_flight(struct metrics_page *page, const void *api_)
{
    const struct api *api = api_;

    metrics_put(page, api->n_requests - api->n_ended, NULL);
}

static void
api_put_waiting(struct metrics_page *page, const void *api_)
{
    const struct api *api = api_;

    metrics_put(page, api->n_waiting - api->n_unknown, "for", "other",
                NULL);
    metrics_put(page, api->n_unknown, "for", "keystone", NULL);
}

static void
api_put_connections(struct metrics_page *page, const void *api_)
{
    const struct api *api = api_;

    metrics_put(page, http_server_n_connections(api->server), NULL);
}

static void
api_put_connections_opened(struct metrics_page *page, const void *api_)
{
    const struct api *api = api_;

    metrics_put(page, http_server_counts(api->server)->n_connections, NULL);
}

static void
api_put_connections_cut(struct metrics_page *page, const void *api_)
{
    static const char *const words[] = {
#define HTTP_CUT(NAME, WORD) WORD,
        HTTP_CUTS
#undef HTTP_CUT
    };
    const struct api *api = api_;

    for (size_t i = 0; i < N_HTTP_CUTS; i++) {
        metrics_put(page, http_server_counts(api->server)->n_cut[i],
                    "reason", words[i], NULL);
    }
}

static void
api_put_refused(struct metrics_page *page, const void *api_)
{
    const struct api *api = api_;
    const struct http_server_counts *counts = http_server_counts(api->server);

    metrics_put(page, counts->n_malformed, "reason", "malformed", NULL);
    metrics_put(page, counts->n_too_large, "reason", "too_large", NULL);
}

static void
api_put_answers_bytes(struct metrics_page *page, const void *api_)
{
    const struct api *api = api_;

    metrics_put(page, http_server_answers_bytes(api->server), NULL);
}

static void
api_put_provisioning(struct metrics_page *page, const void *api_)
{
    const struct api *api = api_;

    for (enum resource_id kind = 0; kind < N_RESOURCES; kind++) {
        for (enum provisioning_status status = 0;
             row_index_counts(kind) && status < N_PROVISIONING_STATUSES;
             status++) {
            metrics_put(page, row_index_n_provisioning(api->row_index, kind,
                                                       status),
                        "kind", resource_get(kind)->key,
                        "status", provisioning_status_to_string(status),
                        NULL);
        }
    }
}

static void
api_put_operating(struct metrics_page *page, const void *api_)
{
    const struct api *api = api_;

    for (enum resource_id kind = 0; kind < N_RESOURCES; kind++) {
        for (enum operating_status status = 0;
             row_index_counts(kind) && status < N_OPERATING_STATUSES;
             status++) {
            metrics_put(page, row_index_n_operating(api->row_index, kind,
                                                    status),
                        "kind", resource_get(kind)->key,
                        "status", operating_status_to_string(status), NULL);
        }
    }
}

static void
api_put_tokens_cached(struct metrics_page *page, const void *api_)
{
    const struct api *api = api_;
    struct token_counts counts = (api->tokens ? tokens_count(api->tokens)
                                  : (struct token_counts) { 0 });

    metrics_put(page, counts.n_good, "state", "good", NULL);
    metrics_put(page, counts.n_other, "state", "other", NULL);
    metrics_put(page, counts.n_asking, "state", "asking", NULL);
}

static void
api_put_ready(struct metrics_page *page, const void *api_)
{
    const struct api *api = api_;

    metrics_put(page, store_is_ready(api->store), NULL);
}

void
api_add_metrics(const struct api *api)
{
    static const struct metric metrics[] = {
        { "ovn_octavia_api_ready", METRIC_GAUGE,
          "1 if load balancers can be read and written, else 0.",
          api_put_ready },
        { "ovn_octavia_api_requests_in_flight", METRIC_GAUGE,
          "Requests that are not answered yet.", api_put_in_flight },
        { "ovn_octavia_api_requests_waiting", METRIC_GAUGE,
          "Those of them that wait for Keystone, or for something else: a "
          "commit, the driver's choice of an address, Neutron.",
          api_put_waiting },
        { "ovn_octavia_api_connections", METRIC_GAUGE,
          "Open connections of clients.", api_put_connections },
        { "ovn_octavia_api_connections_opened_total", METRIC_COUNTER,
          "Connections that were accepted.", api_put_connections_opened },
        { "ovn_octavia_api_connections_cut_total", METRIC_COUNTER,
          "Connections that were ended: no complete request came in time "
          "(idle; of unknown clients: stranger), all places were taken and "
          "others waited (room), or an answer was not fetched (unfetched).",
          api_put_connections_cut },
        { "ovn_octavia_api_requests_refused_total", METRIC_COUNTER,
          "Requests that were refused before anything was looked at.",
          api_put_refused },
        { "ovn_octavia_api_answers_bytes", METRIC_GAUGE,
          "Memory of answers that clients have not fetched yet.",
          api_put_answers_bytes },
        { "ovn_octavia_api_objects", METRIC_GAUGE,
          "Objects by their kind and provisioning status.",
          api_put_provisioning },
        { "ovn_octavia_api_objects_operating", METRIC_GAUGE,
          "Objects by their kind and operating status.",
          api_put_operating },
        { "ovn_octavia_api_tokens_cached", METRIC_GAUGE,
          "Tokens of users that are remembered: good ones, others, and those "
          "that Keystone is being asked about.", api_put_tokens_cached },
    };

    process_metrics_add();
    metrics_add(metrics, ARRAY_SIZE(metrics), api);
    tally_add_metrics();
    local_auth_add_metrics(api);
    db_link_add_metrics();
    commit_queue_add_metrics();
    session_add_metrics();
    service_add_metrics();
}
