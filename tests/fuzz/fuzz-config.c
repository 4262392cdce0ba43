/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of settings: an existing Octavia's, and our own.
 */

#include <config.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/config.h"
#include "base/octavia-conf.h"
#include "base/octavia-settings.h"
#include "check.h"
#include "fuzz.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Makes a file of 'data' that is in no directory, for the next one to
 * replace.  Returns its name, in static storage. */
static const char *
put_file(const char *data, size_t size)
{
    static char name[64];
    static int fd = -1;

    if (fd < 0) {
        fd = memfd_create("fuzz", 0);
        ovs_assert(fd >= 0);
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    }
    ovs_assert(!ftruncate(fd, 0));
    ovs_assert(pwrite(fd, data, size, 0) == size);
    return name;
}

/* --- octavia.conf -------------------------------------------------------- */

struct copy {
    const struct octavia_conf *conf;
    const char *section;
    struct ds text;
};

/* The first line of a value stands in quotes, others are indented. */
static void
copy_key(const char *key, void *copy_)
{
    struct copy *copy = copy_;
    const char *value = octavia_conf_get(copy->conf, copy->section, key);
    bool is_first = true;

    ovs_assert(value);
    ds_put_format(&copy->text, "%s = \"", key);
    for (const char *p = value; *p; p++) {
        if (*p == '\n') {
            ds_put_cstr(&copy->text, is_first ? "\"\n " : "\n ");
            is_first = false;
        } else {
            ds_put_format(&copy->text, "%s%c", *p == '$' ? "\\" : "", *p);
        }
    }
    ds_put_cstr(&copy->text, is_first ? "\"\n" : "\n");
}

struct comparison {
    const struct octavia_conf *a, *b;
    const char *section;
};

static void
compare_key(const char *key, void *comparison_)
{
    const struct comparison *c = comparison_;

    check_same(octavia_conf_get(c->a, c->section, key),
               octavia_conf_get(c->b, c->section, key));
}

/* Written out and read again, the section is the same. */
static void
check_section(const struct octavia_conf *conf, const char *section)
{
    struct copy copy = { conf, section, DS_EMPTY_INITIALIZER };
    char *error = NULL;

    ds_put_format(&copy.text, "[%s]\n", section);
    octavia_conf_for_each_key(conf, section, copy_key, &copy);

    const char *name = put_file(ds_cstr(&copy.text), copy.text.length);
    struct octavia_conf *again = octavia_conf_load(name, &error);
    check_same(NULL, error);

    struct comparison forth = { conf, again, section };
    struct comparison back = { again, conf, section };
    octavia_conf_for_each_key(conf, section, compare_key, &forth);
    octavia_conf_for_each_key(again, section, compare_key, &back);
    octavia_conf_destroy(again);
    ds_destroy(&copy.text);
}

static void
check_settings(const struct octavia_conf *conf)
{
    char *remote = octavia_settings_remote(conf, "ovn_nb_connection");
    char *error = NULL;
    struct tls_files nb, sb;
    int ms;

    ovs_assert(octavia_settings_probe_interval(conf, &ms, &error)
               ? !error && ms >= -1 : error != NULL);
    free(error);
    error = NULL;
    ovs_assert(octavia_settings_tls(conf, &nb, &sb, &error)
               ? (!error && !*nb.private_key == !*sb.private_key
                  && !*nb.certificate == !*sb.certificate
                  && !*nb.ca_cert == !*sb.ca_cert)
               : error != NULL);
    free(error);
    free(remote);
}

void
fuzz_conf(const char *data, size_t size)
{
    static const char *const sections[] = {
        "DEFAULT", "default", "driver_agent", "haproxy_amphora", "neutron",
        "ovn", "service_auth",
    };
    char *error = NULL;
    struct octavia_conf *conf = octavia_conf_load(put_file(data, size),
                                                  &error);

    ovs_assert(!conf == !!error);
    if (conf) {
        check_settings(conf);
        octavia_conf_get_bool(conf, "service_auth", "insecure", false);
        for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
            check_section(conf, sections[i]);
        }
    } else {
        check_line(error, 100);     /* It does not quote the file. */
    }
    free(error);
    octavia_conf_destroy(conf);
}

/* --- Our own ------------------------------------------------------------- */

void
fuzz_config(const char *data, size_t size)
{
    char *listen = NULL, *names = NULL;
    bool insecure = false;
    const struct config_option options[] = {
        { "api", "listen", &listen, NULL },
        { "api", "insecure", NULL, &insecure },
        { "keystone_authtoken", NULL, &names, NULL },
    };
    struct config config;

    config_init(&config, options, ARRAY_SIZE(options));
    config_load(&config, put_file(data, size));
    for (size_t i = 0; i < config.faults.n; i++) {
        ovs_assert(*config.faults.names[i]);
    }
    config_uninit(&config);
    free(listen);
    free(names);
}
