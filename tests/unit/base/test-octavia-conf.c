/* SPDX-License-Identifier: Apache-2.0
 *
 * octavia.conf, as its operator wrote it.
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
#include "base/octavia-conf.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Returns what is loaded from 'text'.  '*errorp' is NULL, or the error from
 * its first ":" on. */
static struct octavia_conf *
load(const char *text, char **errorp)
{
    char file_name[] = "test-octavia-conf-XXXXXX";
    int fd = mkstemp(file_name);
    char *error = NULL;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    struct octavia_conf *conf = octavia_conf_load(file_name, &error);
    unlink(file_name);

    assert_int_equal(!conf, !!error);
    *errorp = NULL;
    if (error) {
        assert_int_equal(strncmp(error, file_name, strlen(file_name)), 0);
        *errorp = xstrdup(error + strlen(file_name));
        free(error);
    }
    return conf;
}

static void
test_values(void **state)
{
    static const struct {
        const char *name;
        const char *text;       /* Behind "[s]\n". */
        const char *value;      /* Of "k" in "s". */
    } rows[] = {
        { "none", "", NULL },
        { "plain", "k = some words\n", "some words" },
        { "without end of line", "k=v", "v" },
        { "with a colon", "k: v=w\n", "v=w" },
        { "a URL", "k = http://h:1/?a=b\n", "http://h:1/?a=b" },
        { "empty", "k =\n", "" },
        { "of Windows", "k = v\r\n", "v" },
        { "comments", "# k = 1\n;k = 2\nk = v\n#k = 3\n", "v" },
        { "no comments within a line", "k = a ;b #c\n", "a ;b #c" },
        { "last wins", "k = 1\nk = 2\n", "2" },
        { "last wins, also later", "k = 1\n[t]\nk = 3\n[s]\nk = 2\n", "2" },
        { "continued", "k = a,\n    b,\n\tc\n", "a,\nb,\nc" },
        { "not continued behind an empty line", "k = a\n\nl = b\n", "a" },
        { "quoted", "k = \" a \"\n", " a " },
        { "quoted by the other mark", "k = 'a'\n", "a" },
        { "quoted inside", "k = a\"b\"\n", "a\"b\"" },
        { "a lone mark", "k = \"\n", "" },
        { "name of another option", "k = $my_ip\n", "$my_ip" },
        { "dollar signs", "k = a$$b\\$c\\d$\n", "a$b$c\\d$" },
        { "upper case section", "[S]\nk = v\n", "v" },
        { "upper case key", "K = v\n", NULL },
        { "other section", "[t]\nk = v\n", NULL },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *text = xasprintf("[s]\n%s", rows[i].text);
        char *error;
        struct octavia_conf *conf = load(text, &error);

        print_message("%s\n", rows[i].name);
        assert_null(error);
        if (rows[i].value) {
            assert_string_equal(octavia_conf_get(conf, "s", "k"),
                                rows[i].value);
        } else {
            assert_null(octavia_conf_get(conf, "s", "k"));
        }
        octavia_conf_destroy(conf);
        free(text);
    }
}

static void
test_errors(void **state)
{
    static const struct {
        const char *text;
        const char *error;
    } rows[] = {
        { "k = v\n", ":1: a key before the first section" },
        { "\n[s\n", ":2: \"]\" is missing" },
        { "[]\n", ":1: a section without name" },
        { "[s]\nsecret\n", ":2: not KEY = VALUE" },
        { "[s]\n= secret\n", ":2: a value without key" },
        { "[s]\nk = v\n\n  secret\n", ":4: continues nothing" },
        { "  secret\n", ":1: continues nothing" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *error;

        assert_null(load(rows[i].text, &error));
        assert_string_equal(error, rows[i].error);
        free(error);
    }
}

static void
test_long_line(void **state)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    char *error;

    ds_put_cstr(&text, "# ");
    ds_put_char_multiple(&text, 'x', 5000);
    ds_put_cstr(&text, "\n[s]\nk = ");
    ds_put_char_multiple(&text, 'y', 70000);
    struct octavia_conf *conf = load(ds_cstr(&text), &error);
    assert_null(error);
    assert_int_equal(strlen(octavia_conf_get(conf, "s", "k")), 70000);
    octavia_conf_destroy(conf);
    ds_destroy(&text);
}

static void
test_sections(void **state)
{
    static const char *const sections[] = { "neutron", "service_auth", NULL };
    char *error;
    struct octavia_conf *conf = load("[DEFAULT]\na = 0\n[default]\na = 1\n"
                                     "[Neutron]\nb = 2\n"
                                     "[service_auth]\nb = 3\nc = 4\n"
                                     "[empty]\n", &error);

    assert_null(error);
    assert_string_equal(octavia_conf_get(conf, "DEFAULT", "a"), "0");
    assert_string_equal(octavia_conf_get(conf, "default", "a"), "1");
    assert_string_equal(octavia_conf_get_first(conf, sections, "b"), "2");
    assert_string_equal(octavia_conf_get_first(conf, sections, "c"), "4");
    assert_null(octavia_conf_get_first(conf, sections, "a"));
    assert_true(octavia_conf_has_section(conf, "empty"));
    assert_false(octavia_conf_has_section(conf, "ovn"));
    octavia_conf_destroy(conf);
}

static void
test_booleans(void **state)
{
    static const struct {
        const char *word;
        bool value, fallback;
    } rows[] = {
        { "True", true, false }, { "1", true, false },
        { "on", true, false }, { "YES", true, false },
        { "False", false, true }, { "0", false, true },
        { "Off", false, true }, { "no", false, true },
        { "maybe", true, true }, { "maybe", false, false },
        { "", true, true },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *text = xasprintf("[s]\nk = %s\n", rows[i].word);
        char *error;
        struct octavia_conf *conf = load(text, &error);

        assert_int_equal(octavia_conf_get_bool(conf, "s", "k",
                                               rows[i].fallback),
                         rows[i].value);
        assert_true(octavia_conf_get_bool(conf, "s", "absent", true));
        octavia_conf_destroy(conf);
        free(text);
    }
}

static void
test_unreadable(void **state)
{
    char *error = NULL;

    assert_null(octavia_conf_load("no/such/file", &error));
    assert_string_equal(error, "no/such/file: cannot be read "
                        "(No such file or directory)");
    free(error);
    assert_null(octavia_conf_load("", &error));
    free(error);
    octavia_conf_destroy(NULL);
}

static void
write_file(const char *directory, const char *name, const char *text)
{
    char *path = xasprintf("%s/%s", directory, name);
    FILE *stream = fopen(path, "w");

    assert_non_null(stream);
    fputs(text, stream);
    assert_int_equal(fclose(stream), 0);
    free(path);
}

static void
remove_files(const char *directory, const char *const names[])
{
    for (size_t i = 0; names[i]; i++) {
        char *path = xasprintf("%s/%s", directory, names[i]);

        assert_int_equal(remove(path), 0);
        free(path);
    }
}

static void
test_several(void **state)
{
    static const char *const names[] = {
        "octavia.conf", "d/20-b.conf", "d/10-a.conf", "d/c.txt", "d", "", NULL
    };
    static const struct {
        const char *key, *value;
    } values[] = {
        { "file", "octavia.conf" }, { "a", "10-a.conf" },
        { "b", "20-b.conf" }, { "all", "20-b.conf" }, { "txt", NULL },
    };
    char dir[] = "test-octavia-conf-XXXXXX";
    char *error = NULL;

    assert_non_null(mkdtemp(dir));
    char *sub = xasprintf("%s/d", dir);
    assert_int_equal(mkdir(sub, 0700), 0);
    write_file(dir, names[0],
               "[s]\nfile = octavia.conf\nall = octavia.conf\n");
    write_file(dir, names[1], "[S]\nb = 20-b.conf\nall = 20-b.conf\n");
    write_file(dir, names[2],
               "[s]\na = 10-a.conf\nall = 10-a.conf\nb = 10-a.conf\n");
    write_file(dir, names[3], "[s]\ntxt = c.txt\nall = c.txt\n");

    char *paths = xasprintf("%s/octavia.conf,%s", dir, sub);
    struct octavia_conf *conf = octavia_conf_load(paths, &error);
    assert_non_null(conf);
    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        print_message("%s\n", values[i].key);
        const char *value = octavia_conf_get(conf, "s", values[i].key);
        assert_string_equal(value ? value : "(none)",
                            values[i].value ? values[i].value : "(none)");
    }
    octavia_conf_destroy(conf);

    print_message("an error names the file in the directory\n");
    write_file(dir, names[2], "[s]\nnonsense\n");
    assert_null(octavia_conf_load(paths, &error));
    assert_non_null(strstr(error, "/d/10-a.conf:2: not KEY = VALUE"));
    free(error);

    remove_files(dir, names);
    free(paths);
    free(sub);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_sections),
        cmocka_unit_test(test_booleans),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_several),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
