/* SPDX-License-Identifier: Apache-2.0
 *
 * The health check; see healthcheck.h.  Its answers are oslo.middleware's: in
 * one of three types of content, never 406, since a proxy would take that for
 * an outage.
 */

#include <config.h>
#include "api/healthcheck.h"
#include <string.h>
#include "api/media-types.h"
#include "api/request.h"
#include "http/server.h"
#include "store/store.h"
#include "util.h"

/* In the order of preference; "%s" is the reason. */
static const struct {
    const char *type;
    const char *body;
} healthcheck_types[] = {
    { "text/plain", "%s" },
    { "text/html",
      "<HTML>\n<HEAD><TITLE>Healthcheck Status</TITLE></HEAD>\n<BODY>\n"
      "<H2>Result of 1 checks:</H2>\n"
      "<TABLE bgcolor=\"#ffffff\" border=\"1\">\n<TBODY>\n"
      "<TR>\n<TH>\nReason\n</TH>\n</TR>\n"
      "<TR>\n    <TD>%s</TD>\n</TR>\n"
      "</TBODY>\n</TABLE>\n<HR></HR>\n</BODY>\n</HTML>" },
    { "application/json",
      "{\n    \"detailed\": false,\n    \"reasons\": [\n        \"%s\"\n"
      "    ]\n}" },
};

bool
healthcheck_is_asked(const struct request *request)
{
    const char *path = http_request_path(request->http);

    return (!strcmp(path, "/healthcheck")
            || !strcmp(path, "/load-balancer/healthcheck"));
}

/* True while requests are answered or wait: a database that elects a leader is
 * no reason to send clients elsewhere. */
static bool
healthcheck_succeeds(const struct store *store)
{
    return store_is_ready(store) || store_is_expected(store);
}

static size_t
healthcheck_choose_type(const char *accept)
{
    for (size_t i = 0; i < ARRAY_SIZE(healthcheck_types); i++) {
        if (accept_names(accept, healthcheck_types[i].type)) {
            return i;
        }
    }
    return 0;
}

static void
healthcheck_reply(struct request *request, bool is_healthy)
{
    size_t i = healthcheck_choose_type(http_request_header(request->http,
                                                           "Accept"));
    const char *format = healthcheck_types[i].body;
    const char *mark = strstr(format, "%s");
    char *body = xasprintf("%.*s%s%s", (int) (mark - format), format,
                           is_healthy ? "OK"
                           : "The Octavia database is unavailable.", mark + 2);
    char *type = xasprintf("%s; charset=UTF-8", healthcheck_types[i].type);

    request_reply_text(request, is_healthy ? 200 : 503, type, body);
    free(type);
    free(body);
}

void
healthcheck_answer(struct request *request)
{
    const char *method = http_request_method(request->http);
    bool is_head = !strcmp(method, "HEAD");
    bool is_healthy = healthcheck_succeeds(request->api->store);

    if (!request->api->healthcheck_enabled) {
        request_reply_text(request, 404, "text/plain; charset=UTF-8",
                           "404 Not Found\n\n"
                           "The resource could not be found.\n\n");
    } else if (!is_head && strcmp(method, "GET")) {
        http_request_add_header(request->http, "Allow", "GET, HEAD");
        request_reply_text(request, 405, "text/plain; charset=UTF-8",
                           "405 Method Not Allowed\n\n"
                           "The method is not allowed for this resource."
                           "\n\n");
    } else if (is_head && is_healthy) {
        request_reply_as(request, 204, NULL);
    } else {
        healthcheck_reply(request, is_healthy);
    }
}
