/* SPDX-License-Identifier: Apache-2.0
 *
 * The way to Neutron, from an octavia.conf: which option counts where.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "auth/service.h"
#include "auth/session.h"
#include "base/octavia-conf.h"
#include "http-stub.h"
#include "net/neutron.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "patience.h"
#include "timeval.h"
#include "util.h"

#define DEADLINE_MS patience_ms(10000)

/* Returns what is loaded from 'text', in which "@@" stands for 'url'. */
static struct octavia_conf *
load(const char *text, const char *url)
{
    char file_name[] = "test-neutron-XXXXXX";
    int fd = mkstemp(file_name);
    struct ds ds = DS_EMPTY_INITIALIZER;
    char *error = NULL;
    const char *mark;

    assert_true(fd >= 0);
    while ((mark = strstr(text, "@@"))) {
        ds_put_format(&ds, "%.*s%s", (int) (mark - text), text, url);
        text = mark + 2;
    }
    ds_put_cstr(&ds, text);
    assert_int_equal(write(fd, ds_cstr(&ds), ds.length), ds.length);
    close(fd);
    struct octavia_conf *conf = octavia_conf_load(file_name, &error);
    unlink(file_name);
    assert_null(error);
    ds_destroy(&ds);
    return conf;
}

/* What the server has seen. */
struct fixture {
    struct http_stub *stub;
    char *login;                /* Body of the login. */
    char *path;                 /* Of the call. */
    bool is_done;
    int status;
};

static void
handle(const struct stub_request *rq, void *f_)
{
    struct fixture *f = f_;

    if (!strcmp(rq->path, "/keystone/v3/auth/tokens")) {
        char *body = xasprintf(
            "{\"token\": {\"catalog\": [{\"type\": \"network\", "
            "\"endpoints\": ["
            "{\"interface\":\"public\",\"region\":\"R\",\"url\":\"%s/p\"},"
            "{\"interface\":\"internal\",\"region\":\"R\",\"url\":\"%s/i\"},"
            "{\"interface\":\"internal\",\"region\":\"S\",\"url\":\"%s/s\"}"
            "]}]}}",
            http_stub_url(f->stub), http_stub_url(f->stub),
            http_stub_url(f->stub));
        stub_reply(rq->connection, 201, "X-Subject-Token: t\r\n", body);
        free(f->login);
        f->login = xstrdup(rq->body);
        free(body);
    } else {
        free(f->path);
        f->path = xstrdup(rq->path);
        stub_reply(rq->connection, 200, NULL, "{}");
    }
}

static void
note_result(const struct service_reply *reply, void *f_)
{
    struct fixture *f = f_;

    f->is_done = true;
    f->status = reply->status;
}

/* Calls Neutron by that configuration. */
static void
call(struct fixture *f, const char *text)
{
    struct octavia_conf *conf = load(text, http_stub_url(f->stub));
    char *error = NULL;
    struct neutron *neutron = neutron_create(conf, &error);
    long long int end_ms = time_msec() + DEADLINE_MS;

    if (error) {
        fail_msg("%s", error);
    }
    f->is_done = false;
    service_send(neutron->service, "GET", "/v2.0/x", NULL, note_result, f);
    while (!f->is_done) {
        assert_true(time_msec() < end_ms);
        neutron_run(neutron);
        http_stub_run(f->stub);
        neutron_wait(neutron);
        http_stub_wait(f->stub);
        poll_timer_wait(100);
        poll_block();
    }
    neutron_destroy(neutron);
    octavia_conf_destroy(conf);
}

#define USER                                                            \
    "auth_url = @@/keystone/\nauth_type = password\nusername = u\n"    \
    "password = x\nuser_domain_name = Ud\nproject_name = p\n"           \
    "project_domain_name = Pd\n"

static void
options_count_where_octavia_reads_them(void **state)
{
    static const struct {
        const char *name;
        const char *conf;
        const char *login;      /* Part of the login's body. */
        const char *path;
    } rows[] = {
        { "all by default", "[service_auth]\n" USER,
          "\"name\":\"u\"", "/p/v2.0/x" },
        { "interface of old", "[service_auth]\n" USER
          "[neutron]\nendpoint_type = internalURL\n",
          "\"name\":\"u\"", "/i/v2.0/x" },
        { "interfaces of today", "[service_auth]\n" USER "[neutron]\n"
          "endpoint_type = publicURL\nvalid_interfaces = admin, internal\n",
          "\"name\":\"u\"", "/i/v2.0/x" },
        { "region", "[service_auth]\n" USER "[neutron]\n"
          "valid_interfaces = internal\nregion_name = S\n",
          "\"name\":\"u\"", "/s/v2.0/x" },
        { "region of the login", "[service_auth]\nregion_name = S\n" USER
          "[neutron]\nvalid_interfaces = public,internal\n",
          "\"name\":\"u\"", "/s/v2.0/x" },
        { "endpoint of old", "[service_auth]\n" USER
          "[neutron]\nendpoint = @@/e/v2.0\n",
          "\"name\":\"u\"", "/e/v2.0/x" },
        { "endpoint of today", "[service_auth]\n" USER
          "[neutron]\nendpoint_override = @@/o/\nendpoint = @@/e\n",
          "\"name\":\"u\"", "/o/v2.0/x" },
        { "all in [neutron]", "[neutron]\n" USER,
          "\"name\":\"u\"", "/p/v2.0/x" },
        { "part in [neutron]", "[service_auth]\n" USER
          "[neutron]\nusername = n\npassword = y\n",
          "\"password\":\"y\"", "/p/v2.0/x" },
        { "an id in [neutron] is not mixed with a name",
          "[service_auth]\n" USER "[neutron]\nproject_id = 7\n",
          "{\"id\":\"7\"}", "/p/v2.0/x" },
        { "empty is none", "[service_auth]\n" USER "[neutron]\n"
          "username =\nendpoint_override =\n",
          "\"name\":\"u\"", "/p/v2.0/x" },
        { "another section", "[keystone_authtoken]\n" USER
          "[service_auth]\nauth_section = keystone_authtoken\n",
          "\"name\":\"u\"", "/p/v2.0/x" },
        { "old names", "[service_auth]\nauth_url = @@/keystone/v3\n"
          "user_name = u\npassword = x\ntenant_name = t\n"
          "default_domain_id = default\n",
          "{\"project\":{\"domain\":{\"id\":\"default\"},\"name\":\"t\"}}",
          "/p/v2.0/x" },
        { "application credential", "[service_auth]\n"
          "auth_url = @@/keystone\nauth_type = v3applicationcredential\n"
          "application_credential_id = 7\n"
          "application_credential_secret = x\n",
          "\"application_credential\":{\"id\":\"7\"", "/p/v2.0/x" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct fixture f = { .is_done = false };

        print_message("  %s\n", rows[i].name);
        f.stub = http_stub_create(handle, &f);
        call(&f, rows[i].conf);
        assert_int_equal(f.status, 200);

        /* In the order of names. */
        struct json *json = json_from_string(f.login);
        char *login = json_to_string(json, JSSF_SORT);
        if (!strstr(login, rows[i].login)) {
            fail_msg("login: %s", login);
        }
        assert_string_equal(f.path, rows[i].path);
        free(login);
        json_destroy(json);
        free(f.login);
        free(f.path);
        http_stub_destroy(f.stub);
    }
}

static void
missing_options_are_named(void **state)
{
    static const struct {
        const char *conf;
        const char *error;
    } rows[] = {
        { "", "[service_auth] auth_url is missing" },
        { "[neutron]\nendpoint = http://h\n",
          "[service_auth] auth_url is missing" },
        { "[service_auth]\nauth_url = http://h\n",
          "[service_auth] username is missing" },
        { "[neutron]\nauth_url = http://h\nusername = u\n",
          "[neutron] user_domain_name is missing" },
        { "[service_auth]\nauth_section = a\n[a]\nauth_url = h\n",
          "[a] auth_url must be a URL of http or https, not \"h\"" },
        { "[service_auth]\nauth_url = http://h\nauth_type = v2password\n",
          "[service_auth] auth_type must be password or "
          "v3applicationcredential, not \"v2password\"" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct octavia_conf *conf = load(rows[i].conf, "");
        char *error = NULL;

        assert_null(neutron_create(conf, &error));
        assert_string_equal(error, rows[i].error);
        free(error);
        octavia_conf_destroy(conf);
    }
    neutron_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_count_where_octavia_reads_them),
        cmocka_unit_test(missing_options_are_named),
    };

    setvbuf(stdout, NULL, _IOLBF, 0);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
