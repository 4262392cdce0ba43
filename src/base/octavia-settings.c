/* SPDX-License-Identifier: Apache-2.0
 *
 * The section [ovn] of octavia.conf; see octavia-settings.h.
 */

#include <config.h>
#include "base/octavia-settings.h"
#include <stdlib.h>
#include <string.h>
#include "base/octavia-conf.h"
#include "base/tls.h"
#include "openvswitch/dynamic-string.h"
#include "stream-ssl.h"
#include "util.h"

#define SECTION "ovn"

/* Less would be taken for a broken connection by a server that is only busy:
 * the Python provider refuses it, too. */
#define PROBE_INTERVAL_MIN_MS 1000

static const char *
get_setting(const struct octavia_conf *conf, const char *key)
{
    const char *value = octavia_conf_get(conf, SECTION, key);

    return value ? value : "";
}

char *
octavia_settings_remote(const struct octavia_conf *conf, const char *key)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (const char *p = get_setting(conf, key); *p; p++) {
        if (!strchr(" \t\r\n", *p)) {
            ds_put_char(&s, *p);
        }
    }
    if (!s.length) {
        ds_destroy(&s);
        return NULL;
    }
    return ds_steal_cstr(&s);
}

bool
octavia_settings_probe_interval(const struct octavia_conf *conf, int *ret_ms,
                                char **errorp)
{
    const char *value = get_setting(conf, "ovsdb_probe_interval");
    int ms;

    if (!*value) {
        *ret_ms = -1;
        return true;
    }
    if (!str_to_int(value, 10, &ms)
        || (ms && ms < PROBE_INTERVAL_MIN_MS)) {
        *errorp = xasprintf("["SECTION"] ovsdb_probe_interval = %s: must be 0 "
                            "or at least %d ms", value,
                            PROBE_INTERVAL_MIN_MS);
        return false;
    }
    *ret_ms = ms;
    return true;
}

/* Returns the option for one database, or that for the other if it is not
 * there: one is enough for both. */
static const char *
get_tls_file(const struct octavia_conf *conf, const char *database,
             const char *other, const char *name)
{
    char *key = xasprintf("ovn_%s_%s", database, name);
    const char *value = get_setting(conf, key);

    free(key);
    return *value || !other ? value : get_tls_file(conf, other, NULL, name);
}

static void
get_tls_files(const struct octavia_conf *conf, const char *database,
              const char *other, struct tls_files *ret)
{
    *ret = (struct tls_files) {
        .private_key = get_tls_file(conf, database, other, "private_key"),
        .certificate = get_tls_file(conf, database, other, "certificate"),
        .ca_cert = get_tls_file(conf, database, other, "ca_cert"),
    };
}

bool
octavia_settings_tls(const struct octavia_conf *conf, struct tls_files *nb,
                     struct tls_files *sb, char **errorp)
{
    get_tls_files(conf, "nb", "sb", nb);
    get_tls_files(conf, "sb", "nb", sb);
    if (strcmp(nb->private_key, sb->private_key)
        && !strcmp(nb->certificate, sb->certificate)) {
        *errorp = xasprintf("["SECTION"] ovn_nb_private_key and "
                            "ovn_sb_private_key differ, but there is one "
                            "certificate: each key needs its own "
                            "(ovn_nb_certificate, ovn_sb_certificate)");
        return false;
    }
    return true;
}

bool
octavia_settings_use_tls(const struct octavia_conf *conf, char **errorp)
{
    struct tls_files nb, sb;

    if (stream_ssl_is_configured()) {
        return true;
    }
    if (!octavia_settings_tls(conf, &nb, &sb, errorp)) {
        return false;
    }
    tls_set("OVN_Northbound", &nb);
    tls_set("OVN_Southbound", &sb);
    tls_use("OVN_Northbound");
    return true;
}
