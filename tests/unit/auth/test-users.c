/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of users: what is taken and what is refused, reading, replacing,
 * and following it while it changes.
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
#include <sys/stat.h>
#include <unistd.h>
#include "auth/local/users-file.h"
#include "auth/local/users-watch.h"
#include "auth/local/users.h"
#include "openvswitch/vlog.h"
#include "util.h"

/* Of the password "secret". */
#define HASH "$y$j75$CYmXMZ6..0GbPhBVlVX9q.$" \
             "yYwElDVzb4ZIKlW/SEtr0pQiA5PNVvTSiTYwVWPJYG7"

#define USER(MORE) \
    "{\"projects\": {\"p1\": \"web\"}, \"users\": {\"u1\": {\"name\": " \
    "\"alice\", \"password\": \"" HASH "\", \"roles\": {\"p1\": " \
    "[\"member\"]}" MORE "}}}"
#define CREDENTIAL(MORE) \
    USER(", \"application_credentials\": {\"c1\": {\"name\": \"ci\", " \
         "\"secret\": \"" HASH "\", \"project\": \"p1\", \"roles\": " \
         "[\"reader\"]" MORE "}}")

static void
test_texts(void **state)
{
    static const struct {
        const char *title;
        const char *text;
        const char *fault;      /* A part of it; NULL: taken. */
    } rows[] = {
        { "nobody", "{\"projects\": {}, \"users\": {}}", NULL },
        { "a user", USER(""), NULL },
        { "a credential", CREDENTIAL(""), NULL },
        { "a credential that ends", CREDENTIAL(", \"expires_at\": 17"),
          NULL },
        { "nothing", "", "JSON" },
        { "a list", "[]", "no object" },
        { "no users", "{\"projects\": {}}", "\"users\" is missing" },
        { "an unknown member", USER(", \"enabled\": false"), "\"enabled\"" },
        { "a member twice", USER(", \"application_credentials\": {}, "
                                  "\"roles\": {\"p1\": [\"boss\"]}"),
          "JSON" },
        { "a role that is none",
          "{\"projects\": {\"p1\": \"web\"}, \"users\": {\"u1\": {\"name\": "
          "\"a\", \"password\": \"" HASH "\", \"roles\": {\"p1\": "
          "[\"boss\"]}}}}", "\"boss\": no policy" },
        { "a project that is none",
          "{\"projects\": {}, \"users\": {\"u1\": {\"name\": \"a\", "
          "\"password\": \"" HASH "\", \"roles\": {\"p1\": [\"member\"]}}}}",
          "there is no project \"p1\"" },
        { "a password that is no hash",
          "{\"projects\": {}, \"users\": {\"u1\": {\"name\": \"a\", "
          "\"password\": \"secret\", \"roles\": {}}}}", "no hash" },
        { "a weak hash",
          "{\"projects\": {}, \"users\": {\"u1\": {\"name\": \"a\", "
          "\"password\": \"$1$abcdefgh$6Vl1J9Cy3Rw7A5nDTGzE60\", "
          "\"roles\": {}}}}", "no hash" },
        { "two of a name",
          "{\"projects\": {}, \"users\": {"
          "\"u1\": {\"name\": \"a\", \"password\": \"" HASH "\", "
          "\"roles\": {}}, "
          "\"u2\": {\"name\": \"a\", \"password\": \"" HASH "\", "
          "\"roles\": {}}}}", "two users are named \"a\"" },
        { "two projects of a name",
          "{\"projects\": {\"p1\": \"a\", \"p2\": \"a\"}, \"users\": {}}",
          "two projects are named" },
        { "a bad id", "{\"projects\": {\"a/b\": \"a\"}, \"users\": {}}",
          "an id has" },
        { "a bad name", "{\"projects\": {\"a\": \"a\\n\"}, \"users\": {}}",
          "control" },
        { "a name that is none", "{\"projects\": {\"a\": 1}, \"users\": {}}",
          "a name has" },
        { "an end that is none", CREDENTIAL(", \"expires_at\": \"now\""),
          "seconds" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *error = NULL;
        struct users *users = users_parse(rows[i].text, strlen(rows[i].text),
                                          &error);

        print_message("%s: %s\n", rows[i].title, error ? error : "taken");
        assert_int_equal(!users, rows[i].fault != NULL);
        if (rows[i].fault) {
            assert_non_null(strstr(error, rows[i].fault));
        }
        users_destroy(users);
        free(error);
    }
}

static struct users *
parse(const char *text)
{
    char *error = NULL;
    struct users *users = users_parse(text, strlen(text), &error);

    assert_null(error);
    return users;
}

static void
test_what_is_written_is_read(void **state)
{
    struct users *users = parse(CREDENTIAL(", \"expires_at\": 17"));
    char *text = users_format(users);
    struct users *again = parse(text);
    char *same = users_format(again);

    assert_string_equal(text, same);
    assert_string_equal(users_find_name(again, "alice")->hash, HASH);
    assert_true(sset_contains(local_user_roles(users_find(again, "u1"), "p1"),
                              "member"));
    assert_null(local_user_roles(users_find(again, "u1"), "p2"));
    assert_int_equal(users_find_credential(again, "c1")->expires_at, 17);
    assert_ptr_equal(users_find_credential(again, "c1")->user,
                     users_find(again, "u1"));
    assert_string_equal(users_find_project_name(again, "web")->id, "p1");
    free(text);
    free(same);
    users_destroy(users);
    users_destroy(again);
}

static void
test_removing(void **state)
{
    struct users *users = parse(CREDENTIAL(""));

    assert_true(users_project_is_used(users, users_find_project(users,
                                                                "p1")));
    users_remove(users, users_find(users, "u1"));
    assert_null(users_find_name(users, "alice"));
    assert_null(users_find_credential(users, "c1"));
    assert_false(users_project_is_used(users, users_find_project(users,
                                                                 "p1")));
    users_remove_project(users, users_find_project(users, "p1"));
    assert_null(users_find_project_name(users, "web"));
    users_destroy(users);
}

/* --- The file ------------------------------------------------------------ */

static char directory[64];
static char *path;

static int
make_directory(void **state)
{
    snprintf(directory, sizeof directory, "/tmp/oo-users-XXXXXX");
    if (!mkdtemp(directory)) {
        return -1;
    }
    path = xasprintf("%s/users", directory);
    return 0;
}

static int
remove_directory(void **state)
{
    unlink(path);
    free(path);
    return rmdir(directory);
}

static void
save(const char *text)
{
    struct users *users = parse(text);
    char *error = users_file_save(path, users);

    assert_null(error);
    users_destroy(users);
}

static void
assert_refused(const char *why)
{
    char *error = NULL;

    assert_null(users_file_load(path, &error));
    print_message("%s\n", error);
    assert_non_null(strstr(error, path));
    assert_non_null(strstr(error, why));
    free(error);
}

static void
test_file(void **state)
{
    static const mode_t good[] = { 0640, 0600, 0440, 0400 };
    static const mode_t bad[] = { 0644, 0660, 0642, 0641, 0777 };
    struct users *users;
    struct stat s;
    char *error;

    assert_refused("No such file");
    save(USER(""));
    assert_int_equal(stat(path, &s), 0);
    assert_int_equal(s.st_mode & 07777, 0640);
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        assert_int_equal(chmod(path, good[i]), 0);
        users = users_file_load(path, &error);
        assert_non_null(users);
        users_destroy(users);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        assert_int_equal(chmod(path, bad[i]), 0);
        assert_refused("its mode is");
    }
    assert_int_equal(truncate(path, 40), 0);
    assert_int_equal(chmod(path, 0640), 0);
    assert_refused("not valid JSON");

    /* It is replaced, not written into: there is nothing else there. */
    save(USER(""));
    users = users_file_load(path, &error);
    assert_non_null(users);
    users_destroy(users);
}

static const struct users *
users_now(struct users_watch *watch, long long int now_ms)
{
    users_watch_refresh(watch, now_ms);
    return users_watch_get(watch);
}

static void
test_watch(void **state)
{
    long long int now_ms = 1000000;
    struct users_watch *watch;
    char *error;

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    save(USER(""));
    watch = users_watch_open(path, now_ms, &error);
    assert_non_null(watch);
    assert_non_null(users_find(users_now(watch, now_ms), "u1"));

    /* A new file is taken; not more than a second later. */
    save("{\"projects\": {}, \"users\": {}}");
    assert_non_null(users_find(users_now(watch, now_ms), "u1"));
    now_ms += 1000;
    assert_null(users_find(users_now(watch, now_ms), "u1"));

    /* A wrong one is not: what was there before stays. */
    save(USER(""));
    now_ms += 1000;
    assert_non_null(users_find(users_now(watch, now_ms), "u1"));
    assert_int_equal(chmod(path, 0644), 0);
    now_ms += 1000;
    assert_non_null(users_find(users_now(watch, now_ms), "u1"));
    assert_int_equal(unlink(path), 0);
    now_ms += 1000;
    assert_non_null(users_find(users_now(watch, now_ms), "u1"));
    users_watch_close(watch);

    assert_null(users_watch_open(path, now_ms, &error));
    free(error);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_removing),
        cmocka_unit_test_setup_teardown(test_file, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(test_watch, make_directory,
                                        remove_directory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
