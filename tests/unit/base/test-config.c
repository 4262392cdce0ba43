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
#include "util.h"

static void
test_load(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        const char *error;      /* Its end, NULL for none. */
    } rows[] = {
        { "empty", "", NULL },
        { "both", "# comment\n[a]\ntext = some words\nflag = TRUE\n", NULL },
        { "for another program", "[a]\ntext = some words\nflag = true\n"
          "[driver]\nwhatever = 1\n", NULL },
        { "borrowed from another program", "[driver]\ntheirs = some words\n"
          "whatever = 1\n[a]\nflag = true\n", NULL },
        { "unknown key", "[a]\ntest = 1\n", ":2: [a] test is not an option" },
        { "unknown section", "[b]\ntext = 1\n",
          ":2: [b] text is not an option" },
        { "bad flag", "[a]\nflag = maybe\n",
          ":2: [a] flag must be true or false, not \"maybe\"" },
        { "no value", "[a]\nwhat\n", ":2: not KEY = VALUE" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char file_name[] = "test-config-XXXXXX";
        char *text = xstrdup("before");
        bool flag = false;
        const struct config_option options[] = {
            { "a", "text", &text, NULL },
            { "a", "flag", NULL, &flag },
            { "driver", NULL, NULL, NULL },
            { "driver", "theirs", &text, NULL },
        };
        char *error = NULL;
        int fd = mkstemp(file_name);

        print_message("%s\n", rows[i].name);
        assert_int_equal(write(fd, rows[i].text, strlen(rows[i].text)),
                         strlen(rows[i].text));
        close(fd);
        assert_int_equal(config_load(file_name, options, ARRAY_SIZE(options),
                                     &error), !rows[i].error);
        if (rows[i].error) {
            assert_non_null(strstr(error, rows[i].error));
        } else if (*rows[i].text) {
            assert_string_equal(text, "some words");
            assert_true(flag);
        }
        unlink(file_name);
        free(error);
        free(text);
    }
}

static void
test_missing_file(void **state)
{
    char *error = NULL;

    assert_false(config_load("no/such/file", NULL, 0, &error));
    assert_string_equal(error, "no/such/file: cannot be read");
    free(error);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_missing_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
