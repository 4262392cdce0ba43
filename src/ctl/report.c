/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON for programs; see report.h.
 */

#include <config.h>
#include "ctl/report.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ctl/context.h"
#include "db-ctl-base.h"
#include "openvswitch/json.h"
#include "util.h"
#include "uuid.h"

/* Commands that can report. */
static const char *const report_commands[] = {
    "diff", "doctor", "explain", "orphans", "show",
};

bool
report_is_json(const struct context *ctx)
{
    return ctx->table_style.format == TF_JSON;
}

static void
report_set_format(struct context *ctx, const char *format)
{
    if (!strcmp(format, "json")) {
        ctx->table_style.format = TF_JSON;
    } else if (!strcmp(format, "text")) {
        ctx->table_style.format = TF_LIST;
    } else {
        ctl_fatal("--format=%s: must be json or text", format);
    }
}

void
report_take_format(struct context *ctx, int *argc, char *argv[])
{
    bool can_report = false;
    int n = 1;

    for (size_t i = 0; *argc && i < ARRAY_SIZE(report_commands); i++) {
        can_report |= !strcmp(argv[0], report_commands[i]);
    }
    if (!can_report) {
        return;
    }
    for (int i = 1; i < *argc; i++) {
        if (!strncmp(argv[i], "--format=", 9)) {
            report_set_format(ctx, argv[i] + 9);
        } else if (!strcmp(argv[i], "--format")) {
            if (++i == *argc) {
                ctl_fatal("--format needs json or text");
            }
            report_set_format(ctx, argv[i]);
        } else {
            argv[n++] = argv[i];
        }
    }
    argv[n] = NULL;
    *argc = n;
}

void
report_put_uuid(struct json *object, const char *name,
                const struct uuid *uuid)
{
    json_object_put_format(object, name, UUID_FMT, UUID_ARGS(uuid));
}

void
report_put_integer(struct json *object, const char *name, long long int value)
{
    json_object_put(object, name, json_integer_create(value));
}

void
report_put_bool(struct json *object, const char *name, bool value)
{
    json_object_put(object, name, json_boolean_create(value));
}

void
report_put_text(struct json *object, const char *name, const char *text)
{
    json_object_put(object, name, (text ? json_string_create(text)
                                   : json_null_create()));
}

void
report_print(struct json *document)
{
    char *text = json_to_string(document, JSSF_PRETTY | JSSF_SORT);

    puts(text);
    free(text);
    json_destroy(document);
}
