/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is in the list of a VIP's backends, and how often.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/ip.h"
#include "base/limits.h"
#include "model-fixture.h"
#include "model/objects.h"
#include "model/wanted.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/want/backends.h"
#include "svec.h"
#include "util.h"

#define POOL "lb 10.0.1.5\npool P1 tcp\n"
#define MONITORED POOL "monitor H1 tcp 5 3 2 3\n"

/* Lists of backends are abridged: "1*2 2" is 10.0.0.1 twice, then 10.0.0.2.
 * NULL: there is none. */
struct row {
    const char *title;
    const char *tree;
    const char *ipv4;
    const char *ipv6;
};

static const struct row rows[] = {
    {
        "a pool without members has no list",
        POOL, NULL, NULL,
    }, {
        "each IP version has its own members",
        POOL
        "member M1 10.0.0.1 80\n"
        "member M2 fd00::1 80\n"
        "member M3 10.0.0.2 80\n",
        "1 2", "1",
    }, {
        "who is down or going is no backend",
        POOL
        "member M1 10.0.0.1 80 down\n"
        "member M2 10.0.0.2 80 PENDING_DELETE\n"
        "member M3 10.0.0.3 80 ERROR deleting\n"
        "member M4 10.0.0.4 80 ERROR\n",
        "4", NULL,
    },

    /* Weights. */
    {
        "equal weights are one place each",
        POOL
        "member M1 10.0.0.1 80 weight=50\n"
        "member M2 10.0.0.2 80 weight=50\n",
        "1 2", NULL,
    }, {
        "weights are reduced by their greatest common divisor",
        POOL
        "member M1 10.0.0.1 80 weight=30\n"
        "member M2 10.0.0.2 80 weight=10\n"
        "member M3 10.0.0.3 80 weight=20\n",
        "1*3 2 3*2", NULL,
    }, {
        "of weights without a common divisor nothing is lost",
        POOL
        "member M1 10.0.0.1 80 weight=3\n"
        "member M2 10.0.0.2 80 weight=2\n",
        "1*3 2*2", NULL,
    }, {
        "weight 0 is no place, and no reason not to reduce the others",
        POOL
        "member M1 10.0.0.1 80 weight=0\n"
        "member M2 10.0.0.2 80 weight=4\n"
        "member M3 10.0.0.3 80 weight=2\n",
        "2*2 3", NULL,
    }, {
        "if nobody has weight, the list is empty",
        POOL
        "member M1 10.0.0.1 80 weight=0\n",
        "", NULL,
    }, {
        "so it is if all are down, in the IP version that they have",
        POOL
        "member M1 fd00::1 80 down\n"
        "member M2 fd00::2 80 PENDING_DELETE\n"
        "member M3 10.0.0.1 80\n",
        "1", "",
    }, {
        "if all are going, there is none",
        POOL
        "member M1 10.0.0.1 80 PENDING_DELETE\n"
        "member M2 10.0.0.2 80 weight=0 ERROR deleting\n",
        NULL, NULL,
    }, {
        "each IP version is reduced by itself",
        POOL
        "member M1 10.0.0.1 80 weight=4\n"
        "member M2 fd00::1 80 weight=3\n"
        "member M3 10.0.0.2 80 weight=2\n"
        "member M4 fd00::2 80 weight=1\n",
        "1*2 2", "1*3 2",
    }, {
        "who is down does not count when weights are reduced",
        POOL
        "member M1 10.0.0.1 80 weight=4\n"
        "member M2 10.0.0.2 80 weight=3 down\n"
        "member M3 10.0.0.3 80 weight=2\n",
        "1*2 3", NULL,
    }, {
        "a list of a hundred places is left as it is",
        POOL
        "member M1 10.0.0.1 80 weight=99\n"
        "member M2 10.0.0.2 80 weight=1\n",
        "1*99 2", NULL,
    }, {
        "a longer one is scaled down",
        POOL
        "member M1 10.0.0.1 80 weight=101\n"
        "member M2 10.0.0.2 80 weight=100\n",
        "1*50 2*50", NULL,
    }, {
        "but whoever has a weight keeps a place",
        POOL
        "member M1 10.0.0.1 80 weight=256\n"
        "member M2 10.0.0.2 80 weight=1\n"
        "member M3 10.0.0.3 80 weight=255\n",
        "1*50 2 3*50", NULL,
    },

    /* Backup members. */
    {
        "backup members wait as long as anybody else is there",
        POOL
        "member M1 10.0.0.1 80\n"
        "member M2 10.0.0.2 80 backup\n",
        "1", NULL,
    }, {
        "they help if the others are down, drained or going",
        POOL
        "member M1 10.0.0.1 80 down\n"
        "member M2 10.0.0.2 80 weight=0\n"
        "member M3 10.0.0.3 80 PENDING_DELETE\n"
        "member M4 10.0.0.4 80 backup\n"
        "member M5 10.0.0.5 80 backup\n",
        "4 5", NULL,
    }, {
        "a pool of backup members works",
        POOL
        "member M1 10.0.0.1 80 backup\n",
        "1", NULL,
    }, {
        "each IP version has its own emergency",
        POOL
        "member M1 10.0.0.1 80\n"
        "member M2 10.0.0.2 80 backup\n"
        "member M3 fd00::3 80 backup\n",
        "1", "3",
    }, {
        "weights of backup members count when it is their turn",
        POOL
        "member M1 10.0.0.1 80 weight=4\n"
        "member M2 10.0.0.2 80 weight=3 backup\n"
        "member M3 10.0.0.3 80 weight=2\n",
        "1*2 3", NULL,
    }, {
        "those who were probed dead stay to be probed, beside the backups",
        MONITORED
        "member M1 10.0.0.1 80 health=error\n"
        "member M2 10.0.0.2 80 health=error\n"
        "member M3 10.0.0.3 80 backup\n",
        "1 2 3", NULL,
    }, {
        "one who lives is enough",
        MONITORED
        "member M1 10.0.0.1 80 health=error\n"
        "member M2 10.0.0.2 80 health=online\n"
        "member M3 10.0.0.3 80 backup\n",
        "1 2", NULL,
    }, {
        "who was not probed yet gets a chance",
        MONITORED
        "member M1 10.0.0.1 80 health=unknown\n"
        "member M2 10.0.0.2 80 backup\n",
        "1", NULL,
    }, {
        "who is cut off has no place, and the backups step in",
        MONITORED
        "member M1 10.0.0.1 80 health=cut_off\n"
        "member M2 10.0.0.2 80 health=error\n"
        "member M3 10.0.0.3 80 backup\n"
        "member M4 10.0.0.4 80 backup health=cut_off\n",
        "2 3", NULL,
    }, {
        "nor does its weight count when weights are reduced",
        MONITORED
        "member M1 10.0.0.1 80 weight=4\n"
        "member M2 10.0.0.2 80 weight=3 health=cut_off\n"
        "member M3 10.0.0.3 80 weight=2\n",
        "1*2 3", NULL,
    }, {
        "if all are cut off, the list is empty",
        MONITORED
        "member M1 10.0.0.1 80 health=cut_off\n",
        "", NULL,
    }, {
        "without probes, who is cut off has its place",
        POOL
        "monitor H1 tcp 5 3 2 3 down\n"
        "member M1 10.0.0.1 80 health=cut_off\n"
        "member M2 10.0.0.2 80 backup\n",
        "1", NULL,
    }, {
        "what a probe found counts only while there are probes",
        POOL
        "monitor H1 tcp 5 3 2 3 down\n"
        "member M1 10.0.0.1 80 health=error\n"
        "member M2 10.0.0.2 80 backup\n",
        "1", NULL,
    },
};

/* What "ADDRESS:PORT,..." is abridged to. */
static char *
abridge(char *backends, const char *prefix)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct svec words = SVEC_EMPTY_INITIALIZER;

    for (char *rest = backends, *word; (word = strsep(&rest, ","));) {
        if (word[0]) {
            assert_int_equal(strncmp(word, prefix, strlen(prefix)), 0);
            svec_add(&words, word);
        }
    }
    ds_put_cstr(&s, "");
    for (size_t i = 0, n = 1; i < words.n; i++, n++) {
        if (i + 1 < words.n && !strcmp(words.names[i], words.names[i + 1])) {
            continue;
        }

        const char *number = words.names[i] + strlen(prefix);
        ds_put_format(&s, "%s%.*s", s.length ? " " : "",
                      (int) strspn(number, "0123456789"), number);
        if (n > 1) {
            ds_put_format(&s, "*%"PRIuSIZE, n);
        }
        n = 0;
    }
    svec_destroy(&words);
    free(backends);
    return ds_steal_cstr(&s);
}

static void
check_backends(const struct model_pool *pool, bool is_ipv6,
               const char *expected)
{
    char *list = backends_format(pool, is_ipv6);

    if (!list || !expected) {
        assert_true(list == expected);
        return;
    }

    char *actual = abridge(list, is_ipv6 ? "[fd00::" : "10.0.0.");
    assert_string_equal(actual, expected);
    free(actual);
}

static void
test_backends(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct model_lb *lb = model_lb_parse(rows[i].tree);
        struct model_lb *wanted = model_wanted_create(lb);

        print_message("%s\n", rows[i].title);
        check_backends(&wanted->pools[0], false, rows[i].ipv4);
        check_backends(&wanted->pools[0], true, rows[i].ipv6);
        model_wanted_destroy(wanted);
        model_lb_destroy(lb);
    }
}

static void
test_addresses(void **state)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ip_put_endpoint(&s, "10.0.0.1", 80);
    ds_put_char(&s, ' ');
    ip_put_endpoint(&s, "fd00::1", 65535);
    assert_string_equal(ds_cstr(&s), "10.0.0.1:80 [fd00::1]:65535");
    ds_destroy(&s);
}

/* However many there are, and whatever their weights, all have a place, and
 * the list has a bound. */
static void
test_many(void **state)
{
    static const size_t sizes[] = { 1, 99, 100, 101, 1000 };

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        struct ds tree = DS_EMPTY_INITIALIZER;
        size_t n = 0;

        ds_put_cstr(&tree, POOL);
        for (size_t j = 0; j < sizes[i]; j++) {
            ds_put_format(&tree, "member M%"PRIuSIZE" 10.0.%"PRIuSIZE
                          ".%"PRIuSIZE" 80 weight=%"PRIuSIZE"\n",
                          j, j / 250, j % 250, 1 + j * 7 % 256);
        }

        struct model_lb *lb = model_lb_parse(ds_cstr(&tree));
        char *list = backends_format(&lb->pools[0], false);
        char *last = "";
        size_t n_different = 0;
        for (char *rest = list, *word; (word = strsep(&rest, ",")); n++) {
            n_different += strcmp(word, last) != 0;
            last = word;
        }
        assert_int_equal(n_different, sizes[i]);
        assert_true(n <= WEIGHTED_BACKENDS_MAX + sizes[i]);
        free(list);
        model_lb_destroy(lb);
        ds_destroy(&tree);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_backends),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
