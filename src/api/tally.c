/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests in numbers; see tally.h.
 */

#include <config.h>
#include "api/tally.h"
#include <string.h>
#include "api/request.h"
#include "api/routes.h"
#include "base/metrics.h"
#include "http/server.h"
#include "timeval.h"
#include "util.h"

/* Statuses that the API answers with; all others count as the last. */
static const struct {
    int status;
    const char *text;
} tally_codes[] = {
    { 200, "200" }, { 201, "201" }, { 202, "202" }, { 204, "204" },
    { 300, "300" }, { 400, "400" }, { 401, "401" }, { 403, "403" },
    { 404, "404" }, { 405, "405" }, { 406, "406" }, { 409, "409" },
    { 413, "413" }, { 415, "415" }, { 429, "429" }, { 500, "500" },
    { 501, "501" }, { 503, "503" }, { 0, "other" },
};
#define TALLY_CODES ARRAY_SIZE(tally_codes)

/* Methods of the API; all others count as the last. */
static const char *const tally_methods[] = {
    "GET", "POST", "PUT", "DELETE", "other"
};
#define TALLY_METHODS ARRAY_SIZE(tally_methods)

static unsigned long long int tally_answers[ROUTES_MAX][TALLY_CODES];
static struct metric_histogram tally_durations[TALLY_METHODS];
static unsigned long long int tally_n_gone;
static unsigned long long int tally_tokens[N_TALLY_TOKENS][2];

static size_t
tally_code(int status)
{
    size_t i = 0;

    while (i < TALLY_CODES - 1 && status != tally_codes[i].status) {
        i++;
    }
    return i;
}

static size_t
tally_method(const char *method)
{
    size_t i = 0;

    while (i < TALLY_METHODS - 1 && strcmp(method, tally_methods[i])) {
        i++;
    }
    return i;
}

void
tally_answer(const struct request *request, int status)
{
    size_t method = tally_method(http_request_method(request->http));

    tally_answers[route_index(request->route)][tally_code(status)]++;
    metric_histogram_note(&tally_durations[method],
                          time_usec() - request->arrived_us);
}

void
tally_gone(void)
{
    tally_n_gone++;
}

void
tally_token(enum tally_token judgement, bool was_known)
{
    tally_tokens[judgement][was_known]++;
}

/* A combination that has not occurred has no sample: there are thousands. */
static void
tally_put_answers(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    for (size_t i = 0; i < ROUTES_MAX; i++) {
        for (size_t j = 0; j < TALLY_CODES; j++) {
            if (tally_answers[i][j]) {
                struct route_name name = route_name(i);

                metrics_put(page, tally_answers[i][j], "method", name.method,
                            "route", name.path, "code", tally_codes[j].text,
                            NULL);
            }
        }
    }
}

static void
tally_put_durations(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    for (size_t i = 0; i < TALLY_METHODS; i++) {
        metrics_put_histogram(page, &tally_durations[i],
                              "method", tally_methods[i], NULL);
    }
}

static void
tally_put_gone(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    metrics_put(page, tally_n_gone, NULL);
}

static void
tally_put_tokens(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    static const char *const words[] = {
#define TALLY_TOKEN(NAME, WORD) WORD,
        TALLY_TOKENS
#undef TALLY_TOKEN
    };

    for (size_t i = 0; i < N_TALLY_TOKENS; i++) {
        metrics_put(page, tally_tokens[i][true], "outcome", words[i],
                    "cache", "hit", NULL);
        metrics_put(page, tally_tokens[i][false], "outcome", words[i],
                    "cache", "miss", NULL);
    }
}

void
tally_add_metrics(void)
{
    static const struct metric metrics[] = {
        { "ovn_octavia_api_requests_total", METRIC_COUNTER,
          "Requests that were answered, by the template of their path and "
          "the HTTP status; route \"none\": no path of the API, or its sender "
          "was not let in.", tally_put_answers },
        { "ovn_octavia_api_request_duration_seconds", METRIC_HISTOGRAM,
          "Time from the head of a request until its answer is made.",
          tally_put_durations },
        { "ovn_octavia_api_requests_abandoned_total", METRIC_COUNTER,
          "Requests whose client has left before they were complete.",
          tally_put_gone },
        { "ovn_octavia_api_token_checks_total", METRIC_COUNTER,
          "Requests by how their token was judged, and whether Keystone had "
          "to be asked (miss) or not (hit).", tally_put_tokens },
    };

    metrics_add(metrics, ARRAY_SIZE(metrics), NULL);
}
