/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a server may listen, as text: a row for each form.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "http/listen-address.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

struct listen_row {
    const char *text;
    const char *expected;       /* See listen_describe(), or what is wrong. */
};

#define NO_FORM "must be HOST:PORT, https://HOST:PORT or unix:PATH"
#define NO_HOST "must be HOST:PORT, and HOST an address (IPv6 in brackets)"

static const struct listen_row rows[] = {
    { "127.0.0.1:9876", "127.0.0.1 9876 local" },
    { "http://127.0.0.1:9876", "127.0.0.1 9876 local" },
    { "https://127.0.0.1:9876", "127.0.0.1 9876 tls local" },
    { "[::1]:0", "::1 0 local" },
    { "[::]:9876", ":: 9876" },
    { "https://[fe80::1%eth0]:1", "fe80::1%eth0 1 tls" },
    { ":9876", " 9876" },
    { "unix:/run/x.sock", "/run/x.sock local" },
    { "127.9.9.9:1, https://192.0.2.1:2\tunix:/a,unix:/b",
      "127.9.9.9 1 local; 192.0.2.1 2 tls; /a local; /b local" },
    { "0.0.0.0:1,[::]:1", "0.0.0.0 1; :: 1 ipv6-only" },
    { "[::]:1,127.0.0.1:1", ":: 1 ipv6-only; 127.0.0.1 1 local" },
    { "[::]:1,127.0.0.1:2", ":: 1; 127.0.0.1 2 local" },
    { "127.0.0.1:0,127.0.0.1:0", "127.0.0.1 0 local; 127.0.0.1 0 local" },

    { "", NO_FORM },
    { " , ", NO_FORM },
    { "127.0.0.1", NO_FORM },
    { "127.0.0.1:", NO_FORM },
    { "127.0.0.1:65536", NO_FORM },
    { "127.0.0.1:-1", NO_FORM },
    { "ftp://127.0.0.1:1", NO_HOST },
    { "localhost:1", NO_HOST },
    { "127.0.0.1:1,x:1", "x:1 " NO_HOST },
    { "unix:x", "must be unix: and an absolute path" },
    { "https://unix:/x", NO_FORM },
    { "127.0.0.1:1,https://127.0.0.1:1",
      "https://127.0.0.1:1 is there twice" },
    { "unix:/a,unix:/a", "unix:/a is there twice" },
};

static void
listen_describe(const struct listen_addresses *addresses, struct ds *out)
{
    for (size_t i = 0; i < addresses->n; i++) {
        const struct listen_address *a = &addresses->list[i];

        ds_put_cstr(out, i ? "; " : "");
        if (a->path) {
            ds_put_cstr(out, a->path);
        } else {
            ds_put_format(out, "%s %d", a->host, a->port);
        }
        ds_put_cstr(out, a->is_tls ? " tls" : "");
        ds_put_cstr(out, listen_address_is_local(a) ? " local" : "");
        ds_put_cstr(out, a->host && !strcmp(a->host, "::")
                    && listen_addresses_is_ipv6_only(addresses, a)
                    ? " ipv6-only" : "");
    }
}

static void
addresses_are_read(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct listen_addresses addresses = { .n = 0 };
        struct ds out = DS_EMPTY_INITIALIZER;
        char *wrong = listen_addresses_parse(&addresses, rows[i].text);

        print_message("  %s\n", rows[i].text);
        if (!wrong) {
            listen_describe(&addresses, &out);
        }
        assert_string_equal(wrong ? wrong : ds_cstr(&out), rows[i].expected);
        listen_addresses_destroy(&addresses);
        ds_destroy(&out);
        free(wrong);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
