/* SPDX-License-Identifier: Apache-2.0
 *
 * From where a request comes, by what its connection and its proxies say:
 * real requests from loopback and over a unix socket.
 */

#include <config.h>
#include "http-harness.h"
#include <sys/un.h>
#include "api/origin.h"
#include "api/request.h"
#include "base/socket-access.h"
#include "svec.h"

struct origin_fixture {
    struct fixture f;
    struct svec proxies;
    char *path;
};

static void
origin_answer(struct http_request *rq, void *f_)
{
    struct origin_fixture *f = f_;
    struct api api = { .trusted_proxies = &f->proxies };
    const struct request request = { .api = &api, .http = rq };
    struct ds body = DS_EMPTY_INITIALIZER;
    char *client = origin_client(&request);

    ds_put_format(&body, "%s %s", client,
                  origin_is_secure(&request) ? "secure" : "open");
    http_reply(rq, 200, "text/plain", &body);
    free(client);
}

static int
origin_setup(void **state)
{
    struct origin_fixture *f = xzalloc(sizeof *f);
    f->path = xasprintf("/tmp/oo-test-origin.%ld", (long int) getpid());
    struct listen_address list[] = {
        { .text = "127.0.0.1:0", .host = CONST_CAST(char *, "127.0.0.1") },
        { .text = "unix", .path = f->path },
    };
    const struct listen_addresses addresses = { list, ARRAY_SIZE(list) };
    const struct socket_access access = { .group = -1, .mode = 0600 };
    const struct http_server_options options = {
        .addresses = &addresses,
        .access = &access,
        .body_bytes_max = BODY_MAX,
        .connections_max = CONNECTIONS_MAX,
        .idle_timeout_s = IDLE_S,
        .stranger_timeout_s = IDLE_S,
        .answers_bytes_max = ANSWERS_MAX,
    };
    const struct http_handlers handlers = { .complete = origin_answer };
    char *error = NULL;

    svec_init(&f->proxies);
    f->f.server = http_server_open(&options, &handlers, f, &error);
    assert_null(error);
    *state = f;
    return 0;
}

static int
origin_teardown(void **state)
{
    struct origin_fixture *f = *state;

    http_server_close(f->f.server);
    assert_int_equal(access(f->path, F_OK), -1);
    svec_destroy(&f->proxies);
    free(f->path);
    free(f);
    return 0;
}

static void
client_open_unix(struct client *c, const char *path)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };

    ovs_strzcpy(sun.sun_path, path, sizeof sun.sun_path);
    c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(c->fd, (struct sockaddr *) &sun, sizeof sun), 0);
    assert_int_equal(fcntl(c->fd, F_SETFL, O_NONBLOCK), 0);
    ds_init(&c->in);
    c->eof = c->reset = false;
}

struct origin_row {
    const char *proxies;
    bool is_unix;
    const char *fields;
    const char *expected;
};

#define FOR "X-Forwarded-For: "
#define PROTO "X-Forwarded-Proto: "

static const struct origin_row rows[] = {
    /* No proxy. */
    { "", false, "", "127.0.0.1 secure" },
    { "", true, "", "unix secure" },
    { "192.0.2.1", false, "", "127.0.0.1 secure" },

    /* A proxy whose word is not taken: the client may be anywhere. */
    { "", false, FOR "192.0.2.7" CRLF, "127.0.0.1 open" },
    { "", false, PROTO "https" CRLF, "127.0.0.1 open" },
    { "", false, "Via: 1.1 x" CRLF, "127.0.0.1 open" },
    { "", false, "Forwarded: for=192.0.2.7" CRLF, "127.0.0.1 open" },
    { "127.0.0.1", true, PROTO "https" CRLF FOR "192.0.2.7" CRLF,
      "unix open" },
    { "unix", false, PROTO "https" CRLF FOR "192.0.2.7" CRLF,
      "127.0.0.1 open" },

    /* A proxy whose word is taken. */
    { "127.0.0.0/8", false, "", "127.0.0.1 secure" },
    { "127.0.0.0/8", false, PROTO "https" CRLF, "127.0.0.1 secure" },
    { "127.0.0.0/8", false, PROTO "HTTPS" CRLF FOR "192.0.2.7" CRLF,
      "192.0.2.7 secure" },
    { "unix", true, PROTO "https" CRLF FOR "2001:db8::7" CRLF,
      "2001:db8::7 secure" },
    { "127.0.0.1", false, PROTO "http" CRLF FOR "192.0.2.7" CRLF,
      "192.0.2.7 open" },
    { "unix", true, PROTO "http" CRLF, "unix open" },
    { "unix", true, FOR "192.0.2.7" CRLF, "192.0.2.7 open" },

    /* What a client has sent itself stands first. */
    { "127.0.0.1", false, PROTO "https" CRLF PROTO "http" CRLF,
      "127.0.0.1 open" },
    { "127.0.0.1", false, PROTO "https, http" CRLF, "127.0.0.1 open" },
    { "127.0.0.1", false, PROTO "https" CRLF FOR "10.0.0.1, 192.0.2.7" CRLF,
      "192.0.2.7 secure" },
    { "127.0.0.1", false, PROTO "https" CRLF FOR "10.0.0.1" CRLF
      FOR "192.0.2.7" CRLF, "192.0.2.7 secure" },

    /* Proxies behind proxies. */
    { "127.0.0.1,192.0.2.0/24", false,
      PROTO "https" CRLF FOR "10.0.0.1, 10.0.0.2,192.0.2.7" CRLF,
      "10.0.0.2 secure" },
    { "unix,192.0.2.0/24", true,
      PROTO "https" CRLF FOR "192.0.2.8, 192.0.2.7" CRLF,
      "192.0.2.8 secure" },
    { "127.0.0.1", false, PROTO "https" CRLF FOR "unknown" CRLF,
      "127.0.0.1 secure" },
    { "127.0.0.1", false, PROTO "https" CRLF FOR " ,, " CRLF,
      "127.0.0.1 secure" },
};

static void
origins(void **state)
{
    struct origin_fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct origin_row *row = &rows[i];
        struct client c;

        print_message("  %s, \"%s\": %s\n", row->is_unix ? "unix" : "TCP",
                      row->proxies, row->fields);
        svec_clear(&f->proxies);
        assert_null(origin_parse_proxies(row->proxies, &f->proxies));
        if (row->is_unix) {
            client_open_unix(&c, f->path);
        } else {
            client_open(&c, &f->f);
        }
        client_puts(&f->f, &c, "GET / HTTP/1.1\r\n" HOST);
        client_puts(&f->f, &c, row->fields);
        client_puts(&f->f, &c, CRLF);
        expect(&f->f, &c, 200, row->expected, true);
        client_close(&c);
    }
}

static void
wrong_proxies(void **state OVS_UNUSED)
{
    static const char *const texts[] = {
        "x", "10.0.0.0/33", "unix:/run/x", "127.0.0.1,proxy", "Unix",
    };

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct svec proxies = SVEC_EMPTY_INITIALIZER;
        char *wrong = origin_parse_proxies(texts[i], &proxies);

        assert_non_null(wrong);
        free(wrong);
        svec_destroy(&proxies);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(origins, origin_setup,
                                        origin_teardown),
        cmocka_unit_test(wrong_proxies),
    };

    init_tests();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
