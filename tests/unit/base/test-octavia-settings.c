/* SPDX-License-Identifier: Apache-2.0
 *
 * Where OVN's databases are, according to octavia.conf.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/octavia-conf.h"
#include "base/octavia-settings.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static struct octavia_conf *
load(const char *text)
{
    char file_name[] = "test-octavia-settings-XXXXXX";
    int fd = mkstemp(file_name);
    char *error;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    struct octavia_conf *conf = octavia_conf_load(file_name, &error);
    unlink(file_name);
    assert_non_null(conf);
    return conf;
}

static void
put_files(struct ds *s, const struct tls_files *tls)
{
    ds_put_format(s, "'%s' '%s' '%s'", tls->private_key, tls->certificate,
                  tls->ca_cert);
}

/* All that is read, or the errors, on one line. */
static char *
describe(const struct octavia_conf *conf)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct tls_files nb_tls, sb_tls;
    char *error = NULL;
    int ms = 0;

    char *nb = octavia_settings_remote(conf, "ovn_nb_connection");
    char *sb = octavia_settings_remote(conf, "ovn_sb_connection");
    ds_put_format(&s, "%s %s ", nb ? nb : "-", sb ? sb : "-");
    free(nb);
    free(sb);
    if (octavia_settings_probe_interval(conf, &ms, &error)) {
        ds_put_format(&s, "%d ", ms);
    } else {
        ds_put_format(&s, "(%s) ", error);
        free(error);
    }
    if (octavia_settings_tls(conf, &nb_tls, &sb_tls, &error)) {
        put_files(&s, &nb_tls);
        if (strcmp(nb_tls.private_key, sb_tls.private_key)
            || strcmp(nb_tls.certificate, sb_tls.certificate)
            || strcmp(nb_tls.ca_cert, sb_tls.ca_cert)) {
            ds_put_cstr(&s, " and ");
            put_files(&s, &sb_tls);
        }
    } else {
        ds_put_format(&s, "(%s)", error);
        free(error);
    }
    return ds_steal_cstr(&s);
}

static const struct {
    const char *conf;
    const char *expected;
} rows[] = {
    { "", "- - -1 '' '' ''" },
    { "[ovn]\novn_nb_connection =\n", "- - -1 '' '' ''" },
    { "[ovn]\novn_nb_connection = tcp:1.1.1.1:6641\n"
      "ovn_sb_connection = ssl:1.1.1.1:6642, ssl:[fd00::1]:6642\n"
      "ovsdb_probe_interval = 0\n",
      "tcp:1.1.1.1:6641 ssl:1.1.1.1:6642,ssl:[fd00::1]:6642 0 '' '' ''" },
    { "[ovn]\novsdb_probe_interval = 1000\n", "- - 1000 '' '' ''" },
    { "[ovn]\novsdb_probe_interval = 999\n",
      "- - ([ovn] ovsdb_probe_interval = 999: must be 0 or at least 1000 ms) "
      "'' '' ''" },
    { "[ovn]\novsdb_probe_interval = -1\n",
      "- - ([ovn] ovsdb_probe_interval = -1: must be 0 or at least 1000 ms) "
      "'' '' ''" },
    { "[ovn]\novsdb_probe_interval = soon\n",
      "- - ([ovn] ovsdb_probe_interval = soon: must be 0 or at least 1000 ms) "
      "'' '' ''" },
    { "[ovn]\novn_nb_private_key = k\novn_nb_certificate = c\n"
      "ovn_sb_certificate = c\novn_sb_ca_cert = a\n",
      "- - -1 'k' 'c' 'a'" },
    { "[ovn]\novn_nb_certificate = c\novn_sb_certificate = d\n",
      "- - -1 '' 'c' '' and '' 'd' ''" },
    { "[ovn]\novn_nb_private_key = k\novn_nb_certificate = c\n"
      "ovn_nb_ca_cert = a\novn_sb_private_key = l\n"
      "ovn_sb_certificate = d\novn_sb_ca_cert = b\n",
      "- - -1 'k' 'c' 'a' and 'l' 'd' 'b'" },
    { "[ovn]\novn_nb_ca_cert = a\novn_sb_ca_cert = b\n"
      "ovn_sb_private_key = k\novn_sb_certificate = c\n",
      "- - -1 'k' 'c' 'a' and 'k' 'c' 'b'" },
    { "[ovn]\novn_nb_private_key = k\novn_sb_private_key = l\n"
      "ovn_nb_certificate = c\n",
      "- - -1 ([ovn] ovn_nb_private_key and ovn_sb_private_key differ, but "
      "there is one certificate: each key needs its own "
      "(ovn_nb_certificate, ovn_sb_certificate))" },
};

static void
test_settings(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct octavia_conf *conf = load(rows[i].conf);
        char *actual = describe(conf);

        print_message("%s", rows[i].conf);
        assert_string_equal(actual, rows[i].expected);
        free(actual);
        octavia_conf_destroy(conf);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
