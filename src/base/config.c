/* SPDX-License-Identifier: Apache-2.0
 *
 * A daemon's settings; see config.h.
 */

#include <config.h>
#include "base/config.h"
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "util.h"

struct load_context {
    const struct config_option *options;
    size_t n_options;
    char *error;
};

static const struct config_option *
find_option(const struct load_context *ctx, const char *section,
            const char *key)
{
    for (size_t i = 0; i < ctx->n_options; i++) {
        const struct config_option *option = &ctx->options[i];

        if (!strcmp(option->section, section)
            && nullable_string_is_equal(option->key, key)) {
            return option;
        }
    }
    return NULL;
}

bool
config_set(const struct config_option *option, const char *value)
{
    if (option->text) {
        free(*option->text);
        *option->text = xstrdup(value);
        return true;
    }
    if (!strcasecmp(value, "true")) {
        *option->flag = true;
    } else if (!strcasecmp(value, "false")) {
        *option->flag = false;
    } else {
        return false;
    }
    return true;
}

static void
note_name(char **names, const char *name)
{
    char *longer = (*names ? xasprintf("%s %s", *names, name)
                    : xstrdup(name));

    free(*names);
    *names = longer;
}

/* True if the section is another program's, since one file may serve all
 * programs: it is not checked here. */
static bool
section_is_for_others(const struct load_context *ctx, const char *section,
                      const char *key)
{
    static const char *const programs[] = {
        "api", "driver", "keystone_authtoken", "networking", "neutron",
        "quotas",
    };

    for (size_t i = 0; i < ctx->n_options; i++) {
        const struct config_option *option = &ctx->options[i];

        if (!strcmp(option->section, section)) {
            if (!option->key && option->text) {
                note_name(option->text, key);
            }
            return !option->key;
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
        if (!strcmp(programs[i], section)) {
            return true;
        }
    }
    return false;
}

/* For inih: returns 0 for an error. */
static int
handle_line(void *ctx_, const char *section, const char *key,
            const char *value)
{
    struct load_context *ctx = ctx_;
    const struct config_option *option = find_option(ctx, section, key);

    if ((option && config_set(option, value))
        || section_is_for_others(ctx, section, key)) {
        return 1;
    }
    if (!ctx->error) {
        ctx->error = (option
                      ? xasprintf("[%s] %s must be true or false, not \"%s\"",
                                  section, key, value)
                      : xasprintf("[%s] %s is not an option", section, key));
    }
    return 0;
}

bool
config_load(const char *file_name, const struct config_option *options,
            size_t n_options, char **errorp)
{
    struct load_context ctx = { .options = options, .n_options = n_options };
    int line = ini_parse(file_name, handle_line, &ctx);

    if (line < 0) {
        *errorp = xasprintf("%s: cannot be read", file_name);
    } else if (line > 0) {
        *errorp = xasprintf("%s:%d: %s", file_name, line,
                            ctx.error ? ctx.error : "not KEY = VALUE");
    }
    free(ctx.error);
    return line == 0;
}

void
config_set_default(char **setting, char *value)
{
    if (*setting) {
        free(value);
    } else {
        *setting = value;
    }
}
