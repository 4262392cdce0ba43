/* SPDX-License-Identifier: Apache-2.0
 *
 * The settings of authentication; see auth-options.h.  Our own file takes
 * precedence over octavia.conf, option by option.  Sections and names are the
 * same.
 */

#include <config.h>
#include "api/auth-options.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "api/auth-unknown.h"
#include "auth/local/users-file.h"
#include "auth/local/users.h"
#include "auth/service.h"
#include "auth/session.h"
#include "auth/tokens.h"
#include "base/daemon-options.h"
#include "base/limits.h"
#include "base/octavia-conf.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(auth_options);

#define SECTION "keystone_authtoken"

/* keystonemiddleware's and Octavia's, with their defaults.  Credentials may be
 * in another section of octavia.conf (auth_section). */
static const struct {
    const char *section;
    const char *name;
    const char *fallback;
    bool is_credential;
} names[] = {
    { SECTION, "auth_url", NULL, true },
    { SECTION, "auth_type", NULL, true },
    { SECTION, "username", NULL, true },
    { SECTION, "user_id", NULL, true },
    { SECTION, "password", NULL, true },
    { SECTION, "user_domain_name", NULL, true },
    { SECTION, "user_domain_id", NULL, true },
    { SECTION, "project_name", NULL, true },
    { SECTION, "project_id", NULL, true },
    { SECTION, "project_domain_name", NULL, true },
    { SECTION, "project_domain_id", NULL, true },
    { SECTION, "system_scope", NULL, true },
    { SECTION, "application_credential_id", NULL, true },
    { SECTION, "application_credential_name", NULL, true },
    { SECTION, "application_credential_secret", NULL, true },
    { SECTION, "cafile", NULL, false },
    { SECTION, "certfile", NULL, false },
    { SECTION, "keyfile", NULL, false },
    { SECTION, "insecure", "false", false },
    { SECTION, "http_connect_timeout", "0", false },
    { SECTION, "www_authenticate_uri", NULL, false },
    { SECTION, "auth_uri", NULL, false },
    { SECTION, "token_cache_time", "300", false },
    { SECTION, "service_token_roles", "service", false },
    { SECTION, "service_token_roles_required", "false", false },
    { "neutron", "endpoint_override", NULL, false },
    { "neutron", "region_name", NULL, false },
    { "networking", "allow_invisible_resource_usage", "false", false },
};
BUILD_ASSERT_DECL(ARRAY_SIZE(names) <= KEYSTONE_OPTIONS_MAX);

void
auth_options_init(struct auth_options *options)
{
    *options = (struct auth_options) {
        .auth = xstrdup("none"),
        .users_file = xstrdup(USERS_FILE_DEFAULT),
        .token_hours_text = xstrdup("8"),
    };
}

void
auth_options_destroy(struct auth_options *options)
{
    free(options->auth);
    free(options->users_file);
    free(options->token_hours_text);
    free(options->octavia_conf);
    free(options->unknown);
    for (size_t i = 0; i < ARRAY_SIZE(options->keystone); i++) {
        free(options->keystone[i]);
    }
}

size_t
auth_options_add(struct auth_options *options, struct daemon_option *table,
                 size_t n)
{
    const struct daemon_option own[] = {
        { "auth", "none|keystone|local", "who asks: anybody may do\n"
          "everything (default), what Keystone says, or users\n"
          "of our own, who log in here",
          { "api", "auth", &options->auth, NULL } },
        { "users-file", "FILE", "with auth = local: the users (default:\n"
          USERS_FILE_DEFAULT ")",
          { "api", "users_file", &options->users_file, NULL } },
        { "token-hours", "HOURS", "with auth = local: how long a token is\n"
          "good (default: 8)",
          { "api", "token_hours", &options->token_hours_text, NULL } },
        { "insecure-login", NULL, "with auth = local: take passwords over\n"
          "plain HTTP, which others may read",
          { "api", "insecure_login", NULL, &options->insecure_login } },
        { "octavia-conf", "FILE", "take [" SECTION "] and the like\n"
          "from the configuration of an existing Octavia",
          { "api", "octavia_conf", &options->octavia_conf, NULL } },
        { NULL, NULL, NULL,
          { "api", "legacy_roles", NULL, &options->legacy_roles } },
        /* Sections that have more options, for other programs. */
        { NULL, NULL, NULL, { SECTION, NULL, &options->unknown, NULL } },
        { NULL, NULL, NULL, { "neutron", NULL, NULL, NULL } },
        { NULL, NULL, NULL, { "networking", NULL, NULL, NULL } },
    };

    for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
        table[n++] = own[i];
    }
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        table[n++] = (struct daemon_option) {
            NULL, NULL, NULL,
            { names[i].section, names[i].name, &options->keystone[i], NULL }
        };
    }
    return n;
}

static struct session *auth_options_create_session(
    const struct auth_options *, char **errorp);

static bool
auth_options_has(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(names[i].section, SECTION)
            && !strcmp(names[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Warns and does not refuse: oslo.config takes any name, and an octavia.conf
 * that serves Octavia must serve us. */
static void
auth_options_warn_unknown(const char *name, void *place)
{
    if (!auth_options_has(name) && !auth_option_is_foreign(name)) {
        VLOG_WARN("%s [" SECTION "]: there is no option \"%s\", so it has no "
                  "effect; is it misspelt?", (const char *) place, name);
    }
}

/* Warns about the unknown names in our own file. */
static void
auth_options_warn_unknown_words(char *words)
{
    char *name;

    while (words && (name = strsep(&words, " "))) {
        auth_options_warn_unknown(name,
                                  CONST_CAST(char *,
                                             "our own configuration file:"));
    }
}

static size_t
auth_options_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(names[i].name, name)) {
            return i;
        }
    }
    OVS_NOT_REACHED();
}

/* Returns the option's value, NULL if it has none. */
static const char *
auth_options_get(const struct auth_options *options, const char *name)
{
    const char *value = options->keystone[auth_options_find(name)];

    return value && *value ? value : names[auth_options_find(name)].fallback;
}

/* Takes oslo.config's words for true and false.  Returns false, too, if the
 * value is none of them. */
static bool
auth_options_parse_bool(const char *value, bool *ret)
{
    static const char *const yes[] = { "1", "on", "true", "yes" };
    static const char *const no[] = { "0", "off", "false", "no" };

    for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
        *ret = !strcasecmp(value, yes[i]);
        if (*ret || !strcasecmp(value, no[i])) {
            return true;
        }
    }
    return false;
}

static bool
auth_options_get_bool(const struct auth_options *options, const char *name)
{
    bool value;

    auth_options_parse_bool(auth_options_get(options, name), &value);
    return value;
}

static bool
auth_options_parse_seconds(const char *value, int *ret)
{
    return str_to_int(value, 10, ret) && *ret <= INT_MAX / 1000;
}

static int
auth_options_get_seconds(const struct auth_options *options, const char *name)
{
    int seconds = 0;

    auth_options_parse_seconds(auth_options_get(options, name), &seconds);
    return MAX(seconds, 0);
}

static void
auth_options_check_values(const struct auth_options *options,
                          struct config *config)
{
    static const char *const flags[] = {
        "insecure", "service_token_roles_required",
        "allow_invisible_resource_usage",
    };
    static const char *const times[] = {
        "http_connect_timeout", "token_cache_time",
    };
    int seconds;
    bool flag;

    for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
        if (!auth_options_parse_bool(auth_options_get(options, flags[i]),
                                     &flag)) {
            config_fault(config,
                         &options->keystone[auth_options_find(flags[i])],
                         "must be true or false");
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
        if (!auth_options_parse_seconds(auth_options_get(options, times[i]),
                                        &seconds)) {
            config_fault(config,
                         &options->keystone[auth_options_find(times[i])],
                         "must be a number of seconds");
        }
    }
}

/* Takes one option from octavia.conf, unless our own file has it. */
static void
auth_options_take(struct auth_options *options, struct config *config,
                  const struct octavia_conf *conf, const char *section,
                  size_t i)
{
    const char *value = octavia_conf_get(conf, section, names[i].name);

    if (!options->keystone[i] && value) {
        options->keystone[i] = xstrdup(value);
        config_set_origin(config, &options->keystone[i],
                          octavia_conf_place(conf, section, names[i].name));
    }
}

/* Takes from octavia.conf what our own file does not say. */
static void
auth_options_take_octavia_conf(struct auth_options *options,
                               struct config *config)
{
    char *error;
    struct octavia_conf *conf = octavia_conf_load(options->octavia_conf,
                                                  &error);

    if (!conf) {
        config_fault(config, &options->octavia_conf, "%s", error);
        free(error);
        return;
    }

    const char *other = octavia_conf_get(conf, SECTION, "auth_section");
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const char *section = (other && *other && names[i].is_credential
                               ? other : names[i].section);

        auth_options_take(options, config, conf, section, i);
    }
    octavia_conf_for_each_key(conf, SECTION, auth_options_warn_unknown,
                              options->octavia_conf);
    octavia_conf_destroy(conf);
}

/* Tries what main() will do: a login may be impossible with the settings. */
static void
auth_options_try(const struct auth_options *options, struct config *config)
{
    char *error;
    struct session *session = auth_options_create_session(options, &error);

    if (!session) {
        config_fault(config, &options->auth, "[" SECTION "]: %s", error);
        free(error);
    }
    session_destroy(session);
}

static void
auth_options_set_fallbacks(struct auth_options *options)
{
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        config_set_default(&options->keystone[i],
                           nullable_xstrdup(names[i].fallback));
    }
}

/* Reads the users, too: a wrong file is found before the daemon is started. */
static void
auth_options_check_local(struct auth_options *options, struct config *config)
{
    struct users *users;
    char *error;

    if (!str_to_int(options->token_hours_text, 10, &options->token_hours)
        || options->token_hours < 1
        || options->token_hours > TOKEN_HOURS_MAX) {
        config_fault(config, &options->token_hours_text, "must be a number "
                     "of hours, from 1 to %d", TOKEN_HOURS_MAX);
    }
    if (!options->is_local) {
        return;
    }
    users = users_file_load(options->users_file, &error);
    if (!users) {
        config_fault(config, &options->users_file, "%s (\"ovn-octavia-ctl "
                     "user add\" makes it)", error);
        free(error);
    }
    users_destroy(users);
}

void
auth_options_finish(struct auth_options *options, struct config *config)
{
    size_t n_faults = config->faults.n;

    options->is_local = !strcmp(options->auth, "local");
    options->is_keystone = !strcmp(options->auth, "keystone");
    if (!options->is_local && !options->is_keystone
        && strcmp(options->auth, "none")) {
        config_fault(config, &options->auth, "must be \"none\", "
                     "\"keystone\" or \"local\"");
    }
    auth_options_check_local(options, config);
    if (options->is_keystone) {
        auth_options_warn_unknown_words(options->unknown);
        if (options->octavia_conf) {
            auth_options_take_octavia_conf(options, config);
        }
    }
    auth_options_set_fallbacks(options);
    if (!options->is_keystone) {
        return;
    }
    auth_options_check_values(options, config);
    if (config->faults.n > n_faults) {
        return;
    }
    if (auth_options_www_uri(options)) {
        auth_options_try(options, config);
    } else {
        config_fault(config, &options->auth, "[" SECTION "] auth_url is "
                     "missing (in our own configuration file, or in the one "
                     "that --octavia-conf names)");
    }
}

static struct session *
auth_options_create_session(const struct auth_options *options, char **errorp)
{
    const struct session_options session_options = {
        .auth_url = auth_options_get(options, "auth_url"),
        .auth_type = auth_options_get(options, "auth_type"),
        .username = auth_options_get(options, "username"),
        .user_id = auth_options_get(options, "user_id"),
        .password = auth_options_get(options, "password"),
        .user_domain_name = auth_options_get(options, "user_domain_name"),
        .user_domain_id = auth_options_get(options, "user_domain_id"),
        .project_name = auth_options_get(options, "project_name"),
        .project_id = auth_options_get(options, "project_id"),
        .project_domain_name = auth_options_get(options,
                                                "project_domain_name"),
        .project_domain_id = auth_options_get(options, "project_domain_id"),
        .system_scope = auth_options_get(options, "system_scope"),
        .application_credential_id
        = auth_options_get(options, "application_credential_id"),
        .application_credential_name
        = auth_options_get(options, "application_credential_name"),
        .application_credential_secret
        = auth_options_get(options, "application_credential_secret"),
        .cafile = auth_options_get(options, "cafile"),
        .certfile = auth_options_get(options, "certfile"),
        .keyfile = auth_options_get(options, "keyfile"),
        .insecure = auth_options_get_bool(options, "insecure"),
        .timeout_ms = auth_options_get_seconds(options, "http_connect_timeout")
                      * 1000,
    };

    return session_create(&session_options, errorp);
}

struct session *
auth_options_open_session(const struct auth_options *options)
{
    char *error;
    struct session *session = auth_options_create_session(options, &error);

    if (!session) {
        ovs_fatal(0, "auth = keystone: [" SECTION "]: %s", error);
    }
    return session;
}

struct tokens *
auth_options_open_tokens(const struct auth_options *options,
                         struct session *session)
{
    const struct tokens_options tokens_options = {
        .cache_time_s = auth_options_get_seconds(options, "token_cache_time"),
        .service_roles = auth_options_get(options, "service_token_roles"),
        .service_roles_required
            = auth_options_get_bool(options, "service_token_roles_required"),
    };

    return tokens_create(session, &tokens_options);
}

struct service *
auth_options_open_neutron(const struct auth_options *options,
                          struct session *session)
{
    const struct service_options service_options = {
        .type = "network",
        .endpoint_override = auth_options_get(options, "endpoint_override"),
        .region_name = auth_options_get(options, "region_name"),
        .calls_max = VISIBILITY_CALLS_MAX,
    };

    return (auth_options_get_bool(options, "allow_invisible_resource_usage")
                ? NULL
                : service_create(session, &service_options));
}

const char *
auth_options_www_uri(const struct auth_options *options)
{
    const char *uri = auth_options_get(options, "www_authenticate_uri");

    uri = uri ? uri : auth_options_get(options, "auth_uri");
    return uri ? uri : auth_options_get(options, "auth_url");
}
