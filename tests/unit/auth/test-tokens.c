/* SPDX-License-Identifier: Apache-2.0
 *
 * What Keystone says about tokens, and how long it is remembered.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "auth/caller.h"
#include "auth/token-cache.h"
#include "auth/token-reply.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "sset.h"
#include "util.h"

#define USER "'user': {'id': 'u1', 'name': 'n', 'domain': {'id': 'd'}}"
#define UNTIL "'expires_at': '2026-11-22T23:01:32.000000Z'"
#define PROJECT "'project': {'id': 'p1', 'name': 'x', 'domain': {'id': 'd'}}"
#define ROLES "'roles': [{'id': '1', 'name': 'member'}, "    \
              "{'id': '2', 'name': 'Reader'}, {'id': '3', 'name': 'cook'}]"
#define TOKEN(TEXT) "{'token': {" TEXT "}}"

#define GARBAGE TOKEN_REPLY_GARBAGE
#define UNFIT TOKEN_REPLY_UNFIT
#define OK TOKEN_REPLY_OK

static const struct {
    const char *text;           /* With ' for ". */
    enum token_reply reply;
    const char *project_id;
    unsigned int roles;
    bool is_service;
} replies[] = {
    { TOKEN(USER ", " UNTIL ", " PROJECT ", " ROLES), OK, "p1",
      ROLE_MEMBER | ROLE_READER, false },
    { TOKEN(USER ", " UNTIL ", " PROJECT ", 'roles': [{'name': 'Service'}]"),
      OK, "p1", ROLE_SERVICE, true },
    { TOKEN(USER ", " UNTIL ", " PROJECT ", 'roles': [{'name': 'cook'}]"),
      OK, "p1", 0, false },
    { TOKEN(USER ", " UNTIL), OK, NULL, 0, false },
    { TOKEN(USER ", " UNTIL ", 'system': {'all': true}, " ROLES), OK, NULL,
      ROLE_MEMBER | ROLE_READER, false },
    { TOKEN(USER ", 'expires_at': '2026-11-22T23:01:32Z', " PROJECT), OK,
      "p1", 0, false },
    { TOKEN(USER ", " UNTIL ", " PROJECT ", 'bind': {'x509': 'a'}"), OK,
      "p1", 0, false },
    { TOKEN(USER ", " UNTIL ", " PROJECT ", 'bind': {'kerberos': 'a'}"),
      UNFIT, NULL, 0, false },
    { TOKEN(USER ", " UNTIL ", " PROJECT ", 'application_credential': "
            "{'id': 'a', 'restricted': true}"), OK, "p1", 0, false },
    { TOKEN(USER ", " UNTIL ", " PROJECT ", 'application_credential': "
            "{'id': 'a', 'access_rules': []}"), UNFIT, NULL, 0, false },
    { TOKEN(USER ", " PROJECT), GARBAGE, NULL, 0, false },
    { TOKEN(UNTIL ", " PROJECT), GARBAGE, NULL, 0, false },
    { TOKEN("'user': {'id': ''}, " UNTIL), GARBAGE, NULL, 0, false },
    { TOKEN("'user': {'id': 7}, " UNTIL), GARBAGE, NULL, 0, false },
    { TOKEN("'user': [], " UNTIL), GARBAGE, NULL, 0, false },
    { TOKEN(USER ", 'expires_at': 'tomorrow'"), GARBAGE, NULL, 0, false },
    { TOKEN(USER ", 'expires_at': '2026-11-22T23:01:32+01:00'"), GARBAGE,
      NULL, 0, false },
    { TOKEN(USER ", 'expires_at': '2026-11-22T23:01:32.0Z '"), GARBAGE, NULL,
      0, false },
    { TOKEN(USER ", 'expires_at': null"), GARBAGE, NULL, 0, false },
    { TOKEN(USER ", " UNTIL ", 'roles': ['admin']"), GARBAGE, NULL, 0,
      false },
    { "{'token': []}", GARBAGE, NULL, 0, false },
    { "{}", GARBAGE, NULL, 0, false },
    { "[]", GARBAGE, NULL, 0, false },
};

static void
test_replies(void **state)
{
    struct sset services = SSET_INITIALIZER(&services);

    sset_add(&services, "service");
    for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
        char *text = xstrdup(replies[i].text);
        struct token_facts facts = { NULL, 0, false };

        for (char *p = text; (p = strchr(p, '\'')); ) {
            *p = '"';
        }

        struct json *json = json_from_string(text);
        enum token_reply reply = token_reply_parse(json, &services, &facts);

        if (reply != replies[i].reply) {
            fail_msg("%s: %d", text, reply);
        }
        assert_int_equal(reply == OK, facts.caller != NULL);
        if (facts.caller) {
            assert_string_equal(facts.caller->user_id, "u1");
            assert_int_equal(facts.caller->roles, replies[i].roles);
            assert_int_equal(facts.is_service, replies[i].is_service);
            assert_int_equal(facts.expires_ms, 1795388492000);
            assert_true(nullable_string_is_equal(facts.caller->project_id,
                                                 replies[i].project_id));
        }
        caller_unref(facts.caller);
        json_destroy(json);
        free(text);
    }
    assert_int_equal(token_reply_parse(NULL, &services, NULL), GARBAGE);
    sset_destroy(&services);
}

static void
add(struct token_cache *cache, const char *token,
    enum token_knowledge knowledge, long long int until_ms)
{
    struct token_key key = token_key_make(token, false);
    struct token_facts facts = { caller_create(token, NULL, 0), 0, false };
    bool is_good = knowledge == TOKEN_GOOD;

    token_cache_settle(cache, token_cache_add(cache, &key), knowledge,
                       is_good ? &facts : NULL, until_ms);
    if (!is_good) {
        caller_unref(facts.caller);
    }
}

static const struct token_entry *
find(struct token_cache *cache, const char *token, long long int now_ms)
{
    struct token_key key = token_key_make(token, false);

    return token_cache_find(cache, &key, now_ms, NULL);
}

static void
test_entries_are_forgotten_in_time(void **state)
{
    struct token_cache *cache = token_cache_create(10, 10);

    add(cache, "a", TOKEN_GOOD, 1000);
    add(cache, "b", TOKEN_BAD, 500);
    assert_string_equal(find(cache, "a", 999)->facts.caller->user_id, "a");
    assert_int_equal(find(cache, "b", 499)->state, TOKEN_BAD);
    assert_null(find(cache, "b", 500));
    assert_null(find(cache, "a", 1000));
    assert_null(find(cache, "a", 0));
    assert_int_equal(token_cache_count(cache).n_good, 0);
    assert_int_equal(token_cache_count(cache).n_other, 0);
    token_cache_destroy(cache);
}

static void
test_what_is_asked_stays(void **state)
{
    struct token_cache *cache = token_cache_create(1, 1);
    struct token_key key = token_key_make("asked", false);

    token_cache_add(cache, &key);
    for (int i = 0; i < 5; i++) {
        char name[16];

        snprintf(name, sizeof name, "%d", i);
        add(cache, name, i % 2 ? TOKEN_GOOD : TOKEN_UNKNOWN, 10);
    }
    assert_int_equal(find(cache, "asked", 1000000)->state, TOKEN_ASKING);
    assert_int_equal(token_cache_count(cache).n_asking, 1);
    token_cache_destroy(cache);
}

static void
test_that_it_was_good_is_told_once(void **state)
{
    struct token_cache *cache = token_cache_create(10, 10);
    struct token_key good = token_key_make("a", false);
    struct token_key bad = token_key_make("b", false);
    bool was_good;

    add(cache, "a", TOKEN_GOOD, 100);
    add(cache, "b", TOKEN_BAD, 100);
    assert_non_null(token_cache_find(cache, &good, 99, &was_good));
    assert_false(was_good);
    assert_null(token_cache_find(cache, &good, 100, &was_good));
    assert_true(was_good);
    assert_null(token_cache_find(cache, &good, 100, &was_good));
    assert_false(was_good);
    assert_null(token_cache_find(cache, &bad, 100, &was_good));
    assert_false(was_good);

    token_cache_drop(cache, token_cache_add(cache, &good));
    assert_null(token_cache_find(cache, &good, 0, &was_good));
    assert_int_equal(token_cache_count(cache).n_asking, 0);
    token_cache_destroy(cache);
}

static void
test_who_was_not_seen_for_long_goes_first(void **state)
{
    struct token_cache *cache = token_cache_create(3, 10);

    add(cache, "a", TOKEN_GOOD, 100);
    add(cache, "b", TOKEN_GOOD, 100);
    add(cache, "c", TOKEN_GOOD, 100);
    assert_non_null(find(cache, "a", 0));
    add(cache, "d", TOKEN_GOOD, 100);
    assert_null(find(cache, "b", 0));
    assert_non_null(find(cache, "a", 0));
    assert_non_null(find(cache, "c", 0));
    assert_non_null(find(cache, "d", 0));
    assert_int_equal(token_cache_count(cache).n_good, 3);
    token_cache_destroy(cache);
}

static void
test_nonsense_pushes_out_nonsense_only(void **state)
{
    struct token_cache *cache = token_cache_create(3, 4);

    add(cache, "a", TOKEN_GOOD, 100);
    for (int i = 0; i < 1000; i++) {
        char name[16];

        snprintf(name, sizeof name, "%d", i);
        add(cache, name, i % 2 ? TOKEN_BAD : TOKEN_UNKNOWN, 100);
    }
    assert_non_null(find(cache, "a", 0));
    assert_int_equal(token_cache_count(cache).n_other, 4);
    token_cache_destroy(cache);
}

static void
test_keys(void **state)
{
    struct token_key plain = token_key_make("abc", false);
    struct token_key expired = token_key_make("abc", true);
    struct token_key same = token_key_make("abc", false);
    struct token_key other = token_key_make("abd", false);

    assert_memory_equal(&plain, &same, sizeof plain);
    assert_memory_not_equal(&plain, &other, sizeof plain);
    assert_memory_not_equal(&plain, &expired, sizeof plain);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_entries_are_forgotten_in_time),
        cmocka_unit_test(test_what_is_asked_stays),
        cmocka_unit_test(test_that_it_was_good_is_told_once),
        cmocka_unit_test(test_who_was_not_seen_for_long_goes_first),
        cmocka_unit_test(test_nonsense_pushes_out_nonsense_only),
        cmocka_unit_test(test_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
