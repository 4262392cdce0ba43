/* SPDX-License-Identifier: Apache-2.0
 *
 * Logging in without OpenStack: forms, accounts, rights, limits, and the
 * comparison of passwords.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "auth/local/login-form.h"
#include "auth/local/login-limits.h"
#include "auth/local/login-match.h"
#include "auth/local/password-pool.h"
#include "auth/local/password.h"
#include "auth/local/secret.h"
#include "auth/local/users.h"
#include "base/json-read.h"
#include "base/limits.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "util.h"

#define PASSWORD(USER) \
    "\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": " \
    USER "}}"
#define ALICE "{\"name\": \"alice\", \"password\": \"secret\", " \
              "\"domain\": {\"id\": \"default\"}}"
#define AUTH(TEXT) "{\"auth\": {" TEXT "}}"
#define SCOPE(TEXT) AUTH(PASSWORD(ALICE) ", \"scope\": " TEXT)
#define CREDENTIAL(TEXT) \
    AUTH("\"identity\": {\"methods\": [\"application_credential\"], " \
         "\"application_credential\": " TEXT "}")

/* alice: member and reader of web, reader of db; a credential that may read
 * web.  bob: member of db.  carol: nothing.  The hashes are none. */
static struct users *
make_users(void)
{
    struct users *users = users_create();
    struct local_credential *credential;
    struct local_user *alice, *bob;
    struct sset *roles;

    users_add_project(users, "p1", "web");
    users_add_project(users, "p2", "db");
    alice = users_add(users, "u1", "alice", "hash of alice");
    bob = users_add(users, "u2", "bob", "hash of bob");
    users_add(users, "u3", "carol", "hash of carol");
    roles = local_user_add_grant(alice, "p1");
    sset_add(roles, "member");
    sset_add(roles, "reader");
    sset_add(local_user_add_grant(alice, "p2"), "reader");
    sset_add(local_user_add_grant(bob, "p2"), "member");
    credential = users_add_credential(users, alice, "c1", "ci",
                                      "hash of ci");
    credential->project_id = xstrdup("p1");
    credential->expires_at = 1000;
    sset_add(&credential->roles, "reader");
    sset_add(&credential->roles, "admin");
    return users;
}

static void
test_forms(void **state)
{
    static const struct {
        const char *text;
        const char *fault;      /* A part of it; NULL: none. */
        const char *hash;       /* NULL: no such account. */
        const char *project;    /* NULL: none, or refused. */
        bool is_scoped;         /* The scope is taken. */
    } rows[] = {
        { "nonsense", "JSON", NULL, NULL, false },
        { "{}", "auth", NULL, NULL, false },
        { AUTH(""), "methods", NULL, NULL, false },
        { AUTH("\"identity\": {\"methods\": []}"), "methods", NULL, NULL,
          false },
        { AUTH("\"identity\": {\"methods\": [\"password\", \"totp\"]}"),
          "methods", NULL, NULL, false },
        { AUTH("\"identity\": {\"methods\": [\"totp\"]}"),
          "only methods", NULL, NULL, false },
        { AUTH("\"identity\": {\"methods\": [\"token\"]}"),
          "id of the token", NULL, NULL, false },
        { AUTH("\"identity\": {\"methods\": [\"token\"], \"token\": "
               "{\"id\": 7}}"), "id of the token", NULL, NULL, false },

        /* A token says itself whose it is. */
        { AUTH("\"identity\": {\"methods\": [\"token\"], \"token\": "
               "{\"id\": \"x\"}}"), NULL, NULL, NULL, false },
        { AUTH(PASSWORD("{\"password\": \"x\"}")), "needs a user", NULL, NULL,
          false },
        { AUTH(PASSWORD("{\"name\": \"alice\"}")), "missing", NULL, NULL,
          false },
        { AUTH(PASSWORD("[]")), "needs a user", NULL, NULL, false },

        /* Two projects: none is the default. */
        { AUTH(PASSWORD(ALICE)), NULL, "hash of alice", NULL, true },
        { AUTH(PASSWORD("{\"id\": \"u2\", \"password\": \"x\"}")), NULL,
          "hash of bob", "p2", true },
        { AUTH(PASSWORD("{\"name\": \"dave\", \"password\": \"x\"}")), NULL,
          NULL, NULL, false },
        { AUTH(PASSWORD("{\"name\": \"alice\", \"password\": \"x\", "
                        "\"domain\": {\"name\": \"Default\"}}")), NULL,
          "hash of alice", NULL, true },
        { AUTH(PASSWORD("{\"name\": \"alice\", \"password\": \"x\", "
                        "\"domain\": {\"name\": \"Other\"}}")), NULL, NULL,
          NULL, false },
        { SCOPE("\"unscoped\""), NULL, "hash of alice", NULL, true },
        { SCOPE("{\"unscoped\": {}}"), NULL, "hash of alice", NULL, true },
        { SCOPE("null"), NULL, "hash of alice", NULL, true },
        { SCOPE("7"), "scope", NULL, NULL, false },
        { SCOPE("{\"project\": {}}"), "project", NULL, NULL, false },
        { SCOPE("{\"project\": {\"id\": \"p1\"}}"), NULL, "hash of alice",
          "p1", true },
        { SCOPE("{\"project\": {\"name\": \"db\", \"domain\": {\"id\": "
                "\"default\"}}}"), NULL, "hash of alice", "p2", true },
        { SCOPE("{\"project\": {\"name\": \"db\", \"domain\": {\"id\": "
                "\"other\"}}}"), NULL, NULL, NULL, false },
        { SCOPE("{\"project\": {\"id\": \"p3\"}}"), NULL, "hash of alice",
          NULL, false },
        { SCOPE("{\"system\": {\"all\": true}}"), NULL, "hash of alice",
          NULL, false },
        { SCOPE("{\"domain\": {\"id\": \"default\"}}"), NULL,
          "hash of alice", NULL, false },
        { AUTH(PASSWORD("{\"id\": \"u3\", \"password\": \"x\"}")
               ", \"scope\": {\"project\": {\"id\": \"p1\"}}"), NULL,
          "hash of carol", NULL, false },
        { CREDENTIAL("{\"id\": \"c1\"}"), "missing", NULL, NULL, false },
        { CREDENTIAL("{\"name\": \"ci\", \"secret\": \"x\"}"), "named by",
          NULL, NULL, false },
        { CREDENTIAL("{\"id\": \"c1\", \"secret\": \"x\"}"), NULL,
          "hash of ci", "p1", true },
        { CREDENTIAL("{\"name\": \"ci\", \"secret\": \"x\", \"user\": "
                     "{\"id\": \"u1\"}}"), NULL, "hash of ci", "p1", true },
        { CREDENTIAL("{\"name\": \"ci\", \"secret\": \"x\", \"user\": "
                     "{\"id\": \"u2\"}}"), NULL, NULL, NULL, false },
        { AUTH("\"identity\": {\"methods\": [\"application_credential\"], "
               "\"application_credential\": {\"id\": \"c1\", \"secret\": "
               "\"x\"}}, \"scope\": {\"project\": {\"id\": \"p1\"}}"), NULL,
          "hash of ci", "p1", false },
    };
    struct users *users = make_users();

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct json *json = json_read(rows[i].text, strlen(rows[i].text));
        const struct local_project *project = NULL;
        struct login_account account;
        struct login_form form;
        const char *fault = login_form_parse(&form, json);

        print_message("%s: %s\n", rows[i].text, fault ? fault : "taken");
        assert_int_equal(!fault, !rows[i].fault);
        if (fault) {
            assert_non_null(strstr(fault, rows[i].fault));
        } else {
            account = login_find_account(users, &form);
            assert_int_equal(!account.hash, !rows[i].hash);
            if (account.hash) {
                assert_string_equal(account.hash, rows[i].hash);
                assert_int_equal(login_find_project(users, &account, &form,
                                                    &project),
                                 rows[i].is_scoped);
                assert_int_equal(!project, !rows[i].project);
            }
            if (project) {
                assert_string_equal(project->id, rows[i].project);
            }
        }
        login_form_uninit(&form);
        secret_json_destroy(json);
    }
    users_destroy(users);
}

static void
test_rights_follow_the_users(void **state)
{
    struct users *users = make_users();
    const struct local_project *web = users_find_project(users, "p1");
    struct local_user *alice = users_find(users, "u1");
    struct local_credential *ci = users_find_credential(users, "c1");
    struct login_account account = { alice, ci, ci->hash };
    struct login_account found;
    char *seal = login_seal(&account);
    char *longer;
    struct sset roles;

    assert_int_equal(strlen(seal), 32);
    assert_true(login_find_token_account(users, "u1", "c1", seal, &found));
    assert_ptr_equal(found.credential, ci);
    assert_false(login_find_token_account(users, "u2", "c1", seal, &found));
    assert_false(login_find_token_account(users, "u1", "c2", seal, &found));
    assert_false(login_find_token_account(users, "u1", NULL, seal, &found));
    assert_false(login_find_token_account(users, "u4", NULL, seal, &found));

    /* What follows the seal is no part of it. */
    longer = xasprintf("%sffff", seal);
    assert_true(login_find_token_account(users, "u1", "c1", longer, &found));
    longer[strlen(seal) - 1] ^= 1;
    assert_false(login_find_token_account(users, "u1", "c1", longer, &found));
    free(longer);

    /* What the user has not, its credential has not, either. */
    assert_true(login_find_roles(&account, web, 999, &roles));
    assert_int_equal(sset_count(&roles), 1);
    assert_true(sset_contains(&roles, "reader"));
    sset_destroy(&roles);
    assert_false(login_find_roles(&account, web, 1000, &roles));
    sset_destroy(&roles);
    local_user_remove_grant(alice, "p1");
    assert_false(login_find_roles(&account, web, 999, &roles));
    sset_destroy(&roles);

    /* Another password is another seal. */
    free(ci->hash);
    ci->hash = xstrdup("another hash");
    assert_false(login_find_token_account(users, "u1", "c1", seal, &found));
    free(seal);
    users_destroy(users);
}

/* --- Limits -------------------------------------------------------------- */

static long long int
delay(const struct login_limits *limits, const char *user,
      const char *address, long long int now_ms)
{
    return login_limits_delay(limits, user, address, now_ms);
}

static void
test_limit_of_a_user(void **state)
{
    struct login_limits *limits = login_limits_create();

    for (int i = 0; i < LOGIN_USER_FAILURES_MAX; i++) {
        char *address = xasprintf("10.0.0.%d", i);

        assert_int_equal(delay(limits, "u1", address, 0), 0);
        login_limits_fail(limits, "u1", address, 0);
        free(address);
    }
    assert_int_equal(delay(limits, "u1", "10.0.0.99", 0), LOGIN_FAILURE_MS);
    assert_int_equal(delay(limits, "u1", "10.0.0.99", LOGIN_FAILURE_MS - 1),
                     1);

    /* Others are not concerned, and after a while one more is allowed. */
    assert_int_equal(delay(limits, "u2", "10.0.0.99", 0), 0);
    assert_int_equal(delay(limits, "u1", "10.0.0.99", LOGIN_FAILURE_MS), 0);
    login_limits_fail(limits, "u1", "10.0.0.99", LOGIN_FAILURE_MS);
    assert_int_equal(delay(limits, "u1", "10.0.0.99", LOGIN_FAILURE_MS),
                     LOGIN_FAILURE_MS);
    assert_int_equal(delay(limits, "u1", "10.0.0.99", 1000 * 1000), 0);
    login_limits_destroy(limits);
}

static void
test_limit_of_an_address(void **state)
{
    static const struct {
        const char *address;
        const char *same;
        const char *other;
    } rows[] = {
        { "10.0.0.1", "10.0.0.1", "10.0.0.2" },
        { "fd00::1", "fd00::ffff:1:2:3", "fd00:0:0:1::1" },
        { "unix", "unix", "127.0.0.1" },
        { NULL, NULL, "unix" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct login_limits *limits = login_limits_create();

        for (int j = 0; j < LOGIN_ADDRESS_FAILURES_MAX; j++) {
            char *user = xasprintf("u%d", j);

            assert_int_equal(delay(limits, user, rows[i].address, 0), 0);
            login_limits_fail(limits, user, rows[i].address, 0);
            free(user);
        }
        assert_int_not_equal(delay(limits, "u", rows[i].same, 0), 0);
        assert_int_equal(delay(limits, "u", rows[i].other, 0), 0);
        login_limits_destroy(limits);
    }
}

static void
test_limits_have_a_limit(void **state)
{
    struct login_limits *limits = login_limits_create();

    for (int i = 0; i < 3 * LOGIN_DEBTORS_MAX; i++) {
        char *user = xasprintf("u%d", i);

        login_limits_fail(limits, user, user, 0);
        free(user);
    }
    assert_int_equal(login_limits_count(limits), LOGIN_DEBTORS_MAX);
    login_limits_destroy(limits);
}

/* --- Passwords ----------------------------------------------------------- */

static void
test_passwords(void **state)
{
    char *hash = password_hash("secret");
    char *again = password_hash("secret");
    char *longest = xzalloc(PASSWORD_BYTES_MAX + 2);

    memset(longest, 'x', PASSWORD_BYTES_MAX + 1);
    assert_string_not_equal(hash, again);
    assert_true(password_hash_is_valid(hash));
    assert_true(password_matches("secret", hash));
    assert_true(password_matches("secret", again));
    assert_false(password_matches("Secret", hash));
    assert_false(password_matches("", hash));
    assert_false(password_matches(longest, hash));
    assert_false(password_matches("secret", "nonsense"));
    assert_non_null(password_find_fault(longest));
    assert_non_null(password_find_fault(""));
    assert_non_null(password_find_fault("\xff"));
    assert_null(password_find_fault(longest + 1));
    free(longest);
    free(hash);
    free(again);
}

/* 0: not called yet. */
static void
note_result(void *result, bool matches)
{
    *(int *) result = matches ? 1 : -1;
}

static void
run_pool(struct password_pool *pool, const size_t *left)
{
    while (password_pool_count(pool) > *left) {
        password_pool_run(pool);
        if (password_pool_count(pool) > *left) {
            password_pool_wait(pool);
            poll_block();
        }
    }
}

static void
test_pool(void **state)
{
    struct password_pool *pool = password_pool_create();
    char *hash = password_hash("secret");
    int right = 0, wrong = 0, unknown = 0, cancelled = 0;
    size_t none = 0;

    password_pool_submit(pool, "secret", hash, note_result, &right);
    password_pool_submit(pool, "Secret", hash, note_result, &wrong);
    password_pool_submit(pool, "secret", NULL, note_result, &unknown);
    password_check_cancel(password_pool_submit(pool, "secret", hash,
                                               note_result, &cancelled));
    run_pool(pool, &none);
    assert_int_equal(right, 1);
    assert_int_equal(wrong, -1);
    assert_int_equal(unknown, -1);
    assert_int_equal(cancelled, 0);

    /* So many may wait.  What is left at the end is forgotten. */
    for (size_t i = 0; i < PASSWORD_CHECKS_MAX; i++) {
        assert_non_null(password_pool_submit(pool, "secret", hash,
                                             note_result, &cancelled));
    }
    assert_null(password_pool_submit(pool, "secret", hash, note_result,
                                     &cancelled));
    password_pool_destroy(pool);
    assert_int_equal(cancelled, 0);
    free(hash);
}

static void
test_secrets(void **state)
{
    char *a = secret_create();
    char *b = secret_create();
    struct secret_digest digest = secret_digest_make("abc");
    char *text = secret_digest_format(&digest);

    assert_int_equal(strlen(a), SECRET_LENGTH);
    assert_false(secret_equals(a, b));
    assert_true(secret_equals(a, a));
    assert_false(secret_equals(a, "a"));
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223"
                              "b00361a396177a9cb410ff61f20015ad");
    secret_free(a);
    secret_free(b);
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_rights_follow_the_users),
        cmocka_unit_test(test_limit_of_a_user),
        cmocka_unit_test(test_limit_of_an_address),
        cmocka_unit_test(test_limits_have_a_limit),
        cmocka_unit_test(test_passwords),
        cmocka_unit_test(test_pool),
        cmocka_unit_test(test_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
