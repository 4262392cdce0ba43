/* SPDX-License-Identifier: Apache-2.0
 *
 * The pure parts of talking to OpenStack: what to send for a login, where
 * services are, what errors say, and when to try again.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "auth/catalog.h"
#include "auth/login.h"
#include "auth/rest-text.h"
#include "auth/retry.h"
#include "auth/session.h"
#include "base/limits.h"
#include "http/client.h"
#include "openvswitch/json.h"
#include "util.h"

/* 'text' with ' instead of ". */
static struct json *
parse(const char *text)
{
    char *copy = xstrdup(text);

    for (char *p = copy; *p; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    struct json *json = json_from_string(copy);
    assert_true(json->type != JSON_STRING);
    free(copy);
    return json;
}

static void
error_texts(void **state)
{
    static const struct {
        const char *name;
        const char *json;       /* NULL: none. */
        const char *text;
    } rows[] = {
        { "no body", NULL, "HTTP status 404" },
        { "Keystone", "{'error':{'code':404,'message':'Could not find'}}",
          "Could not find" },
        { "Neutron", "{'NeutronError':{'type':'PortNotFound','message':"
          "'Port x could not be found.','detail':''}}",
          "Port x could not be found." },
        { "Neutron of old", "{'NeutronError':'So it is'}", "So it is" },
        { "Octavia", "{'faultcode':'Client','faultstring':'Not found',"
          "'debuginfo':null}", "Not found" },
        { "Octavia's routing", "{'code':404,'title':'Not Found',"
          "'description':''}", "Not Found" },
        { "others", "{'badRequest':{'message':'Bad'}}", "Bad" },
        { "plain message", "{'message':'Bad','code':1}", "Bad" },
        { "empty object", "{}", "HTTP status 404" },
        { "array", "[1]", "HTTP status 404" },
        { "wrong types", "{'error':{'message':1}}", "HTTP status 404" },
        { "wrong types again", "{'error':[1]}", "HTTP status 404" },
        { "nothing", "{'error':{'message':''}}", "HTTP status 404" },
        { "several lines", "{'message':'a\\nb\\u007f'}", "a b " },
        { "a secret", "{'message':'Token s3cret is bad'}",
          "HTTP status 404" },
    };
    const char *const secrets[] = { "", "s3cret", NULL };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct json *json = rows[i].json ? parse(rows[i].json) : NULL;
        char *text = rest_error_text(404, json, secrets);

        print_message("  %s\n", rows[i].name);
        assert_string_equal(text, rows[i].text);
        free(text);
        json_destroy(json);
    }
}

static void
long_error_texts_are_cut(void **state)
{
    const char *const secrets[] = { NULL };
    struct json *json = json_object_create();
    char message[2001];

    for (size_t i = 0; i < sizeof message - 1; i += 2) {
        memcpy(message + i, "\xc3\xa4", 2);
    }
    memcpy(message, "x", 1);
    message[1] = 'x';
    message[2000] = '\0';
    json_object_put_string(json, "message", message);
    char *text = rest_error_text(500, json, secrets);
    assert_in_range(strlen(text), 490, 510);
    assert_string_equal(text + strlen(text) - 5, "\xc3\xa4...");
    free(text);
    json_destroy(json);
}

static void
endpoints_are_normalized(void **state)
{
    static const struct {
        const char *url;
        const char *normal;     /* NULL: refused. */
    } rows[] = {
        { "http://h:9696", "http://h:9696" },
        { "http://h:9696/", "http://h:9696" },
        { "http://h:9696//", "http://h:9696" },
        { "http://h:9696/v2.0", "http://h:9696" },
        { "http://h:9696/v2.0/", "http://h:9696" },
        { "https://h/identity/v3", "https://h/identity" },
        { "https://h/identity", "https://h/identity" },
        { "HTTP://h/network/v2", "HTTP://h/network" },
        { "http://10.0.0.1", "http://10.0.0.1" },
        { "http://h/dev2", "http://h/dev2" },
        { "http://[fd00::1]:5000/v3", "http://[fd00::1]:5000" },
        { "ftp://h/", NULL },
        { "h:9696", NULL },
        { "", NULL },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *normal = endpoint_normalize(rows[i].url);

        print_message("  %s\n", rows[i].url);
        if (rows[i].normal) {
            assert_string_equal(normal, rows[i].normal);
        } else {
            assert_null(normal);
        }
        free(normal);
    }
}

static void
catalog_look_ups(void **state)
{
    static const struct {
        const char *name;
        const char *type;
        const char *interfaces[3];
        const char *region;
        const char *url;        /* NULL: none. */
    } rows[] = {
        { "first interface", "network", { "internal", "public" }, NULL,
          "http://i1" },
        { "second interface", "network", { "admin", "public" }, "R1",
          "http://p1" },
        { "names of old", "network", { "publicURL" }, "R1", "http://p1" },
        { "region", "network", { "internal" }, "R2", "http://i2" },
        { "region of old", "network", { "internal" }, "R3", "http://i3" },
        { "no such region", "network", { "internal" }, "R4", NULL },
        { "no such interface", "network", { "admin" }, NULL, NULL },
        { "no such type", "image", { "internal", "public" }, NULL, NULL },
        { "endpoints of a wrong type", "odd", { "public" }, NULL, NULL },
        { "endpoint without scheme", "bad", { "public" }, NULL, NULL },
    };
    struct json *catalog = parse(
        "[1, 'x', {}, {'type': 1}, {'type': 'odd', 'endpoints': {}},"
        "{'type': 'network'},"
        "{'type': 'bad', 'endpoints': ["
        " {'interface': 'public', 'url': 'h:1'}]},"
        "{'type': 'network', 'endpoints': [null, {}, {'interface': 1},"
        " {'interface': 'internal', 'region_id': 'R1'},"
        " {'interface': 'internal', 'region_id': 'R1', 'url': 1},"
        " {'interface': 'public', 'region_id': 'R1', 'url': 'http://p1/'},"
        " {'interface': 'internal', 'region_id': 'R1',"
        "  'url': 'http://i1/v2.0'},"
        " {'interface': 'internal', 'region_id': 'R2', 'url': 'http://i2'},"
        " {'interface': 'internal', 'region': 'R3', 'url': 'http://i3'}]}]");

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *url = catalog_find(catalog, rows[i].type, rows[i].interfaces,
                                 rows[i].region);

        print_message("  %s\n", rows[i].name);
        if (rows[i].url) {
            assert_string_equal(url, rows[i].url);
        } else {
            assert_null(url);
        }
        free(url);
        assert_null(catalog_find(NULL, rows[i].type, rows[i].interfaces,
                                 NULL));
    }
    json_destroy(catalog);
}

#define USER .username = "u", .user_domain_name = "Ud"
#define PROJECT .project_name = "p", .project_domain_id = "Pd"

static void
logins(void **state)
{
    static const struct {
        struct session_options options;
        const char *error;      /* NULL: none. */
        const char *request;    /* If there is no error. */
    } rows[] = {
        { { USER, PROJECT, .password = "x" }, NULL,
          "{'auth':{'identity':{'methods':['password'],'password':{'user':{"
          "'name':'u','domain':{'name':'Ud'},'password':'x'}}},'scope':{"
          "'project':{'name':'p','domain':{'id':'Pd'}}}}}" },
        { { .auth_type = "v3password", .user_id = "1", .project_id = "2",
            .password = "a\"b" }, NULL,
          "{'auth':{'identity':{'methods':['password'],'password':{'user':{"
          "'id':'1','password':'a\\\"b'}}},'scope':{'project':{'id':'2'}}}}" },
        { { USER, .system_scope = "all", .password = "x" }, NULL,
          "{'auth':{'identity':{'methods':['password'],'password':{'user':{"
          "'name':'u','domain':{'name':'Ud'},'password':'x'}}},"
          "'scope':{'system':{'all':true}}}}" },
        { { .auth_type = "v3applicationcredential",
            .application_credential_id = "1",
            .application_credential_secret = "x" }, NULL,
          "{'auth':{'identity':{'methods':['application_credential'],"
          "'application_credential':{'id':'1','secret':'x'}}}}" },
        { { .auth_type = "v3applicationcredential", USER,
            .application_credential_name = "n",
            .application_credential_secret = "x" }, NULL,
          "{'auth':{'identity':{'methods':['application_credential'],"
          "'application_credential':{'name':'n','secret':'x','user':{"
          "'name':'u','domain':{'name':'Ud'}}}}}}" },
        { { PROJECT, .password = "x" }, "username is missing", NULL },
        { { .username = "u", PROJECT, .password = "x" },
          "user_domain_name is missing", NULL },
        { { USER, PROJECT }, "password is missing", NULL },
        { { USER, .password = "x" }, "project_name is missing", NULL },
        { { USER, .project_name = "p", .password = "x" },
          "project_domain_name is missing", NULL },
        { { .auth_type = "v3applicationcredential" },
          "application_credential_secret is missing", NULL },
        { { .auth_type = "v3applicationcredential",
            .application_credential_secret = "x" },
          "application_credential_id is missing", NULL },
        { { .auth_type = "v3applicationcredential",
            .application_credential_secret = "x",
            .application_credential_name = "n" },
          "username is missing", NULL },
        { { .auth_type = "v3kerberos" }, "auth_type must be password or "
          "v3applicationcredential, not \"v3kerberos\"", NULL },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *error = NULL;
        char *request = login_request(&rows[i].options, &error);

        if (rows[i].error) {
            assert_null(request);
            assert_string_equal(error, rows[i].error);
        } else {
            struct json *expected = parse(rows[i].request);
            struct json *json = json_from_string(request);

            assert_true(json_equal(json, expected));
            json_destroy(json);
            json_destroy(expected);
        }
        free(request);
        free(error);
    }
}

static void
tokens(void **state)
{
    static const struct {
        const char *name;
        const char *id;
        const char *json;       /* NULL: none. */
        long long int lifetime_ms;  /* 0: this is no token. */
    } rows[] = {
        { "good", "t", "{'token':{'issued_at':'2026-11-22T23:59:00.000000Z',"
          "'expires_at':'2026-11-23T00:59:00.000000Z'}}", 3600 * 1000 },
        { "no times", "t", "{'token':{}}", TOKEN_LIFETIME_UNKNOWN_MS },
        { "odd times", "t", "{'token':{'issued_at':'yesterday',"
          "'expires_at':7}}", TOKEN_LIFETIME_UNKNOWN_MS },
        { "expired before", "t", "{'token':{"
          "'issued_at':'2026-11-22T23:59:00Z',"
          "'expires_at':'2026-11-22T23:58:00Z'}}",
          TOKEN_LIFETIME_UNKNOWN_MS },
        { "without id", NULL, "{'token':{}}", 0 },
        { "with an empty id", "", "{'token':{}}", 0 },
        { "no object", "t", "{'token':[]}", 0 },
        { "no token", "t", "{}", 0 },
        { "an array", "t", "[]", 0 },
        { "no body", "t", NULL, 0 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct json *json = rows[i].json ? parse(rows[i].json) : NULL;
        struct token *token = token_create(rows[i].id, json);

        print_message("  %s\n", rows[i].name);
        assert_int_equal(token ? token->lifetime_ms : 0, rows[i].lifetime_ms);
        token_destroy(token);
        json_destroy(json);
    }
}

static void
retries(void **state)
{
    static const struct {
        const char *name;
        const char *method;
        struct http_response response;
        unsigned int n_attempts;
        int min_ms, max_ms;
    } rows[] = {
        { "not sent", "POST", { .status = 0 }, 1, 500, 749 },
        { "second", "POST", { .status = 0 }, 2, 1000, 1499 },
        { "third", "POST", { .status = 0 }, 3, 2000, 2999 },
        { "last", "POST", { .status = 0 }, 4, -1, -1 },
        { "sent POST", "POST", { .was_sent = true }, 1, -1, -1 },
        { "sent PATCH", "PATCH", { .was_sent = true }, 1, -1, -1 },
        { "sent GET", "GET", { .was_sent = true }, 1, 500, 749 },
        { "sent PUT", "PUT", { .was_sent = true }, 1, 500, 749 },
        { "sent DELETE", "DELETE", { .was_sent = true }, 1, 500, 749 },
        { "slow down", "POST", { .status = 429, .was_sent = true },
          1, 500, 749 },
        { "slow down, they say how", "GET",
          { .status = 429, .retry_after = "3" }, 1, 3000, 3000 },
        { "less than our own", "GET",
          { .status = 503, .retry_after = "0" }, 1, 500, 749 },
        { "too long", "GET", { .status = 503, .retry_after = "3600" }, 1,
          -1, -1 },
        { "a date", "GET", { .status = 503,
          .retry_after = "Fri, 31 Dec 1999 23:59:59 GMT" }, 1, 500, 749 },
        { "nonsense", "GET", { .status = 503, .retry_after = "-1" }, 1,
          -1, 749 },
        { "500", "GET", { .status = 500 }, 1, 500, 749 },
        { "502", "PUT", { .status = 502 }, 1, 500, 749 },
        { "504", "DELETE", { .status = 504 }, 1, 500, 749 },
        { "503 to a POST", "POST", { .status = 503, .was_sent = true }, 1,
          -1, -1 },
        { "200", "GET", { .status = 200 }, 1, -1, -1 },
        { "401", "GET", { .status = 401 }, 1, -1, -1 },
        { "404", "GET", { .status = 404 }, 1, -1, -1 },
        { "409", "PUT", { .status = 409 }, 1, -1, -1 },
        { "501", "GET", { .status = 501 }, 1, -1, -1 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        bool is_idempotent = method_is_idempotent(rows[i].method);

        print_message("  %s\n", rows[i].name);
        for (uint32_t j = 0; j < 1000; j++) {
            int ms = retry_delay_ms(is_idempotent, rows[i].n_attempts,
                                    &rows[i].response, j * 4294967);
            assert_true(ms >= rows[i].min_ms && ms <= rows[i].max_ms);
        }
    }
}

static void
bad_options_are_named(void **state)
{
    static const struct {
        struct session_options options;
        const char *error;
    } rows[] = {
        { { .auth_url = NULL }, "auth_url is missing" },
        { { .auth_url = "keystone:5000" },
          "auth_url must be a URL of http or https, not \"keystone:5000\"" },
        { { .auth_url = "http://k" }, "username is missing" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *error = NULL;

        assert_null(session_create(&rows[i].options, &error));
        assert_string_equal(error, rows[i].error);
        free(error);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_texts),
        cmocka_unit_test(long_error_texts_are_cut),
        cmocka_unit_test(endpoints_are_normalized),
        cmocka_unit_test(catalog_look_ups),
        cmocka_unit_test(logins),
        cmocka_unit_test(tokens),
        cmocka_unit_test(retries),
        cmocka_unit_test(bad_options_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
