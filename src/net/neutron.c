/* SPDX-License-Identifier: Apache-2.0
 *
 * The way to Neutron that octavia.conf describes; see neutron.h.
 *
 * Octavia and its providers have not always read the same options from the
 * same sections: who logs in was in [service_auth], and is in [neutron] now,
 * with whatever is missing there from [service_auth].  Each of the two may
 * refer to another section (auth_section).  All of this is taken.
 */

#include <config.h>
#include "net/neutron.h"
#include <stdlib.h>
#include <string.h>
#include "auth/service.h"
#include "auth/session.h"
#include "base/limits.h"
#include "base/octavia-conf.h"
#include "util.h"

/* An option of a session.  Id and name of the same thing are partners: the
 * first section that has one of them decides about both. */
static const struct auth_option {
    const char *key;
    const char *alias;          /* An older name, or NULL. */
    const char *partner;        /* Key of another option, or NULL. */
    size_t offset;              /* In struct session_options. */
} auth_options[] = {
#define OPTION(KEY, ALIAS, PARTNER) \
    { #KEY, ALIAS, PARTNER, offsetof(struct session_options, KEY) }
    OPTION(auth_url, NULL, NULL),
    OPTION(auth_type, "auth_plugin", NULL),
    OPTION(username, "user_name", "user_id"),
    OPTION(user_id, NULL, "username"),
    OPTION(password, NULL, NULL),
    OPTION(user_domain_name, NULL, "user_domain_id"),
    OPTION(user_domain_id, NULL, "user_domain_name"),
    OPTION(project_name, "tenant_name", "project_id"),
    OPTION(project_id, "tenant_id", "project_name"),
    OPTION(project_domain_name, NULL, "project_domain_id"),
    OPTION(project_domain_id, NULL, "project_domain_name"),
    OPTION(system_scope, NULL, NULL),
    OPTION(application_credential_id, NULL, "application_credential_name"),
    OPTION(application_credential_name, NULL, "application_credential_id"),
    OPTION(application_credential_secret, NULL, NULL),
    OPTION(cafile, "ca_certificates_file", NULL),
    OPTION(certfile, NULL, NULL),
    OPTION(keyfile, NULL, NULL),
#undef OPTION
};

#define SECTIONS_MAX 4

struct source {
    const struct octavia_conf *conf;
    const char *sections[SECTIONS_MAX + 1];     /* Ends with NULL. */
};

/* An empty value is none. */
static const char *
neutron_get(const struct octavia_conf *conf, const char *section,
            const char *key)
{
    const char *value = key ? octavia_conf_get(conf, section, key) : NULL;

    return value && *value ? value : NULL;
}

/* The sections to look at, in order: an auth_section comes before the section
 * that names it, which may still have what is not about logging in. */
static void
find_sections(struct source *source)
{
    static const char *const starts[] = { "neutron", "service_auth" };
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
        const char *other = neutron_get(source->conf, starts[i],
                                        "auth_section");

        if (other) {
            source->sections[n++] = other;
        }
        source->sections[n++] = starts[i];
    }
    source->sections[n] = NULL;
}

static const char *
get_first(const struct source *source, const struct auth_option *option)
{
    for (size_t i = 0; source->sections[i]; i++) {
        const char *section = source->sections[i];
        const char *value = neutron_get(source->conf, section, option->key);

        if (!value) {
            value = neutron_get(source->conf, section, option->alias);
        }
        if (value || neutron_get(source->conf, section, option->partner)) {
            return value;
        }
    }
    return NULL;
}

static const char *
get_first_key(const struct source *source, const char *key)
{
    const struct auth_option option = { .key = key };

    return get_first(source, &option);
}

static bool
get_insecure(const struct source *source)
{
    /* A "false" in the first section that has one counts. */
    for (size_t i = 0; source->sections[i]; i++) {
        if (neutron_get(source->conf, source->sections[i], "insecure")) {
            return octavia_conf_get_bool(source->conf, source->sections[i],
                                         "insecure", false);
        }
    }
    return false;
}

/* Whichever of the pair is not there. */
static void
apply_default_domain(const struct source *source, const char **id,
                     const char **name)
{
    if (!*id && !*name) {
        *id = get_first_key(source, "default_domain_id");
        if (!*id) {
            *name = get_first_key(source, "default_domain_name");
        }
    }
}

static void
read_session_options(const struct source *source, struct session_options *o)
{
    const char *timeout = get_first_key(source, "timeout");
    unsigned int timeout_s;

    memset(o, 0, sizeof *o);
    for (size_t i = 0; i < ARRAY_SIZE(auth_options); i++) {
        const struct auth_option *option = &auth_options[i];
        const char **value = (void *) ((char *) o + option->offset);

        *value = get_first(source, option);
    }
    apply_default_domain(source, &o->user_domain_id, &o->user_domain_name);
    apply_default_domain(source, &o->project_domain_id,
                         &o->project_domain_name);
    o->insecure = get_insecure(source);
    if (timeout && str_to_uint(timeout, 10, &timeout_s)
        && timeout_s && timeout_s <= REST_TIMEOUT_MAX_MS / 1000) {
        o->timeout_ms = timeout_s * 1000;
    }
}

/* Splits a list such as "a, b" into words; the caller frees the array and,
 * after its last use, '*copyp', which holds them. */
static const char **
split_words(const char *text, char **copyp)
{
    char *copy = xstrdup(text);
    const char **words = xcalloc(strlen(text) + 2, sizeof *words);
    char *save = NULL;
    size_t n = 0;

    for (char *word = strtok_r(copy, ", \t\n", &save); word;
         word = strtok_r(NULL, ", \t\n", &save)) {
        words[n++] = word;
    }
    *copyp = copy;
    return words;
}

static struct service *
create_service(struct session *session, const struct source *source)
{
    const struct octavia_conf *conf = source->conf;
    const char *endpoint = neutron_get(conf, "neutron", "endpoint_override");
    const char *interfaces = neutron_get(conf, "neutron", "valid_interfaces");
    char *copy;

    if (!endpoint) {
        endpoint = neutron_get(conf, "neutron", "endpoint");
    }
    if (!interfaces) {
        interfaces = neutron_get(conf, "neutron", "endpoint_type");
    }

    /* Octavia's own default; that a cloud has no public endpoint of Neutron
     * is no reason to fail. */
    const char **words = split_words(interfaces
                                     ? interfaces : "public internal", &copy);
    const struct service_options options = {
        .type = "network",
        .endpoint_override = endpoint,
        .interfaces = words,
        .region_name = get_first_key(source, "region_name"),
        .calls_max = NEUTRON_CALLS_MAX,
    };
    struct service *service = service_create(session, &options);

    free(words);
    free(copy);
    return service;
}

/* Names the section that has the URL of Keystone, for messages. */
static const char *
find_auth_section(const struct source *source)
{
    for (size_t i = 0; source->sections[i]; i++) {
        if (neutron_get(source->conf, source->sections[i], "auth_url")) {
            return source->sections[i];
        }
    }
    return "service_auth";
}

struct neutron *
neutron_create(const struct octavia_conf *conf, char **errorp)
{
    struct source source = { .conf = conf };
    struct session_options options;
    char *error;

    find_sections(&source);
    read_session_options(&source, &options);
    struct session *session = session_create(&options, &error);
    if (!session) {
        *errorp = xasprintf("[%s] %s", find_auth_section(&source), error);
        free(error);
        return NULL;
    }

    struct neutron *neutron = xmalloc(sizeof *neutron);
    neutron->session = session;
    neutron->service = create_service(session, &source);
    return neutron;
}

void
neutron_destroy(struct neutron *neutron)
{
    if (neutron) {
        service_destroy(neutron->service);
        session_destroy(neutron->session);
        free(neutron);
    }
}

void
neutron_run(struct neutron *neutron)
{
    session_run(neutron->session);
    service_run(neutron->service);
}

void
neutron_wait(struct neutron *neutron)
{
    session_wait(neutron->session);
    service_wait(neutron->service);
}
