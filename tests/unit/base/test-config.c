/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings from a file.
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
#include "base/config.h"
#include "svec.h"
#include "util.h"

static char file_name[] = "test-config-XXXXXX";

static void
write_file(const char *text)
{
    memset(&file_name[strlen(file_name) - 6], 'X', 6);
    int fd = mkstemp(file_name);

    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void
test_load(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        const char *faults;     /* What follows the file's name in each, with
                                 * "|" between them. */
    } rows[] = {
        { "empty", "", "" },
        { "both", "# comment\n[a]\ntext = some words\nflag = TRUE\n", "" },
        { "colons, comments, blanks, a mark at the start",
          "\xef\xbb\xbf[a] ; x\n\t text : some words ;more\n  flag=true", "" },
        { "for another program", "[a]\ntext = some words\nflag = true\n"
          "[driver]\nwhatever = 1\n[agent]\nwhatever = 1\n", "" },
        { "borrowed from another program", "[driver]\ntheirs = some words\n"
          "whatever = 1\n[a]\nflag = true\n", "" },
        { "unknown key", "[a]\ntest = 1\n",
          ":2: [a] test is not an option (there are text, flag)" },
        { "unknown section", "[b]\ntext = 1\n",
          ":2: [b] text is not an option" },
        { "bad flag", "[a]\nflag = maybe\n",
          ":2: [a] flag must be true or false, not \"maybe\"" },
        { "no value", "[a]\nwhat\n", ":2: not KEY = VALUE" },
        { "no section", "text = 1\n",
          ":1: a key before the first [SECTION]" },
        { "section without end", "\n[a\n", ":2: \"]\" is missing" },
        { "all that is wrong", "[a]\nwhat\nflag = 1\ntext = x\n[b]\nx = 1\n",
          ":2: not KEY = VALUE|:3: [a] flag must be true or false, not \"1\""
          "|:6: [b] x is not an option" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *text = xstrdup("before");
        bool flag = false;
        const struct config_option options[] = {
            { "a", "text", &text, NULL },
            { "a", "flag", NULL, &flag },
            { "driver", NULL, NULL, NULL },
            { "driver", "theirs", &text, NULL },
        };
        struct config config;
        struct svec wanted = SVEC_EMPTY_INITIALIZER;

        print_message("%s\n", rows[i].name);
        write_file(rows[i].text);
        config_init(&config, options, ARRAY_SIZE(options));
        config_load(&config, file_name);
        for (const char *p = rows[i].faults; *p; p += *p == '|') {
            size_t n = strcspn(p, "|");

            svec_add_nocopy(&wanted, xasprintf("%s%.*s", file_name, (int) n,
                                               p));
            p += n;
        }
        assert_int_equal(config.faults.n, wanted.n);
        for (size_t j = 0; j < wanted.n; j++) {
            assert_string_equal(config.faults.names[j], wanted.names[j]);
        }
        if (!wanted.n && *rows[i].text) {
            assert_string_equal(text, "some words");
            assert_true(flag);
        }
        unlink(file_name);
        svec_destroy(&wanted);
        config_uninit(&config);
        free(text);
    }
}

static void
test_missing_file(void **state)
{
    struct config config;

    config_init(&config, NULL, 0);
    config_load(&config, "no/such/file");
    assert_int_equal(config.faults.n, 1);
    assert_string_equal(config.faults.names[0], "no/such/file: cannot be read "
                        "(No such file or directory)");
    config_uninit(&config);
}

/* A value may be longer than the lines of most libraries. */
static void
test_long_value(void **state)
{
    char *value = xzalloc(5001);
    char *text = NULL;
    const struct config_option options[] = { { "a", "text", &text, NULL } };
    struct config config;

    memset(value, 'x', 5000);
    char *content = xasprintf("[a]\ntext = %s\n", value);
    write_file(content);
    config_init(&config, options, ARRAY_SIZE(options));
    config_load(&config, file_name);
    assert_int_equal(config.faults.n, 0);
    assert_string_equal(text, value);
    unlink(file_name);
    config_uninit(&config);
    free(content);
    free(value);
    free(text);
}

/* Where the value came from is part of what is wrong with it. */
static void
test_places(void **state)
{
    char *text = xstrdup("usual");
    const struct config_option options[] = { { "a", "text", &text, NULL } };
    char *wanted;
    struct config config;

    config_init(&config, options, 1);
    config_fault(&config, &text, "must be %s", "odd");
    assert_string_equal(config.faults.names[0],
                        "[a] text = usual: must be odd");
    write_file("[a]\n\ntext = new\n");
    config_load(&config, file_name);
    config_fault(&config, &text, "must be odd");
    wanted = xasprintf("%s:3: [a] text = new: must be odd", file_name);
    assert_string_equal(config.faults.names[1], wanted);
    config_set(&config, 0, "x", xstrdup("--text"));
    config_fault(&config, &text, "must be odd");
    assert_string_equal(config.faults.names[2], "--text = x: must be odd");
    unlink(file_name);
    config_uninit(&config);
    free(wanted);
    free(text);
}

static void
test_remotes(void **state)
{
    static const struct {
        const char *remote;
        bool ok;
    } rows[] = {
        { "unix:/a", true },
        { "tcp:127.0.0.1:6641", true },
        { "ssl:[::1]:6641,tcp:name.example:6641", true },
        { "cid:f9e0d42b-7a8f-4b5a-8b1e-7d2f4d1c1234,unix:/a", true },
        { "", false },
        { "/run/ovn/ovnnb_db.sock", false },
        { "http:127.0.0.1:6641", false },
        { "unix:/a,elsewhere:1", false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *text = xstrdup(rows[i].remote);
        const struct config_option options[] = {
            { "a", "text", &text, NULL }
        };
        struct config config;

        print_message("%s\n", rows[i].remote);
        config_init(&config, options, 1);
        config_check_remote(&config, &text);
        assert_int_equal(config.faults.n, !rows[i].ok);
        config_uninit(&config);
        free(text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_long_value),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_remotes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
