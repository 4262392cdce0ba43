/* SPDX-License-Identifier: Apache-2.0
 *
 * A program's settings; see config.h.
 */

#include <config.h>
#include "base/config.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/ini.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-session.h"
#include "stream.h"
#include "util.h"
#include "uuid.h"

/* A file that is being read. */
struct config_source {
    struct config *config;
    const char *file_name;
};

void
config_init(struct config *config, const struct config_option *options,
            size_t n_options)
{
    *config = (struct config) {
        .options = options,
        .n_options = n_options,
        .origins = xcalloc(n_options + 1, sizeof *config->origins),
        .faults = SVEC_EMPTY_INITIALIZER,
    };
}

void
config_uninit(struct config *config)
{
    for (size_t i = 0; i < config->n_options; i++) {
        free(config->origins[i]);
    }
    free(config->origins);
    svec_destroy(&config->faults);
}

/* --- Reading ------------------------------------------------------------- */

/* Returns the index of the option, 'n_options' if there is none. */
static size_t
config_find(const struct config *config, const char *section, const char *key)
{
    size_t i = 0;

    while (i < config->n_options
           && (strcmp(config->options[i].section, section)
               || !nullable_string_is_equal(config->options[i].key, key))) {
        i++;
    }
    return i;
}

/* Returns the index of the option with this place for its value, 'n_options'
 * if there is none. */
static size_t
config_find_setting(const struct config *config, const void *setting)
{
    size_t i = 0;

    while (i < config->n_options && config->options[i].text != setting
           && config->options[i].flag != setting) {
        i++;
    }
    return i;
}

bool
config_set(struct config *config, size_t i, const char *value, char *origin)
{
    const struct config_option *option = &config->options[i];
    bool ok = true;

    if (option->text) {
        free(*option->text);
        *option->text = xstrdup(value);
    } else if (!strcasecmp(value, "true")) {
        *option->flag = true;
    } else if (!strcasecmp(value, "false")) {
        *option->flag = false;
    } else {
        ok = false;
    }
    if (ok) {
        free(config->origins[i]);
        config->origins[i] = origin;
    } else {
        free(origin);
    }
    return ok;
}

static void
config_note_name(char **names, const char *name)
{
    char *longer = (*names ? xasprintf("%s %s", *names, name)
                    : xstrdup(name));

    free(*names);
    *names = longer;
}

/* True if the section is another program's, since one file may serve all
 * programs: it is not checked here. */
static bool
config_is_for_others(const struct config *config, const char *section,
                     const char *key)
{
    static const char *const programs[] = {
        "agent", "api", "driver", "keystone_authtoken", "networking",
        "neutron", "quotas",
    };

    for (size_t i = 0; i < config->n_options; i++) {
        const struct config_option *option = &config->options[i];

        if (!strcmp(option->section, section)) {
            if (!option->key && option->text) {
                config_note_name(option->text, key);
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

/* Returns what the section may have instead of a key that it has not. */
static char *
config_list_keys(const struct config *config, const char *section)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < config->n_options; i++) {
        const struct config_option *option = &config->options[i];

        if (option->key && !strcmp(option->section, section)) {
            ds_put_format(&s, "%s%s", s.length ? ", " : " (there are ",
                          option->key);
        }
    }
    if (s.length) {
        ds_put_char(&s, ')');
    }
    return ds_steal_cstr(&s);
}

/* True if the line gives no value to an option that has none: so the samples
 * in conf/ have it. */
static bool
config_is_still_unset(const struct config *config, size_t i,
                      const struct ini_line *line)
{
    char *const *text = config->options[i].text;

    return text && !*text && !*line->value;
}

static void
config_take_line(const struct ini_line *line, void *source_)
{
    struct config_source *source = source_;
    struct config *config = source->config;

    if (line->problem) {
        config_fault_nocopy(config, xasprintf("%s:%u: %s", source->file_name,
                                              line->number, line->problem));
        return;
    }

    char *place = xasprintf("%s:%u: [%s] %s", source->file_name, line->number,
                            line->section, line->key);
    size_t i = config_find(config, line->section, line->key);
    if (i < config->n_options && config_is_still_unset(config, i, line)) {
        free(place);
        return;
    }
    if (i < config->n_options) {
        if (!config_set(config, i, line->value, xstrdup(place))) {
            config_fault_nocopy(config, xasprintf(
                "%s must be true or false, not \"%s\"", place, line->value));
        }
    } else if (!config_is_for_others(config, line->section, line->key)) {
        char *keys = config_list_keys(config, line->section);

        config_fault_nocopy(config, xasprintf("%s is not an option%s", place,
                                              keys));
        free(keys);
    }
    free(place);
}

void
config_load(struct config *config, const char *file_name)
{
    struct config_source source = { config, file_name };
    int error = ini_read(file_name, config_take_line, &source);

    if (error) {
        config_fault_nocopy(config, xasprintf("%s: cannot be read (%s)",
                                              file_name,
                                              ovs_strerror(error)));
    }
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

/* --- Checking ------------------------------------------------------------ */

void
config_set_origin(struct config *config, const void *setting, char *origin)
{
    size_t i = config_find_setting(config, setting);

    ovs_assert(i < config->n_options);
    free(config->origins[i]);
    config->origins[i] = origin;
}

void
config_fault_nocopy(struct config *config, char *text)
{
    svec_add_nocopy(&config->faults, text);
}

void
config_fault(struct config *config, const void *setting, const char *format,
             ...)
{
    size_t i = config_find_setting(config, setting);
    struct ds s = DS_EMPTY_INITIALIZER;
    va_list args;

    ovs_assert(i < config->n_options);
    const struct config_option *option = &config->options[i];
    if (config->origins[i]) {
        ds_put_cstr(&s, config->origins[i]);
    } else {
        ds_put_format(&s, "[%s] %s", option->section, option->key);
    }
    if (option->text && *option->text) {
        ds_put_format(&s, " = %s", *option->text);
    }
    ds_put_cstr(&s, ": ");
    va_start(args, format);
    ds_put_format_valist(&s, format, args);
    va_end(args);
    config_fault_nocopy(config, ds_steal_cstr(&s));
}

bool
config_choose(struct config *config, char *const *setting, const char *yes,
              const char *no)
{
    bool is_yes = !strcmp(*setting, yes);

    if (!is_yes && strcmp(*setting, no)) {
        config_fault(config, setting, "must be \"%s\" or \"%s\"", no, yes);
    }
    return is_yes;
}

void
config_check_remote(struct config *config, char *const *setting)
{
    struct svec remotes = SVEC_EMPTY_INITIALIZER;
    struct uuid cid;
    bool ok;

    ovsdb_session_parse_remote(*setting, &remotes, &cid);
    ok = remotes.n > 0;
    for (size_t i = 0; i < remotes.n; i++) {
        ok = ok && !stream_verify_name(remotes.names[i]);
    }
    if (!ok) {
        config_fault(config, setting, "must be unix:FILE, tcp:HOST:PORT or "
                     "ssl:HOST:PORT, or several with commas between them");
    }
    svec_destroy(&remotes);
}

/* --- Printing ------------------------------------------------------------ */

static bool
config_is_secret(const char *key)
{
    return strstr(key, "password") || strstr(key, "secret");
}

static void
config_print_option(const struct config_option *option)
{
    const char *value = (option->flag ? (*option->flag ? "true" : "false")
                         : *option->text ? *option->text : "");

    printf("%s =%s%s\n", option->key, *value ? " " : "",
           *value && config_is_secret(option->key) ? "***" : value);
}

/* True if no option before that with index 'i' has its section. */
static bool
config_begins_section(const struct config *config, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (!strcmp(config->options[j].section, config->options[i].section)) {
            return false;
        }
    }
    return true;
}

void
config_print(const struct config *config)
{
    for (size_t i = 0; i < config->n_options; i++) {
        const char *section = config->options[i].section;

        if (!config_begins_section(config, i)) {
            continue;
        }
        printf("%s[%s]\n", i ? "\n" : "", section);
        for (size_t j = i; j < config->n_options; j++) {
            if (config->options[j].key
                && !strcmp(config->options[j].section, section)) {
                config_print_option(&config->options[j]);
            }
        }
    }
}
