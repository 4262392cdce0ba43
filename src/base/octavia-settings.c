/* SPDX-License-Identifier: Apache-2.0
 *
 * The section [ovn] of octavia.conf; see octavia-settings.h.
 */

#include <config.h>
#include "base/octavia-settings.h"
#include <stdlib.h>
#include <string.h>
#include "base/octavia-conf.h"
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

bool
octavia_settings_tls(const struct octavia_conf *conf, struct octavia_tls *ret,
                     char **errorp)
{
    const struct {
        const char *name;
        const char **value;
    } options[] = {
        { "private_key", &ret->private_key },
        { "certificate", &ret->certificate },
        { "ca_cert", &ret->ca_cert },
    };

    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        char *nb_key = xasprintf("ovn_nb_%s", options[i].name);
        char *sb_key = xasprintf("ovn_sb_%s", options[i].name);
        const char *nb = get_setting(conf, nb_key);
        const char *sb = get_setting(conf, sb_key);
        bool differ = *nb && *sb && strcmp(nb, sb);

        if (differ) {
            *errorp = xasprintf("["SECTION"] %s and %s differ, but one must "
                                "do for both databases: give it with "
                                "--private-key, --certificate and --ca-cert",
                                nb_key, sb_key);
        }
        *options[i].value = *nb ? nb : sb;
        free(nb_key);
        free(sb_key);
        if (differ) {
            return false;
        }
    }
    return true;
}

bool
octavia_settings_use_tls(const struct octavia_conf *conf, char **errorp)
{
    struct octavia_tls tls;

    if (stream_ssl_is_configured()) {
        return true;
    }
    if (!octavia_settings_tls(conf, &tls, errorp)) {
        return false;
    }
    if (*tls.private_key) {
        stream_ssl_set_private_key_file(tls.private_key);
    }
    if (*tls.certificate) {
        stream_ssl_set_certificate_file(tls.certificate);
    }
    if (*tls.ca_cert) {
        stream_ssl_set_ca_cert_file(tls.ca_cert, false);
    }
    return true;
}
