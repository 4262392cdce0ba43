/* SPDX-License-Identifier: Apache-2.0
 *
 * Serves the page at /ui; see ui.h.  Links in the page are relative, so that
 * it works at any place that a proxy gives it.
 */

#include <config.h>
#include "api/ui.h"
#include <string.h>
#include "api/etag.h"
#include "api/preconditions.h"
#include "api/request.h"
#include "api/ui-files.h"
#include "base/json-write.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Tells the page how its user logs in. */
#define UI_CONFIG "config.json"

/* Of every answer.  The page may load and ask what comes from here, run no
 * script that is part of a document, make no markup of texts, and be shown
 * inside of no other page. */
static const struct {
    const char *name;
    const char *value;
} ui_headers[] = {
    { "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; "
      "connect-src 'self'; img-src 'self'; frame-ancestors 'none'; "
      "base-uri 'none'; form-action 'none'; "
      "require-trusted-types-for 'script'; trusted-types 'none'" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    { "Referrer-Policy", "no-referrer" },
    { "X-Content-Type-Options", "nosniff" },
    { "X-Frame-Options", "DENY" },
};

/* Returns what follows "/ui" in the path, NULL if it is another one. */
static const char *
ui_rest_of_path(const struct request *request)
{
    static const char *const places[] = { "/ui", "/load-balancer/ui" };
    const char *path = http_request_path(request->http);

    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        size_t length = strlen(places[i]);

        if (!strncmp(path, places[i], length)
            && (!path[length] || path[length] == '/')) {
            return path + length;
        }
    }
    return NULL;
}

/* Returns the file that "/NAME" means, NULL if there is none. */
static const struct ui_file *
ui_find(const char *rest)
{
    const char *name = !strcmp(rest, "/") ? "index.html" : rest + 1;

    for (size_t i = 0; i < n_ui_files; i++) {
        if (!strcmp(ui_files[i].name, name)) {
            return &ui_files[i];
        }
    }
    return NULL;
}

bool
ui_is_asked(const struct request *request)
{
    const char *rest = request->api->ui ? ui_rest_of_path(request) : NULL;

    return rest && (!*rest || !strcmp(rest, "/" UI_CONFIG) || ui_find(rest));
}

static void
ui_put_text(struct ds *out, const char *label, const char *text)
{
    ds_put_cstr(out, label);
    if (text) {
        json_put_string(out, text, strlen(text));
    } else {
        ds_put_cstr(out, "null");
    }
}

static void
ui_reply_config(struct request *request)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    ui_put_text(&body, "{\"auth\": ", request->api->auth);
    ui_put_text(&body, ", \"identity\": ",
                request->api->www_authenticate_uri);
    ui_put_text(&body, ", \"version\": ", OVN_OCTAVIA_VERSION);
    ds_put_char(&body, '}');
    http_request_add_header(request->http, "Cache-Control", "no-store");
    request_reply_as(request, 200, &body);
}

/* A browser asks each time whether it still has the right version. */
static void
ui_reply_file(struct request *request, const struct ui_file *file)
{
    const char *known = http_request_header(request->http, "If-None-Match");

    http_request_add_header(request->http, "Cache-Control", "no-cache");
    precondition_put_tag(request, &file->tag);
    if (known && etag_is_in(known, &file->tag, true, false)) {
        request_reply_as(request, 304, NULL);
    } else {
        request_reply_text(request, 200, file->type, file->text);
    }
}

void
ui_answer(struct request *request)
{
    const char *method = http_request_method(request->http);
    const char *rest = ui_rest_of_path(request);

    for (size_t i = 0; i < ARRAY_SIZE(ui_headers); i++) {
        http_request_add_header(request->http, ui_headers[i].name,
                                ui_headers[i].value);
    }
    if (strcmp(method, "GET") && strcmp(method, "HEAD")) {
        http_request_add_header(request->http, "Allow", "GET, HEAD");
        request_reply_text(request, 405, "text/plain; charset=UTF-8",
                           "405 Method Not Allowed\n\n"
                           "The method is not allowed for this resource."
                           "\n\n");
    } else if (!*rest) {
        http_request_add_header(request->http, "Location", "ui/");
        request_reply_as(request, 302, NULL);
    } else if (!strcmp(rest, "/" UI_CONFIG)) {
        ui_reply_config(request);
    } else {
        ui_reply_file(request, ui_find(rest));
    }
}
