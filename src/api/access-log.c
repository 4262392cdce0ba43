/* SPDX-License-Identifier: Apache-2.0
 *
 * One line for each request; see access-log.h.
 */

#include <config.h>
#include "api/access-log.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "api/origin.h"
#include "api/request.h"
#include "auth/caller.h"
#include "base/append-file.h"
#include "base/limits.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

struct access_log {
    struct append_file *file;
    bool is_json;
    long long int second;       /* Of 'second_text'. */
    char second_text[sizeof "2026-11-30T07:34:10"];
};

struct access_log *
access_log_open(const char *path, bool is_json)
{
    struct access_log *log;
    struct append_file *file;
    char *error;

    if (!strcmp(path, ACCESS_LOG_NONE)) {
        return NULL;
    }
    file = append_file_open(path, &error);
    if (!file) {
        ovs_fatal(0, "the access log %s %s", path, error);
    }
    log = xzalloc(sizeof *log);
    log->file = file;
    log->is_json = is_json;
    log->second = -1;
    return log;
}

void
access_log_close(struct access_log *log)
{
    if (log) {
        append_file_close(log->file);
        free(log);
    }
}

void
access_log_run(struct access_log *log)
{
    if (log) {
        append_file_run(log->file);
    }
}

/* --- Texts of others ----------------------------------------------------- */

/* True for what may stand in a line as it is: neither a space, a quote nor a
 * backslash, nor what separates arguments. */
static bool
access_log_is_plain(unsigned char c)
{
    return isalnum(c) || (c && strchr("-._~/:@!$()*,;{}[]", c));
}

/* Adds 'text', %-encoded, up to a bound. */
static void
access_log_put_text(struct ds *out, const char *text)
{
    size_t n = 0;

    for (; *text && n < ACCESS_LOG_TEXT_MAX; text++, n++) {
        unsigned char c = *text;

        if (OVS_LIKELY(access_log_is_plain(c))) {
            ds_put_char(out, c);
        } else {
            ds_put_format(out, "%%%02X", c);
        }
    }
    if (*text) {
        ds_put_cstr(out, "...");
    }
}

/* No argument of the API is a secret; but a client may take one for such. */
static bool
access_log_is_secret(const char *name)
{
    static const char *const words[] = {
        "auth", "credential", "key", "passw", "secret", "sig", "token",
    };

    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (strcasestr(name, words[i])) {
            return true;
        }
    }
    return false;
}

struct access_log_args {
    struct ds *out;
    size_t begin;               /* Length of 'out' before them. */
};

static bool
access_log_put_arg(const char *name, const char *value, void *args_)
{
    const struct access_log_args *args = args_;
    struct ds *out = args->out;

    if (out->length - args->begin > ACCESS_LOG_TEXT_MAX) {
        ds_put_cstr(out, "&...");
        return false;
    }
    ds_put_char(out, out->length == args->begin ? '?' : '&');
    access_log_put_text(out, name);
    if (value) {
        ds_put_char(out, '=');
        access_log_put_text(out, (access_log_is_secret(name) ? "***"
                                  : value));
    }
    return true;
}

static void
access_log_put_path(struct ds *out, const struct http_request *http)
{
    struct access_log_args args = { .out = out };

    access_log_put_text(out, http_request_path(http));
    args.begin = out->length;
    http_request_for_each_arg(http, access_log_put_arg, &args);
}

void
access_log_put_call(struct ds *out, const struct http_request *http)
{
    access_log_put_text(out, http_request_method(http));
    ds_put_char(out, ' ');
    access_log_put_path(out, http);
}

/* --- Lines --------------------------------------------------------------- */

static void
access_log_put_time(struct access_log *log, struct ds *out)
{
    long long int now_ms = time_wall_msec();

    if (log->second != now_ms / 1000) {
        time_t second = now_ms / 1000;
        struct tm tm;

        log->second = second;
        strftime(log->second_text, sizeof log->second_text,
                 "%Y-%m-%dT%H:%M:%S", gmtime_r(&second, &tm));
    }
    ds_put_format(out, "%s.%03lldZ", log->second_text, now_ms % 1000);
}

/* What stands around values, in the order in which they come. */
struct access_log_form {
    const char *before[11];
    const char *after;
    const char *quote;          /* Around a text, */
    const char *none;           /* and instead of one. */
};

static const struct access_log_form access_log_forms[] = {
    { { "", " ", " ", " ", " ", " ", " ", " ", " ", " ", " " }, "\n",
      "", "-" },
    { { "{\"time\": ", ", \"request_id\": ", ", \"global_request_id\": ",
        ", \"client\": ", ", \"project_id\": ", ", \"user_id\": ",
        ", \"method\": ", ", \"path\": ", ", \"status\": ", ", \"bytes\": ",
        ", \"duration_ms\": " }, "}\n", "\"", "null" },
};

static void
access_log_put_field(struct ds *out, const struct access_log_form *form,
                     size_t i, const char *text)
{
    ds_put_cstr(out, form->before[i]);
    if (text) {
        ds_put_cstr(out, form->quote);
        access_log_put_text(out, text);
        ds_put_cstr(out, form->quote);
    } else {
        ds_put_cstr(out, form->none);
    }
}

static void
access_log_put_origin(struct ds *out, const struct access_log_form *form,
                      const struct request *request)
{
    const struct caller *caller = request->caller;
    char *client = origin_client(request);

    access_log_put_field(out, form, 2, request_global_id(request));
    access_log_put_field(out, form, 3, client);
    access_log_put_field(out, form, 4, caller ? caller->project_id : NULL);
    access_log_put_field(out, form, 5, caller ? caller->user_id : NULL);
    free(client);
}

void
access_log_note(struct access_log *log, const struct request *request,
                int status, size_t bytes)
{
    const struct access_log_form *form;
    long long int us = time_usec() - request->arrived_us;
    struct ds *out;

    if (!log) {
        return;
    }
    form = &access_log_forms[log->is_json];
    out = append_file_buffer(log->file);
    ds_put_format(out, "%s%s", form->before[0], form->quote);
    access_log_put_time(log, out);
    ds_put_format(out, "%s%s%sreq-"UUID_FMT"%s", form->quote, form->before[1],
                  form->quote, UUID_ARGS(&request->id), form->quote);
    access_log_put_origin(out, form, request);
    access_log_put_field(out, form, 6, http_request_method(request->http));
    ds_put_format(out, "%s%s", form->before[7], form->quote);
    access_log_put_path(out, request->http);
    ds_put_format(out, "%s%s", form->quote, form->before[8]);
    if (status) {
        ds_put_format(out, "%d", status);
    } else {
        ds_put_cstr(out, form->none);
    }
    ds_put_format(out, "%s%"PRIuSIZE"%s%lld.%03lld%s", form->before[9], bytes,
                  form->before[10], us / 1000, us % 1000, form->after);
}
