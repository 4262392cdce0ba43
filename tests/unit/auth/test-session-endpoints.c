/* SPDX-License-Identifier: Apache-2.0
 *
 * Where services are, by Keystone's catalog, and where they are not any more.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include "auth/session.h"
#include "http-stub.h"
#include "openvswitch/vlog.h"
#include "session-fixture.h"
#include "util.h"

static void
a_service_that_is_not_in_the_catalog(void **state)
{
    struct fixture *f = *state;
    struct result result;

    f->is_catalog_empty = true;
    call_and_wait(f, "GET", "/v2.0/200", &result);
    expect(&result, 0, "Keystone's catalog has no service \"network\" with "
           "interface internal or public in region R");
    assert_int_equal(f->n_logins, 1);
}

static void
an_endpoint_that_moves_is_followed(void **state)
{
    static const char *const methods[] = { "GET", "POST" };

    for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
        struct fixture *f = *state;
        struct http_stub *old = http_stub_create(handle_request, f);
        struct result result;
        unsigned int n_before;

        create_session(f, 3000);
        f->service_url = http_stub_url(old);
        call(f, methods[i], "/v2.0/200", &result);
        while (!result.is_done) {
            http_stub_run(old);
            http_stub_wait(old);
            turn(f);
        }
        expect(&result, 200, NULL);
        n_before = f->n_logins;

        f->service_url = NULL;
        http_stub_destroy(old);
        call_and_wait(f, methods[i], "/v2.0/200", &result);
        expect(&result, 200, NULL);
        assert_int_equal(f->n_logins, n_before + 1);
    }
}

/* Without Keystone, what is known goes on to be tried. */
static void
a_service_that_is_away_is_no_reason_to_log_in_again_and_again(void **state)
{
    struct fixture *f = *state;
    struct http_stub *old = http_stub_create(handle_request, f);
    char *url = xstrdup(http_stub_url(old));
    struct result results[2];

    http_stub_destroy(old);
    f->service_url = url;
    for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
        call(f, "GET", "/v2.0/200", &results[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
        TURN_UNTIL(f, results[i].is_done);
        assert_int_equal(results[i].status, 0);
        result_uninit(&results[i]);
    }
    assert_int_equal(f->n_logins, 2);
    free(url);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_service_that_is_not_in_the_catalog),
        TEST(an_endpoint_that_moves_is_followed),
        TEST(a_service_that_is_away_is_no_reason_to_log_in_again_and_again),
    };

    setvbuf(stdout, NULL, _IOLBF, 0);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
